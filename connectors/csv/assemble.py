"""Put the claims of all files and the stored records together into a snapshot. Pure; `source` calls it once a pull."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from connectors.csv.claims import FileClaims
from connectors.csv.courses import Courses
from connectors.csv.enrolments import Enrolments
from connectors.csv.groups import Groups
from connectors.csv.materials import Materials
from connectors.csv.origins import Origins, parts
from connectors.csv.people import People
from sync.records import File, Kind, Snapshot


def assemble(
    files: Sequence[FileClaims],
    broken: Collection[str],
    blank: Collection[str],
    previous: Snapshot,
    attached: Mapping[str, File],
) -> Snapshot:
    """Resolve all references and return the source's state; new problems are noted in the files' claims.

    Of the broken files, those without any row are `blank`: if they never had one, they list nothing. `attached` are
    the files that materials name and that are there.
    """
    stored = _stored_origins(previous)
    known = lists_of(previous)
    listing = [file for file in broken if file not in blank or file in known]
    origins = Origins(
        full=frozenset(out.file for out in files if not out.upsert),
        upserts=frozenset(out.file for out in files if out.upsert),
        broken=frozenset(broken),
    )
    ordered = sorted(files, key=lambda out: out.upsert)
    people = People(previous.people, origins, strict=_lists("people", ordered, listing))
    courses = Courses(previous.courses, origins, strict=_lists("courses", ordered, listing))
    courses.declare_all(ordered)
    _protect(ordered, people, courses)
    people.add_all(ordered)
    materials = Materials(previous.modules, previous.materials, origins, courses, attached)
    materials.add_all(ordered)
    groups = Groups(previous.groups, origins, courses)
    enrolments = Enrolments(previous.enrolments, origins, people, courses, groups)
    for out in ordered:
        for rename in out.renames:
            enrolments.move(rename.old, rename.new)
    groups.add_all(out for out in ordered if out.kind.exact)
    enrolments.add_all(ordered)
    groups.add_all(out for out in ordered if not out.kind.exact)
    _check_mentions(ordered, people)
    protected_people, protected_courses = _protect(ordered, people, courses)
    roles = enrolments.records()
    return Snapshot(
        courses=courses.records(),
        modules=materials.modules(),
        materials=materials.materials(),
        people=people.records(),
        enrolments=roles,
        groups=groups.records(roles),
        unknown_in=_unknown_in(ordered, stored, origins),
        protected_people=frozenset(protected_people),
        protected_courses=frozenset(protected_courses),
        missing=origins.missing(stored.keys()),
    )


def lists_of(previous: Snapshot) -> frozenset[str]:
    """Return the files that stored records come from."""
    return frozenset(file for origin in _stored_origins(previous) for file in parts(origin))


def unproven(files: Sequence[FileClaims], snapshot: Snapshot) -> frozenset[Kind]:
    """Return the kinds of which not all is told here: by files of changes, or because a record's file was not read."""
    read = {out.file for out in files}
    kept = {kind for kind in Kind for origin in _origins_of(snapshot, kind) if not read.issuperset(parts(origin))}
    return frozenset(kept.union(kind for out in files if out.upsert for kind in out.kind.kinds))


def _origins_of(snapshot: Snapshot, kind: Kind) -> set[str]:
    return {record.origin for record in getattr(snapshot, kind.value)}


def _lists(part: str, files: Iterable[FileClaims], broken: Iterable[str]) -> bool:
    """Tell whether some file of Kopir's dialect lists all people, or all courses."""
    if any(out.kind.part == part and out.kind.dialect == "kopir" for out in files):
        return True
    return any(file.replace("!", "/").rsplit("/", 1)[-1].casefold().startswith(part) for file in broken)


def _protect(files: Iterable[FileClaims], people: People, courses: Courses) -> tuple[set[str], set[str]]:
    protected_people: set[str] = set()
    protected_courses: set[str] = set()
    for out in files:
        if not out.upsert:
            for reference in out.protected_people:
                protected_people |= people.protect(reference)
            for reference in out.protected_courses:
                protected_courses |= courses.protect(reference)
    return protected_people, protected_courses


def _check_mentions(files: Iterable[FileClaims], people: People) -> None:
    """Report references that need nothing from us but show that an export does not fit together."""
    files = list(files)
    parents = {parent for out in files for parent in out.notes.parents}
    expected = bool(parents) or any(out.notes.modes for out in files)
    for out in files:
        for person, line in out.notes.people.items():
            if not people.mentions(person):
                out.complain("unknown-person", line, "person", person)
        for line, parent in out.notes.children.items():
            if expected and parent not in parents and not out.upsert:
                out.complain("unknown-course", line, "courseSourcedId", parent)


def _stored_origins(previous: Snapshot) -> dict[str, set[Kind]]:
    """Map every stored origin to the kinds of its records."""
    found: dict[str, set[Kind]] = {}
    for kind in Kind:
        for origin in _origins_of(previous, kind):
            found.setdefault(origin, set()).add(kind)
    return found


def _unknown_in(
    files: Iterable[FileClaims], stored: Mapping[str, set[Kind]], origins: Origins
) -> frozenset[tuple[str, Kind]]:
    """Name the kinds that illegible rows and broken files leave open, for every stored origin they are part of.

    Files that only tell changes leave nothing open: what they do not mention stays, and what they delete must go.
    """
    found = {(origin, kind) for origin, kinds in stored.items() if origins.is_broken(origin) for kind in kinds}
    for out in files:
        for kind in out.illegible if not out.upsert else ():
            found.add((out.file, kind))
            found.update((origin, kind) for origin in stored if out.file in parts(origin))
    return frozenset(found)
