"""One deal: may it move on, is it worth going on with, and the move itself.

This is what an application does with salesflow: a command goes in, a decision comes out, and what
happened is kept as events.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Final

import salesflow as sf
from salesflow.engine.events import CriterionAttested, Judged, QuestionAnswered, StageEntered
from salesflow.qualify import marks_of, tally

PLAYBOOK: Final = "optimized_sales_process"
WIDTH: Final = 96

NOW: Final = datetime(2026, 6, 30, 9, 0, tzinfo=UTC)
LATER: Final = datetime(2026, 7, 3, 16, 30, tzinfo=UTC)
REP: Final = "li.wei"
MANAGER: Final = "wang.fang"

DEAL: Final = sf.Opportunity(
    id="D-1029",
    name="Claims platform for Quillstone Insurance",
    account=sf.Account(name="Quillstone Insurance", tier="regular", industry="insurance"),
    amount=sf.Money(86_000, "USD"),
    owner=REP,
    team=(sf.TeamMember(person=MANAGER, roles=("sales_manager",)),),
    contacts=(sf.Contact(name="Gao Yun", buying_role="technical_buyer"),),
    created_on=date(2026, 5, 13),
    expected_close_on=date(2026, 10, 30),
)
CONFIRMED: Final = (
    "technical_lead_identified",
    "business_drivers_determined",
    "forecast_fed",
    "key_projects_listed",
)
# The TAS 20 so far. Four of the questions were not asked yet.
FAVOURABLE: Final = (
    "customer_project",
    "business_profile",
    "financial_condition",
    "access_to_funds",
    "formal_decision_criteria",
    "solution_fit",
    "current_relationship",
    "executive_credibility",
    "informal_decision_criteria",
    "future_revenue",
)
UNFAVOURABLE: Final = ("sales_resource_requirements", "inside_support", "profitability")
NOT_KNOWN: Final = ("unique_business_value", "cultural_compatibility", "short_term_revenue")


def on_record() -> Iterator[sf.Command]:
    """What is known of the deal when the demo begins."""
    yield sf.Adopt(by=REP, stage="demand_generation", entered_on=date(2026, 6, 8))
    yield from (sf.Attest(by=REP, criterion=key) for key in CONFIRMED)
    yield sf.Attest(by=REP, criterion="procurement_and_budget_clear", met=False)
    yield from (sf.Answer(by=REP, question=f"tas.{key}", mark="+") for key in FAVOURABLE)
    yield from (sf.Answer(by=REP, question=f"tas.{key}", mark="-") for key in UNFAVOURABLE)
    yield from (sf.Answer(by=REP, question=f"tas.{key}", mark="?") for key in NOT_KNOWN)


def three_days_later() -> Iterator[sf.Command]:
    """What the team does about what was missing."""
    yield sf.Attest(by=REP, criterion="procurement_and_budget_clear")
    yield sf.Attest(by=REP, criterion="early_value_proposition")
    yield sf.Answer(by=REP, question="tas.compelling_event", mark="+")
    yield sf.Answer(by=REP, question="tas.degree_of_risk", mark="+")
    yield sf.Answer(by=REP, question="tas.strategic_value", mark="+")
    yield sf.Answer(by=REP, question="tas.political_alignment", mark="?")
    yield sf.Judge(by=MANAGER, role="sales_manager", verdict="go", point="first_go_no_go")
    yield sf.Advance(by=REP)


def show_deal(playbook: sf.Playbook) -> None:
    """The first half of the demo: a review, go or no-go, and a move that is accepted."""
    engine = sf.StageEngine(playbook)
    deal, history = apply(engine, DEAL, on_record(), at=NOW)

    heading("1. May this deal move on?", "该商机能否推进？")
    print(f"{deal.id}  {deal.name} · {deal.amount} · owner {deal.owner}")
    show_review(engine.review(deal, at=NOW), deal, playbook)

    heading("2. Go or no-go, and what to ask next", "跟进还是放弃，下一步问什么？")
    show_score(engine.score(deal, "go_no_go", at=NOW), playbook)

    heading("3. Three days later: the team did its part, and the deal moves", "三天后：补齐并推进")
    deal, events = apply(engine, deal, three_days_later(), at=LATER)
    for event in events:
        print(f"  {event.sequence}  {event.recorded_at:%d %b %H:%M}  {told(event, playbook)}")
    print(f"Go or no-go: {summed(engine.score(deal, 'go_no_go', at=LATER), playbook)}")
    print(f"Accepted: {standing(engine.review(deal, at=LATER), playbook)}")
    same = engine.replay([*history, *events]) == deal.progress
    print(f"Its {deal.progress.version} events replay to the same deal: {'yes' if same else 'NO'}")


def apply(
    engine: sf.StageEngine, deal: sf.Opportunity, commands: Iterable[sf.Command], *, at: datetime
) -> tuple[sf.Opportunity, list[sf.Event]]:
    """Decide commands one after the other: the deal afterwards, and the events to store."""
    events: list[sf.Event] = []
    for command in commands:
        decision = engine.decide(deal, command, at=at)
        deal = decision.require()
        events += decision.events
    return deal, events


def show_review(review: sf.Review, deal: sf.Opportunity, playbook: sf.Playbook) -> None:
    """Where the deal stands, what is missing, and who has to see to it, in both languages."""
    print(standing(review, playbook))
    met = sum(status.met for status in review.criteria)
    print(f"Met: {met} of {len(review.criteria)} criteria · 已满足 {met}/{len(review.criteria)} 项")
    missing = len(review.blockers)
    print(f"NOT YET: {missing} things are missing · 暂不能推进：还缺 {missing} 项")
    for number, blocker in enumerate(review.blockers, start=1):
        who = people(blocker.role, deal)
        print(f"  {number}. {blocker.title.en} → {who}: {blocker.fix.en}")
        print(f"     {blocker.title.zh} → {blocker.fix.zh}")
    not_asked = unasked(deal, playbook)
    if not_asked:
        print(f"  Not asked yet: {', '.join(str(title.en) for title in not_asked)}")
        print(f"  尚未提问：{'、'.join(str(title.zh) for title in not_asked)}")
    for status in review.criteria:
        if status.blocker and status.criterion.advisory:
            print(f"  Advice: {status.criterion.title.en} · 建议：{status.criterion.title.zh}")
    for needed in review.instruments:
        title = needed.instrument.title
        done = ("done", "已完成") if needed.done else ("not done", "未完成")
        print(f"Its size asks for: {title.en} ({done[0]}) · 按规模须有：{title.zh}（{done[1]}）")


def unasked(deal: sf.Opportunity, playbook: sf.Playbook) -> list[sf.Text]:
    """The questions of the TAS 20 that nobody has asked yet."""
    tas = playbook.checklists["tas"]
    left = tally(tas, marks_of(deal.progress.answers)).unasked
    return [item.title for item in tas.questions if item.key in left]


def show_score(score: sf.Score, playbook: sf.Playbook) -> None:
    """What the score recommends, why, and the questions that can still change it."""
    print(summed(score, playbook))
    for reason in score.reasons:
        print(f"  {reason.en} · {reason.zh}")
    print("Ask next, the most telling question first · 按影响大小依次询问：")
    bands = {band.key: band.title for band in playbook.scorecards[score.card].bands}
    helps = {f"tas.{item.key}": item.help for item in playbook.checklists["tas"].questions}
    for number, ask in enumerate(score.ask_next[:3], start=1):
        settled = [
            f"“{mark}” settles it: {bands[verdict].en}"
            for mark, verdict in (("+", ask.if_yes), ("-", ask.if_no))
            if verdict in bands
        ]
        worth = ask.swing
        effect = ", ".join([f"{worth:g} point{'s' * (worth != 1)}", *settled])
        print(f"  {number}. {ask.title.en} · {ask.title.zh}  ({effect})")
        words = helps[ask.question]
        if words:
            print(f"     {words.en} · {words.zh}")


def summed(score: sf.Score, playbook: sf.Playbook) -> str:
    """The verdict in both languages."""
    for band in playbook.scorecards[score.card].bands:
        if band.key == score.verdict:
            return f"{band.title.en} · {band.title.zh}, {score.low:g} to {score.high:g} points"
    return (
        f"UNDECIDED: between {score.low:g} and {score.high:g} of {score.total:g} points"
        f" · 尚无定论：{score.low:g} 至 {score.high:g} 分（满分 {score.total:g}）"
    )


def standing(review: sf.Review, playbook: sf.Playbook) -> str:
    """Where a deal is, and which forecast stage it has reached."""
    here = review.sub_stage or review.stage
    if here is None or review.stage is None:
        return "Not started · 未启动"
    number = playbook.stages.index(review.stage) + 1
    reached, ahead = (
        "none" if cycle is None else f"{cycle:g}"
        for cycle in (review.forecast, review.working_towards)
    )
    return (
        f"Step {number} of {len(playbook.stages)}: {here.title.en} · {here.title.zh}"
        f"   (forecast stage reached: {reached}; working towards: {ahead})"
    )


def people(role: str | None, deal: sf.Opportunity) -> str:
    """Who has to do it: the team member in that role, else the owner."""
    named = [member.person for member in deal.team if role in member.roles]
    return ", ".join(named) or str(deal.owner)


def told(event: sf.Event, playbook: sf.Playbook) -> str:
    """One line for what happened."""
    criteria = {item.key: item for stage in playbook.stages for item in stage.exit}
    questions = {f"tas.{item.key}": item for item in playbook.checklists["tas"].questions}
    match event.payload:
        case CriterionAttested(criterion=key, met=met):
            what = f"{'confirmed' if met else 'denied'}: {criteria[key].title}"
        case QuestionAnswered(question=key, mark=mark):
            what = f"answered {mark}: {questions[key].title}"
        case Judged(verdict=verdict, point=point) if point:
            what = f"decided {verdict}: {criteria[point].title}"
        case StageEntered(stage=stage, from_stage=left):
            what = f"moved on: {playbook.stage(left).title} → {playbook.stage(stage).title}"
        case payload:
            what = payload.kind.replace("_", " ")
    return f"{event.by} {what}"


def heading(en: str, zh: str) -> None:
    """The title of a section."""
    print(f"\n── {en} · {zh} {'─' * (WIDTH - 8 - len(en) - 2 * len(zh))}")


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    show_deal(sf.load_playbook(PLAYBOOK))
