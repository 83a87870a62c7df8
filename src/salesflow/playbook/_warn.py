"""What a playbook works in spite of, and what takes an analysis to see.

A missing translation is a warning and no error: a text falls back to the other language, and a
host must not lose a process that runs because somebody forgot a sentence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from typing import Final

from salesflow.errors import Problem
from salesflow.facts import Facts
from salesflow.playbook._cards import range_of
from salesflow.playbook._document import implicit, rules, texts
from salesflow.playbook._invariants import Invariants
from salesflow.playbook._moves import edges, is_line
from salesflow.playbook._parts import (
    RawTable,
    criteria,
    given_facts,
    named,
    positions,
    questions_of,
)
from salesflow.playbook._tracks import track_warnings
from salesflow.rules import Rule, can_be_yes
from salesflow.rules._canonical import normal
from salesflow.rules.ast import And, Not

_MAX_SUMS: Final = 20_000
_MAX_TRIED: Final = 100_000
_MAX_TEXT: Final = 800
_SHOWN: Final = 8
_MAX_ANALYSED: Final = 30_000


def warnings(document: RawTable, facts: Facts) -> tuple[Problem, ...]:
    """Every warning about a document, which may have errors too."""
    analysis = _Analysis(facts)
    return (
        *_undeclared(document),
        *_translations(document),
        *_shadowed(document, analysis),
        *_approvals(document),
        *_hopeless(document, analysis, Invariants(document, facts)),
        *_empty_bands(document),
        *_order(document),
        *_backwards(document),
        *_closed_door(document),
        *track_warnings(document),
    )


def _warning(path: str, message: str, hint: str, code: str) -> Problem:
    return Problem(path, message, hint, code, "warning")


def _closed_door(document: RawTable) -> Iterator[Problem]:
    """Nobody can attest or judge anything of a deal before it starts."""
    for stage, place in islice(positions(document), 1):
        inner = () if place is stage else place.tables("entry")
        for criterion in (*stage.tables("entry"), *inner):
            personal = criterion["rule"] is None and not criterion["instruments"]
            if personal and not criterion["advisory"]:
                yield _warning(
                    criterion.path,
                    "this needs a person's confirmation, which is impossible before the deal "
                    "starts",
                    "make it a rule, advisory, or a criterion for leaving the stage",
                    "never",
                )


def _undeclared(document: RawTable) -> Iterator[Problem]:
    used = {
        "roles": ("role", implicit(document, "roles")),
        "instruments": ("instrument", implicit(document, "instruments")),
    }
    for what, (noun, paths) in used.items():
        for key, path in paths.items():
            message = f'the {noun} "{key}" is not declared and has no title'
            yield _warning(path, message, f"add [[{what}]] with this key", "undeclared")


def _translations(document: RawTable) -> Iterator[Problem]:
    languages = document.names("languages")
    for path, text in texts(document):
        for lang in languages:
            if getattr(text, lang) is None:
                message = f'there is no text in "{lang}"'
                yield _warning(path, message, f'add {lang} = "…"', "translation")


class _Analysis:
    """Asks whether rules can hold, within bounds: a stranger's file must not take minutes.

    A rule that is very long, or that comes when enough was analysed, is not suspected of anything.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._left = _MAX_ANALYSED
        self._known: dict[str, bool] = {}

    def never_holds(
        self, rule: Rule, *, unless: Sequence[Rule] = (), given: Sequence[Rule] = ()
    ) -> bool:
        """Whether no values make `rule` and each of `given` YES, and each of `unless` NO."""
        held = (rule, *given)
        text = "\n".join([*(part.text for part in held), *(f"- {part.text}" for part in unless)])
        if text not in self._known:
            if len(text) > min(self._left, _MAX_TEXT):
                return False
            self._left -= len(text)
            nodes = (*(part.node for part in held), *(Not(part.node) for part in unless))
            self._known[text] = can_be_yes(normal(And(nodes)), self._facts) is False
        return self._known[text]


def _hopeless(document: RawTable, analysis: _Analysis, invariants: Invariants) -> Iterator[Problem]:
    for path, rule in rules(document):
        if analysis.never_holds(rule):
            yield _warning(path, "this can never hold", "correct or remove it", "never")
            continue
        known = invariants.of(rule, path)
        if known and analysis.never_holds(rule, given=[item.rule for item in known]):
            words = "; ".join(item.words for item in known)
            yield _warning(path, f"this can never hold: {words}", "correct or remove it", "never")


def _shadowed(document: RawTable, analysis: _Analysis) -> Iterator[Problem]:
    yield from _shadowed_rows(document.tables("size_policy"), analysis)
    for policy in document.tables("approvals"):
        yield from _shadowed_rows(policy.tables("rows"), analysis)


def _shadowed_rows(rows: Sequence[RawTable], analysis: _Analysis) -> Iterator[Problem]:
    earlier: list[Rule] = []
    for row in rows:
        when = row.rule("when")
        if when is None:
            continue
        # A row that is hopeless by itself has been reported.
        if not analysis.never_holds(when) and analysis.never_holds(when, unless=earlier):
            yield _warning(
                row.path,
                "no deal gets to this row: the rows before it take them all",
                "move it up or remove it",
                "never",
            )
        earlier.append(when)


def _approvals(document: RawTable) -> Iterator[Problem]:
    """Approval policies that nothing uses, and approvals that outlive what they were given for."""
    policies = named(document.tables("approvals"))
    asked = {key: item for item in criteria(document) if (key := item.name("approval"))}
    for key, policy in policies.items():
        if key not in asked:
            hint = f'add a criterion with approval = "{key}", or remove it'
            yield _warning(policy.path, "no criterion asks for these approvals", hint, "unused")
    for criterion in criteria(document):
        policy = policies.get(criterion.name("approval") or "", RawTable({"rows": ()}, ""))
        rules = [row.rule("when") for row in policy.tables("rows")]
        read = {name for rule in rules if rule for name in rule.facts}
        open_ended = sorted((read & given_facts(document)) - {*criterion.names("lapses_on")})
        if open_ended:
            names = ", ".join(f'"{name}"' for name in open_ended[:_SHOWN])
            yield _warning(
                criterion.path,
                f"what is approved stays approved when {names} changes",
                f"add lapses_on = [{names}]",
                "outlived",
            )


def _empty_bands(document: RawTable) -> Iterator[Problem]:
    questions = questions_of(document)
    for card in document.tables("scorecards"):
        bands = sorted(
            (least, band.at("min"))
            for band in card.tables("bands")
            if (least := band.number("min")) is not None
        )
        sums = _sums([_counted(item, questions) for item in card.tables("items")])
        if sums is None:
            continue
        top = max(sums)
        for (least, path), (limit, _) in pairwise([*bands, (float("inf"), "")]):
            # Beyond all points is an error, and reported as such.
            if least <= top and not any(least <= points < limit for points in sums):
                yield _warning(
                    path,
                    "no score falls into this band: the items' points jump over it",
                    "move its limit, or weigh the items otherwise",
                    "never",
                )


def _counted(item: RawTable, questions: dict[str, RawTable]) -> list[float]:
    """The points that an item can earn; empty where they are not numbered."""
    found = range_of(item, questions)
    if found is None or not found.whole:
        return []
    steps = int(found.most - found.least) + 1
    weight = item.number("weight") or 0.0
    return [(found.least + step) * weight for step in range(steps)]


def _sums(counted: list[list[float]]) -> set[float] | None:
    sums = {0.0}
    for points in counted:
        if not points or len(sums) * len(points) > _MAX_TRIED:
            return None
        sums = {before + more for before in sums for more in points}
        if len(sums) > _MAX_SUMS:
            return None
    return sums


def _order(document: RawTable) -> Iterator[Problem]:
    if not is_line(document):
        return
    winning = [stage for stage in document.tables("stages") if stage["wins"]]
    for stage in winning[1:]:
        message = f"the deal is won already at {winning[0].path}"
        yield _warning(stage.at("wins"), message, "keep one", "order")
    numbered = [
        (cycle, place)
        for stage, place in positions(document)
        for cycle in [stage.number("cycle") if place["cycle"] is None else place.number("cycle")]
        if cycle is not None
    ]
    for (before, _), (after, place) in pairwise(numbered):
        if after < before:
            message = f"the selling-cycle number falls from {before:g} to {after:g}"
            yield _warning(place.at("cycle"), message, "number the stages upwards", "order")


def _backwards(document: RawTable) -> Iterator[Problem]:
    rank = {place["key"]: i for i, (_, place) in enumerate(positions(document))}
    ways: dict[str, list[tuple[str, RawTable | None]]] = {}
    for source, target, move in edges(document):
        ways.setdefault(source, []).append((target, move))
    for source, listed in ways.items():
        here = rank.get(source, 0)
        main, *others = [rank.get(target, here) for target, _ in listed]
        move = listed[0][1]
        if move is not None and main < here < max(others, default=here):
            yield _warning(
                move.path,
                "the first move listed from a stage is the one that advancing takes, and this one "
                "leads back",
                "list the way on before it",
                "order",
            )
