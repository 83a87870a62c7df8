"""A sheet that was filled in elsewhere: whatever does not fit is said at once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import salesflow as sf
from salesflow.domain import AnswerRecord
from salesflow.errors import FactError
from salesflow.qualify import AnswerSheet, check_sheet

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
PLAYBOOK = sf.Playbook.from_toml("""
id = "tenders"
version = "1"
title = "Tenders"
use_scorecards = ["bid"]
[[checklists]]
key = "tender"
questions = [
  { key = "invited", title = "Were we invited?" },
  { key = "opens_on", title = "When are they opened?", type = "date" },
  { key = "way", title = "Which way?", type = "choice", choices = ["open", "restricted"] },
  { key = "bidders", title = "How many bid?", type = "number", min = 0 },
  { key = "note", title = "What else?", type = "text" },
  { key = "lots", title = "How many lots?", type = "number", may_not_apply = true },
  { key = "bond", title = "Is there a bond?", may_not_apply = true },
]
[policy]
[[stages]]
key = "only"
title = "Only"
""")


def sheet(*answers: tuple[str, object], about: str = "us") -> AnswerSheet:
    said = [
        {
            "question": question,
            ("mark" if given in ("+", "-", "?", "n/a") else "value"): given,
            "about": about,
            "by": "li",
            "at": NOON,
        }
        for question, given in answers
    ]
    return AnswerSheet(
        about=about, answers=tuple(AnswerRecord.model_validate(each) for each in said)
    )


def test_a_sheet_that_fits_is_given_back() -> None:
    fine = sheet(
        ("tender.invited", "+"),
        ("tender.opens_on", "2026-04-30"),
        ("tender.way", "open"),
        ("tender.bidders", 4),
        ("tender.note", "Quiet"),
        ("bid.price", 7),
        ("bid.risk", "?"),
        ("tender.lots", "n/a"),
        ("tender.bond", "n/a"),
    )
    assert check_sheet(PLAYBOOK, fine) is fine
    about_rival = sheet(("bid.price", 7), about="Rival")
    assert check_sheet(PLAYBOOK, about_rival, competitors=["Rival"]) is about_rival
    assert check_sheet(PLAYBOOK, about_rival) is about_rival
    assert check_sheet(PLAYBOOK, fine, competitors=[]) is fine


def test_every_answer_that_does_not_fit_is_listed_with_what_is_allowed() -> None:
    wrong = sheet(
        ("bid.price", 11),
        ("bid.pricee", 5),
        ("bid.risk", "+"),
        ("tender.bidders", "many"),
        ("tender.invited", 1),
        ("tender.opens_on", "soon"),
        ("tender.way", "closed"),
        ("other.thing", 1),
        about="Rivl",
    )
    with pytest.raises(FactError) as refused:
        check_sheet(PLAYBOOK, wrong, competitors=["Rival"])
    found = {
        (problem.path.rpartition("]")[2] or problem.path, problem.message): problem.hint
        for problem in refused.value.problems
    }
    assert found == {
        ("about", "nobody lists a competitor 'Rivl'"): 'did you mean "Rival"?',
        (".value", "11 does not answer bid.price"): (
            'give a whole number from 0 to 10, or mark="?"'
        ),
        (".question", "there is no question 'bid.pricee'"): 'did you mean "bid.price"?',
        (".mark", "'+' does not answer bid.risk"): 'give a whole number from 0 to 10, or mark="?"',
        (".value", "'many' does not answer tender.bidders"): 'give a number from 0, or mark="?"',
        (".value", "1 does not answer tender.invited"): 'give mark="+" or "-", or mark="?"',
        (".value", "'soon' does not answer tender.opens_on"): (
            'give a date such as 2026-01-31, or mark="?"'
        ),
        (
            ".value",
            "'closed' does not answer tender.way",
        ): 'give one of open, restricted, or mark="?"',
        (".question", "there is no question 'other.thing'"): "the checklists are tender, bid",
    }
    assert len(refused.value.problems) == 9


def test_a_sheet_about_somebody_whom_the_deal_does_not_list_is_refused() -> None:
    with pytest.raises(FactError, match="list them in the deal first"):
        check_sheet(PLAYBOOK, sheet(about="Rival"), competitors=[])


def test_only_what_may_not_apply_is_answered_so() -> None:
    wrong = sheet(
        ("tender.invited", "n/a"),
        ("tender.bidders", "n/a"),
        ("tender.lots", "many"),
        ("tender.bond", 1),
    )
    with pytest.raises(FactError) as refused:
        check_sheet(PLAYBOOK, wrong)

    assert {problem.message: problem.hint for problem in refused.value.problems} == {
        "'n/a' does not answer tender.invited": 'give mark="+" or "-", or mark="?"',
        "'n/a' does not answer tender.bidders": 'give a number from 0, or mark="?"',
        "'many' does not answer tender.lots": 'give a number, or mark="n/a", or mark="?"',
        "1 does not answer tender.bond": 'give mark="+" or "-", or mark="n/a", or mark="?"',
    }


def test_a_question_that_there_is_not_is_told_with_what_there_is() -> None:
    bare = sf.Playbook.from_toml("""
    id = "bare"
    version = "1"
    title = "Bare"
    stages = [{ key = "only", title = "Only" }]
    """)
    for playbook, hint in (
        (PLAYBOOK, "the checklist has 7 others"),
        (bare, "the checklists are none"),
    ):
        with pytest.raises(FactError) as refused:
            check_sheet(playbook, sheet(("tender.xyz", "+")))
        (problem,) = refused.value.problems
        assert (problem.message, problem.hint) == ("there is no question 'tender.xyz'", hint)


def test_of_a_long_answer_the_first_eighty_characters_are_told() -> None:
    with pytest.raises(FactError) as refused:
        check_sheet(PLAYBOOK, sheet(("tender.way", "x" * 500)))
    (problem,) = refused.value.problems
    assert problem.message == f"'{'x' * 79} does not answer tender.way"
