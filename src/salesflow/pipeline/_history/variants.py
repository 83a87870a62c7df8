"""The variants of a log: which ways its cases went, how many each, and how long they took.

A way is a sequence of places. It is counted as numbers, each of which holds some places one after
another as its digits: sums, by which every engine can group, and from which the way can be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from math import log2
from operator import and_
from typing import Final

import narwhals.stable.v2 as nw

from salesflow._result import Result, keeping
from salesflow._show import Html, aligned, table
from salesflow._shown import spoken
from salesflow.pipeline._day_figures import P90, DayFigures
from salesflow.pipeline._frames.engines import engine_errors, rows_of, whole
from salesflow.pipeline._frames.windows import with_aggregates
from salesflow.pipeline._history.frames import Found
from salesflow.pipeline._history.process_graph import START
from salesflow.pipeline._reports.report import Report
from salesflow.pipeline._wording import amount_of
from salesflow.rules.columns import Frame
from salesflow.text import Language, Text, both, in_language

MOST_VARIANTS: Final = 200
_MOST_NUMBERS: Final = 64
_BITS: Final = 52  # what a float holds exactly, should an engine make floats of the sums

NAME: Final = both(en="The ways that deals went", zh="项目经过的路径")
"""What the variants are called."""


class Variant(Result):
    """Cases that went the same way.

    Attributes:
        stages: The places on it, in order: stages, sub-stages and ends, as the log names them.
        cases: How many went it.
        share: Their share of all cases, 0 to 1.
        days_median: The median of the days from the first event of a case to the last by which it
            came to a place; None where nobody saw any of these cases begin. Days on which clocks
            rest are not counted.
        days_p90: Their 90th percentile, interpolated linearly between two of them.
    """

    stages: tuple[str, ...]
    cases: int
    share: float
    days_median: float | None
    days_p90: float | None


class Variants(Report):
    """The ways that the cases of a log went.

    Attributes:
        cases_total: How many cases came to any place at all.
        variants: The most frequent ways first.
        others: How many cases went other ways.
        others_total: How many other ways these are.
        too_long: How many cases have more places than can be told apart, some hundreds; they
            are neither in a variant nor among the others.
    """

    cases_total: int
    variants: tuple[Variant, ...]
    others: int
    others_total: int
    too_long: int

    def records(self) -> list[dict[str, str | int | float | None]]:
        """A row per variant, for the frame library of your choice; the places are one text."""
        return [
            {**variant.model_dump(), "stages": _way(variant.stages)} for variant in self.variants
        ]

    def summary(self, lang: Language | None = None) -> str:
        """The variants as a table for people.

        Raises:
            UnknownName: There is no such language.
        """
        return "\n".join(aligned(self._rows(spoken(lang, self), {}), left=(-1,)))

    def _name(self, lang: Language) -> str:
        return NAME.get(lang)

    def _view(self, lang: Language) -> Iterator[Html]:
        head, *rows = self._rows(lang, self._places(lang))
        yield table(head, rows, {0, 1, 2, 3})

    def _rows(self, lang: Language, places: Mapping[str, str]) -> list[tuple[str, ...]]:
        """A head, a row for each variant, and what is left."""
        words = in_language(lang, _PHRASES)
        head = tuple(words[name] for name in ("cases", "share", "days_median", "days_p90", "way"))
        rows = [
            (
                f"{found.cases:,}",
                f"{found.share:.1%}",
                *("–" if it is None else f"{it:,g}" for it in (found.days_median, found.days_p90)),
                _way([places.get(place, place) for place in found.stages]),
            )
            for found in self.variants
        ]
        for name, cases in (("others", self.others), ("too_long", self.too_long)):
            if cases:
                said = words[name].format(n=self.others_total)
                rows.append((f"{cases:,}", f"{cases / self.cases_total:.1%}", "–", "–", said))
        return [head, *rows]

    def __repr__(self) -> str:
        ways = amount_of(len(self.variants) + self.others_total, "variant")
        return f"<Variants: {amount_of(self.cases_total, 'case')}, {ways}>"


def variants_of(found: Found, top: int) -> Variants:
    """The `top` most frequent ways of the cases.

    Raises:
        FrameError: The engine cannot tell.
    """
    with engine_errors(found.frame):
        return _Ways(found).variants(top)


class _Ways:
    """The cases of a log, with the way of each as numbers."""

    def __init__(self, found: Found) -> None:
        self._nodes, self._playbook = found.course.nodes, found.course.playbook
        self._base = len(self._nodes) + 1  # no place is 0, so that the last one is known
        self._digits = int(_BITS / log2(self._base))
        entries = found.frame.filter(nw.col("entry")).with_columns(
            number=nw.col("number").cast(nw.Int64)
        )
        entries = with_aggregates(entries, ["case"], first=nw.col("number").min())
        place = nw.col("number") - nw.col("first")
        entries = entries.with_columns(step=place.cast(nw.Int64))
        row = rows_of(entries.select(nw.col("step").max().alias("last")))[0]
        steps = whole(row["last"]) + 1
        numbers = min(-(-steps // self._digits), _MOST_NUMBERS)
        self._names = [f"n{number}" for number in range(numbers)]
        self._cases = self._read(entries)

    def _read(self, entries: Frame) -> Frame:
        """A row per case: its way, the days that it took, and whether that is too long."""
        step, digits = nw.col("step"), self._digits
        weight: nw.Expr = nw.lit(0)
        for number in range(digits):
            weight = (
                nw.when(step % nw.lit(digits) == nw.lit(number))
                .then(nw.lit(self._base**number))
                .otherwise(weight)
            )
        digit = (nw.col("code") + nw.lit(1)).cast(nw.Int64) * weight.cast(nw.Int64)
        entries = entries.with_columns(digit=digit)
        unseen = nw.col("unseen") & (nw.col("before") == nw.lit(START))
        day = nw.col("day") - nw.col("rested")
        marked = entries.select(
            "case",
            *(self._part(number).alias(name) for number, name in enumerate(self._names)),
            step.alias("last"),
            day.alias("from"),
            day.alias("until"),
            unseen.cast(nw.Int64).alias("unseen"),
        )
        cases = marked.group_by("case").agg(
            *(nw.col(name).sum() for name in self._names),
            nw.col("from").min(),
            *(nw.col(name).max() for name in ("last", "until", "unseen")),
        )
        return cases.select(
            *(nw.col(name).cast(nw.Int64) for name in self._names),
            (nw.col("until") - nw.col("from")).cast(nw.Float64).alias("days"),
            (nw.col("unseen") == nw.lit(0)).alias("seen"),
            (nw.col("last") >= nw.lit(self._digits * len(self._names))).alias("long"),
        )

    def _part(self, number: int) -> nw.Expr:
        """The digits of the steps that this number holds."""
        first = self._digits * number
        within = (nw.col("step") >= nw.lit(first)) & (nw.col("step") < nw.lit(first + self._digits))
        return nw.when(within).then(nw.col("digit")).otherwise(nw.lit(0)).cast(nw.Int64)

    def variants(self, top: int) -> Variants:
        names = self._names
        long = nw.col("long").cast(nw.Int64)
        ways = self._cases.select(*names, long.alias("long"), all=nw.lit(0))
        ways = ways.group_by("all", "long", *names).agg(nw.len().alias("n"))
        ways = ways.with_columns(nw.col("n").cast(nw.Int64))
        # Beside each way the sums of all of them: who asks again goes through the whole log again.
        short = nw.lit(1) - nw.col("long")
        sums = {
            "ways": short,
            "cases": short * nw.col("n"),
            "too_long": nw.col("long") * nw.col("n"),
        }
        ways = ways.with_columns(**sums)
        ways = with_aggregates(ways, ["all"], **{name: nw.col(name).sum() for name in sums})
        descending = [False, True, *(False for _ in names)]
        first = rows_of(ways.sort("long", "n", *names, descending=descending).head(top))
        counted = first[0] if first else dict.fromkeys(sums, 0)
        rows = [row for row in first if not row["long"]]
        told = self._cases.filter(~nw.col("long"))
        days = self._days(told, [[int(row[name]) for name in names] for row in rows])
        cases, too_long = int(counted["cases"]), int(counted["too_long"])
        total = cases + too_long
        shown = tuple(
            Variant(
                stages=tuple(self._stages([int(row[name]) for name in names])),
                cases=int(row["n"]),
                share=int(row["n"]) / total,
                days_median=days.get(number, _NONE).quantile(0.5),
                days_p90=days.get(number, _NONE).quantile(P90),
            )
            for number, row in enumerate(rows)
        )
        return keeping(
            Variants(
                cases_total=total,
                variants=shown,
                others=cases - sum(variant.cases for variant in shown),
                others_total=int(counted["ways"]) - len(shown),
                too_long=too_long,
            ),
            _playbook=self._playbook,
        )

    def _days(self, told: Frame, ways: Sequence[Sequence[int]]) -> dict[int, DayFigures]:
        """How many days the cases took, by the number of their way."""
        rest = len(ways)
        found: nw.Expr = nw.lit(rest)
        for number, way in enumerate(ways):
            pairs = zip(self._names, way, strict=True)
            same = reduce(and_, (nw.col(name) == nw.lit(value) for name, value in pairs))
            found = nw.when(same).then(nw.lit(number)).otherwise(found)
        numbered = told.filter(nw.col("seen")).with_columns(way=found.cast(nw.Int64))
        numbered = numbered.filter(nw.col("way") < nw.lit(rest))
        counts: dict[int, dict[int, int]] = {}
        for row in rows_of(numbered.group_by("way", "days").agg(nw.len().alias("n"))):
            counts.setdefault(int(row["way"]), {})[int(row["days"])] = int(row["n"])
        return {way: DayFigures(of_days) for way, of_days in counts.items()}

    def _stages(self, way: Sequence[int]) -> Iterator[str]:
        for number in way:
            left = number
            while left:
                left, digit = divmod(left, self._base)
                yield self._nodes[digit - 1].key


def _way(stages: Sequence[str]) -> str:
    return " → ".join(stages)


_NONE: Final = DayFigures({})

_PHRASES: Final[Mapping[str, Text]] = {
    "cases": both(en="cases", zh="项目数"),
    "share": both(en="share", zh="占比"),
    "days_median": both(en="days, median", zh="天数中位数"),
    "days_p90": both(en="days, 90 %", zh="天数 90 分位"),
    "way": both(en="way", zh="路径"),
    "others": both(en="other ways: {n:,}", zh="其他 {n:,} 种路径"),
    "too_long": both(en="more places than can be told apart", zh="阶段过多，无法区分"),
}
