"""Questions of every type: what the file says, which fact comes of it, what is refused."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow.errors import InvalidPlaybook
from salesflow.facts import FactKind
from salesflow.playbook import Playbook, Question, lint
from salesflow.rules import Rule, Verdict
from salesflow.text import Text

HEAD = """
id = "typed"
version = "1"
title = "Typed"
[[stages]]
key = "only"
title = "Only"
"""
TYPED = f"""{HEAD}
[[checklists]]
key = "site"
questions = [
  {{ key = "clear", title = "Clear?" }},
  {{ key = "fit", title = "Fit", type = "scale", min = 1, max = 5 }},
  {{ key = "access", title = "Access", type = "choice", choices = ["road", "rail"] }},
  {{ key = "area", title = "Area", type = "number", min = 0 }},
  {{ key = "opens_on", title = "Opens on", type = "date" }},
  {{ key = "remark", title = "Remark", type = "text" }},
]
"""


def question(**fields: Any) -> Question:
    return Question(key="q", title=Text(en="Q"), **fields)


def problems_of(*questions: str, more: str = "") -> dict[str, str]:
    listed = ", ".join(f'{{ key = "q{i}", title = "Q", {q} }}' for i, q in enumerate(questions))
    text = f'{HEAD}\n[[checklists]]\nkey = "list"\nquestions = [{listed}]\n{more}'
    found = [problem for problem in lint(text) if problem.severity == "error"]
    return {problem.path: problem.code for problem in found}


def test_each_type_gives_a_fact_of_its_kind() -> None:
    facts = Playbook.from_toml(TYPED).facts
    kinds = {name: facts[f"site.{name}"].kind for name in ("clear", "fit", "access", "area")}
    assert kinds == {
        "clear": FactKind.FLAG,
        "fit": FactKind.NUMBER,
        "access": FactKind.CHOICE,
        "area": FactKind.NUMBER,
    }
    assert facts["site.access"].choices == ("road", "rail")
    assert (facts["site.opens_on"].kind, facts["site.remark"].kind) == (FactKind.DAY, FactKind.TEXT)


def test_questions_are_found_by_the_names_of_their_facts() -> None:
    playbook = Playbook.from_toml(TYPED)
    assert playbook.questions["site.fit"].max == 5
    assert list(playbook.questions)[:2] == ["site.clear", "site.fit"]


def test_rules_read_answers_by_their_kinds() -> None:
    text = (
        'site.fit >= 3 and site.access in ("road", "rail") and site.opens_on > date("2026-01-31")'
    )
    rule = Rule.parse(text, Playbook.from_toml(TYPED).facts)
    facts = {"site.fit": 3, "site.access": "rail", "site.opens_on": date(2026, 9, 1)}
    assert rule.verdict(facts) is Verdict.YES
    assert rule.verdict({**facts, "site.fit": None}) is Verdict.UNKNOWN


def test_yes_or_no_is_the_type_that_need_not_be_written() -> None:
    said = TYPED.replace('title = "Clear?"', 'title = "Clear?", type = "yes_no"')
    assert Playbook.from_toml(said).digest == Playbook.from_toml(TYPED).digest
    assert '"type": "yes_no"' not in Playbook.from_toml(said).to_json()


def test_the_type_of_a_question_is_behaviour() -> None:
    other = TYPED.replace("max = 5", "max = 6")
    assert Playbook.from_toml(other).digest != Playbook.from_toml(TYPED).digest


@pytest.mark.parametrize(
    ("asked", "given", "read"),
    [
        (question(), "+", None),
        (question(), 1, None),
        (question(type="scale", min=0, max=10), 10, 10.0),
        (question(type="scale", min=0, max=10), Decimal(3), 3.0),
        (question(type="scale", min=0, max=10), 11, None),
        (question(type="scale", min=0, max=10), 1.5, None),
        (question(type="scale", min=0, max=10), "7", None),
        (question(type="scale", min=0, max=10), True, None),
        (question(type="number"), 1.5, 1.5),
        (question(type="number"), float("inf"), None),
        (question(type="number"), float("nan"), None),
        (question(type="number", max=2), 3, None),
        (question(type="choice", choices=("a", "b")), "a", "a"),
        (question(type="choice", choices=("a", "b")), "A", None),
        (question(type="date"), date(2026, 1, 31), date(2026, 1, 31)),
        (question(type="date"), "2026-01-31", date(2026, 1, 31)),
        (question(type="date"), "31.1.2026", None),
        (question(type="date"), datetime(2026, 1, 31, 9), date(2026, 1, 31)),
        (question(type="text"), "By rail", "By rail"),
        (question(type="text"), " ", None),
        (question(type="text"), 7, None),
        (question(type="text"), "x" * 20_001, None),
    ],
)
def test_an_answer_is_read_or_it_is_none(asked: Question, given: object, read: object) -> None:
    assert asked.read(given) == read


@pytest.mark.parametrize(
    ("asked", "en", "zh"),
    [
        (question(), "yes or no", "“是”或“否”"),
        (question(type="scale", min=0, max=3), "a whole number from 0 to 3", "0 到 3 的整数"),
        (question(type="number"), "a number", "数字"),
        (question(type="number", min=1), "a number from 1", "不小于 1 的数字"),
        (question(type="number", max=1), "a number up to 1", "不大于 1 的数字"),
        (question(type="choice", choices=("a", "b")), "one of a, b", "以下之一：a、b"),
        (question(type="date"), "a date such as 2026-01-31", "日期，如 2026-01-31"),
        (question(type="text"), "a text", "一段文本"),
    ],
)
def test_what_is_allowed_is_said_in_both_languages(asked: Question, en: str, zh: str) -> None:
    assert (asked.allowed.en, asked.allowed.zh) == (en, zh)


def test_every_mistake_of_a_question_is_reported_at_once() -> None:
    found = problems_of(
        'type = "scale"',
        'type = "scale", min = 0.5, max = 3',
        'type = "scale", min = 3, max = 3',
        'type = "scale", min = 0, max = 5000',
        'type = "choice"',
        'type = "choice", choices = ["a", "a"]',
        'choices = ["a", "b"]',
        "min = 0",
        'type = "yesno"',
    )
    assert found == {
        "checklists.list.questions.q0.min": "missing",
        "checklists.list.questions.q0.max": "missing",
        "checklists.list.questions.q1.min": "range",
        "checklists.list.questions.q2.max": "range",
        "checklists.list.questions.q3.max": "range",
        "checklists.list.questions.q4.choices": "missing",
        "checklists.list.questions.q5.choices[1]": "duplicate",
        "checklists.list.questions.q6.choices": "conflict",
        "checklists.list.questions.q7.min": "conflict",
        "checklists.list.questions.q8.type": "choice",
    }


def test_every_mistake_of_an_item_with_points_is_reported_at_once() -> None:
    items = [
        "",
        'points = "list.q0", rule = "list.q1"',
        'points = "list.q9"',
        'points = "list.q1"',
        'points = "list.q2"',
        'points = "amount"',
        'points = "probability"',
        'points = "list.q3"',
        'rule = "list.q1", max = 3',
        'points = "list.q4", max = 2',
    ]
    keyed = [f'key = "i{i}", {item}'.removesuffix(", ") for i, item in enumerate(items)]
    listed = ", ".join(f"{{ {item} }}" for item in keyed)
    found = problems_of(
        'type = "scale", min = 0, max = 3',
        'type = "yes_no"',
        'type = "text"',
        'type = "scale", min = -5, max = 0',
        'type = "scale", min = 2, max = 5',
        more=f'[[scorecards]]\nkey = "c"\nitems = [{listed}]\nbands = [{{ key = "b", min = 0 }}]',
    )
    assert found == {
        "scorecards.c.items.i0": "missing",
        "scorecards.c.items.i1": "conflict",
        "scorecards.c.items.i2.points": "unknown_name",
        "scorecards.c.items.i3.points": "kind",
        "scorecards.c.items.i4.points": "kind",
        "scorecards.c.items.i5.points": "kind",
        "scorecards.c.items.i6.max": "range",
        "scorecards.c.items.i7.max": "range",
        "scorecards.c.items.i8.max": "conflict",
        "scorecards.c.items.i9.max": "range",
    }


def test_a_band_beyond_all_points_is_refused_and_one_between_the_steps_is_warned_of() -> None:
    card = """
[[scorecards]]
key = "c"
items = [{ key = "fit", points = "site.fit", weight = 2 }]
bands = [{ key = "low", min = 0 }, { key = "odd", min = 4.5 }, { key = "high", min = 5 }]
"""
    problems = {problem.path: problem.code for problem in lint(TYPED + card)}
    assert problems == {"scorecards.c.bands.odd.min": "never", "scorecards.c": "unused"}
    beyond = {
        problem.path: problem.code for problem in lint(TYPED + card.replace("= 5 }", "= 11 }"))
    }
    assert beyond["scorecards.c.bands.high.min"] == "unreachable"


def test_points_that_go_round_in_a_circle_are_refused() -> None:
    card = """
[[scorecards]]
key = "c"
items = [{ key = "i", points = "score.c.low", max = 3 }]
bands = [{ key = "b", min = 0 }]
"""
    with pytest.raises(InvalidPlaybook, match="circle"):
        Playbook.from_toml(HEAD + card)


numbers = st.integers(0, 50)
typed: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}),
    st.tuples(numbers, numbers)
    .filter(lambda ends: ends[0] != ends[1])
    .map(lambda ends: {"type": "scale", "min": min(ends), "max": max(ends)}),
    st.fixed_dictionaries({"type": st.just("number")}, optional={"min": numbers}),
    st.lists(st.sampled_from("abcde"), min_size=2, unique=True).map(
        lambda words: {"type": "choice", "choices": words}
    ),
    st.sampled_from([{"type": "date"}, {"type": "text"}]),
)


@given(st.lists(typed, min_size=1, max_size=6), st.integers(1, 9))
def test_json_brings_back_questions_and_points(listed: list[dict[str, Any]], weight: int) -> None:
    questions = [{"key": f"q{i}", "title": "Q", **one} for i, one in enumerate(listed)]
    items = [
        {"key": one["key"], "points": f"list.{one['key']}", "weight": weight}
        for one in questions
        if one.get("type") == "scale"
    ]
    document = {
        "id": "x",
        "version": "1",
        "title": "X",
        "stages": [{"key": "s", "title": "S"}],
        "checklists": [{"key": "list", "questions": questions}],
    }
    if items:
        document["scorecards"] = [
            {"key": "card", "items": items, "bands": [{"key": "b", "min": 0}]}
        ]
    playbook = Playbook.from_json(json.dumps(document))
    again = Playbook.from_json(playbook.to_json())
    assert (again, again.digest) == (playbook, playbook.digest)
    assert again.questions == playbook.questions
    assert again.scorecards == playbook.scorecards
    assert again.warnings == playbook.warnings
