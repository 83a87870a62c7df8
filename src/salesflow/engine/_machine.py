"""The only place that knows `transitions`: the graph of a playbook as a state machine.

One machine serves every deal of a playbook. It is read-only after it is built, it decorates
nothing, and it never judges: the gates were evaluated before it is asked to move a cursor.
It is not queued: a queued machine keeps one queue for all its models, so that two threads which
trigger at once would answer each other.
"""

from __future__ import annotations

from collections.abc import Iterable

from transitions import Machine, MachineError


class _Cursor:
    """What the machine moves: a place, and nothing else."""

    __slots__ = ("stage",)

    def __init__(self, stage: str) -> None:
        self.stage = stage


class StageMachine:
    """Which position may follow which.

    Args:
        positions: Every position, the first one first.
        moves: Pairs of source and target.
    """

    __slots__ = ("_answers", "_machine")

    def __init__(self, positions: Iterable[str], moves: Iterable[tuple[str, str]]) -> None:
        states = list(positions)
        self._answers: dict[tuple[str, str], str] = {}
        self._machine = Machine(
            model=None,
            states=states,
            initial=states[0],
            # One trigger per target: a trigger shared by all would take the first way it finds.
            transitions=[
                {"trigger": f"to_{target}", "source": source, "dest": target}
                for source, target in moves
            ],
            auto_transitions=False,
            model_attribute="stage",
        )

    def move(self, source: str, target: str) -> str:
        """Where a deal stands after the move: at `target`, or still at `source`.

        It stays where it is when the graph has no such move. A graph without conditions answers
        the same every time, so it is asked once for each pair.
        """
        answer = self._answers.get((source, target))
        if answer is None:
            answer = self._answers[source, target] = self._moved(source, target)
        return answer

    def _moved(self, source: str, target: str) -> str:
        event = self._machine.events.get(f"to_{target}")
        if event is None:
            return source
        cursor = _Cursor(source)
        try:
            event.trigger(cursor)
        except MachineError:  # moves lead to the target, but none from this source
            return source
        return cursor.stage
