"""The records in the cases file of a playbook, by the names that its cases say."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

import salesflow as sf
from salesflow.domain import Record


@cache
def case_file(playbook: str) -> dict[str, Any]:
    """The cases of a playbook, as they are written."""
    path = files("salesflow.playbooks") / f"{playbook}.cases.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def records_of(playbook: str) -> dict[str, Record]:
    """Each record of a cases file; one that is `like` another has that one's other fields."""
    tables: dict[str, dict[str, Any]] = case_file(playbook).get("records", {})
    told = {name: _fields(tables, name) for name in tables}
    deal = sf.Opportunity.model_validate(
        {"id": "D-1", "name": "A deal", "records": [*told.values()]}
    )
    return dict(zip(told, deal.records, strict=True))


def _fields(tables: dict[str, dict[str, Any]], name: str) -> dict[str, Any]:
    fields = dict(tables[name])
    like = fields.pop("like", None)
    return fields if like is None else {**_fields(tables, like), **fields}
