"""The waterfall: each bar begins where the one above it ends, and the last says where it ends."""

from __future__ import annotations

from typing import Any, cast

import pytest

from salesflow.errors import ArgumentError
from salesflow.pipeline import Metrics
from salesflow.plots import waterfall
from tests.plots.results import changes, figures, playbook, subtitle, texts, values


def test_bars_lead_from_the_opening_to_the_closing_value() -> None:
    chart = waterfall(changes(playbook()))

    drawn = [
        (row["line"], row["from"], row["to"], row["amount"], row["deals"])
        for row in values(chart)["lines"]
    ]
    assert drawn == [
        ("opening", 0, 90_000, "90,000.00", 3),
        ("new", 90_000, 99_000, "+9,000.00", 1),
        ("grown", 99_000, 114_000, "+15,000.00", 1),
        ("shrunk", 112_000, 114_000, "−2,000.00", 1),
        ("won", 94_000, 112_000, "−18,000.00", 1),
        ("gone", 64_000, 94_000, "−30,000.00", 1),
        ("closing", 0, 64_000, "64,000.00", 2),
    ]


def test_it_says_how_many_deals_there_are_and_of_which_period() -> None:
    assert subtitle(waterfall(changes(playbook()))) == [
        "Open deals before: 3, after: 2.",
        "Deals that are expected to close from 2026-07-01 to 2026-09-30.",
    ]
    assert "预计成交日期为 2026-07-01 至 2026-09-30 的项目。" in subtitle(
        waterfall(changes(playbook()), lang="zh")
    )


def test_without_amounts_it_says_so() -> None:
    assert "No column holds the amount." in texts(waterfall(changes(playbook(), amounts=False)))


def test_figures_are_no_changes() -> None:
    metrics: Metrics = figures(playbook())
    with pytest.raises(ArgumentError, match=r"pass what salesflow\.pipeline\.compare gave"):
        waterfall(cast("Any", metrics))
