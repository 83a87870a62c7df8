"""Answers of every type through the engine: what is kept and refused, and the facts they give."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import salesflow as sf
from salesflow.domain import AnswerRecord
from salesflow.engine import Decision
from salesflow.qualify import answer_facts, answers_of, marks_of, tally

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
PLAYBOOK = """
id = "typed"
version = "1"
title = "Typed"
[[stages]]
key = "only"
title = "Only"
[[instruments]]
key = "survey"
title = "Survey"
checklist = "site"
[[size_policy]]
when = "known(owner)"
instruments = ["survey"]
[[checklists]]
key = "site"
questions = [
  { key = "clear", title = "Clear?" },
  { key = "fit", title = "Fit", type = "scale", min = 1, max = 5 },
  { key = "access", title = "Access", type = "choice", choices = ["road", "rail"] },
  { key = "area", title = "Area", type = "number", min = 0 },
  { key = "opens_on", title = "Opens on", type = "date" },
  { key = "remark", title = "Remark", type = "text" },
]
[[scorecards]]
key = "fit"
items = [{ key = "fit", points = "site.fit" }, { key = "rail", rule = 'site.access == "rail"' }]
bands = [{ key = "low", min = 0 }, { key = "high", min = 4 }]
"""
ENGINE = sf.StageEngine(sf.Playbook.from_toml(PLAYBOOK))
ANSWERS: dict[str, dict[str, Any]] = {
    "site.clear": {"mark": "+"},
    "site.fit": {"value": 4},
    "site.access": {"value": "rail"},
    "site.area": {"value": Decimal("12.5")},
    "site.opens_on": {"value": date(2026, 9, 1)},
    "site.remark": {"value": "  By the river "},
}


COUNTED = sf.Playbook.from_toml(
    PLAYBOOK.replace(
        '{ key = "clear", title = "Clear?" },',
        '{ key = "clear", title = "Clear?" }, { key = "dry", title = "Dry?" },',
    )
)


@pytest.mark.law
@given(
    st.dictionaries(
        st.sampled_from(["site.clear", "site.dry", "site.fit"]), st.sampled_from(["+", "-", "?"])
    )
)
def test_answers_are_counted_one_by_one(marks: dict[str, Any]) -> None:
    engine = sf.StageEngine(COUNTED)
    deal = engine.decide(sf.Opportunity(id="D-1", name="Deal"), sf.Start(by="li"), at=NOW).require()
    for question, mark in marks.items():
        said = {"value": 4} if question == "site.fit" and mark != "?" else {"mark": mark}
        answer = sf.Answer(by="li", question=question, **said)
        deal = engine.decide(deal, answer, at=NOW).require()

    facts = sf.facts_of(deal, COUNTED, at=NOW)

    flags = [marks.get("site.clear"), marks.get("site.dry")]
    assert facts["site.asked"] == len(marks)
    assert facts["site.unknown"] == 7 - sum(mark != "?" for mark in marks.values())
    assert facts["site.yes"] == flags.count("+")
    assert facts["site.no"] == flags.count("-")
    assert facts["site.share"] == flags.count("+") / 2
    rule = sf.Rule.parse("site.share >= 0.5", COUNTED.facts)
    assert rule.verdict(facts) is (sf.Verdict.YES if "+" in flags else sf.Verdict.NO)


def test_what_does_not_apply_is_an_answer_where_the_playbook_says_so() -> None:
    text = PLAYBOOK.replace('title = "Clear?" }', 'title = "Clear?", may_not_apply = true }')
    text = text.replace(
        'type = "number", min = 0', 'type = "number", min = 0, may_not_apply = true'
    )
    engine = sf.StageEngine(sf.Playbook.from_toml(text))
    deal = engine.decide(sf.Opportunity(id="D-1", name="Deal"), sf.Start(by="li"), at=NOW).require()
    for question in ("site.clear", "site.area"):
        skip = sf.Answer(by="li", question=question, mark="n/a")
        deal = engine.decide(deal, skip, at=NOW).require()

    facts = sf.facts_of(deal, engine.playbook, at=NOW)
    assert facts["not_applicable.site.clear"] is facts["not_applicable.site.area"] is True
    assert (facts["site.asked"], facts["site.unknown"], facts["site.share"]) == (2, 4, None)

    refused = engine.decide(deal, sf.Answer(by="li", question="site.fit", mark="n/a"), at=NOW)
    assert [blocker.code for blocker in refused.blockers] == ["answer"]
    wrong = engine.decide(deal, sf.Answer(by="li", question="site.clear", value=1), at=NOW)
    assert (
        wrong.blockers[0]
        .fix.get("en")
        .endswith("give yes or no, or “not applicable”, or “not known”")
    )

    back = sf.Answer(by="li", question="site.clear", mark="-")
    facts = sf.facts_of(engine.decide(deal, back, at=NOW).require(), engine.playbook, at=NOW)
    assert facts["not_applicable.site.clear"] is False
    assert (facts["site.unknown"], facts["site.no"], facts["site.share"]) == (4, 1, 0)


def test_only_a_checklist_with_questions_of_yes_or_no_has_their_counts() -> None:
    bid = sf.Playbook.from_toml(PLAYBOOK + '[[facts]]\nname = "x"\nkind = "flag"\n')
    typed = PLAYBOOK.replace('{ key = "clear", title = "Clear?" },', "")

    assert "site.yes" in bid.facts
    assert "site.yes" not in sf.Playbook.from_toml(typed).facts


def started() -> sf.Opportunity:
    deal = sf.Opportunity(id="D-1", name="Deal", owner="li.wei")
    return ENGINE.decide(deal, sf.Start(by="li.wei"), at=NOW).require()


def answer(deal: sf.Opportunity, question: str, **fields: Any) -> Decision[sf.Opportunity]:
    at = NOW + timedelta(hours=deal.progress.version)
    return ENGINE.decide(deal, sf.Answer(by="li.wei", question=question, **fields), at=at)


def all_answered() -> sf.Opportunity:
    deal = started()
    for question, said in ANSWERS.items():
        deal = answer(deal, question, **said).require()
    return deal


def test_every_type_gives_a_fact_of_its_kind() -> None:
    facts = sf.facts_of(all_answered(), ENGINE.playbook, at=NOW + timedelta(days=1))
    assert {name: facts[name] for name in ANSWERS} == {
        "site.clear": "+",
        "site.fit": 4.0,
        "site.access": "rail",
        "site.area": 12.5,
        "site.opens_on": date(2026, 9, 1),
        "site.remark": "By the river",
    }
    assert (facts["site.asked"], facts["site.unknown"]) == (6, 0)
    assert (facts["score.fit.low"], facts["score.fit.high"]) == (5, 5)


def test_an_answer_keeps_who_when_a_note_and_the_evidence() -> None:
    decided = answer(started(), "site.fit", value=4, note="Said twice", evidence="Minutes, 5 Jan")
    (kept,) = decided.opportunity.progress.answers
    assert (kept.by, kept.note, kept.evidence, kept.value) == (
        "li.wei",
        "Said twice",
        "Minutes, 5 Jan",
        4.0,
    )
    assert kept.at == NOW + timedelta(hours=1)
    again = sf.read_events(sf.write_events(decided.events))
    assert again == decided.events


def test_replaying_the_events_gives_the_same_answers() -> None:
    fresh = sf.Opportunity(id="D-1", name="Deal", owner="li.wei")
    begun = ENGINE.decide(fresh, sf.Start(by="li.wei"), at=NOW)
    deal, events = begun.require(), [*begun.events]
    for question, said in ANSWERS.items():
        decided = answer(deal, question, **said)
        deal, events = decided.require(), [*events, *decided.events]
    stored = sf.read_events(sf.write_events(events))
    assert ENGINE.replay(stored) == deal.progress


@pytest.mark.parametrize("question", ANSWERS)
def test_every_question_may_be_asked_in_vain(question: str) -> None:
    deal = answer(all_answered(), question, mark="?").require()
    facts = sf.facts_of(deal, ENGINE.playbook, at=NOW + timedelta(days=1))
    assert facts[question] in (None, "?")
    assert (facts["site.asked"], facts["site.unknown"]) == (6, 1)


@pytest.mark.parametrize(
    ("question", "given", "allowed"),
    [
        ("site.clear", {"value": 1}, "yes or no"),
        ("site.clear", {"value": "yes"}, "yes or no"),
        ("site.fit", {"value": 6}, "a whole number from 1 to 5"),
        ("site.fit", {"value": 1.5}, "a whole number from 1 to 5"),
        ("site.fit", {"value": "4"}, "a whole number from 1 to 5"),
        ("site.fit", {"mark": "+"}, "a whole number from 1 to 5"),
        ("site.access", {"value": "water"}, "one of road, rail"),
        ("site.area", {"value": -1}, "a number from 0"),
        ("site.opens_on", {"value": "soon"}, "a date such as 2026-01-31"),
        ("site.remark", {"value": 3}, "a text"),
        ("site.remark", {"mark": "-"}, "a text"),
    ],
)
def test_an_answer_of_the_wrong_type_is_refused_with_what_is_allowed(
    question: str, given: dict[str, Any], allowed: str
) -> None:
    deal = started()
    decided = answer(deal, question, **given)
    (blocker,) = decided.blockers
    assert (decided.accepted, decided.opportunity) == (False, deal)
    assert (blocker.code, blocker.key) == ("answer", question)
    assert blocker.title.en == f"The answer is {allowed}, or it is not known"
    assert allowed in str(blocker.fix.en)
    assert blocker.fix.zh


def test_a_date_is_kept_in_one_way_of_writing_it() -> None:
    (kept,) = answer(started(), "site.opens_on", value="20260901").require().progress.answers
    assert kept.value == "2026-09-01"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "a mark"),
        ({"mark": "+", "value": 1}, "not both"),
        ({"value": True}, 'mark="+"'),
        ({"value": float("nan")}, "not a finite number"),
        ({"value": 10**400}, "not a finite number"),
        ({"value": "?"}, 'mark="?"'),
        ({"value": " "}, 'mark="?"'),
        ({"value": NOW}, "a date"),
        ({"value": "x" * 20_001}, "20000"),
    ],
)
def test_what_is_no_answer_at_all_is_no_command(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says.replace("?", r"\?").replace("+", r"\+")):
        sf.Answer(by="li.wei", question="site.fit", **given)


@given(
    st.one_of(
        st.integers(-(10**6), 10**6),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(min_size=1, max_size=9).filter(lambda text: text.strip() not in ("", "?")),
        st.dates(),
    )
)
def test_an_answer_goes_to_json_and_back(value: object) -> None:
    command = sf.Answer.model_validate({"by": "li.wei", "question": "site.fit", "value": value})
    again = sf.Answer.model_validate_json(command.model_dump_json())
    assert (again, again.digest) == (command, command.digest)


def test_an_answer_that_no_longer_fits_its_question_is_not_known() -> None:
    old = [
        AnswerRecord(question="site.fit", mark="+", by="a", at=NOW),
        AnswerRecord(question="site.access", value="water", by="a", at=NOW),
        AnswerRecord(question="site.gone", value="x", by="a", at=NOW),
        AnswerRecord(question="site.clear", value=3, by="a", at=NOW),
    ]
    facts = answer_facts(ENGINE.playbook, old)
    assert facts == {"site.fit": None, "site.access": None, "site.clear": None}
    count = tally(ENGINE.playbook.checklists["site"], answers_of(old))
    assert (count.asked, count.unknown) == (3, 6)
    assert count.completeness == 0.5
    assert marks_of(old) == {"site.fit": "+"}


def test_the_answers_about_one_company_are_no_answers_about_another() -> None:
    given = [
        AnswerRecord(question="site.clear", mark="+", by="a", at=NOW),
        AnswerRecord(question="site.clear", mark="-", by="a", at=NOW, about="Rival"),
        AnswerRecord(question="site.fit", mark="?", by="a", at=NOW, about="Rival"),
    ]

    assert marks_of(given) == {"site.clear": "+"}
    assert marks_of(given, "Rival") == {"site.clear": "-", "site.fit": "?"}
    assert answers_of(given) == {"site.clear": "+"}
    assert answer_facts(ENGINE.playbook, given) == {"site.clear": "+"}


def test_a_question_without_a_rule_does_not_apply_only_where_that_is_its_answer() -> None:
    text = PLAYBOOK.replace('title = "Clear?" }', 'title = "Clear?", may_not_apply = true }')
    book = sf.Playbook.from_toml(text)
    site, flag = book.checklists["site"], {"not_applicable.site.clear": True}
    skipped = [AnswerRecord(question="site.clear", mark="n/a", by="a", at=NOW)]

    assert answer_facts(book, skipped) == {"site.clear": None, **flag}
    assert "clear" in tally(site, {}, flag).unasked
    assert "clear" not in tally(site, answers_of(skipped), flag).unasked


def test_an_instrument_is_complete_when_questions_of_every_type_were_asked() -> None:
    deal = started()
    for question in [*ANSWERS][:-1]:
        deal = answer(deal, question, mark="?").require()
    complete = sf.Complete(by="li.wei", instrument="survey")
    at = NOW + timedelta(days=1)
    assert "Remark" in str(ENGINE.decide(deal, complete, at=at).blockers[0].fix.en)
    deal = answer(deal, "site.remark", value="None").require()
    assert ENGINE.decide(deal, complete, at=at).accepted
