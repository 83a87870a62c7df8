"""The plan of a territory, an account or a partner as a document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from salesflow._arguments import Arguments, day, instance, zone
from salesflow.documents._markdown import inline
from salesflow.documents._plan import approval, write_sections, write_summary
from salesflow.documents._writer import Writer
from salesflow.domain import TerritoryPlan
from salesflow.domain.plans.section import PlanContext
from salesflow.domain.plans.territory_sections import TERRITORY_SECTIONS
from salesflow.text import Language, Text, both

_KINDS: Final[Mapping[str, Text]] = {
    "territory": both(en="Territory plan", zh="领域计划"),
    "account": both(en="Account plan", zh="客户计划"),
    "partner": both(en="Partner plan", zh="合作伙伴计划"),
}


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
    doc.heading(1, doc.pair(doc.of(_KINDS[plan.kind]), inline(plan.name)))
    _write_head(doc, plan)
    write_summary(doc, state)
    write_sections(doc, TERRITORY_SECTIONS, PlanContext(plan, today=that_day), state)
    return doc.markdown()


def _write_head(doc: Writer, plan: TerritoryPlan) -> None:
    presented = doc.not_yet if plan.presented_on is None else doc.say(plan.presented_on)
    doc.row(
        (both(en="Owner", zh="负责人"), doc.say(plan.owner)),
        (both(en="From", zh="开始"), doc.say(plan.starts_on)),
        (both(en="To", zh="结束"), doc.say(plan.ends_on)),
        (both(en="Presented", zh="汇报日期"), presented),
        (both(en="Approved", zh="审批"), approval(doc, plan.approved_by, plan.approved_on)),
        (both(en="Next review", zh="下次审查"), doc.say(plan.next_review_on)),
    )
