"""A process and deals for tests of forecasts, and a slow, obvious way to work the lines out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Final

import polars as pl

from salesflow import Playbook
from salesflow.pipeline import Forecast, ForecastGroup, ForecastSums, Period

BOOK: Final = Playbook.from_toml("""
id = "f"
version = "1"
title = "F"
currency = "USD"

[[stages]]
key = "hunt"
title = "Hunt"
probability = 0.05
forecast = "omitted"

[[stages]]
key = "qualify"
title = "Qualify"
probability = 0.25
forecast = "pipeline"
cycle = 2
  [[stages.exit]]
  key = "budget"
  title = "There is a budget"
  rule = "probability >= 0.0 and known(owner)"
  [[stages.exit]]
  key = "met"
  title = "They were met"
  by = "rep"

[[stages]]
key = "offer"
title = "Offer"
forecast = "best_case"
cycle = 5

[[stages]]
key = "sign"
title = "Sign"
probability = 0.75
forecast = "commit"
cycle = 9.5
wins = true

[[stages]]
key = "deliver"
title = "Deliver"

[[roles]]
key = "rep"
title = "Rep"
""")

CATEGORY: Final = {"hunt": "omitted", "qualify": "pipeline", "offer": "best_case", "sign": "commit"}
CHANCE: Final = {"hunt": 0.05, "qualify": 0.25, "sign": 0.75}
WON: Final = frozenset({"won", "deliver"})
LOST: Final = frozenset({"lost", "disqualified"})
SCHEMA: Final[Mapping[str, Any]] = {
    "id": pl.String,
    "stage": pl.String,
    "amount": pl.Float64,
    "probability": pl.Float64,
    "owner": pl.String,
    "closed_on": pl.Date,
    "expected_close_on": pl.Date,
    "forecast.owner_call": pl.String,
    "forecast.manager_call": pl.String,
}


def frame_of(rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(
        [{name: row.get(name) for name in SCHEMA} for row in rows], schema=dict(SCHEMA)
    )


@dataclass
class Line:
    """Deals, those with an amount, and what they are worth."""

    deals: int = 0
    rows: int = 0
    amount: Fraction = Fraction(0)
    weighted: Fraction = Fraction(0)
    likely: int = 0


def lies_after(row: Mapping[str, Any], day: date) -> bool:
    ended = row["stage"] in WON | LOST
    return ended and row["closed_on"] is not None and row["closed_on"] > day


def category_of(row: Mapping[str, Any], call: str) -> str:
    if row["stage"] in WON:
        return "closed"
    said: list[str | None] = [CATEGORY[row["stage"]]]
    if call in {"owner", "manager"}:
        said.append(row["forecast.owner_call"])
    if call == "manager":
        said.append(row["forecast.manager_call"])
    return str(next(it for it in reversed(said) if it is not None))


def slot_of(row: Mapping[str, Any], day: date, periods: Iterable[Period]) -> str:
    if row["stage"] in WON:
        when = row["closed_on"]
    else:
        when = row["expected_close_on"]
        when = None if when is None else max(when, day)
    if when is None:
        return "undated"
    for period in periods:
        if period.first <= when <= period.last:
            return period.name
    firsts = [period.first for period in periods]
    lasts = [period.last for period in periods]
    return "before" if when < min(firsts) else "beyond" if when > max(lasts) else "between"


def lines_of(
    rows: Iterable[Mapping[str, Any]], day: date, periods: Iterable[Period], call: str
) -> dict[tuple[str, str], Line]:
    """By slot and category, what these rows are."""
    found: dict[tuple[str, str], Line] = {}
    for row in rows:
        if row["stage"] in LOST or lies_after(row, day):
            continue
        line = found.setdefault((slot_of(row, day, periods), category_of(row, call)), Line())
        line.deals += 1
        if row["amount"] is None:
            continue
        line.rows += 1
        line.amount += Fraction(row["amount"])
        chance = row["probability"]
        chance = CHANCE.get(row["stage"]) if chance is None else chance
        if row["stage"] not in WON and chance is not None:
            line.likely += 1
            line.weighted += Fraction(row["amount"]) * Fraction(chance)
    return found


def slots_of(
    found: Forecast[Any] | ForecastGroup,
) -> Iterator[tuple[str, ForecastSums]]:
    """The lines of a forecast by slot."""
    for it in found.periods:
        yield it.period.name, it
    for name in ("before", "between", "beyond", "undated"):
        yield name, getattr(found, name)
