"""What a stranger broke: each small input with the right value."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

import salesflow as sf
from salesflow.domain import (
    Competitor,
    CompetitorAnalysis,
    Contract,
    NegotiationMinutes,
    ProcurementCriterion,
    ProcurementProcess,
    Record,
    Risk,
    RiskRegister,
)
from salesflow.errors import ArgumentError, FactError
from salesflow.pipeline import score_frame

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
RISKS = """
id = "t"
version = "1"
title = "T"
use_records = ["risks"]
[[stages]]
key = "a"
title = "A"
exit = [{ key = "safe", title = "Safe", rule = "risks.unanswered == 0" }]
[[stages]]
key = "b"
title = "B"
"""
REGISTER = RiskRegister(opportunity="D-1")


def started(engine: sf.StageEngine, **fields: Any) -> sf.Opportunity:
    deal = sf.Opportunity.model_validate({"id": "D-1", "name": "N", "owner": "li", **fields})
    return engine.decide(deal, sf.Start(by="li"), at=NOW).require()


# ------------------------------------------------------------------------ whose records these are


def test_a_record_of_another_deal_opens_no_gate_and_is_told() -> None:
    engine = sf.StageEngine(sf.Playbook.from_toml(RISKS))
    deal = started(engine).model_copy(update={"records": (RiskRegister(opportunity="D-2"),)})

    with pytest.raises(FactError) as caught:
        engine.decide(deal, sf.Advance(by="li"), at=NOW)
    (problem,) = caught.value.problems
    assert (problem.path, problem.code) == ("records[0]", "foreign")
    assert "is of deal 'D-2'" in problem.message
    review = engine.review(deal, at=NOW)
    assert [it.path for it in review.problems] == ["records[0]"]
    assert [it.key for it in review.blockers] == ["safe"]


def test_a_host_that_gives_records_of_another_deal_is_told_and_it_is_no_fault_of_the_request() -> (
    None
):
    other: list[Record] = [RiskRegister(opportunity="D-2")]
    engine = sf.StageEngine(sf.Playbook.from_toml(RISKS), records=lambda deal, groups: other)
    with pytest.raises(ArgumentError, match="records of other deals") as caught:
        engine.decide(started(engine), sf.Advance(by="li"), at=NOW)
    assert caught.value.status == 500


def test_what_a_host_gives_instead_of_records_is_no_fault_of_the_request() -> None:
    def nothing(deal: object, groups: object) -> Any:
        return None

    engine = sf.StageEngine(sf.Playbook.from_toml(RISKS), records=nothing)
    with pytest.raises(ArgumentError, match="must be a list of records, not None") as caught:
        engine.decide(started(engine), sf.Advance(by="li"), at=NOW)
    assert (caught.value.status, caught.value.hint) == (500, "Return a list of records.")


def test_a_fact_that_the_host_gives_is_not_explained_by_a_missing_record() -> None:
    engine = sf.StageEngine(sf.Playbook.from_toml(RISKS))
    deal = sf.HostDeal(id="D-1", facts={"risks.unanswered": 5}, progress=started(engine).progress)
    (blocker,) = engine.decide(deal, sf.Advance(by="li"), at=NOW).blockers
    assert blocker.fix.en == "the number of open risks without an answer is 5; it must be 0"


# ---------------------------------------------------------------------- what records do not know


def test_what_is_not_assessed_is_not_counted_as_harmless() -> None:
    open_ = Risk(key="fire", description="It may burn", response="accept")
    facts = sf.record_facts([RiskRegister(opportunity="D-1", risks=(open_,))])
    assert ("risks.high" in facts, facts["risks.not_assessed"]) == (False, 1)

    rivals = CompetitorAnalysis(opportunity="D-1", competitors=(Competitor(name="Rival"),))
    assert "competition.high_threats" not in sf.record_facts([rivals])

    def asks(**fields: Any) -> dict[str, Any]:
        criterion = ProcurementCriterion(title="ISO 27001", **fields)
        return sf.record_facts([ProcurementProcess(customer="Acme", criteria=(criterion,))])

    assert "procurement.knock_outs" not in asks(required=True)
    assert asks(required=True, met=True)["procurement.knock_outs"] == 0
    assert asks(required=True, met=False)["procurement.knock_outs"] == 1
    assert asks(required=False)["procurement.knock_outs"] == 0


def test_a_contract_agrees_with_the_minutes_that_it_names_or_it_is_not_known() -> None:
    price = sf.Money("10", "USD")
    contract = Contract(number="C", customer="Acme", amount=price, minutes="M-2")

    def minutes(number: str | None) -> NegotiationMinutes:
        return NegotiationMinutes(
            number=number, customer="Acme", held_on=date(2026, 1, 1), price=price
        )

    agrees = "contract.agrees_with_minutes"
    for other in (None, "M-1"):
        assert agrees not in sf.record_facts([contract, minutes(other)])
    assert sf.record_facts([contract, minutes("M-2")])[agrees] is True
    unnamed = contract.model_copy(update={"minutes": None})
    assert sf.record_facts([unnamed, minutes("M-1")])[agrees] is False  # it has to name them
    assert sf.record_facts([unnamed, minutes(None)])[agrees] is True


# ------------------------------------------------------------------------------------- columns


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"key": "risks.open"}, "key must be a name that no fact has"),
        ({"key": 5}, "key must be"),
        ({"groups": 5}, "groups must be a list"),
        ({"groups": "plan"}, "groups must be a list"),
    ],
)
def test_columns_lose_no_ids_and_take_no_text_for_a_list(given: Any, words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        sf.records.record_columns({"D-1": (REGISTER,)}, **given)


# --------------------------------------------------------------- judgements, scores, questions

BESIDE = """
id = "p"
version = "1"
title = "T"
use_records = ["risks"]
[[stages]]
key = "a"
title = "A"
exit = [{ key = "go_on", title = "Go on", decision = "fit", by = "mgr" }]
[[stages]]
key = "b"
title = "B"
exit = [{ key = "checked", title = "Checked", rule = 'track.legal == "signed"' }]
[[tracks]]
key = "legal"
title = "Legal"
  [[tracks.states]]
  key = "open"
  title = "Open"
  [[tracks.states]]
  key = "signed"
  title = "Signed"
    [[tracks.states.entry]]
    key = "lawyer"
    title = "The lawyer agrees"
    decision = "fit"
    by = "mgr"
    lapses_on = ["{fact}"]
[[checklists]]
key = "q"
title = "Q"
questions = [{ key = "x", title = "X" }]
[[scorecards]]
key = "fit"
title = "Fit"
items = [{ key = "x", rule = "q.x" }]
bands = [{ key = "no", min = 0 }, { key = "yes", min = 1 }]
"""


@pytest.mark.parametrize("fact", ["risks.open", "amount"])
def test_a_word_without_a_point_never_lands_on_what_is_settled(fact: str) -> None:
    engine = sf.StageEngine(sf.Playbook.from_toml(BESIDE.replace("{fact}", fact)))
    deal = started(engine, amount=sf.Money(5, "USD"), team={"m": "mgr"}, records=(REGISTER,))
    word = sf.Judge(by="m", role="mgr", verdict="kill")
    for settled, other in (("lawyer", "go_on"), ("go_on", "lawyer")):
        said = sf.Judge(by="m", role="mgr", point=settled, verdict="go")
        after = engine.decide(deal, said, at=NOW).require()
        decision = engine.decide(after, word, at=NOW)
        points = [getattr(event.payload, "point", None) for event in decision.events]
        assert points == [other], settled


GATEKEEPER = """
id = "p"
version = "1"
title = "T"
[[facts]]
name = "big"
kind = "flag"
[[stages]]
key = "a"
title = "A"
[[checklists]]
key = "q"
title = "Q"
questions = [
  { key = "g", title = "G" },
  { key = "sub", title = "S", when = "q.g" },
  { key = "n", title = "N", type = "scale", min = 0, max = 3, when = "big" },
]
[[scorecards]]
key = "fit"
title = "Fit"
items = [{ key = "g", rule = "q.g" }, { key = "sub", rule = "q.sub", weight = 4 }]
bands = [{ key = "no", min = 0 }, { key = "yes", min = 2 }]
[[scorecards]]
key = "net"
title = "Net"
items = [{ key = "g", rule = "q.g", weight = 5 }, { key = "n", points = "q.n", weight = -2 }]
bands = [{ key = "no", min = -6 }, { key = "yes", min = 4 }]
"""


def test_a_question_that_decides_whether_others_apply_settles_what_they_would() -> None:
    engine = sf.StageEngine(sf.Playbook.from_toml(GATEKEEPER))
    score = engine.score(started(engine), "fit", at=NOW)
    (ask,) = [it for it in score.ask_next if it.question == "q.g"]
    assert ask.if_no == score.if_answered({"q.g": "-"}).verdict == "no"
    assert ask.if_yes == score.if_answered({"q.g": "+"}).verdict


@pytest.mark.parametrize("column", [{}, {"q.n": pl.Series([None], dtype=pl.Int64)}])
def test_a_frame_counts_no_points_of_a_question_that_does_not_apply(column: Any) -> None:
    playbook = sf.Playbook.from_toml(GATEKEEPER)
    engine = sf.StageEngine(playbook)
    deal = started(engine, facts={"big": False})
    deal = engine.decide(deal, sf.Answer(by="li", question="q.g", mark="+"), at=NOW).require()
    score = engine.score(deal, "net", at=NOW)
    frame = pl.DataFrame({"id": ["D-1"], "stage": ["a"], "big": [False], "q.g": ["+"], **column})
    (row,) = score_frame(frame, playbook, "net", key="id", as_of=NOW.date()).frame.to_dicts()
    told = {name.rpartition(".")[2]: value for name, value in row.items()}
    assert (score.low, score.high, score.verdict) == (5.0, 5.0, "yes")
    assert (told["low"], told["high"], told["verdict"]) == (5.0, 5.0, "yes")


def test_one_record_is_not_taken_for_a_list_of_its_fields() -> None:
    with pytest.raises(ValueError, match=r"this is one record and no list") as caught:
        sf.Opportunity.model_validate({"id": "D-1", "name": "N", "records": REGISTER})
    assert len(caught.value.errors()) == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("words", ["\u200b", "\ufeff", "\x1f", "\u200b \u2060"])
def test_what_nobody_can_see_shows_nothing(words: str) -> None:
    with pytest.raises(ValueError, match="the words are blank"):
        sf.Attest(by="li", criterion="safe", evidence=words)


def test_a_host_is_asked_once_also_for_what_words_and_cards_rest_on() -> None:
    text = BESIDE.replace("{fact}", "risks.open").replace(
        'use_records = ["risks"]', 'use_records = ["plan", "risks"]'
    )
    text = text.replace('rule = "q.x"', 'rule = "plan.complete"')
    text = text.replace('decision = "fit"\n', 'decision = "fit"\n    note_against_score = true\n')
    asked: list[frozenset[str]] = []

    def host(deal: object, groups: frozenset[str]) -> list[Record]:
        asked.append(groups)
        return [REGISTER]

    engine = sf.StageEngine(sf.Playbook.from_toml(text), records=host)
    deal = started(engine, team={"m": "mgr"})
    asked.clear()
    engine.decide(deal, sf.Judge(by="m", role="mgr", point="lawyer", verdict="go"), at=NOW)
    assert asked == [frozenset({"plan", "risks"})]


def test_what_if_brings_tracks_up_to_date_that_decide_what_applies() -> None:
    text = """
id = "p"
version = "1"
title = "T"
[[stages]]
key = "a"
title = "A"
[[tracks]]
key = "t"
title = "T"
when = "q.g"
states = [{ key = "o", title = "O" }, { key = "z", title = "Z" }]
[[checklists]]
key = "q"
title = "Q"
questions = [
  { key = "g", title = "G" },
  { key = "p", title = "P", when = 'track.t == "o"' },
]
[[scorecards]]
key = "fit"
title = "Fit"
items = [{ key = "g", rule = "q.g" }, { key = "p", rule = "q.p", weight = 5 }]
bands = [{ key = "no", min = 0 }, { key = "go", min = 4 }]
"""
    engine = sf.StageEngine(sf.Playbook.from_toml(text))

    def answered(mark: Any) -> sf.Opportunity:
        deal = started(engine)
        for answer in (
            sf.Answer(by="li", question="q.p", mark="+"),
            sf.Answer(by="li", question="q.g", mark=mark),
        ):
            deal = engine.decide(deal, answer, at=NOW).require()
        return deal

    supposed = engine.score(answered("-"), "fit", at=NOW).if_answered({"q.g": "+"})
    real = engine.score(answered("+"), "fit", at=NOW)
    assert (supposed.low, supposed.high, supposed.verdict) == (6.0, 6.0, "go")
    assert (supposed.low, supposed.high) == (real.low, real.high)
    back = engine.score(answered("+"), "fit", at=NOW).if_answered({"q.g": "-"})
    assert (back.low, back.high, back.verdict) == (0.0, 0.0, "no")
