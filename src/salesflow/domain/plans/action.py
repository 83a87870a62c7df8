"""Actions: what is to be done, by whom, until when, and how far they are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from salesflow._arguments import day, several
from salesflow.domain._base.checks import CheckedRecord, Problems
from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain._base.times import Day


class Action(CheckedRecord):
    """One thing to do.

    Source: "Optimized Sales Process v2.1", step 3: an action plan with an owner and a date for
    each action.

    Attributes:
        what: What is to be done.
        owner: The person who does it; None while nobody is named.
        due_on: The day by which it is to be done; None while it has no date.
        done_on: The day on which it was done; None while it is open.
        dropped: Whether it was agreed not to do it.
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
            ArgumentError: `today` is not a day, or is a moment without a zone.
        """
        return self.open and self.due_on is not None and self.due_on < day(today, "today")


class ActionStatus(Record):
    """How far the actions of a plan are on one day.

    Attributes:
        today: The day.
        overdue: The open actions whose date has passed, the longest overdue first.
        open: The actions that are still to be done, by date; those without a date come last.
        done: The actions that were done, in the order in which they were done.
        dropped: The actions that will not be done.
        without_owner: The open actions that have no owner, by date.
        without_date: The open actions that have no date.

    Example:
        >>> status = action_status(
        ...     [
        ...         Action(what="Call the CFO", owner="li.wei", due_on="2026-03-01"),
        ...         Action(what="Visit a reference"),
        ...         Action(what="Send the minutes", owner="li.wei", done_on="2026-02-20"),
        ...     ],
        ...     date(2026, 3, 2),
        ... )
        >>> [late.what for late in status.overdue], [free.what for free in status.without_owner]
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
        """The open actions of each person, by date; those without an owner under None."""
        found = dict[str | None, list[Action]]()
        for action in self.open:
            found.setdefault(action.owner, []).append(action)
        return {owner: tuple(actions) for owner, actions in found.items()}


def action_status(actions: Iterable[Action], today: date) -> ActionStatus:
    """How far some actions are.

    Args:
        actions: The actions, in any order.
        today: The day that is asked about; a moment stands for the day in its own zone.

    Raises:
        ArgumentError: `today` is not a day, or is a moment without a zone; or `actions` is not a
            list of actions.
    """
    that_day = day(today, "today")
    listed = several(actions, Action, "actions")
    still = sorted(
        (action for action in listed if action.open),
        key=lambda action: (action.due_on is None, action.due_on or that_day),
    )
    done = [action for action in listed if action.done_on is not None]
    return ActionStatus(
        today=that_day,
        overdue=overdue(still, that_day),
        open=tuple(still),
        done=tuple(sorted(done, key=lambda action: action.done_on or that_day)),
        dropped=tuple(action for action in listed if action.dropped),
        without_owner=tuple(action for action in still if action.owner is None),
        without_date=tuple(action for action in still if action.due_on is None),
    )


def overdue(actions: Iterable[Action], today: date) -> tuple[Action, ...]:
    """The actions whose date has passed, the longest overdue first.

    Raises:
        ArgumentError: `today` is not a day, or is a moment without a zone; or `actions` is not a
            list of actions.

    Example:
        >>> late = Action(what="Call the CFO", owner="li.wei", due_on="2026-03-01")
        >>> overdue([late], date(2026, 3, 2))[0].what
        'Call the CFO'
        >>> overdue([late], date(2026, 3, 1))
        ()
    """
    that_day = day(today, "today")
    late = [action for action in several(actions, Action, "actions") if action.overdue(that_day)]
    return tuple(sorted(late, key=lambda action: action.due_on or that_day))
