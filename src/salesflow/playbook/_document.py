"""The shape of a playbook file, key by key. `docs/playbook-format.md` explains it in prose."""

from __future__ import annotations

from typing import Final

from salesflow.facts import FactKind
from salesflow.playbook._process import (
    DAYS,
    KEY,
    MIGRATION,
    MOVE,
    POLICY,
    SECTION,
    SHARE,
    STAGE,
    TEXT,
    TEXTS,
    VERSION,
)
from salesflow.playbook._questions import TYPES
from salesflow.playbook._shape import Choice, Flag, Json, Number, RuleText, Words
from salesflow.playbook._tables import Field, List, Table
from salesflow.text import LANGUAGES

_NAME: Final = Words("a fact's name", r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*){0,3}", 120)

_BOUND: Final = Number(-1e12, 1e12)

_QUESTION: Final = Table(
    "a question",
    {
        "key": Field(KEY, "The fact is <checklist>.<key>.", required=True),
        "title": Field(TEXT, required=True),
        "section": Field(KEY, prose=True),
        "type": Field(Choice(*TYPES), "What is answered.", default="yes_no"),
        "min": Field(_BOUND, "Of a scale or a number."),
        "max": Field(_BOUND, "Of a scale or a number."),
        "choices": Field(List(Words("a word")), "Of a choice."),
        "positive": Field(TEXT, "What + means, or the high end of a scale."),
        "negative": Field(TEXT, "What - means, or the low end of a scale."),
        "help": Field(TEXT),
    },
)

_CHECKLIST: Final = {
    "key": Field(KEY, required=True),
    "title": Field(TEXT),
    "source": Field(TEXT),
    "sections": Field(List(SECTION), prose=True),
    "questions": Field(List(_QUESTION, 200, least=1), required=True),
}

_SCORE_ITEM: Final = Table(
    "an item",
    {
        "key": Field(KEY, required=True),
        "title": Field(TEXT),
        "rule": Field(RuleText(), "Earns the weight when it is YES."),
        "points": Field(_NAME, "A number that counts as points, times the weight."),
        "max": Field(Number(0, 1e6, above=True), "The points at most; by default the question's."),
        "weight": Field(Number(0, 1e6, above=True), "Points.", default=1.0),
        "knock_out": Field(
            Flag(), "NO, or a number at its lowest, settles the card.", default=False
        ),
    },
)

_BAND: Final = Table(
    "a band",
    {
        "key": Field(KEY, required=True),
        "title": Field(TEXT),
        "min": Field(Number(0), "The points from which it holds.", required=True),
    },
)

_SCORECARD: Final = Table(
    "a scorecard",
    {
        "key": Field(KEY, required=True),
        "title": Field(TEXT),
        "source": Field(TEXT),
        "items": Field(List(_SCORE_ITEM, 200, least=1), required=True),
        "bands": Field(List(_BAND, 20, least=1), required=True),
    },
)

SHARED_CHECKLIST: Final = Table(
    "a shared checklist", {**_CHECKLIST, "scorecard": Field(_SCORECARD, required=True)}
)
"""A file of the package: a checklist, and the card that goes with it."""

_SPAN: Final = Table(
    "a span of time",
    {
        unit: Field(Number(1, most, whole=True))
        for unit, most in (
            ("hours", 1_000),
            ("days", 1_000),
            ("weeks", 1_000),
            ("months", 1_000),
            ("years", 100),
        )
    },
)

_CADENCE: Final = Table(
    "a cadence",
    {
        "key": Field(KEY, required=True),
        "title": Field(TEXT, required=True),
        "role": Field(KEY, "Who sees to it."),
        "stages": Field(List(KEY), "Where it applies; none: the whole deal."),
        "trigger": Field(
            Choice(
                "started", "stage_entered", "stage_left", "won", "lost", "disqualified", "ended"
            ),
            "What starts the clock; by default stage_entered with stages, else started.",
        ),
        "before": Field(_NAME, "With ahead: the day it counts back from."),
        "every": Field(_SPAN, "Again and again."),
        "within": Field(_SPAN, "Once, at the latest."),
        "ahead": Field(_SPAN, "Once, so long before."),
    },
)

DOCUMENT: Final = Table(
    "a playbook",
    {
        "id": Field(KEY, required=True),
        "version": Field(
            VERSION,
            required=True,
            prose=True,
        ),
        "title": Field(TEXT, required=True),
        "summary": Field(TEXT),
        "source": Field(TEXT),
        "languages": Field(
            List(Choice(*LANGUAGES), len(LANGUAGES), least=1),
            "The first is the language of plain strings; the lint asks for all of them.",
            default=("en",),
            prose=True,
        ),
        "currency": Field(Words("a currency code", "[A-Z]{3}", 3), "ISO 4217.", default="USD"),
        "owner_role": Field(KEY, "The role that a deal's owner has."),
        "avoid": Field(TEXTS, "Behaviours to avoid."),
        "use_checklists": Field(List(KEY, 20), "Checklists of the package, included in full."),
        "use_scorecards": Field(
            List(KEY, 20), "Scorecards of the package, each with the checklist that it reads."
        ),
        "roles": Field(
            List(
                Table(
                    "a role",
                    {
                        "key": Field(KEY, required=True),
                        "title": Field(TEXT, required=True),
                        "note": Field(TEXT),
                    },
                )
            )
        ),
        "facts": Field(
            List(
                Table(
                    "a fact",
                    {
                        "name": Field(_NAME, required=True),
                        "kind": Field(Choice(*FactKind), required=True),
                        "title": Field(TEXT),
                        "choices": Field(List(Words("a word")), "For kind choice."),
                    },
                ),
                500,
            )
        ),
        "stages": Field(List(STAGE, least=1), required=True),
        "policy": Field(POLICY, "What a deal may do beside advancing."),
        "moves": Field(
            List(MOVE, 500),
            "Only where the process is not a line. The first move from a stage is its main one.",
        ),
        "migrations": Field(
            List(MIGRATION, 50), "How a deal of an earlier version goes on in this one.", prose=True
        ),
        "instruments": Field(
            List(
                Table(
                    "an instrument",
                    {
                        "key": Field(KEY, required=True),
                        "title": Field(TEXT, required=True),
                        "checklist": Field(KEY, "Complete once each question was asked."),
                        "sections": Field(List(SECTION), prose=True),
                    },
                ),
                50,
            )
        ),
        "size_policy": Field(
            List(
                Table(
                    "a row of the size policy",
                    {
                        "when": Field(RuleText(), required=True),
                        "instruments": Field(List(KEY, 50), required=True),
                        "title": Field(TEXT),
                    },
                ),
                20,
            ),
            "The first row that holds says which instruments a deal needs.",
        ),
        "checklists": Field(List(Table("a checklist", _CHECKLIST), 20)),
        "scorecards": Field(List(_SCORECARD, 50)),
        "cadences": Field(List(_CADENCE)),
        "reasons": Field(
            List(
                Table(
                    "a reason",
                    {
                        "key": Field(KEY, required=True),
                        "outcome": Field(Choice("lost", "disqualified"), required=True),
                        "title": Field(TEXT, required=True),
                        "notes": Field(Flag(), "A note is asked for.", default=False),
                    },
                )
            )
        ),
        "hygiene": Field(
            Table(
                "hygiene",
                {
                    "activity_days": Field(DAYS, default=30),
                    "pushes": Field(Number(0, 1_000, whole=True), default=2),
                    "probability_tolerance": Field(SHARE, default=0.25),
                },
            )
        ),
    },
)


def json_schema() -> dict[str, Json]:
    """The shape of a playbook file as JSON Schema, draft 2020-12."""
    words: Json = {"type": "string", "minLength": 1, "maxLength": 4_000}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "salesflow playbook",
        **DOCUMENT.schema(),
        "$defs": {
            "text": {
                "description": "A text for people: by language, or in the playbook's first one.",
                "anyOf": [
                    words,
                    {
                        "type": "object",
                        "properties": dict.fromkeys(LANGUAGES, words),
                        "additionalProperties": False,
                        "minProperties": 1,
                    },
                ],
            },
            "rule": {
                "description": "A rule, for instance: amount >= 100_000 and known(owner)",
                "type": "string",
                "minLength": 1,
                "maxLength": 4_000,
            },
        },
    }
