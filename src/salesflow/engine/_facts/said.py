"""What people said, and whether it still stands: the words that count, and what they rest on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from salesflow._arguments import zone
from salesflow.domain import Attestation, Judgement, Opportunity, Progress, SeenValue
from salesflow.domain.deal.opportunity import Deal
from salesflow.domain.deal.stays import current_visit
from salesflow.engine._facts.readers import STANDARD, ReadValue, given
from salesflow.money import Money
from salesflow.playbook import Criterion, Playbook
from salesflow.qualify import answer_facts
from salesflow.rules._values import Value, read_all, readers_of
from salesflow.schedule._decision_points import DecisionPoint

_NO_RECORDS: Final[Mapping[str, ReadValue]] = MappingProxyType({})
_VERDICTS: Final[Mapping[str, bool | None]] = {"go": True, "kill": False, "hold": None}


class Lapse(NamedTuple):
    """A fact that is not what it was when something was said.

    Attributes:
        recorded: Whether it is on record at all what the fact was.
    """

    fact: str
    before: SeenValue
    now: SeenValue
    recorded: bool


def values_now(
    deal: Deal,
    playbook: Playbook,
    names: Iterable[str],
    tz: str,
    records: Mapping[str, ReadValue] = _NO_RECORDS,
) -> dict[str, SeenValue]:
    """The values of facts that somebody gives, as an event keeps them; `records` has what they say.

    An amount keeps its currency: a rate that moves changes nothing that was agreed.

    Raises:
        FactError: A fact is of the wrong kind.
    """
    used = {name: playbook.facts[name] for name in names}
    facts: dict[str, object] = dict(given(deal, playbook)) if deal.facts else {}
    if isinstance(deal, Opportunity):
        facts.update((name, STANDARD[name](deal)) for name in used if name in STANDARD)
    else:
        facts["owner"] = deal.owner
    if deal.progress.answers and not playbook.questions.keys().isdisjoint(used):
        facts.update(answer_facts(playbook, deal.progress.answers))
    facts.update(records)
    if "amount" in used and isinstance(deal, Opportunity):
        facts["amount"] = deal.amount
    amounts = {}
    for name, fact in used.items():
        value = facts.get(name)
        if isinstance(value, Money):
            amounts[name] = f"{value.amount.normalize():f} {value.currency}"
            facts[name] = None
        elif value is not None and (
            (currency := records.get(fact.currency or "")) not in {None, playbook.currency}
        ):
            amounts[name] = f"{value:.15g} {currency}"
    read = read_all(readers_of(used, zone(tz)), facts)
    return {name: _as_json(value) for name, value in read.items()} | amounts


def _as_json(value: Value | None) -> SeenValue:
    return value.isoformat() if isinstance(value, date | datetime) else value


def lapses_of(
    word: Attestation | Judgement, criterion: Criterion, now: Mapping[str, SeenValue]
) -> list[Lapse]:
    """The facts that are not what they were when this was said; empty while it stands."""
    seen = word.seen
    return [
        Lapse(name, seen.get(name), now[name], name in seen)
        for name in criterion.lapses_on
        if name not in seen or seen[name] != now[name]
    ]


def _words_of(
    progress: Progress, asked: DecisionPoint, said: Iterable[Judgement]
) -> list[Judgement]:
    """The latest word of each of its roles, of those that count."""
    return list({word.role: word for word in asked.counted(progress, said)}.values())


def standing_words(
    progress: Progress, asked: DecisionPoint, now: Mapping[str, SeenValue]
) -> list[Judgement]:
    """Those that stand: the facts that they rest on are what they were."""
    words = _words_of(progress, asked, in_time(progress.judgements))
    if not asked.criterion.lapses_on:
        return words
    return [word for word in words if not lapses_of(word, asked.criterion, now)]


def words_standing(
    progress: Progress,
    criterion: Criterion,
    asked: DecisionPoint | None,
    now: Mapping[str, SeenValue],
) -> list[Attestation] | list[Judgement]:
    """What people say of a criterion, whoever it is that vouches for it; not what lapsed."""
    if asked is not None:
        return standing_words(progress, asked, now)
    return [
        word
        for word in progress.attestations
        if word.criterion == criterion.key and not lapses_of(word, criterion, now)
    ]


def put_judged(
    facts: dict[str, ReadValue],
    progress: Progress,
    asked: DecisionPoint,
    said: Iterable[Judgement],
    now: Mapping[str, SeenValue],
) -> None:
    """Add what the roles say of a decision, a judgement or an approval.

    Beside flags of the catalogue, `hold.<key>` and `lapsed><key>`, which no fact can be called, are
    for explanations only.
    """
    criterion = asked.criterion
    words = standing = _words_of(progress, asked, said)
    if criterion.lapses_on:
        fallen = [lapses_of(word, criterion, now) for word in words]
        if any(fallen):
            standing = [word for word, lapses in zip(words, fallen, strict=True) if not lapses]
            facts[f"lapsed>{criterion.key}"] = written(lapse for part in fallen for lapse in part)
    if criterion.kind == "approval":
        for word in standing:
            facts[f"approval.{criterion.key}.{word.role}"] = _VERDICTS[word.verdict]
    else:
        facts[f"done.{criterion.key}"] = judged(standing, criterion)
    waits = [f"{it.resume_when} ({it.review_on})" for it in standing if it.verdict == "hold"]
    if waits:
        facts[f"hold.{criterion.key}"] = "; ".join(waits)


def written(lapses: Iterable[Lapse]) -> str:
    """Lapses as a text, which is what a fact can be; each once."""
    return json.dumps(list(dict.fromkeys(lapses)))


def read_lapses(text: object) -> Sequence[Lapse]:
    """Lapses from the text that `written` made."""
    return [Lapse(*parts) for parts in json.loads(text)] if isinstance(text, str) else ()


def visit_approvals(progress: Progress, said: Iterable[Judgement]) -> dict[str, ReadValue]:
    """What each role said of the present visit as a whole; its latest word stands."""
    here = current_visit(progress)
    return {
        f"approval.{judgement.role}": _VERDICTS[judgement.verdict]
        for judgement in said
        if judgement.visit in here and judgement.point is None
    }


def in_time(judgements: Iterable[Judgement]) -> list[Judgement]:
    """As they were given, which is not always as they were recorded."""
    return sorted(judgements, key=lambda judgement: judgement.at)


def judged(words: list[Judgement], criterion: Criterion) -> bool | None:
    """Whether enough of its roles said go.

    False once too many said kill for it ever to be enough; None until either is certain.
    """
    said = [judgement.verdict for judgement in words]
    if said.count("go") >= criterion.needed:
        return True
    return False if said.count("kill") > len(criterion.roles) - criterion.needed else None
