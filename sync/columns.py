"""Column types that mean the same on SQLite and PostgreSQL; `models` builds its tables from them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, String, Text
from sqlalchemy.types import TypeDecorator

from sync.errors import Refused
from sync.phrases import Phrase
from sync.records import CourseRole, File
from sync.sealing import MARK, NO_KEY, Seal, plain

_SEAL = "kopir_seal"


class Key(TypeDecorator[str]):
    """Text that identifies; ordered by code points on both engines, so that every listing is stable."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Return the engine's own type."""
        collation = "C" if dialect.name == "postgresql" else None
        return dialect.type_descriptor(String(collation=collation))


class Contact(TypeDecorator[str]):
    """Text to reach somebody by, or that tells of it; encrypted where the settings ask for it."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Seal a text."""
        seal = _seal(dialect)
        return value if value is None else seal.close(value) if seal else plain(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Open a sealed text. Raise Refused without its key."""
        seal = _seal(dialect)
        if seal is None and (value or "").startswith(MARK):
            raise Refused(Phrase(NO_KEY))
        return seal.open(value) if seal and value else value


def seal_with(dialect: Dialect, seal: Seal | None) -> None:
    """Tell the Contacts of one engine how to seal; beside its dialect, where engines keep how they write JSON, too."""
    setattr(dialect, _SEAL, seal)


def _seal(dialect: Dialect) -> Seal | None:
    found: Seal | None = getattr(dialect, _SEAL, None)
    return found


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, stored and returned in UTC. Raise ValueError for a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware time into what the engine keeps."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("a time without a zone reached the store")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn what the engine kept into an aware time in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class RoleText(TypeDecorator[CourseRole]):
    """A course role as its word."""

    impl = Key
    cache_ok = True

    def process_bind_param(self, value: CourseRole | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return the role's word."""
        return None if value is None else CourseRole(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> CourseRole | None:  # noqa: ARG002
        """Return the role of a word."""
        return None if value is None else CourseRole(value)


class Words(TypeDecorator[tuple[str, ...]]):
    """A tuple of texts as a JSON list; empty text for an empty one, which is the common case."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return the JSON text."""
        return None if value is None else json.dumps(value, ensure_ascii=False) if value else ""

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:  # noqa: ARG002
        """Return the tuple."""
        return None if value is None else tuple(json.loads(value)) if value else ()


class Files(TypeDecorator[tuple[File, ...]]):
    """Files as a JSON list of lists of their fields; empty text for none."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[File, ...] | None, dialect: Dialect) -> str:  # noqa: ARG002
        """Return the JSON text."""
        rows = [[f.name, f.size, f.type, f.hash, f.modified and f.modified.isoformat(), f.url] for f in value or ()]
        return json.dumps(rows, ensure_ascii=False) if rows else ""

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[File, ...]:  # noqa: ARG002
        """Return the files."""
        return tuple(
            File(name, size, mime, digest, datetime.fromisoformat(modified) if modified else None, url)
            for name, size, mime, digest, modified, url in (json.loads(value) if value else ())
        )


class JsonText(TypeDecorator[Mapping[str, Any]]):
    """Values by name as a JSON object."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, Any] | None, dialect: Dialect) -> str:  # noqa: ARG002
        """Return the JSON text."""
        return json.dumps(dict(value or {}), ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, Any]:  # noqa: ARG002
        """Return the values."""
        return dict(json.loads(value)) if value else {}
