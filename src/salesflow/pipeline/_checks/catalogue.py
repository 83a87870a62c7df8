"""What is checked: what stages and tracks asked for, the size policy, the caller's own rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Literal, TypeAlias, get_args

from salesflow.errors import Severity
from salesflow.pipeline._frames.position import Scope
from salesflow.pipeline._frames.stages import Places
from salesflow.playbook import Criterion, Playbook
from salesflow.playbook._graph import dominators
from salesflow.playbook._parts import PROCESS_FACTS
from salesflow.qualify._applying import depends_on_day
from salesflow.qualify._points import facts_read, sources_of
from salesflow.rules import Rule
from salesflow.rules.ast import REACHED, Flag, Not, Or
from salesflow.text import Text, both, filled

Family: TypeAlias = Literal["exit", "track", "size", "hygiene", "own"]
FAMILIES: Final[tuple[Family, ...]] = get_args(Family)

_OF_STAGE: Final = both(en="{stage}: {title}", zh="{stage}：{title}")
_OF_STATE: Final = both(en="{track} ({state}): {title}", zh="{track}（{state}）：{title}")
_OF_SIZE: Final = both(
    en="Complete where the deal's size asks for it: {title}", zh="项目规模要求时已完成：{title}"
)


@dataclass(frozen=True, slots=True)
class Check:
    """What ought to hold of the rows in a scope.

    Attributes:
        key: `exit.<stage>.<criterion>`, `track.<track>.<state>.<criterion>`,
            `size.<instrument>`, `hygiene.<name>`, or the caller's.
        rule: YES is fine.
        scope: The rows that it applies to.
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
    scope: Scope
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


@lru_cache(maxsize=64)
def exit_checks(playbook: Playbook) -> tuple[Check, ...]:
    """The exit criteria of every position, for the open deals that must have left it.

    Rules that use time are not asked again: they held on another day. Where a deal may pass a stage
    by without what that asks for, it is asked of those that were there.
    """
    waived = playbook.policy.skip.waives or playbook.policy.start_later.waives
    left: dict[str, list[int]] = {}
    for place in Places(playbook):
        for position in place.left if place.outcome == "none" else ():
            left.setdefault(position.key, []).append(place.code)
    checks = []
    for position in playbook.positions:
        codes = tuple(left.get(position.key, ()))
        for criterion in position.exit if codes else ():
            rule = criterion.check_rule
            if rule.uses_time or depends_on_day(playbook, rule.facts):
                continue
            # A stage's own criteria stand at its last sub-stage.
            of_stage = any(criterion is other for other in position.stage.exit)
            owner = position.stage if of_stage else position
            title = filled(_OF_STAGE, stage=owner.title, title=criterion.title)
            check = _asked("exit", owner.key, criterion, Scope("open", codes), title)
            been = f"{REACHED}{position.key}" if waived else ""
            checks.append(replace(check, been=been))
    return tuple(checks)


def _asked(group: Family, place: str, criterion: Criterion, scope: Scope, title: Text) -> Check:
    """A criterion, asked again of deals that have passed it."""
    return Check(
        key=f"{group}.{place}.{criterion.key}",
        rule=criterion.check_rule,
        when=criterion.when,
        scope=scope,
        severity="warning" if criterion.advisory else "error",
        title=title,
        waivers=(f"waived.{criterion.key}",),
        group=group,
    )


@lru_cache(maxsize=64)
def track_checks(playbook: Playbook) -> tuple[Check, ...]:
    """What the states of tracks ask for on the way in, for the open deals that must have come in.

    A track is, or has been, in a state where it stands there or in one that every way to leads
    through. It began in its first one, which asked for nothing then. Rules that use time, or that
    read where the deal or this track stood, are not asked again: there they held.
    """
    checks = []
    for track in playbook.tracks.values():
        fact = f"track.{track.key}"
        moved = {fact, f"{fact}.entered_on", *PROCESS_FACTS}
        passed = dominators({it.key: track.ways(it.key) for it in track.states}, track.initial)
        for state in track.states[1:]:
            beyond = (it.key for it in track.states if state.key in (it.key, *passed[it.key]))
            scope = Scope("open", fact=fact, values=tuple(beyond))
            for criterion in state.entry:
                rule = criterion.check_rule
                read = rule.facts.union(*map(facts_read, sources_of(playbook, rule.facts)))
                dated = rule.uses_time or depends_on_day(playbook, rule.facts)
                if dated or not moved.isdisjoint(read):
                    continue
                title = filled(
                    _OF_STATE, track=track.title, state=state.title, title=criterion.title
                )
                place = f"{track.key}.{state.key}"
                check = _asked("track", place, criterion, scope, title)
                checks.append(replace(check, needs=(fact,)))
    return tuple(checks)


@lru_cache(maxsize=64)
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
            scope=Scope("open"),
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
            key=key, rule=rule, scope=Scope("all"), severity="error", title=title, group="own"
        )
