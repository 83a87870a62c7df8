"""What is checked: the exit criteria of stages already left, the size policy, the caller's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, TypeAlias, get_args

from salesflow.errors import Severity
from salesflow.pipeline._frames.position import Scope
from salesflow.pipeline._frames.stages import Places
from salesflow.playbook import Instrument, Playbook
from salesflow.qualify._points import sources_of, uses_time
from salesflow.rules import Rule
from salesflow.rules.ast import REACHED, Flag, Not, Or
from salesflow.text import Text, both, filled

Family: TypeAlias = Literal["exit", "size", "hygiene", "own"]
FAMILIES: Final[tuple[Family, ...]] = get_args(Family)

_OF_STAGE: Final = both(en="{stage}: {title}", zh="{stage}：{title}")
_OF_SIZE: Final = both(
    en="Complete where the deal's size asks for it: {title}", zh="项目规模要求时已完成：{title}"
)


@dataclass(frozen=True, slots=True)
class Check:
    """What ought to hold of the rows in a scope.

    Attributes:
        key: `exit.<stage>.<criterion>`, `size.<instrument>`, `hygiene.<name>`, or the caller's.
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
            if _uses_time(playbook, criterion.check_rule):
                continue
            # A stage's own criteria stand at its last sub-stage.
            of_stage = any(criterion is other for other in position.stage.exit)
            owner = position.stage if of_stage else position
            checks.append(
                Check(
                    key=f"exit.{owner.key}.{criterion.key}",
                    rule=criterion.check_rule,
                    when=criterion.when,
                    scope=Scope("open", codes),
                    severity="warning" if criterion.advisory else "error",
                    title=filled(_OF_STAGE, stage=owner.title, title=criterion.title),
                    waivers=(f"waived.{criterion.key}",),
                    group="exit",
                    been=f"{REACHED}{position.key}" if waived else "",
                )
            )
    return tuple(checks)


def _uses_time(playbook: Playbook, rule: Rule) -> bool:
    """Whether a rule depends on the day, or on an instrument that does by its own rule."""
    sources = sources_of(playbook, rule.facts)
    ruled = (item for item in sources if isinstance(item, Instrument))
    return rule.uses_time or any(map(uses_time, ruled))


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


def own_checks(checks: Mapping[str, Rule]) -> Iterable[Check]:
    """The caller's rules, over all rows."""
    for key, rule in checks.items():
        title = both(en=rule.sentence("en"), zh=rule.sentence("zh"))
        yield Check(
            key=key, rule=rule, scope=Scope("all"), severity="error", title=title, group="own"
        )
