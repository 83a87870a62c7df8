"""Charts as parts of a page: SVG that asks for nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable
from io import StringIO
from typing import Final, Literal, Protocol
from xml.etree import ElementTree as ET

from salesflow._arguments import Arguments, describe
from salesflow._show import Html
from salesflow.errors import Problem
from salesflow.pipeline._frames.engines import cause

_DRAWN: Final = frozenset(
    {"svg", "g", "path", "rect", "text", "tspan", "line", "circle", "ellipse", "polygon"}
    | {"polyline", "title", "desc", "defs", "clipPath", "linearGradient", "radialGradient", "stop"}
)
_MADE_OF: Final = re.compile(r"url\(\s*(?P<quote>['\"]?)#")
_ELSEWHERE: Final = re.compile(r"url\((?!\s*['\"]?#)", re.IGNORECASE)


class Chart(Protocol):
    """What draws itself as SVG, such as the charts of `salesflow.plots` and any other of Altair."""

    def save(self, fp: StringIO, format: Literal["svg"]) -> object:  # noqa: A002 - Altair's name
        """Writes its SVG."""


def pictures(given: Arguments, charts: object) -> list[Html]:
    """Charts as figures of a page; what is wrong with them is noted."""
    if isinstance(charts, str | bytes) or not isinstance(charts, Iterable):
        message = f"must be a list of charts, not {describe(charts)}"
        given.problems.append(Problem("charts", message, "write charts=[…]", "kind"))
        return []
    found = []
    for number, chart in enumerate(charts):
        path = f"charts[{number}]"
        drawn = _drawn(chart)
        if isinstance(drawn, Problem):
            given.problems.append(Problem(path, drawn.message, drawn.hint, drawn.code))
        else:
            found.append(_figure(given, path, drawn, number))
    return found


def _drawn(chart: object) -> ET.Element | Problem:
    save = getattr(chart, "save", None)
    if isinstance(chart, type) or not callable(save):
        hint = "pass what a function of salesflow.plots returns"
        return Problem("", f"must be a chart, not {describe(chart)}", hint, "kind")
    written = StringIO()
    try:
        save(written, format="svg")
        return ET.fromstring(written.getvalue())  # noqa: S314 - written here; expat has bounds
    except ImportError:
        hint = 'run: pip install "vl-convert-python"'
        return Problem("", "cannot be drawn without vl-convert-python", hint, "not_installed")
    except Exception as error:  # noqa: BLE001 - a library that draws may raise anything
        return Problem(
            "", f"cannot be drawn: {cause(error)}", "see what chart.save says", "drawing"
        )


def _figure(given: Arguments, path: str, drawn: ET.Element, number: int) -> Html:
    """A picture as a part of a page, whose names of parts are those of no other picture."""
    for part in drawn.iter():
        name = str(part.tag).rpartition("}")[2]
        outside = [key for key, said in part.attrib.items() if _reaches(key, said)]
        if name not in _DRAWN or outside:
            what = outside[0].rpartition("}")[2] if name in _DRAWN else f"<{name}>"
            message = f"has {what}, which a page by itself cannot show"
            hint = "leave out pictures, links and scripts"
            given.problems.append(Problem(path, message, hint, "outside"))
            return Html()
        part.tag = name
        for key, said in part.attrib.items():
            named = f"chart{number}-{said}" if key == "id" else said
            part.set(key, _MADE_OF.sub(rf"url(\g<quote>#chart{number}-", named))
    return Html(f"<figure>{ET.tostring(drawn, encoding='unicode')}</figure>")


def _reaches(key: str, said: str) -> bool:
    """Whether an attribute of a picture runs something, or leads elsewhere."""
    name = key.rpartition("}")[2].lower()
    return name.startswith("on") or name in {"href", "src"} or _ELSEWHERE.search(said) is not None
