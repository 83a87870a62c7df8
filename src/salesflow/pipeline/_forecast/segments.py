"""Segments of deals: in which group of a frame of deals each case of a log is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, cast

import narwhals.stable.v2 as nw

from salesflow._arguments import Arguments
from salesflow.errors import Problem
from salesflow.pipeline._forecast.chance_values import RESERVED
from salesflow.pipeline._frames.engines import rows_of, whole
from salesflow.pipeline._frames.frame_columns import FrameColumns
from salesflow.pipeline._frames.groups import Chosen, Grouping
from salesflow.pipeline._frames.mapping_file import Said
from salesflow.pipeline._frames.options import read_options
from salesflow.pipeline._history.log import EventLog
from salesflow.pipeline._history.snapshots import unfit_deals
from salesflow.playbook import Playbook
from salesflow.qualify._hygiene_facts import hygiene_facts
from salesflow.rules.columns import Frame

_STAGE: Final = Problem(
    "by", "each stage has chances of its own", "name a column of deals, such as the industry"
)


@dataclass(frozen=True, slots=True)
class Placed:
    """The cases of a log that a frame of deals has.

    Attributes:
        groups: The columns `case` and `group`, the number of its group; those that are not shown
            come last, together.
        chosen: Which groups are shown.
        cases: How many cases there are.
    """

    groups: Frame
    chosen: Chosen
    cases: int


class Segments:
    """A frame of deals, to be put beside the cases of a log.

    Attributes:
        grouping: What the deals are grouped by.
    """

    def __init__(self, columns: FrameColumns, grouping: Grouping, key: str, log: EventLog) -> None:
        self.grouping = grouping
        self._columns, self._key, self._log = columns, key, log

    def placed(self, top: int) -> Placed:
        """The cases, each with its group, of which the `top` largest are shown."""
        columns = self._columns
        key = columns.taken(self._key)
        named = columns.frame.select(key.alias("case"), **self.grouping.texts())
        cases = self._log.frame.group_by("case").agg(nw.len().alias("events"))
        if isinstance(cases, nw.DataFrame) and isinstance(named, nw.LazyFrame):
            named = named.collect()
        found: Frame = cast("nw.LazyFrame[Any]", cases).join(
            cast("nw.LazyFrame[Any]", named), on="case", how="inner"
        )
        chosen = self.grouping.chosen(found, top, nw.len())
        number = whole(rows_of(found.select(nw.len().alias("n")))[0]["n"])
        groups = found.select("case", self.grouping.number(chosen).alias("group"))
        return Placed(groups, chosen, number)


def segments_of(
    given: Arguments, log: EventLog, playbook: Playbook, by: object, deals: object
) -> tuple[Segments, list[Problem]]:
    """The segments that a caller asks for, and what is wrong with them."""
    options = read_options(given, deals, Said())
    columns = FrameColumns(given, hygiene_facts(playbook), options)
    known = len(given.problems)
    grouping = Grouping(columns, by, RESERVED)
    problems = columns.problems[known:]
    if grouping.of_places:
        problems.append(_STAGE)
    key = options.key or log.case
    # As it was handed in: `whole` of the columns is lazy with some engines.
    problems += unfit_deals(log, nw.from_native(options.frame), key)
    return Segments(columns, grouping, key, log), problems
