"""How complete a plan is: section by section, with what is missing and where."""

from __future__ import annotations

from typing import Final, Self

from salesflow.domain._base.record import Label, Record
from salesflow.text import LANGUAGES, Text

_SHOWN: Final = 200


class Missing(Text):
    """One thing that a plan lacks: a sentence in both languages, and where it belongs.

    Attributes:
        en: What is to be done, in English.
        zh: The same in Chinese.
        path: The place in the record, for instance `actions[0].owner`.

    Example:
        >>> gap = Missing(en="Say who does it", zh="指定负责人", path="actions[0].owner")
        >>> print(gap.path, "-", gap)
        actions[0].owner - Say who does it
    """

    path: Label

    @classmethod
    def of(cls, text: Text, path: str, /, **words: str) -> Self:
        """A gap whose text has words in braces; long words are cut.

        Example:
            >>> str(Missing.of(Text(en="Ask {name}", zh="询问{name}"), "people", name="Zhang"))
            'Ask Zhang'
        """
        short = {name: word[:_SHOWN] for name, word in words.items()}
        filled = {lang: text.get(lang).format(**short) for lang in LANGUAGES}
        return cls.model_validate({**filled, "path": path[:_SHOWN]})


class SectionCompleteness(Record):
    """One section of a plan.

    Attributes:
        key: Its key, the same as in the playbook's instrument.
        title: Its name.
        missing: What is missing, in sentences with their paths; empty where it is complete.
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
        sections: The sections in the order of the plan.

    Example:
        >>> done = SectionCompleteness(key="target", title=Text(en="Target"))
        >>> PlanCompleteness(sections=(done,)).share
        1.0
    """

    sections: tuple[SectionCompleteness, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing is missing anywhere."""
        return all(section.complete for section in self.sections)

    @property
    def share(self) -> float:
        """The share of sections that are complete, from 0 to 1."""
        return sum(section.complete for section in self.sections) / max(len(self.sections), 1)

    @property
    def missing(self) -> tuple[Missing, ...]:
        """Everything that is missing."""
        return tuple(gap for section in self.sections for gap in section.missing)

    def section(self, key: str) -> SectionCompleteness | None:
        """The section of that key; None where the plan does not need such a section."""
        return next((section for section in self.sections if section.key == key), None)
