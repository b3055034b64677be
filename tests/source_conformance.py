"""What every Source owes the core, as one suite: a connector's tests inherit `SourceContract` and build the scenes."""

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest

from sync.errors import Gone, Refused
from sync.ports import Source
from sync.records import Enrolment, File, Kind, Material, Module, Problem, Pulled, Snapshot, StoredPull


class SourceContract(ABC):
    """The promises of `sync.ports.Source`. A scene is a source over the same outside in one of its states."""

    @abstractmethod
    def full(self, place: Path) -> Source:
        """Return a source that sees at least two courses, ten people, enrolments and some problem."""

    @abstractmethod
    def broken(self, place: Path) -> Source:
        """Return the same source when its outside answers with garbage only."""

    @abstractmethod
    def partly(self, place: Path) -> Source:
        """Return the same source when only a part of its outside answers with garbage."""

    @abstractmethod
    def offering(self, place: Path) -> AbstractContextManager[tuple[Source, File, bytes]]:
        """Give a source, a file that it offers with its size and hash, and what the file really holds."""

    @abstractmethod
    def without(self, place: Path) -> AbstractContextManager[tuple[Source, File]]:
        """Give a source, and a file that it offered until it was deleted."""

    def test_it_has_a_name_and_a_type(self, tmp_path: Path) -> None:
        source = self.full(tmp_path)
        assert source.name
        assert source.type

    def test_records_are_unique_and_refer_to_each_other(self, tmp_path: Path) -> None:
        snapshot = _snapshot(self.full(tmp_path))
        courses = _unique(course.id for course in snapshot.courses)
        people = _unique(person.id for person in snapshot.people)
        groups = _unique(group.id for group in snapshot.groups)
        modules = _unique((module.course, module.id) for module in snapshot.modules)
        _unique((material.course, material.id) for material in snapshot.materials)
        _unique((role.person, role.course, role.role) for role in snapshot.enrolments)
        assert {module.course for module in snapshot.modules} <= courses
        assert {(material.course, material.module) for material in snapshot.materials} <= modules
        assert {role.person for role in snapshot.enrolments} <= people
        assert {role.course for role in snapshot.enrolments} <= courses | {""}
        assert {group for role in snapshot.enrolments for group in role.groups} <= groups
        assert {group.course for group in snapshot.groups} <= courses | {""}

    def test_texts_are_normalised_and_times_aware(self, tmp_path: Path) -> None:
        for record in _records(_snapshot(self.full(tmp_path))):
            for name in record.__slots__:
                value = getattr(record, name)
                if isinstance(value, str):
                    assert value == unicodedata.normalize("NFC", value).strip(), (type(record), name)
                if isinstance(value, datetime):
                    assert value.utcoffset() is not None
                    assert not value.utcoffset()

    def test_every_record_is_well_formed(self, tmp_path: Path) -> None:
        for record in _records(_snapshot(self.full(tmp_path))):
            if isinstance(record, Enrolment):
                assert record.start is None or record.end is None or record.start < record.end
            elif isinstance(record, Module | Material):
                assert record.title
            else:
                assert record.id

    def test_a_second_pull_sees_the_same(self, tmp_path: Path) -> None:
        source = self.full(tmp_path)
        first = _snapshot(source)
        again = _snapshot(source, first)
        for kind in Kind:
            assert set(getattr(again, kind.value)) == set(getattr(first, kind.value))

    def test_problems_can_be_shown(self, tmp_path: Path) -> None:
        pulled = self.full(tmp_path).pull(Snapshot)
        assert pulled.problems
        for problem in pulled.problems:
            _check_problem(problem)

    def test_garbage_only_gives_no_snapshot_and_says_so(self, tmp_path: Path) -> None:
        before = _snapshot(self.full(tmp_path))
        pulled = self.broken(tmp_path).pull(lambda: before)
        assert pulled.snapshot is None
        assert pulled.problems

    def test_garbage_in_a_part_removes_nobody(self, tmp_path: Path) -> None:
        before = _snapshot(self.full(tmp_path))
        pulled = self.partly(tmp_path).pull(lambda: before)
        assert pulled.snapshot is not None
        for kind in Kind:
            assert not _lost(before, pulled.snapshot, kind)

    def test_a_file_is_handed_out_exactly(self, tmp_path: Path) -> None:
        with self.offering(tmp_path) as (source, file, content):
            assert (file.size, file.hash) == (len(content), sha1(content, usedforsecurity=False).hexdigest())
            assert source.download(file, len(content)) == content
            assert source.download(file, 10 * len(content)) == content

    def test_a_file_larger_than_the_limit_is_refused(self, tmp_path: Path) -> None:
        with self.offering(tmp_path) as (source, file, content), pytest.raises(Refused, match="larger"):
            source.download(file, len(content) - 1)

    def test_a_file_that_it_never_gave_is_refused(self, tmp_path: Path) -> None:
        with self.offering(tmp_path) as (source, file, content):
            elsewhere = "https://elsewhere.example/webservice/pluginfile.php/1/a.pdf"
            for foreign in (
                File(file.name),
                File("/etc/passwd", 1, "", file.hash),
                File("nobody named this.pdf", file.size, file.type, file.hash, file.modified, elsewhere),
            ):
                with pytest.raises(Refused):
                    source.download(foreign, 10 * len(content))

    def test_a_deleted_file_is_gone(self, tmp_path: Path) -> None:
        with self.without(tmp_path) as (source, file), pytest.raises(Gone):
            source.download(file, 2**20)

    def test_an_acknowledgement_never_raises(self, tmp_path: Path) -> None:
        source = self.full(tmp_path)
        pulled = source.pull(Snapshot)
        source.acknowledge(pulled, StoredPull({}, {}))
        source.acknowledge(pulled, None)
        source.acknowledge(Pulled(None), None)


def _snapshot(source: Source, previous: Snapshot | None = None) -> Snapshot:
    pulled = source.pull(lambda: previous or Snapshot())
    assert pulled.snapshot is not None
    return pulled.snapshot


def _records(snapshot: Snapshot) -> Iterable[Any]:
    return (record for kind in Kind for record in getattr(snapshot, kind.value))


def _unique(keys: Iterable[Any]) -> set[Any]:
    listed = list(keys)
    assert len(listed) == len(set(listed))
    return set(listed)


def _check_problem(problem: Problem) -> None:
    assert problem.template.format(**problem.values)
    assert problem.code == problem.code.lower()
    assert problem.line >= 0
    if "found" in problem.values and len(problem.values["found"]) > 200:
        pytest.fail("a problem quotes too much")


def _lost(before: Snapshot, now: Snapshot, kind: Kind) -> list[Any]:
    if kind in now.unknown:
        return []
    present = {_identity(record) for record in getattr(now, kind.value)}
    return [
        record
        for record in getattr(before, kind.value)
        if _identity(record) not in present and (record.origin, kind) not in now.unknown_in
    ]


def _identity(record: Any) -> tuple[Any, ...]:
    if isinstance(record, Enrolment):
        return record.person, record.course, record.role
    return getattr(record, "course", ""), record.id
