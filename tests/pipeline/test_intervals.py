"""Intervals of shares for people: what is written holds, whatever is rounded."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from salesflow import load_playbook
from salesflow.pipeline import metrics
from salesflow.pipeline._intervals import in_percents, wilson


@given(
    st.integers(1, 10**9).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
    st.sampled_from([(1, 1), (2, 0), (0, 0)]),
    st.sampled_from([0.5, 0.95, 0.999]),
)
@example((6_552, 56), (2, 0), 0.95)
def test_what_is_written_of_an_interval_holds_what_is_written_of_its_share(
    deals: tuple[int, int], digits: tuple[int, int], confidence: float
) -> None:
    number, hits = deals
    low, high = wilson(number, hits, confidence)

    written = in_percents(hits / number, low, high, digits=digits[0], least=digits[1])

    value, begin, end = (Decimal(it.removesuffix("%")) for it in written)
    assert begin <= value <= end
    assert begin < end


@pytest.mark.parametrize(
    ("share", "low", "high", "written"),
    [
        (0.5, 0.24, 0.76, ("50.00%", "24%", "76%")),
        (0.0086, 0.0066, 0.0112, ("0.86%", "0.7%", "1.1%")),
        (0.5, 0.4999, 0.5001, ("50.00%", "49.99%", "50.01%")),
        (0.5, 0.49999, 0.50001, ("50.000%", "49.999%", "50.001%")),
        (1.0, 1.0, 1.0, ("100.00%", "100%", "100%")),
    ],
)
def test_an_interval_has_as_few_digits_as_it_needs(
    share: float, low: float, high: float, written: tuple[str, str, str]
) -> None:
    assert in_percents(share, low, high, digits=2, least=0) == written


def test_a_small_win_rate_stands_in_its_interval() -> None:
    deals = pl.DataFrame({"id": range(6_552), "stage": ["won"] * 56 + ["lost"] * 6_496})

    found = metrics(deals, load_playbook("ltc"), key="id", as_of=date(2026, 1, 1))

    for text in (found.summary(), found.summary("zh"), found.to_html(), found.to_html(lang="zh")):
        assert "0.85% (0.7%–1.1%)" in text
