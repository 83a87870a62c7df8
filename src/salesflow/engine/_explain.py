"""Why a criterion is not met, in sentences.

An explanation depends only on the criterion and on the values that its rule reads, so it is made
once for each combination met: most deals are blocked by the same things not being known.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Final

from salesflow.engine._wording import criterion_blocker, instrument_blocker
from salesflow.playbook import Criterion, Playbook
from salesflow.rules import Blocker, Verdict
from salesflow.text import Text

__all__ = ["Explainer"]

_KEPT: Final = 4_096


class Explainer:
    """Explains the criteria of one playbook."""

    __slots__ = ("_criteria", "_explained", "_names", "_playbook", "_reads")

    def __init__(self, playbook: Playbook, criteria: Mapping[str, Criterion]) -> None:
        self._playbook = playbook
        self._criteria = criteria
        self._reads = {
            key: tuple(sorted(criterion.check_rule.facts)) for key, criterion in criteria.items()
        }
        self._names = _questions(playbook)
        self._explained = lru_cache(maxsize=_KEPT)(self._explain)

    def blocker(
        self,
        criterion: Criterion,
        verdict: Verdict,
        facts: Mapping[str, object],
        today: date,
        tz: str,
    ) -> Blocker:
        """The blocker of a criterion whose verdict is NO or UNKNOWN."""
        seen = tuple([facts.get(name) for name in self._reads[criterion.key]])
        day = today if criterion.check_rule.uses_time else None
        return self._explained(criterion.key, verdict, seen, day, tz)

    def _explain(
        self, key: str, verdict: Verdict, seen: tuple[object, ...], today: date | None, tz: str
    ) -> Blocker:
        criterion = self._criteria[key]
        facts = dict(zip(self._reads[key], seen, strict=True))
        parts: tuple[Blocker, ...] = ()
        if criterion.kind == "instruments":
            parts = self._missing_instruments(facts, today, tz)
        elif criterion.kind == "computed":
            parts = criterion.check_rule.evaluate(facts, today, tz=tz).blockers(self._names)
        return criterion_blocker(self._playbook, criterion, verdict, parts)

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
                found = (instrument_blocker(playbook.instruments[key]),)
            elif verdict is Verdict.UNKNOWN:
                found = _unknown_leaves(
                    required.evaluate(facts, today, tz=tz).blockers(self._names)
                )
            parts.update({(part.code, part.key): part for part in found})
        return tuple(parts.values())


def _questions(playbook: Playbook) -> dict[str, Text]:
    """What the questions of the checklists are called, in quotation marks: some are sentences."""
    return {
        f"{checklist.key}.{question.key}": Text(
            en=f"“{question.title.get('en')}”", zh=f"“{question.title.get('zh')}”"
        )
        for checklist in playbook.checklists.values()
        for question in checklist.questions
    }


def _unknown_leaves(blockers: tuple[Blocker, ...]) -> tuple[Blocker, ...]:
    """What is not known, wherever it stands: whether the size asks for more hangs on it."""
    found: tuple[Blocker, ...] = ()
    for blocker in blockers:
        inner = blocker.any_of + blocker.because
        if inner:
            found += _unknown_leaves(inner)
        elif blocker.verdict is Verdict.UNKNOWN:
            found += (blocker,)
    return found
