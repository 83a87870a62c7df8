"""One of two snapshots, as a few whole numbers per deal that can be put beside the other's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Literal, TypeAlias

import narwhals.stable.v2 as nw

from salesflow._arguments import Arguments
from salesflow.errors import FrameError, Problem, SalesflowError
from salesflow.money._currencies import units_in
from salesflow.pipeline._frames.amounts import currency_said, nearest
from salesflow.pipeline._frames.deals import Deals
from salesflow.pipeline._frames.engines import expr_of, kind_of_frame, number_of, rows_of, whole
from salesflow.pipeline._frames.fact_columns import FactColumns, unmapped
from salesflow.pipeline._frames.options import FrameOptions
from salesflow.pipeline._frames.position import AS_GIVEN, is_value
from salesflow.pipeline._frames.stages import ENDS, Places
from salesflow.pipeline._movement.changes import COLUMNS, ComparedSnapshot
from salesflow.playbook import Playbook
from salesflow.qualify._hygiene_facts import GIVEN
from salesflow.rules.ast import Flag
from salesflow.rules.columns import Frame, Numbers, Rail, both, flip, is_text

MESSAGE: Final = "These snapshots cannot be compared."
When: TypeAlias = Literal["before", "after"]

FACTS: Final = ("place", "end", "valued", "day")
"""What each side says of a deal beside the minor units of its amount, all of it whole numbers of
which 0 means that it says nothing: `place`, the code of where it stands and `FIRST`; `end`, `OPEN`
or one of `END`; `valued`, 1 where it has an amount; `day`, when it is expected to close, as a
number. They are added up as one number: engines group few columns faster."""

OPEN: Final = 1
END: Final[Mapping[str, int]] = {
    name: number for number, name in enumerate((*ENDS, "ended"), start=OPEN + 1)
}
"""How a deal ended; `ended` is without an outcome."""

SUMS: Final = ("facts", "units")
"""The columns of a side."""

FIRST: Final = 2
"""The place with the code 0; 1 is that of a deal of which nobody knows where it stands."""

_MOST: Final = 2.0**52  # minor units, which floats tell apart up to here


class Side:
    """A snapshot, opened.

    Attributes:
        deals: Its columns.
        rows: How many deals it has.
        later: How many rows lie after the day, and are left out.
        unreadable: How many deals have an amount that cannot be used.
        currency: In what the amounts are; None where nobody says it.
    """

    rows: int
    later: int
    unreadable: int

    def __init__(
        self, given: Arguments, playbook: Playbook, options: FrameOptions, when: When
    ) -> None:
        self._when = when
        self._asked = len(given.problems)
        self.deals = Deals(given, playbook, options, message=MESSAGE, reserved=COLUMNS)
        self._given = self.deals.columns
        self.currency = currency_said(self._given, options, playbook.currency)

    @property
    def snapshot(self) -> ComparedSnapshot:
        """What is told of it beside the other one."""
        return ComparedSnapshot(
            rows=self.rows,
            later=self.later,
            unreadable=self.unreadable,
            labels=self._given.labels.told,
        )

    @property
    def kind(self) -> tuple[object, bool]:
        """The engine of the frame, and whether it is eager."""
        return self._given.whole.implementation, self._given.eager

    @property
    def called(self) -> str:
        """The same in words."""
        return kind_of_frame(self._given.whole, eager=self._given.eager)

    @property
    def key_type(self) -> nw.dtypes.DType:
        """The type of the keys, once they can be compared."""
        dtype = self._given.schema[self.deals.key.name]
        return nw.String() if is_text(dtype) else nw.Int64() if dtype.is_integer() else dtype

    def has(self, fact: str) -> bool:
        """Whether a column holds a fact."""
        return self._given.column_of(fact) is not None

    def problems(self) -> list[Problem]:
        """What is wrong with this frame, with its name; arguments are wrong for both."""
        mine = self._given.problems[self._asked :]
        return [
            replace(it, path=f"{self._when}: {it.path}" if it.path else self._when) for it in mine
        ]

    def look(self) -> None:
        """Find the columns, and ask once for what is wrong with their content.

        Raises:
            FrameError: The engine refuses it.
        """
        if not (self.deals.key.usable and self.deals.stage.usable):
            try:
                self.deals.refuse_without_columns()
            except SalesflowError:
                if not self._given.problems:
                    raise
                return  # they are told with those of the other frame
        self._look()
        if self._given.settled() and not self.problems():
            self._look()

    def _look(self) -> None:
        self._facts = FactColumns.of(self.deals)
        self._columns: dict[str, nw.Expr] = {}
        self._unreadable: Rail = False
        try:
            self._find()
        except FrameError as error:  # what the engine cannot tell, with its name
            self._given.problems += error.problems
        if not self.problems():
            with self.deals.asking():
                self._work = self._worked_out()
                self._ask()

    def _find(self) -> None:
        self.deals.key.expr()
        facts = self._facts
        facts.has("outcome")
        place = facts.where.code[0].cast(nw.Int64())
        going, _ = facts.where.group("open", later=True)
        end = nw.when(expr_of(going)).then(nw.lit(OPEN)).otherwise(nw.lit(END["ended"]))
        places = Places(self.deals.playbook)
        for outcome in ENDS:
            ended = expr_of(is_value(facts.columns, "outcome", outcome).yes)
            end = nw.when(ended).then(nw.lit(END[outcome])).otherwise(end)
            if facts.columns.source(AS_GIVEN["outcome"]) is not None:
                said = expr_of(is_value(facts.columns, AS_GIVEN["outcome"], outcome).yes)
                code = nw.lit(places.by_key[outcome].code)
                place = nw.when(said).then(code).otherwise(place)
        self._columns = {"place": place + nw.lit(FIRST), "end": end, **self._worth()}
        day = facts.ordinal("expected_close_on")
        if day is not None:
            known = expr_of(facts.columns.known("expected_close_on")[0])
            self._columns["day"] = nw.when(known).then(day[0]).otherwise(nw.lit(0.0))

    def _worth(self) -> Mapping[str, nw.Expr]:
        facts = self._facts
        if not facts.has("amount"):
            return {}
        source, depth = facts.columns.ready("amount")
        if not isinstance(source, Numbers):
            return {}  # a column without a single value
        known, later = facts.columns.known("amount")
        facts.has(f"amount{GIVEN}")
        filled = facts.columns.rails(Flag(f"amount{GIVEN}"))
        into = units_in(self.deals.playbook.currency)
        units = nearest(source.key() * self._given.number(into), self._given)
        # An infinite amount has no cents, and would be all of the sum.
        fits = ((units < nw.lit(_MOST)) & (units > nw.lit(-_MOST))).fill_null(value=False)
        usable, depth = facts.columns.column(
            "usable", expr_of(both(known, fits)), max(depth, later, filled.depth)
        )
        self._unreadable = both(filled.yes, ~usable)
        return {
            "units": nw.when(usable).then(units).otherwise(nw.lit(0.0)),
            "valued": number_of(usable),
        }

    def _worked_out(self) -> Frame:
        work = self._facts.columns.apply(self._given.frame)
        if self._given.eager and isinstance(work, nw.LazyFrame):
            work = work.collect()
        return work

    @property
    def sizes(self) -> Mapping[str, int]:
        """By fact but the last, a power of two above its values: to divide by it is exact."""
        largest = {
            "place": len(Places(self.deals.playbook).by_key) + FIRST,
            "end": max(END.values()),
        }
        largest["valued"] = 1
        return {name: 1 << number.bit_length() for name, number in largest.items()}

    def _ask(self) -> None:
        key, here = self.deals.key, self._facts.where
        unplaced = self.deals.stage.unplaced(here.code[0])
        strange = self._facts.strange()
        # What is no text, such as a number, is an outcome where the caller says so.
        no_outcome = unmapped(self._facts.columns, AS_GIVEN["outcome"])
        rails = {
            "keyless": key.is_missing(),
            "unplaced": unplaced,
            "no outcome": no_outcome,
            "later": here.later[0],
            "unreadable": both(self._unreadable, flip(here.later[0])),
            **{f"strange {name}": rows for name, rows in strange.items()},
        }
        exprs = {"rows": nw.len()} | {
            name: number_of(rail).sum()
            for name, rail in rails.items()
            if not isinstance(rail, bool)
        }
        row = rows_of(self._work.select(*(expr.alias(name) for name, expr in exprs.items())))[0]
        counts = {name: whole(row.get(name)) for name in (*rails, "rows")}
        counts["keys"] = counts["rows"]  # what is put together tells whether they are distinct
        self.deals.note_content(self._work, counts, unplaced)
        there = {name: (rows, counts[f"strange {name}"]) for name, rows in strange.items()}
        self._given.read_labels(self._work, there)
        if counts["no outcome"]:
            said = "is not an outcome"
            self._given.note_values(self._work, no_outcome, "outcome", said, "unknown_outcome")
        self.rows, self.later = counts["rows"] - counts["later"], counts["later"]
        self.unreadable = counts["unreadable"]
        if counts["keyless"] == 0 and (self.problems() or counts["later"]):
            self.look_at_keys()

    def look_at_keys(self) -> None:
        """Note keys that stand on several rows, be they of deals that are left out."""
        with self.deals.asking():
            self._given.problems += self.deals.key.problems(self._work, missing=0)

    def told(self) -> Frame:
        """The column `key`, and those of this side; those of the other one are 0.

        Of each side there is a column for its facts, and one for minor units.
        """
        key, nothing = self.deals.key.expr(), nw.lit(0).cast(nw.Int64())
        facts, size = nothing, 1
        for name in FACTS:
            if name in self._columns:
                facts = facts + self._columns[name].cast(nw.Int64()) * nw.lit(size)
            size *= self.sizes.get(name, 1)
        units = self._columns.get("units", nothing).cast(nw.Int64())
        kind = self.key_type
        # Other types are the same on both sides, and some of them, such as UUID, nobody can name.
        key = key.cast(kind) if kind in {nw.String(), nw.Int64()} else key
        columns = [key.alias("key")]
        for when in ("before", "after"):
            mine = (facts, units) if when == self._when else (nothing, nothing)
            for name, expr in zip(SUMS, mine, strict=True):
                columns.append(expr.alias(f"{when} {name}"))
        later = self._facts.where.later[0]
        # polars groups in half the time where it sees the whole query.
        work: Any = self._work.lazy() if self._work.implementation.is_polars() else self._work
        if later is not False:
            work = work.filter(~expr_of(later))
        found: Frame = work.select(*columns)
        return found
