"""Records of a deal that is in order, by the group of facts that they answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from salesflow.domain import (
    Action,
    Advantage,
    Advice,
    CompetitionPlan,
    Competitor,
    Contact,
    Contract,
    DealTeam,
    FilingStatus,
    KeyAccount,
    OpportunityPlan,
    Partner,
    PersonStrategy,
    PlanKind,
    ProcurementCriterion,
    ProcurementProcess,
    ProcurementStep,
    Record,
    RelationshipMap,
    Responsibility,
    Risk,
    RiskRegister,
    RulesOfEngagement,
    Solution,
    StrategyAssessment,
    SupporterPlan,
    TerritoryPlan,
    WinLossReview,
)
from salesflow.money import Money


def account_plan(on: date) -> TerritoryPlan:
    """Written, presented and approved on a day."""
    return TerritoryPlan(
        kind="account",
        name="Acme",
        owner="li.wei",
        target=Money(1_000_000, "USD"),
        planned=Money(1_200_000, "USD"),
        market="The industry renews its systems",
        strategy="Begin where an audit has a date",
        challenge="Too few engineers",
        accounts=(KeyAccount(name="Acme", projects=("Core banking",)),),
        partners=(
            Partner(name="Builder", role="Sells and integrates", strengths=("Knows the bank",)),
        ),
        services="Training for the operators",
        long_term="The standard of their group",
        resources="One engineer from March on",
        actions=(Action(what="Seminar", owner="li.wei", due_on=on + timedelta(days=30)),),
        presented_on=on,
        approved_by="wang.fang",
        approved_on=on,
    )


def procurement(on: date) -> ProcurementProcess:
    """Steps, criteria, budget, and the day of the decision."""
    return ProcurementProcess(
        customer="Acme",
        way="Invitation to three suppliers",
        budget="In this year's plan of the IT department",
        decision_on=on + timedelta(days=90),
        steps=(ProcurementStep(title="Short list"), ProcurementStep(title="Board decision")),
        criteria=(ProcurementCriterion(title="References in banking", required=True, met=True),),
    )


def plan_to_win(on: date, kind: PlanKind = "tas_plan") -> OpportunityPlan:
    """Whole, approved, and written on a day."""
    return OpportunityPlan(
        opportunity="D-1",
        kind=kind,
        why_anything="Too many errors",
        why_now="An audit in June",
        return_on_investment="Paid back in 14 months",
        value="Half the errors",
        solution_strategy="Start with one branch",
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
        partners=(
            Partner(
                name="Builder",
                role="Sells and integrates",
                rules=RulesOfEngagement(
                    enters_when="At the start",
                    scope="Integration",
                    shared_information="Every Friday",
                    conflicts="The managers decide",
                ),
            ),
        ),
        actions=(Action(what="Meet the CFO", owner="li.wei", due_on=on + timedelta(days=14)),),
        team=DealTeam(
            members=(
                Responsibility(
                    person="li.wei", roles=("sales_rep",), duties=("Plan",), agreed=True
                ),
            )
        ),
        made_on=on,
        updated_on=on,
        approved_by="wang.fang",
        approved_on=on,
    )


def people() -> RelationshipMap:
    """Those who decide were talked with, and one of the customer's managers helps us."""
    return RelationshipMap(
        customer="Acme",
        contacts=(
            Contact(name="Zhang", buying_role="economic_buyer", coverage="brief"),
            Contact(name="Chen", buying_role="business_lead", coverage="multiple"),
            Contact(name="Liu", buying_role="inside_supporter", coverage="in_depth"),
        ),
    )


def solution() -> Solution:
    """What it gains the customer is said in figures."""
    return Solution(
        title="One core",
        advantages=(Advantage(claim="Fewer errors", amount=Decimal(50), unit="%"),),
    )


def risks() -> RiskRegister:
    """The one risk has an answer."""
    late = Risk(
        key="late_building",
        description="The computer room is late",
        response="reduce",
        countermeasure="Begin in the old one",
        owner="li.wei",
    )
    return RiskRegister(opportunity="D-1", risks=(late,))


def reseller(on: date) -> Partner:
    """It has promised when it orders and pays."""
    return Partner(
        name="Builder",
        role="Sells and integrates",
        orders_on=on + timedelta(days=30),
        pays_on=on + timedelta(days=60),
    )


def contract(on: date, filing: FilingStatus = "filed") -> Contract:
    """Signed by both on a day."""
    return Contract(
        number="C-1",
        customer="Acme",
        amount=Money(120_000, "USD"),
        signed_on=on,
        signed_by_us="wang.fang",
        signed_by_customer="Zhang",
        filing=filing,
    )


def case_of_a_win(on: date) -> WinLossReview:
    """Reviewed on a day."""
    return WinLossReview(opportunity="D-1", outcome="won", reviewed_on=on)


SOUND: Final[dict[str, Callable[[date], Record]]] = {
    "territory": account_plan,
    "procurement": procurement,
    "plan": plan_to_win,
    "opportunity_plan": lambda on: plan_to_win(on, "opportunity_plan"),
    "people": lambda _: people(),
    "solution": lambda _: solution(),
    "risks": lambda _: risks(),
    "partner": reseller,
    "contract": contract,
    "signed_contract": lambda on: contract(on, "in_review"),
    "win_loss_review": case_of_a_win,
}
"""For each group of facts a record that answers them as a gate wants, as it is on a day; and the
plan of three pages, where `plan` is the whole one, and a contract that is not filed yet."""


def with_records(records: Iterable[Record], new: Iterable[Record]) -> tuple[Record, ...]:
    """The records, each new one in the place of those of its class."""
    new = tuple(new)
    replaced = {type(item) for item in new}
    return (*(item for item in records if type(item) not in replaced), *new)
