"""Every problem a pull from Moodle can meet: its stable code and its sentence; and what a pull is not sure of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sync.phrases import Phrase
from sync.records import Kind, Problem
from sync.texts import N_

TEMPLATES: Mapping[str, str] = MappingProxyType(
    {
        "capability": N_("Kopir's role in Moodle lacks the capability {capability}: {effect}. Allow it."),
        "address": N_("The site calls itself {found}. Write that as `url`, or its files cannot be told apart."),
        "course-closed": N_("Kopir's account may not enter this course. What was known of it stays."),
        "course-unseen": N_("This course is there, but Kopir's account no longer sees it. What was known of it stays."),
        "bad-row": N_(
            "Moodle cannot list the people of this course, because a record in it breaks Moodle's rules, such as a "
            "name with < in it. Correct it; until then the people known before count."
        ),
        "bad-account": N_(
            "Moodle cannot answer for the account {found}, because a field of it breaks Moodle's rules. Correct it."
        ),
        "roster-cut": N_(
            "Moodle lists {listed} people of this course, but counts {counted}. Until they agree, nobody is removed. "
            "Kopir's role may lack moodle/user:viewdetails or moodle/site:accessallgroups."
        ),
        "person-unseen": N_(
            "The account {found} is no longer shown to Kopir, though it is not deleted. What was known of it stays."
        ),
        "person-unknown": N_("The account {found} is in a course, but is not shown to Kopir. It gets nothing."),
        "answer-shape": N_(
            "Moodle's answer to {found} holds records that Kopir does not understand; they are left out."
        ),
        "restriction": N_(
            "“{found}” is restricted by something that Kopir cannot check ({condition}), "
            "so it is not shown to students."
        ),
        "section-restricted": N_(
            "The section “{found}” is restricted, and Moodle does not tell by what, so it is not shown to students. "
            "Restrict its activities instead, or write restricted_sections = open."
        ),
        "unknown-role": N_(
            "The role {found} is not known and gives nothing. Name it in the settings: roles = {found}=teacher."
        ),
        "bad-discord": N_("The account {found} states something that is no Discord user name or user id."),
        "no-courses": N_("None of the site's {listed} courses fulfils the rules in the settings."),
        "no-files": N_("The service in Moodle may not download files. Tick “Can download files” in its settings."),
    }
)
HIDDEN_COURSES = Phrase("hidden courses may be missing")
NO_PEOPLE = Phrase("the people of courses cannot be read")
SUSPENDED = Phrase("suspended people cannot be told from others, so nobody's roles change")
SEPARATE = Phrase("courses with separate groups look empty")
FEW_PEOPLE = Phrase("other people are left out")
SECTIONS = Phrase("hidden sections are left out")
ACTIVITIES = Phrase("hidden activities are left out, and restrictions cannot be seen")
RESTRICTED = Phrase("restricted activities cannot be read")
ONE_TYPE = Phrase("activities of this type are left out")
STATE = Phrase("whether an account is suspended is hidden, so newcomers get nothing")
EMAILS = Phrase("e-mail addresses are missing")
DETAILS = Phrase("user names, numbers and profile fields are missing")


NO_COURSE = ""  # the origin of people, who belong to no course


@dataclass(slots=True)
class Doubts:
    """What a pull is not sure of, and what is to be said of it; each problem is said once."""

    unknown: set[Kind] = field(default_factory=set)
    unknown_in: set[tuple[str, Kind]] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    courses: set[str] = field(default_factory=set)
    problems: dict[tuple[str, str, str], Problem] = field(default_factory=dict)

    def doubt(self, course: str, *kinds: Kind) -> None:
        """Say that the absence of such records of a course proves nothing."""
        self.unknown_in.update((course, kind) for kind in kinds)
        if Kind.ENROLMENTS in kinds:
            self.unknown_in.add((NO_COURSE, Kind.PEOPLE))  # whoever is missing may be in that very course

    def merge(self, other: "Doubts") -> None:
        """Take over what is doubted of one course."""
        self.unknown |= other.unknown
        self.unknown_in |= other.unknown_in
        self.people |= other.people
        self.courses |= other.courses
        self.problems = {**other.problems, **self.problems}

    def names(self, capability: str) -> bool:
        """Tell whether a capability was found to be missing."""
        return any(problem.values.get("capability") == capability for problem in self.problems.values())

    def say(self, code: str, where: str = "", **values: str) -> None:
        """Note a problem; `where` is the short name of a course."""
        told = {name: value if isinstance(value, Phrase) else value[:80] for name, value in values.items()}
        problem = Problem(where, 0, "", code, TEMPLATES[code], told)
        self.problems.setdefault((where, code, str(sorted(told.items()))), problem)

    def lacks(self, capability: str, effect: Phrase, where: str = "") -> None:
        """Note that our role lacks a capability."""
        self.say("capability", where, capability=capability, effect=effect)
