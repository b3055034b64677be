"""Whatever a plan or a report can name has a word for people."""

from dataclasses import fields
from typing import get_args

import pytest

from bot.standing import IN_FORUMS, NEEDED
from sync import words
from sync.permissions import names
from sync.plan import capacity
from sync.records import Kind
from sync.resources import EMPTY_STATE, KINDS, Member, Order, Resource
from sync.settings_posts import PostSettings
from tests.builders import guild

SHOWN_OTHERWISE = (Member, Order)


@pytest.mark.parametrize("kind", [k for k in get_args(Resource) if k not in SHOWN_OTHERWISE], ids=lambda k: k.__name__)
def test_every_field_that_can_change_has_a_word(kind: type) -> None:
    changing = {field.name for field in fields(kind) if field.compare and field.name != "key"}
    assert changing <= set(words.FIELDS)


def test_every_kind_of_resource_and_of_record_has_a_word() -> None:
    assert set(words.KINDS) == set(KINDS.values())
    assert set(words.RECORDS) == {kind.value for kind in Kind}


def test_every_ceiling_has_a_word() -> None:
    assert set(words.CEILINGS) == set(capacity(guild(), {}, EMPTY_STATE).use)


def test_every_permission_that_the_bot_needs_has_a_word() -> None:
    assert set(words.PERMISSIONS) == set(names(NEEDED | IN_FORUMS | PostSettings().wanted()))
