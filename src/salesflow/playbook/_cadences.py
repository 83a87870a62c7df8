"""Errors about cadences: what they name, how long they are, and whether they ever fall due."""

from __future__ import annotations

from typing import Final

from salesflow.facts import FactKind, Facts
from salesflow.playbook._graph import reachable
from salesflow.playbook._moves import edges, final_positions
from salesflow.playbook._parts import Part, each, positions
from salesflow.playbook._shape import Log

_WAYS: Final = ("every", "within", "ahead")
# Days that are past as soon as they are known; nothing can be done ahead of them.
_PAST: Final = frozenset({"created_on", "entered_stage_on", "last_activity_on", "closed_on"})


def check_cadences(document: Part, facts: Facts, log: Log) -> None:
    """Note every mistake in a cadence, and every cadence that can never fall due."""
    listed = list(each(document["cadences"], "cadences"))
    if not listed:
        return
    stages = _stages(document)
    outcomes = _by_outcome(document)
    for path, part in listed:
        for i, key in enumerate(part["stages"]):
            if key is not None and key not in stages:
                log.unknown(f"{path}.stages[{i}]", "stage", key, stages)
        # One that could not be read is there all the same, and has its own problem already.
        given = [way for way in _WAYS if part[way] is not None or log.told(f"{path}.{way}")]
        if len(given) != 1:
            hint = "keep one" if given else "add for instance every = { months = 1 }"
            log.add(path, "a cadence has one of every, within and ahead", hint, "conflict")
        for way in given:
            where = f"{path}.{way}"
            if not log.told(where) and not any(part[way].values()):
                log.add(where, "no time is given", "add for instance days = 7", "missing")
        _before(part, path, facts, log, has_ahead="ahead" in given)
        _fires(part, path, stages, outcomes, log)


def _stages(document: Part) -> dict[str, set[str]]:
    """Every stage and sub-stage, with the positions that it stands for."""
    found: dict[str, set[str]] = {}
    for _, stage, sub_stage in positions(document):
        place = (sub_stage or stage)["key"]
        for part in (stage, sub_stage):
            if part and part["key"] is not None:
                found.setdefault(part["key"], set()).add(place)
    return found


def _before(part: Part, path: str, facts: Facts, log: Log, *, has_ahead: bool) -> None:
    name, where = part["before"], f"{path}.before"
    if name is None:
        if has_ahead:
            hint = 'add before = "expected_close_on"'
            log.add(where, "ahead needs the day that it counts back from", hint, "missing")
        return
    if not has_ahead:
        log.add(where, "before goes with ahead", "add ahead = { weeks = 2 }", "conflict")
    if name not in facts:
        log.unknown(where, "fact", name, facts)
    elif facts[name].kind not in (FactKind.DAY, FactKind.INSTANT):
        log.add(where, f'"{name}" is not a day, but of kind {facts[name].kind}', "", "kind")
    elif name in _PAST:
        hint = "name a day that is still to come, such as expected_close_on"
        log.add(where, f'"{name}" is past when it is known; this is never ahead', hint, "never")


def _fires(
    part: Part,
    path: str,
    stages: dict[str, set[str]],
    outcomes: dict[str, set[str]],
    log: Log,
) -> None:
    trigger, where = part["trigger"], f"{path}.stages"
    if trigger == "stage_left" and not part["stages"]:
        hint = "add stages with the stage that is left"
        log.add(where, "this never falls due: no stage is named", hint, "never")
        return
    named = [key for key in part["stages"] if key in stages]
    possible = outcomes.get(trigger)
    if not named or possible is None:
        return
    if all(stages[key].isdisjoint(possible) for key in named):
        log.add(
            where,
            f"this never falls due: no deal is {trigger} in {', '.join(named)}",
            "name a stage where deals are won, or a later one"
            if trigger == "won"
            else "name a stage where deals are still open",
            "never",
        )


def _by_outcome(document: Part) -> dict[str, set[str]]:
    """Where a deal can stand that has an outcome; empty where any place is possible."""
    policy = document["policy"] or {}
    if any(policy.get(name) not in (None, "off") for name in ("back", "reopen")):
        return {}
    places = {(part or stage)["key"]: stage for _, stage, part in positions(document)}
    graph: dict[str, list[str]] = {key: [] for key in places}
    before: dict[str, list[str]] = {key: [] for key in places}
    for source, target, _ in edges(document):
        if source in graph and target in graph:
            graph[source].append(target)
            if not places[source]["wins"] or places[source] is places[target]:
                before[source].append(target)
    winning = {key for key, stage in places.items() if stage["wins"]}
    start = next(iter(places), None)
    if start is None:
        return {}
    open_places = reachable(before, [start])
    return {
        "won": reachable(graph, winning) if winning else final_positions(document),
        "lost": open_places,
        "disqualified": open_places,
    }
