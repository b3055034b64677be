"""A large school's records, for the benchmarks: as one Snapshot, and as the CSV files that say the same."""

from collections.abc import Iterator
from dataclasses import dataclass

from sync.records import Course, CourseRole, Enrolment, Group, Material, Module, Person, Snapshot


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each; everybody is enrolled in `courses_each` courses."""

    courses: int = 60
    modules: int = 450
    materials: int = 2_500
    people: int = 10_000
    courses_each: int = 6


def snapshot(size: Size) -> Snapshot:
    """Return the school; each course has one teacher per fifty people and one group."""
    courses = tuple(Course(f"c{n}", f"Курс {n}", position=n) for n in range(size.courses))
    modules = tuple(Module(f"m{n}", f"c{n % size.courses}", f"Бөлім {n}", position=n) for n in range(size.modules))
    materials = tuple(_material(n, modules[n % size.modules]) for n in range(size.materials))
    people = tuple(Person(f"p{n}", f"Оқушы {n}", f"p{n}@example.kz", f"user{n}") for n in range(size.people))
    groups = tuple(Group(f"g{n}", f"c{n}", "А") for n in range(size.courses))
    return Snapshot(courses, modules, materials, people, tuple(_enrolments(size)), groups)


def _material(number: int, module: Module) -> Material:
    url = f"https://example.kz/{number}"
    text = f"**Тапсырма {number}**\n\n" + "Мәтінді оқып, *сұрақтарға* жауап беріңіз. " * (60 if number % 10 == 0 else 6)
    return Material(f"t{number}", module.course, module.id, f"Материал {number}", text=text, url=url, position=number)


def _enrolments(size: Size) -> Iterator[Enrolment]:
    for person in range(size.people):
        role = CourseRole.TEACHER if person % 50 == 0 else CourseRole.STUDENT
        for turn in range(size.courses_each):
            course = (person * 7 + turn * 11) % size.courses
            yield Enrolment(f"p{person}", f"c{course}", role, (f"g{course}",) if person % 2 else ())


def csv_files(size: Size) -> dict[str, str]:
    """Return the same school in Kopir's own dialect."""
    school = snapshot(size)
    titles = {course.id: course.title for course in school.courses}
    names = {module.id: module.title for module in school.modules}
    return {
        "courses.csv": _table("id,title", ((c.id, c.title) for c in school.courses)),
        "people.csv": _table("id,name,email,discord", ((p.id, p.name, p.email, p.discord) for p in school.people)),
        "enrolments.csv": _table(
            "person,course,role,group", ((e.person, e.course, e.role, "А" * len(e.groups)) for e in school.enrolments)
        ),
        "materials.csv": _table(
            "course,module,title,url",
            ((titles[m.course], names[m.module], m.title, m.url) for m in school.materials),
        ),
    }


def _table(header: str, rows: Iterator[tuple[str, ...]]) -> str:
    return "\n".join([header, *(",".join(row) for row in rows)]) + "\n"
