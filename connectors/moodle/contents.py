"""Read a course's sections and modules as our Modules and Materials, with what students see of them. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from connectors.markdown import markdown
from connectors.moodle import prose, shapes
from connectors.moodle.availability import CourseGroups, Release, release
from connectors.moodle.kinds import material_type, named_files
from sync.markdown import words
from sync.records import Material, Module

TITLE_OF_A_TEXT = 80  # characters of a label that stand for it in lists
OPENS = ("allowsubmissionsfromdate", "timeopen", "available")
WITHOUT_SECTIONS = frozenset({"social", "singleactivity"})  # course formats that show no sections
SECTION = "section"  # stands for a condition that is on a whole section
DUE = ("duedate", "timeclose", "deadline")


@dataclass(frozen=True, slots=True)
class Outline:
    """What one look at a course's page answered. `restricted` are the sections with a restriction of any kind."""

    sections: tuple[shapes.Section, ...]
    restricted: frozenset[int]
    groups: CourseGroups
    format: str = ""

    @property
    def waits(self) -> bool:
        """Tell whether a section opens by itself, at a time that Moodle tells only in words."""
        return any(section.availabilityinfo for section in self.sections)


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides how a page is read: the clock, whether restricted sections count as open, the site, the language."""

    now: datetime
    open_sections: bool
    site: str
    language: str = ""


@dataclass(slots=True)
class Page:
    """A course's page as records. `unread` are restrictions that we cannot evaluate, by what they are on."""

    modules: list[Module] = field(default_factory=list)
    materials: list[Material] = field(default_factory=list)
    unread: dict[str, tuple[str, ...]] = field(default_factory=dict)


def read_page(course: str, outline: Outline, past: Mapping[str, Material], rules: Rules) -> Page:
    """Read a course's page. `past` are its stored materials by id."""
    return _Reader(course, outline, past, rules).page


@dataclass(frozen=True, slots=True)
class _Standing:
    """Where a module stands: in which of our modules, and whether what is around it is hidden, or keeps it closed."""

    module: str
    shut: bool
    closed: bool = False


class _Reader:
    """Reads one page from top to bottom."""

    def __init__(self, course: str, outline: Outline, past: Mapping[str, Material], rules: Rules) -> None:
        self.page = Page()
        self._course = course
        self._outline = outline
        self._past = past
        self._rules = rules
        self._inner = {section.itemid: section for section in outline.sections if _is_subsection(section)}
        for place, section in enumerate(outline.sections):
            if not _is_subsection(section) and not _is_unused(section, outline):
                self._read_section(section, place)

    def _read_section(self, section: shapes.Section, place: int) -> None:
        hidden = self._is_hidden(section)
        title = self._name(section.name) or f"#{section.section}"
        self.page.modules.append(Module(str(section.id), self._course, title, hidden, place, self._course))
        for found in section.modules:
            if found.modname == "subsection":
                self._read_subsection(found, str(section.id), shut=hidden)
            else:
                self._read_module(found, _Standing(str(section.id), hidden))

    def _read_subsection(self, holder: shapes.Module, module: str, *, shut: bool) -> None:
        """Read a subsection's modules where it stands; one that is restricted itself stays closed."""
        nested = self._inner.get(holder.instance)
        if nested is None:
            return
        restricted = self._release(holder.availability) != Release()
        closed = restricted or not holder.visible or self._is_hidden(nested)
        for found in nested.modules:
            self._read_module(found, _Standing(module, shut or _is_shut(nested), closed))

    def _is_hidden(self, section: shapes.Section) -> bool:
        """Tell whether students do not see a section now.

        Moodle gives no section's restriction, only that there is one, and what still keeps our own account out.
        """
        if _is_shut(section) or section.availabilityinfo:
            return True
        restricted = section.id in self._outline.restricted and not self._rules.open_sections
        if restricted:
            self.page.unread[self._name(section.name)] = (SECTION,)
        return restricted

    def _read_module(self, found: shapes.Module, standing: _Standing) -> None:
        title = self._title(found)
        text = markdown(prose.spoken(found.description or "", self._rules.language), self._rules.site)
        past = self._past.get(str(found.id))
        shown = self._release(found.availability)
        if shown.unread:
            self.page.unread[title] = shown.unread
        material = Material(
            id=str(found.id),
            course=self._course,
            module=standing.module,
            title=title,
            type=material_type(found),
            text="" if words(text) == words(title) else text,
            url=_link(found, self._course, self._rules.site),
            files=named_files(found) if found.uservisible or past is None else past.files,
            opens=_date(found, OPENS),
            due=_date(found, DUE),
            visible_from=shown.start,
            visible_until=shown.end,
            groups=shown.groups,
            hidden=standing.closed or shown.hidden or _hides(found, past, shut=standing.shut),
            position=len(self.page.materials),
            origin=self._course,
        )
        self.page.materials.append(material)

    def _title(self, found: shapes.Module) -> str:
        """Return a module's name; a label is called by its text, as its name has markup glued together."""
        text = prose.prose(found.description or "", self._rules.language) if found.modname == "label" else ""
        return _beginning(text) if text else self._name(found.name) or f"#{found.id}"

    def _name(self, text: str) -> str:
        return prose.name(text, self._rules.language)

    def _release(self, restriction: str | None) -> Release:
        return release(restriction, self._outline.groups, self._rules.now)


def _is_subsection(section: shapes.Section) -> bool:
    """Tell a subsection (Moodle 4.5), whose modules belong to the section that holds it."""
    return section.component == "mod_subsection"


def _is_unused(section: shapes.Section, outline: Outline) -> bool:
    """Tell an empty section that the page does not show: the general one, one too many, one of a page without any."""
    if section.modules or prose.prose(section.summary):
        return False
    return section.section == 0 or section.hiddenbynumsections or outline.format in WITHOUT_SECTIONS


def _is_shut(section: shapes.Section) -> bool:
    return not section.visible or section.hiddenbynumsections


def _hides(found: shapes.Module, past: Material | None, *, shut: bool) -> bool:
    """Tell whether a module is hidden itself; a hidden section hides all, so what it was before counts there."""
    hidden = (past.hidden if past else False) if shut else not found.visible
    return hidden or not found.visibleoncoursepage


def _beginning(text: str) -> str:
    line = text.partition("\n")[0]
    return line if len(line) <= TITLE_OF_A_TEXT else line[: TITLE_OF_A_TEXT - 1].rstrip() + "…"


def _link(found: shapes.Module, course: str, site: str) -> str:
    outside = next((c.fileurl for c in found.contents if c.type == "url" and c.fileurl), None)
    if found.modname == "url" and outside:
        return outside.strip()
    return (found.url or f"{site}/course/view.php?id={course}#module-{found.id}").strip()


def _date(found: shapes.Module, names: Iterable[str]) -> datetime | None:
    dates = {date.dataid: date.timestamp for date in found.dates}
    moment = next((dates[name] for name in names if dates.get(name)), 0)
    return datetime.fromtimestamp(moment, UTC) if 0 < moment < 2**36 else None
