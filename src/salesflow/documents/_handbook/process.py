"""The process as a whole: its stages at a glance, who takes part, ways beside the line, tracks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Final

from salesflow.documents._handbook.criteria import write_criteria
from salesflow.documents._handbook.page import Page
from salesflow.documents._handbook.permissions import permission
from salesflow.documents._markdown import Md, fenced
from salesflow.playbook import Move, Role, Stage, SubStage, Track, TrackState
from salesflow.playbook._parts import ENDED
from salesflow.terms import FORECAST_CATEGORIES, joined
from salesflow.text import Text, both

_DECIDES: Final = frozenset({"decision", "judgement", "approval"})


def write_overview(page: Page) -> None:
    """The diagram, and the stages in a table."""
    page.heading(2, page.t(en="Overview", zh="流程总览"))
    page.paragraph(fenced("mermaid", page.playbook.diagram(page.lang)))
    page.table(
        enumerate(page.playbook.stages, 1),
        (both(en="No.", zh="序号"), lambda row: Md(f"{row[0]}")),
        (
            both(en="Stage", zh="阶段"),
            lambda row: page.titled(
                row[1].title, row[1].key, ("stages", row[1].key), reading=row[1].reading
            ),
        ),
        (both(en="Parts", zh="子阶段"), lambda row: _parts(page, *row)),
        (both(en="Cycle number", zh="周期编号"), lambda row: _cycle(page, row[1])),
        (both(en="The customer meanwhile", zh="客户的采购阶段"), lambda row: _phase(page, row[1])),
        (both(en="Chance of winning", zh="赢率"), lambda row: _chance(page, row[1])),
        (both(en="In the forecast", zh="预测类别"), lambda row: _forecast(page, row[1])),
        (both(en="At most", zh="最长时间"), lambda row: _days(page, row[1])),
        (both(en="Outcome", zh="结果"), lambda row: _ends(page, row[1])),
    )


def _parts(page: Page, number: int, stage: Stage) -> Md:
    parts = enumerate(stage.sub_stages, 1)
    return page.lines(Md(f"{number}.{part} {page.of(sub.title)}") for part, sub in parts)


def _cycle(page: Page, stage: Stage) -> Md:
    """The selling-cycle numbers of the parts of a stage, or its own."""
    places = stage.sub_stages or (stage,)
    return page.lines(page.number(it.cycle) for it in places if it.cycle is not None)


def _phase(page: Page, stage: Stage) -> Md:
    return Md("") if stage.buying_phase is None else page.of(stage.buying_phase)


def _chance(page: Page, stage: Stage) -> Md:
    return Md("") if stage.probability is None else page.share(stage.probability)


def _forecast(page: Page, stage: Stage) -> Md:
    """What the deals in a stage count as: each category of its parts once, in their order."""
    said = dict.fromkeys(place.forecast for place in stage.sub_stages or (stage,))
    return page.lines(page.of(FORECAST_CATEGORIES[category]) for category in said)


def _days(page: Page, stage: Stage) -> Md:
    return Md("") if stage.max_days is None else page.days(stage.max_days)


def _ends(page: Page, stage: Stage) -> Md:
    return page.t(en="wins the deal", zh="完成即赢单") if stage.wins else Md("")


def write_roles(page: Page) -> None:
    """Who takes part, and in which stage each has something to do."""
    playbook = page.playbook
    if not playbook.roles:
        return
    page.heading(2, page.t(en="Who takes part", zh="参与角色"))
    page.table(
        playbook.roles.values(),
        (
            both(en="Role", zh="角色"),
            lambda it: page.titled(it.title, it.key, ("roles", it.key), reading=it.reading),
        ),
        (both(en="Part in the process", zh="说明"), lambda role: _part(page, role)),
    )
    parts = [_parts_in(stage) for stage in playbook.stages]
    if len(playbook.roles) < 2 or len(parts) < 2:  # noqa: PLR2004 - one of them tells nothing
        return
    page.paragraph(
        page.t(
            en="By stage: **R** does it or vouches for it, **A** decides, judges or approves, "
            "**C** is heard while another one decides.",
            zh="各阶段的参与方式：**R** 负责执行或确认，**A** 负责决定、判断或审批，"
            "**C** 参与意见，由他人决定。",
        )
    )
    page.table(
        (role for role in playbook.roles if any(role in part for part in parts)),
        (both(en="Role", zh="角色"), page.role),
        *(_column(number, part) for number, part in enumerate(parts, 1)),
    )


def _column(number: int, part: Mapping[str, Iterable[str]]) -> tuple[Text, Callable[[str], Md]]:
    """The letters of every role in one stage."""
    return both(en=f"{number}", zh=f"{number}"), lambda role: Md(", ".join(part.get(role, ())))


def _parts_in(stage: Stage) -> Mapping[str, list[str]]:
    """What each role has to do in a stage, as letters in order."""
    places: tuple[Stage | SubStage, ...] = (stage, *stage.sub_stages)
    criteria = [item for place in places for item in (*place.entry, *place.exit)]
    deciding = [item for item in criteria if item.kind in _DECIDES]
    vouching = [item.by for item in criteria if item.kind not in _DECIDES and item.by]
    letters = {
        "R": {*stage.duties, *vouching},
        "A": {role for item in deciding for role in item.roles},
        "C": {role for item in deciding for role in item.consulted},
    }
    found: dict[str, list[str]] = {}
    for letter, roles in letters.items():
        for role in sorted(roles):
            found.setdefault(role, []).append(letter)
    return found


def _part(page: Page, role: Role) -> Md:
    owner = page.t(en="The owner of a deal has this role", zh="项目负责人担任此角色")
    said = [] if role.note is None else [page.of(role.note)]
    return page.lines([*said, *([owner] if role.key == page.playbook.owner_role else [])])


def write_moves(page: Page) -> None:
    """The ways that are more than a step to the next place; those the diagram tells."""
    playbook = page.playbook
    line = set(pairwise(position.key for position in playbook.positions))
    moves = [
        move
        for move in (*playbook.moves, *playbook.loops)
        if (move.source, move.target) not in line
        or move != Move(source=move.source, target=move.target)
    ]
    if not moves:
        return
    page.heading(2, page.t(en="Other ways than the next stage", zh="进入下一阶段之外的路径"))
    page.table(
        moves,
        (both(en="From", zh="从"), lambda move: page.place(move.source)),
        (both(en="To", zh="到"), lambda move: _target(page, move)),
        (both(en="When", zh="情形"), lambda move: _move(page, move)),
    )
    for move in moves:
        source, target = page.place(move.source), _target(page, move)
        label = page.t(en=f"From {source} to {target}", zh=f"从{source}到{target}")
        write_criteria(page, label, move.criteria)


def _target(page: Page, move: Move) -> Md:
    if move.target == ENDED:
        return page.t(en="the end", zh="结束")
    return page.place(move.target)


def _move(page: Page, move: Move) -> Md:
    return page.lines(_said_of(page, move))


def _said_of(page: Page, move: Move) -> Iterator[Md]:
    if move.title is not None:
        yield page.mark(page.of(move.title), move.reading)
    elif move.reading:
        yield page.mark(page.t(en="as we read it", zh="本流程的理解"), move.reading)
    if move.rule is not None:
        rule = page.rule(move.rule, f"{move.source} → {move.target}")
        yield page.t(en=f"Only where {rule}", zh=f"须满足：{rule}")
    if move.back:
        yield page.t(
            en="It leads back: only its own criteria are asked", zh="退回：只要求本路径自身的条件"
        )
    if move.new_deal:
        yield page.t(en="It opens a new deal", zh="另立新项目")


def write_tracks(page: Page) -> None:
    """What goes on beside the stages."""
    if not page.playbook.tracks:
        return
    page.heading(2, page.t(en="Beside the stages", zh="与各阶段并行的事项"))
    for track in page.playbook.tracks.values():
        page.heading(3, page.mark(page.of(track.title), False, ("tracks", track.key)))
        page.keyed(track.key)
        _write_track(page, track)


def _write_track(page: Page, track: Track) -> None:
    if track.when is not None:
        rule = page.rule(track.when, f"track.{track.key}", "when")
        page.labelled(both(en="Only where", zh="仅适用于"), rule)
    who = permission(page, track.by, f"track.{track.key}.by")
    page.labelled(both(en="Moved on by", zh="推进人"), who)
    who = permission(page, track.back, f"track.{track.key}.back")
    page.labelled(both(en="Moved back by", zh="退回人"), who)
    titles = {state.key: state.title for state in track.states}

    def leads(state: TrackState) -> Md:
        return Md(joined((page.of(titles[key]) for key in track.ways(state.key)), page.lang))

    page.table(
        track.states,
        (
            both(en="State", zh="状态"),
            lambda it: page.titled(it.title, it.key, (track.key, "states", it.key)),
        ),
        (
            both(en="At most", zh="最长时间"),
            lambda state: Md("") if state.max_days is None else page.days(state.max_days),
        ),
        (both(en="Leads to", zh="可转到"), leads),
        (
            both(en="Done", zh="完成"),
            lambda state: page.t(en="done here", zh="到此完成") if state.final else Md(""),
        ),
    )
    for state in track.states:
        title = page.of(state.title)
        label = page.t(en=f"To enter “{title}”", zh=f"进入“{title}”的条件")
        write_criteria(page, label, state.entry)
