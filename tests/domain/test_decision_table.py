"""Decision tables: every case has a result, and what is not known stays open."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from salesflow.domain import (
    IMPORTANCE_GRADES,
    LEAD_GRADES,
    STRATEGIES,
    CompetitionPlan,
    DecisionTable,
    ImportancePolicy,
    Lead,
    LeadProfile,
    ProjectHeader,
    ProjectSheet,
    StrategyAssessment,
)
from salesflow.domain._base.record import replaced
from salesflow.errors import MissingRate, UnknownName
from salesflow.money import Money, Rates
from salesflow.text import LANGUAGES

TABLES = [LEAD_GRADES, IMPORTANCE_GRADES, STRATEGIES]


@given(st.sampled_from(TABLES), st.data())
def test_what_is_open_is_exactly_what_the_missing_answers_can_still_change(
    table: DecisionTable, data: st.DataObject
) -> None:
    known = {
        each.key: data.draw(st.sampled_from([None, *each.choices]), label=each.key)
        for each in table.inputs
    }
    free = [each for each in table.inputs if known[each.key] is None]
    results = {
        table.decide({**known, **dict(zip((e.key for e in free), case, strict=True))}).result
        for case in product(*(each.choices for each in free))
    }
    said = table.decide(known)
    assert set(said.possible) == results
    assert said.result == (results.pop() if len(results) == 1 else None)
    assert bool(said.missing) == (said.result is None)
    assert set(said.missing) <= {each.key for each in free}
    assert (said.why is None) == (said.result is None)


@pytest.mark.parametrize("table", TABLES)
def test_every_text_of_our_tables_speaks_every_language(table: DecisionTable) -> None:
    texts = [
        table.title,
        *(item.title for item in table.inputs),
        *(row.why for row in table.rows),
    ]
    assert [text for text in texts for lang in LANGUAGES if getattr(text, lang) is None] == []


def test_a_table_of_questions_with_the_same_answers_is_made_from_their_titles() -> None:
    titles = {item.key: item.title for item in LEAD_GRADES.inputs}
    levels = ("high", "medium", "low")
    assert DecisionTable.of(LEAD_GRADES.title, titles, levels, LEAD_GRADES.rows) == LEAD_GRADES


def test_a_lead_without_pain_is_low_whatever_else_is_not_known() -> None:
    assert LeadProfile(pain_point="low").grade().result == "low"


def test_a_lead_with_everything_is_high_and_a_fair_one_medium() -> None:
    best = LeadProfile(
        industry_fit="high", pain_point="high", budget_size="high", decision_chain="high"
    )
    assert best.grade().result == "high"
    assert replaced(best, industry_fit="medium").grade().result == "medium"
    assert replaced(best, budget_size=None).grade().possible == ("high", "medium")


def test_a_person_may_grade_a_lead_otherwise_and_both_are_kept() -> None:
    lead = Lead(
        customer="Acme", channel="referral", profile=LeadProfile(pain_point="low"), graded="high"
    )
    assert (lead.graded, lead.advised.result) == ("high", "low")
    assert "first_owner" in lead.missing


@pytest.mark.parametrize(
    ("profit", "market", "expected"),
    [
        ("1000000", "high", "high"),
        ("999999", "high", "high"),
        ("199999.99", "high", "medium"),
        ("1000000", "low", "medium"),
        ("200000", "medium", "medium"),
        ("200000", "low", "low"),
        ("0", "medium", "low"),
    ],
)
def test_importance_follows_from_profit_and_market(profit: str, market: str, expected: str) -> None:
    policy = ImportancePolicy(medium_from=Money(200_000, "CNY"), high_from=Money(10**6, "CNY"))
    sheet = ProjectSheet.model_validate(
        {
            "head": {"name": "P"},
            "market_importance": market,
            "expected_gross_profit": {"amount": profit, "currency": "CNY"},
        }
    )
    assert policy.advise(sheet).result == expected


def test_profit_in_another_currency_needs_a_rate() -> None:
    policy = ImportancePolicy(medium_from=Money(200_000, "CNY"), high_from=Money(10**6, "CNY"))
    sheet = ProjectSheet(
        head=ProjectHeader(name="P"),
        market_importance="high",
        expected_gross_profit=Money(200_000, "USD"),
    )
    assert policy.advise(sheet, Rates("CNY", {"USD": "7.1"})).result == "high"
    with pytest.raises(MissingRate, match="USD into CNY"):
        policy.advise(sheet)


def test_the_bounds_of_a_policy_rise_and_share_a_currency() -> None:
    with pytest.raises(ValidationError, match="more than medium_from"):
        ImportancePolicy(medium_from=Money(5, "CNY"), high_from=Money(5, "CNY"))
    with pytest.raises(ValidationError) as caught:
        ImportancePolicy(medium_from=Money(5, "CNY"), high_from=Money(6, "USD"), table=STRATEGIES)
    assert {each["loc"] for each in caught.value.errors()} == {("high_from",), ("table", "inputs")}


def test_a_project_is_set_up_with_a_named_sponsor_and_a_control_point() -> None:
    with pytest.raises(ValidationError) as caught:
        ProjectSheet.model_validate({"head": {"name": "P"}, "set_up_on": "2026-01-05"})
    assert {each["loc"] for each in caught.value.errors()} == {("sponsor",), ("control_points",)}
    member = {"person": "A", "roles": ["sales_rep"]}
    with pytest.raises(ValidationError, match="there already"):
        ProjectSheet.model_validate({"head": {"name": "P"}, "team": [member, member]})


def test_a_choice_of_strategy_is_kept_apart_from_the_recommendation() -> None:
    plan = CompetitionPlan(
        assessment=StrategyAssessment(
            we_are_there="no",
            decides_now="yes",
            criteria_favour_us="yes",
            people_favour_us="yes",
        ),
        chosen="fragment",
    )
    assert plan.recommended.result == "frontal"
    assert plan.chosen == "fragment"
    assert plan.follows_advice is False
    assert CompetitionPlan(chosen="fragment").follows_advice is None


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"we_are_there": "yes"}, "defend"),
        ({"decides_now": "no", "we_are_there": "no"}, "develop"),
        ({"criteria_can_change": "yes", "criteria_favour_us": "no"}, "flanking"),
        (
            {"criteria_can_change": "no", "people_favour_us": "no", "part_is_ours": "yes"},
            "fragment",
        ),
    ],
)
def test_each_strategy_has_its_situation(known: dict[str, str], expected: str) -> None:
    here = {"we_are_there": "no", "decides_now": "yes", **known}
    assert StrategyAssessment.model_validate(here).recommended().result == expected


def test_a_table_has_no_such_input_or_answer() -> None:
    with pytest.raises(UnknownName, match='"pain_point"'):
        LEAD_GRADES.decide({"pain_points": "high"})
    with pytest.raises(UnknownName, match="huge"):
        LEAD_GRADES.decide({"pain_point": "huge"})


def table(rows: list[dict[str, object]], choices: tuple[str, ...] = ("a", "b")) -> DecisionTable:
    inputs = [{"key": key, "title": {"en": key}, "choices": choices} for key in ("x", "y")]
    why = {"en": "So it is"}
    return DecisionTable.model_validate(
        {"title": {"en": "T"}, "inputs": inputs, "rows": [{"why": why, **row} for row in rows]}
    )


def test_a_case_that_no_row_decides_is_refused_and_named() -> None:
    with pytest.raises(ValidationError, match="no row decides x b, y a"):
        table([{"when": {"x": ["a"]}, "result": "r"}, {"when": {"y": ["b"]}, "result": "s"}])


def test_a_row_that_is_never_reached_is_refused() -> None:
    with pytest.raises(ValidationError) as caught:
        table([{"result": "r"}, {"when": {"x": ["a"]}, "result": "s"}])
    assert caught.value.errors()[0]["loc"] == ("rows", 1)


def test_unknown_inputs_and_answers_of_a_table_are_all_said() -> None:
    with pytest.raises(ValidationError) as caught:
        table([{"when": {"x": ["c"], "z": ["a"]}, "result": "r"}, {"result": "s"}])
    assert {each["loc"] for each in caught.value.errors()} == {
        ("rows", 0, "when", "x"),
        ("rows", 0, "when", "z"),
    }


def test_a_table_of_too_many_cases_is_refused() -> None:
    with pytest.raises(ValidationError, match="too many"):
        DecisionTable.model_validate(
            {
                "title": {"en": "T"},
                "inputs": [
                    {"key": f"k{n}", "title": {"en": "K"}, "choices": [str(c) for c in range(10)]}
                    for n in range(5)
                ],
                "rows": [{"result": "r", "why": {"en": "W"}}],
            }
        )


def test_an_input_that_stands_twice_is_refused() -> None:
    each = {"key": "x", "title": {"en": "X"}, "choices": ["a"]}
    with pytest.raises(ValidationError, match="there already"):
        DecisionTable.model_validate(
            {
                "title": {"en": "T"},
                "inputs": [each, each],
                "rows": [{"result": "r", "why": {"en": "W"}}],
            }
        )
