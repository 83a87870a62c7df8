"""From a card to two small tables of counts: by band and unknown answers, and by points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import add
from typing import Any, Final, Literal, Protocol

import narwhals.stable.v2 as nw

from salesflow.errors import FrameError
from salesflow.facts import Facts
from salesflow.pipeline._backtest_outcome import HIDDEN, Answers, Ends
from salesflow.pipeline._backtest_stats import Tally
from salesflow.pipeline._engines import cause
from salesflow.playbook import Scorecard, ScoreItem
from salesflow.qualify import UNDECIDED
from salesflow.rules import Verdict
from salesflow.rules._columns import Columns, Frame, Rail, Rails, both, either, flip
from salesflow.rules._lower import FlagIs
from salesflow.rules._possible import possible

__all__ = ["Counted", "FactReader", "GivenFacts", "Plan", "Points", "needs_day"]

Points = Literal["low", "high", "middle"]

_OPEN: Final = -1
# Sums of weights that differ by rounding are the same points.
_DIGITS: Final = 9


class FactReader(Protocol):
    """What makes facts known to the compiler of rules."""

    columns: Columns

    def has(self, name: str) -> bool:
        """Whether rows can have a value of this fact; makes it known to `columns` if so."""


class GivenFacts:
    """The facts that have a column of their own; nothing follows from others without a playbook."""

    def __init__(self, inputs: Answers, facts: Facts) -> None:
        self.columns = Columns()
        self._inputs = inputs
        self._facts = facts
        self._has: dict[str, bool] = {}

    def has(self, name: str) -> bool:
        if name not in self._has:
            source = self._inputs.source(self._facts[name])
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
    """

    by_band: Mapping[str, Tally]
    by_unknown: Mapping[int, Tally]
    by_points: Mapping[float, Tally]
    by_item: Mapping[str, tuple[Tally, Tally, Tally]]


class Plan:
    """A card compiled over the frame."""

    def __init__(self, card: Scorecard, reader: FactReader, day: date) -> None:
        self._card = card
        self._columns = reader.columns
        facts = list(dict.fromkeys(name for item in card.items for name in _read(item)))
        there = {name: not _is_hidden(name) and reader.has(name) for name in facts}
        self._facts = [name for name in facts if there[name]]
        self.not_asked = tuple(name for name in facts if not there[name])
        self._rails: dict[str, Rails] = {}
        self.items: list[ScoreItem] = []
        for item in card.items:
            core = item.rule.core(day)
            self._rails[item.key] = reader.columns.rails(core)
            if possible(core, lambda name: there.get(name, False)) != {Verdict.UNKNOWN}:
                self.items.append(item)

    def run(self, inputs: Answers, ends: Ends, points: Points) -> Counted:
        """Ask the two queries.

        Raises:
            FrameError: The engine refuses them.
        """
        low, high = (self._points(end, inputs) for end in ("low", "high"))
        band = self._band(low, high)
        unknown = self._unknown()
        scored = {"low": low, "high": high, "middle": (low + high) / 2}[points]
        won = self._stored("won", ends.won)
        decided = self._stored("decided", either(ends.won, ends.lost))
        columns = {"points": scored, "band": band, "unknown": unknown, "won": _number(won)}
        for number, item in enumerate(self.items):
            rails = self._rails[item.key]
            for name, rail in (("y", rails.yes), ("n", rails.no)):
                columns[f"{name}{number}"] = _number(rail)
                columns[f"{name}w{number}"] = _number(both(rail, won))
        try:
            work = self._columns.apply(inputs.frame).filter(_expr(decided))
            table = work.select(*(expr.alias(name) for name, expr in columns.items()))
            sums = [name for name in columns if name not in {"points", "band", "unknown"}]
            groups = _grouped(table, ["band", "unknown"], sums)
            by_points = _grouped(table, ["points"], ["won"])
        except Exception as error:
            raise FrameError(
                f"The engine of the frame ({inputs.engine}) could not make the backtest.",
                hint=cause(error),
            ) from error
        return self._counted(groups, by_points)

    def _counted(self, groups: list[dict[str, Any]], by_points: list[dict[str, Any]]) -> Counted:
        whole = _total(groups, "rows", "won")
        bands = {number: band.key for number, band in enumerate(self._card.bands)}
        bands[_OPEN] = UNDECIDED
        by_item = {}
        for number, item in enumerate(self.items):
            yes = _total(groups, f"y{number}", f"yw{number}")
            no = _total(groups, f"n{number}", f"nw{number}")
            left = (whole[0] - yes[0] - no[0], whole[1] - yes[1] - no[1])
            by_item[item.key] = (yes, no, left)
        numbers = sorted({int(row["unknown"]) for row in groups})
        points: dict[float, Tally] = {}
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
        )

    def _points(self, end: str, inputs: Answers) -> nw.Expr:
        """In the order of the card, as a single deal is scored: sums of floats depend on it."""
        number = inputs.number
        total, depth = number(0.0), 0
        for item in self._card.items:
            rails = self._rails[item.key]
            counts = rails.yes if end == "low" else flip(rails.no)
            depth = max(depth, rails.depth)
            if isinstance(counts, bool):
                total = total + number(item.weight if counts else 0.0)
            else:
                total = total + nw.when(counts).then(number(item.weight)).otherwise(number(0.0))
        return self._columns.column(("backtest", end), total, depth)[0]

    def _band(self, low: nw.Expr, high: nw.Expr) -> nw.Expr:
        """The verdict of the card, as `qualify.score` finds it for one deal."""
        at_low, at_high = nw.lit(0), nw.lit(0)
        for number, band in enumerate(self._card.bands[1:], start=1):
            at_low = nw.when(low >= nw.lit(band.min)).then(nw.lit(number)).otherwise(at_low)
            at_high = nw.when(high >= nw.lit(band.min)).then(nw.lit(number)).otherwise(at_high)
        knock_outs = [self._rails[item.key] for item in self._card.items if item.knock_out]
        failed = either(*(rails.no for rails in knock_outs)) if knock_outs else False
        open_ = either(*(flip(either(rails.yes, rails.no)) for rails in knock_outs))
        if knock_outs and open_ is not False:
            # A knock-out that is still open may yet send the deal to the lowest band.
            at_low = nw.when(_expr(open_)).then(nw.lit(0)).otherwise(at_low)
        found = nw.when(at_low == at_high).then(at_high).otherwise(nw.lit(_OPEN))
        if failed is not False:
            found = nw.when(_expr(failed)).then(nw.lit(0)).otherwise(found)
        return found.cast(nw.Int64)

    def _unknown(self) -> nw.Expr:
        """How many facts are not known that an undecided item reads."""
        rails: list[Rail] = []
        for name in self._facts:
            undecided = [
                flip(either(self._rails[item.key].yes, self._rails[item.key].no))
                for item in self.items
                if name in item.rule.facts
            ]
            if undecided:
                rails.append(both(flip(self._known(name)), either(*undecided)))
        numbers = [_number(rail) for rail in rails if rail is not False]
        return reduce(add, numbers) if numbers else nw.lit(0).cast(nw.Int64)

    def _known(self, name: str) -> Rail:
        if self._columns.source(name) is not None:
            return self._columns.known(name)[0]
        flag = self._columns.rails(FlagIs(name))  # one that follows from other facts
        return either(flag.yes, flag.no)

    def _stored(self, name: str, rail: Rail) -> Rail:
        if isinstance(rail, bool):
            return rail
        return self._columns.column(("backtest", name), rail, 0)[0]


def needs_day(items: Iterable[ScoreItem]) -> bool:
    """Whether a rule among them uses time."""
    return any(item.rule.uses_time for item in items)


def _is_hidden(name: str) -> bool:
    return name in HIDDEN or name.startswith("reached.")


def _read(item: ScoreItem) -> list[str]:
    return sorted(item.rule.facts, key=item.rule.text.find)


def _grouped(table: Frame, keys: list[str], sums: list[str]) -> list[dict[str, Any]]:
    asked = [nw.len().alias("rows"), *(nw.col(name).sum() for name in sums)]
    found: list[dict[str, Any]] = (
        table.select(*keys, *sums).group_by(*keys).agg(*asked).lazy().collect().rows(named=True)
    )
    return found


def _total(rows: Iterable[Mapping[str, Any]], deals: str, won: str) -> Tally:
    found = [(int(row[deals]), int(row[won])) for row in rows]
    return sum(each for each, _ in found), sum(each for _, each in found)


def _expr(rail: Rail) -> nw.Expr:
    return nw.lit(rail) if isinstance(rail, bool) else rail


def _number(rail: Rail) -> nw.Expr:
    if isinstance(rail, bool):
        return nw.lit(int(rail)).cast(nw.Int64)
    return rail.cast(nw.Int64)
