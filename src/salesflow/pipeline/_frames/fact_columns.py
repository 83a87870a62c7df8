"""Facts of a pipeline as columns: those that have one, and those that follow from others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final, Self

import narwhals.stable.v2 as nw

from salesflow.facts import NOT_APPLICABLE, FactKind, Facts
from salesflow.pipeline._frames.amounts import AmountColumns
from salesflow.pipeline._frames.checklist_columns import ChecklistColumns, add_number
from salesflow.pipeline._frames.deals import Deals
from salesflow.pipeline._frames.engines import expr_of, rows_of
from salesflow.pipeline._frames.frame_columns import FrameColumns
from salesflow.pipeline._frames.key_and_stage import StageColumn
from salesflow.pipeline._frames.options import FrameOptions
from salesflow.pipeline._frames.points import End, FactReader, points_of
from salesflow.pipeline._frames.position import AS_GIVEN, Scope, Whereabouts, stored
from salesflow.pipeline._frames.stages import Places
from salesflow.playbook import Playbook
from salesflow.playbook._questions import COUNTS, MARKED
from salesflow.qualify._hygiene_facts import (
    AGE,
    AGREES,
    CONVERTIBLE,
    GIVEN,
    LISTED,
    LONGEST,
    UNREAD,
    came_of,
    is_age,
    rested_in,
)
from salesflow.rules import Rule
from salesflow.rules import columns as cols
from salesflow.rules.ast import Flag
from salesflow.rules.columns import Rail, both, either

_NEVER: Final = -1e9
_ONE_DAY: Final = {"expected_close_on": "closed_on", "closed_on": "expected_close_on"}
_ONE_COLUMN: Final = {
    f"{it}{end}": f"{_ONE_DAY[it]}{end}" for it in _ONE_DAY for end in ("", UNREAD)
}
_AFTER: Final = {
    fact: Rule.parse(f"{fact} > today") for fact in ("created_on", "entered_stage_on", "closed_on")
}


class FactColumns:
    """The columns of all facts, worked out as they are asked for.

    Attributes:
        columns: What compiles rules, once `has` was asked for every fact they read.
        where: Where each deal stands.
    """

    def __init__(
        self,
        given: FrameColumns,
        playbook: Playbook,
        facts: Facts,
        options: FrameOptions,
        *,
        stage: StageColumn | None = None,
        labels: Mapping[str, int] | None = None,
    ) -> None:
        """The `facts` that the caller's columns may hold; `labels` are codes of places by label."""
        self.columns = cols.Columns()
        places = Places(playbook)
        self.where = Whereabouts(
            self.columns, given, facts, places, stage, labels or {}, self._ended
        )
        self._given = given
        self._playbook = playbook
        self._facts = facts
        self._as_of = options.day
        self._has: dict[str, bool] = {}
        self._strange: dict[str, Rail] = {}
        self._ruled: dict[str, Rule] = {}
        self._checklists = ChecklistColumns(self, given, playbook, facts, options.day)
        self._amounts = AmountColumns(self, given, facts, options, playbook.currency)
        if options.dated:
            closed = self.where.among(Scope("closed", later=True))
            self.where.later = rows_after(self, options.day, closed)

    @classmethod
    def of(cls, deals: Deals) -> Self:
        """The facts of a frame of deals."""
        given, stage, labels = deals.columns, deals.stage, deals.labels
        return cls(given, deals.playbook, deals.facts, deals.options, stage=stage, labels=labels)

    def has(self, name: str) -> bool:
        """Whether rows can have a value of this fact; makes it known to `columns` if so."""
        found = self._has.get(name)
        if found is None:
            self._has[name] = False  # scores that read each other in a circle end here
            found = self._has[name] = self._added(name)
        return found

    def strange(self) -> dict[str, Rail]:
        """Where a column of texts has a label that nobody explained, by the fact that it holds."""
        asked = dict.fromkeys((*self._has, "outcome", "sub_stage"))
        for name in asked:
            for given in (name, f"{name} as given"):
                if name not in self._strange and _holds_texts(self.columns, given):
                    self._strange[name] = unmapped(self.columns, given)
        return self._strange

    def lacking(self, name: str) -> tuple[str, ...]:
        """The facts without a column that leave this one unknown, in every row or in some."""
        if self.has(name):
            rule = self._ruled.get(name)
            read = () if rule is None else sorted(rule.facts)
            return tuple(dict.fromkeys(fact for it in read for fact in self.lacking(it)))
        asked = (fact for fact in came_of(name, self._playbook) if fact in self._facts)
        found = tuple(fact for fact in asked if not self.has(fact))
        if name == AGREES:  # how the deal ended is always known, and no column of its own says it
            return found or ("outcome",)
        return found or (name,)  # the columns are there, and nothing is in one of them

    def rule_of(self, name: str) -> Rule | None:
        """The rule that a flag follows from, where it has no column of its own."""
        return self._ruled.get(name)

    def _added(self, name: str) -> bool:
        standing = self.where.standing(name)
        if standing is not None:
            self.columns.add(name, *standing)
            return True
        if name.startswith(NOT_APPLICABLE) and self._checklists.rule_of(
            name.removeprefix(NOT_APPLICABLE)
        ):
            return self._checklists.add_skipped(name.removeprefix(NOT_APPLICABLE))
        fact = self._facts[name]
        if fact.kind is FactKind.MONEY and self._amounts.add(fact):
            return True
        source = self._given.source(fact)
        if source is None:
            return self._derived(name)
        if name in _ONE_COLUMN and self._given.share_a_column(name, _ONE_COLUMN[name]):
            self._add_of_one_day(name, source)
            return True
        self.columns.add(name, source)
        if (rule := self._checklists.rule_of(name)) is not None:
            applies = self._checklists.rails_of(rule)
            self.columns.leave_out(name, applies.no, applies.depth)
        return True

    def _ended(self) -> cols.Rails:
        """Where a column says that the deal has ended."""
        if "ended" in self._facts and self.has("ended"):
            return self.columns.rails(Flag("ended"))
        return cols.Rails(yes=False, no=False)

    def _add_of_one_day(self, name: str, source: cols.Source) -> None:
        """The one close date of a CRM is that of open deals expected, and of others actual."""
        rows, depth = self.where.group("closed", later=True)
        rows = rows if name.removesuffix(UNREAD) == "closed_on" else cols.flip(rows)
        self.columns.add(name, source)
        ready, later = self.columns.ready(name)
        if not isinstance(ready, cols.Days | cols.TextColumn):
            return
        day = nw.when(expr_of(rows)).then(ready.column)
        column, depth = self.columns.column(("one day", name), day, max(depth, later))
        self.columns.add(name, ready.at(column), depth)

    def _derived(self, name: str) -> bool:
        head, _, rest = name.partition(".")
        if head == "reached" and (rails := self.where.reached(rest)) is not None:
            self.columns.add_flag(name, rails)
            return True
        if name == AGREES and (rails := self.where.agrees()) is not None:
            self.columns.add_flag(name, rails, whole=True)
            return True
        if head == "score":
            return self._add_score(rest)
        if name.startswith(NOT_APPLICABLE) and name in self._facts:
            return self._checklists.add_skipped(rest)
        if head == "done":
            instrument = self._playbook.instruments.get(rest)
            if instrument is not None and instrument.check_rule is not None:
                return self._add_ruled(name, instrument.check_rule)
            return self._checklists.add_instrument(rest)
        if head in self._playbook.checklists and rest in {*COUNTS, *MARKED}:
            return self._checklists.add_count(head, rest)
        if name == LONGEST:
            return self._add_longest()
        if is_age(name):
            first, rested = rested_in(name)
            days = self.elapsed(first, None, rested)
            return days is not None and add_number(self.columns, name, *days)
        for end, add in (
            (GIVEN, self._amounts.add_given),
            (CONVERTIBLE, self._amounts.add_convertible),
        ):
            stem = name.removesuffix(end)
            if stem != name and stem in self._facts and self._facts[stem].kind is FactKind.MONEY:
                return add(stem)
        return head == LISTED and self._add_listed(rest)

    def _add_score(self, name: str) -> bool:
        key, _, end = name.rpartition(".")
        card = self._playbook.scorecards.get(key)
        if card is None:  # a card of another playbook, read by a rule of the caller
            return False
        facts = {fact for item in card.items for fact in item.rule.facts}
        for item in card.items:
            for flag in item.flags:
                self.has(flag)
        # All are asked for, not only until one is there: asking makes them known to the compiler.
        if not {fact for fact in facts if self.has(fact)}:
            return False
        side: End = "low" if end == "low" else "high"
        points, depth = points_of(card, side, self, self._as_of, self._given.number)
        return add_number(self.columns, f"score.{name}", points, depth)

    def _add_ruled(self, name: str, rule: Rule) -> bool:
        """A flag that is what a rule says."""
        # All are asked for, not only until one is there, as those of a card are.
        if rule.facts and not {fact for fact in rule.facts if self.has(fact)}:
            return False
        self._ruled[name] = rule
        whole = all(self.columns.source(fact) is not None for fact in rule.facts)
        self.columns.add_flag(name, self.columns.rails(rule.core(self._as_of)), whole=whole)
        return True

    def rested(self, fact: str) -> tuple[str, ...]:
        """The fact that says how many days are not counted; none where clocks never rest."""
        return (fact,) if self._playbook.policy.pause_on_hold else ()

    def elapsed(
        self, first: str, last: str | None, rested: str | None
    ) -> tuple[nw.Expr, int] | None:
        """The days from one fact to another, or to today, and the depth; None where none is known.

        Those on hold, which the fact `rested` has, are not counted where clocks rest then.
        """
        start = self.ordinal(first)
        end = (nw.lit(float(self._as_of.toordinal())), 0) if last is None else self.ordinal(last)
        if start is None or end is None:
            return None
        days, depth = end[0] - start[0], max(start[1], end[1])
        for fact in () if rested is None else self.rested(rested):
            if not self.has(fact):
                return None
            source, later = self.columns.ready(fact)
            known, latest = self.columns.known(fact)
            if not isinstance(source, cols.Numbers):
                return None
            held = nw.when(expr_of(known)).then(source.key()).cast(nw.Float64())
            days, depth = days - held, max(depth, later, latest)
        return days, depth

    def _add_longest(self) -> bool:
        created, rested = rested_in(AGE)
        facts = (created, "closed_on", *self.rested(rested))
        lasted = self.elapsed(created, "closed_on", rested)
        if lasted is None:
            return False
        conditions = [self.where.among(Scope("won")), *map(self.columns.known, facts)]
        rows = cols.both(*(rail for rail, _ in conditions))
        if isinstance(rows, bool):
            return False
        length, depth = lasted
        # The maximum over nothing is a null, which as a column has no type in pandas.
        # Who was closed before being created was entered wrongly, here as in metrics().
        taken = nw.when(rows & (length >= nw.lit(0.0))).then(length).otherwise(nw.lit(_NEVER))
        depth = max(depth, *(depth for _, depth in conditions))
        longest = self._longest(taken.cast(nw.Float64()))
        found = nw.when(longest > nw.lit(_NEVER)).then(longest).cast(nw.Float64())
        return add_number(self.columns, LONGEST, found, depth)

    def _longest(self, cycle: nw.Expr) -> nw.Expr:
        """The longest of the cycles."""
        if not self._given.asks_apart:
            return cycle.max()
        asked = self.columns.apply(self._given.frame).select(cycle.max().alias("longest"))
        found = rows_of(asked)[0]["longest"]
        longest = _NEVER if found is None or found != found else float(found)  # noqa: PLR0124
        return self._given.number(longest)

    def in_ones(self, name: str) -> nw.Expr | None:
        """An amount whose column has a scale, in its own currency; None of every other fact."""
        return self._amounts.in_ones(name) if self.has(name) else None

    def ordinal(self, name: str) -> tuple[nw.Expr, int] | None:
        """The day of a fact as a number, and its depth; None where no value is there."""
        if not self.has(name):
            return None
        source, depth = self.columns.ready(name)
        if not isinstance(source, cols.Days):
            return None
        days = source.ordinal(timestamps=self._given.engine.timestamps)
        return self.columns.column(("ordinal", name), days, depth)

    def _add_listed(self, name: str) -> bool:
        self.has(name)
        given = AS_GIVEN.get(name, name)
        unlisted: Rail = False
        depth = 0
        if self.columns.source(given) is not None and self._given.type_of(name) != nw.Boolean:
            source, depth = self.columns.ready(given)
            if isinstance(source, cols.Labels):
                said, depth = self._checklists.said(name, source, depth)
                found = source.unlisted(said)
                strange, depth = stored(self.columns, ("strange", name), found, depth)
                skipped, later = self._checklists.skipped(name)
                unlisted = both(strange, cols.flip(skipped))
                depth = max(depth, later)
                if source.text:
                    self._strange[name] = strange
            elif isinstance(source, cols.Numbers | cols.TextColumn):
                known, depth = self.columns.known(given)
                outside = cols.both(source.given(), cols.flip(known))
                if (words := self._given.unexplained(name)) is not None:
                    outside = either(outside, words)
                unlisted, depth = stored(self.columns, ("listed", name), outside, depth)
        rails = cols.Rails(cols.flip(unlisted), unlisted, depth, whole=True)
        self.columns.add_flag(f"{LISTED}.{name}", rails)
        return True


def rows_after(facts: FactReader, day: date, closed: tuple[Rail, int]) -> tuple[Rail, int]:
    """The rows that lie after a day, and the steps that they need.

    What they say of a deal was not so on that day: it was created or closed later, or came later to
    where it is. On which day an open deal was closed says nothing of the kind.
    """
    found: Rail = False
    depth = 0
    for fact, (among_these, at) in (
        ("created_on", (True, 0)),
        ("entered_stage_on", (True, 0)),
        ("closed_on", closed),
    ):
        if facts.has(fact):
            rails = facts.columns.rails(_AFTER[fact].core(day))
            found = either(found, both(among_these, rails.yes))
            depth = max(depth, at, rails.depth)
    return stored(facts.columns, ("after", day, closed[0] is True), found, depth)


def unmapped(columns: cols.Columns, name: str) -> cols.Rail:
    """Where a column has a label that nobody explained, so that it is not taken for missing."""
    source = None if columns.source(name) is None else columns.ready(name)[0]
    return source.unlisted(source.was_asked()) if isinstance(source, cols.Labels) else False


def _holds_texts(columns: cols.Columns, name: str) -> bool:
    source = columns.source(name)
    return isinstance(source, cols.Labels) and source.text
