"""What authors write for keys that are called otherwise here."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Final

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


def is_word_for_others(name: str) -> bool:
    """Whether a key is a usual word for others, so that one of similar letters is not meant."""
    return name in _MEANT


def meant_by(name: str, known: Container[str], given: Container[str]) -> str | None:
    """The key that is usually meant by that word, of those known and not given; None for none."""
    return next((key for key in _MEANT.get(name, ()) if key in known and key not in given), None)
