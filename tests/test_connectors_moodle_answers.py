"""What a Moodle's answer means for what Kopir does next: wait, tell the operator, or leave out a part."""

import json
from typing import Any

import pytest

from connectors.moodle import answers
from connectors.moodle.client import flattened, options
from connectors.moodle.errors import Absent, BadRow, Closed, Forbidden
from sync.errors import KopirError, Refused, Retriable

JSON = {"content-type": "application/json; charset=utf-8"}
HTML = {"content-type": "text/html; charset=utf-8"}


def failure(code: str, message: str = "secret detail") -> bytes:
    return json.dumps({"exception": "some_exception", "errorcode": code, "message": message}).encode()


def test_data_is_given_back() -> None:
    assert answers.data(200, JSON, b'[{"id": 1}]', "f") == [{"id": 1}]
    assert answers.data(200, JSON, b"null", "f") is None
    assert answers.data(200, JSON, b'{"courses": []}', "f") == {"courses": []}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("invalidtoken", Refused),
        ("accessexception", Refused),
        ("servicenotavailable", Refused),
        ("wsaccessusersuspended", Refused),
        ("wsaccessusernologin", Refused),
        ("wsaccessuserunconfirmed", Refused),
        ("invalidparameter", Refused),
        ("errorinvalidparam", Refused),
        ("codingerror", Refused),
        ("nopermissions", Forbidden),
        ("errorcoursecontextnotvalid", Closed),
        ("requireloginerror", Closed),
        ("invalidrecord", Absent),
        ("invalidrecordunknown", Absent),
        ("activityisscheduledfordeletion", Absent),
        ("invalidresponse", BadRow),
        ("sitemaintenance", Retriable),
        ("dbconnectionfailed", Retriable),
        ("dmlreadexception", Retriable),
    ],
)
def test_a_failure_is_sorted_by_its_code(code: str, kind: type[KopirError]) -> None:
    with pytest.raises(kind) as raised:
        answers.data(200, JSON, failure(code), "core_course_get_contents")
    assert type(raised.value) is kind
    assert "secret detail" not in str(raised.value)


def test_an_account_that_must_change_its_password_stops_all_courses() -> None:
    body = failure("errorcoursecontextnotvalid", "…error/forcepasswordchangenotice")
    with pytest.raises(Refused, match="password") as raised:
        answers.data(200, JSON, body, "core_course_get_contents")
    assert not isinstance(raised.value, Closed)


@pytest.mark.parametrize(
    ("status", "headers", "body", "kind", "says"),
    [
        pytest.param(503, HTML | {"retry-after": "300"}, b"<html>", Retriable, "503", id="command-line maintenance"),
        pytest.param(500, HTML, b"", Retriable, "500", id="a crash"),
        pytest.param(429, HTML, b"", Retriable, "429", id="too many requests"),
        pytest.param(403, HTML, b"", Refused, "REST protocol", id="web services off"),
        pytest.param(404, HTML, b"<html>", Refused, "no Moodle", id="another address"),
        pytest.param(200, HTML, b"<html>", Refused, "no Moodle", id="a page"),
        pytest.param(200, JSON, b'[{"id": 1', Retriable, "incomplete", id="a cut answer"),
        pytest.param(
            302, HTML | {"location": "https://other.kz/?token=1"}, b"", Refused, "https://other.kz/", id="redirected"
        ),
    ],
)
def test_a_status_is_sorted_too(
    status: int, headers: dict[str, str], body: bytes, kind: type[KopirError], says: str
) -> None:
    with pytest.raises(kind, match=says) as raised:
        answers.data(status, headers, body, "f")
    assert "token=1" not in str(raised.value)


@pytest.mark.parametrize(("told", "after"), [("300", 300.0), ("", None), ("Wed, 21 Oct 2026 07:28:00 GMT", None)])
def test_a_pause_that_is_asked_for_is_told_on(told: str, after: float | None) -> None:
    with pytest.raises(Retriable) as raised:
        answers.data(503, HTML | {"retry-after": told}, b"", "f")
    assert raised.value.after == after


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"courseid": 2}, {"courseid": "2"}),
        ({"returnusercount": True, "off": False}, {"returnusercount": "1", "off": "0"}),
        ({"values": ["3", "4"]}, {"values[0]": "3", "values[1]": "4"}),
        (
            {"options": options(userfields="id", onlysuspended=1)},
            {
                "options[0][name]": "userfields",
                "options[0][value]": "id",
                "options[1][name]": "onlysuspended",
                "options[1][value]": "1",
            },
        ),
    ],
)
def test_parameters_are_written_as_php_reads_them(given: dict[str, Any], expected: dict[str, str]) -> None:
    assert flattened(given) == expected
