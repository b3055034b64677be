"""Tell whether a file's content changed: Moodle's ETag is its SHA-1. Only files that look changed are asked for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from connectors.moodle.client import Client
from connectors.moodle.errors import Absent, Closed
from connectors.moodle.looks import each
from sync.records import File, Material

Known = Mapping[str, Mapping[str, Material]]  # stored materials by course and id


def fingerprinted(
    client: Client, materials: Sequence[Material], known: Known, workers: int, done: Callable[[], None]
) -> list[Material]:
    """Return the materials with their files' hashes; a file with unchanged content stays as it was stored."""
    asked = list(_new_files(materials, known))
    hashes = dict(zip(asked, each(workers, lambda one: _hash(client, *one, known), asked, done), strict=True))
    return [
        replace(m, files=tuple(_settled(m, file, hashes.get((m, file)), known) for file in m.files)) if m.files else m
        for m in materials
    ]


def look_new(materials: Sequence[Material], known: Known) -> int:
    """Count the files that are to be asked for."""
    return sum(1 for _ in _new_files(materials, known))


def _new_files(materials: Sequence[Material], known: Known) -> Iterator[tuple[Material, File]]:
    return ((m, file) for m in materials for file in m.files if _looks_new(m, file, known))


def _stored(material: Material, file: File, known: Known) -> File | None:
    before = known.get(material.course, {}).get(material.id)
    return next((old for old in before.files if old.name == file.name), None) if before else None


def _looks_new(material: Material, file: File, known: Known) -> bool:
    old = _stored(material, file, known)
    return old is None or not old.hash or (old.size, old.modified) != (file.size, file.modified)


def _hash(client: Client, material: Material, file: File, known: Known) -> str:
    old = _stored(material, file, known)
    try:
        return client.etag(file.url, old.hash if old else "")
    except (Absent, Closed):
        return ""


def _settled(material: Material, file: File, found: str | None, known: Known) -> File:
    old = _stored(material, file, known)
    if old is not None and (found is None or (found and found == old.hash)):
        return old
    return replace(file, hash=found or "")
