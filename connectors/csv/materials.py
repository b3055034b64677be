"""Give modules and materials ids that survive a move, and an order: that of the file's rows. Pure."""

from collections.abc import Iterable, Mapping

from connectors.csv.cells import fold
from connectors.csv.claims import FileClaims, MaterialClaim
from connectors.csv.courses import Courses
from connectors.csv.origins import Origins, join
from sync.records import File, Material, Module

Key = tuple[str, str]


class Materials:
    """The modules and materials of a pull under construction; courses are decided as they are named."""

    def __init__(
        self,
        modules: Iterable[Module],
        materials: Iterable[Material],
        origins: Origins,
        courses: Courses,
        attached: Mapping[str, File],
    ) -> None:
        self._courses = courses
        self._attached = attached
        self._stored = {(material.course, material.id): material for material in materials}
        self._modules: dict[Key, Module] = {}
        self._module_files: dict[Key, list[str]] = {}
        self._materials: dict[Key, Material] = {}
        self._claimed: dict[Key, MaterialClaim] = {}
        for module in modules:
            if files := origins.carries(module.origin):
                self._modules[module.course, module.id] = module
                self._module_files[module.course, module.id] = files
        for material in self._stored.values():
            if origins.carries(material.origin):
                self._materials[material.course, material.id] = material

    def add_all(self, files: Iterable[FileClaims]) -> None:
        """Take the claims in the order of the rows."""
        for out in files:
            for claim in out.materials:
                course = self._courses.resolve(claim.course, out, claim.line)
                if course:
                    self._add(claim, course, self._module(claim, course, out), out)
                else:
                    out.refused.add(claim.line)
                    out.protected_courses.add(claim.course)

    def modules(self) -> tuple[Module, ...]:
        """Return the modules whose course is there, and those that a kept material needs."""
        return tuple(
            Module(
                module.id, module.course, module.title, module.hidden, module.position, join(self._module_files[key])
            )
            for key, module in self._modules.items()
            if self._courses.holds(module.course)
        )

    def materials(self) -> tuple[Material, ...]:
        """Return the materials whose course is there."""
        return tuple(material for material in self._materials.values() if self._courses.holds(material.course))

    def _module(self, claim: MaterialClaim, course: str, out: FileClaims) -> str:
        heading = claim.module or self._courses.title(course)
        identity = fold(claim.module) or "-"
        key = (course, identity)
        known = self._modules.get(key)
        if known is None or out.file not in self._module_files[key]:
            position = len(self._modules) + 1 if known is None else known.position
            self._modules[key] = Module(identity, course, heading, position=position)
            self._module_files.setdefault(key, []).append(out.file)
        elif heading < known.title:
            self._modules[key] = Module(identity, course, heading, position=known.position)
        return identity

    def _add(self, claim: MaterialClaim, course: str, module: str, out: FileClaims) -> None:
        identity = self._identity(claim, course, module)
        if not identity:
            out.complain("duplicate-row", claim.line)
            return
        past = self._stored.get((course, identity))
        self._claimed[course, identity] = claim
        self._materials[course, identity] = Material(
            id=identity,
            course=course,
            module=module,
            title=claim.title,
            type=claim.type,
            url=past.url if past is not None and "url" in claim.unread else claim.url,
            files=(self._attached.get(claim.file, File(claim.file)),) if claim.file else (),
            due=past.due if past is not None and "due" in claim.unread else claim.due,
            visible_from=claim.visible_from,
            position=len(self._claimed),
            origin=out.file,
        )

    def _identity(self, claim: MaterialClaim, course: str, module: str) -> str:
        """Name a material by its title; a second one of that title also by its module, then by what it leads to."""
        heading = claim.id or fold(claim.title)
        for candidate in (heading, f"{heading}@{module}", f"{heading}@{module}@{claim.url or claim.file}"):
            other = self._claimed.get((course, candidate))
            if other is None:
                return candidate
            if (other.module, other.title, other.url, other.file) == (
                claim.module,
                claim.title,
                claim.url,
                claim.file,
            ):
                return ""
        return ""
