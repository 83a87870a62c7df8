"""The opportunity plan as a document: three pages, or the whole TAS plan."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from salesflow._arguments import Arguments, day, instance, several, zone
from salesflow.documents._markdown import Md, inline, strong
from salesflow.documents._plan import approval, write_sections, write_summary
from salesflow.documents._status import PlanStatus, write_status
from salesflow.documents._writer import Writer
from salesflow.domain import Opportunity, OpportunityPlan
from salesflow.domain.plans.plan_sections import PLAN_SECTIONS
from salesflow.domain.plans.section import PlanContext
from salesflow.errors import SalesflowError
from salesflow.terms import TIERS
from salesflow.text import Language, both


def opportunity_plan(
    plan: OpportunityPlan,
    *,
    lang: Language = "en",
    deal: Opportunity | None = None,
    status: PlanStatus | None = None,
    decision_makers: Iterable[str] = (),
    today: date | None = None,
    tz: str = "UTC",
) -> str:
    r"""The plan to win a deal, for a manager to read: the three pages or the whole TAS plan.

    `plan.kind` says which of the two it is. Everything that the record says is in the document, in
    the words in which it was written. What this kind of plan asks for and does not have is marked
    as not known, and each section ends with what it still lacks.

    Args:
        plan: The plan.
        lang: The language of headings and labels; people's own words are not translated.
        deal: The deal, for its name, amount and dates at the top.
        status: As from [`plan_status`][salesflow.documents.plan_status]: shows the instruments
            that the deal needs.
        decision_makers: Names of the contacts who influence the decision; each needs a strategy.
        today: The day of the document; None: overdue actions are not marked.
        tz: The zone in which a moment has its calendar day.

    Returns:
        Markdown (CommonMark with the tables of GitHub).

    Raises:
        ArgumentError: An argument is of the wrong kind; `problems` lists all of them.
        SalesflowError: The plan is of another deal.
        UnknownName: There is no such language.

    Example:
        >>> plan = OpportunityPlan(
        ...     opportunity="D-1", customer="Acme", why_anything="Orders are typed in twice"
        ... )
        >>> print("\n".join(opportunity_plan(plan).splitlines()[:15]))
        # Opportunity plan: Acme
        <BLANKLINE>
        | Deal | Written by | First written | Updated | Approved |
        | --- | --- | --- | --- | --- |
        | D-1 | **not known** | **not known** | **not known** | **not yet** |
        <BLANKLINE>
        0 of 8 sections are complete; 9 things are missing.
        <BLANKLINE>
        ## 1. Business drivers
        <BLANKLINE>
        **Why do anything**: Orders are typed in twice
        <BLANKLINE>
        **Why now**: **not known**
        <BLANKLINE>
        **Still missing**
    """
    doc = Writer(lang)
    arguments = Arguments()
    hint = "make one, or read it: {}.model_validate_json(…)"
    arguments.read(instance, plan, OpportunityPlan, "plan", hint.format("OpportunityPlan"))
    if deal is not None:
        arguments.read(instance, deal, Opportunity, "deal", hint.format("Opportunity"))
    if status is not None:
        arguments.read(instance, status, PlanStatus, "status", "take it from plan_status(…)")
    hint = 'write decision_makers=["Zhang"]'
    names = arguments.read(several, decision_makers, str, "decision_makers", hint) or ()
    there = arguments.read(zone, tz)
    that_day = None if today is None else arguments.read(day, today, "today", there)
    arguments.refuse("The document cannot be written.")
    if deal is not None and deal.id != plan.opportunity:
        raise SalesflowError(
            f"This plan is of the deal {plan.opportunity!r}, not of {deal.id!r}.",
            hint="Pass the deal that the plan names.",
        )
    context = PlanContext(plan, whole=plan.kind == "tas_plan", today=that_day)
    state = plan.completeness(names)
    _write_head(doc, plan, deal)
    write_summary(doc, state)
    _write_overdue(doc, plan, that_day)
    if status is not None:
        write_status(doc, status)
    write_sections(doc, PLAN_SECTIONS, context, state)
    return doc.markdown()


def _write_head(doc: Writer, plan: OpportunityPlan, deal: Opportunity | None) -> None:
    account = None if deal is None else deal.account
    kind = (
        both(en="TAS plan", zh="TAS计划")
        if plan.kind == "tas_plan"
        else both(en="Opportunity plan", zh="项目计划")
    )
    customer = plan.customer or (None if account is None else account.name)
    doc.heading(1, doc.pair(doc.of(kind), doc.say(customer)))
    if deal is not None:
        tier = None if account is None else account.tier
        doc.row(
            (both(en="Opportunity", zh="商机"), inline(deal.name)),
            (both(en="Amount", zh="金额"), doc.say(deal.amount)),
            (both(en="Expected close", zh="预计成交"), doc.say(deal.expected_close_on)),
            (both(en="Account", zh="客户级别"), doc.term(TIERS, tier)),
            (both(en="Owner", zh="负责人"), doc.say(deal.owner)),
        )
    doc.row(
        (both(en="Deal", zh="编号"), inline(plan.opportunity)),
        (both(en="Written by", zh="编制人"), doc.say(plan.made_by)),
        (both(en="First written", zh="编制日期"), doc.say(plan.made_on)),
        (both(en="Updated", zh="更新日期"), doc.say(plan.updated_on)),
        (both(en="Approved", zh="审批"), approval(doc, plan.approved_by, plan.approved_on)),
    )


def _write_overdue(doc: Writer, plan: OpportunityPlan, today: date | None) -> None:
    late = () if today is None else plan.overdue(today)
    if late:
        label = doc.t(en="Actions overdue on", zh="逾期行动，截至")
        doc.paragraph(doc.pair(strong(Md(f"{label} {doc.say(today)}")), Md(str(len(late)))))
