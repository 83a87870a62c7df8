"""Actions: what is to be done, by whom, until when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Self

from pydantic import model_validator

from salesflow.domain._base import Day, Label, Note, Record
from salesflow.domain._shared import Problems

__all__ = ["Action", "overdue"]


class Action(Record):
    """One thing to do.

    Source: "Optimized Sales Process v2.1", step 3: an action plan with an owner and a date for
    each action.

    Attributes:
        what: What is to be done.
        owner: Who does it; None while nobody is named.
        due_on: Until when; None while there is no date.
        done_on: When it was done; None while it is open.
        dropped: It will not be done, and that is agreed.
        note: Anything else.
    """

    what: Note
    owner: Label | None = None
    due_on: Day | None = None
    done_on: Day | None = None
    dropped: bool = False
    note: Note | None = None

    @model_validator(mode="after")
    def _ended_once(self) -> Self:
        problems = Problems()
        if self.dropped and self.done_on is not None:
            problems.add(("dropped",), "done_and_dropped", "an action is done or dropped, not both")
        problems.refuse(self)
        return self

    @property
    def open(self) -> bool:
        """Whether it is still to be done."""
        return self.done_on is None and not self.dropped

    def overdue(self, today: date) -> bool:
        """Whether it is open and its date has passed; on the date itself it is not."""
        return self.open and self.due_on is not None and self.due_on < today


def overdue(actions: Iterable[Action], today: date) -> tuple[Action, ...]:
    """The actions whose date has passed, the longest overdue first.

    Example:
        >>> late = Action(what="Call the CFO", owner="li.wei", due_on="2026-03-01")
        >>> overdue([late], date(2026, 3, 2))[0].what
        'Call the CFO'
        >>> overdue([late], date(2026, 3, 1))
        ()
    """
    late = [each for each in actions if each.overdue(today)]
    return tuple(sorted(late, key=lambda each: each.due_on or today))
