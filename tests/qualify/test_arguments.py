"""What is refused before anything is read: things of another kind, in our own words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

import salesflow as sf
from salesflow.domain import AnswerRecord
from salesflow.domain._base.record import replaced
from salesflow.errors import ArgumentError, FactError, UnknownName
from salesflow.qualify import (
    AnswerSheet,
    ScoreComparison,
    answer_facts,
    check_sheet,
    compare,
    history,
    interval,
    score,
    score_sheet,
    sheet_of,
    sheets,
    tally,
)

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
DAY = date(2026, 4, 10)
TEXT = """
id = "doors"
version = "1"
title = "Doors"
use_scorecards = ["bant", "bid"]
[policy]
[[stages]]
key = "only"
title = "Only"
"""
PLAYBOOK = sf.Playbook.from_toml(TEXT)
CARD = PLAYBOOK.scorecards["bant"]
SAID = AnswerRecord(question="bant.need", mark="+", by="li", at=NOON)
SHEET = AnswerSheet(answers=(SAID,))
ANYTHING: Any = None
A_TEXT: Any = "bant"

REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "score, the playbook": (lambda: score(A_TEXT, CARD, {}), "playbook must be a Playbook"),
    "score, the card": (lambda: score(PLAYBOOK, A_TEXT, {}), "card must be a Scorecard, not"),
    "score, the facts": (lambda: score(PLAYBOOK, CARD, ANYTHING), "facts must be a mapping"),
    "interval, the facts": (lambda: interval(CARD, ANYTHING), "facts must be a mapping, not None"),
    "ScoreComparison": (
        lambda: ScoreComparison.of(ANYTHING, score(PLAYBOOK, CARD, {})),
        "first must be a Score, not None",
    ),
    "answer_facts": (lambda: answer_facts(A_TEXT, []), "playbook must be a Playbook, not a str"),
    "interval": (lambda: interval(A_TEXT, {}), "card must be a Scorecard, not a str"),
    "score_sheet, the playbook": (lambda: score_sheet(A_TEXT, CARD, SHEET), "a Playbook, not"),
    "score_sheet, the card": (lambda: score_sheet(PLAYBOOK, A_TEXT, SHEET), "a Scorecard, not"),
    "score_sheet, the sheet": (
        lambda: score_sheet(PLAYBOOK, CARD, ANYTHING),
        "sheet must be an AnswerSheet, not None",
    ),
    "score_sheet, the facts": (
        lambda: score_sheet(PLAYBOOK, CARD, SHEET, A_TEXT),
        "facts must be a mapping, not a str",
    ),
    "versus": (lambda: score(PLAYBOOK, CARD, {}).versus(ANYTHING), "second must be a Score"),
    "if_answered": (
        lambda: score(PLAYBOOK, CARD, {}).if_answered(ANYTHING),
        "answers must be a mapping",
    ),
    "compare, the first": (lambda: compare(ANYTHING, SHEET), "first must be an AnswerSheet"),
    "compare, the second": (lambda: compare(SHEET, ANYTHING), "second must be an AnswerSheet"),
    "compare, the checklist": (
        lambda: compare(SHEET, SHEET, checklist=A_TEXT),
        "checklist must be a Checklist, not a str",
    ),
    "compare, the day": (
        lambda: compare(SHEET, SHEET, as_of=A_TEXT),
        "as_of must be a day, not a str",
    ),
    "merged": (lambda: SHEET.merged(ANYTHING), "other must be an AnswerSheet, not None"),
    "compare, the zone": (lambda: compare(SHEET, SHEET, tz="Mars"), "tz must name a time zone"),
    "tally": (lambda: tally(ANYTHING, {}), "checklist must be a Checklist"),
    "tally, the answers": (
        lambda: tally(PLAYBOOK.checklists["bant"], ANYTHING),
        "answers must be a mapping, not None",
    ),
    "a sheet's tally": (lambda: SHEET.tally(ANYTHING), "checklist must be a Checklist"),
    "older_than, the checklist": (
        lambda: SHEET.older_than(90, as_of=DAY, checklist=A_TEXT),
        "checklist must be a Checklist, not a str",
    ),
    "check_sheet, the playbook": (
        lambda: check_sheet(A_TEXT, SHEET),
        "playbook must be a Playbook",
    ),
    "check_sheet, the sheet": (
        lambda: check_sheet(PLAYBOOK, ANYTHING),
        "sheet must be an AnswerSheet",
    ),
    "sheets of nothing": (
        lambda: sheets(ANYTHING),
        "answers must be a list of AnswerRecord, not None",
    ),
    "sheets of a text": (
        lambda: sheets(A_TEXT),
        "answers must be a list of AnswerRecord, not a str",
    ),
    "sheets of one answer": (
        lambda: sheets(SAID),  # type: ignore[arg-type]
        "answers must be a list of AnswerRecord, not an AnswerRecord",
    ),
    "history of nothing": (lambda: history(ANYTHING), "events must be a list of Event, not None"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_of_another_kind_is_refused_with_what_to_give(case: str) -> None:
    call, says = REFUSED[case]
    with pytest.raises(ArgumentError) as refused:
        call()
    assert says in refused.value.message
    assert refused.value.hint


def test_every_item_that_is_no_answer_is_listed() -> None:
    mixed: Any = [{}, SAID, None]
    with pytest.raises(
        ArgumentError, match="Every item of answers must be an AnswerRecord"
    ) as refused:
        sheets(mixed)
    assert [problem.path for problem in refused.value.problems] == ["answers[0]", "answers[2]"]


def test_every_item_that_is_no_event_is_listed() -> None:
    mixed: Any = [SAID, "x"]
    with pytest.raises(ArgumentError, match="Every item of events must be an Event") as refused:
        history(mixed)
    assert [problem.path for problem in refused.value.problems] == ["events[0]", "events[1]"]


def test_one_name_is_not_taken_for_a_list_of_letters() -> None:
    for refuse in (
        lambda: sheets([SAID], competitors="Rival"),
        lambda: sheet_of([SAID], competitors="Rival"),
        lambda: check_sheet(PLAYBOOK, SHEET, competitors="Rival"),
    ):
        with pytest.raises(ArgumentError, match="competitors must be a list of str") as refused:
            refuse()
        assert refused.value.hint == 'Write competitors=["Rival"].'


def test_what_is_no_name_among_the_competitors_is_listed() -> None:
    names: Any = ["Rival", 7, None]
    for refuse in (
        lambda: sheets([SAID], competitors=names),
        lambda: check_sheet(PLAYBOOK, SHEET, competitors=names),
    ):
        with pytest.raises(ArgumentError) as refused:
            refuse()
        paths = [problem.path for problem in refused.value.problems]
        assert paths == ["competitors[1]", "competitors[2]"]


@pytest.mark.parametrize("about", [None, 7, ["Rival"]])
def test_a_sheet_about_what_is_no_name_is_refused(about: Any) -> None:
    with pytest.raises(UnknownName, match="There is no competitor of type"):
        sheet_of([SAID], about)


@pytest.mark.parametrize("as_of", [None, "2026-04-10", 20260410, datetime(2026, 4, 10)])
def test_what_is_no_day_is_refused(as_of: Any) -> None:
    for refuse in (lambda: SHEET.at(as_of), lambda: SHEET.older_than(90, as_of=as_of)):
        with pytest.raises(ArgumentError, match="as_of") as refused:
            refuse()
        assert refused.value.hint


@pytest.mark.parametrize("days", [-1, pytest.param(-(10**5000), id="huge"), True, 1.5, "90", None])
def test_days_are_a_whole_number_from_0(days: Any) -> None:
    with pytest.raises(ArgumentError, match="days must be a whole number from 0"):
        SHEET.older_than(days, as_of=DAY)


def test_no_answer_is_older_than_the_calendar() -> None:
    assert SHEET.older_than(0, as_of=DAY) == (SAID,)
    for days in (10**6, 10**5000):
        assert SHEET.older_than(days, as_of=DAY) == ()


def test_a_moment_counts_as_its_day_in_the_zone() -> None:
    late = datetime(2026, 1, 5, 20, tzinfo=UTC)
    assert SHEET.older_than(0, as_of=late) == ()
    assert SHEET.older_than(0, as_of=late, tz="Asia/Shanghai") == (SAID,)


def test_an_answer_at_the_end_of_the_calendar_has_a_day_in_every_zone() -> None:
    last = replaced(SAID, at=datetime(9999, 12, 31, 20, tzinfo=UTC))
    sheet = AnswerSheet(answers=(last,))
    assert sheet.at(date(9999, 12, 31), tz="Asia/Shanghai") == sheet
    assert sheet.older_than(0, as_of=DAY, tz="Asia/Shanghai") == ()


def test_what_follows_from_answers_is_not_supposed() -> None:
    bare = score(PLAYBOOK, CARD, {})
    counts = [f"bant.{name}" for name in ("asked", "unknown", "yes", "no", "share")]
    following = [*counts, "score.bid.low", "score.bant.high"]
    with pytest.raises(FactError) as refused:
        bare.if_answered(dict.fromkeys(following, 3))
    assert [problem.path for problem in refused.value.problems] == following
    assert {problem.code for problem in refused.value.problems} == {"derived"}


def test_what_if_lists_unknown_names_and_wrong_answers_together() -> None:
    with pytest.raises(FactError) as refused:
        score(PLAYBOOK, CARD, {}).if_answered({"bant.nead": "+", "bid.price": 11, "nothing": 1})
    found = [(problem.path, problem.code) for problem in refused.value.problems]
    assert found == [
        ("bant.nead", "unknown_name"),
        ("bid.price", "kind"),
        ("nothing", "unknown_name"),
    ]
    assert refused.value.problems[0].hint == 'Did you mean "bant.need"?'


def test_facts_that_are_not_given_are_asked_for_where_they_come_from() -> None:
    for refuse in (lambda: score(PLAYBOOK, CARD, ANYTHING), lambda: interval(CARD, ANYTHING)):
        with pytest.raises(ArgumentError) as refused:
            refuse()
        assert refused.value.hint == "Take them from a deal: facts_of(deal, playbook, at=…)."


CARDS = """
[[scorecards]]
key = "card"
bands = [{ key = "no", min = 0, title = "No" }, { key = "yes", min = 2, title = "Yes" }]
items = [{ key = "a", rule = "bant.need", title = "A" }, """


@pytest.mark.parametrize(
    "other",
    [
        '{ key = "b", rule = "bant.budget", title = "B", weight = 2 }]',
        '{ key = "b", rule = "bant.budget", title = "B", knock_out = true }]',
        '{ key = "c", rule = "bant.budget", title = "B" }]',
    ],
    ids=["weight", "knock-out", "item"],
)
def test_scores_on_two_versions_of_a_card_are_not_compared(other: str) -> None:
    base = sf.Playbook.from_toml(
        TEXT + CARDS + '{ key = "b", rule = "bant.budget", title = "B" }]\n'
    )
    changed = sf.Playbook.from_toml(TEXT + CARDS + other + "\n")
    one, two = (score(each, each.scorecards["card"], {}) for each in (base, changed))
    assert one.versus(one).items
    with pytest.raises(FactError, match="two versions of 'card'") as refused:
        one.versus(two)
    assert "same playbook" in refused.value.hint
