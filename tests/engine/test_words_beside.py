"""What people say of a track: it lapses, is asked for and delegated as what they say of stages."""

from __future__ import annotations

import salesflow as sf
from salesflow.engine import CriterionStatus
from tests.engine.legal_track import NEWBIZ, Deal

POLICY = 'policy = { retract = "on" }\n[[roles]]'
JUDGED = 'judgement = { roles = ["counsel"] }'
TERMS = f'{JUDGED}\n    lapses_on = ["amount"]\n    not_by = ["requester"]'
LAPSING = NEWBIZ.replace(JUDGED, TERMS).replace("[[roles]]", POLICY, 1)
APPROVALS = """
[[approvals]]
key = "terms"
title = "Who approves the terms"
  [[approvals.rows]]
  when = "amount > 100"
  roles = ["counsel"]
"""
APPROVED = NEWBIZ.replace(JUDGED, 'approval = "terms"\n    lapses_on = ["amount"]') + APPROVALS
AGREED = sf.Judge(by="zhao", role="counsel", verdict="go", point="terms_agreed")
ASKED = sf.Request(by="li", point="terms_agreed", note="By Friday, please")


def worth(amount: int, by: str = "li") -> sf.Amend:
    changes = {"amount": {"amount": str(amount), "currency": "USD"}}
    return sf.Amend.model_validate({"by": by, "changes": changes})


def in_review(text: str = LAPSING) -> Deal:
    deal = Deal(text, amount=sf.Money(500, "USD"), facts={"personal_data": False}).started()
    deal.do(sf.Attest(by="li", criterion="draft_sent")).require()
    assert deal.legal("in_review") == []
    return deal


def terms(deal: Deal) -> CriterionStatus:
    """What the review says of the terms."""
    legal = deal.engine.review(deal.deal, at=deal.at, by="zhao").tracks[0]
    found = [it for move in legal.moves for it in move.criteria]
    return next(it for it in found if it.criterion.key == "terms_agreed")


def test_a_word_for_a_track_lapses_with_what_it_rests_on() -> None:
    deal = in_review()
    deal.do(AGREED).require()
    assert terms(deal).met
    deal.do(worth(700)).require()

    assert terms(deal).lapsed
    (blocker,) = deal.do(sf.MoveTrack(by="zhao", track="legal", state="signed")).blockers
    assert [part.code for part in blocker.because] == ["lapsed"]
    deal.do(worth(500)).require()  # what counsel agreed to
    assert deal.legal("signed") == []


def test_a_word_for_a_track_is_asked_for_where_the_track_asks_for_it() -> None:
    deal = in_review()
    assert deal.legal("refused") == []
    assert deal.codes(ASKED) == ["not_here"]
    assert deal.legal("in_review") == []
    deal.do(ASKED).require()

    request = terms(deal).request
    assert request is not None
    assert (request.by, request.note) == ("li", "By Friday, please")
    listed = deal.engine.available(deal.deal, by="zhao", at=deal.at)
    fields = [item.fields for item in listed if item.kind is sf.Request and item.allowed]
    assert fields == [{"point": "terms_agreed"}]


def test_who_asked_for_a_word_or_changed_what_it_rests_on_does_not_give_it() -> None:
    deal = in_review()
    deal.do(ASKED.model_copy(update={"by": "zhao"})).require()
    assert deal.codes(AGREED) == ["own_request"]
    deal.do(ASKED).require()
    deal.do(worth(700, by="zhao")).require()
    assert deal.codes(AGREED) == ["own_request"]
    deal.do(worth(800)).require()

    assert deal.codes(AGREED) == []


def test_a_substitute_speaks_for_a_track_and_moves_it() -> None:
    deal = in_review()
    until = deal.at.date()
    deal.do(sf.Delegate(by="zhao", role="counsel", to="qian", until=until)).require()
    deal.do(AGREED.model_copy(update={"by": "qian"})).require()
    said = deal.deal.progress.judgements[-1]

    assert (said.by, said.on_behalf_of, said.track_visit) == ("qian", "zhao", 2)
    assert deal.legal("signed", by="qian") == []
    assert deal.events[-1].on_behalf_of == "zhao"


def test_an_approval_of_a_track_is_given_ahead_and_stands_when_the_track_goes_back() -> None:
    deal = Deal(APPROVED, amount=sf.Money(500, "USD")).started()
    deal.do(AGREED).require()
    deal.do(sf.Attest(by="li", criterion="draft_sent")).require()
    for state in ("in_review", "open", "in_review"):
        assert deal.legal(state) == []

    assert terms(deal).met
    deal.do(worth(700)).require()
    assert deal.legal("signed") == ["approval"]
    deal.do(AGREED).require()
    assert deal.legal("signed") == []


def test_tracks_stand_where_they_are_when_an_outcome_is_taken_back() -> None:
    deal = in_review()
    deal.do(AGREED).require()
    assert deal.legal("signed") == []
    deal.do(sf.Attest(by="li", criterion="champion_found")).require()
    deal.do(sf.Advance(by="li")).require()
    deal.do(sf.Advance(by="li")).require()
    assert deal.deal.progress.outcome == "won"
    before, known = deal.deal.progress.tracks, deal.facts()
    deal.do(sf.Retract(by="li", note="The order was cancelled"), days=3).require()

    assert (deal.deal.progress.outcome, deal.deal.progress.tracks) == ("none", before)
    assert deal.facts() == known
    assert sf.facts_of(deal.deal, deal.engine.playbook, at=deal.at)["done.terms_agreed"] is True
    legal = deal.engine.review(deal.deal, at=deal.at).tracks[0]
    assert legal.days == 3
    assert deal.legal("in_review") == []  # and they move again
