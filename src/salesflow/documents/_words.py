"""How the fixed choices of the records are called in a document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from salesflow.text import Text

Choice: TypeAlias = Literal[
    "answer",
    "attitude",
    "buying_role",
    "level",
    "partner_kind",
    "position",
    "relationship",
    "strategy",
    "tier",
]


def _words(**pairs: tuple[str, str]) -> Mapping[str, Text]:
    return {key: Text(en=en, zh=zh) for key, (en, zh) in pairs.items()}


WORDS: Final[Mapping[Choice, Mapping[str, Text]]] = {
    "answer": _words(yes=("yes", "是"), no=("no", "否")),
    "attitude": _words(
        champion=("fights for us", "积极拥护我方"),
        supporter=("supports us", "支持我方"),
        neutral=("neutral", "中立"),
        opponent=("against us", "反对我方"),
    ),
    "buying_role": _words(
        economic_buyer=("economic buyer", "经济决策者"),
        champion=("champion", "拥护者"),
        technical_buyer=("technical buyer", "技术把关者"),
        user_buyer=("user", "使用者"),
        business_lead=("business lead", "业务负责人"),
        procurement=("procurement", "采购人员"),
        inside_supporter=("inside supporter", "内部支持者"),
        influencer=("influencer", "影响者"),
    ),
    "level": _words(high=("high", "高"), medium=("medium", "中"), low=("low", "低")),
    "partner_kind": _words(
        integrator=("integrator", "集成商"),
        reseller=("reseller", "代理商"),
        vendor=("vendor", "厂商"),
        consultant=("consultant", "咨询公司"),
        other=("other", "其他"),
    ),
    "position": _words(
        incumbent=("there already", "现有供应商"),
        challenger=("new there", "新进入者"),
        in_house=("the customer itself", "客户自建"),
        no_decision=("no decision", "客户不做决定"),
    ),
    "relationship": _words(
        strong=("strong", "牢固"),
        medium=("medium", "一般"),
        weak=("weak", "薄弱"),
        none=("none", "无"),
    ),
    "strategy": _words(
        frontal=("frontal: win head on", "正面进攻：全面胜出"),
        flanking=("flanking: change the criteria", "侧翼进攻：改变评判标准"),
        fragment=("fragment: win a part of it", "分割：赢下一部分"),
        defend=("defend: keep what is ours", "防守：守住已有阵地"),
        develop=("develop: prepare the next deal", "培育：为以后打基础"),
    ),
    "tier": _words(
        regular=("regular", "普通客户"),
        named=("named", "命名客户"),
        strategic=("strategic", "战略客户"),
    ),
}
