"""Scorecards of a document: what its items earn, and everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from salesflow.facts import FactKind, Facts
from salesflow.playbook._parts import Part, each
from salesflow.playbook._questions import TYPES
from salesflow.playbook._shape import Log


class Range(NamedTuple):
    """The values that an item counts: a rule's are 0 and 1, those of a scale its steps."""

    least: float
    most: float
    whole: bool


def questions_of(document: Part) -> dict[str, Part]:
    """Every question by the name of its fact."""
    return {
        f"{checklist['key']}.{question['key']}": question
        for _, checklist in each(document["checklists"], "")
        for _, question in each(checklist["questions"], "")
    }


def range_of(item: Part, questions: dict[str, Part]) -> Range | None:
    """What an item counts; None where that is not said, or not readable."""
    if item["points"] is None:
        return Range(0.0, 1.0, whole=True)
    question = questions.get(item["points"], {})
    is_number = TYPES.get(question.get("type", "")) is FactKind.NUMBER
    least = (question["min"] if is_number else None) or 0.0
    most = item["max"]
    if most is None and is_number:
        most = question["max"]
    if most is None or most <= least:
        return None
    return Range(least, most, whole=question.get("type") == "scale")


def check_cards(document: Part, facts: Facts, log: Log) -> None:
    """Note every error of every card."""
    questions = questions_of(document)
    for path, card in each(document["scorecards"], "scorecards"):
        _check_sets(card, path, log)
        for at, item in each(card["items"], f"{path}.items"):
            _check_item(item, at, questions, facts, log)
        _check_bands(card, path, questions, log)


def _check_sets(card: Part, path: str, log: Log) -> None:
    for what in ("items", "bands"):
        seen: dict[str, str] = {}
        for at, part in each(card[what], f"{path}.{what}"):
            key = part["key"]
            if key in seen:
                word = what.removesuffix("s")
                hint = f"see {seen[key]}"
                log.add(f"{at}.key", f'the {word} "{key[:60]}" exists already', hint, "duplicate")
            elif key is not None:
                seen[key] = f"{at}.key"


def _check_item(item: Part, at: str, questions: dict[str, Part], facts: Facts, log: Log) -> None:
    has_rule = item["rule"] is not None or log.told(f"{at}.rule")
    name = item["points"]
    if name is None:
        if not has_rule:
            hint = "add rule, or points with the name of a number"
            log.add(at, "nothing says what earns the points", hint, "missing")
        if item["max"] is not None:
            log.add(f"{at}.max", "max goes with points", "give weight", "conflict")
        return
    if has_rule:
        log.add(at, "rule and points exclude each other", "keep one", "conflict")
    if name not in facts:
        log.unknown(f"{at}.points", "fact", name, facts)
        return
    kind = facts[name].kind
    if kind is not FactKind.NUMBER:
        hint = "write a rule" if kind is not FactKind.FLAG else f'write rule = "{name}"'
        log.add(f"{at}.points", f'"{name}" is not a number, but of kind {kind}', hint, "kind")
        return
    for problem in _problems_of_range(item, questions.get(name)):
        log.add(f"{at}.max", *problem, "range")


def _problems_of_range(item: Part, question: Part | None) -> Iterator[tuple[str, str]]:
    ends = question or {"min": None, "max": None}
    least = ends["min"] or 0.0
    most = ends["max"] if item["max"] is None else item["max"]
    if least < 0:
        yield f"the question begins at {least:g}, and no points are below 0", "begin it at 0"
    elif most is None:
        yield "how many points there are at most is not known", "add max"
    elif most <= least:
        yield f"this must be more than {least:g}", "raise max"


def _check_bands(card: Part, path: str, questions: dict[str, Part], log: Log) -> None:
    ranges = [(item["weight"], range_of(item, questions)) for _, item in each(card["items"], "")]
    # Where the points of one item are not known, those of the card are not either.
    known = [(weight, found) for weight, found in ranges if found is not None]
    total = sum(weight * found.most for weight, found in known)
    lowest = None
    seen: dict[float, str] = {}
    for at, band in each(card["bands"], f"{path}.bands"):
        least = band["min"]
        if least is None:
            continue
        lowest = least if lowest is None else min(lowest, least)
        if least in seen:
            log.add(f"{at}.min", f"{seen[least]} starts at {least:g} too", "", "duplicate")
        elif least > total and len(known) == len(ranges):
            log.add(
                f"{at}.min",
                f"no score reaches {least:g}: all items together give {total:g}",
                "lower it, or give more weight",
                "unreachable",
            )
        seen.setdefault(least, at)
    if lowest:
        log.add(
            f"{path}.bands",
            f"a score below {lowest:g} is in no band",
            "add a band with min = 0",
            "missing",
        )
