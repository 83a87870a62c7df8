"""Criteria: what must hold, how that is known, and who sees to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from salesflow.documents._handbook.page import Page
from salesflow.documents._handbook.permissions import permission
from salesflow.documents._markdown import Md
from salesflow.playbook import Criterion
from salesflow.playbook._sizing import approvals
from salesflow.rules import Rule
from salesflow.terms import joined
from salesflow.text import Text, both

_NOT_BY: Final[Mapping[str, Text]] = {
    "owner": both(en="the deal's owner", zh="项目负责人"),
    "requester": both(
        en="whoever asked for it last or set one of the values that it depends on",
        zh="最近一次提请人，以及填写其所依据数值的人",
    ),
}


def write_criteria(page: Page, label: Md, criteria: Iterable[Criterion]) -> None:
    """A table of criteria below a label; nothing where there are none."""
    listed = list(criteria)
    if not listed:
        return
    page.label(label)
    page.table(
        listed,
        (both(en="What must hold", zh="须满足的条件"), lambda item: _what(page, item)),
        (both(en="How that is known", zh="如何确认"), lambda item: _how(page, item)),
        (both(en="Who answers for it", zh="责任人"), lambda item: _who(page, item)),
    )


def _what(page: Page, item: Criterion) -> Md:
    places = ((gate, item.key) for gate in ("entry", "exit", "criteria"))
    advice = page.t(en="advice only", zh="仅作建议") if item.advisory else None
    return page.titled(item.title, item.key, *places, reading=item.reading, more=advice)


def _how(page: Page, item: Criterion) -> Md:
    further = (say(page, item) for say in FURTHER.values())
    return page.lines([_KINDS[item.kind](page, item), *(words for words in further if words)])


def _who(page: Page, item: Criterion) -> Md:
    if item.kind == "approval":
        return page.t(en="whom the policy names", zh="按审批规定")
    if item.roles:
        said = [page.roles(item.roles)]
        if item.consulted:
            heard = page.roles(item.consulted)
            said.append(page.t(en=f"heard: {heard}", zh=f"参与意见：{heard}"))
        return page.lines(said)
    if item.by is not None:
        return page.role(item.by)
    return page.t(en="anybody", zh="任何人") if item.kind == "attested" else Md("")


def _judgement(page: Page, item: Criterion) -> Md:
    if item.consulted:
        counted = page.t(en="whoever decides must say go", zh="以决策人的结论为准")
    elif item.needed == len(item.roles):
        counted = page.t(en="all must say go", zh="须全部判断“继续”")
    else:
        counted = page.t(
            en=f"{item.needed} of them must say go", zh=f"其中 {item.needed} 方判断“继续”即可"
        )
    return page.t(
        en=f"Judged anew on each visit of the stage: go, kill or hold; {counted}",
        zh=f"每次进入本阶段都重新判断：继续、放弃或暂缓；{counted}",
    )


def _decision(page: Page, item: Criterion) -> Md:
    card = page.playbook.scorecards[item.scorecard or ""]
    shown = page.quoted(card.title, card.key)
    return page.t(
        en=f"Decided: go, kill or hold, with the scorecard {shown} at hand",
        zh=f"作出决定：继续、放弃或暂缓；参考评分卡{shown}",
    )


def _approval(page: Page, item: Criterion) -> Md:
    policy = item.approval
    shown = page.quoted(policy.title, policy.key) if policy else Md("")
    return page.t(en=f"Approved as {shown} says", zh=f"按{shown}审批")


def _computed(page: Page, item: Criterion) -> Md:
    rule = page.rule(item.rule or item.check_rule, item.key)
    return page.t(en=f"From the data: {rule}", zh=f"由数据得出：{rule}")


_KINDS: Final[Mapping[str, Callable[[Page, Criterion], Md]]] = {
    "computed": _computed,
    "attested": lambda page, _: page.t(en="Attested", zh="由人确认"),
    "instruments": lambda page, _: page.t(
        en="All the planning that the deal needs is complete", zh="项目所要求的计划文件均已完成"
    ),
    "decision": _decision,
    "judgement": _judgement,
    "approval": _approval,
}


def _when(page: Page, item: Criterion) -> Md | None:
    if item.when is None or item.when == _somebody_approves(page, item):
        return None
    return page.only_where(item.when, item.key)


def _somebody_approves(page: Page, item: Criterion) -> Rule | None:
    """What an approval adds to its own condition: that its policy names somebody for the deal."""
    if item.approval is None:
        return None
    return Rule.of(approvals(item.approval, item.key).asks, page.playbook.facts)


def _not_by(page: Page, item: Criterion) -> Md | None:
    if not item.not_by:
        return None
    people = joined((page.of(_NOT_BY[who]) for who in item.not_by), page.lang)
    return page.t(en=f"Not by {people}", zh=f"不得由以下人员作出：{people}")


def _lapses_on(page: Page, item: Criterion) -> Md | None:
    if not item.lapses_on:
        return None
    facts = joined((page.fact_named(name) for name in item.lapses_on), page.lang)
    return page.t(en=f"Stands only while unchanged: {facts}", zh=f"以下各项一有变动即失效：{facts}")


def _waive(page: Page, item: Criterion) -> Md | None:
    if item.waive == page.playbook.policy.waive:
        return None
    if not item.waive.allowed:
        return page.t(en="It cannot be waived", zh="不可豁免")
    who = permission(page, item.waive, f"{item.key}.waive")
    return page.t(en=f"Waived by: {who}", zh=f"可由以下人员豁免：{who}")


FURTHER: Final[Mapping[str, Callable[[Page, Criterion], Md | None]]] = {
    "when": _when,
    "evidence": lambda page, item: (
        page.t(en="Whoever says so names what shows it", zh="确认时须注明依据")
        if item.evidence
        else None
    ),
    "note_against_score": lambda page, item: (
        page.t(en="A go against the score needs a note", zh="评分不支持而仍决定继续的，须说明理由")
        if item.note_against_score
        else None
    ),
    "follow_up": lambda page, item: (
        page.t(en="Each names a follow-up measure", zh="各方均须提出跟进措施")
        if item.follow_up
        else None
    ),
    "distinct": lambda page, item: (
        page.t(en="Each role speaks through another person", zh="各角色须由不同的人担任")
        if item.distinct
        else None
    ),
    "not_by": _not_by,
    "lapses_on": _lapses_on,
    "waive": _waive,
    "note": lambda page, item: None if item.note is None else page.of(item.note),
}
"""What may be said of a criterion beside its kind, in this order."""
