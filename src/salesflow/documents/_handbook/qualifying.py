"""Checklists with what their answers mean, and scorecards with their points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from salesflow.documents._handbook.page import Page
from salesflow.documents._markdown import Md
from salesflow.playbook import Checklist, Question, Scorecard, ScoreItem
from salesflow.text import Text, both

_PLUS: Final = both(en="+ means", zh="“+”的含义")
_MINUS: Final = both(en="− means", zh="“−”的含义")
_PLUS_OR_HIGH: Final = both(en="+, or the high end, means", zh="“+”或高分的含义")
_MINUS_OR_LOW: Final = both(en="−, or the low end, means", zh="“−”或低分的含义")
_SOURCE: Final = both(en="Source", zh="出处")


def write_checklists(page: Page) -> None:
    """Every checklist."""
    for checklist in page.playbook.checklists.values():
        title = page.mark(page.of(checklist.title), False, ("checklists", checklist.key))
        page.heading(2, page.t(en=f"Checklist: {title}", zh=f"检查表：{title}"))
        page.keyed(checklist.key)
        if checklist.source is not None:
            page.labelled(_SOURCE, page.of(checklist.source))
        if any(question.type == "yes_no" for question in checklist.questions):
            page.paragraph(
                page.t(
                    en="The answer is **+**, **−** or **?** (asked, and not known).",
                    zh="回答为 **+**、**−** 或 **?**（已问，但不清楚）。",
                )
            )
        _write_questions(page, checklist, (it for it in checklist.questions if not it.section))
        for section in checklist.sections:
            page.heading(3, page.of(section.title))
            page.keyed(section.key)
            mine = (it for it in checklist.questions if it.section == section.key)
            _write_questions(page, checklist, mine)


def _write_questions(page: Page, checklist: Checklist, questions: Iterable[Question]) -> None:
    listed = list(questions)
    # The two ends of a scale are its + and -.
    scales = any(it.type != "yes_no" and (it.positive or it.negative) for it in listed)

    def text(words: Text | None) -> Md:
        return Md("") if words is None else page.of(words)

    page.table(
        listed,
        (
            both(en="Question", zh="问题"),
            lambda it: page.titled(
                it.title, f"{checklist.key}.{it.key}", (checklist.key, "questions", it.key)
            ),
        ),
        (both(en="Answer", zh="回答"), lambda it: page.lines(_answers(page, checklist, it))),
        (_PLUS_OR_HIGH if scales else _PLUS, lambda it: text(it.positive)),
        (_MINUS_OR_LOW if scales else _MINUS, lambda it: text(it.negative)),
        (both(en="What helps to answer", zh="提示"), lambda it: text(it.help)),
    )


def _answers(page: Page, checklist: Checklist, question: Question) -> Iterator[Md]:
    """What may be answered, where that is not + or -, and what goes with it."""
    if question.type != "yes_no":
        yield page.of(replace(question, may_not_apply=False).allowed)
    if question.may_not_apply:
        yield page.t(en="n/a, where it does not apply", zh="不适用的，回答 n/a")
    if question.when is not None:
        rule = page.rule(question.when, f"{checklist.key}.{question.key}", "when")
        yield page.t(en=f"Asked only where {rule}", zh=f"仅适用于：{rule}")
    if question.evidence:
        yield page.t(en="Whoever answers names what shows it", zh="回答时须注明依据")


def write_scorecards(page: Page) -> None:
    """Every scorecard."""
    for card in page.playbook.scorecards.values():
        title = page.of(card.title)
        words = page.t(en=f"Scorecard: {title}", zh=f"评分卡：{title}")
        page.heading(2, page.mark(words, card.reading, ("scorecards", card.key)))
        page.keyed(card.key)
        if card.source is not None:
            page.labelled(_SOURCE, page.of(card.source))
        total = page.number(card.total)
        page.paragraph(page.t(en=f"At most {total} points can be earned.", zh=f"满分 {total} 分。"))
        _write_items(page, card)
        _write_bands(page, card)


def _write_items(page: Page, card: Scorecard) -> None:
    page.table(
        card.items,
        (
            both(en="Item", zh="评分项"),
            lambda it: page.titled(it.title, it.key, (card.key, "items", it.key)),
        ),
        (both(en="Points", zh="分值"), lambda item: _points(page, item)),
        (both(en="Earned where", zh="得分条件"), lambda item: _earned(page, card, item)),
        (both(en="Settles the card", zh="一票否决"), lambda item: _knock_out(page, item)),
    )


def _write_bands(page: Page, card: Scorecard) -> None:
    page.table(
        card.bands,
        (both(en="From", zh="起始分数"), lambda band: page.number(band.min)),
        (
            both(en="Verdict", zh="结论"),
            lambda it: page.titled(it.title, it.key, (card.key, "bands", it.key)),
        ),
    )


def _points(page: Page, item: ScoreItem) -> Md:
    weight = page.number(item.weight)
    if item.points is None:
        return weight
    return page.t(en=f"{weight} for each 1 of it", zh=f"每 1 计 {weight} 分")


def _earned(page: Page, card: Scorecard, item: ScoreItem) -> Md:
    if item.points is None:
        question = page.playbook.questions.get(item.rule.text)
        if question is not None and question.type == "yes_no":
            answered = page.t(en="answered +", zh="回答为“+”")
            return page.with_key(answered, item.rule.text)
        return page.rule(item.rule, f"{card.key}.{item.key}")
    low, high = page.number(item.min), page.number(item.max)
    fact = page.fact_named(item.points)
    return page.t(en=f"{fact}, from {low} to {high}", zh=f"{fact}，从 {low} 到 {high}")


def _knock_out(page: Page, item: ScoreItem) -> Md:
    if not item.knock_out:
        return Md("")
    if item.points is None:
        return page.t(en="where it is no", zh="不满足即否决")
    return page.t(en="where it is at its lowest", zh="处于最低值即否决")
