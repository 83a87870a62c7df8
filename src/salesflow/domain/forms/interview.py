"""What the customer said, in the customer's own words."""

from __future__ import annotations

from typing import Final, Literal, get_args

from salesflow.domain._base.record import Label, Note, Record, Verbatim
from salesflow.domain._base.times import Instant

InformationKind = Literal["present_pain", "expected_goal", "budget_range", "decision_process"]
"""The four kinds of information that an interview has to bring."""

_KINDS: Final[tuple[InformationKind, ...]] = get_args(InformationKind)
_QUESTIONS: Final = range(3, 6)


class Statement(Record):
    """One thing that the customer said.

    Attributes:
        kind: The kind of information.
        words: What was said, to the letter; nothing is stripped or changed.
        said_by: The person who said it.
    """

    kind: InformationKind
    words: Verbatim
    said_by: Label | None = None


class Interview(Record):
    """Notes of an interview about the customer's needs.

    Source: "Sales process management template", step 2: three to five open questions are
    prepared, and four kinds of information are written down in the customer's own words.

    Attributes:
        customer: Name of the customer.
        held_at: When it was held.
        by: The person who asked.
        interviewed: The people who were asked.
        way: By telephone, in person, or in an online meeting.
        background: What we had found out about the customer beforehand.
        questions: The open questions that were prepared.
        statements: What was said.
        our_reading: How we understand it, kept apart from what was said.

    Example:
        >>> notes = Interview(
        ...     customer="Acme",
        ...     held_at="2026-03-02T09:00:00+08:00",
        ...     by="li.wei",
        ...     statements=(Statement(kind="present_pain", words="We type it all in twice. "),),
        ... )
        >>> notes.statements[0].words
        'We type it all in twice. '
        >>> notes.missing
        ('expected_goal', 'budget_range', 'decision_process')
    """

    customer: Label
    held_at: Instant
    by: Label
    interviewed: tuple[Label, ...] = ()
    way: Literal["telephone", "in_person", "online"] | None = None
    background: Note | None = None
    questions: tuple[Note, ...] = ()
    statements: tuple[Statement, ...] = ()
    our_reading: Note | None = None

    @property
    def missing(self) -> tuple[InformationKind, ...]:
        """The kinds of information about which nothing was said."""
        said = {statement.kind for statement in self.statements}
        return tuple(kind for kind in _KINDS if kind not in said)

    @property
    def well_prepared(self) -> bool:
        """Whether three to five questions were prepared."""
        return len(self.questions) in _QUESTIONS

    def said_of(self, kind: InformationKind) -> tuple[str, ...]:
        """What was said about one kind of information, to the letter."""
        return tuple(statement.words for statement in self.statements if statement.kind == kind)
