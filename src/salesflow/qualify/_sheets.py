"""Dated sheets: one for us and one per competitor, with every answer that was ever given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Final, Protocol, Self

from pydantic import AfterValidator, model_validator
from pydantic_core import PydanticCustomError

from salesflow.domain import Answered, Opportunity, Progress
from salesflow.domain._base import Label, Record
from salesflow.errors import FactError, UnknownName
from salesflow.playbook import Checklist
from salesflow.qualify._marks import Tally, answers_of, tally
from salesflow.rules._values import zone_of

__all__ = ["US", "Sheet", "history", "sheet_of", "sheets"]

US: Final = "us"
"""Whom the sheet about ourselves is about."""


def _ordered(answers: Iterable[Answered]) -> tuple[Answered, ...]:
    """By time; what was said at the same moment in an order that depends on nothing else."""
    unique = dict(_keyed(answers))
    return tuple(unique[key] for key in sorted(unique))


def _keyed(answers: Iterable[Answered]) -> Iterator[tuple[tuple[datetime, str], Answered]]:
    for answer in answers:
        yield (answer.at, answer.model_dump_json()), answer


class Sheet(Record):
    """The answers about us, or about one competitor.

    A sheet keeps every answer that it was made of, so that it can be read as it stood on an
    earlier day, and merging two loses nothing. The latest answer to a question is the one that
    counts; of two given at the same moment, always the same one, whoever merged them.

    Attributes:
        about: `"us"`, or the competitor's name.
        answers: Oldest first, none twice.
    """

    about: Label = US
    answers: Annotated[tuple[Answered, ...], AfterValidator(_ordered)] = ()

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
    def latest(self) -> dict[str, Answered]:
        """The answer that counts, by question."""
        return {answer.question: answer for answer in self.answers}

    def at(self, as_of: date, *, tz: str = "UTC") -> Sheet:
        """The sheet as it stood on an earlier day, the day itself included.

        Args:
            as_of: The day; of a moment with a zone, that very moment.
            tz: The zone in which an answer has its calendar day.

        Raises:
            FactError: There is no such zone, or a moment has none.
        """
        kept = (item for item in self.answers if _is_by(item, as_of, tz))
        return self.replaced(answers=tuple(kept))

    def merged(self, other: Sheet) -> Sheet:
        """Both sheets in one; every answer of either is in it.

        Raises:
            FactError: The sheets are about two different companies.
        """
        if other.about != self.about:
            raise FactError(
                f"Sheets about {self.about!r} and {other.about!r} are not merged.",
                hint="compare() puts them side by side.",
            )
        return self.replaced(answers=_ordered((*self.answers, *other.answers)))

    def tally(self, checklist: Checklist) -> Tally:
        """How far a checklist has come on this sheet: its `completeness`, what is unasked."""
        return tally(checklist, answers_of(self.latest.values(), self.about))

    def older_than(
        self, days: int, *, as_of: date, checklist: Checklist | None = None, tz: str = "UTC"
    ) -> tuple[Answered, ...]:
        """The answers that count and were given more than `days` days before, oldest first.

        Args:
            days: Calendar days; an answer that is exactly so old is not older.
            as_of: The day to count from.
            checklist: Only its questions.
            tz: The zone in which an answer has its calendar day.
        """
        limit = as_of - timedelta(days=days)
        zone = zone_of(tz)
        names = None if checklist is None else _names(checklist)
        old = [
            item
            for item in self.latest.values()
            if item.at.astimezone(zone).date() < limit and (names is None or item.question in names)
        ]
        return tuple(sorted(old, key=lambda item: item.at))


def sheets(
    answers: Opportunity | Progress | Iterable[Answered],
    *,
    competitors: Iterable[str] | None = None,
) -> dict[str, Sheet]:
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
    """
    if isinstance(answers, Opportunity):
        competitors = answers.competitors if competitors is None else competitors
        answers = answers.progress
    listed = answers.answers if isinstance(answers, Progress) else tuple(answers)
    found: dict[str, list[Answered]] = {US: []}
    known = sorted({item.about for item in listed}) if competitors is None else [*competitors]
    found.update({name: [] for name in known})
    for item in listed:
        if item.about not in found:
            raise UnknownName("competitor", item.about, known)
        found[item.about].append(item)
    return {name: Sheet(about=name, answers=tuple(items)) for name, items in found.items()}


def sheet_of(
    answers: Opportunity | Progress | Iterable[Answered],
    about: str = US,
    *,
    competitors: Iterable[str] | None = None,
) -> Sheet:
    """The sheet about us, or about one competitor; arguments as those of `sheets`.

    Raises:
        UnknownName: Nobody answered anything about that competitor, and it is not listed.
    """
    found = sheets(answers, competitors=competitors)
    if about not in found:
        raise UnknownName("competitor", about, [name for name in found if name != US])
    return found[about]


class Happened(Protocol):
    """What `history` reads of an event; `salesflow.engine.Event` is one."""

    @property
    def payload(self) -> object: ...
    @property
    def by(self) -> str: ...
    @property
    def occurred_at(self) -> datetime: ...
    @property
    def note(self) -> str | None: ...


def history(events: Iterable[Happened]) -> tuple[Answered, ...]:
    """Every answer that the events of a deal tell of, in their order, under today's names.

    A deal's progress has only the latest answers; its events have them all.
    """
    found: list[Answered] = []
    for event in events:
        said = event.payload
        kind = getattr(said, "kind", None)
        if kind == "question_answered":
            found.append(
                Answered(
                    **{name: getattr(said, name) for name in _SAID},
                    by=event.by,
                    at=event.occurred_at,
                    note=event.note,
                )
            )
        elif kind == "migrated":
            renamed: Mapping[str, str] = getattr(said, "renamed", {})
            found = [
                item.replaced(question=renamed.get(item.question, item.question)) for item in found
            ]
    return tuple(found)


_SAID: Final = ("question", "mark", "value", "about", "evidence")


def _names(checklist: Checklist) -> frozenset[str]:
    return frozenset(f"{checklist.key}.{question.key}" for question in checklist.questions)


def _is_by(answer: Answered, as_of: date, tz: str) -> bool:
    if isinstance(as_of, datetime):
        if as_of.utcoffset() is None:
            raise FactError("as_of has no zone.", hint="Give a date, or add tzinfo=.")
        return answer.at <= as_of
    return answer.at.astimezone(zone_of(tz)).date() <= as_of
