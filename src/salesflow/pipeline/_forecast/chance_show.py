"""Learned chances for people: as a text, in a notebook and on a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from salesflow._show import Html, aligned, heading, line, plain, table, title
from salesflow.pipeline._frames.groups import GroupValue
from salesflow.pipeline._metrics.show import reason_of, shown
from salesflow.pipeline._wording import amount_of, group_name
from salesflow.terms import FORECAST_WORDS
from salesflow.text import Language, Text, both, in_language

if TYPE_CHECKING:
    from salesflow.pipeline._forecast.chance_values import PlaceChances, WinChances

NAME: Final = both(en="Learned chances", zh="由历史得出的赢率")
"""What the chances are called."""
_WIDEST: Final = 40


class _Table(NamedTuple):
    """A table of chances.

    Attributes:
        name: What it is called.
        head: The names of its columns.
        rows: Its rows.
        named: How many of the first columns say what a row is of.
        noted: The last column is a note.
    """

    name: str
    head: tuple[str, ...]
    rows: list[tuple[str, ...]]
    named: int
    noted: bool = True

    @property
    def figures(self) -> range:
        """The columns of figures."""
        return range(self.named, len(self.head) - self.noted)


def written(found: WinChances, lang: Language) -> str:
    """The chances as a text."""
    lines = _said(found, lang)
    for each in _tables(found, lang, {}):
        left = [at for at in range(len(each.head)) if at not in each.figures]
        lines += ["", each.name, *aligned([each.head, *each.rows], left=left)]
    return "\n".join(lines)


def blocks(found: WinChances, lang: Language) -> Iterator[Html]:
    """The chances as lines and tables."""
    first, *more = _said(found, lang)
    yield line(title(first))
    yield from map(line, more)
    for each in _tables(found, lang, found._places(lang)):  # noqa: SLF001 - a sibling
        yield heading(each.name)
        yield table(each.head, each.rows, each.figures)


def _said(found: WinChances, lang: Language) -> list[str]:
    words = in_language(lang, _PHRASES)
    lines = [words["head"].format(it=found, deals=amount_of(found.deals, "deal"))]
    if found.unplaced:
        lines.append(words["unplaced"].format(n=found.unplaced))
    return lines


def _tables(found: WinChances, lang: Language, places: Mapping[str, str]) -> Iterator[_Table]:
    """All deals, and the segments where there are any; `places` are titles of stages."""
    words = in_language(lang, _PHRASES)
    counts = ("place", "entered", "won", "lost", "open")
    figures = (*counts, "chance", "undecided", "own", "days_to_win", "note")
    rows: list[tuple[str, ...]] = [
        (
            *_counted(places.get(place, place), of),
            shown(of.chance, lang),
            shown(of.undecided, lang),
            "–" if of.own is None else f"{of.own:.2%}",
            shown(of.days_to_win, lang, bare=True),
            reason_of(of.chance, lang),
        )
        for place, of in found.places.items()
        if of.entered or of.untold or of.own is not None
    ]
    yield _Table(words["all"], tuple(words[name] for name in figures), rows, 1)
    days = sorted({it.days for of in found.places.values() for it in of.landmarks})
    if days:
        rows = [
            (
                plain(places.get(place, place), _WIDEST),
                *(f"{of.standing(day).value:.2%}" if day in told else "–" for day in days),
            )
            for place, of in found.places.items()
            if (told := {it.days for it in of.landmarks})
        ]
        head = (words["place"], *(f"{day:,}" for day in days))
        yield _Table(words["standing"], head, rows, 1, noted=False)
    if not found.by:
        return
    names = (*counts, "alone", "chance", "weight", "note")
    head = (" · ".join(map(plain, found.by)), *(words[name] for name in names))
    rows = [
        (
            _called(found, part, values, lang),
            *_counted(places.get(place, place), of),
            shown(of.alone, lang),
            shown(of.chance, lang),
            f"{of.weight:.0%}",
            reason_of(of.chance, lang),
        )
        for part, values, chances in found.parts()
        if part != "all"
        for place, of in chances.items()
        if of.entered or of.untold
    ]
    yield _Table(words["by_segment"], head, rows, 2)


def _called(found: WinChances, part: str, values: tuple[GroupValue, ...], lang: Language) -> str:
    words = in_language(lang, _PHRASES)
    if part == "others":
        return words["others"].format(n=found.others_total)
    return group_name(values, lang)


def _counted(place: str, of: PlaceChances) -> tuple[str, ...]:
    numbers = (of.entered, of.won, of.lost, of.open)
    return plain(place, _WIDEST), *(f"{number:,}" for number in numbers)


_PHRASES: Final[Mapping[str, Text]] = {
    "head": both(
        en="Chances learned from {deals}, as of {it.as_of}",
        zh="截至 {it.as_of}，由 {it.deals:,} 个项目的历史得出的赢率",
    ),
    "unplaced": both(
        en="Deals of the history that the frame of deals does not have: {n:,}",
        zh="历史中有、项目表中没有的项目：{n:,} 个",
    ),
    "all": both(en="All deals", zh="全部项目"),
    "standing": both(
        en="Chance of a deal that still stands there, by days since it came",
        zh="仍停留在该阶段的项目的赢率（按到达后的天数）",
    ),
    "by_segment": both(en="By segment, drawn to all deals", zh="分组情况（向全部项目收缩）"),
    "place": both(en="stage", zh="阶段"),
    "entered": both(en="came", zh="到过"),
    "won": both(en="won", zh="赢单"),
    "lost": both(en="ended otherwise", zh="未赢单而结束"),
    "open": both(en="open", zh="进行中"),
    "chance": FORECAST_WORDS["chance"],
    "undecided": both(en="not watched to the end", zh="未观察到结局"),
    "alone": both(en="by itself", zh="仅本组"),
    "weight": both(en="weight", zh="本组权重"),
    "own": both(en="playbook", zh="流程设定"),
    "days_to_win": both(en="days to the win, median", zh="距赢单天数中位数"),
    "note": both(en="note", zh="说明"),
    "others": both(en="other segments: {n:,}", zh="其他 {n:,} 组"),
}
