"""A score as a notebook shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from salesflow._show import Html, Tone, badge, html, key, line, span, table, title
from salesflow.qualify._points import UNDECIDED
from salesflow.terms import UNDECIDED as UNDECIDED_TERM
from salesflow.terms import and_more
from salesflow.text import Language, both, in_language, language_of

if TYPE_CHECKING:
    from salesflow.qualify._score import Score

_WIDTH: Final = 25
_ASKED: Final = 5
_REASONS: Final = 6
_SECTIONS: Final = 12


def view(score: Score) -> str:
    """The verdict, the interval, why, the sections, and what to ask next."""
    lang = language_of(score._basis.card.title)  # noqa: SLF001 - a sibling
    words = in_language(lang, _PHRASES)
    points = words["points"].format(points=span(score.low, score.high), total=score.total)
    return html(
        line(title(title_of(score, lang)), verdict_of(score, lang)),
        line(
            bar(score.low, score.high, score.total),
            points,
            words["decided"].format(share=score.coverage),
        ),
        *(line(reason.get(lang)) for reason in score.reasons[:_REASONS]),
        *([_sections(score, lang)] if score.sections else []),
        *([_asks(score, lang)] if score.ask_next else []),
    )


def title_of(score: Score, lang: Language) -> str:
    """What the card is called."""
    return score._basis.card.title.get(lang)  # noqa: SLF001 - a sibling


def verdict_of(score: Score, lang: Language) -> Html:
    """The verdict: good in the highest band, bad in the lowest."""
    if score.verdict == UNDECIDED:
        return badge(UNDECIDED_TERM.get(lang), "open")
    bands = score._basis.card.bands  # noqa: SLF001 - a sibling
    place = [band.key for band in bands].index(score.verdict)
    tone: Tone = "quiet"
    if len(bands) > 1 and place in {0, len(bands) - 1}:
        tone = "good" if place else "bad"
    return badge(bands[place].title.get(lang), tone)


def bar(low: float, high: float, total: float, *, width: int = _WIDTH) -> str:
    """Points as a text: certain, possible, and out of reach.

    Example:
        >>> bar(4, 7, 10, width=10)
        '████▒▒▒░░░'
    """
    whole = total if total > 0 else 1.0  # nothing can be earned where nothing applies
    first, last = (round(width * min(max(end / whole, 0), 1)) for end in (low, high))
    return "█" * first + "▒" * (last - first) + "░" * (width - last)


def _sections(score: Score, lang: Language) -> Html:
    words = in_language(lang, _PHRASES)
    rows = [
        (
            section.title.get(lang),
            bar(section.low, section.high, section.total, width=10),
            span(section.low, section.high),
            f"{section.total:g}",
            f"{section.unknown}",
        )
        for section in score.sections[:_SECTIONS]
    ]
    head = (words["section"], "", words["score"], words["of"], words["unknown"])
    return table(head, rows, {2, 3, 4})


def _asks(score: Score, lang: Language) -> Html:
    words = in_language(lang, _PHRASES)
    bands = {band.key: band.title.get(lang) for band in score._basis.card.bands}  # noqa: SLF001
    rows = [
        (
            ask.title.get(lang),
            key(ask.question),
            f"{ask.swing:g}",
            bands.get(ask.if_yes, words["open"]),
            bands.get(ask.if_no, words["open"]),
        )
        for ask in score.ask_next[:_ASKED]
    ]
    head = (words["ask"], "", words["swing"], words["if_yes"], words["if_no"])
    return table(head, rows, {2}, more=and_more(len(score.ask_next) - _ASKED, lang))


_PHRASES: Final = {
    "open": both(en="still open", zh="仍未定"),
    "points": both(en="{points} of {total:g} points", zh="{points} 分（满分 {total:g}）"),
    "decided": both(en="({share:.0%} of them decided)", zh="（其中 {share:.0%} 已确定）"),
    "section": both(en="section", zh="部分"),
    "score": both(en="points", zh="得分"),
    "of": both(en="of", zh="满分"),
    "unknown": both(en="unknown", zh="未知"),
    "ask": both(en="ask next", zh="下一步问什么"),
    "swing": both(en="worth", zh="分值"),
    "if_yes": both(en="if favourable", zh="若有利"),
    "if_no": both(en="if not", zh="若不利"),
}
