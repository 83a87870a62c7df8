"""The contract beside its minutes, and what happens until acceptance."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from pydantic import ValidationError

from salesflow.domain import (
    AcceptanceItem,
    AcceptanceReport,
    ChangeRequest,
    Contract,
    NegotiationMinutes,
    Opportunity,
    Partner,
    PaymentTerm,
    ProgressReport,
    Record,
    Requirement,
    RequirementsList,
)
from salesflow.domain._base.record import replaced
from salesflow.money import Money


def refused(record: type[Record], fields: Mapping[str, object]) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        record.model_validate(fields)
    return {".".join(map(str, each["loc"])): each["type"] for each in caught.value.errors()}


def test_requirements_come_rigid_first_then_by_priority() -> None:
    needs = [
        Requirement(description="a"),
        Requirement(description="b", necessity="flexible", priority="high"),
        Requirement(description="c", necessity="rigid"),
        Requirement(description="d", necessity="rigid", priority="low"),
    ]
    listed = RequirementsList(
        customer="A",
        interviewed_at=datetime(2026, 1, 5, tzinfo=UTC),
        requirements=tuple(needs),
    )
    assert [each.description for each in listed.by_weight] == ["d", "c", "b", "a"]


def test_a_contract_is_held_against_its_minutes() -> None:
    thirds = (
        PaymentTerm(name="Prepaid", percent=Decimal(30), due="signing"),
        PaymentTerm(name="Rest", percent=Decimal(70), due="acceptance"),
    )
    minutes = NegotiationMinutes(
        number="M-1",
        customer="Acme",
        held_on=date(2026, 3, 2),
        price=Money("850000", "CNY"),
        payment=thirds,
    )
    contract = Contract(
        number="C-1",
        customer="Acme",
        amount=Money("850000.00", "CNY"),
        payment=thirds,
        minutes="M-1",
    )
    assert contract.differs_from(minutes) == ()
    assert replaced(contract, amount=Money(840_000, "CNY")).differs_from(minutes) == ("amount",)
    other = replaced(contract, customer="Acme Ltd", payment=thirds[::-1], minutes=None)
    assert other.differs_from(minutes) == ("customer", "minutes", "payment")
    silent = NegotiationMinutes(customer="Acme", held_on=date(2026, 3, 2))
    assert contract.differs_from(silent) == ()


def test_a_partner_pays_after_it_orders() -> None:
    dates = {"name": "P", "orders_on": "2026-05-01", "pays_on": "2026-04-30"}
    assert refused(Partner, dates) == {"pays_on": "pays_early"}
    assert Partner.model_validate({**dates, "pays_on": "2026-05-01"}).orders_on


def test_a_week_ends_after_it_began() -> None:
    week = {"subject": "C", "audience": "us", "from_on": "2026-03-08", "until_on": "2026-03-02"}
    assert refused(ProgressReport, week) == {"until_on": "until_early"}
    day = ProgressReport.model_validate({**week, "until_on": "2026-03-08", "next_steps": ["Test"]})
    assert day.missing == ("done", "told_to")


def test_a_change_is_decided_by_somebody_after_it_was_asked() -> None:
    change = {"contract": "C", "what": "A second line", "asked_on": "2026-03-02"}
    assert refused(ChangeRequest, {**change, "decided_on": "2026-03-01"}) == {
        "decision": "decision_missing",
        "decided_on": "decided_early",
    }
    assert refused(ChangeRequest, {**change, "decision": "refused"}) == {
        "decided_by": "decided_by_nobody"
    }
    open_one = ChangeRequest.model_validate({**change, "promised_before": "Nothing", "days": 5})
    assert not open_one.assessed
    assert replaced(open_one, cost=Money(0, "CNY")).assessed


def test_nobody_accepts_what_was_not_looked_at() -> None:
    items = (AcceptanceItem(title="Data"), AcceptanceItem(title="Audit", met=False))
    report = {"contract": "C", "customer": "A", "items": items}
    assert refused(AcceptanceReport, {**report, "accepted_by": "Zhang"}) == {
        "accepted_by": "accepted_unseen"
    }
    assert refused(AcceptanceReport, {**report, "accepted_on": "2026-03-02"}) == {
        "accepted_by": "accepted_by_nobody"
    }
    assert refused(AcceptanceReport, {**report, "items": items[:1] * 2}) == {
        "items.1.title": "title_twice"
    }
    assert [each.title for each in AcceptanceReport.model_validate(report).not_met] == ["Audit"]


def test_a_deal_names_each_competitor_and_each_partner_once_and_never_us() -> None:
    deal = {"id": "D", "name": "N"}
    assert refused(Opportunity, {**deal, "competitors": ["A", "us"], "partners": ["P", "P "]}) == {
        "competitors": "name_of_us",
        "partners": "name_twice",
    }
    assert Opportunity.model_validate(deal).competitors is None
    assert Opportunity.model_validate({**deal, "competitors": []}).competitors == ()
