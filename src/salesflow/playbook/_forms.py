"""Forms that are records of a deal, and the criteria of those that a stage is not left without."""

from __future__ import annotations

from collections.abc import Container
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from salesflow.errors import RuleError
from salesflow.facts import FactKind, Facts
from salesflow.playbook._document import facts_read
from salesflow.playbook._model_process import CRITERION
from salesflow.playbook._parts import ASKED_FORMS, MATTERS, RawTable, forms_of, title_of
from salesflow.playbook._problem_log import ProblemLog
from salesflow.rules import Rule
from salesflow.rules.ast import Compare, Name, Number
from salesflow.text import both, filled

if TYPE_CHECKING:
    from typing import Any

    from salesflow.records import RecordGroup

_OF_FORM: Final = "of_form"
_FILLED_IN: Final = both(en="{form} is filled in", zh="已填写{form}")


def missing_of(key: str) -> str:
    """The fact that says how many columns of a form are empty."""
    return f"form.{key}.missing"


def with_asked_forms(document: RawTable, facts: Facts | None = None) -> RawTable:
    """The document with the criteria of its required forms, beside those that the file gives.

    Args:
        document: The document.
        facts: Those that rules may name; None while they are not known and rules are not read.
    """
    if not any(form["required"] or form["record"] is not None for form in forms_of(document)):
        return document
    read = set[str]() if facts is None else facts_read(document)
    stages = tuple(_stage(stage, read, facts) for stage in document.tables("stages"))
    return RawTable({**document, "stages": stages}, document.path)


def _stage(stage: RawTable, read: Container[str], facts: Facts | None) -> RawTable:
    forms = stage.tables("forms")
    if not forms:
        return stage
    asked = tuple(_criterion(form, facts) for form in forms if _is_asked(form))
    told = tuple(
        RawTable({**form, MATTERS: True}, form.path)
        if form["required"] or missing_of(str(form["key"])) in read
        else form
        for form in forms
    )
    return RawTable({**stage, "forms": told, ASKED_FORMS: asked}, stage.path)


def _is_asked(form: RawTable) -> bool:
    return bool(form["required"]) and form.name("key") is not None


def _criterion(form: RawTable, facts: Facts | None) -> RawTable:
    """The criterion that a form is filled in."""
    name = missing_of(form.key)
    rule = None
    if facts is not None and name in facts:
        with suppress(RuleError):  # its key is none, which is told of the form
            rule = Rule.of(Compare((Name(name, FactKind.NUMBER), Number(0.0)), ("==",)), facts)
    return CRITERION.filled(
        form.path,
        key=form.key,
        title=filled(_FILLED_IN, form=form.text("title") or title_of(form.key)),
        rule=rule,
        when=form["when"],
        reading=form["reading"],
        **{_OF_FORM: True},
    )


def is_of_form(criterion: RawTable) -> bool:
    """Whether a criterion stands in no file: it follows from a form."""
    return _OF_FORM in criterion


def check_forms(document: RawTable, log: ProblemLog) -> None:
    """Note forms of records that do not exist, or that nobody could fill in, and keys taken."""
    seen: dict[str, RawTable] = {}
    for form in forms_of(document):
        _check_form(form, log)
        key = form.name("key")
        if key is None:
            continue
        other = seen.setdefault(key, form)
        both_asked = form["required"] and other["required"]  # told of their criteria
        if other is form or both_asked or log.told(form.at("key")):
            continue
        if form["record"] is not None or other["record"] is not None:
            log.taken(form.at("key"), "form", key, other.at("key"))


def _check_form(form: RawTable, log: ProblemLog) -> None:
    record, columns = form.name("record"), form.names("columns")
    if form.path in log.unread:
        return
    if record is None:
        if log.told(form.at("record")):
            return
        hint = 'name the group of its record, such as record = "visit"'
        if form["required"]:
            message = "nothing says whether this form is filled in"
            log.add(form.at("required"), message, hint, "missing")
        elif columns:
            log.add(form.at("columns"), "no record has these columns", hint, "missing")
        return
    from salesflow.records._of_forms import sheets, well_asked  # noqa: PLC0415 - for forms that are
    from salesflow.records._read import RECORD_GROUPS  # noqa: PLC0415 - records

    can_be = [key for key, group in RECORD_GROUPS.items() if sheets(group)]
    if record not in can_be:
        log.unknown(form.at("record"), "record that can be a form", record, can_be)
    elif not well_asked(RECORD_GROUPS[record], columns):
        _check_columns(form, RECORD_GROUPS[record], columns, log)


def _check_columns(
    form: RawTable, group: RecordGroup[Any], columns: tuple[str, ...], log: ProblemLog
) -> None:
    from salesflow.records._of_forms import columns_of, sheets  # noqa: PLC0415 - as above

    known = {name: columns_of(name) for name in sheets(group)}
    if not columns:
        if log.told(form.at("columns")):
            return
        names = ", ".join(dict.fromkeys(it for table in known.values() for it in table))
        message = "nothing says which columns must be filled"
        log.add(form.at("columns"), message, f"name some of {names}", "missing")
        return
    # Of several classes the one is meant that has most of them.
    name = max(known, key=lambda it: len(known[it].keys() & {*columns}))
    for path, column in form.names_at("columns"):
        if column not in known[name]:
            log.unknown(path, f"column of the record {name}", column, known[name])
