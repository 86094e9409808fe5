"""What every room stands on: settings, errors, ids, time, paging."""

from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.kit import clock, errors, ids, paging
from meguri.kit.config import Config
from meguri.kit.errors import Invalid, MeguriError


def test_every_setting_is_read_from_its_variable() -> None:
    environ = {f"MEGURI_{field.name.upper()}": "7" for field in fields(Config)}
    config = Config.from_env(environ)
    assert config.data == Path("7")
    assert config.port == 7
    assert config.host == "7"


def test_what_is_given_wins_over_the_environment_and_none_does_not() -> None:
    config = Config.from_env({"MEGURI_PORT": "7", "MEGURI_HOST": "h"}, port=8, host=None)
    assert (config.port, config.host) == (8, "h")


def test_a_setting_that_is_no_number_is_named() -> None:
    with pytest.raises(Invalid) as refused:
        Config.from_env({"MEGURI_PORT": "eighty"})
    assert refused.value.where[0]["field"] == "MEGURI_PORT"


def test_every_error_is_a_problem_with_a_code_of_its_own() -> None:
    family = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, MeguriError)]
    assert len({kind.code for kind in family}) == len(family)
    for kind in family:
        problem = kind("It is so.", where=[{"row": 3}], limit=4).problem()
        assert problem["type"] == f"urn:meguri:{kind.code}"
        assert (problem["status"], problem["params"], problem["where"]) == (kind.status, {"limit": 4}, [{"row": 3}])


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.booleans()))
def test_equal_values_have_one_text(value: dict[str, object]) -> None:
    assert ids.canonical(value) == ids.canonical(dict(reversed(value.items())))


def test_secrets_differ_and_their_fingerprints_tell_nothing() -> None:
    made = {ids.secret("mgr_") for _ in range(100)}
    assert len(made) == 100
    assert all(one.startswith("mgr_") and one not in ids.fingerprint(one) for one in made)


def test_a_moment_is_written_in_utc() -> None:
    assert clock.iso(0) == "1970-01-01T00:00:00.000Z"
    before = clock.now()
    with clock.shifted(clock.DAY):
        assert clock.now() - before >= clock.DAY


@given(st.lists(st.integers(1, 10_000), unique=True).map(sorted), st.integers(1, 20))
def test_pages_hold_every_row_once(rows: list[int], limit: int) -> None:
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        fetched = [row for row in rows if row > after][: limit + 1]
        page = paging.page_of(fetched, limit, lambda row: row)
        seen += page.rows
        after = page.after
    assert seen == rows


@pytest.mark.parametrize(("asked", "given"), [(None, 100), (0, 1), (-5, 1), (50, 50), (10**9, 500)])
def test_a_page_has_a_sane_size(asked: int | None, given: int) -> None:
    assert paging.clamp(asked) == given
