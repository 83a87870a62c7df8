"""What a decision costs beside a step of transitions, django-fsm-2 and others.

Every engine takes something through the same eight stages, and leaves one stage again and again.
Ours evaluates every criterion, names each one that is not met, makes an event and folds it into a
new deal; the others check one condition, or ten that are functions, and set a state. Rounds
alternate, so that a slow minute of the machine is everybody's. Printed, never asserted: medians in
microseconds, and ratios.

With `--quick` in a moment, to see that it runs.
"""

from __future__ import annotations

import statistics
import time
import timeit
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise

import django
import django_fsm
from django.conf import settings
from django.db import models
from SpiffWorkflow.operators import Attrib, Equal
from SpiffWorkflow.specs import ExclusiveChoice, Simple, WorkflowSpec
from SpiffWorkflow.util.task import TaskState
from SpiffWorkflow.workflow import Workflow
from statemachine import State, StateMachine
from transitions import Machine

import salesflow as sf
from benchmarks._measure import QUICK
from salesflow.domain._base.record import replaced

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
ROUNDS, CALLS, WALKS = (1, 10, 2) if QUICK else (15, 400, 50)
DEALS, MODELS, EVENTS = (200, 100, 500) if QUICK else (100_000, 20_000, 100_000)
STAGES = "abcdefgh"

CRITERIA = 10
HEAD = """
id = "bench"
version = "1"
title = "Bench"
languages = ["en"]
owner_role = "rep"
[[roles]]
key = "rep"
title = "Rep"
"""
RULES = """
  [[stages.exit]]
  key = "sized_{stage}"
  title = "Sized"
  rule = 'amount >= 100_000 or account.tier in ("named", "strategic")'
  [[stages.exit]]
  key = "dated_{stage}"
  title = "Dated"
  rule = "known(expected_close_on) and expected_close_on >= today"
"""


def stage(key: str, attested: int) -> str:
    """A stage with two rules and some criteria that a person attests."""
    words = "".join(
        f"""
  [[stages.exit]]
  key = "attested_{key}_{i}"
  title = "Attested {i}"
  by = "rep"
"""
        for i in range(attested)
    )
    rules = RULES.format(stage=key) if attested else ""
    return f'[[stages]]\nkey = "{key}"\ntitle = "{key}"\n{words}{rules}'


PLAYBOOK = HEAD + stage("a", CRITERIA - 2) + stage("b", 0)
EIGHT = HEAD + "".join(stage(key, 2) for key in STAGES)


def deals(engine: sf.StageEngine) -> tuple[sf.Opportunity, sf.Opportunity]:
    """A deal with nothing met, and one with everything met, of all stages."""
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
    for key, criterion in engine.playbook.criteria.items():
        if criterion.kind == "attested":
            command = sf.Attest(by="li.wei", criterion=key)
            met = engine.decide(met, command, at=NOW).require()
    return bare, met


class Bare:
    """The model of a plain transitions machine."""

    allowed = True

    def __init__(self, name: str = "") -> None:
        self.name = name

    def may(self) -> bool:
        """One condition."""
        return self.allowed


class Rival(StateMachine):  # type: ignore[misc]  # it has no types here
    """The same eight states in python-statemachine."""

    a = State(initial=True)
    b, c, d, e, f, g, h = State(), State(), State(), State(), State(), State(), State()
    go = (
        a.to(b, cond="may")
        | b.to(c, cond="may")
        | c.to(d, cond="may")
        | d.to(e, cond="may")
        | e.to(f, cond="may")
        | f.to(g, cond="may")
        | g.to(h, cond="may")
        | h.to(a, cond="may")
    )
    allowed = True

    def may(self) -> bool:
        """One condition."""
        return self.allowed


def machine(model: Bare | None) -> Machine:
    """The eight states in transitions; from the last back to the first, to go round."""
    made = Machine(model=model, states=list(STAGES), initial="a", auto_transitions=False)
    for source, target in (*pairwise(STAGES), ("h", "a")):
        made.add_transition("go", source, target, conditions="may")
    return made


def true(_: object) -> bool:
    """One of as many conditions as the stage has criteria."""
    return True


def with_ten_conditions() -> dict[str, Callable[[], object]]:
    """One step of each machine, of one state to itself, where ten conditions have to hold."""
    model = Bare()
    made = Machine(model=model, states=["a"], initial="a", auto_transitions=False)
    made.add_transition("go", "a", "a", conditions=[partial(true, model)] * CRITERIA)

    class Ten(StateMachine):  # type: ignore[misc]  # it has no types here
        a = State(initial=True)
        go = a.to(a, cond=[f"may_{number}" for number in range(CRITERIA)])

    for number in range(CRITERIA):
        setattr(Ten, f"may_{number}", true)
    rival = Ten()

    settings.configure()
    django.setup()

    class Deal(models.Model):  # type: ignore[misc]  # it has no types
        stage = django_fsm.FSMField(default="a")

        class Meta:
            app_label = "bench"

        def __str__(self) -> str:
            return str(self.stage)

        @django_fsm.transition("stage", source="a", target="a", conditions=[true] * CRITERIA)  # type: ignore[untyped-decorator]
        def go(self) -> None:
            """Nothing but the step."""

    return {
        "transitions, 10": model.go,  # type: ignore[attr-defined]
        "statemachine, 10": lambda: rival.go(),  # noqa: PLW0108 - timeit would run an event's text
        "django-fsm-2, 10": Deal().go,
    }


def spiff() -> WorkflowSpec:
    """The eight stages in SpiffWorkflow; each a choice with one condition."""
    spec = WorkflowSpec(name="bench", addstart=True)
    tasks = [ExclusiveChoice(spec, key) for key in STAGES]
    lost = Simple(spec, "lost")
    spec.start.connect(tasks[0])
    for task, following in pairwise([*tasks, Simple(spec, "done")]):
        task.connect_if(Equal(Attrib("allowed"), True), following)
        task.connect(lost)
    return spec


@dataclass(frozen=True)
class Contender:
    """Somebody who goes through the eight stages: made ready untimed, then timed."""

    ready: Callable[[], object]
    walk: Callable[[object], object]


def through_transitions(model: object) -> None:
    for _ in STAGES:
        model.go()  # type: ignore[attr-defined]


def through_spiff(workflow: object) -> None:
    assert isinstance(workflow, Workflow)
    for _ in STAGES:
        workflow.get_next_task(state=TaskState.READY).run()


def walkers() -> dict[str, Contender]:
    """All of them, the plainest first."""
    engine = sf.StageEngine(sf.Playbook.from_toml(EIGHT))
    met = deals(engine)[1]
    advance = sf.Advance(by="li.wei")
    spec = spiff()

    def started() -> Workflow:
        workflow = Workflow(spec)
        workflow.task_tree.set_data(allowed=True)
        workflow.get_next_task(state=TaskState.READY).run()
        return workflow

    def through_salesflow(deal: object) -> None:
        assert isinstance(deal, sf.Opportunity)
        for _ in STAGES:
            deal = engine.decide(deal, advance, at=NOW).opportunity
        assert deal.progress.ended

    model, rival = Bare(), Rival()
    machine(model)
    return {
        "transitions": Contender(lambda: model, through_transitions),
        "python-statemachine": Contender(lambda: rival, through_transitions),
        "SpiffWorkflow": Contender(started, through_spiff),
        "salesflow, 4 criteria a stage": Contender(lambda: met, through_salesflow),
    }


def walks() -> None:
    """Through eight stages: microseconds a step."""
    contenders = walkers()
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, contender in contenders.items():
            subjects = [contender.ready() for _ in range(WALKS)]
            begin = time.perf_counter()
            for subject in subjects:
                contender.walk(subject)
            took = time.perf_counter() - begin
            times[name].append(took / WALKS / len(STAGES) * 1e6)
    show("through eight stages, a step", times)


def steps() -> None:
    """Leaving one stage, or trying to, again and again."""
    engine = sf.StageEngine(sf.Playbook.from_toml(PLAYBOOK))
    bare, met = deals(engine)
    advance = sf.Advance(by="li.wei")
    model, rival = Bare(), Rival()
    machine(model)
    calls: dict[str, Callable[[], object]] = {
        "transitions": model.go,  # type: ignore[attr-defined]
        # Its events are strings too, which timeit would run as source.
        "python-statemachine": lambda: rival.go(),  # noqa: PLW0108
        **with_ten_conditions(),
        "salesflow, accepted, 10 criteria": lambda: engine.decide(met, advance, at=NOW),
        "salesflow, refused, 10 criteria": lambda: engine.decide(bare, advance, at=NOW),
        "salesflow, review": lambda: engine.review(met, at=NOW),
    }
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            # timeit switches the garbage collector off, as it should be for comparing calls.
            times[name].append(timeit.timeit(call, number=CALLS) / CALLS * 1e6)
    show("leaving one stage", times)


def show(what: str, times: dict[str, list[float]]) -> None:
    """Medians, and ratios to each of the others."""
    medians = {name: statistics.median(values) for name, values in times.items()}
    others = [name for name in medians if not name.startswith("salesflow")]
    print(f"\n{what:34}{'µs':>8}" + "".join(f"{'x ' + name:>22}" for name in others))
    for name, median in medians.items():
        ratios = "".join(f"{median / medians[other]:22.2f}" for other in others)
        print(f"{name:34}{median:8.1f}{ratios}")


def replay() -> None:
    """Microseconds an event over a long life."""
    engine = sf.StageEngine(sf.Playbook.from_toml(PLAYBOOK))
    deal = sf.Opportunity(id="D-1", name="Deal", owner="li.wei")
    first = engine.decide(deal, sf.Start(by="li.wei"), at=NOW)
    started, events = first.opportunity, list(first.events)
    template = engine.decide(
        started, sf.Attest(by="li.wei", criterion="attested_a_0"), at=NOW
    ).events[0]
    events += [replaced(template, sequence=sequence) for sequence in range(2, EVENTS + 1)]
    start = time.perf_counter()
    engine.replay(events)
    took = time.perf_counter() - start
    print(f"\nreplay of {len(events):,} events: {took / len(events) * 1e6:.2f} µs an event")


def memory() -> None:
    """Bytes of a live deal, beside a model in a machine of transitions.

    The machine looks through the list of all its models for each one added, which takes the square
    of their number: it gets fewer.
    """
    engine = sf.StageEngine(sf.Playbook.from_toml(EIGHT))
    start = sf.Start(by="li.wei")

    def deal(number: int) -> sf.Opportunity:
        fresh = sf.Opportunity(id=f"D-{number}", name=f"Deal {number}", owner="li.wei")
        return engine.decide(fresh, start, at=NOW).opportunity

    shared = machine(None)

    def model(number: int) -> Bare:
        made = Bare(f"Deal {number}")
        shared.add_model(made)
        return made

    ours = bytes_of_each(deal, DEALS)
    theirs = bytes_of_each(model, MODELS)
    print(
        f"\nbytes a live deal: {ours:,.0f} ({DEALS:,} deals); "
        f"a model added to one transitions machine: {theirs:,.0f} ({MODELS:,} models); "
        f"ratio {ours / theirs:.2f}"
    )


def bytes_of_each(make: Callable[[int], object], count: int) -> float:
    """What each of many objects takes, with everything that hangs on it alone."""
    make(0)
    tracemalloc.start()
    kept = [make(number) for number in range(1, count + 1)]
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return taken / len(kept)


def main() -> None:
    """Everything, one after the other."""
    steps()
    walks()
    replay()
    memory()


if __name__ == "__main__":
    main()
