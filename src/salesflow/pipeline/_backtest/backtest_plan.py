"""From a card to two small tables of counts: by band and unknown answers, and by points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

import narwhals.stable.v2 as nw

from salesflow.facts import Facts
from salesflow.pipeline._backtest.outcome import HIDDEN, Ends
from salesflow.pipeline._backtest.stats import OutcomeTally, summed
from salesflow.pipeline._frames.engines import expr_of, number_of, rows_of, sums_of
from salesflow.pipeline._frames.fact_columns import rows_after, unmapped
from salesflow.pipeline._frames.frame_columns import FrameColumns
from salesflow.pipeline._frames.points import FactReader
from salesflow.pipeline._frames.position import stored
from salesflow.pipeline._scoring.card_columns import OPEN, CardColumns
from salesflow.pipeline._wording import amount_of
from salesflow.playbook import Scorecard, ScoreItem
from salesflow.qualify import UNDECIDED
from salesflow.rules import Verdict, possible
from salesflow.rules.ast import REACHED
from salesflow.rules.columns import Columns, Frame, both, either

Points = Literal["low", "high", "middle"]

# Sums of weights that differ by rounding are the same points.
_DIGITS: Final = 9


class GivenFacts:
    """The facts that have a column of their own; nothing follows from others without a playbook."""

    def __init__(self, given: FrameColumns, facts: Facts) -> None:
        self.columns = Columns()
        self._given = given
        self._facts = facts
        self._has: dict[str, bool] = {}

    def has(self, name: str) -> bool:
        if name not in self._has:
            source = self._given.source(self._facts[name])
            if source is not None:
                self.columns.add(name, source)
            self._has[name] = source is not None
        return self._has[name]


@dataclass(frozen=True, slots=True)
class Counted:
    """What the frame says of the deals with an outcome.

    Attributes:
        by_band: By the key of the band, or `undecided`.
        by_unknown: By the number of unknown answers.
        by_points: By points.
        by_item: By item, the tallies of yes, no and unknown.
        later: How many of the deals with an outcome lie after the day, and are left out.
    """

    by_band: Mapping[str, OutcomeTally]
    by_unknown: Mapping[int, OutcomeTally]
    by_points: Mapping[float, OutcomeTally]
    by_item: Mapping[str, tuple[OutcomeTally, OutcomeTally, OutcomeTally]]
    later: int


class _Blind:
    """A reader that does not look at what became of a deal, nor at where it stands."""

    def __init__(self, reader: FactReader) -> None:
        self.columns = reader.columns
        self._reader = reader

    def has(self, name: str) -> bool:
        hidden = name in HIDDEN or name.startswith(REACHED)
        return not hidden and self._reader.has(name)


class BacktestPlan:
    """A card compiled over the frame."""

    def __init__(
        self,
        card: Scorecard,
        reader: FactReader,
        day: date,
        given: FrameColumns,
        *,
        dated: bool = False,
    ) -> None:
        # What is compared has ended, so that a day of closing is one whatever the row says else.
        self._later = rows_after(reader, day, (True, 0))[0] if dated else False
        self._card = card
        self._given = given
        self._columns = reader.columns
        self._points = CardColumns(card, _Blind(reader), day, given.number)
        there = self._points.has
        self._facts = [name for name, found in there.items() if found]
        self.not_asked = tuple(name for name, found in there.items() if not found)
        self.items: list[ScoreItem] = [
            item
            for item in card.items
            if possible(item.rule.core(day), lambda name: there.get(name, False))
            != {Verdict.UNKNOWN}
        ]

    def run(self, ends: Ends, points: Points) -> Counted:
        """Ask the two queries; answers that stand for nothing are noted with the columns."""
        low, high = self._points.low, self._points.high
        band = self._points.band
        unknown = self._points.unknown_of(self._facts, (item.key for item in self.items))
        scored = {"low": low, "high": high, "middle": (low + high) / 2}[points]
        won, _ = stored(self._columns, ("backtest", "won"), ends.won, 0)
        over = either(ends.won, ends.lost)
        decided, _ = stored(self._columns, ("backtest", "decided"), over, 0)
        columns = {"points": scored, "band": band, "unknown": unknown, "won": number_of(won)}
        for number, item in enumerate(self.items):
            rails = self._points.items[item.key]
            for name, rail in (("y", rails.yes), ("n", rails.no)):
                columns[f"{name}{number}"] = number_of(rail)
                columns[f"{name}w{number}"] = number_of(both(rail, won))
        for number, fact in enumerate(self._facts):
            columns[f"s{number}"] = number_of(unmapped(self._columns, fact))
        work = self._columns.apply(self._given.frame).filter(expr_of(decided))
        later = 0
        if not isinstance(self._later, bool):
            later = sums_of(work, {"later": self._later})["later"]
            work = work.filter(~self._later)
        table = work.select(*(expr.alias(name) for name, expr in columns.items()))
        sums = [name for name in columns if name not in {"points", "band", "unknown"}]
        groups = _grouped(table, ["band", "unknown"], sums)
        self._note_unmapped(work, groups)
        if self._given.labels.are_new:  # and all is asked once more
            return Counted({}, {}, {}, {}, later)
        by_points = _grouped(table, ["points"], ["won"])
        if later and not groups:
            message = f"{amount_of(later, 'deal', 'deals')} had not ended by then"
            self._given.note("as_of", message, "say a later day, or none", "no_outcome")
        return self._counted(groups, by_points, later)

    def _note_unmapped(self, work: Frame, groups: list[dict[str, Any]]) -> None:
        """Read what answers say; those that stand for nothing would all count as unknown."""
        strange = {}
        for number, fact in enumerate(self._facts):
            count = sum(int(row[f"s{number}"]) for row in groups)
            if count:
                strange[fact] = unmapped(self._columns, fact), count
        self._given.read_labels(work, strange)
        for fact, (rows, _) in strange.items():
            self._given.note_values(work, rows, fact, "stands for nothing", "unknown_answer")

    def _counted(
        self, groups: list[dict[str, Any]], by_points: list[dict[str, Any]], later: int
    ) -> Counted:
        whole = _total(groups, "rows", "won")
        bands = {number: band.key for number, band in enumerate(self._card.bands)}
        bands[OPEN] = UNDECIDED
        by_item = {}
        for number, item in enumerate(self.items):
            yes = _total(groups, f"y{number}", f"yw{number}")
            no = _total(groups, f"n{number}", f"nw{number}")
            left = (whole[0] - yes[0] - no[0], whole[1] - yes[1] - no[1])
            by_item[item.key] = (yes, no, left)
        numbers = sorted({int(row["unknown"]) for row in groups})
        points: dict[float, OutcomeTally] = {}
        for row in by_points:
            key = round(float(row["points"]), _DIGITS)
            deals, won = points.get(key, (0, 0))
            points[key] = (deals + int(row["rows"]), won + int(row["won"]))
        return Counted(
            by_band={
                key: _total((row for row in groups if int(row["band"]) == number), "rows", "won")
                for number, key in (bands.items() if self._card.bands else ())
            },
            by_unknown={
                n: _total((row for row in groups if int(row["unknown"]) == n), "rows", "won")
                for n in numbers
            },
            by_points=points,
            by_item=by_item,
            later=later,
        )


def _grouped(table: Frame, keys: list[str], sums: list[str]) -> list[dict[str, Any]]:
    asked = [nw.len().alias("rows"), *(nw.col(name).sum() for name in sums)]
    return rows_of(table.select(*keys, *sums).group_by(*keys).agg(*asked))


def _total(rows: Iterable[Mapping[str, Any]], deals: str, won: str) -> OutcomeTally:
    return summed((int(row[deals]), int(row[won])) for row in rows)
