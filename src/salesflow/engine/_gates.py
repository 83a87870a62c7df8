"""Gates: the criteria between a position and the next one, evaluated completely."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Final, TypeAlias

from salesflow.engine._explainer import Explainer
from salesflow.engine._facts.fact_plan import FactPlan, everything
from salesflow.engine._machine import StageMachine
from salesflow.facts import BEFORE
from salesflow.playbook import (
    Criterion,
    FieldPolicy,
    Move,
    Permission,
    Playbook,
    Position,
    TrackState,
)
from salesflow.playbook._forms import missing_of
from salesflow.playbook._kept import kept_with_playbook
from salesflow.playbook._parts import with_before
from salesflow.rules import Blocker, Rule, Verdict
from salesflow.rules.ast import Not, Or
from salesflow.text import both, filled

ENDED: Final = "ended"
PERSONAL: Final = frozenset({"attested", "decision", "judgement"})
"""Kinds of criteria that hold by a person's word: the flag `done.<key>` says all."""
_Required: TypeAlias = tuple[Criterion, str | None, str]


@dataclass(frozen=True, slots=True)
class Gate:
    """What stands between a position and the one that follows.

    Attributes:
        source: Where the deal is; None for the gate in front of the first position.
        target: Where it goes, or None where the process ends.
        criteria: Exit criteria of the source and entry criteria of the target, advisory ones too.
        required: The criteria that block; with each the flag that settles it when true, if a
            person's word is all it takes, and the flag of its waiver.
        plan: Reads the facts that the criteria need.
        wins: Passing this gate wins the deal.
        back: It leads back.
        move: The playbook's own move that it stands on, if there is one.
    """

    source: Position | None
    target: Position | None
    criteria: tuple[Criterion, ...]
    required: tuple[_Required, ...]
    plan: FactPlan
    wins: bool
    back: bool
    move: Move | None = None

    @classmethod
    def between(
        cls,
        playbook: Playbook,
        source: Position | None,
        target: Position | None,
        move: Move | None = None,
        passed: tuple[Position, ...] = (),
    ) -> Gate:
        """The gate from one position to another, or to the end.

        Args:
            playbook: The process.
            source: None for the gate in front of the process.
            target: None for the end.
            move: The playbook's own move, whose criteria are asked as well.
            passed: Positions in between, whose criteria are asked as well.
        """
        own = _criteria_of(move) if move else ()
        own += tuple(item for place in passed for item in (*place.entry, *place.exit))
        criteria = (*(source.exit if source else ()), *own, *(target.entry if target else ()))
        back = move is not None and move.back
        if move is None and source is not None and target is not None:
            back = comes_before(playbook, target, source)
        if back:
            criteria = own  # a way back passes no gate but its own
        wanted = frozenset(name for item in criteria for name in item.check_rule.facts)
        leaves_stage = source is not None and source.stage is not (target.stage if target else None)
        return cls(
            source=source,
            target=target,
            criteria=criteria,
            required=_required(criteria),
            plan=FactPlan.of(playbook, wanted),
            wins=leaves_stage
            and not back
            and source is not None
            and _wins(playbook, source, target),
            back=back,
            move=move,
        )

    @classmethod
    def of_state(cls, playbook: Playbook, state: TrackState) -> Gate:
        """What a state of a track asks for."""
        wanted = frozenset(name for item in state.entry for name in item.check_rule.facts)
        plan = FactPlan.of(playbook, wanted)
        return cls(None, None, state.entry, _required(state.entry), plan, wins=False, back=False)

    @classmethod
    def of_rule(cls, playbook: Playbook, what: str, permission: Permission) -> Gate:
        """What the rule of a permission asks for, and where the permission asks for anything."""
        rule, when, facts = permission.rule, permission.when, playbook.facts
        if isinstance(permission, FieldPolicy):
            facts = with_before(facts)
        check_rule = rule
        if when is not None:
            asked = (Not(when.node),) if rule is None else (Not(when.node), rule.node)
            check_rule = Rule.of(Or(asked) if rule else asked[0], facts)
        if check_rule is None:
            raise AssertionError(what)
        criterion = Criterion(
            key=f"{what}>",  # with a character that no key of a playbook has
            title=permission.asks or both(en="This may be done now", zh="现在可以这样做"),
            kind="computed",
            rule=rule,
            check_rule=check_rule,
            when=when,
        )
        wanted = frozenset(name.removeprefix(BEFORE) for name in check_rule.facts)
        plan = FactPlan.of(playbook, wanted)
        criteria = (criterion,)
        return cls(None, None, criteria, _required(criteria), plan, wins=False, back=False)

    def unmet(
        self, facts: Mapping[str, object], today: date, tz: str
    ) -> list[tuple[Criterion, Verdict]]:
        """Every required criterion that is not met, with its verdict."""
        unmet: list[tuple[Criterion, Verdict]] = []
        for criterion, done, waived in self.required:
            if (done is not None and facts.get(done) is True) or facts.get(waived) is True:
                continue
            verdict = criterion.check_rule.verdict(facts, today, tz=tz)
            if verdict is not Verdict.YES:
                unmet.append((criterion, verdict))
        return unmet


def _required(criteria: Iterable[Criterion]) -> tuple[_Required, ...]:
    return tuple(
        (item, f"done.{item.key}" if item.kind in PERSONAL else None, f"waived.{item.key}")
        for item in criteria
        if not item.advisory
    )


@dataclass(frozen=True, slots=True)
class Compiled:
    """A playbook, ready to decide: built once, read by every deal and thread.

    Attributes:
        gates: The gate behind each position, on the main way.
        choices: For a position with several ways on, the gates that advancing chooses from, the
            main one first. The end is among them only where it is the main way, for nobody ends a
            deal by accident.
        ways: The gate of every move that the playbook names, by source and target; None is the
            end.
        states: The gate in front of each state of a track, by the keys of both.
        conditions: What the rules of permissions ask for, each as a gate of one criterion, by what
            is permitted: `"lose"`, `"reasons.price"`, `"fields.amount"`, `"waive.signed"`.
        permits: Which permission of the policy a command needs, where not everybody has it.
        criteria: Every criterion by key.
        everything: Reads all facts, for reviews; of those of records what somebody asks about.
        facts_read: The facts that a rule of the playbook reads.
        groups_of_conditions: The groups of facts of records that permissions read.
    """

    playbook: Playbook
    machine: StageMachine
    gates: Mapping[str, Gate]
    choices: Mapping[str, tuple[Gate, ...]]
    ways: Mapping[tuple[str, str | None], Gate]
    states: Mapping[tuple[str, str], Gate]
    conditions: Mapping[str, Gate]
    permits: Mapping[str, Permission]
    criteria: Mapping[str, Criterion]
    everything: FactPlan
    facts_read: frozenset[str]
    groups_of_conditions: frozenset[str]
    explainer: Explainer

    def gate(self, source: Position | None, target: Position) -> Gate:
        """The gate between two positions that no move of the playbook joins.

        What the positions in between ask for is asked, too, where the policy says so.
        """
        policy = self.playbook.policy
        skipping = policy.start_later if source is None else policy.skip
        passed: tuple[Position, ...] = ()
        if skipping.criteria == "asked":
            key = None if source is None else source.key
            passed = self.playbook.between(key, target.key)
        return Gate.between(self.playbook, source, target, passed=passed)

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


@kept_with_playbook
def compile_playbook(playbook: Playbook) -> Compiled:
    """The gates and the machine of a playbook, made once."""
    ways = {(move.source, _target(move)): _gate_of(playbook, move) for move in playbook.moves}
    for position in playbook.positions:
        if position.final:
            ways.setdefault((position.key, None), Gate.between(playbook, position, None))
    gates = {}
    choices = {}
    for position in playbook.positions:
        following = playbook.next_of(position.key)
        main = gates[position.key] = ways[position.key, following]
        others = playbook.moves_from(position.key)[1:]
        beside = [ways[it.source, it.target] for it in others if it.target != ENDED]
        if any(gate.back is main.back for gate in beside):
            choices[position.key] = (main, *(it for it in beside if it.back is main.back))
    criteria = {
        criterion.key: criterion
        for position in playbook.positions
        for criterion in (*position.entry, *position.exit)
    }
    for gate in ways.values():
        for criterion in gate.criteria:
            criteria.setdefault(criterion.key, criterion)
    states = {
        (track.key, state.key): Gate.of_state(playbook, state)
        for track in playbook.tracks.values()
        for state in track.states
    }
    for gate in states.values():
        criteria.update({criterion.key: criterion for criterion in gate.criteria})
    permissions = dict(_permissions(playbook))
    conditions = {
        what: Gate.of_rule(playbook, what, permission)
        for what, permission in permissions.items()
        if permission.rule is not None or permission.when is not None
    }
    explained = {
        **criteria,
        **{gate.criteria[0].key: gate.criteria[0] for gate in conditions.values()},
    }
    facts_read = _facts_read(playbook, explained.values())
    groups = (gate.plan.groups for gate in conditions.values())
    return Compiled(
        playbook=playbook,
        machine=StageMachine([item.key for item in playbook.positions], _edges(playbook)),
        gates=gates,
        choices=choices,
        ways=ways,
        states=states,
        conditions=conditions,
        permits={
            name: permission
            for name, permission in permissions.items()
            if permission != Permission()
        },
        criteria=criteria,
        everything=_for_reviews(playbook, facts_read),
        facts_read=facts_read,
        groups_of_conditions=frozenset[str]().union(*groups),
        explainer=Explainer(playbook, explained),
    )


def _for_reviews(playbook: Playbook, read: frozenset[str]) -> FactPlan:
    """Every fact, but of records only what somebody asks about: these may have to be fetched.

    A review also shows what forms lack.
    """
    if not playbook.record_facts:
        return everything(playbook)
    days = {item.before for item in playbook.cadences if item.before is not None}
    others = playbook.facts.keys() - playbook.record_facts
    forms = (form for stage in playbook.stages for form in stage.forms if form.record is not None)
    lacking = (missing_of(form.key) for form in forms)
    return FactPlan.of(playbook, frozenset({*others, *read, *days, *lacking}))


def _facts_read(playbook: Playbook, criteria: Iterable[Criterion]) -> frozenset[str]:
    cards = playbook.scorecards.values()
    rules = (
        *(criterion.check_rule for criterion in criteria),
        *(row.when for row in playbook.size_policy),
        *(row.when for policy in playbook.approvals.values() for row in policy.rows),
        *(item.when for item in playbook.instruments.values() if item.when is not None),
        *(it.check_rule for it in playbook.instruments.values() if it.check_rule is not None),
        *(cadence.when for cadence in playbook.cadences if cadence.when is not None),
        *(item.when for item in playbook.questions.values() if item.when is not None),
        *(item.rule for card in cards for item in card.items),
    )
    return frozenset(name.removeprefix(BEFORE) for rule in rules for name in rule.facts)


def _permissions(playbook: Playbook) -> Iterator[tuple[str, Permission]]:
    """Everything that a playbook permits, by the name of what is permitted."""
    policy = playbook.policy
    for item in fields(policy):
        permission: object = getattr(policy, item.name)
        if isinstance(permission, Permission):
            yield item.name, permission
    yield from fields_by_name(playbook)
    yield from ((f"reasons.{key}", reason) for key, reason in playbook.reasons.items())
    yield from ((f"waive.{key}", item.waive) for key, item in playbook.criteria.items())
    yield from ((f"back.{place.key}", place.back) for place in playbook.positions)
    for key, track in playbook.tracks.items():
        yield f"tracks.{key}", track.by
        yield f"tracks.{key}.back", track.back
        if track.when is not None:
            asks = filled(_APPLIES, track=track.title)
            yield f"tracks.{key}.when", Permission(rule=track.when, asks=asks)


_APPLIES: Final = both(en="“{track}” applies to this deal", zh="“{track}”适用于此项目")


def fields_by_name(playbook: Playbook) -> Iterator[tuple[str, FieldPolicy]]:
    """The policies of fields; a further one of the same field is numbered."""
    count: dict[str, int] = {}
    for item in playbook.policy.fields:
        number = count[item.name] = count.get(item.name, 0) + 1
        yield f"fields.{item.name}" + (f"[{number}]" if number > 1 else ""), item


def _gate_of(playbook: Playbook, move: Move) -> Gate:
    target = _target(move)
    return Gate.between(
        playbook,
        playbook.position(move.source),
        None if target is None else playbook.position(target),
        move,
    )


def _target(move: Move) -> str | None:
    return None if move.target == ENDED else move.target


def _criteria_of(move: Move) -> tuple[Criterion, ...]:
    if move.rule is None:
        return move.criteria
    return (
        Criterion(
            # With a character that no key of a playbook has: it must not be taken for another.
            key=f"{move.source}>{move.target}",
            title=move.title or both(en="This way is open", zh="可走此路径"),
            kind="computed",
            rule=move.rule,
            check_rule=move.rule,
        ),
        *move.criteria,
    )


def _edges(playbook: Playbook) -> set[tuple[str, str]]:
    """Every pair that a deal may be moved between: the playbook's moves, and what policy adds."""
    keys = [position.key for position in playbook.positions]
    edges = {(move.source, move.target) for move in playbook.moves if move.target != ENDED}
    pairs = [(a, b) for a in range(len(keys)) for b in range(len(keys))]
    if playbook.policy.skip.allowed:
        edges.update((keys[a], keys[b]) for a, b in pairs if a < b)
    back = [position.back.allowed for position in playbook.positions]
    edges.update((keys[a], keys[b]) for a, b in pairs if a > b and back[b])
    return edges


def comes_before(playbook: Playbook, first: Position, second: Position) -> bool:
    """Does a position come before another in the order of the playbook?"""
    keys = (position.key for position in playbook.positions)
    return next(key for key in keys if key in (first.key, second.key)) != second.key


def _wins(playbook: Playbook, source: Position, target: Position | None) -> bool:
    """Deals are won in the stages marked so; where none is marked, at the end of the last one."""
    if any(stage.wins for stage in playbook.stages):
        return source.stage.wins
    return target is None and playbook.next_of(source.key) is None
