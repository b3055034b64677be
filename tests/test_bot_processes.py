"""Two Kopir processes started by mistake on one school: the second refuses, a killed first one holds nothing."""

import time

import pytest

from tests.test_bot_commands import Desk, Ran, desk, discord, one_sentence

__all__ = ["desk", "discord"]

ROLES = "PATCH /guilds/{guild_id}/roles"


def reached(desk: Desk, route: str) -> bool:
    """Wait until Discord was asked for something."""
    end = time.monotonic() + 30
    while route not in desk.ask("GET", "requests")["routes"]:
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.parametrize("first", ["sync", "run"])
def test_the_second_process_refuses_and_after_a_kill_the_school_is_free_at_once(desk: Desk, first: str) -> None:
    desk.ask("DELETE", "requests")
    desk.fault(kind="slow", delay=300, method="POST", route="/guilds/{guild_id}/channels", count=None)
    process = desk.start(first)
    try:
        assert reached(desk, ROLES)
        before = desk.server()
        second = desk.start("sync", "--json")
        out, err = second.communicate(timeout=30)
        assert (second.returncode, out) == (1, "")
        assert "Another Kopir process" in one_sentence(Ran(1, out, err))
        assert desk.server() == before
    finally:
        process.kill()
        process.communicate(timeout=30)
    desk.ask("DELETE", "faults")
    assert desk.run("sync").code == 0
    server = desk.server()
    for things in (server["roles"], [channel for channel in server["channels"] if channel["type"] == 0]):
        names = [(thing["name"], thing.get("parent_id")) for thing in things]
        assert len(names) == len(set(names)), "nothing is there twice"
    assert desk.run("plan").code == 0, "nothing is left to do"
