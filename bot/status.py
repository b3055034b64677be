"""Tell what happened to each school lately, from the tables alone: the work behind `kopir status`."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.app import App
from bot.commands import DONE, say, write_json
from sync.ledger import APPROVED, DISCARDED
from sync.phrases import Phrase
from sync.render import outcomes_line, records_line
from sync.settings import SchoolSettings
from sync.texts import N_, Texts, texts

READ = N_("{source}: read {at}; {counts}")
UNREAD = N_("{source}: could not be read {at}; {counts}")
DECIDED = {
    APPROVED: N_("removals approved at {at}: {count} (by {who})"),
    DISCARDED: N_("removals discarded at {at}: {count} (by {who})"),
}


def status(app: App, *, as_json: bool) -> int:
    """Show each school's last pulls, runs and links, from the tables alone."""
    found = [_status(app, school) for school in app.schools]
    if as_json:
        write_json(found)
        return DONE
    for school, entry in zip(app.schools, found, strict=True):
        words = texts(school.language)
        say([school.name, *_status_lines(entry, words, school.timezone)])
    return DONE


def _status(app: App, school: SchoolSettings) -> dict[str, Any]:
    pulls = app.store.last_pulls(school.id)
    runs = app.store.runs(school.id, 5)
    return {
        "school": school.id,
        "pulls": [
            {"source": p.source, "at": p.at.isoformat(), "ok": p.ok, "counts": dict(p.counts), "problems": p.problems}
            for p in pulls.values()
        ],
        "runs": [
            {
                "run": run.id,
                "command": run.command,
                "started": run.started.isoformat(),
                "finished": run.finished.isoformat() if run.finished else None,
                "outcomes": dict(run.outcomes),
            }
            for run in runs
        ],
        "decisions": [
            {"verdict": one.verdict, "by": one.by, "at": one.at.isoformat(), "removals": one.removals}
            for one in app.store.decisions(school.id, 5)
        ],
        "linked": len(app.store.links(school.id)),
    }


def _status_lines(entry: dict[str, Any], words: Texts, zone: ZoneInfo) -> Iterable[str]:
    for found in entry["pulls"]:
        counts = records_line(found["counts"], words)
        state = READ if found["ok"] else UNREAD
        at = f"{datetime.fromisoformat(found['at']).astimezone(zone):%Y-%m-%d %H:%M}"
        yield "  " + words.say(Phrase(state, source=found["source"], at=at, counts=counts))
    for run in entry["runs"]:
        cut = words.text("was cut; the next run goes on")
        yield f"  {run['run']} {run['command']}: {outcomes_line(run['outcomes'], words) if run['outcomes'] else cut}"
    for decision in entry["decisions"]:
        at = f"{datetime.fromisoformat(decision['at']).astimezone(zone):%Y-%m-%d %H:%M}"
        said = DECIDED[decision["verdict"]]
        yield "  " + words.say(Phrase(said, count=decision["removals"], at=at, who=decision["by"]))
    yield "  " + words.say(Phrase("linked people: {count}", count=entry["linked"]))
