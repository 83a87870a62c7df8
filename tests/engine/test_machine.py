"""The seam to `transitions`: one shared machine, no decoration, no exception that escapes."""

from __future__ import annotations

import threading
from itertools import product
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from salesflow.engine._machine import StageMachine

# Some read like what the library calls its own triggers.
NAMES: Final = ("a", "b", "c", "stage_a", "to_b", "to_stage_c")
names = st.sampled_from(NAMES)


class TableMachine:
    """The oracle: the same promises kept by a set of pairs."""

    def __init__(self, moves: set[tuple[str, str]]) -> None:
        self.moves = moves

    def move(self, source: str, target: str) -> str:
        return target if (source, target) in self.moves else source


@given(st.sets(st.tuples(names, names)))
def test_the_machine_agrees_with_a_table(moves: set[tuple[str, str]]) -> None:
    machine = StageMachine(NAMES, sorted(moves))
    oracle = TableMachine(moves)
    pairs = list(product(NAMES, NAMES))
    for source, target in (*pairs, *pairs):  # what was asked before is answered the same
        assert machine.move(source, target) == oracle.move(source, target)


def test_threads_that_share_a_machine_never_disturb_each_other() -> None:
    machine = StageMachine("abc", [("a", "b"), ("b", "c"), ("c", "a")])
    after = {"a": "b", "b": "c", "c": "a"}
    wrong: list[str] = []

    def run(start: str) -> None:
        place = start
        for _ in range(500):
            moved = machine.move(place, after[place])
            if moved != after[place]:
                wrong.append(moved)
            place = moved

    threads = [threading.Thread(target=run, args=(start,)) for start in "abcabc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
