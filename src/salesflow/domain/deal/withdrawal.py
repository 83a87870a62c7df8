"""What was withdrawn: one answer, one completion or one waiver."""

from __future__ import annotations

from typing import Protocol, Self, TypeVar

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain._base.times import Instant


class _Withdrawing(Protocol):
    @property
    def question(self) -> str | None: ...
    @property
    def about(self) -> str: ...
    @property
    def instrument(self) -> str | None: ...
    @property
    def waiver(self) -> str | None: ...


WithdrawingT = TypeVar("WithdrawingT", bound=_Withdrawing)


def one_withdrawn(record: WithdrawingT) -> WithdrawingT:
    """The record, if it is about one answer, one completion or one waiver; for validators."""
    named = (record.question, record.instrument, record.waiver)
    if sum(name is not None for name in named) != 1:
        raise PydanticCustomError(
            "one_withdrawn", "give exactly one of question, instrument and waiver"
        )
    if record.question is None and record.about != "us":
        raise PydanticCustomError("about_answer", "only an answer is about somebody; leave it out")
    return record


class Withdrawal(Record):
    """What somebody withdrew, so that an older word that is recorded late does not stand again.

    Attributes:
        question: The question whose answer was withdrawn; else one of the next two is set.
        about: Whom that answer was about.
        instrument: Key of the instrument or cadence that is not complete any more.
        waiver: Key of the criterion that is not waived any more.
        by: The person who withdrew it.
        at: When they did so. What was said until then does not stand.
        note: What they said about it.
    """

    question: Label | None = None
    about: Label = "us"
    instrument: Label | None = None
    waiver: Label | None = None
    by: Label
    at: Instant
    note: Note | None = None

    @model_validator(mode="after")
    def _is_about_one_thing(self) -> Self:
        return one_withdrawn(self)
