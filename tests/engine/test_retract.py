"""Taking back a win, a loss or a disqualification; and the reasons for winning."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

import salesflow as sf
from salesflow.engine import events
from salesflow.errors import ClockError, UnknownName

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BOOK = """
id = "works"
version = "1"
title = "Works"
currency = "USD"
roles = [{{ key = "rep", title = "Rep" }}, {{ key = "boss", title = "Boss" }}]
owner_role = "rep"
reasons = [
  {{ key = "price", title = "Price", outcome = "lost" }},
  {{ key = "no_need", title = "No need", outcome = "disqualified" }},
{reasons}
]
[policy]
back = "on"
reopen = "on"
{policy}
[[stages]]
key = "plan"
title = "Plan"
[[stages]]
key = "sign"
title = "Sign"
wins = true
  [[stages.exit]]
  key = "agreed"
  title = "The boss agrees"
  judgement = {{ roles = ["boss"] }}
[[stages]]
key = "deliver"
title = "Deliver"
"""
WON = """
  { key = "service", title = "Service", outcome = "won" },
  { key = "told", title = "As told", outcome = "won", notes = true, stages = ["sign"], roles = ["rep"] },
  { key = "cheap", title = "Cheap", outcome = "won", rule = "amount < 10", asks = "It was cheap" },
"""  # noqa: E501
MISTAKE = "A mis-click"


class Course:
    """A deal, an hour a step."""

    def __init__(self, policy: str = 'retract = "on"', reasons: str = "") -> None:
        book = sf.Playbook.from_toml(BOOK.format(policy=policy, reasons=reasons))
        self.engine = sf.StageEngine(book)
        self.deal = sf.Opportunity.model_validate(
            {"id": "D-1", "name": "Works", "owner": "li", "team": {"wang": "boss"}}
        )
        self.start, self.at = self.deal, NOW
        self.events: list[sf.Event] = []
        self.do(sf.Start(by="li"), sf.Advance(by="li"))

    def do(self, *commands: sf.Command) -> Course:
        for command in commands:
            assert self.codes(command) == []
        return self

    def codes(self, command: sf.Command) -> list[str]:
        self.at += timedelta(hours=1)
        decision = self.engine.decide(self.deal, command, at=self.at)
        self.deal = decision.opportunity
        self.events += decision.events
        return [blocker.code for blocker in decision.blockers]

    def agreed(self) -> Course:
        return self.do(sf.Judge(by="wang", role="boss", verdict="go"))

    def check(self) -> None:
        progress = self.deal.progress
        assert self.engine.replay(self.events) == progress
        assert sf.read_events(sf.write_events(self.events)) == tuple(self.events)
        assert sf.Opportunity.model_validate_json(self.deal.model_dump_json()) == self.deal


def retract(**fields: Any) -> sf.Retract:
    return sf.Retract.model_validate({"by": "wang", "note": MISTAKE, **fields})


def test_a_win_by_mistake_is_taken_back_and_the_deal_can_be_lost() -> None:
    course = Course().agreed().do(sf.Win(by="li"))
    won_at = course.at
    course.do(retract())
    progress = course.deal.progress

    assert (progress.outcome, progress.closed_at, progress.ended) == ("none", None, False)
    assert progress.stage == "sign"
    payload = course.events[-1].payload
    assert payload == events.Retracted(outcome="won", closed_at=won_at, stage="sign")
    assert course.events[-1].note == MISTAKE
    assert [step.kind for step in progress.recent][-2:] == ["won", "retracted"]
    course.do(sf.Lose(by="li", reason="price"))
    assert (course.deal.progress.outcome, course.deal.progress.reason) == ("lost", "price")
    course.check()


def test_what_was_judged_before_the_win_is_judged_anew() -> None:
    course = Course().agreed().do(sf.Win(by="li"), retract())

    assert course.codes(sf.Win(by="li")) == ["judgement"]
    assert course.codes(sf.Advance(by="li")) == ["judgement"]
    course.agreed().do(sf.Win(by="li"), sf.Advance(by="li"))
    assert [visit.stage for visit in course.deal.progress.visits] == [
        "plan",
        "sign",
        "sign",
        "deliver",
    ]
    course.check()


@pytest.mark.parametrize(
    ("ending", "outcome", "reason"),
    [
        (sf.Lose(by="li", reason="price"), "lost", "price"),
        (sf.Disqualify(by="li", reason="no_need"), "disqualified", "no_need"),
    ],
)
def test_a_loss_by_mistake_is_taken_back_where_the_deal_stood(
    ending: sf.Command, outcome: str, reason: str
) -> None:
    course = Course().do(ending, retract())
    progress = course.deal.progress

    payload = course.events[-1].payload
    assert isinstance(payload, events.Retracted)
    assert (payload.outcome, payload.reason) == (outcome, reason)
    assert (progress.outcome, progress.reason, progress.closed_at) == ("none", None, None)
    assert (progress.ended, progress.position) == (False, "sign")
    assert progress.visits[-1].left_at is None
    assert progress.visits[-2].left_at is not None
    course.check()


def test_a_deal_that_went_on_after_winning_goes_back_before_it() -> None:
    course = Course().agreed().do(sf.Win(by="li"), sf.Advance(by="li"))

    assert course.codes(retract()) == ["past_winning"]
    assert course.codes(retract(stage="deliver")) == ["past_winning"]
    course.do(retract(stage="plan"))
    assert (course.deal.progress.outcome, course.deal.progress.stage) == ("none", "plan")
    course.do(sf.Advance(by="li"))
    assert course.codes(sf.Advance(by="li")) == ["judgement"]
    course.check()


def test_a_won_deal_that_ended_is_taken_back_before_its_win() -> None:
    course = Course().agreed().do(sf.Advance(by="li"), sf.Advance(by="li"))
    assert course.deal.progress.ended
    course.do(retract(stage="sign"))

    progress = course.deal.progress
    assert (progress.ended, progress.outcome) == (False, "none")
    course.check()


def test_reopening_a_won_deal_leaves_it_won_and_retracting_does_not() -> None:
    course = Course().agreed().do(sf.Advance(by="li"), sf.Advance(by="li"))
    course.do(sf.Reopen(by="li", stage="sign"))

    assert course.deal.progress.outcome == "won"
    assert course.codes(sf.Lose(by="li", reason="price")) == ["already_closed"]
    course.do(retract(), sf.Lose(by="li", reason="price"))
    course.check()


def test_only_a_place_that_the_deal_really_reached_will_do() -> None:
    course = Course().do(sf.Lose(by="li", reason="price"))

    assert course.codes(retract(stage="deliver")) == ["not_reached", "past_winning"]
    with pytest.raises(UnknownName, match="plan"):
        course.codes(retract(stage="plann"))


def test_there_has_to_be_an_outcome_and_a_deal_on_hold_is_resumed_first() -> None:
    course = Course().agreed()
    assert course.codes(retract()) == ["not_closed"]
    hold = sf.Hold(by="li", resume_when="Money", review_on=NOW.date() + timedelta(days=30))
    course.do(sf.Win(by="li"), hold)
    assert course.codes(retract()) == ["on_hold"]
    course.do(sf.Resume(by="li"), retract())
    unstarted = course.start
    (blocker,) = course.engine.decide(unstarted, retract(), at=NOW).blockers
    assert blocker.code == "not_started"


@pytest.mark.parametrize(
    ("policy", "by", "expected"),
    [
        ("", "wang", ["not_allowed"]),
        ('retract = "off"', "wang", ["not_allowed"]),
        ('retract = ["boss"]', "wang", []),
        ('retract = ["boss"]', "li", ["role"]),
        ('retract = { stages = ["plan"] }', "li", ["not_from_here"]),
        ('retract = { rule = "amount > 5" }', "li", ["unknown"]),
    ],
)
def test_the_policy_says_who_may_take_an_outcome_back(
    policy: str, by: str, expected: list[str]
) -> None:
    course = Course(policy).do(sf.Lose(by="li", reason="price"))
    found = course.engine.decide(course.deal, retract(by=by), at=course.at).blockers

    codes = [blocker.code for blocker in found]
    assert codes == [code.replace("unknown", "computed") for code in expected]


def test_a_reason_is_always_given() -> None:
    with pytest.raises(ValidationError, match="note"):
        sf.Retract(by="wang")  # type: ignore[call-arg]


def test_nothing_is_taken_back_before_it_happened() -> None:
    course = Course().agreed().do(sf.Win(by="li"))
    early = retract(occurred_at=course.at - timedelta(minutes=1))
    with pytest.raises(ClockError):
        course.codes(early)
    course.codes(retract(occurred_at=course.at))
    assert course.deal.progress.outcome == "none"


def test_an_adopted_outcome_can_be_taken_back_too() -> None:
    course = Course()
    adopt = sf.Adopt(by="li", stage="deliver", entered_on=NOW.date(), outcome="won")
    deal = course.engine.decide(course.start, adopt, at=course.at).require()

    refused = course.engine.decide(deal, retract(), at=course.at)
    assert [blocker.code for blocker in refused.blockers] == ["past_winning"]
    taken = course.engine.decide(deal, retract(stage="sign"), at=course.at).require()
    assert (taken.progress.outcome, taken.progress.stage) == ("none", "sign")


def test_a_person_sees_what_they_can_take_back() -> None:
    course = Course('retract = ["boss"]').do(sf.Lose(by="li", reason="price"))

    def allowed(by: str) -> list[dict[str, str]]:
        listed = course.engine.available(course.deal, by=by, at=course.at)
        return [dict(item.fields) for item in listed if item.kind is sf.Retract and item.allowed]

    assert allowed("li") == []
    assert allowed("wang") == [{}, {"stage": "plan"}, {"stage": "sign"}]
    listed = course.engine.available(course.deal, by="wang", at=course.at)
    (item, *_) = [item for item in listed if item.kind is sf.Retract]
    assert item.needs == ("note",)
    course.do(item.command(note=MISTAKE))


def test_facts_know_nothing_of_the_outcome_that_was_taken_back() -> None:
    course = Course().agreed().do(sf.Win(by="li"), retract())
    facts = sf.facts_of(course.deal, course.engine.playbook, at=course.at)

    assert facts["outcome"] == "none"
    assert facts["closed_on"] is None
    assert facts["done.agreed"] is None


def test_a_win_needs_one_of_the_reasons_that_the_playbook_lists() -> None:
    course = Course(reasons=WON).agreed()

    assert course.codes(sf.Win(by="li")) == ["reason_missing"]
    with pytest.raises(UnknownName, match="reason for a won deal"):
        course.codes(sf.Win(by="li", reason="price"))
    course.do(sf.Win(by="li", reason="service"))
    progress = course.deal.progress
    assert (progress.outcome, progress.reason) == ("won", "service")
    assert course.events[-1].payload == events.Won(reason="service")
    course.check()


def test_a_reason_for_winning_says_who_may_give_it_and_when() -> None:
    course = Course(reasons=WON).agreed()

    assert course.codes(sf.Win(by="wang", reason="told")) == ["role", "note_missing"]
    assert course.codes(sf.Win(by="li", reason="cheap")) == ["computed"]
    money = {"amount": "5", "currency": "USD"}
    course.do(sf.Amend(by="li", changes={"amount": money}))
    assert course.codes(sf.Win(by="li", reason="cheap")) == []


def test_no_move_wins_without_its_reason() -> None:
    course = Course(reasons=WON).agreed()
    review = course.engine.review(course.deal, by="li", at=course.at)

    assert course.codes(sf.Advance(by="li")) == ["reason_first"]
    assert course.codes(sf.MoveTo(by="li", stage="deliver")) == ["reason_first"]
    assert [blocker.code for blocker in review.blockers] == ["reason_first"]
    course.do(sf.Win(by="li", reason="service"), sf.Advance(by="li"))
    assert (course.deal.progress.stage, course.deal.progress.reason) == ("deliver", "service")


def test_the_reason_of_a_win_goes_when_the_win_is_taken_back() -> None:
    course = Course(reasons=WON).agreed().do(sf.Win(by="li", reason="service"), retract())

    assert course.deal.progress.reason is None
    payload = course.events[-1].payload
    assert isinstance(payload, events.Retracted)
    assert payload.reason == "service"
    course.check()


def test_a_won_deal_that_goes_on_keeps_its_reason_as_it_keeps_its_outcome() -> None:
    course = Course(reasons=WON).agreed().do(sf.Win(by="li", reason="service"))
    course.do(sf.Advance(by="li"), sf.Advance(by="li"), sf.Reopen(by="li", stage="sign"))

    assert (course.deal.progress.outcome, course.deal.progress.reason) == ("won", "service")


def test_where_no_reasons_are_listed_a_win_may_say_any_or_none() -> None:
    course = Course().agreed().do(sf.Win(by="li", reason="They like us"))
    assert course.deal.progress.reason == "They like us"


def test_a_win_is_listed_once_for_each_of_its_reasons() -> None:
    course = Course(reasons=WON).agreed()
    listed = course.engine.available(course.deal, by="li", at=course.at)
    wins = {item.fields["reason"]: item for item in listed if item.kind is sf.Win}

    assert {key: item.allowed for key, item in wins.items()} == {
        "service": True,
        "told": True,
        "cheap": False,
    }
    assert wins["told"].needs == ("note",)
