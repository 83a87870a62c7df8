"""Pictures of what the code of a page makes: SVG, light and dark, that asks for nothing elsewhere.

A page shows a chart by the name that its code gives it: `![The funnel](charts/funnel.svg)`. As the
site is built, the code is run, and the chart is drawn in the language of the reader. The pictures
of the README lie in `docs/pictures`, since they are shown where nothing is built. This module, run
by itself, writes them; a test tells when one is out of date.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stdout
from doctest import DocTestParser
from html import escape
from inspect import isfunction
from io import StringIO
from pathlib import Path
from string import Template
from typing import Any, Final, Literal, TypeAlias

import vl_convert

from salesflow import plots
from salesflow.plots import _canvas
from salesflow.plots._canvas import Picture
from salesflow.plots._score_parts import _SHADES
from salesflow.text import LANGUAGES, Language

Theme: TypeAlias = Literal["light", "dark"]
"""What the page of a reader is like."""

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / "docs" / "pictures"
THEMES: Final[tuple[Theme, ...]] = ("light", "dark")
README: Final = {"en": "README.md", "zh": "README.zh-CN.md"}
VIEWS: Final = {"review": 430, "report": 400}
"""What the README's code makes and its pictures show, each with its height in pixels."""
CHART: Final = "funnel"
DEMO: Final = ("── 1.", "── 3.", 510)
"""Where the picture of `make demo` begins and ends, and its height."""

_SPEAK: Final = {"en": "", "zh": ' ARGS="--lang zh"'}
_BLOCK: Final = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SHOWN: Final = re.compile(r"!\[(?P<alt>[^\]]*)\]\(charts/(?P<name>\w+)\.svg\)")
# What charts draw on a light ground, and what on a dark one: ink, the ground, and what is pale.
_ON_DARK: Final = {
    _canvas.DARK: "#DDDDDD",
    "#FFFFFF": "#262B36",
    **dict.fromkeys([_canvas.PALE, _SHADES[1]], "#3D4452"),
    _SHADES[0]: "#2B313D",
}
_LOOKS: Final[Mapping[Theme, dict[str, Any]]] = {
    "light": {},
    "dark": {
        "axis": {
            **dict.fromkeys(["domainColor", "tickColor"], "#888888"),
            **dict.fromkeys(["labelColor", "titleColor"], "#DDDDDD"),
            "gridColor": "#3D4452",
        },
        "legend": {"labelColor": "#DDDDDD", "titleColor": "#DDDDDD"},
        "title": {"color": "#EEEEEE", "subtitleColor": "#DDDDDD"},
    },
}
# At the right there is room for letters that are wider than those which texts were measured with.
_PADDING: Final = {"left": 5, "top": 5, "bottom": 5, "right": 60}
_INKS: Final = {
    "light": ("#ffffff", "#1f2328", "#d1d9e0"),
    "dark": ("#161b22", "#e6edf3", "#3d444d"),
}
_CARD: Final = Template("""\
<svg xmlns="http://www.w3.org/2000/svg" width="880" height="$height" viewBox="0 0 880 $height">
<style>
.card { color: $ink; font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto,
  "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
.card p { margin: 0 0 8px; }
.card table { width: 100%; margin: 0 0 10px; border-collapse: collapse; }
.card th, .card td { padding: 4px 12px 4px 0; vertical-align: top; border-bottom: 1px solid $line; }
.card td:nth-child(3) { white-space: nowrap; }
.card code, .card pre { font: 11px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.card pre { margin: 0; white-space: pre-wrap; font-size: 12.5px; }
.end { height: 40px; border-radius: 8px; background: linear-gradient(transparent, $ground); }
</style>
<rect width="100%" height="100%" rx="8" fill="$ground"/>
<foreignObject x="18" y="16" width="844" height="100%">
<div xmlns="http://www.w3.org/1999/xhtml" class="card">$html</div>
</foreignObject>
<foreignObject y="100%" width="100%" height="40" transform="translate(0 -40)">
<div xmlns="http://www.w3.org/1999/xhtml" class="end"/>
</foreignObject>
<rect x=".5" y=".5" width="879" height="$within" rx="8" fill="none" stroke="$line"/>
</svg>
""")
"""HTML in a frame."""


def with_charts(page: str, lang: Language) -> tuple[str, dict[str, Picture]]:
    """A page that shows charts of its code, each for a light and a dark page; and the charts."""
    names = [found["name"] for found in _SHOWN.finditer(page)]
    charts = made(page, names, lang) if names else {}
    return _SHOWN.sub(lambda found: figure(found["alt"], found["name"]), page), charts


def figure(alt: str, name: str) -> str:
    """The Markdown of a chart, of which Material shows the one that fits its theme."""
    both = "".join(f"![{alt}](charts/{name}.{it}.svg#only-{it})" for it in THEMES)
    return f'<figure class="chart" markdown="span">{both}</figure>'


def files(charts: Mapping[str, Picture]) -> Iterator[tuple[str, str]]:
    """The SVG of charts, by the path that `figure` names."""
    for name, chart in charts.items():
        for theme in THEMES:
            yield f"charts/{name}.{theme}.svg", drawn(chart, theme)


def made(page: str, names: Collection[str], lang: Language) -> dict[str, Any]:
    """What the code of a page calls by these names; it is run until it has made all of them."""
    found: dict[str, Any] = {}
    with chdir(ROOT), _charts_in(lang), redirect_stdout(StringIO()):
        for block in _BLOCK.findall(page):
            if found.keys() >= set(names):
                break
            exec(_statements(block), found)  # noqa: S102 - the page's own code
    return {name: found[name] for name in names}


def _statements(block: str) -> str:
    """The code of a block; of prompts, without those that show an error."""
    if not block.startswith(">>>"):
        return block
    prompts = DocTestParser().get_examples(block)
    return "".join(prompt.source for prompt in prompts if prompt.exc_msg is None)


@contextmanager
def _charts_in(lang: Language) -> Iterator[None]:
    """Charts have this language where the code of a page says none, as it says none for its own."""
    found = [it for name in plots.__all__ if isfunction(it := getattr(plots, name))]
    try:
        for each in found:
            each.__kwdefaults__["lang"] = lang
        yield
    finally:
        for each in found:
            each.__kwdefaults__["lang"] = "en"


def drawn(chart: Picture, theme: Theme) -> str:
    """A chart as SVG, on whatever ground the page has."""
    spec = json.dumps(chart.to_dict(validate=False))
    if theme == "dark":
        spec = re.sub("|".join(_ON_DARK), lambda found: _ON_DARK[found[0]], spec)
    config = _LOOKS[theme] | {"background": "transparent", "padding": _PADDING}
    return f"{vl_convert.vegalite_to_svg(spec, config=config, allowed_base_urls=[])}\n"


def card(html: str, theme: Theme, height: int) -> str:
    """HTML as a picture, which fades out at its end: the letters are the reader's own."""
    ground, ink, line = _INKS[theme]
    size = {"height": height, "within": height - 1}
    return _CARD.substitute(size, html=html, ground=ground, ink=ink, line=line)


def pictures_of_readme(lang: Language) -> Iterator[tuple[str, str]]:
    """The pictures of a README: the names of their files, and their SVG."""
    page = (ROOT / README[lang]).read_text(encoding="utf-8")
    found = made(page, [*VIEWS, CHART], lang)
    cards = {name: (found[name].view(lang=lang), height) for name, height in VIEWS.items()}
    cards["demo"] = _demo(lang), DEMO[-1]
    for theme in THEMES:
        yield f"{CHART}.{lang}.{theme}.svg", drawn(found[CHART], theme)
        for name, (html, height) in cards.items():
            yield f"{name}.{lang}.{theme}.svg", card(html, theme, height)


def _demo(lang: Language) -> str:
    """A part of what `make demo` prints."""
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "examples/demo.py", "--lang", lang],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        check=True,
        encoding="utf-8",
    )
    first, last, _ = DEMO
    printed = done.stdout[done.stdout.index(first) : done.stdout.index(last)].rstrip()
    told = re.sub("^(──.*?)─*$", r"<b>\1</b>", escape(printed), flags=re.MULTILINE)
    return f"<pre>$ make demo{_SPEAK[lang]}\n…\n{told}</pre>"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for language in LANGUAGES:
        for file, picture in pictures_of_readme(language):
            (FOLDER / file).write_text(picture, encoding="utf-8", newline="\n")
