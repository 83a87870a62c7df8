"""A playbook whose cadence can never fall due is refused, with everything else that is wrong."""

from __future__ import annotations

import pytest

import salesflow as sf
from salesflow.errors import InvalidPlaybook
from salesflow.playbook import lint
from tests.playbook.placeless import placeless

PLAYBOOK = """
id = "care"
version = "1"
title = "Care"
POLICY

CADENCES

[[stages]]
key = "talk"
title = "Talk"
[[stages]]
key = "contract"
title = "Contract"
wins = true
  [[stages.sub_stages]]
  key = "draft"
  title = "Draft"
  [[stages.sub_stages]]
  key = "signing"
  title = "Signing"
[[stages]]
key = "delivery"
title = "Delivery"
[[stages]]
key = "care"
title = "Care"
"""


def playbook(*cadences: str, policy: str = "") -> str:
    listed = [f'[[cadences]]\nkey = "c{i}"\ntitle = "C"\n{text}' for i, text in enumerate(cadences)]
    return PLAYBOOK.replace("CADENCES", "\n".join(listed)).replace("POLICY", policy)


@pytest.mark.parametrize(
    ("cadence", "told"),
    [
        ("", ["cadences.c0: a cadence has one of every, within and ahead; add for instance"]),
        ('within = "1 day"', ["cadences.c0.within: this must be a table"]),
        (
            'ahead = "1 day"\nbefore = "expected_close_on"',
            ["cadences.c0.ahead: this must be a table"],
        ),
        (
            'every = "1 day"\nwithin = { days = 1 }',
            ["cadences.c0.every: this must be a table", "cadences.c0: a cadence has one of every"],
        ),
        ("every = { month = 1 }", ["cadences.c0.every.month: a span of time has no such key"]),
        ("every = {}", ["cadences.c0.every: no time is given"]),
    ],
)
def test_a_span_that_cannot_be_read_is_told_once_and_counts_as_given(
    cadence: str, told: list[str]
) -> None:
    with pytest.raises(InvalidPlaybook) as caught:
        sf.Playbook.from_toml(playbook(cadence))

    said = [str(problem) for problem in placeless(caught.value.problems)]
    assert len(said) == len(told), said
    for problem, start in zip(said, told, strict=True):
        assert problem.startswith(start)


def test_the_hint_keeps_one_span_of_several_and_adds_one_where_there_is_none() -> None:
    for cadence, hint in (("", "add for instance"), ("every = 1\nwithin = 2", "keep one")):
        with pytest.raises(InvalidPlaybook) as caught:
            sf.Playbook.from_toml(playbook(cadence))
        assert caught.value.problems[-1].hint.startswith(hint)


@pytest.mark.parametrize(
    ("cadence", "path", "message", "hint"),
    [
        ('trigger = "stage_left"\nwithin = { days = 1 }', "stages", "no stage is named", "is left"),
        ('trigger = "changed"\nevery = { days = 1 }', "every", "asks for something once", "within"),
        ("ahead = { days = 1 }", "before", "counts back from", "expected_close_on"),
        ('before = "closed_on"\nahead = { days = 1 }', "before", "never ahead", "still to come"),
        ('before = "created_on"\nahead = { days = 1 }', "before", "never ahead", "still to come"),
        (
            'trigger = "won"\nstages = ["talk"]\nwithin = { days = 1 }',
            "stages",
            "no deal is won in talk",
            "or a later one",
        ),
        (
            'trigger = "lost"\nstages = ["care", "delivery"]\nwithin = { days = 1 }',
            "stages",
            "no deal is lost in care, delivery",
            "still open",
        ),
        (
            'trigger = "disqualified"\nstages = ["care"]\nwithin = { days = 1 }',
            "stages",
            "no deal is disqualified in care",
            "still open",
        ),
        ("every = { days = 0 }", "every.days", "from 1 to 1,000", ""),
        ("every = { days = -7 }", "every.days", "from 1 to 1,000", ""),
        ("every = { months = 1.5 }", "every.months", "a whole number", ""),
        ("within = { hours = 100000 }", "within.hours", "from 1 to 1,000", ""),
        ("within = { years = 101 }", "within.years", "from 1 to 100", ""),
        ("within = { quarters = 1 }", "within.quarters", "", ""),
        ("every = {}", "every", "no time is given", "days = 7"),
        ('stages = ["carre"]\nevery = { days = 1 }', "stages[0]", 'no stage "carre"', "care"),
    ],
)
def test_a_cadence_that_never_falls_due_is_refused(
    cadence: str, path: str, message: str, hint: str
) -> None:
    with pytest.raises(InvalidPlaybook) as caught:
        sf.Playbook.from_toml(playbook(cadence))

    problem = caught.value.problems[0]
    assert problem.path == f"cadences.c0.{path}"
    assert message in problem.message
    assert hint in problem.hint
    assert problem in lint(playbook(cadence))


def test_all_of_them_are_told_at_once() -> None:
    problems = lint(
        playbook(
            'trigger = "stage_left"\nwithin = { days = 1 }',
            "every = { days = 7 }",
            "ahead = { days = 1 }",
            'trigger = "won"\nstages = ["talk"]\nwithin = { days = 1 }',
        )
    )

    assert [problem.path for problem in problems if problem.severity == "error"] == [
        "cadences.c0.stages",
        "cadences.c2.before",
        "cadences.c3.stages",
    ]


@pytest.mark.parametrize(
    "cadence",
    [
        'trigger = "stage_left"\nstages = ["care"]\nwithin = { days = 1 }',
        'trigger = "won"\nstages = ["delivery", "talk"]\nwithin = { days = 1 }',
        'trigger = "won"\nstages = ["contract"]\nwithin = { days = 1 }',
        'trigger = "lost"\nstages = ["signing"]\nwithin = { days = 1 }',
        'trigger = "ended"\nstages = ["talk"]\nwithin = { days = 1 }',
        'before = "expected_close_on"\nahead = { days = 1 }',
    ],
)
def test_what_can_fall_due_is_taken(cadence: str) -> None:
    assert len(sf.Playbook.from_toml(playbook(cadence)).cadences) == 1


@pytest.mark.parametrize("policy", ['policy = { back = "on" }', 'policy = { reopen = "on" }'])
def test_where_deals_may_go_back_or_be_reopened_any_stage_can_see_any_outcome(policy: str) -> None:
    cadence = 'trigger = "won"\nstages = ["talk"]\nwithin = { days = 1 }'

    assert len(sf.Playbook.from_toml(playbook(cadence, policy=policy)).cadences) == 1


def test_without_a_winning_stage_a_deal_is_won_where_the_process_ends() -> None:
    plain = playbook('trigger = "won"\nstages = ["delivery"]\nwithin = { days = 1 }').replace(
        "wins = true", ""
    )
    with pytest.raises(InvalidPlaybook, match="no deal is won in delivery"):
        sf.Playbook.from_toml(plain)

    care = sf.Playbook.from_toml(plain.replace('stages = ["delivery"]', 'stages = ["care"]'))
    assert care.cadences[0].stages == ("care",)
