"""The pieces of HTML that notebooks show: nothing in a text is ever markup."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow._show import Html, Tone, badge, bar, html, key, line, plain, table, title
from tests.show.reading import HOSTILE, read

OURS = {"div", "p", "strong", "span", "i", "code", "table", "thead", "tbody", "tr", "th", "td"}
TONES: tuple[Tone, ...] = ("good", "bad", "open", "quiet")


def page(text: str) -> str:
    """The text everywhere where one can stand."""
    return html(
        line(title(text), badge(text, "good"), key(text), bar(1, 2, 3)),
        line(text, badge(text, "open"), key(text)),
        table((text, "n"), [(text, badge(text)), (key(text), text)], {1}, more=text),
    )


@given(HOSTILE)
def test_a_text_never_yields_a_tag_and_is_read_as_it_was(text: str) -> None:
    reader = read(page(text))
    harmless = read(page("harmless" if text else ""))

    assert set(reader.tags) <= OURS
    assert reader.tags == harmless.tags
    assert reader.attributes <= {"class", "style", "data-head", "aria-hidden"}
    assert plain(text) in "".join(reader.text)


@given(HOSTILE)
def test_only_what_we_wrote_is_markup(text: str) -> None:
    assert read(line(text)).tags in (["p"], [])
    # A text made of markup is a text again.
    assert read(line(f"{key(text)}x")).tags == ["p"]
    assert isinstance(key(text), Html)


@pytest.mark.parametrize(
    ("points", "letters", "shares"),
    [
        ((1, 3, 4), "██▒▒▒▒░░", ["25.00", "50.00", "25.00"]),
        ((0.25, 0.25, 0.5), "████░░░░", ["50.00", "0.00", "50.00"]),
        ((-2, 1, 2), "▒▒▒▒░░░░", ["0.00", "50.00", "50.00"]),
        ((4, 9, 4), "████████", ["100.00", "0.00", "0.00"]),
        ((0, 0, 0), "░░░░░░░░", ["0.00", "0.00", "100.00"]),
    ],
    ids=["certain and possible", "below one point", "taken away", "beyond the total", "no points"],
)
def test_a_bar_is_as_long_as_the_share_of_the_points(
    points: tuple[float, float, float], letters: str, shares: list[str]
) -> None:
    said = bar(*points, width=8)

    assert "".join(read(said).text) == letters
    assert re.findall(r"width:([\d.]+)%", said) == shares


@given(st.text(), st.integers(2, 50))
def test_a_plain_text_is_short_and_on_one_line(text: str, limit: int) -> None:
    said = plain(text, limit)

    assert len(said) <= limit
    assert len(said.splitlines()) <= 1
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", said)


def test_a_very_long_text_is_cut_and_says_so() -> None:
    assert plain("x" * 10_000_000, 5) == "xxxx…"
    assert plain(" " * 10_000_000 + "x", 5) == "…"
    assert len(page("<" * 1_000_000)) < 20_000


def test_emoji_and_chinese_stay() -> None:
    assert plain("签约 👩‍💻 ✓") == "签约 👩‍💻 ✓"


def test_badges_differ_in_their_sign_too() -> None:
    assert [read(badge("x", tone)).said() for tone in TONES] == ["[✓ x]", "[✗ x]", "[? x]", "[x]"]


def test_empty_texts_leave_no_gap_in_a_line() -> None:
    assert line("a", "", "b") == "<p>a b</p>"


def test_figures_stand_at_the_right() -> None:
    cells = re.findall(
        r"<t[hd] style=\"text-align:(\w+)\"[^>]*>(\w+)", table(("a", "b"), ["cd"], {1})
    )

    assert cells == [("left", "a"), ("right", "b"), ("left", "c"), ("right", "d")]


def test_html_is_readable_on_light_and_on_dark() -> None:
    said = page("x")

    assert "background" not in said
    assert not re.search(r"[^-]color:", said)
    assert "<script" not in said


@given(st.floats(-5, 15), st.floats(0, 5), st.floats(0, 10))
def test_a_bar_is_always_whole(low: float, more: float, total: float) -> None:
    said = bar(low, low + more, total, width=10)
    shares = re.findall(r"width:([\d.]+)%", said)

    assert len("".join(read(said).text)) == 10
    assert abs(sum(map(float, shares)) - 100) < 0.05
