"""What each deal counts as: what its stage says, or what somebody called it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import narwhals.stable.v2 as nw

from salesflow.facts import FORECAST_CATEGORIES
from salesflow.pipeline._forecast.values import Caller
from salesflow.pipeline._frames.engines import expr_of
from salesflow.pipeline._frames.fact_columns import FactColumns
from salesflow.pipeline._frames.position import is_value
from salesflow.playbook._parts import CALLS, CATEGORY

SAID: Final[Mapping[Caller, str]] = {
    "stage": CATEGORY,
    "owner": CALLS["owner"],
    "manager": CALLS["manager"],
}
"""By who says what a deal counts as, the fact of it; whoever comes later has the last word."""


def category(facts: FactColumns, call: Caller) -> nw.Expr:
    """What each open deal counts as in a forecast that goes by this call, as a text."""
    found: nw.Expr = nw.lit("omitted")
    for name, fact in SAID.items():
        if not facts.has(fact) or (name != "stage" and call not in {"manager", name}):
            continue
        for said in FORECAST_CATEGORIES:
            here = expr_of(is_value(facts.columns, fact, said).yes)
            found = nw.when(here).then(nw.lit(said)).otherwise(found)
    return found
