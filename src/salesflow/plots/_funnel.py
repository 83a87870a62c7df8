"""The funnel: how many deals entered each stage, and what became of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import altair as alt

from salesflow._shown import spoken
from salesflow.pipeline import Metrics, StageMetrics
from salesflow.playbook import Playbook
from salesflow.plots import _canvas
from salesflow.plots._canvas import ChartRow, Picture
from salesflow.plots._stages import StagePlace, stage_figures
from salesflow.terms import OUTCOMES
from salesflow.text import Language, both, in_language

_TEXT_ROOM: Final = 1.36  # the axis is longer than the longest bar, for the text beside it
_PARTS: Final = {"went_on": _canvas.BLUE, "ended": _canvas.ORANGE, "still": _canvas.PALE}
_OUTCOMES: Final = {
    "open": _canvas.BLUE,
    "won": _canvas.GREEN,
    "lost": _canvas.RED,
    "disqualified": _canvas.GREY,
}


def funnel(
    figures: Metrics, playbook: Playbook, *, lang: Language | None = None, sub_stages: bool = False
) -> Picture:
    """How many deals entered each stage, how many of them went on, ended, or are still there.

    With a history, one bar per stage: the deals that entered it, by what became of them, and the
    share of the decided ones that went on (see [`StageMetrics`][salesflow.pipeline.StageMetrics]).
    Without a history, what a snapshot tells: how many deals are open, won, lost and disqualified.

    Args:
        figures: What `salesflow.pipeline.metrics` gave.
        playbook: The process that the figures are of; for the order and the titles.
        lang: The language of titles, axes and labels; by default that of the playbook.
        sub_stages: Whether sub-stages have bars of their own, under their stage.

    Raises:
        ArgumentError: An argument is of the wrong kind; `problems` lists all of them.
        PlotError: The figures are those of another playbook.
        UnknownName: There is no such language.

    Example:
        >>> from datetime import date
        >>> import polars as pl
        >>> from salesflow import load_playbook
        >>> from salesflow.pipeline import metrics
        >>> playbook = load_playbook("optimized_sales_process")
        >>> deals = pl.DataFrame({"id": ["D-1", "D-2"], "stage": ["won", "lost"]})
        >>> figures = metrics(deals, playbook, key="id", as_of=date(2026, 3, 1))
        >>> chart = funnel(figures, playbook)
        >>> chart.to_dict()["title"]["text"]
        'Open and closed deals'
    """
    lang = spoken(lang, playbook)
    found = stage_figures(figures, playbook, lang, sub_stages=sub_stages)
    if any(stage.entered.value is not None for _, stage in found):
        return _stage_chart(figures, found, lang)
    return _outcome_chart(figures, lang)


def _stage_chart(
    figures: Metrics, found: Sequence[tuple[StagePlace, StageMetrics]], lang: Language
) -> Picture:
    words = in_language(lang, _PHRASES)
    pieces: list[ChartRow] = []
    totals: list[ChartRow] = []
    longest = 0
    for place, stage in found:
        entered = int(stage.entered.value or 0)
        longest = max(longest, entered)
        decided = stage.conversion.rows
        on = round(decided * (stage.conversion.value or 0.0))
        share = words["undecided"] if entered else words["empty"]
        if stage.conversion.value is not None:
            share = words["share"].format(share=stage.conversion.value)
        row: ChartRow = {"stage": place.label, "entered": entered, "conversion": share}
        numbers = (on, decided - on, entered - decided)
        pieces += [
            row | {"part": words[part], "number": deals, "order": order}
            for order, (part, deals) in enumerate(zip(_PARTS, numbers, strict=True))
            if deals
        ]
        totals.append(row | {"text": f"{entered:,} · {share}" if entered else share})
    labels = [place.label for place, _ in found]
    y = _canvas.row_axis("stage", labels, words["stage"])
    drawn = (
        alt.Chart(_canvas.data("stages", pieces))
        .mark_bar()
        .encode(
            x=_canvas.number_axis("number", words["axis"], longest * _TEXT_ROOM, whole=True),
            y=y,
            color=_canvas.legend("part", {words[part]: _PARTS[part] for part in _PARTS}),
            order=alt.Order("order:Q"),
            tooltip=_canvas.tooltips(words, "stage", "part", "number:Q", "entered:Q", "conversion"),
        )
    )
    beside = _canvas.texts(alt.Chart(_canvas.data("shares", totals)), "text").encode(
        x=alt.X("entered:Q"), y=y
    )
    return _canvas.layered(
        [drawn, beside],
        _canvas.title(words["funnel"], *_summary(figures, lang)),
        height=_canvas.ROW_HEIGHT * len(labels),
    )


def _outcome_chart(figures: Metrics, lang: Language) -> Picture:
    words = in_language(lang, _PHRASES)
    total = figures.deals.value or 0
    if not total:
        return _canvas.placeholder(words["outcomes"], words["no_deals"])
    names = {name: term.capitalize() for name, term in in_language(lang, OUTCOMES).items()}
    names["open"] = words["open"]
    counts = {name: int(getattr(figures, name).value or 0) for name in _OUTCOMES}
    rows: list[ChartRow] = [
        {"outcome": names[name], "deals": deals, "number": f"{deals:,} · {deals / total:.0%}"}
        for name, deals in counts.items()
    ]
    labels = [names[name] for name in _OUTCOMES]
    base = alt.Chart(_canvas.data("outcomes", rows)).encode(
        x=_canvas.number_axis("deals", words["deals"], max(counts.values()) * 1.2, whole=True),
        y=_canvas.row_axis("outcome", labels, words["outcome"]),
    )
    drawn = base.mark_bar().encode(
        color=alt.Color(
            "outcome:N",
            scale=alt.Scale(domain=labels, range=list(_OUTCOMES.values())),
            legend=None,
        ),
        tooltip=_canvas.tooltips(words, "outcome", "number"),
    )
    return _canvas.layered(
        [drawn, _canvas.texts(base, "number")],
        _canvas.title(words["outcomes"], *_summary(figures, lang), words["no_history"]),
        height=_canvas.ROW_HEIGHT * len(labels),
    )


def _summary(figures: Metrics, lang: Language) -> Iterator[str]:
    words = in_language(lang, _PHRASES)
    if figures.win_rate.value is not None:
        yield words["win_rate"].format(
            rate=figures.win_rate.value,
            won=int(figures.won.value or 0),
            lost=int(figures.lost.value or 0),
        )
    if figures.cycle_median.value is not None:
        yield words["cycle"].format(
            days=_canvas.number(figures.cycle_median.value),
            longest=_canvas.number(figures.cycle_longest.value or 0),
        )


_PHRASES: Final = {
    "funnel": both(
        en="Funnel: deals that entered each stage, and what became of them",
        zh="销售漏斗：各阶段进入的项目及其去向",
    ),
    "outcomes": both(en="Open and closed deals", zh="进行中与已关闭的项目"),
    "stage": both(en="Stage", zh="阶段"),
    "outcome": both(en="Outcome", zh="结果"),
    "part": both(en="What became of them", zh="去向"),
    "axis": both(en="deals that entered the stage", zh="进入该阶段的项目数"),
    "deals": both(en="deals", zh="项目数"),
    "number": both(en="Deals", zh="项目数"),
    "entered": both(en="Entered", zh="进入"),
    "conversion": both(en="Conversion", zh="转化率"),
    "went_on": both(en="went on", zh="继续推进"),
    "ended": both(en="ended here", zh="在此结束"),
    "still": both(en="still here", zh="仍在此阶段"),
    "share": both(en="{share:.0%} went on", zh="{share:.0%} 继续推进"),
    "undecided": both(en="none has gone on or ended", zh="尚无项目推进或结束"),
    "empty": both(en="no deals", zh="没有项目"),
    "open": both(en="Open", zh="进行中"),
    "no_deals": both(en="There are no deals.", zh="没有项目。"),
    "no_history": both(
        en="Conversion from stage to stage needs a history of the deals.",
        zh="计算各阶段转化率需要项目的阶段历史。",
    ),
    "win_rate": both(
        en="Win rate {rate:.1%}: {won:,} won, {lost:,} lost.",
        zh="赢单率 {rate:.1%}：赢单 {won:,}，输单 {lost:,}。",
    ),
    "cycle": both(
        en="Half of the won deals took {days} days or fewer; the longest took {longest}.",
        zh="半数赢单项目用时不超过 {days} 天；最长 {longest} 天。",
    ),
}
