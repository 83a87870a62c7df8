"""Amend, waive, hold, resume and migrate, in sentences."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

import salesflow as sf
from salesflow.engine import events
from salesflow.errors import FactError
from tests.engine.course import MIGRATION, NOW, PLAYBOOK, Course, newer


def test_a_waiver_lets_a_criterion_pass_and_stays_visible() -> None:
    course = Course()
    course.do(sf.Start(by="li")).require()
    course.do(sf.Attest(by="li", criterion="safe")).require()
    waive = sf.Waive(by="wang", criterion="designed", reason="Standard product")
    assert course.codes(waive.model_copy(update={"by": "li"})) == ["role"]
    course.do(waive).require()
    assert course.do(sf.Advance(by="li")).accepted
    (waiver,) = course.deal.progress.waivers
    assert (waiver.criterion, waiver.reason, waiver.by) == ("designed", "Standard product", "wang")
    facts = sf.facts_of(course.deal, course.engine.playbook, at=course.at)
    assert facts["waived.designed"] is True
    course.check()


def test_some_criteria_nobody_may_waive() -> None:
    course = Course()
    course.do(sf.Start(by="li")).require()
    refused = course.codes(sf.Waive(by="wang", criterion="safe", reason="Hurry"))
    assert refused == ["not_allowed"]


def test_a_deal_on_hold_rests_until_it_is_resumed() -> None:
    course = Course().designed()
    course.do(
        sf.Hold(by="li", resume_when="The budget is released", review_on=date(2026, 4, 1))
    ).require()
    facts = sf.facts_of(course.deal, course.engine.playbook, at=course.at)
    assert facts["on_hold"] is True
    (blocker,) = course.do(sf.Advance(by="li")).blockers
    assert blocker.code == "on_hold"
    assert "The budget is released; review on 2026-04-01" in blocker.fix.get("en")
    again = sf.Hold(by="li", resume_when="x", review_on=date(2026, 4, 1))
    assert course.codes(again) == ["on_hold"]
    assert course.do(sf.Attest(by="li", criterion="safe")).accepted
    course.do(sf.Resume(by="li")).require()
    assert course.codes(sf.Resume(by="li")) == ["not_on_hold"]
    assert course.do(sf.Advance(by="li")).accepted
    course.check()


def test_a_hold_needs_its_conditions_and_a_date() -> None:
    with pytest.raises(ValidationError):
        sf.Hold(by="li")  # type: ignore[call-arg]


def test_pushed_dates_and_cut_amounts_are_counted() -> None:
    course = Course().designed()
    for changes in (
        {"expected_close_on": "2026-04-01"},
        {"expected_close_on": "2026-03-15", "amount": {"amount": "900", "currency": "USD"}},
        {"amount": {"amount": "100", "currency": "EUR"}, "next_step": "Call"},
    ):
        course.do(sf.Amend(by="li", changes=changes)).require()
    progress = course.deal.progress
    assert (progress.close_date_pushes, progress.amount_cuts) == (1, 1)
    assert course.deal.expected_close_on == date(2026, 3, 15)
    assert course.deal.amount == sf.Money(100, "EUR")
    assert course.deal.next_step == "Call"
    facts = sf.facts_of(
        course.deal,
        course.engine.playbook,
        at=course.at,
        rates=sf.Rates(base="USD", rates={"EUR": 1}),
    )
    assert facts["close_date_pushes"] == 1
    course.check()


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, "no field is named; give each its new value, such as"),
        ([], "changes are a mapping"),
        ({"amont": 5}, r"'amont' \(did you mean \"amount\"\?\) cannot be amended \["),
        ({"amont": 5, "colour": 1}, "'colour' cannot be amended; what can: account, amount,"),
        ({"progress": {}}, "cannot be amended"),
        ({"id": "D-2"}, "cannot be amended"),
        ({"amount": {"amount": "-1", "currency": "USD"}}, "never negative"),
        ({"expected_close_on": 5}, "a number is not a date"),
        ({"colour": "red"}, "cannot be amended"),
    ],
)
def test_an_amendment_that_no_deal_could_have_is_refused(
    changes: dict[str, object], word: str
) -> None:
    with pytest.raises(ValidationError, match=word):
        sf.Amend.model_validate({"by": "li", "changes": changes})


def test_thousands_of_unknown_fields_are_counted_and_not_all_compared() -> None:
    with pytest.raises(ValidationError, match=r"9,?980 more cannot be amended") as caught:
        sf.Amend(by="li", changes={f"field_{n}": n for n in range(10_000)})
    assert len(caught.value.errors()[0]["msg"]) < 1_000


def test_a_deal_migrates_by_the_playbooks_own_map_and_history_keeps_the_old_names() -> None:
    course = Course().reviewed()
    course.do(sf.MoveTo(by="li", stage="design")).require()
    course.do(sf.Advance(by="li")).require()
    course.engine = newer()
    decision = course.do(sf.Migrate(by="wang"))
    payload = decision.events[0].payload.model_dump()
    assert payload["renamed"] == {"designed": "drawn"}
    progress = decision.opportunity.progress
    assert (progress.stage, progress.position) == ("board", "board")
    assert [visit.stage for visit in progress.visits] == ["design", "review", "design", "board"]
    assert {item.criterion for item in progress.attestations} == {"drawn", "safe"}
    assert progress.playbook is not None
    assert progress.playbook.version == "2.0.0"
    assert course.codes(sf.Migrate(by="wang")) == ["already_migrated"]
    course.check()


def test_what_cannot_be_mapped_is_listed_or_refused() -> None:
    course = Course().reviewed()
    without = newer((PLAYBOOK + MIGRATION).replace('criteria = { designed = "drawn" }', ""))
    decision = without.decide(course.deal, sf.Migrate(by="wang"), at=course.at)
    assert decision.events[0].payload.model_dump()["unmapped"] == ("designed",)
    course.deal = course.start
    course.do(sf.Adopt(by="li", stage="review", entered_on=NOW.date())).require()
    nowhere = newer((PLAYBOOK + MIGRATION).replace('stages = { review = "board" }', ""))
    refused = nowhere.decide(course.deal, sf.Migrate(by="wang"), at=course.at)
    assert [(b.code, b.key) for b in refused.blockers] == [("unmapped", "review")]
    no_map = newer(PLAYBOOK)
    refused = no_map.decide(course.deal, sf.Migrate(by="wang"), at=course.at)
    assert [blocker.code for blocker in refused.blockers] == ["unmapped"]


def test_emptying_a_field_in_between_hides_no_push_and_no_cut() -> None:
    course = Course().designed()
    for changes in (
        {"expected_close_on": None, "amount": None},
        {"expected_close_on": "2026-09-01", "amount": {"amount": "1", "currency": "USD"}},
    ):
        course.do(sf.Amend(by="li", changes=changes)).require()
    progress = course.deal.progress
    assert (progress.close_date_pushes, progress.amount_cuts) == (1, 1)
    course.check()


def test_an_amount_in_another_currency_is_compared_where_there_are_rates() -> None:
    course = Course(rates=sf.Rates("USD", {"EUR": "1.1"})).designed()
    for amount, cuts in (("950", 0), ("900", 1)):
        money = {"amount": amount, "currency": "EUR"}
        course.do(sf.Amend(by="li", changes={"amount": money})).require()
        assert course.deal.progress.amount_cuts == cuts


def test_facts_that_the_playbook_does_not_declare_are_not_amended() -> None:
    course = Course().designed()
    with pytest.raises(FactError, match="the playbook has no such fact") as caught:
        course.do(sf.Amend(by="li", changes={"facts": {"done.safe": True, "zzz": 1}}))
    assert {problem.path for problem in caught.value.problems} == {"facts.done.safe", "facts.zzz"}


def test_facts_of_the_wrong_kind_are_not_amended() -> None:
    declared = '[[facts]]\nname = "margin"\nkind = "number"\n\n[[stages]]'
    engine = sf.StageEngine(sf.Playbook.from_toml(PLAYBOOK.replace("[[stages]]", declared, 1)))
    deal = engine.decide(sf.Opportunity(id="D", name="N"), sf.Start(by="li"), at=NOW).require()
    with pytest.raises(FactError, match="margin"):
        engine.decide(deal, sf.Amend(by="li", changes={"facts": {"margin": "abc"}}), at=NOW)


def test_a_day_of_review_lies_ahead() -> None:
    course = Course().designed()
    past = date(2025, 12, 1)
    assert course.codes(sf.Hold(by="li", resume_when="x", review_on=past)) == ["review_in_past"]
    course = Course().reviewed()
    judge = sf.Judge(by="li", role="rep", verdict="hold", resume_when="x", review_on=past)
    assert course.codes(judge) == ["review_in_past"]


def test_an_amount_that_is_as_much_in_another_currency_is_not_cut() -> None:
    course = Course(rates=sf.Rates("USD", {"EUR": "2"})).designed()
    before = course.deal.amount
    assert before is not None
    half = {"amount": str(before.amount / 2), "currency": "EUR"}
    course.do(sf.Amend.model_validate({"by": "li", "changes": {"amount": half}})).require()

    assert course.deal.progress.amount_cuts == 0


def test_another_playbook_of_the_same_version_takes_over_no_deal_without_a_map() -> None:
    course = Course().reviewed()
    others = (
        newer((PLAYBOOK + MIGRATION).replace('id = "works"', 'id = "other"')),
        # Another process that is called alike.
        sf.StageEngine(sf.Playbook.from_toml(PLAYBOOK.replace('back = "on"', 'back = "off"'))),
    )
    for other in others:
        refused = other.decide(course.deal, sf.Migrate(by="wang"), at=course.at)
        assert [blocker.code for blocker in refused.blockers] == ["unmapped"]


def test_a_waiver_goes_on_under_its_new_name() -> None:
    course = Course()
    course.do(sf.Start(by="li")).require()
    waive = sf.Waive(by="wang", criterion="designed", reason="Standard product")
    course.do(waive).require()
    course.engine = newer()
    decision = course.do(sf.Migrate(by="wang"))

    assert decision.events[0].payload.model_dump()["renamed"] == {"designed": "drawn"}
    assert [item.criterion for item in decision.opportunity.progress.waivers] == ["drawn"]
    course.check()


def test_what_only_rounding_to_whole_yen_makes_smaller_is_not_cut() -> None:
    course = Course(rates=sf.Rates("USD", {"JPY": "0.004"})).designed()
    before = 0
    for amount, currency in (("0.01", "USD"), ("2", "JPY")):  # 2.5 yen; 0.8 of a cent
        amended = {"amount": {"amount": amount, "currency": currency}}
        before = course.deal.progress.amount_cuts
        course.do(sf.Amend.model_validate({"by": "li", "changes": amended})).require()

    assert course.deal.progress.amount_cuts == before


def test_an_event_keeps_the_last_day_and_the_last_amount_that_are_known() -> None:
    course = Course().designed()
    day, usd = date(2026, 5, 1), {"amount": "2000", "currency": "USD"}
    known: list[tuple[dict[str, object], date, sf.Money]] = [
        ({"expected_close_on": day.isoformat(), "amount": usd}, day, sf.Money(2000, "USD")),
        ({"expected_close_on": None, "amount": None}, day, sf.Money(2000, "USD")),
        ({"next_step": "Call"}, day, sf.Money(2000, "USD")),
    ]
    for changes, close_on, amount in known:
        (event,) = course.do(sf.Amend(by="li", changes=changes)).events
        assert isinstance(event.payload, events.Amended)
        assert (event.payload.close_on, event.payload.amount) == (close_on, amount)


@pytest.mark.parametrize(
    "command",
    [
        sf.Amend(by="li", changes={"next_step": "Call"}),
        sf.Waive(by="wang", criterion="nice", reason="Hurry"),
        sf.Hold(by="li", resume_when="The budget", review_on=date(2026, 4, 1)),
        sf.Resume(by="li"),
        sf.Reopen(by="wang", stage="design"),
        sf.MoveTo(by="li", stage="review"),
        sf.Attest(by="li", criterion="agreed"),
        sf.Request(by="li", point="agreed"),
        sf.Delegate(by="zhao", to="wang", role="rep", until=date(2026, 4, 1)),
        sf.CallForecast(by="zhao", category="commit", reason="Signed"),
        sf.Withdraw(by="zhao", waiver="safe"),
    ],
    ids=lambda command: type(command).__name__,
)
@pytest.mark.parametrize("kept_by_host", [False, True])
def test_of_a_deal_that_has_not_begun_that_is_the_only_reason(
    command: sf.Command, kept_by_host: bool
) -> None:
    safe = '  key = "safe"\n'
    assert safe in PLAYBOOK
    advisory = (
        '  key = "nice"\n  title = { en = "Nice", zh = "更好" }\n  by = "rep"\n  advisory = true\n'
    )
    advisory += f"  [[stages.exit]]\n{safe}"
    engine = sf.StageEngine(sf.Playbook.from_toml(PLAYBOOK.replace(safe, advisory)))
    decided = (
        engine.decide(sf.HostDeal(id="D-1"), command, at=NOW)
        if kept_by_host
        else engine.decide(sf.Opportunity(id="D-1", name="Works"), command, at=NOW)
    )
    assert [it.code for it in decided.blockers] == ["not_started"]


def test_what_a_host_keeps_is_amended_nowhere_but_there() -> None:
    course = Course()
    amend = sf.Amend(by="li", changes={"next_step": "Call"})
    codes = []
    deal: sf.HostDeal = sf.HostDeal(id="D-1", owner="li")
    for command in (sf.Start(by="li"), amend, sf.Disqualify(by="li", reason="no_need"), amend):
        decision = course.engine.decide(deal, command, at=NOW)
        deal = decision.opportunity
        codes.append([it.code for it in decision.blockers])
    assert codes == [[], ["kept_by_host"], [], ["ended"]]


def test_amendments_of_a_deal_that_a_host_keeps_since_leave_it_as_it_is() -> None:
    course = Course().designed()
    course.do(sf.Amend(by="li", changes={"next_step": "Call"})).require()
    host = sf.HostDeal(id="D-1", owner="li")
    for event in course.events:
        host = course.engine.evolve(host, event)
    assert (host.owner, host.facts, host.progress) == ("li", {}, course.deal.progress)
