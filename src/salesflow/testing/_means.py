"""What people do so that a fact gets a value, a rule holds, or a criterion is met or not.

Each of these gives the courses that might lead there, plain ones first; whoever asks takes the
first that suits. Nothing here is cleverer than a person with the playbook in hand: what a rule
wants is read from the rule, and what was done is looked at again.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from itertools import combinations, islice
from typing import Final, Literal, NamedTuple

from salesflow.domain import Opportunity
from salesflow.engine import Attest, Command, Complete, Decision, Judge, Win
from salesflow.engine._gates import compile_playbook
from salesflow.playbook import Criterion, Instrument
from salesflow.rules import Blocker, Rule, Verdict
from salesflow.testing._course import Course
from salesflow.testing._levers import answered, is_fixed, put, unasked
from salesflow.testing._witness import FactValues, witnesses

_MOST: Final = 12
"""How many ways are tried to one end."""
_MOST_RECORDS: Final = 150
"""How many records, and pairs of them, are tried for one rule."""
_MOST_STEPS: Final = 60
"""How many things are done one after the other to pass one gate."""
_DEEPEST: Final = 5
"""How far one thing may wait for another: a rule for an instrument for a rule."""


class Passage(NamedTuple):
    """How far a deal came on its way through a gate.

    Attributes:
        course: The deal behind the gate, or as near to it as it came.
        blockers: What is still in the way; empty where it passed.
    """

    course: Course
    blockers: tuple[Blocker, ...]


class Means:
    """What people do in one course.

    Args:
        offered: The names of the records that the deal may get; None: all that there are.
        kept: The facts that nobody changes.
        depth: For how many other things this is done.
    """

    def __init__(
        self,
        offered: Container[str] | None = None,
        kept: Container[str] = frozenset(),
        depth: int = 0,
    ) -> None:
        self._offered = offered
        self._kept = kept
        self._depth = depth

    @property
    def _inside(self) -> Means:
        return Means(self._offered, self._kept, self._depth + 1)

    def keeping(self, course: Course) -> Means:
        """The same, but that what the deal says of declared facts stays as it is."""
        return Means(self._offered, frozenset(course.deal.facts), self._depth)

    def meet(self, course: Course, criterion: Criterion) -> Iterator[Course]:
        """The courses in which a criterion is met."""
        met = course.verdict(criterion.check_rule)
        if met is Verdict.YES:
            yield course
            return
        for found in self._by_word(course, criterion):
            if found.verdict(criterion.check_rule) is Verdict.YES:
                yield found
        if criterion.rule is not None:  # rather than that it does not apply any more
            yield from self.make(course, criterion.rule, want=True)
        yield from self.make(course, criterion.check_rule, want=True)

    def fail(self, course: Course, criterion: Criterion) -> Iterator[Course]:
        """The courses in which a criterion applies and is not met."""
        rule = criterion.check_rule
        if course.verdict(rule) is not Verdict.YES:
            yield course
            return
        silent = course.with_records((), without=course.brought_of(_kinds_read(course, rule)))
        for start in (silent, course):
            for found in self._tried(start, rule, want=False, whole=False):
                if found.verdict(rule) is not Verdict.YES:
                    yield found

    def _by_word(self, course: Course, criterion: Criterion) -> Iterator[Course]:
        """Somebody says that it holds; or whatever takes its place for instruments."""
        match criterion.kind:
            case "attested":
                yield from self.attest(course, criterion, met=True)
            case "decision" | "judgement":
                yield from self.judge(course, criterion, criterion.roles, "go")
            case "approval":
                yield from self._approve(course, criterion)
            case "instruments":
                yield from self._complete_all(course)
            case "computed":
                return

    def attest(self, course: Course, criterion: Criterion, *, met: bool) -> Iterator[Course]:
        """Somebody who may attests it, or denies it."""
        yield from course.said(
            criterion.by,
            lambda by, role: Attest(by=by, role=role, criterion=criterion.key, met=met),
        )

    def judge(
        self,
        course: Course,
        criterion: Criterion,
        roles: Iterable[str],
        verdict: Literal["go", "kill"],
    ) -> Iterator[Course]:
        """Each of these roles says the same; where one of them cannot, nobody is asked further."""
        now: Course | None = course
        for role in roles:
            if now is None:
                return
            now = next(
                now.said(
                    role,
                    lambda by, role: Judge(
                        by=by, role=str(role), point=criterion.key, verdict=verdict
                    ),
                ),
                None,
            )
        if now is not None:
            yield now

    def _approve(self, course: Course, criterion: Criterion) -> Iterator[Course]:
        """Whoever has to approve this deal does so, one after the other."""
        for role in criterion.roles:
            if course.verdict(criterion.check_rule) is Verdict.YES:
                break
            course = next(self.judge(course, criterion, (role,), "go"), course)
        yield course

    def _complete_all(self, course: Course) -> Iterator[Course]:
        """Every instrument that the size of the deal asks for is complete."""
        book = course.playbook
        for key, required in book.required_instruments.items():
            instrument = book.instruments[key]
            if course.verdict(required) is Verdict.YES:
                course = next(self.complete(course, instrument), course)
        yield course

    def complete(self, course: Course, instrument: Instrument) -> Iterator[Course]:
        """The instrument is complete, with what its checklist or its rule asks for."""
        if instrument.check_rule is not None:
            yield from self.make(course, instrument.check_rule, want=True)
            return
        if instrument.checklist is not None:
            course = answered(course, unasked(course, instrument.checklist), "best")
        yield from course.said(
            instrument.by,
            lambda by, role: Complete(by=by, role=role, instrument=instrument.key),
        )

    def make(self, course: Course, rule: Rule, *, want: bool) -> Iterator[Course]:
        """The courses in which a rule is YES, or NO."""
        wanted = Verdict.YES if want else Verdict.NO
        for found in self._tried(course, rule, want=want, whole=True):
            if found.verdict(rule) is wanted:
                yield found

    def _tried(self, course: Course, rule: Rule, *, want: bool, whole: bool) -> Iterator[Course]:
        """The courses in which a rule may be YES, or NO; with `whole` only if all was done for it.

        A word that nobody gave is not NO, and cannot be made so: what is left undone then is as
        much as can be done.
        """
        book, wanted = course.playbook, Verdict.YES if want else Verdict.NO
        fixed = {
            name
            for name in rule.facts
            if name in book.record_facts or name in self._kept or is_fixed(name)
        }
        for start in self._on_record(course, rule):
            yield start
            facts = start.facts(rule)
            if self._depth > _DEEPEST or rule.verdict(facts, start.today) is wanted:
                continue
            for values in islice(witnesses(rule, start.today, facts, fixed, want=want), _MOST):
                yield from self._all(start, values, facts, whole=whole)

    def _all(
        self, course: Course, values: FactValues, now: FactValues, *, whole: bool
    ) -> Iterator[Course]:
        """The courses in which facts have these values, one after the other."""
        courses = [course]
        for name, value in values.items():
            if now.get(name) != value:
                found = (it for one in courses for it in put(self._inside, one, name, value))
                courses = list(islice(found, _MOST)) or ([] if whole else courses)
        yield from courses

    def _on_record(self, course: Course, rule: Rule) -> Iterator[Course]:
        """The deal with the records that it has, and with more of those that the rule reads."""
        yield course
        kinds = _kinds_read(course, rule)
        fitting = [
            (name, sample.kind)
            for name, sample in course.samples.items()
            if sample.kind in kinds and (self._offered is None or name in self._offered)
        ]
        # Two of a sort rarely say what one of each sort says together.
        pairs = sorted(combinations(fitting, 2), key=lambda pair: pair[0][1] == pair[1][1])
        for chosen in islice((*((one,) for one in fitting), *pairs), _MOST_RECORDS):
            names, sorts = zip(*chosen, strict=True)
            if len(set(sorts)) == len(sorts):  # in the place of those of their sort
                yield course.with_records(names, without=course.brought_of(sorts))
            yield course.with_records(names)

    def through(self, course: Course, command: Command) -> Course | None:
        """The course after a command, once everything was done that it is refused for."""
        found = self.try_through(course, command)
        return None if found.blockers else found.course

    def try_through(self, course: Course, command: Command) -> Passage:
        """As far as a command can be brought by doing what it is refused for.

        Of the ways to do a thing the first is taken after which less is in the way; where there is
        none, the first after which something else is: what is entered may make a word lapse, and a
        choice may ask for more.
        """
        decision = course.tried(command)
        met: set[frozenset[str]] = set()
        for _ in range(_MOST_STEPS):
            if decision.accepted:
                return Passage(course.after(decision), ())
            met.add(_keys(decision))
            found = self._further(course, command, decision, met)
            if found is None:
                break
            course, decision = found
        return Passage(course, decision.blockers)

    def _further(
        self,
        course: Course,
        command: Command,
        refused: Decision[Opportunity],
        met: Container[frozenset[str]],
    ) -> tuple[Course, Decision[Opportunity]] | None:
        """The course after something that was in the way is done, and what is decided then.

        What was in the way before is not gone into again, so that nobody runs in circles.
        """
        other = None
        for blocker in refused.blockers:
            for found in islice(self._unblocked(course, blocker.code, blocker.key), _MOST):
                decision = found.tried(command)
                if len(decision.blockers) < len(refused.blockers):
                    return found, decision
                if other is None and _keys(decision) not in met:
                    other = found, decision
        return other

    def _unblocked(self, course: Course, code: str, key: str) -> Iterator[Course]:
        """The courses after what might take a blocker away."""
        book = course.playbook
        criterion = compile_playbook(book).criteria.get(key)
        if criterion is not None:
            yield from self.meet(course, criterion)
        elif code == "reason_first":
            for reason in (it for it in book.reasons.values() if it.outcome == "won"):
                found = self._inside.through(course, Win(by=course.owner, reason=reason.key))
                if found is not None:
                    yield found
        elif key.endswith(">"):  # the condition of a permission
            asked = compile_playbook(book).conditions[key.removesuffix(">")].criteria
            yield from self.make(course, asked[0].check_rule, want=True)


def _keys(decision: Decision[Opportunity]) -> frozenset[str]:
    """What is in the way."""
    return frozenset(blocker.key for blocker in decision.blockers)


def _kinds_read(course: Course, rule: Rule) -> frozenset[str]:
    """The classes of records that say something to a rule."""
    readers = course.playbook.record_readers
    return frozenset(
        kind for name in rule.facts if name in readers for kind in readers[name][0].reads
    )
