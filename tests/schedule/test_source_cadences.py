"""Every time rule that the source documents name is in its playbook, and falls due in a deal."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

import salesflow as sf
from salesflow.domain import TerritoryPlan

# A Thursday; what is adopted on it counts from midnight.
DAY = date(2026, 1, 15)
NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)

OSP, LOOP, SPM = "optimized_sales_process", "closed_loop_sales", "sales_project_management"
# Process, duty, who, where a deal stands, when it is due; in the words of the documents.
NAMED = {
    "the plan is updated every quarter": (
        OSP, "quarterly_plan_update", "sales_rep", "territory_account_plan", "2026-04-15",
    ),
    "and reviewed by the manager": (
        OSP, "quarterly_plan_review", "sales_manager", "territory_account_plan", "2026-04-15",
    ),
    "the expert group is requested two weeks ahead": (
        OSP, "expert_group_request", "sales_rep", "executive_sponsorship", "2026-02-15",
    ),
    "a follow-up visit every two months": (
        OSP, "validation_follow_up_visit", "strategic_project_expert_group",
        "opportunity_validation", "2026-03-15",
    ),
    "the list of requirements within 24 hours of the interview": (
        LOOP, "requirements_after_interview", "sales_rep", "requirements", "2026-01-16",
    ),
    "the tables within 24 hours of a change": (
        LOOP, "tables_up_to_date", "sales_rep", "negotiation", "2026-01-16",
    ),
    "progress every week during the delivery": (
        LOOP, "weekly_progress", "sales_rep", "delivery", "2026-01-22",
    ),
    "the survey within a week of the delivery": (
        LOOP, "survey_after_delivery", "sales_rep", "satisfaction_survey", "2026-01-22",
    ),
    "contact every month": (
        LOOP, "monthly_contact", "sales_rep", "long_term_care", "2026-02-15",
    ),
    "or every quarter": (
        LOOP, "quarterly_contact", "sales_rep", "long_term_care", "2026-04-15",
    ),
    "the weekly report of the sales project": (
        SPM, "weekly_report", "project_director", "monitoring", "2026-01-22",
    ),
}  # fmt: skip


@pytest.mark.parametrize("rule", NAMED)
def test_a_time_rule_of_the_sources_falls_due(rule: str) -> None:
    process, key, role, stage, due_on = NAMED[rule]
    playbook = sf.load_playbook(process)
    engine = sf.StageEngine(playbook)
    facts: dict[str, object] = {"expert_group_joins_on": "2026-03-01"} if process == OSP else {}
    plan = TerritoryPlan(
        kind="territory", name="East", approved_by="wang", approved_on=date(2026, 1, 16)
    )
    records = (plan,) if process == OSP else ()
    deal = sf.Opportunity(id="D-1", name="Deal", facts=facts, records=records)  # type: ignore[arg-type]
    adopt = sf.Adopt(by="li", stage=stage, entered_on=DAY)
    deal = engine.decide(deal, adopt, at=NOW).require()

    (duty,) = [duty for duty in engine.review(deal, at=NOW).due if duty.key == key]

    assert (duty.role, str(duty.due_on), duty.status) == (role, due_on, "next")
    assert role in playbook.roles
    for lang in ("en", "zh"):
        assert duty.title.get(lang) in duty.reason.get(lang)
        assert due_on in duty.reason.get(lang)
    assert duty.reason.en != duty.reason.zh


def test_the_playbooks_have_the_time_rules_of_the_sources_and_no_unmarked_others() -> None:
    found = {
        (playbook.id, cadence.key): cadence.reading
        for playbook in (sf.load_playbook(info.id) for info in sf.available_playbooks())
        for cadence in playbook.cadences
    }

    named = {(process, key) for process, key, *_ in NAMED.values()}
    assert named <= found.keys()
    # What a source asks for, but not when, has a span of ours.
    assert [one for one, reading in found.items() if not reading and one not in named] == []
