"""Which questions apply to a deal, where a rule of their own says so."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, Final

from salesflow.facts import NOT_APPLICABLE
from salesflow.playbook import Playbook, Track
from salesflow.playbook._kept import kept_with_playbook
from salesflow.playbook._model_tracks import NOT_APPLICABLE as NO_TRACK
from salesflow.playbook._parts import TRACK_PARTS
from salesflow.playbook._questions import COUNTS, MARKED
from salesflow.qualify._points import facts_read, sources_of, uses_time
from salesflow.rules import Rule, Verdict

_SAID: Final = "said>"


def conditional(playbook: Playbook, names: Collection[str]) -> dict[str, Rule]:
    """The rules of the questions that have one and of which these facts speak, by question.

    A fact speaks of a question that is its answer, its flag, or one of those that it counts.
    """
    return {
        name: rule
        for name, (rule, about) in _spoken_of(playbook).items()
        if not about.isdisjoint(names)
    }


@kept_with_playbook
def _spoken_of(playbook: Playbook) -> dict[str, tuple[Rule, set[str]]]:
    """The rules of the questions that have one, and the facts that speak of these."""
    return {
        name: (question.when, _about(name))
        for name, question in playbook.questions.items()
        if question.when is not None
    }


def _about(question: str) -> set[str]:
    checklist, _, _ = question.partition(".")
    counted = (f"{checklist}.{count}" for count in (*COUNTS, *MARKED))
    return {question, f"{NOT_APPLICABLE}{question}", *counted}


def facts_deciding(rules: Mapping[str, Rule]) -> frozenset[str]:
    """The facts that these rules of questions read."""
    return frozenset(name for rule in rules.values() for name in rule.facts)


def depends_on_day(playbook: Playbook, facts: Iterable[str]) -> bool:
    """Whether the day decides these facts: those that rules give, or which questions apply."""
    sources = sources_of(playbook, facts)
    read = {*facts, *(name for source in sources for name in facts_read(source))}
    rules = conditional(playbook, read).values()
    return any(map(uses_time, sources)) or any(rule.uses_time for rule in rules)


def note_applying(
    facts: dict[str, Any], rules: Mapping[str, Rule], today: date | None, tz: str
) -> None:
    """Note among the facts which questions do not apply by their rules: nothing is answered there.

    What was said is kept beside them, as no fact can be called, so that it is there again where
    other facts say that the question applies. No rule of a question reads what another one decides,
    which is why their order means nothing.

    Raises:
        FactError: A fact is of the wrong kind, or a rule uses time and `today` is None.
    """
    for name, rule in rules.items():
        flag = f"{NOT_APPLICABLE}{name}"
        for fact in (name, flag):
            if f"{_SAID}{fact}" in facts:
                facts[fact] = facts.pop(f"{_SAID}{fact}")
        applies = rule.verdict(facts, today, tz=tz)
        said = facts.get(flag) is True
        if applies is Verdict.NO:
            facts[f"{_SAID}{flag}"], facts[flag] = said, True
            if name in facts:
                facts[f"{_SAID}{name}"], facts[name] = facts[name], None
        elif not said:
            facts[flag] = False if applies is Verdict.YES else None


def track_stands(
    track: Track,
    stands: Mapping[str, object],
    facts: Mapping[str, object],
    today: date | None,
    tz: str,
) -> dict[str, Any]:
    """Where a track stands, as the facts say whether it applies; kept, if they might say otherwise.

    What it says of that `stands` under the ends of the names of its facts.

    Raises:
        FactError: A fact is of the wrong kind, or a rule uses time and `today` is None.
    """
    name = f"track.{track.key}"
    if track.when is None:
        return {f"{name}{part}": value for part, value in stands.items()}
    applies = track.when.verdict(facts, today, tz=tz)
    here = applies is Verdict.YES
    elsewhere = NO_TRACK if applies is Verdict.NO else None
    kept = {f"{_SAID}{name}{part}": value for part, value in stands.items()}
    said = {f"{name}{part}": value if here else None for part, value in stands.items()}
    return {**kept, **said, **({} if here else {name: elsewhere})}


def note_tracks(facts: dict[str, Any], playbook: Playbook, today: date | None, tz: str) -> None:
    """Note among the facts where tracks stand, as those say now whether they apply."""
    for key, track in playbook.tracks.items():
        kept = f"{_SAID}track.{key}"
        if kept in facts:
            stands = {part: facts[f"{kept}{part}"] for part in TRACK_PARTS}
            facts |= track_stands(track, stands, facts, today, tz)


def supposed(facts: Mapping[str, object], answers: Mapping[str, object]) -> dict[str, object]:
    """The facts with other answers, which take the place of what was said."""
    kept = {name: it for name, it in facts.items() if name.removeprefix(_SAID) not in answers}
    return {**kept, **answers}


def without_answers(playbook: Playbook, facts: Mapping[str, object]) -> dict[str, object]:
    """The facts without everything that somebody answered to a checklist."""
    return {
        name: value
        for name, value in facts.items()
        if (fact := name.removeprefix(_SAID)) not in playbook.questions
        and not fact.startswith(NOT_APPLICABLE)
    }
