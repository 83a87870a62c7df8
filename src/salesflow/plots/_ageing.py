"""Ageing: how long each open deal has been where it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import altair as alt

from salesflow._show import plain
from salesflow.domain import HostDeal, Opportunity
from salesflow.errors import Problem
from salesflow.pipeline import Metrics
from salesflow.playbook import Playbook
from salesflow.plots._ageing_words import WORDS
from salesflow.plots._base import (
    BLUE,
    DARK,
    GREY,
    LABEL,
    ORANGE,
    RED,
    Picture,
    Row,
    across,
    counted,
    data,
    down,
    language,
    layered,
    no_playbook,
    refuse,
    sentence,
    title,
    tooltips,
)
from salesflow.plots._deals import OpenDeal, open_deals
from salesflow.text import Language

_WIDTH: Final = 620
_ROW_HEIGHT: Final = 34
_ROWS: Final = 40
_POINTS: Final = 400
_BINS: Final = 40
_LANES: Final = 5
_TICKS: Final = (0, 3, 7, 14, 30, 60, 90, 180, 365, 730, 1460, 3650)


def ageing(
    deals: Iterable[Opportunity | HostDeal | Mapping[str, object]],
    playbook: Playbook,
    *,
    as_of: date,
    figures: Metrics | None = None,
    columns: Mapping[str, str] | None = None,
    stages: Mapping[str, str] | None = None,
    tz: str = "UTC",
    lang: Language = "en",
) -> Picture:
    """How long every open deal has been in its stage, against `max_days` and the longest won deal.

    One point per deal, in the row of its stage, at the days that it has been there. Its form and
    colour say whether it is within the limit of the stage, past it, or, with `figures`, older
    altogether than the longest deal that was won. A black line stands at the limit of a stage, a
    dashed one at the length of the longest won deal. More than 400 deals are counted in steps
    instead of drawn one by one. Those that entered their stage after `as_of`, or on a
    day that nobody knows, are only counted in the title.

    Args:
        deals: Deals of the engine; or rows of an export, for instance `frame.to_dicts()` of polars
            or `frame.to_dict("records")` of pandas, with `id`, `stage`, `entered_stage_on` and
            `created_on`. Deals that are won, lost, disqualified or not started are left out.
        playbook: The process; for the order, the titles and the limits.
        as_of: The day of the chart.
        figures: What `salesflow.pipeline.metrics` gave, for the longest won deal.
        columns: Fact and column, where a column of the rows is not named like the fact.
        stages: Label and stage, sub-stage, `won`, `lost` or `disqualified`.
        tz: Where calendar days begin, for moments with a zone.
        lang: The language of titles, axes and labels.

    Raises:
        PlotError: Arguments, labels or days are wrong; `problems` lists them.
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
        Open deals on 2026-03-01: 1. The playbook sets no most days for these stages.
    """
    lang = language(lang)
    words = WORDS[lang]
    problems, zone = _problems(playbook, as_of, figures, columns, stages, tz)
    refuse(problems)
    found, problems = open_deals(
        deals, playbook, columns=columns or {}, stages=stages or {}, zone=zone
    )
    refuse(problems)
    if not found:
        return sentence(words["title"], words["nothing"])
    longest = None if figures is None else figures.cycle_longest.value
    drawing = _Drawing(playbook, as_of, longest, lang)
    return drawing.chart(found)


def _problems(
    playbook: object, as_of: object, figures: object, columns: object, stages: object, tz: object
) -> tuple[list[Problem], ZoneInfo]:
    problems = no_playbook(playbook)

    def add(path: str, value: object, what: str, hint: str) -> None:
        problems.append(Problem(path, f"{type(value).__name__} is {what}", hint, "type"))

    if not isinstance(as_of, date) or isinstance(as_of, datetime):
        add("as_of", as_of, "no day", "pass a date, as date(2026, 6, 30)")
    if not (figures is None or isinstance(figures, Metrics)):
        add("figures", figures, "no figures", "pass what salesflow.pipeline.metrics gave")
    for path, value in (("columns", columns), ("stages", stages)):
        if not (value is None or isinstance(value, Mapping)):
            add(path, value, "no mapping", "pass a dict")
    zone = ZoneInfo("UTC")
    try:
        zone = ZoneInfo(tz) if isinstance(tz, str) else zone
    except (ZoneInfoNotFoundError, ValueError, OSError):
        tz = None
    if not isinstance(tz, str):
        problems.append(Problem("tz", "there is no such zone", 'write it as "Asia/Shanghai"'))
    return problems, zone


class _Drawing:
    def __init__(
        self, playbook: Playbook, as_of: date, longest: float | None, lang: Language
    ) -> None:
        self._words = WORDS[lang]
        self._as_of = as_of
        self._longest = longest
        self._labels: dict[str, str] = {}
        self._limits: dict[str, int | None] = {}
        for number, stage in enumerate(playbook.stages, start=1):
            self._labels[stage.key] = f"{number} {plain(stage.title.get(lang), LABEL)}"
            self._limits[stage.key] = stage.max_days
            for part, sub in enumerate(stage.sub_stages, start=1):
                self._labels[sub.key] = f"{number}.{part} {plain(sub.title.get(lang), LABEL)}"
                self._limits[sub.key] = sub.max_days or stage.max_days

    def chart(self, found: list[OpenDeal]) -> Picture:
        words = self._words
        rows = [row for deal in found if (row := self._row(deal)) is not None]
        hidden = len(found) - len(rows)
        if not rows:
            return sentence(words["title"], words["no_day"].format(n=hidden))
        places = {deal.place for deal in found}
        present = [key for key in self._labels if key in places]
        shown = present[:_ROWS]
        labels = [self._labels[key] for key in shown]
        rows = [row for row in rows if row["stage"] in labels]
        limits: list[Row] = [
            {"stage": self._labels[key], "limit": self._limits[key]}
            for key in shown
            if self._limits[key] is not None
        ]
        longest_stay = max(float(row["days"] or 0) for row in rows)
        most = max(
            longest_stay, self._longest or 0, *(float(row["limit"] or 0) for row in limits), 1
        )
        layers: list[alt.Chart] = [
            self._points(rows, labels, most * 1.05)
            if len(rows) <= _POINTS
            else self._steps(rows, labels, most * 1.05)
        ]
        y = down("stage", labels, words["stage"])
        if limits:
            layers.append(
                alt.Chart(data("limits", limits))
                .mark_tick(color=DARK, thickness=3, height={"band": 0.95})
                .encode(
                    x=alt.X("limit:Q"),
                    y=y,
                    tooltip=tooltips([("limit", words["limit"])], "Q"),
                )
            )
        if self._longest is not None:
            layers.append(
                alt.Chart(data("longest", [{"days": self._longest}]))
                .mark_rule(color=RED, strokeDash=[6, 4], strokeWidth=1.5)
                .encode(x=alt.X("days:Q"), tooltip=tooltips([("days", words["longest"])], "Q"))
            )
        return layered(
            layers,
            title(
                words["title"],
                words["open"].format(n=len(found), day=self._as_of.isoformat()),
                words["line"] if limits else words["no_limits"],
                words["dashed"].format(days=counted(self._longest)) if self._longest else "",
                words["no_day"].format(n=hidden) if hidden else "",
                words["more_stages"].format(n=len(shown), all=len(present))
                if len(shown) < len(present)
                else "",
            ),
            width=_WIDTH,
            height=_ROW_HEIGHT * len(labels),
        )

    def _row(self, deal: OpenDeal) -> Row | None:
        if deal.entered is None or deal.entered > self._as_of:
            return None
        words = self._words
        days = (self._as_of - deal.entered).days
        age = None if deal.created is None else (self._as_of - deal.created).days
        limit = self._limits[deal.place]
        state = "within" if limit is not None else "without"
        if limit is not None and days > limit:
            state = "past"
        if self._longest is not None and max(days, age or 0) > self._longest:
            state = "old"
        return {
            "deal": deal.name,
            "stage": self._labels[deal.place],
            "days": days,
            "age": age,
            "state": words[state],
        }

    def _states(self) -> tuple[list[str], list[str], list[str]]:
        """The states that can be, with their colours and forms."""
        kinds = [("within", BLUE, "circle"), ("without", GREY, "diamond")]
        kinds += [("past", ORANGE, "square"), ("old", RED, "triangle-up")]
        return (
            [self._words[kind] for kind, _, _ in kinds],
            [colour for _, colour, _ in kinds],
            [form for _, _, form in kinds],
        )

    def _points(self, rows: list[Row], labels: list[str], most: float) -> alt.Chart:
        words = self._words
        # Neighbours stand in lanes above each other, so that none hides another.
        rows = sorted(
            rows, key=lambda row: (str(row["stage"]), float(row["days"] or 0), str(row["deal"]))
        )
        rows = [{**row, "lane": at % _LANES} for at, row in enumerate(rows)]
        return self._encoded(alt.Chart(data("deals", rows)), rows, labels, most).encode(
            yOffset=alt.YOffset("lane:O", scale=alt.Scale(paddingOuter=0.6)),
            tooltip=tooltips(
                [
                    ("deal", words["deal"]),
                    ("stage", words["stage"]),
                    ("days", words["days"]),
                    ("age", words["age"]),
                    ("state", words["state"]),
                ],
                "NNQQN",
            ),
        )

    def _steps(self, rows: list[Row], labels: list[str], most: float) -> alt.Chart:
        words = self._words
        width = max(1, round(most / _BINS))
        counts = Counter(
            (str(row["stage"]), int(float(row["days"] or 0) // width), str(row["state"]))
            for row in rows
        )
        largest = max(counts.values())
        steps: list[Row] = [
            {
                "stage": stage,
                "days": step * width + (width - 1) / 2,
                "range": f"{step * width}–{step * width + width - 1}",
                "state": state,
                "deals": number,
            }
            for (stage, step, state), number in sorted(counts.items())
        ]
        return self._encoded(alt.Chart(data("steps", steps)), steps, labels, most).encode(
            size=alt.Size(
                "deals:Q",
                title=words["deals"],
                scale=alt.Scale(domain=[0, largest], range=[25, 400]),
                legend=alt.Legend(orient="right", values=sorted({1, -(-largest // 2), largest})),
            ),
            tooltip=tooltips(
                [
                    ("stage", words["stage"]),
                    ("range", words["days"]),
                    ("state", words["state"]),
                    ("deals", words["deals"]),
                ],
                "NNNQ",
            ),
        )

    def _encoded(
        self, chart: alt.Chart, rows: list[Row], labels: list[str], most: float
    ) -> alt.Chart:
        words = self._words
        states, colours, forms = self._states()
        present = {row["state"] for row in rows}
        kept = [at for at, state in enumerate(states) if state in present]
        domain = [states[at] for at in kept]
        legend = alt.Legend(orient="top", direction="horizontal", labelLimit=300, symbolSize=80)
        drawn: alt.Chart = chart.mark_point(filled=True, opacity=0.9, size=70).encode(
            x=across("days", words["axis"], most, whole=True, ticks=_TICKS),
            y=down("stage", labels, words["stage"]),
            color=alt.Color(
                "state:N",
                title=None,
                scale=alt.Scale(domain=domain, range=[colours[at] for at in kept]),
                legend=legend,
            ),
            shape=alt.Shape(
                "state:N",
                title=None,
                scale=alt.Scale(domain=domain, range=[forms[at] for at in kept]),
                legend=legend,
            ),
        )
        return drawn
