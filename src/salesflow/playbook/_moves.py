"""The graph of a playbook: a line by default, or the moves it lists."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from salesflow.playbook._graph import reachable, reversed_graph
from salesflow.playbook._parts import Part, each, positions
from salesflow.playbook._shape import Log

__all__ = ["check_moves", "edges", "final_positions"]


def edges(document: Part) -> Iterator[tuple[str, str, Part | None]]:
    """Every move as source and target position, with its entry in the file if it has one.

    A stage stands for its last sub-stage where a move starts, for its first where it ends.
    Within a stage, sub-stages follow one another.
    """
    places = [(stage, part or stage) for _, stage, part in positions(document)]
    for (stage, place), (next_stage, next_place) in pairwise(places):
        if stage is next_stage or not document["moves"]:
            yield place["key"], next_place["key"], None
    first, last = _ends(document)
    for _, move in each(document["moves"], "moves"):
        source, target = last.get(move["from"]), first.get(move["to"])
        if source is not None and target is not None:
            yield source, target, move


def final_positions(document: Part) -> set[str]:
    """Positions where a deal may end: of the stages marked so, and those that lead nowhere."""
    _, last = _ends(document)
    leading = {source for source, _, _ in edges(document)}
    ends = {
        last[stage["key"]]
        for _, stage in each(document["stages"], "")
        if stage["final"] and stage["key"] in last
    }
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
    seen: dict[tuple[str, str], str] = {}
    for path, move in each(document["moves"], "moves"):
        for side, ends in (("from", last), ("to", first)):
            name = move[side]
            if name is not None and name not in ends:
                log.unknown(f"{path}.{side}", "stage", name, ends)
        pair = last.get(move["from"]), first.get(move["to"])
        if pair[0] is None or pair[1] is None:
            continue
        if pair[0] == pair[1]:
            log.add(path, f'"{move["from"]}" leads to itself', "leave it out", "conflict")
        elif pair in seen:
            log.add(path, f"the same move as {seen[pair]}", "leave it out", "duplicate")
        seen.setdefault((pair[0], pair[1]), path)
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
                "mark a stage with final = true",
                "endless",
            )
