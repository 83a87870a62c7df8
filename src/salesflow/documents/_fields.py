"""The fields of a plan that are more than a text, each written in its own way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from salesflow import terms
from salesflow.documents._markdown import Md, inline, strong
from salesflow.documents._writer import Writer
from salesflow.domain import (
    STRATEGIES,
    Action,
    CompetitionPlan,
    Competitor,
    CompetitorMove,
    OpportunityPlan,
    Partner,
    PersonStrategy,
    RulesOfEngagement,
    TerritoryPlan,
)
from salesflow.domain.plans.section import PlanContext
from salesflow.text import both

_Opportunity = PlanContext[OpportunityPlan]
_Territory = PlanContext[TerritoryPlan]

_OWNER: Final = both(en="Who of us", zh="我方负责人")
_PERSON: Final = both(en="Person", zh="人员")


def _actions(doc: Writer, context: _Opportunity | _Territory) -> None:
    doc.table(
        context.plan.actions,
        (both(en="What", zh="行动"), lambda action: _task(doc, action)),
        (both(en="Owner", zh="负责人"), lambda action: _wanted(doc, action, action.owner)),
        (both(en="Due", zh="完成日期"), lambda action: _wanted(doc, action, action.due_on)),
        (both(en="State", zh="状态"), lambda action: _state(doc, action, context.today)),
    )


def _task(doc: Writer, action: Action) -> Md:
    return doc.lines(inline(words) for words in (action.what, action.note) if words is not None)


def _wanted(doc: Writer, action: Action, value: str | date | None) -> Md:
    # Nobody asks any more who did something, or when it was due.
    return doc.say(value) if action.open or value is not None else Md("–")


def _state(doc: Writer, action: Action, today: date | None) -> Md:
    if action.done_on is not None:
        return Md(f"{doc.t(en='done', zh='已完成')} {action.done_on.isoformat()}")
    if action.dropped:
        return doc.t(en="dropped", zh="已取消")
    if today is not None and action.overdue(today):
        return strong(doc.t(en="overdue", zh="已逾期"))
    return doc.t(en="open", zh="进行中")


def _partners(doc: Writer, context: _Opportunity | _Territory) -> None:
    """Who the partners are, and their rules of engagement where they are made or asked for."""
    partners = context.plan.partners
    if partners is None:
        doc.paragraph(doc.unknown)
        return
    if not partners:
        doc.paragraph(doc.t(en="No partner takes part.", zh="不引入合作伙伴。"))
        return
    doc.table(
        partners,
        (
            both(en="Partner", zh="合作伙伴"),
            lambda one: doc.named(one.name, terms.PARTNER_KINDS, one.kind),
        ),
        (both(en="Role", zh="角色"), lambda one: doc.say(one.role)),
        (
            both(en="Strong in", zh="优势"),
            lambda one: doc.several((*one.strengths, *one.solution_areas)),
        ),
        (
            both(en="Knows at the customer", zh="熟悉的客户人员"),
            lambda one: doc.several(one.known_people),
        ),
        (both(en="Contact", zh="联系人"), lambda one: doc.say(one.contact)),
        (both(en="Able to deliver", zh="具备执行能力"), lambda one: doc.say(one.able)),
    )
    doc.bullets(bullet for partner in partners for bullet in _promises(doc, partner))
    _rules(doc, [one for one in partners if context.whole or one.rules is not None])


def _promises(doc: Writer, partner: Partner) -> list[Md]:
    name = inline(partner.name)
    promises = [
        (doc.t(en=f"{name} orders by", zh=f"{name}承诺的下单日期"), partner.orders_on),
        (doc.t(en=f"{name} pays by", zh=f"{name}承诺的付款日期"), partner.pays_on),
    ]
    return [doc.pair(label, doc.say(day)) for label, day in promises if day is not None]


def _rules(doc: Writer, partners: Sequence[Partner]) -> None:
    nothing = RulesOfEngagement()
    doc.table(
        [(partner.name, partner.rules or nothing) for partner in partners],
        (both(en="Rules", zh="介入规则"), lambda row: inline(row[0])),
        (both(en="Comes in", zh="介入时间"), lambda row: doc.say(row[1].enters_when)),
        (both(en="Does", zh="工作范围"), lambda row: doc.say(row[1].scope)),
        (both(en="Information", zh="信息交换"), lambda row: doc.say(row[1].shared_information)),
        (both(en="Conflicts", zh="冲突处理"), lambda row: doc.say(row[1].conflicts)),
        (both(en="Earns", zh="利益分配"), lambda row: doc.say(row[1].share)),
        (both(en="Agreed", zh="已达成一致"), lambda row: doc.say(row[1].agreed)),
    )


def _advice(doc: Writer, context: _Opportunity) -> None:
    doc.table(
        context.plan.advice or (),
        (both(en="Advice of", zh="建议人"), lambda advice: inline(advice.by)),
        (both(en="What they advise", zh="建议"), lambda advice: inline(advice.said)),
        (
            both(en="Taken", zh="是否采纳"),
            lambda advice: doc.not_yet if advice.taken is None else doc.say(advice.taken),
        ),
    )


def _policy_factors(doc: Writer, context: _Opportunity) -> None:
    doc.table(
        context.plan.policy_factors or (),
        (both(en="What", zh="政策因素"), lambda factor: inline(factor.what)),
        (both(en="May delay", zh="可能的延误"), lambda factor: doc.say(factor.delay)),
        (both(en="What we do about it", zh="应对措施"), lambda factor: doc.say(factor.response)),
    )


def _people(doc: Writer, context: _Opportunity) -> None:
    doc.table(
        context.plan.people,
        (_PERSON, lambda one: doc.named(one.person, terms.BUYING_ROLES, one.buying_role)),
        (both(en="Where they stand", zh="立场"), lambda one: _standing(doc, one)),
        (both(en="What they want", zh="诉求"), lambda one: _agendas(doc, one)),
        (both(en="What we do", zh="客户关系策略"), lambda one: doc.say(one.strategy)),
        (_OWNER, lambda one: doc.say(one.owner)),
    )


def _standing(doc: Writer, person: PersonStrategy) -> Md:
    relationship = doc.term(terms.RELATIONSHIPS, person.relationship)
    return doc.lines(
        [
            doc.pair(doc.t(en="influence", zh="影响力"), doc.term(terms.LEVELS, person.influence)),
            doc.pair(doc.t(en="attitude", zh="态度"), doc.term(terms.ATTITUDES, person.attitude)),
            doc.pair(doc.t(en="relationship", zh="关系"), relationship),
        ]
    )


def _agendas(doc: Writer, person: PersonStrategy) -> Md:
    return doc.lines(
        [
            doc.pair(doc.t(en="business", zh="业务"), doc.say(person.business_agenda)),
            doc.pair(doc.t(en="personal", zh="个人"), doc.say(person.personal_agenda)),
        ]
    )


def _supporters(doc: Writer, context: _Opportunity) -> None:
    doc.table(
        context.plan.supporters,
        (_PERSON, lambda one: inline(one.person)),
        (both(en="Today", zh="现状"), lambda one: doc.term(terms.ATTITUDES, one.now)),
        (both(en="Wanted", zh="目标"), lambda one: doc.term(terms.ATTITUDES, one.wanted)),
        (both(en="Steps", zh="发展步骤"), lambda one: doc.say(one.steps)),
        (_OWNER, lambda one: doc.say(one.owner)),
    )


def _competition(doc: Writer, context: _Opportunity) -> None:
    """What is advised, what is chosen, and who the others are."""
    plan = context.plan.competition
    doc.labelled(both(en="Recommended", zh="建议"), _recommended(doc, plan))
    doc.labelled(both(en="Chosen", zh="选定"), _chosen(doc, plan))
    if plan.why is not None or (plan.chosen is not None and plan.follows_advice is not True):
        doc.note(both(en="Why this one", zh="选定理由"), plan.why)
    doc.note(both(en="How their influence is reduced", zh="如何削弱对手的影响"), plan.steps)
    doc.table(
        STRATEGIES.inputs,
        (both(en="The situation", zh="形势判断"), lambda point: doc.of(point.title)),
        (
            both(en="Answer", zh="结论"),
            lambda point: doc.term(terms.ANSWERS, getattr(plan.assessment, point.key)),
        ),
    )
    if plan.competitors:
        _competitors(doc, plan.competitors)
    else:
        doc.fact(both(en="Competitors", zh="竞争对手"), None if plan.competitors is None else ())


def _recommended(doc: Writer, plan: CompetitionPlan) -> Md:
    advised = plan.recommended
    if advised.result is not None and advised.why is not None:
        strategy = doc.term(terms.STRATEGIES, advised.result)
        return Md(f"{strategy}{doc.t(en='. ', zh='。')}{doc.of(advised.why)}")
    strategies = (doc.term(terms.STRATEGIES, strategy) for strategy in advised.possible)
    possible = doc.t(en="; ", zh="；").join(strategies)
    return Md(f"{doc.unknown}{doc.t(en='; still possible: ', zh='；仍有可能：')}{possible}")


def _chosen(doc: Writer, plan: CompetitionPlan) -> Md:
    chosen = doc.not_yet if plan.chosen is None else doc.term(terms.STRATEGIES, plan.chosen)
    if plan.chosen_by is None:
        return chosen
    return Md(f"{chosen}{doc.t(en='; chosen by ', zh='；决定人：')}{inline(plan.chosen_by)}")


def _competitors(doc: Writer, competitors: Sequence[Competitor]) -> None:
    doc.table(
        competitors,
        (
            both(en="Competitor", zh="竞争对手"),
            lambda one: doc.named(one.name, terms.COMPETITOR_POSITIONS, one.position),
        ),
        (both(en="Threat", zh="威胁"), lambda one: doc.term(terms.LEVELS, one.threat)),
        (both(en="Strong in", zh="优势"), lambda one: doc.several(one.strengths)),
        (both(en="Weak in", zh="劣势"), lambda one: doc.several(one.weaknesses)),
        (both(en="What sets us apart", zh="我方差异"), lambda one: doc.several(one.differences)),
    )
    doc.bullets(bullet for competitor in competitors for bullet in _about(doc, competitor))
    doc.table(
        [(competitor.name, move) for competitor in competitors for move in competitor.moves],
        (both(en="Who", zh="对手"), lambda row: inline(row[0])),
        (both(en="What they do", zh="动作"), lambda row: inline(row[1].what)),
        (both(en="Seen", zh="获知"), lambda row: _seen(doc, row[1])),
        (both(en="What we do about it", zh="我方对策"), lambda row: doc.say(row[1].answer)),
    )


def _about(doc: Writer, competitor: Competitor) -> list[Md]:
    name, stop = inline(competitor.name), doc.t(en="; ", zh="；")
    offer = () if competitor.offer is None else (competitor.offer,)
    known = [
        (doc.t(en=f"{name} offers", zh=f"{name}的报价"), offer),
        (doc.t(en=f"{name} works with", zh=f"{name}的合作方"), competitor.partners),
        (doc.t(en=f"{name} is favoured by", zh=f"{name}的支持者"), competitor.supporters),
        (doc.t(en=f"{name} says of us", zh=f"{name}对我方的说法"), competitor.claims),
    ]
    return [
        doc.pair(label, Md(stop.join(map(inline, values)))) for label, values in known if values
    ]


def _seen(doc: Writer, move: CompetitorMove) -> Md:
    parts = [doc.say(value) for value in (move.seen_on, move.seen_by) if value is not None]
    return Md(doc.t(en=", ", zh="，").join(parts)) if parts else doc.unknown


def _team(doc: Writer, context: _Opportunity) -> None:
    team = context.plan.team
    if team is None:
        return
    doc.fact(both(en="Led by", zh="牵头人"), team.lead)
    agreed = doc.not_yet if team.agreed_on is None else doc.say(team.agreed_on)
    doc.labelled(both(en="Agreed by everybody on", zh="全员达成一致的日期"), agreed)
    if not team.members:
        doc.fact(both(en="Members", zh="成员"), None)
    doc.table(
        team.members,
        (_PERSON, lambda member: inline(member.person)),
        (both(en="Roles", zh="角色"), lambda member: doc.say(member.roles)),
        (both(en="Responsible for", zh="职责"), lambda member: doc.several(member.duties)),
        (both(en="Has agreed", zh="已确认"), lambda member: doc.say(member.agreed)),
    )


def _target(doc: Writer, context: _Territory) -> None:
    plan = context.plan
    doc.row(
        (both(en="Target", zh="销售目标"), doc.say(plan.target)),
        (both(en="Planned", zh="计划销售额"), doc.say(plan.planned)),
        (both(en="More than the target", zh="超过目标"), doc.say(plan.exceeds_target)),
    )


def _accounts(doc: Writer, context: _Territory) -> None:
    doc.table(
        context.plan.accounts,
        (both(en="Account", zh="客户"), lambda one: doc.named(one.name, terms.TIERS, one.tier)),
        (both(en="Projects that we want", zh="目标项目"), lambda one: doc.several(one.projects)),
        (both(en="Potential", zh="潜力"), lambda one: doc.say(one.potential)),
        (both(en="So far", zh="以往合作"), lambda one: doc.say(one.history)),
        (both(en="Hidden needs", zh="隐含需求"), lambda one: doc.say(one.hidden_needs)),
        (both(en="Services", zh="专业服务"), lambda one: doc.say(one.services)),
    )


def _reviews(doc: Writer, context: _Territory) -> None:
    if not context.plan.reviews:
        doc.fact(both(en="Reviews", zh="审查记录"), ())
    doc.table(
        context.plan.reviews,
        (both(en="Reviewed on", zh="审查日期"), lambda review: doc.say(review.on)),
        (both(en="By", zh="审查人"), lambda review: inline(review.by)),
        (both(en="Changes", zh="调整"), lambda review: doc.say(review.changes)),
    )


WRITERS: Final[Mapping[str, Callable[[Writer, PlanContext[Any]], None]]] = {
    "accounts": _accounts,
    "actions": _actions,
    "advice": _advice,
    "competition": _competition,
    "partners": _partners,
    "people": _people,
    "policy_factors": _policy_factors,
    "reviews": _reviews,
    "supporters": _supporters,
    "target": _target,
    "team": _team,
}
"""How each field of a plan is written that is more than a text, a day or a list of texts."""
