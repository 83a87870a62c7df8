"""A forecast backtest for people: as a text, in a notebook and on a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from salesflow._show import Html, aligned, heading, paragraph, plain, table
from salesflow.pipeline._intervals import in_percents
from salesflow.pipeline._metrics.show import in_words, shown
from salesflow.pipeline._wording import amount_of
from salesflow.terms import FORECAST_WORDS
from salesflow.text import Language, Text, both, in_language

if TYPE_CHECKING:
    from salesflow.pipeline._forecast.backtest_values import (
        CalibrationBin,
        ForecastBacktest,
        ForecastDay,
    )
    from salesflow.pipeline._metrics.values import Metric

HEADING: Final = both(en="Forecast backtest", zh="预测回测")
"""What the report is called."""

_NONE: Final = "–"
_WIDEST: Final = 40
_ERRORS: Final = ("bias", "absolute", "percentage", "learned_absolute")


def written(found: ForecastBacktest, lang: Language) -> str:
    """The forecasts and how far off they were, as tables, and what is to be said of them."""
    words = in_language(lang, _PHRASES)
    lines = [_said(found, lang), ""]
    lines += aligned([_day_head(words), *_day_rows(found)], left=(0, 1))
    lines += ["", *aligned([_method_head(words), *_method_rows(found, words)], left=(0,)), ""]
    lines += [*_share_lines(found, lang), *_notes(found, lang)]
    whole = [it for it in found.calibration if it.stage is None]
    if whole:
        head = _bin_head(words)
        lines += ["", words["calibration"], *aligned([head, *map(_bin_row, whole)], left=(0,))]
    return "\n".join(lines)


def blocks(found: ForecastBacktest, lang: Language) -> Iterator[Html]:
    """What fits on one screen: how far off each method was."""
    words = in_language(lang, _PHRASES)
    yield paragraph(_said(found, lang))
    head = _method_head(words)
    yield table(head, _method_rows(found, words), range(1, len(head)))
    yield from map(paragraph, (*_share_lines(found, lang), *_notes(found, lang)))


def page_blocks(found: ForecastBacktest, lang: Language) -> Iterator[Html]:
    """Everything: each day, and the bins of all deals and of each stage."""
    words = in_language(lang, _PHRASES)
    yield from blocks(found, lang)
    yield heading(words["by_day"])
    head = _day_head(words)
    yield table(head, _day_rows(found), range(2, len(head)))
    if found.calibration:
        yield heading(words["calibration"])
        head = (words["stage"], *_bin_head(words))
        places = found._places(lang)  # noqa: SLF001 - a sibling
        rows = [
            (words["all"] if it.stage is None else places.get(it.stage, it.stage), *_bin_row(it))
            for it in found.calibration
        ]
        yield table(head, rows, range(1, len(head)))


def _said(found: ForecastBacktest, lang: Language) -> str:
    words = in_language(lang, _PHRASES)
    name = "said_in" if found.currency else "said"
    return words[name].format(
        days=len(found.days),
        past_days=amount_of(len(found.days), "past day"),
        periods=found.periods,
        until=found.until.isoformat(),
        currency=found.currency,
    )


def _day_head(words: Mapping[str, str]) -> tuple[str, ...]:
    names = ("day", "period", "learned", "interval", "weighted", "last_period", "owner_call")
    return tuple(words[name] for name in (*names, "actual", "actual_known"))


def _day_rows(found: ForecastBacktest) -> list[tuple[str, ...]]:
    return [
        (
            it.day.isoformat(),
            plain(it.period.name, _WIDEST),
            _number(it.said("learned")),
            _interval(it),
            *(_number(it.said(name)) for name in ("weighted", "last_period", "owner_call")),
            _number(it.actual),
            _number(it.actual_known),
        )
        for it in found.days
    ]


def _interval(it: ForecastDay) -> str:
    if it.learned is None:
        return _NONE
    return f"{_number(it.learned.p10)} – {_number(it.learned.p90)}"


def _method_head(words: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(words[name] for name in ("method", "days", *_ERRORS))


def _method_rows(found: ForecastBacktest, words: Mapping[str, str]) -> list[tuple[str, ...]]:
    return [
        (
            words[name],
            f"{errors.bias.rows:,}",
            *(_figure(getattr(errors, each)) for each in _ERRORS),
        )
        for name, errors in found.rows_of_methods.items()
    ]


def _figure(metric: Metric) -> str:
    if metric.value is None:
        return _NONE
    return f"{metric.value:.1%}" if metric.unit == "share" else _number(metric.value)


def _number(value: float | None) -> str:
    return _NONE if value is None else f"{value:,.0f}"


def _share_lines(found: ForecastBacktest, lang: Language) -> Iterator[str]:
    words = in_language(lang, _PHRASES)
    within = found.coverage.within
    if within.value is None:
        yield words["no_coverage"].format(reason=in_words(within.reason, lang))
        return
    for name, coverage in (("covers", found.coverage), ("covers_known", found.coverage_known)):
        shares = {part: shown(metric, lang) for part, metric in coverage}
        yield words[name].format(**shares)


def _notes(found: ForecastBacktest, lang: Language) -> Iterator[str]:
    words = in_language(lang, _PHRASES)
    yield words["of_known"]
    yield words["as_now"]
    yield words["dependent"]
    reasons = [it.bias.reason for it in found.methods.values() if it.bias.value is None]
    reasons += [it.reason for it in found.days]
    for reason in dict.fromkeys(filter(None, reasons)):
        yield in_words(reason, lang)


def _bin_head(words: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(words[name] for name in ("bin", "chance", "share", "wilson", "deals"))


def _bin_row(it: CalibrationBin) -> tuple[str, ...]:
    share, low, high = in_percents(it.share, it.low, it.high)
    return (
        f"{it.chance_from:.0%}–{it.chance_to:.0%}",
        f"{it.chance:.1%}",
        share,
        f"{low}–{high}",
        f"{it.deals:,}",
    )


_PHRASES: Final[Mapping[str, Text]] = {
    "said": both(
        en="Forecasts of {past_days}; periods that are over: {periods}; history until {until}.",
        zh="{days} 个过去日期的预测；已结束的期间：{periods} 个；历史数据截至 {until}。",
    ),
    "said_in": both(
        en="Forecasts of {past_days}; periods that are over: {periods}; "
        "history until {until}; amounts in {currency}.",
        zh="{days} 个过去日期的预测；已结束的期间：{periods} 个；历史数据截至 {until}；"
        "金额单位：{currency}。",
    ),
    "by_day": both(en="Forecasts by day", zh="各日期的预测"),
    "day": both(en="day", zh="日期"),
    **FORECAST_WORDS,
    "interval": both(en="P10 – P90", zh="P10 – P90"),
    "actual": both(en="actual", zh="实际"),
    "method": both(en="method", zh="方法"),
    "days": both(en="days", zh="天数"),
    "bias": both(en="bias", zh="偏差"),
    "absolute": both(en="mean absolute error", zh="平均绝对误差"),
    "percentage": both(en="as a share of the actual", zh="占实际的比例"),
    "learned_absolute": both(
        en="error of learned chances on the same days", zh="相同日期上由历史得出的赢率的误差"
    ),
    "actual_known": both(en="of known deals", zh="其中当日已知项目"),
    "learned_known": both(en="learned, of known deals", zh="由历史得出的赢率（仅已知项目）"),
    "covers": both(
        en="What came lay between P10 and P90 on {within} of the days (80 % would be right), "
        "below on {below}, above on {above}.",
        zh="实际值落在 P10 与 P90 之间的日期占 {within}（理想值为 80%），低于 P10 的占 {below}，"
        "高于 P90 的占 {above}。",
    ),
    "covers_known": both(
        en="What came of deals that were known on the day: between them on {within}, "
        "below on {below}, above on {above}.",
        zh="当日已知项目的实际值：落在两者之间的日期占 {within}，低于 P10 的占 {below}，"
        "高于 P90 的占 {above}。",
    ),
    "no_coverage": both(
        en="Whether the intervals are right cannot be told: {reason}.",
        zh="无法判断区间是否准确：{reason}。",
    ),
    "of_known": both(
        en="Forecasts are of deals that are there on the day; what new deals bring is not in them.",
        zh="预测只包含当日已有的项目，不含之后新增项目带来的金额。",
    ),
    "as_now": both(
        en="Amounts and owners' calls are as they are in the frame of deals, not as on the day.",
        zh="金额与负责人判断取自项目表的当前值，而非当日的值。",
    ),
    "dependent": both(
        en="Days of one period share what came of it, so that intervals of shares are too narrow.",
        zh="同一期间内的日期共享同一结果，因此比例的区间偏窄。",
    ),
    "calibration": both(
        en="Deals by their chance to be won by the end of the period",
        zh="项目按期间结束前赢率的分组",
    ),
    "stage": both(en="stage", zh="阶段"),
    "all": both(en="all", zh="全部"),
    "bin": both(en="bin", zh="分组"),
    "share": both(en="won", zh="赢单"),
    "wilson": both(en="interval", zh="区间"),
    "deals": both(en="deals", zh="项目数"),
}
