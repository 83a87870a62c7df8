"""Commands on the wire: what is written is what is read, and what cannot be read is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter, ValidationError

import salesflow as sf
from salesflow.domain.deal.opportunity import AMENDABLE
from salesflow.engine._decide import HANDLERS
from salesflow.errors import CommandError, UnknownName
from tests.domain.record_strategies import records

HALF = "\ud800"
ANY: TypeAdapter[sf.Command] = TypeAdapter(sf.AnyCommand)
SCHEMA = Draft202012Validator(ANY.json_schema())
CLASSES = sorted(HANDLERS, key=lambda cls: cls.__name__)


@st.composite
def amendments(draw: st.DrawFn) -> sf.Amend:
    """Some fields of some deal; those of the command itself are drawn with the other commands."""
    deal = draw(records(sf.Opportunity)).model_dump(mode="json")
    names = draw(st.sets(st.sampled_from(sorted(AMENDABLE)), min_size=1, max_size=3))
    return sf.Amend(by="li", changes={name: deal[name] for name in names})


commands = amendments() | st.sampled_from([cls for cls in CLASSES if cls is not sf.Amend]).flatmap(
    records
)


@given(commands)
def test_every_command_comes_back_as_what_it_was(command: sf.Command) -> None:
    written = command.model_dump_json()

    assert json.loads(written)["kind"] == type(command).__name__
    SCHEMA.validate(json.loads(written))
    for read in (
        sf.read_command(written),
        sf.read_command(written.encode()),
        sf.read_command(json.loads(written)),
        sf.read_command(command.model_dump()),
        ANY.validate_json(written),
        ANY.validate_python(command),
    ):
        assert type(read) is type(command)
        assert read == command
    assert ANY.dump_json(command).decode() == written


def test_the_union_holds_every_command() -> None:
    schema = ANY.json_schema()

    assert set(schema["discriminator"]["mapping"]) == {cls.__name__ for cls in HANDLERS}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ('{"kind": "advence", "by": "li"}', 'Did you mean "Advance"?'),
        ({"kind": 5, "by": "li"}, "no command of type int"),
        ({"kind": "Command", "by": "li"}, "no command 'Command'"),
        ({"kind": None, "by": "li"}, "no command of type NoneType"),
        ({"kind": ["Lose"], "by": "li"}, "no command of type list"),
    ],
)
def test_a_kind_that_there_is_not_is_told_with_the_nearest(given: Any, words: str) -> None:
    with pytest.raises(UnknownName) as caught:
        sf.read_command(given)
    assert words in str(caught.value)
    with pytest.raises(ValidationError) as refused:
        ANY.validate_python(json.loads(given) if isinstance(given, str) else given)
    assert [item["type"] for item in refused.value.errors()] == ["command_kind"]
    assert words in refused.value.errors()[0]["msg"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("{", "This is not JSON."),
        ("[" * 100_000, "This is not JSON."),
        (b"\xff", "This is not JSON."),
        ("[]", "A command is a mapping of its fields."),
        ("3", "A command is a mapping of its fields."),
        ({"by": "li"}, "The command does not say its kind."),
        (["Advance"], "A command is a mapping of its fields."),
        ('{"kind": "Lose", "by": "li", "kind": "Win"}', 'each thing once. Given twice: "kind".'),
        ('{"by": "li", "kind": "Win", "by": "wang", "kind": "Win"}', 'twice: "by", "kind".'),
    ],
)
def test_what_is_no_command_at_all_is_told(given: Any, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        sf.read_command(given)


def test_every_problem_of_a_command_is_told_at_once_in_our_words() -> None:
    with pytest.raises(ValidationError) as caught:
        sf.read_command({"kind": "Lose", "by": "", "raeson": "price"})

    told = {item["loc"]: item["msg"] for item in caught.value.errors()}
    assert told == {
        ("by",): "it is blank; write something",
        ("reason",): "it is missing; give a value",
        ("raeson",): 'there is no such field; did you mean "reason"?',
    }


def test_a_retry_that_expects_another_version_is_the_same_command() -> None:
    first = sf.Lose(by="li", reason="price", command_id="c-1", expected_version=3)
    again = first.model_copy(update={"expected_version": 4})
    other = first.model_copy(update={"reason": "no_need"})

    assert first.digest == again.digest
    assert first.digest != other.digest


@pytest.mark.parametrize(
    "fields",
    [
        {"by": HALF},
        {"note": HALF},
        {"question": HALF, "mark": "+"},
        {"value": HALF},
        {"about": HALF, "mark": "+"},
        {HALF: 1},
    ],
)
def test_half_of_a_surrogate_pair_is_no_text(fields: dict[str, object]) -> None:
    given = {"kind": "Answer", "by": "li", "question": "a.b", **fields}
    reads: tuple[Callable[[], object], ...] = (
        lambda: sf.read_command(given),
        lambda: sf.read_command(json.dumps(given)),
        lambda: ANY.validate_python(given),
    )
    for read in reads:
        with pytest.raises(ValidationError, match="characters that cannot be stored"):
            read()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"by": "li"}, "The command does not say its kind. Give kind: Start, Adopt,"),
        ([], "A command is a mapping of its fields. For instance"),
        (None, "A command is a mapping of its fields. For instance"),
        ({"kind": HALF}, "There is no command"),
        ('{"kind": "Win", "by": "li"}', "this is text, and not JSON that was read; send it as"),
        (b"{}", "this is text, and not JSON that was read; send it as"),
    ],
)
def test_pydantic_is_told_the_same_of_what_is_no_command(given: object, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ANY.validate_python(given)
    assert caught.value.errors()[0]["msg"].startswith(words)


def test_a_body_is_told_its_problems_in_our_words_and_where_they_are() -> None:
    with pytest.raises(ValidationError) as caught:
        ANY.validate_python({"kind": "Lose", "by": "", "raeson": "price"})
    assert {item["loc"]: item["msg"] for item in caught.value.errors()} == {
        ("by",): "it is blank; write something",
        ("reason",): "it is missing; give a value",
        ("raeson",): 'there is no such field; did you mean "reason"?',
    }


def test_an_unknown_kind_that_is_no_text_can_be_answered_with() -> None:
    with pytest.raises(UnknownName) as caught:
        sf.read_command({"kind": HALF})
    assert json.dumps(caught.value.to_dict(), ensure_ascii=False).encode()
