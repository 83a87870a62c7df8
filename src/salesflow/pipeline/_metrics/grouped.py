"""The figures of a pipeline by group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal, TypeAlias, TypeVar, cast

from salesflow._result import Result
from salesflow._show import Html, aligned, heading, plain, table
from salesflow._shown import spoken
from salesflow.errors import UnknownName
from salesflow.pipeline._frames.engines import frame_like
from salesflow.pipeline._frames.groups import GroupValue, kind_of
from salesflow.pipeline._metrics.show import HEADING, PHRASES, blocks, by_stage, shown
from salesflow.pipeline._metrics.values import Metric, Metrics, StageMetrics
from salesflow.pipeline._reports.report import Report
from salesflow.pipeline._wording import amount_of, group_name, others_name
from salesflow.terms import and_more
from salesflow.text import Language, both

FrameT = TypeVar("FrameT")
GroupTable: TypeAlias = Literal["figures", "stages"]

_TABLES: Final[tuple[GroupTable, ...]] = ("figures", "stages")
_FIGURES: Final = tuple(
    name for name, field in Metrics.model_fields.items() if field.annotation is Metric
)
_SHOWN: Final = (
    *("deals", "open", "won", "lost", "win_rate"),
    *("won_value", "average_size", "open_value", "cycle_median"),
)
_WIDEST: Final = 40

RESERVED: Final = frozenset(
    {
        *("part", "place"),
        *(
            f"{name}{end}"
            for name in (*_FIGURES, *StageMetrics.model_fields)
            for end in ("", "_low", "_high")
        ),
    }
)
"""The columns of a table beside those that say which group it is."""


class MetricGroup(Result):
    """Deals that share something, and their figures.

    Attributes:
        values: What they share, in the order of `GroupedMetrics.by`; None where it is missing.
            Days and moments are texts.
        figures: Of these deals alone.
    """

    values: tuple[GroupValue, ...]
    figures: Metrics


class GroupedMetrics(Report):
    """The figures of a pipeline, of all deals and of each group.

    Every deal is in one group. Their counts and sums add up to those of all deals.

    Attributes:
        by: What the deals are grouped by.
        all: The figures of all deals, which are those of `metrics` without `by`.
        groups: The largest groups, those of most deals first; of groups of one size the first in
            order.
        others: The figures of the deals in all other groups together; None where there are none.
        others_total: How many groups these are.
    """

    by: tuple[str, ...]
    all: Metrics
    groups: tuple[MetricGroup, ...]
    others: Metrics | None
    others_total: int

    def records(self, table: GroupTable = "figures") -> list[dict[str, GroupValue]]:
        """The figures as rows, for a table or a frame of your choice.

        Each row says in `part` what it is of: a `group`, the `others` or `all`. Then come what the
        group shares, under the names in `by`, and the figures; of shares also where they may begin
        and end, `_low` and `_high`. Of `stages` there is a row per group and `place`, which is a
        stage or sub-stage.

        Args:
            table: `figures`, or `stages` for what the history says of each stage.

        Raises:
            UnknownName: There is no such table.
        """
        if table not in _TABLES:
            raise UnknownName("table", table, _TABLES)
        rows: list[dict[str, GroupValue]] = []
        for part, values, figures in self._parts():
            row: dict[str, GroupValue] = {"part": part, **dict(zip(self.by, values, strict=True))}
            if table == "figures":
                rows.append(row | _cells({name: getattr(figures, name) for name in _FIGURES}))
            else:
                rows += [
                    row | {"place": key} | _cells(dict(stage))
                    for key, stage in figures.stages.items()
                ]
        return rows

    def to_frame(self, like: FrameT, table: GroupTable = "figures") -> FrameT:
        """The rows of `records` as a frame, in which all numbers are floats.

        Not every engine has whole numbers and truth beside what is missing: a group that shares
        truth is the text `True` or `False`.

        Args:
            like: A frame of the kind that it shall be, such as the one that the figures are of.
                What is made is lazy where that is. Nothing is read of it.
            table: `figures` or `stages`.

        Raises:
            UnknownName: There is no such table.
            FrameError: `like` is no frame, or its engine cannot make one of values.

        Example:
            >>> from datetime import date
            >>> import polars as pl
            >>> from salesflow import load_playbook
            >>> from salesflow.pipeline import metrics
            >>> deals = pl.DataFrame(
            ...     {"id": ["D-1", "D-2"], "stage": ["won", "lost"], "owner": ["li", "wang"]}
            ... )
            >>> found = metrics(
            ...     deals,
            ...     load_playbook("optimized_sales_process"),
            ...     key="id",
            ...     as_of=date(2026, 3, 1),
            ...     by="owner",
            ... )
            >>> found.to_frame(like=deals).select("part", "owner", "win_rate").rows()
            [('group', 'li', 1.0), ('group', 'wang', 0.0), ('all', None, 0.5)]
        """
        rows = self.records(table)
        columns: dict[str, type] = dict.fromkeys(rows[0] if rows else (), float)
        columns |= dict.fromkeys(columns.keys() & {"part", "place"}, str)
        columns |= {name: kind_of(row[name] for row in rows) for name in self.by if name in columns}
        return cast("FrameT", frame_like(like, rows, columns))

    def summary(self, lang: Language | None = None) -> str:
        """The figures that matter most as a table for people: a row per group, and one for all.

        Raises:
            UnknownName: There is no such language.
        """
        lang = spoken(lang, self)
        head = (" · ".join(map(plain, self.by)), *_head(lang))
        rows = [
            (" · ".join(plain(name, _WIDEST) for name in called if name), *_figures(figures, lang))
            for called, figures in self._called(lang)
        ]
        return "\n".join(aligned([head, *rows], left=(0,)))

    def __repr__(self) -> str:
        more = and_more(self.others_total, "en")
        groups = f"{amount_of(len(self.groups), 'group')} by {', '.join(self.by)}"
        return f"<GroupedMetrics: {' '.join(filter(None, (groups, more)))}>"

    def _parts(self) -> Iterator[tuple[str, tuple[GroupValue, ...], Metrics]]:
        nothing = (None,) * len(self.by)
        for group in self.groups:
            yield "group", group.values, group.figures
        if self.others is not None:
            yield "others", nothing, self.others
        yield "all", nothing, self.all

    def _called(self, lang: Language) -> Iterator[tuple[tuple[str, ...], Metrics]]:
        """The parts with what people call them, in as many texts as there are names in `by`."""
        more = ("",) * (len(self.by) - 1)
        for part, values, figures in self._parts():
            if part == "group":
                yield tuple(group_name([value], lang) for value in values), figures
            else:
                name = _ALL.get(lang)
                if part == "others":
                    name = others_name(self.others_total, lang)
                yield (name, *more), figures

    def _name(self, lang: Language) -> str:
        return f"{HEADING.get(lang)} · {', '.join(self.by)}"

    def _view(self, lang: Language) -> Iterator[Html]:
        rows = [(*called, *_figures(figures, lang)) for called, figures in self._called(lang)]
        first = len(self.by)
        yield table((*self.by, *_head(lang)), rows, range(first, first + len(_SHOWN)))

    def _whole_page(self, lang: Language) -> Iterator[Html]:
        yield from self._view(lang)
        groups = [(called, figures) for called, figures in self._called(lang)][:-1]
        yield from by_stage(groups, self.by, self._places(lang), lang)
        yield heading(_ALL.get(lang))
        yield from blocks(self.all, lang)


def _cells(figures: Mapping[str, Metric]) -> dict[str, GroupValue]:
    cells: dict[str, GroupValue] = {}
    for name, found in figures.items():
        cells[name] = found.value
        if found.unit == "share":
            cells |= {f"{name}_low": found.low, f"{name}_high": found.high}
    return cells


def _head(lang: Language) -> list[str]:
    return [PHRASES[name].get(lang) for name in _SHOWN]


def _figures(figures: Metrics, lang: Language) -> list[str]:
    return [shown(getattr(figures, name), lang, bare=True) for name in _SHOWN]


_ALL: Final = both(en="all", zh="全部")
