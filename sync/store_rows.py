"""Small statements that both engines need spelt in their own way; the store's modules write through them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

CHUNK = 2_000
T = TypeVar("T")


def chunks(items: Iterable[T]) -> Iterator[list[T]]:
    """Cut items into lists of at most CHUNK."""
    rest = iter(items)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def columns(rows: Table, value: type[Any]) -> list[Column[Any]]:
    """Return the columns of a table from which a value is made, in the order of its fields."""
    return [rows.c[field.name] for field in fields(value)]


def row_of(rows: Table, value: Any, school: str) -> dict[str, Any]:
    """Return a value as a row of a school."""
    names = (column.name for column in rows.c)
    return {name: school if name == "school" else getattr(value, name) for name in names}


def upsert(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write complete rows, in place of those with the same primary key."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table)
    others = {column.name: column for column in statement.excluded if not table.c[column.name].primary_key}
    if others:
        statement = statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=others)
    else:
        statement = statement.on_conflict_do_nothing()
    for chunk in chunks(rows):
        connection.execute(statement, chunk)
