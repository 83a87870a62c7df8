"""Gates: the criteria between a position and the next one, evaluated completely."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from salesflow.engine._explain import Explainer
from salesflow.engine._facts import FactPlan
from salesflow.engine._machine import StageMachine
from salesflow.playbook import Criterion, Playbook, Position
from salesflow.rules import Blocker, Verdict

__all__ = ["Compiled", "Gate", "compile_playbook"]


@dataclass(frozen=True, slots=True)
class Gate:
    """What stands between a position and the one that follows.

    Attributes:
        source: Where the deal is; None for the gate in front of the first position.
        target: Where it goes, or None where the process ends.
        criteria: Exit criteria of the source and entry criteria of the target, advisory ones too.
        required: The criteria that block; with each the flag that settles it when true, if a
            person's word is all it takes.
        plan: Reads the facts that the criteria need.
        wins: Passing this gate wins the deal.
    """

    source: Position | None
    target: Position | None
    criteria: tuple[Criterion, ...]
    required: tuple[tuple[Criterion, str | None], ...]
    plan: FactPlan
    wins: bool

    @classmethod
    def between(cls, playbook: Playbook, source: Position | None, target: Position | None) -> Gate:
        """The gate from one position to another, or to the end."""
        criteria = (*(source.exit if source else ()), *(target.entry if target else ()))
        wanted = frozenset(name for item in criteria for name in item.check_rule.facts)
        leaves_stage = source is not None and source.stage is not (target.stage if target else None)
        return cls(
            source=source,
            target=target,
            criteria=criteria,
            required=tuple(
                (item, f"done.{item.key}" if item.kind in ("attested", "decision") else None)
                for item in criteria
                if not item.advisory
            ),
            plan=FactPlan.of(playbook, wanted),
            wins=leaves_stage and source is not None and _wins(playbook, source),
        )

    def unmet(
        self, facts: Mapping[str, object], today: date, tz: str
    ) -> list[tuple[Criterion, Verdict]]:
        """Every required criterion that is not met, with its verdict."""
        unmet: list[tuple[Criterion, Verdict]] = []
        for criterion, flag in self.required:
            if flag is not None and facts.get(flag) is True:
                continue
            verdict = criterion.check_rule.verdict(facts, today, tz=tz)
            if verdict is not Verdict.YES:
                unmet.append((criterion, verdict))
        return unmet


@dataclass(frozen=True, slots=True)
class Compiled:
    """A playbook, ready to decide: built once, read by every deal and thread.

    Attributes:
        entrance: The gate in front of the first position.
        gates: The gate behind each position.
        criteria: Every criterion by key.
        stage_of: The stage that each criterion belongs to.
        everything: Reads all facts, for reviews.
    """

    playbook: Playbook
    machine: StageMachine
    entrance: Gate
    gates: Mapping[str, Gate]
    criteria: Mapping[str, Criterion]
    stage_of: Mapping[str, str]
    everything: FactPlan
    explainer: Explainer

    def blockers(
        self, gate: Gate, facts: Mapping[str, object], today: date, tz: str
    ) -> tuple[Blocker, ...]:
        """One blocker for every required criterion of the gate that is not met."""
        return tuple(
            [
                self.explainer.blocker(criterion, verdict, facts, today, tz)
                for criterion, verdict in gate.unmet(facts, today, tz)
            ]
        )


@lru_cache(maxsize=64)
def compile_playbook(playbook: Playbook) -> Compiled:
    """The gates and the machine of a playbook; the same one for equal playbooks."""
    placed = [
        (criterion, position.stage.key)
        for position in playbook.positions
        for criterion in (*position.entry, *position.exit)
    ]
    criteria = {criterion.key: criterion for criterion, _ in placed}
    return Compiled(
        playbook=playbook,
        machine=StageMachine(
            [position.key for position in playbook.positions],
            [(move.source, move.target) for move in playbook.moves],
        ),
        entrance=Gate.between(playbook, None, playbook.initial),
        gates={position.key: _gate(playbook, position) for position in playbook.positions},
        criteria=criteria,
        stage_of={criterion.key: stage for criterion, stage in placed},
        everything=FactPlan.of(playbook, frozenset(playbook.facts)),
        explainer=Explainer(playbook, criteria),
    )


def _gate(playbook: Playbook, source: Position) -> Gate:
    following = playbook.next_of(source.key)
    target = playbook.position(following) if following else None
    return Gate.between(playbook, source, target)


def _wins(playbook: Playbook, position: Position) -> bool:
    """Deals are won in the stages marked so; where none is marked, at the end of the last one."""
    if any(stage.wins for stage in playbook.stages):
        return position.stage.wins
    return playbook.next_of(position.key) is None
