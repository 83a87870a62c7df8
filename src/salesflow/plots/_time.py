"""Time in stage, from the history: what half and nine in ten of the deals needed."""

from __future__ import annotations

from typing import Final

import altair as alt

from salesflow.pipeline import Metrics
from salesflow.playbook import Playbook
from salesflow.plots._base import (
    BLUE,
    DARK,
    RED,
    SKY,
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

_WIDTH: Final = 520
_ROW_HEIGHT: Final = 26
_ROOM: Final = 1.35


def time_in_stage(
    figures: Metrics, playbook: Playbook, *, lang: Language = "en", sub_stages: bool = False
) -> Picture:
    """The days that deals spent in each stage before they left it, against `max_days`.

    A dark bar to the median, a light one to what nine in ten did not exceed, and a red line at the
    most days that the playbook allows. It needs figures with a history.

    Args:
        figures: What `salesflow.pipeline.metrics` gave.
        playbook: The process that the figures are of; for the order, the titles and the limits.
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
        >>> deals = pl.DataFrame({"id": ["D-1"], "stage": ["won"]})
        >>> figures = metrics(deals, playbook, key="id", as_of=date(2026, 3, 1))
        >>> time_in_stage(figures, playbook).to_dict()["data"]["values"]
        [{'said': 'No deal is known to have left a stage; that needs a history of the deals.'}]
    """
    lang = language(lang)
    words = _WORDS[lang]
    refuse(problems_of(figures, playbook))
    rows: list[Row] = []
    labels = []
    for label, stage, limit in places(figures, playbook, lang, sub_stages=sub_stages):
        median, most = stage.days_median.value, stage.days_p90.value
        labels.append(label)
        said = words["no_deal"]
        if median is not None and most is not None:
            said = words["said"].format(median=counted(median), most=counted(most))
        rows.append(
            {
                "stage": label,
                "median": median,
                "most": most,
                "end": most or 0,
                "limit": limit,
                "deals": stage.days_median.rows,
                "said": said,
            }
        )
    if all(row["median"] is None for row in rows):
        return sentence(words["title"], words["nothing"])
    ends = [value for row in rows for value in (row["most"], row["limit"])]
    longest = max(value for value in ends if isinstance(value, int | float)) * _ROOM
    y = down("stage", labels, words["stage"])
    base = alt.Chart(data("stays", rows)).encode(
        y=y,
        tooltip=tooltips(
            [
                ("stage", words["stage"]),
                ("median", words["median"]),
                ("most", words["most"]),
                ("limit", words["limit"]),
                ("deals", words["deals"]),
            ],
            "NQQQQ",
        ),
    )
    light = base.mark_bar(color=SKY, height={"band": 0.6}).encode(
        x=across("most", words["days"], longest)
    )
    dark = base.mark_bar(color=BLUE, height={"band": 0.6}).encode(x=alt.X("median:Q"))
    text = base.mark_text(align="left", dx=6, color=DARK).encode(
        x=alt.X("end:Q"), text=alt.Text("said:N")
    )
    limits = base.mark_tick(color=RED, thickness=3, height={"band": 0.95}).encode(
        x=alt.X("limit:Q")
    )
    has_limits = any(row["limit"] is not None for row in rows)
    return layered(
        [light, dark, limits, text],
        title(words["title"], words["legend"], words["limits"] if has_limits else ""),
        width=_WIDTH,
        height=_ROW_HEIGHT * len(labels),
    )


_WORDS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "title": "Time in stage",
        "legend": "Dark: the median of the deals that left it. Light: nine in ten took no longer.",
        "limits": "Red line: the most days that the playbook allows.",
        "nothing": "No deal is known to have left a stage; that needs a history of the deals.",
        "no_deal": "no deal has left it",
        "said": "{median} · {most}",
        "stage": "Stage",
        "days": "days",
        "median": "Median, days",
        "most": "Nine in ten, days",
        "limit": "Most days",
        "deals": "Deals",
    },
    "zh": {
        "title": "各阶段停留时间",
        "legend": "深色：已离开项目的中位数；浅色：九成项目不超过此天数。",
        "limits": "红线：销售流程允许的最长天数。",
        "nothing": "没有项目离开阶段的记录；这需要项目的阶段历史。",
        "no_deal": "尚无项目离开",
        "said": "{median} · {most}",
        "stage": "阶段",
        "days": "天",
        "median": "中位数（天）",
        "most": "九成不超过（天）",
        "limit": "最长天数",
        "deals": "项目数",
    },
}
