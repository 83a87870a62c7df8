"""Texts of strangers: to be run, to be taken for markup, to forge a line, or not to be seen.

One corpus for every form in which salesflow writes what somebody else wrote.
"""

from __future__ import annotations

from typing import Final

from salesflow._unseen import hidden

FORMULAS: Final = (
    '=HYPERLINK("http://example.com";"click")',
    "=cmd|' /C calc'!A0",
    "+1+cmd",
    "-2+3",
    "@SUM(1+1)",
    "'=already quoted",
    "\uff1d1+1",
)
MARKUP: Final = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script><!--",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "</table></div><b>",
    "&lt;b&gt; &#60;b&#62;",
    "]]><x>",
)
MARKDOWN: Final = (
    "[x](javascript:alert(1))",
    "![x](http://example.com/x.png)",
    "http://example.com www.example.com a@example.com",
    "`code` **bold** $x$ ~~gone~~ __b__",
    "| a | b |",
    "# heading",
    "- [ ] task",
    "1. one",
    "> quote",
    "```",
    "---",
)
DIAGRAMS: Final = (
    'x" as y',
    "a --> b : c",
    "%%{init: {'theme': 'dark'}}%%",
    "[*]",
    "end note",
    "direction LR",
    "click a href b",
    "{{datum.x}} ${x} datum['x']",
)
SEVERAL_LINES: Final = (
    "root\n2026-03-02 INFO admin approved",
    "a\r\nb",
    "| a | b |\n| --- | --- |",
    'x"\n    evil --> worse',
    "\t=1+1",
)
UNSEEN: Final = (
    "\x1b[31mred",
    "\x1b]0;title\x07",
    "\x9b2J",
    "nothing\x00",
    "a\x7f",
    "us\u200b",
    "\ufeffus",
    "us\u200d",
    "us\ufe0f",
    "soft\xadhyphen",
    "\u202eevil",
    "\u2066in\u2069",
    "right\u200f",
    "one\u2028two",
    "\u3164",
    "tag\U000e0041",
)
VISIBLE: Final = (*FORMULAS, *MARKUP, *MARKDOWN, *DIAGRAMS)
"""What a name may be: it is seen, and stands on one line."""

TEXTS: Final = (*VISIBLE, *SEVERAL_LINES, *UNSEEN)
"""All of them."""


def is_seen(said: str) -> bool:
    """Whether each line of what a program says shows all that is in it."""
    return not any(hidden(line) for line in said.split("\n"))
