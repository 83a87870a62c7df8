"""The plan of a territory, an account or a partner as a document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from salesflow.documents._door import READ, the_day
from salesflow.documents._markdown import Md, inline
from salesflow.documents._opportunity import approval
from salesflow.documents._parts import write_actions, write_partners
from salesflow.documents._writer import Writer
from salesflow.domain._given import refuse_other
from salesflow.domain.plans.completeness import PlanCompleteness
from salesflow.domain.plans.territory_plan import TerritoryPlan
from salesflow.text import Language, Text

_KINDS: Final[Mapping[str, Text]] = {
    "territory": Text(en="Territory plan", zh="领域计划"),
    "account": Text(en="Account plan", zh="客户计划"),
    "partner": Text(en="Partner plan", zh="合作伙伴计划"),
}


def territory_plan(
    plan: TerritoryPlan, *, lang: Language = "en", today: date | None = None, tz: str = "UTC"
) -> str:
    """The plan of a territory, an account or a partner, for a manager to read.

    As for [`opportunity_plan`][salesflow.documents.opportunity_plan]: everything that the record
    says is in it, and what this kind of plan asks for and does not have is marked.

    Args:
        plan: The plan.
        lang: The language of headings and labels.
        today: The day of the document; with it overdue actions and an overdue review are marked.
        tz: The zone in which a moment has its calendar day.

    Returns:
        Markdown (CommonMark with the tables of GitHub).

    Raises:
        UnknownName: There is no such language.
        FactError: `plan` is something else than such a plan, or `today` no day.

    Example:
        >>> plan = TerritoryPlan(kind="account", name="Acme", market="Growing")
        >>> print(territory_plan(plan, lang="zh").splitlines()[0])
        # 客户计划：Acme
    """
    doc = Writer(lang)
    refuse_other(plan, TerritoryPlan, "A plan", READ.format("TerritoryPlan"))
    day = the_day(today, tz)
    state = plan.completeness(day)
    _head(doc, plan, state)
    shown = [each.key for each in state.sections]
    more = [key for key in _EXTRAS if key not in shown and _filled(plan, key)]
    for number, key in enumerate((*shown, *more), 1):
        section = state.section(key) or plan.section(key, today=day)
        if section is not None:
            doc.heading(2, Md(f"{number}. {doc.of(section.title)}"))
            _WRITERS[key](doc, plan, day)
            doc.missing(section.missing if key in shown else ())
    return doc.markdown()


def _head(doc: Writer, plan: TerritoryPlan, state: PlanCompleteness) -> None:
    doc.heading(1, doc.pair(doc.of(_KINDS[plan.kind]), inline(plan.name)))
    doc.table(
        [
            doc.t("Owner", "负责人"),
            doc.t("From", "开始"),
            doc.t("To", "结束"),
            doc.t("Presented", "汇报日期"),
            doc.t("Approved", "审批"),
            doc.t("Next review", "下次审查"),
        ],
        [
            [
                doc.say(plan.owner),
                doc.say(plan.starts_on),
                doc.say(plan.ends_on),
                doc.not_yet if plan.presented_on is None else doc.say(plan.presented_on),
                approval(doc, plan.approved_by, plan.approved_on),
                doc.say(plan.next_review_on),
            ]
        ],
    )
    done, total = sum(each.complete for each in state.sections), len(state.sections)
    missing = len(state.missing)
    doc.paragraph(
        doc.t(
            f"{done} of {total} sections are complete; {missing} things are missing.",
            f"{total}个部分中已完成{done}个，尚缺{missing}项。",
        )
        if missing
        else doc.t(f"All {total} sections are complete.", f"{total}个部分均已完成。")
    )


def _target(doc: Writer, plan: TerritoryPlan, _: date | None) -> None:
    doc.table(
        [
            doc.t("Target", "销售目标"),
            doc.t("Planned", "计划销售额"),
            doc.t("More than the target", "超过目标"),
        ],
        [[doc.say(plan.target), doc.say(plan.planned), doc.say(plan.exceeds_target)]],
    )


def _market(doc: Writer, plan: TerritoryPlan, _: date | None) -> None:
    doc.note(doc.t("Size, trends, topics", "规模、趋势与热点"), plan.market)


def _strategy(doc: Writer, plan: TerritoryPlan, _: date | None) -> None:
    label = doc.t("Strategy and resources of the region", "区域总体策略和资源")
    doc.note(label, plan.regional_strategy)
    doc.note(doc.t("How we do more than the target", "如何超额完成目标"), plan.strategy)
    doc.note(doc.t("The greatest challenge", "最大的挑战"), plan.challenge)
    doc.note(doc.t("What the manager can do", "需要经理的帮助"), plan.help_wanted)


def _accounts(doc: Writer, plan: TerritoryPlan, _: date | None) -> None:
    if not plan.accounts:
        doc.fact(doc.t("Key accounts", "重点客户"), None)
        return
    doc.table(
        [
            doc.t("Account", "客户"),
            doc.t("Projects that we want", "目标项目"),
            doc.t("Potential", "潜力"),
            doc.t("So far", "以往合作"),
            doc.t("Hidden needs", "隐含需求"),
            doc.t("Services", "专业服务"),
        ],
        (
            [
                doc.lines([inline(each.name), doc.say(each.tier, "tier")]),
                doc.say(each.projects or None),
                doc.say(each.potential),
                doc.say(each.history),
                doc.say(each.hidden_needs),
                doc.say(each.services),
            ]
            for each in plan.accounts
        ),
    )


def _partners(doc: Writer, plan: TerritoryPlan, _: date | None) -> None:
    write_partners(doc, plan.partners, rules=False)


def _marketing(doc: Writer, plan: TerritoryPlan, _: date | None) -> None:
    if plan.marketing:
        doc.bullets(inline(each) for each in plan.marketing)
    else:
        doc.fact(doc.t("Activities", "活动"), None)


def _resources(doc: Writer, plan: TerritoryPlan, _: date | None) -> None:
    doc.note(doc.t("What is needed, and when", "所需资源及介入时间"), plan.resources)


def _follow_up(doc: Writer, plan: TerritoryPlan, _: date | None) -> None:
    doc.note(doc.t("Services and training", "专业服务和培训"), plan.services)
    doc.note(doc.t("In the long run", "长期销售战略"), plan.long_term)


def _actions(doc: Writer, plan: TerritoryPlan, today: date | None) -> None:
    if plan.actions:
        write_actions(doc, plan.actions, today)
    else:
        doc.fact(doc.t("Actions", "行动"), None)


def _reviews(doc: Writer, plan: TerritoryPlan, _: date | None) -> None:
    if not plan.reviews:
        doc.fact(doc.t("Reviews", "审查记录"), ())
        return
    doc.table(
        [doc.t("Reviewed on", "审查日期"), doc.t("By", "审查人"), doc.t("Changes", "调整")],
        ([doc.say(each.on), inline(each.by), doc.say(each.changes)] for each in plan.reviews),
    )


def _filled(plan: TerritoryPlan, key: str) -> bool:
    return any(getattr(plan, name) for name in _EXTRAS[key])


_WRITERS: Final[Mapping[str, Callable[[Writer, TerritoryPlan, date | None], None]]] = {
    "target": _target,
    "market": _market,
    "strategy": _strategy,
    "accounts": _accounts,
    "partners": _partners,
    "marketing": _marketing,
    "resources": _resources,
    "follow_up": _follow_up,
    "action_plan": _actions,
    "approval": _reviews,
}
_EXTRAS: Final[Mapping[str, tuple[str, ...]]] = {
    "marketing": ("marketing",),
    "follow_up": ("services", "long_term"),
}
# What one kind of plan asks for and another may have all the same.
