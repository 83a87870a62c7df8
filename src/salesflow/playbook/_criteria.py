"""From the criteria of a checked document to values; rules that follow from the size policy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from salesflow.facts import Facts
from salesflow.playbook._aids import SizeRow
from salesflow.playbook._parts import Part
from salesflow.playbook._values import Criterion, CriterionKind, Permission, Policy
from salesflow.rules import Rule
from salesflow.rules._nodes import And, Constant, Flag, Node, Not, Or

__all__ = ["Criteria", "permission", "policy", "required_instruments"]


def required_instruments(
    keys: Iterable[str], rows: tuple[SizeRow, ...], facts: Facts
) -> Mapping[str, Rule]:
    """For each instrument the rule that it is required: the first row to hold asks for it."""
    ways: dict[str, list[Node]] = {key: [] for key in keys}
    earlier: list[Node] = []
    for row in rows:
        first: Node = And((*earlier, row.when.node)) if earlier else row.when.node
        for key in row.instruments:
            ways[key].append(first)
        earlier.append(Not(row.when.node))
    return MappingProxyType({key: Rule.of(_any(nodes), facts) for key, nodes in ways.items()})


def _any(nodes: list[Node]) -> Node:
    return Constant(value=False) if not nodes else nodes[0] if len(nodes) == 1 else Or(tuple(nodes))


def all_complete(required: Mapping[str, Rule], facts: Facts) -> Rule:
    """Every instrument that is required is done."""
    nodes: list[Node] = [
        Or((Not(rule.node), Flag(f"done.{key}")))
        for key, rule in required.items()
        if rule.node != Constant(value=False)
    ]
    whole = (
        Constant(value=True) if not nodes else nodes[0] if len(nodes) == 1 else And(tuple(nodes))
    )
    return Rule.of(whole, facts)


class Criteria:
    """Makes criteria; the derived rule that several of them share is made once."""

    def __init__(self, required: Mapping[str, Rule], facts: Facts, policy: Policy) -> None:
        self._required = required
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
                self._complete = all_complete(self._required, self._facts)
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
