"""What holds for every record of the trade."""

from __future__ import annotations

import ast
import importlib
import json
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter, ValidationError

import salesflow.domain
from salesflow.domain import (
    Interview,
    NegotiationMinutes,
    NewOpportunity,
    Opportunity,
    Record,
    RelationshipMap,
)
from tests.domain.record_strategies import RECORDS, records

# What these modules define beside what is public is for the other modules of the domain.
SHARED = {
    "_base.invalid_input",
    "_base.record",
    "_base.times",
    "deal.opportunity",
    "deal.progress",
    "deal.withdrawal",
    "plans.plan",
    "plans.section",
    "plans.territory_plan",
}


@pytest.mark.parametrize("record", RECORDS, ids=lambda each: each.__name__)
def test_it_survives_json(record: type[Record]) -> None:
    @settings(max_examples=15, suppress_health_check=list(HealthCheck))
    @given(records(record))
    def law(one: Record) -> None:
        again = type(one).model_validate_json(one.model_dump_json())
        assert again == one
        assert again.model_dump_json() == one.model_dump_json()
        assert type(one).model_validate(one.model_dump()) == one
        assert hash(again) == hash(one)
        schema.validate(json.loads(one.model_dump_json()))

    schema = Draft202012Validator(record.model_json_schema())
    law()


SHORT: list[dict[str, Any]] = [
    {"team": {"wang.fang": "sales_manager"}},
    {"team": {"wang.fang": ["sales_manager", "buyer"], "zhao.lei": "coach"}},
    {"team": [{"person": "wang.fang", "roles": ["sales_manager"]}]},
    *({"amount": {"amount": amount, "currency": "USD"}} for amount in (5, 5.5, "5.50")),
    {"facts": {"margin": 0.2, "site": "home", "visit_on": "2026-01-31", "big": True}},
    {"expected_close_on": "2026-01-31", "probability": 1, "competitors": []},
]


@pytest.mark.parametrize("kind", [NewOpportunity, Opportunity])
@pytest.mark.parametrize("fields", SHORT, ids=str)
def test_whatever_form_is_read_its_json_schema_allows(kind: Any, fields: dict[str, Any]) -> None:
    given = {"id": "D", "name": "N", **fields}
    adapter: TypeAdapter[Opportunity] = TypeAdapter(kind)
    adapter.validate_json(json.dumps(given))
    Draft202012Validator(adapter.json_schema()).validate(given)


@pytest.mark.parametrize(
    "team", [{"wang.fang": []}, {"": "coach"}, {"wang.fang": ""}, {"wang.fang": 5}, "wang.fang"]
)
def test_a_team_that_is_refused_is_none_by_its_json_schema(team: object) -> None:
    given = {"id": "D", "name": "N", "team": team}
    with pytest.raises(ValidationError):
        Opportunity.model_validate(given)
    assert not Draft202012Validator(Opportunity.model_json_schema()).is_valid(given)


@pytest.mark.parametrize("record", RECORDS, ids=lambda each: each.__name__)
def test_it_is_frozen_and_refuses_unknown_keys(record: type[Record]) -> None:
    assert record.model_config.get("frozen") is True
    assert record.model_config.get("extra") == "forbid"
    with pytest.raises(ValidationError, match="colour"):
        record.model_validate({"colour": "red"})


@pytest.mark.parametrize("record", RECORDS, ids=lambda each: each.__name__)
def test_its_docstring_says_what_each_field_means(record: type[Record]) -> None:
    docs = [cls.__doc__ or "" for cls in record.__mro__ if cls is not object]
    said = {line.strip().partition(":")[0] for doc in docs for line in doc.splitlines()}
    assert [name for name in record.model_fields if name not in said] == []


@pytest.mark.parametrize("record", RECORDS, ids=lambda each: each.__name__)
def test_it_has_a_json_schema(record: type[Record]) -> None:
    assert record.model_json_schema()["type"] == "object"
    assert record.model_json_schema(mode="serialization")["type"] == "object"


def test_the_records_are_imported_only_when_they_are_used() -> None:
    code = (
        "import sys, salesflow, salesflow.domain\n"
        "print([name for name in sys.modules if name.startswith('salesflow.domain.')])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout
    assert "salesflow.domain.deal.account" not in loaded
    assert "salesflow.domain.plans.plan" not in loaded
    assert "dateutil" not in loaded


def test_a_name_that_the_domain_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_record"):
        getattr(salesflow.domain, "no_such_record")  # noqa: B009 - a type checker would refuse it
    assert "Lead" in dir(salesflow.domain)


def test_every_public_name_of_a_module_is_offered() -> None:
    homes: dict[str, str] = vars(salesflow.domain)["_HOMES"]
    offered = {home: {name for name in homes if homes[name] == home} for home in homes.values()}
    for home, names in offered.items():
        assert names <= defined(f"salesflow.domain.{home}")
        if home not in SHARED:
            assert names == defined(f"salesflow.domain.{home}")


def defined(module: str) -> set[str]:
    """The public names that a module defines itself."""
    found = importlib.import_module(module)
    tree = ast.parse(Path(str(found.__file__)).read_bytes())
    names = {
        getattr(target, "id", "")
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    }
    names |= {node.name for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    return {name for name in names if not name.startswith("_")}


def test_a_time_without_its_zone_is_refused_with_everything_else() -> None:
    with pytest.raises(ValidationError) as caught:
        Interview.model_validate(
            {
                "customer": " ",
                "held_at": datetime(2026, 3, 2, 9, 0),
                "by": "li.wei",
                "statements": [{"kind": "gossip", "words": "  "}],
            }
        )
    found = {".".join(map(str, each["loc"])): each["msg"] for each in caught.value.errors()}
    assert set(found) == {"customer", "held_at", "statements.0.kind", "statements.0.words"}
    assert "needs its zone" in found["held_at"]
    assert "blank" in found["statements.0.words"]


def test_what_is_wrong_between_fields_is_said_together_with_what_is_wrong_in_them() -> None:
    with pytest.raises(ValidationError) as caught:
        NegotiationMinutes.model_validate(
            {
                "customer": "Acme",
                "held_on": 20260302,
                "price": {"amount": "-1", "currency": "USD"},
                "payment": [{"name": "All", "percent": "99", "due": "signing", "on": "2026-01-01"}],
            }
        )
    paths = {".".join(map(str, each["loc"])) for each in caught.value.errors()}
    assert paths == {"held_on", "price.amount", "payment.0.on"}


@given(st.text(max_size=30))
def test_what_a_customer_said_is_kept_to_the_letter(said: str) -> None:
    if said.strip():
        notes = Interview.model_validate(
            {
                "customer": "Acme",
                "held_at": "2026-03-02T09:00:00Z",
                "by": "li.wei",
                "statements": [{"kind": "present_pain", "words": said}],
            }
        )
        assert notes.said_of("present_pain") == (said,)


def test_a_problem_shows_the_value_that_was_given() -> None:
    with pytest.raises(ValidationError) as caught:
        RelationshipMap.model_validate(
            {"customer": "Acme", "contacts": [{"name": "Zhang", "reports_to": "Nobody"}]}
        )
    assert caught.value.errors()[0]["input"] == "Nobody"


def test_the_table_of_the_sources_names_records_that_there_are() -> None:
    page = Path(__file__).parents[2] / "docs" / "api" / "domain.md"
    table = page.read_text(encoding="utf-8").partition("## Tables and forms")[2]
    second = [line.split("|")[2] for line in table.splitlines() if line.startswith("| ")]
    named = {name for cell in second for name in re.findall(r"`([A-Z]\w+)`", cell)}
    records = {each.__name__ for each in RECORDS}
    assert named - {"AnswerSheet"} <= records
    rows = {"CustomerTrackingRow", "StageProgressRow", "RequirementRow", "ContractRow"}
    assert rows <= named
    assert len(named) > 50


def test_the_table_of_the_words_has_the_words_that_the_fields_take() -> None:
    page = Path(__file__).parents[2] / "docs" / "api" / "domain.md"
    table = page.read_text(encoding="utf-8").partition("| type | values |")[2].partition("\n\n")[0]
    lines = [re.findall("`([^`]+)`", line) for line in table.splitlines()[2:]]
    assert len(lines) > 15
    for name, *words in lines:
        assert words == [*get_args(getattr(salesflow.domain, name))], name
