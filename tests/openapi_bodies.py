"""Checks request bodies against Discord's published API description, where a copy of it lies beside the repository.

The description has traps: permissions are numbers there and strings everywhere else, unknown keys always pass, and
an error in one of several alternatives says nothing. Each is dealt with here.
"""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from sandbox.counts import Record

DESCRIPTION = Path(__file__).resolve().parents[2] / "shared" / "discord" / "openapi.json"
_PERMISSIONS = frozenset({"permissions", "allow", "deny", "default_member_permissions"})
# In the documentation but not in the description.
_UNDESCRIBED = {("PATCH", "/guilds/{}/channels"): {"flags"}}
_ALTERNATIVES = ("anyOf", "oneOf", "allOf")

Schema = dict[str, Any]


def is_described() -> bool:
    """Tell whether there is a description to check against."""
    return DESCRIPTION.exists()


def problems(records: Iterable[Record]) -> list[str]:
    """Return what is wrong with the accepted requests' bodies, nothing at all without a description."""
    if not is_described():
        return []
    return [problem for record in records if record.status < 400 for problem in problems_of(record)]


def problems_of(record: Record) -> list[str]:
    """Return what is wrong with one request's body."""
    route = (record.method, re.sub(r"\{[^}]*\}", "{}", record.route))
    schema = _schemas().get(route)
    if schema is None:
        return [] if record.body is None else [f"{' '.join(route)}: takes no JSON body"]
    if record.body is None:
        return []
    body = _numeric(record.body)
    unknown = _unknown_keys(schema, body, _UNDESCRIBED.get(route, set()))
    found = [*_violations(schema, body), *(f"unknown key {key}" for key in unknown)]
    return [f"{' '.join(route)}: {problem}" for problem in found]


@cache
def _description() -> Schema:
    loaded: Schema = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    return loaded


@cache
def _schemas() -> dict[tuple[str, str], Schema]:
    found = {}
    for path, methods in _description()["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {}) if isinstance(operation, dict) else {}
            if "application/json" in content:
                route = (method.upper(), re.sub(r"\{[^}]*\}|@original", "{}", path))
                found[route] = content["application/json"]["schema"]
    return found


def _violations(schema: Schema, body: Any) -> list[str]:
    """Return the violations of the alternative that fits best."""
    options = [_resolved(one) for one in _resolved(schema).get("anyOf", ())] or [_resolved(schema)]
    return min((_errors(option, body) for option in options), key=len)


def _errors(schema: Schema, body: Any) -> list[str]:
    whole = {**schema, "components": _description()["components"]}
    validator = jsonschema.Draft202012Validator(whole)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(body)]


def _resolved(schema: Schema) -> Schema:
    while "$ref" in schema:
        target: Any = _description()
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        schema = target
    return schema


def _unknown_keys(schema: Schema, body: Any, undescribed: set[str]) -> Iterator[str]:
    layers = list(_layers(schema))
    if isinstance(body, list):
        items = {"anyOf": [layer["items"] for layer in layers if "items" in layer]}
        for item in body:
            yield from _unknown_keys(items, item, undescribed)
    if not isinstance(body, dict):
        return
    described = [layer["properties"] for layer in layers if "properties" in layer]
    if not described or any(isinstance(layer.get("additionalProperties"), dict) for layer in layers):
        return
    for key, value in body.items():
        deeper = [properties[key] for properties in described if key in properties]
        if deeper:
            yield from _unknown_keys({"anyOf": deeper}, value, undescribed)
        elif key not in undescribed:
            yield key


def _layers(schema: Schema) -> Iterator[Schema]:
    """Yield the schema and all its alternatives, with references followed."""
    schema = _resolved(schema)
    yield schema
    for word in _ALTERNATIVES:
        for one in schema.get(word, ()):
            yield from _layers(one)


def _numeric(body: Any) -> Any:
    """Return the body with permissions as the numbers that the description wants."""
    if isinstance(body, list):
        return [_numeric(item) for item in body]
    if not isinstance(body, dict):
        return body
    return {
        key: int(value) if key in _PERMISSIONS and isinstance(value, str) else _numeric(value)
        for key, value in body.items()
    }
