"""One change to courses, sections, modules or files in a real Moodle does exactly what is expected on the server."""

import pytest

from tests.moodle_changes import PAGES
from tests.moodle_school import School, school

__all__ = ["school"]


@pytest.mark.parametrize("change", PAGES)
async def test_a_change_in_moodle_changes_just_that_on_the_server(school: School, change: str) -> None:
    assert await school.after(change) == PAGES[change]
