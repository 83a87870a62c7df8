"""What all charts share: our error, the colours, titles, data, and a chart that is a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias
from unicodedata import east_asian_width

import altair as alt

from salesflow._show import plain
from salesflow.errors import Problem, SalesflowError, UnknownName
from salesflow.playbook import Playbook
from salesflow.text import LANGUAGES, Language

# The colours of Okabe and Ito, which people with any kind of colour blindness can tell apart.
BLUE: Final = "#0072B2"
SKY: Final = "#8CC8EC"
GREEN: Final = "#009E73"
ORANGE: Final = "#E69F00"
RED: Final = "#D55E00"
GREY: Final = "#999999"
PALE: Final = "#DDDDDD"
DARK: Final = "#333333"

LABEL: Final = 60
"""The most characters of a label; the tooltip has more of them."""

_TOOLTIP: Final = 300
_ROOM: Final = 170  # pixels
_WIDE: Final = 15
_NARROW: Final = 8
_VIEW: Final = alt.ViewBackground(stroke=None)  # no frame: some texts go beyond it
_WIDTH: Final = 520
_MARGIN: Final = 230

Row: TypeAlias = dict[str, str | float | None]
Picture: TypeAlias = alt.Chart | alt.LayerChart | alt.VConcatChart


class PlotError(SalesflowError, ValueError):
    """A chart cannot be made of what was given; `problems` lists everything that is wrong."""

    code = "plot"


def refuse(problems: Sequence[Problem]) -> None:
    """Raise if there is anything to raise for."""
    if problems:
        raise PlotError("A chart cannot be made of this.", problems=problems)


def no_playbook(playbook: object) -> list[Problem]:
    """What is wrong with an argument that ought to be a playbook."""
    if isinstance(playbook, Playbook):
        return []
    hint = "pass what load_playbook or Playbook.from_file gave"
    return [Problem("playbook", f"{type(playbook).__name__} is no playbook", hint, "type")]


def language(lang: object) -> Language:
    """The language, if it is one.

    Raises:
        UnknownName: It is none of ours.
    """
    for known in LANGUAGES:
        if lang == known:
            return known
    raise UnknownName("language", lang, LANGUAGES)


def data(name: str, rows: Iterable[Row]) -> alt.InlineData:
    """The rows as a part of the chart, under a name of their own, so that it is always the same."""
    values = [
        {key: said(value) if isinstance(value, str) else value for key, value in row.items()}
        for row in rows
    ]
    return alt.InlineData(values=values, name=name)


def said(text: str, limit: int = _TOOLTIP, *, beside: bool = True) -> str:
    r"""A text as charts have it: on one line, bounded, and no tag to anybody.

    Altair writes a chart into a script of a page as it is, so that `</script>` in the name of a
    deal would end that script. A word joiner, which nobody sees, keeps it from being one.

    With `beside`, it has to fit beside a chart.

    Example:
        >>> said("a < b"), said(said("</script>"))
        ('a <\u2060 b', '<\u2060/script>')
    """
    cut = plain(text.replace("<\u2060", "<"), limit)
    return (_whole(cut) if beside else cut).replace("<", "<\u2060")


def _whole(text: str) -> str:
    """The text; if there are emoji and the like in it, as much of it as fits beside a chart.

    Vega cuts a text that is too wide between any two units of UTF-16. Half of such a character is
    no text any more, and drawing it as a picture fails.
    """
    if text.isascii() or max(text) <= "\uffff":
        return text
    room = _ROOM
    for at, char in enumerate(text):
        room -= _WIDE if east_asian_width(char) in "WF" or char > "\uffff" else _NARROW
        if room < 0:
            return f"{text[:at]}…"
    return text


def title(text: str, *lines: str) -> alt.TitleParams:
    """A title at the left, with lines under it; those that are empty are left out."""
    subtitle = [said(line, beside=False) for line in lines if line]
    return alt.TitleParams(
        text=said(text, 2 * LABEL, beside=False),
        subtitle=subtitle or alt.Undefined,
        anchor="start",
        frame="group",
        offset=12,
        subtitlePadding=4,
    )


def sentence(heading: str, why: str) -> alt.Chart:
    """A chart of nothing: its title, and why there is nothing to see."""
    chart: alt.Chart = (
        alt.Chart(data("nothing", [{"said": why}]))
        .mark_text(align="left", fontSize=12, x=0, y=20, limit=_WIDTH + _MARGIN)
        .encode(text=alt.Text("said:N"))
        .properties(
            width=_WIDTH + _MARGIN,
            height=40,
            title=title(heading),
            view=_VIEW,
        )
    )
    return chart


def layered(
    charts: Sequence[alt.Chart], heading: alt.TitleParams | None, *, width: float, height: float
) -> alt.LayerChart:
    """Charts on top of each other."""
    return alt.LayerChart(
        layer=list(charts),
        title=heading or alt.Undefined,
        width=width,
        height=height,
        view=_VIEW,
    )


def down(field: str, labels: Sequence[str], heading: str) -> alt.Y:
    """Rows under each other in the order of `labels`, all charts with the same left margin."""
    order = [said(label) for label in labels]
    return alt.Y(
        f"{field}:N",
        sort=order,
        title=heading or None,
        axis=alt.Axis(
            labelLimit=_MARGIN - 40,
            minExtent=_MARGIN - 30,
            maxExtent=_MARGIN - 30,
            domain=False,
            ticks=False,
            labelPadding=8,
            titleAlign="right",
            titleAngle=0,
            titleAnchor="end",
            titleX=-8,
            titleY=-10,
        ),
        scale=alt.Scale(domain=order, paddingInner=0.25, paddingOuter=0.15),
    )


def across(
    field: str, heading: str, most: float, *, whole: bool = False, ticks: Sequence[int] = ()
) -> alt.X:
    """A scale of numbers from 0; with `ticks`, small ones have more room than large ones."""
    return alt.X(
        f"{field}:Q",
        title=heading,
        scale=alt.Scale(domain=[0, most or 1], nice=False, type="sqrt" if ticks else "linear"),
        axis=alt.Axis(
            format=",d" if whole else ",~f",
            tickMinStep=alt.Undefined if ticks else 1,
            tickCount=alt.Undefined if ticks else 6,  # it would thin out `values` too
            grid=bool(ticks),
            labelOverlap="greedy",
            values=[tick for tick in ticks if tick <= most] or alt.Undefined,
        ),
    )


def tooltips(words: Sequence[tuple[str, str]], kinds: str = "") -> list[alt.Tooltip]:
    """Field and what it is called; `kinds` has one letter for each, `N` where it is too short."""
    return [
        alt.Tooltip(f"{field}:{kinds[at] if at < len(kinds) else 'N'}", title=said)
        for at, (field, said) in enumerate(words)
    ]


def counted(number: float) -> str:
    """A number as people write it.

    Example:
        >>> counted(1200), counted(2.54)
        ('1,200', '2.5')
    """
    return f"{number:,.0f}" if number == int(number) else f"{number:,.1f}"
