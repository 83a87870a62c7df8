"""What decide promises whatever the command: clocks, versions, repeated ids, foreign playbooks."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

import salesflow as sf
from salesflow.engine import MoveBlocked
from salesflow.errors import (
    ArgumentError,
    ClockError,
    CommandConflict,
    EventError,
    FactError,
    PlaybookMismatch,
    UnknownName,
    VersionConflict,
)
from salesflow.rules import Blocker
from salesflow.text import both
from tests.engine.course import NOW, PLAYBOOK, Course
from tests.engine.legal_track import Deal

if TYPE_CHECKING:
    from tests.engine.conftest import Walk


def test_a_clock_without_a_zone_is_refused(engine: sf.StageEngine, deal: sf.Opportunity) -> None:
    naive = datetime(2026, 1, 5, 9, 0)
    for call in (
        lambda: engine.decide(deal, sf.Start(by="li.wei"), at=naive),
        lambda: engine.review(deal, at=naive),
        lambda: engine.score(deal, "worth", at=naive),
        lambda: sf.facts_of(deal, engine.playbook, at=naive),
    ):
        with pytest.raises(ClockError, match="with a zone"):
            call()


def test_time_never_runs_backwards(engine: sf.StageEngine, deal: sf.Opportunity) -> None:
    started = engine.decide(deal, sf.Start(by="li.wei"), at=NOW).require()
    with pytest.raises(ClockError, match="earlier than the deal's last event"):
        engine.decide(started, sf.Advance(by="li.wei"), at=NOW - timedelta(seconds=1))
    assert engine.decide(started, sf.Advance(by="li.wei"), at=NOW).blockers


def test_what_happened_earlier_is_said_with_occurred_at(
    engine: sf.StageEngine, deal: sf.Opportunity
) -> None:
    earlier = NOW - timedelta(days=3)
    decision = engine.decide(deal, sf.Start(by="li.wei", occurred_at=earlier), at=NOW)
    assert decision.events[0].occurred_at == earlier
    assert decision.events[0].recorded_at == NOW
    assert decision.opportunity.progress.visits[0].entered_at == earlier
    with pytest.raises(ClockError, match="later than at"):
        engine.decide(deal, sf.Start(by="li.wei", occurred_at=NOW + timedelta(hours=1)), at=NOW)


def test_the_same_command_id_twice_is_decided_once(
    engine: sf.StageEngine, deal: sf.Opportunity
) -> None:
    command = sf.Start(by="li.wei", command_id="c-1")
    first = engine.decide(deal, command, at=NOW)
    again = engine.decide(first.opportunity, command, at=NOW + timedelta(hours=1))
    assert (again.accepted, again.duplicate, again.events) == (True, True, ())
    assert again.opportunity is first.opportunity


def test_a_retry_may_come_late_and_with_its_old_time(
    engine: sf.StageEngine, deal: sf.Opportunity
) -> None:
    start = sf.Start(by="li.wei", command_id="c-1")
    started = engine.decide(deal, start, at=NOW).require()
    later = engine.decide(
        started, sf.Attest(by="li.wei", criterion="sponsor_met"), at=NOW + timedelta(hours=1)
    ).require()
    again = engine.decide(later, start, at=NOW)
    assert (again.accepted, again.duplicate) == (True, True)


def test_the_class_of_a_command_is_told_from_a_command(
    engine: sf.StageEngine, deal: sf.Opportunity
) -> None:
    with pytest.raises(ArgumentError, match="not the class Advance") as caught:
        engine.decide(deal, sf.Advance, at=NOW)  # type: ignore[arg-type]
    assert caught.value.hint == 'Make one: Advance(by="…").'
    with pytest.raises(ArgumentError, match="not the class int"):
        engine.decide(deal, int, at=NOW)  # type: ignore[arg-type]


def test_a_deal_does_not_leave_a_stage_before_it_entered_it(
    engine: sf.StageEngine, deal: sf.Opportunity
) -> None:
    started = engine.decide(deal, sf.Start(by="li.wei"), at=NOW).require()
    lose = sf.Lose(by="li.wei", reason="price", occurred_at=NOW - timedelta(days=400))
    with pytest.raises(ClockError, match="when the deal came to where it is"):
        engine.decide(started, lose, at=NOW)


def test_the_same_content_in_another_order_is_the_same_command() -> None:
    one = sf.Amend(by="li", changes={"source": "web", "next_step": "call"})
    two = sf.Amend(by="li", changes={"next_step": "call", "source": "web"})
    assert one.digest == two.digest


def test_what_a_frozen_record_holds_is_frozen_too(deal: sf.Opportunity) -> None:
    for mapping in (
        deal.facts,
        sf.Amend(by="li", changes={"source": "web"}).changes,
        sf.Rates("USD", {"EUR": "1.1"}).rates,
    ):
        with pytest.raises(TypeError, match="cannot be changed"):
            mapping["x"] = 1  # type: ignore[index]
    assert isinstance(hash(deal), int)


def test_a_retry_on_the_same_deal_gives_the_same_bytes(
    engine: sf.StageEngine, deal: sf.Opportunity
) -> None:
    command = sf.Start(by="li.wei", command_id="c-1")
    first, second = (engine.decide(deal, command, at=NOW).events for _ in range(2))
    assert sf.write_events(first) == sf.write_events(second)


def test_a_used_command_id_with_another_content_is_a_conflict(
    engine: sf.StageEngine, deal: sf.Opportunity
) -> None:
    started = engine.decide(deal, sf.Start(by="li.wei", command_id="c-1"), at=NOW).require()
    with pytest.raises(CommandConflict, match="an id of its own"):
        engine.decide(started, sf.Advance(by="li.wei", command_id="c-1"), at=NOW)


def test_the_id_of_a_refused_command_is_not_remembered(walk: Walk) -> None:
    walk.do(sf.Start(by="li.wei"))
    assert not walk.do(sf.Advance(by="li.wei", command_id="c-2")).accepted
    walk.do(sf.Answer(by="li.wei", question="bant.budget", mark="+"))
    walk.do(sf.Attest(by="li.wei", criterion="sponsor_met"))
    walk.do(sf.Judge(by="wang", role="sales_manager", verdict="go", point="go"))
    decision = walk.do(sf.Advance(by="li.wei", command_id="c-2"))
    assert decision.accepted
    assert not decision.duplicate


def test_a_deal_that_moved_on_is_a_version_conflict(walk: Walk) -> None:
    walk.do(sf.Start(by="li.wei"))
    with pytest.raises(VersionConflict, match="at version 1, the command expected 0"):
        walk.do(sf.Lose(by="li.wei", reason="price", expected_version=0))


def test_a_deal_of_another_playbook_or_digest_is_refused(
    bank: sf.Playbook, engine: sf.StageEngine, deal: sf.Opportunity
) -> None:
    started = engine.decide(deal, sf.Start(by="li.wei"), at=NOW).require()
    stricter = bank.to_json().replace("margin >= 0.1", "margin >= 0.15")
    other = sf.StageEngine(sf.Playbook.from_json(stricter))
    with pytest.raises(PlaybookMismatch, match=r"bank 1\.0\.0"):
        other.decide(started, sf.Advance(by="li.wei"), at=NOW)


def test_a_playbook_edited_in_place_is_said_to_be_one_with_what_to_do(
    bank: sf.Playbook, engine: sf.StageEngine, deal: sf.Opportunity
) -> None:
    started = engine.decide(deal, sf.Start(by="li.wei"), at=NOW).require()
    edited = bank.to_json().replace("margin >= 0.1", "margin >= 0.15")
    with pytest.raises(PlaybookMismatch, match="edited without a new version") as caught:
        sf.StageEngine(sf.Playbook.from_json(edited)).review(started, at=NOW)
    assert 'a migration from "1.0.0"' in caught.value.hint
    assert caught.value.data["deal"] != caught.value.data["engine"]

    renamed = edited.replace('"version": "1.0.0"', '"version": "1.1.0"').replace(
        '"version":"1.0.0"', '"version":"1.1.0"'
    )
    with pytest.raises(PlaybookMismatch, match=r"this engine has bank 1\.1\.0") as caught:
        sf.StageEngine(sf.Playbook.from_json(renamed)).review(started, at=NOW)
    assert "Migrate it" in caught.value.hint


def test_an_engine_shows_its_playbook_and_its_hooks(bank: sf.Playbook) -> None:
    assert repr(sf.StageEngine(bank)) == "<StageEngine bank 1.0.0, 0 hooks>"
    assert repr(sf.StageEngine(bank, hooks=[lambda _: None])) == "<StageEngine bank 1.0.0, 1 hook>"


def test_a_change_of_words_alone_is_no_other_playbook(
    bank: sf.Playbook, engine: sf.StageEngine, deal: sf.Opportunity
) -> None:
    started = engine.decide(deal, sf.Start(by="li.wei"), at=NOW).require()
    reworded = sf.StageEngine(
        sf.Playbook.from_json(bank.to_json().replace("Bank projects", "Projects of banks"))
    )
    assert reworded.decide(started, sf.Advance(by="li.wei"), at=NOW).blockers


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("Start", "not a str. Use one of Adopt, Advance,"),
        (sf.Start, 'not the class Start. Make one: Start(by="…")'),
        (int, "not the class int. Use one of Adopt, Advance,"),
        ({"kind": "Start"}, "not a dict. Use one of Adopt, Advance,"),
        (None, "not None. Use one of Adopt, Advance,"),
        (5, "not an int. Use one of Adopt, Advance,"),
    ],
)
def test_something_that_is_no_command_is_refused(
    engine: sf.StageEngine, deal: sf.Opportunity, command: Any, words: str
) -> None:
    with pytest.raises(ArgumentError) as caught:
        engine.decide(deal, command, at=NOW)
    assert f"command must be a command of salesflow, {words}" in str(caught.value)


def test_things_that_are_no_deal_and_no_playbook_are_refused(
    bank: sf.Playbook, engine: sf.StageEngine
) -> None:
    with pytest.raises(ArgumentError, match="playbook must be a Playbook, not a str"):
        sf.StageEngine("bank")  # type: ignore[arg-type]
    for call in (
        lambda: engine.decide({"id": "D-1"}, sf.Start(by="li.wei"), at=NOW),  # type: ignore[type-var]
        lambda: engine.review(None, at=NOW),  # type: ignore[arg-type]
        lambda: engine.score(None, "worth", at=NOW),  # type: ignore[arg-type]
    ):
        with pytest.raises(ArgumentError, match="must be an Opportunity or a HostDeal"):
            call()


def test_unknown_zones_and_cards_are_named(bank: sf.Playbook, deal: sf.Opportunity) -> None:
    with pytest.raises(ArgumentError, match="Asia/Shanghai"):
        sf.StageEngine(bank, tz="Mars/Olympus")
    with pytest.raises(UnknownName, match='Did you mean "worth"'):
        sf.StageEngine(bank).score(deal, "wort", at=NOW)


def test_declared_facts_reach_the_rules_and_nothing_else_can_be_slipped_in(
    engine: sf.StageEngine, deal: sf.Opportunity
) -> None:
    own = {"margin": 0.3, "tender_opens_on": "2026-03-01"}
    facts = sf.facts_of(deal.model_copy(update={"facts": own}), engine.playbook, at=NOW)
    assert facts["margin"] == 0.3
    assert str(facts["tender_opens_on"]) == "2026-03-01"
    started = engine.decide(deal, sf.Start(by="li.wei"), at=NOW).require()
    slipped_in = started.model_copy(update={"facts": {**own, "done.sponsor_met": True}})
    assert "done.sponsor_met" not in sf.facts_of(slipped_in, engine.playbook, at=NOW)
    assert [it.path for it in engine.review(slipped_in, at=NOW).problems] == [
        "facts.done.sponsor_met"
    ]


def test_a_declared_fact_of_the_wrong_kind_is_a_clear_error(
    engine: sf.StageEngine, deal: sf.Opportunity
) -> None:
    deal = deal.model_copy(update={"facts": {"tender_opens_on": "soon"}})
    with pytest.raises(FactError, match="tender_opens_on: 'soon' is not a day"):
        sf.facts_of(deal, engine.playbook, at=NOW)


def test_a_day_is_a_calendar_day_in_the_engines_zone(
    bank: sf.Playbook, deal: sf.Opportunity
) -> None:
    late = datetime(2026, 1, 5, 20, 0, tzinfo=UTC)
    started = sf.StageEngine(bank).decide(deal, sf.Start(by="li.wei"), at=late).require()
    utc = sf.facts_of(started, bank, at=late)
    shanghai = sf.facts_of(started, bank, at=late, tz="Asia/Shanghai")
    assert (str(utc["entered_stage_on"]), str(shanghai["entered_stage_on"])) == (
        "2026-01-05",
        "2026-01-06",
    )


def test_evolve_refuses_events_of_another_deal(walk: Walk) -> None:
    (event,) = walk.do(sf.Start(by="li.wei")).events
    other = sf.Opportunity(id="D-2", name="Other")
    with pytest.raises(EventError, match="belongs to deal 'D-1'"):
        walk.engine.evolve(other, event)


def test_our_exceptions_survive_pickling(walk: Walk) -> None:
    walk.do(sf.Start(by="li.wei"))
    with pytest.raises(MoveBlocked) as caught:
        walk.do(sf.Advance(by="li.wei")).require()
    copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own bytes
    assert str(copy) == str(caught.value)
    assert copy.problems == caught.value.problems


def test_a_version_conflict_says_what_happened_meanwhile(walk: Walk) -> None:
    walk.do(sf.Start(by="li.wei")).require()
    walk.do(sf.Attest(by="li.wei", criterion="sponsor_met", met=False)).require()
    with pytest.raises(VersionConflict) as caught:
        walk.do(sf.Advance(by="li.wei", expected_version=1))

    assert caught.value.data == {
        "expected": 1,
        "current": 2,
        "happened": [
            {
                "version": 2,
                "kind": "criterion_attested",
                "by": "li.wei",
                "at": walk.deal.progress.recent[-1].at.isoformat(),
            }
        ],
    }
    (problem,) = caught.value.problems
    assert (problem.path, problem.code) == ("event 2", "event")
    assert problem.message.startswith("criterion_attested by li.wei, 2026-")
    assert "look at what happened meanwhile" in str(caught.value)


def test_of_a_long_time_a_version_conflict_tells_the_end(walk: Walk) -> None:
    walk.do(sf.Start(by="li.wei")).require()
    for number in range(22):
        attest = sf.Attest(by="li.wei", criterion="sponsor_met", met=bool(number % 2))
        walk.do(attest).require()
    with pytest.raises(VersionConflict) as caught:
        walk.do(sf.Advance(by="li.wei", expected_version=1))

    first, *told = caught.value.problems
    assert (first.path, first.message, first.code) == ("", "2 events before these", "event")
    assert [problem.path for problem in told] == [f"event {number}" for number in range(4, 24)]


def test_a_copy_that_is_older_than_the_command_is_to_be_loaded_again(walk: Walk) -> None:
    walk.do(sf.Start(by="li.wei")).require()
    with pytest.raises(VersionConflict, match="load it again") as caught:
        walk.do(sf.Advance(by="li.wei", expected_version=7))

    assert caught.value.data == {"expected": 7, "current": 1}
    assert caught.value.problems == ()
    assert walk.do(sf.Attest(by="li.wei", criterion="sponsor_met", expected_version=1)).accepted


def test_a_command_id_that_was_used_is_named(walk: Walk) -> None:
    walk.do(sf.Start(by="li.wei", command_id="c-1")).require()
    with pytest.raises(CommandConflict) as caught:
        walk.do(sf.Advance(by="li.wei", command_id="c-1"))

    assert caught.value.data == {"command_id": "c-1"}


def test_a_host_may_keep_the_deal_in_a_record_of_its_own() -> None:
    engine = sf.StageEngine(sf.Playbook.from_toml(PLAYBOOK))
    deal = sf.HostDeal(
        id="D-9",
        owner="li",
        facts={"amount": 5, "created_on": "2026-01-01"},
    )
    started = engine.decide(deal, sf.Start(by="li"), at=NOW).require()
    facts = sf.facts_of(started, engine.playbook, at=NOW)
    assert (facts["amount"], facts["stage"]) == (5, "design")
    assert facts["created_on"] == date(2026, 1, 1)
    for name in ("done.designed", "stage"):
        slipped_in = started.model_copy(update={"facts": {name: True}})
        with pytest.raises(FactError, match=f"{name}: this follows from the rest of the deal"):
            engine.decide(slipped_in, sf.Advance(by="li"), at=NOW)
    amend = engine.decide(started, sf.Amend(by="li", changes={"name": "x"}), at=NOW)
    assert [blocker.code for blocker in amend.blockers] == ["kept_by_host"]


@pytest.mark.parametrize("wrong", [{"hooks": 5}, {"rates": 5}, {"calendar": 5}, {"tz": 5}])
def test_an_engine_refuses_what_it_could_not_use_later(wrong: dict[str, object]) -> None:
    with pytest.raises(ArgumentError):
        Course(**wrong)


def test_require_raises_with_every_reason(walk: Walk) -> None:
    walk.do(sf.Start(by="li.wei"))
    with pytest.raises(MoveBlocked) as caught:
        walk.do(sf.Advance(by="li.wei")).require()
    assert "sponsor_met: The sponsor was met; The sales representative has to attest it" in str(
        caught.value
    )
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize(
    "wrong", [{"tracks": ()}, {"stage": "close"}, {"stage": None}, {"sub_stage": "nowhere"}]
)
def test_a_progress_that_no_events_add_up_to_is_refused(wrong: dict[str, object]) -> None:
    deal = Deal().started()
    progress = deal.deal.progress.model_copy(update=wrong)
    broken = deal.deal.model_copy(update={"progress": progress})
    for look in (deal.engine.review, deal.engine.due):
        with pytest.raises(PlaybookMismatch, match="not what its events add up to"):
            look(broken, at=deal.at)


def test_a_deal_that_has_not_begun_has_no_track_that_stands_somewhere() -> None:
    stays = Deal().started().deal.progress.tracks
    for wrong in (sf.Progress(tracks=stays), sf.Progress(stage="talk")):
        new = sf.Opportunity(id="D-1", name="Works", progress=wrong)
        with pytest.raises(PlaybookMismatch, match="not what its events add up to"):
            Deal().engine.review(new, at=NOW)


def test_a_decision_is_neither_true_nor_false(walk: Walk) -> None:
    with pytest.raises(TypeError, match="look at its `accepted`"):
        bool(walk.do(sf.Start(by="li.wei")))


def test_a_refusal_has_every_reason_as_json_has_it(walk: Walk) -> None:
    walk.do(sf.Start(by="li.wei"))
    decision = walk.do(sf.Advance(by="li.wei"))
    with pytest.raises(MoveBlocked) as caught:
        decision.require()

    told = json.loads(json.dumps(caught.value.to_dict()))["blockers"]
    assert [Blocker.model_validate(it) for it in told] == [*decision.blockers]
    assert told[0]["title"] == {"en": decision.blockers[0].title.en, "zh": "预算与金额已明确"}


def test_a_refusal_is_told_in_the_language_that_all_of_its_reasons_have(walk: Walk) -> None:
    ours = Blocker(
        code="role",
        key="ours",
        title=both(en="Ours", zh="我方"),
        verdict=sf.Verdict.NO,
        fix=both(en="Ask", zh="请问"),
    )
    theirs = ours.model_copy(update={"key": "theirs", "title": sf.Text(zh="对方")})
    decision = walk.do(sf.Advance(by="li.wei")).model_copy(update={"blockers": (ours, theirs)})

    assert "ours: 我方; 请问" in str(MoveBlocked(decision))
