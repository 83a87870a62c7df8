"""The blocks that notebooks show: nothing in a text is ever markup, in HTML or in Markdown."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow._show import Badge, Block, Heading, Key, Line, Table, html, markdown, plain

OURS = {"div", "p", "strong", "span", "code", "table", "thead", "tbody", "tr", "th", "td"}

HOSTILE = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="<>&\"'/=`*_[]()|~$\\#!-+.:@ \n\tabcwx1&;", max_size=60),
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            '"><svg onload=alert(1)>',
            "</table></div><b>",
            "&lt;b&gt;",
            "[x](javascript:alert(1))",
            "![x](http://example.com/x.png)",
            "http://example.com www.example.com a@example.com",
            "| a | b |\n| --- | --- |",
            "`code` **bold** $x$ ~~gone~~",
            "\u202eevil\u2066\x00\x1b[31m",
        ]
    ),
)


class Reader(HTMLParser):
    """What a browser would see: tags, attributes and text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)


def read(written: str) -> Reader:
    reader = Reader()
    reader.feed(written)
    reader.close()
    assert reader.open == []
    return reader


def blocks(text: str) -> list[Block]:
    """The text everywhere where one can stand."""
    return [
        Heading(text, (Badge(text, "good"), Key(text))),
        Line((text, Badge(text, "open"), Key(text))),
        Table((text, "n"), [(text, Badge(text)), (Key(text), text)], frozenset({1})),
    ]


@given(HOSTILE)
def test_a_text_never_yields_a_tag_in_html_and_is_read_as_it_was(text: str) -> None:
    reader = read(html(blocks(text)))

    assert set(reader.tags) <= OURS
    assert reader.tags == read(html(blocks("harmless"))).tags
    assert reader.attributes <= {"class", "style"}
    assert plain(text) in "".join(reader.text)


@given(HOSTILE)
def test_a_text_never_yields_a_tag_in_markdown(text: str) -> None:
    said = markdown(blocks(text))

    assert read(said).tags == []
    assert plain(text) in "".join(read(said).text)


@given(HOSTILE)
def test_a_text_adds_no_cell_row_or_block_to_markdown(text: str) -> None:
    said, harmless = markdown(blocks(text)), markdown(blocks("harmless"))

    assert said.count("\n") == harmless.count("\n")
    assert said.count("|") == harmless.count("|")
    assert said.count("**") == harmless.count("**")


@given(HOSTILE)
def test_a_text_is_no_markup_of_markdown(text: str) -> None:
    said = markdown([Table(("h",), [(text,)])]).splitlines()[-1][2:-2]

    assert re.findall(r"[<>\\`*_\[\]|~$@]|://|www\.", said) == []


@pytest.mark.parametrize(
    "start", ["- item", "+ item", "# title", "1. item", "2) item", "=====", "---"]
)
def test_the_beginning_of_a_line_is_no_markup_of_markdown(start: str) -> None:
    said = markdown([Line((start,))])

    assert re.match(r"[-+#=]|\d+[.)]", said) is None
    assert "".join(read(said).text) == start


@given(st.text(), st.integers(2, 50))
def test_a_plain_text_is_short_and_on_one_line(text: str, limit: int) -> None:
    said = plain(text, limit)

    assert len(said) <= limit
    assert len(said.splitlines()) <= 1
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", said)


def test_a_very_long_text_is_cut_and_says_so() -> None:
    assert plain("x" * 10_000_000, 5) == "xxxx…"
    assert plain(" " * 10_000_000 + "x", 5) == "…"
    assert len(html(blocks("<" * 1_000_000))) < 20_000


def test_emoji_and_chinese_stay() -> None:
    assert plain("签约 👩‍💻 ✓") == "签约 👩‍💻 ✓"


def test_badges_differ_in_their_sign_too() -> None:
    said = {
        markdown([Line((Badge("x", "good"),))]),
        markdown([Line((Badge("x", "bad"),))]),
        markdown([Line((Badge("x", "open"),))]),
        markdown([Line((Badge("x", "quiet"),))]),
    }

    assert said == {"[✓ x]", "[✗ x]", "[? x]", "[x]"}


def test_html_is_readable_on_light_and_on_dark() -> None:
    said = html(blocks("x"))

    assert "background" not in said
    assert not re.search(r"[^-]color:", said)
    assert "<script" not in said
