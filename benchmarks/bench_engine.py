"""What a decision costs beside a bare trigger of `transitions` and of `python-statemachine`.

Every engine is asked to leave the same stage. Ours evaluates ten criteria, names every one that is
not met, makes an event and folds it into a new deal; the others check one condition and set a
state. Rounds alternate, so that a slow minute of the machine is everybody's. Printed, never
asserted: medians in microseconds, and ratios.
"""

from __future__ import annotations

import statistics
import time
import timeit
from collections.abc import Callable
from datetime import UTC, datetime

from statemachine import State, StateMachine
from transitions import Machine

import salesflow as sf

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
ROUNDS, CALLS = 15, 400

CRITERIA = 10
PLAYBOOK = f"""
id = "bench"
version = "1"
title = "Bench"
languages = ["en"]
owner_role = "rep"
[[roles]]
key = "rep"
title = "Rep"
[[stages]]
key = "a"
title = "A"
{
    "".join(
        f'''
  [[stages.exit]]
  key = "attested_{i}"
  title = "Attested {i}"
  by = "rep"
'''
        for i in range(CRITERIA - 2)
    )
}
  [[stages.exit]]
  key = "sized"
  title = "Sized"
  rule = 'amount >= 100_000 or account.tier in ("named", "strategic")'
  [[stages.exit]]
  key = "dated"
  title = "Dated"
  rule = "known(expected_close_on) and expected_close_on >= today"
[[stages]]
key = "b"
title = "B"
"""


def deals(engine: sf.StageEngine) -> tuple[sf.Opportunity, sf.Opportunity]:
    """A deal with nothing met, and one with everything met."""
    bare = sf.Opportunity(id="D-1", name="Deal", owner="li.wei")
    bare = engine.decide(bare, sf.Start(by="li.wei"), at=NOW).require()
    met = sf.Opportunity(
        id="D-2",
        name="Deal",
        owner="li.wei",
        amount=sf.Money("120000", "USD"),
        account=sf.Account(name="Acme", tier="named"),
        expected_close_on=NOW.date(),
    )
    met = engine.decide(met, sf.Start(by="li.wei"), at=NOW).require()
    for i in range(CRITERIA - 2):
        command = sf.Attest(by="li.wei", criterion=f"attested_{i}")
        met = engine.decide(met, command, at=NOW).require()
    return bare, met


class Bare:
    """The model of a plain transitions machine."""

    allowed = True

    def may(self) -> bool:
        """One condition."""
        return self.allowed


class Rival(StateMachine):  # type: ignore[misc]  # it has no types here
    """The same two states in python-statemachine."""

    a = State(initial=True)
    b = State()
    go = a.to(b, cond="may") | b.to(a, cond="may")
    allowed = True

    def may(self) -> bool:
        """One condition."""
        return self.allowed


def contenders() -> dict[str, Callable[[], object]]:
    """Each call leaves stage `a`, or tries to."""
    engine = sf.StageEngine(sf.Playbook.from_toml(PLAYBOOK))
    bare, met = deals(engine)
    advance = sf.Advance(by="li.wei")
    model = Bare()
    machine = Machine(model=model, states=["a", "b"], initial="a", auto_transitions=False)
    machine.add_transition("go", "a", "b", conditions="may")
    machine.add_transition("go", "b", "a", conditions="may")
    rival = Rival()
    return {
        "transitions, one condition": model.go,  # type: ignore[attr-defined]
        # Its events are strings too, which timeit would run as source.
        "python-statemachine, one condition": lambda: rival.go(),  # noqa: PLW0108
        "salesflow, accepted, 10 criteria": lambda: engine.decide(met, advance, at=NOW),
        "salesflow, refused, 10 criteria": lambda: engine.decide(bare, advance, at=NOW),
        "salesflow, review": lambda: engine.review(met, at=NOW),
    }


def main() -> None:
    """Print the medians and the ratios."""
    calls = contenders()
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            # timeit switches the garbage collector off, as it should be for comparing calls.
            times[name].append(timeit.timeit(call, number=CALLS) / CALLS * 1e6)
    medians = {name: statistics.median(values) for name, values in times.items()}
    trigger, rival = list(medians.values())[:2]
    print(f"{'':38}{'µs':>8}{'x transitions':>16}{'x statemachine':>16}")
    for name, median in medians.items():
        print(f"{name:38}{median:8.1f}{median / trigger:16.2f}{median / rival:16.2f}")
    replay()


def replay() -> None:
    """Microseconds an event over a long life."""
    engine = sf.StageEngine(sf.Playbook.from_toml(PLAYBOOK))
    deal = sf.Opportunity(id="D-1", name="Deal", owner="li.wei")
    first = engine.decide(deal, sf.Start(by="li.wei"), at=NOW)
    started, events = first.opportunity, list(first.events)
    template = engine.decide(
        started, sf.Attest(by="li.wei", criterion="attested_0"), at=NOW
    ).events[0]
    events += [template.replaced(sequence=sequence) for sequence in range(2, 100_001)]
    start = time.perf_counter()
    engine.replay(events)
    took = time.perf_counter() - start
    print(f"\nreplay of {len(events):,} events: {took / len(events) * 1e6:.2f} µs an event")


if __name__ == "__main__":
    main()
