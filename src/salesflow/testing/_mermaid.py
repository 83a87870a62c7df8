"""Whether a diagram is one: the lines that Mermaid reads, blocks closed, and no state unknown."""

from __future__ import annotations

import re
from typing import Final

_NAME: Final = r"[A-Za-z]\w*"
_STATE: Final = re.compile(rf'state "[^"\n]*" as ({_NAME})( {{)?')
_ARROW: Final = re.compile(rf"(\[\*\]|{_NAME}) --> (\[\*\]|{_NAME})(?: : \S.*)?")
_STYLE: Final = re.compile(rf"classDef {_NAME} \S.*")
_CLASS: Final = re.compile(rf"class ({_NAME}(?:,{_NAME})*) {_NAME}")


def faults_of(text: str) -> list[str]:
    r"""What is wrong with a state diagram in Mermaid; empty where nothing is.

    Example:
        >>> faults_of("stateDiagram-v2\n    [*] --> talk\n")
        ['line 2: there is no state talk']
    """
    first, *lines = text.splitlines()
    faults = [] if first == "stateDiagram-v2" else ["line 1: it is no stateDiagram-v2"]
    states: dict[str, int] = {}
    named: dict[str, int] = {}
    open_blocks = 0
    for number, line in enumerate(lines, 2):
        line = line.strip()  # noqa: PLW2901 - what is indented is for people
        if state := _STATE.fullmatch(line):
            if state[1] in states:
                faults.append(f"line {number}: {state[1]} is a state already")
            states.setdefault(state[1], number)
            open_blocks += state[2] is not None
        elif arrow := _ARROW.fullmatch(line):
            named |= {name: number for name in arrow.groups() if name != "[*]"}
        elif marked := _CLASS.fullmatch(line):
            named |= dict.fromkeys(marked[1].split(","), number)
        elif line == "}":
            open_blocks -= 1
        elif line != "--" and not _STYLE.fullmatch(line):
            faults.append(f"line {number}: Mermaid does not read {line[:60]!r}")
        if open_blocks < 0:
            return [*faults, f"line {number}: a block ends that did not begin"]
    if open_blocks:
        faults.append("a block is not closed")
    unknown = {name: number for name, number in named.items() if name not in states}
    return faults + [f"line {number}: there is no state {it}" for it, number in unknown.items()]
