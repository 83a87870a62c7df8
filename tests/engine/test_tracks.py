"""Tracks: what goes on beside the stages, each with states, criteria and limits of its own."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

import salesflow as sf
from salesflow.domain._base.record import replaced
from salesflow.errors import ClockError, PlaybookMismatch, UnknownName
from salesflow.playbook import lint
from tests.engine.legal_track import NEWBIZ, NOW, Deal


def reviewed() -> Deal:
    """The draft is with the lawyers."""
    deal = Deal(facts={"personal_data": False}).started()
    deal.do(sf.Attest(by="li", criterion="draft_sent")).require()
    assert deal.legal("in_review") == []
    return deal


def signed() -> Deal:
    deal = reviewed()
    said = sf.Judge(by="zhao", role="counsel", verdict="go", point="terms_agreed")
    deal.do(said).require()
    assert deal.legal("signed") == []
    return deal


def test_every_track_begins_in_its_first_state_when_the_deal_starts() -> None:
    deal = Deal(facts={"personal_data": True}).started()

    assert deal.facts() == {
        "track.legal": "open",
        "track.legal.entered_on": NOW.date(),
        "track.legal.days_on_hold": 0.0,
        "track.security": "asked",
        "track.security.entered_on": NOW.date(),
        "track.security.days_on_hold": 0.0,
    }


def test_before_the_start_nothing_is_known_of_a_track() -> None:
    deal = Deal()

    assert deal.facts() == {}
    assert deal.engine.review(deal.deal, at=NOW).tracks == ()
    assert deal.legal("in_review") == ["not_started"]


def test_a_track_goes_on_when_what_its_next_state_asks_for_is_there() -> None:
    deal = Deal().started()

    assert deal.legal("in_review") == ["attested"]
    deal.do(sf.Attest(by="li", criterion="draft_sent")).require()
    assert deal.legal("in_review", by="li") == ["role"]
    assert deal.legal("in_review") == []
    assert deal.facts()["track.legal"] == "in_review"
    assert deal.legal("in_review") == ["in_state"]


def test_a_judgement_for_a_track_counts_through_the_stages_of_the_deal() -> None:
    deal = reviewed()
    said = sf.Judge(by="zhao", role="counsel", verdict="go")  # the only point that asks counsel
    assert deal.do(said).require().progress.judgements[-1].point == "terms_agreed"
    deal.do(sf.Attest(by="li", criterion="champion_found")).require()
    deal.do(sf.Advance(by="li")).require()

    assert deal.legal("signed") == []


def test_a_judgement_of_an_earlier_stay_of_the_track_does_not_count() -> None:
    deal = reviewed()
    said = sf.Judge(by="zhao", role="counsel", verdict="go", point="terms_agreed")
    deal.do(said).require()
    assert deal.legal("open") == []
    assert deal.legal("in_review") == []

    assert deal.legal("signed") == ["judgement"]
    deal.do(said).require()
    assert deal.legal("signed") == []


def test_what_was_judged_for_a_state_is_known_while_the_track_is_there() -> None:
    deal = signed()
    facts = sf.facts_of(deal.deal, deal.engine.playbook, at=deal.at)

    assert facts["done.terms_agreed"] is True
    said = sf.Judge(by="zhao", role="counsel", verdict="kill", point="terms_agreed")
    assert deal.codes(said) == ["not_here"]  # it is signed; nobody asks any more
    unnamed = sf.Judge(by="zhao", role="counsel", verdict="kill")
    assert deal.codes(unnamed) == ["nothing_to_judge"]


def test_a_gate_of_a_stage_waits_for_a_track() -> None:
    deal = signed()
    deal.do(sf.Attest(by="li", criterion="champion_found")).require()
    deal.do(sf.Advance(by="li")).require()
    assert deal.legal("in_review") == []

    (blocker,) = deal.do(sf.Advance(by="li")).blockers
    assert blocker.key == "contract_agreed"
    assert blocker.fix.get("en") == '“Legal review” is "In review"; it must be "Signed"'
    assert deal.legal("signed") == ["judgement"]  # a stay of its own takes a word of its own


def test_a_track_that_is_done_leads_nowhere_but_back_to_where_it_was() -> None:
    deal = signed()

    assert deal.legal("refused") == ["no_way"]
    assert deal.legal("open") == []


def test_a_track_goes_back_only_where_it_may_and_where_it_was() -> None:
    deal = Deal(facts={"personal_data": True}).started()
    move = sf.MoveTrack(by="li", track="security", state="again")

    assert deal.codes(move) == ["no_way"]  # its first state does not lead there
    deal.do(move.model_copy(update={"state": "passed"})).require()
    assert deal.codes(move.model_copy(update={"state": "asked"})) == ["not_allowed"]
    assert deal.codes(move) == []  # a way that is named may lead back


@pytest.mark.parametrize(
    ("known", "codes", "fact"),
    [
        (None, ["computed"], None),
        (False, ["not_applicable"], "not_applicable"),
        (True, [], "passed"),
    ],
)
def test_a_track_moves_where_it_applies(
    known: bool | None, codes: list[str], fact: str | None
) -> None:
    deal = Deal(facts={} if known is None else {"personal_data": known}).started()

    assert deal.codes(sf.MoveTrack(by="li", track="security", state="passed")) == codes
    assert deal.facts().get("track.security") == fact


def test_a_deal_on_hold_and_one_that_ended_move_no_track() -> None:
    deal = reviewed()
    held = sf.Hold(by="li", resume_when="The budget is there", review_on=date(2026, 3, 1))
    deal.do(held).require()
    assert deal.legal("refused") == ["on_hold"]
    deal.do(sf.Resume(by="li")).require()
    deal.do(sf.Lose(by="li", reason="price")).require()

    assert deal.legal("refused") == ["ended"]
    (legal, _) = deal.engine.review(deal.deal, at=deal.at + timedelta(days=90)).tracks
    assert (legal.state.key, legal.days, legal.moves) == ("in_review", 0, ())


def test_a_state_with_a_limit_is_due_like_a_duty_and_overdue_after_it() -> None:
    deal = reviewed()
    (duty,) = deal.engine.due(deal.deal, at=deal.at)
    assert (duty.key, duty.role, duty.status) == ("track.legal", "counsel", "next")
    assert duty.due_on == date(2026, 1, 15)
    assert duty.reason.get("en") == (
        '"Legal review: In review" (Counsel) is due on 2026-01-15: within 10 days of 2026-01-05, '
        'when "Legal review: In review" was entered.'
    )
    late = deal.at + timedelta(days=11)
    assert deal.engine.review(deal.deal, at=late).due[0].status == "overdue"
    assert deal.legal("refused") == []
    assert deal.engine.due(deal.deal, at=late) == ()


@pytest.mark.parametrize(("known", "due"), [(True, 1), (False, 0)])
def test_a_track_that_does_not_apply_has_no_limit(known: bool, due: int) -> None:
    deal = Deal(facts={"personal_data": known}).started()

    assert len(deal.engine.due(deal.deal, at=deal.at)) == due
    assert len(deal.engine.review(deal.deal, at=deal.at).due) == due


CHASE = """
[[cadences]]
key = "chase"
title = "Chase the lawyers"
role = "rep"
state = "legal.in_review"
every = { weeks = 1 }
[[cadences]]
key = "hurry"
title = "Hurry"
state = "security.asked"
within = { days = 1 }
"""


def test_a_cadence_may_count_from_a_state_of_a_track_for_as_long_as_that_lasts() -> None:
    deal = Deal(NEWBIZ + CHASE, facts={"personal_data": False}).started()
    assert deal.engine.due(deal.deal, at=deal.at) == ()  # security does not apply
    deal.do(sf.Attest(by="li", criterion="draft_sent")).require()
    assert deal.legal("in_review") == []

    chase = deal.engine.due(deal.deal, at=deal.at)[0]
    assert chase.reason.get("en") == (
        '"Chase the lawyers" (Rep) is due on 2026-01-12: every week, counted from 2026-01-05, '
        'when "Legal review: In review" was entered.'
    )
    deal.do(sf.Complete(by="li", instrument="chase"), days=6).require()
    due = {duty.key: duty.due_on.day for duty in deal.engine.due(deal.deal, at=deal.at)}
    assert due == {"track.legal": 15, "chase": 19}
    assert deal.legal("refused") == []
    assert deal.engine.due(deal.deal, at=deal.at) == ()


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ('state = "legal.sined"', "cadences.chase.state"),
        ('state = "legal.open"\nstages = ["talk"]', "cadences.chase.stages"),
        ('state = "legal.open"\ntrigger = "won"', "cadences.chase.trigger"),
    ],
)
def test_a_cadence_that_no_track_starts_is_an_error(more: str, path: str) -> None:
    text = f'[[cadences]]\nkey = "chase"\ntitle = "Chase"\nevery = {{ weeks = 1 }}\n{more}\n'

    assert path in [it.path for it in lint(NEWBIZ + text) if it.severity == "error"]


def test_a_review_shows_where_each_track_stands_and_what_its_next_states_ask_for() -> None:
    deal = reviewed()
    late = deal.at + timedelta(days=11)
    legal, security = deal.engine.review(deal.deal, at=late, by="li").tracks

    assert (legal.state.key, legal.days, legal.is_late) == ("in_review", 11, True)
    assert [move.state.key for move in legal.moves] == ["signed", "refused"]
    to_signed = legal.moves[0]
    assert [item.criterion.key for item in to_signed.criteria] == ["terms_agreed"]
    assert [blocker.code for blocker in to_signed.blockers] == ["role", "judgement"]
    assert security.applies is sf.Verdict.NO
    assert security.moves == ()


def test_a_review_says_of_a_move_what_the_decision_says() -> None:
    for deal in (Deal().started(), reviewed(), signed()):
        for by in ("li", "zhao", "nobody"):
            for status in deal.engine.review(deal.deal, at=deal.at, by=by).tracks:
                for move in status.moves:
                    wanted = sf.MoveTrack(by=by, track=status.track.key, state=move.state.key)
                    decided = deal.engine.decide(deal.deal, wanted, at=deal.at)
                    assert move.blockers == decided.blockers
                    assert move.allowed == decided.accepted


def test_every_move_of_a_track_is_listed_as_available_and_allowed_where_it_is_accepted() -> None:
    deal = reviewed()
    found = [
        item
        for item in deal.engine.available(deal.deal, by="zhao", at=deal.at)
        if item.kind is sf.MoveTrack
    ]

    assert len(found) == 7
    assert [item.fields["state"] for item in found if item.allowed] == ["open", "refused"]


def test_names_that_nobody_knows_are_told_with_the_nearest() -> None:
    deal = Deal().started()

    with pytest.raises(UnknownName, match="legal"):
        deal.do(sf.MoveTrack(by="li", track="leagl", state="open"))
    with pytest.raises(UnknownName, match="signed"):
        deal.do(sf.MoveTrack(by="li", track="legal", state="sined"))


def test_a_track_does_not_leave_a_state_before_it_came_there() -> None:
    deal = reviewed()
    early = sf.MoveTrack(
        by="zhao", track="legal", state="refused", occurred_at=NOW - timedelta(days=1)
    )

    with pytest.raises(ClockError, match="when legal came to in_review"):
        deal.do(early)
    stay = deal.deal.progress.track("legal")
    assert stay is not None
    assert deal.do(early.model_copy(update={"occurred_at": stay.entered_at})).accepted


def test_an_adopted_deal_has_its_tracks_where_the_host_says() -> None:
    deal = Deal(facts={"personal_data": True})
    adopt = sf.Adopt(by="li", stage="close", entered_on=NOW.date(), tracks={"legal": "signed"})
    deal.do(adopt).require()

    facts = deal.facts()
    assert (facts["track.legal"], facts["track.security"]) == ("signed", "asked")
    for tracks, missing in (({"leagl": "open"}, "legal"), ({"legal": "sined"}, "signed")):
        with pytest.raises(UnknownName, match=missing):
            Deal().do(adopt.model_copy(update={"tracks": tracks}))


def test_a_command_without_tracks_has_the_digest_that_it_had_before_there_were_any() -> None:
    fields = {"by": "li", "stage": "close", "entered_on": NOW.date()}
    plain, named = sf.Adopt(**fields), sf.Adopt(**fields, tracks={"legal": "open"})  # type: ignore[arg-type]

    assert plain.digest == "db3e3a32ee22b85b4ab39c3945e4c5bb"
    assert named.digest != plain.digest


def test_a_repeated_command_moves_a_track_once() -> None:
    deal = reviewed()
    move = sf.MoveTrack(by="zhao", track="legal", state="refused", command_id="c-1")

    assert len(deal.do(move).events) == 1
    assert deal.do(move).duplicate
    assert [stay.state for stay in deal.deal.progress.tracks if stay.track == "legal"] == [
        "open",
        "in_review",
        "refused",
    ]


def test_a_progress_without_the_tracks_of_its_playbook_is_broken() -> None:
    deal = Deal().started()
    broken = replaced(deal.deal, progress=replaced(deal.deal.progress, tracks=()))

    with pytest.raises(PlaybookMismatch, match="not what its events add up to"):
        deal.engine.decide(broken, sf.Advance(by="li"), at=deal.at)


NEXT = NEWBIZ.replace('version = "1"', 'version = "2"', 1).replace('"signed"', '"agreed"')
NEXT = NEXT.replace('key = "legal"', 'key = "law"').replace("track.legal", "track.law")
NAMED = '[[migrations]]\nfrom = "1"\ntracks = { legal = "law", "legal.signed" = "law.agreed" }\n'


def test_a_migration_takes_a_track_along_under_its_new_name() -> None:
    deal = signed()
    before = deal.deal.progress.track("legal")
    deal.under(NEXT + NAMED).do(sf.Migrate(by="li"), days=3).require()

    assert before is not None
    after = deal.deal.progress.track("law")
    assert after == replaced(before, track="law", state="agreed")
    assert deal.deal.progress.track("legal") is None
    assert [stay.track for stay in deal.deal.progress.tracks].count("legal") == 2
    assert deal.facts()["track.law"] == "agreed"


def test_a_state_that_the_new_version_lacks_is_told_like_a_stage() -> None:
    deal = signed()
    named = NAMED.replace(', "legal.signed" = "law.agreed"', "")
    (blocker,) = deal.under(NEXT + named).do(sf.Migrate(by="li")).blockers

    assert (blocker.code, blocker.key) == ("unmapped", "track.legal.signed")
    assert "law.agreed" in blocker.fix.get("en")


def test_a_track_that_the_new_version_lacks_ends_and_one_that_it_adds_begins() -> None:
    deal = signed()
    decision = deal.under(NEXT + '[[migrations]]\nfrom = "1"\n').do(sf.Migrate(by="li"), days=3)

    payload = decision.events[0].payload
    assert isinstance(payload, sf.engine.events.Migrated)
    assert "track.legal.signed" in payload.unmapped
    assert deal.deal.progress.track("legal") is None
    law = deal.deal.progress.track("law")
    assert law is not None
    assert (law.state, law.entered_at) == ("open", deal.at)
    assert deal.facts()["track.security"] == "not_applicable"


def test_a_deal_without_tracks_pays_for_none() -> None:
    plain = sf.StageEngine(sf.load_playbook("closed_loop_sales"))
    deal = plain.decide(sf.Opportunity(id="D", name="D"), sf.Start(by="li"), at=NOW).require()

    assert deal.progress.tracks == ()
    assert plain.review(deal, at=NOW).tracks == ()
