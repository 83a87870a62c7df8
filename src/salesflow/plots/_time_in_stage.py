"""Time in stage, from the history: what half and nine in ten of the deals needed."""

from __future__ import annotations

from typing import Final

import altair as alt

from salesflow._shown import spoken
from salesflow.pipeline import Metrics
from salesflow.playbook import Playbook
from salesflow.plots import _canvas
from salesflow.plots._canvas import ChartRow, Picture
from salesflow.plots._stages import stage_figures
from salesflow.text import Language, both, in_language

_TEXT_ROOM: Final = 1.35  # the axis is longer than the longest bar, for the text beside it


def time_in_stage(
    figures: Metrics, playbook: Playbook, *, lang: Language | None = None, sub_stages: bool = False
) -> Picture:
    """The days that deals spent in each stage before they left it, against `max_days`.

    A dark bar to the median, a light one to what nine in ten did not exceed, and a red line at the
    most days that the playbook allows. It needs figures with a history.

    Args:
        figures: What `salesflow.pipeline.metrics` gave.
        playbook: The process that the figures are of; for the order, the titles and the limits.
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
        >>> deals = pl.DataFrame({"id": ["D-1"], "stage": ["won"]})
        >>> figures = metrics(deals, playbook, key="id", as_of=date(2026, 3, 1))
        >>> time_in_stage(figures, playbook).to_dict()["data"]["values"]
        [{'text': 'No deal is known to have left a stage; that needs a history of the deals.'}]
    """
    lang = spoken(lang, playbook)
    words = in_language(lang, _PHRASES)
    rows: list[ChartRow] = []
    longest = 0.0
    for place, stage in stage_figures(figures, playbook, lang, sub_stages=sub_stages):
        median, most = stage.days_median.value, stage.days_p90.value
        longest = max(longest, most or 0, place.max_days or 0)
        text = words["no_deal"]
        if median is not None and most is not None:
            text = f"{_canvas.number(median)} · {_canvas.number(most)}"
        rows.append(
            {
                "stage": place.label,
                "median": median,
                "most": most,
                "end": most or 0,
                "limit": place.max_days,
                "deals": stage.days_median.rows,
                "text": text,
            }
        )
    if all(row["median"] is None for row in rows):
        return _canvas.placeholder(words["title"], words["nothing"])
    labels = [str(row["stage"]) for row in rows]
    base = alt.Chart(_canvas.data("stays", rows)).encode(
        y=_canvas.row_axis("stage", labels, words["stage"]),
        tooltip=_canvas.tooltips(words, "stage", "median:Q", "most:Q", "limit:Q", "deals:Q"),
    )
    has_limits = any(row["limit"] is not None for row in rows)
    return _canvas.layered(
        [
            _canvas.bars(base, _canvas.SKY).encode(
                x=_canvas.number_axis("most", words["days"], longest * _TEXT_ROOM)
            ),
            _canvas.bars(base, _canvas.BLUE).encode(x=alt.X("median:Q")),
            _canvas.limit_marks(base, _canvas.RED).encode(x=alt.X("limit:Q")),
            _canvas.texts(base, "text").encode(x=alt.X("end:Q")),
        ],
        _canvas.title(words["title"], words["legend"], words["limits"] if has_limits else ""),
        height=_canvas.ROW_HEIGHT * len(labels),
    )


_PHRASES: Final = {
    "title": both(en="Time in stage", zh="各阶段停留时间"),
    "legend": both(
        en="Dark: the median of the deals that left it. Light: nine in ten took no longer.",
        zh="深色：已离开项目的中位数；浅色：九成项目不超过此天数。",
    ),
    "limits": both(
        en="Red line: the most days that the playbook allows.",
        zh="红线：流程允许的最长天数。",
    ),
    "nothing": both(
        en="No deal is known to have left a stage; that needs a history of the deals.",
        zh="没有项目离开阶段的记录；这需要项目的阶段历史。",
    ),
    "no_deal": both(en="no deal has left it", zh="尚无项目离开"),
    "stage": both(en="Stage", zh="阶段"),
    "days": both(en="days", zh="天"),
    "median": both(en="Median, days", zh="中位数（天）"),
    "most": both(en="Nine in ten, days", zh="九成不超过（天）"),
    "limit": both(en="Most days", zh="最长天数"),
    "deals": both(en="Deals", zh="项目数"),
}
