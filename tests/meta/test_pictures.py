"""Pictures of the README and of the site: each shows what the code of its page makes today."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from inspect import isfunction
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest

from salesflow import plots
from salesflow.plots._canvas import Picture
from salesflow.text import LANGUAGES, Language
from tests.meta.site_hooks import ROOT, hook

PICTURES: Final = hook("_pictures")
NOTEBOOK: Final = hook("_notebook")
CHARTS: Final = sorted(name for name in plots.__all__ if isfunction(getattr(plots, name)))
COLOUR: Final = re.compile(r"#[0-9A-F]{6}")
BORDERS: Final = {"thick", "thin", "dashed"}
SHOWN: Final = re.compile(
    r'<picture>\n  <source media="\(prefers-color-scheme: dark\)" srcset="docs/pictures/(.+)">\n'
    r'  <img alt=".+" src="docs/pictures/(.+)">\n</picture>\n'
)


def told(svg: str) -> Counter[str]:
    """What a picture says: its texts, and the values of its marks, however it is laid out.

    The marks of charts have their values as labels, for readers who hear them; a colour is no news.
    """
    drawn = ET.fromstring(svg)  # noqa: S314 - our own
    texts = [
        text
        for element in drawn.iter()
        if not element.tag.endswith("}style")
        for text in (element.text, element.tail, element.get("aria-label"))
    ]
    said = [" ".join(COLOUR.sub("", text).split()) for text in texts if text]
    return Counter(filter(None, said))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_pictures_of_a_readme_show_what_its_code_makes(lang: Language) -> None:
    for name, fresh in PICTURES.pictures_of_readme(lang):
        kept = (PICTURES.FOLDER / name).read_text(encoding="utf-8")

        assert told(kept) == told(fresh), f"write {name} anew: python docs/_pictures.py"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_readme_shows_each_of_its_pictures_light_and_dark(lang: Language) -> None:
    page = (ROOT / PICTURES.README[lang]).read_text(encoding="utf-8")
    shown = {name for pair in SHOWN.findall(page) for name in pair}

    assert all(dark == light.replace(".light.", ".dark.") for dark, light in SHOWN.findall(page))
    assert shown == {path.name for path in PICTURES.FOLDER.glob(f"*.{lang}.*.svg")}
    assert len(shown) == 2 * 4


def test_the_readmes_lead_to_each_other() -> None:
    english, chinese = (ROOT / PICTURES.README[lang] for lang in LANGUAGES)

    assert f"]({chinese.name})" in english.read_text(encoding="utf-8")[:200]
    assert f"]({english.name})" in chinese.read_text(encoding="utf-8")[:200]


def test_a_picture_that_is_kept_is_small_and_asks_for_nothing_from_elsewhere() -> None:
    kept = list(PICTURES.FOLDER.iterdir())

    assert {path.suffix for path in kept} == {".svg"}
    for path in kept:
        text = path.read_text(encoding="utf-8")
        assert len(text) < 100_000
        assert set(re.findall(r"https?://[^\"]*", text)) <= {
            "http://www.w3.org/2000/svg",
            "http://www.w3.org/1999/xhtml",
            "http://www.w3.org/1999/xlink",
        }
        assert not re.search(r"<script|<image|@import|@font-face|\bon\w+=", text)


@cache
def gallery(lang: Language) -> tuple[str, dict[str, Picture]]:
    path = ROOT / "docs" / ("charts.md" if lang == "en" else f"charts.{lang}.md")
    page, charts = PICTURES.with_charts(path.read_text(encoding="utf-8"), lang)
    return page, charts


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_chart_stands_once_in_the_gallery_in_the_language_of_the_page(lang: Language) -> None:
    page, charts = gallery(lang)

    assert sorted(charts) == CHARTS
    for name, chart in charts.items():
        for theme in ("light", "dark"):
            assert page.count(f"(charts/{name}.{theme}.svg#only-{theme})") == 1
        title = chart.to_dict(validate=False)["title"]["text"]
        assert bool(re.search("[\u4e00-\u9fff]", title)) == (lang == "zh")


def test_charts_have_their_own_language_again_after_a_page() -> None:
    gallery("zh")

    assert {getattr(plots, name).__kwdefaults__["lang"] for name in CHARTS} == {"en"}


@pytest.mark.parametrize("name", CHARTS)
def test_a_picture_of_the_gallery_shows_all_of_its_data_light_and_dark(name: str) -> None:
    _, charts = gallery("en")
    chart = charts[name]
    light, dark = (told(PICTURES.drawn(chart, theme)) for theme in ("light", "dark"))
    said = " ".join(light)

    assert light == dark
    assert missing(chart.to_dict(validate=False), said) == []


def missing(spec: Any, said: str) -> list[str]:
    """The texts of the data of a chart that stand neither in its picture nor with its marks."""
    rows = [row for data in every(spec, "values") if isinstance(data, list) for row in data]
    texts = {value for row in rows if isinstance(row, dict) for value in row.values()}
    shown = {COLOUR.sub("", text) for text in texts if isinstance(text, str)} - BORDERS
    assert any(shown)
    return sorted(text for text in shown if " ".join(text.split()) not in said)


def every(spec: Any, key: str) -> list[Any]:
    """Whatever stands under a key, however deep."""
    if isinstance(spec, dict):
        below = [found for value in spec.values() for found in every(value, key)]
        return [*([spec[key]] if key in spec else []), *below]
    return (
        [found for value in spec for found in every(value, key)] if isinstance(spec, list) else []
    )


def test_no_ink_and_no_ground_of_a_light_page_is_left_on_a_dark_one() -> None:
    _, charts = gallery("en")
    for chart in charts.values():
        painted = set(re.findall(r'(?:fill|stroke)="([^"]+)"', PICTURES.drawn(chart, "dark")))

        assert painted
        assert not painted & {"#000", "#000000", "black", "white", "#333333", "#FFFFFF"}


def test_the_notebook_is_a_page_with_what_its_cells_show() -> None:
    page, charts = NOTEBOOK.page()
    cells = json.loads(NOTEBOOK.NOTEBOOK.read_text(encoding="utf-8"))["cells"]

    assert all("".join(cell["source"]) in page for cell in cells)
    assert page.startswith("# ")
    assert len(charts) == page.count("plots.") == page.count('<figure class="chart"')
    assert page.count('<div class="salesflow">') == 4
    assert page.count('<div class="output">') == 4 + 2  # two frames
    for part in re.findall(r'<div class="output">.*?\n\n', page, re.DOTALL):
        assert part.endswith("</div>\n\n")
