"""Reads a document back, as a reader of Markdown sees it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Final
from unicodedata import category, east_asian_width

from markdown_it import MarkdownIt
from markdown_it.token import Token

from salesflow.domain import OpportunityPlan, TerritoryPlan
from salesflow.text import Language

FIXTURES: Final = Path(__file__).parent / "fixtures"
_PARSER: Final = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_ONLY_TAS: Final = (
    "return_on_investment",
    "advice",
    "policy_factors",
    "compelling_issue",
    "act_by",
    "price_of_waiting",
    "team",
)


def whole(lang: Language) -> OpportunityPlan:
    """The sample of a whole TAS plan."""
    text = (FIXTURES / f"tas_plan_{lang}.json").read_text(encoding="utf-8")
    return OpportunityPlan.model_validate_json(text)


def three_pages(lang: Language) -> OpportunityPlan:
    """The same plan, filled as far as three pages ask for."""
    text = (FIXTURES / f"tas_plan_{lang}.json").read_text(encoding="utf-8")
    fields = {key: value for key, value in json.loads(text).items() if key not in _ONLY_TAS}
    return OpportunityPlan.model_validate({**fields, "kind": "opportunity_plan"})


def territory(lang: Language) -> TerritoryPlan:
    """The sample of a territory plan."""
    text = (FIXTURES / f"territory_plan_{lang}.json").read_text(encoding="utf-8")
    return TerritoryPlan.model_validate_json(text)


@dataclass
class Page:
    """What a reader finds in a document.

    Attributes:
        headings: Level and words of each heading.
        tables: Each table as rows of cells, the head first; lines of a cell end with a newline.
        paragraphs: The words of each paragraph, those in lists too.
        bullets: How many items the lists have.
        kinds: Every kind of block and of inline element that occurs.
    """

    headings: list[tuple[int, str]]
    tables: list[list[list[str]]]
    paragraphs: list[str]
    bullets: int
    kinds: set[str]

    @property
    def text(self) -> str:
        cells = [cell for table in self.tables for row in table for cell in row]
        return "\n".join([*(words for _, words in self.headings), *self.paragraphs, *cells])

    @property
    def shape(self) -> tuple[list[int], list[list[int]]]:
        """Levels of the headings, and the number of cells in each row of each table."""
        return (
            [level for level, _ in self.headings],
            [[len(row) for row in table] for table in self.tables],
        )


def read(markdown: str) -> Page:
    """Parse a document with a parser of CommonMark and GitHub's tables."""
    page = Page([], [], [], 0, set())
    tokens = _PARSER.parse(markdown)
    for at, token in enumerate(tokens):
        page.kinds.add(token.type)
        if token.type == "table_open":
            page.tables.append([])
        elif token.type == "tr_open":
            page.tables[-1].append([])
        elif token.type == "list_item_open":
            page.bullets += 1
        elif token.type == "inline":
            page.kinds |= {child.type for child in token.children or ()}
            opened = tokens[at - 1]
            words = _words(token)
            if opened.type in ("td_open", "th_open"):
                page.tables[-1][-1].append(words)
            elif opened.type == "heading_open":
                page.headings.append((int(opened.tag[1]), words))
            else:
                page.paragraphs.append(words)
    return page


def _words(inline: Token) -> str:
    parts = []
    for child in inline.children or ():
        if child.type == "html_inline":
            assert child.content == "<br>", child.content
            parts.append("\n")
        else:
            parts.append("\n" if child.type in ("softbreak", "hardbreak") else child.content)
    return "".join(parts)


def lines_of(text: str) -> list[str]:
    """The lines of somebody's words, as a document shows them."""
    shown = [
        "".join(" " if c == "\t" else "\ufffd" if category(c) == "Cc" else c for c in line.strip())
        for line in text.splitlines()
    ]
    return [line for line in shown if line] or ["\ufffd"]


def pages(markdown: str) -> float:
    """About how many A4 pages a document fills when it is printed in 11 points.

    An estimate by counting: a page has margins of 20 mm, 54 lines, and 86 Latin or 43 Chinese
    characters in a line (96 and 48 in a table, which is set smaller); a heading takes two lines,
    a paragraph and a table row a third of a line more than their text, and the columns of a table
    share its width by their longest cells. It was held once against real PDF pages, see the test
    that uses it: it was right to a twentieth.
    """
    page = read(markdown)
    lines = 2.0 * len(page.headings)
    for words in page.paragraphs:
        lines += sum(ceil(_width(line) / 86) for line in words.split("\n")) + 1 / 3
    for table in page.tables:
        longest = [
            max(max(_width(line) for line in cell.split("\n")) for cell in column)
            for column in zip(*table, strict=True)
        ]
        weights = [max(min(width, 40), 8) for width in longest]
        widths = [96 * weight / sum(weights) - 2 for weight in weights]
        for row in table:
            cells = zip(row, widths, strict=True)
            tall = max(
                sum(max(ceil(_width(line) / width), 1) for line in cell.split("\n"))
                for cell, width in cells
            )
            lines += tall + 1 / 3
    return lines / 54


def _width(line: str) -> int:
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in line)
