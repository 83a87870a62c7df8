"""The forms of a playbook that are records: which of their columns a record leaves empty."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Final, TypeAlias

from salesflow._data import read_data
from salesflow.domain import Record
from salesflow.domain.deal.record_items import record_class
from salesflow.facts import Fact, FactKind
from salesflow.records._group import (
    NAMES,
    Names,
    Pile,
    RecordFact,
    RecordGroup,
    RecordValue,
    latest,
    listed,
    together,
)
from salesflow.text import Text, both, filled

FORM: Final = "form"
"""The first part of the names of these facts."""

_MISSING: Final = both(en="the number of empty columns of “{form}”", zh="“{form}”未填写的栏目数")
_FORMS_PACKAGE: Final = "salesflow.domain.forms"

_Gather: TypeAlias = Callable[[Pile], Any]
_Lists: TypeAlias = Callable[[Any], Names | None]


def _part(group: RecordGroup[Any], name: str) -> _Gather:
    """The record itself, of what a group gathers with others beside it."""

    def gather(pile: Pile) -> Any:  # noqa: ANN401 - a record, whose class is imported with its form
        found = group.gather(pile)
        return None if found is None else getattr(found, name)

    return gather


# Groups whose facts are read from more than the form itself, or from a part of a record only.
_SHEETS: Final[Mapping[str, Callable[[RecordGroup[Any]], Mapping[str, _Gather]]]] = {
    "contract": lambda group: {"Contract": _part(group, "contract")},
    "stage_form": lambda group: {"StageForm": _part(group, "latest")},
    "people": lambda _: {"RelationshipMap": together("RelationshipMap")},
    "competition": lambda _: {
        "CompetitorAnalysis": latest("CompetitorAnalysis", lambda one: one.made_on)
    },
    "showcase": lambda _: {
        "ShowcasePlan": latest("ShowcasePlan", lambda one: one.planned_on),
        "ShowcaseSummary": latest("ShowcaseSummary", lambda one: one.held_on),
    },
    "review": lambda _: {},
    "presentation": lambda _: {},
}
# Records that sales people keep as tables: the headings; and the field that holds the rows.
_TABLES: Final = {"Contract": "contracts", "RequirementsList": "requirements"}
_ROWS: Final = {"RequirementsList": "requirements"}
_NO_COLUMN: Final = "opportunity"


def sheets(group: RecordGroup[Any]) -> Mapping[str, _Gather]:
    """The records of a group that can be a form: what reads them, by the name of their class."""
    if group.key in _SHEETS:
        return _SHEETS[group.key](group)
    return {group.reads[0]: group.gather}


@cache
def columns_of(name: str) -> Mapping[str, Text]:
    """The columns that a form may ask for of the class of that name, with their headings.

    Of a list whose rows have columns these are among them.
    """
    titles = _titles()
    table = _heads(_TABLES[name]) if name in _TABLES else {}
    fields = [field for field in record_class(name).model_fields if field != _NO_COLUMN]
    found = {**titles["every"], **titles[name], **table}
    return {field: found[field] for field in dict.fromkeys((*fields, *_row_columns(name)))}


def _row_columns(name: str) -> Iterable[str]:
    return _heads(_TABLES[name]) if name in _ROWS else ()


@cache
def _titles() -> Mapping[str, Mapping[str, Text]]:
    return {name: _texts(table) for name, table in read_data(__package__, "columns.toml").items()}


@cache
def _heads(table: str) -> Mapping[str, Text]:
    return _texts(read_data(_FORMS_PACKAGE, "headings.toml")[table])


def _texts(table: Mapping[str, Mapping[str, str]]) -> dict[str, Text]:
    return {name: both(**text) for name, text in table.items()}


@dataclass(frozen=True, slots=True)
class FormGroup(RecordGroup[Any]):
    """A form of a playbook, which a record is: its one fact says how much of it is missing.

    Attributes:
        record: The key of the group that the record belongs to.
    """

    record: str

    @property
    def asked_as(self) -> str:
        """The key by which a host is asked for its records."""
        return self.record

    def why(self, fact: RecordFact[Any], found: object, value: RecordValue | None) -> Text | None:
        """Why a form is not filled in: which record is missing, or every column that is empty."""
        names = fact.lists(found) if found is not None and fact.lists is not None else None
        if not names:
            return RecordGroup.why(self, fact, found, value)
        return listed(NAMES, names, None)


def form_group(
    form: str, title: Text, group: RecordGroup[Any], columns: tuple[str, ...] = ()
) -> FormGroup:
    """The fact of a form: how many of its columns its record leaves empty.

    Args:
        form: The key of the form.
        title: What it is called.
        group: That of the record; where there are no columns, it counts itself what is missing.
        columns: The columns that must be filled, all of one class.
    """
    if columns:
        name = sheet_of(group, columns)
        gather = sheets(group)[name]
        lists: _Lists = partial(empty_columns, name=name, columns=columns)
    else:
        fact = counted_by(group)
        if fact is None or fact.lists is None:
            raise AssertionError(group.key)
        gather, lists = group.gather, fact.lists
    missing = RecordFact(
        Fact(f"{FORM}.{form}.missing", FactKind.NUMBER, low=0.0),
        filled(_MISSING, form=title),
        lambda found: len(lists(found) or ()),
        lists,
    )
    return FormGroup(
        key=f"{FORM}.{form}",
        title=group.title,
        reads=group.reads,
        combines=group.combines,
        gather=gather,
        facts=(missing,),
        record=group.key,
    )


def sheet_of(group: RecordGroup[Any], columns: Iterable[str]) -> str:
    """The class of a group that has these columns, by its name; of a form without errors."""
    return next(it for it in sheets(group) if columns_of(it).keys() >= {*columns})


def well_asked(group: RecordGroup[Any], columns: tuple[str, ...]) -> bool:
    """Whether a form can be a record of the group, and can ask for these columns."""
    if not columns:
        return bool(sheets(group)) and counted_by(group) is not None
    return any(columns_of(name).keys() >= {*columns} for name in sheets(group))


def counted_by(group: RecordGroup[Any]) -> RecordFact[Any] | None:
    """The fact of a group that counts what is missing in its record."""
    return next((fact for fact in group.facts if fact.name == f"{group.key}.missing"), None)


def empty_columns(found: Any, *, name: str, columns: tuple[str, ...]) -> Names:  # noqa: ANN401
    """The headings of the columns that a record leaves empty; of several, that one of them does."""
    records = found if isinstance(found, tuple) else (found,)
    headings = columns_of(name)
    return tuple(
        headings[column] for column in columns if any(_leaves(it, column, name) for it in records)
    )


def _leaves(record: Record, column: str, name: str) -> bool:
    """Whether a record leaves a column empty; a column of its rows also where it has no row."""
    if column in type(record).model_fields:
        return _is_blank(record, column)
    rows: tuple[Record, ...] = getattr(record, _ROWS[name])
    return not rows or any(_is_blank(row, column) for row in rows)


def _is_blank(record: Record, field: str) -> bool:
    value: object = getattr(record, field)
    if isinstance(value, Record):
        return all(_is_blank(value, part) for part in type(value).model_fields)
    if isinstance(value, tuple | Mapping):
        # Where None says that nobody has looked, an empty list says that somebody has.
        return not value and type(record).model_fields[field].default is not None
    return value is None or value == ""
