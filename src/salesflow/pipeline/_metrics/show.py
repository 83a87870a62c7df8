"""The figures of a pipeline for people: as a text, in a notebook and on a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import ne
from typing import TYPE_CHECKING, Final

from salesflow._show import Html, aligned, heading, table
from salesflow._translation import words_in
from salesflow.pipeline._intervals import in_percents
from salesflow.terms import OUTCOMES
from salesflow.text import Language, Text, both, in_language

if TYPE_CHECKING:
    from salesflow.pipeline._metrics.values import Metric, Metrics

_NONE: Final = "–"
_IF_ANY: Final = ("later", "later_events", "ended_unclear")
_OF_STAGES: Final = ("entered", "conversion", "days_median", "days_p90")

HEADING: Final = both(en="Figures of the pipeline", zh="项目指标")
"""What the figures are called."""


def written(figures: Metrics, lang: Language) -> str:
    """The figures as a table: those of all deals, and what is known of each stage."""
    words = in_language(lang, PHRASES)
    rows = [_head(words), *_of_all(figures, lang)]
    for stage, found in figures.stages.items():
        of_stage = ((name, getattr(found, name)) for name in _OF_STAGES)
        rows += [
            (
                words["of_stage"].format(stage=stage, name=words[name]),
                shown(metric, lang),
                _origin(metric, lang),
            )
            for name, metric in of_stage
            if metric.value is not None
        ]
    return "\n".join(aligned(rows))


def blocks(figures: Metrics, lang: Language) -> Iterator[Html]:
    """The figures of all deals, and a row for each stage of which something is known."""
    words = in_language(lang, PHRASES)
    yield table(_head(words), _of_all(figures, lang), {1})
    yield from by_stage([((), figures)], (), figures._places(lang), lang)  # noqa: SLF001 - a sibling


def by_stage(
    parts: Iterable[tuple[Sequence[str], Metrics]],
    names: Sequence[str],
    places: Mapping[str, str],
    lang: Language,
) -> Iterator[Html]:
    """A row for each stage of which something is known, of each part, beside what that is called.

    `names` are the heads of what it is called, `places` what people call each stage.
    """
    words = in_language(lang, PHRASES)
    rows = [
        (
            *called,
            places.get(stage, stage),
            *(shown(getattr(found, name), lang) for name in _OF_STAGES),
        )
        for called, figures in parts
        for stage, found in figures.stages.items()
        if any(getattr(found, name).value is not None for name in _OF_STAGES)
    ]
    if rows:
        yield heading(words["by_stage"])
        head = (*names, words["stage"], *(words[name] for name in _OF_STAGES))
        yield table(head, rows, range(len(names) + 1, len(head)))


def _head(words: Mapping[str, str]) -> tuple[str, str, str]:
    return words["figure"], words["value"], words["from"]


def _of_all(figures: Metrics, lang: Language) -> list[tuple[str, str, str]]:
    """The figures of all deals, but for those of what there is none, such as rows after the day."""
    return [
        (PHRASES[name].get(lang), shown(metric, lang), _origin(metric, lang))
        for name, metric in figures
        if name in PHRASES and (metric.value or name not in _IF_ANY)
    ]


def shown(metric: Metric, lang: Language, *, bare: bool = False) -> str:
    """The value with its unit, and of a share its interval.

    What is `bare` stands below a head that says what is counted, and is without a word for it.
    """
    if metric.value is None:
        return _NONE
    if metric.unit == "share":
        if metric.low is None or metric.high is None:
            return f"{metric.value:.2%}"
        value, low, high = in_percents(metric.value, metric.low, metric.high, digits=2, least=0)
        return f"{value} ({low}–{high})"
    number = f"{metric.value:,.2f}".removesuffix(".00")
    amount, per, _day = metric.unit.partition(" per day")
    unit = amount
    if amount in _UNITS:
        unit = "" if bare else _UNITS[amount].get(lang)
        unit = unit.removesuffix("s") if metric.value == 1 else unit
    return f"{number} {unit}".rstrip() + (_PER_DAY.get(lang) if per else "")


def _origin(metric: Metric, lang: Language) -> str:
    """Where it comes from, and what is to be said of it."""
    source = PHRASES[metric.source].get(lang) if metric.source else ""
    return _AND.get(lang).join(filter(None, (source, reason_of(metric, lang))))


def reason_of(metric: Metric, lang: Language) -> str:
    """Why it has no value, or what is not counted in it."""
    return in_words(metric.reason, lang)


def in_words(reason: str, lang: Language) -> str:
    """A reason in a language."""
    parts = reason.split("; ")
    told = [words_in(part, lang) for part in parts]
    # Of several sentences each is one; what is none of them may be one sentence as a whole.
    whole = reason if all(map(ne, parts, told)) else words_in(reason, lang)
    return whole if whole != reason else _AND.get(lang).join(filter(None, told))


_AND: Final = both(en="; ", zh="；")
_PER_DAY: Final = both(en=" per day", zh="/天")
_UNITS: Final[Mapping[str, Text]] = {
    "amount": both(en="", zh=""),
    "deals": both(en="deals", zh="个"),
    "rows": both(en="rows", zh="行"),
    "events": both(en="events", zh="条"),
    "days": both(en="days", zh="天"),
}
PHRASES: Final[Mapping[str, Text]] = {
    "of_stage": both(en="{stage}: {name}", zh="{stage}：{name}"),
    "by_stage": both(en="By stage, from the history", zh="各阶段情况（依据阶段历史）"),
    "stage": both(en="stage", zh="阶段"),
    "figure": both(en="figure", zh="指标"),
    "value": both(en="value", zh="数值"),
    "from": both(en="from", zh="来源"),
    "snapshot": both(en="snapshot", zh="快照"),
    "history": both(en="history", zh="阶段历史"),
    "deals": both(en="deals", zh="项目"),
    "later": both(en="rows after the day", zh="晚于该日的行"),
    "later_events": both(en="events after the day", zh="晚于该日的记录"),
    "open": both(en="open", zh="进行中"),
    "ended_unclear": both(en="ended, nobody says how", zh="已结束但结果未知"),
    "win_rate": both(en="win rate", zh="赢单率"),
    "open_value": both(en="value of open deals", zh="进行中金额"),
    "commit_value": both(en="of these: commit", zh="其中：承诺"),
    "best_case_value": both(en="of these: best case", zh="其中：最佳情况"),
    "won_value": both(en="value of won deals", zh="赢单金额"),
    "average_size": both(en="average size of won deals", zh="赢单平均金额"),
    "weighted_pipeline": both(en="weighted pipeline", zh="按赢率加权的管道金额"),
    "cycle_median": both(en="cycle, median", zh="周期中位数"),
    "cycle_p90": both(en="cycle, 90 %", zh="周期 90 分位"),
    "cycle_mean": both(en="cycle, mean", zh="平均周期"),
    "cycle_longest": both(en="cycle, longest", zh="最长周期"),
    "velocity": both(en="velocity", zh="销售速度"),
    "slippage_median": both(en="slippage, median", zh="成交延期中位数"),
    "slipped": both(en="closed later than expected", zh="延期成交占比"),
    "overdue": both(en="open past the close date", zh="逾期未成交占比"),
    "older_than_longest_won": both(en="older than the longest won", zh="超过最长赢单周期"),
    "entered": both(en="entered", zh="进入"),
    "conversion": both(en="went on", zh="转化率"),
    "days_median": both(en="days, median", zh="停留中位数"),
    "days_p90": both(en="days, 90 %", zh="停留 90 分位"),
    **OUTCOMES,
}
