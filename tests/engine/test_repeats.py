"""A command that is given twice: soon, late, and after so many others that the deal forgot it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import salesflow as sf
from salesflow.domain._base.record import replaced
from salesflow.engine._fold import COMMANDS_KEPT
from salesflow.errors import ArgumentError, CommandConflict, EventError
from tests.engine.conftest import BANK

START: Final = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MANY: Final = 3 * COMMANDS_KEPT
ENGINE: Final = sf.StageEngine(sf.Playbook.from_toml(BANK))


class Course(NamedTuple):
    """A deal to which a bot said the same few things over and over."""

    commands: list[sf.Command]
    deals: list[sf.Opportunity]
    events: list[sf.Event]

    @property
    def deal(self) -> sf.Opportunity:
        return self.deals[-1]


def course_of(ids: list[str | None]) -> Course:
    deal = sf.Opportunity(id="D-1", name="Core banking", owner="li")
    course = Course([], [deal], [])
    for number, command_id in enumerate(ids):
        command: sf.Command = sf.Answer(
            by="li",
            question=("bant.budget", "bant.need")[number % 2],
            mark="+",
            command_id=command_id,
        )
        if not number:
            command = sf.Start(by="li", command_id=command_id)
        decision = ENGINE.decide(course.deal, command, at=START + timedelta(minutes=number))
        course.commands.append(command)
        course.deals.append(decision.require())
        course.events.extend(decision.events)
    return course


COURSE: Final = course_of([f"bot-{number:05d}" for number in range(MANY)])
NOW: Final = START + timedelta(days=30)


def test_a_deal_remembers_its_newest_commands() -> None:
    kept = [applied.id for applied in COURSE.deal.progress.commands]

    assert kept == [command.command_id for command in COURSE.commands[-COMMANDS_KEPT:]]
    assert ENGINE.replay(COURSE.events) == COURSE.deal.progress


def test_what_is_stored_of_a_deal_does_not_grow_with_the_commands() -> None:
    sizes = [
        len(COURSE.deals[number].progress.model_dump_json())
        for number in (COMMANDS_KEPT + 1, 2 * COMMANDS_KEPT, MANY)
    ]

    assert max(sizes) - min(sizes) < 100  # a date or a number with one more digit


@settings(max_examples=25)
@given(st.integers(0, MANY - 1))
def test_a_retry_of_any_command_is_known_with_the_events_of_the_deal(number: int) -> None:
    command = COURSE.commands[number]
    only = [event for event in COURSE.events if event.command_id == command.command_id]

    for events in (COURSE.events, only):
        again = ENGINE.decide(COURSE.deal, command, at=NOW, events=events)
        assert (again.accepted, again.duplicate, again.events) == (True, True, ())
        assert again.opportunity is COURSE.deal
    alone = ENGINE.decide(COURSE.deal, command, at=NOW)
    assert alone.duplicate == (number >= MANY - COMMANDS_KEPT)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=300), st.data())
def test_replay_remembers_what_deciding_did_wherever_the_history_is_cut(
    with_id: list[bool], data: st.DataObject
) -> None:
    before = data.draw(st.integers(0, COMMANDS_KEPT + 50))
    ids = enumerate([*[True] * before, *with_id])
    course = course_of([f"bot-{number}" if given else None for number, given in ids])
    cut = data.draw(st.integers(0, len(course.events)))
    deal = replaced(course.deals[0], progress=ENGINE.replay(course.events[:cut]))
    for event in course.events[cut:]:
        deal = ENGINE.evolve(deal, event)

    assert deal.progress == ENGINE.replay(course.events) == course.deal.progress
    assert len(deal.progress.commands) <= COMMANDS_KEPT


def test_an_old_id_with_another_content_is_a_conflict_where_events_tell_of_it() -> None:
    other = sf.Lose(by="li", reason="price", command_id=COURSE.commands[1].command_id)

    with pytest.raises(CommandConflict, match="used before"):
        ENGINE.decide(COURSE.deal, other, at=NOW, events=COURSE.events)


def test_events_are_read_only_where_the_deal_cannot_tell_by_itself() -> None:
    asked: list[str] = []

    def from_the_store() -> Iterator[sf.Event]:
        asked.append("read")
        yield from COURSE.events

    for known in (COURSE.commands[-1], COURSE.commands[-1].model_copy(update={"command_id": None})):
        ENGINE.decide(COURSE.deal, known, at=NOW, events=from_the_store())
    young = COURSE.deals[5]
    ENGINE.decide(
        young, sf.Lose(by="li", reason="price", command_id="x"), at=NOW, events=from_the_store()
    )
    assert asked == []

    ENGINE.decide(COURSE.deal, COURSE.commands[0], at=NOW, events=from_the_store())
    assert asked == ["read"]


def test_events_of_another_deal_are_refused() -> None:
    foreign = [event.model_copy(update={"opportunity_id": "D-2"}) for event in COURSE.events[:1]]

    with pytest.raises(EventError, match="belongs to deal 'D-2', not to 'D-1'"):
        ENGINE.decide(COURSE.deal, COURSE.commands[0], at=NOW, events=foreign)
    with pytest.raises(ArgumentError, match=r"events\[0\] must be an Event, not an int"):
        ENGINE.decide(COURSE.deal, COURSE.commands[0], at=NOW, events=[3])  # type: ignore[list-item]
