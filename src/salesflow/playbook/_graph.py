"""Pure algorithms on a directed graph, given as `node -> the nodes it leads to`."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

N = TypeVar("N", bound=Hashable)


def reachable(graph: Mapping[N, Iterable[N]], starts: Iterable[N]) -> set[N]:
    """Every node on some path from a start, the starts included.

    Example:
        >>> sorted(reachable({"a": ["b"], "b": ["a"], "c": ["a"]}, ["a"]))
        ['a', 'b']
    """
    found = set(starts)
    todo = list(found)
    while todo:
        for target in graph.get(todo.pop(), ()):
            if target not in found:
                found.add(target)
                todo.append(target)
    return found


def reversed_graph(graph: Mapping[N, Iterable[N]]) -> dict[N, list[N]]:
    """The same edges the other way round.

    Example:
        >>> reversed_graph({"a": ["b"], "b": []})
        {'a': [], 'b': ['a']}
    """
    back: dict[N, list[N]] = {node: [] for node in graph}
    for source, targets in graph.items():
        for target in targets:
            back.setdefault(target, []).append(source)
    return back


def dominators(graph: Mapping[N, Sequence[N]], start: N) -> dict[N, tuple[N, ...]]:
    """For each reachable node, the others that every path from `start` to it goes through.

    In the order in which a path meets them.

    Example:
        >>> dominators({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []}, "a")["d"]
        ('a',)
    """
    chains: dict[N, tuple[N, ...]] = {}
    for node, before in nearest_dominators(graph, start).items():
        chains[node] = () if node == start else (*chains[before], before)
    return chains


def nearest_dominators(graph: Mapping[N, Sequence[N]], start: N) -> dict[N, N]:
    """For each reachable node, the last other one that every path from `start` to it goes through.

    Each stands after its own nearest one; `start` has itself.

    Example:
        >>> nearest_dominators({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []}, "a")["d"]
        'a'
    """
    order = _finished_last_first(graph, start)
    rank = {node: i for i, node in enumerate(order)}
    back = reversed_graph({node: graph.get(node, ()) for node in order})
    # Cooper, Harvey and Kennedy: fold the predecessors' nearest dominators until nothing moves.
    nearest: dict[N, N] = {start: start}
    changed = True
    while changed:
        changed = False
        for node in order[1:]:
            known = [source for source in back[node] if source in nearest]
            found = known[0]
            for source in known[1:]:
                one, other = source, found
                while one != other:
                    while rank[one] > rank[other]:
                        one = nearest[one]
                    while rank[other] > rank[one]:
                        other = nearest[other]
                found = one
            if nearest.get(node) != found:
                nearest[node] = found
                changed = True
    return {node: nearest[node] for node in order}


def dominance(graph: Mapping[N, Sequence[N]], start: N) -> dict[N, range]:
    """For each reachable node its number, and after it those of the nodes that lie behind it.

    Every path from `start` to a node goes through another one where the range of that other one
    has the node's number, which is the first of its own range.

    Example:
        >>> numbers = dominance({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []}, "a")
        >>> [numbers["d"].start in numbers[node] for node in "abcd"]
        [True, False, False, True]
    """
    nearest = nearest_dominators(graph, start)
    size = dict.fromkeys(nearest, 1)
    for node in reversed(nearest):
        if node != start:
            size[nearest[node]] += size[node]
    found: dict[N, range] = {}
    free = {start: 0}
    for node, before in nearest.items():
        first = free[before]
        found[node] = range(first, first + size[node])
        free[before] += size[node]
        free[node] = first + 1
    return found


def _finished_last_first(
    graph: Mapping[N, Sequence[N]], start: N, seen: set[N] | None = None
) -> list[N]:
    """The nodes of a search in depth, the last that is done with first; not those seen before."""
    seen = set() if seen is None else seen
    seen.add(start)
    finished: list[N] = []
    todo = [(start, iter(graph.get(start, ())))]
    while todo:
        node, targets = todo[-1]
        for target in targets:
            if target not in seen:
                seen.add(target)
                todo.append((target, iter(graph.get(target, ()))))
                break
        else:
            todo.pop()
            finished.append(node)
    finished.reverse()
    return finished


def components(graph: Mapping[N, Sequence[N]]) -> list[set[N]]:
    """The nodes in groups, each of which can be gone round: from any of its nodes to any other.

    Example:
        >>> [sorted(part) for part in components({"a": ["b"], "b": ["a", "c"], "c": []})]
        [['c'], ['a', 'b']]
    """
    order: list[N] = []
    seen: set[N] = set()
    for node in graph:
        if node not in seen:
            order += reversed(_finished_last_first(graph, node, seen))
    back = reversed_graph(graph)
    seen.clear()
    found = [_finished_last_first(back, node, seen) for node in reversed(order) if node not in seen]
    return [set(part) for part in reversed(found)]


def shortest(graph: Mapping[N, Iterable[N]], starts: Iterable[N], end: N) -> tuple[N, ...]:
    """The nodes of a shortest path from one of the starts to the end; empty where there is none.

    Example:
        >>> shortest({"a": ["b", "c"], "b": ["c"], "c": []}, ["a"], "c")
        ('a', 'c')
    """
    before: dict[N, N | None] = dict.fromkeys(starts)
    todo = list(before)
    for node in todo:
        if node == end:
            trail: list[N] = []
            at: N | None = node
            while at is not None:
                trail.append(at)
                at = before[at]
            return tuple(reversed(trail))
        for target in graph.get(node, ()):
            if target not in before:
                before[target] = node
                todo.append(target)
    return ()


def cycle(graph: Mapping[N, Iterable[N]]) -> tuple[N, ...]:
    """The nodes of some circle, in order; empty where there is none.

    Example:
        >>> cycle({"a": ["b"], "b": ["c"], "c": ["b"]}), cycle({"a": ["b"], "b": []})
        (('b', 'c'), ())
    """
    done: set[N] = set()
    for start in graph:
        if start in done:
            continue
        trail: dict[N, None] = {start: None}
        todo = [(start, iter(graph.get(start, ())))]
        while todo:
            node, targets = todo[-1]
            for target in targets:
                if target in trail:
                    nodes = list(trail)
                    return tuple(nodes[nodes.index(target) :])
                if target not in done:
                    trail[target] = None
                    todo.append((target, iter(graph.get(target, ()))))
                    break
            else:
                todo.pop()
                del trail[node]
                done.add(node)
    return ()
