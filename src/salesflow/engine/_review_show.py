"""A review as a notebook shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from salesflow._show import Badge, Block, Heading, Key, Line, Part, Table, Tone
from salesflow.qualify._score_show import bar, points_of, title_of, verdict_of
from salesflow.rules import Verdict
from salesflow.text import Language

if TYPE_CHECKING:
    from salesflow.engine.review import Review

_BLOCKERS: Final = 8
_DUE: Final = 5
_SCORES: Final = 5
_INSTRUMENTS: Final = 6
_TONES: Final[dict[str, Tone]] = {"overdue": "bad", "due": "open", "next": "quiet"}


def blocks(review: Review) -> list[Block]:
    """Where deal and customer stand, what is missing and who sees to it, scores, what is due."""
    here = review.sub_stage or review.stage
    lang: Language = "zh" if here is not None and here.title.en is None else "en"
    words = _WORDS[lang]
    state = Badge(words["free"], "good")
    if review.blockers:
        state = Badge(words["blocked"].format(n=len(review.blockers)), "bad")
    title = words["not_started"]
    if here is not None and review.stage is not None:
        title = review.stage.title.get(lang)
        if review.sub_stage is not None:
            title = f"{title} › {review.sub_stage.title.get(lang)}"
    found: list[Block] = [Heading(title, (state,))]
    if review.stage is not None and review.stage.buying_phase is not None:
        found.append(Line((words["buying"], review.stage.buying_phase.get(lang))))
    found += _numbers(review, lang)
    if review.blockers:
        found.append(_missing(review, lang))
    if review.instruments:
        found.append(_instruments(review, lang))
    if review.scores:
        found.append(_scores(review, lang))
    if review.due:
        found.append(_due(review, lang))
    return found


def _numbers(review: Review, lang: Language) -> list[Block]:
    words = _WORDS[lang]
    parts: list[Part] = []
    if review.criteria:
        met = sum(status.verdict is Verdict.YES for status in review.criteria)
        parts.append(words["met"].format(met=met, n=len(review.criteria)))
    if review.working_towards is not None:
        reached = words["none"] if review.forecast is None else f"{review.forecast:g}"
        parts.append(words["cycle"].format(reached=reached, next=review.working_towards))
    return [Line(tuple(parts))] if parts else []


def _missing(review: Review, lang: Language) -> Table:
    words = _WORDS[lang]
    rows: list[tuple[Part, ...]] = [
        (
            Badge(words["no"], "bad")
            if blocker.verdict is Verdict.NO
            else Badge(words["unknown"], "open"),
            blocker.title.get(lang),
            Key(blocker.role) if blocker.role else "",
            blocker.fix.get(lang),
        )
        for blocker in review.blockers[:_BLOCKERS]
    ]
    if len(review.blockers) > _BLOCKERS:
        rows.append(("", words["more"].format(n=len(review.blockers) - _BLOCKERS), "", ""))
    return Table(("", words["missing"], words["who"], words["do"]), rows)


def _instruments(review: Review, lang: Language) -> Line:
    words = _WORDS[lang]
    parts: list[Part] = [words["instruments"]]
    for status in review.instruments[:_INSTRUMENTS]:
        title = status.instrument.title.get(lang)
        if status.done:
            parts.append(Badge(title, "good"))
        else:
            parts.append(Badge(title, "open" if status.required is Verdict.UNKNOWN else "bad"))
    if len(review.instruments) > _INSTRUMENTS:
        parts.append(words["more"].format(n=len(review.instruments) - _INSTRUMENTS))
    return Line(tuple(parts))


def _scores(review: Review, lang: Language) -> Table:
    words = _WORDS[lang]
    rows: list[tuple[Part, ...]] = [
        (
            title_of(score, lang),
            bar(score.low, score.high, score.total, width=15),
            points_of(score),
            f"{score.total:g}",
            verdict_of(score, lang),
            score.ask_next[0].title.get(lang) if score.ask_next else "",
        )
        for score in list(review.scores.values())[:_SCORES]
    ]
    head = (words["score"], "", words["points"], words["of"], "", words["ask"])
    return Table(head, rows, frozenset({2, 3}))


def _due(review: Review, lang: Language) -> Table:
    words = _WORDS[lang]
    rows: list[tuple[Part, ...]] = [
        (
            Badge(words[duty.status], _TONES[duty.status]),
            duty.due_on.isoformat(),
            duty.title.get(lang),
            Key(duty.role) if duty.role else "",
        )
        for duty in review.due[:_DUE]
    ]
    return Table(("", words["by"], words["duty"], words["who"]), rows)


_WORDS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "not_started": "Not started",
        "buying": "Where the customer is in buying:",
        "free": "may advance",
        "blocked": "not yet: {n} missing",
        "met": "{met} of {n} criteria met.",
        "cycle": "Forecast stage reached: {reached}; working towards {next:g}.",
        "none": "none",
        "no": "no",
        "unknown": "unknown",
        "missing": "what is missing",
        "who": "who",
        "do": "what to do",
        "more": "… and {n} more",
        "instruments": "Planning:",
        "score": "score",
        "points": "points",
        "of": "of",
        "ask": "ask next",
        "by": "by",
        "duty": "due",
        "overdue": "overdue",
        "due": "today",
        "next": "next",
    },
    "zh": {
        "not_started": "未启动",
        "buying": "客户的采购阶段：",
        "free": "可以推进",
        "blocked": "暂不能推进：还缺 {n} 项",
        "met": "已满足 {met}/{n} 项标准。",
        "cycle": "已达到的预测阶段：{reached}；正在推进：{next:g}。",
        "none": "无",
        "no": "不符合",
        "unknown": "未知",
        "missing": "还缺什么",
        "who": "由谁",
        "do": "怎么做",
        "more": "……另有 {n} 项",
        "instruments": "计划工具：",
        "score": "评分",
        "points": "得分",
        "of": "满分",
        "ask": "下一步问什么",
        "by": "期限",
        "duty": "待办",
        "overdue": "已逾期",
        "due": "今天",
        "next": "接下来",
    },
}
