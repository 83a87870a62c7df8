"""What a playbook works in spite of, and what takes an analysis to see.

A missing translation is a warning and no error: a text falls back to the other language, and a
host must not lose a process that runs because somebody forgot a sentence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from salesflow.errors import Problem
from salesflow.facts import Facts
from salesflow.playbook._cards import questions_of, range_of
from salesflow.playbook._invariants import Invariants
from salesflow.playbook._moves import edges, is_line
from salesflow.playbook._parts import Part, each, implicit, positions, rules
from salesflow.rules import Rule, can_be_yes
from salesflow.rules._canonical import normal
from salesflow.rules.ast import And, Not
from salesflow.text import Text

_MAX_SUMS: Final = 20_000
_MAX_TRIED: Final = 100_000
_MAX_TEXT: Final = 800
_MAX_ANALYSED: Final = 30_000


def warnings(document: Part, facts: Facts) -> tuple[Problem, ...]:
    """Every warning about a document, which may have errors too."""
    found: list[Problem] = []
    found += _undeclared(document)
    found += _translations(document)
    analysis = _Analysis(facts)
    found += _shadowed(document, analysis)
    found += _hopeless(document, analysis, Invariants(document, facts))
    found += _empty_bands(document)
    found += _order(document)
    found += _backwards(document)
    found += _closed_door(document)
    return tuple(found)


def _warning(path: str, message: str, hint: str, code: str) -> Problem:
    return Problem(path, message, hint, code, "warning")


def _closed_door(document: Part) -> Iterator[Problem]:
    """Nobody can attest or judge anything of a deal before it starts."""
    path, stage, sub_stage = next(positions(document), ("", None, None))
    doors = [] if stage is None else list(each(stage["entry"], "stages[0].entry"))
    if sub_stage is not None:
        doors += each(sub_stage["entry"], f"{path}.entry")
    for where, criterion in doors:
        personal = criterion["rule"] is None and not criterion["instruments"]
        if personal and not criterion["advisory"]:
            yield _warning(
                where,
                "this needs a person's confirmation, which is impossible before the deal starts",
                "make it a rule, advisory, or a criterion for leaving the stage",
                "never",
            )


def _undeclared(document: Part) -> Iterator[Problem]:
    for what in ("roles", "instruments"):
        for key, path in implicit(document, what).items():
            yield _warning(
                path,
                f'the {what.removesuffix("s")} "{key}" is not declared and has no title',
                f"add [[{what}]] with this key",
                "undeclared",
            )


def _translations(document: Part) -> Iterator[Problem]:
    languages = [lang for lang in document["languages"] if lang is not None]
    for path, text in _texts(document, ""):
        for lang in languages:
            if getattr(text, lang) is None:
                yield _warning(
                    path, f'there is no text in "{lang}"', f'add {lang} = "…"', "translation"
                )


def _texts(value: object, path: str) -> Iterator[tuple[str, Text]]:
    if isinstance(value, Text):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, tuple):
        for i, inner in enumerate(value):
            yield from _texts(inner, f"{path}[{i}]")


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


def _hopeless(document: Part, analysis: _Analysis, invariants: Invariants) -> Iterator[Problem]:
    for path, part, key in rules(document):
        rule = part[key]
        if not isinstance(rule, Rule):
            continue
        if analysis.never_holds(rule):
            yield _warning(path, "this can never hold", "correct or remove it", "never")
            continue
        known = invariants.of(rule, path)
        if known and analysis.never_holds(rule, given=[item.rule for item in known]):
            words = "; ".join(item.words for item in known)
            yield _warning(path, f"this can never hold: {words}", "correct or remove it", "never")


def _shadowed(document: Part, analysis: _Analysis) -> Iterator[Problem]:
    earlier: list[Rule] = []
    for path, row in each(document["size_policy"], "size_policy"):
        when = row["when"]
        if not isinstance(when, Rule):
            continue
        # A row that is hopeless by itself has been reported.
        if not analysis.never_holds(when) and analysis.never_holds(when, unless=earlier):
            yield _warning(
                path,
                "no deal gets to this row: the rows before it take them all",
                "move it up or remove it",
                "never",
            )
        earlier.append(when)


def _empty_bands(document: Part) -> Iterator[Problem]:
    questions = questions_of(document)
    for path, card in each(document["scorecards"], "scorecards"):
        bands = sorted(
            (band["min"], at)
            for at, band in each(card["bands"], f"{path}.bands")
            if band["min"] is not None
        )
        sums = _sums([_counted(item, questions) for _, item in each(card["items"], "")])
        if sums is None:
            continue
        top = max(sums)
        for (least, at), (limit, _) in pairwise([*bands, (float("inf"), "")]):
            # Beyond all points is an error, and reported as such.
            if least <= top and not any(least <= points < limit for points in sums):
                yield _warning(
                    f"{at}.min",
                    "no score falls into this band: the items' points jump over it",
                    "move its limit, or weigh the items otherwise",
                    "never",
                )


def _counted(item: Part, questions: dict[str, Part]) -> list[float]:
    """The points that an item can earn; empty where they are not numbered."""
    found = range_of(item, questions)
    if found is None or not found.whole:
        return []
    steps = int(found.most - found.least) + 1
    return [(found.least + step) * item["weight"] for step in range(steps)]


def _sums(counted: list[list[float]]) -> set[float] | None:
    sums = {0.0}
    for points in counted:
        if not points or len(sums) * len(points) > _MAX_TRIED:
            return None
        sums = {before + more for before in sums for more in points}
        if len(sums) > _MAX_SUMS:
            return None
    return sums


def _order(document: Part) -> Iterator[Problem]:
    if not is_line(document):
        return
    winning = [path for path, stage in each(document["stages"], "stages") if stage["wins"]]
    for path in winning[1:]:
        yield _warning(
            f"{path}.wins", f"the deal is won already at {winning[0]}", "keep one", "order"
        )
    cycles = [
        (part or stage)["cycle"] if (part or stage)["cycle"] is not None else stage["cycle"]
        for _, stage, part in positions(document)
    ]
    paths = [path for path, _, _ in positions(document)]
    numbered = [
        (cycle, path) for cycle, path in zip(cycles, paths, strict=True) if cycle is not None
    ]
    for (before, _), (after, path) in pairwise(numbered):
        if after < before:
            yield _warning(
                f"{path}.cycle",
                f"the selling-cycle number falls from {before:g} to {after:g}",
                "number the stages upwards",
                "order",
            )


def _backwards(document: Part) -> Iterator[Problem]:
    rank = {(part or stage)["key"]: i for i, (_, stage, part) in enumerate(positions(document))}
    ways: dict[str, list[tuple[str, Part | None]]] = {}
    for source, target, move in edges(document):
        ways.setdefault(source, []).append((target, move))
    paths = {id(move): path for path, move in each(document["moves"], "moves")}
    for source, listed in ways.items():
        here = rank.get(source, 0)
        main, *others = [rank.get(target, here) for target, _ in listed]
        path = paths.get(id(listed[0][1]))
        if path is not None and main < here < max(others, default=here):
            yield _warning(
                path,
                "the first move listed from a stage is the one that advancing takes, and this one "
                "leads back",
                "list the way on before it",
                "order",
            )
