"""The page about engines says what the engines say."""

from __future__ import annotations

import pytest

from tests.frame_engines import EVERY, many_columns
from tests.rules.engine_table import PAGE, TITLES, answers_of, parts, table, written

PAGE_TEXT = PAGE.read_text("utf-8")
ANEW = "write it anew: python -m tests.rules.engine_table"


@many_columns
@pytest.mark.parametrize("engine", EVERY)
def test_the_column_of_an_engine_is_what_it_answers(engine: str) -> None:
    answers = answers_of(engine)

    assert "WRONG" not in answers
    assert written(PAGE_TEXT)[engine] == answers, ANEW


def test_the_table_has_a_row_for_everything_that_is_asked() -> None:
    assert parts(PAGE_TEXT)[1] == table(written(PAGE_TEXT)), ANEW


def test_every_engine_has_a_column() -> None:
    assert set(TITLES) == set(EVERY)
