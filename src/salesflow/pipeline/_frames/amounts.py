"""Amounts of a frame, brought into the playbook's currency as those of one deal are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeAlias

import narwhals.stable.v2 as nw

from salesflow.facts import CURRENCY, Fact, FactKind, Facts
from salesflow.money import Rates
from salesflow.money._currencies import NEARLY, TELLS_HALVES, units_in
from salesflow.money._rates import ALWAYS
from salesflow.pipeline._frames.engines import floor_of, stepped
from salesflow.pipeline._frames.frame_columns import FrameColumns
from salesflow.pipeline._frames.options import FrameOptions
from salesflow.pipeline._frames.position import AS_GIVEN
from salesflow.pipeline._frames.value_maps import unknown_fact
from salesflow.qualify._hygiene_facts import CONVERTIBLE, GIVEN
from salesflow.rules import columns as cols
from salesflow.rules.ast import Known, Name

if TYPE_CHECKING:
    from salesflow.pipeline._frames.fact_columns import FactColumns

# The currency of rows: one for all of them, a column, or one that nobody knows.
_Said: TypeAlias = tuple["nw.Expr | str | None", int]
_HUNDREDTHS: Final = 100
_NO_NUMBER: Final = nw.lit(None, dtype=nw.Float64())
_NO_TEXT: Final = nw.lit(None, dtype=nw.String())


def as_given(name: str) -> str:
    """The amount as the column has it; no name of a fact has spaces."""
    return AS_GIVEN.get(name, f"{name} as given")


def converted_amounts(
    given: FrameColumns, facts: Facts, options: FrameOptions, into: str
) -> list[str]:
    """The amounts that have a column, and that may be in another currency than the playbook's."""
    return [
        name
        for name, fact in facts.items()
        if fact.kind is FactKind.MONEY
        and given.column_of(name) is not None
        and _may_differ(fact, given, options, into)
    ]


def currency_said(given: FrameColumns, options: FrameOptions, into: str) -> str | None:
    """In what the amounts of deals are once they are read; None where nobody says it.

    Then they are plain numbers, which limits of the playbook take for amounts in its currency.
    """
    said = options.currency is not None or given.column_of(f"amount{CURRENCY}") is not None
    return into if said else None


def check_scale(given: FrameColumns, facts: Facts, options: FrameOptions) -> None:
    """Note what is scaled and no amount of a column."""
    for name in options.scale:
        path, fact = f"scale[{name!r}]", facts.get(name)
        if fact is None:
            given.problems.append(unknown_fact(path, name, facts))
        elif fact.kind is not FactKind.MONEY:
            given.note(path, f"{name} is no amount", "only amounts are scaled")
        elif given.column_of(name) is None:
            hint = f'name it: columns={{"{name}": "…"}}'
            given.note(path, f"no column holds {name}", hint, "no_column")


def _may_differ(fact: Fact, given: FrameColumns, options: FrameOptions, into: str) -> bool:
    said = fact.currency
    if given.column_of(f"{fact.name}{CURRENCY}") is not None:
        return True
    if said is not None and said.isupper():
        return said != into
    if given.column_of(said or f"amount{CURRENCY}") is not None:
        return True
    return options.currency not in {None, into}


def nearest(units: nw.Expr, given: FrameColumns) -> nw.Expr:
    """The whole number next to each, as `money.round_to_cents` rounds minor units."""
    limit = given.number(TELLS_HALVES)
    small = (units < limit) & (units > given.number(-TELLS_HALVES))
    near = nw.when(small).then(units * given.number(NEARLY)).otherwise(units)
    return floor_of(near + 0.5, given.engine)


class AmountColumns:
    """The columns of amounts, worked out as they are asked for."""

    def __init__(
        self,
        facts: FactColumns,
        given: FrameColumns,
        catalogue: Facts,
        options: FrameOptions,
        into: str,
    ) -> None:
        """Amounts of the `catalogue` that `given` holds become amounts of the currency `into`."""
        self._facts = facts
        self._columns = facts.columns
        self._given = given
        self._catalogue = catalogue
        self._options = options
        self._rates = options.rates or Rates(into)
        self._into = into
        self._said: dict[str, _Said] = {}
        self._rate: dict[str, tuple[nw.Expr, int]] = {}

    def add(self, fact: Fact) -> bool:
        """Make an amount known that a column holds; whether one does."""
        source = self._given.source(replace(fact, enforced=False))
        if source is None:
            return False
        name, factor = fact.name, self._options.scale.get(fact.name)
        may_differ = _may_differ(fact, self._given, self._options, self._into)
        if not isinstance(source, cols.Numbers) or not (may_differ or factor):
            if isinstance(source, cols.Numbers) and fact.enforced:
                source = replace(source, low=fact.low, high=fact.high)
            self._columns.add(name, source)
            return True
        self._columns.add(as_given(name), source)
        ready, depth = self._columns.ready(as_given(name))
        amount = ready.key()
        if factor is not None and (unit := self._given.unit_of(name)) is not None:
            # What named its unit itself counts none of the column's.
            amount = (
                nw.when(unit).then(amount / self._given.number(float(factor))).otherwise(amount)
            )
            amount, depth = self._columns.column(("own unit", name), amount, depth)
        found, depth = self._converted(name, amount, depth, factor)
        low, high = (fact.low, fact.high) if fact.enforced else (None, None)
        self._columns.add(name, cols.Numbers(found, cast="", low=low, high=high), depth)
        return True

    def in_ones(self, name: str) -> nw.Expr | None:
        """The amount of a column with a scale, in its own currency; None where none is scaled."""
        factor = self._options.scale.get(name)
        if factor is None or not isinstance(self._columns.source(as_given(name)), cols.Numbers):
            return None
        amount, unit = self._columns.ready(as_given(name))[0].key(), self._given.unit_of(name)
        times = self._given.number(float(factor * _HUNDREDTHS))
        if unit is not None:
            times = nw.when(unit).then(self._given.number(_HUNDREDTHS)).otherwise(times)
        whole = nearest(amount * times, self._given)
        return whole / (whole * 0.0 + _HUNDREDTHS)  # by a column, as below

    def _converted(
        self, name: str, amount: nw.Expr, depth: int, factor: Decimal | None
    ) -> tuple[nw.Expr, int]:
        currency, later = self._currency(self._catalogue[name])
        rates, (day, dated) = self._courses(factor), self._day
        depth = max(depth, later, dated)
        found = _NO_NUMBER
        if isinstance(currency, str):
            found = self._on(day, rates.get(currency, ()))
        elif currency is not None:
            for code, course in rates.items():
                found = (
                    nw.when(currency == nw.lit(code)).then(self._on(day, course)).otherwise(found)
                )
        rate, depth = self._rate[name] = self._columns.column(("rate", name), found, depth)
        # The formula of money.round_to_cents: engines round in ways of their own.
        units, depth = self._columns.column(
            ("units", name), amount * rate * self._given.number(units_in(self._into)), depth
        )
        whole = nearest(units, self._given)
        # By a column: polars divides by a number through its reciprocal.
        found = whole / (whole * 0.0 + units_in(self._into))
        if factor is None and currency is not None:
            here = nw.lit(currency) if isinstance(currency, str) else currency
            found = nw.when(here == nw.lit(self._into)).then(amount).otherwise(found)
        return self._columns.column(name, found.cast(nw.Float64()), depth)

    def _courses(self, factor: Decimal | None) -> Mapping[str, Sequence[tuple[int, float]]]:
        """By currency the rate from each day on."""
        rates, times = self._rates, factor or Decimal(1)
        codes = dict.fromkeys((rates.base, *rates.rates, *rates.since, self._into))
        return {
            code: [(day.toordinal(), float(rate * times)) for day, rate in course]
            for code in codes
            if (course := rates.course(code, self._into))
        }

    @cached_property
    def _day(self) -> tuple[nw.Expr | None, int]:
        """The day that counts in each row, and its depth; None where no rate is dated."""
        rates = self._rates
        if not rates.since:
            return None, 0
        day, depth = None, 0
        for name in reversed(rates.on):
            if name == "today":
                day = nw.lit(float(self._options.day.toordinal()))
                continue
            said = self._facts.ordinal(name)
            if said is not None:
                known, later = self._columns.known(name)
                depth = max(depth, said[1], later)
                here = nw.lit(known) if isinstance(known, bool) else known
                day = nw.when(here).then(said[0]).otherwise(_NO_NUMBER if day is None else day)
        if day is not None:
            day, depth = self._columns.column("the day that counts", day.cast(nw.Float64()), depth)
        return day, depth

    def _on(self, day: nw.Expr | None, course: Sequence[tuple[int, float]]) -> nw.Expr:
        """The rate on the day of each row."""
        if not course:
            return _NO_NUMBER
        first, rate = course[0]
        if len(course) == 1 and first == ALWAYS.toordinal():
            return self._given.number(rate)
        if day is None:
            return _NO_NUMBER
        steps = [(float(from_day), self._given.number(rate)) for from_day, rate in course]
        return stepped(day, _NO_NUMBER, steps)

    def _currency(self, fact: Fact) -> _Said:
        """In which currency an amount is: it says so itself, or the playbook or the caller do."""
        found = self._said.get(fact.name)
        if found is None:
            own, otherwise = f"{fact.name}{CURRENCY}", self._unsaid(fact)
            found = self._said[fact.name] = (
                self._or(own, otherwise) if self._has(own) else otherwise
            )
        return found

    def _unsaid(self, fact: Fact) -> _Said:
        """The same where no column of its own says it."""
        said, own = fact.currency, f"amount{CURRENCY}"
        if said is not None and said.isupper():
            return said, 0
        if said == own:
            return self._currency(self._catalogue["amount"])
        plain = self._options.currency
        if said is not None and self._has(said):
            return self._or(said, (plain, 0))
        if plain is not None:
            return plain, 0
        if fact.name == "amount":
            return (None if self._has(own) else self._into), 0
        # Nobody says it: it is in the playbook's currency where the deal is.
        deals, depth = self._currency(self._catalogue["amount"])
        if deals is None or isinstance(deals, str):
            return (self._into if deals == self._into else None), depth
        into = nw.lit(self._into)
        return nw.when(deals == into).then(into).otherwise(_NO_TEXT), depth

    def _has(self, name: str) -> bool:
        return name in self._catalogue and self._facts.has(name)

    def _or(self, name: str, otherwise: _Said) -> _Said:
        """What a column says of the currency, or else what something else does."""
        source, depth = self._columns.ready(name)
        known, later = self._columns.known(name)
        rest = nw.lit(otherwise[0]) if isinstance(otherwise[0], str) else otherwise[0]
        if isinstance(known, bool):  # a column without a single value
            return otherwise
        found = nw.when(known).then(source.key()).otherwise(_NO_TEXT if rest is None else rest)
        return self._columns.column(("currency", name), found, max(depth, later, otherwise[1]))

    def add_given(self, name: str) -> bool:
        """Whether the column of the amount has one, be there a rate for it or not."""
        if not self._facts.has(name):
            return False
        raw = as_given(name)
        given = name if self._columns.source(raw) is None else raw
        known = self._columns.rails(Known(Name(given, FactKind.MONEY)))
        self._columns.add_flag(f"{name}{GIVEN}", known)
        return True

    def add_convertible(self, name: str) -> bool:
        """Whether there is a rate for an amount, where there is one."""
        if not self._facts.has(name) or name not in self._rate:
            return False
        given = self._columns.rails(Known(Name(as_given(name), FactKind.MONEY)))
        currency, _ = self._currency(self._catalogue[name])
        rate, depth = self._rate[name]
        has_rate = (rate > nw.lit(0.0)).fill_null(value=False)
        said: cols.Rail = currency is not None
        if currency is not None and not isinstance(currency, str):
            said = ~currency.is_null()
        self._columns.add_flag(
            f"{name}{CONVERTIBLE}",
            cols.Rails(
                cols.either(has_rate, given.no),
                cols.both(given.yes, said, self._day_is_known(currency), cols.flip(has_rate)),
                max(depth, given.depth),
            ),
        )
        return True

    def _day_is_known(self, currency: nw.Expr | str | None) -> cols.Rail:
        """Where a rate does not wait for the day that counts."""
        rates = self._rates
        if not rates.since or "today" in rates.on:
            return True
        day, _ = self._day
        known = False if day is None else ~day.is_null() & ~day.is_nan().fill_null(value=False)
        if self._into in rates.since:
            return known
        if currency is None or isinstance(currency, str):
            return True if currency not in rates.since else known
        return cols.either(known, ~currency.is_in(list(rates.since)))
