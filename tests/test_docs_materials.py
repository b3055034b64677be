"""The page about materials shows every kind, as it is posted today."""

from sync.words import MATERIALS
from tests.material_examples import EXAMPLES, PAGE, written


def test_every_kind_has_its_example() -> None:
    assert {kind for kind, *_ in EXAMPLES} == set(MATERIALS)


def test_the_examples_are_what_is_posted() -> None:
    page = PAGE.read_text("utf-8")
    assert page == written(page), "run python -m tests.material_examples"
