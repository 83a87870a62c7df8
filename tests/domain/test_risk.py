"""Risks: their level, their order, and what is done about them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from salesflow.domain import (
    Record,
    Risk,
    RiskRegister,
)
from salesflow.domain._base.record import replaced

GRADE = st.none() | st.integers(1, 5)


def refused(record: type[Record], fields: Mapping[str, object]) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        record.model_validate(fields)
    return {".".join(map(str, each["loc"])): each["msg"] for each in caught.value.errors()}


@given(st.lists(st.tuples(GRADE, GRADE, st.booleans()), max_size=12))
def test_risks_are_ranked_by_probability_times_impact_and_none_is_lost(
    given_risks: list[tuple[int | None, int | None, bool]],
) -> None:
    risks = tuple(
        Risk(key=f"r{n}", description="It fails", probability=p, impact=i, closed=closed)
        for n, (p, i, closed) in enumerate(given_risks)
    )
    register = RiskRegister(opportunity="D-1", risks=risks)
    scores = [each.score or 0 for each in register.ranked]
    assert scores == sorted(scores, reverse=True)
    listed = (*register.ranked, *register.not_assessed)
    assert {each.key for each in listed} == {each.key for each in risks if not each.closed}
    assert sum(len(register.cell(p, i)) for p in range(1, 6) for i in range(1, 6)) == len(scores)


@pytest.mark.parametrize(
    ("probability", "impact", "level"),
    [
        (5, 5, "high"),
        (3, 5, "high"),
        (3, 4, "medium"),
        (2, 3, "medium"),
        (5, 1, "low"),
        (None, 5, None),
    ],
)
def test_a_risk_has_a_level(probability: int | None, impact: int, level: str | None) -> None:
    assert (
        Risk(key="r", description="It fails", probability=probability, impact=impact).level == level
    )


def test_a_risk_is_answered_by_somebody_who_does_something_or_by_accepting_it() -> None:
    risk = Risk(key="r", description="It fails", countermeasure="Train them")
    register = RiskRegister(opportunity="D-1", risks=(risk,))
    assert register.unanswered == (risk,)
    assert replaced(risk, owner="li.wei").answered
    assert Risk(key="r", description="It fails", response="accept").answered


@pytest.mark.parametrize("grade", [0, 6, 2.5, True, "3"])
def test_a_grade_of_risk_is_a_whole_number_from_1_to_5(grade: object) -> None:
    assert set(refused(Risk, {"key": "r", "description": "d", "impact": grade})) == {"impact"}


def test_a_risk_stands_in_a_register_once() -> None:
    risk = {"key": "r", "description": "d"}
    assert set(refused(RiskRegister, {"opportunity": "D", "risks": [risk, risk]})) == {
        "risks.1.key"
    }
