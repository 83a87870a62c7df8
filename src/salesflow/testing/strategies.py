"""Hypothesis strategies for the deals, commands, walks and frames of a playbook.

Needs the extra `salesflow[testing]`. Values lean on what the playbook says: amounts around the
limits that its rules name, answers that its questions take, keys that it has.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from salesflow.errors import SalesflowError

try:
    from hypothesis import strategies as st
except ModuleNotFoundError as error:

    class _NotInstalled(SalesflowError, ImportError):
        """A package that this needs is not installed."""

    raise _NotInstalled(
        "Strategies need Hypothesis, which is not installed.",
        hint='Run: pip install "salesflow[testing]"',
    ) from error

from salesflow._arguments import A_PLAYBOOK, instance, whole_number
from salesflow.domain import Opportunity
from salesflow.engine import Advance, Command, Event, StageEngine, Start
from salesflow.facts import CURRENCY
from salesflow.playbook import Playbook
from salesflow.testing._case_format import BLANK
from salesflow.testing._course import WEEKDAYS, Course, team_of
from salesflow.testing._drawn_commands import commands_of
from salesflow.testing._drawn_values import DAYS, declared_of, money_of, values_of
from salesflow.testing._frames import columns_of
from salesflow.testing._means import Means

__all__ = ["Walk", "commands", "deals", "frames", "walks"]


@dataclass(frozen=True, slots=True)
class Walk:
    """A deal, what was done to it, and what became of it.

    Attributes:
        engine: Decided the commands.
        start: The deal before anything happened.
        commands: Those that were accepted, in order.
        events: What happened.
        opportunity: The deal afterwards.
        at: The moment of the last command.
    """

    engine: StageEngine
    start: Opportunity
    commands: tuple[Command, ...]
    events: tuple[Event, ...]
    opportunity: Opportunity
    at: datetime


def deals(playbook: Playbook) -> st.SearchStrategy[Opportunity]:
    """Deals of which nothing has happened yet, with facts around the limits of the playbook.

    Args:
        playbook: The process.

    Raises:
        ArgumentError: It is no playbook.

    Example:
        >>> import salesflow as sf
        >>> from hypothesis import given, settings
        >>> @settings(max_examples=10, database=None)
        ... @given(deals(sf.load_playbook("milestone_selling")))
        ... def test_a_deal_begins_with_nothing_done(deal):
        ...     assert deal.progress == sf.Progress()
        >>> test_a_deal_begins_with_nothing_done()
    """
    book = _checked(playbook)
    values = values_of(book)
    texts = {
        name: st.none() | values[name]
        for name in ("source", "probability", "next_step")
        if name in values
    }
    fields = {
        **texts,
        "amount": st.none() | money_of(book),
        "owner": st.none() | st.just(str(BLANK["owner"])),
        "account": st.none()
        | st.fixed_dictionaries(
            {"name": st.just("Acme"), "tier": st.none() | values["account.tier"]}
        ),
        "team": st.sampled_from([{}, team_of(book)]),
        "facts": declared_of(book),
        **{
            name: st.none() | DAYS
            for name in ("created_on", "expected_close_on", "last_activity_on", "next_step_on")
        },
    }
    return st.fixed_dictionaries({}, optional=fields).map(
        lambda drawn: Opportunity.model_validate({**BLANK, **drawn})
    )


def commands(
    playbook: Playbook, *, people: Iterable[str] = (), strangers: bool = False
) -> st.SearchStrategy[Command]:
    """Commands of every kind, about what the playbook has.

    Whether a deal takes them is for an engine to say. One that names what the playbook does not
    have, of another playbook for instance, raises UnknownName there.

    Args:
        playbook: The process.
        people: Who gives them; by default the owner of `deals`, and one in each role.
        strangers: Whether some of them name what the playbook does not have.

    Raises:
        ArgumentError: `playbook` is none.

    Example:
        >>> import salesflow as sf
        >>> from hypothesis import given, settings
        >>> @settings(max_examples=10, database=None)
        ... @given(commands(sf.load_playbook("milestone_selling")))
        ... def test_a_command_can_be_sent(command):
        ...     assert sf.read_command(command.model_dump_json()) == command
        >>> test_a_command_can_be_sent()
    """
    book = _checked(playbook)
    by = st.sampled_from([*people] or [BLANK["owner"], *team_of(book)])
    return commands_of(book, by, ["nothing"] if strangers else [])


# ------------------------------------------------------------------------------- walks


def walks(playbook: Playbook, *, max_size: int = 12) -> st.SearchStrategy[Walk]:
    """Deals on their way: one that began, and the commands that it accepted, in order.

    Now and then everything is done that the gate ahead asks for, so that deals come far.

    Args:
        playbook: The process.
        max_size: How often somebody tries something after the start, at most.

    Raises:
        ArgumentError: An argument is of the wrong kind.

    Example:
        >>> import salesflow as sf
        >>> from hypothesis import given, settings
        >>> @settings(max_examples=10, database=None)
        ... @given(walks(sf.load_playbook("milestone_selling")))
        ... def test_events_add_up_to_the_progress(walk):
        ...     assert walk.engine.replay(walk.events) == walk.opportunity.progress
        >>> test_events_add_up_to_the_progress()
    """
    book = _checked(playbook)
    return _walks(book, whole_number(max_size, "max_size", least=0))


@st.composite
def _walks(draw: st.DrawFn, book: Playbook, max_size: int) -> Walk:
    engine = StageEngine(book, calendar=WEEKDAYS)
    start = draw(deals(book))
    course = Course(engine, start)
    course = _on(course) or course
    for step in draw(st.lists(st.none() | commands(book), max_size=max_size)):
        try:
            found = _on(course) if step is None else course.do(step)
        except SalesflowError:  # of a time that does not fit, which a command may name
            continue
        course = found or course
    given = tuple(it for it in course.steps if isinstance(it, Command))
    return Walk(engine, start, given, course.events, course.deal, course.at)


def _on(course: Course) -> Course | None:
    """The deal in the next position, after what it takes was done."""
    if course.deal.progress.stage is None:
        return Means().through(course, Start(by=course.owner))
    return Means().through(course, Advance(by=course.owner))


# ------------------------------------------------------------------------------ frames


def frames(
    playbook: Playbook, *, min_size: int = 0, max_size: int = 20
) -> st.SearchStrategy[dict[str, list[Any]]]:
    """Columns of an export: a key, and one for each fact, as a library of frames takes them.

    Values stand beside each other as they come, and may be None: a column need not fit another.
    Points of scorecards have no column, for a check works them out.

    Args:
        playbook: The process.
        min_size: How many rows there are at least.
        max_size: How many at most.

    Raises:
        ArgumentError: An argument is of the wrong kind.

    Example:
        >>> import polars as pl, salesflow as sf
        >>> from hypothesis import given
        >>> book = sf.load_playbook("milestone_selling")
        >>> @given(frames(book))
        ... def test_every_row_has_a_key(columns):
        ...     assert pl.DataFrame(columns, strict=False)["opportunity_id"].is_unique().all()
        >>> test_every_row_has_a_key()
    """
    book = _checked(playbook)
    least = whole_number(min_size, "min_size", least=0)
    most = whole_number(max_size, "max_size", least=least)
    values = values_of(book)
    names = [name for name in book.facts if not name.startswith("score.")]
    row = st.fixed_dictionaries({name: st.none() | values[name] for name in names})
    stages = [(it.stage.key, it.sub_stage and it.sub_stage.key) for it in book.positions]
    place = st.sampled_from(stages)
    amounts = [name for name in names if f"{name}{CURRENCY}" in book.facts]

    def columns(drawn: list[tuple[dict[str, Any], tuple[str, str | None]]]) -> dict[str, list[Any]]:
        rows = [{**facts, "stage": at[0], "sub_stage": at[1]} for facts, at in drawn]
        for facts in rows:
            for name in amounts:  # an amount whose currency nobody knows is not known itself
                facts[f"{name}{CURRENCY}"] = None if facts[name] is None else book.currency
        return columns_of(book, rows)

    return st.lists(st.tuples(row, place), min_size=least, max_size=most).map(columns)


def _checked(playbook: Playbook) -> Playbook:
    return instance(playbook, Playbook, "playbook", A_PLAYBOOK)
