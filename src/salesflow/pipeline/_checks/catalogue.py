"""What is checked: what stages and tracks asked for, the size policy, the caller's own rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

from salesflow.errors import Severity
from salesflow.pipeline._checks.passed import Passed
from salesflow.pipeline._frames.position import Scope
from salesflow.pipeline._frames.stages import Places
from salesflow.playbook import Criterion, Playbook
from salesflow.playbook._graph import dominators
from salesflow.playbook._kept import kept_with_playbook
from salesflow.playbook._parts import PROCESS_FACTS
from salesflow.qualify._passed import Asked, Side, asked_again, holds_on
from salesflow.rules import Rule
from salesflow.rules.ast import Flag, Not, Or
from salesflow.text import Text, both, filled

Family: TypeAlias = Literal["entry", "exit", "track", "size", "hygiene", "unique", "own"]
FAMILIES: Final[tuple[Family, ...]] = get_args(Family)

_SIDES: Final[Mapping[Side, Text]] = {
    "entry": both(en="{stage}, on entry: {title}", zh="{stage}（进入时）：{title}"),
    "exit": both(en="{stage}: {title}", zh="{stage}：{title}"),
}
_OF_STATE: Final = both(en="{track} ({state}): {title}", zh="{track}（{state}）：{title}")
_OF_SIZE: Final = both(
    en="Complete where the deal's size asks for it: {title}", zh="项目规模要求时已完成：{title}"
)


class Member(NamedTuple):
    """What a check looks at: a fact, or a `column` of the frame that holds none.

    Attributes:
        name: What the caller calls it.
        column: The column; None where it is a fact.
    """

    name: str
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """What ought to hold of the rows in a scope.

    Attributes:
        key: `entry.<stage>.<criterion>`, `exit.<stage>.<criterion>`,
            `track.<track>.<state>.<criterion>`, `size.<instrument>`, `hygiene.<name>`,
            `unique.<…>`, or the caller's.
        rule: YES is fine.
        scopes: The rows that it applies to: those of any of them.
        severity: `error`, or `warning` for what is advisory.
        title: What ought to hold, in words.
        waivers: Flags of which one that is true makes the check YES.
        group: What sort of check it is.
        when: It applies only to rows for which this is not NO.
        been: The flag of having been where it is asked; it holds of deals that were not.
        needs: Facts without which no row in the scope can be decided, though the rule alone could.
        members: What no two of the rows may share all of; the rule says then that it is there.
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
    members: tuple[Member, ...] = ()

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
    return tuple(check for _, check in _of_stages(playbook))


@kept_with_playbook
def left_checks(playbook: Playbook) -> tuple[Check, ...]:
    """Those of `stage_checks` that are required, for the open deals that have left the position.

    A deal that counts as commit is at odds with them where they are NO or UNKNOWN of it; reviews
    ask the same of one deal.
    """
    standing = {place.code: {it.key for it in place.positions} for place in Places(playbook)}
    found = []
    for asked, check in _of_stages(playbook):
        codes = tuple(
            code
            for scope in check.scopes
            for code in scope.codes or ()
            if scope.group == "all" and asked.position.key not in standing[code]
        )
        if codes and not asked.criterion.advisory:
            found.append(replace(check, scopes=(Scope("open", codes),), needs=()))
    return tuple(found)


def _of_stages(playbook: Playbook) -> Iterator[tuple[Asked, Check]]:
    passed = Passed(playbook)
    for asked in asked_again(playbook):
        scopes = passed.scopes(asked)
        if not scopes:
            continue
        side, position, criterion, been = asked
        # A stage's own criteria stand at its first and last sub-stage.
        own = any(criterion is other for other in getattr(position.stage, side))
        owner = position.stage if own else position
        title = filled(_SIDES[side], stage=owner.title, title=criterion.title)
        check = _asked(side, owner.key, criterion, scopes, title)
        yield asked, replace(check, been=been)


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
                if not holds_on(playbook, criterion.check_rule, moved):
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
