"""The terms of the trade that several parts show, each said once.

Roles, attitudes, levels, outcomes: documents, charts and notebooks read them here, so that one
thing has one name wherever a person meets it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from salesflow.text import LANGUAGES, Language, Text, both, filled

__all__ = [
    "ACCEPTANCES",
    "ANSWERS",
    "ATTITUDES",
    "BUYING_ROLES",
    "COMPETITOR_POSITIONS",
    "COVERAGE",
    "DEAL_PLANS",
    "FILING",
    "FORECAST_CATEGORIES",
    "FORECAST_WORDS",
    "LEAD_CHANNELS",
    "LEVELS",
    "NOT_APPLICABLE",
    "OUTCOMES",
    "PARTNER_KINDS",
    "RELATIONSHIPS",
    "SEVERITIES",
    "STRATEGIES",
    "TERRITORY_PLANS",
    "TIERS",
    "UNDECIDED",
    "VERDICTS",
    "and_more",
    "joined",
    "listing",
    "one_of",
    "titled_word",
]

Terms = Mapping[str, Text]

ANSWERS: Final[Terms] = {
    "yes": both(en="yes", zh="是"),
    "no": both(en="no", zh="否"),
}
VERDICTS: Final[Terms] = {
    "yes": both(en="yes", zh="是"),
    "no": both(en="no", zh="否"),
    "unknown": both(en="not known", zh="未知"),
}
OUTCOMES: Final[Terms] = {
    "won": both(en="won", zh="赢单"),
    "lost": both(en="lost", zh="输单"),
    "disqualified": both(en="disqualified", zh="不合格"),
}
FORECAST_CATEGORIES: Final[Terms] = {
    "closed": both(en="closed", zh="已成交"),
    "commit": both(en="commit", zh="承诺"),
    "best_case": both(en="best case", zh="最佳情况"),
    "pipeline": both(en="pipeline", zh="管道"),
    "omitted": both(en="omitted", zh="不计入"),
}
FORECAST_WORDS: Final[Terms] = {
    "period": both(en="period", zh="期间"),
    "last_period": both(en="last period", zh="上一期间"),
    "chance": both(en="chance", zh="赢率"),
    "learned": both(en="learned chances", zh="由历史得出的赢率"),
    "weighted": both(en="weighted by stage", zh="按阶段赢率加权"),
    "owner_call": both(en="owner's call", zh="负责人判断"),
}
LEVELS: Final[Terms] = {
    "high": both(en="high", zh="高"),
    "medium": both(en="medium", zh="中"),
    "low": both(en="low", zh="低"),
}
BUYING_ROLES: Final[Terms] = {
    "economic_buyer": both(en="economic buyer", zh="经济决策者"),
    "champion": both(en="champion", zh="拥护者"),
    "technical_buyer": both(en="technical buyer", zh="技术把关者"),
    "user_buyer": both(en="user buyer", zh="使用者"),
    "business_lead": both(en="business lead", zh="业务负责人"),
    "procurement": both(en="procurement", zh="采购人员"),
    "inside_supporter": both(en="inside supporter", zh="内部支持者"),
    "influencer": both(en="influencer", zh="影响者"),
}
ATTITUDES: Final[Terms] = {
    "champion": both(en="champions us", zh="积极拥护我方"),
    "supporter": both(en="supports us", zh="支持我方"),
    "neutral": both(en="neutral", zh="中立"),
    "opponent": both(en="opposes us", zh="反对我方"),
}
COVERAGE: Final[Terms] = {
    "in_depth": both(en="talked in depth", zh="已深入沟通"),
    "multiple": both(en="talked several times", zh="已多次沟通"),
    "brief": both(en="talked briefly", zh="仅简短沟通"),
    "no_contact": both(en="no contact", zh="未曾接触"),
}
RELATIONSHIPS: Final[Terms] = {
    "strong": both(en="strong", zh="牢固"),
    "medium": both(en="medium", zh="一般"),
    "weak": both(en="weak", zh="薄弱"),
    "none": both(en="no relationship", zh="没有关系"),
}
ACCEPTANCES: Final[Terms] = {
    "first": both(en="first acceptance", zh="初验"),
    "final": both(en="final acceptance", zh="终验"),
}
FILING: Final[Terms] = {
    "draft": both(en="draft", zh="拟定中"),
    "in_review": both(en="in review", zh="审核中"),
    "filed": both(en="filed", zh="已归档"),
}
LEAD_CHANNELS: Final[Terms] = {
    "market_event": both(en="market event", zh="市场活动"),
    "online_seminar": both(en="online seminar", zh="线上研讨会"),
    "download": both(en="download", zh="资料下载"),
    "telephone": both(en="telephone", zh="电话"),
    "referral": both(en="referral", zh="转介绍"),
    "public_information": both(en="public information", zh="公开信息"),
    "partner": both(en="partner", zh="合作伙伴"),
    "existing_customer": both(en="existing customer", zh="老客户"),
    "other": both(en="other", zh="其他"),
}
DEAL_PLANS: Final[Terms] = {
    "opportunity_plan": both(en="Opportunity plan", zh="项目计划"),
    "tas_plan": both(en="TAS plan", zh="TAS计划"),
}
TERRITORY_PLANS: Final[Terms] = {
    "territory": both(en="Territory plan", zh="区域计划"),
    "account": both(en="Account plan", zh="客户计划"),
    "partner": both(en="Partner plan", zh="合作伙伴计划"),
}
TIERS: Final[Terms] = {
    "regular": both(en="regular", zh="普通客户"),
    "named": both(en="named", zh="命名客户"),
    "strategic": both(en="strategic", zh="战略客户"),
}
PARTNER_KINDS: Final[Terms] = {
    "integrator": both(en="integrator", zh="集成商"),
    "reseller": both(en="reseller", zh="代理商"),
    "vendor": both(en="vendor", zh="厂商"),
    "consultant": both(en="consultant", zh="咨询公司"),
    "other": both(en="other", zh="其他"),
}
COMPETITOR_POSITIONS: Final[Terms] = {
    "incumbent": both(en="incumbent", zh="现有供应商"),
    "challenger": both(en="challenger", zh="新进入者"),
    "in_house": both(en="in-house", zh="客户自建"),
    "no_decision": both(en="no decision", zh="客户不做决定"),
}
STRATEGIES: Final[Terms] = {
    "frontal": both(en="frontal: win head on", zh="正面进攻：全面胜出"),
    "flanking": both(en="flanking: change the criteria", zh="侧翼进攻：改变决策标准"),
    "fragment": both(en="fragment: win a part of it", zh="分割：赢下一部分"),
    "defend": both(en="defend: keep what is ours", zh="防守：守住已有阵地"),
    "develop": both(en="develop: prepare the next deal", zh="培育：为以后打基础"),
}
SEVERITIES: Final[Terms] = {
    "error": both(en="error", zh="错误"),
    "warning": both(en="warning", zh="警告"),
}
NOT_APPLICABLE: Final = both(en="not applicable", zh="不适用")
UNDECIDED: Final = both(en="undecided", zh="尚无定论")

_ONE_OF: Final = both(en="one of {words}", zh="以下之一：{words}")
_TITLED: Final = both(en="{title} ({word})", zh="{title}（{word}）")
_SEPARATOR: Final = both(en=", ", zh="、")
_MORE: Final = both(en="{listed} and {n:,} more", zh="{listed}等共 {all:,} 项")
_AND_MORE: Final = both(en="… and {n:,} more", zh="……另有 {n:,} 项")


def joined(items: Iterable[str], lang: Language, most: int | None = None) -> str:
    """A list in a sentence; of more than `most` items the first ones and how many there are.

    Example:
        >>> joined(["price", "scope", "terms"], "en", most=2), joined(["价格", "范围"], "zh")
        ('price, scope and 1 more', '价格、范围')
    """
    words = tuple(items)
    listed = _SEPARATOR.get(lang).join(words[:most])
    if most is None or len(words) <= most:
        return listed
    return _MORE.get(lang).format(listed=listed, n=len(words) - most, all=len(words))


def listing(items: Iterable[str | Text], most: int | None = None) -> Text:
    """A list of texts, as `joined` makes one in each language.

    Example:
        >>> print(listing([both(en="price", zh="价格"), "SLA"]))
        price, SLA
    """
    texts = [both(en=item, zh=item) if isinstance(item, str) else item for item in items]
    return both(
        en=joined((text.get("en") for text in texts), "en", most),
        zh=joined((text.get("zh") for text in texts), "zh", most),
    )


def titled_word(word: str, title: Text | None) -> Text:
    """A word with what people call it, for those who have to write the word.

    Example:
        >>> won = titled_word("won", OUTCOMES["won"])
        >>> won.get("en"), won.get("zh"), titled_word("won", None).get("zh")
        ('won', '赢单（won）', 'won')
    """
    plain = both(en=word, zh=word)
    if title is None:
        return plain
    titled = filled(_TITLED, title=title, word=word)
    same = {lang for lang in LANGUAGES if title.get(lang).lower() == word.lower()}
    said = {lang: (plain if lang in same else titled).get(lang) for lang in LANGUAGES}
    return both(en=said["en"], zh=said["zh"])


def one_of(words: Iterable[str], titles: Terms) -> Text:
    """One of some words, each with what people call it.

    Example:
        >>> print(one_of(["won", "open"], OUTCOMES).get("zh"))
        以下之一：赢单（won）、open
    """
    return filled(_ONE_OF, words=listing(titled_word(word, titles.get(word)) for word in words))


def and_more(n: int, lang: Language) -> str:
    """What stands after a list that is cut short: how many are left out, or nothing."""
    return _AND_MORE.get(lang).format(n=n) if n > 0 else ""
