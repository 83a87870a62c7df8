"""Hooks: a host's own word on what is about to happen. They may veto or annotate, never change."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias, cast

from pydantic import TypeAdapter, ValidationError

from salesflow._arguments import describe, refuse
from salesflow.domain._base.record import Note
from salesflow.domain.deal.opportunity import Deal
from salesflow.engine.commands import Command
from salesflow.engine.events import Payload
from salesflow.errors import CommandError
from salesflow.rules import Blocker, Verdict
from salesflow.text import Text

__all__ = ["Annotation", "Hook", "Proposal", "Veto", "ask", "callables"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the engine is about to accept.

    Attributes:
        opportunity: The deal as it is now.
        command: What somebody asked for.
        payloads: What would happen, in order; `payload.kind` says which of them it is.
        at: When it is decided.
    """

    opportunity: Deal
    command: Command
    payloads: tuple[Payload, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Veto:
    """The host says no; it becomes a blocker with code `"veto"`.

    Attributes:
        key: What a program knows it by.
        title: What ought to hold.
        fix: What would change it.
    """

    key: str
    title: Text
    fix: Text


@dataclass(frozen=True, slots=True)
class Annotation:
    """The host has something to add; every event of the command keeps it."""

    note: str


_NOTE: Final = TypeAdapter(Note)

Hook: TypeAlias = "Callable[[Proposal], Veto | Annotation | None]"
"""What a host says of what is about to happen: a refusal, a note, or nothing."""


def callables(hooks: object) -> tuple[Hook, ...]:
    """The hooks of an engine; raises ArgumentError where one is not a function."""
    given: tuple[object, ...] = tuple(hooks) if isinstance(hooks, Iterable) else (hooks,)
    for at, hook in enumerate(given):
        if not callable(hook):
            refuse(f"hooks[{at}]", "a function of a Proposal", hook)
    return cast("tuple[Hook, ...]", given)


def ask(hooks: Iterable[Hook], proposal: Proposal) -> tuple[tuple[Blocker, ...], tuple[str, ...]]:
    """Every veto as a blocker, and every annotation.

    Raises:
        CommandError: A hook answered something else. What a hook itself raises is not caught.
    """
    vetoes: list[Blocker] = []
    notes: list[str] = []
    for hook in hooks:
        answer: object = hook(proposal)
        if isinstance(answer, Veto):
            vetoes.append(_blocker(answer))
        elif isinstance(answer, Annotation):
            notes.append(_note(answer))
        elif answer is not None:
            raise CommandError(
                f"A hook answered with {describe(answer)}.",
                hint="Return a Veto, an Annotation or None.",
            )
    return tuple(vetoes), tuple(notes)


def _blocker(veto: Veto) -> Blocker:
    words: tuple[object, ...] = (veto.title, veto.fix)
    if not all(isinstance(text, Text) for text in words) or not isinstance(veto.key, str):
        raise CommandError(
            "A hook's veto has a key, and a title and a fix that are Texts.",
            hint='For instance Veto("credit", Text(en="…", zh="…"), Text(en="…", zh="…")).',
        )
    return Blocker(
        code="veto",
        key=veto.key,
        title=veto.title,
        verdict=Verdict.NO,
        fix=veto.fix,
    )


def _note(annotation: Annotation) -> str:
    # Events are made of what was validated before; a hook's words were not.
    try:
        return _NOTE.validate_python(annotation.note)
    except ValidationError as error:
        raise CommandError(
            "A hook's annotation cannot be kept in an event.",
            hint="; ".join(item["msg"] for item in error.errors()) + ".",
        ) from error
