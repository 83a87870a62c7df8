"""The opportunity plan as a document: three pages, or the whole TAS plan."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from salesflow.documents._door import READ, the_day, write_status
from salesflow.documents._markdown import Md, inline, strong
from salesflow.documents._sections import EXTRAS, WRITERS, Asked
from salesflow.documents._status import PlanStatus
from salesflow.documents._writer import Writer
from salesflow.domain import Opportunity
from salesflow.domain._given import refuse_other
from salesflow.domain.plans.completeness import PlanCompleteness
from salesflow.domain.plans.plan import OpportunityPlan
from salesflow.errors import SalesflowError
from salesflow.text import Language


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

    Which of the two it is, `plan.kind` says. Everything that the record says is in the document,
    in the words in which it was written. What this kind of plan asks for and does not have is
    marked as not known, and each section ends with what it still lacks.

    Args:
        plan: The plan.
        lang: The language of headings and labels; nobody's own words are translated.
        deal: The deal, for its name, amount and dates at the top.
        status: As from [`plan_status`][salesflow.documents.plan_status]: shows which instruments
            the deal needs.
        decision_makers: Names of the contacts who influence the decision; each needs a strategy.
        today: The day of the document; with it overdue actions are marked.
        tz: The zone in which a moment has its calendar day.

    Returns:
        Markdown (CommonMark with the tables of GitHub).

    Raises:
        SalesflowError: The plan is of another deal.
        UnknownName: There is no such language.
        FactError: Something is of another kind, such as a text for a plan, no day for `today`, or
            one name for `decision_makers` instead of several.

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
    refuse_other(plan, OpportunityPlan, "A plan", READ.format("OpportunityPlan"))
    if deal is not None:
        refuse_other(deal, Opportunity, "A deal", READ.format("Opportunity"))
        if deal.id != plan.opportunity:
            raise SalesflowError(
                f"This plan is of the deal {plan.opportunity!r}, not of {deal.id!r}.",
                hint="Pass the deal that the plan names.",
            )
    if status is not None:
        refuse_other(status, PlanStatus, "A status", READ.format("PlanStatus"))
    asked = Asked(plan, plan.kind == "tas_plan", the_day(today, tz))
    state = plan.completeness(decision_makers)
    _head(doc, plan, deal)
    _summary(doc, state, asked)
    if status is not None:
        write_status(doc, status)
    for number, section in enumerate(state.sections, 1):
        doc.heading(2, Md(f"{number}. {doc.of(section.title)}"))
        WRITERS[section.key](doc, asked)
        doc.missing(section.missing)
    _extras(doc, asked, state)
    return doc.markdown()


def _head(doc: Writer, plan: OpportunityPlan, deal: Opportunity | None) -> None:
    account = None if deal is None else deal.account
    customer = plan.customer or (None if account is None else account.name)
    kind = (
        doc.t("TAS plan", "TAS计划")
        if plan.kind == "tas_plan"
        else doc.t("Opportunity plan", "项目计划")
    )
    named = doc.unknown if customer is None else inline(customer)
    doc.heading(1, doc.pair(kind, named))
    if deal is not None:
        doc.table(
            [
                doc.t("Opportunity", "商机"),
                doc.t("Amount", "金额"),
                doc.t("Expected close", "预计成交"),
                doc.t("Account", "客户级别"),
                doc.t("Owner", "负责人"),
            ],
            [
                [
                    inline(deal.name),
                    doc.say(deal.amount),
                    doc.say(deal.expected_close_on),
                    doc.say(None if account is None else account.tier, "tier"),
                    doc.say(deal.owner),
                ]
            ],
        )
    doc.table(
        [
            doc.t("Deal", "编号"),
            doc.t("Written by", "编制人"),
            doc.t("First written", "编制日期"),
            doc.t("Updated", "更新日期"),
            doc.t("Approved", "审批"),
        ],
        [
            [
                inline(plan.opportunity),
                doc.say(plan.made_by),
                doc.say(plan.made_on),
                doc.say(plan.updated_on),
                approval(doc, plan.approved_by, plan.approved_on),
            ]
        ],
    )


def approval(doc: Writer, by: str | None, on: date | None) -> Md:
    """Who approved a plan, and when."""
    if by is None:
        return doc.not_yet
    return doc.lines([inline(by), *([] if on is None else [doc.say(on)])])


def _summary(doc: Writer, state: PlanCompleteness, asked: Asked) -> None:
    done = sum(each.complete for each in state.sections)
    total, missing = len(state.sections), len(state.missing)
    doc.paragraph(
        doc.t(
            f"{done} of {total} sections are complete; {missing} things are missing.",
            f"{total}个部分中已完成{done}个，尚缺{missing}项。",
        )
        if missing
        else doc.t(f"All {total} sections are complete.", f"{total}个部分均已完成。")
    )
    late = () if asked.today is None else asked.plan.overdue(asked.today)
    if late:
        label = doc.t("Actions overdue on", "逾期行动，截至")
        day = doc.say(asked.today)
        doc.paragraph(doc.pair(strong(Md(f"{label} {day}")), Md(str(len(late)))))


def _extras(doc: Writer, asked: Asked, state: PlanCompleteness) -> None:
    """What somebody filled in although this kind of plan does not ask for it."""
    number = len(state.sections)
    for key, fields in EXTRAS.items():
        filled = any(getattr(asked.plan, name) is not None for name in fields)
        section = asked.plan.section(key)
        if state.section(key) is None and filled and section is not None:
            number += 1
            doc.heading(2, Md(f"{number}. {doc.of(section.title)}"))
            WRITERS[key](doc, asked)
