"""The project tracking sheet, as a playbook, says what its document says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import as_file, files

import pytest

import salesflow as sf
from salesflow.domain import ProjectHeader, ProjectSheet
from salesflow.domain._base.record import replaced
from salesflow.playbook import Criterion, Playbook, lint_file
from tests.playbooks.case_records import records_of

FILES = files("salesflow.playbooks")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STAGES = (
    "initiation",
    "first_contact",
    "solution_design",
    "reference_showcase",
    "solution_confirmation",
    "project_evaluation",
    "negotiation",
    "signing",
)
JUDGES = ("sales_rep", "department_head", "sales_manager", "general_manager")
FORMS = {
    "initiation": ["initiation_request"],
    "first_contact": [
        "customer_information",
        "contact_information",
        "visit_summary",
        "procurement_process",
        "roles_and_attitudes",
        "relationship_assessment",
        "relationship_plan_visit",
        "reporting_lines",
    ],
    "solution_design": ["key_decision_maker", "solution_description"],
    "reference_showcase": ["showcase_plan", "showcase_summary"],
    "solution_confirmation": ["survey_report", "customer_feedback"],
    "project_evaluation": [
        "competitor_analysis",
        "influencing_factors",
        "relationship_plan_evaluation",
    ],
    "negotiation": ["key_procurement_criteria", "negotiation_plan"],
    "signing": [],
}


@pytest.fixture(scope="module")
def playbook() -> Playbook:
    with as_file(FILES / "project_tracking.toml") as path:
        return Playbook.from_file(path)


@pytest.fixture
def engine(playbook: Playbook) -> sf.StageEngine:
    return sf.StageEngine(playbook)


NUMBERED = re.compile("(?:C|, c)ondition ([1-9])(?!.*half)")


def conditions(criteria: tuple[Criterion, ...]) -> list[Criterion]:
    """The numbered conditions: what people say, and what records know."""
    return [item for item in criteria if item.note and NUMBERED.search(item.note.get("en"))]


def texts(value: object) -> Iterator[dict[str, str]]:
    """Every text in the JSON of a playbook, however deep."""
    if isinstance(value, dict):
        if value and value.keys() <= {"en", "zh"}:
            yield value
        else:
            for inner in value.values():
                yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


# The sheet


def test_the_file_has_no_problems_at_all() -> None:
    with as_file(FILES / "project_tracking.toml") as path:
        assert lint_file(path) == ()


def test_there_are_eight_stages_in_the_order_of_the_document(playbook: Playbook) -> None:
    assert tuple(stage.key for stage in playbook.stages) == STAGES


def test_the_positions_are_the_stages_with_first_contact_in_two_parts(playbook: Playbook) -> None:
    assert [place.key for place in playbook.positions] == [
        "initiation",
        "telephone_appointment",
        "visit",
        *STAGES[2:],
    ]


def test_the_head_of_the_sheet_has_six_fields_and_needs_no_general_contractor(
    playbook: Playbook,
) -> None:
    head = ProjectHeader(name="Line 4")
    said = sf.record_facts([ProjectSheet(head=head)])
    item = playbook.criteria["sheet_head_filled_in"]

    assert set(ProjectHeader.model_fields) == {
        "name",
        "region",
        "code",
        "general_contractor",
        "quotation_staff",
        "department",
    }
    assert said["project.head_missing"] == 4
    assert str(item.rule) == "project.head_missing == 0"
    assert item.advisory


def test_the_numbered_conditions_are_3_then_5_and_5_then_6_4_5_6_2_and_2(
    playbook: Playbook,
) -> None:
    counts = [len(conditions(place.exit)) for place in playbook.positions]

    assert counts == [3, 5, 5, 6, 4, 5, 6, 2, 2]


def test_every_condition_is_required_and_numbered(playbook: Playbook) -> None:
    for place in playbook.positions:
        for number, item in enumerate(conditions(place.exit), start=1):
            assert not item.advisory, item.key
            assert item.note is not None, item.key
            assert f"ondition {number}" in item.note.get("en"), item.key
            assert f"条件（{number}）" in item.note.get("zh"), item.key


def test_the_sales_representative_vouches_for_all_but_the_approval(playbook: Playbook) -> None:
    by = {item.key: item.by for place in playbook.positions for item in conditions(place.exit)}

    assert by.pop("initiation_approved") == "general_manager"
    assert set(by.values()) == {"sales_rep"}


def test_every_stage_has_its_success_criterion_source_result_and_duties_of_the_four(
    playbook: Playbook,
) -> None:
    for stage in playbook.stages:
        assert stage.goal is not None
        assert stage.source is not None
        assert stage.deliverables
        assert set(JUDGES) <= set(stage.duties)


def test_first_contact_has_two_success_criteria_two_sets_of_conditions_and_one_judgement(
    playbook: Playbook,
) -> None:
    appointment, visit = playbook.stage("first_contact").sub_stages

    assert appointment.goal is not None
    assert visit.goal is not None
    assert appointment.goal != visit.goal
    assert {item.kind for item in (*appointment.exit, *visit.exit)} == {"attested", "computed"}
    assert [item.kind for item in playbook.stage("first_contact").exit] == [
        "computed",
        "judgement",
    ]


@pytest.mark.parametrize("stage", STAGES)
def test_each_stage_has_the_situation_in_writing_and_the_judgement_of_the_four(
    playbook: Playbook, stage: str
) -> None:
    criteria = {item.key: item for item in playbook.stage(stage).exit}
    situation = criteria[f"{stage}_situation_written"]
    judgement = criteria[f"{stage}_judged"]

    assert str(situation.rule) == f"stage_form.{stage}"
    assert situation.by == "sales_rep"
    assert playbook.facts[f"stage_form.{stage}"].kind.value == "flag"
    assert judgement.kind == "judgement"
    assert judgement.roles == JUDGES
    assert judgement.needed == 4
    assert judgement.follow_up
    assert judgement.waive.roles == ("general_manager",)
    assert not judgement.advisory


def test_the_forms_are_those_that_the_document_names(playbook: Playbook) -> None:
    assert {stage.key: [form.key for form in stage.forms] for stage in playbook.stages} == FORMS


def test_the_document_gives_no_fields_of_its_forms_so_there_are_none(playbook: Playbook) -> None:
    assert not any(form.fields for stage in playbook.stages for form in stage.forms)


def test_the_inside_informant_is_developed_from_stage_3_on(playbook: Playbook) -> None:
    naming = [
        stage.key
        for stage in playbook.stages
        if any("SPY" in item.title.get("en") for item in stage.exit)
    ]

    assert naming == ["solution_design", "reference_showcase"]


def test_the_informant_stands_on_the_relationship_map(playbook: Playbook) -> None:
    item = playbook.criteria["informant_on_record"]

    assert not item.advisory
    assert item.reading
    assert str(item.rule) == "people.inside_supporters >= 1"


def test_a_project_may_go_back_but_not_skip_and_only_the_general_manager_reopens(
    playbook: Playbook,
) -> None:
    policy = playbook.policy

    assert policy.back.allowed
    assert policy.back.roles == ()
    assert not policy.skip.allowed
    assert not policy.start_later.allowed
    assert policy.reopen.roles == ("general_manager",)
    assert policy.waive.roles == ("sales_manager", "general_manager")


def test_a_project_is_won_by_signing(playbook: Playbook) -> None:
    assert [stage.key for stage in playbook.stages if stage.wins] == ["signing"]
    assert playbook.next_of("signing") is None


def test_the_document_gives_no_probabilities_or_time_limits_so_there_are_none(
    playbook: Playbook,
) -> None:
    assert all(place.probability is None for place in playbook.positions)
    assert all(place.max_days is None for place in playbook.positions)


# Texts


def test_every_text_is_in_english_and_in_chinese(playbook: Playbook) -> None:
    found = list(texts(json.loads(playbook.to_json())))

    assert len(found) > 150
    for text in found:
        assert text.keys() == {"en", "zh"}, text
        assert any("\u4e00" <= letter <= "\u9fff" for letter in text["zh"]), text
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in text["en"]), text


def test_the_texts_have_one_word_for_one_thing(playbook: Playbook) -> None:
    found = list(texts(json.loads(playbook.to_json())))

    for text in found:
        assert "原则" not in text["zh"], text
        assert "principle" not in text["en"].lower(), text
        assert "handler" not in text["en"].lower(), text


def test_the_showcase_summary_keeps_both_meanings_of_the_third_condition(
    playbook: Playbook,
) -> None:
    condition = playbook.criteria["opinions_surveyed"]
    summary = sf.domain.ShowcaseSummary(
        customer="Acme",
        held_on=NOW.date(),
        customers_view="They liked the engineers, and doubt the interface",
        presenters_view="The IT department is not convinced",
    )

    assert "rate our presales support" in condition.title.get("en")
    assert summary.customers_view != summary.presenters_view


def test_what_is_ours_is_told_in_the_playbook(playbook: Playbook) -> None:
    assert playbook.policy.reading
    assert all(reason.reading for reason in playbook.reasons.values())
    assert {key for key, item in playbook.criteria.items() if item.reading} == {
        "initiation_approved",
        "sheet_head_filled_in",
        "design_agreed",
        "informant_developed",
        "informant_on_record",
        "opinions_surveyed",
        "supporters_sought",
        "executives_sought",
        "signing_day_on_record",
        "quotation_on_record",
        "details_negotiated",
    }
    assert playbook.stage("first_contact").sub_stages[0].reading  # the telephone
    said = " ".join(text.get("en") for text in playbook.readings)
    for word in ("All four must say go", "follow-up measure", "deliverables", "sales consultant"):
        assert word in said, word


@pytest.mark.parametrize("garbled", ["旳", "协议", "完毕", "能偶", "体现的", "深入发展"])
def test_nothing_garbled_came_over_from_the_copy(garbled: str) -> None:
    assert garbled not in (FILES / "project_tracking.toml").read_text(encoding="utf-8")


def test_chinese_words_have_chinese_punctuation_between_them() -> None:
    content = (FILES / "project_tracking.toml").read_text(encoding="utf-8")
    mixed = [
        a + b + c
        for a, b, c in zip(content, content[1:], content[2:], strict=False)
        if "\u4e00" <= a <= "\u9fff" and b in ",;:?!()" and "\u4e00" <= c <= "\u9fff"
    ]

    assert mixed == []


# Projects in it


def judged(
    engine: sf.StageEngine, deal: sf.Opportunity, hour: int, verdicts: dict[str, str]
) -> sf.Opportunity:
    for minute, (role, verdict) in enumerate(verdicts.items()):
        command = sf.Judge.model_validate(
            {
                "by": role,
                "role": role,
                "verdict": verdict,
                "follow_up": f"{role} follows up",
                **(
                    {"resume_when": "The budget is known", "review_on": "2026-04-01"}
                    if verdict == "hold"
                    else {}
                ),
            }
        )
        deal = engine.decide(
            deal, command, at=NOW + timedelta(hours=hour, minutes=minute)
        ).require()
    return deal


@pytest.mark.parametrize(
    ("verdicts", "verdict"),
    [
        (("go", "go", "go", "go"), sf.Verdict.YES),
        (("go", "go", "go", None), sf.Verdict.UNKNOWN),
        (("go", "go", "hold", "go"), sf.Verdict.UNKNOWN),
        (("go", "kill", "go", "go"), sf.Verdict.NO),
        (("kill", None, None, None), sf.Verdict.NO),
        (("hold", "kill", "hold", "go"), sf.Verdict.NO),
        ((None, None, None, None), sf.Verdict.UNKNOWN),
    ],
)
def test_the_four_judgements_make_one_in_kleenes_way(
    engine: sf.StageEngine, verdicts: tuple[str | None, ...], verdict: sf.Verdict
) -> None:
    deal = sf.Opportunity(id="P-1", name="Line 4", owner="li.wei")
    deal = engine.decide(deal, sf.Start(by="li.wei"), at=NOW).require()
    said = {role: word for role, word in zip(JUDGES, verdicts, strict=True) if word is not None}
    deal = judged(engine, deal, 1, said)

    review = engine.review(deal, at=NOW + timedelta(hours=2))

    found = {item.criterion.key: item.verdict for item in review.criteria}
    assert found["initiation_judged"] is verdict


def test_four_bare_words_open_nothing(engine: sf.StageEngine) -> None:
    deal = sf.Opportunity(id="P-1", name="Line 4", owner="li.wei")
    deal = engine.decide(deal, sf.Start(by="li.wei"), at=NOW).require()

    for role in JUDGES:
        bare = sf.Judge(by=role, role=role, verdict="go")
        refused = engine.decide(deal, bare, at=NOW + timedelta(hours=1))
        assert [it.code for it in refused.blockers] == ["follow_up_missing"], role


def test_every_judgement_keeps_its_follow_up_measure(engine: sf.StageEngine) -> None:
    deal = sf.Opportunity(id="P-1", name="Line 4", owner="li.wei")
    deal = engine.decide(deal, sf.Start(by="li.wei"), at=NOW).require()

    deal = judged(engine, deal, 1, dict.fromkeys(JUDGES, "go"))

    assert [(item.role, item.follow_up) for item in deal.progress.judgements] == [
        (role, f"{role} follows up") for role in JUDGES
    ]


def test_a_rejected_solution_goes_back_and_is_judged_again_while_history_keeps_the_old(
    engine: sf.StageEngine,
) -> None:
    deal = sf.Opportunity(id="P-1", name="Line 4", owner="li.wei")
    adopt = sf.Adopt(by="li.wei", stage="solution_confirmation", entered_on=NOW.date())
    deal = engine.decide(deal, adopt, at=NOW).require()
    deal = judged(engine, deal, 1, {**dict.fromkeys(JUDGES, "go"), "sales_manager": "kill"})
    back = sf.MoveTo(by="li.wei", stage="solution_design")

    deal = engine.decide(deal, back, at=NOW + timedelta(hours=2)).require()
    deal = judged(engine, deal, 3, dict.fromkeys(JUDGES, "go"))

    review = engine.review(deal, at=NOW + timedelta(hours=4))
    found = {item.criterion.key: item.verdict for item in review.criteria}
    assert found["solution_design_judged"] is sf.Verdict.YES
    assert len(deal.progress.judgements) == 8
    assert [item.stage for item in deal.progress.visits] == [
        "solution_confirmation",
        "solution_design",
    ]


def test_without_an_informant_on_record_nobody_shows_references(engine: sf.StageEngine) -> None:
    known = records_of("project_tracking")
    names = ("interview", "solution", "people", "form_of_solution_design")
    deal = sf.Opportunity(
        id="P-1", name="Line 4", owner="li.wei", records=tuple(known[name] for name in names)
    )
    adopt = sf.Adopt(by="li.wei", stage="solution_design", entered_on=NOW.date())
    deal = engine.decide(deal, adopt, at=NOW).require()
    for item in conditions(engine.playbook.stage("solution_design").exit):
        if item.kind == "attested":
            attest = sf.Attest(by="li.wei", criterion=item.key)
            deal = engine.decide(deal, attest, at=NOW).require()
    deal = judged(engine, deal, 1, dict.fromkeys(JUDGES, "go"))

    refused = engine.decide(deal, sf.Advance(by="li.wei"), at=NOW + timedelta(hours=2))

    assert [blocker.key for blocker in refused.blockers] == ["informant_on_record"]
    more = replaced(deal, records=(*deal.records, known["informant"]))
    assert engine.decide(more, sf.Advance(by="li.wei"), at=NOW + timedelta(hours=2)).accepted
