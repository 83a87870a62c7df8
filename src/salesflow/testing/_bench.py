"""What the checks of one playbook share: the playbook, its cases, and deals for all of it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Final

from salesflow.errors import Problem
from salesflow.playbook import Playbook, lint_file
from salesflow.testing._cases import CaseFile
from salesflow.testing._course import Course
from salesflow.testing._errors import InvalidCases
from salesflow.testing._sources import is_file, playbook_of
from salesflow.testing._survey import Survey, samples_for, survey_of

_MOST_DEALS: Final = 100


class Bench:
    """A playbook under test; everything is worked out once, when a check first asks for it."""

    def __init__(self, given: Playbook | str | Path, earlier: tuple[Playbook, ...]) -> None:
        self.given = given
        self.earlier = earlier

    @property
    def name(self) -> str:
        """What the playbook is called in a message."""
        return self.given.id if isinstance(self.given, Playbook) else str(self.given)

    @cached_property
    def playbook(self) -> Playbook:
        """The playbook; raises what loading it raises."""
        return playbook_of(self.given)

    @cached_property
    def lint(self) -> tuple[Problem, ...]:
        """What the lint says of it."""
        if not isinstance(self.given, Playbook) and is_file(self.given):
            return lint_file(self.given)
        return self.playbook.warnings

    @cached_property
    def cases(self) -> CaseFile | None:
        """Its cases, if there are any."""
        return CaseFile.beside(self.given)

    @cached_property
    def survey(self) -> Survey:
        """Deals that were taken through it."""
        try:
            cases = self.cases
        except InvalidCases:  # a check of its own tells it
            cases = None
        return survey_of(self.playbook, samples_for(self.playbook, cases))

    @cached_property
    def courses(self) -> tuple[Course, ...]:
        """Some of these deals, each once, that have begun."""
        begun = (it for it in self.survey.courses if it.deal.progress.stage is not None)
        return tuple({id(it.deal): it for it in begun}.values())[:_MOST_DEALS]
