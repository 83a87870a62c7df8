"""Past forecasts: what was forecast on each day, against what came."""

from __future__ import annotations

from typing import Final

import altair as alt

from salesflow._arguments import Arguments, instance
from salesflow._shown import spoken
from salesflow.pipeline import ForecastBacktest, ForecastDay
from salesflow.pipeline._metrics.show import reason_of
from salesflow.plots import _canvas
from salesflow.plots._calibration import BACKTEST_HINT
from salesflow.plots._canvas import ChartRow, Picture
from salesflow.terms import FORECAST_WORDS
from salesflow.text import Language, both, in_language

_DAYS: Final = 40
_TEXT_ROOM: Final = 1.1
_MARKS: Final = {
    "learned": (_canvas.BLUE, "circle"),
    "weighted": (_canvas.ORANGE, "square"),
    "last_period": (_canvas.GREY, "diamond"),
    "owner_call": (_canvas.GREEN, "triangle-up"),
    "actual": (_canvas.DARK, "cross"),
}


def past_forecasts(found: ForecastBacktest, *, lang: Language | None = None) -> Picture:
    """The forecast of each past day, with its interval, beside plain ones and what came.

    One row per day. The bar reaches from P10 to P90 of the learned forecast, a circle is its mean;
    other forms are the plain forecasts, and a cross is what came by the end of the period. Of more
    than 40 days the last are shown.

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
        >>> chart = past_forecasts(found)
        >>> chart.to_dict()["title"]["subtitle"][1]
        'What came lay in it on 100% of the days (1).'
    """
    lang = spoken(lang, found)
    words = in_language(lang, _PHRASES)
    given = Arguments()
    given.read(instance, found, ForecastBacktest, "found", BACKTEST_HINT)
    given.refuse(_canvas.REFUSED)
    shown = found.days[-_DAYS:]
    points = [row for day in shown for row in _points(day, words)]
    if not points:
        return _canvas.placeholder(words["title"], words["nothing"])
    labels = [_label(day) for day in shown]
    bars = [row for day in shown for row in _reach(day)]
    most = max(float(row[name] or 0) for row in (*points, *bars) for name in ("amount", "to"))
    axis = words["axis"].format(currency=found.currency or "").strip()
    x = _canvas.number_axis("amount", axis, most * _TEXT_ROOM)
    y = _canvas.row_axis("day", labels, words["day"])
    reach = _canvas.bars(alt.Chart(_canvas.data("reach", bars)), _canvas.SKY).encode(
        x=alt.X("amount:Q"), x2=alt.X2("to:Q"), y=y, tooltip=_canvas.tooltips(words, "day", "said")
    )
    present = {row["what"] for row in points}
    kept = {words[name]: mark for name, mark in _MARKS.items() if words[name] in present}
    drawn = (
        alt.Chart(_canvas.data("forecasts", points))
        .mark_point(filled=True, size=70, opacity=0.9)
        .encode(
            x=x,
            y=y,
            color=_canvas.legend("what", {name: colour for name, (colour, _) in kept.items()}),
            shape=alt.Shape(
                "what:N",
                title=None,
                scale=alt.Scale(domain=list(kept), range=[form for _, form in kept.values()]),
            ),
            tooltip=_canvas.tooltips(words, "day", "what", "said"),
        )
    )
    more = len(found.days) - len(shown)
    heading = _canvas.title(
        words["title"],
        words["bar"],
        _within(found, words, lang),
        words["more"].format(n=len(shown), all=len(found.days)) if more else "",
    )
    return _canvas.layered([reach, drawn], heading, height=_canvas.ROW_HEIGHT * len(labels))


def _label(day: ForecastDay) -> str:
    return f"{day.day.isoformat()} · {day.period.name}"


def _points(day: ForecastDay, words: dict[str, str]) -> list[ChartRow]:
    said = {
        "learned": day.said("learned"),
        "weighted": day.weighted,
        "last_period": day.last_period,
        "owner_call": day.owner_call,
        "actual": day.actual,
    }
    return [
        {
            "day": _label(day),
            "what": words[name],
            "amount": amount,
            "to": amount,
            "said": _canvas.number(round(amount)),
        }
        for name, amount in said.items()
        if amount is not None
    ]


def _reach(day: ForecastDay) -> list[ChartRow]:
    if day.learned is None:
        return []
    low, high = day.learned.p10, day.learned.p90
    said = f"P10 {_canvas.number(round(low))} – P90 {_canvas.number(round(high))}"
    return [{"day": _label(day), "amount": low, "to": high, "said": said}]


def _within(found: ForecastBacktest, words: dict[str, str], lang: Language) -> str:
    within = found.coverage.within
    if within.value is None:
        return words["untold"].format(reason=reason_of(within, lang))
    return words["within"].format(share=within.value, n=within.rows)


_PHRASES: Final = {
    "title": both(en="Past forecasts, and what came", zh="历次预测与实际结果"),
    "bar": both(
        en="Bar: from P10 to P90 of the forecast; four in five of what came should lie in it.",
        zh="横条：预测的 P10 至 P90；实际结果应有五分之四落在其中。",
    ),
    "within": both(
        en="What came lay in it on {share:.0%} of the days ({n:,}).",
        zh="{n:,} 个预测日中，有 {share:.0%} 的实际结果落在其中。",
    ),
    "untold": both(
        en="Whether it does cannot be told: {reason}.", zh="是否如此还无法判断：{reason}。"
    ),
    "more": both(
        en="Days: {all:,}; the last {n} are shown.", zh="共 {all:,} 个预测日，仅显示最后 {n} 个。"
    ),
    "nothing": both(en="There is no forecast.", zh="没有预测。"),
    "day": both(en="Day and period", zh="预测日与期间"),
    "axis": both(en="amount won in the period {currency}", zh="期间内赢单金额 {currency}"),
    "what": both(en="Of what", zh="类别"),
    "said": both(en="Amount", zh="金额"),
    **FORECAST_WORDS,
    "learned": both(en="forecast", zh="预测"),
    "actual": both(en="what came", zh="实际"),
}
