"""The opportunity plan and the territory plan: what they have, what they lack, what is late."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
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
    KeyAccount,
    OpportunityPlan,
    Partner,
    PersonStrategy,
    PlanKind,
    PlanReview,
    PolicyFactor,
    RelationshipPlan,
    Responsibility,
    RulesOfEngagement,
    StrategyAssessment,
    SupporterPlan,
    TerritoryPlan,
    action_status,
    overdue,
)
from salesflow.errors import ArgumentError, ClockError
from salesflow.money import Money

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
        ({"partners": (Partner(name="B", rules=RULES),)}, "Say what B does"),
        (
            {"partners": (Partner(name="B", role="R", rules=RulesOfEngagement()),)},
            "Make rules of engagement with B",
        ),
        (
            {"partners": (Partner(name="B", role="R", rules=RULES.replaced(conflicts=None)),)},
            "Agree what is done when we and B want the same",
        ),
        ({"advice": None}, "Ask our experts and the partners what they advise"),
        (
            {"competition": FULL.competition.replaced(competitors=None)},
            "Find out who else wants this deal",
        ),
        (
            {"competition": FULL.competition.replaced(competitors=(Competitor(name="R"),))},
            "Say where R is strong and where weak",
        ),
        (
            {"competition": FULL.competition.replaced(competitors=(Competitor(name="R"),))},
            "Say what sets us apart from R",
        ),
        (
            {
                "competition": FULL.competition.replaced(
                    competitors=(Competitor(name="R", moves=(CompetitorMove(what="Cut prices"),)),)
                )
            },
            "Answer what R did: Cut prices",
        ),
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
    assert FULL.replaced(actions=(done,)).completeness().complete


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


some_actions = st.lists(
    st.builds(
        Action,
        what=st.just("Go"),
        owner=st.sampled_from([None, "li.wei", "wang.fang"]),
        due_on=st.none() | st.dates(),
        done_on=st.none() | st.dates(),
    )
    | st.builds(Action, what=st.just("Go"), dropped=st.just(value=True)),
    max_size=8,
)


@given(some_actions, st.dates())
def test_every_action_is_open_or_done_or_dropped_and_every_open_one_has_its_place(
    actions: list[Action], today: date
) -> None:
    status = action_status(actions, today)
    assert sorted(map(repr, (*status.open, *status.done, *status.dropped))) == sorted(
        map(repr, actions)
    )
    assert status.overdue == overdue(actions, today)
    assert sum(len(owned) for owned in status.by_owner.values()) == len(status.open)
    assert status.by_owner.get(None, ()) == status.without_owner
    dated = [each.due_on for each in status.open if each.due_on is not None]
    assert dated == sorted(dated)
    assert status.open[len(dated) :] == status.without_date
    assert [each.done_on for each in status.done] == sorted(
        each.done_on for each in actions if each.done_on is not None
    )


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
        strategy="Begin where an audit has a date",
        challenge="Too few engineers",
        accounts=(KeyAccount(name="Acme", projects=("Core banking",)),),
        partners=(),
        marketing=("A seminar",),
        resources="One engineer",
        actions=(Action(what="Seminar", owner="li.wei", due_on=date(2026, 3, 1)),),
        presented_on=date(2026, 1, 5),
        approved_by="wang.fang",
        approved_on=date(2026, 1, 31),
    )
    assert plan.completeness().missing == ()
    assert plan.replaced(planned=plan.target).completeness().share == pytest.approx(8 / 9)
    assert [each.what for each in plan.overdue(date(2026, 3, 2))] == ["Seminar"]


def test_an_account_plan_asks_for_the_follow_up_instead_of_marketing() -> None:
    plan = TerritoryPlan(kind="account", name="Acme")
    keys = [each.key for each in plan.completeness().sections]
    assert "follow_up" in keys
    assert "marketing" not in keys
    full = plan.replaced(services="Training", long_term="All their factories")
    section = full.section("follow_up")
    assert section is not None
    assert section.complete
    assert plan.section("weather") is None


def test_a_partner_without_role_and_strengths_is_not_planned() -> None:
    plan = TerritoryPlan(kind="partner", name="Builder", partners=(Partner(name="Builder"),))
    paths = [gap.path for gap in plan.completeness().missing]
    assert {"partners[0].role", "partners[0].strengths"} <= set(paths)


def test_a_review_that_is_late_is_missing_on_the_day_that_is_given() -> None:
    plan = TerritoryPlan(
        kind="territory",
        name="East",
        presented_on=date(2026, 1, 5),
        approved_by="wang.fang",
        approved_on=date(2026, 1, 31),
    )
    for today, missing in (
        (None, []),
        (date(2026, 4, 30), []),
        (date(2026, 5, 1), ["Review the plan: this was due on 2026-04-30"]),
    ):
        section = plan.section("approval", today=today)
        assert section is not None
        assert [str(gap) for gap in section.missing] == missing


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
                "partners": [{"name": "A"}, {"name": "A"}],
                "target": {"amount": 1, "currency": "USD"},
                "planned": {"amount": 1, "currency": "CNY"},
                "approved_on": "2026-01-05",
            }
        )
    assert {each["loc"][0] for each in caught.value.errors()} == {
        "accounts",
        "partners",
        "ends_on",
        "planned",
        "approved_by",
    }
