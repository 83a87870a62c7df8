"""How complete a plan is: section by section, with what is missing."""

from __future__ import annotations

from salesflow.domain._base import Label, Record
from salesflow.text import Text

__all__ = ["PlanCompleteness", "SectionCompleteness"]


class SectionCompleteness(Record):
    """One section of a plan.

    Attributes:
        key: Its key, the same as in the playbook's instrument.
        title: Its name.
        missing: What is missing, in sentences; empty: nothing.
    """

    key: Label
    title: Text
    missing: tuple[Text, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


class PlanCompleteness(Record):
    """All sections that a plan has to have.

    Attributes:
        sections: In the order of the plan.
    """

    sections: tuple[SectionCompleteness, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing is missing anywhere."""
        return all(each.complete for each in self.sections)

    @property
    def share(self) -> float:
        """The share of sections that are complete, from 0 to 1."""
        return sum(each.complete for each in self.sections) / max(len(self.sections), 1)

    @property
    def missing(self) -> tuple[Text, ...]:
        """Everything that is missing."""
        return tuple(text for each in self.sections for text in each.missing)

    def section(self, key: str) -> SectionCompleteness | None:
        """The section of that key, or None where the plan needs no such section."""
        return next((each for each in self.sections if each.key == key), None)
