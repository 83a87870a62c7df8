"""One deal: may it move on, is it worth going on with, and the move itself.

This is what an application does with salesflow: a command goes in, a decision comes out, and what
happened is kept as events.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Final
from unicodedata import east_asian_width

import salesflow as sf
from salesflow.domain import ProcurementProcess, ProcurementStep
from salesflow.engine.events import CriterionAttested, Judged, QuestionAnswered, StageEntered
from salesflow.qualify import marks_of, tally
from salesflow.text import LANGUAGES, Language, both, filled

PLAYBOOK: Final = "optimized_sales_process"
WIDTH: Final = 96

NOW: Final = datetime(2026, 6, 30, 9, 0, tzinfo=UTC)
LATER: Final = datetime(2026, 7, 3, 16, 30, tzinfo=UTC)
REP: Final = "li.wei"
MANAGER: Final = "wang.fang"

# What is on record of how the customer buys: the steps are known, of the budget nothing is.
PROCUREMENT: Final = ProcurementProcess(
    customer="Quillstone Insurance",
    way="Tender among three suppliers",
    steps=(
        ProcurementStep(title="Short list", department="IT"),
        ProcurementStep(title="Test with their own data", department="Claims"),
        ProcurementStep(title="Decision of the board"),
    ),
)
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
    records=(PROCUREMENT,),
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
    yield from (sf.Answer(by=REP, question=f"tas.{key}", mark="+") for key in FAVOURABLE)
    yield from (sf.Answer(by=REP, question=f"tas.{key}", mark="-") for key in UNFAVOURABLE)
    yield from (sf.Answer(by=REP, question=f"tas.{key}", mark="?") for key in NOT_KNOWN)


BUDGET: Final = "In the IT plan of this year, released by the CIO"


def with_budget(deal: sf.Opportunity) -> sf.Opportunity:
    """The deal, whose record of the procurement process now says something of the budget."""
    known = ProcurementProcess.model_validate({**dict(PROCUREMENT), "budget": BUDGET})
    return deal.model_copy(update={"records": (known,)})


def three_days_later() -> Iterator[sf.Command]:
    """What the team does about what was missing."""
    yield sf.Attest(by=REP, criterion="early_value_proposition")
    yield sf.Answer(by=REP, question="tas.compelling_event", mark="+")
    yield sf.Answer(by=REP, question="tas.degree_of_risk", mark="+")
    yield sf.Answer(by=REP, question="tas.strategic_value", mark="+")
    yield sf.Answer(by=REP, question="tas.political_alignment", mark="?")
    yield sf.Judge(by=MANAGER, role="sales_manager", verdict="go", point="first_go_no_go")
    yield sf.Advance(by=REP)


def show_deal(playbook: sf.Playbook, languages: Sequence[Language]) -> None:
    """A review, go or no-go, and a move that is accepted; each line in every language named."""
    say = Teller(languages)
    engine = sf.StageEngine(playbook)
    deal, history = apply(engine, DEAL, on_record(), at=NOW)

    say.heading(both(en="1. May this deal move on?", zh="1. 该项目能否推进？"))
    say(
        "{id}  {name}, {amount}, owner {owner}",
        "{id}  {name}，{amount}，负责人 {owner}",
        id=deal.id,
        name=deal.name,
        amount=deal.amount,
        owner=deal.owner,
    )
    show_review(engine.review(deal, at=NOW), deal, playbook, say)

    say.heading(
        both(en="2. Go or no-go, and what to ask next", zh="2. 跟进还是放弃，下一步问什么？")
    )
    show_score(engine.score(deal, "tas", at=NOW), playbook, say)

    say.heading(
        both(
            en="3. Three days later: the team did its part, and the deal moves",
            zh="3. 三天后：补齐并推进",
        )
    )
    deal = with_budget(deal)
    say("  On record now: the budget. {budget}", "  新增记录：预算。{budget}", budget=BUDGET)
    deal, events = apply(engine, deal, three_days_later(), at=LATER)
    for event in events:
        say(
            "  {when:%d %b %H:%M}  {by} {what}",
            "  {when:%m-%d %H:%M}  {by} {what}",
            when=event.recorded_at,
            by=event.by,
            what=told(event, playbook),
        )
    now = summed(engine.score(deal, "tas", at=LATER), playbook)
    say("Go or no-go: {now}", "跟进与否：{now}", now=now)
    place = standing(engine.review(deal, at=LATER), playbook)
    say("Accepted: {place}", "推进成功：{place}", place=place)
    if engine.replay([*history, *events]) != deal.progress:
        raise AssertionError("the events do not add up to the deal")
    number = deal.progress.version
    say(
        "Kept as {n} events, which add up to the same deal again",
        "已存为 {n} 个事件，重放后得到同一项目",
        n=number,
    )


class Teller:
    """Prints one line for a message: in the language that was chosen, or in each of several."""

    def __init__(self, languages: Sequence[Language]) -> None:
        self.languages = languages

    def __call__(self, en: str, zh: str, **values: object) -> None:
        """Print a message with its values; a Text among them is in the language of the line."""
        self.text(filled(both(en=en, zh=zh), **values))

    def text(self, text: sf.Text, indent: str = "") -> None:
        """Print a text."""
        for lang in self.languages:
            print(f"{indent}{text.get(lang)}")

    def heading(self, title: sf.Text) -> None:
        """Print the title of a section."""
        words = " · ".join(title.get(lang) for lang in self.languages)
        width = sum(2 if east_asian_width(sign) in "WF" else 1 for sign in words)
        print(f"\n── {words} {'─' * max(WIDTH - 4 - width, 4)}")


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


def show_review(
    review: sf.Review, deal: sf.Opportunity, playbook: sf.Playbook, say: Teller
) -> None:
    """Where the deal stands, what is missing, and who has to see to it."""
    say.text(standing(review, playbook))
    met = [status for status in review.criteria if status.met]
    advice = [status for status in review.criteria if status.blocker and status.criterion.advisory]
    say(
        "Of {all} points {met} are met, {missing} are missing, and {advice} is advice only",
        "共 {all} 项：已满足 {met} 项，还缺 {missing} 项，仅供参考 {advice} 项",
        all=len(review.criteria),
        met=len(met),
        missing=len(review.criteria) - len(met) - len(advice),
        advice=len(advice),
    )
    say("NOT YET. What to do:", "暂不能推进。须做：")
    for number, blocker in enumerate(review.blockers, start=1):
        say(
            "  {n}. {who}: {todo}",
            "  {n}. {who}：{todo}",
            n=number,
            who=people(blocker.role, deal),
            todo=what_to_do(blocker, unasked(deal, playbook)),
        )
    for status in advice:
        say("  Advice: {title}", "  建议：{title}", title=status.criterion.title)
    for needed in review.instruments:
        done = both(en="done", zh="已完成") if needed.done else both(en="to do", zh="未完成")
        say(
            "A deal of this size needs: {title} ({done})",
            "此规模的项目须有：{title}（{done}）",
            title=needed.instrument.title,
            done=done,
        )


def what_to_do(blocker: sf.Blocker, left: Sequence[sf.Text]) -> sf.Text:
    """What changes a blocker, as one says it to a colleague."""
    match blocker.code, blocker.verdict:
        case "attested", sf.Verdict.NO:
            template = both(en="not so yet: {title}", zh="尚未做到：{title}")
        case "attested", _:
            template = both(en="to be confirmed: {title}", zh="待确认：{title}")
        case "decision", _:
            template = both(
                en="decide, go on, give up or wait: {title}", zh="请决定继续、放弃或暂缓：{title}"
            )
        case "computed", _ if blocker.key == "tas_20_asked":
            template = both(
                en="ask the {n} questions left: {titles}", zh="还有 {n} 问待问：{titles}"
            )
        case _:
            template = both(en="{title}: {fix}", zh="{title}：{fix}")
    titles = both(
        en=", ".join(title.get("en") for title in left),
        zh="、".join(title.get("zh") for title in left),
    )
    return filled(template, title=blocker.title, fix=blocker.fix, n=len(left), titles=titles)


def unasked(deal: sf.Opportunity, playbook: sf.Playbook) -> list[sf.Text]:
    """The questions of the TAS 20 that nobody has asked yet."""
    tas = playbook.checklists["tas"]
    left = tally(tas, marks_of(deal.progress.answers)).unasked
    return [item.title for item in tas.questions if item.key in left]


def show_score(score: sf.Score, playbook: sf.Playbook, say: Teller) -> None:
    """What the score recommends, why, and the questions that can still change it."""
    say.text(summed(score, playbook))
    for reason in score.reasons:
        say.text(reason, indent="  ")
    say("Ask next, the most telling question first:", "按影响大小依次询问：")
    bands = {band.key: band.title for band in playbook.scorecards[score.card].bands}
    helps = {f"tas.{item.key}": item.help for item in playbook.checklists["tas"].questions}
    for number, ask in enumerate(score.ask_next[:3], start=1):
        effect = both(en="worth {n:g}", zh="{n:g} 分")
        for answer, verdict in (
            (both(en="yes", zh="是"), ask.if_yes),
            (both(en="no", zh="否"), ask.if_no),
        ):
            if verdict in bands:
                settles = both(en=", and a {answer} means: {band}", zh="，若为“{answer}”则{band}")
                more = filled(settles, answer=answer, band=bands[verdict])
                effect = both(
                    en=effect.get("en") + more.get("en"), zh=effect.get("zh") + more.get("zh")
                )
        help_ = helps[ask.question] or both(en="", zh="")
        say(
            "  {n}. {title} ({effect}). {help}",
            "  {n}. {title}（{effect}）。{help}",
            n=number,
            title=ask.title,
            effect=filled(effect, n=ask.swing),
            help=help_,
        )


def summed(score: sf.Score, playbook: sf.Playbook) -> sf.Text:
    """The verdict."""
    for band in playbook.scorecards[score.card].bands:
        if band.key == score.verdict:
            return filled(
                both(en="{band}, {low:g} to {high:g} points", zh="{band}，{low:g} 至 {high:g} 分"),
                band=band.title,
                low=score.low,
                high=score.high,
            )
    return filled(
        both(
            en="UNDECIDED: between {low:g} and {high:g} of {total:g} points",
            zh="尚无定论：{low:g} 至 {high:g} 分（满分 {total:g}）",
        ),
        low=score.low,
        high=score.high,
        total=score.total,
    )


def standing(review: sf.Review, playbook: sf.Playbook) -> sf.Text:
    """Where a deal is, and whether it counts in the forecast."""
    here = review.sub_stage or review.stage
    if here is None or review.stage is None:
        return both(en="Not started", zh="未启动")
    counts = both(en="no number of the forecast yet", zh="尚无预测编号")
    if review.cycle is not None:
        counts = filled(
            both(en="in the forecast as stage {n:g}", zh="按第 {n:g} 阶段计入预测"),
            n=review.cycle,
        )
    return filled(
        both(
            en="Step {step} of {all}, {here}; {counts}", zh="第 {step}/{all} 步：{here}；{counts}"
        ),
        step=playbook.stages.index(review.stage) + 1,
        all=len(playbook.stages),
        here=here.title,
        counts=counts,
    )


def people(role: str | None, deal: sf.Opportunity) -> str:
    """Who has to do it: the team member in that role, else the owner."""
    named = [member.person for member in deal.team if role in member.roles]
    return ", ".join(named) or str(deal.owner)


def told(event: sf.Event, playbook: sf.Playbook) -> sf.Text:
    """What happened, after the name of whoever did it."""
    criteria = {item.key: item for stage in playbook.stages for item in stage.exit}
    questions = {f"tas.{item.key}": item for item in playbook.checklists["tas"].questions}
    match event.payload:
        case CriterionAttested(criterion=key, met=met):
            said = both(en="confirmed: {title}", zh="确认：{title}")
            denied = both(en="denied: {title}", zh="否认：{title}")
            return filled(said if met else denied, title=criteria[key].title)
        case QuestionAnswered(question=key, mark=mark):
            words = ANSWERS[mark or "?"]
            template = both(en="answered {word}: {title}", zh="回答“{word}”：{title}")
            return filled(template, word=words, title=questions[key].title)
        case Judged(verdict=verdict, point=point) if point:
            template = both(en="decided: {word} ({title})", zh="决定：{word}（{title}）")
            return filled(template, word=DECISIONS[verdict], title=criteria[point].title)
        case StageEntered(stage=stage, from_stage=left):
            return filled(
                both(en="moved on: {left} → {stage}", zh="推进：{left} → {stage}"),
                left=playbook.stage(left).title,
                stage=playbook.stage(stage).title,
            )
        case payload:
            kind = payload.kind.replace("_", " ")
            return both(en=kind, zh=kind)


ANSWERS: Final = {
    "+": both(en="in our favour", zh="有利"),
    "-": both(en="against us", zh="不利"),
    "?": both(en="not known", zh="不清楚"),
}
DECISIONS: Final = {
    "go": both(en="go on", zh="继续"),
    "kill": both(en="give up", zh="放弃"),
    "hold": both(en="wait", zh="暂缓"),
}


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    show_deal(sf.load_playbook(PLAYBOOK), LANGUAGES)
