"""Hypothesis strategies for the deals, commands, walks and frames of a playbook.

Needs the extra `salesflow[testing]`. Values lean on what the playbook says: amounts around the
limits that its rules name, answers that its questions take, keys that it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

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
from salesflow.engine import (
    Adopt,
    Advance,
    Amend,
    Answer,
    Attest,
    Command,
    Complete,
    Delegate,
    Disqualify,
    Event,
    Hold,
    Judge,
    Lose,
    Migrate,
    MoveTo,
    MoveTrack,
    Reopen,
    Request,
    Resume,
    Retract,
    StageEngine,
    Start,
    Waive,
    Win,
    Withdraw,
)
from salesflow.facts import CURRENCY, Fact, FactKind
from salesflow.money import Money
from salesflow.playbook import Playbook, Question
from salesflow.playbook._kept import kept_with_playbook
from salesflow.playbook._parts import ENDED
from salesflow.rules._satisfiability import pools_of
from salesflow.testing._case_format import BLANK
from salesflow.testing._course import FIRST_DAY, START, WEEKDAYS, Course
from salesflow.testing._frames import KEY, rules_of
from salesflow.testing._means import Means
from salesflow.testing._witness import example_of

__all__ = ["Walk", "commands", "deals", "frames", "walks"]

_DAYS: Final = st.dates(FIRST_DAY - timedelta(days=400), FIRST_DAY + timedelta(days=400))
_SOON: Final = st.dates(FIRST_DAY - timedelta(days=6), FIRST_DAY + timedelta(days=6))
_WORDS: Final = st.sampled_from(["As agreed", "Later", "客户坚持"])
_RIVAL: Final = "rival"


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
    values = _values(book)
    roles = list(book.roles)
    team = {_person(role): role for role in roles}
    texts = {
        name: st.none() | values[name]
        for name in ("source", "probability", "next_step")
        if name in values
    }
    fields = {
        **texts,
        "amount": st.none() | _money(book),
        "owner": st.none() | st.just(str(BLANK["owner"])),
        "account": st.none()
        | st.fixed_dictionaries(
            {"name": st.just("Acme"), "tier": st.none() | values["account.tier"]}
        ),
        "team": st.sampled_from([{}, team]),
        "facts": _declared(book),
        **{
            name: st.none() | _DAYS
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
    by = st.sampled_from([*people] or [BLANK["owner"], *map(_person, book.roles)])
    role = st.none() | _of(book.roles) if book.roles else st.none()
    kinds = [
        st.tuples(st.just(kind), st.fixed_dictionaries({"by": by, "role": role, **fields}))
        for kind, fields in _kinds(book, by, ["nothing"] if strangers else [])
    ]
    return st.one_of(kinds).map(_made)


def _made(drawn: tuple[type[Command], dict[str, Any]]) -> Command:
    kind, fields = drawn
    if kind is Delegate and fields["to"] == fields["by"]:  # a substitute is somebody else
        fields["to"] = f"somebody for {fields['by']}"
    return kind.model_validate(fields)


_Fields = dict[str, st.SearchStrategy[Any]]


def _of(names: Iterable[str], more: Iterable[str] = ()) -> st.SearchStrategy[str]:
    return st.sampled_from([*names, *more])


def _person(role: str) -> str:
    return f"the {role}"


def _kinds(
    book: Playbook, by: st.SearchStrategy[str], strangers: list[str]
) -> Iterator[tuple[type[Command], _Fields]]:
    """Every kind of command with its fields; what moves a deal comes more often than the rest."""
    keys = [name for place in book.positions for name in (place.key, place.stage.key)]
    places = _of(dict.fromkeys([*keys, ENDED]), strangers)
    criteria, questions = [*book.criteria, *strangers], [*book.questions, *strangers]
    instruments = [*book.instruments, *(it.key for it in book.cadences), *strangers]
    asked = [key for key, it in book.criteria.items() if it.roles] + strangers
    shown = {"evidence": st.none() | _WORDS}
    why = {"note": st.none() | _WORDS}
    yield Start, {"stage": st.none() | places}
    ended = st.sampled_from([None, None, "won", "lost", "disqualified"])
    yield Adopt, {"stage": places, "entered_on": _SOON, "outcome": ended}
    for _ in range(2):
        yield Advance, why
        yield MoveTo, {"stage": places, **why}
        yield Reopen, {"stage": places, **why}
        yield Retract, {"stage": st.none() | places, "note": _WORDS}
        yield Resume, why
    yield Hold, {"resume_when": _WORDS, "review_on": _SOON, **why}
    for key, track in book.tracks.items():
        for _ in range(4):
            yield MoveTrack, {"track": st.just(key), "state": _of(it.key for it in track.states)}
    if criteria:
        yield Attest, {"criterion": _of(criteria), "met": st.booleans(), **shown}
        yield Waive, {"criterion": _of(criteria), "reason": _WORDS}
        yield Withdraw, {"waiver": _of(criteria)}
    if book.roles:
        yield (
            Judge,
            {
                "role": _of(book.roles),
                "verdict": st.sampled_from(["go", "kill", "hold"]),
                "point": st.none() | _of(asked) if asked else st.none(),
                "follow_up": st.none() | _WORDS,
                "resume_when": _WORDS,
                "review_on": _SOON,
                **shown,
                **why,
            },
        )
        yield (
            Delegate,
            {"role": _of(book.roles), "to": by.map("instead of {}".format), "until": _SOON},
        )
    if asked:
        yield Request, {"point": _of(asked)}
    if instruments:
        yield Complete, {"instrument": _of(instruments), **shown}
        yield Withdraw, {"instrument": _of(instruments)}
    about = st.sampled_from(["us", _RIVAL])
    if questions:
        yield Withdraw, {"question": _of(questions), "about": about}
    for name in questions:
        known = book.questions.get(name)
        mark = st.sampled_from(["+", "-", "?", "n/a"])
        yield Answer, {"question": st.just(name), "about": about, "mark": mark, **shown}
        if known is not None and known.type != "yes_no":
            yield Answer, {"question": st.just(name), "value": _answers(known), **shown}
    for kind, outcome in ((Win, "won"), (Lose, "lost"), (Disqualify, "disqualified")):
        reasons = [key for key, it in book.reasons.items() if it.outcome == outcome]
        reason = _of(reasons or ["any"], strangers)
        yield kind, {"reason": reason if kind is not Win else st.none() | reason, **why}
    yield Amend, {"changes": _changes(book), **why}
    yield Migrate, {}


def _answers(question: Question) -> st.SearchStrategy[Any]:
    """Values that a question takes."""
    match question.type:
        case "choice":
            return st.sampled_from(question.choices)
        case "date":
            return _DAYS
        case "scale":
            return st.integers(int(question.min or 0), int(question.max or 10))
        case "number":
            low = -10.0 if question.min is None else question.min
            return st.floats(low, low + 100.0 if question.max is None else question.max)
        case _:
            return _WORDS


def _changes(book: Playbook) -> st.SearchStrategy[dict[str, Any]]:
    """What an amendment changes: one field at least."""
    money = _money(book).map(lambda it: it.model_dump(mode="json"))
    fields: _Fields = {
        "amount": st.none() | money,
        "probability": st.none() | st.sampled_from([0, 0.5, 1]),
        "expected_close_on": st.none() | _DAYS.map(str),
        "next_step": st.none() | _WORDS,
        "facts": _declared(book),
    }
    return st.fixed_dictionaries({}, optional=fields).filter(bool)


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
    begun = Means().through(course, Start(by=course.owner))
    if begun is not None:
        course = begun
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
    values = _values(book)
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
        keys = {KEY: [f"D-{number}" for number in range(len(rows))]}
        return keys | {name: [facts[name] for facts in rows] for name in names}

    return st.lists(st.tuples(row, place), min_size=least, max_size=most).map(columns)


# ------------------------------------------------------------------------------ values


def _checked(playbook: Playbook) -> Playbook:
    return instance(playbook, Playbook, "playbook", A_PLAYBOOK)


@kept_with_playbook
def _values(book: Playbook) -> Mapping[str, st.SearchStrategy[Any]]:
    """For each fact the values that the rules of the playbook name, and some around these."""
    named: dict[str, dict[object, None]] = {}
    for rule in rules_of(book).values():
        core = rule.core(FIRST_DAY)
        for name, pool in pools_of(core, dict(rule.reads)).items():
            fitting = (it for it in pool if it is not None and rule.reads[name].admits(it))
            named.setdefault(name, {}).update(dict.fromkeys(fitting))
    return {name: _of_fact(fact, [*named.get(name, ())]) for name, fact in book.facts.items()}


def _of_fact(fact: Fact, named: list[object]) -> st.SearchStrategy[Any]:
    match fact.kind:
        case FactKind.FLAG:
            return st.booleans()
        case FactKind.CHOICE if fact.choices:
            return st.sampled_from(fact.choices)
        case FactKind.CHOICE | FactKind.TEXT:
            form = [] if fact.pattern is None else [example_of(fact.pattern)]
            return st.sampled_from([*(form or named), *(["As agreed"] if not form else [])])
        case FactKind.DAY:
            return _DAYS
        case FactKind.INSTANT:
            return _DAYS.map(lambda day: datetime.combine(day, START.timetz()))
        case FactKind.NUMBER | FactKind.MONEY:
            low = fact.low if fact.low is not None else 0.0
            high = fact.high if fact.high is not None else max(low, 0.0) + 1_000_000.0
            plain = st.sampled_from([low, high])
            return plain | st.sampled_from(named) if named else plain


def _money(book: Playbook) -> st.SearchStrategy[Money]:
    """Amounts around the limits that the playbook names, in its currency."""
    return (
        _values(book)["amount"]
        .filter(lambda amount: amount >= 0)
        .map(lambda amount: Money(f"{amount:.2f}", book.currency))
    )


def _declared(book: Playbook) -> st.SearchStrategy[dict[str, Any]]:
    """Values of the facts that the playbook declares, as a deal keeps them."""
    values = _values(book)
    return st.fixed_dictionaries({}, optional={name: values[name] for name in book.declared_facts})
