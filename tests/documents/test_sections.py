"""Plans, their sections, the playbooks' instruments and the documents belong together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import pytest

import salesflow as sf
from salesflow.documents._fields import WRITERS
from salesflow.domain import OpportunityPlan, PlanKind, Record, TerritoryPlan, TerritoryPlanKind
from salesflow.domain.plans.plan import PLAN_SECTIONS
from salesflow.domain.plans.section import PlanSection
from salesflow.domain.plans.territory_plan import TERRITORY_SECTIONS
from salesflow.playbooks import BUILT_IN
from salesflow.text import LANGUAGES, Text

PLANS: list[tuple[type[Record], tuple[PlanSection[Any], ...], tuple[str, ...]]] = [
    (OpportunityPlan, PLAN_SECTIONS, get_args(PlanKind)),
    (TerritoryPlan, TERRITORY_SECTIONS, get_args(TerritoryPlanKind)),
]
# What a document says at its head rather than in a section.
HEADS: dict[type[Record], set[str]] = {
    OpportunityPlan: {
        *("opportunity", "kind", "customer", "made_by", "made_on", "updated_on"),
        *("approved_by", "approved_on"),
    },
    TerritoryPlan: {
        *("kind", "name", "owner", "starts_on", "ends_on"),
        *("presented_on", "approved_by", "approved_on"),
    },
}


def texts(section: PlanSection[Any]) -> Iterator[Text]:
    yield section.title
    yield from section.asks.values()
    yield from (label for label in section.shows.values() if label is not None)


@pytest.mark.parametrize(("plan", "sections", "kinds"), PLANS)
def test_every_field_of_a_plan_stands_in_a_section_or_at_the_head(
    plan: type[Record], sections: tuple[PlanSection[Any], ...], kinds: tuple[str, ...]
) -> None:
    shown = {name for section in sections for name in section.shows}
    assert shown | HEADS[plan] == set(plan.model_fields)
    assert shown.isdisjoint(HEADS[plan])
    for section in sections:
        assert section.whole <= set(section.shows)
        assert {path.partition("[].")[0] for path in section.asks} <= set(plan.model_fields)


@pytest.mark.parametrize(("plan", "sections", "kinds"), PLANS)
def test_every_section_is_there_once_and_speaks_every_language(
    plan: type[Record], sections: tuple[PlanSection[Any], ...], kinds: tuple[str, ...]
) -> None:
    keys = [section.key for section in sections]
    assert len(set(keys)) == len(keys)
    assert {kind for section in sections for kind in section.kinds} <= set(kinds)
    for section in sections:
        for text in texts(section):
            assert all(getattr(text, lang) for lang in LANGUAGES), text


def test_a_field_without_a_label_is_written_in_its_own_way_and_every_writer_is_used() -> None:
    shows = [section.shows for _, sections, _ in PLANS for section in sections]
    alone = {name for shown in shows for name, label in shown.items() if label is None}
    assert alone - set(WRITERS) == {"planned"}  # the table of the target has both
    assert set(WRITERS) <= {name for shown in shows for name in shown}


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_instruments_of_a_playbook_have_the_sections_of_the_plan_that_they_are_named_after(
    name: str,
) -> None:
    instruments = sf.load_playbook(name).instruments
    for kind in get_args(PlanKind):
        if kind in instruments and instruments[kind].sections:
            wanted = [section.key for section in PLAN_SECTIONS if section.asked_of(kind)]
            assert [section.key for section in instruments[kind].sections] == wanted
