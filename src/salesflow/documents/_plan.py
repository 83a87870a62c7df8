"""What the documents of all plans have in common: the summary and the sections."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from salesflow.documents._fields import WRITERS
from salesflow.documents._markdown import Md, inline
from salesflow.documents._writer import Writer
from salesflow.domain import PlanCompleteness
from salesflow.domain.plans.section import PlanContext, PlanSection, PlanT, is_blank


def approval(doc: Writer, by: str | None, on: date | None) -> Md:
    """The person who approved a plan, and the day."""
    if by is None:
        return doc.not_yet
    return doc.lines([inline(by), *([] if on is None else [doc.say(on)])])


def write_summary(doc: Writer, state: PlanCompleteness) -> None:
    """How many sections are complete."""
    done = sum(section.complete for section in state.sections)
    total, missing = len(state.sections), len(state.missing)
    if missing:
        en = f"{done} of {total} sections are complete; {missing} things are missing."
        zh = f"{total}个部分中已完成{done}个，尚缺{missing}项。"
    else:
        en, zh = f"All {total} sections are complete.", f"{total}个部分均已完成。"
    doc.paragraph(doc.t(en=en, zh=zh))


def write_sections(
    doc: Writer,
    sections: Sequence[PlanSection[PlanT]],
    context: PlanContext[PlanT],
    state: PlanCompleteness,
) -> None:
    """The sections that its kind of plan asks for, then others that somebody filled in."""
    asked_for = [section for section in sections if state.section(section.key) is not None]
    shown = {name for section in asked_for for name in section.shows}
    others = [
        section
        for section in sections
        if shown.isdisjoint(section.shows)
        and not all(is_blank(context.plan, name) for name in section.shows)
    ]
    for number, section in enumerate([*asked_for, *others], 1):
        doc.heading(2, Md(f"{number}. {doc.of(section.title)}"))
        _write_fields(doc, section, context)
        found = state.section(section.key)
        doc.missing(() if found is None else found.missing)


def _write_fields(doc: Writer, section: PlanSection[PlanT], context: PlanContext[PlanT]) -> None:
    for name, label in section.shows.items():
        value: object = getattr(context.plan, name)
        if value is None and name in section.whole and not context.whole:
            continue
        if label is not None and value in (None, ()):
            doc.fact(label, None if is_blank(context.plan, name) else ())
        elif name in WRITERS:
            WRITERS[name](doc, context)
        elif isinstance(value, tuple):
            doc.bullets(map(inline, value))
        elif label is not None and isinstance(value, str | date):
            doc.note(label, value)
