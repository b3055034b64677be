"""Show plans and reports: as JSON for machines, as lines in the school's language for people. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from sync import keys, words
from sync.diff import Action, Change, plain
from sync.keys import ROLE_ORDER
from sync.phrases import Phrase, joined
from sync.plan import Notice, Plan
from sync.questions import held_lines, reason, some
from sync.reconcile import Report, Status
from sync.records import Pulled
from sync.resources import Member
from sync.texts import N_, Texts

SIGNS = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-"}
_NAMED = {**words.KINDS, **words.CEILINGS}
SHOWN = 12  # changes of one kind printed before the rest is only counted
OUTCOMES = N_("applied {applied}, failed {failed}, skipped {skipped}, held {held}")


def plan_json(plan: Plan, texts: Texts) -> dict[str, object]:
    """Give the contract's object of `kopir plan --json`."""
    return {
        "school": plan.school,
        "digest": plan.digest,
        "changes": [_change_json(change) for change in plan.changes],
        "counts": plan.counts(),
        "capacity": {name: list(pair) for name, pair in plan.capacity.use.items()},
        "held": [{"reason": texts.say(reason(held)), "keys": list(held.keys)} for held in plan.held],
        "requests": plan.estimate.requests,
        "eta_seconds": plan.estimate.seconds,
        "problems": [notice_json(notice, texts) for notice in (*plan.refusals, *plan.notices)],
    }


def _change_json(change: Change) -> dict[str, object]:
    fields = {name: [plain(old), plain(new)] for name, (old, new) in change.fields.items()}
    return {
        "action": change.action.value,
        "kind": change.kind,
        "key": change.key,
        "name": change.name,
        "fields": fields,
    }


def notice_json(notice: Notice, texts: Texts) -> dict[str, object]:
    """Give one problem of a plan; people by id only."""
    return {"code": notice.code, "message": say(notice, texts), "people": list(notice.people)}


def say(notice: Notice, texts: Texts) -> str:
    """Word a notice in a language."""
    return texts.say(_phrase(notice))


def refusal(notices: Iterable[Notice]) -> Phrase:
    """Say why nothing may be applied."""
    return joined("; ", map(_phrase, notices))


def _phrase(found: Notice) -> Phrase:
    """Make a Phrase; the kinds and ceilings among the values get their words."""
    return Phrase(found.template, **{name: _NAMED.get(value, value) for name, value in found.values.items()})


def outcomes_json(plan: Plan, report: Report) -> dict[str, int]:
    """Count what became of a plan; a held change is one that was not tried."""
    done = {status.value: report.count(status) for status in Status}
    return done | {"held": sum(len(held.keys) for held in plan.held)}


def plan_lines(plan: Plan, texts: Texts, *, everything: bool = False) -> Iterator[str]:
    """Print a plan: what it changes by kind, what is held, what the server will hold, what to know."""
    if not plan.changes and not plan.held and not plan.left_out:
        yield texts.text("Nothing to do: the server is equal to the class lists.")
    for kind in dict.fromkeys(change.kind for change in plan.changes):
        changes = [change for change in plan.changes if change.kind == kind]
        yield f"{texts.say(words.KINDS[kind])} ({len(changes)})"
        for change in changes if everything else changes[:SHOWN]:
            yield f"  {SIGNS[change.action]} {_name(change, texts)}{_detail(change, plan.role_names, texts)}"
        if len(changes) > SHOWN and not everything:
            more = len(changes) - SHOWN
            yield "    " + texts.say(Phrase("… and {count} more", count=more))
    yield from _held_lines(plan, texts, everything=everything)
    yield from _numbers(plan, texts)
    for notice in (*plan.refusals, *plan.notices):
        yield f"! {say(notice, texts)}"
        if notice.people:
            yield f"    {some(notice.people, texts, None if everything else SHOWN)}"


def _held_lines(plan: Plan, texts: Texts, *, everything: bool) -> Iterator[str]:
    if plan.held:
        yield "! " + texts.text("These removals wait for approval:")
        names = None if everything else SHOWN
        yield from (f"    {line}" for line in held_lines(plan.held, plan.losses, texts, names))
        yield "  " + texts.say(Phrase("approve with: kopir apply --approve {digest}", digest=plan.digest))
        yield "  " + texts.say(Phrase("or leave all as it is: kopir apply --discard {digest}", digest=plan.digest))


def _name(change: Change, texts: Texts) -> str:
    if change.kind == "order":
        return texts.text("order of the roles") if change.key == ROLE_ORDER else texts.text("order of the channels")
    return change.name if change.name != change.key else keys.last_part(change.key)


def _numbers(plan: Plan, texts: Texts) -> Iterator[str]:
    use = [f"{texts.say(words.CEILINGS[name])} {used}/{limit}" for name, (used, limit) in plan.capacity.use.items()]
    yield texts.say(Phrase("The server after it: {use}", use=", ".join(use)))
    if plan.changes:
        changes, requests, seconds = len(plan.changes), plan.estimate.requests, max(1, round(plan.estimate.seconds))
        line = N_("changes: {changes}, requests: {requests}, about {seconds} s")
        yield texts.say(Phrase(line, changes=changes, requests=requests, seconds=seconds))


def _detail(change: Change, names: Mapping[str, str], texts: Texts) -> str:
    if change.kind == "order":
        return ""
    if isinstance(change.desired, Member):
        return _member_detail(change, names)
    if change.action is Action.UPDATE and "name" in change.fields:
        old, new = change.fields["name"]
        return f" ({old} → {new})"
    if change.action is not Action.UPDATE:
        return ""
    return f" ({', '.join(texts.say(words.FIELDS[name]) for name in sorted(change.fields))})"


def _member_detail(change: Change, names: Mapping[str, str]) -> str:
    old, new = change.fields.get("roles", (frozenset(), frozenset()))
    if not isinstance(old, frozenset) or not isinstance(new, frozenset):
        return ""
    parts = [f"+{names.get(role, role)}" for role in sorted(new - old)]
    parts += [f"-{names.get(role, role)}" for role in sorted(old - new)]
    return f" ({', '.join(parts)})" if parts else ""


def report_lines(plan: Plan, report: Report, texts: Texts) -> Iterator[str]:
    """Print what became of a plan, failures first."""
    failed = [o for o in report.outcomes if o.status is Status.FAILED and o.message != report.stopped]
    for outcome in failed[:SHOWN]:
        yield f"! {_name(outcome.change, texts)}: {texts.say(outcome.message)}"
    yield outcomes_line(outcomes_json(plan, report), texts)
    if report.stopped:
        yield f"! {texts.say(report.stopped)}"


def outcomes_line(counts: Mapping[str, int], texts: Texts) -> str:
    """Print what `outcomes_json` counted."""
    return texts.say(Phrase(OUTCOMES, **counts))


def pull_lines(counts: Mapping[str, int], problems: Iterable[str], texts: Texts) -> Iterator[str]:
    """Print what a pull found."""
    yield records_line(counts, texts)
    yield from (f"! {problem}" for problem in problems)


def cost_lines(pulled: Pulled, seconds: float, texts: Texts) -> Iterator[str]:
    """Print what a pull over the network cost; files cost nothing worth a line."""
    if pulled.calls:
        line = N_("calls: {calls}, received: {size} kB, {seconds} s")
        yield texts.say(Phrase(line, calls=pulled.calls, size=round(pulled.bytes / 1000), seconds=round(seconds, 1)))


def records_line(counts: Mapping[str, int], texts: Texts) -> str:
    """Print how many records of each kind there are."""
    return ", ".join(f"{texts.say(words.RECORDS[kind])}: {count}" for kind, count in counts.items())
