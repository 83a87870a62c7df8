"""Rows that have the same values as another one: the only checks that look at several rows."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals.stable.v2 as nw

from salesflow.pipeline._checks.catalogue import Member
from salesflow.pipeline._frames.engines import number_of
from salesflow.pipeline._frames.fact_columns import FactColumns
from salesflow.pipeline._frames.frame_columns import FrameColumns
from salesflow.pipeline._frames.windows import with_aggregates
from salesflow.rules.ast import Flag
from salesflow.rules.columns import Frame, Rail, Rails, both, either


class SharedRows:
    """Groups of values, and for each a column that says of a row whether another one has the same.

    These columns come last: what is compared may have to be worked out first.
    """

    def __init__(self, given: FrameColumns, facts: FactColumns) -> None:
        self._given = given
        self._facts = facts
        self._groups: list[tuple[list[nw.Expr], nw.Expr]] = []

    def rails(self, members: Sequence[Member], rows: Rail) -> Rails:
        """YES where no other of these rows has the same values, NO where one has.

        A row that lacks one of the values is compared with none: nobody knows what it is.
        """
        keys, known = zip(*map(self._compared, members), strict=True)
        there = both(*known)
        if there is False:
            return Rails(yes=False, no=False)
        name = f"u{len(self._groups)}"
        self._groups.append((list(keys), number_of(both(rows, there)).alias(f"{name}n")))
        shared = nw.col(name)
        return Rails(yes=both(there, ~shared), no=both(there, shared))

    def _compared(self, member: Member) -> tuple[nw.Expr, Rail]:
        """A column whose equality is that of the values, and where there is one."""
        if member.column is not None:
            return self._given.taken(member.column), ~self._given.missing_in(member.column)
        columns = self._facts.columns
        if columns.source(member.name) is None:  # a flag that follows from others
            rails = columns.rails(Flag(member.name))
            return number_of(rails.yes), either(rails.yes, rails.no)
        return columns.ready(member.name)[0].key(), columns.known(member.name)[0]

    def apply(self, frame: Frame) -> Frame:
        """The frame with every column that was asked for."""
        if not self._groups:
            return frame
        names = {
            f"u{number}": [f"u{number}k{at}" for at in range(len(keys))]
            for number, (keys, _) in enumerate(self._groups)
        }
        named = []
        for (keys, counted), safe in zip(self._groups, names.values(), strict=True):
            named += [*(key.alias(it) for key, it in zip(keys, safe, strict=True)), counted]
        frame = frame.with_columns(*named)
        for name, safe in names.items():
            frame = with_aggregates(frame, safe, **{name: nw.col(f"{name}n").sum()})
        several = ((nw.col(name) > nw.lit(1)).fill_null(value=False).alias(name) for name in names)
        return frame.with_columns(*several)
