"""A wrong argument is refused in the same words wherever it is passed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

import salesflow as sf
from salesflow.documents import plan_status
from salesflow.domain import (
    LEAD_GRADES,
    Action,
    AnswerRecord,
    Lead,
    OpportunityPlan,
    StrategyAssessment,
    TerritoryPlan,
    action_status,
    by_potential,
    overdue,
    recommend_strategy,
)
from salesflow.domain._base.record import replaced
from salesflow.errors import ArgumentError, UnknownName

DAY = date(2026, 3, 1)
PLAN = OpportunityPlan(opportunity="D-1")
ACTION = Action(what="Call")
LEAD = Lead(customer="Acme", channel="other")
FLAGSHIP = sf.load_playbook("optimized_sales_process")
NOT_THERE = StrategyAssessment(we_are_there="no")


def answers(*questions: str, about: str = "us") -> list[AnswerRecord]:
    at = "2026-03-01T09:00:00Z"
    given = {"mark": "+", "by": "li.wei", "at": at, "about": about}
    return [AnswerRecord.model_validate({**given, "question": f"tas.{each}"}) for each in questions]


AHEAD = answers(
    "compelling_event",
    "formal_decision_criteria",
    "solution_fit",
    "unique_business_value",
    "inside_support",
    "executive_credibility",
    "informal_decision_criteria",
    "political_alignment",
)


@pytest.mark.parametrize(
    "ask",
    [
        PLAN.completeness,
        lambda names: PLAN.section("action_plan", decision_makers=names),
        lambda names: PLAN.section("weather", decision_makers=names),
        lambda names: plan_status(PLAN, FLAGSHIP, {}, decision_makers=names),
    ],
)
def test_those_who_decide_are_a_list_of_names(ask: Callable[[object], object]) -> None:
    with pytest.raises(ArgumentError, match=r"decision_makers:? must be a list of str, not a str"):
        ask("Zhang")
    with pytest.raises(ArgumentError, match=r"decision_makers:? must be a list of str, not None"):
        ask(None)
    with pytest.raises(ArgumentError) as caught:
        ask(["Zhang", 1, None])
    assert [str(problem) for problem in caught.value.problems] == [
        "decision_makers[1]: must be a str, not an int",
        "decision_makers[2]: must be a str, not None",
    ]


@pytest.mark.parametrize(
    ("ask", "one"),
    [
        (lambda given: overdue(given, DAY), ACTION),
        (lambda given: action_status(given, DAY), ACTION),
        (by_potential, LEAD),
    ],
)
def test_records_are_given_as_a_list_of_them(ask: Callable[[object], object], one: object) -> None:
    for wrong in (None, one, "text", {"a": one}):
        with pytest.raises(ArgumentError, match=r"must be a list of (Action|Lead), not"):
            ask(wrong)
    with pytest.raises(ArgumentError) as caught:
        ask([one, None])
    assert [problem.path.partition("[")[2] for problem in caught.value.problems] == ["1]"]
    assert ask(iter([one])) is not None


def test_a_section_has_a_text_for_its_key_and_a_kind_that_there_is() -> None:
    for plan in (PLAN, TerritoryPlan(kind="territory", name="East")):
        with pytest.raises(ArgumentError, match="key must be a str, not a list"):
            plan.section(["a"])  # type: ignore[arg-type]
    with pytest.raises(UnknownName, match='Did you mean "tas_plan"'):
        PLAN.section("advice", kind="tas_plans")  # type: ignore[arg-type]
    with pytest.raises(UnknownName, match="no kind of plan of type list"):
        PLAN.section("advice", kind=["tas_plan"])  # type: ignore[arg-type]


def test_a_case_is_given_to_a_table_by_name() -> None:
    with pytest.raises(ArgumentError, match="known must be a mapping, not a list"):
        LEAD_GRADES.decide([])  # type: ignore[arg-type]


def test_advice_on_a_strategy_refuses_everything_that_it_cannot_read_at_once() -> None:
    with pytest.raises(ArgumentError) as caught:
        recommend_strategy(None, competitors=[["x"]], said="x", table=None)  # type: ignore[arg-type, list-item]
    assert [str(problem).partition(";")[0] for problem in caught.value.problems] == [
        "answers: must be a list of AnswerRecord, not None",
        "competitors[0]: must be a str, not a list",
        "said: must be a StrategyAssessment, not a str",
        "table: must be a DecisionTable, not None",
    ]
    with pytest.raises(ArgumentError, match='must not name "us"'):
        recommend_strategy(AHEAD, competitors=["us"], said=NOT_THERE)


def test_competitors_that_nobody_has_listed_are_not_taken_for_none() -> None:
    advice = recommend_strategy(AHEAD, said=NOT_THERE)
    assert advice.strategy is None
    assert advice.assessment.criteria_favour_us is None
    assert "frontal" in advice.possible
    assert "competitors: not listed yet" in str(advice.missing[0])
    assert "竞争对手：尚未列出" in advice.missing[0].get("zh")
    assert recommend_strategy(AHEAD, competitors=[], said=NOT_THERE).strategy == "frontal"


def test_those_who_have_a_sheet_are_the_competitors_where_nobody_has_listed_any() -> None:
    rival = [replaced(each, mark="-", about="Rival") for each in AHEAD]
    assert recommend_strategy([*AHEAD, *rival], said=NOT_THERE).strategy == "frontal"
