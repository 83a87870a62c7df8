"""The process as a picture, and as a graph for the `transitions` library."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from salesflow.errors import UnknownName
from salesflow.text import LANGUAGES, Language, Text

if TYPE_CHECKING:
    from salesflow.playbook._values import Position
    from salesflow.playbook.playbook import Playbook

__all__ = ["diagram", "machine"]

ENDED: Final = "ended"

# Mermaid reads these as syntax, in quotes too; it has entities for them, written with a #.
_ESCAPES: Final = {ord(mark): f"#{ord(mark)};" for mark in '"#;:<>{}[]()%`|\\'} | {
    ord(mark): " " for mark in "\n\r\t"
}
# Words of the diagram's own language that would be taken for something else than a name.
_WORDS: Final = frozenset(
    {
        "as",
        "class",
        "classdef",
        "click",
        "default",
        "direction",
        "end",
        "href",
        "note",
        "state",
        "style",
    }
)


def diagram(playbook: Playbook, lang: Language) -> str:
    """Mermaid text; see `Playbook.diagram`."""
    if lang not in LANGUAGES:
        raise UnknownName("language", str(lang), LANGUAGES)
    lines = ["stateDiagram-v2", f"    [*] --> {_outer(playbook.initial)}"]
    for stage in playbook.stages:
        name = f'    state "{_label(stage.title, lang)}" as {_id(stage.key)}'
        if not stage.sub_stages:
            lines.append(name)
            continue
        lines += [f"{name} {{", f"        [*] --> {_id(stage.sub_stages[0].key)}"]
        for sub in stage.sub_stages:
            number = "" if sub.cycle is None else f"{sub.cycle:g} "
            lines.append(f'        state "{number}{_label(sub.title, lang)}" as {_id(sub.key)}')
        lines += [
            f"        {_id(move.source)} --> {_id(move.target)}"
            for move in playbook.moves
            if _inside(playbook, move.source, move.target)
            and playbook.position(move.source).stage is stage
        ]
        lines += [f"        {_id(stage.sub_stages[-1].key)} --> [*]", "    }"]
    for move in playbook.moves:
        if not _inside(playbook, move.source, move.target):
            label = "" if move.title is None else f" : {_label(move.title, lang)}"
            source, target = playbook.position(move.source), playbook.position(move.target)
            lines.append(f"    {_outer(source, leaving=True)} --> {_outer(target)}{label}")
    lines += [
        f"    {_outer(position, leaving=True)} --> [*]"
        for position in playbook.positions
        if _may_end(position)
    ]
    return "\n".join(lines) + "\n"


def _inside(playbook: Playbook, source: str, target: str) -> bool:
    """Whether a move is one from a sub-stage to the next of the same stage."""
    keys = [sub.key for sub in playbook.position(source).stage.sub_stages]
    return source in keys[:-1] and target == keys[keys.index(source) + 1]


def _outer(position: Position, *, leaving: bool = False) -> str:
    """What an arrow joins: a whole stage at its first or last sub-stage, else the sub-stage."""
    subs = position.stage.sub_stages
    whole = not subs or position.key == subs[-1 if leaving else 0].key
    return _id(position.stage.key if whole else position.key)


def _id(key: str) -> str:
    return f"{key}_" if key in _WORDS else key


def _label(text: Text, lang: Language) -> str:
    return text.get(lang).translate(_ESCAPES)


def _may_end(position: Position) -> bool:
    subs = position.stage.sub_stages
    return position.stage.final and (not subs or position.key == subs[-1].key)


def machine(playbook: Playbook) -> dict[str, object]:
    """Keyword arguments for `transitions.Machine`; see `Playbook.to_transitions`."""
    transitions: list[Mapping[str, str]] = []
    for position in playbook.positions:
        targets = [move.target for move in playbook.moves if move.source == position.key]
        for i, target in enumerate(targets):
            trigger = "advance" if i == 0 else f"move_to_{target}"
            transitions.append({"trigger": trigger, "source": position.key, "dest": target})
        if _may_end(position):
            trigger = "end" if targets else "advance"
            transitions.append({"trigger": trigger, "source": position.key, "dest": ENDED})
    return {
        "states": [*(position.key for position in playbook.positions), ENDED],
        "transitions": transitions,
        "initial": playbook.initial.key,
        "auto_transitions": False,
    }
