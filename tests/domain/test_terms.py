"""The words in which the choices of the records are shown are those that the records have."""

from __future__ import annotations

from typing import get_args

import pytest

from salesflow import facts, terms
from salesflow.domain import (
    Attitude,
    BuyingRole,
    CompetitiveStrategy,
    Competitor,
    Coverage,
    Influence,
    Outcome,
    PartnerKind,
    Relationship,
    StrategyAssessment,
    Tier,
)
from salesflow.domain._base.record import Level


def choices(record: type, field: str) -> tuple[str, ...]:
    """The words that a field takes, beside None."""
    literal, _ = get_args(record.model_fields[field].annotation)  # type: ignore[attr-defined]  # a record has fields
    return get_args(literal)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (terms.ANSWERS, choices(StrategyAssessment, "decides_now")),
        (terms.ATTITUDES, get_args(Attitude)),
        (terms.BUYING_ROLES, get_args(BuyingRole)),
        (terms.COMPETITOR_POSITIONS, choices(Competitor, "position")),
        (terms.COVERAGE, get_args(Coverage)),
        (terms.LEVELS, get_args(Level)),
        (terms.LEVELS, get_args(Influence)),
        (terms.OUTCOMES, get_args(Outcome)[1:]),
        (terms.PARTNER_KINDS, get_args(PartnerKind)),
        (terms.RELATIONSHIPS, get_args(Relationship)),
        (terms.STRATEGIES, get_args(CompetitiveStrategy)),
        (terms.TIERS, get_args(Tier)),
        (terms.BUYING_ROLES, facts.BUYING_ROLES),
        (terms.TIERS, facts.TIERS),
        (terms.OUTCOMES, facts.OUTCOMES[1:]),
    ],
)
def test_every_choice_has_its_term_in_its_order(table: terms.Terms, words: tuple[str, ...]) -> None:
    assert tuple(table) == words
    assert all(term.en and term.zh for term in table.values())
