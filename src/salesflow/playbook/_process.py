"""The shape of the process itself: stages, criteria, moves, what is permitted, migrations."""

from __future__ import annotations

from typing import Final

from salesflow.playbook._shape import Flag, Key, Number, RuleText, Words, WordsIn
from salesflow.playbook._tables import Field, KeyMap, List, Permit, Quorum, Table

ENDINGS: Final = frozenset({"won", "lost", "disqualified", "ended"})
"""How a deal ends; no stage may be called so."""

KEY: Final = Key()
TEXT: Final = WordsIn()
TEXTS: Final = List(TEXT)
SHARE: Final = Number(0, 1)
DAYS: Final = Number(1, 3_650, whole=True)
VERSION: Final = Words("a version such as 1.0.0", r"[0-9A-Za-z][0-9A-Za-z.+-]*", 40)
_POSITION_KEY: Final = Key(ENDINGS)

SECTION: Final = Table(
    "a section",
    {"key": Field(KEY, required=True), "title": Field(TEXT, required=True)},
)

POLICY: Final = Table(
    "the policy",
    {
        "skip": Field(Permit(), "Going on to a later stage, past others.", default="off"),
        "back": Field(Permit(), "Going back to where the deal has been.", default="off"),
        "reopen": Field(Permit(), "Taking up a lost or disqualified deal again.", default="off"),
        "start_later": Field(Permit(), "Starting in a later stage.", default="off"),
        "waive": Field(Permit(), "Waiving a required criterion.", default="off"),
    },
)

_JUDGEMENT: Final = Table(
    "a judgement",
    {
        "roles": Field(List(KEY, 50, least=1), "The roles that judge.", required=True),
        "quorum": Field(Quorum(), "How many of them must say go.", default="all"),
        "decides": Field(KEY, "The one of the roles whose word counts, instead of a quorum."),
    },
)

_CRITERION: Final = Table(
    "a criterion",
    {
        "key": Field(KEY, "Unique among all criteria and instruments.", required=True),
        "title": Field(TEXT, "What ought to hold, as a sentence.", required=True),
        "rule": Field(RuleText(), "Computed: what must be YES."),
        "by": Field(KEY, "The role that attests it, decides it, or must see to it."),
        "decision": Field(KEY, "A go/no-go point: the scorecard that is looked at."),
        "instruments": Field(
            Flag(), "Every instrument that the size policy asks for is complete.", default=False
        ),
        "judgement": Field(_JUDGEMENT, "Several roles judge, on each visit of the stage anew."),
        "waive": Field(Permit(), "Who may waive it, instead of what the policy says."),
        "advisory": Field(Flag(), "Shown, but never in the way.", default=False),
        "note": Field(TEXT),
    },
)

_LIMITS: Final = {
    "cycle": Field(Number(0, 100), "Selling-cycle number that completing it reaches."),
    "probability": Field(SHARE, "Chance of winning while in it, 0 to 1."),
    "max_days": Field(DAYS, "Days after which a deal has been here too long."),
}

_SUB_STAGE: Final = Table(
    "a sub-stage",
    {
        "key": Field(_POSITION_KEY, "Unique among stages and sub-stages.", required=True),
        "title": Field(TEXT, required=True),
        "goal": Field(TEXT),
        **_LIMITS,
        "entry": Field(List(_CRITERION)),
        "exit": Field(List(_CRITERION)),
    },
)

_DUTIES: Final = Table(
    "a role's duties",
    {"role": Field(KEY, required=True), "items": Field(List(TEXT, least=1), required=True)},
)

_GUIDANCE: Final = Table(
    "guidance",
    {
        "methods": Field(TEXTS),
        "difficulties": Field(TEXTS),
        "common_problems": Field(TEXTS),
        "tools": Field(TEXTS),
        "coaching_questions": Field(TEXTS),
    },
)

_FORM: Final = Table(
    "a form",
    {
        "key": Field(KEY, required=True),
        "title": Field(TEXT, required=True),
        "fields": Field(TEXTS, "What is filled in."),
    },
)

STAGE: Final = Table(
    "a stage",
    {
        "key": Field(_POSITION_KEY, "Unique among stages and sub-stages.", required=True),
        "title": Field(TEXT, required=True),
        "goal": Field(TEXT),
        "buying_phase": Field(TEXT, "Where the customer is in buying meanwhile."),
        "source": Field(TEXT, "Document and section this comes from."),
        **_LIMITS,
        "wins": Field(Flag(), "The deal is won by completing this stage.", default=False),
        "final": Field(Flag(), "The deal may end here, though moves lead on.", default=False),
        "entry": Field(List(_CRITERION)),
        "exit": Field(List(_CRITERION)),
        "sub_stages": Field(List(_SUB_STAGE, 20)),
        "duties": Field(List(_DUTIES), prose=True),
        "deliverables": Field(TEXTS),
        "forms": Field(List(_FORM), prose=True),
        "guidance": Field(_GUIDANCE, prose=True),
    },
)

MOVE: Final = Table(
    "a move",
    {
        "from": Field(KEY, required=True),
        "to": Field(KEY, 'A stage or sub-stage, or "ended".', required=True),
        "title": Field(TEXT),
        "rule": Field(RuleText(), "What must be YES for this move."),
        "new_deal": Field(Flag(), "It opens a new deal and is no way of this one.", default=False),
        "criteria": Field(List(_CRITERION), "What must hold for this move, beside the stages'."),
    },
)

_NEW_KEYS: Final = KeyMap("a key", r"[a-z][a-z0-9_]*")

MIGRATION: Final = Table(
    "a migration",
    {
        "from": Field(VERSION, "The version that the deal comes from.", required=True),
        "stages": Field(_NEW_KEYS, "Old key to new, sub-stages too.", default=()),
        "criteria": Field(_NEW_KEYS, "Old key to new, instruments too.", default=()),
        "questions": Field(
            KeyMap('a question such as "tas.access"', r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*"),
            "Old checklist.question to new.",
            default=(),
        ),
    },
)
