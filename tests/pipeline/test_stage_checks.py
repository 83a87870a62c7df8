"""What stages ask for on the way in and out, asked again of the rows of a frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import polars as pl
import pytest

import salesflow as sf
from salesflow.errors import FrameError
from salesflow.pipeline import Counts, PipelineReport, check_pipeline

NOW: Final = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
AS_OF: Final = NOW.date()
Engine = Callable[[pl.DataFrame], Any]

TEXT: Final = """
id = "works"
version = "1"
title = "Works"
owner_role = "rep"
policy = { waive = "on", skip = "off", start_later = "off" }
roles = [
  { key = "rep", title = { en = "Rep", zh = "销售" } },
  { key = "boss", title = "Boss" },
]
facts = [{ name = "abroad", kind = "flag" }, { name = "margin", kind = "number" }]

[[approvals]]
key = "discount"
title = "Discount"
rows = [{ when = "margin < 5", roles = ["boss"] }]

[[stages]]
key = "talk"
title = { en = "Talk", zh = "洽谈" }
entry = [{ key = "customer_named", title = "The customer is named", rule = "known(account.name)" }]
exit = [{ key = "budget_known", title = "The budget is known", by = "rep" }]

[[stages]]
key = "offer"
title = { en = "Offer", zh = "报价" }
  [[stages.entry]]
  key = "asked_for"
  title = { en = "The customer asked for an offer", zh = "客户已要求报价" }
  by = "rep"
  [[stages.entry]]
  key = "margin_fine"
  title = "The margin is fine abroad"
  rule = "margin > 5"
  when = "abroad"
  [[stages.entry]]
  key = "discount_ok"
  title = "The discount is approved"
  approval = "discount"
  [[stages.entry]]
  key = "from_talk"
  title = "It comes from the talks"
  rule = 'stage == "talk"'
  [[stages.entry]]
  key = "first_time"
  title = "It was never offered before"
  rule = 'not reached("offer")'
  [[stages.entry]]
  key = "talked"
  title = "There were talks, and no signing"
  rule = 'reached("talk") and not reached("sign")'
  [[stages.entry]]
  key = "lately"
  title = "Something happened lately"
  rule = "days_since(last_activity_on) < 9"
  [[stages.sub_stages]]
  key = "draft"
  title = "Draft"
  [[stages.sub_stages]]
  key = "sent"
  title = "Sent"
    [[stages.sub_stages.entry]]
    key = "draft_read"
    title = "Somebody read the draft"
    by = "boss"
    advisory = true

[[stages]]
key = "sign"
title = "Sign"
wins = true
exit = [{ key = "signed", title = "It is signed", by = "rep" }]

[[stages]]
key = "deliver"
title = "Deliver"
exit = [{ key = "accepted", title = "It is accepted", by = "rep" }]
"""
BOOK: Final = sf.Playbook.from_toml(TEXT)
COLUMNS: Final[Mapping[str, Any]] = {
    "id": pl.String,
    "stage": pl.String,
    "outcome": pl.String,
    "ended": pl.Boolean,
    "account.name": pl.String,
    "abroad": pl.Boolean,
    "margin": pl.Float64,
    "approval.discount_ok.boss": pl.Boolean,
    "done.budget_known": pl.Boolean,
    "done.asked_for": pl.Boolean,
    "done.draft_read": pl.Boolean,
    "done.signed": pl.Boolean,
    "done.accepted": pl.Boolean,
    "waived.asked_for": pl.Boolean,
}
ROW: Final = {"stage": "offer", "account.name": "Acme", "abroad": False, "margin": 8.0}


def frame(*rows: Mapping[str, Any], without: tuple[str, ...] = ("outcome",)) -> pl.DataFrame:
    table = [{**ROW, "id": f"D-{n}", **row} for n, row in enumerate(rows, start=1)]
    return pl.DataFrame(table, schema=COLUMNS).drop(*without)


def check(data: Any, book: sf.Playbook = BOOK, **more: Any) -> PipelineReport[Any]:
    return check_pipeline(data, book, key="id", as_of=AS_OF, **more)


def names(report: PipelineReport[Any], group: str) -> list[str]:
    return [name for name, sort in report.groups.items() if sort == group]


def test_entry_criteria_are_checks_of_their_own_and_none_is_asked_that_held_only_then() -> None:
    report = check(frame({}))

    # Not of another day, not of where it stood, nor that it had not been there yet.
    assert names(report, "entry") == [
        "entry.talk.customer_named",
        "entry.offer.asked_for",
        "entry.offer.margin_fine",
        "entry.offer.discount_ok",
        "entry.sent.draft_read",
    ]
    assert names(report, "exit") == [
        "exit.talk.budget_known",
        "exit.sign.signed",
        "exit.deliver.accepted",
    ]
    assert report.severities["entry.sent.draft_read"] == "warning"
    title = report.titles["entry.offer.asked_for"]
    assert (title.en, title.zh) == (
        "Offer, on entry: The customer asked for an offer",
        "报价（进入时）：客户已要求报价",
    )


def test_a_row_is_asked_of_where_it_stands_and_of_all_that_lies_behind(engine: Engine) -> None:
    stages = ("talk", "offer", "draft", "sent", "sign", "deliver", "won", "lost", None)
    report = check(engine(frame(*({"stage": stage} for stage in stages))))

    rows = {
        name: report.counts[name].rows
        for name in (*names(report, "entry"), *names(report, "exit"))[:-1]
    }
    assert rows == {
        "entry.talk.customer_named": 7,
        "entry.offer.asked_for": 6,  # a deal in some part of the stage has come into the stage
        "entry.offer.margin_fine": 0,  # it is not abroad
        "entry.offer.discount_ok": 0,  # nobody has to approve
        "entry.sent.draft_read": 4,
        "exit.talk.budget_known": 6,
        "exit.sign.signed": 2,
    }


def test_milestones_are_asked_of_a_frame() -> None:
    """As found: an export whose deals name no customer, of which the report said nothing."""
    book = sf.load_playbook("milestone_selling")
    data = pl.DataFrame(
        {"id": ["b"], "stage": ["first_proposal"], "account.name": [None], "visit.in_person": [0]},
        schema_overrides={"account.name": pl.String},
    )

    report = check(data, book)

    assert report.counts["entry.planning_and_appointment.target_customer_named"] == Counts(
        yes=0, no=1, unknown=0
    )
    assert report.counts["entry.visit_and_survey.first_visit_made"] == Counts(
        yes=0, no=1, unknown=0
    )
    assert report.not_checked["entry.first_proposal.first_proposal_submitted"] == (
        "presentation.held_at",
    )
    assert len(names(report, "entry")) == len(book.stages) == 8
    missing = pytest.raises(FrameError, match=r"presentation\.held_at: no column holds this fact")
    with missing:
        check(data, book, missing="error")


def test_milestones_are_asked_of_a_log_on_each_of_its_days() -> None:
    """A log has no facts of its own; what is joined to its snapshots is asked as in any frame."""
    book = sf.load_playbook("milestone_selling")
    log = pl.DataFrame(
        {
            "id": ["a", "a", "b"],
            "stage": ["planning_and_appointment", "visit_and_survey", "planning_and_appointment"],
            "at": [date(2026, 1, 5), date(2026, 1, 20), date(2026, 1, 6)],
        }
    )
    deals = pl.DataFrame(
        {"id": ["a", "b"], "account.name": ["Acme", None], "visit.in_person": [0, 0]}
    )
    names: dict[str, Any] = {"case": "id", "stage": "stage", "at": "at", "deals": deals}

    def asked(day: date) -> dict[str, Counts]:
        stood = sf.pipeline.snapshots(log, book, days=day, **names)
        counts = sf.check_pipeline(stood, book, key="id", as_of=day).counts
        return {name: it for name, it in counts.items() if name.startswith("entry.") and it.rows}

    named = Counts(yes=1, no=1, unknown=0)
    assert asked(date(2026, 1, 10)) == {
        "entry.planning_and_appointment.target_customer_named": named
    }
    assert asked(date(2026, 1, 31)) == {
        "entry.planning_and_appointment.target_customer_named": named,
        "entry.visit_and_survey.first_visit_made": Counts(yes=0, no=1, unknown=0),
    }


def test_conditions_approvals_and_waivers_count_as_they_do_on_the_way_out(engine: Engine) -> None:
    rows: list[dict[str, Any]] = [
        {"done.asked_for": True, "abroad": True},
        {"done.asked_for": False, "abroad": True, "margin": 3.0, "approval.discount_ok.boss": True},
        {"done.asked_for": False, "waived.asked_for": True, "abroad": None, "margin": 3.0},
        {"done.asked_for": False, "waived.asked_for": False, "margin": None},
        {"waived.asked_for": None},
    ]
    report = check(engine(frame(*rows)))

    assert report.counts["entry.offer.asked_for"] == Counts(yes=2, no=2, unknown=1)
    assert report.counts["entry.offer.margin_fine"] == Counts(yes=1, no=1, unknown=1)
    assert report.counts["entry.offer.discount_ok"] == Counts(yes=1, no=0, unknown=2)


def test_who_takes_a_deal_over_is_asked_as_everybody(engine: Engine) -> None:
    process = sf.StageEngine(BOOK)
    deal = sf.Opportunity.model_validate({"id": "D-1", "name": "Works", "owner": "li"})
    adopt = sf.Adopt(by="li", stage="sign", entered_on=AS_OF)
    facts = sf.facts_of(process.decide(deal, adopt, at=NOW).require(), BOOK, at=NOW)
    report = check(engine(frame({name: facts.get(name) for name in COLUMNS if name != "id"})))

    assert report.counts["entry.offer.asked_for"] == Counts(yes=0, no=0, unknown=1)
    assert report.counts["entry.talk.customer_named"] == Counts(yes=0, no=1, unknown=0)


def test_who_ended_is_asked_for_what_the_end_has_passed(engine: Engine) -> None:
    rows: list[dict[str, Any]] = [
        {"stage": "offer", "outcome": "lost"},
        {"stage": "sign", "outcome": "lost"},
        {"stage": "sign", "outcome": "won"},
        {"stage": "sign", "outcome": "none"},
        {"stage": "deliver", "outcome": "won"},
        {"stage": "deliver", "outcome": "won", "ended": True},
        {"stage": "deliver", "outcome": "disqualified", "ended": True},
        {"stage": "won", "outcome": None},
        {"stage": None, "outcome": "won"},
    ]
    report = check(engine(frame(*rows, without=())))

    assert report.counts["entry.offer.asked_for"].rows == 9
    assert report.counts["exit.talk.budget_known"].rows == 9
    # Not of the one that was lost where it had to be signed, nor of the one that is open there; the
    # one that was disqualified afterwards has come from there.
    assert report.counts["exit.sign.signed"].rows == 6
    assert report.counts["exit.deliver.accepted"].rows == 1


def test_without_a_column_that_says_who_has_ended_the_last_exit_is_not_checked() -> None:
    data = frame({"stage": "deliver", "done.accepted": None}, without=("ended",))

    assert check(data).not_checked["exit.deliver.accepted"] == ("ended",)
    with pytest.raises(FrameError, match="ended: no column holds this fact"):
        check(data, missing="error")


@pytest.mark.parametrize("said", [None, True, False])
def test_who_may_pass_a_stage_by_is_asked_what_it_asks_for_where_it_was(
    said: bool | None, engine: Engine
) -> None:
    book = sf.Playbook.from_toml(TEXT.replace('skip = "off"', 'skip = "on"'))
    data = frame({"stage": "sign"}, {"stage": "sign", "done.asked_for": True}, {"stage": "draft"})
    told = data.with_columns(pl.lit(said, dtype=pl.Boolean).alias("reached.draft"))
    report = check(engine(told), book)

    found = {
        None: Counts(yes=1, no=0, unknown=2),
        True: Counts(yes=1, no=0, unknown=2),
        False: Counts(yes=0, no=0, unknown=0),
    }
    assert report.counts["entry.offer.asked_for"] == found[said]
    assert report.message("entry.offer.asked_for").endswith(
        "A deal may have skipped this stage: a column reached.draft says whether it was there."
    )
    asked = sf.Playbook.from_toml(TEXT.replace('skip = "off"', 'skip = { criteria = "asked" }'))
    assert check(engine(told), asked).counts["entry.offer.asked_for"].rows == 3


def test_the_message_says_what_to_do() -> None:
    report = check(frame({}))

    assert report.message("entry.offer.asked_for") == (
        "Offer, on entry: The customer asked for an offer. "
        "If no: the deal came in without it; make up for it, move it back, or have it waived. "
        "If unknown: ask the rep, and put it on record as done.asked_for."
    )
    assert report.message("entry.offer.asked_for", "zh") == (
        "报价（进入时）：客户已要求报价。"
        "若不符合：项目未满足此条件就已进入；请补做、将项目退回，或申请豁免。"
        "若未知：请向销售确认，并记录为 done.asked_for。"
    )


def test_limits_views_and_groups_know_them() -> None:
    report = check(frame({}, {"stage": "talk", "account.name": None}))

    assert {it.check for it in report.failed({"entry": 0})} == {
        "entry.talk.customer_named",
        "entry.offer.asked_for",
    }
    assert report.wide["entry.offer.asked_for"].to_list() == ["unknown", None]
    by_stage = report.by("stage").filter(pl.col("check") == "entry.talk.customer_named")
    assert sorted(by_stage.select("stage", "yes", "no").rows()) == [("offer", 1, 0), ("talk", 0, 1)]


REWORK: Final = """
id = "rework"
version = "1"
title = "Rework"
roles = [{ key = "boss", title = "Boss" }]
stages = [
  { key = "plan", title = "Plan" },
  { key = "review", title = "Review", entry = [
    { key = "admitted", title = "Admitted", judgement = { roles = ["boss"] } } ], exit = [
    { key = "passed", title = "Passed", by = "boss" } ] },
  { key = "rework", title = "Rework" },
  { key = "build", title = "Build" },
]
moves = [
  { from = "plan", to = "review" },
  { from = "review", to = "build" },
  { from = "review", to = "rework", back = %s },
  { from = "rework", to = "%s" },
  { from = "build", to = "ended" },
]
"""


def test_who_left_a_stage_by_going_back_was_not_asked_what_leaving_it_asks_for() -> None:
    data = pl.DataFrame(
        {"id": ["a", "b"], "stage": ["rework", "build"], "done.passed": [None, None]},
        schema_overrides={"done.passed": pl.Boolean},
    )

    # Rework is a way back that goes on past the review: nobody was sure to be asked.
    back = check(data, sf.Playbook.from_toml(REWORK % ("true", "build")))
    assert "exit.review.passed" not in back.titles
    # Where it is a way on, everybody was.
    on = check(data, sf.Playbook.from_toml(REWORK % ("false", "build")))
    assert on.counts["exit.review.passed"] == Counts(yes=0, no=0, unknown=2)


def test_what_is_judged_anew_is_not_asked_of_those_who_come_for_it_again() -> None:
    book = sf.Playbook.from_toml(REWORK % ("false", "review"))
    process = sf.StageEngine(book)
    deal = sf.Opportunity.model_validate({"id": "D", "name": "D", "team": {"wang": "boss"}})
    course: list[sf.Command] = [
        sf.Start(by="wang"),
        sf.Judge(by="wang", role="boss", point="admitted", verdict="go"),
        sf.Advance(by="wang"),
        sf.Attest(by="wang", role="boss", criterion="passed"),
        sf.MoveTo(by="wang", stage="rework"),
    ]
    for minute, command in enumerate(course):
        deal = process.decide(deal, command, at=NOW + timedelta(minutes=minute)).require()
    facts = sf.facts_of(deal, book, at=NOW + timedelta(hours=1))
    assert facts.get("done.admitted") is None  # it is judged anew on the way out of rework

    data = pl.DataFrame(
        {"id": ["D", "E"], "stage": ["rework", "build"], "done.admitted": [None, None]},
        schema_overrides={"done.admitted": pl.Boolean},
    )
    report = check(data, book)
    assert report.findings().filter(check="entry.review.admitted")["id"].to_list() == ["E"]


def test_every_engine_counts_the_same(every: Engine) -> None:
    stages = ("talk", "offer", "sent", "sign", "deliver", None)
    rows = [
        {"stage": stage, "outcome": outcome, "ended": ended, "done.signed": ended}
        for stage in stages
        for outcome in ("none", "won", "lost", None)
        for ended in (True, False, None)
    ]
    report = check(every(frame(*rows, without=())))
    counted = {
        name: (it.yes, it.no, it.unknown)
        for name, it in report.counts.items()
        if report.groups[name] in {"entry", "exit"}
    }

    assert counted == {
        "entry.talk.customer_named": (63, 0, 0),
        "entry.offer.asked_for": (0, 0, 54),
        "entry.offer.margin_fine": (0, 0, 0),
        "entry.offer.discount_ok": (0, 0, 0),
        "entry.sent.draft_read": (0, 0, 45),
        "exit.talk.budget_known": (0, 0, 54),
        "exit.sign.signed": (9, 9, 9),
        # A place beyond the one that wins says that a deal is won, where its outcome does not.
        "exit.deliver.accepted": (0, 0, 3),
    }
