"""Views of a notebook as a browser shows them, in the themes of those that people use."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from tests.pages.conftest import Browser
from tests.pages.reports import reports
from tests.pages.test_pages_in_a_browser import DESK, PHONE
from tests.show.test_views import of_one_deal

# Ink, ground, and the ground of every other row: JupyterLab and VS Code, light and dark.
THEMES = {
    "JupyterLab light": ("rgba(0,0,0,.87)", "#fff", "#f5f5f5"),
    "JupyterLab dark": ("#fff", "#111", "#212121"),
    "VS Code light": ("#616161", "#fff", "#f8f8f8"),
    "VS Code dark": ("#ccc", "#1e1e1e", "#262626"),
}
LEAST = 3  # what the guidelines ask of what is no text


def notebook(folder: Path, theme: str, lang: str) -> Path:
    """A page with a view of each kind, in the style that the notebook has for any HTML."""
    ink, ground, striped = THEMES[theme]
    seen = {**of_one_deal(), "check": reports()["check"]}
    style = (
        f"body {{ margin: 0; background: {ground}; color: {ink}; font: 14px/1.6 sans-serif }}"
        "div { overflow-x: auto; padding: 0 8px } td, th { padding: .5em; font-size: 12px }"
        f"tbody tr:nth-child(odd) {{ background: {striped} }}"
    )
    path = folder / "notebook.html"
    head = (
        '<!DOCTYPE html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    )
    views = "".join(value.view(lang=lang) for value in seen.values())
    path.write_text(f"{head}<style>{style}</style>{views}", encoding="utf-8")
    return path


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("theme", THEMES)
def test_a_view_can_be_read_in_every_theme(
    theme: str, lang: str, browser: Browser, tmp_path: Path
) -> None:
    path = notebook(tmp_path, theme, lang)
    for width in (PHONE, DESK):
        found = browser.look(path, width=width, dark="dark" in theme)

        assert {"STRONG", "TD", "SPAN", "I"} <= {it["tag"] for it in found["inks"]}
        for it in found["inks"]:
            assert contrast(it["ink"], it["ground"]) >= LEAST, it
        assert len(found["badges"]) > 10
        assert [it for it in found["badges"] if it["lines"] != 1] == []
        assert found["said"] == []


def test_a_bar_tells_what_is_certain_from_what_is_possible(
    browser: Browser, tmp_path: Path
) -> None:
    found = browser.look(notebook(tmp_path, "VS Code dark", "en"), width=PHONE)

    assert found["bars"]
    for whole, certain, possible, out in found["bars"]:
        assert certain["height"] > 2 * possible["height"] > 0 == out["height"]
        for one, other in pairwise([certain, possible, out]):
            assert abs(one["right"] - other["left"]) < 0.5
        assert whole["left"] <= certain["left"] <= out["right"] <= whole["right"]


def contrast(one: list[float], other: list[float]) -> float:
    """As the guidelines of the web have it: 1 is none, and 21 is black on white."""
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: list[float]) -> float:
    parts = [it / 255 for it in colour]
    linear = [it / 12.92 if it <= 0.04045 else ((it + 0.055) / 1.055) ** 2.4 for it in parts]
    return sum(weight * it for weight, it in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
