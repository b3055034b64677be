"""The CSV connector keeps the promises of every Source."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sync.ports import Source
from sync.records import File
from tests.csv_folder import Folder
from tests.source_conformance import SourceContract

HEADER = "name,email,course,role,group,start,end\n"
ROSTER = HEADER + "".join(
    f"Е\u0308лкина  {n},p{n}@x.kz,{('Алгебра', 'Физика')[n % 2]},,{n % 3}-топ,2026-09-01,2027-05-25\n"
    for n in range(12)
)
MATERIALS = "course,module,title,url,due\nАлгебра,1-бөлім,Кіріспе,https://x.kz/1,2026-10-01\nФизика,Күш,Тест,,\n"
NAMED = "course,module,title,file\nАлгебра,1-бөлім,Кесте,7/Kesте.pdf\n"


class TestCsv(SourceContract):
    """The suite over a folder of two files."""

    def full(self, place: Path) -> Source:
        return Folder(place).write({"roster.csv": ROSTER + "?лия,l@x.kz,Алгебра\n", "m.csv": MATERIALS}).source()

    def broken(self, place: Path) -> Source:
        return Folder(place).write({"roster.csv": b"\x00\x01\x02", "m.csv": b""}).source()

    def partly(self, place: Path) -> Source:
        return Folder(place).write({"roster.csv": b"\x00\x01\x02", "m.csv": MATERIALS}).source()

    @contextmanager
    def offering(self, place: Path) -> Iterator[tuple[Source, File, bytes]]:
        content = b"%PDF-1.4\n%%EOF\n"
        folder = Folder(place).write({"m.csv": NAMED, "7/Kesте.pdf": content})
        folder.pull()
        (material,) = folder.state.materials
        yield folder.source(), material.files[0], content

    @contextmanager
    def without(self, place: Path) -> Iterator[tuple[Source, File]]:
        with self.offering(place) as (source, file, _):
            (place / "7" / "Kesте.pdf").unlink()
            yield source, file
