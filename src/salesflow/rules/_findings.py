"""The result of an evaluation: a tree of findings, and the blockers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, PrivateAttr

from salesflow._frozen import Frozen, FrozenDict
from salesflow._result import Result
from salesflow.facts import Fact
from salesflow.rules._values import Value, Verdict
from salesflow.rules._verbalize import Leaf
from salesflow.rules.ast import Node
from salesflow.rules.core import Core
from salesflow.text import Language, Text

_Titles: TypeAlias = tuple[Text | None, ...]

BlockerCode: TypeAlias = Literal[
    "no",
    "unknown",
    "any_of",
    "all_of",
    "computed",
    "attested",
    "decision",
    "judgement",
    "approval",
    "lapsed",
    "instruments",
    "instrument",
    "not_started",
    "already_started",
    "ended",
    "not_ended",
    "already_closed",
    "not_closed",
    "already_there",
    "in_state",
    "no_way",
    "not_applicable",
    "already_migrated",
    "on_hold",
    "not_on_hold",
    "role",
    "not_from_here",
    "not_allowed",
    "why_missing",
    "note_missing",
    "reason_missing",
    "advisory",
    "no_end_here",
    "not_reached",
    "not_winning_stage",
    "reason_first",
    "winning_skipped",
    "past_winning",
    "not_here",
    "review_in_past",
    "answer",
    "not_on_record",
    "fact_value",
    "unmapped",
    "kept_by_host",
    "own_deal",
    "same_person",
    "role_for_oneself",
    "which_point",
    "nothing_to_judge",
    "won_too_early",
    "own_request",
    "out_of_turn",
    "note_against_score",
    "follow_up_missing",
    "evidence_missing",
    "role_not_held",
    "not_ones_own",
    "not_owner",
    "already_called",
    "over_already",
    "veto",
]
"""Every code that a blocker can have, for programs to switch on; [what each means](blockers.md)."""


@dataclass(frozen=True, slots=True)
class LeafWords:
    """The words for a leaf that do not depend on values: made once, for every evaluation.

    Attributes:
        named: The names under which titles were looked up.
        titles: What was found there: where other titles are given, other words are made.
        halves: The statement in two halves, in each language.
        title: What ought to hold.
        absent: What is said when its facts are missing.
    """

    named: tuple[str, ...]
    titles: _Titles
    halves: Mapping[Language, Leaf]
    title: Text
    absent: Text


@dataclass(frozen=True, slots=True)
class Part:
    """A node, prepared for evaluation once per rule.

    Attributes:
        node: The part of the tree.
        text: Its canonical text.
        facts: What it reads.
        parts: Its own parts; the pairs of a chained comparison.
        core: The decidable form of a leaf that does not use time.
        words: A cache, by whether the leaf ought to hold or ought not to, with the titles that its
            facts had.
    """

    node: Node
    text: str
    facts: tuple[str, ...]
    parts: tuple[Part, ...]
    core: Core | None = None
    words: dict[bool, LeafWords] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Context:
    """What all findings of one evaluation share.

    Attributes:
        values: Every fact that the rule reads, in canonical form.
        unlisted: Values that their facts cannot have, and that so count as missing: choices outside
            their lists, numbers outside their limits, texts without their form.
        today: The day of `as_of`, where one was given.
        zone: Where calendar days begin.
    """

    values: Mapping[str, Value | None]
    unlisted: Mapping[str, tuple[Value, Fact]]
    today: date | None
    zone: tzinfo


class Blocker(Result):
    """One thing that stands in the way, and what would change it.

    A tuple of blockers is a conjunction: each must be dealt with.

    Attributes:
        code: What kind of blocker it is; [the codes and what they mean](blockers.md). In a rule
            `"no"` (a value is wrong), `"unknown"` (a value is missing), `"any_of"` (alternatives)
            or `"all_of"` (several things that one alternative takes).
        key: The name of the fact; empty for alternatives, whose entries have their own.
        title: What ought to hold.
        verdict: NO or UNKNOWN: what was found of it.
        seen: The facts concerned and their values; None when missing.
        role: Who has to act, where that is one role.
        roles: Everybody who can act, by their roles: an inbox shows it to these.
        fix: What would change it, with the value seen.
        any_of: Alternatives; `needed` of them must be dealt with.
        needed: How many of `any_of`; 0 where there are none.
        because: What one alternative takes when it is several things.
    """

    code: BlockerCode
    key: str
    title: Text
    verdict: Verdict
    seen: Annotated[Mapping[str, object], Frozen] = Field(default_factory=FrozenDict)
    role: str | None = None
    roles: tuple[str, ...] = ()
    fix: Text
    any_of: tuple[Blocker, ...] = ()
    needed: int = 0
    because: tuple[Blocker, ...] = ()

    def __hash__(self) -> int:  # many are put into sets; their titles tell them apart
        return hash(self.title.get())


class Finding(Result):
    """The verdict of a rule, or of a part of one, and how it came about.

    Attributes:
        verdict: YES, NO or UNKNOWN.
        rule: The canonical text of this part.
        seen: The facts that this part reads and their values; None when missing.
        because: The findings of its parts, all of them, in order.
    """

    verdict: Verdict
    rule: str
    seen: Annotated[Mapping[str, object], Frozen]
    because: tuple[Finding, ...] = ()
    _part: Part = PrivateAttr()
    _context: Context = PrivateAttr()

    @property
    def part(self) -> Part:
        """The part itself, as a tree."""
        part: Part = self._kept("_part")
        return part

    @property
    def context(self) -> Context:
        """What all findings of one evaluation share."""
        context: Context = self._kept("_context")
        return context

    @property
    def open(self) -> tuple[str, ...]:
        """The facts that keep it UNKNOWN, in order; none where it is decided."""
        if self.verdict is not Verdict.UNKNOWN:
            return ()
        inner = [fact for part in self.because for fact in part.open]
        leaf = [fact for fact in self.part.facts if self.seen[fact] is None]
        return tuple(dict.fromkeys(inner if self.because else leaf))

    def blockers(self, names: Mapping[str, Text] | None = None) -> tuple[Blocker, ...]:
        """The fewest things that stand between this and YES; empty when it is YES.

        Args:
            names: Titles for facts; a fact without one is called by its name.

        Example:
            >>> from salesflow.rules import Rule
            >>> rule = Rule.parse("amount >= 100_000 and not on_hold")
            >>> for blocker in rule.evaluate({"amount": 50_000}).blockers():
            ...     print(blocker.fix)
            amount is 50,000; it must be at least 100,000
            on_hold is not known
        """
        from salesflow.rules._blockers import blockers_of  # noqa: PLC0415 - it makes Blockers

        return blockers_of(self, names or {})
