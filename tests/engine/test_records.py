"""The engine reads what the records of a deal say: gates, explanations, and a host's resolver."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

import salesflow as sf
from salesflow.domain import (
    Contract,
    OpportunityPlan,
    Record,
    Risk,
    RiskRegister,
)
from salesflow.domain._base.record import replaced
from salesflow.errors import ArgumentError, FactError

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

TEXT = """
id = "x"
version = "1"
title = { en = "X", zh = "某流程" }
owner_role = "rep"
use_records = ["plan", "risks", "contract"]
[[roles]]
key = "rep"
title = { en = "Rep", zh = "销售代表" }
[[roles]]
key = "boss"
title = { en = "Boss", zh = "主管" }
[[instruments]]
key = "sheet"
title = { en = "Risk sheet", zh = "风险表" }
[[size_policy]]
when = "risks.open > 3"
instruments = ["sheet"]
[[scorecards]]
key = "ready"
title = { en = "Ready", zh = "准备程度" }
items = [
  { key = "plan", rule = "plan.approved", weight = 2, title = { en = "Plan", zh = "计划" } },
  { key = "risks", rule = "risks.unanswered == 0", title = { en = "Risks", zh = "风险" } },
]
bands = [{ key = "low", min = 0, title = { en = "Low", zh = "低" } }]
[[cadences]]
key = "delivery"
title = { en = "Ask about delivery", zh = "询问交付" }
before = "contract.delivery_due_on"
ahead = { days = 7 }
[[stages]]
key = "talk"
title = { en = "Talk", zh = "洽谈" }
[[stages]]
key = "plan"
title = { en = "Plan", zh = "计划" }
  [[stages.exit]]
  key = "risks_answered"
  title = { en = "Risks are answered", zh = "风险已应对" }
  rule = "risks.unanswered == 0 and risks.open >= 1"
  [[stages.exit]]
  key = "sized"
  title = { en = "The planning is done", zh = "规划已完成" }
  instruments = true
[[stages]]
key = "sign"
title = { en = "Sign", zh = "签约" }
  [[stages.exit]]
  key = "signed"
  title = { en = "Signed", zh = "已签约" }
  rule = "contract.filing == 'filed'"
  [[stages.exit]]
  key = "price_ok"
  title = { en = "The price is fine", zh = "价格合理" }
  by = "boss"
  lapses_on = ["contract.amount", "owner"]
[[stages]]
key = "deliver"
title = { en = "Deliver", zh = "交付" }
"""
BOOK = sf.Playbook.from_toml(TEXT)
PLAIN = sf.StageEngine(BOOK)

LATE = Risk(key="late", description="Late")
ANSWERED = Risk(key="dear", description="Dear", response="accept")
OPEN = RiskRegister(opportunity="D-1", risks=(LATE, ANSWERED))
DONE = RiskRegister(opportunity="D-1", risks=(ANSWERED,))


def contract(amount: str = "100") -> Contract:
    return Contract(
        number="C-1",
        customer="Acme",
        amount=sf.Money(amount, "USD"),
        signed_on=date(2026, 3, 1),
        delivery_days=60,
        filing="filed",
    )


class Stored:
    """A resolver that keeps what it was asked for."""

    def __init__(self, *records: Record) -> None:
        self.records = records
        self.asked: list[frozenset[str]] = []

    def __call__(
        self, deal: sf.Opportunity | sf.HostDeal, groups: frozenset[str]
    ) -> Iterable[Record]:
        assert deal.id == "D-1"
        self.asked.append(groups)
        return iter(self.records)


def at(stage: str, *records: Record) -> sf.Opportunity:
    """A deal in a stage."""
    deal = sf.Opportunity(id="D-1", name="ERP", owner="li", team={"wang": "boss"})
    wanted = sf.Adopt(by="li", stage=stage, entered_on=date(2026, 3, 2))
    return replaced(PLAIN.decide(deal, wanted, at=NOW).require(), records=records)


def fixes(decision: sf.Decision[Any]) -> list[str]:
    return [blocker.fix.get("en") for blocker in decision.blockers]


def test_a_gate_opens_by_what_the_records_say() -> None:
    advance = sf.Advance(by="li")
    assert PLAIN.decide(at("plan", DONE), advance, at=NOW).accepted
    refused = PLAIN.decide(at("plan", OPEN), advance, at=NOW)
    assert fixes(refused) == [
        "the number of open risks without an answer is 1; it must be 0 (late)",
    ]
    assert refused.blockers[0].seen == {"risks.unanswered": 1.0}


def test_a_blocker_says_which_record_is_missing_in_both_languages() -> None:
    refused = PLAIN.decide(at("plan"), sf.Advance(by="li"), at=NOW)
    (first, second) = refused.blockers
    assert first.fix.en == (
        "the number of open risks without an answer is not known (no risk register on record); "
        "the number of open risks is not known (no risk register on record)"
    )
    assert (
        first.fix.zh == "未应对的风险数未知（尚无风险登记表）；未关闭的风险数未知（尚无风险登记表）"
    )
    # Whether the size asks for more is not known either, and says the same.
    assert second.fix.en == ("the number of open risks is not known (no risk register on record)")


def test_what_is_missing_in_a_record_is_said_too() -> None:
    text = TEXT.replace("risks.unanswered == 0 and risks.open >= 1", "plan.complete")
    engine = sf.StageEngine(sf.Playbook.from_toml(text))
    deal = sf.Opportunity(id="D-1", name="ERP", records=(DONE, OpportunityPlan(opportunity="D-1")))
    wanted = sf.Adopt(by="li", stage="plan", entered_on=date(2026, 3, 2))
    deal = engine.decide(deal, wanted, at=NOW).require()
    (told,) = fixes(engine.decide(deal, sf.Advance(by="li"), at=NOW))
    assert told.startswith(
        "whether the opportunity plan is complete is no; it must be yes (open: Business drivers,"
    )
    assert "and 3 more" in told


def test_the_resolver_is_asked_once_for_what_the_gate_needs() -> None:
    stored = Stored(DONE)
    engine = sf.StageEngine(BOOK, records=stored)
    assert engine.decide(at("plan"), sf.Advance(by="li"), at=NOW).accepted
    assert stored.asked == [frozenset({"risks"})]
    engine.decide(at("sign"), sf.Advance(by="li"), at=NOW)
    assert stored.asked[1:] == [frozenset({"contract"})]


def test_the_resolver_is_never_asked_where_no_rule_reads_a_record() -> None:
    stored = Stored()
    engine = sf.StageEngine(BOOK, records=stored)
    deal = sf.Opportunity(id="D-1", name="ERP", owner="li")
    started = engine.decide(deal, sf.Start(by="li"), at=NOW).require()
    assert engine.decide(started, sf.Advance(by="li"), at=NOW).accepted
    assert stored.asked == []


def test_a_playbook_without_records_never_asks() -> None:
    stored = Stored()
    text = 'id="y"\nversion="1"\ntitle="Y"\n[[stages]]\nkey="a"\ntitle="A"\n'
    engine = sf.StageEngine(sf.Playbook.from_toml(text), records=stored)
    deal = engine.decide(sf.Opportunity(id="D-1", name="x"), sf.Start(by="li"), at=NOW).require()
    engine.review(deal, at=NOW)
    engine.available(deal, by="li", at=NOW)
    assert stored.asked == []


@pytest.mark.parametrize("call", ["review", "available", "score", "due", "facts_of"])
def test_every_call_asks_once(call: str) -> None:
    stored = Stored(DONE, contract())
    engine = sf.StageEngine(BOOK, records=stored)
    deal = at("plan")
    match call:
        case "review":
            review = engine.review(deal, at=NOW)
            assert review.blockers == ()
            assert review.due[0].due_on == date(2026, 4, 23)
            assert len(stored.asked) == 1  # before anybody looks at the rest
            assert review.model_dump()["problems"] == ()
        case "available":
            found = engine.available(deal, by="li", at=NOW)
            assert any(item.kind is sf.Advance and item.allowed for item in found)
        case "score":
            assert engine.score(deal, "ready", at=NOW).low == 1
        case "due":
            assert engine.due(deal, at=NOW)[0].due_on == date(2026, 4, 23)
        case _:
            facts = sf.facts_of(deal, BOOK, at=NOW, records=stored)
            assert facts["risks.open"] == 1
            assert not any(">" in name for name in facts)
    assert len(stored.asked) == 1


def test_what_the_deal_has_counts_beside_what_the_resolver_gives() -> None:
    engine = sf.StageEngine(BOOK, records=Stored(OPEN, DONE))
    assert len(engine.decide(at("plan", DONE), sf.Advance(by="li"), at=NOW).blockers) == 1


def test_a_retry_asks_nothing() -> None:
    stored = Stored(DONE)
    engine = sf.StageEngine(BOOK, records=stored)
    wanted = sf.Advance(by="li", command_id="1")
    deal = engine.decide(at("plan"), wanted, at=NOW).require()
    stored.asked.clear()
    assert engine.decide(deal, wanted, at=NOW).duplicate
    assert stored.asked == []


def test_what_a_resolver_gives_is_checked_and_what_it_raises_passes_through() -> None:
    def no_records(_deal: object, _groups: frozenset[str]) -> Any:
        return [sf.Contact(name="Zhang")]

    def one_record(_deal: object, _groups: frozenset[str]) -> Any:
        return OPEN

    def fails(_deal: object, _groups: frozenset[str]) -> Any:
        raise ConnectionError("no database")

    deal = at("plan")
    with pytest.raises(ArgumentError, match=r"records\(…\)\[0\]: a Contact says no facts"):
        sf.StageEngine(BOOK, records=no_records).decide(deal, sf.Advance(by="li"), at=NOW)
    with pytest.raises(ArgumentError, match=r"records\(…\) must be a list of records, not a Risk"):
        sf.StageEngine(BOOK, records=one_record).decide(deal, sf.Advance(by="li"), at=NOW)
    with pytest.raises(ConnectionError, match="no database"):
        sf.StageEngine(BOOK, records=fails).decide(deal, sf.Advance(by="li"), at=NOW)
    with pytest.raises(ArgumentError, match="records must be a function"):
        sf.StageEngine(BOOK, records=[OPEN])  # type: ignore[arg-type]  # wrong on purpose


def stored_elsewhere(_deal: object, _groups: frozenset[str]) -> Iterable[Record]:
    return (DONE,)


def test_an_engine_with_a_resolver_travels_and_engines_take_one_for_all() -> None:
    engine = sf.StageEngine(BOOK, records=stored_elsewhere)
    again = pickle.loads(pickle.dumps(engine))  # noqa: S301 - our own
    assert again.decide(at("plan"), sf.Advance(by="li"), at=NOW).accepted
    engines = sf.Engines([BOOK], records=stored_elsewhere)
    assert engines.decide(at("plan"), sf.Advance(by="li"), at=NOW).accepted


def test_a_word_lapses_when_the_record_says_something_else() -> None:
    deal = at("sign", contract())
    said = sf.Attest(by="wang", role="boss", criterion="price_ok")
    deal = PLAIN.decide(deal, said, at=NOW).require()
    assert deal.progress.attestations[0].seen == {"contract.amount": 100.0, "owner": "li"}
    assert PLAIN.decide(deal, sf.Advance(by="li"), at=NOW).accepted
    dearer = replaced(deal, records=(contract("120"),))
    refused = PLAIN.decide(dearer, sf.Advance(by="li"), at=NOW)
    assert [blocker.key for blocker in refused.blockers] == ["price_ok"]
    assert "120" in refused.blockers[0].fix.get("en")


def test_the_size_policy_reads_records() -> None:
    many = tuple(replaced(ANSWERED, key=f"r{number}") for number in range(4))
    register = RiskRegister(opportunity="D-1", risks=many)
    refused = PLAIN.decide(at("plan", register), sf.Advance(by="li"), at=NOW)
    assert [blocker.because[0].key for blocker in refused.blockers] == ["sheet"]


def test_an_opportunity_gives_these_facts_by_its_records_alone() -> None:
    deal = sf.Opportunity(id="D-1", name="ERP", facts={"risks.unanswered": 0})
    with pytest.raises(FactError) as caught:
        PLAIN.decide(deal, sf.Start(by="li"), at=NOW)
    (problem,) = caught.value.problems
    assert problem.message == "this follows from the record RiskRegister"
    assert problem.hint == "give the deal the record: records=(RiskRegister(…),)"
    stale = replaced(at("plan"), facts={"risks.unanswered": 0, "risks.open": 2})
    refused = PLAIN.decide(stale, sf.Advance(by="li"), at=NOW)
    assert not refused.accepted
    assert {problem.code for problem in refused.problems} == {"derived"}


def test_a_host_may_give_them_itself_and_the_record_counts() -> None:
    facts: dict[str, Any] = {"risks.unanswered": 0, "risks.open": 2}
    deal = sf.HostDeal(id="D-1", owner="li", facts=facts)
    wanted = sf.Adopt(by="li", stage="plan", entered_on=date(2026, 3, 2))
    deal = PLAIN.decide(deal, wanted, at=NOW).require()
    assert PLAIN.decide(deal, sf.Advance(by="li"), at=NOW).problems == ()
    assert PLAIN.decide(deal, sf.Advance(by="li"), at=NOW).accepted
    both = replaced(deal, records=(OPEN,))
    refused = PLAIN.decide(both, sf.Advance(by="li"), at=NOW)
    assert not refused.accepted
    told = {problem.path: problem.severity for problem in refused.problems}
    assert told == {"facts.risks.unanswered": "warning", "facts.risks.open": "warning"}
    assert {it.code for it in PLAIN.review(both, at=NOW).problems} == {"said_twice"}
    assert {it.code for it in PLAIN.score(both, "ready", at=NOW).problems} == {"said_twice"}


def test_a_day_of_a_record_does_not_depend_on_today() -> None:
    deal = at("sign", contract())
    for later in (NOW, NOW + timedelta(days=400)):
        facts = sf.facts_of(deal, BOOK, at=later)
        assert facts["contract.delivery_due_on"] == date(2026, 4, 30)


def test_what_the_resolver_gives_stands_beside_what_the_deal_has_of_another_group() -> None:
    deal = at("sign", contract())

    facts = sf.facts_of(deal, BOOK, at=NOW, records=Stored(OPEN))

    assert (facts["contract.amount"], facts["risks.open"]) == (100, 2)
