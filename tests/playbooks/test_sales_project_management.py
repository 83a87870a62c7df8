"""Sales project management says what its document says, and marks what is common practice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib.resources import as_file, files

import pytest

import salesflow as sf
from salesflow.playbook import Criterion, Playbook, lint_file
from tests.playbooks.case_records import cases_of

FILES = files("salesflow.playbooks")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
POINTS = ("ati_decision", "atb_decision", "atc_decision")


@pytest.fixture(scope="module")
def playbook() -> Playbook:
    with as_file(FILES / "sales_project_management.toml") as path:
        return Playbook.from_file(path)


def all_criteria(playbook: Playbook) -> dict[str, Criterion]:
    return {item.key: item for place in playbook.positions for item in place.exit}


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
    with as_file(FILES / "sales_project_management.toml") as path:
        assert lint_file(path) == ()


def test_every_text_is_in_english_and_in_chinese_and_names_no_vendor(playbook: Playbook) -> None:
    found = list(texts(json.loads(playbook.to_json())))

    assert len(found) > 140
    for text in found:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in text["zh"]), text
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in text["en"]), text
        assert "华为" not in text["zh"]


def test_there_are_at_least_fifteen_cases() -> None:
    assert len(cases_of("sales_project_management").cases) >= 15


# Stages and activities


def test_there_are_three_stages(playbook: Playbook) -> None:
    assert [stage.key for stage in playbook.stages] == ["planning", "monitoring", "closing"]


def test_approval_and_kick_off_come_after_the_preparation(playbook: Playbook) -> None:
    planning, monitoring, closing = playbook.stages

    assert [part.key for part in planning.sub_stages] == [
        "analysis",
        "goals_and_strategies",
        "project_plan",
        "project_approval",
        "kick_off",
    ]
    assert [part.key for part in monitoring.sub_stages] == [
        "bid",
        "contract_negotiation",
        "contract_signing",
    ]
    assert not closing.sub_stages


def test_every_stage_and_part_has_a_goal_and_something_to_show(playbook: Playbook) -> None:
    for stage in playbook.stages:
        assert stage.goal is not None
        assert stage.source is not None
        assert stage.deliverables
        for part in stage.sub_stages:
            assert part.goal is not None
            assert [item for item in part.exit if not item.advisory], part.key


def test_the_analysis_has_three_areas_and_strategies_have_four_elements(playbook: Playbook) -> None:
    analysis = {item.key: item.by for item in playbook.position("analysis").exit}
    strategies = {item.key: item.by for item in playbook.position("goals_and_strategies").exit}

    assert analysis == {
        "opportunity_found": "customer_responsible",
        "relationship_and_commercial_analysed": "customer_responsible",
        "solution_analysed": "solution_responsible",
        "delivery_analysed": "fulfilment_responsible",
    }
    assert strategies == {
        "project_goals_set": "project_director",
        "relationship_strategy_set": "customer_responsible",
        "commercial_strategy_set": "customer_responsible",
        "solution_strategy_set": "solution_responsible",
        "delivery_strategy_set": "fulfilment_responsible",
    }


@pytest.mark.parametrize(
    ("place", "required"),
    [
        (
            "project_plan",
            [
                "schedule_made",
                "communication_plan_made",
                "risk_owners_named",
                "team_drafted",
                "quality_plan_made",
                "planning_report_written",
                "approval_prepared",
            ],
        ),
        ("project_approval", ["ati_material_ready", "opportunity_validated", "ati_decision"]),
        ("kick_off", ["kick_off_held"]),
        (
            "contract_signing",
            [
                "contract_signed",
                "solution_in_contract",
                "task_letter_ready",
                "early_start_decided",
                "strategies_carried_out",
                "schedule_monitored",
                "communication_plan_carried_out",
                "costs_accounted",
                "risks_monitored",
                "quality_controlled",
                "operating_checklist_done",
            ],
        ),
        (
            "closing",
            [
                "summary_written",
                "project_handed_over",
                "people_released",
                "finances_evaluated",
                "quality_evaluated",
            ],
        ),
    ],
)
def test_each_place_asks_for_what_the_chart_shows(
    playbook: Playbook, place: str, required: list[str]
) -> None:
    gate = playbook.position(place).exit

    assert [item.key for item in gate if not item.advisory] == required


def test_the_four_outputs_are_delivered(playbook: Playbook) -> None:
    outputs = {text.zh for stage in playbook.stages for text in stage.deliverables}

    assert outputs == {
        "销售项目策划报告",
        "销售项目周报",
        "销售项目运作Checklist",
        "销售项目总结报告",
    }


def test_the_report_is_weekly_while_the_project_is_monitored(playbook: Playbook) -> None:
    (report,) = playbook.cadences

    assert report.every is not None
    assert report.every.weeks == 1
    assert report.stages == ("monitoring",)
    assert report.role == "project_director"


def test_the_signed_contract_wins_and_the_closing_follows(playbook: Playbook) -> None:
    assert [stage.key for stage in playbook.stages if stage.wins] == ["monitoring"]
    assert playbook.next_of("contract_signing") == "closing"
    assert playbook.next_of("closing") is None


def test_quality_assurance_and_control_is_watched_like_the_rest(playbook: Playbook) -> None:
    item = playbook.criteria["quality_controlled"]

    assert (item.by, item.kind, item.advisory) == ("quality_assurance", "attested", False)


def test_it_says_for_which_business_it_holds(playbook: Playbook) -> None:
    assert playbook.summary is not None
    assert "carriers" in playbook.summary.get("en")
    assert "运营商" in playbook.summary.get("zh")
    assert "joint-venture" in playbook.summary.get("en")
    assert "合资子公司" in playbook.summary.get("zh")
    for text in texts(json.loads(playbook.to_json())):
        assert "large" not in text["en"].split(), text
        assert "大型" not in text["zh"], text


def test_no_two_criteria_of_one_gate_have_one_title(playbook: Playbook) -> None:
    titles = [item.title for item in playbook.criteria.values()]

    for lang in playbook.languages:
        assert len({title.get(lang) for title in titles}) == len(titles)


def test_what_is_ours_is_told_in_the_playbook(playbook: Playbook) -> None:
    assert playbook.policy.reading
    assert all(reason.reading for reason in playbook.reasons.values())
    assert [key for key, role in playbook.roles.items() if role.reading] == [
        "project_director",
        "project_owner",
        "decision_team",
    ]
    assert [part.key for stage in playbook.stages for part in stage.sub_stages if part.reading] == [
        "bid",
        "contract_negotiation",
        "contract_signing",
    ]
    assert playbook.criteria["early_start"].reading
    assert playbook.criteria["early_start"].advisory
    assert playbook.criteria["early_start_decided"].reading
    assert any("four elements" in text.get("en") for text in playbook.readings)


# Roles


def test_the_roles_of_the_document_take_part_and_each_has_duties(playbook: Playbook) -> None:
    assert list(playbook.roles) == [
        "project_director",
        "project_owner",
        "customer_responsible",
        "solution_responsible",
        "fulfilment_responsible",
        "quality_assurance",
        "decision_team",
    ]
    assert {role for stage in playbook.stages for role in stage.duties} == set(playbook.roles)
    assert playbook.owner_role == "project_director"


def test_every_criterion_names_who_answers_for_it(playbook: Playbook) -> None:
    for criterion in all_criteria(playbook).values():
        assert criterion.by in playbook.roles or criterion.roles


# Decisions


def test_the_decision_team_decides_three_times(playbook: Playbook) -> None:
    points = {
        key: (item.roles, item.needed)
        for key, item in all_criteria(playbook).items()
        if item.kind == "judgement"
    }

    assert points == dict.fromkeys((*POINTS, "early_start"), (("decision_team",), 1))


@pytest.mark.parametrize("point", POINTS)
def test_each_decision_says_that_a_hold_has_an_end(playbook: Playbook, point: str) -> None:
    note = all_criteria(playbook)[point].note

    assert note is not None
    assert "hold" in note.get("en")
    assert "ommon practice" in note.get("en")


def test_a_hold_without_conditions_or_a_day_is_no_decision() -> None:
    with pytest.raises(ValueError, match="resume_when"):
        sf.Judge(by="wang.fang", role="decision_team", point="ati_decision", verdict="hold")


def test_what_a_hold_waits_for_is_told_to_whoever_wants_to_go_on(playbook: Playbook) -> None:
    engine = sf.StageEngine(playbook)
    deal = sf.Opportunity(id="D-1", name="Backbone network", owner="li.wei")
    adopt = sf.Adopt(by="li.wei", stage="project_approval", entered_on=NOW.date())
    hold = sf.Judge(
        by="wang.fang",
        role="decision_team",
        point="ati_decision",
        verdict="hold",
        resume_when="The customer's funding is confirmed",
        review_on=date(2026, 4, 1),
    )
    deal = engine.decide(deal, adopt, at=NOW).require()
    deal = engine.decide(deal, hold, at=NOW).require()
    (blocker,) = (
        item
        for item in engine.decide(deal, sf.Advance(by="li.wei"), at=NOW).blockers
        if item.key == "ati_decision"
    )

    assert blocker.verdict is sf.Verdict.UNKNOWN
    assert "The customer's funding is confirmed" in blocker.fix.get("en")
    assert "2026-04-01" in blocker.fix.get("en")


@pytest.mark.parametrize(("verdict", "seen"), [("go", sf.Verdict.YES), ("kill", sf.Verdict.NO)])
def test_only_the_decision_team_settles_a_decision(
    playbook: Playbook, verdict: str, seen: sf.Verdict
) -> None:
    engine = sf.StageEngine(playbook)
    deal = sf.Opportunity(id="D-1", name="Backbone network", owner="li.wei")
    adopt = sf.Adopt(by="li.wei", stage="bid", entered_on=NOW.date())
    deal = engine.decide(deal, adopt, at=NOW).require()
    before = sf.Judge(by="wu.gang", role="fulfilment_responsible", verdict="go")
    decision = sf.Judge.model_validate(
        {"by": "wang.fang", "role": "decision_team", "point": "atb_decision", "verdict": verdict}
    )

    verdicts = []
    for command in (before, decision):
        deal = engine.decide(deal, command, at=NOW).require()
        review = engine.review(deal, at=NOW)
        verdicts += [x.verdict for x in review.criteria if x.criterion.key == "atb_decision"]

    assert verdicts == [sf.Verdict.UNKNOWN, seen]
