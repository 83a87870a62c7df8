"""Hooks: a host's own word on what is about to happen. They may veto or annotate, never change."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from salesflow.domain._base import Record
from salesflow.domain.opportunity import Deal
from salesflow.engine.commands import Command
from salesflow.errors import CommandError
from salesflow.rules import Blocker, Verdict
from salesflow.text import Text

__all__ = ["Annotation", "Hook", "Proposal", "Veto", "ask"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the engine is about to accept.

    Attributes:
        opportunity: The deal as it is now.
        payloads: What would happen, in order.
    """

    opportunity: Deal
    command: Command
    payloads: tuple[Record, ...]
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


Hook: TypeAlias = "Callable[[Proposal], Veto | Annotation | None]"


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
            vetoes.append(
                Blocker(
                    code="veto",
                    key=answer.key,
                    title=answer.title,
                    verdict=Verdict.NO,
                    seen={},
                    fix=answer.fix,
                )
            )
        elif isinstance(answer, Annotation):
            notes.append(answer.note)
        elif answer is not None:
            raise CommandError(
                f"A hook answered {type(answer).__name__}.",
                hint="Return a Veto, an Annotation or None.",
            )
    return tuple(vetoes), tuple(notes)
