"""Plans as documents: of a deal, of a territory, an account or a partner."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from salesflow._arguments import Arguments, day, instance, several, zone
from salesflow.documents._fields import WRITERS
from salesflow.documents._markdown import Md, inline, strong
from salesflow.documents._status import PlanStatus, write_status
from salesflow.documents._writer import Writer
from salesflow.domain import Opportunity, OpportunityPlan, PlanCompleteness, TerritoryPlan
from salesflow.domain.plans.plan import PLAN_SECTIONS
from salesflow.domain.plans.section import PlanContext, PlanSection, PlanT, is_blank
from salesflow.domain.plans.territory_plan import TERRITORY_SECTIONS
from salesflow.errors import SalesflowError
from salesflow.terms import DEAL_PLANS, TERRITORY_PLANS, TIERS
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
    _write_deal(doc, plan, deal)
    _write_summary(doc, state)
    _write_overdue(doc, plan, that_day)
    if status is not None:
        write_status(doc, status)
    _write_sections(doc, PLAN_SECTIONS, context, state)
    return doc.markdown()


def _write_deal(doc: Writer, plan: OpportunityPlan, deal: Opportunity | None) -> None:
    account = None if deal is None else deal.account
    customer = plan.customer or (None if account is None else account.name)
    doc.heading(1, doc.pair(doc.of(DEAL_PLANS[plan.kind]), doc.say(customer)))
    if deal is not None:
        tier = None if account is None else account.tier
        doc.row(
            (both(en="Opportunity", zh="项目"), inline(deal.name)),
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
        (both(en="Approved", zh="审批"), _approval(doc, plan.approved_by, plan.approved_on)),
    )


def _write_overdue(doc: Writer, plan: OpportunityPlan, today: date | None) -> None:
    late = () if today is None else plan.overdue(today)
    if late:
        label = doc.t(en="Actions overdue on", zh="逾期行动，截至")
        doc.paragraph(doc.pair(strong(Md(f"{label} {doc.say(today)}")), Md(str(len(late)))))


def territory_plan(
    plan: TerritoryPlan, *, lang: Language = "en", today: date | None = None, tz: str = "UTC"
) -> str:
    """The plan of a territory, an account or a partner, for a manager to read.

    As in [`opportunity_plan`][salesflow.documents.opportunity_plan], everything that the record
    says is in it, and what this kind of plan asks for and does not have is marked.

    Args:
        plan: The plan.
        lang: The language of headings and labels.
        today: The day of the document; None: overdue actions and reviews are not marked.
        tz: The zone in which a moment has its calendar day.

    Returns:
        Markdown (CommonMark with the tables of GitHub).

    Raises:
        ArgumentError: An argument is of the wrong kind; `problems` lists all of them.
        UnknownName: There is no such language.

    Example:
        >>> plan = TerritoryPlan(kind="account", name="Acme", market="Growing")
        >>> print(territory_plan(plan, lang="zh").splitlines()[0])
        # 客户计划：Acme
    """
    doc = Writer(lang)
    arguments = Arguments()
    hint = "make one, or read it: TerritoryPlan.model_validate_json(…)"
    arguments.read(instance, plan, TerritoryPlan, "plan", hint)
    there = arguments.read(zone, tz)
    that_day = None if today is None else arguments.read(day, today, "today", there)
    arguments.refuse("The document cannot be written.")
    state = plan.completeness(that_day)
    doc.heading(1, doc.pair(doc.of(TERRITORY_PLANS[plan.kind]), inline(plan.name)))
    _write_territory(doc, plan)
    _write_summary(doc, state)
    _write_sections(doc, TERRITORY_SECTIONS, PlanContext(plan, today=that_day), state)
    return doc.markdown()


def _write_territory(doc: Writer, plan: TerritoryPlan) -> None:
    presented = doc.not_yet if plan.presented_on is None else doc.say(plan.presented_on)
    doc.row(
        (both(en="Owner", zh="负责人"), doc.say(plan.owner)),
        (both(en="From", zh="开始"), doc.say(plan.starts_on)),
        (both(en="To", zh="结束"), doc.say(plan.ends_on)),
        (both(en="Presented", zh="汇报日期"), presented),
        (both(en="Approved", zh="审批"), _approval(doc, plan.approved_by, plan.approved_on)),
        (both(en="Next review", zh="下次审查"), doc.say(plan.next_review_on)),
    )


def _approval(doc: Writer, by: str | None, on: date | None) -> Md:
    """The person who approved a plan, and the day."""
    if by is None:
        return doc.not_yet
    return doc.lines([inline(by), *([] if on is None else [doc.say(on)])])


def _write_summary(doc: Writer, state: PlanCompleteness) -> None:
    """How many sections are complete."""
    done = sum(section.complete for section in state.sections)
    total, missing = len(state.sections), len(state.missing)
    if missing:
        en = f"{done} of {total} sections are complete; {missing} things are missing."
        zh = f"{total}个部分中已完成{done}个，尚缺{missing}项。"
    else:
        en, zh = f"All {total} sections are complete.", f"{total}个部分均已完成。"
    doc.paragraph(doc.t(en=en, zh=zh))


def _write_sections(
    doc: Writer,
    sections: Sequence[PlanSection[PlanT]],
    context: PlanContext[PlanT],
    state: PlanCompleteness,
) -> None:
    """The sections that its kind of plan asks for, then others that somebody filled in."""
    asked_for = [section for section in sections if state.section(section.key) is not None]
    shown = {name for section in asked_for for name in section.shows}
    others = [
        section
        for section in sections
        if shown.isdisjoint(section.shows)
        and not all(is_blank(context.plan, name) for name in section.shows)
    ]
    for number, section in enumerate([*asked_for, *others], 1):
        doc.heading(2, Md(f"{number}. {doc.of(section.title)}"))
        _write_fields(doc, section, context)
        found = state.section(section.key)
        doc.missing(() if found is None else found.missing)


def _write_fields(doc: Writer, section: PlanSection[PlanT], context: PlanContext[PlanT]) -> None:
    for name, label in section.shows.items():
        value: object = getattr(context.plan, name)
        if value is None and name in section.whole and not context.whole:
            continue
        if label is not None and value in (None, ()):
            doc.fact(label, None if is_blank(context.plan, name) else ())
        elif name in WRITERS:
            WRITERS[name](doc, context)
        elif isinstance(value, tuple):
            doc.bullets(map(inline, value))
        elif label is not None and isinstance(value, str | date):
            doc.note(label, value)
