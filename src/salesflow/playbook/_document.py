"""The shape of a playbook file. `docs/playbook-format.md` explains it in prose.

Tables that become records are declared by the fields of their dataclasses, in `_model_process`,
`_model_assets`, `_model_cadences` and `_questions`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from salesflow.facts import BEFORE, UNITS, FactKind
from salesflow.money import CURRENCIES
from salesflow.money._currencies import near_currency
from salesflow.playbook._model_assets import (
    CHECKLIST,
    FACT_NAME,
    HYGIENE,
    INSTRUMENT,
    REASON,
    SCORECARD,
    SIZE_ROW,
)
from salesflow.playbook._model_cadences import CADENCE
from salesflow.playbook._model_choices import CHOICES
from salesflow.playbook._model_migration import MIGRATION
from salesflow.playbook._model_policy import APPROVAL_POLICY, POLICY, ROLE_KEY
from salesflow.playbook._model_process import KEY, MOVE, ROLE, STAGE, VERSION
from salesflow.playbook._model_tracks import TRACK
from salesflow.playbook._model_variant import EXTENDS, EditsShape
from salesflow.playbook._parts import RawTable
from salesflow.playbook._problem_log import ProblemLog
from salesflow.playbook._questions import BOUND
from salesflow.playbook._shape import (
    MAX_TEXT,
    Choice,
    Json,
    LanguageTag,
    Shape,
    WordsIn,
    WordsShape,
)
from salesflow.playbook._tables import Field, List, Table
from salesflow.rules import Rule
from salesflow.text import LANGUAGES, TAG_PATTERN, Text

_TEXT: Final = WordsIn()


class CurrencyCode(Shape):
    """A code of ISO 4217, or another word that stands for one."""

    __slots__ = ("_others",)

    def __init__(self, *others: str) -> None:
        self._others = others

    def read(self, value: object, path: str, log: ProblemLog) -> object:
        if not isinstance(value, str):
            return log.wrong_type(path, "the code of a currency", value)
        if value in CURRENCIES or value in self._others:
            return value
        near = log.suggestions.closest(value, self._others) or near_currency(value[:60])
        hint = f'did you mean "{near}"?' if near else 'write its code, as in "EUR"'
        message = f'there is no currency of ISO 4217 "{value[:60]}"'
        return log.add(path, message, hint, "unknown_name")

    def schema(self) -> dict[str, Json]:
        return {"enum": [*self._others, *sorted(CURRENCIES)]}


_FACT: Final = Table(
    "a fact",
    {
        "name": Field(FACT_NAME, required=True),
        "kind": Field(Choice(*FactKind), required=True),
        "title": Field(_TEXT),
        "choices": Field(CHOICES, "For kind choice."),
        "min": Field(BOUND, "The lowest number or amount; one below it counts as missing."),
        "max": Field(BOUND, "The highest; one above it counts as missing."),
        "unit": Field(Choice(*UNITS), "What it counts; percent is a share: 0.2 is 20 %."),
        "currency": Field(
            CurrencyCode("amount"),
            "Of money: in what its plain numbers are, that of the amount or one of ISO 4217.",
        ),
        "pattern": Field(
            WordsShape("a form", limit=60),
            "The form of a text: # a digit, @ a letter, ? any character, * any number of them.",
        ),
    },
)

SCHEMA_KEY: Final = "$schema"
"""What an editor reads, and nobody else."""

DOCUMENT: Final = Table(
    "a playbook",
    {
        "id": Field(KEY, "What programs call it; the name of its file.", required=True),
        "version": Field(
            VERSION, "Raised with every change that deals notice.", required=True, prose=True
        ),
        "title": Field(_TEXT, required=True),
        "summary": Field(_TEXT, "What it is for, in a sentence or two."),
        "source": Field(_TEXT, "Where the knowledge comes from."),
        "languages": Field(
            List(LanguageTag(), 20, least=1, unique=""),
            "The first is the language of plain strings; the lint asks for all of them.",
            default=("en",),
            prose=True,
        ),
        "extends": Field(
            EXTENDS,
            "The id of another playbook, or a file beside this one, which this one changes.",
            prose=True,
        ),
        "edits": Field(
            EditsShape(),
            "What is done to parts of the playbook that is extended, by their paths.",
            prose=True,
        ),
        "currency": Field(CurrencyCode(), "A code of ISO 4217.", default="USD"),
        "owner_role": Field(ROLE_KEY, "The role that a deal's owner has."),
        "aims": Field(List(_TEXT), "What the process is to achieve."),
        "avoid": Field(List(_TEXT), "Behaviours to avoid."),
        "readings": Field(
            List(_TEXT),
            "What of the process is the author's reading; parts say reading = true themselves.",
        ),
        "use_roles": Field(List(KEY, 50), "Roles of the package, as they are there."),
        "use_reasons": Field(List(KEY, 50), "Reasons of the package, as they are there."),
        "use_checklists": Field(List(KEY, 20), "Checklists of the package, included in full."),
        "use_scorecards": Field(
            List(KEY, 20),
            "Scorecards of the package, each with the checklist that it reads.",
        ),
        "use_records": Field(
            List(KEY, 50, unique=""), "Groups of facts that the records of a deal answer."
        ),
        "roles": Field(List(ROLE, unique="key"), "Who takes part."),
        "facts": Field(
            List(_FACT, 500, unique="name"), "What rules may read beside the standard facts."
        ),
        "stages": Field(List(STAGE, least=1), "From the first to the last.", required=True),
        "policy": Field(POLICY, "What a deal may do beside advancing."),
        "moves": Field(
            List(MOVE, 500, named_by=("from", "to", "new_deal")),
            "Only where the process is not a line. The first move from a stage is its main one.",
        ),
        "tracks": Field(
            List(TRACK, 20, unique="key"), "What goes on beside the stages, such as a legal review."
        ),
        "migrations": Field(
            List(MIGRATION, 50),
            "How a deal of an earlier version, or of another playbook, goes on in this one.",
            prose=True,
        ),
        "instruments": Field(List(INSTRUMENT, 50), "Plans and other work that a deal may need."),
        "size_policy": Field(
            List(SIZE_ROW, 20), "The first row that holds says which instruments a deal needs."
        ),
        "approvals": Field(
            List(APPROVAL_POLICY, 50, unique="key"),
            "Who approves what; of each, the first row that holds.",
        ),
        "checklists": Field(List(CHECKLIST, 20, unique="key")),
        "scorecards": Field(List(SCORECARD, 50, unique="key")),
        "cadences": Field(List(CADENCE, unique="key")),
        "reasons": Field(List(REASON, unique="key")),
        "hygiene": Field(HYGIENE, "Limits of the hygiene checks."),
    },
)


def references(document: RawTable, kind: str = "reference") -> Iterator[tuple[str, str, str]]:
    """Every place that names something declared elsewhere: path, kind, and the name.

    Args:
        document: The document.
        kind: Only those of this kind: role, stage, target (of a move), scorecard, checklist,
            instrument, approval or fact.
    """
    for path, what, name in DOCUMENT.leaves(document, "", kind):
        if isinstance(name, str):
            yield path, what, name


def rules(document: RawTable) -> Iterator[tuple[str, Rule]]:
    """Every rule that could be parsed, with its path."""
    for path, _, rule in DOCUMENT.leaves(document, "", "rule"):
        if isinstance(rule, Rule):
            yield path, rule


def facts_read(document: RawTable) -> set[str]:
    """The facts that rules, items of cards, cadences and policies of fields name."""
    read = {name.removeprefix(BEFORE) for _, rule in rules(document) for name in rule.facts}
    read |= {name for _, what, name in references(document) if what == "fact"}
    for card in document.tables("scorecards"):
        read |= {name for item in card.tables("items") if (name := item.name("points"))}
    policy = document.table("policy")
    fields = policy.tables("fields") if policy else ()
    return read | {name for item in fields if (name := item.name("name"))}


def texts(document: RawTable) -> Iterator[tuple[str, Text]]:
    """Every text for people, with its path."""
    for path, _, text in DOCUMENT.leaves(document, "", "text"):
        if isinstance(text, Text):
            yield path, text


def implicit(document: RawTable, what: Literal["roles", "instruments"]) -> dict[str, str]:
    """Roles or instruments that are used where none is declared: key, and path of the first use.

    A short playbook need not declare the roles and instruments it names; as soon as it declares
    one, it declares all.
    """
    if document[what]:
        return {}
    used: dict[str, str] = {}
    for path, _, name in references(document, what.removesuffix("s")):
        used.setdefault(name, path)
    return used


def json_schema() -> dict[str, Json]:
    """The shape of a playbook file as JSON Schema, draft 2020-12.

    A file that extends another playbook says only what it changes, so that it needs hardly a key.
    """
    whole = DOCUMENT.schema()
    if isinstance(keys := whole["properties"], dict):
        note = "Where its schema is, for an editor; it says nothing about the process."
        keys[SCHEMA_KEY] = {"type": "string", "description": note}
    own: list[Json] = ["id", "version", "title"]
    named: dict[str, Json] = {"type": "string", "description": "It names a playbook, or a file."}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://salesflow.invalid/playbook.schema.json",
        "title": "salesflow playbook",
        **_of_changes(whole),
        "if": {"required": ["extends"], "properties": {"extends": named}},
        "then": {"required": own},
        "else": {"$ref": "#/$defs/whole"},
        "$defs": {
            "whole": whole,
            **definitions(),
        },
    }


def definitions() -> dict[str, Json]:
    """What the schemas of shapes refer to: texts for people, and rules."""
    words: dict[str, Json] = {"type": "string", "pattern": r"\S", "maxLength": MAX_TEXT}
    return {
        "text": {
            "description": "A text for people: by language, or in the playbook's first one.",
            "anyOf": [
                words,
                {
                    "type": "object",
                    "properties": {
                        lang: {**words, "description": f"The words in {name}."}
                        for lang, name in zip(LANGUAGES, ("English", "Chinese"), strict=True)
                    },
                    "patternProperties": {f"^{TAG_PATTERN}$": dict(words)},
                    "additionalProperties": False,
                    "minProperties": 1,
                },
            ],
        },
        "rule": {
            "description": "A rule, for instance: amount >= 100_000 and known(owner)",
            **words,
        },
    }


def _of_changes(schema: dict[str, Json]) -> dict[str, Json]:
    """A schema of what changes something: nothing is required, and no list has to be there."""
    found: dict[str, Json] = {}
    for name, said in schema.items():
        if name == "properties" and isinstance(said, dict):
            found[name] = {key: _changed(inner) for key, inner in said.items()}
        elif name not in ("required", "minItems", "oneOf"):
            found[name] = _changed(said) if name == "items" else said
    return found


def _changed(schema: Json) -> Json:
    return _of_changes(schema) if isinstance(schema, dict) else schema
