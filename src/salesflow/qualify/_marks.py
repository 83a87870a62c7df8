"""Marks of a checklist: +, - and ? are YES, NO and UNKNOWN, and "?" still counts as asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from salesflow.domain import Answered, Mark
from salesflow.playbook import Checklist

__all__ = ["Tally", "marks_of", "tally"]


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a checklist has come.

    Attributes:
        asked: Questions that were asked, whatever the answer.
        unknown: Questions whose answer is not known, asked or not.
        unasked: Keys of the questions that nobody asked yet, in the checklist's order.
    """

    asked: int
    unknown: int
    unasked: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Every question was asked."""
        return not self.unasked


def marks_of(answers: Iterable[Answered], about: str = "us") -> dict[str, Mark]:
    """The marks of one sheet: about us, or about the competitor named.

    Returns:
        The mark by question, for instance `{"tas.compelling_event": "+"}`.
    """
    return {answer.question: answer.mark for answer in answers if answer.about == about}


def tally(checklist: Checklist, marks: Mapping[str, Mark]) -> Tally:
    """Count the marks of one checklist."""
    names = [f"{checklist.key}.{question.key}" for question in checklist.questions]
    known = sum(1 for name in names if marks.get(name) in ("+", "-"))
    unasked = tuple(
        question.key
        for question, name in zip(checklist.questions, names, strict=True)
        if name not in marks
    )
    return Tally(asked=len(names) - len(unasked), unknown=len(names) - known, unasked=unasked)
