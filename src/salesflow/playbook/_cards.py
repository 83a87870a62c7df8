"""Scorecards of a document: what its items earn, and everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from salesflow.facts import FactKind, Facts
from salesflow.playbook._parts import RawTable, questions_of
from salesflow.playbook._problem_log import ProblemLog
from salesflow.playbook._questions import TYPES, may_be_left_out


class Range(NamedTuple):
    """The values that an item counts: a rule's are 0 and 1, those of a scale its steps."""

    least: float
    most: float
    whole: bool


def range_of(item: RawTable, questions: dict[str, RawTable]) -> Range | None:
    """What an item counts; None where that is not said, or not readable."""
    name = item.name("points")
    if name is None:
        return Range(0.0, 1.0, whole=True)
    question = questions.get(name)
    least, most = 0.0, item.number("max")
    if question is not None and TYPES[str(question["type"])] is FactKind.NUMBER:
        least = question.number("min") or 0.0
        most = question.number("max") if most is None else most
    if most is None or most <= least:
        return None
    return Range(least, most, whole=question is not None and question["type"] == "scale")


def points_in(card: RawTable, questions: dict[str, RawTable]) -> tuple[float | None, float | None]:
    """The points that a card can come to, at the least and at most; None where that is not said.

    What may not apply may come to none at all.
    """
    least = most = 0.0
    for item in card.tables("items"):
        found, weight = range_of(item, questions), item.number("weight")
        if found is None or weight is None:
            return None, None
        question = questions.get(item.name("points") or "")
        ends = [found.least * weight, found.most * weight]
        if question is not None and may_be_left_out(question):
            ends.append(0.0)
        least, most = least + min(ends), most + max(ends)
    return least, most


def check_cards(document: RawTable, facts: Facts, log: ProblemLog) -> None:
    """Note every error of every card."""
    questions = questions_of(document)
    for card in document.tables("scorecards"):
        for item in card.tables("items"):
            if item.path in log.unread:
                continue
            _check_item(item, questions, facts, log)
        _check_bands(card, questions, log)


def _check_item(
    item: RawTable, questions: dict[str, RawTable], facts: Facts, log: ProblemLog
) -> None:
    if item["weight"] == 0:
        log.add(item.at("weight"), "no points are earned or taken away", "give another", "range")
    elif (item.number("weight") or 0.0) < 0 and item["knock_out"]:
        message = "a knock-out that takes points away where it holds is bad either way"
        log.add(item.at("weight"), message, "turn the rule round, or make two items", "conflict")
    has_rule = item["rule"] is not None or log.told(item.at("rule"))
    name = item.name("points")
    if name is None:
        if not has_rule:
            hint = "add rule, or points with the name of a number"
            log.add(item.path, "nothing says what earns the points", hint, "missing")
        if item["max"] is not None:
            log.add(item.at("max"), "max goes with points", "give weight", "conflict")
        return
    if has_rule:
        log.add(item.path, "rule and points exclude each other", "keep one", "conflict")
    if name not in facts or name in log.doubtful:
        return
    kind = facts[name].kind
    if kind is not FactKind.NUMBER:
        hint = "write a rule" if kind is not FactKind.FLAG else f'write rule = "{name}"'
        message = f'"{name}" is not a number, but of kind {kind}'
        log.add(item.at("points"), message, hint, "kind")
        return
    for message, hint in _problems_of_range(item, questions.get(name)):
        log.add(item.at("max"), message, hint, "range")


def _problems_of_range(item: RawTable, question: RawTable | None) -> Iterator[tuple[str, str]]:
    least = 0.0 if question is None else question.number("min") or 0.0
    most = item.number("max")
    if most is None and question is not None:
        most = question.number("max")
    if most is None:
        yield "how many points there are at most is not known", "add max"
    elif most <= max(least, 0):
        yield f"this must be more than {max(least, 0):g}", "raise max, or give a weight below 0"


def _check_bands(card: RawTable, questions: dict[str, RawTable], log: ProblemLog) -> None:
    ranges = [
        (item.number("weight") or 0.0, range_of(item, questions)) for item in card.tables("items")
    ]
    # Where the points of one item are not known, those of the card are not either.
    known = [(weight, found) for weight, found in ranges if found is not None]
    is_known = len(known) == len(ranges) and card.at("items") not in log.unread
    total = sum(max(weight * found.most, weight * found.least) for weight, found in known)
    if total <= 0 and known and is_known:
        log.add(card.at("items"), "no item earns any points", "add one that does", "unreachable")
    seen: dict[float, str] = {}
    for band in card.tables("bands"):
        least = band.number("min")
        if least is None:
            continue
        if least in seen:
            log.add(band.at("min"), f"{seen[least]} starts at {least:g} too", "", "duplicate")
        elif least > total and is_known:
            message = f"no score reaches {least:g}: all items together give {total:g}"
            hint = "lower it, or give more weight"
            log.add(band.at("min"), message, hint, "unreachable")
        seen.setdefault(least, band.path)
    if seen and min(seen) > 0:
        message = f"a score below {min(seen):g} is in no band"
        log.add(card.at("bands"), message, "add a band with min = 0", "missing")
