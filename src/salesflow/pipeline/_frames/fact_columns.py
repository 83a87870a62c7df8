"""Facts of a pipeline as columns: those that have one, and those that follow from others."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import reduce
from operator import add
from typing import Final, Self

import narwhals.stable.v2 as nw

from salesflow.errors import MissingRate
from salesflow.facts import NOT_APPLICABLE, FactKind, Facts
from salesflow.pipeline._frames.deals import AGE, CONVERTIBLE, GIVEN, LISTED, LONGEST, Deals
from salesflow.pipeline._frames.engines import floor_of, rows_of
from salesflow.pipeline._frames.frame_columns import SKIPS, FrameColumns
from salesflow.pipeline._frames.key_and_stage import StageColumn
from salesflow.pipeline._frames.options import FrameOptions
from salesflow.pipeline._frames.points import End, points_of
from salesflow.pipeline._frames.position import AS_GIVEN, Whereabouts, is_value, stored
from salesflow.pipeline._frames.stages import Places
from salesflow.playbook import Playbook
from salesflow.playbook._questions import COUNTS, MARKED
from salesflow.rules import Rule
from salesflow.rules import columns as cols
from salesflow.rules.ast import Flag, Known, Name

_NEVER: Final = -1e9
_RAW_AMOUNT: Final = AS_GIVEN["amount"]


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
        self._rates = options.rates
        self._has: dict[str, bool] = {}

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
        if name == GIVEN:
            return ("amount",)
        if name == LONGEST:
            found = tuple(fact for fact in ("created_on", "closed_on") if not self.has(fact))
            return found or (LONGEST,)  # the columns are there, and nothing is in one of them
        return (name,)

    def _added(self, name: str) -> bool:
        standing = self.where.standing(name)
        if standing is not None:
            self.columns.add(name, *standing)
            return True
        if name == "amount" and self._given.column_of("amount.currency"):
            return self._add_converted()
        source = self._given.source(self._facts[name])
        if source is not None:
            self.columns.add(name, source)
            return True
        return self._derived(name)

    def _derived(self, name: str) -> bool:
        head, _, rest = name.partition(".")
        if head == "reached" and (rails := self.where.reached(rest)) is not None:
            self.columns.add_flag(name, rails)
            return True
        if head == "score":
            return self._add_score(rest)
        if name.startswith(NOT_APPLICABLE) and name in self._facts:
            return self._add_skipped(rest)
        if head == "done":
            return self._add_instrument(rest)
        if head in self._playbook.checklists and rest in {*COUNTS, *MARKED}:
            return self._add_count(head, rest)
        if name in {AGE, LONGEST}:
            return self._add_age(name)
        if name == GIVEN:
            return self._add_given()
        if name == CONVERTIBLE:
            return self.has("amount") and self.has("amount.currency") and self._add_convertible()
        return head == LISTED and self._add_listed(rest)

    def _add_converted(self) -> bool:
        source = self._given.source(self._facts["amount"])
        if source is None or not self.has("amount.currency"):
            return False
        self.columns.add(_RAW_AMOUNT, source)
        if not isinstance(source, cols.Numbers):
            self.columns.add("amount", source)
            return True
        ready, depth = self.columns.ready(_RAW_AMOUNT)
        amount = ready.key()
        found = nw.lit(None, dtype=nw.Float64())
        for currency, rate in self._rates_by_currency().items():
            rails = self._in_currency(currency)
            if isinstance(rails.yes, bool):
                continue
            # The formula of money.round_to_cents: engines round in ways of their own.
            converted = amount
            if rate is not None:
                cents = floor_of((amount * rate) * 100 + 0.5)
                # By a column: polars divides by a number through its reciprocal.
                converted = cents / (cents * 0.0 + 100)
            found = nw.when(rails.yes).then(converted).otherwise(found)
            depth = max(depth, rails.depth)
        column, depth = self.columns.column("amount", found.cast(nw.Float64()), depth)
        self.columns.add("amount", cols.Numbers(column, cast=""), depth)
        return True

    def _rates_by_currency(self) -> dict[str, float | None]:
        into = self._playbook.currency
        found: dict[str, float | None] = {}
        if self._rates is not None:
            for currency in (self._rates.base, *self._rates.rates):
                with suppress(MissingRate):
                    found[currency] = float(self._rates.rate(currency, into))
        return {**found, into: None}  # its own currency is not converted at all

    def _in_currency(self, currency: str) -> cols.Rails:
        return is_value(self.columns, "amount.currency", currency)

    def _add_given(self) -> bool:
        """Whether the column of the amount has one, be there a rate for it or not."""
        if not self.has("amount"):
            return False
        given = "amount" if self.columns.source(_RAW_AMOUNT) is None else _RAW_AMOUNT
        self.columns.add_flag(GIVEN, self.columns.rails(Known(Name(given, FactKind.MONEY))))
        return True

    def _add_convertible(self) -> bool:
        known = self.columns.rails(Known(Name("amount.currency", FactKind.CHOICE)))
        amount = self.columns.rails(Known(Name(_RAW_AMOUNT, FactKind.MONEY)))
        currencies = [self._in_currency(currency) for currency in self._rates_by_currency()]
        has_rate = cols.either(*(rails.yes for rails in currencies))
        depth = max(rails.depth for rails in (known, amount, *currencies))
        self.columns.add_flag(
            CONVERTIBLE,
            cols.Rails(
                cols.either(has_rate, amount.no),
                cols.both(amount.yes, known.yes, cols.flip(has_rate)),
                depth,
            ),
        )
        return True

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
        return self._add_number(f"score.{name}", points, depth)

    def _add_count(self, checklist: str, count: str) -> bool:
        names, found = self._marks(checklist)
        if not found:
            return False
        if count in MARKED:
            return self._add_marked(checklist, count, [name for name, _, _ in found])
        is_asked = count == "asked"
        rails = [self._asked(*m) if is_asked else self.columns.known(m[0]) for m in found]
        marks = [rail.cast(nw.Int16()) for rail, _ in rails if not isinstance(rail, bool)]
        total = reduce(add, marks).cast(nw.Float64()) if marks else nw.lit(0.0)
        if count == "unknown":
            # Every question without a + or -, whether it was asked or not, that applies.
            total = nw.lit(float(len(names))) - total
            total, later = self._without(total, names)
            rails.append((False, later))
        return self._add_number(f"{checklist}.{count}", total, max(depth for _, depth in rails))

    def _without(self, total: nw.Expr, names: list[str]) -> tuple[nw.Expr, int]:
        """A number of questions less those that do not apply."""
        skipped = [self.skipped(name) for name in names]
        for rail, _ in skipped:
            if not isinstance(rail, bool):
                total = total - rail.cast(nw.Int16()).cast(nw.Float64())
        return total, max(depth for _, depth in skipped)

    def _add_skipped(self, question: str) -> bool:
        """Where a column of labels says that a question does not apply."""
        dtype = self._given.type_of(question)
        if dtype is None or not cols.is_text(dtype) or not self.has(question):
            return False
        label = self._given.taken(self._given.column_of(question) or "").cast(nw.String())
        says = (label == nw.lit(SKIPS)).fill_null(value=False)
        rail, depth = stored(self.columns, ("skipped", question), says, 0)
        self.columns.add_flag(
            f"{NOT_APPLICABLE}{question}", cols.Rails(rail, cols.flip(rail), depth)
        )
        return True

    def skipped(self, question: str) -> tuple[cols.Rail, int]:
        """Where a question does not apply."""
        flag = f"{NOT_APPLICABLE}{question}"
        if flag not in self._facts or not self.has(flag):
            return False, 0
        rails = self.columns.rails(Flag(flag))
        if not self.has(question) or self.columns.source(question) is None:
            return rails.yes, rails.depth
        known, depth = self.columns.known(question)
        return cols.both(rails.yes, cols.flip(known)), max(depth, rails.depth)

    def _add_marked(self, checklist: str, count: str, names: list[str]) -> bool:
        """How many questions of yes or no are answered so, or the share of them that is yes."""
        flags = {name for name in names if self._facts[name].kind is FactKind.FLAG}
        rails = [self.columns.rails(Flag(name)) for name in names if name in flags]
        ends = [rail.no if count == "no" else rail.yes for rail in rails]
        marks = [end.cast(nw.Int16()) for end in ends if not isinstance(end, bool)]
        if not marks:
            return False
        total = reduce(add, marks).cast(nw.Float64())
        if count == "share":
            questions = self._playbook.checklists[checklist].questions
            marked = [f"{checklist}.{it.key}" for it in questions if it.type == "yes_no"]
            # By a column: polars divides by a number through its reciprocal.
            whole, later = self._without(total * nw.lit(0.0) + nw.lit(float(len(marked))), marked)
            some = nw.when(whole > nw.lit(0.0)).then(whole).otherwise(nw.lit(1.0))
            share = nw.when(whole > nw.lit(0.0)).then(total / some)
            depth = max(later, *(rail.depth for rail in rails))
            return self._add_number(f"{checklist}.{count}", share.cast(nw.Float64()), depth)
        return self._add_number(f"{checklist}.{count}", total, max(r.depth for r in rails))

    def _add_instrument(self, key: str) -> bool:
        """What its rule says; else a checklist is complete when every question was asked."""
        instrument = self._playbook.instruments.get(key)
        if instrument is not None and instrument.check_rule is not None:
            return self._add_ruled(f"done.{key}", instrument.check_rule)
        if instrument is None or instrument.checklist is None:
            return False
        names, found = self._marks(instrument.checklist)
        if not found or len(found) < len(names):
            return False
        rails = [self._asked(*mark) for mark in found]
        asked, depth = cols.both(*(rail for rail, _ in rails)), max(depth for _, depth in rails)
        complete, depth = stored(self.columns, ("complete", key), asked, depth)
        self.columns.add_flag(f"done.{key}", cols.Rails(complete, cols.flip(complete), depth))
        return True

    def _add_ruled(self, name: str, rule: Rule) -> bool:
        """A flag that is what a rule says."""
        # All are asked for, not only until one is there, as those of a card are.
        if rule.facts and not {fact for fact in rule.facts if self.has(fact)}:
            return False
        whole = all(self.columns.source(fact) is not None for fact in rule.facts)
        self.columns.add_flag(name, self.columns.rails(rule.core(self._as_of)), whole=whole)
        return True

    def _marks(self, checklist: str) -> tuple[list[str], list[tuple[str, cols.Source, int]]]:
        """The facts of a checklist, and what their columns hold."""
        questions = self._playbook.checklists[checklist].questions
        names = [f"{checklist}.{question.key}" for question in questions]
        return names, [mark for name in names if (mark := self._mark(name)) is not None]

    def _mark(self, name: str) -> tuple[str, cols.Source, int] | None:
        if not self.has(name):
            return None
        source, depth = self.columns.ready(name)
        return None if isinstance(source, cols.Nothing) else (name, source, depth)

    def _asked(self, name: str, answer: cols.Source, depth: int) -> tuple[cols.Rail, int]:
        """Where a question has an answer; a column of marks also says that it was asked in vain."""
        asked = answer.was_asked() if isinstance(answer, cols.Labels) else answer.known()
        skipped, later = self.skipped(name)
        asked, depth = cols.either(asked, skipped), max(depth, later)
        return stored(self.columns, ("asked", name), asked, depth)

    def _add_age(self, name: str) -> bool:
        created = self.ordinal("created_on")
        if created is None:
            return False
        days, depth = created
        if name == AGE:
            return self._add_number(AGE, nw.lit(float(self._as_of.toordinal())) - days, depth)
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
        return self._add_number(LONGEST, found, depth)

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
                asked, depth = self._asked(name, source, depth)
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

    def _add_number(self, name: str, expr: nw.Expr, depth: int) -> bool:
        column, depth = self.columns.column(name, expr, depth)
        self.columns.add(name, cols.Numbers(column, cast=""), depth)
        return True


def unmapped(columns: cols.Columns, name: str) -> cols.Rail:
    """Where a column has a label that nobody explained, so that it is not taken for missing."""
    source = None if columns.source(name) is None else columns.ready(name)[0]
    return source.unlisted(source.was_asked()) if isinstance(source, cols.Labels) else False
