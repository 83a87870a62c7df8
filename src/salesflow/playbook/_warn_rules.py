"""Rules that cannot hold, that always hold, and that cannot hold together."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Final

from salesflow.errors import Problem, RuleError
from salesflow.facts import BEFORE, Facts
from salesflow.playbook._document import rules
from salesflow.playbook._invariants import Invariants
from salesflow.playbook._moves import asks, gates
from salesflow.playbook._parts import RawTable, criteria, with_before
from salesflow.playbook._problem_log import warning
from salesflow.rules import Rule, can_be_yes
from salesflow.rules._canonical import normal
from salesflow.rules.ast import And, Not

_MAX_TEXT: Final = 800
_MAX_ANALYSED: Final = 30_000
_MAX_COMPARED: Final = 10_000
_MAX_GATE: Final = 100
_FOLLOWS: Final = ("nobody vouches for what follows from a rule", "write that rule here")


def doubts_of_rules(document: RawTable, facts: Facts) -> Iterator[Problem]:
    """Every warning about what rules can be."""
    if any(name.startswith(BEFORE) for _, rule in rules(document) for name in rule.facts):
        facts = with_before(facts)
    analysis = Analysis(facts)
    invariants = Invariants(document, facts)
    yield from _shadowed(document, analysis)
    yield from _not_on_record(document)
    hopeless = {problem.path: problem for problem in _hopeless(document, analysis, invariants)}
    yield from hopeless.values()
    further = Analysis(facts, _MAX_COMPARED)
    yield from _always(document, further, invariants, hopeless)
    yield from _contradictory(document, facts, further, hopeless)


class Analysis:
    """Asks whether rules can hold, within bounds: a stranger's file must not take minutes.

    A rule that is very long, or that comes when enough was analysed, is not suspected of anything.
    """

    def __init__(self, facts: Facts, budget: int = _MAX_ANALYSED) -> None:
        self._facts = facts
        self._left = budget
        self._known: dict[str, bool] = {}

    @cached_property
    def unlimited(self) -> Analysis:
        """One that takes facts to have any value of their kinds."""
        return Analysis(Facts(replace(fact, enforced=False) for fact in self._facts.values()))

    def never_holds(
        self, rule: Rule, *, unless: Sequence[Rule] = (), given: Sequence[Rule] = ()
    ) -> bool:
        """Whether no values make `rule` and each of `given` YES, and each of `unless` NO."""
        return self._never((rule, *given), unless)

    def never_is_no(self, rule: Rule, *, given: Sequence[Rule] = ()) -> bool:
        """Whether no values make `rule` NO, and each of `given` YES."""
        return self._never(given, (rule,))

    def _never(self, held: Sequence[Rule], denied: Sequence[Rule]) -> bool:
        """Whether no values make all that is held YES, and all that is denied NO."""
        text = "\n".join([*(rule.text for rule in held), *(f"- {rule.text}" for rule in denied)])
        if text not in self._known:
            if len(text) > min(self._left, _MAX_TEXT):
                return False
            self._left -= len(text)
            nodes = (*(rule.node for rule in held), *(Not(rule.node) for rule in denied))
            self._known[text] = can_be_yes(normal(And(nodes)), self._facts) is False
        return self._known[text]


def _hopeless(document: RawTable, analysis: Analysis, invariants: Invariants) -> Iterator[Problem]:
    for path, rule in rules(document):
        if analysis.never_holds(rule):
            words = "; ".join(_limits_that_matter(rule, analysis, invariants))
            message = f"this can never hold{': ' if words else ''}{words}"
            yield warning(path, message, "correct or remove it", "never")
            continue
        known = (*invariants.of(rule, path), *invariants.usual(rule))
        if known and analysis.never_holds(rule, given=[item.rule for item in known]):
            words = "; ".join(item.words for item in known)
            yield warning(path, f"this can never hold: {words}", "correct or remove it", "never")


def _limits_that_matter(rule: Rule, analysis: Analysis, invariants: Invariants) -> Iterator[str]:
    """Where it would hold, were it not for limits of facts: these, in words."""
    if not analysis.unlimited.never_holds(rule):
        yield from (item.words for item in invariants.of_values(rule))


def _not_on_record(document: RawTable) -> Iterator[Problem]:
    """Rules that read whether somebody vouched for a criterion that no one person vouches for."""
    why: dict[str, tuple[str, str]] = {}
    for criterion in criteria(document):
        key = criterion["key"]
        if criterion.rule("rule") is not None or criterion["instruments"]:
            why[f"done.{key}"] = _FOLLOWS
        elif criterion["approval"] is not None:
            hint = f"write approval.{key}. and the role whose word is meant"
            why[f"done.{key}"] = ("an approval is known role by role", hint)
    for path, rule in rules(document):
        for name in filter(why.get, rule.reads):
            reason, hint = why[name]
            yield warning(path, f'"{name}" is never known: {reason}', hint, "never")


def _shadowed(document: RawTable, analysis: Analysis) -> Iterator[Problem]:
    yield from _shadowed_rows(document.tables("size_policy"), analysis)
    for policy in document.tables("approvals"):
        yield from _shadowed_rows(policy.tables("rows"), analysis)


def _shadowed_rows(rows: Sequence[RawTable], analysis: Analysis) -> Iterator[Problem]:
    earlier: list[Rule] = []
    for row in rows:
        when = row.rule("when")
        if when is None:
            continue
        # A row that is hopeless by itself has been reported.
        if not analysis.never_holds(when) and analysis.never_holds(when, unless=earlier):
            yield warning(
                row.path,
                "no deal gets to this row: the rows before it take them all",
                "move it up or remove it",
                "never",
            )
        earlier.append(when)


def _always(
    document: RawTable, analysis: Analysis, invariants: Invariants, hopeless: Container[str]
) -> Iterator[Problem]:
    """Rules that no values make NO: they ask for nothing but that something is known."""
    for path, rule in rules(document):
        if path in hopeless or not rule.facts:
            continue
        known = invariants.of(rule, path)
        if analysis.never_is_no(rule, given=[item.rule for item in known]):
            words = "".join(f": {item.words}" for item in known[:1])
            yield warning(
                path,
                f"this holds whatever the values are{words}",
                "correct it; where they only have to be known, write known(…)",
                "always",
            )


def _contradictory(
    document: RawTable, facts: Facts, analysis: Analysis, hopeless: Container[str]
) -> Iterator[Problem]:
    """Required criteria that one way asks for together, and that cannot hold together."""
    told: set[str] = set()
    for _, _, asked in gates(document):
        earlier: list[tuple[str, Rule]] = []
        for table in asked[:_MAX_GATE]:
            path, rule = table.at("rule"), _required(table, facts)
            if rule is None or path in hopeless or path in told:
                continue
            beside = [
                (at, other) for at, other in earlier if not rule.facts.isdisjoint(other.facts)
            ]
            for at, other in beside:
                if analysis.never_holds(rule, given=[other]):
                    told.add(path)
                    yield _together(path, f"{at} and this")
                    break
            else:
                given = _connected(rule, earlier)
                if len(given) > 1 and analysis.never_holds(rule, given=given):
                    told.add(path)
                    yield _together(path, "this and the criteria before it")
            earlier.append((path, rule))


def _connected(rule: Rule, others: Sequence[tuple[str, Rule]]) -> list[Rule]:
    """Those that share facts with the rule, or with others that do."""
    facts = set(rule.facts)
    found: list[Rule] = []
    left = [other for _, other in others]
    while near := [other for other in left if not facts.isdisjoint(other.facts)]:
        left = [other for other in left if facts.isdisjoint(other.facts)]
        facts.update(*(other.facts for other in near))
        found += near
    return found


def _together(path: str, what: str) -> Problem:
    message = f"{what} can never hold together, and one way asks for all of them"
    return warning(path, message, "correct or remove one", "contradiction")


def _required(table: RawTable, facts: Facts) -> Rule | None:
    """The rule of a criterion or move that blocks, and where it applies."""
    rule, asked = table.rule("rule"), asks(table)
    if rule is None or asked is None or table.get("advisory"):
        return None
    try:
        return rule if asked is rule.node else Rule.of(asked, facts)
    except RuleError:
        return None  # together they are longer than a rule may be
