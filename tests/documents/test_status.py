"""What the size policy asks for, and whether a plan is enough for it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import salesflow as sf
from salesflow.documents import PlanStatus, plan_status
from salesflow.domain import OpportunityPlan, TerritoryPlan
from salesflow.errors import ArgumentError, FactError, UnknownName
from salesflow.rules import Verdict
from tests.documents.reading import territory, three_pages, whole
from tests.domain.record_strategies import records

YES, NO, UNKNOWN = Verdict.YES, Verdict.NO, Verdict.UNKNOWN
FLAGSHIP = sf.load_playbook("optimized_sales_process")

TINY = """
id = "tiny"
version = "1"
title = "Tiny"
[[instruments]]
key = "paper"
title = "Strategy paper"
sections = [
  { key = "action_plan", title = "What we do" },
  { key = "weather", title = "The weather" },
]
[[instruments]]
key = "tas_plan"
title = "TAS plan"
[[instruments]]
key = "letter"
title = "A letter"
[[instruments]]
key = "territory"
title = "Territory plan"
sections = [{ key = "market", title = "The market" }]
[[size_policy]]
when = "amount > 100"
instruments = ["paper", "tas_plan", "letter"]
[[stages]]
key = "talk"
title = "Talk"
"""


def required(facts: dict[str, object]) -> dict[str, Verdict]:
    status = plan_status(three_pages("en"), FLAGSHIP, facts)
    return {each.instrument.key: each.required for each in status.instruments}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"amount": 40_000, "account.tier": "regular"}, (NO, NO, NO)),
        ({"amount": 50_000, "account.tier": "regular"}, (YES, NO, NO)),
        ({"amount": 100_000, "account.tier": "regular"}, (YES, NO, NO)),
        ({"amount": 100_001, "account.tier": "regular"}, (NO, YES, NO)),
        ({"amount": 1, "account.tier": "strategic"}, (NO, NO, YES)),
        ({"account.tier": "named"}, (NO, NO, YES)),
        ({"account.tier": "regular"}, (UNKNOWN, UNKNOWN, NO)),
        ({"amount": 100_001}, (NO, UNKNOWN, UNKNOWN)),
        ({}, (UNKNOWN, UNKNOWN, UNKNOWN)),
    ],
)
def test_the_size_policy_says_which_instruments_a_deal_needs(
    facts: dict[str, object], expected: tuple[Verdict, Verdict, Verdict]
) -> None:
    assert required(facts) == dict(
        zip(("tas_20", "opportunity_plan", "tas_plan"), expected, strict=True)
    )


def test_what_an_open_question_depends_on_is_said() -> None:
    status = plan_status(three_pages("en"), FLAGSHIP, {"amount": 120_000})
    assert status.instrument("tas_plan").depends_on == ("account.tier",)
    assert status.instrument("tas_20").depends_on == ()


def test_three_pages_are_enough_for_a_big_deal_and_not_for_a_key_account() -> None:
    plan = three_pages("en")
    big = plan_status(plan, FLAGSHIP, {"amount": 120_000, "account.tier": "regular"})
    key = plan_status(plan, FLAGSHIP, {"amount": 120_000, "account.tier": "named"})
    either = plan_status(plan, FLAGSHIP, {"amount": 120_000})

    assert (big.enough, key.enough, either.enough) == (YES, NO, UNKNOWN)
    assert big.missing == ()
    assert {gap.path for gap in key.missing} == {
        "return_on_investment",
        "advice",
        "policy_factors",
        "compelling_issue",
        "team",
    }
    assert all(gap.en and gap.zh for gap in key.missing)


def test_the_whole_plan_is_enough_for_both() -> None:
    for tier in ("regular", "named"):
        facts = {"amount": 120_000, "account.tier": tier}
        assert plan_status(whole("zh"), FLAGSHIP, facts).enough is YES


def test_sections_have_the_titles_of_the_playbook() -> None:
    status = plan_status(three_pages("en"), FLAGSHIP, {}).instrument("opportunity_plan")
    assert status.sections[0].title.get("en") == "Business drivers: why do anything, why now"
    assert {each.complete for each in status.sections} == {YES}


def test_a_person_who_decides_and_has_no_strategy_makes_the_section_incomplete() -> None:
    status = plan_status(three_pages("en"), FLAGSHIP, {}, decision_makers=["Ms Chen"])
    section = status.instrument("opportunity_plan").sections[3]
    assert (section.key, section.complete) == ("relationship_strategy", NO)
    assert [str(gap) for gap in section.missing] == ["Say how we win Ms Chen"]


@pytest.mark.parametrize(
    ("asked", "complete", "missing"),
    [
        (20, YES, []),
        (18, NO, ["Ask the questions that are left: 2 of 20"]),
        (None, UNKNOWN, []),
        ("many", UNKNOWN, []),
    ],
)
def test_an_instrument_with_a_checklist_is_complete_when_everything_was_asked(
    asked: object, complete: Verdict, missing: list[str]
) -> None:
    facts = {"amount": 60_000, "account.tier": "regular", "tas.asked": asked}
    status = plan_status(three_pages("en"), FLAGSHIP, facts)
    assert status.instrument("tas_20").complete is complete
    assert status.enough is complete
    assert [str(gap) for gap in status.missing] == missing


def test_the_facts_of_a_deal_are_what_it_is_asked_with() -> None:
    deal = sf.Opportunity(
        id="D-1",
        name="Data",
        amount=sf.Money("120000", "USD"),
        account=sf.Account(name="Acme", tier="regular"),
    )
    facts = sf.facts_of(deal, FLAGSHIP, at=datetime(2026, 3, 1, tzinfo=UTC))
    assert plan_status(three_pages("en"), FLAGSHIP, facts).enough is YES


def test_sections_and_instruments_that_a_plan_does_not_know_are_told() -> None:
    playbook = sf.Playbook.from_toml(TINY)
    status = plan_status(whole("en"), playbook, {"amount": 200})

    paper = status.instrument("paper")
    assert [each.complete for each in paper.sections] == [YES, UNKNOWN]
    assert [(gap.path, str(gap)) for gap in paper.missing] == [
        ("weather", 'This plan has no section "weather": look for it elsewhere')
    ]
    assert paper.complete is UNKNOWN

    own = status.instrument("tas_plan")  # without sections of its own it has those of the kind
    assert len(own.sections) == 11
    assert own.complete is YES

    assert status.instrument("letter").complete is UNKNOWN
    assert status.enough is UNKNOWN
    assert status.instrument("territory").required is NO
    with pytest.raises(UnknownName, match="Did you mean"):
        status.instrument("leter")


@pytest.mark.parametrize(("done", "complete"), [(True, YES), (False, NO), (None, UNKNOWN)])
def test_an_instrument_with_neither_sections_nor_checklist_is_complete_by_its_fact(
    done: bool | None, complete: Verdict
) -> None:
    facts = {"amount": 200, "done.letter": done}
    status = plan_status(whole("en"), sf.Playbook.from_toml(TINY), facts)
    assert status.instrument("letter").complete is complete


def test_a_territory_plan_is_asked_by_the_same_keys() -> None:
    playbook = sf.Playbook.from_toml(TINY)
    assert plan_status(territory("en"), playbook, {}).instrument("territory").complete is YES
    empty = TerritoryPlan(kind="territory", name="East")
    assert plan_status(empty, playbook, {}).instrument("territory").complete is NO


def test_everything_that_cannot_be_read_is_refused_at_once() -> None:
    plan = three_pages("en")
    with pytest.raises(ArgumentError) as caught:
        plan_status({}, "flagship", [], decision_makers="Zhang", as_of="today", tz="Mars")  # type: ignore[arg-type]
    assert [str(problem).partition(";")[0] for problem in caught.value.problems] == [
        "plan: must be an OpportunityPlan or a TerritoryPlan, not a dict",
        "playbook: must be a Playbook, not a str",
        "facts: must be a mapping, not a list",
        "decision_makers: must be a list of str, not a str",
        "tz: must name a time zone, not 'Mars'",
        "as_of: must be a day, not a str",
    ]
    with pytest.raises(FactError):
        plan_status(plan, FLAGSHIP, {"amount": "much"})


facts = st.fixed_dictionaries(
    {},
    optional={
        "amount": st.sampled_from([0, 49_999, 50_000, 100_000, 100_001]),
        "account.tier": st.sampled_from(["regular", "named", "strategic"]),
        "tas.asked": st.integers(0, 20),
    },
)


@settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)
@given(records(OpportunityPlan), facts)
def test_a_yes_or_a_no_stays_whatever_is_learned_of_the_deal(
    plan: OpportunityPlan, known: dict[str, object]
) -> None:
    def status(more: dict[str, object]) -> PlanStatus:
        return plan_status(plan, FLAGSHIP, more, as_of=date(2026, 3, 1))

    verdict = status(known).enough
    amounts = [known["amount"]] if "amount" in known else [1_000, 60_000, 120_000]
    tiers = [known["account.tier"]] if "account.tier" in known else ["regular", "named"]
    for amount, tier in product(amounts, tiers):
        full = status({**known, "amount": amount, "account.tier": tier})
        assert verdict in (UNKNOWN, full.enough)
        assert all(each.required is not UNKNOWN for each in full.instruments)
        needed = [each for each in full.instruments if each.required is YES]
        assert (full.enough is YES) == all(each.complete is YES for each in needed)
