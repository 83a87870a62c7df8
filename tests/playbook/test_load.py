"""The shared checklists and their cards: included by key, in full, in both languages."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from salesflow._data import read_data
from salesflow.errors import InvalidPlaybook
from salesflow.playbook import Playbook, lint
from salesflow.playbook._shared import common, common_keys
from salesflow.playbooks import CHECKLISTS, checklist_source
from salesflow.text import Text

PAGE = Path(__file__).parents[2] / "docs" / "playbook-format.md"
HEAD = """
id = "mine"
version = "1"
title = { en = "Mine", zh = "我的" }
languages = ["en", "zh"]
stages = [{ key = "only", title = { en = "Only", zh = "唯一" } }]
"""


def using(*keys: str, more: str = "") -> Playbook:
    return Playbook.from_toml(f"{HEAD}use_scorecards = {json.dumps(keys)}\n{more}")


@pytest.fixture(scope="module")
def all_of_them() -> Playbook:
    return using(*CHECKLISTS)


def test_every_method_can_be_included_at_once_without_a_word_from_the_lint() -> None:
    assert lint(f"{HEAD}use_scorecards = {json.dumps(CHECKLISTS)}") == ()


def test_cards_and_checklists_of_the_table_are_those_of_the_files() -> None:
    files = {key: tomllib.loads(checklist_source(key).decode()) for key in CHECKLISTS}
    assert {key for key, table in files.items() if "scorecard" in table} == set(CHECKLISTS)
    assert all(table["key"] == key for key, table in files.items())
    assert all(files[key]["scorecard"]["key"] == key for key in CHECKLISTS)


def test_a_card_brings_its_checklist_along() -> None:
    playbook = using("meddpicc")
    assert len(playbook.checklists["meddpicc"].questions) == 8
    assert playbook.scorecards["meddpicc"].total == 60


def test_a_checklist_can_be_included_without_its_card_and_with_it() -> None:
    alone = Playbook.from_toml(f'{HEAD}use_checklists = ["bant"]')
    assert (list(alone.checklists), list(alone.scorecards)) == (["bant"], [])
    both = using("bant", more='use_checklists = ["bant"]')
    assert (list(both.checklists), list(both.scorecards)) == (["bant"], ["bant"])


def test_a_playbook_may_bring_its_own_questions_for_a_shared_card() -> None:
    keys = ("budget", "authority", "need", "timing")
    asked = ", ".join(f'{{ key = "{key}", title = {{ en = "Q", zh = "问" }} }}' for key in keys)
    own = using("bant", more=f'[[checklists]]\nkey = "bant"\nquestions = [{asked}]')
    assert own.checklists["bant"].questions[0].title.en == "Q"


def test_what_is_included_is_written_out_and_counts_in_the_digest() -> None:
    playbook = using("bid")
    again = Playbook.from_json(playbook.to_json())
    assert "use_scorecards" not in playbook.to_json()
    assert again == playbook
    assert again.digest != using("bant").digest


def test_two_playbooks_do_not_share_a_parsed_card() -> None:
    one, two = using("rww"), using("rww", "bid")
    assert one.scorecards["rww"] == two.scorecards["rww"]


def test_an_unknown_card_and_one_taken_twice_are_refused() -> None:
    with pytest.raises(InvalidPlaybook) as refused:
        using("medpicc", "bid", "bid")
    found = {problem.path: (problem.code, problem.hint) for problem in refused.value.problems}
    assert found["use_scorecards[0]"] == ("unknown_name", 'did you mean "meddpicc"?')
    assert found["use_scorecards[2]"] == ("duplicate", "see use_scorecards[1]")


def test_roles_and_reasons_of_the_package_stand_behind_those_of_the_playbook() -> None:
    playbook = Playbook.from_toml(
        f"""{HEAD}
        use_roles = ["legal"]
        use_reasons = ["purchase_stopped", "not_feasible"]
        owner_role = "rep"
        roles = [{{ key = "rep", title = {{ en = "Rep", zh = "代表" }} }}]
        reasons = [{{ key = "price", outcome = "lost", title = {{ en = "Price", zh = "价格" }} }}]
        """
    )
    assert [role.title.zh for role in playbook.roles.values()] == ["代表", "法务部"]
    assert list(playbook.reasons) == ["price", "purchase_stopped", "not_feasible"]
    assert not playbook.roles["legal"].reading
    assert playbook.reasons["not_feasible"].reading
    assert "use_" not in playbook.to_json()


def test_roles_and_reasons_that_are_unknown_or_there_already_are_refused() -> None:
    problems = lint(
        f"""{HEAD}
        use_roles = ["legall", "legal"]
        use_reasons = ["purchase_stopped", "purchase_stopped"]
        roles = [{{ key = "legal", title = {{ en = "Counsel", zh = "律师" }} }}]
        """
    )
    assert [f"{it.path}: {it.message}; {it.hint}" for it in problems if it.severity == "error"] == [
        'use_roles[0]: there is no shared role "legall"; did you mean "legal"?',
        'use_roles[1]: the role "legal" exists already; see roles.legal',
        'use_reasons[1]: the reason "purchase_stopped" exists already; see use_reasons[0]',
    ]


@pytest.mark.parametrize("what", ["roles", "reasons"])
def test_what_the_package_shares_is_whole_in_both_languages(
    what: Literal["roles", "reasons"],
) -> None:
    for table in read_data("salesflow.playbooks", f"common/{what}.toml")[what]:
        assert set(table["title"]) == {"en", "zh"}
        assert common(what, table["key"], f"use_{what}[0]") is not None


def test_all_of_them_at_once_are_what_their_files_and_the_page_say() -> None:
    roles, reasons = common_keys("roles"), common_keys("reasons")
    playbook = Playbook.from_toml(
        f"{HEAD}use_roles = {json.dumps(roles)}\nuse_reasons = {json.dumps(reasons)}"
    )
    assert (tuple(playbook.roles), tuple(playbook.reasons)) == (roles, reasons)
    page = PAGE.read_text(encoding="utf-8")
    titles = {key: role.title for key, role in playbook.roles.items()}
    titles |= {key: reason.title for key, reason in playbook.reasons.items()}
    for key, title in titles.items():
        assert f"| `{key}` | {title.get('en')} · {title.get('zh')} |" in page


def test_the_tas_20_have_a_card_that_three_questions_stop(all_of_them: Playbook) -> None:
    card = all_of_them.scorecards["tas"]
    assert [item.key for item in card.items] == [
        question.key for question in all_of_them.checklists["tas"].questions
    ]
    assert (len(card.items), card.total) == (20, 25)
    stops = [item.key for item in card.items if item.knock_out]
    assert stops == ["customer_project", "access_to_funds", "compelling_event"]


def test_the_bid_matrix_has_twelve_criteria_of_ten_points_and_the_usual_limits(
    all_of_them: Playbook,
) -> None:
    card = all_of_them.scorecards["bid"]
    assert [(item.points is not None, item.most) for item in card.items] == [(True, 10)] * 12
    assert [(band.key, band.min) for band in card.bands] == [
        ("no_bid", 0),
        ("conditional", 60),
        ("bid", 84),
    ]
    assert card.total == 120


def test_meddpicc_has_eight_elements_from_0_to_3(all_of_them: Playbook) -> None:
    questions = all_of_them.checklists["meddpicc"].questions
    assert {(item.type, item.min, item.max) for item in questions} == {("scale", 0, 3)}
    assert "".join(question.key[0] for question in questions) == "meddpicc"


def test_a_no_to_real_win_or_worth_stops_the_deal(all_of_them: Playbook) -> None:
    card = all_of_them.scorecards["rww"]
    stops = [(item.section.key, item.key) for item in card.items if item.knock_out and item.section]
    assert stops == [("real", "need"), ("win", "solution"), ("worth", "reward")]


def test_every_text_is_in_both_languages_and_every_source_is_named(all_of_them: Playbook) -> None:
    for checklist in all_of_them.checklists.values():
        assert checklist.source is not None
        for text in texts_of(checklist):
            assert None not in (text.en, text.zh), text
    assert all(card.source and card.source.zh for card in all_of_them.scorecards.values())


def texts_of(value: object) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from texts_of(item)
    else:
        for name in getattr(value, "__slots__", ()):
            yield from texts_of(getattr(value, name))


@pytest.mark.parametrize("key", CHECKLISTS)
def test_the_files_use_chinese_punctuation_between_chinese_words(key: str) -> None:
    content = checklist_source(key).decode()
    mixed = [
        a + b + c
        for a, b, c in zip(content, content[1:], content[2:], strict=False)
        if "\u4e00" <= a <= "\u9fff" and b in ",;:?!" and "\u4e00" <= c <= "\u9fff"
    ]
    assert mixed == []
