"""The facts of a playbook: the standard ones, those it declares, and those that its parts bring."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from salesflow.facts import CURRENCY, STANDARD_FACTS, UNITS, Fact, FactKind, Facts, Unit
from salesflow.playbook._cards import points_in
from salesflow.playbook._document import implicit
from salesflow.playbook._model_tracks import NOT_APPLICABLE
from salesflow.playbook._parts import (
    RawTable,
    criteria,
    facts_of_records,
    groups_used,
    named,
    questions_of,
)
from salesflow.playbook._problem_log import ProblemLog
from salesflow.playbook._questions import COUNTS, MARKED, counts, fact_of, skipped
from salesflow.playbook._remedies import DERIVED
from salesflow.text import Text, both, filled

# First parts of facts that no checklist may be called like.
_RESERVED: Final = frozenset({*DERIVED, *(name.partition(".")[0] for name in STANDARD_FACTS)})
_CURRENCY_OF: Final = both(en="{title}, the currency", zh="{title}的币种")
_LARGEST_SHARE: Final = 10
_WORDS: Final = (FactKind.CHOICE, FactKind.TEXT)


def catalogue(document: RawTable) -> Facts:
    """The facts that a playbook's rules may name."""
    titles = dict(fact_titles(document))
    for part in (*criteria(document), *document.tables("instruments")):
        if (title := part.text("title")) is not None:
            titles[f"done.{part['key']}"] = title
    return STANDARD_FACTS.extended(list(_facts(document)), titles)


def fact_titles(document: RawTable) -> Iterator[tuple[str, Text]]:
    """Titles of declared facts that have one, and of questions."""
    declared = {str(fact["name"]): fact for fact in document.tables("facts")}
    for name, part in {**declared, **questions_of(document)}.items():
        if (title := part.text("title")) is not None:
            yield name, title
            if name in declared and part["kind"] == FactKind.MONEY:
                yield f"{name}{CURRENCY}", filled(_CURRENCY_OF, title=title)


def _facts(document: RawTable) -> Iterator[Fact]:
    all_stages = document.tables("stages")
    stages = tuple(named(all_stages))
    sub_stages = tuple(
        key
        for stage in all_stages
        for sub in stage.tables("sub_stages")
        if (key := sub.name("key"))
    )
    yield Fact("stage", FactKind.CHOICE, stages)
    yield Fact("sub_stage", FactKind.CHOICE, sub_stages)
    for key in (*stages, *sub_stages):
        yield Fact(f"reached.{key}", FactKind.FLAG)
    for key, checklist in named(document.tables("checklists")).items():
        for question in named(checklist.tables("questions")).values():
            yield fact_of(key, question)
            if flag := skipped(key, question):
                yield Fact(flag, FactKind.FLAG)
        yield from counts(key, checklist)
    approvals = named(document.tables("approvals"))
    for criterion in criteria(document):
        yield Fact(f"done.{criterion['key']}", FactKind.FLAG)
        yield Fact(f"waived.{criterion['key']}", FactKind.FLAG)
        policy = approvals.get(criterion.name("approval") or "")
        for row in policy.tables("rows") if policy else ():
            for role in row.names("roles"):
                yield Fact(f"approval.{criterion['key']}.{role}", FactKind.FLAG)
    for key in (*named(document.tables("instruments")), *implicit(document, "instruments")):
        yield Fact(f"done.{key}", FactKind.FLAG)
    for key in (*named(document.tables("roles")), *implicit(document, "roles")):
        yield Fact(f"approval.{key}", FactKind.FLAG)
    questions = questions_of(document)
    for key, card in named(document.tables("scorecards")).items():
        least, most = points_in(card, questions)
        for end in ("low", "high"):
            yield Fact(f"score.{key}.{end}", FactKind.NUMBER, low=least, high=most)
    for key, track in named(document.tables("tracks")).items():
        states = tuple(named(track.tables("states")))
        sometimes = () if track["when"] is None else (NOT_APPLICABLE,)
        yield Fact(f"track.{key}", FactKind.CHOICE, (*states, *sometimes))
        yield Fact(f"track.{key}.entered_on", FactKind.DAY)
        yield replace(STANDARD_FACTS["days_on_hold"], name=f"track.{key}.days_on_hold")
    answered = facts_of_records(document)
    yield from (fact.fact for fact in answered.values())
    own = [_declared(it) for it in document.tables("facts") if it["name"] not in answered]
    declared = [fact for fact in own if fact and fact.name not in STANDARD_FACTS]
    for fact in declared:
        if fact.kind is FactKind.MONEY:
            yield Fact(f"{fact.name}{CURRENCY}", FactKind.CHOICE)
    yield from declared


def _ends(fact: RawTable) -> tuple[float | None, float | None]:
    """The limits of a declared fact: a share lies between 0 and 1, and no time is negative."""
    low, high, unit = fact.number("min"), fact.number("max"), fact["unit"]
    if low is None and unit not in (None, "currency"):
        low = 0.0
    return low, 1.0 if high is None and unit == "percent" else high


def _declared(fact: RawTable) -> Fact | None:
    """A fact as it is declared; None without a name or a kind."""
    name, word = fact.name("name"), fact.name("kind")
    if not name or not word:
        return None
    kind = FactKind(word)
    unit: Unit | None = next((unit for unit in UNITS if unit == fact["unit"]), None)
    low, high = _ends(fact)
    pattern = fact["pattern"]
    form = pattern if isinstance(pattern, str) and kind is FactKind.TEXT else None
    if kind not in (FactKind.NUMBER, FactKind.MONEY):
        low = high = None
    enforced = (low, high, form) != (None, None, None)
    currency = fact.name("currency")
    if currency == "amount":
        currency = f"amount{CURRENCY}"
    return Fact(name, kind, fact.names("choices"), low, high, unit, form, enforced, currency)


def check_names(document: RawTable, log: ProblemLog) -> None:
    """Note facts and checklists whose names are taken, and groups of facts that do not exist."""
    prefixes = {*DERIVED, *named(document.tables("checklists"))}
    groups = {group.key for group in groups_used(document)}
    answered = facts_of_records(document)
    declared = document.tables("facts")
    currencies = {f"{it['name']}{CURRENCY}" for it in declared if it["kind"] == FactKind.MONEY}
    for fact in declared:
        name = fact.name("name") or ""
        prefix = name.partition(".")[0]
        if name in STANDARD_FACTS:
            message = f'"{name}" is a standard fact, of kind {STANDARD_FACTS[name].kind}'
            hint = "use it as it is, or choose another name"
            log.add(fact.at("name"), message, hint, "duplicate")
        elif name in answered:
            message = f'records answer "{name}": use_records has "{prefix}"'
            hint = "use it as it is, or choose another name"
            log.add(fact.at("name"), message, hint, "duplicate")
        elif name in currencies and fact["kind"] not in _WORDS:
            message = f"it is the currency of an amount, and of kind {fact['kind']}"
            log.add(fact.at("kind"), message, "leave it out, for it is there", "kind")
        elif prefix in prefixes:
            message = f'names that begin with "{prefix}." are given by the playbook'
            log.add(fact.at("name"), message, "choose another name", "duplicate")
        _check_values(fact, log)
    for path, group in document.names_at("use_records"):
        if group not in groups:
            from salesflow.records import RECORD_GROUPS  # noqa: PLC0415 - for those who use it

            log.unknown(path, "group of record facts", group, RECORD_GROUPS)
    for checklist in document.tables("checklists"):
        key = checklist["key"]
        if key in _RESERVED or key in groups:
            message = f'facts that begin with "{key}." exist already'
            log.add(checklist.at("key"), message, "choose another key", "duplicate")
        for question in checklist.tables("questions"):
            if question["key"] in (*COUNTS, *MARKED):
                message = f'"{key}.{question["key"]}" is a count of the checklist'
                log.add(question.at("key"), message, "choose another key", "duplicate")


_KINDS: Final[Mapping[str, frozenset[str]]] = {
    "choices": frozenset({FactKind.CHOICE}),
    "min": frozenset({FactKind.NUMBER, FactKind.MONEY}),
    "max": frozenset({FactKind.NUMBER, FactKind.MONEY}),
    "pattern": frozenset({FactKind.TEXT}),
    "currency": frozenset({FactKind.MONEY}),
}
"""The kinds of fact of which something can be said."""


def _check_values(fact: RawTable, log: ProblemLog) -> None:
    """Note what a declared fact says of its values and that does not go with its kind."""
    kind = fact["kind"]
    if fact.path in log.unread:
        return
    for key, kinds in _KINDS.items():
        given = fact[key] is not None and fact[key] != ()
        if given and kind is not None and kind not in kinds:
            words = " or ".join(sorted(kinds, reverse=True))
            log.add(fact.at(key), f"only a fact of kind {words} has {key}", "", "conflict")
    unit = fact["unit"]
    fits = FactKind.MONEY if unit == "currency" else FactKind.NUMBER
    if unit is not None and kind not in (None, fits):
        message = f"{unit} is a unit of the kind {fits}, and this is of kind {kind}"
        log.add(fact.at("unit"), message, f'write kind = "{fits}", or leave it out', "conflict")
    low, high = _ends(fact)
    if low is not None and high is not None and low > high:
        log.add(
            fact.at("min" if fact["max"] is None else "max"),
            f"max is below min, {low:g}",
            "raise it",
            "range",
        )
    for end, limit in (("min", low), ("max", high)):
        if unit == "percent" and limit is not None and abs(limit) > _LARGEST_SHARE:
            message = f"percent is a share, so that {limit:g} would be {limit * 100:g} %"
            log.add(fact.at(end), message, f"write {limit / 100:g} for {limit:g} %", "range")
    pattern = fact["pattern"]
    if isinstance(pattern, str) and (pattern.count("*") > 1 or not pattern.isprintable()):
        message = "a form has one line, and one * at most"
        log.add(fact.at("pattern"), message, 'for instance "C-####" or "PO-*"', "syntax")
