"""Forms that are records: each column has a heading, and what is empty is named by it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salesflow._data import read_data
from salesflow.domain import (
    CompetitorAnalysis,
    Contract,
    ContractRow,
    CustomerVisit,
    HandOver,
    Lead,
    OpportunityPlan,
    Partner,
    Record,
    Requirement,
    RequirementRow,
    RequirementsList,
    ShowcaseSummary,
)
from salesflow.domain.deal.record_items import RECORD_NAMES, record_class
from salesflow.facts import FactKind
from salesflow.money import Money
from salesflow.records import RECORD_FACTS, RECORD_GROUPS
from salesflow.records._group import Pile
from salesflow.records._of_forms import FORM, columns_of, counted_by, form_group, sheets
from salesflow.text import LANGUAGES, both
from tests.domain.record_strategies import records

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
TITLE = both(en="Sheet", zh="某表")
CLASSES = [(group.key, name) for group in RECORD_GROUPS.values() for name in sheets(group)]


def missing(group: str, columns: tuple[str, ...], *some: Record) -> int | None:
    """How many columns are empty; None where there is no record."""
    made = form_group("sheet", TITLE, RECORD_GROUPS[group], columns)
    found = made.gather(Pile(some))
    value = None if found is None else made.facts[0].read(found)
    assert value is None or isinstance(value, int)
    return value


def why(group: str, columns: tuple[str, ...], *some: Record) -> tuple[str | None, str | None]:
    made = form_group("sheet", TITLE, RECORD_GROUPS[group], columns)
    found = made.gather(Pile(some))
    value = None if found is None else made.facts[0].read(found)
    told = made.why(made.facts[0], found, value)
    return (None, None) if told is None else (told.en, told.zh)


def test_every_record_but_that_of_another_group_can_be_a_form() -> None:
    assert {name for _, name in CLASSES} == set(RECORD_NAMES)
    assert {key for key in RECORD_GROUPS if not sheets(RECORD_GROUPS[key])} == {
        "presentation",
        "review",
    }
    assert FORM not in RECORD_GROUPS


def test_every_column_of_every_record_has_a_heading_in_both_languages() -> None:
    titles = read_data("salesflow.records", "columns.toml")
    tables = {"Contract": ContractRow.headings, "RequirementsList": RequirementRow.headings}
    without = {
        f"{name}.{field}"
        for name in RECORD_NAMES
        for field in record_class(name).model_fields
        if field != "opportunity"
        and field not in {**titles["every"], **titles[name], **tables.get(name, {})}
    }
    assert without == set()
    for name in RECORD_NAMES:
        for heading in columns_of(name).values():
            assert heading.en
            assert heading.zh


def test_no_heading_is_of_a_column_that_does_not_exist() -> None:
    titles = read_data("salesflow.records", "columns.toml")
    shared = titles.pop("every")
    assert set(titles) == set(RECORD_NAMES)
    fields = {name: record_class(name).model_fields.keys() for name in RECORD_NAMES}
    assert {f"{name}.{it}" for name in titles for it in titles[name].keys() - fields[name]} == set()
    assert [it for it in shared if not any(it in known for known in fields.values())] == []


@pytest.mark.parametrize("name", RECORD_NAMES)
def test_no_two_columns_of_a_record_are_called_alike(name: str) -> None:
    for lang in LANGUAGES:
        titles = [title.get(lang) for title in columns_of(name).values()]
        assert sorted({title for title in titles if titles.count(title) > 1}) == []


@pytest.mark.parametrize(
    ("name", "row"), [("Contract", ContractRow), ("RequirementsList", RequirementRow)]
)
def test_what_is_a_table_as_well_has_the_headings_of_the_table(name: str, row: Any) -> None:
    for column, heading in row.headings.items():
        assert columns_of(name)[column] == heading


def test_what_is_empty_is_named_column_by_column() -> None:
    asked = ("summary", "agreed", "met", "customer")
    visit = CustomerVisit(customer="A", held_at=AT, way="online", agreed="A demonstration")
    assert missing("visit", asked, visit) == 2
    assert why("visit", asked, visit) == ("Summary, People met", "拜访总结、会见人员")
    assert why("visit", ("agreed",), visit) == (None, None)


def test_without_the_record_it_is_not_known_and_the_record_is_named() -> None:
    assert missing("visit", ("met",)) is None
    told = ("no summary of a visit on record", "尚无拜访总结")
    assert why("visit", ("met",)) == told
    # What a plan says of competitors is no analysis of them.
    plan = OpportunityPlan(opportunity="D-1")
    assert missing("competition", ("competitors",), plan) is None
    assert missing("competition", ("competitors",), CompetitorAnalysis(opportunity="D-1")) == 1


def test_every_column_is_named_however_many_they_are() -> None:
    handover = HandOver(contract="C-1", customer="A")
    (told, _) = why("handover", (), handover)
    assert told is not None
    assert len(told.split(", ")) == missing("handover", (), handover) == len(handover.missing) > 5


def test_without_columns_it_is_what_the_record_counts_as_missing() -> None:
    lead = Lead(customer="A", channel="download")
    fact = RECORD_FACTS["lead.missing"]
    assert missing("lead", (), lead) == fact.read(lead) == len(lead.missing)
    counting = {key for key in RECORD_GROUPS if counted_by(RECORD_GROUPS[key]) is not None}
    for key in counting:
        counted = counted_by(RECORD_GROUPS[key])
        assert counted is not None
        assert counted.lists is not None


def test_of_several_that_count_together_each_has_to_fill_a_column() -> None:
    whole = Partner(name="A", role="Reseller", pays_on=date(2026, 5, 1))
    other = Partner(name="B", role="Integrator")
    assert missing("partner", ("role", "pays_on"), whole) == 0
    assert missing("partner", ("role", "pays_on"), whole, other) == 1


def test_of_a_list_the_columns_of_its_rows_may_be_asked_for() -> None:
    def listed(*needs: Requirement) -> RequirementsList:
        return RequirementsList(customer="A", interviewed_at=AT, requirements=needs)

    known = Requirement(description="Encrypt", confirmed_by="Zhang")
    asked = ("customer", "description", "confirmed_by")
    assert why("requirements", asked, listed(known)) == (None, None)
    open_ = listed(known, Requirement(description="Sync"))
    assert why("requirements", asked, open_) == ("Confirmed by", "确认人")
    assert missing("requirements", asked, listed()) == 2  # no row has them


def test_a_form_is_of_the_class_that_has_its_columns() -> None:
    summary = ShowcaseSummary(customer="A", held_on=AT.date())
    assert missing("showcase", ("planned_on",), summary) is None
    assert why("showcase", ("held_on", "agreed"), summary) == ("What was agreed", "约定事项")


def test_a_list_that_somebody_left_empty_on_purpose_is_filled_in() -> None:
    plan = OpportunityPlan(opportunity="D-1")
    assert missing("plan", ("partners", "competition", "actions"), plan) == 3
    looked = OpportunityPlan(opportunity="D-1", partners=())
    assert missing("plan", ("partners", "competition", "actions"), looked) == 2


def test_no_and_zero_are_answers() -> None:
    able = Partner(name="A", able=False)
    assert missing("partner", ("able",), able) == 0
    contract = Contract(number="C", customer="A", amount=Money("0", "USD"), delivery_days=0)
    assert why("contract", ("amount", "delivery_days", "payment"), contract) == (
        "Terms of payment",
        "付款方式",
    )


@pytest.mark.parametrize(("key", "name"), CLASSES, ids=str)
def test_whatever_the_records_are_a_form_counts_what_it_names(key: str, name: str) -> None:
    columns = (*columns_of(name),)
    made = form_group("sheet", TITLE, RECORD_GROUPS[key], columns)
    (fact,) = made.facts
    assert (fact.name, fact.kind, made.asked_as) == ("form.sheet.missing", FactKind.NUMBER, key)
    assert fact.title.en == "the number of empty columns of “Sheet”"
    assert fact.title.zh == "“某表”未填写的栏目数"

    @settings(max_examples=10, suppress_health_check=list(HealthCheck))
    @given(st.lists(records(record_class(name)), min_size=1, max_size=3))
    def law(some: list[Record]) -> None:
        pile = Pile(some)
        found = made.gather(pile)
        assert found is not None
        assert fact.lists is not None
        empty = fact.lists(found)
        assert empty is not None
        assert fact.read(found) == len(empty) <= len(columns)
        assert not {*empty} - {*columns_of(name).values()}
        for one in some:  # what a model asks for is never empty
            needed = [
                it for it in type(one).model_fields if type(one).model_fields[it].is_required()
            ]
            assert isinstance(one, Record)
            assert not {columns_of(name)[it] for it in needed if it in columns} & {*empty}

    law()
