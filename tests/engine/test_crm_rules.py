"""The 41 validation rules of a CRM in use, said by the means of a playbook's file.

The table says of each what it means, where in `tests/playbook/crm_rules.toml` it stands, what is
left of it, and shows a situation on either side of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import fields as dataclass_fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest

import salesflow as sf
from salesflow.domain._base.record import replaced
from salesflow.engine._gates import fields_by_name
from salesflow.playbook import lint_file

FILE = Path(__file__).parent.parent / "playbook" / "crm_rules.toml"
ENGINE = sf.StageEngine(sf.Playbook.from_file(FILE))
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TEAM = {
    "rob": "rep",
    "mia": "sales_manager",
    "dan": "direct_manager",
    "ben": "benefits_manager",
    "fay": "fulfilment",
    "ops": "sales_ops",
    "app": "app",
    "ann": "admin",
}
PLAIN: Mapping[str, object] = {
    "kind": "payroll",
    "account.reseller": False,
    "account.routed": False,
    "account.open_payroll": 0,
    "account.open_upgrades": "none",
    "cross_sell": False,
    "correctable_until": "2026-05-31",
}
"""A deal of which no rule asks anything."""

Outcome = Literal["won", "lost", "disqualified"]


@dataclass(frozen=True)
class At:
    """A deal and what somebody does to it."""

    command: sf.Command
    stage: str = "contact"
    outcome: Outcome | None = None
    deal: Mapping[str, object] = field(default_factory=dict)
    facts: Mapping[str, object] = field(default_factory=dict)

    def blockers(self) -> tuple[sf.Blocker, ...]:
        deal = sf.Opportunity.model_validate(
            {
                "id": "D-1",
                "name": "Bakery",
                "owner": "olga",
                "source": "fair",
                "amount": {"amount": "1000", "currency": "USD"},
                "expected_close_on": "2026-03-31",
                "team": TEAM,
                **self.deal,
                "facts": {**PLAIN, **self.facts},
            }
        )
        if not isinstance(self.command, sf.Start | sf.Adopt):
            day = date(2026, 2, 1)
            adopt = sf.Adopt(by="ann", stage=self.stage, entered_on=day, outcome=self.outcome)
            deal = ENGINE.decide(deal, adopt, at=NOW).require()
        command = self.command
        if isinstance(command, sf.Amend) and "facts" in command.changes:
            changed: Any = command.changes["facts"]  # an amendment gives all facts of a deal anew
            facts = {"facts": {**deal.facts, **changed}}
            command = replaced(command, changes={**command.changes, **facts})
        return ENGINE.decide(deal, command, at=NOW + timedelta(hours=1)).blockers


def say(by: str, **facts: object) -> sf.Amend:
    """An amendment of facts; two underlines stand for a dot."""
    named = {name.replace("__", "."): value for name, value in facts.items()}
    return sf.Amend.model_validate({"by": by, "changes": {"facts": named}})


def amend(by: str, **changes: object) -> sf.Amend:
    return sf.Amend.model_validate({"by": by, "changes": changes})


def dollars(amount: int) -> dict[str, object]:
    return {"amount": str(amount), "currency": "USD"}


def lose(by: str, reason: str, note: str | None = None) -> sf.Lose:
    return sf.Lose(by=by, reason=reason, note=note)


NEW_PLAN = {"kind": "new_plan"}
TAX = {"kind": "tax_credit"}
RENEWAL = {"kind": "renewal"}
UPGRADE = {"kind": "upgrade", "upgrade_to": "tier"}
OUT = "off_the_books"
ADMIN = ("role", "admin")


@dataclass(frozen=True)
class Case:
    """One rule.

    Attributes:
        meaning: What it asks for.
        where: Where the file says it.
        refused: What it stands in the way of.
        key: The code and the key of the blocker.
        accepted: The nearest that it lets pass.
        left: What of it the file does not say, and why.
        beside: What else stands in the way of it.
    """

    meaning: str
    where: str
    refused: At
    key: tuple[str, str]
    accepted: At
    left: str = ""
    beside: frozenset[tuple[str, str]] = frozenset()


RULES = (
    Case(
        "A tax credit is lost with a second detail, unless the reason says all.",
        "reasons.not_now",
        At(lose("rob", "not_now"), facts=TAX),
        ADMIN,
        At(lose("rob", "out_of_business"), facts=TAX),
    ),
    Case(
        "A tax credit is won with its type.",
        "typed",
        At(sf.Win(by="rob"), "confirmed", facts=TAX),
        ("computed", "typed"),
        At(sf.Win(by="rob"), "confirmed", facts={**TAX, "tax_type": "research"}),
        left="it is asked of everybody and not of one team: a criterion is of the deal",
    ),
    Case(
        "The count of completed flows is never negative.",
        "facts.flows_completed",
        At(say("ann", flows_completed=-1)),
        ("fact_value", "flows_completed"),
        At(say("rob", flows_completed=0)),
    ),
    Case(
        "A pitch has notes.",
        "policy.fields.pitch",
        At(say("rob", pitch="interested")),
        ADMIN,
        At(say("rob", pitch="interested", pitch_notes="Likes it")),
    ),
    Case(
        "Sales do not change the close date of a won deal.",
        "policy.fields.expected_close_on",
        At(amend("rob", expected_close_on="2026-04-30"), "confirmed", "won"),
        ADMIN,
        At(amend("rob", expected_close_on="2026-04-30"), "confirmed"),
    ),
    Case(
        "A won deal stays won.",
        "policy.retract",
        At(sf.Retract(by="mia", note="A typing error"), "confirmed", "won"),
        ADMIN,
        At(
            sf.Retract(by="mia", note="A typing error"),
            "confirmed",
            "won",
            facts={"kind": "alliance"},
        ),
    ),
    Case(
        "An expansion is won by administrators and sales operations.",
        "policy.win",
        At(sf.Win(by="mia"), "confirmed", facts={"kind": "expansion"}),
        ADMIN,
        At(sf.Win(by="ops"), "confirmed", facts={"kind": "expansion"}),
    ),
    Case(
        "The amount of a won deal is fixed.",
        "policy.fields.amount",
        At(amend("mia", amount=dollars(2)), "confirmed", "won"),
        ADMIN,
        At(amend("mia", amount=dollars(2)), "confirmed", "won", facts=RENEWAL),
    ),
    Case(
        "The discount of a closed deal is fixed.",
        "policy.fields.discount",
        At(say("mia", discount=5), "discovery", "lost"),
        ADMIN,
        At(say("mia", discount=5), "discovery"),
    ),
    Case(
        "The headcount of a closed deal is fixed.",
        "policy.fields.contractors",
        At(say("mia", contractors=5), "discovery", "lost"),
        ADMIN,
        At(say("ann", contractors=5), "discovery", "lost"),
    ),
    Case(
        "A deal with an invoice is not taken off the books.",
        "policy.disqualify",
        At(sf.Disqualify(by="ann", reason=OUT), facts={"invoice": "I-7"}),
        ("computed", "disqualify>"),
        At(sf.Disqualify(by="rob", reason=OUT)),
    ),
    Case(
        "Another reason for a loss is put into words.",
        "reasons.other",
        At(lose("rob", "other")),
        ("note_missing", "other"),
        At(lose("rob", "other", "The founder retires")),
        left="it is asked of administrators, too",
    ),
    Case(
        "A deal about benefits is confirmed by the app.",
        "onboarded",
        At(sf.Attest(by="bea", criterion="onboarded"), "payroll_pending", facts=NEW_PLAN),
        ("role", "app"),
        At(sf.Attest(by="app", criterion="onboarded"), "payroll_pending", facts=NEW_PLAN),
    ),
    Case(
        "No upgrade is begun while a payroll deal is open.",
        "policy.start",
        At(sf.Start(by="rob"), facts={**UPGRADE, "account.open_payroll": 1}),
        ADMIN,
        At(sf.Start(by="rob"), facts=UPGRADE),
    ),
    Case(
        "A renewal is escalated with a reason and details.",
        "policy.fields.escalated",
        At(say("ann", escalated=True), facts=RENEWAL),
        ("computed", "fields.escalated>"),
        At(
            say("rob", escalated=True, escalation_reason="Price", escalation_details="Up 9 %"),
            facts=RENEWAL,
        ),
    ),
    Case(
        "Free months are given by managers of direct sales.",
        "policy.fields.free_months",
        At(say("mia", free_months=2)),
        ("role", "direct_manager"),
        At(say("dan", free_months=2)),
    ),
    Case(
        "Free months are for customers who came by themselves.",
        "policy.fields.free_months_wanted",
        At(say("rob", free_months_wanted=2), deal={"source": "partner referral"}),
        ADMIN,
        At(say("rob", free_months_wanted=2)),
    ),
    Case(
        "A call that was handed over has somebody who took it.",
        "policy.fields.handed_over_live",
        At(say("rob", handed_over_live=True), deal={"source": "onboarding"}),
        ("computed", "fields.handed_over_live>"),
        At(say("rob", handed_over_live=True, taken_by="bea"), deal={"source": "onboarding"}),
    ),
    Case(
        "A discount is never negative.",
        "facts.discount",
        At(say("ann", discount=-1)),
        ("fact_value", "discount"),
        At(say("rob", discount=0)),
    ),
    Case(
        "The number of employees is never negative.",
        "facts.employees",
        At(say("ann", employees=-1)),
        ("fact_value", "employees"),
        At(say("rob", employees=0)),
    ),
    Case(
        "An order form has a version.",
        "policy.fields.order_form",
        At(say("ann", order_form=True)),
        ("computed", "fields.order_form>"),
        At(say("rob", order_form=True, order_form_version="3")),
    ),
    Case(
        "The benefits team gives no deal back to routing.",
        "policy.fields.owner[3]",
        At(amend("bea", owner="routing"), facts={"kind": "aftercare"}),
        ("role", "rep"),
        At(amend("ops", owner="routing"), facts={"kind": "aftercare"}),
        left="the roles that may are listed, for a permission names no role that may not",
    ),
    Case(
        "A deal that waits for payroll is won once the account runs payroll.",
        "payroll_runs",
        At(sf.Advance(by="bea"), "payroll_pending", facts=NEW_PLAN),
        ("computed", "payroll_runs"),
        At(
            sf.Advance(by="bea"),
            "payroll_pending",
            facts={"kind": "reimbursement"},
        ),
        beside=frozenset({("attested", "onboarded")}),
    ),
    Case(
        "Amount and headcount are fixed after the third month from the win.",
        "policy.fields.amount[2]",
        At(
            amend("mia", amount=dollars(2)),
            "confirmed",
            "won",
            facts={"correctable_until": "2026-02-28"},
        ),
        ADMIN,
        At(amend("ann", amount=dollars(2)), "confirmed", "won"),
        left="the application says the last day: rules do no arithmetic with months",
    ),
    Case(
        "The user that imports data gives no deal to itself.",
        "policy.fields.owner[4]",
        At(amend("robot", owner="robot"), deal={"owner": "routing"}),
        ("role", "rep"),
        At(amend("rob", owner="robot"), deal={"owner": "routing"}),
        beside=frozenset({("role_for_oneself", "team")}),
    ),
    Case(
        "No deal begins as a won one.",
        "policy.adopt",
        At(sf.Adopt(by="rob", stage="confirmed", entered_on=date(2026, 2, 1), outcome="won")),
        ADMIN,
        At(
            sf.Adopt(by="rob", stage="confirmed", entered_on=date(2026, 2, 1), outcome="won"),
            facts={"upgrade_to": "pay_abroad"},
        ),
        left="whoever takes over no won deal has to be an administrator, too",
    ),
    Case(
        "A confirmed deal does not go back.",
        "policy.back",
        At(sf.MoveTo(by="mia", stage="discovery"), "confirmed", facts=RENEWAL),
        ADMIN,
        At(sf.MoveTo(by="mia", stage="discovery"), "confirmed"),
    ),
    Case(
        "A deal is handed over by its owner while it is open, and by managers.",
        "policy.fields.owner",
        At(amend("rob", owner="mia")),
        ("role", "deal_owner"),
        At(amend("olga", owner="mia")),
    ),
    Case(
        "Exceptions are approved and rejected by managers.",
        "policy.fields.exception",
        At(say("rob", exception="approved")),
        ("role", "sales_manager"),
        At(say("rob", exception="asked")),
        left="what a new deal comes with is the application's to say",
    ),
    Case(
        "An approval is asked for with details.",
        "policy.fields.approval_asked",
        At(say("rob", approval_asked="Price")),
        ADMIN,
        At(say("rob", approval_asked="Price", approval_detail="9 % off")),
    ),
    Case(
        "An escalation is asked for with details.",
        "policy.fields.escalation",
        At(say("rob", escalation="Carrier")),
        ADMIN,
        At(say("rob", escalation="Carrier", escalation_details="No answer")),
    ),
    Case(
        "A renewal that is lost for an open reason says more.",
        "reasons.not_now",
        At(lose("rob", "not_now"), facts=RENEWAL),
        ADMIN,
        At(lose("rob", "not_now"), facts={**RENEWAL, "loss_context": "Next year"}),
    ),
    Case(
        "A renewal is lost for a reason, and an order that was lost has its own.",
        "reasons.order_lost",
        At(lose("rob", "order_lost"), "commit", facts=RENEWAL),
        ("not_from_here", "reasons.order_lost"),
        At(lose("rob", "order_lost"), "confirmed", facts=RENEWAL),
    ),
    Case(
        "Nothing is sold to resellers, but tax credits in partnership.",
        "policy.start",
        At(sf.Start(by="rob"), facts={"account.reseller": True}),
        ADMIN,
        At(
            sf.Start(by="rob"),
            deal={"source": "partnership"},
            facts={**TAX, "account.reseller": True},
        ),
    ),
    Case(
        "Products of a won deal about benefits are changed by fulfilment.",
        "policy.fields.products",
        At(say("bea", products=10), "confirmed", "won", facts=NEW_PLAN),
        ADMIN,
        At(say("fay", products=10), "confirmed", "won", facts=NEW_PLAN),
    ),
    Case(
        "Deals of the app are taken off the books by managers.",
        "reasons.off_the_books",
        At(sf.Disqualify(by="rob", reason=OUT), facts={"source_id": "7"}),
        ("role", "benefits_manager"),
        At(sf.Disqualify(by="ben", reason=OUT), facts={"source_id": "7"}),
    ),
    Case(
        "What was taken off the books stays so.",
        "policy.retract",
        At(sf.Retract(by="mia", note="A typing error"), "discovery", "disqualified"),
        ADMIN,
        At(sf.Retract(by="mia", note="A typing error"), "discovery", "disqualified", facts=RENEWAL),
    ),
    Case(
        "An order that was lost stays so.",
        "policy.retract",
        At(sf.Retract(by="mia", note="A typing error"), "confirmed", "lost"),
        ADMIN,
        At(
            sf.Retract(by="mia", note="A typing error"),
            "confirmed",
            "lost",
            facts={"source_id": "7"},
        ),
    ),
    Case(
        "No second upgrade of one kind is open.",
        "policy.start",
        At(sf.Start(by="rob"), facts={**UPGRADE, "account.open_upgrades": "tier"}),
        ADMIN,
        At(sf.Start(by="rob"), facts={**UPGRADE, "account.open_upgrades": "employer_of_record"}),
        left="the application counts the open deals: a rule sees one deal",
    ),
    Case(
        "Payroll is won by the app, and benefits from nowhere but confirmed.",
        "won_in_app",
        At(sf.Win(by="rob"), "confirmed"),
        ("attested", "won_in_app"),
        At(sf.Attest(by="app", criterion="won_in_app"), "confirmed"),
    ),
    Case(
        "The company id is that of the account.",
        "policy.fields.company_id",
        At(say("ann", company_id="8"), facts={"account.company_id": "7"}),
        ("computed", "fields.company_id>"),
        At(say("rob", company_id="7"), facts={"account.company_id": "7"}),
    ),
)


def found(case: At) -> list[tuple[str, str]]:
    return [(blocker.code, blocker.key.split(",", maxsplit=1)[0]) for blocker in case.blockers()]


def test_the_table_has_all_rules_and_the_file_is_clean() -> None:
    assert len(RULES) == 41
    assert lint_file(FILE) == ()


def test_the_table_says_where_each_rule_stands() -> None:
    book = ENGINE.playbook
    fields = {name for name, _ in fields_by_name(book)}
    known = {
        *book.criteria,
        *(f"policy.{name}" for name in fields),
        *(f"policy.{item.name}" for item in dataclass_fields(book.policy)),
        *(f"reasons.{key}" for key in book.reasons),
        *(f"facts.{name}" for name in book.declared_facts),
    }
    assert {rule.where for rule in RULES} <= known


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.meaning)
def test_a_rule_refuses_one_side_and_lets_the_other_pass(rule: Case) -> None:
    assert set(found(rule.refused)) == {rule.key, *rule.beside}
    assert found(rule.accepted) == []
