"""Answers to a checklist: +, - and ? are YES, NO and UNKNOWN, and "?" still counts as asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from salesflow._arguments import A_PLAYBOOK, instance, mapping, several
from salesflow._result import Result
from salesflow.domain import AnswerRecord, Mark
from salesflow.facts import NOT_APPLICABLE
from salesflow.playbook import Checklist, Playbook, Question

SOME_ANSWERS: Final = "take them from a deal: history(events)"
A_DEALS_FACTS: Final = "take them from a deal: facts_of(deal, playbook, at=…)"
A_CHECKLIST: Final = 'take one of the playbook: playbook.checklists["bant"]'


class Tally(Result):
    """How far a checklist has come.

    Attributes:
        asked: Questions that were asked, whatever the answer, or that do not apply.
        unknown: Questions that apply and whose answer is not known, asked or not.
        unasked: Keys of the questions that nobody asked yet, in the checklist's order.
        yes: Questions of yes or no that are answered `+`.
        no: Those that are answered `-`.
        marked: How many questions of yes or no there are that apply.
    """

    asked: int
    unknown: int
    unasked: tuple[str, ...]
    yes: int = 0
    no: int = 0
    marked: int = 0

    @property
    def share(self) -> float | None:
        """The share of the questions of yes or no that are answered `+`; None if there are none.

        What nobody answered yet counts among them, so that one answer is no 100 %.
        """
        return self.yes / self.marked if self.marked else None

    @property
    def complete(self) -> bool:
        """Every question was asked."""
        return not self.unasked

    @property
    def completeness(self) -> float:
        """The share of the questions that were asked, 0 to 1."""
        return self.asked / (self.asked + len(self.unasked))


def marks_of(answers: Iterable[AnswerRecord], about: str = "us") -> dict[str, Mark]:
    """The marks of one sheet, about us or about the competitor named; no values.

    Returns:
        The mark by question, for instance `{"tas.compelling_event": "+"}`.

    Raises:
        ArgumentError: `answers` holds something else.
    """
    return {
        answer.question: answer.mark
        for answer in _records(answers)
        if answer.about == about and answer.mark is not None
    }


def answers_of(answers: Iterable[AnswerRecord], about: str = "us") -> dict[str, Mark | float | str]:
    """What one sheet answers: the mark or the value by question.

    Raises:
        ArgumentError: `answers` holds something else.
    """
    return {
        answer.question: given
        for answer in _records(answers)
        if answer.about == about and (given := said(answer)) is not None
    }


def answer_facts(
    playbook: Playbook, answers: Iterable[AnswerRecord], about: str = "us"
) -> dict[str, float | str | date | None]:
    """The facts that the answers of one sheet give, each of its question's kind.

    An answer that does not fit its question any more, because the playbook changed, is not known.

    Raises:
        ArgumentError: An argument is of the wrong kind.
    """
    instance(playbook, Playbook, "playbook", A_PLAYBOOK)
    questions = playbook.questions
    facts: dict[str, float | str | date | None] = {}
    for answer in _records(answers):
        question = questions.get(answer.question)
        if answer.about == about and question is not None:
            is_mark = question.type == "yes_no"
            skips = answer.mark == "n/a"
            given = question.read(answer.value) if not is_mark else answer.mark
            facts[answer.question] = None if skips else given
            if question.may_not_apply:
                facts[f"{NOT_APPLICABLE}{answer.question}"] = skips
    return facts


def said(answer: AnswerRecord) -> Mark | float | str | None:
    """What an answer says: its mark or its value."""
    return answer.value if answer.mark is None else answer.mark


def questions_of(checklist: Checklist) -> dict[str, Question]:
    """The questions of a checklist, by the names of their facts."""
    return {f"{checklist.key}.{question.key}": question for question in checklist.questions}


def tally(
    checklist: Checklist,
    answers: Mapping[str, Mark | float | str],
    facts: Mapping[str, object] | None = None,
) -> Tally:
    """Count the answers to one checklist, as from `answers_of` or `marks_of`.

    Args:
        checklist: Whose questions count.
        answers: The mark or the value by question.
        facts: As from `facts_of`: their flags `not_applicable.<checklist>.<question>` say which
            questions do not apply by their own rules. Without them, those are the ones answered so.

    Raises:
        ArgumentError: `checklist` is not a Checklist, or `answers` or `facts` not a mapping.
    """
    instance(checklist, Checklist, "checklist", A_CHECKLIST)
    mapping(answers, "answers", "pass what answers_of gives", required=True)
    flags = mapping(facts, "facts", A_DEALS_FACTS)
    known = 0
    unasked = []
    marks: list[object] = []
    for name, question in questions_of(checklist).items():
        given = answers.get(name)
        left_out = question.when is not None and flags.get(f"{NOT_APPLICABLE}{name}") is True
        if question.type == "yes_no" and given != "n/a" and not left_out:
            marks.append(given)
        if left_out:
            known += 1  # it is settled that nobody need know
        elif given is None:
            unasked.append(question.key)
        elif _is_known(question, given):
            known += 1
    count = len(checklist.questions)
    return Tally(
        asked=count - len(unasked),
        unknown=count - known,
        unasked=tuple(unasked),
        yes=marks.count("+"),
        no=marks.count("-"),
        marked=len(marks),
    )


def _records(answers: Iterable[AnswerRecord]) -> tuple[AnswerRecord, ...]:
    return several(answers, AnswerRecord, "answers", SOME_ANSWERS)


def _is_known(question: Question, given: float | str) -> bool:
    if given == "n/a":
        return question.may_not_apply
    if question.type == "yes_no":
        return given in ("+", "-")
    return given != "?" and question.read(given) is not None
