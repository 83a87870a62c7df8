"""The graph of a playbook: a line by default, or the moves it lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice, pairwise
from typing import Final

from salesflow.playbook._graph import nearest_dominators, reachable, reversed_graph
from salesflow.playbook._model_policy import PERMIT
from salesflow.playbook._parts import ENDED, RawTable, exits, named, positions
from salesflow.playbook._problem_log import ProblemLog
from salesflow.rules import Rule
from salesflow.rules.ast import Flag, Node, Not, Or

_OF_MOVES: Final = ("from", "to", "new_deal", "back")


def is_line(document: RawTable) -> bool:
    """Whether the stages simply follow one another.

    Moves that only say where deals end or where new ones begin leave the line as it is.
    """
    return all(move["new_deal"] or move["to"] == ENDED for move in document.tables("moves"))


def edges(document: RawTable) -> Iterator[tuple[str, str, RawTable | None]]:
    """Every move as source and target, with its entry in the file if it has one.

    A stage stands for its last sub-stage where a move starts, for its first where it ends.
    Within a stage, sub-stages follow one another. A target may be ENDED. Loops, which open new
    deals, are left out.
    """
    listed: dict[tuple[str, str], RawTable] = {}
    for source, target, move in _listed(document):
        if not move["new_deal"]:
            listed.setdefault((source, target), move)
    line = is_line(document)
    for (stage, place), (next_stage, next_place) in pairwise(positions(document)):
        if stage is next_stage or line:
            pair = str(place["key"]), str(next_place["key"])
            yield *pair, listed.pop(pair, None)
    for pair, move in listed.items():
        yield *pair, move


def loops(document: RawTable) -> Iterator[tuple[str, str, RawTable]]:
    """The moves that open a new deal, as source and target position with the entry."""
    return (found for found in _listed(document) if found[2]["new_deal"])


def _listed(document: RawTable) -> Iterator[tuple[str, str, RawTable]]:
    first, last = _ends(document)
    for move in document.tables("moves"):
        source, target = last.get(str(move["from"])), first.get(str(move["to"]))
        if source is not None and target is not None:
            yield source, target, move


def gates(document: RawTable) -> Iterator[tuple[str, str, list[RawTable]]]:
    """What every way asks for, as source, target, and criteria and moves with rules of their own.

    The way into the process has no source, and one out of it has the target ENDED.
    """
    entry, leaving = asked_at(document)
    back = ways_back(document)
    for source, target, move in edges(document):
        own = [] if move is None else [move, *move.tables("criteria")]
        if (source, target) not in back:
            own = [*leaving.get(source, ()), *own, *entry.get(target, ())]
        yield source, target, own
    for key in final_positions(document):
        yield key, ENDED, leaving.get(key, [])
    for key in islice(entry, 1):
        yield "", key, entry[key]


def asked_at(document: RawTable) -> tuple[dict[str, list[RawTable]], dict[str, list[RawTable]]]:
    """The criteria of entering and of leaving each position, those of its stage among them."""
    entry: dict[str, list[RawTable]] = {}
    leaving: dict[str, list[RawTable]] = {}
    for stage, place in positions(document):
        parts = stage.tables("sub_stages")
        key = str(place["key"])
        outer = () if place is stage else stage.tables("entry") if place is parts[0] else ()
        entry[key] = [*outer, *place.tables("entry")]
        outer = () if place is stage or place is not parts[-1] else exits(stage)
        leaving[key] = [*exits(place), *outer]
    return entry, leaving


def asks(table: RawTable) -> Node | None:
    """What a criterion asks for where it applies, or the rule of a move; None where nobody can say.

    A person's word is asked for only where it says when it may be given: a judgement, a decision.
    """
    rule, when = table.rule("rule"), table.get("when")
    asked = None if rule is None else rule.node
    if asked is None and is_judged(table):
        asked = Flag(f"done.{table.key}")
    return Or((Not(when.node), asked)) if asked and isinstance(when, Rule) else asked


def is_judged(table: RawTable) -> bool:
    """Whether a criterion holds by what is said of it while a deal, or its track, is there."""
    return bool(table.get("judgement") or table.get("decision"))


def permits(document: RawTable, what: str) -> bool:
    """Whether the policy lets anybody do this."""
    policy = document.table("policy")
    value = None if policy is None else policy.get(what)
    return value is not None and PERMIT.value(value).allowed


def ways_back(document: RawTable) -> frozenset[tuple[str, str]]:
    """The moves that lead back, as source and target, of a document without errors.

    A move leads back where it says so; or else where nothing gets to its source but through its
    target, while the source has another way, which goes on. A stage that has nothing but ways
    back, such as one for rework, goes on by them.
    """
    ways = list(edges(document))
    listed = [way for way in ways if way[2] is not None and way[1] != ENDED]
    if not listed:
        return frozenset()
    keys = [str(place["key"]) for _, place in positions(document)]
    graph: dict[str, list[str]] = {key: [] for key in keys}
    for source, target, _ in ways:
        if target != ENDED:
            graph[source].append(target)
    nearest = nearest_dominators(graph, keys[0])
    said = {(source, target): move["back"] for source, target, move in listed if move}
    behind = {pair for pair in said if said[pair] is None and _passed(nearest, *pair)}
    back = {pair for pair in said if said[pair] is True}
    going_on = {source for source, target, _ in ways if (source, target) not in behind | back}
    _, last = _ends(document)
    marked = (str(stage["key"]) for stage in document.tables("stages") if stage["final"])
    going_on.update(last[key] for key in marked)
    return frozenset(back | {pair for pair in behind if pair[0] in going_on})


def _passed(nearest: Mapping[str, str], source: str, target: str) -> bool:
    """Whether every way to the source goes through the target."""
    node = source
    while node != target and node in nearest and nearest[node] != node:
        node = nearest[node]
    return node == target


def final_positions(document: RawTable) -> set[str]:
    """Where a deal may end: stages marked so, moves to the end, and what leads nowhere."""
    _, last = _ends(document)
    ways = list(edges(document))
    leading = {source for source, _, _ in ways}
    marked = (str(stage["key"]) for stage in document.tables("stages") if stage["final"])
    ends = {last[key] for key in marked if key in last}
    ends |= {source for source, target, _ in ways if target == ENDED}
    return ends | {key for key in last.values() if key not in leading}


def _ends(document: RawTable) -> tuple[dict[str, str], dict[str, str]]:
    """The first and the last position of each stage and sub-stage; a move may end in ENDED too."""
    first: dict[str, str] = {}
    last: dict[str, str] = {}
    for stage, place in positions(document):
        outer, key = stage.name("key"), place.name("key")
        if outer is None or key is None:
            continue
        first.setdefault(outer, key)
        last[outer] = key
        if place is not stage:
            first.setdefault(key, key)
            last.setdefault(key, key)
    first.setdefault(ENDED, ENDED)
    return first, last


def check_moves(document: RawTable, log: ProblemLog) -> None:
    """Note moves that make no sense, and stages that nothing reaches or that never end."""
    for move in document.tables("moves"):
        if move["new_deal"] and move["to"] == ENDED:
            log.add(move.at("to"), "a new deal begins in a stage", "name the stage", "conflict")
        if move["back"] is not None and (move["new_deal"] or move["to"] == ENDED):
            what = "a new deal" if move["new_deal"] else "the end"
            log.add(
                move.at("back"), f"the way to {what} is no way back", "leave it out", "conflict"
            )
    if log.may_hide("stage") or any(
        log.told(move.at(key)) for move in document.tables("moves") for key in _OF_MOVES
    ):
        return  # nobody knows how deals go
    seen: dict[tuple[str, str, object], str] = {}
    has_loops = False
    for source, target, move in _listed(document):
        way = (source, target, move["new_deal"])
        if source == target and not move["new_deal"]:
            hint = "leave it out, or mark it new_deal = true"
            log.add(move.path, f'"{move["from"]}" leads to itself', hint, "conflict")
            has_loops = True
        elif way in seen:
            log.add(move.path, f"the same move as {seen[way]}", "leave it out", "duplicate")
        seen.setdefault(way, move.path)
    _check_asked(document, log)
    if not has_loops:  # else nobody knows where they were meant to lead
        _check_paths(document, log)


def _check_asked(document: RawTable, log: ProblemLog) -> None:
    """Note criteria of stages that are left, or entered, by ways that say they lead back only."""
    asked: dict[str, list[bool]] = {}
    for source, target, move in edges(document):
        asks = move is None or move["back"] is not True
        asked.setdefault(f"exit {source}", []).append(asks)
        asked.setdefault(f"entry {target}", []).append(asks)
    jumps = any(permits(document, what) for what in ("skip", "start_later"))
    _, last = _ends(document)
    final = {last.get(str(stage["key"])) for stage in document.tables("stages") if stage["final"]}
    for number, (stage, place) in enumerate(positions(document)):
        parts = stage.tables("sub_stages") or (stage,)
        outer = [stage] if place is not stage else []
        gates = {
            "exit": [place, *(outer if place is parts[-1] else [])],
            "entry": [place, *(outer if place is parts[0] else [])],
        }
        if place["key"] in final:
            del gates["exit"]
        if not number or jumps:
            del gates["entry"]
        for gate, tables in gates.items():
            ways = asked.get(f"{gate} {place['key']}")
            if ways and not any(ways):
                for table in tables:
                    if exits(table) if gate == "exit" else table.tables(gate):
                        message = "no way asks for this: every way here says that it leads back"
                        hint = "leave back out of one of the moves"
                        log.add(table.at(gate), message, hint, "unasked")


def _check_paths(document: RawTable, log: ProblemLog) -> None:
    listed = named(place for _, place in positions(document))
    paths = {key: place.path for key, place in listed.items()}
    if not paths:
        return
    graph: dict[str, list[str]] = {key: [] for key in paths}
    for source, target, _ in edges(document):
        if source in graph and target in graph:
            graph[source].append(target)
    reached = reachable(graph, [next(iter(paths))])
    ending = reachable(reversed_graph(graph), final_positions(document))
    for key, path in paths.items():
        if key not in reached:
            log.add(path, f'no move leads to "{key}"', "add one, or leave it out", "unreachable")
        elif key not in ending:
            message = f'from "{key}" no move leads to an end'
            hint = 'mark a stage with final = true, or add a move to "ended"'
            log.add(path, message, hint, "endless")
