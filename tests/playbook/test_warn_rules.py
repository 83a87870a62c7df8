"""Rules that cannot hold where they stand, that always hold, or that cannot hold together."""

from __future__ import annotations

from typing import Any

import pytest

from salesflow.playbook import Playbook, lint
from tests.playbook.placeless import placeless
from tests.rules.work import steps

HEAD = """
id = "x"
version = "1"
title = "X"
facts = [{ name = "span", kind = "number", title = "Span" }]
{more}
checklists = [{ key = "site", questions = [
  { key = "road", title = "Road" },
  { key = "slope", title = "Slope", type = "scale", min = 0, max = 5 },
] }]
scorecards = [{ key = "fit", items = [
  { key = "road", rule = "site.road", weight = 2 }, { key = "slope", points = "site.slope" },
], bands = [{ key = "low", min = 0 }] }]
"""


def line(*rules: str, more: str = "", last: str = "") -> str:
    """Three stages on a line; the second has these exit rules, the last one that wins another."""
    gates = ", ".join(
        f"{{ key = 'c{number}', title = 'C', rule = '{rule}' }}"
        for number, rule in enumerate(rules)
    )
    ahead = f"exit = [{{ key = 'last', title = 'L', rule = '{last}' }}]" if last else ""
    decided = "exit = [{ key = 'd', title = 'D', by = 'rep', decision = 'fit' }]"
    return f"""{HEAD.replace("{more}", more)}
        roles = [{{ key = "rep", title = "Rep" }}]
        [[stages]]
        key = "plan"
        title = "Plan"
        {decided}
        [[stages]]
        key = "draft"
        title = "Draft"
        exit = [{gates}]
        [[stages]]
        key = "sign"
        title = "Sign"
        wins = true
        {ahead}
        [[stages]]
        key = "care"
        title = "Care"
    """


def doubts(text: str) -> list[tuple[str, str]]:
    assert Playbook.from_toml(text).warnings == placeless(lint(text))
    return [(problem.path, problem.code) for problem in lint(text)]


RULE = "stages.draft.exit.c0.rule"
BACK = 'policy = { back = "on" }'


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("score.fit.low >= 8", "score.fit.low is from 0 to 7"),
        ("score.fit.high < 0", "score.fit.high is from 0 to 7"),
        ("probability > 1 or probability < 0", "probability is from 0 to 1"),
        ("contacts.total < 0", "contacts.total is never negative"),
        ("contacts.champion == -1", "contacts.champion is never negative"),
        ("days_on_hold < 0", "days_on_hold is never negative"),
        ("amount < 0", "amount is never negative"),
        ("days_since(created_on) < 0", "created_on is never in the future"),
        ("days_until(entered_stage_on) > 0", "entered_stage_on is never in the future"),
        ("closed_on > today", "closed_on is never in the future"),
        ("site.asked > 2", "site.asked is from 0 to 2"),
        ("site.slope > 5", "site.slope is from 0 to 5"),
        ('reached("sign")', 'no deal that is there has been in "sign"'),
        ('reached("care") and known(span)', 'no deal that is there has been in "care"'),
        ('outcome == "won"', "no deal that is there is won or lost"),
        ('outcome in ("lost", "disqualified")', "no deal that is there is won or lost"),
    ],
)
def test_a_rule_that_can_never_hold_where_it_stands_says_why(rule: str, said: str) -> None:
    (problem,) = lint(line(rule))

    assert (problem.path, problem.code) == (RULE, "never")
    assert str(problem).endswith(f": {RULE}: this can never hold: {said}; correct or remove it")


@pytest.mark.parametrize(
    "rule",
    [
        "score.fit.low >= 7",
        "score.fit.high > 0",
        "probability == 1",
        "contacts.total == 0",
        "days_on_hold == 0",
        "amount == 0",
        "days_since(created_on) >= 0",
        "days_since(created_on) == 0",
        "days_since(last_activity_on) < 0",
        "days_until(expected_close_on) > 0",
        "site.asked == 2",
        "site.slope == 5",
        'reached("plan") and known(span)',
        'outcome == "none" and known(span)',
        'not reached("sign") and known(span)',
        'outcome == "won" or known(span)',
    ],
)
def test_a_rule_that_holds_at_its_limit_is_not_doubted(rule: str) -> None:
    assert doubts(line(rule)) == []


def test_a_later_stage_may_have_been_reached_where_deals_come_back() -> None:
    rule = 'reached("sign")'
    assert doubts(line(rule, more=BACK)) == []
    assert doubts(line(rule, more='policy = { reopen = "on" }')) == []
    assert doubts(line(rule, more='policy = { skip = "on" }')) == [(RULE, "never")]
    into_first = line(rule).replace('title = "Plan"', 'title = "Plan"\nback = "on"')
    assert doubts(into_first) == []
    into_last = line(rule).replace('title = "Care"', 'title = "Care"\nback = "on"')
    assert doubts(into_last) == [(RULE, "never")]
    ways = [("plan", "draft"), ("draft", "sign"), ("sign", "draft"), ("sign", "care")]
    moves = ", ".join(f'{{ from = "{source}", to = "{target}" }}' for source, target in ways)
    assert doubts(line(rule, more=f"moves = [{moves}]")) == []


def test_a_winning_rule_may_hold_once_the_deal_can_be_won() -> None:
    assert doubts(line(last='outcome == "won"')) == []  # by Win, before the stage is left
    assert doubts(line(last='outcome == "lost"')) == [("stages.sign.exit.last.rule", "never")]
    assert doubts(line('outcome == "won"', more=BACK)) == []


def test_before_a_stage_is_entered_again_it_was_not_reached() -> None:
    entry = "entry = [{ key = 'e', title = 'E', rule = '%s' }]"
    for rule, expected in (
        ('reached("draft")', [("stages.draft.entry.e.rule", "never")]),
        ('reached("plan")', []),
    ):
        text = line().replace('title = "Draft"', 'title = "Draft"\n' + entry % rule)
        assert doubts(text) == expected


@pytest.mark.parametrize(
    "rule",
    [
        "site.asked >= 0",
        "probability <= 1",
        "score.fit.low <= 7",
        "amount > 5 or amount <= 5",
        "contacts.total > -1",
        "not ended",
        'outcome == "none"',
        'not reached("sign")',
    ],
)
def test_a_rule_that_no_values_make_no_is_doubted(rule: str) -> None:
    (problem,) = lint(line(rule))

    assert (problem.path, problem.code) == (RULE, "always")
    assert problem.hint == "correct it; where they only have to be known, write known(…)"


@pytest.mark.parametrize(
    "rule",
    [
        "site.asked > 0",
        "probability < 1",
        "known(amount)",
        "amount > 5 or amount < 5",
        "score.fit.low < 7",
        "amount >= 0",
    ],
)
def test_a_rule_that_something_makes_no_is_not_doubted(rule: str) -> None:
    assert doubts(line(rule)) == []


def test_criteria_of_one_way_that_contradict_each_other_are_found() -> None:
    (problem,) = lint(line("span > 10", "known(owner)", "span < 5"))

    assert (problem.path, problem.code) == ("stages.draft.exit.c2.rule", "contradiction")
    assert problem.message == (
        "stages.draft.exit.c0.rule and this can never hold together, "
        "and one way asks for all of them"
    )


def test_three_criteria_may_contradict_each_other_though_no_two_of_them_do() -> None:
    rules = "span > 10 or site.road", "not site.road", "span < 5"
    (problem,) = lint(line(*rules))

    assert (problem.path, problem.code) == ("stages.draft.exit.c2.rule", "contradiction")
    assert "the criteria before it" in problem.message


@pytest.mark.parametrize(
    ("first", "second"),
    [("span > 10", "span < 15"), ("span > 10", "amount < 5"), ("site.road", "not on_hold")],
)
def test_criteria_that_can_hold_together_are_not_doubted(first: str, second: str) -> None:
    assert doubts(line(first, second)) == []


def test_what_is_advisory_or_does_not_apply_at_the_same_time_contradicts_nothing() -> None:
    text = line("span > 10", "span < 5")
    last = "rule = 'span < 5'"
    assert doubts(text) == [("stages.draft.exit.c1.rule", "contradiction")]
    assert doubts(text.replace(last, f"{last}, advisory = true")) == []
    assert doubts(text.replace(last, f"{last}, when = 'site.road'")) == []


def test_criteria_of_the_two_stages_and_of_the_move_are_asked_by_one_way() -> None:
    def way(rule: str) -> str:
        moves = f"""moves = [
          {{ from = "plan", to = "draft" }}, {{ from = "draft", to = "sign", rule = '{rule}' }},
          {{ from = "draft", to = "care", rule = "span >= 20" }}, {{ from = "sign", to = "care" }},
        ]"""
        return line("span > 10", more=moves)

    assert doubts(way("span < 5")) == [("moves[1].rule", "contradiction")]
    assert doubts(way("span < 20")) == []  # the other way is another way


def test_many_criteria_do_not_hold_the_lint_up() -> None:
    def work(count: int) -> int:
        rules = [f"span > {number} or amount > {number}" for number in range(count)]
        found: list[Any] = []
        done = steps(lambda: found.append(lint(line(*rules))))
        assert found == [()]
        return done

    few = work(25)
    assert work(100) < 8 * few


def test_nobody_vouches_for_a_criterion_that_follows_from_a_rule() -> None:
    first = '{ key = "big", title = "Big", rule = "amount > 5" }'
    told = '{ key = "told", title = "Told", by = "rep" }'
    text = f"""
id = "x"
version = "1"
title = "X"
stages = [
  {{ key = "a", title = "A", exit = [{first}, {told}] }},
  {{ key = "b", title = "B", exit = [
    {{ key = "both", title = "Both", rule = "done.big and done.told" }},
  ] }},
]
"""
    (problem,) = [it for it in lint(text) if it.path == "stages.b.exit.both.rule"]
    assert problem.message == (
        '"done.big" is never known: nobody vouches for what follows from a rule'
    )
    assert problem.severity == "warning"


def test_an_approval_is_known_by_the_word_of_a_role() -> None:
    approved = '{ key = "price", title = "Price", approval = "p", lapses_on = ["amount"] }'
    text = f"""
id = "x"
version = "1"
title = "X"
roles = [{{ key = "boss", title = "Boss" }}]
approvals = [{{ key = "p", title = "P", rows = [{{ when = "amount > 5", roles = ["boss"] }}] }}]
stages = [
  {{ key = "a", title = "A", exit = [{approved}] }},
  {{ key = "b", title = "B", exit = [{{ key = "still", title = "Still", rule = "done.price" }}] }},
]
"""
    (problem,) = lint(text)
    assert str(problem) == (
        'line 9, column 78: stages.b.exit.still.rule: "done.price" is never known: an approval is '
        "known role by role; write approval.price. and the role whose word is meant"
    )
    assert problem.severity == "warning"
    assert lint(text.replace("done.price", "approval.price.boss")) == ()
