"""The comparison of the playbooks, written as the site is built: it has them all, as they are."""

from __future__ import annotations

from typing import Final

import pytest

from salesflow.fitting import fitting_playbooks, fitting_questions
from salesflow.playbooks import BUILT_IN
from salesflow.plugins import load_playbook
from salesflow.text import LANGUAGES, Language
from tests.meta.site_hooks import hook

PAGES: Final = dict(hook("_comparison").pages())


def rows_of(playbook_id: str, lang: Language) -> tuple[list[str], list[str]]:
    """The cells of a playbook's two rows."""
    lines = PAGES[f"comparison.{lang}.md"].splitlines()
    mine = [line for line in lines if f"(playbooks/{playbook_id}.md)" in line]
    first, second = ([cell.strip() for cell in line.strip("|").split(" | ")] for line in mine)
    return first, second


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_has_one_title(lang: Language) -> None:
    page = PAGES[f"comparison.{lang}.md"]

    assert page.startswith("# ")
    assert page.count("\n# ") == 0


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("playbook_id", BUILT_IN)
def test_each_playbook_has_what_sets_it_apart_and_its_stages(
    playbook_id: str, lang: Language
) -> None:
    playbook = load_playbook(playbook_id)
    fit = next(it for it in fitting_playbooks({}) if it.id == playbook_id)
    apart, course = rows_of(playbook_id, lang)

    assert f"(handbooks/{playbook_id}.{lang}.md)" in apart[0]
    assert apart[1] == fit.difference.get(lang)
    assert course[1:3] == [str(len(playbook.stages)), playbook.stages[0].title.get(lang)]
    won = [stage.title.get(lang) for stage in playbook.stages if stage.wins]
    assert course[3] == "<br>".join(won)
    assert playbook.stages[-1].title.get(lang) in course
    for track in playbook.tracks.values():
        assert any(track.title.get(lang) in cell for cell in course)


def test_it_says_what_is_asked_and_that_whom_a_playbook_fits_is_our_reading() -> None:
    for lang in LANGUAGES:
        page = PAGES[f"comparison.{lang}.md"]
        for question in fitting_questions():
            assert f"| `{question.name}` | {question.title.get(lang)} |" in page
    assert "our reading" in PAGES["comparison.en.md"]
    assert "我们的理解" in PAGES["comparison.zh.md"]


def test_it_says_which_playbooks_are_for_tenders() -> None:
    tender = {key: rows_of(key, "en")[0][3] for key in ("ltc", "simple_selling", "sales_support")}

    assert tender == {
        "ltc": "with a tender",
        "simple_selling": "without a tender",
        "sales_support": "with and without",
    }
