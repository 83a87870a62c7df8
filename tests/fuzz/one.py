"""Fuzz one target: `python -m tests.fuzz.one NAME`, and the options of libFuzzer.

It is a process of its own, for libFuzzer ends the process that it runs in.
"""

from __future__ import annotations

import random
import sys


def main(name: str, options: list[str]) -> None:
    """Fuzz until libFuzzer has had its time, or has found something."""
    import atheris

    # What is imported here tells atheris which of its lines are run.
    with atheris.instrument_imports(include=["salesflow"]):
        from tests.fuzz.mutating import mutated
        from tests.fuzz.targets import TARGETS
    target = TARGETS[name]

    def change(data: bytes, most: int, seed: int) -> bytes:
        draw = random.Random(seed)
        changed = mutated(data, most, draw, target.words) if target.tree and seed % 4 else None
        found: bytes = atheris.Mutate(data, most) if changed is None else changed
        return found

    atheris.Setup([sys.argv[0], *options], target.ask, custom_mutator=change)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
