"""A fact that a playbook does not have is told with what brings it, and that works when pasted."""

from __future__ import annotations

import re

import pytest

from salesflow.playbook import lint
from salesflow.playbooks import CHECKLISTS

HEAD = 'id = "mine"\nversion = "1"\ntitle = "Mine"\n'


def text(rule: str, more: str = "") -> str:
    criterion = f'{{ key = "asked", title = "Asked", rule = \'{rule}\' }}'
    return f'{HEAD}{more}\n[[stages]]\nkey = "talk"\ntitle = "Talk"\nexit = [{criterion}]\n'


def told(rule: str, more: str = "") -> list[str]:
    errors = [item for item in lint(text(rule, more)) if item.severity == "error"]
    return [f"{item.message}; {item.hint}" for item in errors]


MISSING = [
    ("margin >= 0.2", "margin", 'declare it in [[facts]], with name = "margin"'),
    ("bant.budget", "bant.budget", 'a checklist of the package asks it: use_checklists = ["bant"]'),
    (
        "score.bant.low > 3",
        "score.bant.low",
        'it is of a scorecard of the package: use_scorecards = ["bant"]',
    ),
    ("plan.complete", "plan.complete", 'records answer it: use_records = ["plan"]'),
]


@pytest.mark.parametrize(("rule", "name", "hint"), MISSING, ids=[row[0] for row in MISSING])
def test_a_missing_fact_is_told_with_what_brings_it(rule: str, name: str, hint: str) -> None:
    assert told(rule) == [f'there is no fact "{name}"; {hint}']
    pasted = re.search(r"use_\w+ = .*", hint)
    more = pasted[0] if pasted else f'[[facts]]\nname = "{name}"\nkind = "number"'
    assert told(rule, more) == []


@pytest.mark.parametrize("key", CHECKLISTS)
def test_every_checklist_of_the_package_is_named(key: str) -> None:
    (only,) = told(f"{key}.asked > 0")
    assert only.endswith(f'use_checklists = ["{key}"]')
    assert told(f"{key}.asked > 0", f'use_checklists = ["{key}"]') == []


def test_a_role_of_the_package_is_named_where_it_is_not_declared() -> None:
    named = 'owner_role = "sales_rep"'
    hints = [it.hint for it in lint(text("ended", named)) if "sales_rep" in it.message]
    assert hints == ['it is a role of the package: use_roles = ["sales_rep"]']
    used = lint(text("ended", f'{named}\nuse_roles = ["sales_rep"]'))
    assert not [it for it in used if "sales_rep" in it.message]


def test_a_question_that_a_used_checklist_does_not_ask_is_told_those_that_it_does() -> None:
    used = 'use_checklists = ["meddpicc"]'
    assert told("meddpicc.pain", used) == [
        'there is no fact "meddpicc.pain"; did you mean meddpicc.identify_pain?'
    ]
    (only,) = told("meddpicc.wizard", used)
    assert only.startswith('there is no fact "meddpicc.wizard"; there are meddpicc.metrics, ')


def test_what_follows_from_the_playbook_is_never_to_be_declared() -> None:
    assert told("done.something") == ['there is no fact "done.something"; there are done.asked']
    (only,) = told("track.legal_review == 1")
    assert "[[facts]]" not in only


def test_a_reference_is_told_too() -> None:
    card = '[[scorecards]]\nkey = "fit"\ntitle = "Fit"\nbands = [{ key = "a", min = 0 }]\n'
    card += 'items = [{ key = "i", points = "score.bant.low", max = 5 }]'
    (only,) = told("ended", card)
    assert only == (
        'there is no fact "score.bant.low"; it is of a scorecard of the package: '
        'use_scorecards = ["bant"]'
    )


def test_a_fact_by_its_title_is_told_its_name() -> None:
    fact = '[[facts]]\nname = "net_arr"\nkind = "money"\ntitle = { en = "Net ARR", zh = "净年费" }'
    for title in ("净年费", "Net ARR", "net arr"):
        assert told(f"{title} >= 5", fact) == [
            f'"{title}" is what the fact is called in sentences; its name is net_arr'
        ]
