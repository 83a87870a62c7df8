"""Attest, answer, complete and judge, in sentences."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

import salesflow as sf
from salesflow.errors import UnknownName
from tests.engine.conftest import BANK, EYES, Walk
from tests.engine.course import PLAYBOOK


@pytest.fixture
def started(walk: Walk) -> Walk:
    walk.do(sf.Start(by="li.wei")).require()
    return walk


def facts(walk: Walk) -> dict[str, object]:
    return dict(sf.facts_of(walk.deal, walk.engine.playbook, at=walk.at))


def test_the_owner_attests_in_the_owners_role(started: Walk) -> None:
    started.do(sf.Attest(by="li.wei", criterion="sponsor_met")).require()
    assert facts(started)["done.sponsor_met"] is True


def test_a_wrong_role_is_a_blocker_that_names_the_right_one(started: Walk) -> None:
    refused = started.do(sf.Attest(by="wang", criterion="sponsor_met"))
    (blocker,) = refused.blockers
    assert (blocker.code, blocker.role) == ("role", "sales_rep")
    assert blocker.seen == {"role": "sales_manager"}


def test_a_claimed_role_is_taken_at_its_word_and_kept_in_the_event(started: Walk) -> None:
    decision = started.do(sf.Attest(by="zhao", role="sales_rep", criterion="sponsor_met"))
    assert decision.accepted
    assert (decision.events[0].by, decision.events[0].role) == ("zhao", "sales_rep")


def test_a_denied_criterion_is_a_no_and_a_later_word_replaces_it(started: Walk) -> None:
    started.do(sf.Attest(by="li.wei", criterion="sponsor_met", met=False)).require()
    assert facts(started)["done.sponsor_met"] is False
    blockers = {b.key: b for b in started.do(sf.Advance(by="li.wei")).blockers}
    assert blockers["sponsor_met"].verdict is sf.Verdict.NO
    started.do(sf.Attest(by="li.wei", criterion="sponsor_met")).require()
    assert facts(started)["done.sponsor_met"] is True
    assert len(started.deal.progress.attestations) == 1


def test_a_computed_criterion_cannot_be_attested(started: Walk) -> None:
    refused = started.do(sf.Attest(by="li.wei", criterion="budget_known"))
    assert [blocker.code for blocker in refused.blockers] == ["computed"]


@pytest.mark.parametrize(
    ("kind", "fix"),
    [
        ("decision", "Judge the point in its role"),
        ("judgement", "Judge it in each of the roles that are missing"),
        ("instruments", "Complete each instrument that the deal's size asks for"),
    ],
)
def test_who_attests_what_is_not_attested_is_told_the_command_for_it(kind: str, fix: str) -> None:
    book = sf.Playbook.from_toml(PLAYBOOK if kind == "judgement" else BANK)
    [(stage, key), *_] = [
        (stage.key, item.key) for stage in book.stages for item in stage.exit if item.kind == kind
    ]
    walk = Walk(sf.StageEngine(book), sf.Opportunity(id="D-1", name="Works", owner="li"))
    walk.do(sf.Adopt(by="li", stage=stage, entered_on=date(2026, 1, 2))).require()

    [blocker] = walk.do(sf.Attest(by="li", criterion=key)).blockers

    assert (blocker.code, blocker.key, blocker.fix.en) == (kind, key, fix)
    assert blocker.title.en == "The criterion is attested by a person"


def test_names_that_are_not_in_the_playbook_raise_with_the_nearest_one(started: Walk) -> None:
    with pytest.raises(UnknownName, match='Did you mean "sponsor_met"'):
        started.do(sf.Attest(by="li.wei", criterion="sponsor_mett"))
    with pytest.raises(UnknownName, match=r'Did you mean "bant\.budget"'):
        started.do(sf.Answer(by="li.wei", question="bant.budgett", mark="+"))
    with pytest.raises(UnknownName, match='Did you mean "plan"'):
        started.do(sf.Complete(by="li.wei", instrument="plann"))
    with pytest.raises(UnknownName, match="decision point"):
        started.do(sf.Judge(by="wang", role="sales_manager", verdict="go", point="sponsor_met"))
    with pytest.raises(UnknownName, match='Did you mean "sales_manager"'):
        started.do(sf.Judge(by="wang", role="sales_manger", verdict="go"))


def test_a_question_mark_counts_as_asked_and_not_as_known(started: Walk) -> None:
    started.do(sf.Answer(by="li.wei", question="bant.budget", mark="?")).require()
    seen = facts(started)
    assert (seen["bant.asked"], seen["bant.unknown"]) == (1, 2)
    started.do(sf.Answer(by="li.wei", question="bant.budget", mark="+")).require()
    seen = facts(started)
    assert (seen["bant.asked"], seen["bant.unknown"]) == (1, 1)


def test_a_competitors_sheet_does_not_change_ours(started: Walk) -> None:
    started.do(sf.Answer(by="li.wei", question="bant.budget", mark="+")).require()
    started.do(sf.Answer(by="li.wei", question="bant.budget", mark="-", about="Rival")).require()
    assert facts(started)["bant.budget"] == "+"
    assert len(started.deal.progress.answers) == 2


def test_an_instrument_with_a_checklist_needs_every_question_asked(started: Walk) -> None:
    started.do(sf.Answer(by="li.wei", question="bant.budget", mark="+")).require()
    (blocker,) = started.do(sf.Complete(by="li.wei", instrument="bant_sheet")).blockers
    assert blocker.fix.en == "Ask these questions first: Is there a need?"
    started.do(sf.Answer(by="li.wei", question="bant.need", mark="?")).require()
    assert started.do(sf.Complete(by="li.wei", instrument="bant_sheet")).accepted


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [("go", sf.Verdict.YES), ("kill", sf.Verdict.NO), ("hold", sf.Verdict.UNKNOWN)],
)
def test_a_decision_point_has_exactly_go_kill_and_hold(
    started: Walk, verdict: str, expected: sf.Verdict
) -> None:
    judge = sf.Judge.model_validate(
        {
            "by": "wang",
            "role": "sales_manager",
            "verdict": verdict,
            "point": "go",
            "resume_when": "The budget is released",
            "review_on": date(2026, 2, 1),
        }
    )
    started.do(judge).require()
    review = started.engine.review(started.deal, at=started.at)
    assert {item.criterion.key: item.verdict for item in review.criteria}["go"] is expected


def test_a_hold_without_an_end_is_refused() -> None:
    with pytest.raises(ValidationError, match="resume_when= and review_on="):
        sf.Judge(by="wang", role="sales_manager", verdict="hold", point="go")


def test_only_the_named_role_decides_and_only_in_its_stage(walk: Walk) -> None:
    walk.do(sf.Start(by="li.wei")).require()
    wrong = walk.do(sf.Judge(by="li.wei", role="sales_rep", verdict="go", point="go"))
    assert [blocker.code for blocker in wrong.blockers] == ["role"]
    walk.do(sf.Answer(by="li.wei", question="bant.budget", mark="+"))
    walk.do(sf.Attest(by="li.wei", criterion="sponsor_met"))
    walk.do(sf.Judge(by="wang", role="sales_manager", verdict="go", point="go"))
    walk.do(sf.Advance(by="li.wei")).require()
    late = walk.do(sf.Judge(by="wang", role="sales_manager", verdict="kill", point="go"))
    assert [blocker.code for blocker in late.blockers] == ["not_here"]


def test_a_judgement_of_the_stage_is_an_approval_for_this_visit_only(started: Walk) -> None:
    started.do(sf.Judge(by="wang", role="sales_manager", verdict="go")).require()
    assert facts(started)["approval.sales_manager"] is True
    started.do(sf.Answer(by="li.wei", question="bant.budget", mark="+"))
    started.do(sf.Attest(by="li.wei", criterion="sponsor_met"))
    started.do(sf.Judge(by="wang", role="sales_manager", verdict="go", point="go"))
    started.do(sf.Advance(by="li.wei")).require()
    seen = facts(started)
    assert seen.get("approval.sales_manager") is None
    assert seen["done.go"] is True
    assert len(started.deal.progress.judgements) == 2


@pytest.fixture
def eyes() -> Walk:
    engine = sf.StageEngine(sf.Playbook.from_toml(EYES))
    found = Walk(engine, sf.Opportunity(id="D-1", name="Works", owner="li"))
    found.do(sf.Start(by="li")).require()
    return found


def blocked_by(decision: sf.Decision[sf.Opportunity]) -> list[tuple[str, str]]:
    return [(blocker.code, blocker.key) for blocker in decision.blockers]


def test_nobody_vouches_for_their_own_deal(eyes: Walk) -> None:
    own = eyes.do(sf.Attest(by="li", role="legal", criterion="drawn"))
    assert blocked_by(own) == [("own_deal", "drawn")]
    assert eyes.do(sf.Attest(by="wu", role="legal", criterion="drawn")).accepted
    for point in (None, "agreed"):
        judged = eyes.do(sf.Judge(by="li", role="boss", verdict="go", point=point))
        assert blocked_by(judged) == [("own_deal", "agreed")]


@pytest.mark.parametrize("point", [None, "agreed"])
def test_each_role_is_spoken_for_by_another_person(eyes: Walk, point: str | None) -> None:
    def says_go(by: str, role: str) -> sf.Decision[sf.Opportunity]:
        return eyes.do(sf.Judge(by=by, role=role, verdict="go", point=point))

    assert says_go("wang", "boss").accepted
    assert blocked_by(says_go("wang", "legal")) == [("same_person", "agreed")]
    assert says_go("wang", "boss").accepted  # the same role again, with a new word
    assert says_go("zhao", "boss").accepted  # whose word replaces that of wang
    assert says_go("wang", "legal").accepted
    assert facts(eyes)["done.agreed"] is True
