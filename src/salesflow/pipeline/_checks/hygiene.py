"""Pipeline hygiene: a table of small rules that hold in any healthy pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from salesflow.errors import Severity
from salesflow.facts import Facts
from salesflow.pipeline._checks.catalogue import Check
from salesflow.pipeline._frames.amounts import CONVERTIBLE, GIVEN
from salesflow.pipeline._frames.deals import AGE, LISTED, LONGEST, PIPELINE_FACTS
from salesflow.pipeline._frames.position import Group, Scope
from salesflow.pipeline._frames.stages import Places
from salesflow.playbook import Playbook, Position
from salesflow.rules import Rule
from salesflow.rules.ast import And, Flag, Node, Or
from salesflow.text import Text, both, filled


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    rule: str
    title: Text
    group: Group = "open"
    severity: Severity = "error"


_TABLE: Final = (
    _Row("stage_known", "known(stage)", both(en="The stage is given", zh="已填写阶段")),
    _Row("owner_known", "known(owner)", both(en="Somebody owns the deal", zh="已有负责人")),
    _Row("amount_known", f"amount{GIVEN}", both(en="The amount is given", zh="已填写金额")),
    _Row(
        "amount_not_negative",
        "not known(amount) or amount >= 0",
        both(en="The amount, where there is one, is not negative", zh="金额如已填写，则不为负数"),
        group="all",
    ),
    _Row(
        "probability_in_range",
        "not known(probability) or 0 <= probability <= 1",
        both(
            en="The probability, where there is one, is between 0 and 100 %",
            zh="成功率如已填写，则在 0 至 100% 之间",
        ),
        group="all",
    ),
    _Row(
        "close_date_known",
        "known(expected_close_on)",
        both(en="An expected close date is given", zh="已填写预计成交日期"),
    ),
    _Row(
        "close_date_not_past",
        "expected_close_on >= today",
        both(en="The expected close date is not in the past", zh="预计成交日期未过期"),
    ),
    _Row(
        "close_date_kept",
        "close_date_pushes <= {pushes}",
        both(
            en="The close date was put off at most {pushes} times",
            zh="成交日期推迟不超过 {pushes} 次",
        ),
        severity="warning",
    ),
    _Row(
        "pushes_not_negative",
        "not known(close_date_pushes) or close_date_pushes >= 0",
        both(
            en="The number of times that the close date was put off is not negative",
            zh="成交日期推迟次数不为负数",
        ),
        group="all",
    ),
    _Row(
        "next_step_known", "known(next_step)", both(en="A next step is agreed", zh="已有下一步行动")
    ),
    _Row(
        "next_step_not_overdue",
        "next_step_on >= today",
        both(en="The next step is not overdue", zh="下一步行动未逾期"),
    ),
    _Row(
        "recent_activity",
        "days_since(last_activity_on) <= {activity_days}",
        both(
            en="Something happened in the last {activity_days} days",
            zh="最近 {activity_days} 天内有活动",
        ),
        severity="warning",
    ),
    _Row(
        "activity_not_in_future",
        "not known(last_activity_on) or last_activity_on <= today",
        both(en="The last activity is not in the future", zh="最近一次活动的日期不在未来"),
        group="all",
    ),
    _Row(
        "contact_known",
        "contacts.total >= 1",
        both(en="At least one contact is on record", zh="至少登记了一位联系人"),
    ),
    _Row(
        "several_contacts",
        "contacts.total >= 2",
        both(en="The deal does not hang on a single contact", zh="项目不只依赖一位联系人"),
        severity="warning",
    ),
    _Row(
        "deal_age",
        f"{AGE} <= {LONGEST}",
        both(
            en="The deal is no older than the longest won deal took",
            zh="项目时间不超过历史最长的赢单周期",
        ),
        severity="warning",
    ),
    _Row(
        "entered_after_created",
        "entered_stage_on >= created_on",
        both(
            en="The stage was entered no earlier than the deal was created",
            zh="进入阶段的日期不早于创建日期",
        ),
    ),
    _Row(
        "entered_not_in_future",
        "not known(entered_stage_on) or entered_stage_on <= today",
        both(en="The stage was not entered in the future", zh="进入阶段的日期不在未来"),
        group="all",
    ),
    _Row(
        "open_has_no_close_date",
        "not known(closed_on)",
        both(en="No open deal has a day on which it was closed", zh="未结束的项目没有结束日期"),
    ),
    _Row(
        "won_probability",
        "probability == 1",
        both(en="A won deal has a probability of 100 %", zh="赢单的成功率为 100%"),
        group="won",
    ),
    _Row(
        "lost_probability",
        "probability == 0",
        both(en="A lost deal has a probability of 0 %", zh="输单的成功率为 0%"),
        group="lost",
    ),
    _Row(
        "closed_date_known",
        "known(closed_on)",
        both(en="A closed deal has its close date", zh="已结束的项目有结束日期"),
        group="closed",
    ),
    _Row(
        "closed_not_in_future",
        "closed_on <= today",
        both(en="A closed deal was not closed in the future", zh="已结束的项目结束日期不在未来"),
        group="closed",
    ),
    _Row(
        "closed_after_created",
        "closed_on >= created_on",
        both(en="A deal was closed no earlier than it was created", zh="结束日期不早于创建日期"),
        group="closed",
    ),
    _Row(
        "created_not_in_future",
        "created_on <= today",
        both(en="The deal was not created in the future", zh="创建日期不在未来"),
        group="all",
    ),
)


_AMOUNT_HAS_RATE: Final = both(
    en="There is a rate from the amount's currency into {into}", zh="有从金额币种到 {into} 的汇率"
)
_HAS_RATE: Final = both(
    en="There is a rate from the currency of {name} into {into}",
    zh="有从{name}币种到 {into} 的汇率",
)
_IS_ALLOWED: Final = both(
    en="{name}, where it is given, is {allowed}", zh="{name}如已填写，应为{allowed}"
)


def hygiene_checks(
    playbook: Playbook, facts: Facts, listed: Sequence[str], *, converted: Sequence[str]
) -> list[Check]:
    """The hygiene checks of a playbook, with its limits.

    `listed` are the facts that cannot have any value, and that have a column; `converted` the
    amounts that may be in another currency than the playbook's.
    """
    checks = [*_of_every_frame(playbook)]
    for amount in converted:
        key, words = "amount_convertible", _AMOUNT_HAS_RATE
        if amount != "amount":
            key, words = f"convertible.{amount}", _HAS_RATE
        called = playbook.fact_titles.get(amount) or both(en=amount, zh=amount)
        title = filled(words, name=called, into=playbook.currency)
        rule = Rule.of(Flag(f"{amount}{CONVERTIBLE}"), facts)
        checks.append(_check(key, rule, Scope("all"), "error", title))
    bounded = [fact for fact in listed if facts[fact].enforced]
    for fact in bounded:
        name = playbook.fact_titles.get(fact) or both(en=fact, zh=fact)
        title = filled(_IS_ALLOWED, name=name, allowed=facts[fact].allowed)
        rule = Rule.of(Flag(f"{LISTED}.{fact}"), facts)
        checks.append(_check(f"allowed.{fact}", rule, Scope("all"), "error", title))
    choices = [fact for fact in listed if fact not in bounded]
    if choices:
        flags: tuple[Node, ...] = tuple(Flag(f"{LISTED}.{fact}") for fact in choices)
        rule = Rule.of(And(flags), facts)
        title = both(en="Every choice is one of its list", zh="每个选项都在允许的取值之内")
        checks.append(_check("known_values", rule, Scope("all"), "error", title))
    return checks


@lru_cache(maxsize=64)
def _of_every_frame(playbook: Playbook) -> tuple[Check, ...]:
    """The checks that depend on nothing but the playbook: their rules are parsed once."""
    facts = playbook.facts.extended(PIPELINE_FACTS)
    limits = playbook.hygiene
    words = {"activity_days": limits.activity_days, "pushes": limits.pushes}
    checks = (
        _check(
            row.name,
            Rule.parse(row.rule.format(**words), facts),
            Scope(row.group),
            row.severity,
            filled(row.title, **words),
        )
        for row in _TABLE
    )
    return (*checks, *_by_stage(playbook, facts), *_by_track(playbook, facts))


def _check(name: str, rule: Rule, scope: Scope, severity: Severity, title: Text) -> Check:
    return Check(f"hygiene.{name}", rule, scope, severity, title)


def _by_stage(playbook: Playbook, facts: Facts) -> list[Check]:
    """The limits that each stage has of its own; stages without one are not subject to them."""
    checks = []
    tolerance = playbook.hygiene.probability_tolerance

    def age(place: Position) -> str | None:
        days = place.max_days
        return None if days is None else f"days_since(entered_stage_on) <= {days}"

    def near(place: Position) -> str | None:
        if place.probability is None:
            return None
        # Rounded: 0.1 + 0.25 is a little more than 0.35, and a text holds 15 digits.
        low = round(place.probability - tolerance, 6)
        high = round(place.probability + tolerance, 6)
        return f"{low} <= probability <= {high}"

    for name, fact, limit, title in (
        (
            "stage_age",
            "entered_stage_on",
            age,
            both(
                en="The deal has not been in its stage for longer than the stage allows",
                zh="项目在当前阶段的停留未超过规定天数",
            ),
        ),
        (
            "probability_near_stage",
            "probability",
            near,
            both(
                en="The probability is near that of the stage",
                zh="成功率与所处阶段的成功率接近",
            ),
        ),
    ):
        limits: dict[str, list[str]] = {}
        codes = []
        for place in Places(playbook):
            found = {limit(position) for position in place.positions}
            # Where only the stage is known, its sub-stages must agree on a limit.
            if place.outcome == "none" and len(found) == 1 and (text := found.pop()):
                codes.append(place.code)
                where = f'stage == "{place.stage}"'
                if place.sub_stage is not None:
                    where += f' and sub_stage == "{place.sub_stage}"'
                limits.setdefault(text, []).append(where)
        if limits:
            # As trees: a process of many stages is longer than a written rule may be.
            ways: list[Node] = [
                And((Or(tuple(_node(place, facts) for place in where)), _node(text, facts)))
                for text, where in limits.items()
            ]
            rule = Rule.of(Or(tuple(ways)), facts)
            scope = Scope("open", tuple(codes))
            # Whatever is not at one place is at another, so that the limits alone decide.
            checks.append(replace(_check(name, rule, scope, "warning", title), needs=(fact,)))
    return checks


_TRACK_AGE: Final = both(
    en="{track}: it has not been in its state for longer than that allows",
    zh="{track}：在当前状态的停留未超过规定天数",
)


def _by_track(playbook: Playbook, facts: Facts) -> list[Check]:
    """The limits of the states of each track, for deals where it stands in such a state."""
    checks = []
    for key, track in playbook.tracks.items():
        name = f"track.{key}"
        limits = {it.key: it.max_days for it in track.states if it.max_days is not None}
        if limits:
            rules = [
                f'{name} == "{state}" and days_since({name}.entered_on) <= {days}'
                for state, days in limits.items()
            ]
            places = [f'{name} == "{state}"' for state in limits]
            check = _check(
                f"track_age_{key}",
                Rule.of(_any(rules, facts), facts),
                Scope("open"),
                "warning",
                filled(_TRACK_AGE, track=track.title),
            )
            when = Rule.of(_any(places, facts), facts)
            checks.append(replace(check, when=when, needs=(name, f"{name}.entered_on")))
    return checks


def _any(texts: Sequence[str], facts: Facts) -> Node:
    first, *others = (_node(text, facts) for text in texts)
    return Or((first, *others)) if others else first


def _node(text: str, facts: Facts) -> Node:
    return Rule.parse(text, facts).node
