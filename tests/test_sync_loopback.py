"""Only this very machine counts as such."""

import pytest

from sync.loopback import is_loopback


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("http://127.0.0.1:8085", True),
        ("ws://127.8.9.1/gateway", True),
        ("http://localhost/moodle", True),
        ("http://[::1]/", True),
        ("//localhost", True),
        ("http://moodle.kz", False),
        ("http://127.0.0.1.evil.kz", False),
        ("http://localhost.evil.kz", False),
        ("http://[::1", False),
        ("https://192.168.1.5/", False),
        ("", False),
    ],
)
def test_only_this_machine_is_loopback(address: str, here: bool) -> None:
    assert is_loopback(address) is here
