"""How long after the day that was expected deals close: learned from deals that have ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Final, Literal, TypeAlias, TypeVar, cast

from pydantic import Field

from salesflow._arguments import Arguments, day, option
from salesflow._frozen import Frozen, FrozenDict
from salesflow._result import Result, keeping
from salesflow._show import Html, aligned, line, table, title
from salesflow._shown import spoken
from salesflow.errors import UnknownName
from salesflow.pipeline._day_figures import P90, DayFigures
from salesflow.pipeline._forecast.chance_values import FEW
from salesflow.pipeline._frames.deals import Deals
from salesflow.pipeline._frames.engines import frame_like
from salesflow.pipeline._frames.groups import Grouping
from salesflow.pipeline._frames.mapping_file import Said
from salesflow.pipeline._frames.options import read_options, read_playbook
from salesflow.pipeline._frames.stages import Places
from salesflow.pipeline._frames.value_maps import ValueMaps
from salesflow.pipeline._intervals import CONFIDENCE, read_confidence
from salesflow.pipeline._metrics.figures import no_column
from salesflow.pipeline._metrics.show import reason_of, shown
from salesflow.pipeline._metrics.snapshot import look_at
from salesflow.pipeline._metrics.values import Metric
from salesflow.pipeline._reports.report import Report
from salesflow.pipeline._wording import amount_of
from salesflow.playbook import Playbook
from salesflow.terms import OUTCOMES
from salesflow.text import Language, Text, both, in_language

FrameT = TypeVar("FrameT")
SlippagePart: TypeAlias = Literal["won", "all"]
SlippageTable: TypeAlias = Literal["figures", "days"]

_MESSAGE: Final = "The slippage cannot be learned like this."
_PARTS: Final[tuple[SlippagePart, ...]] = ("won", "all")
_TABLES: Final[tuple[SlippageTable, ...]] = ("figures", "days")
_FIGURES: Final = ("early", "on_time", "late", "p10", "median", "p90")
_UNREAD: Final = frozenset({"amount", "probability"})
"""Facts that may be wrong without any harm here."""
_P10: Final = 0.1


class SlippageFigures(Result):
    """How long after the expected day some deals closed.

    Attributes:
        deals: How many have both days.
        days: How many of them closed so many days later than expected; below 0 are days earlier.
        early: The share that closed before the day.
        on_time: That on the day.
        late: That after it.
        p10: The days below which one in ten lies, interpolated linearly between two of them.
        median: The days below which half of them lie.
        p90: The days below which nine in ten lie.
    """

    deals: int
    days: Annotated[Mapping[int, int], Frozen]
    early: Metric
    on_time: Metric
    late: Metric
    p10: Metric
    median: Metric
    p90: Metric


class Slippage(Report):
    """How long after the day that was expected deals close.

    Attributes:
        as_of: The day on which it was asked.
        later: The rows of the frame that lie after it, and count nowhere.
        won: Of the deals that were won.
        all: Of those that were won or lost.
        confidence: Of the intervals of shares.
        labels: By fact, and under `stage` for its column, what labels were read as that are no keys
            and that nobody explained.
    """

    as_of: date
    later: int
    won: SlippageFigures
    all: SlippageFigures
    confidence: float = CONFIDENCE
    labels: Annotated[Mapping[str, Mapping[str, str]], Frozen] = Field(default_factory=FrozenDict)

    def share_between(
        self,
        expected: date,
        first: date | None,
        last: date | None,
        as_of: date,
        *,
        of: SlippagePart = "won",
    ) -> float | None:
        """How likely a deal that is open closes on one of some days, if it closes as others did.

        It is open at the end of `as_of`, so that only deals are looked at that closed later than
        that, from the day that was expected of them.

        Args:
            expected: The day on which it is expected to close.
            first: The first of the days; None for any day after `as_of`.
            last: The last of them, itself included; None for any later day.
            as_of: The day at whose end it is open.
            of: The deals to learn from: those `won`, as a forecast asks when what is won comes in,
                or `all` that were won or lost.

        Returns:
            The share, 0 to 1; None where fewer than 10 deals closed as late.

        Raises:
            ArgumentError: A day is no day, or `of` is another word.
            ClockError: A day is a moment without a zone.
        """
        given = Arguments()
        days = {"expected": expected, "first": first, "last": last, "as_of": as_of}
        read = {
            name: None
            if value is None and name in {"first", "last"}
            else given.read(day, value, name)
            for name, value in days.items()
        }
        given.read(option, of, _PARTS, "of")
        given.refuse("The share cannot be told like this.")
        wanted, now, begin, end = (read[name] for name in ("expected", "as_of", "first", "last"))
        if wanted is None or now is None:  # pragma: no cover - refused above
            raise AssertionError
        counts = (self.won if of == "won" else self.all).days
        behind = (now - wanted).days
        later = {days: deals for days, deals in counts.items() if days > behind}
        number = sum(later.values())
        if number < FEW:
            return None
        low = behind if begin is None else (begin - wanted).days
        high = max(later) if end is None else (end - wanted).days
        return sum(deals for days, deals in later.items() if low <= days <= high) / number

    def records(
        self, table: SlippageTable = "figures"
    ) -> list[dict[str, str | int | float | None]]:
        """The figures as rows, for a table or a frame of your choice.

        Args:
            table: `figures` for a row per `part` (`won` or `all`) and `figure`, with the fields of
                [`Metric`][salesflow.pipeline.Metric]; `days` for a row per part and number of
                `days`, with how many `deals` closed so much later than expected.

        Raises:
            UnknownName: There is no such table.
        """
        if table not in _TABLES:
            raise UnknownName("table", table, _TABLES)
        rows: list[dict[str, str | int | float | None]] = []
        for part, found in self._parts():
            if table == "figures":
                rows += [
                    {"part": part, "figure": name, **getattr(found, name).model_dump()}
                    for name in _FIGURES
                ]
            else:
                rows += [{"part": part, "days": days, "deals": n} for days, n in found.days.items()]
        return rows

    def to_frame(self, like: FrameT, table: SlippageTable = "figures") -> FrameT:
        """The rows of `records` as a frame.

        Args:
            like: A frame of the kind that it shall be. What is made is lazy where that is. Nothing
                is read of it.
            table: `figures` or `days`.

        Raises:
            UnknownName: There is no such table.
            FrameError: `like` is no frame, or its engine cannot make one of values.
        """
        rows = self.records(table)
        columns: dict[str, type] = {"part": str}
        if table == "days":
            columns |= {"days": int, "deals": int}
        else:
            kinds: dict[str, type] = {"rows": int, **dict.fromkeys(("value", "low", "high"), float)}
            columns |= {name: kinds.get(name, str) for name in ("figure", *Metric.model_fields)}
        return cast("FrameT", frame_like(like, rows, columns))

    def summary(self, lang: Language | None = None) -> str:
        """The figures as a table for people.

        Raises:
            UnknownName: There is no such language.
        """
        head, *rows = self._rows(spoken(lang, self))
        return "\n".join(aligned([head, *rows]))

    def _parts(self) -> Iterator[tuple[SlippagePart, SlippageFigures]]:
        yield "won", self.won
        yield "all", self.all

    def _rows(self, lang: Language) -> Iterator[tuple[str, ...]]:
        words = in_language(lang, _PHRASES)
        yield tuple(words[name] for name in ("closed", "deals", *_FIGURES, "note"))
        for part, found in self._parts():
            figures = (shown(getattr(found, name), lang, bare=True) for name in _FIGURES)
            yield words[part], f"{found.deals:,}", *figures, reason_of(found.median, lang)

    def _name(self, lang: Language) -> str:
        return _PHRASES["name"].get(lang)

    def _view(self, lang: Language) -> Iterator[Html]:
        yield line(title(_PHRASES["head"].get(lang).format(it=self)))
        head, *rows = self._rows(lang)
        yield table(head, rows, range(1, len(head) - 1))

    def __repr__(self) -> str:
        return f"<Slippage: {amount_of(self.all.deals, 'deal')}, {self.won.deals} won>"


def close_slippage(
    frame: object,
    playbook: Playbook,
    *,
    key: str | None = None,
    as_of: date,
    stage: str | None = None,
    columns: Mapping[str, str] | None = None,
    stages: Mapping[str, str] | None = None,
    values: ValueMaps | None = None,
    tz: str | None = None,
    confidence: float = CONFIDENCE,
) -> Slippage:
    """How long after the day that was expected deals were closed: `closed_on - expected_close_on`.

    Of the deals that were won or lost and have both days, those won apart. `all` is what the
    slippage of [`metrics`][salesflow.pipeline.metrics] is worked out from. What was expected is
    what the frame says now: a day that was moved each time it passed hides how late a deal is, so
    take the day that was said at first, or in a snapshot of the past, where there is one. Deals
    that are open, and late already, are not among those that are learned from.

    Args:
        frame: One row per deal, of any kind that narwhals knows; or a
            [`Source`][salesflow.pipeline.Source], a frame with what is said of it.
        playbook: The process, which says how a deal has ended that is in a stage.
        key: The column that identifies a deal.
        as_of: The day: rows that lie after it are left out, and counted in `later`.
        stage: The column of the stage or of how deals ended.
        columns: Fact and column, where a column is not named like the fact it holds.
        stages: Label and stage, sub-stage or outcome.
        values: By fact, what labels of its column stand for.
        tz: Where calendar days begin.
        confidence: Of the intervals of shares, above 0 and below 1.

    Returns:
        The figures; without either column, or under 10 deals, a reason in the place of each.

    Raises:
        FrameError: `problems` lists everything that is wrong with the frame, as for `metrics`.
        ArgumentError: An argument is of the wrong kind; `problems` lists the same.

    Example:
        >>> import polars as pl
        >>> from datetime import timedelta
        >>> from salesflow import load_playbook
        >>> day = date(2026, 3, 31)
        >>> deals = pl.DataFrame(
        ...     {
        ...         "id": [f"D-{n}" for n in range(20)],
        ...         "stage": ["won", "lost"] * 10,
        ...         "expected_close_on": [day] * 20,
        ...         "closed_on": [day + timedelta(days=n) for n in range(20)],
        ...     }
        ... )
        >>> found = close_slippage(
        ...     deals, load_playbook("optimized_sales_process"), key="id", as_of=date(2026, 5, 1)
        ... )
        >>> found.won.deals, found.won.median.value, found.all.late.value
        (10, 9.0, 0.95)
        >>> found.share_between(day, date(2026, 4, 1), date(2026, 4, 9), as_of=date(2026, 3, 30))
        0.4
    """
    given = Arguments()
    said = Said(key, stage, columns, stages, values, tz=tz)
    options = read_options(given, frame, said, as_of=as_of, needs_day=True)
    playbook = read_playbook(given, playbook, _MESSAGE)
    confidence = read_confidence(given, confidence)
    deals = Deals(given, playbook, options, message=_MESSAGE, hidden=_UNREAD.__contains__)
    places = Places(playbook)
    # Where a deal stands says how it ended, so that those won can be told apart.
    found = look_at(deals, Grouping(deals.columns, "stage", ()), len(places.by_key))
    texts = [] if found.chosen is None else [text for (text,) in found.chosen.texts]
    won = Counter[int]()
    for text, part in zip(texts, found.groups, strict=False):
        slipped = part.days["slippage"]
        if text is not None and places.by_key[text].outcome == "won" and slipped is not None:
            won.update(slipped.counts)
    lacking = found.all.lacking.get("slippage")
    reason = no_column(lacking) if lacking else ""
    closed = found.all.days["slippage"] or DayFigures({})
    return keeping(
        Slippage(
            as_of=options.day,
            later=found.all.counts["later"],
            won=_figures(DayFigures(won), reason, confidence),
            all=_figures(closed, reason, confidence),
            confidence=confidence,
            labels=found.all.labels,
        ),
        _playbook=playbook,
    )


def _figures(days: DayFigures, reason: str, confidence: float) -> SlippageFigures:
    few = days.number < FEW
    if few and not reason:
        deals = amount_of(days.number, "deal has", "deals have")
        reason = f"only {deals} both days, and it takes {FEW} to tell"
    shares = {
        "early": days.number - days.above(-1),
        "on_time": days.above(-1) - days.above(0),
        "late": days.above(0),
    }
    number = 0 if few else days.number
    figures = {
        name: Metric.share(part, number, "snapshot", reason=reason, confidence=confidence)
        for name, part in shares.items()
    }
    figures |= {
        name: Metric.of(days.quantile(share), "days", "snapshot", rows=number, reason=reason)
        for name, share in (("p10", _P10), ("median", 0.5), ("p90", P90))
    }
    return SlippageFigures(deals=days.number, days=FrozenDict(days.counts), **figures)


_PHRASES: Final[Mapping[str, Text]] = {
    "name": both(en="Slippage of close dates", zh="成交日期延期情况"),
    "head": both(
        en="Days from the expected close to the actual one, as of {it.as_of}",
        zh="截至 {it.as_of}，实际关闭日期比预计成交日期晚的天数",
    ),
    "closed": both(en="closed", zh="关闭情况"),
    "won": OUTCOMES["won"],
    "all": both(en="won or lost", zh="赢单或输单"),
    "deals": both(en="deals", zh="项目数"),
    "early": both(en="before the day", zh="提前"),
    "on_time": both(en="on the day", zh="当天"),
    "late": both(en="after the day", zh="延后"),
    "p10": both(en="days, 10 %", zh="天数 10 分位"),
    "median": both(en="days, median", zh="天数中位数"),
    "p90": both(en="days, 90 %", zh="天数 90 分位"),
    "note": both(en="note", zh="说明"),
}
