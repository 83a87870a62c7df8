"""From the path of a problem to the line and the column of the file."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import accumulate
from typing import Final

from salesflow._unseen import shown
from salesflow.errors import Problem
from salesflow.playbook._parts import NAMING, STEP, step
from salesflow.playbook._read import FileFormat
from salesflow.playbook._scan import Scan, Span, Statement, decoded, tree

# Here it is the key that should not be there; elsewhere the value is wrong.
_OF_KEYS: Final = frozenset({"unknown_key", "language"})


class Source:
    """A text, in which places are looked for by the paths of problems; it is read when asked."""

    def __init__(self, text: str, format: FileFormat) -> None:  # noqa: A002 - the public name
        text = text.removeprefix("\ufeff")
        # As `tomllib` does; lines and columns stay the same.
        self.text = text.replace("\r\n", "\n") if format == "toml" else text
        self._format = format

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """What a text of TOML says, line by line."""
        return tuple(Scan(self.text).statements())

    @cached_property
    def twice(self) -> Mapping[str, int]:
        """Keys of JSON that are given a second time in one object, each with the second place."""
        scan = Scan(self.text)
        scan.json()
        return scan.twice

    def located(self, problems: Iterable[Problem]) -> tuple[Problem, ...]:
        """The problems with their lines and columns; those that have theirs stay as they are.

        The column that a problem has without a line is the one inside the value, as of a rule.
        """
        return tuple(map(self._located, problems))

    @cached_property
    def _root(self) -> Span:
        return tree(self.statements) if self._format == "toml" else Scan(self.text).json()

    @cached_property
    def _lines(self) -> list[int]:
        return [0, *accumulate(len(line) + 1 for line in self.text.split("\n"))]

    @cached_property
    def _named(self) -> dict[int, dict[str, Span]]:
        return {}

    def place(self, at: int) -> tuple[int, int]:
        """The line and the column of an offset, from 1."""
        line = bisect_right(self._lines, at)
        return line, at - self._lines[line - 1] + 1

    def span(self, path: str) -> tuple[Span, bool]:
        """The value of that path, or the table where it is missing; and whether it is there."""
        here = self._root
        at = 0
        while at < len(path):
            match = STEP.match(path, at)
            inner = None if match is None else self._part(here, match)
            if inner is None or match is None:
                return here, False
            here, at = inner, match.end()
        return here, True

    def _located(self, problem: Problem) -> Problem:
        if problem.line is not None or not problem.path:
            return problem
        span, is_there = self.span(problem.path)
        at = span.start
        if is_there and problem.code in _OF_KEYS:
            at = span.key
        elif is_there and problem.column is not None:
            at = self._inside(span, problem.column - 1)
        line, column = self.place(at)
        return replace(problem, line=line, column=column)

    def _part(self, span: Span, match: re.Match[str]) -> Span | None:
        name, number = match.groups()
        if number is None:
            return self._parts_of(span).get(name)
        parts, place = span.parts, int(number[1:-1])
        return parts[place] if isinstance(parts, list) and place < len(parts) else None

    def _parts_of(self, span: Span) -> dict[str, Span]:
        """Its parts by the steps of paths: those of a table, and those of a list that have keys."""
        found = self._named.get(id(span))
        if found is None:
            if isinstance(span.parts, list):
                names = [self._name(part) for part in span.parts]
                counts = Counter(names)
                pairs = zip(names, span.parts, strict=True)
                found = {step(name): part for name, part in pairs if name and counts[name] == 1}
            else:
                found = {step(name): part for name, part in (span.parts or {}).items()}
            found = {shown(name): part for name, part in found.items()}
            self._named[id(span)] = found
        return found

    def _name(self, span: Span) -> str | None:
        """What an entry of a list is called."""
        for key in NAMING if isinstance(span.parts, dict) else ():
            named = span.parts.get(key) if isinstance(span.parts, dict) else None
            if named is not None and self.text[named.start] in "\"'":
                return decoded(self.text[named.start : named.end])[0]
        return None

    def _inside(self, span: Span, column: int) -> int:
        """Where a character of a quoted text stands."""
        if self.text[span.start : span.start + 1] not in {'"', "'"}:
            return span.start
        _, places = decoded(self.text[span.start : span.end])
        return span.start + places[min(column, len(places) - 1)]
