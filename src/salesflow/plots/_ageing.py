"""Ageing: how long each open deal has been where it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import altair as alt

from salesflow._arguments import Arguments, instance
from salesflow._shown import spoken
from salesflow.domain import HostDeal, Opportunity
from salesflow.pipeline import Metrics, Source
from salesflow.pipeline._frames.engines import is_frame
from salesflow.pipeline._frames.mapping_file import Said
from salesflow.pipeline._frames.options import read_options, rows_read
from salesflow.pipeline._frames.source import HasColumns
from salesflow.pipeline._frames.value_maps import ValueMaps
from salesflow.playbook import Playbook
from salesflow.plots import _canvas
from salesflow.plots._canvas import ChartRow, Picture
from salesflow.plots._open_deals import DEAL_FACTS, OpenDeal, open_deals, read_deals
from salesflow.plots._stages import FIGURES_HINT, STAGES, StagePlace, places_of
from salesflow.text import Language, both, in_language

_WIDTH: Final = 620
_ROW_HEIGHT: Final = 34
_POINTS: Final = 400
_BINS: Final = 40
_LANES: Final = 5
_TICKS: Final = (0, 3, 7, 14, 30, 60, 90, 180, 365, 730, 1460, 3650)
_STATES: Final = {
    "within": (_canvas.BLUE, "circle"),
    "no_limit": (_canvas.GREY, "diamond"),
    "past": (_canvas.ORANGE, "square"),
    "old": (_canvas.RED, "triangle-up"),
}


def ageing(
    deals: Iterable[Opportunity | HostDeal | Mapping[str, object]] | Source[Any] | HasColumns,
    playbook: Playbook,
    *,
    as_of: date,
    figures: Metrics | None = None,
    columns: Mapping[str, str] | None = None,
    stages: Mapping[str, str] | None = None,
    values: ValueMaps | None = None,
    tz: str | None = None,
    lang: Language | None = None,
) -> Picture:
    """How long every open deal has been in its stage, against `max_days` and the longest won deal.

    One point per deal, in the row of its stage or sub-stage, at the days that it has been in the
    stage; or in the sub-stage, where that has a limit of its own. Its form and
    colour say whether it is within the limit of the stage, past it, or, with `figures`, older
    altogether than the longest deal that was won. A black line stands at the limit of a stage, a
    dashed one at the length of the longest won deal. More than 400 deals are counted in steps
    instead of drawn one by one. Deals that entered their stage after `as_of`, or of which nobody
    knows how long they have been there, are only counted in the title.

    Args:
        deals: Deals of the engine; or rows of an export, for instance `frame.to_dicts()` of polars
            or `frame.to_dict("records")` of pandas, with `id`, `stage`, `entered_stage_on` and
            `created_on`; with `outcome` and `ended`, where a column says them; with
            `entered_sub_stage_on`, where sub-stages have limits; and where clocks rest while a deal
            is on hold, with `days_on_hold_in_stage`, `days_on_hold_in_sub_stage` and
            `days_on_hold`; or a frame, of which these columns are read, or a
            [`Source`][salesflow.pipeline.Source] of one. Deals that are won, lost, disqualified or
            not started, or that have ended, are left out.
        playbook: The process; for the order, the titles and the limits.
        as_of: The day of the chart.
        figures: What `salesflow.pipeline.metrics` gave, for the longest won deal.
        columns: Fact and column, where a column of the rows is not named like the fact; facts that
            are not read here may be among them.
        stages: Label and stage, sub-stage, `won`, `lost` or `disqualified`, for labels that are
            neither such a key or its title nor a usual word for it, however they are written.
        values: By fact, what values of its column stand for, where an outcome or whether a deal has
            ended is in words of your own.
        tz: Where calendar days begin, for moments with a zone; in UTC if nobody says it.
        lang: The language of titles, axes and labels; by default that of the playbook.

    Raises:
        ArgumentError: Arguments are of the wrong kind; `problems` lists all of them.
        FrameError: The frame of a source cannot be read.
        PlotError: Deals, labels or days cannot be read; `problems` lists all of them.
        UnknownName: There is no such language.

    Example:
        >>> from salesflow import load_playbook
        >>> rows = [
        ...     {"id": "D-1", "stage": "close", "entered_stage_on": date(2026, 2, 1)},
        ...     {"id": "D-2", "stage": "won", "entered_stage_on": date(2026, 2, 1)},
        ... ]
        >>> playbook = load_playbook("optimized_sales_process")
        >>> chart = ageing(rows, playbook, as_of=date(2026, 3, 1))
        >>> print(*chart.to_dict()["title"]["subtitle"])
        Open deals on 2026-03-01: 1. The playbook sets no limits for these stages.
    """
    lang = spoken(lang, playbook)
    words = in_language(lang, _PHRASES)
    given = Arguments()
    if is_frame(deals):
        deals = Source(deals)
    told = Said(columns=columns, stages=stages, values=values, tz=tz)
    reads = DEAL_FACTS.__contains__
    options = read_options(given, deals, told, as_of=as_of, needs_day=True, reads=reads)
    listed = () if isinstance(deals, Source) else given.read(read_deals, deals) or ()
    _canvas.read_playbook(given, playbook)
    if figures is not None:
        given.read(instance, figures, Metrics, "figures", FIGURES_HINT)
    given.refuse(_canvas.REFUSED)
    if isinstance(deals, Source):
        listed = tuple(rows_read(options, DEAL_FACTS))
    found = open_deals(listed, playbook, options)
    if not found:
        return _canvas.placeholder(words["title"], words["nothing"])
    longest = None if figures is None else figures.cycle_longest.value
    places = {place.key: place for place in places_of(playbook, lang)}
    stays = [
        _Stay.of(deal, places[deal.place], deal.days, longest)
        for deal in found
        if deal.days is not None and deal.days >= 0
    ]
    hidden = words["hidden"].format(n=len(found) - len(stays)) if len(stays) < len(found) else ""
    if not stays:
        return _canvas.placeholder(words["title"], hidden)
    occupied = {deal.place for deal in found}
    present = [place for place in places.values() if place.key in occupied]
    shown = present[:STAGES]
    limits = {place.label: place.limit for place in shown if place.limit is not None}
    heading = _canvas.title(
        words["title"],
        words["open"].format(n=len(found), day=options.day.isoformat()),
        words["black"] if limits else words["no_limits"],
        words["dashed"].format(days=_canvas.number(longest)) if longest else "",
        hidden,
        words["more"].format(n=len(shown), all=len(present)) if len(shown) < len(present) else "",
    )
    labels = [place.label for place in shown]
    stays = [stay for stay in stays if stay.place.label in labels]
    most = 1.05 * max(*(stay.days for stay in stays), longest or 0, *limits.values(), 1)
    y = _canvas.row_axis("stage", labels, words["stage"])
    draw = _points if len(stays) <= _POINTS else _steps
    x = _canvas.number_axis("days", words["axis"], most, whole=True, ticks=_TICKS)
    layers = [draw(stays, most, words).encode(x=x, y=y)]
    if limits:
        rows: list[ChartRow] = [{"stage": label, "limit": limit} for label, limit in limits.items()]
        marks = _canvas.limit_marks(alt.Chart(_canvas.data("limits", rows)), _canvas.DARK)
        layers.append(
            marks.encode(x=alt.X("limit:Q"), y=y, tooltip=_canvas.tooltips(words, "limit:Q"))
        )
    if longest is not None:
        layers.append(
            alt.Chart(_canvas.data("longest", [{"longest": longest}]))
            .mark_rule(color=_canvas.RED, strokeDash=[6, 4], strokeWidth=1.5)
            .encode(x=alt.X("longest:Q"), tooltip=_canvas.tooltips(words, "longest:Q"))
        )
    return _canvas.layered(layers, heading, height=_ROW_HEIGHT * len(labels), width=_WIDTH)


@dataclass(frozen=True, slots=True)
class _Stay:
    """An open deal in its stage, and which of `_STATES` it is in."""

    deal: str
    place: StagePlace
    days: int
    age: int | None
    state: str

    @classmethod
    def of(cls, deal: OpenDeal, place: StagePlace, days: int, longest: float | None) -> _Stay:
        state = "no_limit" if place.limit is None else "within"
        if place.limit is not None and days > place.limit:
            state = "past"
        if longest is not None and max(days, deal.age or 0) > longest:
            state = "old"
        return cls(deal.name, place, days, deal.age, state)


def _points(stays: Sequence[_Stay], _most: float, words: Mapping[str, str]) -> alt.Chart:
    """A point per deal."""
    in_order = sorted(stays, key=lambda stay: (stay.place.label, stay.days, stay.deal))
    rows: list[ChartRow] = [
        {
            "deal": stay.deal,
            "stage": stay.place.label,
            "days": stay.days,
            "age": stay.age,
            "state": words[stay.state],
            "lane": at % _LANES,  # neighbours stand above each other, so that none hides another
        }
        for at, stay in enumerate(in_order)
    ]
    return _marks("deals", rows, words).encode(
        yOffset=alt.YOffset("lane:O", scale=alt.Scale(paddingOuter=0.6)),
        tooltip=_canvas.tooltips(words, "deal", "stage", "days:Q", "age:Q", "state"),
    )


def _steps(stays: Sequence[_Stay], most: float, words: Mapping[str, str]) -> alt.Chart:
    """A point for all deals of a stage and a state in a step of some days, by their number."""
    width = max(1, round(most / _BINS))
    counts = Counter((stay.place.label, stay.days // width, stay.state) for stay in stays)
    largest = max(counts.values())
    rows: list[ChartRow] = [
        {
            "stage": stage,
            "days": step * width + (width - 1) / 2,
            "range": f"{step * width}–{step * width + width - 1}",
            "state": words[state],
            "deals": deals,
        }
        for (stage, step, state), deals in sorted(counts.items())
    ]
    return _marks("steps", rows, words).encode(
        size=alt.Size(
            "deals:Q",
            title=words["deals"],
            scale=alt.Scale(domain=[0, largest], range=[25, 400]),
            legend=alt.Legend(orient="right", values=sorted({1, -(-largest // 2), largest})),
        ),
        tooltip=_canvas.tooltips(words, "stage", "range", "state", "deals:Q"),
    )


def _marks(name: str, rows: list[ChartRow], words: Mapping[str, str]) -> alt.Chart:
    """Points whose colour and form tell the state."""
    present = {row["state"] for row in rows}
    kept = {words[state]: mark for state, mark in _STATES.items() if words[state] in present}
    colour = _canvas.legend("state", {state: colour for state, (colour, _) in kept.items()})
    form = alt.Shape(
        "state:N",
        title=None,
        scale=alt.Scale(domain=list(kept), range=[form for _, form in kept.values()]),
        legend=alt.Legend(orient="top", direction="horizontal", labelLimit=300),
    )
    chart = alt.Chart(_canvas.data(name, rows)).encode(color=colour, shape=form)
    drawn: alt.Chart = chart.mark_point(filled=True, opacity=0.9, size=70)
    return drawn


_PHRASES: Final = {
    "title": both(
        en="Ageing: how long open deals have been in their stage",
        zh="停留时间：进行中的项目在当前阶段停留了多久",
    ),
    "open": both(en="Open deals on {day}: {n:,}.", zh="{day}，共 {n:,} 个进行中的项目。"),
    "black": both(
        en="Black line: the most days that the playbook allows.",
        zh="黑线：流程允许的最长天数。",
    ),
    "no_limits": both(
        en="The playbook sets no limits for these stages.",
        zh="流程没有规定这些阶段的最长天数。",
    ),
    "dashed": both(
        en="Dashed line: the longest won deal took {days} days from beginning to end.",
        zh="虚线：最长的赢单项目从开始到结束用了 {days} 天。",
    ),
    "hidden": both(
        en="Not shown: {n:,}; they entered the stage later, or nobody knows how long ago.",
        zh="有 {n:,} 个项目未显示：进入阶段的日期晚于统计日期，或停留时间不明。",
    ),
    "more": both(
        en="Stages with open deals: {all}; the first {n} are shown.",
        zh="有进行中项目的阶段共 {all} 个，仅显示前 {n} 个。",
    ),
    "nothing": both(en="There are no open deals.", zh="没有进行中的项目。"),
    "stage": both(en="Stage", zh="阶段"),
    "deal": both(en="Deal", zh="项目"),
    "deals": both(en="Deals", zh="项目数"),
    "days": both(en="Days in the stage", zh="阶段停留天数"),
    "range": both(en="Days in the stage", zh="阶段停留天数"),
    "axis": both(
        en="days in the stage (small numbers have more room)",
        zh="在当前阶段停留的天数（较小的数值刻度较宽）",
    ),
    "age": both(en="Days since it began", zh="项目历时天数"),
    "state": both(en="State", zh="状态"),
    "limit": both(en="Most days", zh="最长天数"),
    "longest": both(en="Longest won deal, days", zh="最长赢单天数"),
    "within": both(en="within the limit", zh="未超期"),
    "no_limit": both(en="no limit set", zh="未规定期限"),
    "past": both(en="past the limit of the stage", zh="超过阶段期限"),
    "old": both(en="older than the longest won deal", zh="超过最长赢单周期"),
}
