"""Take one look at a source's files: find, wait for those being written, recognise, read. Then `assemble` decides."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from connectors.csv.attachments import Found, finder
from connectors.csv.claims import FileClaims
from connectors.csv.filenames import is_spreadsheet
from connectors.csv.files import Input, find, growing, inputs
from connectors.csv.manifests import Manifests, folder_of
from connectors.csv.options import Options
from connectors.csv.problems import BadFile, problem
from connectors.csv.reading import read_file, recognise_file
from sync.records import File, Problem


@dataclass(slots=True)
class Look:
    """What one look found: the claims of usable files, of files with bad rows only, and by name the unusable files.

    `named` are the files of materials, by the names that the lists give them.
    """

    claims: list[FileClaims] = field(default_factory=list)
    useless: list[FileClaims] = field(default_factory=list)
    failed: dict[str, Problem] = field(default_factory=dict)
    named: dict[str, Found] = field(default_factory=dict)
    bytes: int = 0

    def problems(self) -> tuple[Problem, ...]:
        """Return every problem, in the order of files and lines."""
        found = list(self.failed.values())
        for out in (*self.claims, *self.useless):
            found.extend(out.problems)
            if out.unlisted:
                found.append(problem("more-problems", out.file, found=str(out.unlisted)))
        return tuple(sorted(found, key=lambda item: (item.file, item.line)))

    def broken(self) -> list[str]:
        """Return the files whose last good content counts."""
        return [*self.failed, *(out.file for out in self.useless)]

    def blank(self) -> list[str]:
        """Return the files without any row: they may be templates that nobody filled in."""
        return [file for file, found in self.failed.items() if found.code in {"no-rows", "empty-file"}]

    def part(self, lists: Collection[str]) -> None:
        """Part the files of materials from lists: what is or was a list is no such file, and they need not be lists."""
        known = {*lists, *(out.file for out in (*self.claims, *self.useless))}
        known.update([_outer(file) for file in known])
        self.named = {name: found for name, found in self.named.items() if found.file not in known}
        files = {found.file for found in self.named.values()}
        self.failed = {file: why for file, why in self.failed.items() if files.isdisjoint((file, _outer(file)))}

    def dialects(self) -> dict[str, str]:
        """Return the dialect of each used file; the users' columns tell the OneRoster version of a whole set."""
        older = {folder_of(out.file) for out in self.claims if out.kind.dialect == "oneroster-1.1"}
        return {
            out.file: "oneroster-1.1"
            if out.kind.dialect.startswith("oneroster") and folder_of(out.file) in older
            else out.kind.dialect
            for out in self.claims
        }


@dataclass(frozen=True, slots=True)
class Looker:
    """How to look: the source's options, and the clock that tells fresh files from settled ones."""

    options: Options
    complete: bool | None
    clock: Callable[[], float]
    sleep: Callable[[float], None]

    def look(self, root: Path, past: Mapping[str, File]) -> Look:
        """Read everything below a folder, or in a ZIP. Manifests go first, since they say what the others mean.

        Files that materials name are not opened: `past` ones that are as they were, and spreadsheets.
        """
        look = Look()
        manifests = Manifests()
        files = {found.file for name, found in _named(root, past).items() if found.is_still(past[name])}
        inputs = [one for one in self._inputs(root, look) if files.isdisjoint((one.file, _outer(one.file)))]
        inputs.sort(key=_manifests_first)
        self._read_all((one for one in inputs if not is_spreadsheet(one.file)), look, manifests)
        claimed = {claim.file for out in look.claims for claim in out.materials if claim.file}
        look.named = _named(root, claimed.union(past))  # anew: reading may have waited
        files = {found.file for found in look.named.values()}
        self._read_all((one for one in inputs if is_spreadsheet(one.file) and one.file not in files), look, manifests)
        look.failed.update(manifests.lacking(look.claims, look.failed))
        return look

    def _read_all(self, inputs: Iterable[Input], look: Look, manifests: Manifests) -> None:
        for found in inputs:
            try:
                self._read(found, look, manifests)
            except BadFile as bad:
                look.failed[found.file] = bad.problem(found.file)

    def _inputs(self, root: Path, look: Look) -> Iterator[Input]:
        listing = find(root)
        look.failed.update({folder: bad.problem(folder) for folder, bad in listing.shut.items()})
        unsettled = growing(listing.files, self.clock, self.sleep)
        for file, path in listing.files.items():
            if file in unsettled:
                look.failed[file] = problem("still-changing", file)
                continue
            try:
                yield from inputs(file, path)
            except BadFile as bad:
                look.failed[file] = bad.problem(file)

    def _read(self, found: Input, look: Look, manifests: Manifests) -> None:
        data = found.read()
        look.bytes += len(data)
        table = recognise_file(data, found.file)
        kind = table.match.kind
        mode = manifests.mode(found.file, kind.part, kind.dialect)
        options = replace(self.options, manifest=mode, written=found.written)
        out = read_file(table, found.file, options, self.complete)
        if mode == "absent" and kind.read is not None:
            out.complain("manifest-mismatch", 0, "", found.file, "absent")
        manifests.learn(out)
        (look.useless if out.rows and len(out.refused) == out.rows else look.claims).append(out)


def _outer(file: str) -> str:
    return file.split("!", 1)[0]


def _named(root: Path, names: Iterable[str]) -> dict[str, Found]:
    try:
        find = finder(root)
    except BadFile:  # a ZIP that cannot be opened; its lists say so
        return {}
    return {name: found for name in sorted(names) if (found := find(name)) is not None}


def _manifests_first(found: Input) -> tuple[str, bool, str]:
    return folder_of(found.file), not found.file.casefold().endswith("manifest.csv"), found.file
