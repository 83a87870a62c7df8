"""The competitive strategy in a document: what is advised, what is chosen, who the others are."""

from __future__ import annotations

from collections.abc import Sequence

from salesflow.documents._markdown import Md, inline, strong
from salesflow.documents._writer import Writer
from salesflow.domain.plans.competitor import Competitor
from salesflow.domain.plans.strategy import STRATEGIES, CompetitionPlan


def write_competition(doc: Writer, plan: CompetitionPlan) -> None:
    """The section of the competitive strategy."""
    doc.paragraph(doc.pair(strong(doc.t("Recommended", "建议")), _recommended(doc, plan)))
    doc.paragraph(doc.pair(strong(doc.t("Chosen", "选定")), _chosen(doc, plan)))
    doc.note(
        doc.t("Why this one", "选定理由"),
        plan.why,
        asked=plan.chosen is not None and plan.follows_advice is not True,
    )
    doc.note(doc.t("How their influence is reduced", "如何削弱对手的影响"), plan.steps)
    _assessment(doc, plan)
    _competitors(doc, plan.competitors)


def _recommended(doc: Writer, plan: CompetitionPlan) -> Md:
    advised = plan.recommended
    if advised.result is not None and advised.why is not None:
        gap = doc.t(". ", "。")
        return Md(f"{doc.say(advised.result, 'strategy')}{gap}{doc.of(advised.why)}")
    comma = doc.t("; ", "；")
    possible = comma.join(doc.say(each, "strategy") for each in advised.possible)
    return Md(f"{doc.unknown}{doc.t('; still possible: ', '；仍有可能：')}{possible}")


def _chosen(doc: Writer, plan: CompetitionPlan) -> Md:
    chosen = doc.not_yet if plan.chosen is None else doc.say(plan.chosen, "strategy")
    if plan.chosen_by is None:
        return chosen
    return Md(f"{chosen}{doc.t('; chosen by ', '；决定人：')}{inline(plan.chosen_by)}")


def _assessment(doc: Writer, plan: CompetitionPlan) -> None:
    doc.table(
        [doc.t("The situation", "形势判断"), doc.t("Answer", "结论")],
        (
            [doc.of(each.title), doc.say(getattr(plan.assessment, each.key), "answer")]
            for each in STRATEGIES.inputs
        ),
    )


def _competitors(doc: Writer, competitors: Sequence[Competitor] | None) -> None:
    if not competitors:
        doc.fact(doc.t("Competitors", "竞争对手"), competitors if competitors is None else ())
        return
    doc.table(
        [
            doc.t("Competitor", "竞争对手"),
            doc.t("Threat", "威胁"),
            doc.t("Strong in", "优势"),
            doc.t("Weak in", "劣势"),
            doc.t("What sets us apart", "我方差异"),
        ],
        (
            [
                doc.lines([inline(each.name), doc.say(each.position, "position")]),
                doc.say(each.threat, "level"),
                doc.say(each.strengths or None),
                doc.say(each.weaknesses or None),
                doc.say(each.differences or None),
            ]
            for each in competitors
        ),
    )
    doc.bullets(bullet for each in competitors for bullet in _about(doc, each))
    doc.table(
        [
            doc.t("Who", "对手"),
            doc.t("What they do", "动作"),
            doc.t("Seen", "获知"),
            doc.t("What we do about it", "我方对策"),
        ],
        (
            [
                inline(each.name),
                inline(move.what),
                _seen(doc, move.seen_on, move.seen_by),
                doc.say(move.answer),
            ]
            for each in competitors
            for move in each.moves
        ),
    )


def _about(doc: Writer, competitor: Competitor) -> list[Md]:
    name = inline(competitor.name)
    said = [
        (doc.t("offers", "的报价"), () if competitor.offer is None else (competitor.offer,)),
        (doc.t("works with", "的合作方"), competitor.partners),
        (doc.t("is favoured by", "的支持者"), competitor.supporters),
        (doc.t("says of us", "对我方的说法"), competitor.claims),
    ]
    comma, blank = doc.t("; ", "；"), doc.t(" ", "")
    return [
        doc.pair(Md(f"{name}{blank}{label}"), Md(comma.join(inline(each) for each in values)))
        for label, values in said
        if values
    ]


def _seen(doc: Writer, on: object, by: str | None) -> Md:
    parts = [str(on)] if on is not None else []
    parts += [inline(by)] if by is not None else []
    return Md(doc.t(", ", "，").join(parts)) if parts else doc.unknown
