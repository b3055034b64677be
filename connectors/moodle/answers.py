"""Sort what a Moodle answered into data and errors, by what to do next. Pure; `client` retries what is Retriable.

A failure is nearly always HTTP 200 with an object that has `exception` and `errorcode`. What Moodle says of it is never
shown: it may hold names and paths of the server.
"""

import json
from collections.abc import Mapping
from typing import Any

from connectors.moodle.errors import Absent, BadRow, Closed, Forbidden
from sync.errors import KopirError, Refused, Retriable
from sync.phrases import Phrase
from sync.texts import N_

BUSY = N_("Moodle cannot answer just now (HTTP {status}). It is asked again at the next pull.")
DATABASE = N_("Moodle's database does not answer just now. It is asked again at the next pull.")
MAINTENANCE = N_("Moodle is in maintenance mode. It is asked again at the next pull.")
CUT = N_("Moodle's answer to {function} arrived incomplete. It is asked again at the next pull.")
NO_MOODLE = N_("There is no Moodle at this address. Correct `url`: the address of the site without /login or /my.")
MOVED = N_("The site answers from another address: {address}. Write it as `url`.")
SERVICES_OFF = N_("Moodle refuses web services (HTTP {status}). Enable web services and the REST protocol in Moodle.")
BAD_TOKEN = N_("Moodle does not know the token, or it has expired. Create a new one in Moodle and set it as `token`.")
NO_ACCESS = N_(
    "Moodle refuses {function}: the token has expired or is bound to another network address, the service is disabled "
    "or lacks this function, or the account may not use web services."
)
ACCOUNT = N_("Moodle refuses Kopir's account ({code}). It must be active, confirmed, and with a log-in of its own.")
PASSWORD = N_("Kopir's account in Moodle must change its password first. Log in with it once.")
FORBIDDEN = N_("Kopir's account in Moodle lacks a capability for {function}.")
CLOSED = N_("Kopir's account in Moodle may not enter a course.")
ABSENT = N_("Moodle does not know what {function} asks for.")
BAD_ROW = N_("Moodle cannot answer {function}: a record in it breaks Moodle's own rules.")
REFUSED = N_("Moodle refuses {function} ({code}).")
FILE = "file"  # what stands for a function where a file is asked for

_SORTED: Mapping[str, tuple[type[KopirError], str]] = {
    "sitemaintenance": (Retriable, MAINTENANCE),
    "invalidtoken": (Refused, BAD_TOKEN),
    "accessexception": (Refused, NO_ACCESS),
    "servicenotavailable": (Refused, NO_ACCESS),
    "nopermissions": (Forbidden, FORBIDDEN),
    "errorcoursecontextnotvalid": (Closed, CLOSED),
    "requireloginerror": (Closed, CLOSED),
    "invalidrecord": (Absent, ABSENT),
    "invalidrecordunknown": (Absent, ABSENT),
    "activityisscheduledfordeletion": (Absent, ABSENT),
    "filenotfound": (Absent, ABSENT),
    "invalidresponse": (BadRow, BAD_ROW),
}


def data(status: int, headers: Mapping[str, str], body: bytes, function: str) -> Any:
    """Return the data of an answer. Raise what the caller has to do with anything else."""
    if error := of_status(status, headers):
        raise error
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as wrong:
        whole = "json" not in headers.get("content-type", "")
        raise (Refused(Phrase(NO_MOODLE)) if whole else Retriable(Phrase(CUT, function=function))) from wrong
    if isinstance(found, dict) and ("exception" in found or "errorcode" in found):
        raise of_code(found, function)
    return found


def content(status: int, headers: Mapping[str, str], body: bytes, expected: str) -> bytes:
    """Return the bytes of a file of an `expected` type. Raise what an answer in its place means."""
    kind = headers.get("content-type", "")
    stored = "etag" in headers  # a file of Moodle's store has one, also if it is itself JSON or a page
    if status == 404:
        raise Absent(Phrase(ABSENT, function=FILE))
    if error := of_status(status, headers):
        raise error
    if "json" in kind and not stored and (failure := _failure(body)):
        raise of_code(failure, FILE)
    if status != 200 or ("html" in kind and "html" not in expected and not stored):
        raise Refused(Phrase(NO_MOODLE))
    return body


def of_status(status: int, headers: Mapping[str, str]) -> KopirError | None:
    """Return what an HTTP status means, None for one that carries data."""
    if 300 <= status < 400 and status != 304:
        return Refused(Phrase(MOVED, address=headers.get("location", "").partition("?")[0]))
    if status >= 500 or status in {408, 425, 429}:
        return Retriable(Phrase(BUSY, status=status), _seconds(headers.get("retry-after", "")))
    if status in {401, 403}:
        return Refused(Phrase(SERVICES_OFF, status=status))
    return Refused(Phrase(NO_MOODLE)) if status >= 400 else None


def of_code(failure: Mapping[str, Any], function: str) -> KopirError:
    """Return what a failure object means."""
    code = str(failure.get("errorcode", ""))
    if code == "errorcoursecontextnotvalid" and "forcepasswordchange" in str(failure.get("message", "")):
        return Refused(Phrase(PASSWORD))
    if code.startswith(("dml", "ddl", "dbconnection")):
        return Retriable(Phrase(DATABASE))
    if code.startswith("wsaccess"):
        return Refused(Phrase(ACCOUNT, code=code))
    kind, template = _SORTED.get(code, (Refused, REFUSED))
    return kind(Phrase(template, function=function, code=code[:60]))


def _failure(body: bytes) -> Mapping[str, Any] | None:
    """Return what failed, None for JSON that is a file's own."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and "errorcode" in found else None


def _seconds(text: str) -> float | None:
    return float(text) if text.isdecimal() else None
