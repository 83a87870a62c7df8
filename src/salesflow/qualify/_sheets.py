"""Dated sheets: one for us and one per competitor, with every answer that was ever given.

A sheet that was filled in elsewhere is checked against its playbook and its deal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Annotated, Final, Protocol, Self, runtime_checkable

from pydantic import AfterValidator, model_validator
from pydantic_core import PydanticCustomError

from salesflow._arguments import A_PLAYBOOK, day, instance, several, whole_number, zone
from salesflow._closest import Suggestions
from salesflow.domain import AnswerRecord, Opportunity, Progress
from salesflow.domain._base.record import Label, Record, replaced
from salesflow.errors import FactError, Problem, UnknownName, closest
from salesflow.playbook import Checklist, Playbook, Question
from salesflow.qualify._answers import (
    A_CHECKLIST,
    SOME_ANSWERS,
    Tally,
    answers_of,
    questions_of,
    said,
    tally,
)
from salesflow.rules._compile import local_day

A_SHEET: Final = "make one of a deal: sheet_of(deal)"
COMPETITORS: Final = 'write competitors=["Rival"]'

US: Final = "us"
"""Whom the sheet about ourselves is about."""


def _ordered(answers: Iterable[AnswerRecord]) -> tuple[AnswerRecord, ...]:
    """By time; what was said at the same moment in an order that depends on nothing else."""
    unique = {(answer.at, answer.model_dump_json()): answer for answer in answers}
    return tuple(unique[key] for key in sorted(unique))


class AnswerSheet(Record):
    """The answers about us, or about one competitor.

    A sheet keeps every answer that it was made of, so that it can be read as it stood on an
    earlier day, and merging two loses nothing. The latest answer to a question is the one that
    counts; of two given at the same moment, always the same one, whoever merged them.

    Attributes:
        about: `"us"`, or the competitor's name.
        answers: Oldest first, none twice.
    """

    about: Label = US
    answers: Annotated[tuple[AnswerRecord, ...], AfterValidator(_ordered)] = ()

    @model_validator(mode="after")
    def _is_about_one(self) -> Self:
        strangers = sorted({item.about for item in self.answers if item.about != self.about})
        if strangers:
            raise PydanticCustomError(
                "sheet_about",
                "this sheet is about {about}; there are answers about {others}",
                {"about": self.about, "others": ", ".join(strangers)},
            )
        return self

    @property
    def latest(self) -> dict[str, AnswerRecord]:
        """The answer that counts, by question."""
        return {answer.question: answer for answer in self.answers}

    def at(self, as_of: date, *, tz: str = "UTC") -> AnswerSheet:
        """The sheet as it stood on an earlier day, the day itself included.

        Args:
            as_of: The day; of a moment with a zone, that very moment.
            tz: The zone in which an answer has its calendar day.

        Raises:
            ArgumentError: There is no such zone, or `as_of` is not a day.
            ClockError: `as_of` is a moment without its zone.
        """
        place = zone(tz)
        last = day(as_of, "as_of", place)
        if isinstance(as_of, datetime):
            kept = [item for item in self.answers if item.at <= as_of]
        else:
            kept = [item for item in self.answers if local_day(item.at, place) <= last]
        return replaced(self, answers=tuple(kept))

    def merged(self, other: AnswerSheet) -> AnswerSheet:
        """Both sheets in one; every answer of either is in it.

        Raises:
            ArgumentError: `other` is not an AnswerSheet.
            FactError: The sheets are about two different companies.
        """
        instance(other, AnswerSheet, "other", A_SHEET)
        if other.about != self.about:
            raise FactError(
                f"Sheets about {self.about!r} and {other.about!r} are not merged.",
                hint="compare() puts them side by side.",
            )
        return replaced(self, answers=_ordered((*self.answers, *other.answers)))

    def tally(self, checklist: Checklist, facts: Mapping[str, object] | None = None) -> Tally:
        """How far a checklist has come on this sheet: its `completeness`, what is unasked.

        Args:
            checklist: Whose questions count.
            facts: As from `facts_of`, where questions have rules that say whether they apply.

        Raises:
            ArgumentError: `checklist` is not a Checklist, or `facts` not a mapping.
        """
        return tally(checklist, answers_of(self.latest.values(), self.about), facts)

    def older_than(
        self, days: int, *, as_of: date, checklist: Checklist | None = None, tz: str = "UTC"
    ) -> tuple[AnswerRecord, ...]:
        """The answers that count and were given more than `days` days before, oldest first.

        Args:
            days: Calendar days; an answer that is exactly so old is not older.
            as_of: The day to count from.
            checklist: Only its questions.
            tz: The zone in which an answer has its calendar day.

        Raises:
            ArgumentError: An argument is of the wrong kind, or there is no such zone.
            ClockError: `as_of` is a moment without its zone.
        """
        place = zone(tz)
        limit = _limit(day(as_of, "as_of", place), whole_number(days, "days", least=0))
        if checklist is not None:
            instance(checklist, Checklist, "checklist", A_CHECKLIST)
        names = None if checklist is None else questions_of(checklist)
        old = [
            item
            for item in self.latest.values()
            if local_day(item.at, place) < limit and (names is None or item.question in names)
        ]
        return tuple(sorted(old, key=lambda item: item.at))


def sheets(
    answers: Opportunity | Progress | Iterable[AnswerRecord],
    *,
    competitors: Iterable[str] | None = None,
) -> dict[str, AnswerSheet]:
    """One sheet for us, and one for every competitor, by name.

    Where nobody has listed the competitors, the first answer about one opens a sheet. Where they
    are listed, each has a sheet, if an empty one, and an answer about anybody else is an error
    rather than a sheet that nobody looks at.

    Args:
        answers: A deal, whose `competitors` then are the list; a deal's progress, which keeps the
            latest answers; or answers such as those of `history`, which has all of them.
        competitors: The names that there may be beside `"us"`; None: those of the deal, or
            whoever was named.

    Raises:
        UnknownName: An answer is about none of `competitors`.
        ArgumentError: `answers` holds something else, or `competitors` is one text; `problems`
            lists every item that is wrong.
    """
    if isinstance(answers, Opportunity):
        competitors = answers.competitors if competitors is None else competitors
        answers = answers.progress
    if isinstance(answers, Progress):
        answers = answers.answers
    listed = several(answers, AnswerRecord, "answers", SOME_ANSWERS)
    found: dict[str, list[AnswerRecord]] = {US: []}
    known: Sequence[str] = (
        sorted({item.about for item in listed})
        if competitors is None
        else several(competitors, str, "competitors", COMPETITORS)
    )
    found.update({name: [] for name in known})
    for item in listed:
        if item.about not in found:
            raise UnknownName("competitor", item.about, known)
        found[item.about].append(item)
    return {name: AnswerSheet(about=name, answers=tuple(items)) for name, items in found.items()}


def sheet_of(
    answers: Opportunity | Progress | Iterable[AnswerRecord],
    about: str = US,
    *,
    competitors: Iterable[str] | None = None,
) -> AnswerSheet:
    """The sheet about us, or about one competitor; arguments as those of `sheets`.

    Raises:
        UnknownName: Nobody answered anything about that competitor, and it is not listed.
        ArgumentError: As `sheets`.
    """
    found = sheets(answers, competitors=competitors)
    if about not in [*found]:  # a list, since what cannot be hashed may be asked for, too
        raise UnknownName("competitor", about, [name for name in found if name != US])
    return found[about]


@runtime_checkable
class Event(Protocol):
    """What `history` reads of an event; `salesflow.engine.Event` is one."""

    @property
    def payload(self) -> object: ...
    @property
    def by(self) -> str: ...
    @property
    def occurred_at(self) -> datetime: ...
    @property
    def note(self) -> str | None: ...


def history(events: Iterable[Event]) -> tuple[AnswerRecord, ...]:
    """Every answer that the events of a deal tell of, in their order, under today's names.

    A deal's progress has only the latest answers; its events have them all. Answers that were
    withdrawn are left out, also where a day before that is looked at later;
    `StageEngine.score(…, as_of=, events=)` heeds only what was withdrawn by then.

    Raises:
        ArgumentError: Some are not events; `problems` lists them.
    """
    return answers_told(events, lambda _: True)


def answers_told(
    events: Iterable[Event], counts: Callable[[datetime], bool]
) -> tuple[AnswerRecord, ...]:
    """See `history`; a withdrawal is heeded where its moment `counts`."""
    found: list[AnswerRecord] = []
    withdrawn: dict[tuple[str, str], datetime] = {}
    hint = "pass decision.events, or read them: read_events(…)"
    for event in several(events, Event, "events", hint):  # type: ignore[type-abstract]
        payload = event.payload
        kind = getattr(payload, "kind", None)
        if kind == "question_answered":
            given = {name: getattr(payload, name) for name in _SAID}
            answer = AnswerRecord(**given, by=event.by, at=event.occurred_at, note=event.note)
            until = withdrawn.get((answer.question, answer.about))
            if until is None or answer.at >= until:  # else it was recorded late
                found.append(answer)
        elif kind == "withdrawn" and counts(event.occurred_at):
            # Of an instrument or a waiver there is no question, and no answer to leave out.
            key = (getattr(payload, "question", ""), getattr(payload, "about", US))
            withdrawn[key] = max(event.occurred_at, withdrawn.get(key, event.occurred_at))
            found = [
                item
                for item in found
                if (item.question, item.about) != key or item.at > event.occurred_at
            ]
        elif kind == "adopted":  # afresh, where it comes from another playbook
            found, withdrawn = [], {}
        elif kind == "migrated":
            renamed: Mapping[str, str] = getattr(payload, "renamed", {})
            if _crosses(event):  # only what is named is carried over
                found = [item for item in found if item.question in renamed]
                withdrawn = {key: until for key, until in withdrawn.items() if key[0] in renamed}
            found = [
                replaced(item, question=renamed.get(item.question, item.question)) for item in found
            ]
            withdrawn = {
                (renamed.get(name, name), about): until
                for (name, about), until in withdrawn.items()
            }
    return tuple(found)


def _crosses(migration: object) -> bool:
    """Whether a deal comes from another playbook, and not from an earlier version."""
    before = getattr(getattr(migration, "payload", None), "before", None)
    now = getattr(migration, "playbook", None)
    return None not in (before, now) and getattr(before, "id", None) != getattr(now, "id", None)


_SAID: Final = ("question", "mark", "value", "about", "evidence")


def _limit(today: date, days: int) -> date:
    """The day before which an answer is too old."""
    try:
        return today - timedelta(days=days)
    except OverflowError:
        return date.min


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
    suggestions = Suggestions()
    for number, answer in enumerate(sheet.answers):
        problems.extend(_unfit(playbook, answer, f"answers[{number}]", suggestions))
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


def _unfit(
    playbook: Playbook, answer: AnswerRecord, path: str, suggestions: Suggestions
) -> Iterator[Problem]:
    question = playbook.questions.get(answer.question)
    if question is None:
        yield _no_question(playbook, answer.question, f"{path}.question", suggestions)
    elif not _fits(question, answer):
        given = said(answer)
        shown = f"{given:.15g}" if isinstance(given, float) else repr(given)[:80]
        yield Problem(
            f"{path}.{'value' if answer.mark is None else 'mark'}",
            f"{shown} does not answer {answer.question}",
            f"give {_for_programs(question)}",
            "kind",
        )


def _for_programs(question: Question) -> str:
    """What answers a question, as a record says it."""
    plain = replace(question, may_not_apply=False).allowed.en
    allowed = 'mark="+" or "-"' if question.type == "yes_no" else plain
    left_out = ', or mark="n/a"' if question.may_not_apply else ""
    return f'{allowed}{left_out}, or mark="?"'


def _fits(question: Question, answer: AnswerRecord) -> bool:
    if answer.mark == "n/a":
        return question.may_not_apply
    if answer.mark is not None:
        return answer.mark == "?" or question.type == "yes_no"
    return question.read(answer.value) is not None


def _no_question(playbook: Playbook, name: str, path: str, suggestions: Suggestions) -> Problem:
    near = suggestions.closest(name, playbook.questions)
    checklist = playbook.checklists.get(name.partition(".")[0])
    if near is not None:
        hint = f'did you mean "{near}"?'
    elif checklist is not None:
        hint = f"the checklist has {len(checklist.questions)} others"
    else:
        hint = f"the checklists are {', '.join(playbook.checklists) or 'none'}"
    return Problem(path, f"there is no question {name[:80]!r}", hint, "unknown_name")
