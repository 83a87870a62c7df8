"""The flagship playbook says what its document says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from importlib.resources import as_file, files
from itertools import pairwise
from pathlib import Path

import pytest

import salesflow as sf
from salesflow.domain import Contact, Partner, RelationshipMap, WinLossReview
from salesflow.playbook import Criterion, Playbook
from salesflow.text import Text
from tests.playbooks.case_records import records_of

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
        playbook.aims,
        playbook.avoid,
        playbook.readings,
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
        "demand_generation": ("sales_manager", "tas"),
        "opportunity_assessment": ("sales_manager", "tas"),
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
    card = playbook.scorecards["tas"]

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
    update, review = rules["quarterly_plan_update"], rules["quarterly_plan_review"]
    request = rules["expert_group_request"]
    visit = rules["validation_follow_up_visit"]

    assert (update.role, review.role) == ("sales_rep", "sales_manager")
    # A plan's next review is three months after its approval or its last review.
    assert {one.before for one in (update, review)} == {"territory.next_review_on"}
    assert request.ahead is not None
    assert request.ahead.weeks == 2
    assert visit.every is not None
    assert visit.every.months == 2
    assert visit.stages == ("opportunity_validation",)
    assert {rule.key for rule in rules.values() if not rule.reading} == {"expert_group_request"}


def test_the_nine_aims_and_the_five_behaviours_to_avoid_are_there(playbook: Playbook) -> None:
    assert len(playbook.aims) == 9
    assert len(playbook.avoid) == 5
    assert playbook.summary is not None
    assert "提高销售效率和市场竞争力" in playbook.summary.get("zh")
    assert "一一对应" not in playbook.summary.get("zh")


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


# What is ours and what is the document's


def test_whoever_loads_the_playbook_sees_what_is_ours(playbook: Playbook) -> None:
    criteria = {item.key: item.reading for item in all_criteria(playbook)}
    card = playbook.scorecards["tas"]

    assert len(playbook.readings) >= 10
    assert card.reading
    assert card.source is not None
    assert "ours" in card.source.get("en")
    assert all(reason.reading for reason in playbook.reasons.values())
    assert [row.instruments for row in playbook.size_policy if not row.reading] == [
        ("opportunity_plan",)
    ]
    assert playbook.policy.reading
    assert playbook.hygiene.reading
    assert [role.key for role in playbook.roles.values() if role.reading] == ["iso"]
    assert not [stage.key for stage in playbook.stages if stage.reading]
    assert [text for text in playbook.readings if "when a deal is won" in text.get("en")]
    for ours in (
        "tas_20_known",
        "first_go_no_go",
        "tas_20_up_to_date",
        "decision_makers_met",
        "purchase_time_committed",
        "purchase_date_on_record",
    ):
        assert criteria[ours], ours
    for theirs in ("technical_lead_identified", "short_listed", "order_received", "goods_shipped"):
        assert not criteria[theirs], theirs


def test_no_comment_of_the_file_says_reading_where_the_playbook_could() -> None:
    content = (FILES / "optimized_sales_process.toml").read_text(encoding="utf-8")

    assert not [line for line in content.splitlines() if "#" in line and "Reading:" in line]


def test_the_presales_engineer_has_the_two_duties_of_step_8_without_a_condition(
    playbook: Playbook,
) -> None:
    expansion = playbook.stage("account_expansion")

    assert [item.get("en") for item in expansion.duties["presales_engineer"]] == [
        "Keep the customer up to date with our technology and products",
        "Strengthen the long-term cooperation",
    ]
    assert [item.get("en") for item in expansion.duties["strategic_project_expert_group"]] == [
        "Bring new concepts to the customer"
    ]
    assert not [text for text in all_texts(playbook) if "first project" in text.get("en")]


@pytest.mark.parametrize(
    ("step", "part", "sentence"),
    [
        ("demand_generation", "methods", "Decide on the key activities"),
        ("demand_generation", "methods", "Qualify the project in outline"),
        ("executive_sponsorship", "methods", "Determine the customer's most pressing issue"),
        (
            "executive_sponsorship",
            "methods",
            "Present the value proposition at the level of executives",
        ),
        ("opportunity_assessment", "methods", "Plan the actions of the joint study"),
        (
            "opportunity_assessment",
            "methods",
            "Learn the principles by which the customer works in strategy, finance and personnel",
        ),
        ("opportunity_plan", "common_problems", "The solution is not detailed enough"),
        ("close", "methods", "Confirm the commercial arrangements"),
        (
            "close",
            "methods",
            "Settle configuration, discount, margin, order and payment with the reseller",
        ),
    ],
)
def test_advice_that_was_missing_or_cut_short_is_there(
    playbook: Playbook, step: str, part: str, sentence: str
) -> None:
    guidance = playbook.stage(step).guidance

    assert sentence in [text.get("en") for text in getattr(guidance, part)]


@pytest.mark.parametrize(
    ("step", "role", "word"),
    [
        ("demand_generation", "sales_rep", "first leads"),
        ("demand_generation", "presales_engineer", "first leads"),
        ("demand_generation", "iso", "first leads"),
        ("executive_sponsorship", "sales_rep", "ambitions"),
        ("opportunity_assessment", "sales_rep", "channel sales"),
    ],
)
def test_duties_that_were_missing_or_cut_short_are_there(
    playbook: Playbook, step: str, role: str, word: str
) -> None:
    duties = playbook.stage(step).duties[role]

    assert any(word in text.get("en") for text in duties)


def test_the_forms_have_the_fields_that_the_document_gives(playbook: Playbook) -> None:
    forms = {form.key: form for stage in playbook.stages for form in stage.forms}

    assert {key: len(form.fields) for key, form in forms.items()} == {
        "customer_profile": 7,
        "partner_analysis": 2,
    }
    assert not any(form.reading for form in forms.values())


def test_amounts_name_their_currency_in_both_languages(playbook: Playbook) -> None:
    titles = [row.title for row in playbook.size_policy if row.title is not None][1:]

    assert [title.get("zh") for title in titles] == ["大于10万美元", "5万至10万美元（含两端）"]
    assert all("USD" in title.get("en") for title in titles)


@pytest.mark.parametrize(
    "two", ["业务主管", "技术主管", "公关策略", "已录入联系人", "电话覆盖", "对付竞争", "志趣"]
)
def test_one_thing_has_one_chinese_term(playbook: Playbook, two: str) -> None:
    assert not [text for text in all_texts(playbook) if two in text.get("zh")]


def test_there_is_one_card_for_the_tas_20(playbook: Playbook) -> None:
    shared = Playbook.from_toml(
        """
        id = "shared"
        version = "1"
        title = "Shared"
        use_scorecards = ["tas"]

        [[stages]]
        key = "only"
        title = "Only"
        """
    )

    assert set(playbook.scorecards) == {"tas"}
    assert playbook.scorecards["tas"] == shared.scorecards["tas"]


# A deal of version 1.0.0

OLD = Path(__file__).parent / "golden" / "optimized_sales_process-1.0.0.json"


@pytest.fixture(scope="module")
def old() -> Playbook:
    """Version 1.0.0 without its prose, which is no part of the digest."""
    playbook = Playbook.from_json(OLD.read_text(encoding="utf-8"))
    assert playbook.digest == "039fd1e68615158ed0d216642be25ccbe55dc548e1954c2800049e2cb43e2b9a"
    return playbook


def test_a_deal_of_1_0_0_goes_on_from_the_middle(old: Playbook, playbook: Playbook) -> None:
    before, after = sf.StageEngine(old), sf.StageEngine(playbook)
    deal = sf.Opportunity(
        id="D-1",
        name="Core banking",
        owner="li.wei",
        amount=sf.Money(80_000, "USD"),
        account=sf.Account(name="Acme", tier="regular"),
        expected_close_on=NOW.date() + timedelta(days=60),
    )
    commands: list[sf.Command] = [
        sf.Adopt(by="li.wei", stage="business_agreement", entered_on=date(2026, 2, 1)),
        sf.Answer(by="li.wei", question="tas.inside_support", mark="+"),
        sf.Attest(by="li.wei", criterion="solution_and_price_agreed"),
        sf.Attest(by="li.wei", criterion="purchase_dated"),
        sf.Attest(by="li.wei", criterion="executive_agrees_orally"),
    ]
    for command in commands:
        deal = before.decide(deal, command, at=NOW).require()

    deal = after.decide(deal, sf.Migrate(by="li.wei"), at=NOW).require()

    assert (deal.progress.stage, deal.progress.sub_stage) == (
        "opportunity_validation",
        "business_agreement",
    )
    assert deal.progress.playbook is not None
    assert deal.progress.playbook.version == "2.0.0"
    met = {item.criterion.key for item in after.review(deal, at=NOW).criteria if item.met}
    assert met == {
        "solution_and_price_agreed",
        "purchase_time_committed",
        "executive_agrees_orally",
        "purchase_date_on_record",
    }


def test_what_records_know_is_no_word_any_more_and_the_records_are_read(
    old: Playbook, playbook: Playbook
) -> None:
    before, after = sf.StageEngine(old), sf.StageEngine(playbook)
    deal = sf.Opportunity(
        id="D-1",
        name="Core banking",
        owner="li.wei",
        amount=sf.Money(120_000, "USD"),
        account=sf.Account(name="Acme", tier="regular"),
    )
    for command in (
        sf.Adopt(by="li.wei", stage="opportunity_plan", entered_on=date(2026, 2, 1)),
        sf.Attest(by="li.wei", criterion="strategy_and_actions_set"),
        sf.Attest(by="zhao.min", role="presales_engineer", criterion="first_technical_solution"),
        sf.Attest(by="wang.fang", role="sales_manager", criterion="win_plan_approved"),
        sf.Complete(by="li.wei", instrument="opportunity_plan"),
    ):
        deal = before.decide(deal, command, at=NOW).require()
    assert not before.review(deal, at=NOW).blockers

    deal = after.decide(deal, sf.Migrate(by="li.wei"), at=NOW).require()
    planned = deal.model_copy(
        update={"records": (records_of("optimized_sales_process", NOW.date())["opportunity_plan"],)}
    )

    assert {it.key for it in after.review(deal, at=NOW).blockers} == {
        "strategy_and_actions_set",
        "instruments_complete",
        "win_plan_approved",
    }
    deal = after.decide(planned, sf.Advance(by="li.wei"), at=NOW).require()
    assert deal.progress.stage == "executive_sponsorship"


def test_nothing_that_was_said_under_1_0_0_is_left_behind(
    old: Playbook, playbook: Playbook
) -> None:
    (migration,) = playbook.migrations
    known = {item.key for item in all_criteria(playbook)} | set(playbook.instruments)
    said = [item.key for item in all_criteria(old) if item.kind != "computed"]

    assert not [
        key for key in (*said, *old.instruments) if migration.criteria.get(key, key) not in known
    ]
    assert set(old.questions) == set(playbook.questions)


def test_an_attestation_of_both_dates_becomes_one(old: Playbook, playbook: Playbook) -> None:
    before, after = sf.StageEngine(old), sf.StageEngine(playbook)
    deal = sf.Opportunity(id="D-1", name="Core banking", owner="li.wei")
    for command in (
        sf.Adopt(by="li.wei", stage="business_agreement", entered_on=date(2026, 2, 1)),
        sf.Attest(by="li.wei", criterion="purchase_time_committed"),
        sf.Attest(by="li.wei", criterion="purchase_dated"),
    ):
        deal = before.decide(deal, command, at=NOW).require()

    deal = after.decide(deal, sf.Migrate(by="li.wei"), at=NOW).require()

    said = [item.criterion for item in deal.progress.attestations]
    assert said == ["purchase_time_committed"]


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


@pytest.mark.parametrize(
    ("stage", "key"),
    [
        ("business_agreement", "supporter_on_record_in_validation"),
        ("booking", "supporter_on_record_in_close"),
    ],
)
def test_the_inside_supporter_is_looked_for_until_the_end(
    playbook: Playbook, stage: str, key: str
) -> None:
    engine = sf.StageEngine(playbook)
    deal = sf.Opportunity(id="D-1", name="Core banking", owner="li.wei")
    adopt = sf.Adopt(by="li.wei", stage=stage, entered_on=NOW.date())
    deal = engine.decide(deal, adopt, at=NOW).require()
    nobody = RelationshipMap(customer="Acme", contacts=(Contact(name="Chen Jie"),))
    somebody = RelationshipMap(
        customer="Acme", contacts=(Contact(name="Chen Jie", buying_role="inside_supporter"),)
    )
    mapped = [deal.model_copy(update={"records": (one,)}) for one in (nobody, somebody)]

    found = [
        status.verdict
        for one in (deal, *mapped)
        for status in engine.review(one, at=NOW).criteria
        if status.criterion.key == key
    ]

    assert found == [sf.Verdict.UNKNOWN, sf.Verdict.NO, sf.Verdict.YES]


def test_the_promised_days_are_followed_up_a_week_ahead_and_cases_analysed_in_two_weeks(
    playbook: Playbook,
) -> None:
    engine = sf.StageEngine(playbook)
    deal = sf.Opportunity(
        id="D-1",
        name="Core banking",
        owner="li.wei",
        records=(Partner(name="Builder", orders_on=date(2026, 3, 20), pays_on=date(2026, 4, 20)),),
    )
    adopt = sf.Adopt(by="li.wei", stage="order", entered_on=NOW.date())
    deal = engine.decide(deal, adopt, at=NOW).require()
    lost = engine.decide(deal, sf.Lose(by="li.wei", reason="lost_on_price"), at=NOW).require()

    review = WinLossReview(
        opportunity="D-1", outcome="lost", reasons=("Price",), reviewed_on=date(2026, 3, 3)
    )
    analysed = lost.model_copy(update={"records": (*lost.records, review)})

    due = {duty.key: str(duty.due_on) for duty in engine.review(deal, at=NOW).due}
    after = {duty.key: str(duty.due_on) for duty in engine.review(lost, at=NOW).due}

    assert due["reseller_order_follow_up"] == "2026-03-13"
    assert due["reseller_payment_follow_up"] == "2026-04-13"
    assert after == {"case_analysis_of_loss": "2026-03-16"}
    assert not engine.review(analysed, at=NOW).due
