"""The shape of a playbook file, key by key. `docs/playbook-format.md` explains it in prose."""

from __future__ import annotations

from typing import Final

from salesflow.facts import Kind
from salesflow.playbook._shape import (
    Choice,
    Flag,
    Json,
    Key,
    Number,
    RuleText,
    Words,
    WordsIn,
)
from salesflow.playbook._tables import Field, List, Table
from salesflow.text import LANGUAGES

__all__ = ["CHECKLIST", "DOCUMENT", "ENDINGS", "json_schema"]

ENDINGS: Final = frozenset({"won", "lost", "disqualified", "ended"})
"""How a deal ends; no stage may be called so."""

_KEY: Final = Key()
_POSITION_KEY: Final = Key(ENDINGS)
_NAME: Final = Words("a fact's name", r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*){0,3}", 120)
_TEXT: Final = WordsIn()
_TEXTS: Final = List(_TEXT)
_SHARE: Final = Number(0, 1)
_DAYS: Final = Number(1, 3_650, whole=True)

_SECTION: Final = Table(
    "a section",
    {"key": Field(_KEY, required=True), "title": Field(_TEXT, required=True)},
)

_CRITERION: Final = Table(
    "a criterion",
    {
        "key": Field(_KEY, "Unique among all criteria and instruments.", required=True),
        "title": Field(_TEXT, "What ought to hold, as a sentence.", required=True),
        "rule": Field(RuleText(), "Computed: what must be YES."),
        "by": Field(_KEY, "The role that attests it, decides it, or must see to it."),
        "decision": Field(_KEY, "A go/no-go point: the scorecard that is looked at."),
        "instruments": Field(
            Flag(), "Every instrument that the size policy asks for is complete.", default=False
        ),
        "advisory": Field(Flag(), "Shown, but never in the way.", default=False),
        "note": Field(_TEXT),
    },
)

_LIMITS: Final = {
    "cycle": Field(Number(0, 100), "Selling-cycle number that completing it reaches."),
    "probability": Field(_SHARE, "Chance of winning while in it, 0 to 1."),
    "max_days": Field(_DAYS, "Days after which a deal has been here too long."),
}

_SUB_STAGE: Final = Table(
    "a sub-stage",
    {
        "key": Field(_POSITION_KEY, "Unique among stages and sub-stages.", required=True),
        "title": Field(_TEXT, required=True),
        **_LIMITS,
        "entry": Field(List(_CRITERION)),
        "exit": Field(List(_CRITERION)),
    },
)

_DUTIES: Final = Table(
    "a role's duties",
    {"role": Field(_KEY, required=True), "items": Field(List(_TEXT, least=1), required=True)},
)

_GUIDANCE: Final = Table(
    "guidance",
    {
        "methods": Field(_TEXTS),
        "difficulties": Field(_TEXTS),
        "common_problems": Field(_TEXTS),
        "tools": Field(_TEXTS),
        "coaching_questions": Field(_TEXTS),
    },
)

_STAGE: Final = Table(
    "a stage",
    {
        "key": Field(_POSITION_KEY, "Unique among stages and sub-stages.", required=True),
        "title": Field(_TEXT, required=True),
        "goal": Field(_TEXT),
        "source": Field(_TEXT, "Document and section this comes from."),
        **_LIMITS,
        "wins": Field(Flag(), "The deal is won by completing this stage.", default=False),
        "final": Field(Flag(), "The deal may end here, though moves lead on.", default=False),
        "entry": Field(List(_CRITERION)),
        "exit": Field(List(_CRITERION)),
        "sub_stages": Field(List(_SUB_STAGE, 20)),
        "duties": Field(List(_DUTIES), prose=True),
        "deliverables": Field(_TEXTS),
        "guidance": Field(_GUIDANCE, prose=True),
    },
)

_QUESTION: Final = Table(
    "a question",
    {
        "key": Field(_KEY, "The fact is <checklist>.<key>, a flag.", required=True),
        "title": Field(_TEXT, required=True),
        "section": Field(_KEY, prose=True),
        "positive": Field(_TEXT, "What + means."),
        "negative": Field(_TEXT, "What - means."),
        "help": Field(_TEXT),
    },
)

CHECKLIST: Final = Table(
    "a checklist",
    {
        "key": Field(_KEY, required=True),
        "title": Field(_TEXT),
        "source": Field(_TEXT),
        "sections": Field(List(_SECTION), prose=True),
        "questions": Field(List(_QUESTION, 200, least=1), required=True),
    },
)

_SCORE_ITEM: Final = Table(
    "an item",
    {
        "key": Field(_KEY, required=True),
        "title": Field(_TEXT),
        "rule": Field(RuleText(), "Earns the points when it is YES.", required=True),
        "weight": Field(Number(0, 1e6, above=True), "Points.", default=1.0),
        "knock_out": Field(Flag(), "NO settles the card, whatever the points.", default=False),
    },
)

_BAND: Final = Table(
    "a band",
    {
        "key": Field(_KEY, required=True),
        "title": Field(_TEXT),
        "min": Field(Number(0), "The points from which it holds.", required=True),
    },
)

_SCORECARD: Final = Table(
    "a scorecard",
    {
        "key": Field(_KEY, required=True),
        "title": Field(_TEXT),
        "items": Field(List(_SCORE_ITEM, 200, least=1), required=True),
        "bands": Field(List(_BAND, 20, least=1), required=True),
    },
)

_SPAN: Final = Table(
    "a span of time",
    {
        unit: Field(Number(1, 1_000, whole=True))
        for unit in ("hours", "days", "weeks", "months", "years")
    },
)

_CADENCE: Final = Table(
    "a cadence",
    {
        "key": Field(_KEY, required=True),
        "title": Field(_TEXT, required=True),
        "role": Field(_KEY, "Who sees to it."),
        "stages": Field(List(_KEY), "Where it applies; none: the whole deal."),
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
        "id": Field(_KEY, required=True),
        "version": Field(
            Words("a version such as 1.0.0", r"[0-9A-Za-z][0-9A-Za-z.+-]*", 40),
            required=True,
            prose=True,
        ),
        "title": Field(_TEXT, required=True),
        "summary": Field(_TEXT),
        "source": Field(_TEXT),
        "languages": Field(
            List(Choice(*LANGUAGES), len(LANGUAGES), least=1),
            "The first is the language of plain strings; the lint asks for all of them.",
            default=("en",),
            prose=True,
        ),
        "currency": Field(Words("a currency code", "[A-Z]{3}", 3), "ISO 4217.", default="USD"),
        "owner_role": Field(_KEY, "The role that a deal's owner has."),
        "avoid": Field(_TEXTS, "Behaviours to avoid."),
        "use_checklists": Field(List(_KEY, 20), "Checklists of the package, included in full."),
        "roles": Field(
            List(
                Table(
                    "a role",
                    {
                        "key": Field(_KEY, required=True),
                        "title": Field(_TEXT, required=True),
                        "note": Field(_TEXT),
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
                        "kind": Field(Choice(*Kind), required=True),
                        "title": Field(_TEXT),
                        "choices": Field(List(Words("a word")), "For kind choice."),
                    },
                ),
                500,
            )
        ),
        "stages": Field(List(_STAGE, least=1), required=True),
        "moves": Field(
            List(
                Table(
                    "a move",
                    {
                        "from": Field(_KEY, required=True),
                        "to": Field(_KEY, required=True),
                        "title": Field(_TEXT),
                        "rule": Field(RuleText(), "What must be YES for this move."),
                    },
                ),
                500,
            ),
            "Only where the process is not a line. The first move from a stage is its main one.",
        ),
        "instruments": Field(
            List(
                Table(
                    "an instrument",
                    {
                        "key": Field(_KEY, required=True),
                        "title": Field(_TEXT, required=True),
                        "checklist": Field(_KEY, "Complete once each question was asked."),
                        "sections": Field(List(_SECTION), prose=True),
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
                        "instruments": Field(List(_KEY, 50), required=True),
                        "title": Field(_TEXT),
                    },
                ),
                20,
            ),
            "The first row that holds says which instruments a deal needs.",
        ),
        "checklists": Field(List(CHECKLIST, 20)),
        "scorecards": Field(List(_SCORECARD, 50)),
        "cadences": Field(List(_CADENCE)),
        "reasons": Field(
            List(
                Table(
                    "a reason",
                    {
                        "key": Field(_KEY, required=True),
                        "outcome": Field(Choice("lost", "disqualified"), required=True),
                        "title": Field(_TEXT, required=True),
                        "notes": Field(Flag(), "A note is asked for.", default=False),
                    },
                )
            )
        ),
        "hygiene": Field(
            Table(
                "hygiene",
                {
                    "activity_days": Field(_DAYS, default=30),
                    "pushes": Field(Number(0, 1_000, whole=True), default=2),
                    "probability_tolerance": Field(_SHARE, default=0.25),
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
