"""How complete a plan is: section by section, with what is missing and where."""

from __future__ import annotations

from salesflow.domain._base.record import Label, Record
from salesflow.text import Text


class Missing(Text):
    """One thing that a plan lacks: a sentence in both languages, and where it belongs.

    Attributes:
        en: What is to be done, in English.
        zh: The same in Chinese.
        path: Where in the record, for instance `actions[0].owner`.

    Example:
        >>> gap = Missing(en="Say who does it", zh="指定负责人", path="actions[0].owner")
        >>> print(gap.path, "-", gap)
        actions[0].owner - Say who does it
    """

    path: Label


class SectionCompleteness(Record):
    """One section of a plan.

    Attributes:
        key: Its key, the same as in the playbook's instrument.
        title: Its name.
        missing: What is missing, in sentences with their paths; empty: nothing.
    """

    key: Label
    title: Text
    missing: tuple[Missing, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


class PlanCompleteness(Record):
    """All sections that a plan has to have.

    Attributes:
        sections: In the order of the plan.

    Example:
        >>> done = SectionCompleteness(key="target", title=Text(en="Target"))
        >>> PlanCompleteness(sections=(done,)).share
        1.0
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
    def missing(self) -> tuple[Missing, ...]:
        """Everything that is missing."""
        return tuple(gap for each in self.sections for gap in each.missing)

    def section(self, key: str) -> SectionCompleteness | None:
        """The section of that key, or None where the plan needs no such section."""
        return next((each for each in self.sections if each.key == key), None)
