"""OneRoster 1.1 and 1.2: our course is the class. The manifest says per file whether absence is removal or not."""

from dataclasses import replace

from connectors.csv import cells
from connectors.csv.claims import CONTACT_ROLES, CourseClaim, EnrolmentClaim, FileClaims, PersonClaim, required
from connectors.csv.dialects.names import full_name, one_of, optional_period, own_id, period
from connectors.csv.kinds import FileKind, exactly, needs
from connectors.csv.options import Options
from connectors.csv.problems import BadCell
from connectors.csv.table import Row
from sync.records import CourseRole, Kind

GONE = "tobedeleted"
_SCHOOL_ROLES = (
    "aide, counselor, districtAdministrator, guardian, parent, principal, proctor, relative, siteAdministrator, "
    "student, systemAdministrator, teacher"
)
_FOLDED_SCHOOL_ROLES = frozenset(_SCHOOL_ROLES.casefold().split(", "))
_ROLES = {
    "student": CourseRole.STUDENT,
    "teacher": CourseRole.TEACHER,
    "aide": CourseRole.ASSISTANT,
    "administrator": CourseRole.ASSISTANT,
    "proctor": CourseRole.OBSERVER,
}


def _gone(row: Row, out: FileClaims, options: Options) -> bool:
    """Tell whether a row says that its record is gone, and note where status and manifest contradict each other."""
    text = row.get("status").casefold()
    if options.manifest == "delta":
        if text not in {"active", GONE}:
            bad = BadCell("unknown-status", row.get("status") or "—", f"active, {GONE}")
            bad.column = "status"
            raise bad
    elif text and out.first("status", row.line):
        code = "status-in-bulk" if options.manifest == "bulk" else "no-manifest"
        out.complain(code, row.line, "status", row.get("status"))
        out.upsert = out.upsert or code == "no-manifest"
    return text == GONE


def _users(row: Row, out: FileClaims, options: Options) -> None:
    row.person = row.get("sourcedId")
    if row.get("role").casefold() in CONTACT_ROLES:
        return
    identity = own_id(row, out, "sourcedId")
    if _gone(row, out, options):
        out.people.append(PersonClaim(row.line, identity, gone=True))
        return
    chosen = {
        "given": row.get("preferredGivenName") or row.get("givenName"),
        "family": row.get("preferredFamilyName") or row.get("familyName"),
    }
    name = full_name(Row(row.line, chosen), "given", "family")
    enabled = out.optional(row, "enabledUser", _boolean, default=True)
    email = out.optional(row, "email", cells.email, "")
    out.people.append(
        PersonClaim(row.line, identity, email, name, suspended=not enabled, declared=True, unread=frozenset(row.unread))
    )


def _boolean(text: str) -> bool:
    if text.casefold() not in {"true", "false"}:
        raise BadCell("bad-flag", text, "true, false")
    return text.casefold() == "true"


def _classes(row: Row, out: FileClaims, options: Options) -> None:
    row.course = row.get("sourcedId")
    identity = own_id(row, out, "sourcedId")
    if _gone(row, out, options):
        out.courses.append(CourseClaim(row.line, identity, gone=True))
        return
    heading = required(row, "title", cells.title, "a title")
    if row.get("courseSourcedId"):
        out.notes.children[row.line] = row.get("courseSourcedId")
    terms = tuple(term.strip() for term in row.get("termSourcedIds").split(",") if term.strip())
    out.courses.append(CourseClaim(row.line, identity, heading, len(out.courses) + 1, terms=terms))


def _enrollments(row: Row, out: FileClaims, options: Options) -> None:
    row.person, row.course = row.get("userSourcedId"), row.get("classSourcedId")
    ref = own_id(row, out, "sourcedId")
    gone = _gone(row, out, options)
    claim = EnrolmentClaim(row.line, row.person, row.course, CourseRole.STUDENT, ref=ref, gone=gone)
    if gone:
        out.enrolments.append(replace(claim, role=_ROLES.get(row.get("role").casefold(), CourseRole.STUDENT)))
        return
    required(row, "userSourcedId", cells.identifier, "an id")
    required(row, "classSourcedId", cells.identifier, "an id")
    role = one_of(row, "role", _ROLES)
    begins, ends = period(row, options, "beginDate", "endDate")
    out.enrolments.append(replace(claim, role=role, start=begins, end=ends))


def _sessions(row: Row, out: FileClaims, options: Options) -> None:
    out.notes.terms[row.get("sourcedId")] = optional_period(row, out, options, "startDate", "endDate")


def _roles(row: Row, out: FileClaims, options: Options) -> None:
    del options
    if row.get("status").casefold() == GONE:
        return
    role = row.get("role").casefold()
    if role not in _FOLDED_SCHOOL_ROLES and not role.startswith("ext:"):
        out.complain("unknown-role", row.line, "role", row.get("role"), _SCHOOL_ROLES)
    out.notes.school_roles.setdefault(row.get("userSourcedId"), set()).add(role)
    out.notes.people.setdefault(row.get("userSourcedId"), row.line)


def _courses(row: Row, out: FileClaims, options: Options) -> None:
    del options
    out.notes.parents.add(row.get("sourcedId"))


def _manifest(row: Row, out: FileClaims, options: Options) -> None:
    del options
    name = row.get("propertyName")
    if name.startswith("file."):
        out.notes.modes[name.removeprefix("file.").casefold()] = row.get("value").casefold()


_USER_COLUMNS = exactly(
    "sourcedId status enabledUser givenName familyName email preferredGivenName preferredFamilyName role"
)
_SUPPORT = {
    "orgs": "sourcedId status dateLastModified name type",
    "demographics": "sourcedId status dateLastModified birthDate",
    "userProfiles": "sourcedId status dateLastModified userSourcedId profileType",
    "resources": "sourcedId status dateLastModified vendorResourceId",
    "lineItems": "sourcedId status dateLastModified assignDate",
    "categories": "sourcedId status dateLastModified weight",
    "results": "sourcedId status dateLastModified lineItemSourcedId",
    "courseResources": "sourcedId status dateLastModified courseSourcedId resourceSourcedId",
    "classResources": "sourcedId status dateLastModified classSourcedId resourceSourcedId",
    "userResources": "sourcedId status dateLastModified userSourcedId resourceSourcedId",
    "scoreScales": "sourcedId status dateLastModified scoreScaleValue",
}

MANIFEST = FileKind("oneroster-1.2", "manifest", exactly("propertyName value"), needs("propertyName value"), _manifest)
KINDS = (
    MANIFEST,
    FileKind(
        dialect="oneroster-1.1",
        part="users",
        columns=_USER_COLUMNS | exactly("orgSourcedIds"),
        needs=needs("sourcedId status givenName familyName role orgSourcedIds"),
        read=_users,
        kinds=frozenset({Kind.PEOPLE}),
    ),
    FileKind(
        dialect="oneroster-1.2",
        part="users",
        columns=_USER_COLUMNS,
        needs=needs("sourcedId status enabledUser givenName familyName"),
        read=_users,
        kinds=frozenset({Kind.PEOPLE}),
    ),
    FileKind(
        dialect="oneroster-1.2",
        part="classes",
        columns=exactly("sourcedId status title courseSourcedId termSourcedIds schoolSourcedId"),
        needs=needs("sourcedId status title courseSourcedId", "sourcedId status title termSourcedIds"),
        read=_classes,
        kinds=frozenset({Kind.COURSES}),
    ),
    FileKind(
        dialect="oneroster-1.2",
        part="enrollments",
        columns=exactly("sourcedId status classSourcedId userSourcedId role beginDate endDate"),
        needs=needs("sourcedId status classSourcedId userSourcedId role"),
        read=_enrollments,
        kinds=frozenset({Kind.ENROLMENTS}),
    ),
    FileKind(
        dialect="oneroster-1.2",
        part="courses",
        columns=exactly("sourcedId status title courseCode orgSourcedId"),
        needs=needs("sourcedId status title courseCode", "sourcedId status title orgSourcedId"),
        read=_courses,
    ),
    FileKind(
        dialect="oneroster-1.2",
        part="academicsessions",
        columns=exactly("sourcedId status startDate endDate schoolYear"),
        needs=needs("sourcedId status startDate endDate schoolYear"),
        read=_sessions,
    ),
    FileKind(
        dialect="oneroster-1.2",
        part="roles",
        columns=exactly("sourcedId status userSourcedId roleType role"),
        needs=needs("sourcedId status userSourcedId roleType role"),
        read=_roles,
    ),
    *(
        FileKind("oneroster-1.2", part.casefold(), exactly(columns), needs(columns))
        for part, columns in _SUPPORT.items()
    ),
)
