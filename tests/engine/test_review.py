"""A review says where a deal stands, and never anything else than decide would."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import salesflow as sf
from tests.engine.conftest import BANK

if TYPE_CHECKING:
    from tests.engine.conftest import Walk


def test_a_deal_that_is_not_started_has_a_review_that_says_so(
    walk: Walk,
) -> None:
    review = walk.engine.review(walk.deal, at=walk.at)
    assert review.stage is None
    assert [blocker.code for blocker in review.blockers] == ["not_started"]
    assert review.moves == ()
    assert review.cycle is None


def test_a_review_shows_advisory_criteria_which_do_not_block(walk: Walk) -> None:
    walk.qualified()
    review = walk.engine.review(walk.deal, at=walk.at)
    assert review.blockers == ()
    nice = {item.criterion.key: item for item in review.criteria}["nice"]
    assert nice.verdict is sf.Verdict.NO
    assert nice.blocker is not None
    assert review.moves[0].allowed
    assert review.moves[0].target is not None
    assert review.moves[0].target.key == "propose"


def test_a_review_lists_the_instruments_that_the_size_asks_for(walk: Walk) -> None:
    walk.proposed()
    review = walk.engine.review(walk.deal, at=walk.at)
    assert [(item.instrument.key, item.required, item.done) for item in review.instruments] == [
        ("plan", sf.Verdict.YES, True)
    ]


def test_the_cycle_is_the_last_number_reached(walk: Walk) -> None:
    seen = []
    walk.proposed()
    for criterion in (None, "order_in", "contract_in", "accepted"):
        if criterion:
            walk.do(sf.Attest(by="li.wei", criterion=criterion)).require()
        walk.do(sf.Advance(by="li.wei")).require()
        review = walk.engine.review(walk.deal, at=walk.at)
        seen.append((review.cycle, review.working_towards))
    assert seen == [(2, 3), (3, 3.5), (3.5, None), (3.5, None)]


def test_a_review_has_no_way_on_after_the_end(walk: Walk) -> None:
    walk.do(sf.Start(by="li.wei"))
    walk.do(sf.Lose(by="li.wei", reason="price"))
    review = walk.engine.review(walk.deal, at=walk.at)
    assert review.moves == ()
    assert [blocker.code for blocker in review.blockers] == ["ended"]


def test_every_way_is_open_exactly_where_somebody_can_take_it(walk: Walk) -> None:
    """The ways of the process and those of its policy, wherever the deal stands."""
    text = BANK.replace("[policy]", '[policy]\nskip = ["sales_manager"]\nback = "on"')
    walk.engine = sf.StageEngine(sf.Playbook.from_toml(text))
    walk.do(sf.Start(by="li.wei"))
    seen = set[tuple[str, bool]]()
    for criterion in ("sponsor_met", "order_in", "contract_in"):
        for move in walk.engine.review(walk.deal, at=walk.at, by="wang").moves:
            stage = "ended" if move.target is None else move.target.key
            wanted = sf.MoveTo(by="wang", stage=stage, note="It has to be")
            decision = walk.engine.decide(walk.deal, wanted, at=walk.at)
            assert decision.accepted is move.allowed, move
            assert {it.code for it in decision.blockers} == {it.code for it in move.blockers}
            assert move.title.en
            seen.add((move.how, move.allowed))
        walk.do(sf.Attest(by="li.wei", criterion=criterion))
        walk.do(sf.Answer(by="li.wei", question="bant.budget", mark="+"))
        walk.do(sf.Judge(by="wang", role="sales_manager", verdict="go"))
        walk.do(sf.Judge(by="wang", role="sales_manager", verdict="go", point="go"))
        walk.do(sf.Complete(by="li.wei", instrument="plan"))
        walk.do(sf.Advance(by="li.wei"))
    assert {how for how, _ in seen} == {"move", "skip", "back"}


def test_a_judgement_names_everybody_who_can_give_it(walk: Walk) -> None:
    walk.do(sf.Start(by="li.wei"))
    review = walk.engine.review(walk.deal, at=walk.at)
    blockers = {blocker.key: blocker for blocker in review.blockers}
    assert blockers["go"].roles == walk.engine.playbook.criteria["go"].roles
    assert blockers["sponsor_met"].roles == ("sales_rep",)


def test_the_age_of_a_stay_grows_until_the_deal_has_ended(walk: Walk) -> None:
    walk.do(sf.Start(by="li.wei"))
    walk.at += timedelta(days=3)
    ages = []
    for command in (None, sf.Lose(by="li.wei", reason="price")):
        if command is not None:
            walk.do(command).require()
        age = walk.engine.review(walk.deal, at=walk.at + timedelta(days=7)).stage_age
        assert age is not None
        ages.append(age.days)

    assert ages == [10, 3]
