"""From the criteria of a checked document to values; rules that follow from the size policy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from salesflow.facts import Facts
from salesflow.playbook._model_assets import SizeRow
from salesflow.playbook._model_process import Criterion, CriterionKind, Permission, Policy
from salesflow.playbook._parts import Part
from salesflow.playbook._sizing import Sizing
from salesflow.rules import Rule
from salesflow.rules.ast import Flag


def sizing(keys: Iterable[str], rows: tuple[SizeRow, ...]) -> Sizing:
    """What follows from the size policy."""
    return Sizing(keys, [(row.when.node, row.instruments) for row in rows])


def required_instruments(sizing: Sizing, facts: Facts) -> Mapping[str, Rule]:
    """For each instrument the rule that it is required: the first row to hold asks for it."""
    # Instruments that the same rows ask for have the same rule.
    nodes = {id(node): node for node in sizing.required.values()}
    rules = dict(zip(nodes, Rule.family(nodes.values(), facts), strict=True))
    return MappingProxyType({key: rules[id(node)] for key, node in sizing.required.items()})


class Criteria:
    """Makes criteria; the derived rule that several of them share is made once."""

    def __init__(self, sizing: Sizing, facts: Facts, policy: Policy) -> None:
        self._sizing = sizing
        self._waive = policy.waive
        self._facts = facts
        self._complete: Rule | None = None

    def __call__(self, parts: tuple[Part, ...]) -> tuple[Criterion, ...]:
        return tuple(self._criterion(part) for part in parts)

    def _criterion(self, part: Part) -> Criterion:
        key = part["key"]
        kind: CriterionKind
        rule: Rule | None
        roles: tuple[str, ...] = ()
        needed = 0
        consulted: tuple[str, ...] = ()
        if part["rule"] is not None:
            kind, rule = "computed", part["rule"]
        elif part["instruments"]:
            if self._complete is None:
                self._complete = Rule.of(self._sizing.complete, self._facts)
            kind, rule = "instruments", self._complete
        elif part["decision"] is not None:
            kind, rule = "decision", Rule.of(Flag(f"done.{key}"), self._facts)
            roles, needed = (part["by"],), 1
        elif part["judgement"] is not None:
            kind, rule = "judgement", Rule.of(Flag(f"done.{key}"), self._facts)
            roles, needed, consulted = _quorum(part["judgement"])
        else:
            kind, rule = "attested", None
        return Criterion(
            key=key,
            title=part["title"],
            kind=kind,
            rule=rule,
            check_rule=rule or Rule.of(Flag(f"done.{key}"), self._facts),
            by=part["by"],
            advisory=part["advisory"],
            note=part["note"],
            scorecard=part["decision"],
            waive=self._waive if part["waive"] is None else permission(part["waive"]),
            roles=roles,
            needed=needed,
            consulted=consulted,
        )


def _quorum(part: Part) -> tuple[tuple[str, ...], int, tuple[str, ...]]:
    """The roles that count, how many of them it takes, and those that are only heard."""
    roles, quorum, decides = part["roles"], part["quorum"], part["decides"]
    if decides is not None:
        return (decides,), 1, tuple(role for role in roles if role != decides)
    return roles, len(roles) if quorum == "all" else 1 if quorum == "any" else quorum, ()


def permission(given: str | tuple[str, ...]) -> Permission:
    """What "off", "on" or a list of roles means."""
    if isinstance(given, tuple):
        return Permission(allowed=True, roles=given)
    return Permission(allowed=given == "on")


def policy(document: Part) -> Policy:
    """What a deal may do beside advancing."""
    return Policy(**{name: permission(given) for name, given in (document["policy"] or {}).items()})
