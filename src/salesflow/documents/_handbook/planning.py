"""How much planning a deal needs, what is due when, and when data are looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Final

from salesflow.documents._handbook.page import Page
from salesflow.documents._markdown import Md
from salesflow.playbook import Cadence, Hygiene, Instrument, SizeRow
from salesflow.terms import joined
from salesflow.text import Text, both

_INSTRUMENT: Final = both(en="Instrument", zh="计划文件")

EVENTS: Final[Mapping[str, Text]] = {
    "started": both(en="the deal is started", zh="项目启动"),
    "stage_entered": both(en="{places} is entered", zh="进入{places}"),
    "stage_left": both(en="{places} is left", zh="离开{places}"),
    "changed": both(en="something changes in the deal", zh="项目发生变动"),
    "won": both(en="the deal is won", zh="赢单"),
    "lost": both(en="the deal is lost", zh="输单"),
    "disqualified": both(en="the deal is disqualified", zh="项目被判定不合格"),
    "ended": both(en="the deal has ended", zh="项目结束"),
    "met": both(en="{of} is met", zh="{of}达成"),
    "requested": both(en="{of} is asked for, until it is decided", zh="提请{of}（直至有结论）"),
    "state_entered": both(en="“{track}” has come to “{state}”", zh="“{track}”进入“{state}”"),
}
"""What starts the clock of a cadence, by trigger."""

_CHANGED: Final = both(en="{of} changes", zh="{of}变动")

_OF_PLACES: Final = frozenset({"stage_entered", "stage_left"})


def write_planning(page: Page) -> None:
    """The instruments, and which deal needs which."""
    playbook = page.playbook
    if not playbook.instruments:
        return
    page.heading(2, page.t(en="How much planning a deal needs", zh="按规模的计划要求"))
    if playbook.size_policy:
        page.first_row()
    page.table(
        enumerate(playbook.size_policy, 1),
        (both(en="Deal", zh="项目"), lambda row: page.row_of(row[1], "size_policy", row[0])),
        (both(en="Needs", zh="所需计划文件"), lambda row: _needed(page, row[1])),
    )
    page.table(
        playbook.instruments.values(),
        (
            _INSTRUMENT,
            lambda it: page.titled(it.title, it.key, ("instruments", it.key), reading=it.reading),
        ),
        (both(en="It is complete when", zh="完成条件"), lambda item: _complete(page, item)),
        (both(en="Who answers for it", zh="责任人"), lambda item: _by(page, item)),
    )
    for item in playbook.instruments.values():
        sections = [page.with_key(page.of(part.title), part.key) for part in item.sections]
        title = page.of(item.title)
        label = page.t(en=f"Sections of “{title}”", zh=f"“{title}”的组成部分")
        page.below(label, sections)


def _needed(page: Page, row: SizeRow) -> Md:
    if not row.instruments:
        return page.t(en="nothing more", zh="无")
    titles = page.playbook.instruments
    return Md(joined((page.of(titles[key].title) for key in row.instruments), page.lang))


def _by(page: Page, item: Instrument) -> Md:
    return page.t(en="anybody", zh="任何人") if item.by is None else page.role(item.by)


def _complete(page: Page, item: Instrument) -> Md:
    said = []
    if item.checklist is not None:
        checklist = page.playbook.checklists[item.checklist]
        named = page.quoted(checklist.title, checklist.key)
        said.append(
            page.t(en=f"every question of {named} was asked", zh=f"{named}的问题已全部问过")
        )
    if item.rule is not None:
        said.append(page.rule(item.rule, item.key))
    else:
        said.append(page.t(en="somebody says so", zh="由人确认"))
    if item.evidence:
        said.append(page.t(en="whoever says so names what shows it", zh="确认时须注明依据"))
    if item.when is not None:
        said.append(page.only_where(item.when, item.key))
    return page.lines(said)


def write_cadences(page: Page) -> None:
    """What is due when."""
    if not page.playbook.cadences:
        return
    page.heading(2, page.t(en="What is due when", zh="时间要求"))
    page.table(
        page.playbook.cadences,
        (
            both(en="What", zh="事项"),
            lambda it: page.titled(it.title, it.key, ("cadences", it.key), reading=it.reading),
        ),
        (both(en="When", zh="时间"), lambda item: _time(page, item)),
        (
            both(en="Who", zh="责任人"),
            lambda item: Md("") if item.role is None else page.role(item.role),
        ),
    )


def _time(page: Page, item: Cadence) -> Md:
    said = [_span(page, item)]
    if item.stages and (item.ahead is not None or item.trigger not in _OF_PLACES):
        places = page.places(item.stages)
        said.append(page.t(en=f"Only in {places}", zh=f"仅限{places}"))
    if item.when is not None:
        said.append(page.only_where(item.when, item.key))
    for step in item.escalate:
        span, role = page.span(step.after), page.role(step.role)
        said.append(page.t(en=f"{span} after that, {role} is told", zh=f"逾期{span}后告知{role}"))
    return page.lines(said)


def _span(page: Page, item: Cadence) -> Md:
    if item.ahead is not None:
        span, day = page.span(item.ahead), page.fact_named(item.before or "")
        return page.t(en=f"{span} before {day}", zh=f"比{day}提前{span}")
    event = _event(page, item)
    if item.every is not None:
        span = page.span(item.every, every=True)
        return page.t(en=f"Every {span} after {event}", zh=f"{event}后每{span}一次")
    span = page.span(item.within)
    return page.t(en=f"Within {span} after {event}", zh=f"{event}后{span}内")


def _event(page: Page, item: Cadence) -> Md:
    words = (_CHANGED if item.of else EVENTS[item.trigger]).get(page.lang)
    if item.state is not None:
        key, _, state_key = item.state.partition(".")
        track = page.playbook.tracks[key]
        state = track.state(state_key)
        stands = Md("") if state is None else page.of(state.title)
        comes = Md(words.format(track=page.of(track.title), state=stands))
        return page.with_key(comes, item.state)
    places = page.places(item.stages) if item.stages else page.t(en="a stage", zh="任一阶段")
    return Md(words.format(places=places, of=_of(page, item)))


def _of(page: Page, item: Cadence) -> Md:
    """What changes, is met or is asked for."""
    if item.of is not None:
        return page.fact_named(item.of)
    key = item.criterion or item.request or ""
    named = page.playbook.criteria.get(key) or page.playbook.instruments.get(key)
    return Md("") if named is None else page.quoted(named.title, key)


LIMITS: Final[Mapping[str, Callable[[Page, Hygiene], Md]]] = {
    "activity_days": lambda page, limits: page.t(
        en=f"A deal is asleep from {page.days(limits.activity_days)} without activity on",
        zh=f"{page.days(limits.activity_days)}及以上没有活动，视为停滞",
    ),
    "pushes": lambda page, limits: page.t(
        en=f"Its close date may be pushed back {limits.pushes} times",
        zh=f"预计成交日期最多可推迟 {limits.pushes} 次",
    ),
    "probability_tolerance": lambda page, limits: page.t(
        en="Its probability may differ from that of its stage by "
        f"{limits.probability_tolerance * 100:.15g} percentage points",
        zh=f"赢率与所处阶段赢率之差不超过 {limits.probability_tolerance * 100:.15g} 个百分点",
    ),
}
"""The limits of the checks of data, in words."""


def write_limits(page: Page) -> None:
    """The limits of the checks of data."""
    limits = page.playbook.hygiene
    title = page.t(en="When data are looked at again", zh="数据检查的界限")
    page.heading(2, page.mark(title, limits.reading))
    page.bullets(
        page.with_key(LIMITS[item.name](page, limits), f"hygiene.{item.name}")
        for item in fields(limits)
        if item.name != "reading"
    )
