"""The competitive strategy in a document: what is advised, what is chosen, who the others are."""

from __future__ import annotations

from collections.abc import Sequence

from salesflow import terms
from salesflow.documents._markdown import Md, inline
from salesflow.documents._writer import Writer
from salesflow.domain import STRATEGIES, CompetitionPlan, Competitor, CompetitorMove
from salesflow.text import both


def write_competition(doc: Writer, plan: CompetitionPlan) -> None:
    """The section of the competitive strategy."""
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
