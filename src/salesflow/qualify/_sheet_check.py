"""Whether a sheet fits its playbook and its deal: every answer that does not, at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from salesflow._arguments import A_PLAYBOOK, instance, several
from salesflow.domain import AnswerRecord
from salesflow.errors import FactError, Problem, closest
from salesflow.playbook import Playbook, Question
from salesflow.qualify._answers import said
from salesflow.qualify._sheets import A_SHEET, COMPETITORS, US, AnswerSheet


def check_sheet(
    playbook: Playbook, sheet: AnswerSheet, *, competitors: Iterable[str] | None = None
) -> AnswerSheet:
    """The sheet itself, if every answer on it fits its question.

    A sheet that was filled in elsewhere is checked with it before it is merged or scored: scoring
    takes an answer that does not fit for one that is not known.

    Args:
        playbook: Where the questions are.
        sheet: The sheet, with all answers that it keeps, the earlier ones too.
        competitors: The names that a sheet may be about beside `"us"`, for instance
            `opportunity.competitors`; None: any.

    Raises:
        ArgumentError: An argument is of the wrong kind; one text is not a list of competitors.
        FactError: The sheet is about somebody else, or answers do not fit; `problems` lists all.

    Example:
        >>> from datetime import UTC, datetime
        >>> from salesflow import load_playbook
        >>> said = {"by": "li.wei", "at": datetime(2026, 1, 5, tzinfo=UTC), "about": "Rivl"}
        >>> sheet = AnswerSheet(
        ...     about="Rivl", answers=(AnswerRecord(question="tas.x", mark="+", **said),)
        ... )
        >>> playbook = load_playbook("optimized_sales_process")
        >>> check_sheet(playbook, sheet, competitors=["Rival"])
        Traceback (most recent call last):
            ...
        salesflow.errors.FactError: The sheet does not fit.
          - about: nobody lists a competitor 'Rivl'; did you mean "Rival"?
          - answers[0].question: there is no question 'tas.x'; the checklist has 20 others
    """
    instance(playbook, Playbook, "playbook", A_PLAYBOOK)
    instance(sheet, AnswerSheet, "sheet", A_SHEET)
    listed = None if competitors is None else several(competitors, str, "competitors", COMPETITORS)
    problems = [*_about(sheet, listed)]
    for number, answer in enumerate(sheet.answers):
        problems.extend(_unfit(playbook, answer, f"answers[{number}]"))
    if problems:
        raise FactError("The sheet does not fit.", problems=problems)
    return sheet


def _about(sheet: AnswerSheet, listed: tuple[str, ...] | None) -> Iterator[Problem]:
    if listed is not None and sheet.about not in (US, *listed):
        near = closest(sheet.about, listed)
        hint = f'did you mean "{near}"?' if near else "list them in the deal first"
        yield Problem(
            "about", f"nobody lists a competitor {sheet.about[:80]!r}", hint, "unknown_name"
        )


def _unfit(playbook: Playbook, answer: AnswerRecord, path: str) -> Iterator[Problem]:
    question = playbook.questions.get(answer.question)
    if question is None:
        yield _no_question(playbook, answer.question, f"{path}.question")
    elif not _fits(question, answer):
        given = said(answer)
        shown = f"{given:.15g}" if isinstance(given, float) else repr(given)[:80]
        yield Problem(
            f"{path}.{'value' if answer.mark is None else 'mark'}",
            f"{shown} does not answer {answer.question}",
            f'give {question.allowed.en}, or mark="?"',
            "kind",
        )


def _fits(question: Question, answer: AnswerRecord) -> bool:
    if answer.mark is not None:
        return answer.mark == "?" or question.type == "yes_no"
    return question.read(answer.value) is not None


def _no_question(playbook: Playbook, name: str, path: str) -> Problem:
    near = closest(name, playbook.questions)
    checklist = playbook.checklists.get(name.partition(".")[0])
    if near is not None:
        hint = f'did you mean "{near}"?'
    elif checklist is not None:
        hint = f"the checklist has {len(checklist.questions)} others"
    else:
        hint = f"the checklists are {', '.join(playbook.checklists) or 'none'}"
    return Problem(path, f"there is no question {name[:80]!r}", hint, "unknown_name")
