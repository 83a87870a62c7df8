"""The flagship by records: a deal goes the whole way, and people attest only what none can know."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import polars as pl
import pytest

import salesflow as sf
from salesflow.domain import Record, Risk, RiskRegister, Tier
from salesflow.pipeline import Counts
from salesflow.text import Language
from tests.playbooks.case_records import cases_of

PLAYBOOK: Final = sf.load_playbook("optimized_sales_process")
ENGINE: Final = sf.StageEngine(PLAYBOOK)
START: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PAGE: Final = Path(__file__).parents[2] / "docs" / "playbooks" / "optimized_sales_process.md"
LANGUAGES: Final[tuple[Language, ...]] = ("en", "zh")

# Of each position, the groups whose records open its gate, and the criteria and instruments that
# wait for them.
GATES: Final[dict[str, dict[str, set[str]]]] = {
    "territory_account_plan": {
        "territory": {
            "plan_written",
            "key_accounts_listed",
            "partners_assessed",
            "plan_presented",
            "territory_plan_approved",
        }
    },
    "demand_generation": {"procurement": {"procurement_and_budget_clear"}},
    "opportunity_plan": {
        "plan": {"strategy_and_actions_set", "instruments_complete", "win_plan_approved"}
    },
    "executive_sponsorship": {"people": {"inside_supporter_developed"}},
    "opportunity_assessment": {
        "solution": {"value_shown_with_data"},
        "risks": {"assessment_risks_countered"},
        "plan": {"win_plan_updated"},
    },
    "technical_win": {},
    "business_agreement": {},
    "commercial_negotiation": {},
    "order": {},
    "contract_and_paperwork": {"contract": {"contract_received"}},
    "booking": {},
    "account_expansion": {"territory": {"account_plan_updated"}},
}


def deal_of(amount: int, tier: Tier, *records: Record) -> sf.Opportunity:
    return sf.Opportunity(
        id="D-1",
        name="Core banking",
        owner="li.wei",
        account=sf.Account(name="Acme", tier=tier),
        amount=sf.Money(amount, "USD"),
        expected_close_on=date(2026, 12, 31),
        records=records,
    )


def do(deal: sf.Opportunity, *commands: sf.Command, at: datetime) -> sf.Opportunity:
    for command in commands:
        deal = ENGINE.decide(deal, command, at=at).require()
    return deal


def with_words(deal: sf.Opportunity, at: datetime) -> sf.Opportunity:
    """Everything that only people know is said; no record is touched."""
    for status in ENGINE.review(deal, at=at).criteria:
        item = status.criterion
        if item.kind == "attested" and not item.advisory:
            evidence = "in the files" if item.evidence == "required" else None
            word = sf.Attest(by="li.wei", role=item.by, criterion=item.key, evidence=evidence)
            deal = do(deal, word, at=at)
        elif item.kind == "decision":
            for question in PLAYBOOK.questions:
                answer = sf.Answer(by="li.wei", question=question, mark="+")
                deal = do(deal, answer, at=at)
            go = sf.Judge(by="wang.fang", role="sales_manager", verdict="go", point=item.key)
            deal = do(deal, go, at=at)
    return deal


def sound(name: str, at: datetime) -> Record:
    """The record of that name in the cases, which is in order, as it is on a day."""
    return cases_of(PLAYBOOK.id).record(name, at.date())


def with_new(deal: sf.Opportunity, new: Iterable[Record]) -> sf.Opportunity:
    """The deal with new records, each in the place of those of its class."""
    new = tuple(new)
    classes = {type(item) for item in new}
    kept = (item for item in deal.records if type(item) not in classes)
    return deal.model_copy(update={"records": (*kept, *new)})


def refused(deal: sf.Opportunity, at: datetime) -> set[str]:
    return {it.key for it in ENGINE.decide(deal, sf.Advance(by="li.wei"), at=at).blockers}


def travelled(amount: int, tier: Tier) -> list[tuple[str, sf.Opportunity, datetime]]:
    """The deal as it enters each position, by records and words."""
    at = START
    deal = do(deal_of(amount, tier), sf.Start(by="li.wei"), at=at)
    way = []
    for position, needs in GATES.items():
        assert position in (deal.progress.stage, deal.progress.sub_stage)
        way.append((position, deal, at))
        deal = with_words(deal, at)
        deal = with_new(deal, (sound(group, at) for group in needs))
        at += timedelta(days=20)
        if position == "opportunity_assessment":
            at -= timedelta(days=20)
        deal = do(deal, sf.Advance(by="li.wei"), at=at)
    assert deal.progress.ended
    return [*way, ("end", deal, at)]


WAY: Final = travelled(900_000, "strategic")


def test_a_strategic_deal_is_won_and_developed_with_records_alone() -> None:
    _, deal, _ = WAY[-1]

    assert (deal.progress.outcome, deal.progress.ended) == ("won", True)
    attested = {
        item.key
        for item in PLAYBOOK.criteria.values()
        if item.kind == "attested" and not item.advisory
    }
    assert {said.criterion for said in deal.progress.attestations} == attested
    assert not deal.progress.completions


@pytest.mark.parametrize(("position", "deal", "at"), WAY[:-1], ids=[it[0] for it in WAY[:-1]])
def test_without_its_records_a_gate_refuses_and_with_them_it_opens(
    position: str, deal: sf.Opportunity, at: datetime
) -> None:
    needs = GATES[position]
    later = at + timedelta(days=1)
    said = with_words(deal, later)
    waiting = set[str]().union(*needs.values())

    assert refused(said, later) == waiting
    for group in needs:
        others = (sound(key, later) for key in needs if key != group)
        assert refused(with_new(said, others), later) == needs[group]
    whole = with_new(said, (sound(group, later) for group in needs))
    assert refused(whole, later) == set()


def fixes(deal: sf.Opportunity, key: str, at: datetime, lang: Language) -> list[str]:
    """What the blocker of a criterion says, in one language."""
    (found,) = (it for it in ENGINE.review(deal, at=at).blockers if it.key == key)
    told = found.because or (found,)
    return [it.fix.get(lang) for one in told for it in one.because or (one,)]


def entered(position: str) -> tuple[sf.Opportunity, datetime]:
    return next((deal, at) for key, deal, at in WAY if key == position)


def test_a_blocker_names_the_record_that_is_missing() -> None:
    deal, at = entered("demand_generation")
    en, zh = (fixes(deal, "procurement_and_budget_clear", at, lang) for lang in LANGUAGES)
    assert en[0] == (
        "the number of steps of the procurement process is not known "
        "(no procurement process on record)"
    )
    assert "尚无采购流程" in zh[0]

    deal, at = entered("executive_sponsorship")
    en, zh = (fixes(deal, "inside_supporter_developed", at, lang) for lang in LANGUAGES)
    assert "no relationship map on record" in en[0]
    assert "尚无客户关系图" in zh[0]


def test_a_blocker_names_what_is_missing_in_the_record() -> None:
    deal, at = entered("opportunity_assessment")
    late = Risk(key="late_building", description="The computer room is late")
    deal = with_new(deal, [RiskRegister(opportunity="D-1", risks=(late,))])
    en, zh = (fixes(deal, "assessment_risks_countered", at, lang) for lang in LANGUAGES)
    assert en == ["the number of open risks without an answer is 1; it must be 0 (late_building)"]
    assert "未应对的风险数" in zh[0]
    assert "late_building" in zh[0]

    deal, at = entered("opportunity_plan")
    plan = sound("plan", at).model_copy(
        update={"policy_factors": None, "approved_by": None, "approved_on": None}
    )
    deal = with_new(deal, [plan])
    en, zh = (fixes(deal, "instruments_complete", at, lang) for lang in LANGUAGES)
    assert any("Policy factors" in line for line in en)
    assert any("政策因素" in line for line in zh)
    assert refused(with_words(deal, at), at) == {"instruments_complete", "win_plan_approved"}


def test_three_pages_do_not_do_for_a_strategic_account() -> None:
    deal, at = entered("opportunity_plan")
    deal = with_new(with_words(deal, at), [sound("opportunity_plan", at)])

    assert refused(deal, at) == {"instruments_complete"}


def test_a_new_risk_closes_the_gate_of_step_6_again() -> None:
    deal, at = entered("business_agreement")
    deal = with_words(deal, at)
    assert refused(deal, at) == set()

    late = Risk(key="late_building", description="The computer room is late")
    worse = with_new(deal, [RiskRegister(opportunity="D-1", risks=(late,))])

    assert refused(worse, at) == {"validation_risks_countered"}


@pytest.mark.parametrize(("position", "deal", "at"), WAY[1:], ids=[it[0] for it in WAY[1:]])
def test_as_a_row_of_a_frame_it_gets_the_same_verdicts(
    position: str, deal: sf.Opportunity, at: datetime
) -> None:
    facts = sf.facts_of(deal, PLAYBOOK, at=at)
    columns = sf.records.record_columns({"D-1": deal.records}, groups=PLAYBOOK.use_records)
    others = {name: [value] for name, value in facts.items() if name not in columns}
    frame = pl.DataFrame({**others, **columns}, strict=False)

    report = sf.check_pipeline(frame, PLAYBOOK, key="opportunity_id", as_of=at.date())

    left = [key for key, *_ in WAY[: [it[0] for it in WAY].index(position)]]
    asked = [item for place in left for item in PLAYBOOK.position(place).exit]
    # What depends on today, or on when the deal came to where it was, held then and is not asked
    # again; what is advised only, and nobody said, has no column.
    then = ("today", "entered_stage_on")
    asked = [item for item in asked if not any(word in str(item.rule) for word in then)]
    asked = [item for item in asked if item.kind != "attested" or not item.advisory]
    assert asked
    for item in asked:
        (count,) = (
            it
            for name, it in report.counts.items()
            if name.startswith("exit.") and name.endswith(f".{item.key}")
        )
        applies = item.when is None or item.when.verdict(facts, at.date()) is sf.Verdict.YES
        verdict = item.check_rule.verdict(facts, at.date())
        assert count == (counted(verdict) if applies else counted(None)), item.key
        assert item.advisory or not applies or verdict is sf.Verdict.YES, item.key


def counted(verdict: sf.Verdict | None) -> Counts:
    return Counts(
        yes=int(verdict is sf.Verdict.YES),
        no=int(verdict is sf.Verdict.NO),
        unknown=int(verdict is sf.Verdict.UNKNOWN),
    )


def test_an_ordinary_deal_passes_without_plans_to_win() -> None:
    at = START
    deal = do(
        deal_of(20_000, "regular", sound("territory", at)),
        sf.Start(by="li.wei", stage="demand_generation"),
        at=at,
    )
    for position, needs in list(GATES.items())[1:]:
        assert position in (deal.progress.stage, deal.progress.sub_stage)
        deal = with_words(deal, at)
        deal = with_new(deal, (sound(group, at) for group in needs if group != "plan"))
        deal = do(deal, sf.Advance(by="li.wei"), at=at)

    assert (deal.progress.outcome, deal.progress.ended) == ("won", True)
    assert "OpportunityPlan" not in {type(item).__name__ for item in deal.records}


# What stays attested


def test_the_page_lists_what_is_only_attested_with_the_reason() -> None:
    text = PAGE.read_text(encoding="utf-8")
    part = text.partition("## What is only attested")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| ((?:`[a-z0-9_]+`(?:, )?)+) \| (.+) \|$", part, re.MULTILINE)
    keys = [key for cell, _ in listed for key in re.findall(r"`([a-z0-9_]+)`", cell)]

    assert sorted(keys) == sorted(
        item.key for item in PLAYBOOK.criteria.values() if item.kind == "attested"
    )
    assert len(listed) >= 8
    assert all(reason.startswith("only attested, because ") for _, reason in listed)


def test_no_comment_of_the_file_waits_for_records_any_more() -> None:
    content = (Path(sf.__file__).parent / "playbooks" / "optimized_sales_process.toml").read_text(
        encoding="utf-8"
    )

    assert not [line for line in content.splitlines() if "# records:" in line]
