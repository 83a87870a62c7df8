"""Errors about cadences: what they name, how long they are, and whether they ever fall due."""

from __future__ import annotations

from typing import Final

from salesflow.facts import FactKind, Facts
from salesflow.playbook._document import implicit
from salesflow.playbook._graph import reachable
from salesflow.playbook._model_cadences import NAMED_TRIGGERS, UNITS, excluded
from salesflow.playbook._model_policy import Permission
from salesflow.playbook._moves import edges, final_positions
from salesflow.playbook._parts import (
    RawTable,
    criteria,
    facts_of_records,
    given_facts,
    named,
    positions,
)
from salesflow.playbook._problem_log import ProblemLog
from salesflow.playbook._tracks import states_of

_WAYS: Final = ("every", "within", "ahead")
_WORDS: Final = ("decision", "judgement", "approval")
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
    known = _named_sources(document)
    changing = given_facts(document) - facts_of_records(document).keys()
    for cadence in listed:
        # One that could not be read is there all the same, and has its own problem already.
        given = [way for way in _WAYS if cadence[way] is not None or log.told(cadence.at(way))]
        if len(given) > 1 or (not given and cadence.path not in log.unread):
            hint = "keep one" if given else "add for instance every = { months = 1 }"
            message = "a cadence has one of every, within and ahead"
            log.add(cadence.path, message, hint, "conflict")
        for way in given:
            _check_span(cadence.table(way), log)
        for step in cadence.tables("escalate"):
            _check_span(step.table("after"), log)
        _check_source(cadence, log)
        _check_names(cadence, known, log)
        _check_fact(cadence, changing, log)
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


def _check_span(span: RawTable | None, log: ProblemLog) -> None:
    if span is None or log.told(span.path):
        return
    given = [unit for unit in UNITS if span[unit]]
    if not given:
        log.add(span.path, "no time is given", "add for instance days = 7", "missing")
    for unit, message, hint in excluded(given):
        log.add(span.at(unit), message, hint, "conflict")


def _named_sources(document: RawTable) -> dict[str, tuple[str, set[str], set[str]]]:
    """Of the keys that name a trigger: what they name, all there is, and what has a time."""
    asked = named(criteria(document))
    tools = named(document.tables("instruments"))
    others = implicit(document, "instruments")
    words = {key for key, it in asked.items() if any(it[way] for way in _WORDS)}
    attested = {
        key for key, it in asked.items() if it["by"] and not it["rule"] and not it["instruments"]
    }
    completed = {key for key, it in tools.items() if it["rule"] is None}
    states = {*states_of(document)}
    return {
        "criterion": (
            "criterion or instrument",
            {*asked, *tools},
            {*words, *attested, *completed, *others},
        ),
        "request": ("criterion", {*asked}, words),
        "state": ("state of a track", states, states),
    }


def _check_source(cadence: RawTable, log: ProblemLog) -> None:
    """Note a clock that would start at two things, or a fact where no change is asked for."""
    given = [key for key in NAMED_TRIGGERS if cadence[key] is not None]
    others = [*(["trigger"] if cadence["trigger"] else []), *given[1:]]
    others += ["stages"] if cadence["stages"] and cadence["state"] is not None else []
    for other in others if given else ():
        message = f"{given[0]} and {other} exclude each other"
        log.add(cadence.at(other), message, "keep one", "conflict")
    is_change = cadence["trigger"] == "changed" or log.told(cadence.at("trigger"))
    if cadence["of"] is not None and not is_change:
        message, hint = "only a change is one of something", 'add trigger = "changed"'
        log.add(cadence.at("of"), message, hint, "conflict")


def _check_names(
    cadence: RawTable,
    known: dict[str, tuple[str, set[str], set[str]]],
    log: ProblemLog,
) -> None:
    for key, (what, all_of_them, dated) in known.items():
        name = cadence.name(key)
        if name is None or name in dated:
            continue
        if name not in all_of_them:
            log.unknown(cadence.at(key), what, name, sorted(dated))
        elif key == "criterion":
            message = f'no event says when "{name}" is met: it is worked out'
            hint = "name one that a person attests, decides or completes"
            log.add(cadence.at(key), message, hint, "never")
        else:
            message = f'nobody asks for "{name}"'
            hint = "name a decision, a judgement or an approval"
            log.add(cadence.at(key), message, hint, "never")


def _check_fact(cadence: RawTable, changing: frozenset[str], log: ProblemLog) -> None:
    """Note a fact whose changes are no events; one that does not exist is noted elsewhere."""
    name = cadence.name("of")
    if name is None or name in changing or log.told(cadence.at("of")):
        return
    message = f'no event says when "{name}" changes'
    hint = "name a fact that is amended, or a question"
    log.add(cadence.at("of"), message, hint, "never")


def _check_before(cadence: RawTable, facts: Facts, log: ProblemLog, *, has_ahead: bool) -> None:
    name, where = cadence.name("before"), cadence.at("before")
    if name is None:
        if has_ahead and not log.told(where):
            hint = 'add before = "expected_close_on"'
            log.add(where, "ahead needs the day that it counts back from", hint, "missing")
        return
    if not has_ahead and cadence.path not in log.unread:
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
    if log.told(where):
        return
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
