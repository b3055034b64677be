"""Answer somebody who asks for their data: the work behind `kopir export`."""

from datetime import datetime
from typing import Any

from bot.app import App
from bot.commands import write_json
from sync.observe import granted
from sync.records import Kind
from sync.store_people import Dossier, Values
from sync.subjects import Subject, find

HIDDEN = frozenset({"school", "digest"})  # the same for everybody, or a checksum of the rest


def export(app: App, person: str) -> None:
    """Print all that is stored about somebody, also somebody who is in no class list any more."""
    school = app.only_school()
    subject = find(person, *app.store.known_people(school.id))
    write_json([{"school": school.id, "ids": subject.ids, **_dossier(app.store.about(school.id, subject), subject)}])


def _dossier(found: Dossier, subject: Subject) -> dict[str, Any]:
    return {
        "people": [_values(row) for row in found.people],
        "enrolments": [_enrolment(row, found) for row in found.enrolments],
        "links": [_values(row) for row in found.links],
        "discord": [
            {
                "user_id": member.discord_id,
                "roles": [{"key": key, "name": found.roles.get(key, "")} for key in sorted(granted(member))],
                "since": member.at.isoformat(),
            }
            for member in found.members
        ],
        "approvals": [_values(row) for row in found.approvals],
        "alike": subject.alike,
    }


def _enrolment(row: Values, found: Dossier) -> dict[str, Any]:
    def named(kind: Kind, identity: str) -> dict[str, str]:
        return {"id": identity, "title": found.titles.get((kind, row["source"], identity), "")}

    groups = [named(Kind.GROUPS, group) for group in row["groups"]]
    return _values(row) | {"course": named(Kind.COURSES, row["course"]), "groups": groups}


def _values(row: Values) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
        if name not in HIDDEN
    }
