"""The law of the two rails: over any frame, a rule says of each row what it says of the record."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesflow.errors import FrameError
from salesflow.facts import FactKind
from salesflow.rules import Rule, Verdict
from salesflow.rules.ast import And, AtLeast, Not, Or
from salesflow.rules.core import CompareFacts, Core
from tests.frame_engines import EVERY, many_columns
from tests.rules.columns_cases import (
    AS_OF,
    FACTS,
    NEW_YORK,
    SCHEMA,
    ZONES,
    Record,
    opened,
    polars_of,
    records,
    rules,
    verdicts_of,
)

# An example is a batch: rules and records, and each rule is asked of each record. To ask a slow
# engine one thing costs as much as to ask it many, so it gets fewer and larger batches. The numbers
# are: rules and records in a batch, at most; batches in every run; batches in the long profile.
USUAL: Final = (2, 6, 30, 1_000)
BATCHES: Final = {
    "ibis": (4, 10, 15, 600),
    "dask": (6, 8, 3, 300),
    "dask pyarrow": (6, 8, 3, 300),
    "pyspark": (12, 20, 3, 300),
}

# The zone in which an engine tells the day of a moment, if in one alone, as the tests set it up;
# Dask with NumPy does so in every zone but from a column whose zone narwhals cannot read.
ONE_ZONE: Final = {"duckdb": "UTC", "ibis": "UTC", "pyspark": "UTC", "dask": NEW_YORK}


def needs_days_of_moments(core: Core) -> bool:
    """Whether two facts are compared by their days, and one holds moments."""
    match core:
        case Not(item):
            return needs_days_of_moments(item)
        case And(items) | Or(items) | AtLeast(_, items):
            return any(map(needs_days_of_moments, items))
        case CompareFacts(left, _, right, FactKind.DAY):
            return "seen_on" in {left, right}
        case _:
            return False


@pytest.mark.law
@many_columns
@pytest.mark.parametrize("engine", EVERY)
def test_a_rule_says_the_same_of_a_row_as_of_the_record(engine: str) -> None:
    rules_each, records_each, usual, long = BATCHES.get(engine, USUAL)
    is_long = settings.get_current_profile_name() == "long"

    @settings(max_examples=long if is_long else usual)
    @given(
        texts=st.lists(rules, min_size=1, max_size=rules_each),
        rows=st.lists(records, min_size=1, max_size=records_each),
        tz=st.sampled_from(ZONES),
    )
    def law(texts: list[str], rows: list[Record], tz: str) -> None:
        asked = [Rule.parse(text, FACTS) for text in texts]
        frame = EVERY[engine](polars_of(rows))

        assert_only_empty_columns_are_not_read(frame, rows)
        for rule, found in zip(asked, verdicts_of(frame, asked, tz), strict=True):
            if isinstance(found, FrameError):
                assert ONE_ZONE[engine] != tz
                assert needs_days_of_moments(rule.core(AS_OF))
                assert "seen_on" in str(found)
            else:
                assert found == [rule.verdict(row, AS_OF, tz=tz) for row in rows], rule

    law()


def assert_only_empty_columns_are_not_read(frame: Any, rows: list[Record]) -> None:
    _, _, unread = opened(frame)
    assert [name for name in unread if any(row[name] is not None for row in rows)] == []


@pytest.mark.parametrize("engine", EVERY)
def test_whether_a_fact_without_a_column_is_known_is_unknown(engine: str) -> None:
    row: Record = dict.fromkeys(SCHEMA)
    rule = Rule.parse("known(absent)", FACTS)

    assert verdicts_of(EVERY[engine](polars_of([row])), [rule]) == [[Verdict.UNKNOWN]]
    assert rule.verdict(row) is Verdict.NO
