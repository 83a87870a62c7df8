"""Learned chances: what becomes of deals that come to a place, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, Final, Literal, TypeAlias, TypeVar, cast

from pydantic import Field

from salesflow._arguments import whole_number
from salesflow._frozen import Frozen, FrozenDict
from salesflow._result import Result
from salesflow._show import Html
from salesflow._shown import spoken
from salesflow.errors import UnknownName
from salesflow.pipeline._forecast.aalen_johansen import WinCurve
from salesflow.pipeline._forecast.chance_show import NAME, blocks, written
from salesflow.pipeline._frames.engines import frame_like
from salesflow.pipeline._frames.groups import GroupValue, kind_of
from salesflow.pipeline._intervals import CONFIDENCE, log_log
from salesflow.pipeline._metrics.values import Metric
from salesflow.pipeline._reports.report import Report
from salesflow.pipeline._wording import amount_of
from salesflow.text import Language

FrameT = TypeVar("FrameT")
ChanceTable: TypeAlias = Literal["places", "landmarks"]
Part: TypeAlias = "tuple[str, tuple[GroupValue, ...], Mapping[str, PlaceChances]]"
"""Which part of the deals, what they share, and their chances by place."""

FEW: Final = 10
"""Under so many deals that ended, no chance is told."""
_TABLES: Final[tuple[ChanceTable, ...]] = ("places", "landmarks")


class Landmark(Result):
    """What became of the deals that still stood in a place so many days after they came there.

    They had neither moved on nor ended by the end of that day. Those of the first day, 0, are all
    that came and were open at the end of it.

    Attributes:
        days: Of the calendar, since a deal first came there.
        stood: For how many days they stood there. It is `days`, unless fewer than 10 of all deals
            that did ended later: then it is the last landmark before, and these are those of its
            deals that were open after `days`, wherever they were.
        deals: How many they are.
        told_by: How many of all deals tell it: those that ended later, or else all that were open.
        curve: What became of them after that day, whatever way they then took; its days count from
            when they came. Of a segment, drawn to that of all deals.
    """

    days: int
    stood: int
    deals: int
    told_by: int
    curve: WinCurve


class PlaceChances(Result):
    """What became of the deals that came to a stage or sub-stage, and what that says of others.

    Days are those of the calendar since a deal first came here, whatever way it then took.

    Attributes:
        entered: The deals that came here, of which it is known since when.
        untold: Those of which it is not known: a log of changes does not tell, or they ended before
            they came here. They count in nothing else.
        won: The deals that are won.
        lost: Those that ended otherwise: lost, or disqualified.
        open: Those that have not ended by the day.
        alone: The chance to be won that these deals tell by themselves.
        chance: The same; of a segment, drawn to that of all deals. Fewer than 10 deals that ended
            tell none; of a segment, which is drawn to all, those of all count.
        weight: How much of it is `alone`, 0 to 1; the rest is the chance of all deals.
        own: What the playbook says, 0 to 1; None where it does not.
        days_to_win: The median of the days until the win, of those that are won at all, deals that
            are open still taken into account as the chance does.
        undecided: The share of which nobody saw how it ended, since deals were watched no longer;
            the chance counts none of it as won.
        curve: The chance day by day.
        landmarks: What became of those that still stood here after 0, 1, 3, 7, 10, 14, 21, 30, 40,
            50, 60, 75, 90, 120, 150, 180, 225, 270, 365, 450, 540 and 730 days, as long as there
            were at least 10, in all segments together. None where there is no chance.
        confidence: Of the intervals.
    """

    entered: int
    untold: int
    won: int
    lost: int
    open: int
    alone: Metric
    chance: Metric
    weight: float
    own: float | None
    days_to_win: Metric
    undecided: Metric
    curve: WinCurve
    landmarks: tuple[Landmark, ...] = ()
    confidence: float = CONFIDENCE

    def within(self, days: int) -> Metric:
        """The chance to be won within so many days of coming here, with its interval.

        Args:
            days: From 0.

        Raises:
            ArgumentError: It is no such number.
        """
        whole_number(days, "days", least=0)
        if self.chance.value is None:
            return self.chance
        curve = self.curve
        if curve.watched is not None and days > curve.watched and curve.undecided:
            reason = f"no deal was watched for longer than {amount_of(curve.watched, 'day')}"
            return Metric(value=None, unit="share", reason=reason)
        value = curve.won_by(days)
        low, high = log_log(value, curve.error_on(days), curve.ends, self.confidence)
        return self.chance.model_copy(update={"value": value, "low": low, "high": high})

    def standing(self, days: int, within: int | None = None) -> Metric:
        """The chance of a deal that still stands here so many days after it came.

        It is told by the deals that stood here at the last of the `landmarks` that is not after
        these days: by what became of them from that day on.

        Args:
            days: The days since it came here, from 0.
            within: To be won within so many days from now; None for at any time.

        Returns:
            The share, 0 to 1, with its interval and how many deals tell it. Without a value, where
            `chance` has none.

        Raises:
            ArgumentError: `days` or `within` is no whole number from 0.
        """
        whole_number(days, "days", least=0)
        if within is not None:
            whole_number(within, "within", least=0)
        if not self.landmarks:
            return self.chance
        # The first is that of day 0.
        found = [it for it in self.landmarks if it.days <= days][-1]
        curve = found.curve
        until = None if within is None else found.days + within
        value = curve.chance if until is None else curve.won_by(until)
        error = curve.error if until is None else curve.error_on(until)
        low, high = log_log(value, error, found.told_by, self.confidence)
        return self.chance.model_copy(
            update={"value": value, "rows": found.deals, "low": low, "high": high}
        )


class SegmentChances(Result):
    """Deals that share something, and their chances.

    Attributes:
        values: What they share, in the order of `WinChances.by`; None where it is missing. Days and
            moments are texts.
        places: By stage and sub-stage, in the order of the process.
    """

    values: tuple[GroupValue, ...]
    places: Annotated[Mapping[str, PlaceChances], Frozen]


class WinChances(Report):
    """What becomes of deals, learned from their history.

    Attributes:
        as_of: The day up to which the history was read; deals that are open then count as such.
        deals: How many deals the history has until then.
        later: The events after it, which count nowhere.
        places: By stage and sub-stage before the win, in the order of the process: the chances of
            all deals.
        by: What the deals are grouped by; empty where they are not.
        segments: The largest groups, those of most deals first.
        others: The deals in all other groups together; None where there are none.
        others_total: How many groups these are.
        unplaced: The deals of the history that the frame of deals does not have: they are in no
            segment.
        confidence: Of all intervals.
        labels: Under `stage`, what labels were read as that are no keys and that nobody explained.
    """

    as_of: date
    deals: int
    later: int
    places: Annotated[Mapping[str, PlaceChances], Frozen]
    by: tuple[str, ...] = ()
    segments: tuple[SegmentChances, ...] = ()
    others: SegmentChances | None = None
    others_total: int = 0
    unplaced: int = 0
    confidence: float = CONFIDENCE
    labels: Annotated[Mapping[str, Mapping[str, str]], Frozen] = Field(default_factory=FrozenDict)

    def of(
        self, place: str, segment: GroupValue | Sequence[GroupValue] | None = None
    ) -> PlaceChances:
        """The chances in a place, of all deals or of a segment.

        Args:
            place: The key of a stage or sub-stage.
            segment: What the deals of the segment share: one value, or one for each name in `by`.
                One that is not shown is among the others. None for all deals; `(None,)` for those
                where it is missing.

        Raises:
            UnknownName: There is no such place before the win, or no such segment and no others.
        """
        places = self.places
        if segment is not None:
            if isinstance(segment, str) or not isinstance(segment, Sequence):
                segment = (segment,)
            values = tuple(segment)
            found = next((it for it in self.segments if it.values == values), self.others)
            if found is None or len(values) != len(self.by):
                known = [" · ".join(map(str, it.values)) for it in self.segments]
                raise UnknownName("segment", " · ".join(map(str, values)), known)
            places = found.places
        if place not in tuple(places):  # whatever a caller gave
            raise UnknownName("stage", place, places)
        return places[place]

    def standing(
        self,
        place: str,
        days: int,
        *,
        segment: GroupValue | Sequence[GroupValue] | None = None,
        within: int | None = None,
    ) -> Metric:
        """The chance of a deal that still stands in a place so many days after it came there.

        Not that of all deals that are open after as many days: most of them have moved on by then,
        and are won more often than what still stands where it was.

        Args:
            place: The key of a stage or sub-stage.
            days: The days since the deal came there, from 0.
            segment: As for `of`.
            within: To be won within so many days from now; None for at any time.

        Returns:
            The share, 0 to 1, with its interval, as `PlaceChances.standing` tells it. Without a
            value where too few deals tell it, as `places[place].chance` says.

        Raises:
            UnknownName: There is no such place before the win, or no such segment and no others.
            ArgumentError: `days` or `within` is no whole number from 0.
        """
        return self.of(place, segment).standing(days, within)

    def records(self, table: ChanceTable = "places") -> list[dict[str, GroupValue]]:
        """The chances as rows, for a table or a frame of your choice.

        Each row says in `part` what it is of: `all`, a `segment` or the `others`; then come what
        the segment shares, under the names in `by`, and the `place`.

        Args:
            table: `places` for a row per place; `landmarks` for a row per place and some numbers of
                `days` since a deal came there, with the `chance` of one that still stands there
                then. It holds until the next row; after the last, for any longer time.

        Raises:
            UnknownName: There is no such table.
        """
        if table not in _TABLES:
            raise UnknownName("table", table, _TABLES)
        rows: list[dict[str, GroupValue]] = []
        for part, values, places in self.parts():
            named = {"part": part, **dict(zip(self.by, values, strict=True))}
            for name, found in places.items():
                row: dict[str, GroupValue] = named | {"place": name}
                if table == "places":
                    rows.append(row | _cells(found))
                else:
                    rows += [row | _standing(found, it) for it in found.landmarks]
        return rows

    def to_frame(self, like: FrameT, table: ChanceTable = "places") -> FrameT:
        """The rows of `records` as a frame, in which all numbers are floats.

        Args:
            like: A frame of the kind that it shall be. What is made is lazy where that is. Nothing
                is read of it.
            table: `places` or `landmarks`.

        Raises:
            UnknownName: There is no such table.
            FrameError: `like` is no frame, or its engine cannot make one of values.
        """
        rows = self.records(table)
        names = _LANDMARK if table == "landmarks" else _COLUMNS
        shared = {name: kind_of(row[name] for row in rows) for name in self.by}
        columns: dict[str, type] = {"part": str, **shared, "place": str}
        columns |= {name: str if name == "reason" else float for name in names}
        return cast("FrameT", frame_like(like, rows, columns))

    def summary(self, lang: Language | None = None) -> str:
        """The chances as tables for people: of all deals, and of each segment.

        Raises:
            UnknownName: There is no such language.
        """
        return written(self, spoken(lang, self))

    def parts(self) -> Iterator[Part]:
        """All deals, each segment and the others, with what their deals share."""
        yield "all", (None,) * len(self.by), self.places
        for segment in self.segments:
            yield "segment", segment.values, segment.places
        if self.others is not None:
            yield "others", self.others.values, self.others.places

    def _name(self, lang: Language) -> str:
        return NAME.get(lang)

    def _view(self, lang: Language) -> Iterator[Html]:
        return blocks(self, lang)

    def __repr__(self) -> str:
        told = sum(found.chance.value is not None for found in self.places.values())
        places = amount_of(len(self.places), "place")
        return f"<WinChances: {amount_of(self.deals, 'deal')}, {told} of {places} told>"


_COLUMNS: Final = (
    *("entered", "untold", "won", "lost", "open"),
    *("alone", "alone_low", "alone_high", "chance", "chance_low", "chance_high", "reason"),
    *("weight", "own", "days_to_win", "undecided"),
)
_LANDMARK: Final = ("days", "deals", "chance", "chance_low", "chance_high")


RESERVED: Final = frozenset({"part", "place", *_LANDMARK, *_COLUMNS})
"""The columns of a table beside those that say which segment it is of."""


def _cells(found: PlaceChances) -> dict[str, GroupValue]:
    cells: dict[str, GroupValue] = {}
    for name in _COLUMNS:
        figure, _, end = name.rpartition("_")
        if end in {"low", "high"}:
            cells[name] = getattr(getattr(found, figure), end)
        elif name == "reason":
            cells[name] = found.chance.reason
        else:
            value = getattr(found, name)
            cells[name] = value.value if isinstance(value, Metric) else value
    return cells


def _standing(found: PlaceChances, landmark: Landmark) -> dict[str, GroupValue]:
    chance = found.standing(landmark.days)
    values = (landmark.days, landmark.deals, chance.value, chance.low, chance.high)
    return dict(zip(_LANDMARK, values, strict=True))
