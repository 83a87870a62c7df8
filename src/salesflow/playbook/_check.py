"""Every error of a document at once: keys, references, criteria, the graph, the scorecards.

What is certain and cheap to see is here and refuses the playbook. What needs an analysis, or what
the playbook works in spite of, is a warning and lives in `_warn`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from salesflow.domain.deal.opportunity import AMENDABLE
from salesflow.facts import Facts
from salesflow.playbook._cadences import check_cadences
from salesflow.playbook._cards import check_cards
from salesflow.playbook._document import implicit, references
from salesflow.playbook._forms import check_forms, is_of_form
from salesflow.playbook._graph import cycle
from salesflow.playbook._moves import check_moves
from salesflow.playbook._parts import (
    ENDED,
    RawTable,
    criteria,
    given_facts,
    named,
    places,
    questions_of,
    step,
)
from salesflow.playbook._problem_log import ProblemLog
from salesflow.playbook._questions import check_conditions, check_questions
from salesflow.playbook._sizing import check_size
from salesflow.playbook._tracks import check_tracks, states_of
from salesflow.playbook._waiting import check_waiting

_SHOWN: Final = 8


def check(document: RawTable, facts: Facts, log: ProblemLog) -> None:
    """Note every error beside those of names and rules."""
    gates = list(criteria(document))
    _check_unique(places(document), "stage or sub-stage", log)
    _check_unique((*gates, *document.tables("instruments")), "criterion or instrument", log)
    _check_references(document, facts, log)
    check_forms(document, log)
    for checklist in document.tables("checklists"):
        check_questions(checklist, log)
    check_conditions(document, log)
    has_policy = bool(document["size_policy"]) or log.told("size_policy")
    given = given_facts(document)
    for criterion in gates:
        if is_of_form(criterion) or criterion.path in log.unread:
            continue  # its form was checked; or nobody knows what was meant to be in it
        _check_criterion(criterion, log, has_policy=has_policy)
        _check_words(criterion, facts, given, log)
    _check_fields(document, log)
    check_size(document, log)
    _check_instruments(document, log)
    check_cards(document, facts, log)
    check_cadences(document, facts, log)
    check_moves(document, log)
    check_tracks(document, log)
    _check_migrations(document, log)
    _check_circles(document, log)
    if not log.problems:  # of others nobody knows how they go
        check_waiting(document, facts, log)


def _check_unique(tables: Iterable[RawTable], what: str, log: ProblemLog) -> None:
    """Note keys that are taken, of things that stand in several lists."""
    seen: dict[str, str] = {}
    for table in tables:
        key = table.name("key")
        if key is not None and key in seen:
            log.taken(table.at("key"), what, key, seen[key])
        elif key is not None:
            seen[key] = table.at("key")


def _check_references(document: RawTable, facts: Facts, log: ProblemLog) -> None:
    stages = named(places(document))
    roles = [*named(document.tables("roles")), *implicit(document, "roles")]
    known: dict[str, tuple[str, Iterable[str]]] = {
        "role": ("role", roles),
        "stage": ("stage", stages),
        "target": ("stage", (*stages, ENDED)),
        "scorecard": ("scorecard", named(document.tables("scorecards"))),
        "checklist": ("checklist", named(document.tables("checklists"))),
        "instrument": ("instrument", _instruments(document)),
        "approval": ("approval policy", named(document.tables("approvals"))),
        "fact": ("fact", facts),
    }
    for path, kind, name in references(document):
        what, names = known[kind]
        if name not in names:
            log.unknown(path, what, name, names)


def _check_fields(document: RawTable, log: ProblemLog) -> None:
    """Note policies of what is not a field of a deal, nor a fact that the playbook declares."""
    policy = document.table("policy")
    facts = (str(fact["name"]) for fact in document.tables("facts"))
    known = dict.fromkeys((*sorted(AMENDABLE - {"facts"}), *facts))
    for item in policy.tables("fields") if policy else ():
        name = item.name("name")
        if name is not None and name not in known:
            log.unknown(item.at("name"), "field", name, known)


def _instruments(document: RawTable) -> dict[str, object]:
    return {**named(document.tables("instruments")), **implicit(document, "instruments")}


def _check_criterion(criterion: RawTable, log: ProblemLog, *, has_policy: bool) -> None:
    bad_rule = criterion["rule"] is None and log.told(criterion.at("rule"))
    given = ("rule", "decision", "judgement", "instruments", "approval")
    ways = [way for way in given if criterion[way] or (way == "rule" and bad_rule)]
    if len(ways) > 1:
        log.add(criterion.path, f"{' and '.join(ways)} exclude each other", "keep one", "conflict")
    elif not ways and criterion["by"] is None and not log.told(criterion.path):
        hint = "add rule, by, decision, judgement, approval or instruments"
        log.add(criterion.path, "nothing says how this is known", hint, "missing")
    if criterion["decision"] is not None and criterion["by"] is None:
        log.add(criterion.at("by"), "a decision needs the role that takes it", code="missing")
    if criterion["instruments"] and not has_policy:
        message = "there is no size policy that asks for instruments"
        log.add(criterion.at("instruments"), message, "add [[size_policy]]", "missing")
    judgement = criterion.table("judgement")
    if judgement is not None:
        _check_judgement(judgement, log)


def _check_words(criterion: RawTable, facts: Facts, given: frozenset[str], log: ProblemLog) -> None:
    """Note what is said of a person's word where nobody's is asked for, or cannot be kept."""
    for path, name in criterion.names_at("lapses_on"):
        if name in facts and name not in given:
            message = f'"{name}" follows from other facts, or from where the deal stands'
            log.add(path, message, "name the facts that it follows from", "conflict")
    personal = criterion["rule"] is None and not criterion["instruments"]
    if criterion["lapses_on"] and not personal:
        message = "nobody's word is asked for, so that none can lapse"
        log.add(criterion.at("lapses_on"), message, "leave it out", "conflict")
    if criterion["evidence"] is not None and not personal:
        message = "nobody's word is asked for, so that there is nothing to show"
        hint = "leave it out, or ask a role for its word with by"
        log.add(criterion.at("evidence"), message, hint, "conflict")
    if criterion["note_against_score"] and criterion["decision"] is None:
        message = "only a decision has a score to go against"
        log.add(criterion.at("note_against_score"), message, "leave it out", "conflict")


def _check_instruments(document: RawTable, log: ProblemLog) -> None:
    """Note what is said of a person's word, where an instrument follows from a rule."""
    cadences = named(document.tables("cadences"))
    for instrument in document.tables("instruments"):
        if instrument["rule"] is None or instrument.path in log.unread:
            continue
        if instrument["evidence"] is not None:
            message = "it follows from a rule: nobody completes it, so that nobody shows anything"
            log.add(instrument.at("evidence"), message, "leave it out, or the rule", "conflict")
        duty = cadences.get(instrument.name("key") or "")
        if duty is not None:
            message = "it follows from a rule, so that nobody could say that its duty is done"
            hint = f"give {duty.path} another key"
            log.add(instrument.at("rule"), message, hint, "conflict")


def _check_judgement(judgement: RawTable, log: ProblemLog) -> None:
    roles, quorum, decides = judgement.names("roles"), judgement["quorum"], judgement["decides"]
    if isinstance(quorum, int) and quorum > len(roles) > 0:
        judges = "one role judges" if len(roles) == 1 else f"{len(roles)} roles judge"
        message, hint = f"{quorum} must say go, but only {judges}", "lower it, add roles"
        log.add(judgement.at("quorum"), message, f'{hint}, or write "all"', "unreachable")
    if isinstance(decides, str):
        if decides not in roles:
            log.unknown(judgement.at("decides"), "role among those that judge", decides, roles)
        if quorum != "all":
            log.add(judgement.path, "quorum and decides exclude each other", "keep one", "conflict")


def _check_migrations(document: RawTable, log: ProblemLog) -> None:
    gates = {**named(criteria(document)), **_instruments(document)}
    known: dict[str, tuple[str, Iterable[str]]] = {
        "stages": ("stage", named(places(document))),
        "criteria": ("criterion or instrument", gates),
        "questions": ("question", questions_of(document)),
        "tracks": (
            "track or state of a track",
            {**named(document.tables("tracks")), **states_of(document)},
        ),
    }
    seen: dict[tuple[object, object], str] = {}
    for migration in document.tables("migrations"):
        if migration["playbook"] is not None and migration["playbook"] == document["id"]:
            message = "this is the playbook itself"
            log.add(migration.at("playbook"), message, "leave it out", "conflict")
        source = migration["playbook"], migration["from"]
        if source[1] is not None and source in seen:
            log.taken(migration.at("from"), "migration", str(source[1]), seen[source])
        seen.setdefault(source, migration.at("from"))
        for key, (what, names) in known.items():
            for old, new in migration.pairs(key):
                if new not in names:
                    log.unknown(migration.at(f"{key}.{step(old)}"), what, new, names)


def _check_circles(document: RawTable, log: ProblemLog) -> None:
    reads: dict[str, Collection[str]] = {}
    for key, card in named(document.tables("scorecards")).items():
        read = {name for item in card.tables("items") for name in _facts_of(item, "rule")}
        read |= {name for item in card.tables("items") if (name := item.name("points"))}
        reads[f"score.{key}.low"] = reads[f"score.{key}.high"] = read
    approvals = named(document.tables("approvals"))
    policy: set[str] = set()
    for row in document.tables("size_policy"):
        policy |= _facts_of(row, "when") | {f"done.{key}" for key in row.names("instruments")}
    asked = {key for row in document.tables("size_policy") for key in row.names("instruments")}
    instruments = named(document.tables("instruments"))
    for key, instrument in instruments.items():
        if key in asked:
            policy |= _facts_of(instrument, "when")
        if instrument["rule"] is not None:
            reads[f"done.{key}"] = _facts_of(instrument, "rule")
    for criterion in criteria(document):
        approval = approvals.get(criterion.name("approval") or "")
        if approval is not None:
            rows = approval.tables("rows")
            reads[f"done.{criterion['key']}"] = {
                it for row in rows for it in _facts_of(row, "when")
            }
        elif criterion["instruments"]:
            reads[f"done.{criterion['key']}"] = policy
        else:
            reads[f"done.{criterion['key']}"] = _facts_of(criterion, "rule")
        if criterion["when"] is not None:
            key = f"done.{criterion['key']}"
            reads[key] = {*reads[key], *_facts_of(criterion, "when")}
    for key, track in named(document.tables("tracks")).items():
        reads[f"track.{key}"] = _facts_of(track, "when")
    circle = cycle({name: sorted(read) for name, read in reads.items()})
    if circle:
        trail = " → ".join((*circle[:_SHOWN], "…" if len(circle) > _SHOWN else circle[0]))
        path = "scorecards" if circle[0].startswith("score.") else "stages"
        inside = [part for name in circle if (part := instruments.get(name.removeprefix("done.")))]
        path = inside[0].at("rule") if inside else path
        log.add(path, f"facts depend on each other in a circle: {trail}", "cut it", "circle")


def _facts_of(table: RawTable, key: str) -> frozenset[str]:
    rule = table.rule(key)
    return frozenset() if rule is None else rule.facts
