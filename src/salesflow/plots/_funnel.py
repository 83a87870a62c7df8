"""The funnel: how many deals entered each stage, and what became of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import altair as alt

from salesflow.pipeline import Metrics, StageMetrics
from salesflow.playbook import Playbook
from salesflow.plots._base import (
    BLUE,
    DARK,
    GREEN,
    GREY,
    ORANGE,
    PALE,
    RED,
    Picture,
    Row,
    across,
    counted,
    data,
    down,
    language,
    layered,
    refuse,
    sentence,
    title,
    tooltips,
)
from salesflow.plots._figures import places, problems_of
from salesflow.text import Language

_ROW_HEIGHT: Final = 26
_WIDTH: Final = 520
_ROOM: Final = 1.36


def funnel(
    figures: Metrics, playbook: Playbook, *, lang: Language = "en", sub_stages: bool = False
) -> Picture:
    """How many deals entered each stage, how many of them went on, ended, or are still there.

    With a history, one bar per stage: the deals that entered it, by what became of them, and the
    share of the decided ones that went on (see [`StageMetrics`][salesflow.pipeline.StageMetrics]).
    Without one, what a snapshot tells: how many deals are open, won, lost and disqualified.

    Args:
        figures: What `salesflow.pipeline.metrics` gave.
        playbook: The process that the figures are of; for the order and the titles.
        lang: The language of titles, axes and labels.
        sub_stages: Whether sub-stages have bars of their own, under their stage.

    Raises:
        PlotError: An argument is of the wrong kind, or the figures are of another playbook.
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
    lang = language(lang)
    refuse(problems_of(figures, playbook))
    found = list(places(figures, playbook, lang, sub_stages=sub_stages))
    if any(stage.entered.value is not None for _, stage, _ in found):
        return _stages(figures, found, lang)
    return _outcomes(figures, lang)


def _stages(
    figures: Metrics, found: list[tuple[str, StageMetrics, int | None]], lang: Language
) -> Picture:
    words = _WORDS[lang]
    bars: list[Row] = []
    said: list[Row] = []
    for label, stage, _ in found:
        entered = int(stage.entered.value or 0)
        decided = stage.conversion.rows
        on = round(decided * (stage.conversion.value or 0.0))
        share = words["nobody"]
        if stage.conversion.value is not None:
            share = words["went_on_share"].format(share=stage.conversion.value)
        elif not entered:
            share = words["empty_stage"]
        parts = (("went_on", on), ("ended", decided - on), ("still", entered - decided))
        bars += [
            {
                "stage": label,
                "part": words[part],
                "deals": number,
                "order": at,
                "entered": entered,
                "share": share,
            }
            for at, (part, number) in enumerate(parts)
            if number
        ]
        text = f"{entered:,} · {share}" if entered else share
        said.append({"stage": label, "entered": entered, "said": text})
    labels = [label for label, _, _ in found]
    most = max(row["entered"] or 0 for row in said if not isinstance(row["entered"], str)) * _ROOM
    parts_shown = [words[part] for part in ("went_on", "ended", "still")]
    y = down("stage", labels, words["stage"])
    drawn = (
        alt.Chart(data("stages", bars))
        .mark_bar()
        .encode(
            x=across("deals", words["deals"], most, whole=True),
            y=y,
            color=alt.Color(
                "part:N",
                title=None,
                scale=alt.Scale(domain=parts_shown, range=[BLUE, ORANGE, PALE]),
                legend=alt.Legend(orient="top", direction="horizontal", labelLimit=250),
            ),
            order=alt.Order("order:Q"),
            tooltip=tooltips(
                [
                    ("stage", words["stage"]),
                    ("part", words["part"]),
                    ("deals", words["number"]),
                    ("entered", words["entered"]),
                    ("share", words["conversion"]),
                ],
                "NNQQN",
            ),
        )
    )
    text = (
        alt.Chart(data("shares", said))
        .mark_text(align="left", dx=6, color=DARK, limit=220)
        .encode(x=alt.X("entered:Q"), y=y, text=alt.Text("said:N"))
    )
    return layered(
        [drawn, text],
        title(words["funnel"], *_summary(figures, lang)),
        width=_WIDTH,
        height=_ROW_HEIGHT * len(labels),
    )


def _outcomes(figures: Metrics, lang: Language) -> Picture:
    words = _WORDS[lang]
    total = figures.deals.value or 0
    if not total:
        return sentence(words["outcomes"], words["no_deal"])
    rows: list[Row] = []
    for name in ("open", "won", "lost", "disqualified"):
        number = int(getattr(figures, name).value or 0)
        said = f"{number:,} · {number / total:.0%}"
        rows.append({"outcome": words[name], "deals": number, "said": said})
    labels = [words[name] for name in ("open", "won", "lost", "disqualified")]
    most = max(float(row["deals"] or 0) for row in rows) * 1.2
    base = alt.Chart(data("outcomes", rows)).encode(
        x=across("deals", words["deals_now"], most, whole=True),
        y=down("outcome", labels, words["outcome"]),
    )
    bars = base.mark_bar().encode(
        color=alt.Color(
            "outcome:N",
            scale=alt.Scale(domain=labels, range=[BLUE, GREEN, RED, GREY]),
            legend=None,
        ),
        tooltip=tooltips([("outcome", words["outcome"]), ("said", words["number"])]),
    )
    text = base.mark_text(align="left", dx=6, color=DARK).encode(text=alt.Text("said:N"))
    return layered(
        [bars, text],
        title(words["outcomes"], *_summary(figures, lang), words["no_history"]),
        width=_WIDTH,
        height=_ROW_HEIGHT * len(labels),
    )


def _summary(figures: Metrics, lang: Language) -> Iterator[str]:
    words = _WORDS[lang]
    if figures.win_rate.value is not None:
        yield words["win_rate"].format(
            rate=figures.win_rate.value,
            won=int(figures.won.value or 0),
            lost=int(figures.lost.value or 0),
        )
    if figures.cycle_median.value is not None:
        yield words["cycle"].format(
            days=counted(figures.cycle_median.value),
            longest=counted(figures.cycle_longest.value or 0),
        )


_WORDS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "funnel": "Funnel: who entered each stage, and what became of them",
        "outcomes": "Open and closed deals",
        "stage": "Stage",
        "outcome": "Outcome",
        "part": "What became of them",
        "deals": "deals that entered the stage",
        "deals_now": "deals",
        "number": "Deals",
        "entered": "Entered",
        "conversion": "Conversion",
        "went_on": "went on",
        "ended": "ended here",
        "still": "still here",
        "went_on_share": "{share:.0%} went on",
        "nobody": "none has gone on or ended",
        "empty_stage": "no deal",
        "open": "Open",
        "won": "Won",
        "lost": "Lost",
        "disqualified": "Disqualified",
        "no_deal": "There are no deals.",
        "no_history": "Conversion from stage to stage needs a history of the deals.",
        "win_rate": "Win rate {rate:.1%}: {won:,} won, {lost:,} lost.",
        "cycle": "Half of the won deals took {days} days or fewer; the longest took {longest}.",
    },
    "zh": {
        "funnel": "销售漏斗：各阶段进入的项目及其去向",
        "outcomes": "进行中与已关闭的项目",
        "stage": "阶段",
        "outcome": "结果",
        "part": "去向",
        "deals": "进入该阶段的项目数",
        "deals_now": "项目数",
        "number": "项目数",
        "entered": "进入",
        "conversion": "转化率",
        "went_on": "继续推进",
        "ended": "在此结束",
        "still": "仍在此阶段",
        "went_on_share": "{share:.0%} 继续推进",
        "nobody": "尚无项目推进或结束",
        "empty_stage": "没有项目",
        "open": "进行中",
        "won": "赢单",
        "lost": "丢单",
        "disqualified": "不合格",
        "no_deal": "没有项目。",
        "no_history": "计算各阶段转化率需要项目的阶段历史。",
        "win_rate": "赢单率 {rate:.1%}：赢单 {won:,}，丢单 {lost:,}。",
        "cycle": "半数赢单项目用时不超过 {days} 天；最长 {longest} 天。",
    },
}
