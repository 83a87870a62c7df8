"""The waterfall: how the value of a pipeline came from what it was to what it is."""

from __future__ import annotations

from decimal import Decimal
from itertools import accumulate
from typing import Any, Final

import altair as alt

from salesflow._arguments import Arguments, instance
from salesflow._shown import spoken
from salesflow.pipeline import Movement, MovementLine, PipelineChanges
from salesflow.pipeline._movement.changes import LINES, RISES, line_words
from salesflow.plots import _canvas
from salesflow.plots._canvas import ChartRow, Picture
from salesflow.text import Language, both, in_language

_COLOURS: Final = {"whole": _canvas.BLUE, "rise": _canvas.GREEN, "fall": _canvas.ORANGE}
_WHOLE: Final = ("opening", "closing")
_TEXT_ROOM: Final = 1.28  # the axis is longer than the longest bar, for the text beside it


def waterfall(changes: PipelineChanges[Any], *, lang: Language | None = None) -> Picture:
    """From the opening value of a pipeline to its closing value, with what lies between.

    One bar per line of the [`Movement`][salesflow.pipeline.Movement]: the first and the last are
    the value of the open deals, and each between begins where the one above it ends. Lines without
    deals are left out. With a period, these are the deals that are expected to close in it, so
    that the picture leads from the last forecast of the period to this one.

    Args:
        changes: What `salesflow.pipeline.compare` gave.
        lang: The language of titles, axes and labels; by default that of the playbook.

    Raises:
        ArgumentError: These are no changes.
        UnknownName: There is no such language.

    Example:
        >>> from datetime import date
        >>> import polars as pl
        >>> from salesflow import load_playbook
        >>> from salesflow.pipeline import Source, compare
        >>> playbook = load_playbook("optimized_sales_process")
        >>> stage = ["demand_generation"]
        >>> before = pl.DataFrame({"id": ["D-1"], "stage": stage, "amount": [40_000]})
        >>> after = pl.DataFrame({"id": ["D-1"], "stage": stage, "amount": [60_000]})
        >>> changes = compare(before, after, playbook, key="id")
        >>> chart = waterfall(changes)
        >>> chart.to_dict()["title"]["subtitle"]
        ['Open deals before: 1, after: 1.']
    """
    lang = spoken(lang, changes)
    given = Arguments()
    hint = "pass what salesflow.pipeline.compare gave"
    given.read(instance, changes, PipelineChanges, "changes", hint)
    given.refuse(_canvas.REFUSED)
    words = in_language(lang, _PHRASES)
    movement = changes.movement
    if movement is None:
        return _canvas.placeholder(words["title"], words["no_amounts"])
    rows = _rows(movement, line_words(lang), words)
    labels = [str(row["line"]) for row in rows]
    base = alt.Chart(_canvas.data("lines", rows)).encode(
        y=_canvas.row_axis("line", labels, ""),
    )
    axis = words["axis"].format(currency=movement.currency or "").strip()
    furthest = max(float(row["to"] or 0) for row in rows) * _TEXT_ROOM
    drawn = _canvas.bars(base, _canvas.BLUE).encode(
        x=_canvas.number_axis("from", axis, furthest),
        x2=alt.X2("to:Q"),
        color=_canvas.legend("kind", {words[kind]: colour for kind, colour in _COLOURS.items()}),
        tooltip=_canvas.tooltips(words, "line", "amount", "deals:Q"),
    )
    beside = _canvas.texts(base, "amount").encode(x=alt.X("to:Q"))
    heading = _canvas.title(words["title"], _counts(movement, words), _period(changes, words))
    return _canvas.layered([drawn, beside], heading, height=_canvas.ROW_HEIGHT * len(labels))


def _rows(movement: Movement, names: dict[str, str], words: dict[str, str]) -> list[ChartRow]:
    """A row per line that has deals: where its bar begins and ends, and what is said of it."""
    lines: dict[str, MovementLine] = {name: getattr(movement, name) for name in LINES}
    kept = {name: it for name, it in lines.items() if it.deals or name in _WHOLE}
    steps = [_step(name, line) for name, line in kept.items()]
    reached = list(accumulate(steps))
    rows: list[ChartRow] = []
    for (name, line), step, end in zip(kept.items(), steps, reached, strict=True):
        begin = Decimal(0) if name in _WHOLE else end - step
        top = line.amount if name == "closing" else end
        kind = "whole" if name in _WHOLE else "rise" if name in RISES else "fall"
        sign = {"whole": "", "rise": "+", "fall": "−"}[kind]
        rows.append(
            {
                "line": names[name],
                "from": float(min(begin, top)),
                "to": float(max(begin, top)),
                "kind": words[kind],
                "amount": f"{sign}{line.amount:,}",
                "deals": line.deals,
            }
        )
    return rows


def _step(name: str, line: MovementLine) -> Decimal:
    """By how much a line moves the value; the last only says where it has come to."""
    if name == "closing":
        return Decimal(0)
    return line.amount if name == "opening" or name in RISES else -line.amount


def _counts(movement: Movement, words: dict[str, str]) -> str:
    return words["deals_said"].format(before=movement.opening.deals, after=movement.closing.deals)


def _period(changes: PipelineChanges[Any], words: dict[str, str]) -> str:
    if changes.period is None:
        return ""
    first, last = (day.isoformat() for day in changes.period)
    return words["period"].format(first=first, last=last)


_PHRASES: Final = {
    "title": both(en="How the value of the pipeline came about", zh="项目金额是怎样变化的"),
    "deals_said": both(
        en="Open deals before: {before:,}, after: {after:,}.",
        zh="之前进行中的项目 {before:,} 个，之后 {after:,} 个。",
    ),
    "period": both(
        en="Deals that are expected to close from {first} to {last}.",
        zh="预计成交日期为 {first} 至 {last} 的项目。",
    ),
    "no_amounts": both(en="No column holds the amount.", zh="没有金额列。"),
    "axis": both(en="value of open deals {currency}", zh="进行中项目金额 {currency}"),
    "whole": both(en="value", zh="金额"),
    "rise": both(en="more", zh="增加"),
    "fall": both(en="less", zh="减少"),
    "line": both(en="Line", zh="变动项"),
    "amount": both(en="Amount", zh="金额"),
    "deals": both(en="Deals", zh="项目数"),
}
