"""Everything beside advancing: other ways, waivers, judgements, holds, ends and second lives."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

import salesflow as sf
from salesflow.engine import Annotation, Proposal, Veto
from salesflow.errors import ArgumentError, CommandError, FactError, UnknownName
from tests.engine.course import MIGRATION, NOW, PLAYBOOK, Course, newer


def test_a_named_way_beside_the_main_one_asks_for_the_same_gate() -> None:
    course = Course().designed()
    course.do(sf.Advance(by="li")).require()
    refused = course.do(sf.MoveTo(by="li", stage="training"))
    assert [blocker.key for blocker in refused.blockers] == ["agreed"]
    for role in ("rep", "legal"):
        course.do(sf.Judge(by="li", role=role, verdict="go")).require()
    assert course.do(sf.MoveTo(by="li", stage="training")).accepted
    course.check()


def test_stages_in_any_order_end_when_all_were_reached() -> None:
    course = Course().reviewed()
    course.do(sf.MoveTo(by="li", stage="training")).require()
    refused = course.do(sf.MoveTo(by="li", stage="care"))
    assert [blocker.key for blocker in refused.blockers] == ["both_done"]
    course.do(sf.MoveTo(by="li", stage="pilot")).require()
    course.do(sf.MoveTo(by="li", stage="care")).require()
    ended = course.do(sf.Advance(by="li"))
    assert [event.payload.kind for event in ended.events] == ["won", "ended"]
    assert ended.events[-1].payload.model_dump()["opens"] == ("design",)
    course.check()


def test_a_rule_on_a_move_blocks_it_with_the_values_seen() -> None:
    course = Course().reviewed()
    course.do(sf.MoveTo(by="li", stage="pilot")).require()
    (blocker,) = course.do(sf.MoveTo(by="li", stage="care")).blockers
    assert blocker.seen == {"reached.training": False}


def test_a_rejected_solution_goes_back_without_the_gate_it_failed() -> None:
    course = Course().designed()
    course.do(sf.Advance(by="li")).require()
    course.do(sf.Judge(by="li", role="rep", verdict="kill")).require()
    back = course.do(sf.MoveTo(by="li", stage="design"))
    assert back.events[0].payload.model_dump()["how"] == "back"
    course.check()


def test_a_judgement_belongs_to_one_visit_and_the_old_one_stays_in_history() -> None:
    course = Course().reviewed()
    course.do(sf.MoveTo(by="li", stage="design")).require()
    course.do(sf.Advance(by="li")).require()
    refused = course.do(sf.Advance(by="li"))
    assert [blocker.key for blocker in refused.blockers] == ["agreed"]
    assert len(course.deal.progress.judgements) == 2
    course.check()


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ({}, sf.Verdict.UNKNOWN),
        ({"rep": "go"}, sf.Verdict.UNKNOWN),
        ({"rep": "go", "legal": "go"}, sf.Verdict.YES),
        ({"rep": "go", "legal": "kill"}, sf.Verdict.UNKNOWN),
        ({"rep": "kill", "legal": "kill"}, sf.Verdict.NO),
        ({"rep": "go", "legal": "kill", "manager": "go"}, sf.Verdict.YES),
        ({"rep": "go", "legal": "kill", "manager": "kill"}, sf.Verdict.NO),
        ({"rep": "hold", "legal": "go"}, sf.Verdict.UNKNOWN),
    ],
)
def test_a_quorum_is_decided_once_no_further_word_can_change_it(
    words: dict[str, str], verdict: sf.Verdict
) -> None:
    course = Course().designed()
    course.do(sf.Advance(by="li")).require()
    for role, word in words.items():
        command = {
            "by": "li",
            "role": role,
            "verdict": word,
            "resume_when": "The permit is here",
            "review_on": "2026-02-01",
        }
        course.do(sf.Judge.model_validate(command)).require()
    review = course.engine.review(course.deal, at=course.at)
    (status,) = [item for item in review.criteria if item.criterion.key == "agreed"]
    assert status.verdict is verdict
    if "hold" in words.values():
        assert status.blocker is not None
        assert status.blocker.fix.en == "On hold, waiting for: The permit is here (2026-02-01)"


def test_skipping_ahead_takes_the_policys_role_a_reason_and_the_gate_that_is_left() -> None:
    course = Course().designed()
    assert course.codes(sf.MoveTo(by="li", stage="pilot")) == ["role", "why_missing"]
    skip = sf.MoveTo(by="wang", stage="pilot", note="The customer insists")
    decision = course.do(skip)
    assert decision.events[0].payload.model_dump()["how"] == "skip"
    course.check()
    fresh = Course()
    fresh.do(sf.Start(by="li")).require()
    assert [b.key for b in fresh.do(skip).blockers] == ["designed", "safe"]


def test_going_back_without_a_named_way_is_for_the_policy_to_allow() -> None:
    course = Course().reviewed()
    course.do(sf.Advance(by="li")).require()
    decision = course.do(sf.MoveTo(by="li", stage="design"))
    assert decision.events[0].payload.model_dump()["how"] == "back"
    strict = sf.StageEngine(sf.Playbook.from_toml(PLAYBOOK.replace('back = "on"', 'back = "off"')))
    deal = sf.Opportunity(id="D", name="N")
    adopt = sf.Adopt(by="li", stage="pilot", entered_on=NOW.date())
    deal = strict.decide(deal, adopt, at=NOW).require()
    refused = strict.decide(deal, sf.MoveTo(by="li", stage="design"), at=NOW)
    assert [blocker.code for blocker in refused.blockers] == ["not_allowed"]


def test_a_deal_does_not_move_to_where_it_is_or_to_nowhere() -> None:
    course = Course().designed()
    assert course.codes(sf.MoveTo(by="li", stage="design")) == ["already_there"]
    assert course.codes(sf.MoveTo(by="li", stage="ended")) == ["no_end_here"]
    with pytest.raises(UnknownName, match='Did you mean "pilot"'):
        course.do(sf.MoveTo(by="li", stage="pilott"))


def test_starting_in_a_later_stage_is_for_the_policy_to_allow() -> None:
    course = Course()
    assert course.codes(sf.Start(by="li", stage="pilot")) == ["not_allowed"]
    lenient = sf.StageEngine(
        sf.Playbook.from_toml(PLAYBOOK.replace('start_later = "off"', 'start_later = "on"'))
    )
    started = lenient.decide(course.deal, sf.Start(by="li", stage="pilot"), at=NOW)
    assert started.require().progress.stage == "pilot"


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


def test_a_disqualified_deal_may_be_reopened_where_it_really_was() -> None:
    course = Course().reviewed()
    course.do(sf.Disqualify(by="li", reason="no_need")).require()
    assert (course.deal.progress.outcome, course.deal.progress.ended) == ("disqualified", True)
    assert course.codes(sf.Reopen(by="li", stage="pilot")) == [
        "role",
        "why_missing",
        "not_reached",
    ]
    reopen = sf.Reopen(by="wang", stage="design", note="They called again")
    course.do(reopen).require()
    progress = course.deal.progress
    assert (progress.outcome, progress.ended, progress.stage) == ("none", False, "design")
    assert progress.reason is None
    assert course.codes(sf.Reopen(by="wang", stage="design", note="Again")) == ["not_ended"]
    course.check()


def test_a_reason_belongs_to_its_outcome() -> None:
    course = Course().designed()
    with pytest.raises(UnknownName, match="reason for a disqualified deal"):
        course.do(sf.Disqualify(by="li", reason="price"))


def test_pushed_dates_and_cut_amounts_are_counted() -> None:
    course = Course().designed()
    for changes in (
        {"expected_close_on": "2026-04-01"},
        {"expected_close_on": "2026-03-15", "amount": {"amount": "900", "currency": "USD"}},
        {"amount": {"amount": "100", "currency": "EUR"}, "next_step": "Call"},
    ):
        course.do(sf.Amend(by="li", changes=changes)).require()  # type: ignore[arg-type]
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
        ({}, "changes are a mapping"),
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


def test_a_version_conflict_says_what_happened_meanwhile() -> None:
    course = Course().designed()
    with pytest.raises(sf.SalesflowError, match="criterion_attested by li") as caught:
        course.do(sf.Advance(by="li", expected_version=1))
    assert len(caught.value.problems) == 2


def test_hooks_may_veto_or_annotate_and_see_what_is_about_to_happen() -> None:
    seen: list[str] = []

    def credit(proposal: Proposal) -> Veto | Annotation | None:
        seen.extend(type(payload).__name__ for payload in proposal.payloads)
        if isinstance(proposal.command, sf.Advance):
            return Veto(
                "credit",
                sf.Text(en="The customer pays its bills", zh="客户信用良好"),
                sf.Text(en="Ask finance", zh="请联系财务"),
            )
        return Annotation("Checked by the credit desk")

    course = Course(hooks=[credit]).designed()
    assert course.deal.progress.version == 3
    assert course.events[0].annotations == ("Checked by the credit desk",)
    (blocker,) = course.do(sf.Advance(by="li")).blockers
    assert (blocker.code, blocker.key) == ("veto", "credit")
    assert course.engine.review(course.deal, at=course.at).blockers == (blocker,)
    assert "StageEntered" in seen
    course.check()


def test_a_hook_that_answers_something_else_is_a_mistake_of_the_host() -> None:
    course = Course(hooks=[lambda _proposal: False])
    with pytest.raises(CommandError, match="A hook answered with a bool"):
        course.do(sf.Start(by="li"))


def test_a_host_may_keep_the_deal_in_a_record_of_its_own() -> None:
    engine = sf.StageEngine(sf.Playbook.from_toml(PLAYBOOK))
    deal = sf.HostDeal(
        id="D-9",
        owner="li",
        facts={"amount": 5, "done.designed": True, "stage": "care", "created_on": "2026-01-01"},
    )
    started = engine.decide(deal, sf.Start(by="li"), at=NOW).require()
    facts = sf.facts_of(started, engine.playbook, at=NOW)
    assert (facts["amount"], facts["stage"]) == (5, "design")
    assert facts["created_on"] == date(2026, 1, 1)
    assert "done.designed" not in facts
    amend = engine.decide(started, sf.Amend(by="li", changes={"name": "x"}), at=NOW)
    assert [blocker.code for blocker in amend.blockers] == ["kept_by_host"]


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
    course.do(sf.Judge(by="li", role="rep", verdict="go")).require()
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


def test_a_deal_reopened_where_it_ended_is_judged_again() -> None:
    course = Course().reviewed()
    course.do(sf.Lose(by="li", reason="price")).require()
    course.do(sf.Reopen(by="wang", stage="review", note="A year later")).require()
    refused = course.do(sf.Advance(by="li"))
    assert [blocker.key for blocker in refused.blockers] == ["agreed"]
    facts = sf.facts_of(course.deal, course.engine.playbook, at=course.at)
    assert facts["entered_stage_on"] == course.deal.progress.visits[-1].entered_at.date()
    course.check()


def test_emptying_a_field_in_between_hides_no_push_and_no_cut() -> None:
    course = Course().designed()
    for changes in (
        {"expected_close_on": None, "amount": None},
        {"expected_close_on": "2026-09-01", "amount": {"amount": "1", "currency": "USD"}},
    ):
        course.do(sf.Amend(by="li", changes=changes)).require()  # type: ignore[arg-type]
    progress = course.deal.progress
    assert (progress.close_date_pushes, progress.amount_cuts) == (1, 1)
    course.check()


def test_an_amount_in_another_currency_is_compared_where_there_are_rates() -> None:
    course = Course(rates=sf.Rates("USD", {"EUR": "1.1"})).designed()
    for amount, cuts in (("950", 0), ("900", 1)):
        money = {"amount": amount, "currency": "EUR"}
        course.do(sf.Amend(by="li", changes={"amount": money})).require()  # type: ignore[dict-item]
        assert course.deal.progress.amount_cuts == cuts


def test_facts_that_the_playbook_does_not_declare_are_not_amended() -> None:
    course = Course().designed()
    with pytest.raises(FactError, match="the playbook declares no such fact") as caught:
        course.do(sf.Amend(by="li", changes={"facts": {"done.safe": True, "zzz": 1}}))
    assert {problem.path for problem in caught.value.problems} == {"done.safe", "zzz"}


def test_facts_of_the_wrong_kind_are_not_amended() -> None:
    declared = '[[facts]]\nname = "margin"\nkind = "number"\n\n[[stages]]'
    engine = sf.StageEngine(sf.Playbook.from_toml(PLAYBOOK.replace("[[stages]]", declared, 1)))
    deal = engine.decide(sf.Opportunity(id="D", name="N"), sf.Start(by="li"), at=NOW).require()
    with pytest.raises(FactError, match="margin"):
        engine.decide(deal, sf.Amend(by="li", changes={"facts": {"margin": "abc"}}), at=NOW)


def test_nobody_skips_past_the_stage_where_deals_are_won() -> None:
    text = PLAYBOOK.replace('key = "pilot"\n', 'key = "pilot"\nwins = true\n')
    engine = sf.StageEngine(sf.Playbook.from_toml(text))
    deal = sf.Opportunity(id="D", name="N", owner="li", team={"wang": "manager"})  # type: ignore[arg-type]
    adopt = sf.Adopt(by="li", stage="review", entered_on=NOW.date())
    deal = engine.decide(deal, adopt, at=NOW).require()
    for role in ("rep", "manager"):
        deal = engine.decide(deal, sf.Judge(by="x", role=role, verdict="go"), at=NOW).require()
    skip = sf.MoveTo(by="wang", stage="care", note="Hurry")
    assert [b.code for b in engine.decide(deal, skip, at=NOW).blockers] == ["winning_skipped"]


def test_a_day_of_review_lies_ahead() -> None:
    course = Course().designed()
    past = date(2025, 12, 1)
    assert course.codes(sf.Hold(by="li", resume_when="x", review_on=past)) == ["review_in_past"]
    judge = sf.Judge(by="li", role="rep", verdict="hold", resume_when="x", review_on=past)
    assert course.codes(judge) == ["review_in_past"]


def test_a_judgement_without_a_point_is_about_the_place_where_it_was_given() -> None:
    text = PLAYBOOK.replace(
        'title = { en = "Pilot", zh = "试点" }',
        """title = { en = "Pilot", zh = "试点" }
  [[stages.sub_stages]]
  key = "first"
  title = { en = "First", zh = "一" }
    [[stages.sub_stages.exit]]
    key = "first_agreed"
    title = { en = "Agreed", zh = "同意" }
    judgement = { roles = ["manager"] }
  [[stages.sub_stages]]
  key = "second"
  title = { en = "Second", zh = "二" }
    [[stages.sub_stages.exit]]
    key = "second_agreed"
    title = { en = "Agreed", zh = "同意" }
    judgement = { roles = ["manager"] }
""",
    )
    text = text.replace('to = "pilot"', 'to = "first"').replace('from = "pilot"', 'from = "second"')
    engine = sf.StageEngine(sf.Playbook.from_toml(text))
    deal = sf.Opportunity(id="D", name="N")
    adopt = sf.Adopt(by="li", stage="first", entered_on=NOW.date())
    deal = engine.decide(deal, adopt, at=NOW).require()
    deal = engine.decide(deal, sf.Judge(by="x", role="manager", verdict="go"), at=NOW).require()
    facts = sf.facts_of(deal, engine.playbook, at=NOW)
    assert (facts["done.first_agreed"], facts["done.second_agreed"]) == (True, None)


@pytest.mark.parametrize("note", ["  ", "x" * 20_001, 5])
def test_an_annotation_that_no_event_could_keep_is_the_hooks_mistake(note: object) -> None:
    course = Course(hooks=[lambda _proposal: Annotation(note)])  # type: ignore[arg-type]
    with pytest.raises(CommandError, match="annotation cannot be kept"):
        course.do(sf.Start(by="li"))


def test_a_veto_without_texts_is_the_hooks_mistake() -> None:
    course = Course(hooks=[lambda _proposal: Veto("k", "title", "fix")])  # type: ignore[arg-type]
    with pytest.raises(CommandError, match="are Texts"):
        course.do(sf.Start(by="li"))


@pytest.mark.parametrize("wrong", [{"hooks": 5}, {"rates": 5}, {"calendar": 5}, {"tz": 5}])
def test_an_engine_refuses_what_it_could_not_use_later(wrong: dict[str, object]) -> None:
    with pytest.raises(ArgumentError):
        Course(**wrong)
