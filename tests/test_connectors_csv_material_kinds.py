"""What a list calls a kind of material becomes the kind that every source shares, so that posts look alike."""

import csv
from pathlib import Path

import pytest

from connectors.csv.material_kinds import KINDS, kind
from sync.words import MATERIALS

SAMPLE = Path(__file__).resolve().parents[1] / "examples" / "school" / "inbox" / "materials.csv"


@pytest.mark.parametrize(
    ("word", "url", "file", "expected"),
    [
        pytest.param("Бейнесабақ", "", "", "video", id="Kazakh"),
        pytest.param(" видеоурок ", "", "", "video", id="Russian"),
        pytest.param("Үй жұмысы", "", "", "assignment", id="two words"),
        pytest.param("quiz", "", "", "quiz", id="our own word"),
        pytest.param("Жаттығу дәптері", "", "", "Жаттығу дәптері", id="a word of the school's own stays"),
        pytest.param("", "https://youtu.be/x", "", "video", id="a video by its address"),
        pytest.param("", "https://example.org/", "", "link", id="an address"),
        pytest.param("", "https://example.org/", "a.pdf", "file", id="a file"),
        pytest.param("", "", "", "", id="nothing to tell by"),
    ],
)
def test_a_kind_is_known_in_three_languages_or_by_what_there_is(word: str, url: str, file: str, expected: str) -> None:
    assert kind(word, url, file) == expected


def test_every_kind_has_a_word_and_every_word_a_look() -> None:
    assert set(KINDS.values()) == set(MATERIALS)


def test_the_sample_school_names_no_kind_that_is_unknown() -> None:
    with SAMPLE.open(encoding="utf-8-sig", newline="") as lines:
        kinds = {kind(row["type"] or "", row["url"] or "", row["file"] or "") for row in csv.DictReader(lines)}
    assert kinds <= set(MATERIALS)
