"""Checklists and cards of installed distributions; each test installs real ones."""

from __future__ import annotations

import json
import sys

import pytest

from salesflow.errors import InvalidPlaybook, PluginConflict, PluginError
from salesflow.playbook import Playbook, lint
from salesflow.playbooks import CHECKLISTS
from salesflow.plugins import (
    CHECKLISTS_GROUP,
    ChecklistInfo,
    available_checklists,
    available_playbooks,
    load_playbook,
)
from tests.plugins.conftest import Install

LIST = """
key = "{key}"
title = {{ en = "Green questions", zh = "绿色问题" }}
[[questions]]
key = "budget"
title = {{ en = "Is there a budget?", zh = "是否有预算？" }}
[[questions]]
key = "permit"
title = {{ en = "Is there a permit?", zh = "是否有许可？" }}
"""
CARD = """
[scorecard]
key = "{key}"
title = {{ en = "Green card", zh = "绿色评分" }}
items = [
  {{ key = "budget", rule = "{key}.budget", weight = 2 }},
  {{ key = "permit", rule = "{key}.permit" }},
]
bands = [{{ key = "no", min = 0 }}, {{ key = "yes", min = 2 }}]
"""
CODE = (
    "TEXT = {text!r}\n\ndef make():\n    return TEXT\n\ndef as_bytes():\n    return TEXT.encode()\n"
)
USES = """
id = "acme"
version = "1"
title = "Acme"
use_checklists = {checklists}
use_scorecards = {scorecards}
stages = [{{ key = "one", title = "One" }}]
"""


def code_of(key: str, *, card: bool = True) -> str:
    return CODE.format(text=(LIST + (CARD if card else "")).format(key=key))


def uses(*checklists: str, cards: tuple[str, ...] = ()) -> str:
    return USES.format(checklists=json.dumps(checklists), scorecards=json.dumps(cards))


def listed(key: str, *, load: bool = False) -> list[ChecklistInfo]:
    return [info for info in available_checklists(load=load) if info.key == key]


@pytest.mark.parametrize("value", [":TEXT", ":make", ":as_bytes"])
def test_a_plugin_offers_a_checklist_as_text(install: Install, value: str) -> None:
    module = install("green", code_of("green"), {"green": value}, "2.1", group=CHECKLISTS_GROUP)
    (info,) = listed("green")
    assert (info.distribution, info.version, info.status) == ("green", "2.1", "available")
    assert (info.title, info.has_scorecard) == (None, None)
    assert module not in sys.modules
    playbook = Playbook.from_toml(uses("green"))
    assert list(playbook.questions) == ["green.budget", "green.permit"]
    assert not playbook.scorecards
    (info,) = listed("green", load=True)
    assert (info.status, str(info.title), info.has_scorecard) == ("loaded", "Green questions", True)


def test_a_card_comes_with_its_questions_and_the_playbook_is_whole(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("green", code_of("green"), {"green": ":TEXT"}, group=CHECKLISTS_GROUP)
    playbook = Playbook.from_toml(uses(cards=("green",)))
    assert playbook.scorecards["green"].total == 3
    assert "green.permit" in playbook.questions
    monkeypatch.setenv("SALESFLOW_NO_PLUGINS", "1")
    again = Playbook.from_json(playbook.to_json())
    assert (again, again.digest) == (playbook, playbook.digest)
    assert [problem.path for problem in lint(uses(cards=("green",)))] == ["use_scorecards[0]"]


def test_a_checklist_needs_no_card_and_then_none_can_be_used(install: Install) -> None:
    install("plain", code_of("plain", card=False), {"plain": ":TEXT"}, group=CHECKLISTS_GROUP)
    assert list(Playbook.from_toml(uses("plain")).checklists) == ["plain"]
    (info,) = listed("plain", load=True)
    assert info.has_scorecard is False
    with pytest.raises(InvalidPlaybook) as caught:
        Playbook.from_toml(uses(cards=("plain",)))
    (problem,) = caught.value.problems
    assert (problem.path, problem.message) == (
        "use_scorecards[0]",
        'the shared checklist "plain" has no scorecard',
    )


def test_what_is_built_in_is_listed_with_its_title_and_cannot_be_replaced(install: Install) -> None:
    built_in = {info.key: info for info in available_checklists() if info.title is not None}
    assert set(built_in) == set(CHECKLISTS)
    for info in available_checklists(load=True):
        assert (info.status, info.title) == ("loaded", built_in[info.key].title)
        assert info.has_scorecard
    install("thief", code_of("bant"), {"bant": ":TEXT"}, group=CHECKLISTS_GROUP)
    ours, theirs = listed("bant", load=True)
    assert (ours.distribution, ours.status) == ("salesflow", "loaded")
    assert (theirs.distribution, theirs.status) == ("thief", "conflict")
    assert isinstance(theirs.error, PluginConflict)
    assert "bant.permit" not in Playbook.from_toml(uses("bant")).questions


def test_a_key_that_two_distributions_offer_is_told_with_both(install: Install) -> None:
    install("green", code_of("green"), {"green": ":TEXT"}, "1.0", group=CHECKLISTS_GROUP)
    install("verde", code_of("green"), {"green": ":TEXT"}, "2.0", group=CHECKLISTS_GROUP)
    assert [info.status for info in listed("green", load=True)] == ["conflict", "conflict"]
    (problem,) = lint(uses("green"))
    assert (problem.path, problem.code) == ("use_checklists[0]", "plugin_conflict")
    assert problem.message == (
        'The shared checklist "green" is offered by green 1.0 and by verde 2.0'
    )


BROKEN = {
    "an error while it is imported": ("import nothing_of_this_name", ":TEXT", "nothing_of"),
    "an exit while it is imported": ("raise SystemExit(3)", ":TEXT", "SystemExit: 3"),
    "a wrong type": ("TEXT = {'key': 'broken'}", ":TEXT", "is of type dict"),
    "no TOML": ("TEXT = 'key ='", ":TEXT", "the value is missing"),
    "no UTF-8": (r"TEXT = b'\xff\xfe'", ":TEXT", "not UTF-8"),
    "no questions": ("TEXT = 'key = \"broken\"'", ":TEXT", "questions"),
    "another key": (code_of("other"), ":TEXT", 'this is "other", and not "broken"'),
    "more than a text": (code_of("broken") + "TEXT += 'x = 1'", ":TEXT", "no such key"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_one_is_told_where_it_is_used_and_breaks_no_other(
    install: Install, what: str
) -> None:
    code, value, said = BROKEN[what]
    install("broken-lists", code, {"broken": value}, group=CHECKLISTS_GROUP)
    install("green", code_of("green"), {"green": ":TEXT"}, group=CHECKLISTS_GROUP)
    problems = [it for it in lint(uses("green", "broken")) if it.severity == "error"]
    assert [problem.path for problem in problems] == ["use_checklists[1]"]
    assert "broken-lists" in problems[0].message
    assert said.casefold() in problems[0].message.casefold()
    (info,) = listed("broken", load=True)
    assert info.status == "broken"
    assert isinstance(info.error, PluginError)
    assert [info.status for info in listed("green", load=True)] == ["loaded"]
    assert list(Playbook.from_toml(uses("green")).checklists) == ["green"]


def test_an_unknown_one_is_told_with_the_nearest_of_a_plugin(install: Install) -> None:
    install("green", code_of("greenery"), {"greenery": ":TEXT"}, group=CHECKLISTS_GROUP)
    (problem,) = lint(uses("greenerie"))
    assert (problem.path, problem.hint) == ("use_checklists[0]", 'did you mean "greenery"?')


# ------------------------------------------------------------------ variants of plugins' playbooks

VARIANT = '''
from salesflow.playbook import Playbook

def make():
    return Playbook.from_toml("""
        id = "{id}"
        version = "1"
        title = "Of {id}"
        extends = "{parent}"
    """)
'''


def test_a_variant_extends_the_playbook_of_a_plugin(install: Install) -> None:
    install("base", VARIANT.format(id="base", parent="milestone_selling"), {"base": ":make"})
    install("north", VARIANT.format(id="north", parent="base"), {"north": ":make"})
    north = load_playbook("north")
    assert north.extends is not None
    assert north.extends.id == "base"
    assert [it.key for it in north.stages] == [
        it.key for it in load_playbook("milestone_selling").stages
    ]


def test_plugins_that_extend_each_other_are_broken_and_break_no_other(install: Install) -> None:
    install("one", VARIANT.format(id="one", parent="two"), {"one": ":make"})
    install("two", VARIANT.format(id="two", parent="one"), {"two": ":make"})
    with pytest.raises(PluginError, match="one → two → one"):
        load_playbook("one")
    found = {info.id: info.status for info in available_playbooks(load=True)}
    assert (found["one"], found["two"], found["milestone_selling"]) == (
        "broken",
        "broken",
        "loaded",
    )


def test_a_parent_that_is_broken_is_told_where_it_is_named(install: Install) -> None:
    install("base", "import nothing_of_this_name", {"base": ":make"})
    (problem,) = lint('id = "x"\nversion = "1"\ntitle = "X"\nextends = "base"')
    assert (problem.path, problem.line) == ("extends", 4)
    assert "nothing_of_this_name" in problem.message
