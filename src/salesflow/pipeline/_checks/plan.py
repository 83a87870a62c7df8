"""From checks to one query of counts, and from its row to counts; findings when somebody asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw

from salesflow.errors import FrameError, Problem
from salesflow.facts import FactKind
from salesflow.pipeline._checks.catalogue import Check
from salesflow.pipeline._checks.findings import UNKNOWN, findings
from salesflow.pipeline._checks.hygiene import LONGEST
from salesflow.pipeline._checks.report import Counts
from salesflow.pipeline._frames.engines import cause
from salesflow.pipeline._frames.facts import FactColumns
from salesflow.pipeline._frames.inputs import REFUSED, Inputs
from salesflow.pipeline._frames.key_and_stage import problems_of_keys, problems_of_labels
from salesflow.pipeline._frames.stages import NOWHERE
from salesflow.playbook import Playbook
from salesflow.rules import Verdict, possible
from salesflow.rules.ast import And, Flag, Known, Name, Or
from salesflow.rules.columns import Frame, Rail, Rails, blank, both, by_parts, flip
from salesflow.rules.core import Core


@dataclass(frozen=True, slots=True)
class Result:
    """What the query found."""

    rows: int
    counts: Mapping[str, Counts]
    not_checked: Mapping[str, tuple[str, ...]]


class Plan:
    """The checks that can be made, compiled over the frame."""

    def __init__(
        self,
        inputs: Inputs,
        facts: FactColumns,
        checks: Sequence[Check],
        playbook: Playbook,
        labels: Mapping[str, int],
        as_of: date,
    ) -> None:
        self._playbook = playbook
        self._labels = labels
        self._inputs = inputs
        self._facts = facts
        self._checks = checks
        self._rows: dict[str, Rail] = {}
        self._rails: dict[str, Rails] = {}
        self._not_checked: dict[str, tuple[str, ...]] = {}
        self._seen = 0
        self._ask_longest()
        for check in checks:
            lacking = [name for name in sorted(check.rule.facts) if not facts.has(name)]
            core = self._with_waiver(check, check.rule.core(as_of))
            hopeless = any(name in lacking for name in check.needs)
            if hopeless or (lacking and possible(core, facts.has) == {Verdict.UNKNOWN}):
                names = (each for name in lacking for each in facts.lacking(name))
                self._not_checked[check.key] = tuple(dict.fromkeys(names))
            else:
                self._compile(check, core)
        inputs.key_column()
        self._place = facts.where.text()[0]
        try:
            self._work = facts.columns.apply(inputs.frame)
        except Exception as error:
            raise self._refused(error) from error

    def _ask_longest(self) -> None:
        """First, while there are few columns: some engines are asked for it apart."""
        if not any(LONGEST in check.rule.facts for check in self._checks):
            return
        try:
            self._facts.has(LONGEST)
        except FrameError:
            raise
        except Exception as error:
            raise self._refused(error) from error

    def _compile(self, check: Check, core: Core) -> None:
        try:
            self._rails[check.key] = self._facts.columns.rails(core)
            self._rows[check.key] = self._facts.where.rows(check.scope)[0]
        except FrameError as error:  # what the engine cannot tell, with its name
            known = self._inputs.problems
            known += [problem for problem in error.problems if problem not in known]

    def _with_waiver(self, check: Check, core: Core) -> Core:
        """A check that is waived is YES; a waiver that is not known is none."""
        waivers = [name for name in check.waivers if self._facts.has(name)]
        if not waivers:
            return core
        waived: list[Core] = [
            And((Known(Name(name, FactKind.FLAG)), Flag(name))) for name in waivers
        ]
        return Or((core, *waived))

    def problems_of_missing(self) -> list[Problem]:
        """One problem for every fact that a check reads and that has no column."""
        readers: dict[str, list[str]] = {}
        for check in self._checks:
            for name in sorted(check.rule.facts):
                if not self._facts.has(name):
                    for fact in self._facts.lacking(name):
                        readers.setdefault(fact, []).append(check.key)
        return [
            Problem(
                fact,
                f"no column holds this fact, which {checks[0]} reads",
                f'name it: columns={{"{fact}": "…"}}',
                "no_column",
            )
            for fact, checks in readers.items()
        ]

    def run(self) -> Result:
        """Ask for the counts. What is wrong with keys and labels is noted with the inputs.

        Raises:
            FrameError: The engine cannot answer it; where that is known before, it is not asked.
        """
        inputs = self._inputs
        if any(problem.code == "engine" for problem in inputs.problems):
            raise FrameError(REFUSED, problems=inputs.problems)
        counted: dict[str, Rail] = {"keyless": inputs.keyless(), "unplaced": self._unplaced()}
        for key, rails in self._rails.items():
            rows = self._rows[key]
            counted[f"rows {key}"] = rows
            counted[f"yes {key}"] = both(rows, rails.yes)
            counted[f"no {key}"] = both(rows, rails.no)
        asked = {"rows": nw.len(), "keys": inputs.key_column().n_unique()}
        if self._facts.has(LONGEST):
            counted["longest"] = self._facts.columns.ready(LONGEST)[0].known()
        found = self._answers(asked, counted)
        self._seen = found["rows"]
        try:
            self._note_content(found)
        except Exception as error:
            raise self._refused(error) from error
        counts = {
            key: Counts(
                yes=found[f"yes {key}"],
                no=found[f"no {key}"],
                unknown=found[f"rows {key}"] - found[f"yes {key}"] - found[f"no {key}"],
            )
            for key in self._rails
        }
        not_checked = dict(self._not_checked)
        if found.get("longest") == 0:
            # No deal was won yet, so that there is nothing to compare with.
            for check in self._checks:
                if LONGEST in check.rule.facts and counts.pop(check.key, None) is not None:
                    not_checked[check.key] = (LONGEST,)
        return Result(found["rows"], counts, not_checked)

    def _answers(self, asked: Mapping[str, nw.Expr], counted: Mapping[str, Rail]) -> dict[str, int]:
        """The values of aggregates; rails are counted, each distinct one once."""
        names: dict[int, str] = {}
        exprs = dict(asked)
        for rail in counted.values():
            if not isinstance(rail, bool) and id(rail) not in names:
                names[id(rail)] = f"a{len(names)}"
                number = rail.cast(nw.Int64()) if self._inputs.sums_need_numbers else rail
                exprs[names[id(rail)]] = number.sum()
        try:
            row = self._asked_once(exprs)
        except Exception as error:
            raise self._refused(error) from error
        found = {name: _whole(row[name]) for name in asked}
        for name, rail in counted.items():
            if isinstance(rail, bool):
                found[name] = found["rows"] if rail else 0
            else:
                found[name] = _whole(row[names[id(rail)]])
        return found

    def _asked_once(self, exprs: Mapping[str, nw.Expr]) -> dict[str, Any]:
        """One row of aggregates; on some engines, that of distinct keys is asked apart."""
        if not self._inputs.asks_apart:
            found = self._work.select(*(expr.alias(name) for name, expr in exprs.items()))
            return found.lazy().collect().rows(named=True)[0]
        sums = [expr.alias(name) for name, expr in exprs.items() if name != "keys"]
        parts = by_parts(self._work, lambda part: part.select(*sums)).lazy().collect()
        keys = self._inputs.frame.select(exprs["keys"].alias("keys")).lazy().collect()
        return {**parts.select(nw.all().sum()).rows(named=True)[0], "keys": keys["keys"][0]}

    def _refused(self, error: Exception) -> FrameError:
        """Whatever an engine raises, in our words; there is no telling what it may be."""
        if self._inputs.problems:  # what is known to be wrong comes first, and may be the reason
            return FrameError(REFUSED, problems=self._inputs.problems)
        return FrameError(
            f"The engine of the frame ({self._inputs.engine}) could not make the checks.",
            hint=cause(error),
        )

    def _note_content(self, found: Mapping[str, int]) -> None:
        inputs = self._inputs
        # A missing key counts as one of the distinct ones.
        if found["keyless"] or found["keys"] < found["rows"]:
            inputs.problems += problems_of_keys(
                self._work,
                inputs.key_column(),
                inputs.keyless(),
                inputs.key,
                missing=found["keyless"],
            )
        if found["unplaced"]:
            inputs.problems += problems_of_labels(
                self._work,
                inputs.label(),
                self._unplaced(),
                inputs.stage,
                self._labels,
                self._playbook,
            )

    def _unplaced(self) -> nw.Expr:
        """Rows with a label that has no place; a blank one is none."""
        code, label = self._facts.where.code[0], self._inputs.label()
        return (code == nw.lit(NOWHERE)) & ~label.is_null() & ~blank(label)

    def asked(self, key: str) -> tuple[Rail, Rails]:
        """The rows that a check applies to, and what it says of them."""
        return self._rows[key], self._rails[key]

    def work(self, *columns: nw.Expr) -> Frame:
        """What is worked out of the frame as it is now, with columns that were asked for since.

        Raises:
            FrameError: The engine refuses it.
        """
        try:
            found = self._facts.columns.apply(self._inputs.frame).select(*columns)
        except Exception as error:
            raise self._refused(error) from error
        return found

    @property
    def place(self) -> nw.Expr:
        """The key of each row's stage or sub-stage, or how the deal ended."""
        return self._place

    def findings(self, counts: Mapping[str, Counts]) -> Frame:
        """One row per deal and check that is not YES."""
        inputs = self._inputs
        made = [check for check in self._checks if check.key in counts]
        # Where nothing is wrong, a check that finds nothing gives the frame its columns.
        bad = [check for check in made if counts[check.key].yes < counts[check.key].rows]
        bad = bad or made[:1]
        columns = [inputs.key_column().alias("key"), self._place.alias("place")]
        columns += [self._code(check).alias(str(number)) for number, check in enumerate(bad)]
        try:
            base = self._work.select(*columns)
            found = findings(base, bad, inputs.key, rows=self._seen if inputs.eager else None)
            if inputs.eager and isinstance(found, nw.LazyFrame):
                found = found.collect()
            return nw.maybe_reset_index(found)
        except Exception as error:
            raise self._refused(error) from error

    def _code(self, check: Check) -> nw.Expr:
        rails, rows = self._rails[check.key], self._rows[check.key]
        wrong = _number(both(rows, flip(rails.yes)))
        # Calculated: Dask chooses only by columns that it knows to be of the same frame.
        return (wrong * (nw.lit(UNKNOWN) - _number(rails.no))).cast(nw.Int16())


def _number(rail: Rail) -> nw.Expr:
    return nw.lit(int(rail)) if isinstance(rail, bool) else rail.cast(nw.Int64())


def _whole(value: Any) -> int:  # noqa: ANN401 - engines answer with numbers of their own
    # The sum over no rows is nothing at all in SQL, the maximum over none nothing anywhere.
    return 0 if value is None or value != value else int(value)  # noqa: PLR0124 - NaN
