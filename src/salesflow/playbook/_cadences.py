"""Errors about cadences: what they name, how long they are, and whether they ever fall due."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from salesflow.facts import FactKind, Facts
from salesflow.playbook._graph import reachable
from salesflow.playbook._model_policy import Permission
from salesflow.playbook._moves import edges, final_positions
from salesflow.playbook._parts import RawTable, positions
from salesflow.playbook._shape import ProblemLog
from salesflow.playbook._tracks import states_of

_WAYS: Final = ("every", "within", "ahead")
_OFF: Final = Permission(allowed=False)
# Days that are past as soon as they are known; nothing can be done ahead of them.
_PAST: Final = frozenset(
    {"created_on", "entered_stage_on", "entered_sub_stage_on", "last_activity_on", "closed_on"}
)


def check_cadences(document: RawTable, facts: Facts, log: ProblemLog) -> None:
    """Note every mistake in a cadence, and every cadence that can never fall due."""
    listed = document.tables("cadences")
    if not listed:
        return
    stages = _stages(document)
    outcomes = _by_outcome(document)
    states = states_of(document)
    for cadence in listed:
        # One that could not be read is there all the same, and has its own problem already.
        given = [way for way in _WAYS if cadence[way] is not None or log.told(cadence.at(way))]
        if len(given) != 1:
            hint = "keep one" if given else "add for instance every = { months = 1 }"
            message = "a cadence has one of every, within and ahead"
            log.add(cadence.path, message, hint, "conflict")
        for way in given:
            span = cadence.table(way)
            if span is not None and not any(span.values()) and not log.told(span.path):
                log.add(span.path, "no time is given", "add for instance days = 7", "missing")
        _check_state(cadence, states, log)
        _check_before(cadence, facts, log, has_ahead="ahead" in given)
        _check_due(cadence, stages, outcomes, log)
        if cadence["trigger"] == "changed" and "within" not in given and given:
            message = "a change asks for something once, within a time"
            log.add(cadence.at(given[0]), message, "write within = { hours = 24 }", "conflict")


def _stages(document: RawTable) -> dict[str, set[str]]:
    """Every stage and sub-stage, with the positions that it stands for."""
    found: dict[str, set[str]] = {}
    for stage, place in positions(document):
        for part in (stage, place):
            if (key := part.name("key")) is not None:
                found.setdefault(key, set()).add(str(place["key"]))
    return found


def _check_state(cadence: RawTable, states: Collection[str], log: ProblemLog) -> None:
    state = cadence.name("state")
    if state is None:
        return
    if state not in states:
        log.unknown(cadence.at("state"), "state of a track", state, states)
    for other in ("stages", "trigger"):
        if cadence[other]:
            message = f"state and {other} exclude each other"
            log.add(cadence.at(other), message, "keep one", "conflict")


def _check_before(cadence: RawTable, facts: Facts, log: ProblemLog, *, has_ahead: bool) -> None:
    name, where = cadence.name("before"), cadence.at("before")
    if name is None:
        if has_ahead:
            hint = 'add before = "expected_close_on"'
            log.add(where, "ahead needs the day that it counts back from", hint, "missing")
        return
    if not has_ahead:
        log.add(where, "before goes with ahead", "add ahead = { weeks = 2 }", "conflict")
    if name in facts and facts[name].kind not in (FactKind.DAY, FactKind.INSTANT):
        log.add(where, f'"{name}" is not a day, but of kind {facts[name].kind}', "", "kind")
    elif name in _PAST:
        hint = "name a day that is still to come, such as expected_close_on"
        log.add(where, f'"{name}" is past when it is known; this is never ahead', hint, "never")


def _check_due(
    cadence: RawTable, stages: dict[str, set[str]], outcomes: dict[str, set[str]], log: ProblemLog
) -> None:
    trigger, where = cadence["trigger"], cadence.at("stages")
    if trigger == "stage_left" and not cadence["stages"]:
        hint = "add stages with the stage that is left"
        log.add(where, "this never falls due: no stage is named", hint, "never")
        return
    named = [key for key in cadence.names("stages") if key in stages]
    possible = outcomes.get(str(trigger))
    if named and possible is not None and all(stages[key].isdisjoint(possible) for key in named):
        later = "name a stage where deals are won, or a later one"
        hint = later if trigger == "won" else "name a stage where deals are still open"
        message = f"this never falls due: no deal is {trigger} in {', '.join(named)}"
        log.add(where, message, hint, "never")


def _by_outcome(document: RawTable) -> dict[str, set[str]]:
    """Where a deal can stand that has an outcome; empty where any place is possible."""
    policy = document.table("policy")
    if policy is not None and not policy["back"] == policy["reopen"] == _OFF:
        return {}
    listed = {str(place["key"]): (stage, place) for stage, place in positions(document)}
    graph: dict[str, list[str]] = {key: [] for key in listed}
    before: dict[str, list[str]] = {key: [] for key in listed}
    for source, target, _ in edges(document):
        if source in graph and target in graph:
            graph[source].append(target)
            stage, _ = listed[source]
            if not stage["wins"] or stage is listed[target][0]:
                before[source].append(target)
    winning = {key for key, (stage, _) in listed.items() if stage["wins"]}
    start = next(iter(listed), None)
    if start is None:
        return {}
    open_places = reachable(before, [start])
    return {
        "won": reachable(graph, winning) if winning else final_positions(document),
        "lost": open_places,
        "disqualified": open_places,
    }
