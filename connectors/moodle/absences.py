"""Find out whether what is missing in a site's answers is really gone, or only no longer shown to our account.

Moodle leaves out silently what an account may not see. So nothing counts as gone until the site says so when it is
asked for that very course, module, person or group.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from connectors.moodle import listing, problems, shapes
from connectors.moodle.accounts import Accounts
from connectors.moodle.assemble import Draft, Past
from connectors.moodle.client import Client
from connectors.moodle.errors import Absent
from connectors.moodle.kinds import module_type
from connectors.moodle.listing import Listing
from connectors.moodle.looks import PAGE, ROSTER, Look
from connectors.moodle.people import Members, read_group
from connectors.moodle.problems import Doubts
from sync.errors import Refused
from sync.records import Group, Kind, Material


def prove_courses(client: Client, site: Listing, past: Past, doubts: Doubts) -> None:
    """Keep stored courses that the site no longer lists, unless it says that they do not exist."""
    for course in past.snapshot.courses:
        if course.id not in site.courses and not _is_gone(client, listing.CONTENTS, courseid=course.id):
            doubts.say("course-unseen", course.title)
            doubts.courses.add(course.id)


def prove_pages(client: Client, looks: Iterable[Look], draft: Draft, past: Past, doubts: Doubts) -> None:
    """Doubt the pages on which stored modules are missing that the site still has."""
    present = defaultdict(set)
    for material in draft.materials:
        present[material.course].add(material.id)
    for look in looks:
        here = str(look.course.id)
        if look.outline is None:
            continue
        stored = past.materials.get(here, {})
        missing = sorted(stored.keys() - present[here], key=_number)
        if any(_still_there(client, stored[module], look, doubts) for module in missing):
            doubts.doubt(here, *PAGE)


def _still_there(client: Client, material: Material, look: Look, doubts: Doubts) -> bool:
    """Tell whether the site still has a module in this course, though the page does not show it to us."""
    try:
        answer = client.call(listing.MODULE, cmid=material.id)
    except Absent:
        return False
    except Refused:
        answer = None
    found = answer.get("cm") if isinstance(answer, dict) else None
    if isinstance(found, dict) and str(found.get("course")) != material.course:
        return False
    if material.hidden:
        doubts.lacks("moodle/course:viewhiddenactivities", problems.ACTIVITIES, look.course.shortname)
    else:
        doubts.lacks(f"mod/{module_type(material)}:view", problems.ONE_TYPE, look.course.shortname)
    return True


def vanished(rosters: Mapping[str, Members], past: Past) -> set[str]:
    """Return the people who were in a course and are no longer, as far as the rosters can be trusted."""
    gone = set()
    for course, members in rosters.items():
        present = {enrolment.person for enrolment in members.enrolments}
        gone |= {enrolment.person for enrolment in past.enrolments.get(course, ())} - present
    return gone


def prove_people(gone: Iterable[str], accounts: Accounts, doubts: Doubts) -> None:
    """Keep the records of people whom the site does not show any more, not even as deleted."""
    for person in sorted(gone, key=_number):
        if person in accounts.unseen:
            doubts.say("person-unseen", found=person)
            doubts.people.add(person)
    if accounts.unseen and len(accounts.unseen) * 2 > len(accounts.asked):
        doubts.lacks("moodle/user:viewdetails", problems.FEW_PEOPLE)


def prove_counts(client: Client, looks: Iterable[Look], past: Past, doubts: Doubts) -> set[str]:
    """Compare lists of people with Moodle's own word; return the courses where they differ.

    Without a capability Moodle leaves people out of a list, silently. But of one person it tells all courses, with the
    number of people in each. So somebody is asked about in every course that somebody left, and who is in most courses.
    """
    listed = {str(one.course.id): one for one in looks if one.roster is not None}
    members = {course: {str(enrolled.id) for enrolled in one.roster or ()} for course, one in listed.items()}
    cut = set()
    for person in _probes(listed, members, past):
        answer = client.call(listing.USERS_COURSES, userid=person, returnusercount=True)
        for counted in shapes.read_all(shapes.UserCourse, answer)[0]:
            people = members.get(str(counted.id))
            number = counted.enrolledusercount or 0
            if people is not None and (number > len(people) or person not in people):
                _doubt_roster(listed[str(counted.id)], max(number, len(people) + 1), doubts)
                cut.add(str(counted.id))
    return cut


def _probes(listed: Mapping[str, Look], members: Mapping[str, set[str]], past: Past) -> list[str]:
    """Choose whom to ask about, as few as cover the courses: one who is there, or where nobody is, one who was."""
    active = {course: members[course] - {str(person) for person in one.inactive} for course, one in listed.items()}
    left = {course: {role.person for role in past.enrolments.get(course, ())} - members[course] for course in listed}
    courses = Counter(person for people in (*active.values(), *left.values()) for person in people)
    choices = [active[course] or left[course] for course in listed if left[course]]
    everybody = set().union(*active.values())
    return list(dict.fromkeys(_most(people, courses) for people in (everybody, *choices) if people))


def _most(people: Iterable[str], courses: Counter[str]) -> str:
    """Return the one who is in most courses, the lowest number first."""
    return min(people, key=lambda person: (-courses[person], _number(person)))


def _doubt_roster(one: Look, counted: int, doubts: Doubts) -> None:
    values = {"listed": str(len(one.roster or ())), "counted": str(counted)}
    doubts.say("roster-cut", one.course.shortname, **values)
    doubts.doubt(str(one.course.id), *ROSTER)


def prove_groups(
    client: Client, site: Listing, draft: Draft, rosters: Iterable[str], past: Past, doubts: Doubts, language: str
) -> None:
    """Keep stored groups in which nobody is any more, unless the site says that they are gone."""
    present = {group.id for group in draft.groups}
    for course in rosters:
        missing = [group for group in past.groups.get(course, {}).values() if group.id not in present]
        if missing:
            standing = _groups(client, site, course, language)
            if standing is None:
                doubts.doubt(course, Kind.GROUPS)
            else:
                draft.groups += (standing[group.id] for group in missing if group.id in standing)


def _groups(client: Client, site: Listing, course: str, language: str) -> Mapping[str, Group] | None:
    """Return all groups of a course, None where our service or role does not allow to ask."""
    if listing.COURSE_GROUPS not in site.functions:
        return None
    try:
        found, _ = shapes.read_all(shapes.CourseGroup, client.call(listing.COURSE_GROUPS, courseid=course))
    except Refused:
        return None
    return {str(group.id): read_group(course, group, language) for group in found}


def _is_gone(client: Client, function: str, **asked: str) -> bool:
    try:
        client.call(function, **asked)
    except Absent:
        return True
    except Refused:
        return False
    return False


def _number(identity: str) -> int:
    return int(identity) if identity.isdecimal() else 0
