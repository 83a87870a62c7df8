"""The process as a picture, and as a graph for the `transitions` library."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from salesflow._arguments import language
from salesflow.errors import UnknownName
from salesflow.playbook._parts import ENDED, TransitionsGraph
from salesflow.text import Language, Text, both, filled

if TYPE_CHECKING:
    from salesflow.playbook._model_process import Move, Position, Stage
    from salesflow.playbook.playbook import Playbook

# Mermaid reads these as syntax, in quotes too, or as HTML, as Markdown, or as a formula ($$); it
# has entities for them, written with a #.
_ESCAPES: Final = {ord(mark): f"#{ord(mark)};" for mark in '"#;:<>{}[]()%`|\\&*_$'} | {
    ord(mark): " " for mark in "\n\r\t"
}
# Words of Mermaid itself, which it would not take for a name.
_WORDS: Final = frozenset(
    {
        "accdescr",
        "acctitle",
        "as",
        "class",
        "classdef",
        "click",
        "default",
        "direction",
        "end",
        "href",
        "note",
        "root",
        "scale",
        "state",
        "statediagram",
        "style",
    }
)


# Mermaid gives these names to the dots where a stage begins and ends.
_DOTS: Final = ("_start", "_end")
# Wherever it stands in a line, Mermaid takes it for an instruction.
_DIRECTION: Final = re.compile(r"(direction)\s+(?=tb|bt|rl|lr)", re.IGNORECASE)
_STYLES: Final = {
    "visited": "fill:#e2f0d9,stroke:#548235",
    "current": "fill:#ddebf7,stroke:#2e75b6,stroke-width:3px",
    "blocked": "fill:#fbe5d6,stroke:#c00000,stroke-width:3px",
    "new_deal": "fill:none,stroke-dasharray:5 5",
}
_BESIDE: Final = both(en="Beside the stages", zh="与各阶段并行")
_STATE_OF_TRACK: Final = both(en="{track}: {state}", zh="{track}：{state}")
_NEW_DEAL: Final = both(en="New deal: ", zh="新项目：")


def diagram(
    playbook: Playbook,
    lang: Language,
    visited: Iterable[str],
    current: str | None,
    *,
    blocked: bool,
) -> str:
    """Mermaid text; see `Playbook.diagram`."""
    language(lang)
    lines = ["stateDiagram-v2", f"    [*] --> {_outer(playbook.initial)}"]
    for stage in playbook.stages:
        lines += _stage(playbook, stage, lang)
    for move in playbook.moves:
        if not _inside(playbook, move):
            source = _outer(playbook.position(move.source), leaving=True)
            ends = move.target == ENDED
            target = "[*]" if ends else _outer(playbook.position(move.target))
            lines.append(f"    {source} --> {target}{_said(move, lang)}")
    listed = {move.source for move in playbook.moves if move.target == ENDED}
    lines += [
        f"    {_outer(position, leaving=True)} --> [*]"
        for position in playbook.positions
        if position.final and position.key not in listed
    ]
    lines += _tracks(playbook, lang)
    marked = _path(playbook, visited, current, blocked=blocked)
    marked["new_deal"] = _loops(playbook, lang, lines)
    lines += [f"    classDef {name} {_STYLES[name]}" for name, ids in marked.items() if ids]
    lines += [f"    class {','.join(ids)} {name}" for name, ids in marked.items() if ids]
    return "\n".join(lines) + "\n"


def _stage(playbook: Playbook, stage: Stage, lang: Language) -> list[str]:
    name = f'    state "{_label(stage.title, lang)}" as {_id(stage.key)}'
    if not stage.sub_stages:
        return [name]
    lines = [f"{name} {{", f"        [*] --> {_id(stage.sub_stages[0].key)}"]
    for sub in stage.sub_stages:
        number = "" if sub.cycle is None else f"{sub.cycle:g} "
        lines.append(f'        state "{number}{_label(sub.title, lang)}" as {_id(sub.key)}')
    lines += [
        f"        {_id(move.source)} --> {_id(move.target)}{_said(move, lang)}"
        for move in playbook.moves
        if _inside(playbook, move) and playbook.position(move.source).stage is stage
    ]
    return [*lines, f"        {_id(stage.sub_stages[-1].key)} --> [*]", "    }"]


def _tracks(playbook: Playbook, lang: Language) -> list[str]:
    """The tracks beside the stages: one state whose regions go on at the same time."""
    if not playbook.tracks:
        return []
    # Keys have no capitals, so no stage can be called so.
    lines = [f'    state "{_label(_BESIDE, lang)}" as Beside {{']
    for number, track in enumerate(playbook.tracks.values(), 1):
        lines += ["        --"] if number > 1 else []
        ids = {state.key: f"Track{number}_{_id(state.key)}" for state in track.states}
        for state in track.states:
            title = filled(_STATE_OF_TRACK, track=track.title, state=state.title)
            lines.append(f'        state "{_label(title, lang)}" as {ids[state.key]}')
        lines.append(f"        [*] --> {ids[track.initial]}")
        for state in track.states:
            lines += [f"        {ids[state.key]} --> {ids[to]}" for to in track.ways(state.key)]
            lines += [f"        {ids[state.key]} --> [*]"] if state.final else []
    return [*lines, "    }"]


def _loops(playbook: Playbook, lang: Language, lines: list[str]) -> list[str]:
    """Draw the moves that open a new deal, which is a state of its own; returns those states."""
    # Keys have no capitals, so no stage can be called so.
    ids = {move.target: "" for move in playbook.loops}
    for number, target in enumerate(ids, 1):
        ids[target] = f"NewDeal{number}"
        title = _NEW_DEAL.get(lang) + playbook.position(target).title.get(lang)
        lines.append(f'    state "{_escaped(title)}" as {ids[target]}')
    for move in playbook.loops:
        source = _outer(playbook.position(move.source), leaving=True)
        lines.append(f"    {source} --> {ids[move.target]}{_said(move, lang)}")
    return list(ids.values())


def _path(
    playbook: Playbook, visited: Iterable[str], current: str | None, *, blocked: bool
) -> dict[str, list[str]]:
    """Which states have which class."""
    here = [] if current is None else [_id(playbook.position(current).key)]
    been = [_id(key) for key in _positions(playbook, visited)]
    return {
        "visited": [key for key in dict.fromkeys(been) if key not in here],
        "current": here,
        # After `current`: of two classes, the later one wins.
        "blocked": here if blocked else [],
    }


def _positions(playbook: Playbook, visited: Iterable[str]) -> list[str]:
    renamed = {old: new for part in playbook.migrations for old, new in part.stages.items()}
    found: list[str] = []
    for key in visited:
        try:
            found.append(playbook.position(key).key)
        except UnknownName:
            # A deal that has migrated may have been where this version has no stage.
            if not playbook.migrations:
                raise
            if key in renamed:
                found.append(playbook.position(renamed[key]).key)
    return found


def _inside(playbook: Playbook, move: Move) -> bool:
    """Whether a move is one from a sub-stage to the next of the same stage."""
    keys = [sub.key for sub in playbook.position(move.source).stage.sub_stages]
    return move.source in keys[:-1] and move.target == keys[keys.index(move.source) + 1]


def _outer(position: Position, *, leaving: bool = False) -> str:
    """What an arrow joins: a whole stage at its first or last sub-stage, else the sub-stage."""
    subs = position.stage.sub_stages
    whole = not subs or position.key == subs[-1 if leaving else 0].key
    return _id(position.stage.key if whole else position.key)


def _id(key: str) -> str:
    # With every _ at its end kept apart, "note" and "note_" stay two.
    bare = key.rstrip("_")
    return f"{key}_" if bare in _WORDS or bare.endswith(_DOTS) else key


def _said(move: Move, lang: Language) -> str:
    return "" if move.title is None else f" : {_label(move.title, lang)}"


def _label(text: Text, lang: Language) -> str:
    return _escaped(text.get(lang))


def _escaped(words: str) -> str:
    return _DIRECTION.sub(r"\1#32;", words.translate(_ESCAPES))


def machine(playbook: Playbook) -> TransitionsGraph:
    """Keyword arguments for `transitions.Machine`; see `Playbook.to_transitions`."""
    transitions: list[dict[str, str]] = []
    for position in playbook.positions:
        key = position.key
        ways = [move.target for move in playbook.moves_from(key)] or [ENDED]
        transitions.append({"trigger": "advance", "source": key, "dest": ways[0]})
        transitions += [
            {"trigger": f"move_to_{target}", "source": key, "dest": target}
            for target in ways[1:]
            if target != ENDED
        ]
        if position.final and playbook.moves_from(key):
            transitions.append({"trigger": "end", "source": key, "dest": ENDED})
    return {
        "states": [*(position.key for position in playbook.positions), ENDED],
        "transitions": transitions,
        "initial": playbook.initial.key,
        "auto_transitions": False,
    }
