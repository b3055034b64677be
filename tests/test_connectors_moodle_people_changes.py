"""One change to people, roles or groups in a real Moodle leads to exactly the expected changes on the server."""

import pytest

from tests.moodle_changes import PEOPLE
from tests.moodle_school import School, school

__all__ = ["school"]


@pytest.mark.parametrize("change", PEOPLE)
async def test_a_change_in_moodle_changes_just_that_on_the_server(school: School, change: str) -> None:
    assert await school.after(change) == PEOPLE[change]
