"""`to_transitions()` gives a graph that every machine of transitions takes; the engine keeps it."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from transitions import Machine, MachineError
from transitions.extensions import AsyncMachine, GraphMachine, LockedMachine

import salesflow as sf
from salesflow.engine._gates import compile_playbook
from salesflow.playbooks import BUILT_IN

BRIDGE = Path(__file__).parents[1] / "playbook" / "bridge.toml"
# Ends where ways lead on, a way back, a way into a new deal, and a policy that allows more.
PERMISSIVE = """
[policy]
skip = "on"
back = ["manager"]

[[moves]]
from = "survey"
to = "ended"

[[moves]]
from = "contract"
to = "detail"

[[moves]]
from = "building"
to = "survey"
new_deal = true
"""
ENDED = "ended"
MACHINES: dict[str, tuple[Any, dict[str, Any]]] = {
    "Machine": (Machine, {}),
    "AsyncMachine": (AsyncMachine, {}),
    "LockedMachine": (LockedMachine, {}),
    "GraphMachine": (GraphMachine, {"graph_engine": "mermaid"}),
}


@pytest.fixture(scope="module", params=[*BUILT_IN, "bridge.toml", "permissive bridge.toml"])
def playbook(request: pytest.FixtureRequest) -> sf.Playbook:
    if not request.param.endswith(BRIDGE.name):
        return sf.load_playbook(request.param)
    text = BRIDGE.read_text(encoding="utf-8")
    if request.param != BRIDGE.name:
        text = text.replace('key = "second_opinion"', 'key = "second_opinion"\nfinal = true', 1)
        text += PERMISSIVE
    return sf.Playbook.from_toml(text)


class Host:
    """A record of somebody's application that one of the machines moves."""

    state: str


class Driven:
    """A machine with one model, driven alike whether its triggers have to be awaited or not."""

    def __init__(self, name: str, playbook: sf.Playbook) -> None:
        kind, options = MACHINES[name]
        self.host: Any = Host()
        self.machine = kind(model=self.host, **playbook.to_transitions(), **options)

    def at(self, state: str) -> Driven:
        self.machine.set_state(state, self.host)
        return self

    def pull(self, trigger: str) -> str:
        """Where the model stands after a trigger."""
        assert self.waited(getattr(self.host, trigger)()) is True
        state: str = self.host.state
        return state

    def may(self, trigger: str) -> bool:
        return bool(self.waited(getattr(self.host, f"may_{trigger}")()))

    @staticmethod
    def waited(result: Any) -> object:
        return asyncio.run(result) if inspect.iscoroutine(result) else result

    @property
    def triggers(self) -> list[str]:
        return [name for name in self.machine.events if not name.startswith("__")]


@pytest.fixture(params=MACHINES)
def driven(request: pytest.FixtureRequest, playbook: sf.Playbook) -> Driven:
    return Driven(request.param, playbook)


def ways(playbook: sf.Playbook) -> Iterator[tuple[str, str, str]]:
    """What ought to be there: source, trigger, target."""
    for position in playbook.positions:
        targets = [move.target for move in playbook.moves_from(position.key)]
        yield position.key, "advance", targets[0] if targets else ENDED
        for target in targets[1:]:
            if target != ENDED:
                yield position.key, f"move_to_{target}", target
        if targets and position.final:
            yield position.key, "end", ENDED


def test_the_main_way_leads_from_the_first_position_to_the_end(
    driven: Driven, playbook: sf.Playbook
) -> None:
    expected = [playbook.initial.key]
    while (following := playbook.next_of(expected[-1])) is not None:
        assert following not in expected, "the main way goes in a circle"
        expected.append(following)

    assert driven.host.state == expected[0]
    assert [driven.pull("advance") for _ in expected] == [*expected[1:], ENDED]


def test_every_way_leads_where_the_playbook_says(driven: Driven, playbook: sf.Playbook) -> None:
    assert [driven.at(source).pull(trigger) for source, trigger, _ in ways(playbook)] == [
        target for _, _, target in ways(playbook)
    ]


def test_there_is_no_way_that_the_playbook_does_not_have(
    driven: Driven, playbook: sf.Playbook
) -> None:
    listed = {(source, trigger) for source, trigger, _ in ways(playbook)}
    states = [position.key for position in playbook.positions] + [ENDED]

    assert list(driven.machine.states) == states
    assert {
        (state, trigger)
        for state in states
        for trigger in driven.triggers
        if driven.at(state).may(trigger)
    } == listed
    for state in states:
        for trigger in driven.triggers:
            if (state, trigger) not in listed:
                with pytest.raises(MachineError):
                    driven.at(state).pull(trigger)
                assert driven.host.state == state


def test_a_trigger_that_nobody_knows_is_refused(driven: Driven, playbook: sf.Playbook) -> None:
    loops = {f"move_to_{move.target}" for move in playbook.loops} - set(driven.triggers)
    for trigger in ("no_such_trigger", f"to_{playbook.initial.key}", *loops):
        with pytest.raises(AttributeError):
            driven.waited(driven.host.trigger(trigger))
        assert not hasattr(driven.host, trigger)
    assert driven.host.state == playbook.initial.key


def test_there_is_no_gate_and_no_callback_in_it(driven: Driven) -> None:
    machine = driven.machine
    found = [each for event in machine.events.values() for each in event.transitions.values()]
    transitions = [transition for listed in found for transition in listed]

    assert transitions
    assert not [each for each in transitions if each.conditions or each.prepare]
    assert not [each for each in transitions if each.before or each.after]
    assert not [state for state in machine.states.values() if state.on_enter or state.on_exit]


def test_it_is_drawn_by_transitions_too(playbook: sf.Playbook) -> None:
    driven = Driven("GraphMachine", playbook)
    drawn = str(driven.host.get_graph().draw(None))

    assert drawn.splitlines()[0].startswith("---")
    for source, trigger, target in ways(playbook):
        assert f"{source} --> {target}: " in drawn
        assert trigger in drawn


def test_the_engine_moves_deals_along_the_same_ways(playbook: sf.Playbook) -> None:
    graph = {(source, target) for source, _, target in ways(playbook)}
    compiled = compile_playbook(playbook)
    keys = [position.key for position in playbook.positions]
    # The policy of a playbook lets deals leave its ways; the graph for transitions has none of it.
    ahead = {(a, b) for i, a in enumerate(keys) for b in keys[i + 1 :]}
    allowed = graph.copy()
    if playbook.policy.skip.allowed:
        allowed |= ahead
    backs = {position.key for position in playbook.positions if position.back.allowed}
    allowed |= {(b, a) for a, b in ahead if b in backs}

    for source in keys:
        for target in keys:
            moved = compiled.machine.move(source, target)
            assert moved == (target if (source, target) in allowed else source)
        ends = compiled.gates[source].target is None or (source, None) in compiled.ways
        assert ends == ((source, ENDED) in graph)
