"""What holds of the facts of records, whatever the records are."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import salesflow as sf
from salesflow.domain import Record
from salesflow.domain.deal.record_items import RECORD_NAMES, record_class
from salesflow.facts import Fact, FactKind
from salesflow.records import RECORD_FACTS, RECORD_GROUPS, record_columns, record_facts
from salesflow.rules import canonical
from tests.domain.record_strategies import records

ANY = st.sampled_from(RECORD_NAMES).flatmap(lambda name: records(record_class(name)))
PILES = st.lists(ANY, max_size=5)
TYPES: dict[FactKind, type | tuple[type, ...]] = {
    FactKind.NUMBER: (int, float),
    FactKind.MONEY: float,
    FactKind.TEXT: str,
    FactKind.CHOICE: str,
    FactKind.FLAG: bool,
    FactKind.DAY: date,
    FactKind.INSTANT: datetime,
}


def check_kind(fact: Fact, value: object) -> None:
    assert isinstance(value, TYPES[fact.kind])
    assert isinstance(value, bool) is (fact.kind is FactKind.FLAG)
    assert isinstance(value, datetime) is (fact.kind is FactKind.INSTANT)
    if isinstance(value, datetime):
        assert value.tzinfo is UTC
    assert not fact.choices or value in fact.choices
    read = canonical(fact.kind, value, choices=fact.choices)
    assert read is not None
    assert fact.admits(read)


@pytest.mark.parametrize("name", RECORD_NAMES)
def test_every_fact_is_of_its_kind_for_every_record(name: str) -> None:
    @settings(max_examples=15, suppress_health_check=list(HealthCheck))
    @given(st.lists(records(record_class(name)), min_size=1, max_size=3))
    def law(some: list[Record]) -> None:
        found = record_facts(some)
        assert found.keys() <= RECORD_FACTS.keys()
        for fact, value in found.items():
            check_kind(RECORD_FACTS[fact].fact, value)
        for group in RECORD_GROUPS.values():  # nothing is said of what has no record
            if name not in group.reads:
                assert not any(fact.startswith(f"{group.key}.") for fact in found)

    law()


@settings(suppress_health_check=list(HealthCheck))
@given(PILES, st.randoms(use_true_random=False))
def test_the_order_of_records_does_not_matter_nor_that_one_comes_twice(
    some: list[Record], by_chance: random.Random
) -> None:
    mixed = [*some, *some[:1]]
    by_chance.shuffle(mixed)
    assert record_facts(mixed) == record_facts(some)


@settings(suppress_health_check=list(HealthCheck))
@given(PILES)
def test_a_deal_comes_back_from_json_with_its_records(some: list[Record]) -> None:
    deal = sf.Opportunity.model_validate({"id": "D-1", "name": "ERP", "records": some})
    again = sf.Opportunity.model_validate_json(deal.model_dump_json())
    assert again == deal
    assert hash(again) == hash(deal)
    assert sf.Opportunity.model_validate(deal.model_dump()) == deal
    assert again.model_dump_json() == deal.model_dump_json()
    assert record_facts(again.records) == record_facts(some)


@settings(suppress_health_check=list(HealthCheck))
@given(st.lists(PILES, min_size=1, max_size=3))
def test_a_column_says_of_each_deal_what_its_records_say(piles: list[list[Record]]) -> None:
    deals = {f"D-{at}": pile for at, pile in enumerate(piles)}
    columns = record_columns(deals)
    assert columns.pop("opportunity_id") == [*deals]
    for at, pile in enumerate(piles):
        row = {name: cells[at] for name, cells in columns.items()}
        assert {name: cell for name, cell in row.items() if cell is not None} == record_facts(pile)


@settings(suppress_health_check=list(HealthCheck))
@given(PILES)
def test_whatever_is_missing_can_be_said(some: list[Record]) -> None:
    from salesflow.records._group import Pile

    pile = Pile(some)
    for group in RECORD_GROUPS.values():
        subject = group.gather(pile)
        for fact in group.facts:
            value = None if subject is None else fact.read(subject)
            why = group.why(fact, subject, value)
            if value is None:
                assert why is not None
                assert None not in (why.en, why.zh)
