"""What was seen where a check finds something: the facts that it reads, with their values."""

from __future__ import annotations

from typing import Final

import narwhals.stable.v2 as nw

from salesflow.errors import FrameError
from salesflow.pipeline._checks.catalogue import Check, Member
from salesflow.pipeline._frames.deals import Deals
from salesflow.pipeline._frames.engines import expr_of
from salesflow.pipeline._frames.fact_columns import FactColumns
from salesflow.playbook import Playbook
from salesflow.qualify._hygiene_facts import LONGEST, came_of
from salesflow.rules.ast import Flag
from salesflow.rules.columns import Days, Labels, Numbers

_WHOLE: Final = 1e15  # floats up to here are written like whole numbers


def members_of(check: Check, playbook: Playbook) -> list[Member]:
    """What a check comes down to, in the order of its rule."""
    if check.members:
        return list(check.members)
    parts = (
        fact
        for name in check.rule.reads
        for fact in ((name,) if name == LONGEST else came_of(name, playbook))
    )
    return [Member(name) for name in dict.fromkeys(parts)]


class SeenValues:
    """The values of facts as people wrote them, or as they follow from what people wrote.

    An amount of a column that counts thousands, or 万, is told in ones: beside it may stand one
    whose text named its unit.
    """

    def __init__(self, deals: Deals, facts: FactColumns) -> None:
        self._given = deals.columns
        self._deals = deals
        self._facts = facts

    def value(self, member: Member) -> nw.Expr:
        """What stands in the column, or else what is worked out: texts, numbers, flags or days."""
        column, amount = self._column(member), self._in_ones(member)
        if amount is not None:
            return amount
        if column is not None:
            return self._given.taken(column)
        source = self._source(member)
        if isinstance(source, Labels):
            return source.key()
        if isinstance(source, Numbers):
            return source.key()
        if source is None and self._facts.has(member.name):
            rails = self._facts.columns.rails(Flag(member.name))
            yes = nw.when(expr_of(rails.yes)).then(nw.lit(value=True))
            no = nw.when(expr_of(rails.no)).then(nw.lit(value=False))
            return yes.otherwise(no)
        return nw.lit(None, dtype=nw.String())

    def text(self, member: Member | None) -> nw.Expr:
        """The same as a text: whole numbers without a point, days as 2026-01-31."""
        if member is None:
            return nw.lit(None, dtype=nw.String())
        column, value = self._column(member), self.value(member)
        day = self._day(member)
        if day is not None:
            return day
        if self._in_ones(member) is not None:
            return _number(value)
        if column is not None:
            return _written(value, self._given.schema[column]).cast(nw.String())
        source = self._source(member)
        if isinstance(source, Numbers):
            return _number(value)
        if source is None and self._facts.has(member.name):
            return _flag(value)
        return value

    def age(self, member: Member | None) -> nw.Expr:
        """How many days a day lies back; missing where the fact is none, or has none."""
        nothing = nw.lit(None, dtype=nw.Float64())
        if member is None or not isinstance(self._source(member), Days):
            return nothing
        try:
            ordinal = self._facts.ordinal(member.name)
        except FrameError:  # the engine cannot tell on which day the moments are
            return nothing
        if ordinal is None:
            return nothing
        today = nw.lit(float(self._deals.options.day.toordinal()))
        return (today - ordinal[0]).cast(nw.Float64())

    def _in_ones(self, member: Member) -> nw.Expr | None:
        return None if member.column is not None else self._facts.in_ones(member.name)

    def _column(self, member: Member) -> str | None:
        return member.column or self._given.column_of(member.name)

    def _source(self, member: Member) -> object:
        if member.column is not None or not self._facts.has(member.name):
            return None
        columns = self._facts.columns
        return None if columns.source(member.name) is None else columns.ready(member.name)[0]

    def _day(self, member: Member) -> nw.Expr | None:
        source = self._source(member)
        try:
            return source.text() if isinstance(source, Days) else None
        except FrameError:  # as above
            return None


def _written(value: nw.Expr, dtype: nw.dtypes.DType) -> nw.Expr:
    """What stands in a column, as a text."""
    if dtype == nw.String:
        return value
    if dtype == nw.Boolean:
        return _flag(value)
    if dtype.is_float():
        return _number(value)
    text = value.cast(nw.String())
    if dtype != nw.Object:
        return text
    # pandas has a word for nothing, and writes True and False as Python does.
    for word in ("True", "False"):
        text = nw.when(text == nw.lit(word)).then(nw.lit(word.lower())).otherwise(text)
    return nw.when(~value.is_null()).then(text)


def _flag(value: nw.Expr) -> nw.Expr:
    no = nw.when(~value.is_null()).then(nw.lit("false"))
    return nw.when(value.fill_null(value=False)).then(nw.lit("true")).otherwise(no)


def _number(value: nw.Expr) -> nw.Expr:
    there = ~value.is_null() & ~value.is_nan().fill_null(value=False)
    small = (value < nw.lit(_WHOLE)) & (value > nw.lit(-_WHOLE))
    is_whole = (there & small & (value == value.floor())).fill_null(value=False)
    whole = nw.when(is_whole).then(value).otherwise(nw.lit(0.0))
    text = nw.when(is_whole).then(whole.cast(nw.Int64()).cast(nw.String()))
    return nw.when(there).then(text.otherwise(value.cast(nw.String())))
