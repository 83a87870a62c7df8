"""Pages as a browser shows them: on a phone, a desk and paper, light and dark, in two languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from salesflow.text import LANGUAGES
from tests.hostile import VISIBLE
from tests.pages.conftest import Browser
from tests.pages.reports import KINDS, charts, reports

PHONE, DESK, SHEET = 360, 1280, 680
# As much of each as a title may have.
HOSTILE = [" ".join(VISIBLE[start::6])[:180] for start in range(6)]
HOSTILE += ["x" * 190, "签约" * 90]


def written(folder: Path, kind: str, lang: str, title: str = "Title") -> Path:
    path = folder / f"{kind}-{lang}.html"
    reports(title)[kind].to_html(path, lang=lang, charts=charts(title, lang))
    return path


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_quiet_asks_for_nothing_and_fits(
    kind: str, lang: str, browser: Browser, tmp_path: Path
) -> None:
    path = written(tmp_path, kind, lang)
    for width in (PHONE, DESK):
        found = browser.look(path, width=width)

        assert found["said"] == []
        assert found["asked"] == [path.as_uri()]
        assert found["wide"] <= width
        assert found["outside"] == []
        assert found["smallest"] >= 12
        assert len(found["drawn"]) == 2
        assert min(found["drawn"]) >= 500  # letters of a picture stay of a size to be read
        assert found["lang"] == lang


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_light_on_light_and_dark_on_dark_and_light_on_paper(
    kind: str, browser: Browser, tmp_path: Path
) -> None:
    path = written(tmp_path, kind, "en")

    light = browser.look(path, width=DESK)["colours"]
    dark = browser.look(path, width=DESK, dark=True)["colours"]
    paper = browser.look(path, width=SHEET, dark=True, paper=True)

    assert brightness(light[0]) - brightness(light[1]) > 200
    assert brightness(dark[1]) - brightness(dark[0]) > 200
    assert paper["colours"] == light
    assert paper["outside"] == []
    assert paper["sheets"] > 0


def brightness(colour: str) -> float:
    return sum(map(float, re.findall(r"[\d.]+", colour)[:3])) / 3


@pytest.mark.parametrize("hostile", HOSTILE)
def test_texts_of_strangers_are_read_and_do_nothing(
    hostile: str, browser: Browser, tmp_path: Path
) -> None:
    for kind in KINDS:
        path = written(tmp_path, kind, "en", hostile)
        found = browser.look(path, width=PHONE)

        assert (found["said"], found["asked"]) == ([], [path.as_uri()])
        assert found["wide"] <= PHONE
        assert found["outside"] == []
        assert len(found["drawn"]) == 2
        if kind == "check":
            assert " ".join(hostile.split()) in " ".join(found["text"].split())
