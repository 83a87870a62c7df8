"""Who asked for a word, who changed what it rests on, and who stands in for whom."""

from __future__ import annotations

from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain._base.times import Day, Instant


class RequestRecord(Record):
    """Somebody asked for a decision, a judgement or an approval.

    Attributes:
        point: Key of the criterion.
        by: The person who asked.
        at: When they did so.
        note: What they said about it.
    """

    point: Label
    by: Label
    at: Instant
    note: Note | None = None


class Revision(Record):
    """Who gave a fact its present value, and when it changed.

    It is kept of facts on which somebody's word rests or from whose change a duty counts, and of
    questions that were answered again.

    Attributes:
        fact: Name of the fact, or of the question.
        by: The person who amended it or answered it last.
        at: When that was recorded.
        times: When it changed, in the order of the events: at most the latest twenty times. Empty
            on records of earlier releases.
    """

    fact: Label
    by: Label
    at: Instant
    times: tuple[Instant, ...] = ()


class Delegation(Record):
    """A role that somebody gave to a substitute. It lasts while they have it themselves.

    Attributes:
        role: Key of the role.
        by: The person who has it in the team.
        to: The substitute.
        until: The last day on which the substitute has it.
        at: When it was given.
    """

    role: Label
    by: Label
    to: Label
    until: Day
    at: Instant
