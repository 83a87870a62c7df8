"""What is drawn for commands: every kind, about what a playbook has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeAlias

from hypothesis import strategies as st

from salesflow.engine import (
    Adopt,
    Advance,
    Amend,
    Answer,
    Attest,
    CallForecast,
    Command,
    Complete,
    Delegate,
    Disqualify,
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
    Start,
    Waive,
    Win,
    Withdraw,
)
from salesflow.facts import FORECAST_CATEGORIES
from salesflow.playbook import Playbook, Question
from salesflow.playbook._parts import ENDED
from salesflow.testing._drawn_values import DAYS, SOON, WORDS, declared_of, money_of

_Fields: TypeAlias = dict[str, st.SearchStrategy[Any]]

_RIVAL: Final = "rival"


def commands_of(
    book: Playbook, by: st.SearchStrategy[str], strangers: list[str]
) -> st.SearchStrategy[Command]:
    """Commands of every kind.

    Args:
        book: The process.
        by: Who gives them.
        strangers: Names that the playbook does not have, to be among those that they name.
    """
    role = st.none() | _of(book.roles) if book.roles else st.none()
    kinds = [
        st.tuples(st.just(kind), st.fixed_dictionaries({"by": by, "role": role, **fields}))
        for kind, fields in _kinds(book, by, strangers)
    ]
    return st.one_of(kinds).map(_made)


def _made(drawn: tuple[type[Command], dict[str, Any]]) -> Command:
    kind, fields = drawn
    if kind is Delegate and fields["to"] == fields["by"]:  # a substitute is somebody else
        fields["to"] = f"somebody for {fields['by']}"
    return kind.model_validate(fields)


def _of(names: Iterable[str], more: Iterable[str] = ()) -> st.SearchStrategy[str]:
    return st.sampled_from([*names, *more])


def _kinds(
    book: Playbook, by: st.SearchStrategy[str], strangers: list[str]
) -> Iterator[tuple[type[Command], _Fields]]:
    """Every kind of command with its fields; what moves a deal comes more often than the rest."""
    keys = [name for place in book.positions for name in (place.key, place.stage.key)]
    places = _of(dict.fromkeys(keys), strangers)
    criteria, questions = [*book.criteria, *strangers], [*book.questions, *strangers]
    instruments = [*book.instruments, *(it.key for it in book.cadences), *strangers]
    asked = [key for key, it in book.criteria.items() if it.roles] + strangers
    shown = {"evidence": st.none() | WORDS}
    why = {"note": st.none() | WORDS}
    yield Start, {"stage": st.none() | places}
    ended = st.sampled_from([None, None, "won", "lost", "disqualified"])
    yield Adopt, {"stage": places, "entered_on": SOON, "outcome": ended}
    for _ in range(2):
        yield Advance, why
        yield MoveTo, {"stage": _of(dict.fromkeys([*keys, ENDED]), strangers), **why}
        yield Reopen, {"stage": places, **why}
        yield Retract, {"stage": st.none() | places, "note": WORDS}
        yield Resume, why
    yield CallForecast, {"category": st.sampled_from(FORECAST_CATEGORIES), "reason": WORDS}
    yield Hold, {"resume_when": WORDS, "review_on": SOON, **why}
    for key, track in book.tracks.items():
        for _ in range(4):
            yield MoveTrack, {"track": st.just(key), "state": _of(it.key for it in track.states)}
    if criteria:
        yield Attest, {"criterion": _of(criteria), "met": st.booleans(), **shown}
        yield Waive, {"criterion": _of(criteria), "reason": WORDS}
        yield Withdraw, {"waiver": _of(criteria)}
    if book.roles:
        yield (
            Judge,
            {
                "role": _of(book.roles),
                "verdict": st.sampled_from(["go", "kill", "hold"]),
                "point": st.none() | _of(asked) if asked else st.none(),
                "follow_up": st.none() | WORDS,
                "resume_when": WORDS,
                "review_on": SOON,
                **shown,
                **why,
            },
        )
        yield (
            Delegate,
            {"role": _of(book.roles), "to": by.map("instead of {}".format), "until": SOON},
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
            return DAYS
        case "scale":
            return st.integers(int(question.min or 0), int(question.max or 10))
        case "number":
            low = -10.0 if question.min is None else question.min
            return st.floats(low, low + 100.0 if question.max is None else question.max)
        case _:
            return WORDS


def _changes(book: Playbook) -> st.SearchStrategy[dict[str, Any]]:
    """What an amendment changes: one field at least."""
    money = money_of(book).map(lambda it: it.model_dump(mode="json"))
    fields: _Fields = {
        "amount": st.none() | money,
        "probability": st.none() | st.sampled_from([0, 0.5, 1]),
        "expected_close_on": st.none() | DAYS.map(str),
        "next_step": st.none() | WORDS,
        "facts": declared_of(book),
    }
    return st.fixed_dictionaries({}, optional=fields).filter(bool)
