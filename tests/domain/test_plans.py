"""The opportunity plan and the territory plan: what they have, what they lack, what is late."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import salesflow as sf
from salesflow.domain import (
    Action,
    CompetitionPlan,
    DealTeam,
    KeyAccount,
    OpportunityPlan,
    Partner,
    PersonStrategy,
    PlanKind,
    PlanReview,
    PolicyFactor,
    Responsibility,
    RulesOfEngagement,
    StrategyAssessment,
    SupporterPlan,
    TerritoryPlan,
    overdue,
)
from salesflow.money import Money

FULL = OpportunityPlan(
    opportunity="D-1",
    kind="tas_plan",
    why_anything="Too many errors",
    why_now="An audit in June",
    return_on_investment="Paid back in 14 months",
    value="Half the errors",
    solution_strategy="Start with one line",
    policy_factors=(),
    compelling_issue="The audit",
    people=(PersonStrategy(person="Zhang", strategy="Show the numbers"),),
    supporters=(SupporterPlan(person="Liu", now="neutral", steps="Train her team"),),
    competition=CompetitionPlan(
        assessment=StrategyAssessment(we_are_there="yes"), chosen="defend", steps="Renew early"
    ),
    partners=(Partner(name="Builder", role="Integration", rules=RulesOfEngagement()),),
    actions=(Action(what="Meet the CFO", owner="li.wei", due_on=date(2026, 3, 1)),),
    team=DealTeam(
        members=(
            Responsibility(person="li.wei", roles=("sales_rep",), duties=("Plan",), agreed=True),
        )
    ),
)
KINDS: tuple[PlanKind, ...] = ("opportunity_plan", "tas_plan")


@pytest.mark.parametrize("kind", KINDS)
def test_a_plan_has_the_sections_of_the_instrument_that_the_size_policy_asks_for(
    kind: PlanKind,
) -> None:
    instrument = sf.load_playbook("optimized_sales_process").instruments[kind]
    plan = OpportunityPlan(opportunity="D-1", kind=kind)
    assert [each.key for each in plan.completeness().sections] == [
        section.key for section in instrument.sections
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_plan_lacks_everything_and_says_so_in_both_languages(kind: PlanKind) -> None:
    state = OpportunityPlan(opportunity="D-1", kind=kind).completeness()
    assert state.share == 0
    assert not any(each.complete for each in state.sections)
    assert all(text.en and text.zh for text in state.missing)


@pytest.mark.parametrize("kind", KINDS)
def test_a_full_plan_is_complete(kind: PlanKind) -> None:
    state = FULL.replaced(kind=kind).completeness(["Zhang"])
    assert state.missing == ()
    assert state.complete
    assert state.share == 1


def test_every_person_who_influences_the_decision_needs_a_strategy() -> None:
    state = FULL.completeness(["Zhang", "Chen"])
    section = state.section("relationship_strategy")
    assert section is not None
    assert [text.en for text in section.missing] == ["Say how we win Chen"]
    assert state.section("no_such_section") is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"policy_factors": None}, "Look for policies that may delay the project"),
        ({"policy_factors": (PolicyFactor(what="A law"),)}, "Say what is done about: A law"),
        ({"partners": None}, "Decide whether partners take part"),
        ({"partners": (Partner(name="B", role="R"),)}, "Make rules of engagement with B"),
        ({"partners": (Partner(name="B", rules=RulesOfEngagement()),)}, "Say what B does"),
        ({"actions": (Action(what="Go"),)}, "Say who does it: Go"),
        ({"supporters": (SupporterPlan(person="Liu"),)}, "Say how Liu becomes a supporter"),
        (
            {"competition": FULL.competition.replaced(steps=None)},
            "Say how the competitors' influence is reduced",
        ),
        ({"team": None}, "Say who is responsible for what"),
        (
            {"team": DealTeam(members=(Responsibility(person="A", roles=("r",)),))},
            "Say what A is responsible for",
        ),
        (
            {"competition": FULL.competition.replaced(chosen="frontal")},
            "Say why another strategy than the advised one is chosen",
        ),
    ],
)
def test_what_is_missing_is_said(changes: dict[str, object], expected: str) -> None:
    assert expected in [text.en for text in FULL.replaced(**changes).completeness().missing]


def test_a_done_action_needs_no_owner_any_more() -> None:
    done = Action(what="Go", done_on=date(2026, 1, 5))
    assert FULL.replaced(actions=(done,)).completeness().complete


def test_people_supporters_and_partners_stand_in_a_plan_once() -> None:
    with pytest.raises(ValidationError) as caught:
        OpportunityPlan.model_validate(
            {
                "opportunity": "D-1",
                "people": [{"person": "A"}, {"person": "A"}],
                "supporters": [{"person": "A"}, {"person": "A"}],
                "partners": [{"name": "A"}, {"name": "A"}],
                "approved_on": "2026-01-05",
            }
        )
    assert [each["loc"] for each in caught.value.errors()] == [
        ("people", 1, "person"),
        ("supporters", 1, "person"),
        ("partners", 1, "name"),
        ("approved_by",),
    ]


@given(st.lists(st.tuples(st.none() | st.dates(), st.booleans(), st.booleans())), st.dates())
def test_overdue_are_the_open_actions_of_days_before_today_oldest_first(
    given_actions: list[tuple[date | None, bool, bool]], today: date
) -> None:
    actions = [
        Action(what="Go", due_on=due, done_on=date(2026, 1, 5) if done else None, dropped=dropped)
        for due, done, dropped in given_actions
        if not (done and dropped)
    ]
    late = overdue(actions, today)
    days = [each.due_on for each in late if each.due_on is not None]
    assert len(days) == len(late)
    assert days == sorted(days)
    assert all(day < today for day in days)
    assert {id(each) for each in late} == {
        id(each) for each in actions if each.open and each.due_on and each.due_on < today
    }


def test_an_action_is_done_or_dropped() -> None:
    with pytest.raises(ValidationError, match="not both"):
        Action(what="Go", done_on=date(2026, 1, 5), dropped=True)


def test_a_territory_plan_is_complete_when_it_plans_more_than_the_target_and_is_approved() -> None:
    plan = TerritoryPlan(
        kind="territory",
        name="East",
        target=Money(100, "CNY"),
        planned=Money(120, "CNY"),
        market="Growing",
        accounts=(KeyAccount(name="Acme", projects=("Core banking",)),),
        partners=(),
        actions=(Action(what="Seminar", owner="li.wei", due_on=date(2026, 3, 1)),),
        presented_on=date(2026, 1, 5),
        approved_by="wang.fang",
        approved_on=date(2026, 1, 31),
    )
    assert plan.completeness().missing == ()
    assert plan.replaced(planned=plan.target).completeness().share == pytest.approx(5 / 6)
    assert [each.what for each in plan.overdue(date(2026, 3, 2))] == ["Seminar"]


def test_an_empty_territory_plan_lacks_everything() -> None:
    plan = TerritoryPlan(kind="partner", name="Builder")
    assert plan.completeness().share == 0
    assert plan.exceeds_target is None
    assert plan.next_review_on is None
    bare = plan.replaced(accounts=(KeyAccount(name="A"),), actions=(Action(what="Go"),))
    assert "List the projects of A that we want" in [t.en for t in bare.completeness().missing]


def test_a_territory_plan_is_looked_at_three_months_after_the_last_time() -> None:
    plan = TerritoryPlan(
        kind="account",
        name="Acme",
        reviews=(PlanReview(on=date(2025, 11, 30), by="wang.fang"),),
    )
    assert plan.next_review_on == date(2026, 2, 28)
    last = (PlanReview(on=date(9999, 12, 1), by="wang.fang"),)
    assert plan.replaced(reviews=last).next_review_on is None


def test_everything_wrong_with_a_territory_plan_is_said_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        TerritoryPlan.model_validate(
            {
                "kind": "territory",
                "name": "East",
                "starts_on": "2026-12-31",
                "ends_on": "2026-01-01",
                "accounts": [{"name": "A"}, {"name": "A"}],
                "target": {"amount": 1, "currency": "USD"},
                "planned": {"amount": 1, "currency": "CNY"},
                "approved_on": "2026-01-05",
            }
        )
    assert {each["loc"][0] for each in caught.value.errors()} == {
        "accounts",
        "ends_on",
        "planned",
        "approved_by",
    }
