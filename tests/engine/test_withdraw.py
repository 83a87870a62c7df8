"""Withdrawing an answer, a completion or a waiver."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

import salesflow as sf
from salesflow.domain._base.record import replaced
from salesflow.engine import events
from salesflow.errors import CommandError, UnknownName
from salesflow.qualify import history, sheet_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BOOK = """
id = "works"
version = "1"
title = "Works"
roles = [{{ key = "rep", title = "Rep" }}, {{ key = "boss", title = "Boss" }}]
owner_role = "rep"
instruments = [
  {{ key = "plan", title = "Plan", by = "boss" }},
  {{ key = "sheet", title = "Sheet", checklist = "bant" }},
]
[policy]
waive = ["boss"]
{policy}
[[cadences]]
key = "call"
title = "Call"
within = {{ days = 2 }}
trigger = "started"
[[checklists]]
key = "bant"
title = "BANT"
questions = [
  {{ key = "budget", title = "Budget?" }},
  {{ key = "seats", title = "Seats?", type = "number" }},
]
[[scorecards]]
key = "card"
title = "Card"
items = [{{ key = "budget", rule = "bant.budget", weight = 10, title = "Budget" }}]
bands = [{{ key = "low", min = 0, title = "Low" }}, {{ key = "high", min = 5, title = "High" }}]
[[stages]]
key = "plan_it"
title = "Plan it"
  [[stages.exit]]
  key = "planned"
  title = "Planned"
  rule = 'done.plan and bant.budget'
  [[stages.exit]]
  key = "safe"
  title = "Safe"
  by = "rep"
[[stages]]
key = "build"
title = "Build"
"""


def engine(policy: str = "", text: str = BOOK) -> sf.StageEngine:
    return sf.StageEngine(sf.Playbook.from_toml(text.format(policy=policy)))


class Course:
    """A deal; every step an hour after the one before."""

    def __init__(self, policy: str = "") -> None:
        self.engine = engine(policy)
        self.deal = sf.Opportunity.model_validate(
            {"id": "D-1", "name": "Works", "owner": "li", "team": {"wang": "boss"}}
        )
        self.at, self.events = NOW, list[sf.Event]()
        self.do(sf.Start(by="li"))

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

    def fact(self, name: str) -> object:
        return sf.facts_of(self.deal, self.engine.playbook, at=self.at).get(name)

    def check(self) -> None:
        assert self.engine.replay(self.events) == self.deal.progress
        assert sf.read_events(sf.write_events(self.events)) == tuple(self.events)
        assert sf.Opportunity.model_validate_json(self.deal.model_dump_json()) == self.deal


def said(mark: str = "+", **fields: Any) -> sf.Answer:
    return sf.Answer.model_validate({"by": "li", "question": "bant.budget", "mark": mark, **fields})


def unsaid(**fields: Any) -> sf.Withdraw:
    return sf.Withdraw.model_validate({"by": "li", "question": "bant.budget", **fields})


def test_an_answer_that_is_withdrawn_was_never_given() -> None:
    course = Course()
    fresh = sf.facts_of(course.deal, course.engine.playbook, at=course.at)
    course.do(said(note="They said so"))
    course.do(unsaid(note="They did not"))

    assert sf.facts_of(course.deal, course.engine.playbook, at=course.at) == fresh
    assert course.fact("bant.asked") == 0  # an answer of "?" would count as asked
    assert course.deal.progress.answers == ()
    (kept,) = course.deal.progress.withdrawals
    assert (kept.question, kept.about, kept.note) == ("bant.budget", "us", "They did not")
    assert course.events[-1].payload == events.Withdrawn(question="bant.budget")
    course.check()


def test_what_is_said_after_the_withdrawal_stands() -> None:
    course = Course().do(said("+"), unsaid(), said("-"))

    assert course.fact("bant.budget") == "-"
    assert course.deal.progress.withdrawals == ()
    course.check()


def test_an_older_word_that_is_recorded_late_does_not_stand_again() -> None:
    course = Course()
    monday = course.at
    course.do(said(), unsaid(), said("-", occurred_at=monday))

    assert course.deal.progress.answers == ()
    assert history(course.events) == ()
    course.check()


def test_a_withdrawal_that_is_recorded_late_does_not_touch_what_was_said_since() -> None:
    course = Course().do(said("+"))
    between = course.at
    course.do(said("-"), unsaid(occurred_at=between))

    assert course.fact("bant.budget") == "-"
    assert [answer.mark for answer in history(course.events)] == ["-"]
    course.check()


def test_a_word_of_the_same_moment_stands_where_it_was_recorded_last() -> None:
    course = Course().do(said("+"))
    moment = course.at
    course.do(unsaid(occurred_at=moment))
    assert course.deal.progress.answers == ()
    course.do(said("-", occurred_at=moment))
    assert course.fact("bant.budget") == "-"
    assert [answer.mark for answer in history(course.events)] == ["-"]
    course.check()


def test_a_withdrawal_before_the_one_that_counted_touches_nothing() -> None:
    course = Course().do(said("+"))
    monday = course.at
    course.do(said("+"))
    moment = course.at
    course.do(unsaid(occurred_at=moment), said("-", occurred_at=moment), unsaid(occurred_at=monday))

    assert course.fact("bant.budget") == "-"
    assert [answer.mark for answer in history(course.events)] == ["-"]


def test_answers_about_others_and_other_questions_stay() -> None:
    seats = sf.Answer(by="li", question="bant.seats", value=5)
    course = Course().do(said("+"), said("-", about="Rival"), seats, unsaid(about="Rival"))

    assert [(item.question, item.about) for item in course.deal.progress.answers] == [
        ("bant.budget", "us"),
        ("bant.seats", "us"),
    ]
    assert course.codes(unsaid(about="Rival")) == ["not_on_record"]


def test_a_completion_that_is_withdrawn_closes_the_gate_again() -> None:
    plan = sf.Complete(by="wang", instrument="plan")
    attest = sf.Attest(by="li", criterion="safe")
    course = Course().do(said(), plan, attest)
    assert course.engine.review(course.deal, at=course.at).blockers == ()
    course.do(sf.Withdraw(by="wang", instrument="plan"))

    assert course.fact("done.plan") is None
    assert course.codes(sf.Advance(by="li")) == ["computed"]
    assert course.deal.progress.completions == ()
    course.check()


def test_a_duty_that_was_not_done_after_all_is_due_again() -> None:
    course = Course()
    due = course.engine.due(course.deal, at=course.at)
    course.do(sf.Complete(by="li", instrument="call"))
    assert course.engine.due(course.deal, at=course.at) == ()
    course.do(sf.Withdraw(by="li", instrument="call"))

    assert [item.due_at for item in course.engine.due(course.deal, at=course.at)] == [
        item.due_at for item in due
    ]


def test_a_waiver_that_is_withdrawn_lets_nothing_pass() -> None:
    waive = sf.Waive(by="wang", criterion="safe", reason="Hurry")
    course = Course().do(said(), sf.Complete(by="wang", instrument="plan"), waive)
    assert course.fact("waived.safe") is True
    course.do(sf.Withdraw(by="wang", waiver="safe", note="No hurry"))

    assert course.fact("waived.safe") is None
    assert course.codes(sf.Advance(by="li")) == ["attested"]
    course.check()


def test_an_instrument_with_a_checklist_needs_its_answers_again() -> None:
    seats = sf.Answer(by="li", question="bant.seats", value=5)
    course = Course().do(said(), seats, unsaid())

    assert course.codes(sf.Complete(by="li", instrument="sheet")) == ["instrument"]


def test_the_next_question_is_the_one_that_was_withdrawn() -> None:
    course = Course().do(said())
    assert course.engine.score(course.deal, "card", at=course.at).ask_next == ()
    course.do(unsaid())

    asked = course.engine.score(course.deal, "card", at=course.at).ask_next
    assert [item.question for item in asked] == ["bant.budget"]


@pytest.mark.parametrize(
    ("policy", "command", "expected"),
    [
        ('answer = ["boss"]', unsaid(), ["role", "why_missing"]),
        ('answer = ["boss"]', unsaid(by="wang", note="No"), []),
        ('answer = "off"', unsaid(), ["not_allowed"]),
        ("", sf.Withdraw(by="li", instrument="plan"), ["role"]),
        ("", sf.Withdraw(by="wang", instrument="plan"), []),
        ('complete = ["boss"]', sf.Withdraw(by="wang", instrument="plan"), ["why_missing"]),
        ("", sf.Withdraw(by="li", waiver="safe", note="No"), ["role"]),
        ("", sf.Withdraw(by="wang", waiver="safe"), ["why_missing"]),
    ],
)
def test_who_may_say_it_may_withdraw_it(
    policy: str, command: sf.Withdraw, expected: list[str]
) -> None:
    course = Course().do(
        said(),
        sf.Complete(by="wang", instrument="plan"),
        sf.Waive(by="wang", criterion="safe", reason="Hurry"),
    )
    found = CommandOf(policy).decide(course.deal, command, course.at)

    assert found == expected


class CommandOf:
    """The same deal under the same playbook but for its policy, of which the deal knows nothing."""

    def __init__(self, policy: str) -> None:
        self.engine = engine(policy)

    def decide(self, deal: sf.Opportunity, command: sf.Command, at: datetime) -> list[str]:
        stamp = deal.progress.playbook
        assert stamp is not None
        stamp = replaced(stamp, digest=self.engine.playbook.digest)
        deal = replaced(deal, progress=replaced(deal.progress, playbook=stamp))
        return [blocker.code for blocker in self.engine.decide(deal, command, at=at).blockers]


def test_what_nobody_said_cannot_be_withdrawn_and_what_nobody_knows_is_a_mistake() -> None:
    course = Course()
    for command in (
        unsaid(),
        sf.Withdraw(by="wang", instrument="plan"),
        sf.Withdraw(by="wang", waiver="safe", note="No"),
    ):
        assert course.codes(command) == ["not_on_record"]
    for fields, near in (
        ({"question": "bant.budgt"}, "bant.budget"),
        ({"instrument": "plam"}, "plan"),
        ({"waiver": "saef"}, "safe"),
    ):
        with pytest.raises(UnknownName, match=near):
            course.codes(sf.Withdraw.model_validate({"by": "li", **fields}))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"question": "bant.budget", "instrument": "plan"},
        {"instrument": "plan", "waiver": "safe"},
        {"instrument": "plan", "about": "Rival"},
    ],
)
def test_exactly_one_thing_is_withdrawn(fields: dict[str, str]) -> None:
    for kind in (sf.Withdraw, events.Withdrawn):
        with pytest.raises(ValidationError):
            kind.model_validate({**({"by": "li"} if kind is sf.Withdraw else {}), **fields})


def test_nothing_is_withdrawn_before_the_start_or_after_the_end() -> None:
    course = Course().do(said())
    start = sf.Opportunity(id="D-2", name="Works")
    decision = course.engine.decide(start, unsaid(), at=course.at)
    assert [blocker.code for blocker in decision.blockers] == ["not_started"]
    course.do(sf.Lose(by="li", reason="price"))
    assert course.codes(unsaid()) == ["ended"]


def test_an_earlier_day_knows_what_was_withdrawn_later_if_it_gets_the_events() -> None:
    course = Course().do(said("+"))
    monday = course.at
    course.at += timedelta(days=1)
    course.do(unsaid())

    def points(as_of: date, *, events: bool) -> float:
        given = course.events if events else None
        score = course.engine.score(course.deal, "card", at=course.at, as_of=as_of, events=given)
        return score.low

    assert points(monday, events=True) == points(monday.date(), events=True) == 10
    assert points(course.at, events=True) == points(course.at, events=False) == 0
    with pytest.raises(CommandError, match="events="):
        points(monday, events=False)
    assert sheet_of(history(course.events)).answers == ()


def test_a_withdrawal_goes_along_when_the_question_gets_another_name() -> None:
    course = Course()
    monday = course.at
    course.do(
        said(),
        unsaid(),
        sf.Complete(by="wang", instrument="plan"),
        sf.Withdraw(by="wang", instrument="plan"),
        sf.Waive(by="wang", criterion="safe", reason="Hurry"),
        sf.Withdraw(by="wang", waiver="safe", note="No hurry"),
    )
    text = BOOK.replace('version = "1"', 'version = "2"')
    for old, new in (("budget", "funds"), ("safe", "secure"), ('"plan"', '"draft"')):
        text = text.replace(old, new)
    text = (
        text.replace("done.plan", "done.draft")
        + """
[[migrations]]
from = "1"
criteria = {{ safe = "secure", plan = "draft" }}
questions = {{ "bant.budget" = "bant.funds" }}
"""
    )
    course.engine = engine(text=text)
    course.do(sf.Migrate(by="li"))
    payload = course.events[-1].payload
    assert isinstance(payload, events.Migrated)
    assert payload.unmapped == ()
    assert dict(payload.renamed) == {"bant.budget": "bant.funds", "safe": "secure", "plan": "draft"}
    course.do(
        said(question="bant.funds", occurred_at=monday),
        sf.Complete(by="wang", instrument="draft", occurred_at=monday),
        sf.Waive(by="wang", criterion="secure", reason="Hurry", occurred_at=monday),
    )

    progress = course.deal.progress
    assert (progress.answers, progress.completions, progress.waivers) == ((), (), ())
    assert history(course.events) == ()
    course.check()


def test_what_was_withdrawn_is_not_missed_where_the_new_version_does_not_have_it() -> None:
    course = Course().do(said(), unsaid())
    text = BOOK.replace('version = "1"', 'version = "2"').replace("budget", "funds")
    course.engine = engine(text=text + '\n[[migrations]]\nfrom = "1"\n')
    course.do(sf.Migrate(by="li"))
    payload = course.events[-1].payload

    assert isinstance(payload, events.Migrated)
    assert payload.unmapped == ()
    course.check()


def test_a_person_sees_what_they_can_withdraw() -> None:
    course = Course().do(said(), sf.Complete(by="wang", instrument="plan"))

    def allowed(by: str) -> list[dict[str, str]]:
        listed = course.engine.available(course.deal, by=by, at=course.at)
        return [dict(item.fields) for item in listed if item.kind is sf.Withdraw and item.allowed]

    assert allowed("li") == [{"question": "bant.budget", "about": "us"}]
    assert allowed("wang") == [{"question": "bant.budget", "about": "us"}, {"instrument": "plan"}]
