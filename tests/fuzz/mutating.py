"""JSON changed as a tree: bytes that are changed at random are hardly ever JSON again."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeAlias

from tests.fuzz.targets import Json

Put: TypeAlias = Callable[[Json], None]
Place: TypeAlias = tuple[Json, Put, Callable[[], None]]
"""A value, what puts another in its place, and what takes it out."""

_VALUES: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, 1, -1, 0.5, -0.0, 1e308, 2**53, 10**30, 10**400),
    *("", [], {}, [None], {"": None}, [[[[]]]]),
)


def mutated(data: bytes, most: int, draw: random.Random, words: Sequence[str]) -> bytes | None:
    """The JSON of each line with one to four values changed; None where there is no JSON.

    A line that is no JSON, such as a name before it, stays.
    """
    lines = data.decode("utf-8", "replace").split("\n")
    trees = [(at, tree) for at, line in enumerate(lines) if (tree := _read(line)) is not None]
    if not trees:
        return None
    at, tree = draw.choice(trees)
    for _ in range(draw.randint(1, 4)):
        tree = _changed(tree, draw, words)
    lines[at] = json.dumps(tree)
    if draw.random() < 0.1:
        lines.insert(draw.randrange(len(lines) + 1), draw.choice(lines))
    changed = "\n".join(lines).encode()
    return changed if len(changed) <= most else None


def _read(line: str) -> Json:
    try:
        tree: Json = json.loads(line) if line.lstrip()[:1] in ("{", "[") else None
    except (ValueError, RecursionError):
        return None
    return tree


def _changed(tree: Json, draw: random.Random, words: Sequence[str]) -> Json:
    places = list(_places(tree))
    if not places:
        drawn: Json = draw.choice(_VALUES)
        return drawn
    value, put, remove = draw.choice(places)
    match draw.randrange(6):
        case 0:
            remove()
        case 1:
            put(_copy(draw.choice(places)[0]))
        case 2 if isinstance(value, dict):
            value[draw.choice(words)] = _copy(draw.choice(places)[0])
        case 2 if isinstance(value, list):
            value.append(_copy(draw.choice(value or [None])))
        case 3:
            put(draw.choice(_VALUES))
        case 4 if isinstance(value, str):
            cut = draw.randrange(len(value) + 1)
            put(value[:cut] + draw.choice(words) + value[cut:])
        case _:
            put(draw.choice(words))
    return _copy(tree)  # nothing is shared


def _copy(tree: Json) -> Json:
    copied: Json = json.loads(json.dumps(tree))
    return copied


def _places(tree: Json) -> Iterator[Place]:
    if isinstance(tree, dict | list):
        for key in list(tree) if isinstance(tree, dict) else range(len(tree)):
            yield _place(tree, key)
            yield from _places(_place(tree, key)[0])


def _place(tree: Any, key: str | int) -> Place:
    def put(value: Json) -> None:
        tree[key] = value

    def remove() -> None:
        del tree[key]

    return tree[key], put, remove
