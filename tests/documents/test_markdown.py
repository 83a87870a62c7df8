"""What somebody wrote is shown as it was written, wherever it stands in a document."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow.documents._markdown import Md, bullets, inline, paragraphs, table
from salesflow.documents._writer import Writer
from salesflow.errors import UnknownName
from salesflow.text import both
from tests.documents import reading
from tests.documents.reading import read
from tests.hostile import TEXTS

SIGNS = (
    "\\`*_[](){}|~#&<>!-+=:.1\"'$^@%/?;, \t\n\r\x0b\x0c\x1c\x85\u2028\u3000\xa0\x00\ufeff中a"
    "\u202e\u2066"
)
# Embeddings, overrides and isolates, with what ends them.
TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
written = st.one_of(
    st.text(max_size=40),
    st.text(st.sampled_from(SIGNS), max_size=40),
    st.lists(
        st.sampled_from(
            [
                "# no heading",
                "- no item",
                "1. no item",
                "12) no item",
                "| a | b |",
                "| --- | --- |",
                "---",
                "===",
                "> no quote",
                "```",
                "    code",
                "<b>bold</b>",
                "<!-- gone",
                "<script>",
                "&amp; &#65;",
                "[a](http://x.y)",
                "[a]: http://x.y",
                "![a](b)",
                "*a* __b__ ~~c~~ `d`",
                "\\",
                "\\|",
                "a\\",
                "snake_case_name",
                "[ ] task",
                "+ plus",
                "Terms: 30 % | 70 %",
                *TEXTS,
            ]
        ),
        max_size=4,
    ).map("\n".join),
)
PLAIN = {"text", "text_special", "html_inline", "inline"}


def lines_of(text: str) -> list[str]:
    """The lines of somebody's words, without marks that turn the direction of what follows."""
    return reading.lines_of(text.translate(dict.fromkeys(map(ord, TURNS), "\ufffd")))


@given(st.lists(st.lists(written, min_size=2, max_size=3), min_size=1, max_size=3))
def test_a_table_keeps_its_cells_whatever_stands_in_them(given_rows: list[list[str]]) -> None:
    width = len(given_rows[0])
    rows = [(row * 2)[:width] for row in given_rows]
    head = [Md(f"h{at}") for at in range(width)]

    page = read(table(head, [[inline(cell) for cell in row] for row in rows]))

    assert page.tables == [
        [list(head), *([["\n".join(lines_of(cell)) for cell in row] for row in rows])]
    ]
    assert page.paragraphs == []


@given(written)
def test_a_text_of_its_own_is_one_paragraph_for_each_line(text: str) -> None:
    page = read("before\n\n" + "\n\n".join(paragraphs(text)) + "\n\nafter\n")

    assert page.paragraphs == ["before", *lines_of(text), "after"]
    assert page.kinds <= PLAIN | {"paragraph_open", "paragraph_close"}


@given(written)
def test_a_heading_stays_one_heading(text: str) -> None:
    doc = Writer("en")
    doc.heading(2, inline(text))

    page = read(doc.markdown())

    assert page.headings == [(2, "\n".join(lines_of(text)))]
    assert page.paragraphs == []


@given(st.lists(written, min_size=1, max_size=4))
def test_a_list_has_as_many_items_as_were_given(items: list[str]) -> None:
    page = read(bullets(inline(each) for each in items))

    assert page.bullets == len(items)
    assert page.paragraphs == ["\n".join(lines_of(each)) for each in items]


@given(written)
def test_a_labelled_text_follows_its_label(text: str) -> None:
    doc = Writer("zh")
    doc.note(both(en="Why now", zh="为什么现在做"), text)
    first, *more = lines_of(text)

    page = read(doc.markdown())

    assert page.paragraphs == [f"为什么现在做：{first}", *more]
    assert page.kinds <= PLAIN | {
        "paragraph_open",
        "paragraph_close",
        "strong_open",
        "strong_close",
    }


def test_there_is_no_html_but_the_break_of_a_line() -> None:
    assert inline("<script>alert(1)</script>\nb") == ("&lt;script&gt;alert(1)&lt;/script&gt;<br>b")


@pytest.mark.parametrize("mark", TURNS)
def test_no_mark_turns_the_direction_of_a_text(mark: str) -> None:
    assert inline(f"Pay{mark}00001 CNY") == "Pay\ufffd00001 CNY"
    assert paragraphs(f"{mark}Pay") == ("\ufffdPay",)


def test_words_that_are_written_from_right_to_left_are_left_as_they_are() -> None:
    words = "שלום\u200f, مرحبا\u200e"
    assert inline(words) == words


def test_ordinary_words_are_left_as_they_are() -> None:
    words = "Meet Mr. Zhang (CFO), 30% of sales_rep's time: 10:30, C++ & 中文，“引号”"
    assert inline(words) == words.replace("&", "&amp;")


def test_an_unknown_language_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownName, match="Known: en, zh"):
        Writer("french")


def test_an_address_that_somebody_typed_is_no_link() -> None:
    # GitHub and others look for addresses in what is no link.
    assert inline("https://example.com WWW.example.com") == r"https\://example.com WWW\.example.com"
