"""For authors: facts and records, rules as they are written, and where deals come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from salesflow.documents._handbook.page import Page
from salesflow.documents._markdown import Md, code
from salesflow.facts import CURRENCY, FACT_TITLES, Fact, FactKind
from salesflow.playbook import Migration
from salesflow.records import RECORD_GROUPS
from salesflow.terms import joined
from salesflow.text import Text, both, filled

_KINDS: Final[Mapping[FactKind, Text]] = {
    FactKind.NUMBER: both(en="a number", zh="数字"),
    FactKind.MONEY: both(en="an amount", zh="金额"),
    FactKind.TEXT: both(en="a text", zh="文本"),
    FactKind.CHOICE: both(en="one of a few words", zh="选项"),
    FactKind.FLAG: both(en="yes or no", zh="是或否"),
    FactKind.DAY: both(en="a day", zh="日期"),
    FactKind.INSTANT: both(en="a moment", zh="时刻"),
}
_RENAMED: Final[Mapping[str, Text]] = {
    "stages": both(en="stages and sub-stages", zh="阶段和子阶段"),
    "criteria": both(en="criteria and planning", zh="条件和计划文件"),
    "questions": both(en="questions", zh="问题"),
    "tracks": both(en="tracks and their states", zh="并行事项及其状态"),
}
"""What a migration gives new keys, by field."""


def write_facts(page: Page) -> None:
    """The facts that the playbook declares, and the records that it reads."""
    playbook = page.playbook
    own = playbook.declared_facts
    declared = [fact for name, fact in playbook.facts.items() if name in own]
    if not declared and not playbook.use_records:
        return
    page.heading(2, page.t(en="What is known of a deal", zh="项目的数据与记录"))
    if declared:
        page.label(page.t(en="Facts of this process", zh="本流程自有的数据项"))
    page.table(
        declared,
        (both(en="Fact", zh="数据项"), lambda fact: _fact(page, fact)),
        (both(en="What it may be", zh="取值"), lambda fact: _allowed(page, fact)),
    )
    if playbook.use_records:
        page.label(page.t(en="Records of a deal that are read", zh="所读取的项目记录"))
    page.table(
        (RECORD_GROUPS[key] for key in playbook.use_records),
        (
            both(en="Record", zh="记录"),
            lambda group: page.lines([page.raised(group.title), code(group.key)]),
        ),
        (
            both(en="In a program", zh="程序中的类"),
            lambda group: Md(joined(map(code, group.reads), page.lang)),
        ),
    )


def _fact(page: Page, fact: Fact) -> Md:
    title = page.playbook.fact_titles.get(fact.name)
    return code(fact.name) if title is None else page.titled(title, fact.name, ("facts", fact.name))


def _allowed(page: Page, fact: Fact) -> Md:
    if fact.choices:
        return Md(joined((page.choice(fact, word) for word in fact.choices), page.lang))
    words = fact.allowed if fact.unit or fact.enforced else _KINDS[fact.kind]
    if fact.currency is None or fact.kind is not FactKind.MONEY:
        return page.of(words)
    own = fact.currency == f"amount{CURRENCY}"
    where = FACT_TITLES[fact.currency] if own else Text(en=fact.currency)
    return page.of(filled(_PLAIN, allowed=words, currency=where))


_PLAIN: Final = both(
    en="{allowed}; a plain number is in {currency}", zh="{allowed}；纯数字按{currency}计"
)


def write_rules(page: Page) -> None:
    """Every rule that the handbook said in words, as its author wrote it."""
    if not page.rules:
        return
    page.heading(2, page.t(en="The rules as they are written", zh="规则原文"))
    page.table(
        dict.fromkeys(page.rules),
        (both(en="Of", zh="所属"), lambda rule: code(rule.of)),
        (both(en="Key", zh="键名"), lambda rule: code(rule.part)),
        (both(en="Rule", zh="规则"), lambda rule: code(rule.rule.text)),
    )


def write_migrations(page: Page) -> None:
    """How deals of earlier versions and of other playbooks go on in this one."""
    if not page.playbook.migrations:
        return
    page.heading(2, page.t(en="Deals of earlier versions", zh="旧版本项目的迁移"))
    page.table(
        page.playbook.migrations,
        (both(en="From", zh="原版本"), _origin),
        (
            both(en="What has another key now", zh="键名的变化"),
            lambda item: page.lines(_renamed(page, item)),
        ),
    )


def _origin(item: Migration) -> Md:
    version = code(item.from_version)
    return version if item.playbook is None else Md(f"{code(item.playbook)} {version}")


def _renamed(page: Page, item: Migration) -> Iterator[Md]:
    tables = {name: getattr(item, name) for name in _RENAMED}
    if not any(tables.values()):
        yield page.t(en="nothing: every key is kept", zh="无，键名全部保留")
    for name, keys in tables.items():
        if keys:
            renames = (Md(f"{code(old)} → {code(new)}") for old, new in keys.items())
            yield page.pair(page.of(_RENAMED[name]), Md(joined(renames, page.lang)))
