"""Words for keys: what those mean that many tables have, and what authors write for others."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Final

USUAL_MEANING: Final[Mapping[str, str]] = {
    "activity_days": "After so many days without activity a deal is quiet.",
    "bands": "What a sum of points means, from the lowest up.",
    "cadences": "Duties with a date.",
    "checklists": "Questions that are asked of a deal.",
    "coaching_questions": "What a manager asks.",
    "common_problems": "What often goes wrong.",
    "days": "Calendar days.",
    "deliverables": "What has been made when the stage is over.",
    "difficulties": "What is hard about it.",
    "duties": "Who does what.",
    "entry": "What has to hold before a deal comes in.",
    "exit": "What has to hold before a deal goes on.",
    "forms": "What is filled in.",
    "from": "The stage or sub-stage that is left.",
    "goal": "What it is for, in one sentence.",
    "guidance": "How people do it well; no rule reads it.",
    "help": "How to find the answer.",
    "hours": "Real hours.",
    "instruments": "Plans and other work, by key.",
    "items": "What belongs to it, in order.",
    "key": "What programs and rules call it; unique among its like.",
    "kind": "What values it has.",
    "methods": "Ways to do it.",
    "months": "Calendar months.",
    "name": "What rules call it.",
    "note": "What else people should know.",
    "outcome": "How a deal ends for this reason.",
    "probability_tolerance": "How far a probability may be from the stage's, as a share.",
    "pushes": "How often the close date may be put off.",
    "questions": "What is asked, in order.",
    "reasons": "Why deals end.",
    "role": "Who does it.",
    "rows": "From the top; the first that holds is taken.",
    "scorecards": "Points for answers and facts, and what their sum means.",
    "section": "The part of the checklist to which it belongs.",
    "sections": "Its parts, in order.",
    "source": "Where the knowledge comes from.",
    "sub_stages": "Its parts, from the first to the last.",
    "title": "What people call it.",
    "tools": "What helps.",
    "weeks": "Weeks of seven days.",
    "when": "It applies where this is YES.",
    "years": "Calendar years.",
}
"""What a key means, where its table does not say more of it."""

_MEANT: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("role", "who", "person", "responsible"), ("by", "roles", "owner_role")),
    **dict.fromkeys(("owner", "assignee"), ("by", "role", "owner_role")),
    **dict.fromkeys(("approver", "approvers", "judges"), ("roles", "by")),
    **dict.fromkeys(("name", "label", "caption"), ("title", "key")),
    **dict.fromkeys(("id", "code", "slug"), ("key",)),
    **dict.fromkeys(
        ("description", "desc", "comment", "text"), ("note", "summary", "goal", "help")
    ),
    **dict.fromkeys(("condition", "expression", "check", "formula"), ("rule", "when")),
    **dict.fromkeys(("if", "only_if", "applies_if", "applies_when"), ("when", "rule")),
    **dict.fromkeys(("criteria", "exit_criteria", "gate", "gates", "leave"), ("exit",)),
    **dict.fromkeys(("entry_criteria", "enter"), ("entry",)),
    **dict.fromkeys(("chance", "percent", "likelihood", "win_rate"), ("probability",)),
    "forecast": ("cycle",),
    **dict.fromkeys(("days", "max_age", "sla", "limit"), ("max_days",)),
    **dict.fromkeys(("type", "datatype"), ("kind",)),
    "kind": ("type",),
    **dict.fromkeys(("values", "options", "enum"), ("choices",)),
    **dict.fromkeys(("minimum", "low", "from", "at_least"), ("min",)),
    **dict.fromkeys(("maximum", "high", "at_most"), ("max",)),
    **dict.fromkeys(("points", "score"), ("weight", "points")),
    **dict.fromkeys(("won", "win", "is_won"), ("wins",)),
    **dict.fromkeys(("end", "is_final", "terminal", "last"), ("final",)),
    "optional": ("advisory",),
    **dict.fromkeys(("source", "start"), ("from",)),
    **dict.fromkeys(("target", "destination", "next", "goto"), ("to",)),
    **dict.fromkeys(("interval", "frequency", "repeat"), ("every",)),
    **dict.fromkeys(("deadline", "due"), ("within",)),
    **dict.fromkeys(("language", "lang", "locales"), ("languages",)),
    **dict.fromkeys(("documents", "docs", "outputs"), ("deliverables",)),
}
"""What authors write for keys that are called otherwise here."""


def is_word_for_others(name: str) -> bool:
    """Whether a key is a usual word for others, so that one of similar letters is not meant."""
    return name in _MEANT


def meant_by(name: str, known: Container[str], given: Container[str]) -> str | None:
    """The key that is usually meant by that word, of those known and not given; None for none."""
    return next((key for key in _MEANT.get(name, ()) if key in known and key not in given), None)
