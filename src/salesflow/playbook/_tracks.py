"""Errors and warnings about tracks: their states, what their rules read, and who reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from salesflow.errors import Problem
from salesflow.playbook._document import rules
from salesflow.playbook._graph import reachable
from salesflow.playbook._model_tracks import NOT_APPLICABLE
from salesflow.playbook._parts import RawTable, facts_of_track, named
from salesflow.playbook._problem_log import ProblemLog

_DERIVED: Final = ("track.", "score.")


def check_tracks(document: RawTable, log: ProblemLog) -> None:
    """Note states that nobody knows or gets to, and a `when` that depends on tracks."""
    ruled = {f"done.{it['key']}" for it in document.tables("instruments") if it["rule"] is not None}

    def derived(name: str) -> bool:
        return name.startswith(_DERIVED) or name in ruled

    for track in document.tables("tracks"):
        states = named(track.tables("states"))
        for key, state in states.items():
            if key == NOT_APPLICABLE:
                message = f'"{key}" is said of deals that a track does not apply to'
                log.add(state.at("key"), message, "choose another key", "key")
            for path, target in state.names_at("to"):
                if target == key:
                    log.add(path, f'"{key}" leads to itself', "leave it out", "conflict")
                elif target not in states:
                    log.unknown(path, "state of this track", target, states)
        if log.may_hide("state of this track") or any(
            log.told(state.at("to")) for state in states.values()
        ):
            continue
        begun = list(states)[:1]
        reached = reachable(ways_of(track), begun)
        for key, state in states.items():
            if key not in reached:
                hint = "name it in the to of another state, or leave it out"
                log.add(state.path, f'no state leads to "{key}"', hint, "unreachable")
        when = track.rule("when")
        read = sorted(filter(derived, when.facts)) if when else []
        if read:
            message = f"whether a track applies cannot depend on {', '.join(read)}"
            hint = "read facts of the deal, or what people put on record"
            log.add(track.at("when"), message, hint, "circle")


def states_of(document: RawTable) -> dict[str, RawTable]:
    """Every state of every track, as `<track>.<state>`."""
    return {
        f"{key}.{name}": state
        for key, track in named(document.tables("tracks")).items()
        for name, state in named(track.tables("states")).items()
    }


def ways_of(track: RawTable) -> dict[str, list[str]]:
    """Where each state of a track leads."""
    states = named(track.tables("states"))
    keys = list(states)
    found: dict[str, list[str]] = {}
    for number, (key, state) in enumerate(states.items()):
        later = [] if state["final"] else keys[number + 1 :]
        found[key] = [name for name in state.names("to") if name in states] or later
    return found


def track_warnings(document: RawTable) -> Iterator[Problem]:
    """Tracks that nothing depends on, and criteria that are never asked."""
    tracks = document.tables("tracks")
    read = [(path, rule.facts) for path, rule in rules(document)] if tracks else []
    for track in tracks:
        name = f"track.{track['key']}"
        names = {*facts_of_track(str(track["key"]))}
        inside = f"{track.path}."
        if not any(names & facts for path, facts in read if not path.startswith(inside)):
            yield Problem(
                track.path,
                f"no rule reads {name}: nothing waits for this track",
                f"ask for it where a deal has to wait, for instance {name} == …",
                "unused",
                "warning",
            )
        states = named(track.tables("states"))
        first = next(iter(states.values()), None)
        led_to = {target for targets in ways_of(track).values() for target in targets}
        if first is not None and first["entry"] and first["key"] not in led_to:
            yield Problem(
                first.at("entry"),
                "this is never asked: the track begins in this state",
                "ask for it in a later state",
                "never",
                "warning",
            )
