"""The stages: what each is for, what it takes to enter and to leave it, and what helps in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Final

from salesflow.documents._handbook.criteria import write_criteria
from salesflow.documents._handbook.page import Page
from salesflow.documents._handbook.permissions import permission
from salesflow.documents._markdown import Md, code
from salesflow.playbook import Form, Guidance, Stage, SubStage
from salesflow.records import RECORD_GROUPS
from salesflow.records._of_forms import columns_of, sheet_of
from salesflow.terms import FORECAST_CATEGORIES, joined
from salesflow.text import Text, both

GUIDANCE: Final[Mapping[str, Text]] = {
    "methods": both(en="Methods", zh="方法"),
    "difficulties": both(en="Difficulties", zh="难点"),
    "common_problems": both(en="Common problems", zh="常见问题"),
    "tools": both(en="Tools", zh="工具"),
    "coaching_questions": both(en="What a manager asks", zh="经理可以这样问"),
}
"""The headings of what helps in a stage."""


def write_stages(page: Page) -> None:
    """Every stage."""
    for number, stage in enumerate(page.playbook.stages, 1):
        title = page.of(stage.title)
        words = page.t(en=f"Stage {number}: {title}", zh=f"阶段 {number}：{title}")
        page.heading(2, page.mark(words, stage.reading, ("stages", stage.key)))
        _write_place(page, stage)
        if stage.buying_phase is not None:
            page.labelled(
                both(en="The customer meanwhile", zh="客户的采购阶段"), page.of(stage.buying_phase)
            )
        if stage.source is not None:
            page.labelled(both(en="Source", zh="出处"), page.of(stage.source))
        _write_gates(page, stage)
        _write_duties(page, stage)
        page.below(page.t(en="Deliverables", zh="成果"), map(page.of, stage.deliverables))
        _write_forms(page, stage)
        _write_guidance(page, stage.guidance)
        for part, sub in enumerate(stage.sub_stages, 1):
            words = Md(f"{number}.{part} {page.of(sub.title)}")
            page.heading(3, page.mark(words, sub.reading, ("sub_stages", sub.key)))
            _write_place(page, sub)
            _write_gates(page, sub)


def _write_place(page: Page, place: Stage | SubStage) -> None:
    """What a stage or a sub-stage is for, and what holds in it."""
    page.paragraph(Md(" · ".join([code(place.key), *_facts_of(page, place)])))
    if place.goal is not None:
        page.labelled(both(en="Aim", zh="目的"), page.of(place.goal))
    if place.back is not None:
        who = permission(page, place.back, f"{place.key}.back")
        page.labelled(both(en="Coming back into it", zh="退回到此"), who)


def _facts_of(page: Page, place: Stage | SubStage) -> Iterator[Md]:
    if place.cycle is not None:
        number = page.number(place.cycle)
        yield page.t(en=f"selling-cycle number {number}", zh=f"销售周期编号 {number}")
    if place.probability is not None:
        share = page.share(place.probability)
        yield page.t(en=f"chance of winning {share}", zh=f"赢率 {share}")
    category = page.of(FORECAST_CATEGORIES[place.forecast])
    yield page.t(en=f"in the forecast: {category}", zh=f"预测类别：{category}")
    if place.max_days is not None:
        days = page.days(place.max_days)
        yield page.t(en=f"{days} at most", zh=f"最长{days}")
    if isinstance(place, Stage) and place.wins:
        yield page.t(en="completing it wins the deal", zh="完成本阶段即赢单")
    if isinstance(place, Stage) and place.final and place is not page.playbook.stages[-1]:
        yield page.t(en="the deal may end here", zh="项目可以在此结束")


def _write_gates(page: Page, place: Stage | SubStage) -> None:
    entry, leave = page.t(en="To enter", zh="进入条件"), page.t(en="To leave", zh="离开条件")
    if isinstance(place, Stage) and place.sub_stages:
        entry = page.t(en="To enter the stage", zh="进入本阶段的条件")
        leave = page.t(
            en="To leave the stage, after its last part",
            zh="离开本阶段（最后一个子阶段之后）的条件",
        )
    write_criteria(page, entry, place.entry)
    write_criteria(page, leave, place.exit)


def _write_duties(page: Page, stage: Stage) -> None:
    if stage.duties:
        page.label(page.t(en="Who does what", zh="职责分工"))
    page.table(
        stage.duties.items(),
        (
            both(en="Role", zh="角色"),
            lambda duty: page.mark(
                page.role(duty[0]),
                duty[0] in stage.duties_by_reading,
                (stage.key, "duties", duty[0]),
            ),
        ),
        (both(en="Duties", zh="职责"), lambda duty: page.lines(map(page.of, duty[1]))),
    )


def _write_forms(page: Page, stage: Stage) -> None:
    if stage.forms:
        page.label(page.t(en="Forms", zh="表单"))
    page.table(
        stage.forms,
        (
            both(en="Form", zh="表单"),
            lambda it: page.titled(
                it.title, it.key, (stage.key, "forms", it.key), reading=it.reading
            ),
        ),
        (
            both(en="What is filled in", zh="填写内容"),
            lambda form: Md(joined(map(page.of, form.fields), page.lang)),
        ),
        (both(en="Record of the deal", zh="对应记录"), lambda form: _record(page, form)),
        (both(en="Asked for", zh="要求"), lambda form: _asked(page, form)),
    )


def _record(page: Page, form: Form) -> Md:
    """The record that is the form, and the columns of it that must be filled."""
    if form.record is None:
        return Md("")
    group = RECORD_GROUPS[form.record]
    said = [page.with_key(page.raised(group.title), group.key)]
    if form.columns:
        titles = columns_of(sheet_of(group, form.columns))
        columns = (page.with_key(page.of(titles[name]), name) for name in form.columns)
        listed = Md(joined(columns, page.lang))
        said.append(page.t(en=f"to be filled: {listed}", zh=f"必填：{listed}"))
    return page.lines(said)


def _asked(page: Page, form: Form) -> Md:
    said = []
    if form.required:
        said.append(page.t(en="Required to leave the stage", zh="离开本阶段前必须填写"))
    if form.when is not None:
        said.append(page.only_where(form.when, form.key))
    return page.lines(said)


def _write_guidance(page: Page, guidance: Guidance) -> None:
    for item in fields(guidance):
        texts: tuple[Text, ...] = getattr(guidance, item.name)
        page.below(page.of(GUIDANCE[item.name]), map(page.of, texts))
