"""Frames of strangers: codes with something between them, names twice, types of nanoseconds."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest

from salesflow import Playbook, Rule, check_pipeline
from salesflow.errors import FrameError
from tests.pipeline.conftest import relation

AS_OF = date(2026, 1, 31)
KNOWN = Rule.parse("known(account.tier)")
LISTED = Rule.parse('account.tier in ("regular", "named", "strategic")')
CODES = {1: "regular", 2: "named", 3: "strategic"}
PLAYBOOK = Playbook.from_toml(
    'id = "p"\nversion = "1"\ntitle = "P"\n[[stages]]\nkey = "talk"\ntitle = "Talk"\n'
)


def tiers(*tier: Any) -> pl.DataFrame:
    ids = [f"D-{number}" for number in range(len(tier))]
    return pl.DataFrame({"id": ids, "stage": "talk", "account.tier": tier})


@pytest.mark.parametrize(
    "kind",
    [
        lambda frame: frame,
        pl.DataFrame.lazy,
        pl.DataFrame.to_pandas,
        pl.DataFrame.to_arrow,
        relation,
    ],
    ids=["polars", "lazy", "pandas", "pyarrow", "duckdb"],
)
@pytest.mark.parametrize(
    ("tier", "known"),
    [((1.0, 2.0, 3.0, 1.5, 2.999, None), 3), ((1, 2, 3, 4, 0, None), 3)],
    ids=["floats", "whole"],
)
def test_what_lies_between_two_codes_is_no_code(kind: Any, tier: Any, known: int) -> None:
    report = check_pipeline(
        kind(tiers(*tier)),
        PLAYBOOK,
        key="id",
        as_of=AS_OF,
        values={"account.tier": CODES},
        checks={"known": KNOWN, "listed": LISTED},
    )
    assert report.counts["known"].yes == known
    assert report.counts["listed"].yes == known
    assert report.counts["listed"].unknown == len(tier) - known


def test_so_it_is_with_a_column_of_floats_that_pandas_made_of_whole_numbers() -> None:
    frame = pd.DataFrame({"id": list("abcd"), "stage": "talk", "account.tier": [1, 3, None, 2]})
    report = check_pipeline(
        frame,
        PLAYBOOK,
        key="id",
        as_of=AS_OF,
        values={"account.tier": CODES},
        checks={"known": KNOWN},
    )
    assert report.counts["known"].yes == 3


@pytest.mark.parametrize(
    ("second", "says"),
    [('"amount"', "'amount' is the same name twice"), ('"AMOUNT"', "the same as 'amount'")],
)
def test_a_relation_with_one_name_twice_is_refused(second: str, says: str) -> None:
    found = duckdb.connect().sql(f"select 'a' id, 'talk' stage, 5 amount, 7 {second}")
    with pytest.raises(FrameError, match=says):
        check_pipeline(found, PLAYBOOK, key="id", as_of=AS_OF)


def test_a_column_of_nanoseconds_with_a_zone_is_told_what_it_should_be() -> None:
    found = duckdb.connect().sql(
        "select 'a' id, 'talk' stage, cast('2026-01-01' as TIMESTAMPTZ_NS) next_step_on"
    )
    rule = Rule.parse("known(next_step_on)")
    with pytest.raises(FrameError, match="in microseconds; cast it to TIMESTAMPTZ first"):
        check_pipeline(found, PLAYBOOK, key="id", as_of=AS_OF, checks={"next": rule})
