"""`check_history` agrees with a plain loop over the events, whatever the log and the process."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pandas as pd
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from salesflow import Playbook
from salesflow.pipeline import HistoryReport, check_history
from tests.frame_engines import values_of

NAMES = ("alpha", "beta", "gamma", "delta", "omega")
CLOSED = ("won", "lost", "disqualified", "ended", "retracted")
DAY = date(2026, 1, 1)

Event = tuple[str, str, date]
Row = tuple[str, str, str | None, str | None, date, float | None]


@dataclass(frozen=True)
class Process:
    stages: tuple[str, ...]
    moves: tuple[tuple[str, str], ...] | None  # None: a line
    final: frozenset[str]
    wins: str | None
    days: tuple[int | None, ...]
    policy: frozenset[str]

    def toml(self) -> str:
        text = 'id = "p"\nversion = "1"\ntitle = "P"\nlanguages = ["en"]\n[policy]\n'
        text += "".join(f'{name} = "on"\n' for name in sorted(self.policy))
        for stage, days in zip(self.stages, self.days, strict=True):
            text += f'[[stages]]\nkey = "{stage}"\ntitle = "{stage}"\n'
            text += "wins = true\n" if stage == self.wins else ""
            text += "final = true\n" if stage in self.final else ""
            text += f"max_days = {days}\n" if days else ""
        for source, target in self.moves or ():
            text += f'[[moves]]\nfrom = "{source}"\nto = "{target}"\n'
        return text

    @property
    def ways(self) -> set[tuple[str, str]]:
        return set(pairwise(self.stages)) if self.moves is None else set(self.moves)

    @property
    def ending(self) -> set[str]:
        return set(self.final) | {s for s in self.stages if s not in {a for a, _ in self.ways}}

    def path(self, source: str, goals: set[str]) -> bool:
        reached, todo = set[str](), deque([source])
        while todo:
            here = todo.popleft()
            for a, b in self.ways:
                if a == here and b not in reached:
                    reached.add(b)
                    todo.append(b)
        return bool(reached & goals)


@st.composite
def processes(draw: st.DrawFn) -> Process:
    stages = NAMES[: draw(st.integers(2, 5))]
    shape = draw(st.sampled_from(["line", "back", "any order"]))
    moves: tuple[tuple[str, str], ...] | None = None
    final = frozenset[str]()
    if shape == "back":
        back = [(b, a) for i, a in enumerate(stages) for b in stages[i + 1 :]]
        moves = (*pairwise(stages), *draw(st.lists(st.sampled_from(back), unique=True)))
        final = frozenset({stages[-1]})
    elif shape == "any order":
        ends = stages[1:]
        moves = tuple((stages[0], end) for end in ends)
        moves += tuple((a, b) for a in ends for b in ends if a != b)
        final = frozenset(ends)
    wins = draw(st.sampled_from([None, *(stages if shape == "line" else stages[-1:])]))
    limits = st.one_of(st.none(), st.integers(1, 4))
    return Process(
        stages,
        moves,
        final,
        wins,
        tuple(draw(limits) for _ in stages),
        draw(st.frozensets(st.sampled_from(["skip", "back", "reopen", "retract", "start_later"]))),
    )


@st.composite
def logs(draw: st.DrawFn, process: Process) -> list[Event]:
    labels = st.sampled_from([*process.stages * 3, *CLOSED, "coffee"])
    days = st.integers(0, 8).map(lambda day: DAY + timedelta(days=day))
    events = draw(st.lists(st.tuples(st.sampled_from("xy"), labels, days), max_size=10))
    walks = [event for case in "vw" for event in draw(walk(process, case))]
    return draw(st.permutations([*walks, *events]))


@st.composite
def walk(draw: st.DrawFn, process: Process, case: str) -> list[Event]:
    """A course that mostly goes the ways of the process, so that it gets far."""
    label, day = process.stages[0], DAY
    events: list[Event] = []
    for _ in range(draw(st.integers(1, 9))):
        events.append((case, label, day))
        ways = [b for a, b in sorted(process.ways) if a == label]
        ways += ["won"] if label == process.wins else []
        ways += [b for a, b in sorted(process.ways) if label == "won" and a == process.wins]
        anywhere = draw(st.integers(0, 3)) == 0 or not ways
        label = draw(st.sampled_from([*process.stages, *CLOSED] if anywhere else ways))
        day += timedelta(days=draw(st.integers(0, 3)))
    return events


@dataclass
class Oracle:
    process: Process
    as_of: date | None

    def __post_init__(self) -> None:
        self.rows: list[Row] = []
        self.fitness: dict[str, float | None] = {}
        self.edges: Counter[tuple[str, str, bool]] = Counter()

    def tell(self, events: list[Event]) -> None:
        for case in sorted({case for case, _, _ in events}):
            self._case(case, [(label, day) for name, label, day in events if name == case])

    def _case(self, case: str, events: list[tuple[str, date]]) -> None:
        rank = [*self.process.stages, *CLOSED]
        known = [event for event in events if event[0] in rank]
        self.rows += [
            (case, "unknown_label", None, label, day, None)
            for label, day in events
            if label not in rank
        ]
        course: list[tuple[str, date]] = []
        last: list[date | None] = []  # when the event directly before each was, a repetition too
        latest: date | None = None
        # An outcome is taken back before the deal is somewhere again.
        first = [rank.pop(), *rank]
        for label, day in sorted(known, key=lambda event: (event[1], first.index(event[0]))):
            if not course or course[-1][0] != label:
                course.append((label, day))
                last.append(latest)
            latest = day
        moves = allowed = 0
        seen: set[str] = set()
        for number, (label, day) in enumerate(course):
            before = course[number - 1] if number else None
            kind, fine = self._judge(before[0] if before else None, label, seen)
            if before:
                moves, allowed = moves + 1, allowed + fine
                self.edges[before[0], label, fine] += 1
                if last[number] == day:
                    self.rows.append((case, "tied", before[0], label, day, None))
            if kind:
                self.rows.append((case, kind, before[0] if before else None, label, day, None))
            self._stay(case, course, number)
            seen.add(label)
        self.fitness[case] = allowed / moves if moves else None

    def _stay(self, case: str, course: list[tuple[str, date]], number: int) -> None:
        label, day = course[number]
        if label in CLOSED:
            return
        after = course[number + 1] if number + 1 < len(course) else None
        until = after[1] if after else self.as_of
        limit = self.process.days[self.process.stages.index(label)]
        if limit and until and (until - day).days > limit:
            target = after[0] if after else None
            self.rows.append((case, "too_long", label, target, day, float((until - day).days)))

    def _judge(self, a: str | None, b: str, seen: set[str]) -> tuple[str | None, bool]:
        p = self.process
        winning = {p.wins} if p.wins else p.ending
        if a is None:
            fine = b == p.stages[0] or ("start_later" in p.policy and b in p.stages)
            return (None, True) if fine else ("without_predecessor", False)
        if b == "retracted":
            return (None, True) if "retract" in p.policy else ("after_end", False)
        if a in CLOSED:
            if b in CLOSED:
                fine = b != "ended" if a == "retracted" else b == "ended"
                return (None, True) if fine else ("after_end", False)
            return self._taken_up(a, b, seen, {*winning} - {None})
        if b in {"lost", "disqualified"}:
            return ("after_end", False) if self._is_won(a) else (None, True)
        if b in {"won", "ended"}:
            goals = winning if b == "won" else p.ending
            if a in goals or (b == "won" and self._is_won(a)):
                return None, True
            return ("skipped" if p.path(a, {*goals} - {None}) else "without_predecessor"), False
        return self._between(a, b, seen)

    def _taken_up(
        self, a: str, b: str, seen: set[str], winning: set[str]
    ) -> tuple[str | None, bool]:
        """From an end, or from an outcome that was taken back, to a stage."""
        p = self.process
        ways = {"retract"} - ({"retract"} if self._is_won(b) else set())
        if a != "retracted" and (a != "won" or winning & p.ending):
            ways.add("reopen")
        if a == "won":
            ways.add("back")
        if a == "retracted" and b in seen and ways:
            return None, True
        if (b in seen and ways & p.policy) or (a == "won" and {(w, b) for w in winning} & p.ways):
            return None, True
        last = max(p.stages.index(stage) for stage in winning)
        if a == "won" and "skip" in p.policy and p.stages.index(b) > last:
            return None, True
        return ("skipped" if a == "won" and self._is_won(b) else "after_end"), False

    def _between(self, a: str, b: str, seen: set[str]) -> tuple[str | None, bool]:
        p = self.process
        if (a, b) in p.ways:
            circle = p.path(b, {b}) or p.policy & {"back", "reopen", "retract"}
            return ("loop" if b in seen and not circle else None), True
        if p.stages.index(a) < p.stages.index(b):
            if "skip" in p.policy:
                return None, True
            return ("skipped" if p.path(a, {b}) else "without_predecessor"), False
        return (None, True) if "back" in p.policy and b in seen else ("moved_back", False)

    def _is_won(self, stage: str) -> bool:
        """Beyond the stage that wins; where the process is no line, that is the last one."""
        p = self.process
        return p.wins is not None and p.stages.index(stage) > p.stages.index(p.wins)


ENGINES: dict[str, Any] = {
    "polars": lambda frame: frame,
    "polars lazy": lambda frame: frame.lazy(),
    "pandas": lambda frame: pd.DataFrame(frame.to_dict(as_series=False)).astype(
        {"at": "datetime64[ns]"}
    ),
    "pyarrow": lambda frame: frame.to_arrow(),
}


def day_of(value: Any) -> date:
    return value.date() if hasattr(value, "date") else value  # type: ignore[no-any-return]


@given(engine=st.sampled_from(sorted(ENGINES)), data=st.data())
def test_the_report_says_what_a_plain_loop_says(engine: str, data: st.DataObject) -> None:
    process = data.draw(processes())
    events = data.draw(logs(process))
    as_of = data.draw(st.one_of(st.none(), st.just(DAY + timedelta(days=10))))
    oracle = Oracle(process, as_of)
    # What lies after the day is not looked at.
    oracle.tell([event for event in events if as_of is None or event[2] <= as_of])
    frame = pl.DataFrame(
        events, schema={"who": pl.String, "what": pl.String, "at": pl.Date}, orient="row"
    )

    report: HistoryReport[Any] = check_history(
        ENGINES[engine](frame),
        Playbook.from_toml(process.toml()),
        case="who",
        stage="what",
        at="at",
        as_of=as_of,
    )

    found = Counter(
        (row["who"], row["kind"], row["from"], row["to"], day_of(row["at"]), row["days"])
        for row in values_of(report.deviations)
    )
    assert found == Counter(oracle.rows)
    kinds = Counter(row[1] for row in oracle.rows)
    assert {kind: count for kind, count in report.counts.items() if count} == kinds
    assert {row["who"]: row["fitness"] for row in values_of(report.cases)} == oracle.fitness
    assert {
        (row["from"], row["to"], bool(row["allowed"])): row["count"]
        for row in values_of(report.edges)
    } == oracle.edges
    deviating = Counter(row[0] for row in oracle.rows)
    assert {row["who"]: row["deviations"] for row in values_of(report.cases)} == {
        case: deviating[case] for case in oracle.fitness
    }
    assert report.conforming == sum(not deviating[case] for case in oracle.fitness)
    assert report.moves == oracle.edges.total()
