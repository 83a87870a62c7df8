"""Forms are asked for: a stage is not left without them, and what is missing is named."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

import salesflow as sf
from salesflow.domain import CustomerVisit, Lead, Record
from salesflow.domain._base.record import replaced
from salesflow.errors import FactError
from salesflow.text import both

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
BOOK = sf.Playbook.from_toml("""
id = "x"
version = "1"
title = { en = "X", zh = "某流程" }
languages = ["en", "zh"]
[policy]
waive = ["boss"]
[[roles]]
key = "boss"
title = { en = "Boss", zh = "主管" }
[[stages]]
key = "talk"
title = { en = "Talk", zh = "洽谈" }
  [[stages.forms]]
  key = "report"
  title = { en = "Visit report", zh = "拜访报告" }
  record = "visit"
  columns = ["summary", "agreed", "met"]
  when = "amount >= 1_000"
  required = true
  [[stages.forms]]
  key = "card"
  title = { en = "Lead card", zh = "线索卡" }
  record = "lead"
  [[stages.forms]]
  key = "notes"
  title = { en = "Notes", zh = "笔记" }
[[stages]]
key = "sign"
title = { en = "Sign", zh = "签约" }
""")
ENGINE = sf.StageEngine(BOOK)
GO = sf.Advance(by="li")


def visit(**more: Any) -> CustomerVisit:
    return CustomerVisit(customer="A", held_at=NOW, way="online", **more)


WHOLE = visit(summary="They want it", agreed="A demonstration", met=("Zhang",))


def deal(*records: Record, amount: str | None = "5_000") -> sf.Opportunity:
    made = sf.Opportunity(
        id="D-1",
        name="ERP",
        amount=None if amount is None else sf.Money(amount.replace("_", ""), "USD"),
        team={"wang": "boss"},
    )
    return replaced(ENGINE.decide(made, sf.Start(by="li"), at=NOW).require(), records=records)


def fix(some: sf.Opportunity | sf.HostDeal) -> tuple[str | None, str | None]:
    (blocker,) = ENGINE.review(some, at=NOW).blockers
    assert blocker.key == "report"
    return blocker.fix.en, blocker.fix.zh


def test_the_stage_is_left_with_the_form() -> None:
    assert ENGINE.decide(deal(WHOLE), GO, at=NOW).accepted


def test_every_empty_column_is_named_by_its_heading() -> None:
    assert fix(deal(visit(agreed="A demonstration"))) == (
        "the number of empty columns of “Visit report” is 2; it must be 0 (Summary, People met)",
        "“拜访报告”未填写的栏目数现为 2，须为 0（拜访总结、会见人员）",
    )


def test_the_record_is_named_that_is_not_there() -> None:
    assert fix(deal()) == (
        (
            "the number of empty columns of “Visit report” is not known "
            "(no summary of a visit on record)"
        ),
        "“拜访报告”未填写的栏目数未知（尚无拜访总结）",
    )


def test_a_form_that_does_not_apply_is_not_asked_for() -> None:
    assert ENGINE.decide(deal(amount="10"), GO, at=NOW).accepted
    (blocker,) = ENGINE.decide(deal(amount=None), GO, at=NOW).blockers
    assert blocker.verdict is sf.Verdict.UNKNOWN
    assert [part.seen for part in blocker.because] == [{"amount": None}]


def test_a_review_says_of_each_form_what_is_missing() -> None:
    review = ENGINE.review(deal(visit(agreed="A demonstration")), at=NOW)
    (criterion,) = review.criteria
    assert (criterion.criterion.key, criterion.verdict) == ("report", sf.Verdict.NO)
    report, card, notes = review.forms
    assert (report.applies, report.filled, report.required) == (sf.Verdict.YES, sf.Verdict.NO, True)
    assert report.missing == (
        both(en="Summary", zh="拜访总结"),
        both(en="People met", zh="会见人员"),
    )
    assert (card.filled, card.required) == (sf.Verdict.UNKNOWN, False)
    assert card.missing == (both(en="lead", zh="线索"),)
    assert (notes.filled, notes.missing, notes.required) == (None, (), False)
    lead = Lead(customer="A", channel="download")
    report, card, _ = ENGINE.review(deal(WHOLE, lead), at=NOW).forms
    assert (report.filled, report.missing) == (sf.Verdict.YES, ())
    assert card.filled is sf.Verdict.NO
    assert card.missing[:2] == (both(en="source", zh="来源"), both(en="industry", zh="行业"))
    assert len(card.missing) == len(lead.missing)


def test_a_review_goes_to_json_with_what_is_missing() -> None:
    told = ENGINE.review(deal(visit()), at=NOW).model_dump(mode="json")["forms"][0]
    assert told["filled"] == "no"
    assert told["required"] is told["form"]["required"] is True
    assert told["missing"][0] == {"en": "Summary", "zh": "拜访总结"}
    assert told["form"]["record"] == "visit"


def test_it_may_be_waived_like_any_criterion() -> None:
    wanted = sf.Waive(by="wang", role="boss", criterion="report", reason="A walk-in")
    assert ENGINE.decide(ENGINE.decide(deal(), wanted, at=NOW).require(), GO, at=NOW).accepted
    offered = ENGINE.available(deal(), by="wang", at=NOW)
    assert any(item.kind is sf.Waive for item in offered)
    advance = next(item for item in offered if item.kind is sf.Advance)
    assert not advance.allowed
    assert [blocker.key for blocker in advance.blockers] == ["report"]


def test_the_resolver_is_asked_for_the_record_of_the_form() -> None:
    asked: list[frozenset[str]] = []

    def stored(_deal: object, groups: frozenset[str]) -> Iterable[Record]:
        asked.append(groups)
        return (WHOLE,)

    engine = sf.StageEngine(BOOK, records=stored)
    assert engine.decide(deal(), GO, at=NOW).accepted
    assert asked == [frozenset({"visit"})]
    asked.clear()
    assert engine.review(deal(), at=NOW).forms[0].filled is sf.Verdict.YES
    assert asked == [frozenset({"visit", "lead"})]


def test_a_host_may_count_itself_what_is_missing() -> None:
    facts: dict[str, Any] = {"amount": 5_000, "form.report.missing": 1}
    host = sf.HostDeal(id="D-1", owner="li", facts=facts)
    host = ENGINE.decide(host, sf.Start(by="li"), at=NOW).require()
    told = fix(host)[0]
    assert told is not None
    assert told.startswith("the number of empty columns of “Visit report” is 1; it must be 0")
    status = ENGINE.review(host, at=NOW).forms[0]
    assert (status.filled, status.missing) == (sf.Verdict.NO, ())
    filled = replaced(
        host, facts=sf.HostDeal(id="D", facts={**facts, "form.report.missing": 0}).facts
    )
    assert ENGINE.decide(filled, GO, at=NOW).accepted
    # The record counts.
    refused = ENGINE.decide(replaced(filled, records=(visit(),)), GO, at=NOW)
    assert not refused.accepted
    assert [problem.code for problem in refused.problems] == ["said_twice"]


def test_an_opportunity_cannot_claim_it() -> None:
    claimed = sf.Opportunity(id="D-1", name="ERP", facts={"form.report.missing": 0})
    with pytest.raises(FactError) as caught:
        ENGINE.decide(claimed, sf.Start(by="li"), at=NOW)
    (problem,) = caught.value.problems
    assert problem.message == "this follows from the record CustomerVisit"


def test_a_form_does_not_depend_on_today() -> None:
    for later in (NOW, datetime(2027, 1, 1, tzinfo=UTC)):
        facts = sf.facts_of(deal(visit()), BOOK, at=later)
        assert facts["form.report.missing"] == 3
        assert "form.card.missing" not in facts


def test_a_stage_that_is_left_by_its_last_sub_stage_asks_there() -> None:
    parts = '[{"key": "one", "title": "One"}, {"key": "two", "title": "Two"}]'
    with_parts = f'"key": "talk", "sub_stages": {parts},'
    text = BOOK.to_json().replace('"key": "talk",', with_parts, 1)
    engine = sf.StageEngine(sf.Playbook.from_json(text))
    made = sf.Opportunity(id="D-1", name="ERP", amount=sf.Money("5000", "USD"))
    started = engine.decide(made, sf.Start(by="li"), at=NOW).require()
    second = engine.decide(started, GO, at=NOW).require()
    assert second.progress.position == "two"
    assert [it.key for it in engine.decide(second, GO, at=NOW).blockers] == ["report"]
