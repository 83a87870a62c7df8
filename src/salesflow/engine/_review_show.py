"""A review as a notebook shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from salesflow._show import Html, Inline, Tone, badge, bar, line, span, table, title
from salesflow.qualify._score_show import title_of, verdict_of
from salesflow.rules import Blocker, Verdict
from salesflow.terms import FORECAST_CATEGORIES, VERDICTS, and_more
from salesflow.text import Language, Text, both, in_language

if TYPE_CHECKING:
    from salesflow.domain import RequestRecord
    from salesflow.engine.review import Review, StageAge, TrackStatus
    from salesflow.playbook import Position

_BLOCKERS: Final = 8
_DUE: Final = 5
_SCORES: Final = 5
_INSTRUMENTS: Final = 6
_TRACKS: Final = 6
_HYGIENE: Final = 4
_AT_ODDS: Final = 6
_CALLED: Final[dict[str, Tone]] = {"closed": "good", "commit": "good", "best_case": "open"}
_TONES: Final[dict[str, Tone]] = {"overdue": "bad", "due": "open", "next": "quiet"}


def blocks(review: Review, lang: Language) -> Iterator[Html]:
    """Where deal and customer stand, what is missing and who sees to it, scores, what is due."""
    words = in_language(lang, _PHRASES)
    places = [place.title.get(lang) for place in (review.stage, review.sub_stage) if place]
    state = badge(words["free"], "good")
    if review.blockers:
        state = badge(words["blocked"].format(n=len(review.blockers)), "bad")
    yield line(title(" › ".join(places) or words["not_started"]), state)
    if review.stage is not None and review.stage.buying_phase is not None:
        yield line(words["buying"], review.stage.buying_phase.get(lang))
    if (elsewhere := _stands_elsewhere(review)) is not None:
        yield line(words["stands"].format(stage=elsewhere.title.get(lang)))
    numbers = []
    if review.criteria:
        applying = [status for status in review.criteria if status.applies is not Verdict.NO]
        met = sum(status.met for status in applying)
        numbers.append(words["met"].format(met=met, n=len(applying)))
    if review.working_towards is not None:
        reached = words["none"] if review.cycle is None else f"{review.cycle:g}"
        numbers.append(words["cycle"].format(reached=reached, next=review.working_towards))
    if numbers:
        yield line(*numbers)
    yield from _forecast(review, lang)
    ages = {"in_stage": review.stage_age, "in_part": review.sub_stage_age}
    badges = [_days(age, age.max_days, words, name) for name, age in ages.items() if age]
    if badges:
        yield line(*badges)
    if review.blockers:
        yield _missing(review, lang)
    if review.instruments:
        yield _instruments(review, lang)
    if review.scores:
        yield _scores(review, lang)
    if review.tracks:
        yield _tracks(review, lang)
    if review.due:
        yield _due(review, lang)
    if review.hygiene:
        yield _hygiene(review, lang)


def _forecast(review: Review, lang: Language) -> Iterator[Html]:
    """What the deal counts as in the forecast, who calls it otherwise, and what speaks against."""
    said, words = review.forecast_calls, in_language(lang, _PHRASES)
    if said.category is None:
        return
    names = in_language(lang, FORECAST_CATEGORIES)
    yield line(words["forecast"], badge(names[said.category], _CALLED.get(said.category, "quiet")))
    for call in (said.owner, said.manager):
        if call is not None:
            told = words[call.caller].format(
                who=call.by,
                category=names[call.category],
                day=call.at.date(),
                stage=_called(call.stage, review.places, lang),
            )
            yield line(told, call.reason)
    for difference in said.differences:
        yield line(badge("", "open"), difference.get(lang))
    if said.at_odds:
        badges = [
            badge(it.criterion.title.get(lang), "bad" if it.verdict is Verdict.NO else "open")
            for it in said.at_odds[:_AT_ODDS]
        ]
        more = and_more(len(said.at_odds) - _AT_ODDS, lang)
        yield line(words["at_odds"], *badges, more)


def _stands_elsewhere(review: Review) -> Position | None:
    """Where it stands, if that says more than that it is where it is booked, or may advance."""
    told = {place.key for place in (review.stage, review.sub_stage) if place}
    told |= {move.target.key for move in review.moves[:1] if move.target}
    stands = review.stands_at
    return None if stands is None or stands.key in told else stands


def _called(key: str | None, titles: Mapping[str, Text], lang: Language) -> str:
    """What people call it; its key where that is of an earlier version of the playbook."""
    if key is None:
        return ""
    title = titles.get(key)
    return title.get(lang) if title else key


def _missing(review: Review, lang: Language) -> Html:
    words, verdicts = in_language(lang, _PHRASES), in_language(lang, VERDICTS)
    asked = {status.criterion.key: status.request for status in review.criteria}
    rows: list[tuple[Inline, ...]] = [
        (
            badge(verdicts["no"], "bad")
            if blocker.verdict is Verdict.NO
            else badge(verdicts["unknown"], "open"),
            blocker.title.get(lang),
            _called(blocker.role, review.roles, lang),
            _fix(blocker, asked.get(blocker.key), lang),
        )
        for blocker in review.blockers[:_BLOCKERS]
    ]
    head = ("", words["missing"], words["who"], words["do"])
    return table(head, rows, more=and_more(len(review.blockers) - _BLOCKERS, lang))


def _fix(blocker: Blocker, request: RequestRecord | None, lang: Language) -> str:
    """What would change it, and who has asked for it."""
    fix = blocker.fix.get(lang)
    if request is None:
        return fix
    asked = _PHRASES["asked"].get(lang).format(who=request.by, day=request.at.date())
    return in_language(lang, _PHRASES)["both"].format(fix=fix, asked=asked)


def _instruments(review: Review, lang: Language) -> Html:
    badges = []
    for status in review.instruments[:_INSTRUMENTS]:
        tone: Tone = "good" if status.done else "bad"
        if status.applies is Verdict.NO:
            tone = "quiet"
        elif not status.done and status.required is Verdict.UNKNOWN:
            tone = "open"
        badges.append(badge(status.instrument.title.get(lang), tone))
    more = and_more(len(review.instruments) - _INSTRUMENTS, lang)
    return line(_PHRASES["instruments"].get(lang), *badges, more)


def _scores(review: Review, lang: Language) -> Html:
    words = in_language(lang, _PHRASES)
    rows = [
        (
            title_of(score, lang),
            bar(score.low, score.high, score.total, width=15),
            span(score.low, score.high),
            f"{score.total:g}",
            verdict_of(score, lang),
            score.ask_next[0].title.get(lang) if score.ask_next else "",
        )
        for score in list(review.scores.values())[:_SCORES]
    ]
    head = (words["score"], "", words["points"], words["of"], "", words["ask"])
    return table(head, rows, {2, 3})


def _tracks(review: Review, lang: Language) -> Html:
    words = in_language(lang, _PHRASES)
    rows: list[tuple[Inline, ...]] = []
    for status in review.tracks[:_TRACKS]:
        limit = status.state.max_days
        state: Inline = status.state.title.get(lang)
        if status.applies is Verdict.NO:
            state, limit = badge(words["no_track"], "quiet"), None
        moves = [
            badge(move.state.title.get(lang), "good" if move.allowed else "bad")
            for move in status.moves[:_INSTRUMENTS]
        ]
        rows.append(
            (
                status.track.title.get(lang),
                state,
                _days(status, limit, words),
                Html(" ".join(moves)),
            )
        )
    head = (words["track"], words["state"], words["days"], words["next"])
    return table(head, rows, more=and_more(len(review.tracks) - _TRACKS, lang))


def _days(
    age: StageAge | TrackStatus, most: int | None, words: Mapping[str, str], name: str = ""
) -> Html:
    """The days in a place, of how many that are allowed, and the days on hold meanwhile."""
    days = f"{age.days}" if most is None else f"{age.days} / {most}"
    if age.days_on_hold:
        days = words["on_hold"].format(days=days, n=age.days_on_hold)
    text = words[name].format(days=days) if name else days
    return badge(text, "bad" if age.is_late else "quiet")


def _hygiene(review: Review, lang: Language) -> Html:
    worst = sorted(review.hygiene, key=lambda it: (it.severity, it.verdict.value))
    badges = [
        badge(it.title.get(lang), "bad" if it.verdict is Verdict.NO else "open")
        for it in worst[:_HYGIENE]
    ]
    more = and_more(len(worst) - _HYGIENE, lang)
    return line(_PHRASES["hygiene"].get(lang), *badges, more)


def _due(review: Review, lang: Language) -> Html:
    words = in_language(lang, _PHRASES)
    rows = [
        (
            badge(words[duty.status], _TONES[duty.status]),
            duty.due_on.isoformat(),
            duty.title.get(lang),
            _called(duty.role, review.roles, lang),
        )
        for duty in review.due[:_DUE]
    ]
    return table(("", words["by"], words["duty"], words["who"]), rows)


_PHRASES: Final = {
    "not_started": both(en="Not started", zh="未启动"),
    "buying": both(en="Where the customer is in buying:", zh="客户的采购阶段："),
    "free": both(en="may advance", zh="可以推进"),
    "stands": both(
        en="By what is met it stands in: {stage}", zh="按已满足的条件，实际处于：{stage}"
    ),
    "blocked": both(en="not yet: {n} missing", zh="暂不能推进：还缺 {n} 项"),
    "met": both(en="{met} of {n} criteria met.", zh="已满足 {met}/{n} 项条件。"),
    "cycle": both(
        en="Selling-cycle number reached: {reached}; working towards {next:g}.",
        zh="已达到的销售周期编号：{reached}；正在推进：{next:g}。",
    ),
    "forecast": both(en="In the forecast by its stage:", zh="按阶段的预测类别："),
    "owner": both(
        en="{who} called it {category} on {day}, in {stage}, as the owner:",
        zh="{who} 于 {day} 在“{stage}”以负责人身份判断为“{category}”：",
    ),
    "manager": both(
        en="{who} called it {category} on {day}, in {stage}, as a manager:",
        zh="{who} 于 {day} 在“{stage}”以经理身份判断为“{category}”：",
    ),
    "at_odds": both(
        en="Committed, though not so today of what lies behind it:",
        zh="已列为“承诺”，但此前阶段的下列条件目前不成立：",
    ),
    "none": both(en="none", zh="无"),
    "missing": both(en="what is missing", zh="还缺什么"),
    "who": both(en="who", zh="由谁"),
    "do": both(en="what to do", zh="怎么做"),
    "asked": both(en="asked for by {who} on {day}", zh="{who} 已于 {day} 提请"),
    "both": both(en="{fix} ({asked})", zh="{fix}（{asked}）"),
    "instruments": both(en="Planning:", zh="计划文件："),
    "score": both(en="score", zh="评分"),
    "points": both(en="points", zh="得分"),
    "of": both(en="of", zh="满分"),
    "ask": both(en="ask next", zh="下一步问什么"),
    "track": both(en="beside the stages", zh="并行事项"),
    "state": both(en="state", zh="状态"),
    "days": both(en="days", zh="天数"),
    "in_stage": both(en="days in the stage: {days}", zh="在当前阶段的天数：{days}"),
    "in_part": both(en="in the sub-stage: {days}", zh="在当前子阶段的天数：{days}"),
    "on_hold": both(en="{days} (on hold: {n})", zh="{days}（暂缓：{n}）"),
    "hygiene": both(en="Not so on record:", zh="记录尚不符合："),
    "no_track": both(en="does not apply", zh="不适用"),
    "by": both(en="by", zh="期限"),
    "duty": both(en="due", zh="待办事项"),
    "overdue": both(en="overdue", zh="已逾期"),
    "due": both(en="today", zh="今天"),
    "next": both(en="next", zh="接下来"),
}
