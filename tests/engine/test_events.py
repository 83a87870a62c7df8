"""Stored events: JSON Lines in and out, and what is refused on the way back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest

import salesflow as sf
from salesflow.engine.events import SCHEMA_VERSION, Event, Payload
from salesflow.errors import ArgumentError, EventError

if TYPE_CHECKING:
    from tests.engine.conftest import Walk

STORED = Path(__file__).parent / "golden"
GOLDEN = STORED / f"events-v{SCHEMA_VERSION}.jsonl"
FORM = STORED / f"form-v{SCHEMA_VERSION}.json"


@pytest.fixture
def lifetime(walk: Walk) -> Walk:
    """From the start to the end, with a word of everybody."""
    walk.do(sf.Start(by="li.wei", command_id="c-1", note="Referred by the bank's CIO"))
    walk.do(sf.Judge(by="wang", role="sales_manager", verdict="go", follow_up="Call weekly"))
    walk.do(sf.Answer(by="li.wei", question="bant.budget", mark="+"))
    walk.do(sf.Attest(by="li.wei", criterion="sponsor_met"))
    walk.do(sf.Judge(by="wang", role="sales_manager", verdict="go", point="go"))
    walk.do(sf.Advance(by="li.wei"))
    walk.do(sf.Complete(by="li.wei", instrument="plan", evidence="Plan of 5 January"))
    walk.do(sf.Advance(by="li.wei"))
    for criterion in ("order_in", "contract_in", "accepted"):
        walk.do(sf.Attest(by="li.wei", criterion=criterion))
        walk.do(sf.Advance(by="li.wei"))
    assert walk.deal.progress.ended
    walk.do(sf.Retract(by="wang", stage="sign", note="The order was cancelled"))
    walk.do(sf.Answer(by="li.wei", question="bant.need", mark="-", note="They think again"))
    walk.do(sf.Withdraw(by="li.wei", question="bant.need", note="They did not say that"))
    walk.do(sf.Amend(by="li.wei", changes={"next_step": "Ask for a new order"}))
    walk.do(sf.CallForecast(by="li.wei", category="commit", reason="A new order is on its way"))
    for _ in ("order", "contract", "deliver"):
        walk.do(sf.Advance(by="li.wei")).require()
    assert walk.deal.progress.ended
    return walk


def test_events_survive_json_lines(lifetime: Walk) -> None:
    text = sf.write_events(lifetime.events)
    assert sf.read_events(text) == tuple(lifetime.events)
    assert sf.read_events(text.splitlines()) == tuple(lifetime.events)
    assert text.count("\n") == len(lifetime.events)


def test_replaying_the_stored_events_gives_the_deals_progress(lifetime: Walk) -> None:
    stored = sf.read_events(sf.write_events(lifetime.events))
    assert lifetime.engine.replay(stored) == lifetime.deal.progress


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION + 1))
def test_events_written_by_every_schema_stay_readable(lifetime: Walk, version: int) -> None:
    golden = sf.read_events((STORED / f"events-v{version}.jsonl").read_text(encoding="utf-8"))
    assert {event.schema_version for event in golden} == {SCHEMA_VERSION}
    replayed = lifetime.engine.replay(golden)
    assert replayed.version == len(golden)
    assert (replayed.outcome, replayed.ended, replayed.stage) == ("won", True, "deliver")
    assert replayed.attestations == lifetime.deal.progress.attestations


def test_a_change_of_the_form_of_events_raises_the_schema_version() -> None:
    form = {"event": sorted(Event.model_fields)}
    for payload in get_args(Payload):
        form[payload.model_fields["kind"].default] = sorted(payload.model_fields)

    assert form == json.loads(FORM.read_text(encoding="utf-8")), (
        f"the form of events changed: raise SCHEMA_VERSION, add an upcaster from {SCHEMA_VERSION} "
        f"and golden files of the new version; {FORM.name} is the form of a released version"
    )


def test_what_is_written_today_is_what_the_golden_file_holds(lifetime: Walk) -> None:
    # The digest of the playbook is not part of the schema.
    def without_digest(text: str) -> list[dict[str, object]]:
        return [
            {**event, "playbook": {**event["playbook"], "digest": ""}}
            for event in map(json.loads, text.splitlines())
        ]

    written = sf.write_events(lifetime.events)
    assert without_digest(written) == without_digest(GOLDEN.read_text(encoding="utf-8"))


def test_a_gap_a_repetition_and_a_foreign_event_are_refused(lifetime: Walk) -> None:
    events = lifetime.events
    with pytest.raises(EventError, match="Event 3 came where event 2 was due"):
        lifetime.engine.replay([events[0], events[2]])
    with pytest.raises(EventError, match="Event 1 came where event 2 was due"):
        lifetime.engine.replay([events[0], events[0]])
    with pytest.raises(EventError, match="Event 2 came where event 1 was due"):
        lifetime.engine.replay(events[1:])
    foreign = events[1].model_copy(update={"opportunity_id": "D-2"})
    with pytest.raises(EventError, match="belongs to deal 'D-2'"):
        lifetime.engine.replay([events[0], foreign])


def test_an_event_that_cannot_come_first_or_later_is_refused(lifetime: Walk) -> None:
    first, second = lifetime.events[:2]
    with pytest.raises(EventError, match="first event"):
        lifetime.engine.replay([second.model_copy(update={"sequence": 1})])
    with pytest.raises(EventError, match="first event"):
        lifetime.engine.replay([first, first.model_copy(update={"sequence": 2})])


def test_every_unreadable_line_is_named(lifetime: Walk) -> None:
    good = sf.write_events(lifetime.events[:1])
    future = json.dumps({**json.loads(good), "schema_version": 99})
    deep = "[" * 100_000
    with pytest.raises(EventError) as caught:
        sf.read_events([good, "{", "[]", "", future, deep, '{"id": 1}', "x" * 1_000_001])
    lines = dict.fromkeys(problem.line for problem in caught.value.problems)
    assert [*lines] == [2, 3, 5, 6, 7, 8]
    assert caught.value.problems[0].path == ""
    assert "upgrade salesflow" in str(caught.value)


def test_bytes_are_not_lines_of_text() -> None:
    with pytest.raises(ArgumentError, match="lines must be a text or a list of lines, not a bytes"):
        sf.read_events(b"{}")  # type: ignore[arg-type]


def test_a_future_schema_is_refused_in_replay_too(lifetime: Walk) -> None:
    future = lifetime.events[0].model_copy(update={"schema_version": SCHEMA_VERSION + 1})
    with pytest.raises(EventError, match="Upgrade salesflow"):
        lifetime.engine.replay([future])


def test_no_events_are_an_untouched_deal(engine: sf.StageEngine) -> None:
    assert engine.replay([]) == sf.Progress()
    assert sf.read_events("") == ()


def test_what_is_no_line_and_a_key_given_twice_are_named_with_the_others(lifetime: Walk) -> None:
    twice = sf.write_events(lifetime.events[:1]).replace("{", '{"id": "e-0", "id": "e-1", ', 1)
    with pytest.raises(EventError) as caught:
        sf.read_events([5, twice, None, "{"])  # type: ignore[list-item]

    assert [(it.line, it.message, it.code) for it in caught.value.problems] == [
        (1, "it is an int, not a str", "type"),
        (2, 'the key "id" is given twice', "duplicate"),
        (3, "it is None, not a str", "type"),
        (4, "it is not a JSON object", "json"),
    ]


@pytest.mark.parametrize(("wrong", "told"), [(99, 99), (100, 100), (105, 101)])
def test_of_many_lines_that_cannot_be_read_the_first_hundred_are_named(
    wrong: int, told: int
) -> None:
    with pytest.raises(EventError) as caught:
        sf.read_events("{\n" * wrong)

    problems = caught.value.problems
    assert len(problems) == told
    assert [it.line for it in problems[:100]] == [*range(1, min(wrong, 100) + 1)]
    assert [(it.message, it.hint) for it in problems[100:]] == [
        ("there may be more", "correct these first")
    ][: told - min(wrong, 100)]


def test_a_deal_without_a_playbook_of_which_there_were_events_is_not_taken_over(
    lifetime: Walk,
) -> None:
    """Its progress was made by hand."""
    deal = lifetime.start.model_copy(update={"progress": sf.Progress(version=1)})
    adopt = sf.Adopt(by="li.wei", stage="propose", entered_on=lifetime.at.date())
    (event,) = lifetime.engine.decide(lifetime.start, adopt, at=lifetime.at).events

    with pytest.raises(EventError, match="only from another playbook"):
        lifetime.engine.evolve(deal, event.model_copy(update={"sequence": 2}))


@pytest.mark.parametrize("version", [0, -1, 1.0, True, "1", None])
def test_a_version_that_no_schema_has_is_refused(version: object) -> None:
    for schema in (1, SCHEMA_VERSION):
        first = (STORED / f"events-v{schema}.jsonl").read_text(encoding="utf-8").splitlines()[0]
        wrong = json.dumps({**json.loads(first), "schema_version": version})
        with pytest.raises(EventError, match="schema_version"):
            sf.read_events(wrong)
