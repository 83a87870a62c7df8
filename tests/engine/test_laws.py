"""Laws that hold on every walk: random commands by random people, in any order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf

START: Final = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
people = st.sampled_from(["li.wei", "wang", "zhao"])
roles = st.sampled_from([None, "sales_rep", "sales_manager"])
ids = st.none() | st.sampled_from(["c-1", "c-2", "c-3"])
criteria = st.sampled_from(["sponsor_met", "order_in", "contract_in", "accepted", "budget_known"])
instruments = st.sampled_from(["plan", "bant_sheet"])
questions = st.sampled_from(["bant.budget", "bant.need"])

commands = st.one_of(
    st.builds(sf.Start, by=people),
    st.builds(
        sf.Adopt,
        by=people,
        stage=st.sampled_from(["qualify", "propose", "sign", "contract", "deliver"]),
        entered_on=st.just(date(2026, 1, 1)),
    ),
    *[st.builds(sf.Advance, by=people)] * 4,
    *[st.builds(sf.Attest, by=people, role=roles, criterion=criteria)] * 3,
    st.builds(sf.Attest, by=people, criterion=criteria, met=st.booleans()),
    st.builds(sf.Answer, by=people, question=questions, mark=st.sampled_from("+-?")),
    st.builds(sf.Complete, by=people, instrument=instruments),
    st.builds(
        sf.Judge,
        by=people,
        role=st.sampled_from(["sales_manager", "sales_rep"]),
        verdict=st.sampled_from(["go", "go", "kill"]),
        point=st.sampled_from([None, "go"]),
    ),
    st.builds(sf.Win, by=people),
    st.builds(sf.Lose, by=people, reason=st.just("price")),
)
walks = st.lists(commands, max_size=40)


def take(
    engine: sf.StageEngine, deal: sf.Opportunity, walk: list[sf.Command]
) -> tuple[sf.Opportunity, list[sf.Event]]:
    events: list[sf.Event] = []
    for hour, command in enumerate(walk):
        at = START + timedelta(hours=hour)
        decision = engine.decide(deal, command, at=at)
        if not decision.accepted:
            assert decision.blockers
            assert decision.events == ()
            assert decision.opportunity is deal
        if isinstance(command, sf.Advance):
            assert engine.review(deal, at=at).blockers == decision.blockers
            assert decision.accepted == (not decision.blockers)
        deal = decision.opportunity
        events += decision.events
    return deal, events


def a_deal() -> sf.Opportunity:
    return sf.Opportunity(
        id="D-1",
        name="Core banking",
        amount=sf.Money("120000", "USD"),
        owner="li.wei",
        facts={"margin": 0.3},
        team={"wang": "sales_manager"},
    )


@given(walks)
def test_replaying_the_events_gives_the_decided_deal(
    engine: sf.StageEngine, walk: list[sf.Command]
) -> None:
    deal, events = take(engine, a_deal(), walk)
    assert engine.replay(events) == deal.progress
    assert deal.progress.version == len(events)
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))


@given(walks)
def test_folding_evolve_over_the_starting_deal_gives_the_decided_deal(
    engine: sf.StageEngine, walk: list[sf.Command]
) -> None:
    deal, events = take(engine, a_deal(), walk)
    folded = a_deal()
    for event in events:
        folded = engine.evolve(folded, event)
    assert folded == deal


@given(walks)
def test_deal_and_events_survive_json(engine: sf.StageEngine, walk: list[sf.Command]) -> None:
    deal, events = take(engine, a_deal(), walk)
    assert sf.Opportunity.model_validate_json(deal.model_dump_json()) == deal
    assert sf.read_events(sf.write_events(events)) == tuple(events)


@given(walks)
def test_a_repeated_command_changes_nothing(engine: sf.StageEngine, walk: list[sf.Command]) -> None:
    deal = a_deal()
    for hour, plain in enumerate(walk):
        command = plain.model_copy(update={"command_id": f"c-{hour}"})
        at = START + timedelta(hours=hour)
        first = engine.decide(deal, command, at=at)
        if first.accepted:
            again = engine.decide(first.opportunity, command, at=at)
            assert again.duplicate
            assert again.opportunity is first.opportunity
        deal = first.opportunity


@given(walks)
def test_no_stage_is_left_with_an_unmet_required_criterion(
    engine: sf.StageEngine, bank: sf.Playbook, walk: list[sf.Command]
) -> None:
    deal = a_deal()
    for hour, command in enumerate(walk):
        at = START + timedelta(hours=hour)
        decision = engine.decide(deal, command, at=at)
        moved = [event for event in decision.events if event.payload.kind == "stage_entered"]
        if moved or any(event.payload.kind == "ended" for event in decision.events):
            facts = sf.facts_of(deal, bank, at=at)
            position = bank.position(deal.progress.position or "")
            for criterion in position.exit:
                if not criterion.advisory:
                    verdict = criterion.check_rule.evaluate(facts, at.date()).verdict
                    assert verdict is sf.Verdict.YES, criterion.key
        deal = decision.opportunity
