"""A forecast for people: as a text, in a notebook and on a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from salesflow._show import Html, aligned, heading, paragraph, plain, table
from salesflow.pipeline._metrics.show import in_words
from salesflow.pipeline._wording import amount_of, group_name, others_name
from salesflow.terms import FORECAST_CATEGORIES, FORECAST_WORDS, and_more
from salesflow.text import Language, Text, both, in_language

if TYPE_CHECKING:
    from salesflow.pipeline._forecast.values import (
        Forecast,
        ForecastFigures,
        ForecastGroup,
        ForecastLine,
        ForecastSums,
    )

HEADING: Final = both(en="Forecast", zh="销售预测")
"""What a forecast is called."""

_NONE: Final = "–"
_WIDEST: Final = 40
_DIFFERENCES: Final = 10
_CATEGORIES: Final = ("closed", "commit", "best_case", "pipeline")
_FIGURES: Final = ("weighted", "quota", "attainment", "coverage")


def written(found: Forecast[Any], lang: Language) -> str:
    """The forecast as tables: periods, groups, and what is to be said of them."""
    lines = [_said(found, lang), ""]
    lines += aligned([_head(found, lang), *_rows(found, lang)], left=(0,))
    if found.groups:
        lines += ["", *aligned([_group_head(found, lang), *_group_rows(found, lang)], left=(0,))]
    notes = list(_notes(found, lang))
    return "\n".join([*lines, *([""] if notes else []), *notes])


def blocks(found: Forecast[Any], lang: Language) -> Iterator[Html]:
    """What fits on one screen: the periods, and what is to be said of them."""
    yield paragraph(_said(found, lang))
    head = _head(found, lang)
    yield table(head, _rows(found, lang), range(1, len(head)))
    yield from map(paragraph, _notes(found, lang))


def page_blocks(found: Forecast[Any], lang: Language) -> Iterator[Html]:
    """Everything: the periods, the largest deals, and each period by group."""
    words = in_language(lang, _PHRASES)
    yield from blocks(found, lang)
    if found.total.largest:
        yield heading(words["largest"])
        head = ("", *(words[name] for name in ("amount", "chance", "if_won", "if_not_won")))
        rows = [
            (
                plain(str(it.key), _WIDEST),
                _number(it.amount),
                f"{it.chance:.0%}",
                f"{_number(it.if_won.p10)} – {_number(it.if_won.p90)}",
                f"{_number(it.if_not_won.p10)} – {_number(it.if_not_won.p90)}",
            )
            for it in found.total.largest
        ]
        yield table(head, rows, range(1, len(head)))
    if found.groups:
        yield heading(words["total"], " · ".join(map(plain, found.by)))
        head = _group_head(found, lang)
        yield table(head, _group_rows(found, lang), range(1, len(head)))
        for at, period in enumerate(found.periods):
            yield heading(plain(period.period.name, _WIDEST))
            yield table(head, _group_rows(found, lang, at), range(1, len(head)))


def _said(found: Forecast[Any], lang: Language) -> str:
    """Of which day it is, whose word counts, and in what amounts are."""
    words = in_language(lang, _PHRASES)
    parts = [words["as_of"].format(day=found.as_of.isoformat()), words[f"by_{found.call}"]]
    if found.currency:
        parts.append(words["in"].format(currency=found.currency))
    return words["comma"].join(parts) + words["stop"]


def _head(found: Forecast[Any], lang: Language) -> tuple[str, ...]:
    words = in_language(lang, _PHRASES)
    return (words["period"], *_figure_heads(found, lang))


def _group_head(found: Forecast[Any], lang: Language) -> tuple[str, ...]:
    return (" · ".join(plain(name, _WIDEST) for name in found.by), *_figure_heads(found, lang))


def _figure_heads(found: Forecast[Any], lang: Language) -> Iterator[str]:
    words = in_language(lang, _PHRASES)
    for name in _CATEGORIES:
        yield FORECAST_CATEGORIES[name].get(lang)
    for name in _asked(found):
        yield words[name]
    yield words["interval"]


def _asked(found: Forecast[Any]) -> Sequence[str]:
    """The figures that there are: without a quota, nothing that is measured against one."""
    parts = [found.periods, *(group.periods for group in found.groups)]
    quotas = [figures.quota for part in parts for figures in part]
    return _FIGURES if any(it.value is not None for it in quotas) else _FIGURES[:1]


def _rows(found: Forecast[Any], lang: Language) -> list[tuple[str, ...]]:
    words = in_language(lang, _PHRASES)
    rows = [(plain(it.period.name, _WIDEST), *_cells(it, found)) for it in found.periods]
    if len(found.periods) > 1:
        rows.append((words["total"], *_cells(found.total, found)))
    for name in ("before", "between", "beyond", "undated"):
        sums: ForecastSums = getattr(found, name)
        if any(getattr(sums, category).deals for category in _CATEGORIES):
            rows.append((words[name], *_cells(sums, found)))
    return rows


def _group_rows(
    found: Forecast[Any], lang: Language, period: int | None = None
) -> list[tuple[str, ...]]:
    """A row per group, of all periods or of one, and one for all deals."""
    words = in_language(lang, _PHRASES)

    def of(part: ForecastGroup | Forecast[Any]) -> ForecastFigures:
        return part.total if period is None else part.periods[period]

    rows = [(group_name(group.values, lang), *_cells(of(group), found)) for group in found.groups]
    if found.others is not None:
        called = others_name(found.others_total, lang)
        rows.append((called, *_cells(of(found.others), found)))
    return [*rows, (words["all"], *_cells(of(found), found))]


def _cells(figures: ForecastSums, found: Forecast[Any]) -> Iterator[str]:
    for name in _CATEGORIES:
        yield _amount(getattr(figures, name))
    for name in _asked(found):
        metric = getattr(figures, name, None)
        if metric is None or metric.value is None:
            yield _NONE
        elif metric.unit == "share":
            yield f"{metric.value:.0%}"
        elif metric.unit == "times":
            yield f"{metric.value:.1f} ×"
        else:
            yield _number(metric.value)
    interval = getattr(figures, "interval", None)
    yield _NONE if interval is None else f"{_number(interval.p10)} – {_number(interval.p90)}"


def _amount(line: ForecastLine) -> str:
    return _NONE if line.amount is None else _number(line.amount)


def _number(value: float) -> str:
    return f"{value:,.2f}".removesuffix(".00") if abs(value) < 1_000 else f"{value:,.0f}"  # noqa: PLR2004 - cents of small amounts


def _notes(found: Forecast[Any], lang: Language) -> Iterator[str]:
    """What is to be said beside the tables, in sentences."""
    words = in_language(lang, _PHRASES)

    def said(name: str, line: ForecastLine, **more: str) -> str:
        deals = line.deals or 0
        worth = "" if line.amount is None else words["worth"].format(amount=_amount(line))
        return words[name].format(n=deals, deals=amount_of(deals, "deal"), worth=worth, **more)

    for name in ("overdue", "at_odds_total"):
        line: ForecastLine = getattr(found, name)
        if line.deals:
            yield said(name, line)
    for it in found.differences[:_DIFFERENCES]:
        yield said(
            "differ",
            it.deals,
            first=words[it.first],
            second=words[it.second],
            one=FORECAST_CATEGORIES[it.first_category].get(lang),
            other=FORECAST_CATEGORIES[it.second_category].get(lang),
        )
    if more := and_more(len(found.differences) - _DIFFERENCES, lang):
        yield more
    yield from dict.fromkeys(_reasons(found, lang))


def _reasons(found: Forecast[Any], lang: Language) -> Iterator[str]:
    """Why there is no number, or what is not counted in one."""
    sums: tuple[ForecastSums, ...] = (found.all, found.total)
    reasons = [line.reason for it in sums for line in (it.closed, it.open)]
    reasons += [it.weighted.reason for it in sums]
    if found.total.interval is None:
        reasons.append(found.total.no_interval)
    for reason in filter(None, reasons):
        yield in_words(reason, lang)


_PHRASES: Final[Mapping[str, Text]] = {
    "as_of": both(en="As of {day}", zh="截至 {day}"),
    "by_stage": both(en="categories by stage", zh="类别依据阶段"),
    "by_owner": both(en="categories as the owners call them", zh="类别依据负责人的判断"),
    "by_manager": both(en="categories as the managers call them", zh="类别依据经理的判断"),
    "in": both(en="amounts in {currency}", zh="金额单位 {currency}"),
    "comma": both(en=", ", zh="，"),
    "stop": both(en=".", zh="。"),
    "period": FORECAST_WORDS["period"],
    "total": both(en="all periods", zh="全部期间"),
    "before": both(en="before", zh="更早"),
    "between": both(en="between", zh="各期间之间"),
    "beyond": both(en="beyond", zh="更晚"),
    "undated": both(en="without a day", zh="无日期"),
    "all": both(en="all", zh="全部"),
    "weighted": both(en="weighted", zh="加权"),
    "quota": both(en="quota", zh="目标"),
    "attainment": both(en="attainment", zh="完成率"),
    "coverage": both(en="coverage", zh="覆盖倍数"),
    "interval": both(en="P10 – P90", zh="P10 – P90"),
    "largest": both(
        en="The largest open deals, and what comes in with and without them",
        zh="最大的进行中项目，以及有无该项目时的总额",
    ),
    "amount": both(en="amount", zh="金额"),
    "chance": FORECAST_WORDS["chance"],
    "if_won": both(en="P10 – P90 if won", zh="赢单时 P10 – P90"),
    "if_not_won": both(en="P10 – P90 if not", zh="未赢时 P10 – P90"),
    "stage": both(en="stage", zh="阶段"),
    "owner": both(en="owner", zh="负责人"),
    "manager": both(en="manager", zh="经理"),
    "overdue": both(
        en="Open deals expected in the past: {n:,}{worth}.",
        zh="预计成交日期已过的进行中项目：{n:,} 个{worth}。",
    ),
    "at_odds_total": both(
        en="Committed deals with a required criterion that does not hold: {n:,}{worth}.",
        zh="列为承诺但必备条件未满足的项目：{n:,} 个{worth}。",
    ),
    "differ": both(
        en="{first} says {one} and {second} {other}: {deals}{worth}.",
        zh="{first}为“{one}”，{second}为“{other}”：{n:,} 个项目{worth}。",
    ),
    "worth": both(en=", worth {amount}", zh="，金额 {amount}"),
}
