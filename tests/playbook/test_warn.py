"""What a playbook works in spite of."""

from __future__ import annotations

import pytest

from salesflow.playbook import Playbook, lint
from tests.playbook.placeless import placeless

# What is replaced in bridge.toml, by what, and the warning: path, code, a part of the sentence.
DOUBTS: dict[str, tuple[str, str, str, str, str]] = {
    "a missing translation": (
        '{ en = "Bridges", zh = "桥梁项目" }',
        '"Bridges"',
        "title",
        "translation",
        'add zh = "…"',
    ),
    "a missing translation deep inside": (
        '{ en = "There is a road", zh = "有路" }',
        '{ zh = "有路" }',
        "checklists.site.questions.access.positive",
        "translation",
        'no text in "en"',
    ),
    "a rule that can never hold": (
        "known(account.name)",
        "amount > 5 and amount < 3",
        "stages.survey.entry.customer_named.rule",
        "never",
        "can never hold",
    ),
    "more questions asked than there are": (
        "known(account.name)",
        "site.asked > 2",
        "stages.survey.entry.customer_named.rule",
        "never",
        "can never hold: site.asked is from 0 to 2",
    ),
    "a chance of more than all": (
        "known(account.name)",
        "probability > 50 and known(account.name)",
        "stages.survey.entry.customer_named.rule",
        "never",
        "can never hold: probability is from 0 to 1",
    ),
    "another stage than the one that is left": (
        'ground in ("rock", "sand") and span_metres > 0',
        'stage == "contract"',
        "stages.survey.exit.ground_known.rule",
        "never",
        'can never hold: stage is "survey" there',
    ),
    "an end before the deal may go on": (
        'ground in ("rock", "sand") and span_metres > 0',
        "ended and known(ground)",
        "stages.survey.exit.ground_known.rule",
        "never",
        "can never hold: no deal that is there has ended",
    ),
    "a row that can never hold": (
        '"amount >= 100_000"',
        '"amount > 5 and amount < 3"',
        "size_policy[1].when",
        "never",
        "can never hold",
    ),
    "a row behind one that takes all": (
        '"amount >= 100_000"',
        "'account.tier == \"named\"'",
        "size_policy[1]",
        "never",
        "no deal gets to this row",
    ),
    "an item that can never hold": (
        '"site.access"',
        '"site.access and not site.access"',
        "scorecards.go_no_go.items.access.rule",
        "never",
        "can never hold",
    ),
    "a band that the points jump over": (
        '{ key = "go", min = 4,',
        '{ key = "perhaps", min = 3.5, title = { en = "P", zh = "或" } }, { key = "go", min = 4,',
        "scorecards.go_no_go.bands.perhaps.min",
        "never",
        "jump over it",
    ),
}


@pytest.mark.parametrize("doubt", DOUBTS)
def test_a_doubt_is_a_warning_and_loads_all_the_same(doubt: str, bridge_text: str) -> None:
    old, new, path, code, said = DOUBTS[doubt]
    assert old in bridge_text
    text = bridge_text.replace(old, new, 1)
    # Where a rule is replaced, what it read may be read no more.
    problems = [problem for problem in lint(text) if problem.code != "unused"]
    assert [(problem.path, problem.code, problem.severity) for problem in problems] == [
        (path, code, "warning")
    ]
    assert said in str(problems[0])
    assert Playbook.from_toml(text).warnings == placeless(lint(text))


def test_a_playbook_without_doubts_has_no_warnings(bridge: Playbook) -> None:
    assert bridge.warnings == ()


def test_warnings_come_after_errors(bridge_text: str) -> None:
    text = bridge_text.replace('{ en = "Bridges", zh = "桥梁项目" }', '"Bridges"').replace(
        '"EUR"', '"EUX"'
    )
    assert [problem.severity for problem in lint(text)] == ["error", "warning"]


def test_on_a_line_numbers_rise_and_a_deal_is_won_once() -> None:
    text = """
    id = "x"
    version = "1"
    title = "X"
    [[stages]]
    key = "one"
    title = "One"
    cycle = 3
    wins = true
    [[stages]]
    key = "two"
    title = "Two"
    cycle = 2
    wins = true
    """
    assert [(problem.path, problem.code) for problem in lint(text)] == [
        ("stages.two.wins", "order"),
        ("stages.two.cycle", "order"),
    ]


def test_only_the_listed_languages_are_asked_for(bridge_text: str) -> None:
    text = bridge_text.replace('languages = ["en", "zh"]', 'languages = ["zh"]')
    assert lint(text.replace('en = "Go", zh = "做"', 'zh = "做"')) == ()


def test_a_plain_string_is_in_the_first_language() -> None:
    text = """
    id = "x"
    version = "1"
    title = "流程"
    languages = ["zh", "en"]
    stages = [{ key = "one", title = "第一步" }]
    """
    assert Playbook.from_toml(text).title.zh == "流程"
    (problem,) = lint(text)
    assert (problem.path, problem.message) == ("languages[1]", 'no text is in "en"')


@pytest.mark.parametrize(
    "rule",
    [
        "site.asked >= 2",
        "site.asked > 2 or known(account.name)",
        "not known(probability)",
        "not known(site.asked)",
        "probability == 1",
        'stage == "survey"',
        'stage in ("survey", "contract")',
        'stage != "contract" and not ended',
    ],
)
def test_what_may_hold_where_it_stands_is_not_suspected(rule: str, bridge_text: str) -> None:
    old = 'ground in ("rock", "sand") and span_metres > 0'
    text = bridge_text.replace(old, f"{rule} and known(ground)", 1)
    assert lint(text) == ()


def test_what_may_hold_at_the_door_of_a_stage_is_not_suspected(bridge_text: str) -> None:
    for rule in ("ended", 'stage == "contract"'):
        text = bridge_text.replace('"known(account.name)"', f"'{rule}'", 1)
        assert lint(text) == ()


def test_nobody_can_attest_anything_before_the_deal_starts(bridge_text: str) -> None:
    text = bridge_text.replace('rule = "known(account.name)"', 'by = "manager"', 1)
    (warning,) = [problem for problem in lint(text) if problem.code == "never"]
    assert warning.path == "stages.survey.entry.customer_named"
    assert "impossible before the deal starts" in warning.message
