"""Commands, their handlers, and the names under which they are offered."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import salesflow as sf
from salesflow import engine
from salesflow.engine import commands
from salesflow.engine._decide import HANDLERS

HERE = Path(__file__).parent


def commands_of(parent: type[sf.Command]) -> Iterator[type[sf.Command]]:
    """Every command of salesflow; what a test or a host derives is not one of ours."""
    for command in parent.__subclasses__():
        if command.__module__.startswith("salesflow."):
            yield command
        yield from commands_of(command)


@cache
def names_in_tests() -> frozenset[str]:
    """The attributes that the tests of the engine read, for instance `Start` in `sf.Start(…)`."""
    return frozenset(
        node.attr
        for path in HERE.glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Attribute)
    )


def lacking(command: type[sf.Command]) -> list[str]:
    """What a command still needs to be one that everybody can use."""
    name = command.__name__
    needs = {
        "a handler in salesflow.engine._decide.HANDLERS": command in HANDLERS,
        "a place in salesflow.engine.commands.__all__": name in commands.__all__,
        "a place in salesflow.engine.__all__": name in engine.__all__,
        "a place in salesflow.__all__ and its stub": name in vars(sf)["__all__"],
        "a test that gives it": name in names_in_tests(),
        "a kind that is its name": command.model_fields["kind"].default == name,
    }
    return [need for need, there in needs.items() if not there]


def test_every_command_has_its_handler_its_exports_and_a_test() -> None:
    found = set(commands_of(sf.Command))

    assert found >= set(HANDLERS)
    assert {command.__name__: lack for command in found if (lack := lacking(command))} == {}


def test_a_command_that_somebody_forgot_to_register_is_told_everything_that_it_lacks() -> None:
    class Forgotten(sf.Command):
        pass

    assert len(lacking(Forgotten)) == 6


@pytest.mark.parametrize("command", [sf.Command, *HANDLERS], ids=lambda cls: cls.__name__)
def test_a_command_that_travels_says_its_kind_and_what_it_needs(
    command: type[sf.Command],
) -> None:
    fields = command.model_fields
    asked = [name for name, field in fields.items() if field.is_required() and name != "kind"]

    assert command.model_json_schema()["required"] == ["kind", *asked]
