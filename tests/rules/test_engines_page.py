"""The page about engines says what the engines say."""

from __future__ import annotations

from tests.frame_engines import EVERY, many_columns
from tests.rules.engine_table import PAGE, TITLES, parts, table


@many_columns
def test_the_table_of_engines_is_what_they_answer() -> None:
    _, written, _ = parts(PAGE.read_text("utf-8"))

    asked = table()

    assert "WRONG" not in asked
    assert written == asked, "write it anew: python -m tests.rules.engine_table"


def test_every_engine_has_a_column() -> None:
    assert set(TITLES) == set(EVERY)
