"""Tables that several documents have: actions and partners."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from salesflow.documents._markdown import Md, inline, strong
from salesflow.documents._writer import Writer
from salesflow.domain.plans.action import Action
from salesflow.domain.plans.partner import Partner, RulesOfEngagement


def write_actions(doc: Writer, actions: Sequence[Action], today: date | None) -> None:
    """What is to be done, by whom, until when, and how far it is."""
    doc.table(
        [
            doc.t("What", "行动"),
            doc.t("Owner", "负责人"),
            doc.t("Due", "完成日期"),
            doc.t("State", "状态"),
        ],
        (
            [
                doc.lines([inline(each.what), *_note(each)]),
                _wanted(doc, each.owner, still=each.open),
                _wanted(doc, each.due_on, still=each.open),
                _state(doc, each, today),
            ]
            for each in actions
        ),
    )


def _note(action: Action) -> Iterable[Md]:
    return () if action.note is None else (inline(action.note),)


def _wanted(doc: Writer, value: str | date | None, *, still: bool) -> Md:
    # Who did something, and until when it was wanted, is nobody's question any more.
    return doc.say(value) if still or value is not None else Md("–")


def _state(doc: Writer, action: Action, today: date | None) -> Md:
    if action.done_on is not None:
        return Md(f"{doc.t('done', '已完成')} {action.done_on.isoformat()}")
    if action.dropped:
        return doc.t("dropped", "已取消")
    if today is not None and action.overdue(today):
        return strong(doc.t("overdue", "已逾期"))
    return doc.t("open", "进行中")


def write_partners(doc: Writer, partners: Sequence[Partner] | None, *, rules: bool) -> None:
    """Who the partners are; with `rules` also by which rules each takes part.

    Rules that somebody made are always shown.
    """
    if partners is None:
        doc.paragraph(doc.unknown)
        return
    if not partners:
        doc.paragraph(doc.t("No partner takes part.", "不引入合作伙伴。"))
        return
    doc.table(
        [
            doc.t("Partner", "合作伙伴"),
            doc.t("Role", "角色"),
            doc.t("Strong in", "优势"),
            doc.t("Knows at the customer", "熟悉的客户人员"),
            doc.t("Contact", "联系人"),
            doc.t("Able to deliver", "具备执行能力"),
        ],
        (
            [
                doc.lines([inline(each.name), doc.say(each.kind, "partner_kind")]),
                doc.say(each.role),
                _strong_in(doc, each),
                doc.say(each.known_people or None),
                doc.say(each.contact),
                doc.say(each.able),
            ]
            for each in partners
        ),
    )
    doc.bullets(bullet for each in partners for bullet in _promised(doc, each))
    made = [each for each in partners if rules or each.rules is not None]
    doc.table(
        [
            doc.t("Rules", "介入规则"),
            doc.t("Comes in", "介入时间"),
            doc.t("Does", "工作范围"),
            doc.t("Information", "信息交换"),
            doc.t("Conflicts", "冲突处理"),
            doc.t("Earns", "利益分配"),
            doc.t("Agreed", "已达成一致"),
        ],
        (_rules(doc, each.name, each.rules) for each in made),
    )


def _strong_in(doc: Writer, partner: Partner) -> Md:
    return doc.say((*partner.strengths, *partner.solution_areas) or None)


def _promised(doc: Writer, partner: Partner) -> list[Md]:
    name, blank = inline(partner.name), doc.t(" ", "")
    said = [
        (doc.t("orders by", "承诺的下单日期"), partner.orders_on),
        (doc.t("pays by", "承诺的付款日期"), partner.pays_on),
    ]
    return [
        doc.pair(Md(f"{name}{blank}{label}"), doc.say(day))
        for label, day in said
        if day is not None
    ]


def _rules(doc: Writer, name: str, rules: RulesOfEngagement | None) -> list[Md]:
    known = rules or RulesOfEngagement()
    return [
        inline(name),
        doc.say(known.enters_when),
        doc.say(known.scope),
        doc.say(known.shared_information),
        doc.say(known.conflicts),
        doc.say(known.share),
        doc.say(known.agreed),
    ]
