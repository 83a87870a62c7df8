"""Every error of a document at once: keys, references, rules, the graph, the scorecards.

What is certain and cheap to see is here and refuses the playbook. What needs an analysis, or what
the playbook works in spite of, is a warning and lives in `_warn`.
"""

from __future__ import annotations

from collections.abc import Iterable

from salesflow.facts import Facts
from salesflow.money import CURRENCIES
from salesflow.playbook._cadences import check_cadences
from salesflow.playbook._cards import check_cards
from salesflow.playbook._check_roles import check_people
from salesflow.playbook._graph import cycle
from salesflow.playbook._moves import check_moves
from salesflow.playbook._parts import Part, criteria, each, implicit, named, positions
from salesflow.playbook._questions import check_questions
from salesflow.playbook._shape import Log
from salesflow.playbook._sizing import check_size
from salesflow.rules import Rule


def check(document: Part, facts: Facts, log: Log) -> None:
    """Note every error beside those of names and rules."""
    _criteria(document, log)
    check_people(document, log)
    _instruments(document, log)
    check_size(document, log)
    check_cards(document, facts, log)
    check_cadences(document, facts, log)
    check_moves(document, log)
    _migrations(document, log)
    _circles(document, log)
    if document["currency"] not in CURRENCIES:
        log.unknown("currency", "currency of ISO 4217", document["currency"], sorted(CURRENCIES))


def _unique(log: Log, pairs: Iterable[tuple[str, str | None]], what: str) -> None:
    seen: dict[str, str] = {}
    for path, key in pairs:
        if key is None:
            continue
        if key in seen:
            log.add(
                path, f'the {what} "{key[:60]}" exists already', f"see {seen[key]}", "duplicate"
            )
        seen.setdefault(key, path)


def _pairs(parts: tuple[Part | None, ...], path: str) -> Iterable[tuple[str, str | None]]:
    return ((f"{at}.key", part["key"]) for at, part in each(parts, path))


def check_keys(document: Part, log: Log) -> None:
    """Note keys that are given twice, and questions that do not make sense."""
    places = list(_pairs(document["stages"], "stages"))
    places += [(f"{at}.key", part["key"]) for at, _, part in positions(document) if part]
    _unique(log, places, "stage or sub-stage")
    gates = [(f"{at}.key", part["key"]) for at, part in criteria(document)]
    gates += _pairs(document["instruments"], "instruments")
    _unique(log, gates, "criterion or instrument")
    for what in ("roles", "checklists", "scorecards", "cadences", "reasons"):
        _unique(log, _pairs(document[what], what), what.removesuffix("s"))
    for path, stage in each(document["stages"], "stages"):
        _unique(log, _pairs(stage["forms"], f"{path}.forms"), "form")
    for path, part in each(document["checklists"], "checklists"):
        _unique(log, _pairs(part["questions"], f"{path}.questions"), "question")
        check_questions(part["questions"], f"{path}.questions", log)
        _sections(log, part["sections"], f"{path}.sections")
        known = named(part["sections"])
        for at, question in each(part["questions"], f"{path}.questions"):
            if question["section"] is not None and question["section"] not in known:
                log.unknown(f"{at}.section", "section", question["section"], known)
    if len(set(document["languages"])) < len(document["languages"]):
        log.add("languages", "a language is listed twice", "", "duplicate")


def _sections(log: Log, parts: tuple[Part | None, ...], path: str) -> None:
    _unique(log, _pairs(parts, path), "section")


def _criteria(document: Part, log: Log) -> None:
    cards = named(document["scorecards"])
    for path, part in criteria(document):
        ways = [way for way in ("rule", "decision", "judgement", "instruments") if part[way]]
        if part["rule"] is None and log.told(f"{path}.rule"):
            ways.append("rule")
        if len(ways) > 1:
            log.add(path, f"{' and '.join(ways)} exclude each other", "keep one", "conflict")
        elif not ways and part["by"] is None:
            log.add(
                path,
                "nothing says how this is known",
                "add rule, by, decision, judgement or instruments",
                "missing",
            )
        if part["decision"] is not None:
            if part["decision"] not in cards:
                log.unknown(f"{path}.decision", "scorecard", part["decision"], cards)
            if part["by"] is None:
                log.add(f"{path}.by", "a decision needs the role that takes it", code="missing")
        if part["instruments"] and not document["size_policy"]:
            log.add(
                f"{path}.instruments",
                "there is no size policy that asks for instruments",
                "add [[size_policy]]",
                "missing",
            )


def _instruments(document: Part, log: Log) -> None:
    checklists = named(document["checklists"])
    for path, part in each(document["instruments"], "instruments"):
        _sections(log, part["sections"], f"{path}.sections")
        if part["checklist"] is not None and part["checklist"] not in checklists:
            log.unknown(f"{path}.checklist", "checklist", part["checklist"], checklists)
    known = {**named(document["instruments"]), **implicit(document, "instruments")}
    for path, row in each(document["size_policy"], "size_policy"):
        keys = row["instruments"]
        for i, key in enumerate(keys):
            if key is not None and key not in known:
                log.unknown(f"{path}.instruments[{i}]", "instrument", key, known)
            elif key in keys[:i]:
                log.add(f"{path}.instruments[{i}]", f'"{key}" is listed twice', "", "duplicate")


def _places(document: Part) -> dict[str, Part]:
    return {
        part["key"]: part
        for _, stage, sub_stage in positions(document)
        for part in (stage, sub_stage)
        if part
    }


def _migrations(document: Part, log: Log) -> None:
    listed = list(each(document["migrations"], "migrations"))
    _unique(log, ((f"{path}.from", part["from"]) for path, part in listed), "migration from")
    if not listed:
        return
    gates = {part["key"]: part for _, part in criteria(document)}
    instruments = {**named(document["instruments"]), **implicit(document, "instruments")}
    known: dict[str, tuple[str, Iterable[str]]] = {
        "stages": ("stage", _places(document)),
        "criteria": ("criterion or instrument", {**gates, **instruments}),
        "questions": (
            "question",
            {
                f"{key}.{question}": None
                for key, checklist in named(document["checklists"]).items()
                for question in named(checklist["questions"])
            },
        ),
    }
    for path, part in listed:
        for key, (what, names) in known.items():
            for old, new in part[key]:
                if new not in names:
                    log.unknown(f"{path}.{key}.{old}", what, new, names)


def _circles(document: Part, log: Log) -> None:
    reads: dict[str, set[str]] = {}
    for key, card in named(document["scorecards"]).items():
        read = {name for _, item in each(card["items"], "") for name in _facts_of(item["rule"])}
        read |= {item["points"] for _, item in each(card["items"], "") if item["points"]}
        reads[f"score.{key}.low"] = reads[f"score.{key}.high"] = read
    policy: set[str] = set()
    for _, row in each(document["size_policy"], ""):
        policy |= _facts_of(row["when"]) | {f"done.{key}" for key in row["instruments"]}
    for _, part in criteria(document):
        if part["rule"] is not None or part["instruments"]:
            reads[f"done.{part['key']}"] = (
                policy if part["instruments"] else _facts_of(part["rule"])
            )
    circle = cycle({name: sorted(read) for name, read in reads.items()})
    if circle:
        trail = " → ".join((*circle[:8], "…" if len(circle) > 8 else circle[0]))  # noqa: PLR2004
        path = "scorecards" if circle[0].startswith("score.") else "stages"
        log.add(path, f"facts depend on each other in a circle: {trail}", "cut it", "circle")


def _facts_of(rule: Rule | None) -> set[str]:
    return set(rule.facts) if isinstance(rule, Rule) else set()
