"""Sheets: one for us, one per competitor, dated, compared and merged without a loss."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import salesflow as sf
from salesflow.domain import AnswerRecord, Mark
from salesflow.errors import ArgumentError, FactError, UnknownName
from salesflow.qualify import AnswerSheet, compare, history, score_sheet, sheet_of, sheets

MONDAY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
PLAYBOOK = sf.Playbook.from_toml("""
id = "sheets"
version = "2"
title = "Sheets"
use_checklists = ["tas"]
use_scorecards = ["bid", "bant"]
[policy]
[[stages]]
key = "only"
title = "Only"
""")
BANT, BID = PLAYBOOK.checklists["bant"], PLAYBOOK.checklists["bid"]

moments = st.integers(0, 5).map(lambda day: MONDAY + timedelta(days=day))
questions = st.sampled_from(["bant.budget", "bant.need", "bid.price"])
answered = st.builds(
    AnswerRecord,
    question=questions,
    value=st.integers(0, 10),
    by=st.sampled_from(["li.wei", "wang"]),
    at=moments,
    evidence=st.sampled_from([None, "Minutes"]),
)
some_sheets = st.lists(answered, max_size=6).map(lambda items: AnswerSheet(answers=tuple(items)))


def said(
    question: str,
    mark: Mark | None = None,
    *,
    day: int = 0,
    about: str = "us",
    value: object = None,
) -> AnswerRecord:
    fields = {"question": question, "mark": mark, "value": value, "about": about}
    return AnswerRecord.model_validate(
        {**fields, "by": "li.wei", "at": MONDAY + timedelta(days=day)}
    )


@given(some_sheets, some_sheets)
def test_merging_does_not_depend_on_the_order(one: AnswerSheet, two: AnswerSheet) -> None:
    assert one.merged(two) == two.merged(one)


@given(some_sheets, some_sheets, some_sheets)
def test_merging_does_not_depend_on_the_grouping(
    one: AnswerSheet, two: AnswerSheet, three: AnswerSheet
) -> None:
    assert one.merged(two).merged(three) == one.merged(two.merged(three))


@given(some_sheets, some_sheets)
def test_merging_loses_no_answer_and_adds_none(one: AnswerSheet, two: AnswerSheet) -> None:
    both = one.merged(two)
    assert set(map(repr, both.answers)) == {*map(repr, one.answers), *map(repr, two.answers)}
    assert both.merged(one) == both
    assert both.merged(both) == both


@given(some_sheets)
def test_a_sheet_goes_to_json_and_back(sheet: AnswerSheet) -> None:
    assert AnswerSheet.model_validate_json(sheet.model_dump_json()) == sheet


@given(some_sheets, st.integers(-1, 6))
def test_an_earlier_day_is_a_part_of_the_sheet(sheet: AnswerSheet, day: int) -> None:
    then = sheet.at((MONDAY + timedelta(days=day)).date())
    assert then.merged(sheet) == sheet
    assert all(item.at <= MONDAY + timedelta(days=day) for item in then.answers)
    assert then == sheet.at(MONDAY + timedelta(days=day))


def test_the_latest_answer_counts_and_the_earlier_ones_stay() -> None:
    sheet = AnswerSheet(answers=(said("bant.need", "-", day=3), said("bant.need", "+")))
    assert sheet.latest["bant.need"].mark == "-"
    assert sheet.at(date(2026, 1, 6)).latest["bant.need"].mark == "+"
    assert [item.mark for item in sheet.answers] == ["+", "-"]


def test_there_is_a_sheet_for_us_and_one_for_everybody_named() -> None:
    found = sheets([said("bant.need", "+", about="Rival")])
    assert list(found) == ["us", "Rival"]
    assert found["us"].answers == ()


def test_listed_competitors_have_a_sheet_and_others_are_refused() -> None:
    listed = [said("bant.need", "+", about="Rival")]
    assert list(sheets(listed, competitors=["Rival", "Other"])) == ["us", "Rival", "Other"]
    with pytest.raises(UnknownName, match="Rivale"):
        sheets(listed, competitors=["Rivale"])


def test_a_sheet_about_somebody_nobody_named_is_refused_with_the_nearest_name() -> None:
    listed = [said("bant.need", "+", about="Rival")]
    assert sheet_of(listed).about == "us"
    assert sheet_of(listed, "Rival").answers == tuple(listed)
    with pytest.raises(UnknownName) as refused:
        sheet_of(listed, "Rivall")
    assert refused.value.suggestion == "Rival"


def test_we_are_no_competitor_of_ours() -> None:
    listed = [said("bant.need", "+"), said("bant.need", "+", about="Uwe")]
    with pytest.raises(UnknownName) as refused:
        sheet_of(listed, "uss")
    assert refused.value.known == ("Uwe",)


def test_a_list_of_competitors_goes_before_that_of_the_deal() -> None:
    deal = sf.Opportunity(id="D", name="N", competitors=("Rival",))
    assert list(sheets(deal)) == ["us", "Rival"]
    assert list(sheets(deal, competitors=["Other"])) == ["us", "Other"]


def test_a_sheet_is_about_one_company() -> None:
    with pytest.raises(ValidationError, match="sheet is about us; there are answers about Rival"):
        AnswerSheet(answers=(said("bant.need", "+", about="Rival"),))
    with pytest.raises(FactError, match="not merged"):
        AnswerSheet().merged(AnswerSheet(about="Rival"))


def test_completeness_counts_what_was_asked() -> None:
    sheet = AnswerSheet(answers=(said("bant.need", "?"), said("bant.budget", "+")))
    count = sheet.tally(BANT)
    assert (count.completeness, count.unknown, count.unasked) == (0.5, 3, ("authority", "timing"))
    assert AnswerSheet().tally(BANT).completeness == 0


def test_answers_older_than_90_days_are_found_to_the_day() -> None:
    sheet = AnswerSheet(
        answers=(
            said("bant.need", "+"),
            said("bant.budget", "+", day=1),
            said("bid.price", value=3),
            said("bant.timing", "-"),
            said("bant.timing", "+", day=2),
        )
    )
    as_of = MONDAY.date() + timedelta(days=91)
    old = sheet.older_than(90, as_of=as_of)
    assert {item.question for item in old} == {"bant.need", "bid.price"}
    assert [item.question for item in sheet.older_than(90, as_of=as_of, checklist=BANT)] == [
        "bant.need"
    ]


def test_the_day_of_an_answer_is_that_of_the_zone() -> None:
    late = AnswerRecord(
        question="bant.need", mark="+", by="a", at=datetime(2026, 1, 5, 20, 0, tzinfo=UTC)
    )
    sheet = AnswerSheet(answers=(late,))
    assert sheet.at(date(2026, 1, 5)).answers == (late,)
    assert sheet.at(date(2026, 1, 5), tz="Asia/Shanghai").answers == ()
    assert sheet.older_than(0, as_of=date(2026, 1, 6)) == (late,)
    assert sheet.older_than(0, as_of=date(2026, 1, 6), tz="Asia/Shanghai") == ()
    with pytest.raises(ArgumentError, match="zone"):
        sheet.at(datetime(2026, 1, 5))


def test_two_sheets_are_compared_question_by_question() -> None:
    us = AnswerSheet(answers=(said("bid.price", value=7), said("bid.time", value=2)))
    rival = AnswerSheet(
        about="Rival",
        answers=(said("bid.price", value=3, about="Rival"), said("bid.risk", "?", about="Rival")),
    )
    found = {item.question: item for item in compare(us, rival, checklist=BID)}
    assert list(found) == [f"bid.{question.key}" for question in BID.questions]
    assert (found["bid.price"].ahead, found["bid.price"].same) == ("first", False)
    assert (found["bid.time"].ahead, found["bid.risk"].ahead) == (None, None)
    assert found["bid.people"].same
    assert [item.question for item in compare(us, rival)] == ["bid.price", "bid.risk", "bid.time"]


def test_a_sheet_is_compared_with_itself_as_it_stood() -> None:
    sheet = AnswerSheet(answers=(said("bant.need", "-"), said("bant.need", "+", day=9)))
    (change,) = compare(sheet.at(MONDAY.date()), sheet)
    assert (change.same, change.ahead) == (False, "second")
    (same,) = compare(sheet, sheet, as_of=MONDAY.date())
    assert (same.same, same.ahead) == (True, None)


RATED = sf.Playbook.from_toml("""
id = "rated"
version = "1"
title = "Rated"
stages = [{ key = "only", title = "Only" }]
[[checklists]]
key = "q"
questions = [
  { key = "real", title = "Real?" },
  { key = "fit", title = "Fit", type = "scale", min = 1, max = 5 },
  { key = "seats", title = "Seats", type = "number" },
]
[[scorecards]]
key = "asked"
items = [{ key = "twice", title = "Asked twice", rule = "q.asked >= 2" }]
bands = [{ key = "any", min = 0 }]
""")


@pytest.mark.parametrize(
    ("question", "one", "two", "ahead"),
    [
        ("q.real", "+", "-", "first"),
        ("q.real", "-", "+", "second"),
        ("q.real", "-", "-", None),
        ("q.real", "?", "+", None),
        ("q.real", "+", "?", None),
        ("q.real", None, "+", None),
        ("q.fit", 4, 2, "first"),
        ("q.fit", 2, 4, "second"),
        ("q.fit", 3, 3, None),
        ("q.fit", "?", 3, None),
        ("q.fit", 3, "?", None),
        ("q.fit", "high", 3, None),
        ("q.seats", 10, 3, None),
    ],
)
def test_who_is_ahead_is_told_of_marks_and_scales(
    question: str, one: object, two: object, ahead: str | None
) -> None:
    """A number has no better and worse, and what is no answer on a scale is not known."""

    def sheet(given: object) -> AnswerSheet:
        name = "mark" if given in ("+", "-", "?") else "value"
        fields = {"question": question, "by": "li.wei", "at": MONDAY, name: given}
        answers = () if given is None else (AnswerRecord.model_validate(fields),)
        return AnswerSheet(answers=answers)

    found = compare(sheet(one), sheet(two), checklist=RATED.checklists["q"])
    assert [item.ahead for item in found if item.question == question] == [ahead]
    plain = compare(sheet(one), sheet(two))
    assert [item.ahead for item in plain] == [ahead if question == "q.real" else None]


def test_a_sheet_is_scored_without_what_was_counted_of_another() -> None:
    card = RATED.scorecards["asked"]
    one = said("q.real", "+", about="Rival")
    two = said("q.fit", value=3, about="Rival")
    for answers, low in (((one,), 0), ((one, two), 1)):
        rival = AnswerSheet(about="Rival", answers=answers)
        assert score_sheet(RATED, card, rival, {"q.asked": 2, "q.fit": 3}).low == low


def test_a_competitors_sheet_is_scored_without_our_answers() -> None:
    card = PLAYBOOK.scorecards["bant"]
    rival = AnswerSheet(about="Rival", answers=(said("bant.need", "+", about="Rival"),))
    ours = {"bant.need": "+", "bant.budget": "+", "bant.asked": 2}
    result = score_sheet(PLAYBOOK, card, rival, ours)
    assert (result.low, result.high) == (1, 4)


def test_the_events_of_a_deal_tell_every_answer() -> None:
    engine = sf.StageEngine(PLAYBOOK)
    deal = sf.Opportunity(id="D", name="N", owner="li.wei")
    events: list[sf.Event] = []
    commands = [
        sf.Start(by="li.wei"),
        sf.Answer(by="li.wei", question="bant.need", mark="-"),
        sf.Answer(by="li.wei", question="bid.price", value=4, about="Rival", evidence="Tender"),
        sf.Answer(by="wang", question="bant.need", mark="+", note="Asked again"),
    ]
    for day, command in enumerate(commands):
        decided = engine.decide(deal, command, at=MONDAY + timedelta(days=day))
        deal, events = decided.require(), [*events, *decided.events]
    told = history(events)
    assert [(item.question, item.mark, item.value, item.by) for item in told] == [
        ("bant.need", "-", None, "li.wei"),
        ("bid.price", None, 4.0, "li.wei"),
        ("bant.need", "+", None, "wang"),
    ]
    assert set(deal.progress.answers) <= set(told)
    us = sheet_of(told)
    assert us.at(date(2026, 1, 6)).latest["bant.need"].mark == "-"
    assert list(us.latest.values()) == list(sheets(deal.progress)["us"].answers)


def test_a_history_uses_todays_names() -> None:
    old = PLAYBOOK.to_json().replace('"need"', '"want"').replace("bant.need", "bant.want")
    before = sf.Playbook.from_json(old.replace('"version": "2"', '"version": "1"'))
    new = sf.Playbook.from_json(
        PLAYBOOK.to_json().rstrip().removesuffix("}")
        + ', "migrations": [{"from": "1", "questions": {"bant.want": "bant.need"}}]}'
    )
    deal = sf.Opportunity(id="D", name="N", owner="li.wei")
    first = sf.StageEngine(before)
    one = first.decide(deal, sf.Start(by="li.wei"), at=MONDAY)
    want = sf.Answer(by="li.wei", question="bant.want", mark="+")
    two = first.decide(one.require(), want, at=MONDAY)
    three = sf.StageEngine(new).decide(two.require(), sf.Migrate(by="li.wei"), at=MONDAY)
    told = history((*one.events, *two.events, *three.events))
    assert [item.question for item in told] == ["bant.need"]
    assert told == three.require().progress.answers


@dataclass(frozen=True)
class Stored:
    """An event of a host that keeps them in its own way."""

    payload: SimpleNamespace
    occurred_at: datetime
    playbook: SimpleNamespace | None = None
    by: str = "li.wei"
    note: str | None = None


def told(day: int, kind: str, **payload: object) -> Stored:
    fields: dict[str, object] = {"mark": None, "value": None, "about": "us", "evidence": None}
    book = payload.pop("now", None)
    return Stored(
        SimpleNamespace(kind=kind, **(fields | payload)),
        MONDAY + timedelta(days=day),
        book if isinstance(book, SimpleNamespace) else None,
    )


OTHER, SAME = SimpleNamespace(id="other"), SimpleNamespace(id="sheets")


@pytest.mark.parametrize(
    ("before", "now", "kept"),
    [
        (SAME, SAME, ["bant.want", "bant.budget"]),
        (OTHER, SAME, ["bant.want"]),
        (None, SAME, ["bant.want", "bant.budget"]),
        (SAME, None, ["bant.want", "bant.budget"]),
        (None, None, ["bant.want", "bant.budget"]),
    ],
    ids=["a newer version", "another playbook", "from where?", "to where?", "neither told"],
)
def test_only_another_playbook_leaves_answers_behind(
    before: object, now: object, kept: list[str]
) -> None:
    answers = [
        told(0, "question_answered", question="bant.need", mark="+"),
        told(1, "question_answered", question="bant.budget", mark="-"),
    ]
    moved = told(2, "migrated", renamed={"bant.need": "bant.want"}, before=before, now=now)

    assert [item.question for item in history([*answers, moved])] == kept


def test_a_withdrawal_takes_back_one_answer_and_what_is_recorded_late_before_it() -> None:
    events = [
        told(0, "question_answered", question="bant.need", mark="+"),
        told(0, "question_answered", question="bant.budget", mark="+"),
        told(0, "question_answered", question="bant.need", mark="+", about="Rival"),
        told(5, "withdrawn", question="bant.need"),
        told(2, "withdrawn", question="bant.need"),
        told(3, "question_answered", question="bant.need", mark="-"),
        told(3, "withdrawn", question=None, instrument="plan"),
        told(6, "question_answered", question="bant.need", mark="?"),
        told(5, "question_answered", question="bant.need", mark="+"),
    ]

    assert [(item.question, item.about, item.mark) for item in history(events)] == [
        ("bant.budget", "us", "+"),
        ("bant.need", "Rival", "+"),
        ("bant.need", "us", "?"),
        ("bant.need", "us", "+"),
    ]


def test_what_was_withdrawn_goes_to_another_playbook_with_the_name_of_its_question() -> None:
    late = ("bant.need", "bant.want", "bant.budget")
    events = [
        told(5, "withdrawn", question="bant.need"),
        told(5, "withdrawn", question="bant.budget"),
        told(6, "migrated", renamed={"bant.need": "bant.want"}, before=OTHER, now=SAME),
        *(told(4, "question_answered", question=name, mark="+") for name in late),
    ]
    assert [item.question for item in history(events)] == ["bant.need", "bant.budget"]

    newer = told(6, "migrated", renamed={"bant.need": "bant.want"}, before=SAME, now=SAME)
    events[2] = newer
    assert [item.question for item in history(events)] == ["bant.need"]


def test_a_deal_that_is_adopted_begins_without_answers_and_withdrawals() -> None:
    events = [
        told(0, "question_answered", question="bant.need", mark="+"),
        told(5, "withdrawn", question="bant.budget"),
        told(6, "adopted"),
        told(4, "question_answered", question="bant.budget", mark="+"),
    ]
    assert [item.question for item in history(events)] == ["bant.budget"]
