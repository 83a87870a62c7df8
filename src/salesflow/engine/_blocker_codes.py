"""Every code that a blocker can have: what it means, and what to do.

The page `blockers.md` of the reference is made of `blocker_codes.toml`; a test holds them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import NamedTuple, get_args

from salesflow._data import read_data
from salesflow.rules import BlockerCode
from salesflow.text import Text, both


class CodeWords(NamedTuple):
    """What is said of a code.

    Attributes:
        meaning: When a blocker has it.
        fix: What to do about it.
        title: What ought to hold, where that is the same for every deal; such a blocker has the
            `fix` above, too.
    """

    meaning: Text
    fix: Text
    title: Text | None = None


@cache
def blocker_codes() -> Mapping[BlockerCode, CodeWords]:
    """The words of every code, in the order of the codes."""
    codes: dict[str, BlockerCode] = {code: code for code in get_args(BlockerCode)}
    words = read_data(__package__, "blocker_codes.toml")
    return MappingProxyType(
        {
            codes[code]: CodeWords(**{name: both(**text) for name, text in said.items()})
            for code, said in words.items()
        }
    )
