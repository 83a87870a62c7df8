"""A score as a notebook shows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from salesflow._show import Html, Tone, badge, bar, key, line, span, table, title
from salesflow.qualify._points import UNDECIDED
from salesflow.terms import UNDECIDED as UNDECIDED_TERM
from salesflow.terms import and_more
from salesflow.text import Language, both, in_language

if TYPE_CHECKING:
    from salesflow.qualify._score import Score

_ASKED: Final = 5
_REASONS: Final = 6
_SECTIONS: Final = 12


def blocks(score: Score, lang: Language) -> Iterator[Html]:
    """The verdict, the interval, why, the sections, and what to ask next."""
    words = in_language(lang, _PHRASES)
    points = words["points"].format(points=span(score.low, score.high), total=score.total)
    yield line(title(title_of(score, lang)), verdict_of(score, lang))
    yield line(
        bar(score.low, score.high, score.total),
        points,
        words["decided"].format(share=score.coverage),
    )
    yield from (line(reason.get(lang)) for reason in score.reasons[:_REASONS])
    if score.sections:
        yield _sections(score, lang)
    if score.ask_next:
        yield _asks(score, lang)


def title_of(score: Score, lang: Language) -> str:
    """What the card is called; its key where the score was read back."""
    card = score._card  # noqa: SLF001 - a sibling
    return card.title.get(lang) if card else score.card


def verdict_of(score: Score, lang: Language) -> Html:
    """The verdict: good in the highest band, bad in the lowest."""
    if score.verdict == UNDECIDED:
        return badge(UNDECIDED_TERM.get(lang), "open")
    bands = _bands(score, lang)
    *_, highest = lowest, *_ = bands or [""]
    tone: Tone = "quiet"
    if lowest != highest and score.verdict in {lowest, highest}:
        tone = "good" if score.verdict == highest else "bad"
    return badge(bands.get(score.verdict, score.verdict), tone)


def _bands(score: Score, lang: Language) -> dict[str, str]:
    """What the bands are called, lowest first; nothing where the score was read back."""
    card = score._card  # noqa: SLF001 - a sibling
    return {band.key: band.title.get(lang) for band in (card.bands if card else ())}


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
    bands = {UNDECIDED: words["open"]} | _bands(score, lang)
    rows = [
        (
            ask.title.get(lang),
            key(ask.question),
            f"{ask.swing:g}",
            bands.get(ask.if_yes, ask.if_yes),
            bands.get(ask.if_no, ask.if_no),
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
