"""Made-up pipelines for the benchmarks: the same deals in every kind of frame."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from salesflow import Playbook
from salesflow.facts import FactKind

AS_OF: Final = date(2026, 1, 31)
PART: Final = 1_000_000


def sample(playbook: Playbook, rows: int, *, first: int = 0) -> pl.DataFrame:
    """Deals at every place of the process, with a column for every fact that a check reads.

    Args:
        playbook: The process.
        rows: How many deals.
        first: The number of the first one; other numbers are other deals.
    """
    random = np.random.default_rng(20260131 + first)
    places = [position.key for position in playbook.positions] + ["won", "lost"]
    day = AS_OF.toordinal() - date(1970, 1, 1).toordinal()

    def flags(yes: float) -> pl.Series:
        return pl.Series(random.choice([1, 0, 2], rows, p=[yes, 0.1, 0.9 - yes])).replace_strict(
            [1, 0, 2], [True, False, None], return_dtype=pl.Boolean
        )

    def words(choices: list[str | None]) -> pl.Series:
        numbers = pl.Series(random.integers(0, len(choices), rows))
        return numbers.replace_strict(range(len(choices)), choices, return_dtype=pl.String)

    def days(start: int, end: int) -> pl.Series:
        numbers = pl.Series(random.integers(day + start, day + end, rows)).cast(pl.Int32)
        return numbers.cast(pl.Date)

    def some_days(start: int, end: int) -> pl.Series:
        there = pl.Series(random.random(rows) < 0.3)
        return pl.select(pl.when(there).then(days(start, end)).otherwise(None)).to_series()

    def numbers(last: int) -> pl.Series:
        found = pl.Series(random.integers(0, last, rows))
        return pl.select(pl.when(found == 0).then(None).otherwise(found)).to_series()

    columns: dict[str, pl.Series] = {
        "id": pl.Series([f"D-{number:08}" for number in range(first, first + rows)]),
        "stage": words(list(places)),
        "amount": pl.Series(random.lognormal(11, 1.5, rows)).round(2),
        "account.tier": words(["regular", "regular", "named", "strategic", None]),
        "owner": words(["li.wei", "anna", "j.smith", "zhang.san of the north", " ", None]),
        "next_step": words(["call the technical lead again", "send the offer", "", None]),
        "probability": pl.Series(random.choice([0.0, 0.25, 0.5, 1.0], rows)),
        "created_on": days(-600, -200),
        "entered_stage_on": days(-220, 0),
        "expected_close_on": days(-60, 300),
        "closed_on": days(-190, 0),
        "last_activity_on": days(-80, 0),
        "next_step_on": days(-20, 40),
        "close_date_pushes": numbers(6),
        "contacts.total": numbers(6),
        "contacts.business_lead": numbers(3),
        "contacts.technical_buyer": numbers(3),
        "contacts.inside_supporter": numbers(3),
        "ended": flags(0.1),
    }
    used = {name for item in playbook.criteria.values() for name in item.check_rule.facts}
    for name in sorted(used & playbook.record_facts):
        kind = playbook.facts[name].kind
        if kind is FactKind.FLAG:
            columns[name] = flags(0.8)
        elif kind is FactKind.DAY:
            columns[name] = some_days(-200, 300)
        elif kind is FactKind.NUMBER:
            columns[name] = numbers(4) - 1  # also none at all
        elif kind is FactKind.CHOICE:
            columns[name] = words([*playbook.facts[name].choices, None])
    for name, fact in playbook.facts.items():
        if name.startswith("done."):
            columns[name] = flags(0.8)
        elif fact.kind is FactKind.FLAG and name.startswith("tas."):
            columns[name] = words(["+", "+", "-", "?", None])
    return pl.DataFrame(columns)


def write(playbook: Playbook, rows: int, folder: Path) -> str:
    """Deals in Parquet files of at most a million rows; returns the pattern that names them."""
    for first in range(0, rows, PART):
        part = sample(playbook, min(PART, rows - first), first=first)
        part.write_parquet(folder / f"deals-{first:09}.parquet")
    return str(folder / "deals-*.parquet")
