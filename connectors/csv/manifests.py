"""Compare what a OneRoster manifest announces with the files that came; `looking` asks it for every file's mode."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from connectors.csv.claims import FileClaims
from connectors.csv.problems import problem
from sync.records import Problem

_NEEDED = ("users", "classes", "enrollments")


def folder_of(file: str) -> str:
    """Return the part of a file's name up to the folder or ZIP it lies in."""
    return file[: max(file.rfind("/"), file.rfind("!")) + 1]


@dataclass(slots=True)
class Manifests:
    """The manifests met so far, by folder: which file is bulk, delta or absent."""

    _modes: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _files: dict[str, str] = field(default_factory=dict)

    def learn(self, out: FileClaims) -> None:
        """Take a manifest's rows."""
        if out.kind.part == "manifest":
            self._modes[folder_of(out.file)] = out.notes.modes
            self._files[folder_of(out.file)] = out.file

    def mode(self, file: str, part: str, dialect: str) -> str:
        """Return bulk, delta or absent for a file, empty where no manifest speaks about it."""
        if not dialect.startswith("oneroster") or part == "manifest":
            return ""
        modes = self._modes.get(folder_of(file))
        return modes.get(part, "absent") if modes is not None else ""

    def lacking(self, claims: Iterable[FileClaims], failed: Iterable[str]) -> dict[str, Problem]:
        """Return the files that a manifest announces and that did not come, with the problem of each."""
        came = {(folder_of(out.file), out.kind.part) for out in claims}
        broken = {folder_of(file) for file in failed}
        return {
            f"{folder}{part}.csv": problem(
                "manifest-mismatch", self._files[folder], 0, "", "—", f"file.{part} = {modes[part]}"
            )
            for folder, modes in self._modes.items()
            for part in _NEEDED
            if modes.get(part) in {"bulk", "delta"} and (folder, part) not in came and folder not in broken
        }
