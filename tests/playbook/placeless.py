"""Problems without their lines, to compare those of a text with those of a playbook."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from salesflow.errors import Problem


def placeless(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(replace(problem, line=None, column=None) for problem in problems)
