"""The opportunity plan: what it has, what it lacks, what is late."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import ValidationError

import salesflow as sf
from salesflow.domain import (
    Action,
    Advice,
    CompetitionPlan,
    Competitor,
    CompetitorMove,
    Contact,
    DealTeam,
    OpportunityPlan,
    Partner,
    PersonStrategy,
    PlanKind,
    PolicyFactor,
    RelationshipPlan,
    Responsibility,
    RulesOfEngagement,
    StrategyAssessment,
    SupporterPlan,
)
from salesflow.domain._base.record import replaced
from salesflow.errors import ArgumentError, ClockError

RULES = RulesOfEngagement(
    enters_when="At the start",
    scope="Cabling",
    shared_information="Every Friday",
    conflicts="The managers decide",
)


FULL = OpportunityPlan(
    opportunity="D-1",
    kind="tas_plan",
    why_anything="Too many errors",
    why_now="An audit in June",
    return_on_investment="Paid back in 14 months",
    value="Half the errors",
    solution_strategy="Start with one line",
    advice=(Advice(by="chen.jing", said="Begin small"),),
    policy_factors=(),
    compelling_issue="The audit",
    people=(PersonStrategy(person="Zhang", strategy="Show the numbers"),),
    supporters=(SupporterPlan(person="Liu", now="neutral", steps="Train her team"),),
    competition=CompetitionPlan(
        assessment=StrategyAssessment(we_are_there="yes"),
        chosen="defend",
        steps="Renew early",
        competitors=(
            Competitor(name="Rival", strengths=("Cheap",), differences=("We are there",)),
        ),
    ),
    partners=(Partner(name="Builder", role="Integration", rules=RULES),),
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
    state = replaced(FULL, kind=kind).completeness(["Zhang"])
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
        ({"partners": (Partner(name="B", rules=RULES),)}, "Say what B does"),
        (
            {"partners": (Partner(name="B", role="R", rules=RulesOfEngagement()),)},
            "Make rules of engagement with B",
        ),
        (
            {"partners": (Partner(name="B", role="R", rules=replaced(RULES, conflicts=None)),)},
            "Agree what is done when we and B want the same",
        ),
        ({"advice": None}, "Ask our experts and the partners what they advise"),
        (
            {"competition": replaced(FULL.competition, competitors=None)},
            "Find out who else wants this deal",
        ),
        (
            {"competition": replaced(FULL.competition, competitors=(Competitor(name="R"),))},
            "Say where R is strong and where weak",
        ),
        (
            {"competition": replaced(FULL.competition, competitors=(Competitor(name="R"),))},
            "Say what sets us apart from R",
        ),
        (
            {
                "competition": replaced(
                    FULL.competition,
                    competitors=(Competitor(name="R", moves=(CompetitorMove(what="Cut prices"),)),),
                )
            },
            "Answer what R did: Cut prices",
        ),
        ({"actions": (Action(what="Go"),)}, "Say who does it: Go"),
        ({"supporters": (SupporterPlan(person="Liu"),)}, "Say how Liu becomes a supporter"),
        (
            {"competition": replaced(FULL.competition, steps=None)},
            "Say how the competitors' influence is reduced",
        ),
        ({"team": None}, "Say who is responsible for what"),
        (
            {"team": DealTeam(members=(Responsibility(person="A", roles=("r",)),))},
            "Say what A is responsible for",
        ),
        (
            {"competition": replaced(FULL.competition, chosen="frontal")},
            "Say why another strategy than the advised one is chosen",
        ),
    ],
)
def test_what_is_missing_is_said(changes: dict[str, object], expected: str) -> None:
    assert expected in [text.en for text in replaced(FULL, **changes).completeness().missing]


def test_each_missing_thing_says_where_it_belongs() -> None:
    plan = OpportunityPlan(
        opportunity="D-1",
        kind="tas_plan",
        policy_factors=(PolicyFactor(what="A"), PolicyFactor(what="B", response="C")),
        people=(PersonStrategy(person="Zhang"),),
        competition=CompetitionPlan(
            competitors=(Competitor(name="R", moves=(CompetitorMove(what="Cut prices"),)),)
        ),
        partners=(Partner(name="B", rules=RULES),),
        actions=(Action(what="Go", owner="li.wei"), Action(what="Come")),
        team=DealTeam(members=(Responsibility(person="A", roles=("r",), agreed=True),)),
    )
    paths = [gap.path for gap in plan.completeness(["Chen"]).missing]
    assert paths == [
        "why_anything",
        "why_now",
        "return_on_investment",
        "solution_strategy",
        "advice",
        "policy_factors[0].response",
        "compelling_issue",
        "people",
        "people[0].strategy",
        "supporters",
        "competition.competitors[0].strengths",
        "competition.competitors[0].differences",
        "competition.competitors[0].moves[0].answer",
        "competition.chosen",
        "partners[0].role",
        "value",
        "actions[0].due_on",
        "actions[1].owner",
        "actions[1].due_on",
        "team.members[0].duties",
    ]


def test_three_pages_ask_for_less_than_the_whole_plan_under_the_same_key() -> None:
    plan = OpportunityPlan(opportunity="D-1", solution_strategy="Start with one line")
    three, whole = (plan.section("solution_strategy", kind=kind) for kind in KINDS)
    assert three is not None
    assert whole is not None
    assert (three.complete, whole.complete) == (True, False)
    assert plan.section("weather") is None


def test_one_name_is_not_taken_for_several() -> None:
    with pytest.raises(ArgumentError, match="must be a list of str, not a str"):
        FULL.completeness("Zhang")


def test_a_strategy_for_a_person_begins_with_what_the_deal_says_of_them() -> None:
    zhang = Contact(name="Zhang", buying_role="economic_buyer", influence="high")
    plan = PersonStrategy.of(zhang, strategy="Show the numbers", influence="low")
    assert plan == PersonStrategy(
        person="Zhang", buying_role="economic_buyer", influence="low", strategy="Show the numbers"
    )
    with pytest.raises(ValidationError, match="no such field"):
        PersonStrategy.of(zhang, colour="red")


def test_a_done_action_needs_no_owner_any_more() -> None:
    done = Action(what="Go", done_on=date(2026, 1, 5))
    assert replaced(FULL, actions=(done,)).completeness().complete


def test_people_supporters_and_partners_stand_in_a_plan_once() -> None:
    with pytest.raises(ValidationError) as caught:
        OpportunityPlan.model_validate(
            {
                "opportunity": "D-1",
                "people": [{"person": "A"}, {"person": "A"}],
                "supporters": [{"person": "A"}, {"person": "A"}],
                "partners": [{"name": "A"}, {"name": "A"}],
                "made_on": "2026-01-05",
                "updated_on": "2026-01-04",
                "approved_on": "2026-01-05",
            }
        )
    assert [each["loc"] for each in caught.value.errors()] == [
        ("people", 1, "person"),
        ("supporters", 1, "person"),
        ("partners", 1, "name"),
        ("updated_on",),
        ("approved_by",),
    ]


def test_a_moment_stands_for_its_day_and_one_without_a_zone_is_refused() -> None:
    moment = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
    assert [each.what for each in FULL.overdue(moment)] == ["Meet the CFO"]
    assert FULL.overdue(moment - timedelta(hours=1)) == ()
    assert FULL.action_status(moment).today == date(2026, 3, 2)
    with pytest.raises(ClockError, match="today must have a zone"):
        FULL.overdue(datetime(2026, 3, 2))
    with pytest.raises(ArgumentError, match="today must be a day, not a str"):
        FULL.overdue("2026-03-02")  # type: ignore[arg-type]


def test_the_actions_of_a_relationship_plan_are_followed_as_well() -> None:
    plan = RelationshipPlan(customer="Acme", actions=FULL.actions)
    assert plan.action_status(date(2026, 3, 2)).overdue == FULL.actions
