"""A Moodle in memory, behind the client's two methods: for what a real site does only by accident.

Every member may be changed between pulls; `fails` names functions whose next calls raise, `hides` what is left out.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from connectors.moodle import listing
from connectors.moodle.client import Client
from connectors.moodle.errors import Absent, BadRow, Closed
from sync.errors import KopirError

SITE = "https://moodle.example.kz"


def module(number: int, kind: str = "page", **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "instance": number,
        "modname": kind,
        "name": f"Module {number}",
        "url": f"{SITE}/mod/{kind}/view.php?id={number}",
        "availability": None,
        **more,
    }


def section(number: int, place: int, *modules: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": number, "section": place, "name": f"Section {number}", "modules": list(modules), **more}


def user(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "fullname": f"Person {chr(96 + number % 26)}{number}",
        "username": f"user{number}",
        "email": f"user{number}@example.kz",
        "idnumber": f"N{number}",
        "auth": "manual",
        "suspended": False,
        **more,
    }


def enrolled(number: int, *groups: int, role: str = "student") -> dict[str, Any]:
    found: dict[str, Any] = {"id": number, "fullname": "x", "roles": [{"shortname": role}]}
    return found | ({"groups": [{"id": group, "name": f"Group {group}"} for group in groups]} if groups else {})


class FakeMoodle(Client):
    """A site with two courses and twelve people, unless told otherwise."""

    def __init__(self) -> None:
        super().__init__(SITE, "token", sleep=lambda _: None)
        self.info: dict[str, Any] = {
            "siteurl": SITE,
            "functions": [{"name": name} for name in (*listing.NEEDED, listing.COURSE_GROUPS)],
        }
        self.courses = [
            {"id": n, "fullname": f"Course {n}", "shortname": f"C{n}", "sortorder": n, "visible": 1} for n in (2, 3)
        ]
        self.pages: dict[int, list[dict[str, Any]]] = {
            2: [section(20, 0), section(21, 1, module(201), module(202, "quiz")), section(22, 2, module(203))],
            3: [section(30, 0), section(31, 1, module(301))],
        }
        self.restricted: set[int] = set()
        self.rosters: dict[int, list[dict[str, Any]]] = {
            2: [enrolled(11, role="editingteacher"), *(enrolled(n, n % 2 + 1) for n in range(12, 18))],
            3: [enrolled(n) for n in range(16, 23)],
        }
        self.inactive: dict[int, list[int]] = {2: [17]}
        self.users = {n: user(n) for n in range(11, 23)}
        self.groups = {2: [1, 2]}
        self.gone_modules: set[int] = set()
        self.unlisted: set[int] = set()
        self.unseen_people: set[int] = set()
        self.hidden_in: dict[int, set[int]] = {}
        self.unseen_modules: set[int] = set()
        self.answers_with: dict[str, Any] = {}
        self.fails: dict[str, KopirError] = {}
        self.asked: Counter[str] = Counter()
        self.people_asked: list[int] = []

    def call(self, function: str, **parameters: Any) -> Any:
        self.asked[function] += 1
        self.traffic.add(1, 2)
        if error := self.fails.get(function) or self.fails.get(f"{function} {parameters.get('courseid')}"):
            raise error
        if function in self.answers_with:
            return self.answers_with[function]
        return json.loads(json.dumps(self._answer(function, parameters)))

    def etag(self, url: str, known: str = "") -> str:
        self.asked["file"] += 1
        return known or "0" * 40

    def _answer(self, function: str, asked: Mapping[str, Any]) -> Any:
        course = int(asked.get("courseid", 0))
        if function in {listing.CONTENTS, listing.STATE, listing.ENROLLED}:
            if course not in self.pages:
                raise Absent("no such course")
            if course in self.unlisted:
                raise Closed("not yours")
        answers: Mapping[str, Callable[[], Any]] = {
            listing.SITE_INFO: lambda: self.info,
            listing.COURSES: lambda: {"courses": [{"id": 1, "fullname": "Site", "visible": 1}, *self._listed()]},
            listing.CONTENTS: lambda: self._page(course),
            listing.STATE: lambda: self._state(course),
            listing.ENROLLED: lambda: self._enrolled(course, asked["options"]),
            listing.USERS: lambda: self._users([int(value) for value in asked["values"]]),
            listing.USERS_COURSES: lambda: self._counted(int(asked["userid"])),
            listing.MODULE: lambda: self._module(int(asked["cmid"])),
            listing.COURSE_GROUPS: lambda: [{"id": n, "name": f"Group {n}"} for n in self.groups.get(course, [])],
        }
        return answers[function]() if function in answers else []

    def _listed(self) -> list[dict[str, Any]]:
        return [found for found in self.courses if found["id"] not in self.unlisted]

    def _state(self, course: int) -> str:
        ids = [found["id"] for found in self.pages[course]]
        return json.dumps({"section": [{"id": n, "hasrestrictions": n in self.restricted} for n in ids]})

    def _enrolled(self, course: int, options: list[dict[str, Any]]) -> list[dict[str, Any]]:
        unseen = self.unseen_people | self.hidden_in.get(course, set())
        roster = [found for found in self.rosters[course] if found["id"] not in unseen]
        off = self.inactive.get(course, [])
        suspended_only = any(option["name"] == "onlysuspended" for option in options)
        return [found for found in roster if found["id"] in off] if suspended_only else roster

    def _counted(self, person: int) -> list[dict[str, Any]]:
        members = {course: [found["id"] for found in roster] for course, roster in self.rosters.items()}
        return [{"id": course, "enrolledusercount": len(ids)} for course, ids in members.items() if person in ids]

    def _page(self, course: int) -> list[dict[str, Any]]:
        return [
            {**found, "modules": [m for m in found["modules"] if m["id"] not in self.unseen_modules]}
            for found in self.pages[course]
        ]

    def _users(self, wanted: list[int]) -> list[dict[str, Any]]:
        self.people_asked = wanted
        found = [self.users[n] for n in wanted if n in self.users and n not in self.unseen_people]
        if any("<" in one["fullname"] for one in found):
            raise BadRow("a bad row")
        return found

    def _module(self, number: int) -> dict[str, Any]:
        for course, sections in self.pages.items():
            for found in (m for one in sections for m in one["modules"]):
                if found["id"] == number:
                    return {"cm": {"id": number, "course": course, "modname": found["modname"]}}
        raise Absent("no such module")
