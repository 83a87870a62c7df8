"""What follows from the questions of checklists: which of them apply, counts, what is complete."""

from __future__ import annotations

from datetime import date
from functools import reduce
from operator import add

import narwhals.stable.v2 as nw

from salesflow.facts import NOT_APPLICABLE, FactKind, Facts
from salesflow.pipeline._frames.engines import expr_of
from salesflow.pipeline._frames.frame_columns import FrameColumns
from salesflow.pipeline._frames.points import FactReader
from salesflow.pipeline._frames.position import stored
from salesflow.playbook import Playbook
from salesflow.playbook._questions import MARKED
from salesflow.rules import Rule
from salesflow.rules import columns as cols
from salesflow.rules.ast import Flag


class ChecklistColumns:
    """The columns of facts that follow from answers."""

    def __init__(
        self, facts: FactReader, given: FrameColumns, playbook: Playbook, known: Facts, day: date
    ) -> None:
        """Answers are among `facts`; the columns of the caller may hold those that are `known`."""
        self.columns = facts.columns
        self._facts = facts
        self._given = given
        self._playbook = playbook
        self._known = known
        self._day = day

    def rule_of(self, question: str) -> Rule | None:
        """The rule of a question that says whether it applies, if it has one."""
        found = self._playbook.questions.get(question)
        return None if found is None else found.when

    def rails_of(self, rule: Rule) -> cols.Rails:
        """Where a rule of a question is YES and where it is NO."""
        for name in rule.facts:
            self._facts.has(name)  # asking makes it known to the compiler
        return self.columns.rails(rule.core(self._day))

    def add_count(self, checklist: str, count: str) -> bool:
        """What is counted of the answers to a checklist."""
        names, found = self._marks(checklist)
        if not found:
            return False
        if count in MARKED:
            return self._add_marked(checklist, count, [name for name, _, _ in found])
        is_asked = count == "asked"
        rails = [self.asked(*m) if is_asked else self.columns.known(m[0]) for m in found]
        if is_asked:  # without a column nobody was asked, and it may not apply all the same
            held = {name for name, _, _ in found}
            rails += [self.skipped(name) for name in names if name not in held]
        marks = [rail.cast(nw.Int16()) for rail, _ in rails if not isinstance(rail, bool)]
        total = reduce(add, marks).cast(nw.Float64()) if marks else nw.lit(0.0)
        if always := sum(rail is True for rail, _ in rails):
            total = total + nw.lit(float(always))
        if count == "unknown":
            # Every question without a + or -, whether it was asked or not, that applies.
            total = nw.lit(float(len(names))) - total
            total, later = self._without(total, names)
            rails.append((False, later))
        return add_number(
            self.columns, f"{checklist}.{count}", total, max(depth for _, depth in rails)
        )

    def _without(self, total: nw.Expr, names: list[str]) -> tuple[nw.Expr, int]:
        """A number of questions less those that do not apply."""
        skipped = [self.skipped(name) for name in names]
        for rail, _ in skipped:
            if not isinstance(rail, bool):
                total = total - rail.cast(nw.Int16()).cast(nw.Float64())
            elif rail:
                total = total - nw.lit(1.0)
        return total, max(depth for _, depth in skipped)

    def add_skipped(self, question: str) -> bool:
        """Where a column or its own rule says that a question does not apply."""
        flag, rule = f"{NOT_APPLICABLE}{question}", self.rule_of(question)
        said = self._said_skipped(question)
        if rule is None:
            if said is None:
                return False
            self.columns.add_flag(flag, said)
            return True
        applies, said = self.rails_of(rule), said or cols.Rails(yes=False, no=True)
        skips = cols.either(said.yes, applies.no)
        stays = cols.both(cols.flip(said.yes), applies.yes)
        self.columns.add_flag(flag, cols.Rails(skips, stays, max(said.depth, applies.depth)))
        return said.yes is not False or not rule.facts or any(map(self._facts.has, rule.facts))

    def _said_skipped(self, question: str) -> cols.Rails | None:
        """Where a column of labels says so, or one of the flag."""
        flag = f"{NOT_APPLICABLE}{question}"
        source = self._given.source(self._known[flag])
        if source is not None:
            self.columns.add(f"{flag} as given", source)
            return self.columns.rails(Flag(f"{flag} as given"))
        dtype = self._given.type_of(question)
        found = self._playbook.questions.get(question)
        if found is None or not found.may_not_apply or dtype is None or not cols.is_text(dtype):
            return None
        label = self._given.taken(self._given.column_of(question) or "").cast(nw.String())
        says = expr_of(cols.among(label, self._given.labels_of_skips(question)))
        rail, depth = stored(self.columns, ("skipped", question), says, 0)
        return cols.Rails(rail, cols.flip(rail), depth)

    def skipped(self, question: str) -> tuple[cols.Rail, int]:
        """Where a question does not apply."""
        flag = f"{NOT_APPLICABLE}{question}"
        if flag not in self._known or not self._facts.has(flag):
            return False, 0
        rails = self.columns.rails(Flag(flag))
        if not self._facts.has(question) or self.columns.source(question) is None:
            return rails.yes, rails.depth
        known, depth = self.columns.known(question)
        return cols.both(rails.yes, cols.flip(known)), max(depth, rails.depth)

    def _add_marked(self, checklist: str, count: str, names: list[str]) -> bool:
        """How many questions of yes or no are answered so, or the share of them that is yes."""
        flags = {name for name in names if self._known[name].kind is FactKind.FLAG}
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
            return add_number(self.columns, f"{checklist}.{count}", share.cast(nw.Float64()), depth)
        return add_number(self.columns, f"{checklist}.{count}", total, max(r.depth for r in rails))

    def add_instrument(self, key: str) -> bool:
        """A checklist is complete when every question was asked."""
        instrument = self._playbook.instruments.get(key)
        if instrument is None or instrument.checklist is None:
            return False
        names, found = self._marks(instrument.checklist)
        held = {name for name, _, _ in found}
        rails = [self.asked(*mark) for mark in found]
        # Without a column nobody was asked, and it may not apply all the same.
        rails += [self.skipped(name) for name in names if name not in held]
        if not found or any(rail is False for rail, _ in rails):
            return False
        asked, depth = cols.both(*(rail for rail, _ in rails)), max(depth for _, depth in rails)
        complete, depth = stored(self.columns, ("complete", key), asked, depth)
        self.columns.add_flag(f"done.{key}", cols.Rails(complete, cols.flip(complete), depth))
        return True

    def _marks(self, checklist: str) -> tuple[list[str], list[tuple[str, cols.Source, int]]]:
        """The facts of a checklist, and what their columns hold."""
        questions = self._playbook.checklists[checklist].questions
        names = [f"{checklist}.{question.key}" for question in questions]
        return names, [mark for name in names if (mark := self._mark(name)) is not None]

    def _mark(self, name: str) -> tuple[str, cols.Source, int] | None:
        if not self._facts.has(name):
            return None
        source, depth = self.columns.ready(name)
        return None if isinstance(source, cols.Nothing) else (name, source, depth)

    def asked(self, name: str, answer: cols.Source, depth: int) -> tuple[cols.Rail, int]:
        """Where a question has an answer, or does not apply."""
        said, depth = self.said(name, answer, depth)
        skipped, later = self.skipped(name)
        if skipped is False:
            return said, depth
        asked, depth = cols.either(said, skipped), max(depth, later)
        return stored(self.columns, ("asked", name), asked, depth)

    def said(self, name: str, answer: cols.Source, depth: int) -> tuple[cols.Rail, int]:
        """Where a column says something; one of marks also says that it was asked in vain."""
        said = answer.was_asked() if isinstance(answer, cols.Labels) else answer.known()
        return stored(self.columns, ("said", name), said, depth)


def add_number(columns: cols.Columns, name: str, expr: nw.Expr, depth: int) -> bool:
    """Reads the number `name` from an expression."""
    column, depth = columns.column(name, expr, depth)
    columns.add(name, cols.Numbers(column, cast="", nan=False), depth)
    return True
