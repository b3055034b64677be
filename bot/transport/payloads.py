"""Turns what the library wants to send into bytes that can be sent again; `bot.http` encodes once per attempt."""

import asyncio
import json
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from aiohttp import FormData
from interactions.client.utils.serializer import get_file_mimetype
from interactions.models.discord.file import UPLOADABLE_TYPE, File


@dataclass(frozen=True, slots=True)
class Upload:
    """One file, read completely: a stream would be empty at the second attempt."""

    name: str
    content: bytes
    content_type: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """A request body as values; `payload` None sends none."""

    payload: Any = None
    uploads: tuple[Upload, ...] = ()

    def encoded(self) -> FormData | bytes | None:
        """Return a fresh encoding: JSON bytes, or a form when there are files."""
        if self.uploads:
            return self._form()
        return None if self.payload is None else _json(self.payload).encode()

    def _form(self) -> FormData:
        form = FormData(quote_fields=False)
        for index, upload in enumerate(self.uploads):
            content = BytesIO(upload.content)  # aiohttp sends a stream in pieces, and large bytes at once
            form.add_field(f"files[{index}]", content, filename=upload.name, content_type=upload.content_type)
        form.add_field("payload_json", _json(self._with_attachments()), content_type="application/json")
        return form

    def _with_attachments(self) -> dict[str, Any]:
        """Return the payload listing the new files beside the attachments that the caller keeps."""
        listed = list(self.payload.get("attachments") or [])
        named = {str(item.get("id")) for item in listed}
        new = [
            {"id": str(index), "filename": upload.name, "description": upload.description}
            for index, upload in enumerate(self.uploads)
            if str(index) not in named
        ]
        return {**self.payload, "attachments": listed + new}


async def uploads(files: UPLOADABLE_TYPE | list[UPLOADABLE_TYPE] | None) -> tuple[Upload, ...]:
    """Read the files, those on disk in a thread."""
    if files is None:
        return ()
    several = files if isinstance(files, list) else [files]
    return tuple([await asyncio.to_thread(_read, item) for item in several])


def _read(item: UPLOADABLE_TYPE) -> Upload:
    source = item.file if isinstance(item, File) else item
    content = _content(source)
    if isinstance(item, File):
        content_type = item.content_type or get_file_mimetype(content)
        return Upload(item.file_name or "file", content, content_type, item.description)
    name = Path(source).name if isinstance(source, (str, Path)) else "file"
    return Upload(name, content, get_file_mimetype(content))


def _content(source: object) -> bytes:
    if isinstance(source, bytes):
        return source
    if isinstance(source, (str, Path)):
        return Path(source).read_bytes()
    if callable(read := getattr(source, "read", None)):
        return bytes(read())
    raise TypeError(f"{type(source).__name__} is not a file")


def _json(payload: object) -> str:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
