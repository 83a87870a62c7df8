"""What is raised for cases and checks of a playbook."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from unittest import SkipTest

from salesflow._unseen import fitting, shown, within
from salesflow.errors import JsonData, Problem, SalesflowError

_LINE: Final = 1_000


class InvalidCases(SalesflowError, ValueError):
    """The file of cases cannot be used.

    `problems` lists everything that is wrong with it, with paths and hints.
    """

    code = "cases"
    status = 422


def problems_of(error: SalesflowError) -> tuple[Problem, ...]:
    """What an error lists; of one that lists nothing, what it says itself."""
    return error.problems or (Problem("", error.message.rstrip("."), error.hint, error.code),)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that a check found.

    Attributes:
        problem: Where it is in the playbook, and what is wrong.
        course: What was done to a deal to find it, one line a step; may be empty.
    """

    problem: Problem
    course: tuple[str, ...] = ()

    def __str__(self) -> str:
        steps = [f"      {number}. {shown(it)}" for number, it in enumerate(self.course, 1)]
        return "\n".join([f"  - {self.problem}", *steps])


class CheckFailed(SalesflowError, AssertionError):
    """A playbook does not keep what checks ask of it.

    `problems` lists everything that was found; the text also what was done to find it.

    Attributes:
        faults: By the name of each check that failed, what it found.
    """

    code = "check_failed"

    def __init__(self, playbook: str, faults: dict[str, Iterable[Fault]]) -> None:
        self.playbook = playbook
        self.faults = {name: tuple(found) for name, found in faults.items()}
        count = len(self.faults)
        names: list[JsonData] = list(self.faults)
        super().__init__(
            f'The playbook "{playbook}" fails {count} check{"" if count == 1 else "s"}.',
            problems=[fault.problem for found in self.faults.values() for fault in found],
            data={"checks": names},
        )

    def __str__(self) -> str:
        lines: list[str] = []
        for name, found in self.faults.items():
            lines += [f"{name}:", *(line for fault in found for line in str(fault).split("\n"))]
        told = [within(line, _LINE) for line in lines]
        return "\n".join(fitting(self.message, told, len(lines), "… and {more} more lines"))


class CheckSkipped(SalesflowError, SkipTest):
    """A check cannot be made here, for instance because a library is not installed.

    Runners of tests show it as skipped.
    """

    code = "check_skipped"
