"""A card with points gives the same score for a row of a frame as for a single deal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.pipeline import Counts
from salesflow.qualify import interval

PLAYBOOK = sf.Playbook.from_toml("""
id = "frames"
version = "1"
title = "Frames"
[[facts]]
name = "references"
kind = "number"
[[stages]]
key = "only"
title = "Only"
[[checklists]]
key = "q"
questions = [
  { key = "fit", title = "Fit", type = "scale", min = 1, max = 3 },
  { key = "real", title = "Real?" },
  { key = "way", title = "Way", type = "choice", choices = ["road", "rail"] },
  { key = "since", title = "Since", type = "date" },
  { key = "urgent", title = "Urgent?" },
]
[[scorecards]]
key = "card"
items = [
  { key = "fit", points = "q.fit", weight = 0.1 },
  { key = "real", rule = "q.real", weight = 0.2 },
  { key = "references", points = "references", weight = 0.3, max = 2.5 },
  { key = "absent", points = "probability", max = 1 },
  { key = "urgent", rule = "q.urgent", weight = -0.4 },
  { key = "late", points = "close_date_pushes", max = 1, weight = -0.1 },
]
bands = [{ key = "low", min = 0 }, { key = "high", min = 1 }]
""")
CARD = PLAYBOOK.scorecards["card"]
LIMITS = (-0.2, 0.1, 0.3, 0.4, 0.7, 1.0, 1.05, 1.25, 1.5, 2.2)
COUNTS = (
    "q.asked >= 3",
    "q.unknown < 2",
    "q.yes >= 1",
    "q.no == 1",
    "q.share == 0.5",
    "0 < q.share",
)
RULES = {
    f"score.card.{end} >= {limit}": sf.Rule.parse(
        f"score.card.{end} >= {limit}", facts=PLAYBOOK.facts
    )
    for end in ("low", "high")
    for limit in LIMITS
} | {text: sf.Rule.parse(text, facts=PLAYBOOK.facts) for text in COUNTS}

rows = st.lists(
    st.fixed_dictionaries(
        {
            "q.fit": st.sampled_from([None, 0.0, 1.0, 2.0, 3.0, 4.0, float("nan")]),
            "q.real": st.sampled_from([None, "+", "-", "?"]),
            "references": st.sampled_from([None, -1.0, 0.0, 0.5, 2.5, 9.0, float("inf")]),
            "q.urgent": st.sampled_from([None, "+", "-", "?"]),
            "q.way": st.sampled_from([None, "road", "rail"]),
            "q.since": st.sampled_from([None, date(2026, 1, 1)]),
        }
    ),
    min_size=1,
    max_size=6,
)
SCHEMA = {
    "q.fit": pl.Float64,
    "q.real": pl.String,
    "q.urgent": pl.String,
    "references": pl.Float64,
    "q.way": pl.String,
    "q.since": pl.Date,
}
ENGINES: dict[str, Callable[[pl.DataFrame], Any]] = {
    "polars": lambda frame: frame,
    "pandas": lambda frame: frame.to_pandas(),
    "pyarrow": lambda frame: frame.to_arrow(),
}


def facts_of(row: dict[str, Any]) -> dict[str, Any]:
    low, high = interval(CARD, row)
    answered = {name: row[name] for name in ("q.fit", "q.real", "q.urgent", "q.way", "q.since")}
    given = {name: value for name, value in answered.items() if value == value}  # noqa: PLR0124
    known = [value for value in given.values() if value not in (None, "?")]
    return {
        "score.card.low": low,
        "score.card.high": high,
        "q.asked": sum(value is not None for value in given.values()),
        "q.unknown": 5 - len(known),
        "q.yes": known.count("+"),
        "q.no": known.count("-"),
        "q.share": known.count("+") / 2,
    }


@pytest.mark.parametrize("engine", ENGINES)
@given(data=rows)
def test_a_row_scores_as_a_single_deal_does(engine: str, data: list[dict[str, Any]]) -> None:
    frame = pl.DataFrame(data, schema=SCHEMA).with_columns(
        pl.Series("id", range(len(data))), stage=pl.lit("only")
    )
    report = sf.check_pipeline(
        ENGINES[engine](frame), PLAYBOOK, key="id", as_of=date(2026, 1, 31), checks=RULES
    )
    for text, rule in RULES.items():
        verdicts = [rule.verdict(facts_of(row)) for row in data]
        assert report.counts[text] == Counts(
            yes=verdicts.count(sf.Verdict.YES),
            no=verdicts.count(sf.Verdict.NO),
            unknown=verdicts.count(sf.Verdict.UNKNOWN),
        ), text


def test_a_backtest_counts_the_points_that_a_single_deal_has() -> None:
    seen = [
        {"q.fit": 3.0, "q.real": "+", "q.urgent": "-", "references": 2.5},
        {"q.fit": 1.0, "q.real": "-", "q.urgent": "-"},
    ]
    frame = pl.DataFrame(seen).with_columns(pl.Series("end", ["won", "lost"]))

    result = sf.pipeline.backtest(
        frame, PLAYBOOK, card="card", outcome="end", won="won", lost="lost", points="low"
    )

    points = sorted(interval(CARD, row)[0] for row in seen)
    assert [each.points_from for each in result.calibration] == pytest.approx(points)
    assert result.by_band["high"].deals == 1
