"""The form of a text, sign by sign: a language so small that no text takes long to be read in it.

`#` is a digit, `@` a letter, `?` any character, `*` any number of them, once at most; every other
sign is itself. A playbook may come from a stranger, and a regular expression of a stranger can take
for ever over one text, on some engines; it also means something else on each of them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

LINE_BREAKS: Final = "\n\r\x85\u2028\u2029"
"""What ends a line in the expressions of some engine; no text with a form has any of them."""

MANY: Final = "*"
"""The sign that stands for any number of characters."""

_SIGNS: Final = {"#": "[0-9]", "@": "[A-Za-z]", "?": ".", MANY: ".*"}
_META: Final = frozenset(r"\.+()[]{}^$|")


def expression_of(form: str) -> str:
    """A form as a regular expression that every engine reads alike.

    With one `.*` at most, and nothing else that repeats, a text is gone over once for it. Line
    breaks have to be ruled out beside it: engines differ on what ends a line.
    """
    return "".join(_SIGNS.get(sign, f"\\{sign}" if sign in _META else sign) for sign in form)


@lru_cache(maxsize=512)
def _compiled(form: str) -> re.Pattern[str]:
    return re.compile(f"(?!.*[{LINE_BREAKS}]){expression_of(form)}", re.DOTALL)


def has_form(text: str, form: str) -> bool:
    """Whether a text has a form."""
    return _compiled(form).fullmatch(text) is not None
