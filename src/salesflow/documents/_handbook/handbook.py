"""The handbook of a playbook: everything that it carries, for people to read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from salesflow._arguments import A_PLAYBOOK, Arguments, instance
from salesflow.documents._handbook.authors import write_facts, write_migrations, write_rules
from salesflow.documents._handbook.page import MARK, OWN, Page
from salesflow.documents._handbook.permissions import write_approvals, write_policy, write_reasons
from salesflow.documents._handbook.planning import write_cadences, write_limits, write_planning
from salesflow.documents._handbook.process import (
    write_moves,
    write_overview,
    write_roles,
    write_tracks,
)
from salesflow.documents._handbook.qualifying import write_checklists, write_scorecards
from salesflow.documents._handbook.stages import write_stages
from salesflow.documents._markdown import Md, code
from salesflow.playbook import Playbook
from salesflow.terms import joined
from salesflow.text import Language, both


def handbook(playbook: Playbook, lang: Language | None = None) -> str:
    r"""A whole playbook as a document for the people who work by it.

    It says what the process is for, shows it at a glance, and then stage by stage what must hold,
    how that is known and who sees to it; further checklists, scorecards, planning, approvals, dates
    and permissions. Rules are said in words, and stand at the end as they are written. Every part
    has its key with it, as code. What is the author's reading and not said by the source is marked.
    What the playbook does not have takes no room.

    Args:
        playbook: The playbook.
        lang: The language of the document, by default the playbook's `main_language`. A text that
            the playbook does not have in it stands in the nearest that it has.

    Returns:
        Markdown (CommonMark with the tables of GitHub, and a diagram in Mermaid).

    Raises:
        ArgumentError: `playbook` is not a Playbook.
        UnknownName: There is no such language.

    Example:
        >>> playbook = Playbook.from_toml('''
        ...     id = "tiny"
        ...     version = "1"
        ...     title = "A tiny process"
        ...     [[stages]]
        ...     key = "talk"
        ...     title = "Talk"
        ...       [[stages.exit]]
        ...       key = "budget_known"
        ...       title = "The budget is known"
        ...       rule = "amount > 0"
        ... ''')
        >>> text = handbook(playbook)
        >>> print("\n".join(line for line in text.splitlines() if "budget_known" in line))
        | The budget is known<br>`budget_known` | From the data: the amount is more than 0 USD |
        | `budget_known` | `rule` | `amount > 0` |
    """
    arguments = Arguments()
    arguments.read(instance, playbook, Playbook, "playbook", A_PLAYBOOK)
    arguments.refuse("The handbook cannot be written.")
    lang = playbook.main_language if lang is None else lang
    front, page = Page(playbook, lang), Page(playbook, lang)
    for write in _PARTS:
        write(page)
    _write_purpose(front, explained=page.marked)
    _write_extended(front, explained=page.marked_own)
    return f"{front.markdown()}\n{page.markdown()}"


_PARTS: Final[tuple[Callable[[Page], None], ...]] = (
    write_overview,
    write_moves,
    write_roles,
    write_stages,
    write_tracks,
    write_checklists,
    write_scorecards,
    write_planning,
    write_approvals,
    write_cadences,
    write_reasons,
    write_policy,
    write_limits,
    write_facts,
    write_migrations,
    write_rules,
)


def _write_extended(page: Page, *, explained: bool) -> None:
    """Which playbook this one extends, and what it does to it.

    Args:
        page: The first page.
        explained: Whether the pages that follow mark what is its own.
    """
    extended = page.playbook.extends
    if extended is None:
        return
    page.heading(2, page.t(en="What it extends", zh="所扩展的流程"))
    page.row(
        (both(en="Key", zh="键名"), code(extended.id)),
        (both(en="Version", zh="版本"), code(extended.version)),
        (both(en="Digest of the behaviour", zh="行为摘要"), code(extended.digest)),
        (both(en="Digest of everything", zh="全部内容摘要"), code(extended.content_digest)),
    )
    if explained:
        page.paragraph(
            page.t(
                en=f"{OWN} marks what this process adds, or changes; everything else is inherited.",
                zh=f"标有 {OWN} 的内容为本流程新增或修改，其余均为沿用。",
            )
        )
    page.below(page.t(en="Added", zh="新增"), map(code, extended.added))
    page.below(page.t(en="Changed", zh="修改"), map(code, extended.changed))
    page.below(page.t(en="Left out", zh="取消"), map(code, extended.removed))


def _write_purpose(page: Page, *, explained: bool) -> None:
    """What the process is for, where it comes from, and what of it is its author's reading.

    Args:
        page: The first page.
        explained: Whether the pages that follow mark readings.
    """
    playbook = page.playbook
    page.heading(1, page.of(playbook.title))
    page.row(
        (both(en="Key", zh="键名"), code(playbook.id)),
        (both(en="Version", zh="版本"), code(playbook.version)),
        (both(en="Currency", zh="币种"), code(playbook.currency)),
        (both(en="Languages", zh="语言"), Md(joined(map(code, playbook.languages), page.lang))),
    )
    if playbook.summary is not None:
        page.paragraph(page.of(playbook.summary))
    page.below(page.t(en="What it is to achieve", zh="要达到的目标"), map(page.of, playbook.aims))
    page.below(
        page.t(en="What is to be avoided", zh="应当避免的做法"), map(page.of, playbook.avoid)
    )
    if playbook.source is None and not playbook.readings and not explained:
        return
    page.heading(2, page.t(en="Source and readings", zh="出处与理解"))
    if playbook.source is not None:
        page.labelled(both(en="Source", zh="出处"), page.of(playbook.source))
    if explained:
        page.paragraph(
            page.t(
                en=f"{MARK} marks what is the author's reading: the source does not say it.",
                zh=f"标有 {MARK} 的内容是本流程的理解，原文未作说明。",
            )
        )
    page.below(
        page.t(en="Readings that hold throughout", zh="适用于全流程的理解"),
        map(page.of, playbook.readings),
    )
