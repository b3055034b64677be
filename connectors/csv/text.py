"""Decide how the bytes of one file are to be read as text; `table` reads its lines with the answer."""

import codecs
import io
import re
from collections.abc import Iterator

from charset_normalizer import from_bytes

from connectors.csv.problems import BadFile
from sync.phrases import Phrase

_SPREADSHEETS = {b"PK\x03\x04": "xlsx, ods", b"\xd0\xcf\x11\xe0": "xls"}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CYRILLIC = ["cp1251", "kz1048", "koi8_r", "cp866", "mac_cyrillic"]
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")
_SAMPLE = 65536


def encoding_of(data: bytes) -> str:
    """Name the encoding of a file's bytes. Raise BadFile when they are no text or not whole."""
    for magic, found in _SPREADSHEETS.items():
        if data.startswith(magic):
            raise BadFile("spreadsheet", found=found)
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise BadFile("empty-file")
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _checked(data, encoding)
    if wide := _utf16_without_bom(data):
        return wide
    if len(_CONTROLS.findall(data[:_SAMPLE])) > len(data[:_SAMPLE]) // 500 or b"\x00" in data:
        raise BadFile("damaged", found=_first_control(data))
    return _eight_bit(data)


def lines_of(data: bytes, encoding: str) -> Iterator[str]:
    """Yield physical lines with their ends, without holding the whole text."""
    with io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="") as text:
        for number, line in enumerate(text):
            yield line.removeprefix("\ufeff") if not number else line


def _first_control(data: bytes) -> str:
    match = _CONTROLS.search(data)
    return f"byte {match.start() + 1}: 0x{match[0].hex()}" if match else ""


def _checked(data: bytes, encoding: str) -> str:
    try:
        text = codecs.decode(data, encoding)
    except UnicodeDecodeError as error:
        code = "truncated" if error.start >= len(data) - 3 else "damaged"
        raise BadFile(code, found=Phrase("byte {number}", number=error.start + 1)) from error
    if "\x00" in text:
        raise BadFile("damaged", found="NUL")
    return encoding


def _utf16_without_bom(data: bytes) -> str:
    sample = data[: _SAMPLE // 16]
    if len(data) % 2 or len(sample) < 8:
        return ""
    for encoding, offset in (("utf-16-le", 1), ("utf-16-be", 0)):
        high = sample[offset::2]
        low = sample[1 - offset :: 2]
        if sum(byte in (0, 4) for byte in high) > len(high) * 0.9 and low.count(0) * 20 < len(low):
            return _checked(data, encoding)
    return ""


def _eight_bit(data: bytes) -> str:
    try:
        codecs.decode(data, "utf-8")
    except UnicodeDecodeError as error:
        if _nearly_utf8(data):
            code = "truncated" if error.start >= len(data) - 3 else "damaged"
            raise BadFile(code, found=Phrase("byte {number}", number=error.start + 1)) from error
        return _cyrillic(data)
    return "utf-8"


def _nearly_utf8(data: bytes) -> bool:
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    return sum(character > "\x7f" for character in text) - bad > bad * 4


def _cyrillic(data: bytes) -> str:
    """Choose among the Cyrillic code pages; windows-1251 unless the detector sees another one clearly better."""
    best = from_bytes(_letters(data), cp_isolation=_CYRILLIC, preemptive_behaviour=False).best()
    guesses = [best.encoding] if best is not None else []
    for encoding in [*guesses, "cp1251"]:
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise BadFile("encoding")


def _letters(data: bytes) -> bytes:
    """Take the lines with letters beyond ASCII: they alone tell the code pages apart."""
    kept = [line for line in data[: _SAMPLE * 4].splitlines() if not line.isascii()]
    return b"\n".join(kept)[: _SAMPLE // 4]
