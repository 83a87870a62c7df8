"""The flagship playbook says what its document says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.resources import as_file, files
from itertools import pairwise

import pytest

import salesflow as sf
from salesflow.domain import Contact
from salesflow.playbook import Criterion, Playbook
from salesflow.text import Text

FILES = files("salesflow.playbooks")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STEPS = (
    "territory_account_plan",
    "demand_generation",
    "opportunity_plan",
    "executive_sponsorship",
    "opportunity_assessment",
    "opportunity_validation",
    "close",
    "account_expansion",
)
TAS = {
    "is_there_an_opportunity": (
        "customer_project",
        "business_profile",
        "financial_condition",
        "access_to_funds",
        "compelling_event",
    ),
    "can_we_compete": (
        "formal_decision_criteria",
        "solution_fit",
        "sales_resource_requirements",
        "current_relationship",
        "unique_business_value",
    ),
    "can_we_win": (
        "inside_support",
        "executive_credibility",
        "cultural_compatibility",
        "informal_decision_criteria",
        "political_alignment",
    ),
    "is_it_worth_winning": (
        "short_term_revenue",
        "future_revenue",
        "profitability",
        "degree_of_risk",
        "strategic_value",
    ),
}
QUESTIONS = tuple(key for keys in TAS.values() for key in keys)


@pytest.fixture(scope="module")
def playbook() -> Playbook:
    with as_file(FILES / "optimized_sales_process.toml") as path:
        return Playbook.from_file(path)


def keys(criteria: tuple[Criterion, ...], *, advisory: bool = False) -> list[str]:
    return [item.key for item in criteria if item.advisory is advisory]


def all_criteria(playbook: Playbook) -> list[Criterion]:
    return [item for place in playbook.positions for item in (*place.entry, *place.exit)]


def texts(value: object) -> Iterator[Text]:
    """Every text in a playbook's parts, however deep."""
    if isinstance(value, Text):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, Mapping):
        yield from texts(list(value.values()))
    elif (
        hasattr(value, "__slots__")
        and type(value).__module__ == "salesflow.playbook._model_process"
    ):
        yield from texts([getattr(value, name) for name in value.__slots__])


def all_texts(playbook: Playbook) -> list[Text]:
    parts = (
        playbook.title,
        playbook.summary,
        playbook.source,
        playbook.avoid,
        playbook.roles,
        playbook.stages,
        playbook.checklists,
        playbook.scorecards,
        playbook.instruments,
        playbook.size_policy,
        playbook.cadences,
        playbook.reasons,
    )
    return [text for part in parts for text in texts(part)]


# The steps


def test_there_are_eight_steps_in_the_order_of_the_document(playbook: Playbook) -> None:
    assert tuple(stage.key for stage in playbook.stages) == STEPS


def test_steps_lead_to_the_selling_cycle_from_2_to_10_with_9_5(playbook: Playbook) -> None:
    cycles = [place.cycle for place in playbook.positions]

    assert cycles == [None, 2, 3, 4, 5, 6, 7, 8, 9, 9.5, 10, None]
    assert all(a < b for a, b in pairwise(n for n in cycles if n is not None))


def test_validation_and_close_have_the_sub_stages_of_the_forecast(playbook: Playbook) -> None:
    parts = {stage.key: [sub.key for sub in stage.sub_stages] for stage in playbook.stages}

    assert parts["opportunity_validation"] == ["technical_win", "business_agreement"]
    assert parts["close"] == [
        "commercial_negotiation",
        "order",
        "contract_and_paperwork",
        "booking",
    ]
    assert sum(map(len, parts.values())) == 6


def test_a_deal_is_won_by_closing_and_goes_on_to_the_account(playbook: Playbook) -> None:
    assert [stage.key for stage in playbook.stages if stage.wins] == ["close"]
    assert playbook.next_of("booking") == "account_expansion"
    assert playbook.next_of("account_expansion") is None


def test_every_step_has_goal_source_criterion_deliverable_duties_and_advice(
    playbook: Playbook,
) -> None:
    for stage in playbook.stages:
        required = [
            *keys(stage.exit),
            *(key for sub in stage.sub_stages for key in keys(sub.exit)),
        ]
        assert required, stage.key
        assert stage.goal is not None
        assert stage.source is not None
        assert stage.deliverables
        assert stage.duties["sales_rep"]
        assert stage.guidance.methods
        assert stage.guidance.difficulties


def test_the_last_step_has_no_more_advice_than_the_broken_document(playbook: Playbook) -> None:
    *complete, last = playbook.stages

    for stage in complete:
        assert stage.guidance.common_problems, stage.key
        assert stage.guidance.tools, stage.key
        assert stage.guidance.coaching_questions, stage.key
    assert not last.guidance.common_problems
    assert not last.guidance.tools
    assert not last.guidance.coaching_questions


def test_the_document_gives_no_probabilities_or_age_limits_so_there_are_none(
    playbook: Playbook,
) -> None:
    assert all(place.probability is None for place in playbook.positions)
    assert all(place.max_days is None for place in playbook.positions)


@pytest.mark.parametrize(
    ("place", "criteria"),
    [
        ("technical_win", ["technical_win_confirmed"]),
        ("commercial_negotiation", ["negotiation_started"]),
        ("order", ["order_received"]),
        ("contract_and_paperwork", ["contract_received", "internal_paperwork_done"]),
        ("booking", ["revenue_booked", "goods_shipped", "contract_archived"]),
        ("account_expansion", ["account_plan_updated", "follow_up_actions_set"]),
    ],
)
def test_each_milestone_is_what_the_document_says(
    playbook: Playbook, place: str, criteria: list[str]
) -> None:
    assert keys(playbook.position(place).exit) == criteria


def test_risks_are_countered_in_assessment_and_again_in_validation(playbook: Playbook) -> None:
    assert "assessment_risks_countered" in keys(playbook.stage("opportunity_assessment").exit)
    assert "validation_risks_countered" in keys(playbook.stage("opportunity_validation").exit)


def test_an_inside_supporter_is_developed_and_later_helps_to_confirm(playbook: Playbook) -> None:
    assert "inside_supporter_developed" in keys(playbook.stage("executive_sponsorship").exit)
    assert "supporter_confirmed_solution" in keys(playbook.stage("opportunity_validation").exit)


def test_every_attested_criterion_names_who_answers_for_it(playbook: Playbook) -> None:
    for criterion in all_criteria(playbook):
        assert criterion.by in playbook.roles or criterion.kind in ("computed", "instruments")


def test_the_manager_approves_both_plans_and_confirms_the_price(playbook: Playbook) -> None:
    by = {item.key: item.by for item in all_criteria(playbook)}

    for key in ("territory_plan_approved", "win_plan_approved", "price_and_terms_confirmed"):
        assert by[key] == "sales_manager"


# Roles


def test_the_twelve_roles_of_the_document_take_part(playbook: Playbook) -> None:
    assert set(playbook.roles) == {
        "sales_rep",
        "presales_engineer",
        "iso",
        "sales_manager",
        "marketing",
        "lead_qualification_team",
        "local_channel_sales",
        "professional_services",
        "partner",
        "reseller",
        "strategic_project_expert_group",
        "order_administration",
    }
    assert playbook.owner_role == "sales_rep"


def test_every_role_has_a_duty_somewhere(playbook: Playbook) -> None:
    busy = {role for stage in playbook.stages for role in stage.duties}

    assert busy == set(playbook.roles)


@pytest.mark.parametrize(
    ("step", "roles"),
    [
        (
            "demand_generation",
            {
                "sales_rep",
                "presales_engineer",
                "marketing",
                "lead_qualification_team",
                "iso",
                "sales_manager",
                "local_channel_sales",
            },
        ),
        (
            "executive_sponsorship",
            {
                "sales_rep",
                "presales_engineer",
                "sales_manager",
                "strategic_project_expert_group",
                "local_channel_sales",
            },
        ),
        (
            "opportunity_assessment",
            {
                "sales_rep",
                "iso",
                "presales_engineer",
                "partner",
                "strategic_project_expert_group",
                "professional_services",
                "sales_manager",
            },
        ),
    ],
)
def test_the_roles_of_a_step_are_those_the_document_lists(
    playbook: Playbook, step: str, roles: set[str]
) -> None:
    assert set(playbook.stage(step).duties) == roles


# The TAS 20, the size policy, the decision points


def test_the_tas_20_has_four_key_questions_with_five_questions_each(playbook: Playbook) -> None:
    checklist = playbook.checklists["tas"]
    found: dict[str, list[str]] = {section.key: [] for section in checklist.sections}
    for question in checklist.questions:
        found[question.section or ""].append(question.key)

    assert {section: tuple(listed) for section, listed in found.items()} == TAS
    assert tuple(question.key for question in checklist.questions) == QUESTIONS


def test_every_tas_question_says_what_plus_and_minus_mean(playbook: Playbook) -> None:
    for question in playbook.checklists["tas"].questions:
        assert question.positive is not None, question.key
        assert question.negative is not None, question.key
        assert question.positive != question.negative


def test_the_whole_tas_plan_has_the_eleven_parts_of_step_3(playbook: Playbook) -> None:
    assert [section.key for section in playbook.instruments["tas_plan"].sections] == [
        "business_drivers_and_return",
        "solution_strategy",
        "policy_factors",
        "compelling_issue",
        "relationship_strategy",
        "inside_supporters",
        "competitive_strategy",
        "partner_strategy",
        "value_proposition",
        "action_plan",
        "responsibilities",
    ]
    assert playbook.instruments["tas_20"].checklist == "tas"


@pytest.mark.parametrize(
    ("amount", "tier", "needed"),
    [
        (49_999.99, "regular", []),
        (50_000, "regular", ["tas_20"]),
        (100_000, "regular", ["tas_20"]),
        (100_000.01, "regular", ["opportunity_plan"]),
        (1, "named", ["tas_plan"]),
        (100_000, "strategic", ["tas_plan"]),
        (5_000_000, "strategic", ["tas_plan"]),
        (None, "named", ["tas_plan"]),
    ],
)
def test_account_and_amount_say_which_planning_a_deal_needs(
    playbook: Playbook, amount: float | None, tier: str, needed: list[str]
) -> None:
    facts = {"amount": amount, "account.tier": tier}

    assert [
        key
        for key, rule in playbook.required_instruments.items()
        if rule.verdict(facts) is sf.Verdict.YES
    ] == needed


def test_without_the_amount_a_regular_account_leaves_everything_but_the_tas_plan_open(
    playbook: Playbook,
) -> None:
    verdicts = {
        key: rule.verdict({"account.tier": "regular"})
        for key, rule in playbook.required_instruments.items()
    }

    assert verdicts == {
        "tas_plan": sf.Verdict.NO,
        "opportunity_plan": sf.Verdict.UNKNOWN,
        "tas_20": sf.Verdict.UNKNOWN,
    }


def test_go_or_no_go_is_decided_twice_by_the_manager(playbook: Playbook) -> None:
    points = {
        stage.key: (item.by, item.scorecard)
        for stage in playbook.stages
        for item in stage.exit
        if item.kind == "decision"
    }

    assert points == {
        "demand_generation": ("sales_manager", "go_no_go"),
        "opportunity_assessment": ("sales_manager", "go_no_go"),
    }


def test_step_2_asks_all_twenty_questions_whatever_the_size(playbook: Playbook) -> None:
    asked = next(
        item for item in playbook.stage("demand_generation").exit if item.key == "tas_20_asked"
    )

    assert str(asked.rule) == "tas.asked >= 20"
    assert not asked.advisory


def test_the_planning_that_the_size_needs_gates_step_3(playbook: Playbook) -> None:
    gates = {
        stage.key: item.key
        for stage in playbook.stages
        for item in stage.exit
        if item.kind == "instruments"
    }

    assert gates == {"opportunity_plan": "instruments_complete"}


def test_the_go_no_go_card_scores_each_of_the_twenty_questions_once(playbook: Playbook) -> None:
    card = playbook.scorecards["go_no_go"]

    assert tuple(item.key for item in card.items) == QUESTIONS
    assert [str(item.rule) for item in card.items] == [f"tas.{key}" for key in QUESTIONS]
    assert card.total == 25
    assert [(band.key, band.min) for band in card.bands] == [("no_go", 0), ("go", 15)]
    assert {item.key for item in card.items if item.knock_out} == {
        "customer_project",
        "access_to_funds",
        "compelling_event",
    }


# Dates, behaviour, texts


def test_the_time_rules_are_quarterly_two_weeks_ahead_and_every_two_months(
    playbook: Playbook,
) -> None:
    rules = {item.key: item for item in playbook.cadences}
    review = rules["quarterly_plan_review"]
    request = rules["expert_group_request"]
    visit = rules["validation_follow_up_visit"]

    assert review.every is not None
    assert review.every.months == 3
    assert request.ahead is not None
    assert request.ahead.weeks == 2
    assert visit.every is not None
    assert visit.every.months == 2
    assert visit.stages == ("opportunity_validation",)


def test_the_five_behaviours_to_avoid_are_there(playbook: Playbook) -> None:
    assert len(playbook.avoid) == 5


def test_deals_end_for_reasons_that_follow_the_key_questions(playbook: Playbook) -> None:
    disqualified = [
        key for key, reason in playbook.reasons.items() if reason.outcome == "disqualified"
    ]

    assert len(disqualified) == 4
    assert any(reason.outcome == "lost" for reason in playbook.reasons.values())


def test_every_text_is_in_english_and_in_chinese(playbook: Playbook) -> None:
    found = all_texts(playbook)

    assert len(found) > 400
    for text in found:
        assert text.en, text
        assert text.zh, text
        assert any("\u4e00" <= letter <= "\u9fff" for letter in text.zh), text
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in text.en), text


@pytest.mark.parametrize(
    "garbled",
    ["打算打算", "工程", "亲热", "仆人", "阅历", "消灭了", "旳", "準", "選"],
)
def test_nothing_garbled_came_over_from_the_copy(playbook: Playbook, garbled: str) -> None:
    allowed = "工程师"
    for text in all_texts(playbook):
        assert garbled not in f"{text.en} {text.zh}".replace(allowed, ""), text


@pytest.mark.parametrize("name", ["optimized_sales_process.toml", "checklists/tas.toml"])
def test_the_files_use_chinese_punctuation_between_chinese_words(name: str) -> None:
    content = (FILES / name).read_text(encoding="utf-8")
    mixed = [
        a + b + c
        for a, b, c in zip(content, content[1:], content[2:], strict=False)
        if "\u4e00" <= a <= "\u9fff" and b in ",;:?!" and "\u4e00" <= c <= "\u9fff"
    ]

    assert mixed == []


# A deal in it


def test_a_step_that_the_records_do_not_bear_out_is_advised_and_not_blocked(
    playbook: Playbook,
) -> None:
    engine = sf.StageEngine(playbook)
    deal = sf.Opportunity(id="D-1", name="Core banking", owner="li.wei")
    adopt = sf.Adopt(by="li.wei", stage="executive_sponsorship", entered_on=NOW.date())
    deal = engine.decide(deal, adopt, at=NOW).require()
    known = deal.model_copy(
        update={"contacts": (Contact(name="Chen Jie", buying_role="business_lead"),)}
    )

    before, after = (
        {item.criterion.key: item.verdict for item in engine.review(one, at=NOW).criteria}
        for one in (deal, known)
    )

    assert before["business_lead_on_record"] is sf.Verdict.NO
    assert after["business_lead_on_record"] is sf.Verdict.YES
    assert "business_lead_on_record" not in {
        blocker.key for blocker in engine.review(deal, at=NOW).blockers
    }
