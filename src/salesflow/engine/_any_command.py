"""Any command, told by its kind: as a type for pydantic, and read from JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeAlias, get_args

from pydantic import Discriminator, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError

from salesflow._wording import unread
from salesflow.engine.commands import (
    Adopt,
    Advance,
    Amend,
    Answer,
    Attest,
    CallForecast,
    Command,
    Complete,
    Delegate,
    Disqualify,
    Hold,
    Judge,
    Lose,
    Migrate,
    MoveTo,
    MoveTrack,
    Reopen,
    Request,
    Resume,
    Retract,
    Start,
    Waive,
    Win,
    Withdraw,
)
from salesflow.errors import CommandError, UnknownName
from salesflow.playbook._read import KeysOnce

_Known: TypeAlias = (
    Start
    | Adopt
    | Advance
    | MoveTo
    | MoveTrack
    | Attest
    | Answer
    | Complete
    | Judge
    | Request
    | Delegate
    | CallForecast
    | Waive
    | Hold
    | Resume
    | Win
    | Lose
    | Disqualify
    | Reopen
    | Retract
    | Withdraw
    | Amend
    | Migrate
)
BY_KIND: Final[Mapping[str, type[Command]]] = {cls.__name__: cls for cls in get_args(_Known)}
"""The class of every command, by its kind."""


def _known_kind(given: object, read: ValidatorFunctionWrapHandler) -> object:
    """Reads a command, with its problems in our words; of an unknown kind the nearest is named."""
    if isinstance(given, Command):
        return read(given)
    if words := unread(given, "read_command"):
        raise PydanticCustomError("command", "{said}", {"said": words})
    try:
        return _class_for(given).model_validate(given)
    except UnknownName as error:
        raise PydanticCustomError("command_kind", "{said}", {"said": str(error)}) from None
    except CommandError as error:
        raise PydanticCustomError("command", "{said}", {"said": str(error)}) from None


AnyCommand: TypeAlias = Annotated[_Known, Discriminator("kind"), WrapValidator(_known_kind)]
"""Any command, told by its `kind`: for a FastAPI body, a TypeAdapter, a field of a record.

Example:
    >>> from pydantic import TypeAdapter
    >>> given = {"kind": "Lose", "by": "li.wei", "reason": "price"}
    >>> TypeAdapter(AnyCommand).validate_python(given)
    Lose(kind='Lose', by='li.wei', role=None, command_id=None, expected_version=None, \
occurred_at=None, note=None, reason='price')
"""


def read_command(data: str | bytes | Mapping[str, object]) -> _Known:
    """The command that JSON, or a mapping as JSON has it, describes.

    It is the inverse of `command.model_dump_json()`, and of `model_dump()`.

    Raises:
        UnknownName: Its `kind` is none of a command; the nearest one is the hint.
        CommandError: It is not JSON of a mapping, or does not say its kind.
        ValidationError: Its fields do not make a command of that kind; every problem is listed.

    Example:
        >>> read_command('{"kind": "Lose", "by": "li.wei", "reason": "price"}').reason
        'price'
        >>> read_command(Resume(by="li.wei").model_dump_json()) == Resume(by="li.wei")
        True
        >>> read_command({"kind": "Advence", "by": "li.wei"})
        Traceback (most recent call last):
        ...
        salesflow.errors.UnknownName: There is no command 'Advence'. Did you mean "Advance"?
    """
    given: Any = data
    if isinstance(data, str | bytes):
        once = KeysOnce()
        try:
            given = json.loads(data, object_pairs_hook=once)
        except (ValueError, RecursionError) as error:
            raise CommandError("This is not JSON.", hint=f"{error}.") from None
        if once.twice:
            keys = ", ".join(f'"{key}"' for key in once.twice)
            raise CommandError("A command says each thing once.", hint=f"Given twice: {keys}.")
    return _class_for(given).model_validate(given)  # type: ignore[return-value]


def _class_for(given: object) -> type[Command]:
    if not isinstance(given, Mapping):
        raise CommandError(
            "A command is a mapping of its fields.",
            hint='For instance {"kind": "Advance", "by": "li.wei"}.',
        )
    if "kind" not in given:
        raise CommandError(
            "The command does not say its kind.", hint=f"Give kind: {', '.join(BY_KIND)}."
        )
    return class_called(given["kind"])


def class_called(kind: object) -> type[Command]:
    """The class of commands of a kind, by its name.

    Raises:
        UnknownName: There is no such kind.
    """
    if isinstance(kind, type) and issubclass(kind, Command):
        return kind
    if not isinstance(kind, str) or kind not in BY_KIND:
        raise UnknownName("command", kind, BY_KIND)
    return BY_KIND[kind]
