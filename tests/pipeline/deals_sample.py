"""Deals with all that engines could take differently, and what their columns mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import isnan
from typing import Any, Final

import narwhals.stable.v2 as nw
import pandas as pd
import polars as pl

from salesflow.money import Rates

__all__ = ["AS_OF", "MEANING", "RATES", "deals", "plain", "rows_of"]

AS_OF: Final = date(2026, 1, 31)
RATES: Final = Rates(base="USD", rates={"EUR": "1.1", "CNY": "0.14"})

MEANING: Final[Mapping[str, Any]] = {
    "key": "编号",
    "stage": "deal.stage",
    "columns": {
        "amount": 'value "net"',
        "amount.currency": "cur`rency",
        "last_activity_on": "last seen",
        "bant.budget": "预算.是否",
    },
    "stages": {"Qualifying": "qualify", "Done": "deliver"},
    "values": {
        "bant.budget": {"Yes": "+", "No": "-", "Unknown": "?"},
        "bant.need": {1: True, 0: False},
    },
    "tz": "Asia/Shanghai",
    "rates": RATES,
}
"""What `check_pipeline` and `metrics` are told of the columns."""


def _day(days: int | None) -> date | None:
    return None if days is None else AS_OF + timedelta(days=days)


def _days(*days: int | None) -> Sequence[date | None]:
    return [_day(each) for each in days]


def _seen(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# In turn for one deal after the other; the lengths have few factors in common, so that most pairs
# meet somewhere.
_VALUES: Final[Mapping[str, tuple[Any, Sequence[Any]]]] = {
    "deal.stage": (
        pl.String,
        [
            *("Qualifying", "propose", "draft", "offer", "sign", "Done", "won"),
            *("lost", "disqualified", "qualify", None, " ", ""),
        ],
    ),
    'value "net"': (
        pl.Decimal(14, 2),
        # In EUR the fourth and fifth are on both sides of 50,000 USD, to the cent.
        [
            None,
            *map(Decimal, ("49999.99", "50000.00", "45454.54", "45454.55", "100000.00")),
            *map(Decimal, ("100000.01", "-1.00", "357142.85", "357142.86", "0.00")),
        ],
    ),
    "cur`rency": (pl.String, ["USD", "EUR", "CNY", None, "GBP", "EUR", "USD"]),
    "owner": (pl.String, ["li.wei", "  ", None, "王芳"]),
    "next_step": (pl.String, ["call", "", "\t", None, "mail"]),
    "next_step_on": (pl.Date, _days(0, -1, 3, None)),
    "probability": (pl.Float64, [0.1, None, float("nan"), 0.5, 1.0, 0.0, 0.35]),
    "created_on": (pl.Date, _days(-100, -40, None, 1, -400)),
    "entered_stage_on": (pl.Date, _days(-30, -31, -120, None, 2, -20, -21)),
    "entered_sub_stage_on": (pl.Date, _days(-20, None, -21, 2)),
    "expected_close_on": (pl.Date, _days(30, -1, 0, None)),
    "closed_on": (pl.Date, _days(-5, None, -90, 4)),
    # Around the beginnings of days in Shanghai, which are no beginnings of days in UTC.
    "last seen": (
        pl.Datetime("us", "UTC"),
        [
            _seen("2026-01-30 16:00"),
            _seen("2026-01-31 15:59:59"),
            _seen("2026-01-31 16:00"),
            _seen("2025-12-31 16:00"),
            _seen("2025-12-31 15:59:59"),
            None,
        ],
    ),
    "close_date_pushes": (pl.Int64, [0, 3, None, -1, 9]),
    "contacts.total": (pl.Int64, [0, 1, 2, None]),
    "预算.是否": (pl.String, ["Yes", "No", "Unknown", None, "maybe", ""]),
    "bant.need": (pl.Int64, [1, 0, None, 7]),
    "done.sponsor_met": (pl.String, ["+", "-", "?", None, "x"]),
    "done.draft_reviewed": (pl.Boolean, [True, False, None]),
    "done.offer_accepted": (pl.Boolean, [None, True, False]),
    "done.plan": (pl.Boolean, [True, None, None, False]),
    "waived.sponsor_met": (pl.Boolean, [None, True, None, None, False]),
}


def deals(rows: int = 120) -> pl.DataFrame:
    """Deals, with nulls, NaN, blanks, decimals, dates, moments, and labels nobody knows."""
    columns = {"编号": pl.Series([f'D-"{row}"' for row in range(rows)], dtype=pl.String)}
    for number, (name, (dtype, values)) in enumerate(_VALUES.items()):
        step = 1 + number % 3
        taken = [values[row // step % len(values)] for row in range(rows)]
        columns[name] = pl.Series(taken, dtype=dtype)
    return pl.DataFrame(columns)


def rows_of(frame: Any) -> list[dict[str, Any]]:
    """The rows of a frame of any engine, as values of Python."""
    data = nw.from_native(frame)
    if data.implementation.is_pyspark():
        rows = [row.asDict() for row in data.to_native().collect()]
    else:
        rows = list(data.lazy().collect().iter_rows(named=True))
    return [{name: plain(value) for name, value in row.items()} for row in rows]


def plain(value: Any) -> Any:
    """A value as Python has it: nothing is None, and midnight is a day."""
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if hasattr(value, "to_pydatetime"):
        value = value.to_pydatetime()
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return value.date()
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and isnan(value) else value
