"""How people write what the rule language writes otherwise: in Chinese, in a spreadsheet, in SQL.

Whoever adds a way of writing adds it to a table here; `_slips` finds it in a rule's text.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

OPERATIONS: Final = {
    **dict.fromkeys(("且", "并且", "而且", "以及", "同时", "和", "与", "及", "∧"), "and"),
    **dict.fromkeys(("或", "或者", "∨"), "or"),
    **dict.fromkeys(("¬", "并非"), "not"),
    **dict.fromkeys(("等于", "为", "equals", "equal to", "is equal to", "equal"), "=="),
    **dict.fromkeys(("不等于", "不为", "is not equal to", "not equal to"), "!="),
    **dict.fromkeys(
        ("大于", "高于", "超过", "多于", "晚于", "is greater than", "greater than", "is more than"),
        ">",
    ),
    **dict.fromkeys(("more than", "is above", "above", "is over", "exceeds", "is after"), ">"),
    **dict.fromkeys(("小于", "低于", "少于", "不到", "不足", "早于", "is less than"), "<"),
    **dict.fromkeys(("less than", "is below", "below", "is under", "is before"), "<"),
    **dict.fromkeys(
        ("大于等于", "大于或等于", "不小于", "不低于", "不少于", "不早于", "is at least"), ">="
    ),
    **dict.fromkeys(("greater than or equal to", "is greater than or equal to"), ">="),
    **dict.fromkeys(
        ("小于等于", "小于或等于", "不大于", "不高于", "不超过", "不多于", "不晚于"), "<="
    ),
    **dict.fromkeys(("less than or equal to", "is less than or equal to", "is at most"), "<="),
    **dict.fromkeys(("not more than", "no more than", "not greater than", "not above"), "<="),
    **dict.fromkeys(("not less than", "no less than", "not below"), ">="),
    **dict.fromkeys(("属于", "is in", "is one of", "one of"), "in"),
    **dict.fromkeys(("不属于", "is not in"), "not in"),
}
"""Words that stand for an operator, wherever they are."""

AFTER_OPERAND: Final = {
    **dict.fromkeys(("是", "is"), "=="),
    **dict.fromkeys(("不是", "非", "is not", "isn't"), "!="),
    **dict.fromkeys(("至少", "at least"), ">="),
    **dict.fromkeys(("至多", "最多", "at most"), "<="),
}
"""Words that stand for an operator where a value is before them."""

BEFORE_OPERAND: Final = {
    **dict.fromkeys(("不是", "非", "不", "不能", "没有", "is not"), "not"),
    "是": "True",
    "真": "True",
    "否": "False",
    "假": "False",
    **dict.fromkeys(("今天", "今日", "当天"), "today"),
    **dict.fromkeys(("已知", "已填写"), "known"),
}
"""Words that stand for something else where no value is before them."""

CONSTRUCTIONS: Final = {
    **dict.fromkeys(("如果", "若", "假如"), "if"),
    **dict.fromkeys(("则", "那么"), "then"),
    "否则": "else",
    "介于": "between",
    "之间": "",
    **dict.fromkeys(("→", "⇒", "⟹", "->"), "implies"),
    **dict.fromkeys(("已知", "已填写"), "is known"),
    **dict.fromkeys(("未知", "未填写"), "is unknown"),
    "非空": "is known",
}
"""Parts of a construction that the language does not have: the construction is told as a whole."""

SIGNS: Final = {
    "=": "==",
    "===": "==",
    "=>": ">=",
    "=<": "<=",
    ">==": ">=",
    "<==": "<=",
    **dict.fromkeys(("!==", "=!", "=!=", "~="), "!="),
    "<>": "!=",
    **dict.fromkeys(("≥", "≧", "⩾", "≥="), ">="),
    **dict.fromkeys(("≤", "≦", "⩽", "≤="), "<="),
    "≠": "!=",
    "!": "not",
    **dict.fromkeys(("&", "&&"), "and"),
    **dict.fromkeys(("|", "||"), "or"),
    **dict.fromkeys(("，", "、"), ","),
    **dict.fromkeys(("（", "［", "【", "〔", "[", "{", "｛"), "("),
    **dict.fromkeys(("）", "］", "】", "〕", "]", "}", "｝"), ")"),
    **dict.fromkeys("－−–—", "-"),
    **dict.fromkeys("。．", "."),
    "＿": "_",
}
"""Signs, once full-width ones are written as their narrow twins."""

ACCEPTED: Final = frozenset({"==", "!=", "<", ">", "<=", ">="})

POWERS: Final = {
    **dict.fromkeys(("k", "K", "thousand"), 3),
    **dict.fromkeys(("m", "M", "mn", "mio", "million"), 6),
    **dict.fromkeys(("b", "B", "bn", "billion"), 9),
}
"""What follows a number to make it larger: the power of ten."""

DAYS: Final = {
    **dict.fromkeys(("d", "day", "days", "天", "日"), 1),
    **dict.fromkeys(("week", "weeks", "周", "星期"), 7),
}
"""Lengths of time that are a number of days."""

ROUGH_DAYS: Final = {
    **dict.fromkeys(("month", "months", "月"), 30),
    **dict.fromkeys(("year", "years", "年"), 365),
}
"""Lengths of time that are about so many days."""

_HAN_DIGITS: Final = {sign: number for number, sign in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
}
_HAN_UNITS: Final = {"十": 10, "百": 100, "千": 1_000}
_HAN_GROUPS: Final = {"万": 10_000, "亿": 100_000_000}
HAN_NUMERALS: Final = "".join((*_HAN_DIGITS, *_HAN_UNITS, *_HAN_GROUPS))
HAN_POWERS: Final = "".join((*_HAN_UNITS, *_HAN_GROUPS))


def times_powers(words: str) -> Decimal:
    """What powers of ten in a row come to.

    Example:
        >>> times_powers("千万")
        Decimal('10000000')
    """
    product = Decimal(1)
    for sign in words:
        product *= _HAN_UNITS.get(sign) or _HAN_GROUPS[sign]
    return product


def han_number(words: str) -> Decimal:
    """A number in Chinese characters.

    Example:
        >>> han_number("一百二十万"), han_number("十五"), han_number("三亿五千万")
        (Decimal('1200000'), Decimal('15'), Decimal('350000000'))
    """
    total = group = digit = 0
    for sign in words:
        if sign in _HAN_DIGITS:
            digit = 10 * digit + _HAN_DIGITS[sign]
        elif sign in _HAN_UNITS:
            group += (digit or (group == 0)) * _HAN_UNITS[sign]
            digit = 0
        else:
            if sign == "亿":
                group, total = group + total, 0  # it multiplies all that is before it
            total += (group + digit or 1) * _HAN_GROUPS[sign]
            group = digit = 0
    return Decimal(total + group + digit)
