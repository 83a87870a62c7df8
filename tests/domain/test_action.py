"""Actions: overdue, open, done or dropped."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from salesflow.domain import (
    Action,
    action_status,
    overdue,
)


@given(st.lists(st.tuples(st.none() | st.dates(), st.booleans(), st.booleans())), st.dates())
def test_overdue_are_the_open_actions_of_days_before_today_oldest_first(
    given_actions: list[tuple[date | None, bool, bool]], today: date
) -> None:
    actions = [
        Action(what="Go", due_on=due, done_on=date(2026, 1, 5) if done else None, dropped=dropped)
        for due, done, dropped in given_actions
        if not (done and dropped)
    ]
    late = overdue(actions, today)
    days = [each.due_on for each in late if each.due_on is not None]
    assert len(days) == len(late)
    assert days == sorted(days)
    assert all(day < today for day in days)
    assert {id(each) for each in late} == {
        id(each) for each in actions if each.open and each.due_on and each.due_on < today
    }


some_actions = st.lists(
    st.builds(
        Action,
        what=st.just("Go"),
        owner=st.sampled_from([None, "li.wei", "wang.fang"]),
        due_on=st.none() | st.dates(),
        done_on=st.none() | st.dates(),
    )
    | st.builds(Action, what=st.just("Go"), dropped=st.just(value=True)),
    max_size=8,
)


@given(some_actions, st.dates())
def test_every_action_is_open_or_done_or_dropped_and_every_open_one_has_its_place(
    actions: list[Action], today: date
) -> None:
    status = action_status(actions, today)
    assert sorted(map(repr, (*status.open, *status.done, *status.dropped))) == sorted(
        map(repr, actions)
    )
    assert status.overdue == overdue(actions, today)
    assert sum(len(owned) for owned in status.by_owner.values()) == len(status.open)
    assert status.by_owner.get(None, ()) == status.without_owner
    dated = [each.due_on for each in status.open if each.due_on is not None]
    assert dated == sorted(dated)
    assert status.open[len(dated) :] == status.without_date
    assert [each.done_on for each in status.done] == sorted(
        each.done_on for each in actions if each.done_on is not None
    )


def test_an_action_is_done_or_dropped() -> None:
    with pytest.raises(ValidationError, match="not both"):
        Action(what="Go", done_on=date(2026, 1, 5), dropped=True)
