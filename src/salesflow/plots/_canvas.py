"""The parts that all charts share: the error, colours, titles, data, axes and tooltips."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias
from unicodedata import east_asian_width

import altair as alt

from salesflow._arguments import A_PLAYBOOK, Arguments, instance
from salesflow._show import plain
from salesflow.errors import Problem, SalesflowError
from salesflow.playbook import Playbook

# The colours of Okabe and Ito, which people with any kind of colour blindness can tell apart.
BLUE: Final = "#0072B2"
SKY: Final = "#8CC8EC"
GREEN: Final = "#009E73"
ORANGE: Final = "#E69F00"
RED: Final = "#D55E00"
GREY: Final = "#999999"
PALE: Final = "#DDDDDD"
DARK: Final = "#333333"

REFUSED: Final = "The chart cannot be drawn."
LABEL: Final = 60
"""The longest label, in characters; its tooltip has more of the text."""
WIDTH: Final = 520
ROW_HEIGHT: Final = 26

_TOOLTIP: Final = 300
_MARGIN: Final = 230
# The room for a label left of a chart, in pixels, and what the characters take of it.
_LABEL_ROOM: Final = 170
_WIDE: Final = 15
_NARROW: Final = 8
_NO_FRAME: Final = alt.ViewBackground(stroke=None)  # some texts go beyond the frame

ChartRow: TypeAlias = dict[str, str | float | None]
Picture: TypeAlias = alt.Chart | alt.LayerChart | alt.VConcatChart


class PlotError(SalesflowError, ValueError):
    """The chart cannot be drawn.

    `problems` lists everything that is wrong with the data.
    """

    code = "plot"


def refuse(problems: Sequence[Problem]) -> None:
    """Raise PlotError if there are problems."""
    if problems:
        raise PlotError(REFUSED, problems=problems)


def read_playbook(given: Arguments, playbook: object) -> None:
    """Note in `given` if this is not a playbook."""
    given.read(instance, playbook, Playbook, "playbook", A_PLAYBOOK)


def data(name: str, rows: Iterable[ChartRow]) -> alt.InlineData:
    """Rows inside the chart, under a fixed name: the same rows give the same chart."""
    values = [
        {key: safe(value) if isinstance(value, str) else value for key, value in row.items()}
        for row in rows
    ]
    return alt.InlineData(values=values, name=name)


def safe(text: str, limit: int = _TOOLTIP, *, beside: bool = True) -> str:
    r"""A text for a chart: on one line, bounded, and never a tag.

    Altair writes a chart into a script of a page as it is, so that `</script>` in the name of a
    deal would end that script. An invisible word joiner after each `<` prevents this. With
    `beside`, the text is cut to the room beside a chart.

    Example:
        >>> safe("a < b"), safe(safe("</script>"))
        ('a <\u2060 b', '<\u2060/script>')
    """
    cut = plain(text.replace("<\u2060", "<"), limit)
    return (_fit(cut) if beside else cut).replace("<", "<\u2060")


def _fit(text: str) -> str:
    """The text; where it has emoji and the like, as much of it as fits beside a chart.

    Vega cuts a text that is too wide between any two units of UTF-16. Half of an emoji is not a
    character, and drawing it as a picture fails.
    """
    if text.isascii() or max(text) <= "\uffff":
        return text
    room = _LABEL_ROOM
    for at, char in enumerate(text):
        room -= _WIDE if east_asian_width(char) in "WF" or char > "\uffff" else _NARROW
        if room < 0:
            return f"{text[:at]}…"
    return text


def title(text: str, *lines: str) -> alt.TitleParams:
    """A title at the left with lines below it; empty lines are left out."""
    subtitle = [safe(line, beside=False) for line in lines if line]
    return alt.TitleParams(
        text=safe(text, 2 * LABEL, beside=False),
        subtitle=subtitle or alt.Undefined,
        anchor="start",
        frame="group",
        offset=12,
        subtitlePadding=4,
    )


def placeholder(heading: str, reason: str) -> alt.Chart:
    """A chart without data: its title, and why there is nothing to see."""
    chart: alt.Chart = (
        alt.Chart(data("nothing", [{"text": reason}]))
        .mark_text(align="left", fontSize=12, x=0, y=20, limit=WIDTH + _MARGIN)
        .encode(text=alt.Text("text:N"))
        .properties(width=WIDTH + _MARGIN, height=40, title=title(heading), view=_NO_FRAME)
    )
    return chart


def layered(
    charts: Sequence[alt.Chart],
    heading: alt.TitleParams | None,
    *,
    height: float,
    width: float = WIDTH,
) -> alt.LayerChart:
    """Charts on top of each other."""
    return alt.LayerChart(
        layer=list(charts),
        title=heading or alt.Undefined,
        width=width,
        height=height,
        view=_NO_FRAME,
    )


def row_axis(field: str, labels: Sequence[str], heading: str) -> alt.Y:
    """Rows in the order of `labels`; all charts have the same left margin."""
    order = [safe(label) for label in labels]
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


def number_axis(
    field: str,
    heading: str,
    most: float,
    *,
    whole: bool = False,
    ticks: Sequence[int] = (),
    least: float = 0,
) -> alt.X:
    """A scale of numbers from 0, or from `least`; `ticks` give small numbers more room."""
    return alt.X(
        f"{field}:Q",
        title=heading,
        scale=alt.Scale(domain=[least, most or 1], nice=False, type="sqrt" if ticks else "linear"),
        axis=alt.Axis(
            format=",d" if whole else ",~f",
            tickMinStep=alt.Undefined if ticks else 1,
            tickCount=alt.Undefined if ticks else 6,  # it would thin out `values` too
            grid=bool(ticks),
            labelOverlap="greedy",
            values=[tick for tick in ticks if tick <= most] or alt.Undefined,
        ),
    )


def bars(chart: alt.Chart, colour: str) -> alt.Chart:
    """Bars with room between them."""
    drawn: alt.Chart = chart.mark_bar(color=colour, height={"band": 0.6})
    return drawn


def limit_marks(chart: alt.Chart, colour: str) -> alt.Chart:
    """Lines across the rows, at their limits."""
    drawn: alt.Chart = chart.mark_tick(color=colour, thickness=3, height={"band": 0.95})
    return drawn


def texts(chart: alt.Chart, field: str, *, limit: int = 300) -> alt.Chart:
    """Texts that begin right of a point."""
    drawn: alt.Chart = chart.mark_text(align="left", dx=7, color=DARK, limit=limit)
    return drawn.encode(text=alt.Text(f"{field}:N"))


def legend(field: str, colours: Mapping[str, str]) -> alt.Color:
    """The colour of each value, with a legend above the chart."""
    return alt.Color(
        f"{field}:N",
        title=None,
        scale=alt.Scale(domain=list(colours), range=list(colours.values())),
        legend=alt.Legend(orient="top", direction="horizontal", labelLimit=300),
    )


def tooltips(words: Mapping[str, str], *fields: str) -> list[alt.Tooltip]:
    """A tooltip of these fields, under their names in `words`; numbers are written `"days:Q"`."""
    return [
        alt.Tooltip(field if ":" in field else f"{field}:N", title=words[field.partition(":")[0]])
        for field in fields
    ]


def number(value: float) -> str:
    """A number as people write it.

    Example:
        >>> number(1200), number(2.54)
        ('1,200', '2.5')
    """
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
