"""Deals that began under version 1.0.0 of a playbook, in mid-process, go on under the present one.

The deals in the folder `first` were made by the version of their playbook that they name.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import salesflow as sf
from salesflow.domain._base.record import replaced
from salesflow.engine import events
from tests.playbooks.case_records import records_of

FOLDER = Path(__file__).parent / "first"
NOW = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
DEALS = sorted(path.stem for path in FOLDER.glob("*.json"))


def migrated(name: str) -> tuple[sf.StageEngine, sf.Opportunity, events.Migrated]:
    """The engine, the deal as it goes on, and what the event says."""
    text = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    engine = sf.StageEngine(sf.load_playbook(name))
    deal = sf.Opportunity.model_validate_json(text)
    decision = engine.decide(deal, sf.Migrate(by="li.wei"), at=NOW)
    (event,) = decision.events
    assert isinstance(event.payload, events.Migrated)
    return engine, decision.require(), event.payload


def open_at(engine: sf.StageEngine, deal: sf.Opportunity) -> set[str]:
    """What the gate ahead lacks."""
    later = NOW + timedelta(hours=1)
    return {it.key for it in engine.decide(deal, sf.Advance(by="li.wei"), at=later).blockers}


@pytest.mark.parametrize("name", DEALS)
def test_it_stays_where_it_is_and_follows_the_present_version(name: str) -> None:
    before = sf.Opportunity.model_validate_json((FOLDER / f"{name}.json").read_text("utf-8"))
    engine, deal, _ = migrated(name)

    assert deal.progress.position == before.progress.position
    assert deal.progress.playbook is not None
    assert deal.progress.playbook.version == engine.playbook.version != "1.0.0"
    assert engine.review(deal, at=NOW).criteria


def test_a_lead_is_screened_again_and_records_say_what_people_said() -> None:
    engine, deal, event = migrated("closed_loop_sales")

    assert {*event.unmapped} == {
        "lead.industry_fit",
        "lead.pain_point",
        "lead.budget_size",
        "lead.decision_chain",
        "lead_recorded",
        "customer_filed",
        "communication_plan_made",
        "background_studied",
        "open_questions_prepared",
        "present_pain_known",
    }
    assert open_at(engine, deal) == {
        "background_studied",
        "open_questions_prepared",
        "present_pain_known",
        "expected_goal_known",
        "budget_range_known",
        "decision_process_known",
    }
    notes = records_of("closed_loop_sales")["interview"]
    assert open_at(engine, replaced(deal, records=(notes,))) == set()


def test_a_met_condition_stays_met_under_its_new_name_and_judgements_count() -> None:
    engine, deal, event = migrated("project_tracking")

    assert event.renamed == {
        "spoke_with_handler": "spoke_with_person_in_charge",
        "right_handler_found": "right_person_in_charge_found",
        "handler_relationship_built": "relationship_with_person_in_charge_built",
        "handler_satisfied": "person_in_charge_satisfied",
    }
    assert {*event.unmapped} == {
        "customer_interested",
        "time_and_place_confirmed",
        "procurement_process_clear",
        "design_agreed",
        "evaluation_principles_met",
    }
    known = records_of("project_tracking")
    names = ("call", "visit", "procurement", "people")
    assert {"procurement_process_clear", "design_agreed"} <= open_at(engine, deal)
    deal = replaced(deal, records=tuple(known[name] for name in names))
    lacking = {"first_contact_situation_written", "first_contact_judged"}
    assert open_at(engine, deal) == lacking
    for role in ("sales_rep", "department_head", "general_manager"):
        word = sf.Judge(by=role, role=role, verdict="go", follow_up="Call again")
        deal = engine.decide(deal, word, at=NOW + timedelta(minutes=1)).require()
    assert open_at(engine, deal) == {"first_contact_situation_written"}


def test_a_decision_that_was_taken_stands() -> None:
    engine, deal, event = migrated("sales_project_management")

    assert event.unmapped == ("solution_accepted",)
    lacking = {"solution_accepted", "delivery_part_of_tender_ready", "atb_material_ready"}
    assert open_at(engine, deal) == lacking
    feedback = records_of("sales_project_management")["feedback"]
    lacking -= {"solution_accepted"}
    assert open_at(engine, replaced(deal, records=(feedback,))) == lacking


def test_tasks_and_commitments_stay_on_record() -> None:
    engine, deal, event = migrated("milestone_selling")

    assert event.unmapped == ("first_visit_made",)
    assert open_at(engine, deal) == {"committed_to_first_proposal", "first_proposal_submitted"}
