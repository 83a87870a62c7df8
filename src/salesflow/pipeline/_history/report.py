"""What came of comparing a stage log with a playbook."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cached_property
from math import isnan
from typing import Annotated, Final, Generic, TypeVar, cast

from pydantic import Field, PrivateAttr

from salesflow._arguments import number_to
from salesflow._frozen import Frozen, FrozenDict
from salesflow._result import Result
from salesflow._show import Html, aligned, badge, heading, line, table, title
from salesflow._shown import spoken
from salesflow.pipeline._frames.engines import opened, rows_of, whole
from salesflow.pipeline._history.frames import Found
from salesflow.pipeline._history.process_graph import DeviationKind
from salesflow.pipeline._history.variants import MOST_VARIANTS, NAME, Variants, variants_of
from salesflow.pipeline._reports.report import Report
from salesflow.pipeline._wording import amount_of
from salesflow.playbook import Playbook
from salesflow.terms import and_more
from salesflow.text import Language, Text, both, in_language

FrameT = TypeVar("FrameT")

_SHOWN: Final = 10
_ON_A_PAGE: Final = 500
_WAYS: Final = 20


class Deviation(Result):
    """One way in which cases leave the process, and how often.

    Attributes:
        kind: As in `HistoryReport.counts`.
        source: The stage or end that it leads from; None at the beginning of a case.
        target: Where it leads; of `too_long` None, of `unknown_label` the label, "" where it is
            missing.
        count: How many events.
    """

    kind: DeviationKind
    source: str | None
    target: str | None
    count: int


class HistoryReport(Report, Generic[FrameT]):
    """What `check_history` found.

    Attributes:
        rows: The events of the log that were looked at.
        later: The events after `as_of`, which were not.
        ignored: Labels that do not matter, and the number of their events, which were not either.
        as_of: The last day of the log; None for all of it.
        cases_total: How many cases they belong to.
        unseen: How many of these begin unseen: only their first change says where they were before
            it, so that nobody knows since when.
        conforming: How many cases have no deviation at all.
        moves: How often a deal went from one place to another. An event that names the place where
            the deal already is does not count as a move.
        fitness: The share of the moves that the playbook allows, 0 to 1; None without any move.
        counts: By kind, how many events deviate:

            - `without_predecessor`: a deal begins elsewhere than at the start, or comes from a
              stage that leads there by no way;
            - `skipped`: it goes on past stages on the way;
            - `moved_back`: it goes back in the order of the playbook, by no way of the playbook
              and without its policy allowing that;
            - `loop`: it goes a way that is allowed, into a stage where it has been before and to
              which nothing in the playbook lets it return;
            - `after_end`: it goes on though it was won, lost, disqualified or ended;
            - `tied`: it happened at the same time as what comes before it, or has the same number,
              so that nobody knows the order; the order of the process is taken, of equal numbers
              that of the times first;
            - `out_of_order`: with a column that numbers the events, a later one has an earlier
              time, also where it names the same stage;
            - `gap`: in a log of changes, the next one leads from elsewhere than where the deal was,
              so that a change is missing; `to` is what it leads from;
            - `too_long`: the deal stayed longer than the `max_days` of the stage, in all of its
              sub-stages together, or than that of the sub-stage; days on which clocks rest are not
              counted;
            - `unknown_label`: nobody said what the label means; the event is left out.
        frequent: Every deviation by kind and place, the most frequent first.
        unknown_labels: Label and number of events; "" stands for a missing one. In a log of
            changes those that events lead from are there, too.
        labels: Under `stage`, what labels were read as that are no keys and that nobody explained.
    """

    rows: int
    later: int
    ignored: Annotated[Mapping[str, int], Frozen]
    as_of: date | None
    cases_total: int
    unseen: int
    conforming: int
    moves: int
    fitness: float | None
    counts: Annotated[Mapping[DeviationKind, int], Frozen]
    frequent: tuple[Deviation, ...]
    unknown_labels: Annotated[Mapping[str, int], Frozen]
    labels: Annotated[Mapping[str, Mapping[str, str]], Frozen] = Field(default_factory=FrozenDict)
    _found: Found = PrivateAttr()
    _frames: Mapping[str, Callable[[], object]] = PrivateAttr()

    @property
    def playbook(self) -> Playbook:
        """What the log was compared with."""
        found: Found = self._kept("_found")
        return found.course.playbook

    @cached_property
    def deviations(self) -> FrameT:
        """One row per event and way in which it deviates, in a frame of the caller's kind.

        Columns: the case under its own name; `kind`; `from` and `to`, keys of stages, sub-stages
        or ends, `from` being null at the beginning of a case; `at`, the time of the event as it
        was given; `days`, of `too_long` how long the deal stayed, where `from` is the stage, `to`
        what came after it, if anything, and `at` when it was entered. Of `unknown_label`, `to` is
        the label.

        It is made on first access; that of a lazy frame is lazy. The order of rows means nothing.
        """
        return self._made("deviations")

    @cached_property
    def cases(self) -> FrameT:
        """One row per case: the case, `events`, `moves`, `allowed`, `deviations`, `fitness`.

        `fitness` is the share of its moves that the playbook allows; null without any move.
        """
        return self._made("cases")

    @cached_property
    def edges(self) -> FrameT:
        """One row per move that occurs: `from`, `to`, `count`, `allowed`, and how long it took.

        `days_median` and `days_p90` are of the days that a deal was where the move leads from
        before it went this way; the 90th percentile is interpolated, as in `StageMetrics`. They are
        missing where nobody saw any of the deals come there.

        A pair can be there twice: a policy may allow what the course of a deal permits, such as
        going back to where it has been.
        """
        return self._made("edges")

    def variants(self, top: int = 10) -> Variants:
        """The ways that the cases went, the most frequent first, with how many days they took.

        It asks the engine for counts, so that of a lazy log nothing else is collected.

        Args:
            top: How many to tell, 1 to 200. Of the others it says how many they are.

        Raises:
            ArgumentError: `top` is something else.
            FrameError: The engine cannot tell.

        Example:
            >>> import polars as pl
            >>> from salesflow import load_playbook
            >>> from salesflow.pipeline import check_history
            >>> log = pl.DataFrame(
            ...     {
            ...         "case:concept:name": ["D-1", "D-1", "D-2", "D-2"],
            ...         "concept:name": ["territory_account_plan", "demand_generation"] * 2,
            ...         "time:timestamp": [date(2026, 1, day) for day in (5, 9, 5, 11)],
            ...     }
            ... )
            >>> found = check_history(log, load_playbook("optimized_sales_process")).variants()
            >>> found.variants[0].stages, found.variants[0].cases, found.variants[0].days_median
            (('territory_account_plan', 'demand_generation'), 2, 5.0)
        """
        return variants_of(self._kept("_found"), number_to(top, MOST_VARIANTS, "top"))

    def _made(self, name: str) -> FrameT:
        # narwhals gives back the kind of frame that it was given; its types cannot say so.
        return cast("FrameT", self._kept("_frames")[name]())

    def summary(self, lang: Language | None = None) -> str:
        """The report as a text for people: the most frequent deviations come first.

        Raises:
            UnknownName: There is no such language.
        """
        lang = spoken(lang, self)
        words = in_language(lang, _PHRASES)
        lines = [*self._said(words), ""]
        if not self.frequent:
            return "\n".join([*lines, words["clean"]])
        lines += aligned([("", words["count"], words["way"]), *self._rows(words, _SHOWN, {})])
        more = and_more(len(self.frequent) - _SHOWN, lang)
        return "\n".join([*lines, more] if more else lines)

    def records(self) -> list[dict[str, str | int | None]]:
        """A row per deviation in `frequent`, for a table or a frame of your choice.

        Keys: `kind`; `from` and `to`, as in `deviations`; `count`.
        """
        return [
            {"kind": it.kind, "from": it.source, "to": it.target, "count": it.count}
            for it in self.frequent
        ]

    def _said(self, words: Mapping[str, str]) -> list[str]:
        """How many there are of each, in sentences."""
        share = "–" if self.fitness is None else f"{self.fitness:.1%}"
        return [
            words["head"].format(**self._numbers()),
            words["moves"].format(**self._numbers(), share=share),
            *(words[name].format(n=n) for name, n in self._untold() if n),
        ]

    def _rows(
        self, words: Mapping[str, str], most: int, places: Mapping[str, str]
    ) -> list[tuple[str, str, str]]:
        """The most frequent deviations."""
        return [
            (words[found.kind], f"{found.count:,}", _way(found, words, places))
            for found in self.frequent[:most]
        ]

    def _name(self, lang: Language) -> str:
        name = _PHRASES["name"].get(lang)
        return f"{name} · {self._process.title.get(lang)}" if self._process else name

    def _view(self, lang: Language, most: int = _SHOWN) -> Iterator[Html]:
        words = in_language(lang, _PHRASES)
        first, *more = self._said(words)
        wrong = sum(self.counts.values())
        word = words["wrong"].format(n=wrong) if wrong else words["none"]
        yield line(title(first), badge(word, "bad" if wrong else "good"))
        yield from map(line, more)
        if self.frequent:
            head = ("", words["count"], words["way"])
            left_out = and_more(len(self.frequent) - most, lang)
            rows = self._rows(words, most, self._places(lang))
            yield table(head, rows, {1}, more=left_out)

    def _whole_page(self, lang: Language) -> Iterator[Html]:
        words = in_language(lang, _PHRASES)
        yield from self._view(lang, _ON_A_PAGE)
        if self._kept_or_none("_frames") is None:
            return
        edges = rows_of(opened(self.edges))
        edges.sort(key=lambda it: (-whole(it["count"]), it["from"], it["to"], it["allowed"]))
        places = self._places(lang)
        rows = [
            (
                " → ".join(places.get(it[end], it[end]) for end in ("from", "to")),
                badge(words["allowed"], "good") if it["allowed"] else badge(words["not"], "bad"),
                f"{whole(it['count']):,}",
                *(_days(it[name]) for name in ("days_median", "days_p90")),
            )
            for it in edges[:_ON_A_PAGE]
        ]
        if rows:
            yield heading(words["edges"])
            head = (words["way"], "", *(words[name] for name in ("number", "median", "p90")))
            yield table(head, rows, {2, 3, 4}, more=and_more(len(edges) - len(rows), lang))
        yield heading(NAME.get(lang))
        yield from self.variants(_WAYS)._view(lang)  # noqa: SLF001 - siblings

    def _untold(self) -> tuple[tuple[str, int], ...]:
        """What the log does not tell, or was not asked for."""
        ignored = sum(self.ignored.values())
        unknown = sum(self.unknown_labels.values())
        return (
            ("unseen", self.unseen),
            ("later", self.later),
            ("ignored", ignored),
            ("unknown", unknown),
        )

    def __repr__(self) -> str:
        words = "{cases}, {moves}, {deviations}, {clean}>".format(**self._numbers())
        return f"<HistoryReport: {words}"

    def _numbers(self) -> dict[str, str | int]:
        """What there is how often, with its words in English, and as numbers."""
        conform = "conforms" if self.conforming == 1 else "conform"
        return {
            "cases": amount_of(self.cases_total, "case"),
            "events": amount_of(self.rows, "event"),
            "moves": amount_of(self.moves, "move"),
            "deviations": amount_of(sum(self.counts.values()), "deviation"),
            "clean": f"{amount_of(self.conforming, 'case')} {conform}",
            "them": "it" if self.moves == 1 else "them",
            "n_cases": self.cases_total,
            "n_events": self.rows,
            "n_moves": self.moves,
            "n_clean": self.conforming,
        }


def _days(value: object) -> str:
    # What is missing is NaN in pandas.
    return f"{value:,g}" if isinstance(value, float) and not isnan(value) else "–"


def _way(found: Deviation, words: Mapping[str, str], places: Mapping[str, str]) -> str:
    if found.kind == "unknown_label":  # it leads nowhere
        return found.target or words["missing"]
    source, target = (places.get(it or "", it) for it in (found.source, found.target))
    return f"{source}" if target is None else f"{source or words['start']} → {target}"


_PHRASES: Final[Mapping[str, Text]] = {
    "head": both(
        en="{cases}, {events}; {clean} to the process",
        zh="共 {n_cases:,} 个项目、{n_events:,} 条记录，其中 {n_clean:,} 个项目符合流程",
    ),
    "moves": both(
        en="{moves}; the process allows {share} of {them}",
        zh="共 {n_moves:,} 次阶段变动，流程允许的占 {share}",
    ),
    "unseen": both(en="Cases that begin unseen: {n:,}", zh="起始阶段未被记录的项目：{n:,} 个"),
    "later": both(en="Events after the day: {n:,}", zh="晚于该日的记录：{n:,} 条"),
    "ignored": both(en="Events that do not matter: {n:,}", zh="忽略的记录：{n:,} 条"),
    "unknown": both(
        en="Events whose label nobody explained: {n:,}; say what it is, or that it does not matter",
        zh="标签未说明的记录：{n:,} 条；请说明其含义，或指明其无关紧要",
    ),
    "clean": both(en="No deviations were found.", zh="没有发现偏差。"),
    "name": both(en="Course of the deals", zh="项目进程检查"),
    "wrong": both(en="deviations: {n:,}", zh="偏差：{n:,} 处"),
    "none": both(en="no deviations", zh="没有偏差"),
    "edges": both(en="Every move", zh="全部阶段变动"),
    "allowed": both(en="allowed", zh="流程允许"),
    "not": both(en="not allowed", zh="流程不允许"),
    "number": both(en="moves", zh="次数"),
    "median": both(en="days, median", zh="天数中位数"),
    "p90": both(en="days, 90 %", zh="天数 90 分位"),
    "count": both(en="events", zh="次数"),
    "way": both(en="from → to", zh="从 → 到"),
    "start": both(en="start", zh="开始"),
    "missing": both(en="(missing)", zh="（缺失）"),
    "without_predecessor": both(en="entered without its predecessor", zh="未经前置阶段进入"),
    "skipped": both(en="stages skipped", zh="跳过阶段"),
    "moved_back": both(en="moved back", zh="退回"),
    "loop": both(en="entered again", zh="重复进入"),
    "after_end": both(en="went on after the end", zh="结束后继续"),
    "tied": both(en="same time or number as before", zh="与上一条记录时间或序号相同"),
    "out_of_order": both(en="time goes back", zh="时间倒退"),
    "gap": both(en="a change is missing", zh="缺少变动记录"),
    "too_long": both(en="stayed too long", zh="停留超时"),
    "unknown_label": both(en="unknown label", zh="未知标签"),
}
