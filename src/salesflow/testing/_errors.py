"""What is raised for cases and checks of a playbook."""

from __future__ import annotations

from collections.abc import Sequence
from unittest import SkipTest

from salesflow.errors import Problem, SalesflowError


class InvalidCases(SalesflowError, ValueError):
    """The file of cases cannot be used.

    `problems` lists everything that is wrong with it, with paths and hints.
    """

    code = "cases"
    status = 422


class CheckFailed(SalesflowError, AssertionError):
    """A playbook does not keep what a check asks of it.

    `problems` lists everything that was found; the path of each begins with the name of its check.

    Attributes:
        checks: The names of the checks that failed.
    """

    code = "check"

    def __init__(self, message: str, *, problems: Sequence[Problem], checks: Sequence[str]) -> None:
        self.checks = tuple(checks)
        super().__init__(message, problems=problems, data={"checks": list(checks)})


class CheckSkipped(SalesflowError, SkipTest):
    """A check cannot be made here, for instance because a library is not installed.

    Test runners show it as skipped.
    """

    code = "check_skipped"
