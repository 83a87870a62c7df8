"""From checks to one query of counts, and from its row to counts; findings when somebody asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw

from salesflow._result import Result
from salesflow.errors import FrameError, Problem
from salesflow.facts import FactKind
from salesflow.pipeline._checks.catalogue import Check
from salesflow.pipeline._checks.findings import UNKNOWN, findings
from salesflow.pipeline._frames.deals import Deals
from salesflow.pipeline._frames.engines import expr_of, number_of, rows_of, whole
from salesflow.pipeline._frames.fact_columns import FactColumns
from salesflow.qualify._hygiene_facts import LONGEST
from salesflow.rules import Verdict, possible
from salesflow.rules.ast import And, Flag, Known, Name, Not, Or
from salesflow.rules.columns import Frame, Rail, Rails, both, by_parts, flip
from salesflow.rules.core import Core


class Counts(Result):
    """How the rows that a check applies to are divided.

    Attributes:
        yes: It holds.
        no: It does not.
        unknown: What is missing decides.
    """

    yes: int
    no: int
    unknown: int

    @property
    def rows(self) -> int:
        """The rows that the check applies to."""
        return self.yes + self.no + self.unknown


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What the query found; of `rows`, those that lie after the day of the checks are none."""

    rows: int
    later: int
    counts: Mapping[str, Counts]
    not_checked: Mapping[str, tuple[str, ...]]


class CheckPlan:
    """The checks that can be made, compiled over the frame.

    `place` is the key of each row's stage or sub-stage, or how the deal ended.
    """

    def __init__(self, deals: Deals, facts: FactColumns, checks: Sequence[Check]) -> None:
        self.deals = deals
        self._facts = facts
        self._checks = checks
        self._rows: dict[str, Rail] = {}
        self._rails: dict[str, Rails] = {}
        self._not_checked: dict[str, tuple[str, ...]] = {}
        self._seen = 0
        # First, while there are few columns: some engines are asked for it apart.
        self._compares_with_longest = any(LONGEST in check.rule.facts for check in checks)
        if self._compares_with_longest:
            with deals.asking():
                facts.has(LONGEST)
        for check in checks:
            lacking = [name for name in check.reads if not facts.has(name)]
            core = self._with_waiver(check, check.rule.core(deals.options.day))
            hopeless = any(name in lacking for name in check.needs)
            if hopeless or (lacking and possible(core, facts.has) == {Verdict.UNKNOWN}):
                names = (fact for name in lacking for fact in facts.lacking(name))
                self._not_checked[check.key] = tuple(dict.fromkeys(names))
            else:
                self._compile(check, core)
        deals.key.expr()
        self.place = facts.where.text()[0]
        with deals.asking():
            self._work = facts.columns.apply(deals.columns.frame)

    def _compile(self, check: Check, core: Core) -> None:
        try:
            asked = [it for it in check.scopes if not it.flag or self._facts.has(it.flag)]
            rows = self._facts.where.rows(*asked)[0]
            if check.been and self._facts.has(check.been):
                core = Or((Not(Flag(check.been)), core))
                rows = both(rows, flip(self._facts.columns.rails(Flag(check.been)).no))
            self._rails[check.key] = self._facts.columns.rails(core)
            if check.when is not None:
                applies = self._facts.columns.rails(check.when.core(self.deals.options.day))
                rows = both(rows, flip(applies.no))
            self._rows[check.key] = rows
        except FrameError as error:  # what the engine cannot tell, with its name
            known = self.deals.columns.problems
            known += [problem for problem in error.problems if problem not in known]

    def _with_waiver(self, check: Check, core: Core) -> Core:
        """A check that is waived is YES; a waiver that is not known does not count."""
        waived: list[Core] = [
            And((Known(Name(name, FactKind.FLAG)), Flag(name)))
            for name in check.waivers
            if self._facts.has(name)
        ]
        return Or((core, *waived)) if waived else core

    def problems_of_missing(self) -> list[Problem]:
        """One problem for every fact that a check reads and that has no column."""
        found: dict[str, Problem] = {}
        for check in self._checks:
            message = f"no column holds this fact, which {check.key} reads"
            for name in check.reads:
                for fact in () if self._facts.has(name) else self._facts.lacking(name):
                    hint = f'name it: columns={{"{fact}": "…"}}'
                    found.setdefault(fact, Problem(fact, message, hint, "no_column"))
        return list(found.values())

    def run(self) -> CheckResult:
        """Ask for the counts. What is wrong with keys and labels is noted with the columns.

        Raises:
            FrameError: The engine cannot answer it; where that is known before, it is not asked.
        """
        deals, columns = self.deals, self.deals.columns
        if any(problem.code == "engine" for problem in columns.problems):
            raise columns.refusal(deals.message)
        unplaced = deals.stage.unplaced(self._facts.where.code[0])
        counted: dict[str, Rail] = {"keyless": deals.key.is_missing(), "unplaced": unplaced}
        counted["later"] = self._facts.where.later[0]
        for key, rails in self._rails.items():
            rows = self._rows[key]
            counted[f"rows {key}"] = rows
            counted[f"yes {key}"] = both(rows, rails.yes)
            counted[f"no {key}"] = both(rows, rails.no)
        asked = {"rows": nw.len(), "keys": deals.key.expr().n_unique()}
        # Not asked anew: what nobody asked before has no column in the frame as it is by now.
        if self._compares_with_longest and self._facts.has(LONGEST):
            counted["longest"] = self._facts.columns.ready(LONGEST)[0].known()
        with deals.asking():
            found = self._answers(asked, counted)
            deals.note_content(self._work, found, unplaced)
        self._seen = found["rows"]
        counts = {}
        for key in self._rails:
            of, yes, no = (found[f"{what} {key}"] for what in ("rows", "yes", "no"))
            counts[key] = Counts(yes=yes, no=no, unknown=of - yes - no)
        not_checked = dict(self._not_checked)
        if found.get("longest") == 0:
            # No deal was won yet, so that there is nothing to compare with.
            for check in self._checks:
                if LONGEST in check.rule.facts and counts.pop(check.key, None) is not None:
                    not_checked[check.key] = (LONGEST,)
        later = found["later"]
        return CheckResult(found["rows"] - later, later, counts, not_checked)

    def _answers(self, asked: Mapping[str, nw.Expr], counted: Mapping[str, Rail]) -> dict[str, int]:
        """The values of aggregates; rails are counted, each distinct one once."""
        names: dict[int, str] = {}
        exprs = dict(asked)
        for rail in counted.values():
            if not isinstance(rail, bool) and id(rail) not in names:
                names[id(rail)] = f"a{len(names)}"
                sums_booleans = self.deals.columns.engine.timestamps  # SQL does not
                exprs[names[id(rail)]] = (rail if sums_booleans else number_of(rail)).sum()
        row = self._asked_once(exprs)
        found = {name: whole(row[name]) for name in asked}
        for name, rail in counted.items():
            if isinstance(rail, bool):
                found[name] = found["rows"] if rail else 0
            else:
                found[name] = whole(row[names[id(rail)]])
        return found

    def _asked_once(self, exprs: Mapping[str, nw.Expr]) -> dict[str, Any]:
        """One row of aggregates; on some engines, that of distinct keys is asked apart."""
        columns = self.deals.columns
        if not columns.asks_apart:
            return rows_of(self._work.select(**exprs))[0]
        sums = [expr.alias(name) for name, expr in exprs.items() if name != "keys"]
        parts = by_parts(self._work, lambda part: part.select(*sums)).lazy().collect()
        keys = rows_of(columns.frame.select(exprs["keys"].alias("keys")))[0]
        return {**rows_of(parts.select(nw.all().sum()))[0], **keys}

    def asked(self, key: str) -> tuple[Rail, Rails]:
        """The rows that a check applies to, and what it says of them."""
        return self._rows[key], self._rails[key]

    def work(self, *columns: nw.Expr, rows: Rail = True) -> Frame:
        """What is worked out of the frame as it is now, with columns that were asked for since.

        Only of these `rows`.

        Raises:
            FrameError: The engine refuses it.
        """
        with self.deals.asking():
            work = self._facts.columns.apply(self.deals.columns.frame)
            return (work if rows is True else work.filter(expr_of(rows))).select(*columns)

    def findings(self, counts: Mapping[str, Counts]) -> Frame:
        """One row per deal and check that is not YES."""
        key, eager = self.deals.key, self.deals.columns.eager
        made = [check for check in self._checks if check.key in counts]
        # Where nothing is wrong, a check that finds nothing gives the frame its columns.
        bad = [check for check in made if counts[check.key].yes < counts[check.key].rows]
        bad = bad or made[:1]
        columns = [key.expr().alias("key"), self.place.alias("place")]
        columns += [self._code(check).alias(str(number)) for number, check in enumerate(bad)]
        base = self._work.select(*columns)
        return findings(base, bad, key.name, rows=self._seen if eager else None)

    def _code(self, check: Check) -> nw.Expr:
        rails, rows = self._rails[check.key], self._rows[check.key]
        wrong = number_of(both(rows, flip(rails.yes)))
        # Calculated: Dask chooses only by columns that it knows to be of the same frame.
        return (wrong * (nw.lit(UNKNOWN) - number_of(rails.no))).cast(nw.Int16())
