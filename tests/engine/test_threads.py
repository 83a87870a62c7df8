"""One engine, many threads: each with deals of its own, and none of them notices the others."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from random import Random
from threading import Barrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import salesflow as sf
from salesflow.engine import Annotation, Proposal
from tests.engine.conftest import BANK, NOW
from tests.engine.test_laws import walks

NUMBERS = count()
Course = tuple[sf.Opportunity, tuple[sf.Event, ...], tuple[object, ...]]


@pytest.fixture(autouse=True, scope="module")
def threads_that_switch_all_the_time() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def annotated(proposal: Proposal) -> Annotation:
    return Annotation(f"{proposal.opportunity.id}: {proposal.command.kind}")


def fresh() -> sf.StageEngine:
    """An engine of a playbook that nobody has used: what it works out later, it has to work out."""
    text = BANK.replace("Bank projects", f"Bank {next(NUMBERS)}")
    return sf.StageEngine(sf.Playbook.from_toml(text), hooks=[annotated])


def course(engine: sf.StageEngine, name: str, walk: list[sf.Command]) -> Course:
    """Everything that becomes of one deal: the deal, its events, and every refusal."""
    deal = sf.Opportunity(
        id=name,
        name=name,
        amount=sf.Money("120000", "USD"),
        owner="li.wei",
        facts={"margin": 0.3},
        team={"wang": "sales_manager"},
    )
    events: list[sf.Event] = []
    answers: list[object] = []
    for hour, command in enumerate(walk):
        at = NOW + timedelta(hours=hour)
        decision = engine.decide(deal, command, at=at)
        deal = decision.opportunity
        events += decision.events
        review = engine.review(deal, at=at)
        answers += [
            decision.blockers,
            review.blockers,
            review.cycle,
            review.forecast_calls,
            review.scores,
        ]
    assert engine.replay(events) == deal.progress
    return deal, tuple(events), tuple(answers)


def together(engine: sf.StageEngine, work: list[list[list[sf.Command]]]) -> list[list[Course]]:
    """Each list of walks in a thread of its own, all started at one moment."""
    barrier = Barrier(len(work))

    def one(thread: int) -> list[Course]:
        barrier.wait()
        return [course(engine, f"D-{thread}-{i}", walk) for i, walk in enumerate(work[thread])]

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(one, range(len(work))))


def one_after_the_other(
    engine: sf.StageEngine, work: list[list[list[sf.Command]]]
) -> list[list[Course]]:
    return [
        [course(engine, f"D-{thread}-{i}", walk) for i, walk in enumerate(part)]
        for thread, part in enumerate(work)
    ]


@given(st.lists(st.lists(walks, min_size=1, max_size=3), min_size=2, max_size=4))
@settings(max_examples=20)
def test_threads_with_random_walks_get_what_each_would_get_alone(
    work: list[list[list[sf.Command]]],
) -> None:
    assert together(fresh(), work) == one_after_the_other(fresh(), work)


def whole(random: Random) -> list[sf.Command]:
    """A walk to the end, with refusals in between."""
    steps: list[sf.Command] = [sf.Start(by="li.wei")]
    for command in (
        sf.Answer(by="li.wei", question="bant.budget", mark="+"),
        sf.Attest(by="li.wei", criterion="sponsor_met"),
        sf.Judge(by="wang", role="sales_manager", verdict="go", point="go"),
        sf.Complete(by="li.wei", instrument="plan"),
        sf.Advance(by="li.wei"),
        sf.Advance(by="li.wei"),
        sf.Attest(by="li.wei", criterion="order_in"),
        sf.Attest(by="li.wei", criterion="contract_in"),
        sf.Advance(by="li.wei"),
        sf.Advance(by="li.wei"),
        sf.Attest(by="li.wei", criterion="accepted"),
        sf.Advance(by="li.wei"),
    ):
        steps += [sf.Advance(by=f"somebody-{random.random()}")] * random.randint(0, 2)
        steps.append(command)
    return steps


def test_eight_threads_take_their_deals_through_the_whole_process() -> None:
    work = [[whole(Random(10 * thread + i)) for i in range(5)] for thread in range(8)]
    found = together(fresh(), work)
    assert found == one_after_the_other(fresh(), work)
    for deals in found:
        for deal, events, _ in deals:
            assert deal.progress.ended
            assert {event.opportunity_id for event in events} == {deal.id}
            assert all(note.startswith(deal.id) for event in events for note in event.annotations)
