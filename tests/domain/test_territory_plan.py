"""The territory plan: what it has, what it lacks, when it is reviewed."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from salesflow.domain import (
    Action,
    KeyAccount,
    Partner,
    PlanReview,
    TerritoryPlan,
)
from salesflow.domain._base.record import replaced
from salesflow.money import Money


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
    assert replaced(plan, planned=plan.target).completeness().share == pytest.approx(8 / 9)
    assert [each.what for each in plan.overdue(date(2026, 3, 2))] == ["Seminar"]


def test_an_account_plan_asks_for_the_follow_up_instead_of_marketing() -> None:
    plan = TerritoryPlan(kind="account", name="Acme")
    keys = [each.key for each in plan.completeness().sections]
    assert "follow_up" in keys
    assert "marketing" not in keys
    full = replaced(plan, services="Training", long_term="All their factories")
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
    bare = replaced(plan, accounts=(KeyAccount(name="A"),), actions=(Action(what="Go"),))
    assert "List the projects of A that we want" in [t.en for t in bare.completeness().missing]


def test_a_territory_plan_is_looked_at_three_months_after_the_last_time() -> None:
    plan = TerritoryPlan(
        kind="account",
        name="Acme",
        reviews=(PlanReview(on=date(2025, 11, 30), by="wang.fang"),),
    )
    assert plan.next_review_on == date(2026, 2, 28)
    last = (PlanReview(on=date(9999, 12, 1), by="wang.fang"),)
    assert replaced(plan, reviews=last).next_review_on is None


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
