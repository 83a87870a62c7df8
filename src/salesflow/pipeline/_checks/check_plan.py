"""From checks to one query of counts, and from its row to counts; findings when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import narwhals.stable.v2 as nw

from salesflow._result import Result
from salesflow.errors import FrameError, Problem
from salesflow.facts import FactKind
from salesflow.pipeline._checks.catalogue import Check, Member
from salesflow.pipeline._checks.findings import FINE, UNKNOWN, Told, findings
from salesflow.pipeline._checks.seen import SeenValues, members_of
from salesflow.pipeline._checks.shared_rows import SharedRows
from salesflow.pipeline._checks.wanting import left_to_columns
from salesflow.pipeline._frames.deals import Deals
from salesflow.pipeline._frames.engines import number_of, rows_of, whole
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
        unchecked: What decides has no column, and nothing else is missing: no findings.
    """

    yes: int
    no: int
    unknown: int
    unchecked: int = 0

    @property
    def rows(self) -> int:
        """The rows that the check applies to."""
        return self.yes + self.no + self.unknown + self.unchecked

    @property
    def findings(self) -> int:
        """The rows of which it is NO or UNKNOWN."""
        return self.no + self.unknown

    def __repr_args__(self) -> Iterator[tuple[str | None, object]]:
        for name, number in super().__repr_args__():
            if number or name != "unchecked":
                yield name, number


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What the query found; of `rows`, those that lie after the day of the checks are none."""

    rows: int
    later: int
    counts: Mapping[str, Counts]
    not_checked: Mapping[str, tuple[str, ...]]
    partly_checked: Mapping[str, tuple[str, ...]]


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
        self._partly: dict[str, tuple[str, ...]] = {}
        self._asked: dict[str, Rail] = {}
        self._seen = 0
        self._shared = SharedRows(deals.columns, facts)
        self.values = SeenValues(deals, facts)
        # First, while there are few columns: some engines are asked for it apart.
        self._compares_with_longest = any(LONGEST in check.rule.facts for check in checks)
        if self._compares_with_longest:
            with deals.asking():
                facts.has(LONGEST)
        for check in checks:
            lacking = tuple(dict.fromkeys(it for name in check.reads for it in facts.lacking(name)))
            core = self._with_waiver(check, check.rule.core(deals.options.day))
            hopeless = not all(map(facts.has, check.needs))
            verdicts = possible(core, facts.has) if lacking else frozenset[Verdict]()
            if hopeless or verdicts == {Verdict.UNKNOWN}:
                self._not_checked[check.key] = lacking
            else:
                self._compile(check, core, lacking if Verdict.UNKNOWN in verdicts else ())
        deals.key.expr()
        self._strange = facts.strange()
        self.place = facts.where.text()[0]

    @cached_property
    def _work(self) -> Frame:
        with self.deals.asking():
            return self._applied()

    def _applied(self) -> Frame:
        return self._shared.apply(self._facts.columns.apply(self.deals.columns.frame))

    def _compile(self, check: Check, core: Core, lacking: tuple[str, ...]) -> None:
        try:
            asked = [it for it in check.scopes if not it.flag or self._facts.has(it.flag)]
            rows = self._facts.where.rows(*asked)[0]
            if check.been and self._facts.has(check.been):
                core = Or((Not(Flag(check.been)), core))
                rows = both(rows, flip(self._facts.columns.rails(Flag(check.been)).no))
            if check.when is not None:
                applies = self._facts.columns.rails(check.when.core(self.deals.options.day))
                rows = both(rows, flip(applies.no))
            self._rails[check.key] = (
                self._shared.rails(check.members, rows)
                if check.members
                else self._facts.columns.rails(core)
            )
            if lacking:
                self._partly[check.key], self._asked[check.key] = lacking, rows
                wanting = left_to_columns(core, self._facts, self.deals.options.day)
                rows = both(rows, flip(wanting))
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
                for fact in self._facts.lacking(name):
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
        counted |= {f"strange {name}": rows for name, rows in self._strange.items()}
        for key, rails in self._rails.items():
            rows = self._rows[key]
            counted[f"asked {key}"] = self._asked.get(key, rows)
            counted[f"rows {key}"] = rows
            counted[f"no {key}"] = both(rows, rails.no)
            if not rails.whole:
                counted[f"yes {key}"] = both(rows, rails.yes)
        asked = {"rows": nw.len()}
        if not deals.key.may_repeat:
            asked["keys"] = deals.key.expr().n_unique()
        # Not asked anew: what nobody asked before has no column in the frame as it is by now.
        if self._compares_with_longest and self._facts.has(LONGEST):
            counted["longest"] = self._facts.columns.ready(LONGEST)[0].known()
        with deals.asking():
            found = self._answers(asked, counted)
            found.setdefault("keys", found["rows"])
            deals.note_content(self._work, found, unplaced)
            deals.columns.read_labels(
                self._work,
                {name: (rows, found[f"strange {name}"]) for name, rows in self._strange.items()},
            )
        self._seen = found["rows"]
        counts = {}
        for key in self._rails:
            asked_of, of, no = (found[f"{what} {key}"] for what in ("asked", "rows", "no"))
            yes = found.get(f"yes {key}", of - no)
            counts[key] = Counts(yes=yes, no=no, unknown=of - yes - no, unchecked=asked_of - of)
        not_checked = dict(self._not_checked)
        if found.get("longest") == 0:
            # No deal was won yet, so that there is nothing to compare with.
            for check in self._checks:
                if LONGEST in check.rule.facts and counts.pop(check.key, None) is not None:
                    not_checked[check.key] = (LONGEST,)
        later = found["later"]
        partly = {key: it for key, it in self._partly.items() if key in counts}
        return CheckResult(found["rows"] - later, later, counts, not_checked, partly)

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
        parts = rows_of(by_parts(self._work, lambda part: part.select(*sums)))
        found = {name: sum(whole(part[name]) for part in parts) for name in exprs if name != "keys"}
        if "keys" in exprs:
            found |= rows_of(columns.frame.select(exprs["keys"].alias("keys")))[0]
        return found

    @property
    def not_checked(self) -> Mapping[str, tuple[str, ...]]:
        """By check that cannot be made, the facts that have no column."""
        return self._not_checked

    @property
    def current(self) -> Rail:
        """The rows that do not lie after the day of the checks."""
        return flip(self._facts.where.later[0])

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
            return _where(self._applied(), rows).select(*columns)

    def findings(self, counts: Mapping[str, Counts]) -> Frame:
        """One row per deal and check that is not YES."""
        return self._found([Told(check) for check in self._bad(counts)], self._work, {})

    def findings_seen(self, counts: Mapping[str, Counts], expected: Mapping[str, str]) -> Frame:
        """A row for each of them and each fact that its check reads, with what was seen.

        `expected` is, by check, what ought to be.
        """
        told = []
        numbers: dict[Member | None, int] = {}
        for check in self._bad(counts):
            for member in (*members_of(check, self.deals.playbook),) or (None,):
                number = numbers.setdefault(member, len(numbers))
                words = {
                    "fact": None if member is None else member.name,
                    "expected": expected[check.key],
                }
                told.append(Told(check, words, {"value": f"v{number}", "age": f"a{number}"}))
        seen = {f"v{number}": self.values.text(member) for member, number in numbers.items()}
        seen |= {f"a{number}": self.values.age(member) for member, number in numbers.items()}
        return self._found(told, self._applied(), seen)

    def _found(self, told: Sequence[Told], work: Frame, seen: Mapping[str, nw.Expr]) -> Frame:
        key, eager = self.deals.key, self.deals.columns.eager
        columns = {"key": key.expr(), "place": self.place, **seen}
        columns |= {str(number): self.code(it.check) for number, it in enumerate(told)}
        if isinstance(work, nw.DataFrame):  # worked out once, and without what nobody asks for
            work = work.select(**columns)
            columns = {name: nw.col(name) for name in columns}

        def base(numbers: Sequence[int]) -> Frame:
            names = {"key", "place", *map(str, numbers)}.union(
                *(told[number].taken.values() for number in numbers)
            )
            rows: Rail = True
            some = {name: expr for name, expr in columns.items() if name in names}
            if len(numbers) == 1:  # values are looked at only where something is found
                check, name = told[numbers[0]].check, str(numbers[0])
                if isinstance(work, nw.DataFrame):
                    rows = columns[name] > nw.lit(FINE)
                else:
                    rows, some[name] = self._wrong(check), self._verdict(check)
            return _where(work, rows).select(**some)

        return findings(base, told, key.name, rows=self._seen if eager else None)

    def _bad(self, counts: Mapping[str, Counts]) -> list[Check]:
        made = [check for check in self._checks if check.key in counts]
        # Where nothing is wrong, a check that finds nothing gives the frame its columns.
        bad = [check for check in made if counts[check.key].yes < counts[check.key].rows]
        return bad or made[:1]

    def _wrong(self, check: Check) -> Rail:
        return both(self._rows[check.key], flip(self._rails[check.key].yes))

    def code(self, check: Check) -> nw.Expr:
        """What a check says of each row: 0 where there is nothing to find."""
        # Calculated: Dask chooses only by columns that it knows to be of the same frame.
        return (number_of(self._wrong(check)) * self._verdict(check)).cast(nw.Int16())

    def _verdict(self, check: Check) -> nw.Expr:
        """What a check says of the rows in which it finds something."""
        rails = self._rails[check.key]
        return nw.lit(UNKNOWN) - number_of(True if rails.whole else rails.no)


def _where(frame: Frame, rows: Rail) -> Frame:
    """Only these rows; no engine filters by what is no column."""
    if isinstance(rows, bool):
        return frame if rows else frame.head(0)
    return frame.filter(rows)
