"""What a notebook or a page shows of a value: lines and tables as HTML.

Only what these functions wrote is markup; any other text is escaped. The HTML has no colours of
its own but those of badges' borders, no background and no script: in whatever theme it stands, it
has the ink of that. A page brings its style along, and asks for nothing from elsewhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Container, Iterable, Sequence
from html import escape, unescape
from pkgutil import get_data
from typing import Final, Literal, TypeAlias

from salesflow._unseen import UNSEEN

Tone: TypeAlias = Literal["good", "bad", "open", "quiet"]

_BAR: Final = "display:inline-flex;align-items:center;height:.8em;border:1px solid"
# A cell is as wide as its badge; a line of text may be narrower, and breaks a long one inside.
_BADGE: Final = "display:inline-block;box-sizing:border-box;width:max-content;max-width:100%"
_CELL: Final = 200
_TAG: Final = re.compile("<[^<>]*>")
_LINE: Final = 600
_PARAGRAPH: Final = 4_000

# The sign differs as well as the colour, for people who are colour-blind. Each colour can be told
# from white and from the grounds of dark themes.
_TONES: Final[dict[Tone, tuple[str, str]]] = {
    "good": ("✓ ", "#009e73"),
    "bad": ("✗ ", "#d55e00"),
    "open": ("? ", "#b87a00"),
    "quiet": ("", "#888888"),
}


def plain(text: str, limit: int = _CELL) -> str:
    r"""A text on one line that is no longer than `limit`, without invisible characters.

    Example:
        >>> plain("one\n two\x00", 5), plain("a long sentence", 7)
        ('one …', 'a long…')
    """
    # Cut first: a text of megabytes is not worth reading to its end.
    cut = " ".join(UNSEEN.sub(" ", text[: 8 * limit]).split())
    if len(cut) <= limit and len(text) <= 8 * limit:
        return cut
    return f"{cut[: limit - 1]}…"


def span(low: float, high: float) -> str:
    """Points between two ends; one number where the ends are the same.

    Example:
        >>> span(3, 5), span(4, 4)
        ('3–5', '4')
    """
    return f"{low:g}" if low == high else f"{low:g}–{high:g}"


class Html(str):
    """HTML of ours; a text of any other class is escaped where it is shown."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return str(self)


Inline: TypeAlias = str | Html


def title(text: str) -> Html:
    """The name of the value."""
    return Html(f"<strong>{escape(plain(text))}</strong>")


def key(text: str) -> Html:
    """A name that programs use, such as `exit.close.signed`."""
    return Html(f"<code>{escape(plain(text))}</code>")


def badge(text: str, tone: Tone = "quiet") -> Html:
    """A few words with a border, and a sign for its tone.

    They stay on one line, unless no line has room for them.
    """
    sign, colour = _TONES[tone]
    style = f"{_BADGE};border:1px solid {colour};border-radius:3px;padding:0 .4em"
    return Html(f'<span style="{style}">{escape((sign + plain(text)).strip())}</span>')


def bar(low: float, high: float, total: float, *, width: int = 25) -> Html:
    """Points as a bar of so many letters: certain thick, possible thin, and out of reach.

    It is made of borders, which have the ink of the text and are printed, too. Where styles are
    taken away, it is a text.

    Example:
        >>> import re
        >>> re.sub("<.*?>", "", bar(4, 7, 10, width=10))
        '████▒▒▒░░░'
    """
    whole = total if total > 0 else 1.0  # nothing can be earned where nothing applies
    first, last = (min(max(end / whole, 0), 1) for end in (low, high))
    until, reach = round(width * first), round(width * last)
    parts = (
        _part("█" * until, first, 0.8),
        _part("▒" * (reach - until), last - first, 0.25),
        _part("░" * (width - reach), 1 - last, 0),
    )
    return Html(
        f'<i aria-hidden="true" style="{_BAR};width:{0.6 * width:g}em">{"".join(parts)}</i>'
    )


def _part(text: str, share: float, height: float) -> str:
    """A part of a bar, so many em high; its text is behind its border."""
    size = f"width:{share:.2%};border-top:{height:g}em solid;height:0;overflow:hidden"
    return f'<i style="{size}">{text}</i>'


def line(*items: Inline) -> Html:
    """A line of texts with spaces between them; empty texts are left out."""
    return Html(f"<p>{' '.join(_escaped(item, _LINE) for item in items if item)}</p>")


def paragraph(text: str) -> Html:
    """Sentences, with room for many of them."""
    return Html(f"<p>{_escaped(text, _PARAGRAPH)}</p>")


def heading(*items: Inline, level: int = 2) -> Html:
    """What the blocks below it are about."""
    said = " ".join(_escaped(item, _LINE) for item in items if item)
    return Html(f"<h{level}>{said}</h{level}>")


def table(
    head: Sequence[str],
    rows: Iterable[Sequence[Inline]],
    figures: Container[int] = (),
    *,
    more: str = "",
) -> Html:
    """Rows under a head.

    Args:
        head: The names of the columns.
        rows: As many cells as there are names.
        figures: The numbers of the columns that hold figures.
        more: What the last row says if rows are left out.
    """
    last = [["", more, *[""] * (len(head) - 2)]] if more else []
    body = "".join(_row("td", row, figures, head) for row in (*rows, *last))
    return Html(f"<table><thead>{_row('th', head, figures)}</thead><tbody>{body}</tbody></table>")


def html(*blocks: Html) -> Html:
    """Lines and tables as one piece.

    Example:
        >>> html(line(title("A < B"), "1 > 0"))
        '<div class="salesflow"><p><strong>A &lt; B</strong> 1 &gt; 0</p></div>'
    """
    return Html(f'<div class="salesflow">{"".join(blocks)}</div>')


def as_text(*blocks: Html) -> str:
    """Lines and tables as a text, for where no HTML is shown.

    Example:
        >>> rows = [(badge("NO", "bad"), "A > B"), (badge("?", "open"), "C")]
        >>> print(as_text(line(title("D-1"), "may wait"), table(("", "what"), rows)))
        D-1 may wait
        <BLANKLINE>
              what
        ✗ NO  A > B
        ? ?   C
    """
    return "\n\n".join("\n".join(_lines(block)) for block in blocks)


def _lines(block: Html) -> list[str]:
    rows = re.findall("<tr>(.*?)</tr>", block)
    if not rows:
        return [_bare(block)]
    cells = [[_bare(it) for it in re.findall("<t[hd][^<>]*>(.*?)</t[hd]>", row)] for row in rows]
    figures = {
        at for at, it in enumerate(re.findall("text-align:(left|right)", rows[0])) if it == "right"
    }
    return aligned(cells, {*range(len(cells[0]))} - figures)


def _bare(text: str) -> str:
    return unescape(_TAG.sub("", text))


def aligned(table: Sequence[Sequence[str]], left: Collection[int] = (0, -1)) -> list[str]:
    """Columns under each other, to the right but for those named."""
    widths = [max(map(_width, column)) for column in zip(*table, strict=True)]
    to_the_left = {number % len(widths) for number in left}
    lines = []
    for row in table:
        cells = []
        for number, (cell, width) in enumerate(zip(row, widths, strict=True)):
            space = " " * (width - _width(cell))
            cells.append(cell + space if number in to_the_left else space + cell)
        lines.append("  ".join(cells).rstrip())
    return lines


def _width(text: str) -> int:
    # A Chinese character is two columns wide on a terminal.
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def page(name: str, lang: str, *blocks: Html) -> str:
    """A whole page in one file, for a screen of any width, light or dark, and for paper.

    A browser that reads it runs no script and asks nobody for anything: its policy forbids both.

    Args:
        name: What stands at its top and in the title of the window.
        lang: The language that it is in.
        blocks: What is on it.
    """
    style = (get_data("salesflow", "_page.css") or b"").decode()
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(lang)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(plain(name))}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f"<main>\n{heading(name, level=1)}\n{html(*blocks)}\n</main>\n</body>\n</html>\n"
    )


def _row(
    tag: str, cells: Iterable[Inline], figures: Container[int], head: Sequence[str] = ()
) -> str:
    written = []
    for at, cell in enumerate(cells):
        side = "right" if at in figures else "left"
        # A narrow page has no room for a head, and says before each figure what it is.
        named = f' data-head="{escape(plain(head[at]))}"' if head and at in figures else ""
        said = _escaped(cell, _CELL)
        written.append(f'<{tag} style="text-align:{side}"{named}>{said}</{tag}>')
    return f"<tr>{''.join(written)}</tr>"


def _escaped(item: Inline, limit: int) -> str:
    return item if isinstance(item, Html) else escape(plain(item, limit))
