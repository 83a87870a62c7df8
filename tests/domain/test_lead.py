"""Leads: their potential, and to whom they are handed."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from salesflow.domain import (
    Lead,
    LeadProfile,
    Record,
    by_potential,
)

GRADES = st.sampled_from([None, "high", "medium", "low"])


profiles = st.builds(
    LeadProfile,
    industry_fit=GRADES,
    pain_point=GRADES,
    budget_size=GRADES,
    decision_chain=GRADES,
)


leads = st.builds(
    Lead, customer=st.just("A"), channel=st.just("other"), profile=profiles, graded=GRADES
)


def refused(record: type[Record], fields: Mapping[str, object]) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        record.model_validate(fields)
    return {".".join(map(str, each["loc"])): each["type"] for each in caught.value.errors()}


@given(st.lists(leads, max_size=8))
def test_leads_come_by_potential_the_certain_ones_first_and_none_is_lost(many: list[Lead]) -> None:
    ordered = by_potential(many)
    assert sorted(map(repr, ordered)) == sorted(map(repr, many))
    grades = [lead.graded or lead.advised.result for lead in ordered]
    certain = [grade for grade in grades if grade is not None]
    assert certain == sorted(certain, key=("high", "medium", "low").index)
    assert by_potential(ordered) == ordered


def test_a_lead_that_is_high_for_certain_comes_before_one_that_may_be() -> None:
    may_be = Lead(customer="A", channel="other")
    certain = Lead(customer="B", channel="other", graded="high")
    assert by_potential([may_be, certain]) == (certain, may_be)


def test_a_lead_is_handed_to_somebody_after_it_came() -> None:
    lead = {"customer": "A", "channel": "telephone", "handed_on": "2026-01-05"}
    assert refused(Lead, lead) == {"handed_to": "handed_to_nobody"}
    late = {**lead, "handed_to": "li.wei", "received_on": "2026-01-06"}
    assert refused(Lead, late) == {"handed_on": "handed_early"}
    assert Lead.model_validate({**late, "received_on": "2026-01-05"}).handed_to == "li.wei"
