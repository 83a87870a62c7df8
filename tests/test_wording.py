"""What is wrong with a record is said in our words, with a hint, and all at once."""

from __future__ import annotations

import ast
import inspect
import json
import pickle
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AfterValidator, BeforeValidator, Field, Json, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

import salesflow as sf
from salesflow._unseen import LONGEST
from salesflow.domain import (
    Account,
    Contact,
    CustomerVisit,
    DecisionTable,
    Interview,
    InvalidInput,
    Lead,
    NewOpportunity,
    Opportunity,
    PaymentTerm,
    Quotation,
    Record,
    RelationshipMap,
    Risk,
    Visit,
)
from salesflow.domain._base.times import Day, Instant
from salesflow.errors import ArgumentError, Problem
from tests.domain.record_strategies import RECORDS

# How pydantic begins, and what it calls things.
FOREIGN = re.compile(
    r"Input should|String|Field required|Extra |should|valid |Unable|Decimal input|Instance"
    r"|Datetimes|Value error"
)
BAD: list[object] = [
    *(None, True, 0, -1, 10**30, 1.5, float("nan"), float("inf"), Decimal("1e40")),
    *("", " ", "x" * 30_000, "12", "2026-13-45", "2026-02-30", "\ud800", "{min_length}{said}"),
    *(b"x", [], [1], [None], {}, {"a": 1}, object(), ["x"] * 60),
    *(date(2026, 1, 1), datetime(2026, 1, 1, 9), {"amount": "1.12345678", "currency": "usd"}),
]


def refusal(record: type[Record], fields: object) -> ValidationError | None:
    try:
        record.model_validate(fields)
    except ValidationError as refused:
        return refused
    return None


def told(record: type[Record], fields: object) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        record.model_validate(fields)
    return {".".join(map(str, each["loc"])): each["msg"] for each in caught.value.errors()}


@pytest.mark.parametrize("record", RECORDS, ids=lambda each: each.__name__)
def test_no_field_of_any_record_speaks_pydantics_words(record: type[Record]) -> None:
    for field in record.model_fields:
        for value in BAD:
            refused = refusal(record, {field: value})
            for problem in refused.errors() if refused else ():
                assert not FOREIGN.search(problem["msg"]), (field, value, problem)
                assert not any("[" in str(part) for part in problem["loc"]), problem
            assert "errors.pydantic.dev" not in str(refused)


def test_every_common_mistake_is_said_with_what_to_do() -> None:
    said = told(
        Opportunity,
        {
            "name": " ",
            "owner": 7,
            "source": "x" * 201,
            "probability": 50,
            "close_date_pushes": 1.5,
            "created_on": 20260131,
            "last_activity_on": "31.01.2026",
            "next_step_on": "2026-02-30",
            "contacts": "Zhang",
            "team": [{"person": "li", "roles": []}],
            "account": {"name": "Acme", "tier": "stratgic"},
            "competitors": ["Rival", "Rival"],
        },
    )
    assert said == {
        "id": "it is missing; give a value",
        "name": "it is blank; write something",
        "owner": "7 is not a text; give a text",
        "source": "it is too long; write at most 200 characters",
        "probability": "it is too much; give 1 or less",
        "close_date_pushes": "1.5 is not a whole number; give one such as 3",
        "created_on": "a number is not a date; write 2026-01-31",
        "last_activity_on": "this is not a date; write it as 2026-01-31",
        "next_step_on": "there is no such day; check month and day",
        "contacts": '"Zhang" is not a list; give a list, even of one item',
        "team.0.roles": "nothing is listed; list at least one",
        "account.tier": (
            '"stratgic" is not one of regular, named, strategic; did you mean "strategic"?'
        ),
        "competitors": "Rival is there twice",
    }


UNCHECKED: Any = sf  # what a checker would tell before


@pytest.mark.parametrize(
    ("make", "hint"),
    [
        (lambda: UNCHECKED.Advance("ann"), "Write Advance(by=…)."),
        (lambda: UNCHECKED.Opportunity("D-1", name="Deal"), "Write Opportunity(id=…)."),
        (lambda: UNCHECKED.Text("Hello"), "Write Text(en=…)."),
    ],
)
def test_values_without_names_are_told_that_they_need_them(
    make: Callable[[], object], hint: str
) -> None:
    with pytest.raises(ArgumentError, match="takes its fields by name, not by position") as caught:
        make()
    assert caught.value.hint == hint


def test_signatures_say_nothing_of_what_is_only_refused() -> None:
    kinds = {each.kind for each in inspect.signature(sf.Advance).parameters.values()}
    assert kinds == {inspect.Parameter.KEYWORD_ONLY}


def test_a_text_in_a_language_that_there_is_not_is_told_which_there_are() -> None:
    with pytest.raises(ValidationError, match="no tag of a language; write for instance"):
        sf.Text(german="Ja")
    with pytest.raises(ValidationError, match="5 is not a text; give a text"):
        sf.Text.model_validate({"en": 5})


def test_numbers_and_truth_are_told_apart_from_what_is_none() -> None:
    line = {"item": "I", "quantity": "many", "unit_price": {"amount": 1, "currency": "CNY"}}
    quotation = {"number": "Q", "customer": "A", "currency": "CNY", "discount": 101}
    said = told(Quotation, {**quotation, "lines": [line, {**line, "quantity": "0.00001"}]})
    assert said == {
        "lines.0.quantity": '"many" is not a number; give one such as 12.5',
        "lines.1.quantity": "the number has too many decimals; give at most 4",
        "discount": "it is too much; give 100 or less",
    }
    said = told(PaymentTerm, {"name": "All", "percent": 0, "month_end": "perhaps", "parts": 601})
    assert said == {
        "percent": "it is not enough; give more than 0",
        "month_end": '"perhaps" is neither true nor false; give one of the two',
        "parts": "it is too much; give 600 or less",
    }


def test_the_kind_of_a_problem_and_its_numbers_stay_for_programs() -> None:
    with pytest.raises(ValidationError) as caught:
        Opportunity.model_validate({"id": "", "name": "N", "probability": 2, "x": 1})
    found = {each["loc"][0]: each for each in caught.value.errors()}
    assert [found[name]["type"] for name in ("id", "probability", "x")] == [
        "string_too_short",
        "less_than_equal",
        "unknown_key",
    ]
    assert found["id"]["ctx"]["min_length"] == 1
    assert found["probability"]["input"] == 2


def test_a_key_inside_a_list_is_compared_with_the_fields_at_its_place() -> None:
    fields = {"customer": "A", "contacts": [{"name": "Z", "report_to": "Y"}], "influence": []}
    assert told(RelationshipMap, fields) == {
        "contacts.0.report_to": 'there is no such field; did you mean "reports_to"?',
        "influence": 'there is no such field; did you mean "influences"?',
    }
    row = {"when": {}, "result": "r", "why": {"en": "W"}, "reslt": "x"}
    assert told(DecisionTable, {"title": {"en": "T"}, "inputs": [], "rows": [row]})[
        "rows.0.reslt"
    ] == ('there is no such field; did you mean "result"?')


def test_all_ways_in_speak_the_same_words() -> None:
    expected = "it is blank; write something"
    ways: list[Callable[[], object]] = [
        lambda: Account(name=""),
        lambda: Account.model_validate({"name": ""}),
        lambda: Account.model_validate_json('{"name": ""}'),
        lambda: Account.model_validate_strings({"name": ""}),
    ]
    for way in ways:
        with pytest.raises(ValidationError) as caught:
            way()
        assert [each["msg"] for each in caught.value.errors()] == [expected]
    with pytest.raises(ValidationError, match="this is not JSON: "):
        Account.model_validate_json("{")
    account = Account(name="Acme")
    changes: list[Callable[[], object]] = [
        lambda: setattr(account, "name", "B"),
        lambda: delattr(account, "name"),
    ]
    for change in changes:
        with pytest.raises(ValidationError, match="a record never changes"):
            change()
    assert account.name == "Acme"


def test_words_that_were_put_once_are_not_put_again() -> None:
    class Holder(Record):
        lead: Annotated[Lead, BeforeValidator(Lead.model_validate)]

    wrong = {
        "customer": "",
        "channel": "{x}",
        "received_on": "soon",
        "profile": {"pain_point": "hihg"},
        "graded": "mediun",
        "contct": "Zhang",
    }
    with pytest.raises(ValidationError) as once:
        Lead.model_validate(wrong)
    with pytest.raises(ValidationError) as twice:
        Holder.model_validate({"lead": wrong})
    assert len(once.value.errors()) == len(wrong)
    assert [(each["type"], each["msg"]) for each in once.value.errors()] == [
        (each["type"], each["msg"]) for each in twice.value.errors()
    ]
    assert '"{x}" is not one of' in str(once.value)


def test_of_thousands_of_problems_the_first_are_told_and_how_many_more_there_are() -> None:
    with pytest.raises(ValidationError) as caught:
        Account.model_validate({f"name{number}": 1 for number in range(3_000)})

    first, *others, last = caught.value.errors()
    assert first["loc"] == ("name",)
    assert len(others) > 40
    assert others[0]["msg"] == 'there is no such field; did you mean "name"?'
    assert (last["type"], last["msg"]) == ("more", f"and {3_000 - len(others)} more")
    assert 3_000 < len(str(caught.value)) <= LONGEST


def test_as_many_problems_as_people_read_are_told_with_what_was_given() -> None:
    with pytest.raises(ValidationError) as caught:
        Account.model_validate({"name": "A", **{f"x{number}": 77 for number in range(12)}})

    assert len(caught.value.errors()) == str(caught.value).count("input_value=77") == 12


def test_a_validator_of_a_host_has_its_own_words_whatever_it_calls_its_problem() -> None:
    def refuse(_value: object) -> object:
        raise PydanticCustomError("too_short", "one more {thing}, please", {"thing": "word"})

    def doubt(_value: object) -> object:
        raise ValueError("it is {doubtful}")

    class Hosts(Record):
        text: Annotated[str, AfterValidator(refuse)]
        doubt: Annotated[str, AfterValidator(doubt)]

    assert told(Hosts, {"text": "x", "doubt": "y"}) == {
        "text": "one more word, please",
        "doubt": "it is {doubtful}",
    }


@given(st.text(max_size=60) | st.binary(max_size=5) | st.floats() | st.integers() | st.none())
def test_whatever_is_given_the_refusal_can_be_read(value: object) -> None:
    refused = refusal(Contact, {"name": "Z", "attitude": value, "last_talk_on": value})
    for problem in refused.errors() if refused else ():
        assert not FOREIGN.search(problem["msg"].replace(str(value), ""))
    assert (refused is None) == (value is None)
    assert str(refused)


moments = st.datetimes(
    datetime(2, 1, 3), datetime(9998, 12, 29), timezones=st.timezones() | st.just(UTC)
)


@given(moments)
def test_a_moment_is_the_same_moment_in_utc_from_every_way_in(moment: datetime) -> None:
    try:
        expected = moment.astimezone(UTC)
    except OverflowError:
        return
    kept = Visit(stage="s", entered_at=moment).entered_at
    assert kept == expected
    assert kept.tzinfo is UTC
    text = json.dumps({"stage": "s", "entered_at": expected.isoformat()})
    again = Visit.model_validate_json(text).entered_at
    assert again == expected
    assert again.tzinfo is UTC
    dumped = Visit(stage="s", entered_at=moment).model_dump_json()
    assert Visit.model_validate_json(dumped).entered_at == expected


@given(st.dates())
def test_a_day_is_the_same_day_from_every_way_in(day: date) -> None:
    read = TypeAdapter(Day)
    assert read.validate_python(day) == read.validate_python(day.isoformat()) == day
    assert read.validate_json(f'"{day.isoformat()}"') == day
    assert read.validate_python(datetime(day.year, day.month, day.day)) == day
    assert read.dump_json(day) == f'"{day.isoformat()}"'.encode()


@pytest.mark.parametrize(
    "value",
    [
        *(20260131, 1.5, "20260131", " 20260131 ", True, Decimal(1), None, [], b"2026-01-31"),
        *("2026-W05-6", "2026-1-31", "31.1.2026", "2026-01-32", "2026-01-31T09:00", pd.NaT),
        *("1769817600", "-86400", "٢٠٢٦-٠١-٣١", "2026-01-31\n", datetime(2026, 1, 31, 9)),
    ],
    ids=repr,
)
def test_what_is_no_day_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Day).validate_python(value)


@pytest.mark.parametrize(
    "value",
    [
        *(20260131, 1.5, "20260131", "1769817600", True, None, [], pd.NaT, date(2026, 1, 31)),
        *("2026-01-31", "2026-01-31T09:00", "soon", datetime(2026, 1, 31, 9), datetime.max),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=5))),
    ],
    ids=repr,
)
def test_what_is_no_moment_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Instant).validate_python(value)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("20260131", "a number is not a date"),
        (1769817600, "a number is not a date"),
        ("2026-01-31T09:00", "needs its zone"),
        (date(2026, 1, 31), "a day is not a time"),
        ("tomorrow", "this is not a time; write it as 2026-01-31T09:00"),
        (datetime.max.replace(tzinfo=UTC), "a year from 2 to 9998"),
    ],
)
def test_a_moment_is_refused_with_the_reason(value: object, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        TypeAdapter(Instant).validate_python(value)


@pytest.mark.parametrize("written", ["20260131", '"20260131"', '"2026-02-30"', '"soon"', "null"])
def test_a_day_is_refused_in_json_with_the_words_that_it_is_refused_with_in_python(
    written: str,
) -> None:
    with pytest.raises(ValidationError) as in_json:
        CustomerVisit.model_validate_json(f'{{"next_step_on": {written}}}')
    with pytest.raises(ValidationError) as in_python:
        CustomerVisit.model_validate({"next_step_on": json.loads(written)})
    assert [(each["loc"], each["type"], each["msg"]) for each in in_json.value.errors()] == [
        (each["loc"], each["type"], each["msg"]) for each in in_python.value.errors()
    ]
    for text in (written, '"1769817600"', '"20217600"', '"2026-W05-6"', '"2026-1-31"'):
        with pytest.raises(ValidationError):
            TypeAdapter(Day).validate_json(text)


def test_a_time_of_pandas_is_kept_as_a_time() -> None:
    stamp = pd.Timestamp("2026-03-02T09:00:00+08:00")
    visit = CustomerVisit(customer="A", held_at=stamp, way="online")
    assert type(visit.held_at) is datetime
    assert visit.held_at == datetime(2026, 3, 2, 1, tzinfo=UTC)
    assert TypeAdapter(Day).validate_python(pd.Timestamp("2026-03-02")) == date(2026, 3, 2)


def test_an_hour_that_comes_twice_keeps_which_of_the_two_it_was() -> None:
    second = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1)
    assert Visit(stage="s", entered_at=second).entered_at.hour == 1


def test_days_and_moments_have_a_json_schema_and_are_pickled() -> None:
    fields = Interview.model_json_schema()["properties"]
    assert fields["held_at"] | {"description": ""} == {
        "description": "",
        "format": "date-time",
        "title": "Held At",
        "type": "string",
    }
    risk = Risk(key="r", description="d", review_on=date(2026, 1, 31))
    assert pickle.loads(pickle.dumps(risk)) == risk  # noqa: S301 - our own


def test_money_whose_names_are_no_texts_is_refused_with_everything_else() -> None:
    said = told(Opportunity, {"name": "N", "amount": {1: 2}})
    assert said["id"] == "it is missing; give a value"
    assert "the name of a field must be a text" in said.values()


# ----------------------------------------------------------------- as a host answers with them


def invalid(cls: Any, given: object) -> InvalidInput:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(cls).validate_python(given)
    return InvalidInput.of(caught.value)


def test_invalid_input_is_a_problem_document_of_everything_that_is_wrong() -> None:
    shown = invalid(NewOpportunity, {"id": "", "nam": "x", "amount": 5}).to_dict()
    assert (shown["type"], shown["code"]) == ("urn:salesflow:invalid", "invalid")
    assert shown["problems"] == [
        {
            "path": path,
            "message": message,
            "hint": "",
            "code": code,
            "severity": "error",
            "line": None,
            "column": None,
        }
        for path, message, code in (
            ("id", "it is blank; write something", "string_too_short"),
            ("name", "it is missing; give a value", "missing"),
            ("amount", "5 is not a Money; give a Money, or its fields by name", "model_type"),
            ("nam", 'there is no such field; did you mean "name"?', "unknown_key"),
        )
    ]


def test_what_is_no_record_is_told_in_our_words_too() -> None:
    error = invalid(Annotated[int, Field(ge=0)], -1)
    assert [problem.message for problem in error.problems] == ["it is not enough; give 0 or more"]


def test_what_was_sent_is_not_sent_back() -> None:
    error = invalid(dict[str, bool], {f"{'k' * 2_000}{at}": "secret" for at in range(300)})
    assert len(error.problems) == 101
    assert error.problems[-1].message == "and 200 more"
    assert max(len(problem.path) for problem in error.problems) < 1_500
    assert "secret" not in str(error)


def test_how_many_more_problems_a_record_has_is_told_on() -> None:
    error = invalid(NewOpportunity, {"id": "D", **{f"x{at}": 1 for at in range(300)}})
    assert error.problems[0].path == "name"
    assert error.problems[-1] == Problem("", f"and {302 - len(error.problems)} more", code="more")


@pytest.mark.parametrize("given", [None, 5, "D-1", ["D-1"]])
def test_what_is_no_deal_is_told_how_one_is_written(given: object) -> None:
    (problem,) = invalid(NewOpportunity, given).problems
    assert problem.message.startswith("a deal is a mapping of its fields, for instance {")


UNREAD = ['{"id": "D-1"}', b'{"id": "D-1"}', b"id=D-1", ' [{"id": "D-1"}]', bytearray(b"{}")]


@pytest.mark.parametrize("given", UNREAD, ids=repr)
@pytest.mark.parametrize("kind", [NewOpportunity, Opportunity, sf.AnyCommand, sf.Lose])
def test_json_that_nobody_has_read_is_told_as_such(kind: Any, given: object) -> None:
    (problem,) = invalid(kind, given).problems
    assert problem.message.startswith("this is text, and not JSON that was read; send it as")


def test_a_problem_has_its_path_as_every_other_error_writes_it() -> None:
    given = {"id": "D-1", "name": "x", "team": [{"person": "a", "roles": ["b", ""]}], "fcts": 1}
    paths = [problem.path for problem in invalid(NewOpportunity, given).problems]
    assert paths == ["team[0].roles[1]", "fcts"]


def test_what_is_no_json_is_told_with_the_place_and_never_with_an_index() -> None:
    class FromFastApi(Exception):
        def errors(self) -> list[Any]:
            said = {"type": "json_invalid", "loc": ("body", 7), "msg": "JSON decode error"}
            return [{**said, "input": {}, "ctx": {"error": "Expecting value"}}]

    (problem,) = InvalidInput.of(FromFastApi()).problems
    assert (problem.path, problem.code) == ("body", "json_invalid")
    assert problem.message == "this is not JSON: Expecting value at column 8"

    with pytest.raises(ValidationError) as caught:
        TypeAdapter(NewOpportunity).validate_json('{"id": ,')
    (problem,) = InvalidInput.of(caught.value).problems
    assert (problem.path, problem.code) == ("", "json_invalid")
    assert problem.message == "this is not JSON: expected value at line 1 column 8"

    with pytest.raises(ValidationError) as caught:
        TypeAdapter(list[Json[int]]).validate_python(["1", "{"])
    (problem,) = InvalidInput.of(caught.value).problems
    assert problem.path == "[1]"


def test_no_message_for_pydantic_doubles_its_braces() -> None:
    # Unlike str.format, pydantic fills only the names that it is given, and takes no brace away.
    for path in sorted(Path(sf.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "PydanticCustomError":
                words = [it.value for it in ast.walk(node) if isinstance(it, ast.Constant)]
                assert not any("{{" in word or "}}" in word for word in map(str, words)), path
