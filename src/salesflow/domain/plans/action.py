"""Actions: what is to be done, by whom, until when, and how far they are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Self

from pydantic import model_validator

from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain._base.checks import CheckedRecord, Problems
from salesflow.domain._base.times import Day
from salesflow.domain._days import calendar_day
from salesflow.domain._given import several


class Action(CheckedRecord):
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

    def _check(self, problems: Problems) -> None:
        if self.dropped and self.done_on is not None:
            problems.add(("dropped",), "done_and_dropped", "an action is done or dropped, not both")

    @property
    def open(self) -> bool:
        """Whether it is still to be done."""
        return self.done_on is None and not self.dropped

    def overdue(self, today: date) -> bool:
        """Whether it is open and its date has passed; on the date itself it is not.

        Args:
            today: The day that is asked about; a moment stands for the day in its own zone.

        Raises:
            FactError: `today` is a datetime without a time zone, or no day at all.
        """
        return self.open and self.due_on is not None and self.due_on < calendar_day(today)


class ActionStatus(Record):
    """How far the actions of a plan are on one day.

    Attributes:
        today: The day.
        overdue: Open, and the date has passed; the longest overdue first.
        open: Everything that is still to be done, by date; what has no date comes last.
        done: What was done, in the order in which it was done.
        dropped: What will not be done.
        without_owner: Open, and nobody is named; by date.
        without_date: Open, and there is no date.

    Example:
        >>> status = action_status(
        ...     [
        ...         Action(what="Call the CFO", owner="li.wei", due_on="2026-03-01"),
        ...         Action(what="Visit a reference"),
        ...         Action(what="Send the minutes", owner="li.wei", done_on="2026-02-20"),
        ...     ],
        ...     date(2026, 3, 2),
        ... )
        >>> [each.what for each in status.overdue], [each.what for each in status.without_owner]
        (['Call the CFO'], ['Visit a reference'])
        >>> {owner: len(actions) for owner, actions in status.by_owner.items()}
        {'li.wei': 1, None: 1}
    """

    today: Day
    overdue: tuple[Action, ...] = ()
    open: tuple[Action, ...] = ()
    done: tuple[Action, ...] = ()
    dropped: tuple[Action, ...] = ()
    without_owner: tuple[Action, ...] = ()
    without_date: tuple[Action, ...] = ()

    @property
    def by_owner(self) -> dict[str | None, tuple[Action, ...]]:
        """The open actions of each person, by date; under None those that nobody does."""
        found = dict[str | None, list[Action]]()
        for each in self.open:
            found.setdefault(each.owner, []).append(each)
        return {owner: tuple(actions) for owner, actions in found.items()}


def action_status(actions: Iterable[Action], today: date) -> ActionStatus:
    """How far some actions are.

    Args:
        actions: In any order.
        today: The day that is asked about; a moment stands for the day in its own zone.

    Raises:
        FactError: `today` is a datetime without a time zone, or no day at all; or `actions` is no
            list of actions.
    """
    day = calendar_day(today)
    listed = several(actions, Action, "actions")
    still = sorted(
        (each for each in listed if each.open),
        key=lambda each: (each.due_on is None, each.due_on or day),
    )
    return ActionStatus(
        today=day,
        overdue=overdue(still, day),
        open=tuple(still),
        done=tuple(
            sorted(
                (each for each in listed if each.done_on is not None),
                key=lambda each: each.done_on or day,
            )
        ),
        dropped=tuple(each for each in listed if each.dropped),
        without_owner=tuple(each for each in still if each.owner is None),
        without_date=tuple(each for each in still if each.due_on is None),
    )


def overdue(actions: Iterable[Action], today: date) -> tuple[Action, ...]:
    """The actions whose date has passed, the longest overdue first.

    Raises:
        FactError: `today` is a datetime without a time zone, or no day at all; or `actions` is no
            list of actions.

    Example:
        >>> late = Action(what="Call the CFO", owner="li.wei", due_on="2026-03-01")
        >>> overdue([late], date(2026, 3, 2))[0].what
        'Call the CFO'
        >>> overdue([late], date(2026, 3, 1))
        ()
    """
    day = calendar_day(today)
    listed = several(actions, Action, "actions")
    late = [each for each in listed if each.overdue(day)]
    return tuple(sorted(late, key=lambda each: each.due_on or day))
