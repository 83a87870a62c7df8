"""Two sheets side by side, question by question."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from salesflow._arguments import A_PLAYBOOK, instance, mapping, zone
from salesflow._result import Result
from salesflow.domain import AnswerRecord
from salesflow.playbook import Checklist, Playbook, Question, Scorecard
from salesflow.qualify._answers import (
    A_CHECKLIST,
    A_DEALS_FACTS,
    answer_facts,
    questions_of,
    said,
)
from salesflow.qualify._applying import without_answers
from salesflow.qualify._points import A_CARD, day_of
from salesflow.qualify._scenario import count_facts, with_derived
from salesflow.qualify._score import Score, score
from salesflow.qualify._sheets import A_SHEET, AnswerSheet

_RANK: Final[Mapping[str | None, int]] = {"+": 1, "-": 0}


class Difference(Result):
    """One question on two sheets.

    Attributes:
        question: `<checklist>.<question>`.
        first: The first sheet's answer; None where it has none.
        second: The second sheet's answer.
        asked: The question, where a checklist was given.
    """

    question: str
    first: AnswerRecord | None
    second: AnswerRecord | None
    asked: Question | None = None

    @property
    def same(self) -> bool:
        """Both say the same, whoever said it and when; also where both say nothing."""
        first, second = self.first, self.second
        return (first and said(first)) == (second and said(second))

    @property
    def ahead(self) -> str | None:
        """`"first"` or `"second"`: who has a + against a -, or stands higher on a scale.

        None where they are level, where one of them is not known, and for questions that have no
        better and worse.
        """
        one, two = self._rank(self.first), self._rank(self.second)
        if one is None or two is None:
            return None
        if one > two:
            return "first"
        return "second" if one < two else None

    def _rank(self, answer: AnswerRecord | None) -> float | None:
        if answer is None:
            return None
        is_scale = self.asked is not None and self.asked.type == "scale"
        if is_scale and isinstance(answer.value, float):
            return answer.value
        return _RANK.get(answer.mark)


def compare(
    first: AnswerSheet,
    second: AnswerSheet,
    *,
    checklist: Checklist | None = None,
    as_of: date | None = None,
    tz: str = "UTC",
) -> tuple[Difference, ...]:
    """Two sheets, question by question: us and a competitor, or one sheet then and now.

    Args:
        first: For instance ours, or `sheet.at(earlier)`.
        second: For instance the competitor's.
        checklist: All its questions, in its order, and no others; None: those that either sheet
            answers, by name.
        as_of: Both as they stood on that day.
        tz: The zone in which an answer has its calendar day.

    Raises:
        ArgumentError: An argument is of the wrong kind, or there is no such zone.
    """
    instance(first, AnswerSheet, "first", A_SHEET)
    instance(second, AnswerSheet, "second", A_SHEET)
    if checklist is not None:
        instance(checklist, Checklist, "checklist", A_CHECKLIST)
    zone(tz)
    if as_of is not None:
        first, second = first.at(as_of, tz=tz), second.at(as_of, tz=tz)
    one, two = first.latest, second.latest
    asked: Mapping[str, Question | None] = dict.fromkeys(sorted({*one, *two}))
    if checklist is not None:
        asked = questions_of(checklist)
    return tuple(
        Difference(question=name, first=one.get(name), second=two.get(name), asked=question)
        for name, question in asked.items()
    )


def score_sheet(
    playbook: Playbook,
    card: Scorecard,
    sheet: AnswerSheet,
    facts: Mapping[str, object] | None = None,
    as_of: date | None = None,
    *,
    tz: str = "UTC",
) -> Score:
    """Score a sheet: a competitor's beside ours, or ours as it stood earlier.

    Args:
        playbook: Where the questions are.
        card: One of `playbook.scorecards`.
        sheet: Its latest answers take the place of all answers in `facts`.
        facts: What else is known of the deal, as from `facts_of`.
        as_of: The day, for cards whose rules use time. It does not choose the answers:
            `sheet.at(day)` does.
        tz: The zone in which an instant has its calendar day.

    Raises:
        ArgumentError: As `score`, or `sheet` is not an AnswerSheet.
        FactError: As `score`.
    """
    instance(playbook, Playbook, "playbook", A_PLAYBOOK)
    instance(card, Scorecard, "card", A_CARD)
    instance(sheet, AnswerSheet, "sheet", A_SHEET)
    known = mapping(facts, "facts", A_DEALS_FACTS)
    as_of = day_of(as_of, tz)
    counts = count_facts(playbook)
    rest = {
        name: value
        for name, value in without_answers(playbook, known).items()
        if name not in counts
    }
    answered = answer_facts(playbook, sheet.latest.values(), sheet.about)
    found = with_derived(playbook, card, {**rest, **answered}, rest, as_of=as_of, tz=tz)
    return score(playbook, card, found, as_of, tz=tz)
