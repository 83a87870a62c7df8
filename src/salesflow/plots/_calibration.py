"""Calibration: whether of deals with a chance of three in ten, three in ten were won."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import altair as alt

from salesflow._arguments import Arguments, instance
from salesflow._shown import spoken
from salesflow.pipeline import CalibrationBin, ForecastBacktest
from salesflow.pipeline._intervals import in_percents
from salesflow.pipeline._metrics.show import reason_of
from salesflow.plots import _canvas
from salesflow.plots._canvas import ChartRow, Picture
from salesflow.text import Language, both, in_language

_SIDE: Final = 380
_SCALE: Final = alt.Scale(domain=[0, 1], nice=False)
_AXIS: Final = alt.Axis(format=".0%", tickCount=5)
BACKTEST_HINT: Final = "pass what salesflow.pipeline.forecast_backtest gave"


def calibration(found: ForecastBacktest, *, lang: Language | None = None) -> Picture:
    """The share of deals that were won, against the chance that a forecast gave them.

    One point per bin of open deals with about the same chance, with the interval of its share; its
    size tells how many deals there were. On the dashed line the chance is the share. Below it the
    forecast promised too much.

    Args:
        found: What `salesflow.pipeline.forecast_backtest` gave.
        lang: The language of titles, axes and labels; by default that of the playbook.

    Raises:
        ArgumentError: This is no such backtest.
        UnknownName: There is no such language.

    Example:
        >>> from datetime import date, timedelta
        >>> import polars as pl
        >>> from salesflow import load_playbook
        >>> from salesflow.pipeline import forecast_backtest
        >>> ends = ["won", "lost", "won", "demand_generation"]
        >>> log = pl.DataFrame(
        ...     [
        ...         (f"D-{n}", label, date(2026, 1, 1) + timedelta(days=n + days))
        ...         for n in range(40)
        ...         for label, days in (("demand_generation", 0), (ends[n % 4], 20))
        ...     ],
        ...     schema=["case", "stage", "at"],
        ...     orient="row",
        ... )
        >>> amounts = pl.DataFrame({"case": [f"D-{n}" for n in range(40)], "amount": [1_000] * 40})
        >>> found = forecast_backtest(
        ...     log,
        ...     load_playbook("optimized_sales_process"),
        ...     case="case",
        ...     stage="stage",
        ...     at="at",
        ...     deals=amounts,
        ...     days=[date(2026, 2, 7)],
        ...     periods="month",
        ...     as_of=date(2026, 3, 15),
        ... )
        >>> chart = calibration(found)
        >>> chart.to_dict()["title"]["text"]
        'Did chances come true?'
    """
    lang = spoken(lang, found)
    words = in_language(lang, _PHRASES)
    given = Arguments()
    given.read(instance, found, ForecastBacktest, "found", BACKTEST_HINT)
    given.refuse(_canvas.REFUSED)
    bins = [it for it in found.calibration if it.stage is None]
    if not bins:
        reason = reason_of(found.coverage.within, lang) or words["none_open"]
        return _canvas.placeholder(words["title"], words["nothing"].format(reason=reason))
    base = alt.Chart(_canvas.data("bins", [_row(it, words) for it in bins]))
    x = alt.X("chance:Q", title=words["chance_axis"], scale=_SCALE, axis=_AXIS)
    told = _canvas.tooltips(words, "chance_said", "deals:Q", "won:Q", "share_said")
    reach = (
        base.mark_rule(color=_canvas.GREY, strokeWidth=2)
        .encode(x=alt.X("chance:Q"), y=alt.Y("low:Q"), y2=alt.Y2("high:Q"))
        .encode(tooltip=told)
    )
    points = base.mark_point(filled=True, color=_canvas.BLUE, opacity=1).encode(
        x=x,
        y=alt.Y("share:Q", title=words["share_axis"], scale=_SCALE, axis=_AXIS),
        size=alt.Size(
            "deals:Q",
            title=words["deals"],
            scale=alt.Scale(domain=[0, max(it.deals for it in bins)], range=[30, 400]),
            legend=alt.Legend(orient="right", tickCount=3),
        ),
        tooltip=told,
    )
    ends: list[ChartRow] = [{"chance": 0, "share": 0}, {"chance": 1, "share": 1}]
    line = (
        alt.Chart(_canvas.data("right", ends))
        .mark_line(color=_canvas.DARK, strokeDash=[6, 4], strokeWidth=1)
        .encode(x=alt.X("chance:Q"), y=alt.Y("share:Q"))
    )
    heading = _canvas.title(words["title"], words["line"], words["overlap"])
    return _canvas.layered([line, reach, points], heading, height=_SIDE, width=_SIDE)


def _row(it: CalibrationBin, words: Mapping[str, str]) -> ChartRow:
    share, low, high = in_percents(it.share, it.low, it.high)
    return {
        "low": it.low,
        "high": it.high,
        "chance": it.chance,
        "share": it.share,
        "deals": it.deals,
        "won": it.won,
        "chance_said": f"{it.chance:.1%}",
        "share_said": words["interval"].format(share=share, low=low, high=high),
    }


_PHRASES: Final = {
    "title": both(en="Did chances come true?", zh="赢率预测准不准？"),
    "line": both(
        en="Dashed line: the chance is the share won. Below it, the forecast promised too much.",
        zh="虚线：预测赢率等于实际赢单比例；在虚线下方，说明预测偏高。",
    ),
    "overlap": both(
        en="A deal counts on each day on which it was open: the true intervals are wider.",
        zh="一个项目在其进行中的每个预测日各计一次，实际区间更宽。",
    ),
    "nothing": both(en="That cannot be told: {reason}.", zh="无法判断：{reason}。"),
    "none_open": both(en="no deal was open on any of the days", zh="各预测日均没有进行中的项目"),
    "chance_axis": both(en="chance that was forecast", zh="预测赢率"),
    "share_axis": both(en="share that was won", zh="实际赢单比例"),
    "chance_said": both(en="Mean chance", zh="平均预测赢率"),
    "share_said": both(en="Share won", zh="实际赢单比例"),
    "interval": both(en="{share}, from {low} to {high}", zh="{share}，区间 {low}～{high}"),
    "deals": both(en="Deals", zh="项目数"),
    "won": both(en="Won", zh="赢单"),
}
