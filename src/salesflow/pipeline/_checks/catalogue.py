"""What is checked: what stages and tracks asked for, the size policy, the caller's own rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias, get_args

from salesflow.errors import Severity
from salesflow.pipeline._checks.passed import Passed, Side
from salesflow.pipeline._frames.position import Scope
from salesflow.playbook import Criterion, Playbook
from salesflow.playbook._graph import dominators
from salesflow.playbook._kept import kept_with_playbook
from salesflow.playbook._parts import PROCESS_FACTS
from salesflow.qualify._applying import depends_on_day
from salesflow.qualify._points import facts_read, sources_of
from salesflow.rules import Rule
from salesflow.rules.ast import REACHED, And, AtLeast, Flag, Node, Not, Or, Reached
from salesflow.text import Text, both, filled

Family: TypeAlias = Literal["entry", "exit", "track", "size", "hygiene", "own"]
FAMILIES: Final[tuple[Family, ...]] = get_args(Family)

_SIDES: Final[Mapping[Side, Text]] = {
    "entry": both(en="{stage}, on entry: {title}", zh="{stage}（进入时）：{title}"),
    "exit": both(en="{stage}: {title}", zh="{stage}：{title}"),
}
_OF_STATE: Final = both(en="{track} ({state}): {title}", zh="{track}（{state}）：{title}")
_OF_SIZE: Final = both(
    en="Complete where the deal's size asks for it: {title}", zh="项目规模要求时已完成：{title}"
)


@dataclass(frozen=True, slots=True)
class Check:
    """What ought to hold of the rows in a scope.

    Attributes:
        key: `entry.<stage>.<criterion>`, `exit.<stage>.<criterion>`,
            `track.<track>.<state>.<criterion>`, `size.<instrument>`, `hygiene.<name>`, or the
            caller's.
        rule: YES is fine.
        scopes: The rows that it applies to: those of any of them.
        severity: `error`, or `warning` for what is advisory.
        title: What ought to hold, in words.
        waivers: Flags of which one that is true makes the check YES.
        group: What sort of check it is.
        when: It applies only to rows for which this is not NO.
        been: The flag of having been where it is asked; it holds of deals that were not.
        needs: Facts without which no row in the scope can be decided, though the rule alone could.
    """

    key: str
    rule: Rule
    scopes: tuple[Scope, ...]
    severity: Severity
    title: Text
    waivers: tuple[str, ...] = ()
    group: Family = "hygiene"
    needs: tuple[str, ...] = ()
    when: Rule | None = None
    been: str = ""

    @property
    def reads(self) -> list[str]:
        """The facts that have to have a column."""
        return sorted(self.rule.facts.union(self.needs))


@kept_with_playbook
def stage_checks(playbook: Playbook) -> tuple[Check, ...]:
    """What every position asks for on the way in and out, for the deals that must have met it.

    Where a deal may pass a stage by without what that asks for, it is asked of those that were
    there.
    """
    waived = playbook.policy.skip.waives or playbook.policy.start_later.waives
    passed = Passed(playbook)
    behind: set[str] = set()
    checks = []
    for position in playbook.positions:
        for side, of_stage in _SIDES.items():
            asked: tuple[Criterion, ...] = getattr(position, side)
            others = behind - {f"{REACHED}{position.stage.key}"} if asked else behind
            for criterion in asked:
                scopes = passed.scopes(side, position, criterion)
                if not scopes or not _holds_on(
                    playbook, criterion.check_rule, PROCESS_FACTS, others
                ):
                    continue
                # A stage's own criteria stand at its first and last sub-stage.
                own = any(criterion is other for other in getattr(position.stage, side))
                owner = position.stage if own else position
                title = filled(of_stage, stage=owner.title, title=criterion.title)
                check = _asked(side, owner.key, criterion, scopes, title)
                been = f"{REACHED}{position.key}" if waived else ""
                checks.append(replace(check, been=been))
        behind.update(f"{REACHED}{name}" for name in (position.key, position.stage.key))
    return tuple(checks)


def _holds_on(
    playbook: Playbook, rule: Rule, moved: AbstractSet[str], behind: AbstractSet[str] = frozenset()
) -> bool:
    """Whether a rule that held at a gate says the same of a deal that has passed it.

    Rules that use time held on another day, and those that read where the deal stood, which is what
    `moved` names, held there. Not to have been in a stage may be said only of those `behind`: a
    deal comes into the others later.
    """
    if rule.uses_time or depends_on_day(playbook, rule.facts):
        return False
    read = rule.facts.union(*map(facts_read, sources_of(playbook, rule.facts)))
    ahead = {name for name in rule.facts if name.startswith(REACHED)} - behind
    return moved.isdisjoint(read) and not (ahead and ahead.intersection(_denied(rule.node)))


def _denied(node: Node, *, denied: bool = False) -> Iterator[str]:
    """The flags of having been in a stage that end, once they are true, what a rule says."""
    match node:
        case Reached(stage) if denied:
            yield f"{REACHED}{stage}"
        case Not(item):
            yield from _denied(item, denied=not denied)
        case And(items) | Or(items) | AtLeast(_, items):
            for item in items:
                yield from _denied(item, denied=denied)
        case _:
            pass


def _asked(
    group: Family, place: str, criterion: Criterion, scopes: tuple[Scope, ...], title: Text
) -> Check:
    """A criterion, asked again of deals that have passed it."""
    return Check(
        key=f"{group}.{place}.{criterion.key}",
        rule=criterion.check_rule,
        when=criterion.when,
        scopes=scopes,
        severity="warning" if criterion.advisory else "error",
        title=title,
        waivers=(f"waived.{criterion.key}",),
        group=group,
        needs=tuple(it.flag for it in scopes) if all(it.flag for it in scopes) else (),
    )


@kept_with_playbook
def track_checks(playbook: Playbook) -> tuple[Check, ...]:
    """What the states of tracks ask for on the way in, for the deals that must have come in.

    A track is, or has been, in a state where it stands there or in one that every way to leads
    through. It began in its first one, which asked for nothing then.
    """
    checks = []
    for track in playbook.tracks.values():
        fact = f"track.{track.key}"
        moved = PROCESS_FACTS | {fact, f"{fact}.entered_on"}
        passed = dominators({it.key: track.ways(it.key) for it in track.states}, track.initial)
        for state in track.states[1:]:
            beyond = (it.key for it in track.states if state.key in (it.key, *passed[it.key]))
            scope = Scope("all", fact=fact, values=tuple(beyond))
            for criterion in state.entry:
                if not _holds_on(playbook, criterion.check_rule, moved):
                    continue
                title = filled(
                    _OF_STATE, track=track.title, state=state.title, title=criterion.title
                )
                check = _asked("track", f"{track.key}.{state.key}", criterion, (scope,), title)
                checks.append(replace(check, needs=(fact,)))
    return tuple(checks)


@kept_with_playbook
def size_checks(playbook: Playbook) -> tuple[Check, ...]:
    """Every open deal has what the size policy asks of it.

    Where the criterion that asks for all of it is waived, nothing of it is asked.
    """
    waivers = tuple(
        f"waived.{key}"
        for key, criterion in playbook.criteria.items()
        if criterion.kind == "instruments"
    )
    return tuple(
        Check(
            key=f"size.{key}",
            rule=Rule.of(Or((Not(required.node), Flag(f"done.{key}"))), playbook.facts),
            when=playbook.instruments[key].when,
            scopes=(Scope("open"),),
            severity="error",
            title=filled(_OF_SIZE, title=playbook.instruments[key].title),
            waivers=waivers,
            group="size",
        )
        for key, required in playbook.required_instruments.items()
    )


def own_checks(checks: Mapping[str, Rule], names: Mapping[str, Text]) -> Iterable[Check]:
    """The caller's rules, over all rows; `names` as sentences take them."""
    for key, rule in checks.items():
        title = both(en=rule.sentence("en", names), zh=rule.sentence("zh", names))
        yield Check(
            key=key,
            rule=rule,
            scopes=(Scope("all"),),
            severity="error",
            title=title,
            group="own",
        )
