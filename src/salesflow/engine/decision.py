"""What became of a command: a value, which says why where nothing happened."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Generic, NoReturn, TypeVar

from salesflow._result import Result
from salesflow.domain import HostDeal, Opportunity
from salesflow.engine._any_command import AnyCommand
from salesflow.engine.commands import Command
from salesflow.engine.events import Event
from salesflow.errors import Problem, SalesflowError
from salesflow.rules import Blocker
from salesflow.text import Language, language_of

__all__ = ["Decision", "MoveBlocked"]

DealT = TypeVar("DealT", Opportunity, HostDeal)


class Decision(Result, Generic[DealT]):
    """What became of a command.

    Attributes:
        command: The command that was decided.
        accepted: Whether it takes effect.
        duplicate: Its id was applied before, with the same content: nothing happens again.
        events: What happened, for the host to store; empty when refused or a duplicate.
        opportunity: The deal afterwards; the same object when nothing happened.
        blockers: Every reason for a refusal. Each has to be dealt with.
        problems: What is wrong with the facts and the team of the deal as it is afterwards, and was
            no reason to refuse the command: what the playbook does not know, and values that count
            as missing.
    """

    if TYPE_CHECKING:
        command: Command
    else:  # FastAPI takes every class that a field names for a schema of its document
        command: AnyCommand
    accepted: bool
    opportunity: DealT
    events: tuple[Event, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    duplicate: bool = False
    problems: tuple[Problem, ...] = ()

    def __bool__(self) -> NoReturn:
        raise TypeError("a decision is neither true nor false; look at its `accepted`")

    def require(self) -> DealT:
        """The deal afterwards; raises MoveBlocked when the command was refused."""
        if not self.accepted:
            raise MoveBlocked(self)  # pyright: ignore[reportArgumentType] - of one of the two
        return self.opportunity


class MoveBlocked(SalesflowError):
    """The command was refused.

    Only `Decision.require()` raises it, of a refused decision, which it carries as `decision`.
    `data` has `blockers`, every reason as JSON has it, in all languages.
    """

    code = "blocked"
    status = 409

    def __init__(self, decision: Decision[Opportunity] | Decision[HostDeal]) -> None:
        self.decision = decision
        lang = _spoken(decision.blockers)
        super().__init__(
            f"{decision.command.kind} was refused.",
            hint="Each of these must be dealt with:",
            problems=[
                Problem(blocker.key, blocker.title.get(lang), blocker.fix.get(lang), blocker.code)
                for blocker in decision.blockers
            ],
            data={"blockers": [blocker.model_dump(mode="json") for blocker in decision.blockers]},
        )


def _spoken(blockers: Iterable[Blocker]) -> Language:
    """English; of a playbook without English titles, the language that these are in."""
    titles = (blocker.title for blocker in blockers)
    return next((language_of(title) for title in titles if title.en is None), "en")


# Where it is to be imported from; tracebacks and pickles say so.
MoveBlocked.__module__ = "salesflow.engine"
