"""The graph of a playbook: a line by default, or the moves it lists."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from salesflow.playbook._graph import reachable, reversed_graph
from salesflow.playbook._parts import ENDED, Part, each, positions
from salesflow.playbook._shape import Log

_ENDS: Final = {"from": (), "to": (ENDED,)}


def is_line(document: Part) -> bool:
    """Whether the stages simply follow one another.

    Moves that only say where deals end or where new ones begin leave the line as it is.
    """
    return all(
        move["new_deal"] or move["to"] == ENDED for _, move in each(document["moves"], "moves")
    )


def edges(document: Part) -> Iterator[tuple[str, str, Part | None]]:
    """Every move as source and target, with its entry in the file if it has one.

    A stage stands for its last sub-stage where a move starts, for its first where it ends.
    Within a stage, sub-stages follow one another. A target may be ENDED. Loops, which open new
    deals, are left out.
    """
    listed: dict[tuple[str, str], Part] = {}
    for source, target, move in _listed(document):
        if not move["new_deal"]:
            listed.setdefault((source, target), move)
    line = is_line(document)
    places = [(stage, part or stage) for _, stage, part in positions(document)]
    for (stage, place), (next_stage, next_place) in pairwise(places):
        if stage is next_stage or line:
            pair = place["key"], next_place["key"]
            yield *pair, listed.pop(pair, None)
    for pair, move in listed.items():
        yield *pair, move


def loops(document: Part) -> Iterator[tuple[str, str, Part]]:
    """The moves that open a new deal, as source and target position with the entry."""
    return (found for found in _listed(document) if found[2]["new_deal"])


def _listed(document: Part) -> Iterator[tuple[str, str, Part]]:
    first, last = _ends(document)
    for _, move in each(document["moves"], "moves"):
        source, target = last.get(move["from"]), _target(move, first)
        if source is not None and target is not None:
            yield source, target, move


def _target(move: Part, first: dict[str, str]) -> str | None:
    return ENDED if move["to"] == ENDED else first.get(move["to"])


def final_positions(document: Part) -> set[str]:
    """Where a deal may end: stages marked so, moves to the end, and what leads nowhere."""
    _, last = _ends(document)
    ways = list(edges(document))
    leading = {source for source, _, _ in ways}
    ends = {
        last[stage["key"]]
        for _, stage in each(document["stages"], "")
        if stage["final"] and stage["key"] in last
    }
    ends |= {source for source, target, _ in ways if target == ENDED}
    return ends | {key for key in last.values() if key not in leading}


def _ends(document: Part) -> tuple[dict[str, str], dict[str, str]]:
    first: dict[str, str] = {}
    last: dict[str, str] = {}
    for _, stage, part in positions(document):
        key = (part or stage)["key"]
        if key is None or stage["key"] is None:
            continue
        first.setdefault(stage["key"], key)
        last[stage["key"]] = key
        if part is not None:
            first.setdefault(key, key)
            last.setdefault(key, key)
    return first, last


def check_moves(document: Part, log: Log) -> None:
    """Note moves that lead nowhere, and stages that nothing reaches or that never end."""
    first, last = _ends(document)
    seen: dict[tuple[str, str, bool], str] = {}
    for path, move in each(document["moves"], "moves"):
        for side, ends in (("from", last), ("to", first)):
            name = move[side]
            if name is not None and name not in ends and (side, name) != ("to", ENDED):
                log.unknown(f"{path}.{side}", "stage", name, (*ends, *_ENDS[side]))
        if move["new_deal"] and move["to"] == ENDED:
            log.add(f"{path}.to", "a new deal begins in a stage", "name the stage", "conflict")
        source, target, new_deal = last.get(move["from"]), _target(move, first), move["new_deal"]
        if source is None or target is None:
            continue
        if source == target and not new_deal:
            hint = "leave it out, or mark it new_deal = true"
            log.add(path, f'"{move["from"]}" leads to itself', hint, "conflict")
        elif (source, target, new_deal) in seen:
            same = seen[source, target, new_deal]
            log.add(path, f"the same move as {same}", "leave it out", "duplicate")
        seen.setdefault((source, target, new_deal), path)
    _check_paths(document, log)


def _check_paths(document: Part, log: Log) -> None:
    places = {
        (part or stage)["key"]: path
        for path, stage, part in positions(document)
        if (part or stage)["key"] is not None
    }
    if not places:
        return
    graph: dict[str, list[str]] = {key: [] for key in places}
    for source, target, _ in edges(document):
        if source in graph and target in graph:
            graph[source].append(target)
    start = next(iter(places))
    reached = reachable(graph, [start])
    ending = reachable(reversed_graph(graph), final_positions(document))
    for key, path in places.items():
        if key not in reached:
            log.add(path, f'no move leads to "{key}"', "add one, or leave it out", "unreachable")
        elif key not in ending:
            log.add(
                path,
                f'from "{key}" no move leads to an end',
                'mark a stage with final = true, or add a move to "ended"',
                "endless",
            )
