"""The pages that are written with the site: there are all of them, and they say their keys."""

from __future__ import annotations

from typing import Final

import pytest

from salesflow.playbook import Playbook
from salesflow.playbooks import BUILT_IN, CHECKLISTS
from salesflow.text import LANGUAGES
from tests.meta.site_hooks import ROOT, hook

PAGES: Final = dict(hook("_handbooks").pages())


def test_every_playbook_has_a_handbook_in_each_language_and_every_checklist_a_page() -> None:
    handbooks = {f"handbooks/{name}.{lang}.md" for name in BUILT_IN for lang in LANGUAGES}
    assert set(PAGES) == handbooks | {f"checklists/{key}.md" for key in CHECKLISTS}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_one_title(path: str) -> None:
    assert PAGES[path].startswith("# ")
    assert PAGES[path].count("\n# ") == 0


@pytest.mark.parametrize("key", CHECKLISTS)
def test_the_page_of_a_checklist_lists_all_its_keys_in_each_language(key: str) -> None:
    playbook = Playbook.from_toml(
        f'id = "x"\nversion = "1"\ntitle = "X"\nuse_scorecards = ["{key}"]\n'
        '[[stages]]\nkey = "s"\ntitle = "S"\n'
    )
    checklist, card = playbook.checklists[key], playbook.scorecards[key]
    page = PAGES[f"checklists/{key}.md"]
    parts = (checklist.sections, card.items, card.bands)
    for key_of_part in (item.key for part in parts for item in part):
        assert page.count(f"`{key_of_part}`") >= len(LANGUAGES)
    for question in checklist.questions:
        assert page.count(f"`{key}.{question.key}`") >= len(LANGUAGES)
        assert question.title.get("en") in page
        assert question.title.get("zh") in page


def test_the_page_of_a_playbook_leads_to_its_handbooks() -> None:
    for name in BUILT_IN:
        page = (ROOT / "docs" / "playbooks" / f"{name}.md").read_text(encoding="utf-8")
        assert f"(../handbooks/{name}.md)" in page
