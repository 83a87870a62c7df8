"""Why a criterion is not met, in sentences.

An explanation depends only on the criterion and on the values that its rule reads, so it is made
once for each combination met: most deals are blocked by the same things not being known.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from functools import lru_cache
from typing import Final

from salesflow.engine._approval_words import approval_blocker, approvals_missing, lapsed_blocker
from salesflow.engine._facts.amounts import UNRATED, Unrated, amounts_of
from salesflow.engine._facts.said import read_lapses
from salesflow.engine._instrument_words import instrument_blocker, nobody_completes
from salesflow.engine._wording import (
    applying_blocker,
    asked_of,
    criterion_blocker,
    in_a_row,
    question_blocker,
    told,
    waiting_for,
)
from salesflow.facts import NOT_APPLICABLE, WHY
from salesflow.playbook import Criterion, Instrument, Playbook, Question
from salesflow.playbook._fact_words import fact_words
from salesflow.qualify._applying import conditional, depends_on_day, facts_deciding
from salesflow.qualify._points import Source, facts_read, sources_of
from salesflow.rules import Blocker, Finding, Verdict
from salesflow.text import Text, both

_KEPT: Final = 1_024
_LONG: Final = 200
_UNRATED: Final = both(en="{name} ({why})", zh="{name}（{why}）")


class Explainer:
    """Explains the criteria of one playbook."""

    __slots__ = (
        "_criteria",
        "_dated",
        "_explained",
        "_incomplete",
        "_missed",
        "_names",
        "_playbook",
        "_reads",
    )

    def __init__(self, playbook: Playbook, criteria: Mapping[str, Criterion]) -> None:
        self._playbook = playbook
        self._criteria = criteria
        self._reads = {key: _read_by(playbook, criterion) for key, criterion in criteria.items()}
        ruled = {
            key: item.check_rule
            for key, item in playbook.instruments.items()
            if item.check_rule is not None
        }
        # An instrument has another key than any criterion.
        self._reads |= {key: _seen_by(playbook, rule.facts) for key, rule in ruled.items()}
        rules = {key: criterion.check_rule for key, criterion in criteria.items()} | ruled
        self._dated = {
            key
            for key, rule in rules.items()
            if rule.uses_time or depends_on_day(playbook, rule.facts)
        }
        self._names = fact_words(playbook)
        self._explained = lru_cache(maxsize=_KEPT)(self._explain)
        self._incomplete = lru_cache(maxsize=_KEPT)(self._waiting)
        self._missed = lru_cache(maxsize=_KEPT)(self._miss)

    def blocker(
        self,
        criterion: Criterion,
        verdict: Verdict,
        facts: Mapping[str, object],
        today: date,
        tz: str,
    ) -> Blocker:
        """The blocker of a criterion whose verdict is NO or UNKNOWN."""
        seen, day = self._decided_by(criterion.key, facts, today)
        explained = self._explain if _is_long(seen) else self._explained
        return explained(criterion.key, verdict, seen, day, tz)

    def _decided_by(
        self, key: str, facts: Mapping[str, object], today: date | None
    ) -> tuple[tuple[object, ...], date | None]:
        """What an explanation depends on: the values, and the day where a rule asks for it."""
        seen = tuple([facts.get(name) for name in self._reads[key]])
        return seen, today if key in self._dated else None

    def _explain(
        self, key: str, verdict: Verdict, seen: tuple[object, ...], today: date | None, tz: str
    ) -> Blocker:
        criterion = self._criteria[key]
        facts = dict(zip(self._reads[key], seen, strict=True))
        parts: tuple[Blocker, ...] = ()
        if (when := criterion.when) is not None:
            applies = when.evaluate(facts, today, tz=tz)
            if applies.verdict is Verdict.UNKNOWN:
                parts = self._deciding(applies, facts, today, tz)
                return applying_blocker(criterion, parts)
        if criterion.kind == "instruments":
            parts = self._missing_instruments(facts, today, tz)
        elif criterion.kind == "computed":
            rule = criterion.rule or criterion.check_rule
            missed = rule.evaluate(facts, today, tz=tz).blockers(self._named(facts))
            parts = tuple(asked_of(self._playbook, part) for part in missed)
            parts += self.undecided(_seen_in(parts), facts, today, tz)
        held = facts.get(f"hold.{key}")
        lapsed = tuple(
            lapsed_blocker(self._playbook, lapse, self._named(facts))
            for lapse in read_lapses(facts.get(f"lapsed>{key}"))
        )
        if criterion.kind == "approval":
            waits = (waiting_for(held),) if isinstance(held, str) else ()
            return self._approval(criterion, verdict, facts, today, tz, lapsed, waits)
        return criterion_blocker(
            self._playbook,
            criterion,
            verdict,
            parts,
            held if isinstance(held, str) else None,
            lapsed,
        )

    def _deciding(
        self, finding: Finding, facts: Mapping[str, object], today: date | None, tz: str
    ) -> tuple[Blocker, ...]:
        """What decides a rule that is UNKNOWN."""
        parts = _unknown_leaves(finding.blockers(self._named(facts)))
        return parts + self.undecided(_seen_in(parts), facts, today, tz)

    def undecided(
        self, names: Collection[str], facts: Mapping[str, object], today: date | None, tz: str
    ) -> tuple[Blocker, ...]:
        """What decides whether open questions apply of which these facts speak, if nobody knows."""
        found: tuple[Blocker, ...] = ()
        for name, rule in conditional(self._playbook, names).items():
            flag = f"{NOT_APPLICABLE}{name}"
            is_open = flag in names or facts.get(name) is None
            if is_open and facts.get(flag) is None:
                parts = self._deciding(rule.evaluate(facts, today, tz=tz), facts, today, tz)
                found += (question_blocker(name, self._playbook.questions[name], parts),)
        return found

    def instrument(
        self,
        instrument: Instrument,
        facts: Mapping[str, object],
        today: date | None,
        tz: str,
        unasked: Collection[Question] = (),
    ) -> Blocker:
        """Why an instrument is not complete: by its rule, or because nobody completed it."""
        if instrument.check_rule is None:
            names = {f"{instrument.checklist}.{question.key}" for question in unasked}
            undecided = self.undecided(names, facts, today, tz)
            if not undecided:
                return self._incomplete(instrument.key, tuple(item.key for item in unasked))
            return instrument_blocker(instrument, unasked, parts=undecided)
        seen, day = self._decided_by(instrument.key, facts, today)
        missed = self._miss if _is_long(seen) else self._missed
        return missed(instrument.key, seen, day, tz)

    def _miss(self, key: str, seen: tuple[object, ...], today: date | None, tz: str) -> Blocker:
        """An instrument whose rule does not hold, with what that misses."""
        instrument = self._playbook.instruments[key]
        facts = dict(zip(self._reads[key], seen, strict=True))
        if instrument.check_rule is None:
            raise AssertionError(key)
        found = instrument.check_rule.evaluate(facts, today, tz=tz)
        parts = found.blockers(self._named(facts))
        parts += self.undecided(_seen_in(parts), facts, today, tz)
        return instrument_blocker(instrument, (), found.verdict, parts)

    def _waiting(self, key: str, unasked: tuple[str, ...]) -> Blocker:
        """An instrument that nobody completed, with what nobody asked yet."""
        instrument = self._playbook.instruments[key]
        checklist = self._playbook.checklists.get(instrument.checklist or "")
        questions = checklist.questions if checklist else ()
        return instrument_blocker(instrument, [it for it in questions if it.key in unasked])

    def completed_by_hand(
        self, instrument: Instrument, facts: Mapping[str, object], today: date, tz: str
    ) -> Blocker:
        """Why nobody completes an instrument that follows from a rule."""
        if instrument.check_rule is None:
            raise AssertionError(instrument)
        names = self._named(facts)
        found = instrument.check_rule.evaluate(facts, today, tz=tz)
        rule = instrument.check_rule.describe(names)
        return nobody_completes(instrument, rule, found.blockers(names))

    def _named(self, facts: Mapping[str, object]) -> Mapping[str, Text]:
        """What the facts are called, and why those of records are as they are.

        An amount that cannot be converted says so.
        """
        unrated = {
            fact: told(_UNRATED, name=self._names.get(fact) or Text(en=fact), why=value.why)
            for name, value in facts.items()
            if isinstance(value, Unrated) and (fact := name.removeprefix(UNRATED))
        }
        whys = {name: why for name, why in facts.items() if name.startswith(WHY)}
        named = {
            **self._names,
            **{name: why for name, why in whys.items() if isinstance(why, Text)},
        }
        return {**named, **unrated} if whys or unrated else self._names

    def _approval(
        self,
        criterion: Criterion,
        verdict: Verdict,
        facts: Mapping[str, object],
        today: date | None,
        tz: str,
        lapsed: tuple[Blocker, ...],
        waits: tuple[Text, ...],
    ) -> Blocker:
        """Who has to approve by the first row that holds, or what decides which row that is."""
        for row in criterion.approval.rows if criterion.approval else ():
            holds = row.when.evaluate(facts, today, tz=tz)
            if holds.verdict is Verdict.UNKNOWN:
                parts = self._deciding(holds, facts, today, tz)
                return approval_blocker(criterion, verdict, parts, None)
            if holds.verdict is Verdict.YES:
                parts, fix = approvals_missing(self._playbook, criterion, row, facts)
                fixes = in_a_row((*(part.fix for part in lapsed), fix, *waits))
                return approval_blocker(criterion, verdict, (*lapsed, *parts), fixes)
        raise AssertionError(criterion)  # no row holds, so that nothing is asked

    def _missing_instruments(
        self, facts: Mapping[str, object], today: date | None, tz: str
    ) -> tuple[Blocker, ...]:
        playbook = self._playbook
        parts: dict[tuple[str, str], Blocker] = {}
        for key, required in playbook.required_instruments.items():
            if facts.get(f"done.{key}") is True:
                continue
            verdict = required.verdict(facts, today, tz=tz)
            found: tuple[Blocker, ...] = ()
            if verdict is Verdict.YES:
                found = (self.instrument(playbook.instruments[key], facts, today, tz),)
            elif verdict is Verdict.UNKNOWN:
                found = self._deciding(required.evaluate(facts, today, tz=tz), facts, today, tz)
            parts.update({(part.code, part.key): part for part in found})
        return tuple(parts.values())


def _ruled(playbook: Playbook, criterion: Criterion) -> tuple[Source, ...]:
    """Of a criterion that asks for instruments, what it is that makes some complete by a rule."""
    if criterion.kind != "instruments":
        return ()
    return sources_of(playbook, criterion.check_rule.facts)


def _read_by(playbook: Playbook, criterion: Criterion) -> tuple[str, ...]:
    """What its explanation depends on: its facts, and what a judgement on hold waits for.

    Further what the rules of instruments read, what decides whether questions apply of which these
    speak, and why records do not say a fact.
    """
    read = criterion.check_rule.facts.union(*map(facts_read, _ruled(playbook, criterion)))
    held = (f"hold.{criterion.key}",) if criterion.roles else ()
    lapsed = (f"lapsed>{criterion.key}",) if criterion.lapses_on else ()
    return (*_seen_by(playbook, read), *held, *lapsed)


def _seen_by(playbook: Playbook, read: frozenset[str]) -> tuple[str, ...]:
    """What the explanation of a rule that reads these facts depends on."""
    questions = conditional(playbook, read)
    flags = (f"{NOT_APPLICABLE}{name}" for name in questions)
    facts = read.union(questions, flags, facts_deciding(questions))
    unrated = [
        f"{UNRATED}{fact.name}" for fact in amounts_of(playbook, facts) if fact.name in facts
    ]
    whys = (f"{WHY}{name}" for name in sorted(facts & playbook.record_facts))
    return (*sorted(facts), *unrated, *whys)


def _is_long(seen: tuple[object, ...]) -> bool:
    """Whether values are rarely met again, so that an explanation of them is not kept."""
    return sum([len(value) for value in seen if isinstance(value, str)]) > _LONG


def _seen_in(blockers: tuple[Blocker, ...]) -> set[str]:
    """The facts of which blockers speak."""
    found = {name for blocker in blockers for name in blocker.seen}
    return found.union(*(_seen_in(it.any_of + it.because) for it in blockers))


def _unknown_leaves(blockers: tuple[Blocker, ...]) -> tuple[Blocker, ...]:
    """Every unknown leaf: whether the size asks for another instrument depends on them."""
    found: tuple[Blocker, ...] = ()
    for blocker in blockers:
        inner = blocker.any_of + blocker.because
        if inner:
            found += _unknown_leaves(inner)
        elif blocker.verdict is Verdict.UNKNOWN:
            found += (blocker,)
    return found
