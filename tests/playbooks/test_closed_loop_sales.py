"""Closed-loop sales says what its document says: six stages, four tables, the clocks, the loop."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib.resources import as_file, files
from itertools import product
from typing import get_args

import pytest

import salesflow as sf
from salesflow.domain import (
    AcceptanceReport,
    Contract,
    FilingStatus,
    LeadProfile,
    Solution,
)
from salesflow.domain._base.record import Level
from salesflow.playbook import Criterion, Playbook, Stage, lint_file
from tests.playbooks.case_records import cases_of

FILES = files("salesflow.playbooks")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STAGES = (
    "customer_development",
    "needs_discovery",
    "solution_design",
    "negotiation",
    "contract_signing",
    "after_sales",
)


@pytest.fixture(scope="module")
def playbook() -> Playbook:
    with as_file(FILES / "closed_loop_sales.toml") as path:
        return Playbook.from_file(path)


def criteria(stage: Stage, *, advisory: bool = False) -> list[Criterion]:
    parts = [part.exit for part in stage.sub_stages]
    return [item for gate in (*parts, stage.exit) for item in gate if item.advisory is advisory]


def texts(value: object) -> Iterator[dict[str, str]]:
    """Every bilingual text of a playbook as JSON, however deep."""
    if isinstance(value, dict):
        if value.keys() <= {"en", "zh"} and value:
            yield value
        else:
            for inner in value.values():
                yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


# The file


def test_the_lint_finds_nothing_at_all() -> None:
    with as_file(FILES / "closed_loop_sales.toml") as path:
        assert lint_file(path) == ()


def test_every_text_is_in_plain_english_and_in_simplified_chinese(playbook: Playbook) -> None:
    found = list(texts(json.loads(playbook.to_json())))

    assert len(found) > 200
    for text in found:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in text["zh"]), text
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in text["en"]), text
        assert not set(text["zh"]) & set("銷過項準時間復確認錄開發維護節單"), text


def test_there_are_at_least_fifteen_cases() -> None:
    assert len(cases_of("closed_loop_sales").cases) >= 15


# The stages, the loop and the way back


def test_there_are_six_stages_in_the_order_of_the_document(playbook: Playbook) -> None:
    assert tuple(stage.key for stage in playbook.stages) == STAGES


def test_every_stage_has_goal_source_criteria_duties_deliverables_and_methods(
    playbook: Playbook,
) -> None:
    for stage in playbook.stages:
        assert criteria(stage), stage.key
        assert stage.goal is not None
        assert stage.source is not None
        assert stage.duties["sales_rep"]
        assert stage.deliverables
        assert stage.guidance.methods
        assert stage.guidance.tools


def test_parts_stand_only_where_a_clock_starts(playbook: Playbook) -> None:
    parts = {stage.key: [part.key for part in stage.sub_stages] for stage in playbook.stages}

    assert {key: part for key, part in parts.items() if part} == {
        "needs_discovery": ["interview", "requirements"],
        "after_sales": ["delivery", "satisfaction_survey", "long_term_care"],
    }


def test_further_purchases_and_referrals_open_a_new_lead(playbook: Playbook) -> None:
    (loop,) = playbook.loops

    assert (loop.source, loop.target) == ("long_term_care", "customer_development")
    assert loop.new_deal
    assert playbook.next_of("long_term_care") is None


def test_the_loop_is_no_way_of_the_deal_itself(playbook: Playbook) -> None:
    assert not any(move.new_deal for move in playbook.moves)
    assert [move.target for move in playbook.moves_from("long_term_care")] == ["ended"]


def test_a_rejected_solution_returns_to_its_design(playbook: Playbook) -> None:
    on, back = playbook.moves_from("negotiation")

    assert on.target == "contract_signing"
    assert back.target == "solution_design"
    assert [item.key for item in back.criteria] == ["rejection_recorded"]


def test_nothing_else_goes_beside_the_ordinary_way(playbook: Playbook) -> None:
    policy = playbook.policy

    for permission in (
        policy.skip,
        policy.back,
        policy.reopen,
        policy.start_later,
        policy.waive,
    ):
        assert not permission.allowed


def test_the_signed_contract_wins_and_care_follows(playbook: Playbook) -> None:
    assert [stage.key for stage in playbook.stages if stage.wins] == ["contract_signing"]
    assert playbook.next_of("contract_signing") == "delivery"


def test_the_diagram_shows_every_stage_in_both_languages(playbook: Playbook) -> None:
    for stage in playbook.stages:
        assert stage.title.get("en") in playbook.diagram("en")
        assert stage.title.get("zh") in playbook.diagram("zh")


# What the stages ask for


@pytest.mark.parametrize(
    ("stage", "required"),
    [
        (
            "customer_development",
            [
                "lead_recorded",
                "lead_screened",
                "customer_filed",
                "first_contact_owner_named",
                "communication_plan_made",
            ],
        ),
        (
            "needs_discovery",
            [
                "background_studied",
                "open_questions_prepared",
                "present_pain_known",
                "expected_goal_known",
                "budget_range_known",
                "decision_process_known",
                "requirements_listed",
                "requirements_confirmed",
                "risks_have_a_response",
                "requirement",
            ],
        ),
        (
            "solution_design",
            [
                "solution_made_to_the_needs",
                "advantages_quantified",
                "internal_review",
                "solution_presented",
                "time_for_questions_kept",
                "feedback_recorded",
            ],
        ),
        (
            "negotiation",
            [
                "objections_prepared",
                "price_agreed",
                "payment_agreed",
                "delivery_standard_agreed",
                "after_sales_agreed",
                "liability_agreed",
                "minutes_confirmed",
                "decision_makers_and_dates_known",
            ],
        ),
        (
            "contract_signing",
            [
                "contract_drafted",
                "contract_matches_minutes",
                "contract_review",
                "contract_signed",
                "customer_contact_named",
                "delivery_team_named",
                "delivery_dates_set",
                "kick_off_held",
                "kick_off_agreed",
                "contract",
            ],
        ),
        (
            "after_sales",
            [
                "delivered",
                "delivered_on_time",
                "satisfaction_known",
                "suggestions_recorded",
                "repeat_business_explored",
                "referral_asked_for",
            ],
        ),
    ],
)
def test_each_stage_asks_for_what_the_document_lists(
    playbook: Playbook, stage: str, required: list[str]
) -> None:
    assert [item.key for item in criteria(playbook.stage(stage))] == required


@pytest.mark.parametrize(
    ("key", "fact", "record", "reviewers"),
    [
        (
            "internal_review",
            "review.approved_by_all",
            Solution(title="S"),
            ("sales_lead", "product_manager", "technical_expert"),
        ),
        (
            "contract_review",
            "contract.reviewed_by_all",
            Contract(number="C", customer="A", amount=sf.Money("1", "CNY")),
            ("sales_lead", "legal", "finance"),
        ),
    ],
)
def test_two_reviews_take_three_roles_each_and_all_of_them(
    playbook: Playbook,
    key: str,
    fact: str,
    record: Solution | Contract,
    reviewers: tuple[str, ...],
) -> None:
    item = playbook.criteria[key]

    assert item.rule is not None
    assert fact in item.rule.facts
    assert item.by == "sales_lead"
    assert record.missing_reviews == reviewers
    assert set(reviewers) <= set(playbook.roles)
    assert sf.record_facts([record])[fact] is False


def test_legal_drafts_the_contract_and_the_delivery_team_delivers(playbook: Playbook) -> None:
    by = {item.key: item.by for stage in playbook.stages for item in criteria(stage)}

    assert by["contract_drafted"] == "legal"
    assert by["contract_matches_minutes"] == "legal"
    assert by["delivered"] == "delivery_team"


def test_every_role_has_a_duty_somewhere(playbook: Playbook) -> None:
    assert {role for stage in playbook.stages for role in stage.duties} == set(playbook.roles)


# Leads


def lead(playbook: Playbook, profile: LeadProfile) -> sf.Opportunity:
    """A lead whose screening says what a record says; what that leaves open is a question mark."""
    engine = sf.StageEngine(playbook)
    deal = sf.Opportunity(id="D-1", name="A lead", owner="li.wei")
    deal = engine.decide(deal, sf.Start(by="li.wei"), at=NOW).require()
    for factor, level in profile:
        said = {"mark": "?"} if level is None else {"value": level}
        answer = {"by": "li.wei", "question": f"lead_screening.{factor}", **said}
        deal = engine.decide(deal, sf.Answer.model_validate(answer), at=NOW).require()
    return deal


def test_a_lead_is_graded_by_a_card_that_says_that_it_is_a_reading(playbook: Playbook) -> None:
    card = playbook.scorecards["lead_grade"]

    assert card.reading
    assert card.source is not None
    assert [item.key for item in card.items if item.knock_out] == [
        "industry_fit",
        "pain_point",
        "means",
    ]
    assert [(band.key, band.min) for band in card.bands] == [("low", 0), ("medium", 3), ("high", 4)]
    assert card.total == 4


@pytest.mark.parametrize("industry", [*get_args(Level), None])
def test_card_and_table_grade_every_lead_alike(playbook: Playbook, industry: Level | None) -> None:
    engine = sf.StageEngine(playbook)
    for pain, budget, chain in product((*get_args(Level), None), repeat=3):
        profile = LeadProfile(
            industry_fit=industry, pain_point=pain, budget_size=budget, decision_chain=chain
        )

        graded = engine.score(lead(playbook, profile), "lead_grade", at=NOW)

        assert graded.verdict == (profile.grade().result or "undecided"), profile


def test_a_lead_without_a_pain_point_has_one_grade_and_it_is_low(playbook: Playbook) -> None:
    profile = LeadProfile(
        industry_fit="high", pain_point="low", budget_size="high", decision_chain="high"
    )
    scored = sf.StageEngine(playbook).score(lead(playbook, profile), "lead_grade", at=NOW)

    assert (profile.grade().result, scored.verdict) == ("low", "low")


def test_a_response_to_risks_is_asked_for_where_one_is_named(playbook: Playbook) -> None:
    good = LeadProfile(
        industry_fit="high", pain_point="high", budget_size="high", decision_chain="high"
    )

    def asked(profile: LeadProfile, vague: bool | None) -> sf.Verdict:
        deal = lead(playbook, profile)
        facts = {} if vague is None else {"needs.vague": vague}
        found = sf.facts_of(deal.model_copy(update={"facts": facts}), playbook, at=NOW)
        when = playbook.criteria["risks_have_a_response"].when
        assert when is not None
        return when.verdict(found)

    assert asked(good, vague=False) is sf.Verdict.NO
    assert asked(good, vague=True) is sf.Verdict.YES
    assert asked(good, vague=None) is sf.Verdict.NO
    for risky in ({"budget_size": "low"}, {"decision_chain": "low"}):
        assert asked(good.model_copy(update=risky), vague=False) is sf.Verdict.YES


# Clocks


def test_the_clocks_are_those_of_the_document(playbook: Playbook) -> None:
    clocks = {}
    for item in playbook.cadences:
        span = item.every or item.within or item.ahead
        assert span is not None
        how = "every" if item.every else "within" if item.within else "ahead"
        amounts = {
            unit: getattr(span, unit)
            for unit in ("hours", "weeks", "months")
            if getattr(span, unit)
        }
        clocks[item.key] = (item.stages, item.trigger, how, amounts)

    entered = "stage_entered"
    assert clocks == {
        "tables_up_to_date": ((), "changed", "within", {"hours": 24}),
        "requirements_after_interview": (("requirements",), entered, "within", {"hours": 24}),
        "weekly_progress": (("delivery",), entered, "every", {"weeks": 1}),
        "delivery_due_soon": (("delivery",), entered, "ahead", {"weeks": 1}),
        "survey_after_delivery": (("satisfaction_survey",), entered, "within", {"weeks": 1}),
        "monthly_contact": (("long_term_care",), entered, "every", {"months": 1}),
        "quarterly_contact": (("long_term_care",), entered, "every", {"months": 3}),
    }


# Tables


@pytest.mark.parametrize(
    ("form", "columns"),
    [
        (
            "customer_tracking",
            (
                "客户名称 行业 企业规模 联系人 职务 联系方式 线索来源 开发阶段 负责人 "
                "首次接触时间 预计成交时间 备注"
            ),
        ),
        (
            "stage_progress",
            "客户名称 当前阶段 阶段开始时间 预计完成时间 已完成动作 待办事项 风险点 负责人",
        ),
        (
            "requirement",
            "客户名称 需求类型 具体需求描述 优先级 客户痛点 解决方案方向 确认人 确认时间",
        ),
        (
            "contract",
            (
                "合同编号 客户名称 合同金额（万元） 签订日期 付款方式 交付周期 "
                "主要条款（如服务范围） 负责人 归档状态"
            ),
        ),
    ],
)
def test_the_four_tables_have_exactly_the_columns_of_the_document(
    playbook: Playbook, form: str, columns: str
) -> None:
    forms = {item.key: item for stage in playbook.stages for item in stage.forms}

    assert [field.zh for field in forms[form].fields] == columns.split()


def test_the_filing_status_has_every_value_of_the_record(playbook: Playbook) -> None:
    assert "contract" in playbook.use_records
    assert playbook.facts["contract.filing"].choices == get_args(FilingStatus)


def test_the_interview_has_notes_for_four_kinds_of_information(playbook: Playbook) -> None:
    forms = {item.key: item for item in playbook.stage("needs_discovery").forms}

    assert [field.en for field in forms["interview_notes"].fields] == [
        "Present pain points",
        "Expected goal",
        "Budget range",
        "Decision process",
        "The customer's own words",
    ]


# The delivery


def test_a_delivery_that_comes_too_late_does_not_pass_in_silence(playbook: Playbook) -> None:
    engine = sf.StageEngine(playbook)
    contract = Contract(
        number="HT20240401",
        customer="Acme",
        amount=sf.Money("850000", "CNY"),
        signed_on=date(2024, 5, 20),
        delivery_days=60,
    )
    due_on = contract.delivery_due_on
    assert due_on == date(2024, 7, 19)
    late = AcceptanceReport(
        contract="HT20240401",
        customer="Acme",
        accepted_by="Zhang",
        accepted_on=date(2025, 5, 20),
    )
    deal = sf.Opportunity(id="D-1", name="A contract", owner="li.wei", records=(contract, late))
    adopt = sf.Adopt(by="li.wei", stage="delivery", entered_on=date(2024, 6, 1), outcome="won")
    deal = engine.decide(deal, adopt, at=NOW).require()

    (blocker,) = engine.decide(deal, sf.Advance(by="li.wei"), at=NOW).blockers

    assert (blocker.key, blocker.verdict) == ("delivered_on_time", sf.Verdict.NO)


def test_the_day_of_delivery_is_announced_a_week_ahead(playbook: Playbook) -> None:
    engine = sf.StageEngine(playbook)
    contract = Contract(
        number="C-1",
        customer="Acme",
        amount=sf.Money("850000", "CNY"),
        signed_on=date(2026, 1, 19),
        delivery_days=60,
    )
    deal = sf.Opportunity(id="D-1", name="A contract", owner="li.wei", records=(contract,))
    adopt = sf.Adopt(by="li.wei", stage="delivery", entered_on=NOW.date(), outcome="won")
    deal = engine.decide(deal, adopt, at=NOW).require()

    due = {item.key: item.due_at for item in engine.due(deal, at=NOW)}

    found = due["delivery_due_soon"]
    assert found is not None
    assert found.date() == date(2026, 3, 13)


# Readings


def test_what_is_ours_is_told_in_the_playbook(playbook: Playbook) -> None:
    assert playbook.policy.reading
    assert all(reason.reading for reason in playbook.reasons.values())
    assert playbook.criteria["first_contact_owner_named"].reading
    assert playbook.criteria["first_contact_owner_named"].by == "sales_rep"
    assert playbook.stage("after_sales").duties_by_reading == ("delivery_team",)
    assert any("draft" in text.get("en") for text in playbook.readings)


# The samples of the document


@pytest.mark.parametrize(
    ("number", "amount", "signed_on", "filing", "filed"),
    [
        ("HT20240401", "850000", date(2024, 5, 20), "filed", sf.Verdict.YES),
        ("HT20240402", "1200000", None, "in_review", sf.Verdict.NO),
        ("HT20240403", "1200000", None, "draft", sf.Verdict.NO),
    ],
)
def test_of_the_two_sample_contracts_one_is_filed_and_a_draft_is_not(
    playbook: Playbook,
    number: str,
    amount: str,
    signed_on: date | None,
    filing: FilingStatus,
    filed: sf.Verdict,
) -> None:
    engine = sf.StageEngine(playbook)
    contract = Contract(
        number=number,
        customer="Acme",
        amount=sf.Money(amount, "CNY"),
        signed_on=signed_on,
        filing=filing,
    )
    deal = sf.Opportunity(id="D-1", name="A contract", owner="li.wei", records=(contract,))
    adopt = sf.Adopt(by="li.wei", stage="contract_signing", entered_on=NOW.date())
    review = engine.review(engine.decide(deal, adopt, at=NOW).require(), at=NOW)
    verdicts = {item.criterion.key: item.verdict for item in review.criteria}

    assert verdicts["contract_filed"] is filed
    assert "contract_filed" not in {blocker.key for blocker in review.blockers}
