"""Graph algorithms against the definitions, spelt out naively."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from salesflow.playbook._graph import cycle, dominators, reachable, reversed_graph

NODES = range(7)
GRAPHS = st.fixed_dictionaries(
    {node: st.lists(st.sampled_from(NODES), max_size=4) for node in NODES}
)
Graph = dict[int, list[int]]


def there(graph: Graph, start: int, without: int | None = None) -> set[int]:
    """What can be reached, by growing until nothing grows."""
    found = set[int]() if start == without else {start}
    while True:
        more = {target for node in found for target in graph[node] if target != without}
        if more <= found:
            return found
        found |= more


@given(GRAPHS)
def test_reachable_is_what_growing_reaches(graph: Graph) -> None:
    assert reachable(graph, [0]) == there(graph, 0)
    assert reachable(graph, [0, 3]) == there(graph, 0) | there(graph, 3)
    assert reachable(graph, []) == set()


@given(GRAPHS)
def test_a_dominator_is_a_node_without_which_there_is_no_way(graph: Graph) -> None:
    found = dominators(graph, 0)
    assert set(found) == there(graph, 0)
    for node, before in found.items():
        assert set(before) == {
            other
            for other in there(graph, 0)
            if other != node and (other == 0 or node not in there(graph, 0, without=other))
        }
        assert len(set(before)) == len(before)
        # In the order in which a path meets them: each has those before it as its own.
        for i, other in enumerate(before):
            assert found[other] == before[:i]


@given(GRAPHS)
def test_a_circle_is_found_where_a_node_leads_back_to_itself(graph: Graph) -> None:
    circle = cycle(graph)
    exists = any(node in there(graph, target) for node in NODES for target in graph[node])
    assert bool(circle) == exists
    for node, following in zip(circle, circle[1:] + circle[:1], strict=True):
        assert following in graph[node]


@given(GRAPHS)
def test_reversing_twice_changes_nothing(graph: Graph) -> None:
    again = reversed_graph(reversed_graph(graph))
    assert {node: sorted(targets) for node, targets in again.items()} == {
        node: sorted(targets) for node, targets in graph.items()
    }


def test_a_long_line_needs_no_deep_recursion() -> None:
    line = {node: [node + 1] for node in range(3_000)}
    assert len(dominators(line, 0)[3_000]) == 3_000
    assert cycle(line) == ()
    assert cycle({**line, 3_000: [0]})[0] == 0
