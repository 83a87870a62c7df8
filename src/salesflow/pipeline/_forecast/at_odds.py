"""Deals that somebody commits to, and criteria of stages already left that do not hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import narwhals.stable.v2 as nw

from salesflow.pipeline._checks.catalogue import left_checks
from salesflow.pipeline._checks.check_plan import CheckPlan
from salesflow.pipeline._checks.findings import COLUMNS, FINE, Told, findings
from salesflow.pipeline._forecast.calls import SAID, category
from salesflow.pipeline._forecast.values import Caller
from salesflow.pipeline._frames.deals import Deals
from salesflow.pipeline._frames.engines import native
from salesflow.pipeline._frames.fact_columns import FactColumns
from salesflow.pipeline._frames.position import is_value
from salesflow.rules.columns import Frame, Rail, both, either, flip

RESERVED: Final = ("category", *COLUMNS)
"""What no key may be called."""

_SHOWN: Final = ("category", "check", "verdict")


class AtOdds:
    """The criteria of stages already left, of deals that the stage or somebody commits to."""

    def __init__(self, deals: Deals, facts: FactColumns, call: Caller) -> None:
        """Ask for the columns.

        Raises:
            FrameError: What the engine cannot tell.
        """
        self._deals = deals
        required = left_checks(deals.playbook)
        said = [fact for fact in SAID.values() if facts.has(fact)]
        self._plan = CheckPlan(deals, facts, required)
        self._made = [it for it in required if it.key not in self._plan.not_checked]
        commits = (is_value(facts.columns, fact, "commit").yes for fact in said)
        self._committed: Rail = both(facts.where.group("open")[0], either(*commits))
        self._category = category(facts, call)

    @property
    def rows(self) -> Rail:
        """The deals that are at odds."""
        return both(self._committed, either(*(self._wrong(check.key) for check in self._made)))

    @property
    def not_checked(self) -> Mapping[str, tuple[str, ...]]:
        """By criterion that cannot be asked, the facts that have no column."""
        return self._plan.not_checked

    def frame(self) -> object:
        """A row per deal and criterion, in the caller's kind of frame."""
        deals, key = self._deals, self._deals.key
        columns = [key.expr().alias("key"), self._category.alias("place")]
        with deals.asking():
            if not self._made:
                verdict = nw.lit("").alias("verdict")
                nothing = self._plan.work(*columns, verdict, rows=False)
                found = nothing.select(
                    nw.col("key").alias(key.name),
                    nw.col("place").alias("category"),
                    nw.col("verdict").alias("check"),
                    "verdict",
                )
                return native(found, eager=deals.columns.eager)
            told = [Told(check) for check in self._made]
            codes = [self._plan.code(it.check).alias(str(at)) for at, it in enumerate(told)]
            work = self._plan.work(*columns, *codes, rows=self._committed)
            if deals.columns.eager and isinstance(work, nw.LazyFrame):
                work = work.collect()
            rows = len(work) if isinstance(work, nw.DataFrame) else None

            def base(numbers: Sequence[int]) -> Frame:
                names = [str(number) for number in numbers]
                some = work if len(names) > 1 else work.filter(nw.col(names[0]) > nw.lit(FINE))
                return some.select("key", "place", *names)

            found = findings(base, told, key.name, rows=rows)
            shown = found.select(key.name, nw.col("stage").alias("category"), *_SHOWN[1:])
            return native(shown, eager=deals.columns.eager)

    def _wrong(self, check: str) -> Rail:
        rows, rails = self._plan.asked(check)
        return both(rows, flip(rails.yes))
