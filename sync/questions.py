"""The message that asks the staff about held removals: one for each such plan, closed when that is settled. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from sync import keys
from sync.diff import diff
from sync.ledger import APPROVED, Decision
from sync.naming import escape
from sync.phrases import Phrase
from sync.plan import Plan
from sync.posts import TEXT_LIMIT, fitting, look_digest
from sync.removals import Held, Loss, Removal
from sync.resources import Look, Question, State
from sync.texts import N_, Texts
from sync.words import KINDS

STAFF_CHANNEL = keys.base_channel("staff")
COLOUR = 0xE67E22
NAMES = 12  # of one cause in the message; all of them are behind its button
TITLE = N_("Removals wait for your decision")
ADVICE = N_(
    "“Approve” carries them out. “Discard” leaves everything as it is, and asks no more. If a class list is wrong, "
    "correct it: this question then goes away by itself."
)
COMMAND = N_("At the command line: {command}")
WITHDRAWN = N_("Withdrawn: the class lists or the server changed, and nobody need decide any more.")
MOVED = N_("Not carried out, although {who} approved: the class lists or the server had changed meanwhile.")
DONE = N_("Approved by {who}.")
LEFT = N_("Discarded by {who}: everything stays as it is.")
AT_TERMINAL = N_("somebody at the command line")

Quote = Callable[[str], str]


def question_changes(plan: Plan, existing: State, desired: State, closings: Mapping[str, str], texts: Texts) -> Plan:
    """Add to a plan the question about what it holds, and the end of those about other plans; its digest stays.

    `closings` says by digest what became of a question.
    """
    open_ = {key: one for key, one in existing.items() if isinstance(one, Question)}
    wanted = {key: _closed(one, closings, texts) for key, one in open_.items()}
    if plan.held and STAFF_CHANNEL in desired:
        asked = question(plan, texts)
        wanted[asked.key] = asked
    return plan.with_more(diff(open_, wanted))


def question(plan: Plan, texts: Texts) -> Question:
    """Word the question about what a plan holds."""
    command = Phrase(COMMAND, command=f"`kopir apply --approve {plan.digest}`")
    closing = f"{texts.text(ADVICE)}\n-# {texts.say(command)}"
    lines = list(held_lines(plan.held, plan.losses, texts, NAMES, escape))
    text = f"{fitting(lines, TEXT_LIMIT - len(closing) - 2, texts)}\n\n{closing}"
    look = Look(title=texts.text(TITLE), text=text, colour=COLOUR)
    return Question(keys.question(plan.digest), STAFF_CHANNEL, look_digest(look), title=look.title, look=look)


def closing(decision: Decision | None, *, carried_out: bool) -> Phrase:
    """Say what became of a question."""
    if decision is None:
        return Phrase(WITHDRAWN)
    who = f"<@{decision.by}>" if decision.by.isdecimal() else Phrase(AT_TERMINAL)
    if decision.verdict != APPROVED:
        return Phrase(LEFT, who=who)
    return Phrase(DONE if carried_out or decision.used else MOVED, who=who)


def held_lines(
    held: Sequence[Held], losses: Mapping[Removal, Loss], texts: Texts, most: int | None, quote: Quote = str
) -> Iterator[str]:
    """Say why removals are held, and under each reason what goes and was not named yet; `most` names at once."""
    told: set[Removal] = set()
    for one in held:
        yield texts.say(reason(one))
        yield from loss_lines([losses[new] for new in one.removals - told if new in losses], texts, most, quote)
        told |= one.removals


def loss_lines(found: Iterable[Loss], texts: Texts, most: int | None, quote: Quote = str) -> Iterator[str]:
    """Say what goes, those with one cause together."""
    alike: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for loss in sorted(found):
        what = texts.say(loss.what) if isinstance(loss.what, Phrase) else quote(loss.what)
        alike[what, texts.say(loss.cause)].append(quote(loss.name))
    for (what, cause), names in sorted(alike.items()):
        yield f"- {what} ({cause}): {some(names, texts, most)}"


def some(names: Sequence[str], texts: Texts, most: int | None) -> str:
    """List names on one line, the first few unless all are wanted."""
    shown = names[:most]
    more = len(names) - len(shown)
    rest = [texts.say(Phrase("… and {count} more", count=more))] if more else []
    return ", ".join([*shown, *rest])


def reason(held: Held) -> Phrase:
    """Say why removals are held; the kind among the values gets its word."""
    return Phrase(held.template, **{name: KINDS.get(value, value) for name, value in held.values.items()})


def _closed(question: Question, closings: Mapping[str, str], texts: Texts) -> Question:
    said = closings.get(keys.last_part(question.key), Phrase(WITHDRAWN))
    return Question(question.key, None, None, open=False, title=question.title, verdict=texts.say(said))
