"""The largest open deals, which count one by one in an interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any, cast

import narwhals.stable.v2 as nw

from salesflow.pipeline._frames.engines import number_of
from salesflow.rules.columns import Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Likely:
    """One of the largest open deals: it counts, has an amount and a chance."""

    key: object
    slot: int | str
    group: int
    amount: float
    chance: float
    day: date | None


def largest_of(rows: Frame, some: Sequence[nw.Expr], number: int) -> Frame:
    """So many of the largest of each of some rows, where the column `here` is 1; and others.

    The columns are `key`, `amount`, `chance`, `slot`, `group` and `day`.
    """
    if isinstance(rows, nw.DataFrame) or rows.implementation.is_polars():
        rows = rows.lazy().filter(_among_largest(rows, some, number)).collect()
    parts = [_top(rows, here, number) for here in some]
    return nw.concat(cast("list[nw.LazyFrame[Any]]", parts))


def _among_largest(rows: Frame, some: Sequence[nw.Expr], number: int) -> nw.Expr:
    """Which rows may be among the largest of some: most of them need not be put in order."""
    amounts = rows.lazy().select("amount", "slot", "day").filter(reduce(or_, some)).collect()
    wanted = []
    for here in some:
        there = amounts.filter(here).select("amount")
        if len(there) > number:
            least: float = there.top_k(number, by="amount")["amount"].min()
            here &= nw.col("amount") >= nw.lit(least)  # noqa: PLW2901
        wanted.append(here)
    return reduce(or_, wanted)


def _top(rows: Frame, here: nw.Expr, number: int) -> Frame:
    """The largest of some rows, which are `here`; and others where these are too few."""
    # Databases work out what they filter by in every row before anything else, and anew.
    # Of deals of one size the surer one; then by the key, so that rows in any order say one.
    order = ("here", "amount", "chance", "key")
    rows = rows.with_columns(here=number_of(here))
    return rows.sort(*order, descending=[True, True, True, False], nulls_last=True).head(number)
