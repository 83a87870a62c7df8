"""The sentence of a duty, in both languages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from salesflow.playbook import Cadence, Span
from salesflow.text import Text

_LONGEST: Final = 4_000
# English singular, Chinese, Chinese after 每 where it is one.
_UNITS: Final = {
    "years": ("year", "年", "年"),
    "months": ("month", "个月", "月"),
    "weeks": ("week", "周", "周"),
    "days": ("day", "天", "天"),
    "hours": ("hour", "小时", "小时"),
}
_EVENTS: Final = {
    "started": ("when the deal started", "商机启动"),
    "won": ("when the deal was won", "赢单"),
    "lost": ("when the deal was lost", "丢单"),
    "disqualified": ("when the deal was disqualified", "商机被放弃"),
    "ended": ("when the deal ended", "商机结束"),
}


def sentence(
    cadence: Cadence,
    *,
    role: Text | None,
    due_on: date,
    status: str,
    due_at: datetime | None,
    since: str,
    place: Text | None,
    before: Text | None,
    moved_from: date | None,
    moved_by: Text | None,
) -> Text:
    """Who has to do what by when, and why by then."""
    day = f"{due_at:%Y-%m-%d %H:%M}" if due_at else f"{due_on}"
    en, zh = (f'"{cadence.title.get("en")}"', f"“{cadence.title.get('zh')}”")
    if role is not None:
        en, zh = f"{en} ({role.get('en')})", f"{zh}（{role.get('zh')}）"
    en = f"{en} {_english_status(status, day)}: {_english_why(cadence, since, place, before)}"
    zh = f"{zh}{_chinese_status(status, day)}：{_chinese_why(cadence, since, place, before)}"
    return Text(
        en=_clipped(en + _english_move(moved_from, moved_by)),
        zh=_clipped(zh + _chinese_move(moved_from, moved_by, cadence)),
    )


def _clipped(words: str) -> str:
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


def _english_status(status: str, day: str) -> str:
    match status:
        case "overdue":
            return f"was due on {day} and is overdue"
        case "due":
            return f"is due today, {day}"
        case _:
            return f"is due on {day}"


def _chinese_status(status: str, day: str) -> str:
    match status:
        case "overdue":
            return f"最迟应于{day}完成，已逾期"
        case "due":
            return f"最迟应于今天（{day}）完成"
        case _:
            return f"最迟应于{day}完成"


def _english_why(cadence: Cadence, since: str, place: Text | None, before: Text | None) -> str:
    if cadence.ahead is not None:
        called = before.get("en") if before else cadence.before
        return f"{_english(cadence.ahead)} ahead of {called}, {since}"
    if cadence.trigger in ("stage_entered", "stage_left"):
        verb = "entered" if cadence.trigger == "stage_entered" else "left"
        event = f'when "{place.get("en")}" was {verb}' if place else f"when the stage was {verb}"
    else:
        event = _EVENTS[cadence.trigger][0]
    if cadence.every is not None:
        return f"every {_english(cadence.every, repeated=True)}, counted from {since}, {event}"
    return f"within {_english(cadence.within)} of {since}, {event}"


def _chinese_why(cadence: Cadence, since: str, place: Text | None, before: Text | None) -> str:
    if cadence.ahead is not None:
        called = before.get("zh") if before else cadence.before
        return f"须比“{called}”（{since}）提前{_chinese(cadence.ahead)}"
    if cadence.trigger in ("stage_entered", "stage_left"):
        verb = "进入" if cadence.trigger == "stage_entered" else "离开"
        event = f"{verb}“{place.get('zh')}”" if place else f"{verb}该阶段"
    else:
        event = _EVENTS[cadence.trigger][1]
    if cadence.every is not None:
        return f"每{_chinese(cadence.every, repeated=True)}一次，自{since}{event}起算"
    return f"自{since}{event}起{_chinese(cadence.within)}内"


def _english_move(moved_from: date | None, moved_by: Text | None) -> str:
    if moved_from is None:
        return "."
    called = f" ({moved_by.get('en')})" if moved_by else ""
    return f"; moved from {moved_from}{called}, which is no workday."


def _chinese_move(moved_from: date | None, moved_by: Text | None, cadence: Cadence) -> str:
    if moved_from is None:
        return "。"
    called = f"（{moved_by.get('zh')}）" if moved_by else ""
    way = "顺延" if cadence.ahead is None else "提前"
    return f"；{moved_from}{called}不是工作日，故{way}。"


def _english(span: Span | None, *, repeated: bool = False) -> str:
    parts = _parts(span)
    if repeated and len(parts) == 1 and parts[0][0] == 1:
        return _UNITS[parts[0][1]][0]
    words = [f"{count} {_UNITS[unit][0]}{'' if count == 1 else 's'}" for count, unit in parts]
    return " and ".join(words)


def _chinese(span: Span | None, *, repeated: bool = False) -> str:
    parts = _parts(span)
    if repeated and len(parts) == 1 and parts[0][0] == 1:
        return _UNITS[parts[0][1]][2]
    return "".join(f"{count}{_UNITS[unit][1]}" for count, unit in parts)


def _parts(span: Span | None) -> list[tuple[int, str]]:
    if span is None:
        return []
    return [(count, unit) for unit in _UNITS if (count := getattr(span, unit))]
