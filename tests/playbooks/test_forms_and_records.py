"""A form of a playbook and the record of the same name call each column alike."""

from __future__ import annotations

import re

import pytest

import salesflow as sf
from salesflow import domain
from salesflow.domain._base.table import TableRow
from salesflow.playbook import Form
from salesflow.records import RECORD_GROUPS
from salesflow.records._of_forms import columns_of, sheets
from salesflow.text import LANGUAGES, Language


def records() -> dict[str, type[TableRow]]:
    """The rows of tables, by the name that a form of theirs has: `customer_tracking`."""
    rows = [
        item
        for item in (getattr(domain, name) for name in domain.__all__)
        if isinstance(item, type) and issubclass(item, TableRow) and item.headings
    ]
    names = [re.sub("(?<!^)(?=[A-Z])", "_", row.__name__.removesuffix("Row")) for row in rows]
    return {name.lower(): row for name, row in zip(names, rows, strict=True)}


def forms() -> list[tuple[str, Form]]:
    """Every form with columns that has a record of its name, with its playbook."""
    return [
        (info.id, form)
        for info in sf.available_playbooks()
        if info.distribution == "salesflow"
        for stage in sf.load_playbook(info.id).stages
        for form in stage.forms
        if form.fields and form.key in records()
    ]


def test_each_of_the_four_tables_has_its_form() -> None:
    assert {form.key for _, form in forms()} == set(records())


@pytest.mark.parametrize(
    ("playbook", "form"), [pytest.param(*it, id=f"{it[0]}.{it[1].key}") for it in forms()]
)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_sheet_made_from_a_form_is_read_by_its_record(
    playbook: str, form: Form, lang: Language
) -> None:
    record = records()[form.key]

    headings = [heading.get(lang) for heading in record.headings.values()]

    assert [field.get(lang) for field in form.fields] == headings, playbook
    required = {name for name, field in record.model_fields.items() if field.is_required()}
    cells = {
        heading: "A" if name in required else ""
        for heading, name in zip(headings, record.headings, strict=True)
    }
    assert set(record.from_cells(cells).model_fields_set) == required


def forms_that_are_records() -> list[tuple[str, Form]]:
    """Every form that says which record it is, with its playbook."""
    return [
        (info.id, form)
        for info in sf.available_playbooks()
        if info.distribution == "salesflow"
        for stage in sf.load_playbook(info.id).stages
        for form in stage.forms
        if form.record is not None
    ]


@pytest.mark.parametrize(
    ("playbook", "form"),
    [pytest.param(*it, id=f"{it[0]}.{it[1].key}") for it in forms_that_are_records()],
)
def test_a_form_calls_each_column_as_its_record_does(playbook: str, form: Form) -> None:
    assert form.record is not None
    tables: dict[str, type[TableRow]] = {
        "Contract": domain.ContractRow,
        "RequirementsList": domain.RequirementRow,
    }
    for name in sheets(RECORD_GROUPS[form.record]):
        if name in tables and form.key in records():
            headings = [*tables[name].headings.values()]
            assert [*form.fields] == headings, playbook
            assert {columns_of(name)[column] for column in form.columns} <= {*headings}
        # Nor does any other form give a heading of its record another meaning.
        for lang in LANGUAGES:
            called = {
                heading.get(lang).casefold(): heading for heading in columns_of(name).values()
            }
            for field in form.fields:
                heading = called.get(field.get(lang).casefold(), field)
                assert (heading.en, heading.zh) == (field.en, field.zh), playbook


def test_the_column_for_remarks_has_one_name() -> None:
    row = domain.CustomerTrackingRow.from_cells({"Customer": "A", "Remarks": "x"})

    assert (row.note, row.cells("en")["Remarks"], row.cells("zh")["备注"]) == ("x", "x", "x")
