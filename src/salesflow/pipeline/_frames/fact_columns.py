"""Facts of a pipeline as columns: those that have one, and those that follow from others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Self

import narwhals.stable.v2 as nw

from salesflow.facts import NOT_APPLICABLE, FactKind, Facts
from salesflow.pipeline._frames.amounts import CONVERTIBLE, GIVEN, AmountColumns
from salesflow.pipeline._frames.checklist_columns import ChecklistColumns, add_number
from salesflow.pipeline._frames.deals import AGE, LISTED, LONGEST, Deals
from salesflow.pipeline._frames.engines import rows_of
from salesflow.pipeline._frames.frame_columns import FrameColumns
from salesflow.pipeline._frames.key_and_stage import StageColumn
from salesflow.pipeline._frames.options import FrameOptions
from salesflow.pipeline._frames.points import End, points_of
from salesflow.pipeline._frames.position import AS_GIVEN, Whereabouts, stored
from salesflow.pipeline._frames.stages import Places
from salesflow.playbook import Playbook
from salesflow.playbook._questions import COUNTS, MARKED
from salesflow.rules import Rule
from salesflow.rules import columns as cols

_NEVER: Final = -1e9


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
        self.where = Whereabouts(self.columns, given, facts, Places(playbook), stage, labels or {})
        self._given = given
        self._playbook = playbook
        self._facts = facts
        self._as_of = options.day
        self._has: dict[str, bool] = {}
        self._checklists = ChecklistColumns(self, given, playbook, facts, options.day)
        self._amounts = AmountColumns(self, given, facts, options, playbook.currency)

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

    def lacking(self, name: str) -> tuple[str, ...]:
        """The facts that would have to have a column for this one to be there."""
        if name == AGE:
            return ("created_on",)
        if name.endswith(GIVEN):
            return (name.removesuffix(GIVEN),)
        if name == LONGEST:
            found = tuple(fact for fact in ("created_on", "closed_on") if not self.has(fact))
            return found or (LONGEST,)  # the columns are there, and nothing is in one of them
        return (name,)

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
        self.columns.add(name, source)
        if (rule := self._checklists.rule_of(name)) is not None:
            applies = self._checklists.rails_of(rule)
            self.columns.leave_out(name, applies.no, applies.depth)
        return True

    def _derived(self, name: str) -> bool:
        head, _, rest = name.partition(".")
        if head == "reached" and (rails := self.where.reached(rest)) is not None:
            self.columns.add_flag(name, rails)
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
        if name in {AGE, LONGEST}:
            return self._add_age(name)
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
        whole = all(self.columns.source(fact) is not None for fact in rule.facts)
        self.columns.add_flag(name, self.columns.rails(rule.core(self._as_of)), whole=whole)
        return True

    def _add_age(self, name: str) -> bool:
        created = self.ordinal("created_on")
        if created is None:
            return False
        days, depth = created
        if name == AGE:
            return add_number(
                self.columns, AGE, nw.lit(float(self._as_of.toordinal())) - days, depth
            )
        closed = self.ordinal("closed_on")
        if closed is None:
            return False
        dates = ("created_on", "closed_on")
        conditions = [self.where.group("won"), *map(self.columns.known, dates)]
        rows = cols.both(*(rail for rail, _ in conditions))
        if isinstance(rows, bool):
            return False
        # The maximum over nothing is a null, which as a column has no type in pandas.
        length = closed[0] - days
        # Who was closed before being created was entered wrongly, here as in metrics().
        taken = nw.when(rows & (length >= nw.lit(0.0))).then(length).otherwise(nw.lit(_NEVER))
        depth = max(depth for _, depth in (created, closed, *conditions))
        cycle, depth = self.columns.column("cycle", taken.cast(nw.Float64()), depth)
        longest, depth = self._longest(cycle, depth)
        found = nw.when(longest > nw.lit(_NEVER)).then(longest).cast(nw.Float64())
        return add_number(self.columns, LONGEST, found, depth)

    def _longest(self, cycle: nw.Expr, depth: int) -> tuple[nw.Expr, int]:
        """The longest of the cycles, as a column."""
        if not self._given.asks_apart:
            return self.columns.column("longest", cycle.max(), depth)
        asked = self.columns.apply(self._given.frame).select(cycle.max().alias("longest"))
        found = rows_of(asked)[0]["longest"]
        longest = _NEVER if found is None or found != found else float(found)  # noqa: PLR0124
        return self.columns.column("longest", self._given.number(longest), depth)

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
        rails = cols.Rails(yes=True, no=False)
        if self.columns.source(given) is not None and self._given.type_of(name) != nw.Boolean:
            source, depth = self.columns.ready(given)
            if isinstance(source, cols.Labels):
                asked, depth = self._checklists.asked(name, source, depth)
                unlisted, depth = stored(
                    self.columns, ("listed", name), source.unlisted(asked), depth
                )
                rails = cols.Rails(cols.flip(unlisted), unlisted, depth)
            elif isinstance(source, cols.Numbers | cols.TextColumn):
                known, depth = self.columns.known(given)
                outside = cols.both(source.given(), cols.flip(known))
                outside, depth = stored(self.columns, ("listed", name), outside, depth)
                rails = cols.Rails(cols.flip(outside), outside, depth)
        self.columns.add_flag(f"{LISTED}.{name}", rails)
        return True


def unmapped(columns: cols.Columns, name: str) -> cols.Rail:
    """Where a column has a label that nobody explained, so that it is not taken for missing."""
    source = None if columns.source(name) is None else columns.ready(name)[0]
    return source.unlisted(source.was_asked()) if isinstance(source, cols.Labels) else False
