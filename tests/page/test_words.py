"""English and Japanese say the same things, and the page says nothing that they do not know."""

import re

import pytest
from tests.conftest import _missing
from tests.page.words import FRONTEND, LANGUAGES, book

PLURAL = re.compile(r"_(one|other)$")
ONE = re.compile(r"_one$")  # Japanese has one form for all numbers
SPOKEN = re.compile(r"""\bt\(\s*"([a-z]+:[A-Za-z0-9_.]+)\"""")
GAP = re.compile(r"{{\s*([a-z_]+)")


@pytest.fixture(scope="module", autouse=True)
def sources() -> None:
    if not FRONTEND.is_dir():
        _missing("frontend/, the sources of the page,")


def test_both_languages_have_the_same_keys() -> None:
    english, japanese = ({key for key in book(language) if not ONE.search(key)} for language in LANGUAGES)
    assert english - japanese == set(), "missing in Japanese"
    assert japanese - english == set(), "missing in English"


def test_a_translation_fills_no_gap_that_the_other_does_not_know() -> None:
    english, japanese = book("en"), book("ja")
    both = [key for key in english if key in japanese and not PLURAL.search(key)]
    assert [key for key in both if not set(GAP.findall(japanese[key])) <= set(GAP.findall(english[key]))] == []


def test_nothing_is_left_untranslated() -> None:
    english, japanese = book("en"), book("ja")
    two_words = re.compile(r"[a-z]{3,} [a-z]{3,}")
    assert [key for key, text in english.items() if japanese.get(key) == text and two_words.search(text)] == []


def test_every_word_the_page_asks_for_is_there() -> None:
    known = {PLURAL.sub("", key) for key in book("en")} | set(book("en"))
    sources = [file for file in (FRONTEND / "src").rglob("*.ts*") if ".test." not in file.name]
    asked = {(file.name, key) for file in sources for key in SPOKEN.findall(file.read_text("utf-8"))}
    assert len(asked) > 100
    assert sorted(f"{file}: {key}" for file, key in asked if key not in known) == []
