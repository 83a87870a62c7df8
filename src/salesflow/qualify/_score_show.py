"""A score as a notebook shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from salesflow._show import Badge, Block, Heading, Key, Line, Table, Tone
from salesflow.qualify._count import UNDECIDED
from salesflow.text import Language

if TYPE_CHECKING:
    from salesflow.qualify._score import Score

_WIDTH: Final = 25
_ASKED: Final = 5
_REASONS: Final = 6
_SECTIONS: Final = 12


def blocks(score: Score) -> list[Block]:
    """The verdict, the interval, why, the sections, and what to ask next."""
    lang: Language = "en" if score._basis.card.title.en else "zh"  # noqa: SLF001 - a sibling
    words = _WORDS[lang]
    found: list[Block] = [
        Heading(title_of(score, lang), (verdict_of(score, lang),)),
        Line(
            (
                bar(score.low, score.high, score.total),
                words["points"].format(points=points_of(score), total=score.total),
                words["known"].format(share=score.coverage),
            )
        ),
    ]
    found += [Line((reason.get(lang),)) for reason in score.reasons[:_REASONS]]
    if score.sections:
        found.append(_sections(score, lang))
    if score.ask_next:
        found.append(_asks(score, lang))
    return found


def title_of(score: Score, lang: Language) -> str:
    """What the card is called."""
    return score._basis.card.title.get(lang)  # noqa: SLF001 - a sibling


def verdict_of(score: Score, lang: Language) -> Badge:
    """The verdict: good in the highest band, bad in the lowest."""
    if score.verdict == UNDECIDED:
        return Badge(_WORDS[lang]["undecided"], "open")
    bands = score._basis.card.bands  # noqa: SLF001 - a sibling
    place = [band.key for band in bands].index(score.verdict)
    tone: Tone = "quiet"
    if len(bands) > 1 and place in {0, len(bands) - 1}:
        tone = "good" if place else "bad"
    return Badge(bands[place].title.get(lang), tone)


def points_of(score: Score) -> str:
    """The interval, or one number where nothing is open."""
    return _interval(score.low, score.high)


def bar(low: float, high: float, total: float, *, width: int = _WIDTH) -> str:
    """Points as a text: certain, possible, and out of reach.

    Example:
        >>> bar(4, 7, 10, width=10)
        '████▒▒▒░░░'
    """
    first, last = (round(width * min(max(end / total, 0), 1)) for end in (low, high))
    return "█" * first + "▒" * (last - first) + "░" * (width - last)


def _interval(low: float, high: float) -> str:
    return f"{low:g}" if low == high else f"{low:g}–{high:g}"


def _sections(score: Score, lang: Language) -> Table:
    words = _WORDS[lang]
    rows = [
        (
            section.title.get(lang),
            bar(section.low, section.high, section.total, width=10),
            _interval(section.low, section.high),
            f"{section.total:g}",
            f"{section.unknown}",
        )
        for section in score.sections[:_SECTIONS]
    ]
    head = (words["section"], "", words["score"], words["of"], words["unknown"])
    return Table(head, rows, frozenset({2, 3, 4}))


def _asks(score: Score, lang: Language) -> Table:
    words = _WORDS[lang]
    bands = {band.key: band.title.get(lang) for band in score._basis.card.bands}  # noqa: SLF001
    rows: list[tuple[str | Key, ...]] = [
        (
            ask.title.get(lang),
            Key(ask.question),
            f"{ask.swing:g}",
            bands.get(ask.if_yes, words["open"]),
            bands.get(ask.if_no, words["open"]),
        )
        for ask in score.ask_next[:_ASKED]
    ]
    if len(score.ask_next) > _ASKED:
        rows.append((words["more"].format(n=len(score.ask_next) - _ASKED), "", "", "", ""))
    head = (words["ask"], "", words["swing"], words["if_yes"], words["if_no"])
    return Table(head, rows, frozenset({2}))


_WORDS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "undecided": "undecided",
        "open": "still open",
        "points": "{points} of {total:g} points",
        "known": "({share:.0%} of them decided)",
        "section": "section",
        "score": "points",
        "of": "of",
        "unknown": "unknown",
        "ask": "ask next",
        "swing": "worth",
        "if_yes": "if favourable",
        "if_no": "if not",
        "more": "… and {n} more",
    },
    "zh": {
        "undecided": "尚无定论",
        "open": "仍未定",
        "points": "{points} 分（满分 {total:g}）",
        "known": "（其中 {share:.0%} 已确定）",
        "section": "部分",
        "score": "得分",
        "of": "满分",
        "unknown": "未知",
        "ask": "下一步问什么",
        "swing": "分值",
        "if_yes": "若有利",
        "if_no": "若不利",
        "more": "……另有 {n} 项",
    },
}
