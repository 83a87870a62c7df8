"""What the fuzzer asks: each target reads bytes of a stranger and does with them what a host does.

One oracle for all: what cannot be used is refused with one of our exceptions, whose text is short
and shows all that is in it; nothing else is ever raised. What is accepted is worked with, and keeps
what the documentation promises of it. `asked` counts on libFuzzer for the time that it takes, and
the test of the corpus counts steps.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

import polars as pl
from pydantic import ValidationError

import salesflow as sf
from salesflow import domain
from salesflow._unseen import LONGEST
from salesflow.documents import handbook
from salesflow.domain import HostDeal, Record
from salesflow.domain._base.table import TableRow
from salesflow.domain.deal.record_items import RECORD_NAMES, record_class
from salesflow.errors import (
    EventError,
    FactError,
    InvalidPlaybook,
    RuleError,
    SalesflowError,
)
from salesflow.pipeline import (
    backtest,
    check_history,
    close_slippage,
    exports,
    metrics,
    score_frame,
    snapshots,
    win_chances,
)
from salesflow.testing import CaseFile, InvalidCases
from salesflow.text import LANGUAGES
from tests.documents.reading import Page, read
from tests.hostile import DIAGRAMS, MARKDOWN, MARKUP, is_seen

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
T = TypeVar("T")

AT: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
TODAY: Final = AT.date()
EVERY_KEY: Final = Path(__file__).parents[1] / "playbook" / "every_key.toml"
CALLS: Final = (
    "check_pipeline",
    "check_history",
    "metrics",
    "snapshots",
    "score_frame",
    "backtest",
    "win_chances",
    "close_slippage",
)
CRMS: Final = ("salesforce", "hubspot", "suitecrm", "espocrm", "odoo", "jira")


@dataclass(frozen=True, slots=True)
class Target:
    """Something that reads what a stranger wrote.

    Attributes:
        ask: Reads it and works with it.
        words: What such texts are made of, for the fuzzer.
        tree: Whether they are JSON, which is then changed as a tree and not only byte by byte.
        steps: How many calls of functions the longest input of the corpus may take.
    """

    ask: Callable[[bytes], None]
    words: tuple[str, ...]
    tree: bool = True
    steps: int = 1_000_000


def asked(name: str, data: bytes) -> None:
    """Ask a target; raises whatever must not happen."""
    TARGETS[name].ask(data)


def accepted(call: Callable[[], T], *errors: type[Exception]) -> T | None:
    """What a call gives, or None where it refuses with one of these errors, in a few words."""
    try:
        return call()
    except errors as error:
        said = str(error)
        assert len(said.encode()) <= LONGEST, f"{len(said)} characters"
        if isinstance(error, ValidationError):
            said = "\n".join(f"{item['loc']} {item['msg']}" for item in error.errors())
        assert is_seen(said), said
        return None


def text_of(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def tree_of(data: bytes) -> Json:
    """The JSON of an input; None where it is none."""
    try:
        return json.loads(data)  # type: ignore[no-any-return]
    except (ValueError, RecursionError):
        return None


# ---------------------------------------------------------------------------------------- rules


@cache
def every_key() -> sf.Playbook:
    """A playbook that uses every key of the format."""
    return sf.Playbook.from_file(EVERY_KEY)


FULL: Final[Mapping[str, object]] = {
    "amount": 120_000,
    "account.tier": "named",
    "expected_close_on": date(2026, 2, 1),
    "owner": "li.wei",
    "on_hold": False,
    "probability": 0.4,
    "shaft.floors": 12,
    "kind_of_house": "office",
    "permit": "B-2026x",
}


def rules(data: bytes) -> None:
    rule = accepted(lambda: sf.Rule.parse(text_of(data), every_key().facts), RuleError)
    if rule is None:
        return
    assert sf.Rule.parse(str(rule), every_key().facts) == rule
    for facts in (FULL, {}, dict.fromkeys(rule.facts, None)):
        verdict = rule.verdict(facts, TODAY)
        finding = rule.evaluate(facts, TODAY)
        assert finding.verdict is verdict
        assert bool(finding.blockers()) == (verdict is not sf.Verdict.YES)
    for value in ("", "no such choice", 5, True, TODAY, float("nan"), 10**400):
        facts = dict.fromkeys(rule.facts, value)
        said = accepted(lambda facts=facts: rule.verdict(facts, TODAY), FactError)  # type: ignore[misc]
        if said is not None:
            assert rule.evaluate(facts, TODAY).verdict is said


# ------------------------------------------------------------------------------------ playbooks


def playbooks(data: bytes) -> None:
    if data.lstrip()[:1] == b"{":
        playbook = accepted(lambda: sf.Playbook.from_json(text_of(data)), InvalidPlaybook)
    else:
        playbook = accepted(lambda: sf.Playbook.from_bytes(data), InvalidPlaybook)
    if playbook is None:
        return
    assert sf.Playbook.from_json(playbook.to_json()) == playbook
    assert all(is_seen(str(warning)) for warning in playbook.warnings)
    _shown(playbook)
    follows = sf.StageEngine(playbook)
    deal = sf.Opportunity(id="D", name="D", owner="li")
    started = accepted(lambda: follows.decide(deal, sf.Start(by="li"), at=AT), SalesflowError)
    if started is not None:
        _worked_with(started.opportunity, follows)


def _shown(playbook: sf.Playbook) -> None:
    for lang in LANGUAGES:
        page = read(handbook(playbook, lang))
        assert not page.kinds & {"html_block", "image", "link_open"}, page.kinds
        assert is_seen(playbook.diagram(lang))
    assert "<script" not in playbook._repr_html_()


# ---------------------------------------------------------------------------------------- cases


def cases(data: bytes) -> None:
    """Cases of the playbook that uses every key."""
    read_from = CaseFile.from_json if data.lstrip()[:1] == b"{" else CaseFile.from_toml
    file = accepted(lambda: read_from(text_of(data)), InvalidCases)
    if file is None:
        return
    for name in file.records:
        accepted(lambda name=name: file.record(name), SalesflowError)  # type: ignore[misc]
    results = accepted(lambda: file.run(every_key()), SalesflowError)
    for result in results or ():
        assert all(map(is_seen, str(result).split("\n")))


# ------------------------------------------------------------------------------------ handbooks


@cache
def _written() -> str:
    return every_key().to_json()


@cache
def _harmless() -> Page:
    return read(handbook(every_key(), "en"))


def _texts(tree: Json) -> Iterator[tuple[dict[str, Json], str]]:
    """The places of a playbook at which people write."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key in LANGUAGES:
                yield tree, key
            yield from _texts(value)
    elif isinstance(tree, list):
        for item in tree:
            yield from _texts(item)


def handbooks(data: bytes) -> None:
    given = tree_of(data)
    words = [item for item in given if isinstance(item, str)] if isinstance(given, list) else []
    if not words:
        return
    document = json.loads(_written())
    for at, (text, lang) in enumerate(_texts(document)):
        text[lang] = words[at % len(words)]
    playbook = accepted(lambda: sf.Playbook.from_json(json.dumps(document)), InvalidPlaybook)
    if playbook is not None:
        assert read(handbook(playbook, "en")).shape == _harmless().shape
        _shown(playbook)


# --------------------------------------------------------------------------- events and commands


@cache
def engine() -> sf.StageEngine:
    return sf.StageEngine(every_key())


def events(data: bytes) -> None:
    found = accepted(lambda: sf.read_events(text_of(data)), EventError)
    if found is None:
        return
    assert sf.read_events(sf.write_events(found)) == found
    progress = accepted(lambda: engine().replay(found), SalesflowError)
    if progress is not None:
        deal = sf.Opportunity(id=found[0].opportunity_id if found else "D", name="D")
        _worked_with(deal.model_copy(update={"progress": progress}))


def commands(data: bytes) -> None:
    deal = sf.Opportunity(
        id="D",
        name="D",
        owner="li",
        team={"boss": "boss"},
        probability=0.4,
        facts={"kind_of_house": "office", "shaft.floors": 12},
    )
    recorded: list[sf.Event] = []
    for at, line in enumerate(text_of(data).split("\n")[:20]):
        command = accepted(
            lambda line=line: sf.read_command(line),  # type: ignore[misc]
            SalesflowError,
            ValidationError,
        )
        if command is None:
            continue
        assert sf.read_command(command.model_dump_json()) == command
        moment = AT + timedelta(days=at)
        decision = accepted(
            lambda deal=deal, command=command, moment=moment: engine().decide(  # type: ignore[misc]
                deal, command, at=moment
            ),
            SalesflowError,
        )
        if decision is not None and decision.accepted:
            deal = decision.opportunity
            recorded += decision.events
    assert sf.read_events(sf.write_events(recorded)) == tuple(recorded)
    if recorded:
        assert engine().replay(recorded) == deal.progress
        _worked_with(deal)


def _worked_with(deal: Any, follows: sf.StageEngine | None = None) -> None:
    """What a host asks of a deal that it has read."""
    again = type(deal).model_validate_json(deal.model_dump_json())
    assert again == deal
    follows = follows or engine()
    moment = AT + timedelta(days=1_000)
    for call in (
        lambda: sf.facts_of(deal, follows.playbook, at=moment),
        lambda: follows.review(deal, at=moment),
        lambda: follows.due(deal, at=moment),
        lambda: follows.decide(deal, sf.Advance(by="li"), at=moment),
        *(
            lambda card=card: follows.score(deal, card, at=moment)
            for card in follows.playbook.scorecards
        ),
    ):
        accepted(call, SalesflowError)


# ---------------------------------------------------------------------------- records and facts


@cache
def _records() -> dict[str, type[Record]]:
    offered = (getattr(domain, name) for name in vars(domain)["__all__"])
    return {
        each.__name__: each
        for each in offered
        if isinstance(each, type) and issubclass(each, Record) and each is not Record
    }


def records(data: bytes) -> None:
    """The first line names the class."""
    name, _, text = text_of(data).partition("\n")
    cls = _records().get(name.strip())
    if cls is None:
        return
    record = accepted(lambda: cls.model_validate_json(text), ValidationError)
    if record is not None:
        assert cls.model_validate_json(record.model_dump_json()) == record
        if name in RECORD_NAMES:
            assert record_class(name) is cls
            _worked_with(HostDeal(id="D", records=(record,)))
    cells = tree_of(text.encode())
    if issubclass(cls, TableRow) and isinstance(cells, dict):
        row = accepted(lambda: cls.from_cells(cells), ValidationError)
        if row is not None:
            for lang in LANGUAGES:
                assert cls.from_cells(row.cells(lang)) == row


def facts(data: bytes) -> None:
    given = tree_of(data)
    if not isinstance(given, dict):
        return
    for name in list(given)[:20]:
        rule = accepted(lambda name=name: sf.Rule.parse(name, every_key().facts), RuleError)  # type: ignore[misc]
        known = accepted(
            lambda name=name: sf.Rule.parse(f"known({name})", every_key().facts),  # type: ignore[misc]
            RuleError,
        )
        for each in (rule, known):
            if each is not None:
                accepted(lambda each=each: each.verdict(given, TODAY), FactError)  # type: ignore[misc]
    for cls, more in ((sf.Opportunity, {"name": "D"}), (HostDeal, {})):
        fields = {"id": "D", "owner": "li", "facts": given, **more}
        deal = accepted(lambda cls=cls, fields=fields: cls.model_validate(fields), ValidationError)  # type: ignore[misc]
        if deal is not None:
            _worked_with(deal)


# --------------------------------------------------------------------------------------- frames


def frames(data: bytes) -> None:
    """A table, and which of our functions reads it."""
    given = tree_of(data)
    if not isinstance(given, dict) or not isinstance(columns := given.get("columns"), dict):
        return
    lists = {
        _writable(name[:200]): [_cell(cell) for cell in cells[:20]]
        for name, cells in list(columns.items())[:40]
        if isinstance(cells, list)
    }
    rows = max(map(len, lists.values()), default=0)
    frame = pl.DataFrame(
        {name: [*cells, *[None] * (rows - len(cells))] for name, cells in lists.items()},
        strict=False,
    )
    options = given.get("options")
    options = options if isinstance(options, dict) else {}
    accepted(lambda: _read_by(str(given.get("call")), frame, options), SalesflowError)


def _cell(value: Json) -> object:
    if isinstance(value, str):
        return _writable(value)
    return value if isinstance(value, float | bool | None) else str(value)[:200]


def _writable(text: str) -> str:
    """No frame holds half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode()


def _read_by(call: str, frame: Any, options: dict[str, Any]) -> object:
    where: dict[str, Any] = {
        key: options[key] for key in ("columns", "stages", "values") if key in options
    }
    known: dict[str, Any] = {"key": "id", "as_of": TODAY, **where}
    crm, _, kind = call.partition(".")
    if crm in CRMS:
        turned = getattr(getattr(exports, crm), kind if kind in KINDS else "opportunities")(
            frame,
            **{
                key: options[key]
                for key in ("format", "decimal", "missing", "scale")
                if key in options
            },
        )
        return sf.check_pipeline(turned, every_key(), **known).findings()
    match call:
        case "check_history":
            history: dict[str, Any] = {"case": "id", "stage": "stage", "at": "at", "as_of": TODAY}
            return check_history(frame, every_key(), **history).deviations
        case "snapshots":
            days = [TODAY, AT.date() - timedelta(days=30)]
            return snapshots(frame, every_key(), case="id", stage="stage", at="at", days=days)
        case "win_chances":
            log: dict[str, Any] = {"case": "id", "stage": "stage", "at": "at", "as_of": TODAY}
            beside = frame.unique("id") if "id" in frame.columns else frame
            return win_chances(frame, every_key(), by="owner", deals=beside, **log).summary()
        case "close_slippage":
            return close_slippage(frame, every_key(), **known).summary()
        case "metrics":
            return metrics(frame, every_key(), **known).summary()
        case "score_frame":
            return score_frame(frame, every_key(), "bant", **known).frame
        case "backtest":
            return backtest(frame, every_key().scorecards["bant"])
        case "read_days":
            dates = {key: options[key] for key in options if key in {"format", "missing"}}
            return exports.read_days(frame, frame.columns, **dates)
        case "read_numbers":
            words = {"decimal", "missing", "currency_column"}
            numbers = {key: options[key] for key in options if key in words}
            return exports.read_numbers(frame, frame.columns, **numbers)
        case _:
            report = sf.check_pipeline(frame, every_key(), **known)
            return (report.findings(), str(report), report._repr_html_())


KINDS: Final = ("opportunities", "history", "stages", "ends")

# -------------------------------------------------------------------------------------- targets

_LANGUAGE: Final = (
    *("and", "or", "not", "in", "==", "!=", "<=", ">=", "<", ">", "(", ")", ",", '"', "_", "%"),
    *("known", "at_least", "days_since", "days_until", "true", "false", "1_000", "2026-01-31"),
    *("amount", "amount.currency", "account.tier", "named", "expected_close_on", "kind_of_house"),
    *("shaft.floors", "permit", "on_hold", "tas.compelling_event", "house.style", "done.survey"),
)
_EVIL: Final = (
    *("", " ", "\ud800", "\u200b", "\x1b[31m", "=1+1", "<script>", "|", "\n# x", "```", "a" * 201),
    *("NaN", "Infinity", "1e400", "-0", "9" * 40, "0001-01-01", "9999-12-31", "2026-02-29"),
    *("2026-01-05T09:00:00Z", "2026-01-05T09:00:00", "1,5", "1.234,56", "+", "-", "?", "n/a"),
    *("true", "false", "null", "[]", "{}", "0", "-1", "9007199254740992"),
)
_PROCESS: Final = (
    *("id", "version", "title", "stages", "key", "exit", "entry", "rule", "by", "roles", "facts"),
    *("name", "kind", "choices", "moves", "from", "to", "criteria", "sub_stages", "policy", "when"),
    *(
        "instruments",
        "checklists",
        "questions",
        "scorecards",
        "items",
        "bands",
        "cadences",
        "every",
    ),
    *(
        "size_policy",
        "tracks",
        "states",
        "migrations",
        "languages",
        "use_checklists",
        "use_roles",
        "legal",
        "use_reasons",
        "tas",
        "bant",
    ),
    *("approval", "judgement", "decision", "distinct", "forms", "columns", "max_days", "wins"),
)
_COMMANDS: Final = (
    *("kind", "by", "li", "boss", "role", "at", "note", "stage", "criterion", "question", "mark"),
    *("instrument", "verdict", "reason", "changes", "evidence", "occurred_at", "command_id"),
    *("survey", "offer", "install", "visit", "go", "house.style", "planned", "price", "point"),
    *(cls.__name__ for cls in sf.Command.__subclasses__()),
)
_CASES: Final = (
    *("cases", "say", "steps", "do", "expect", "deal", "records", "satisfy_with", "refused", "to"),
    *("start", "adopt", "advance", "wait", "satisfy", "answer", "attest", "judge", "lose", "days"),
    *("today", "today + 30", "today - 7", "outcome", "instruments", "due", "facts", "rates"),
)

TARGETS: Final[Mapping[str, Target]] = {
    "rules": Target(rules, _LANGUAGE, tree=False),
    "playbooks": Target(playbooks, (*_PROCESS, *_LANGUAGE, *_EVIL)),
    "cases": Target(cases, (*_CASES, *_COMMANDS, *_EVIL)),
    "handbooks": Target(handbooks, (*MARKDOWN, *MARKUP, *DIAGRAMS, *_EVIL), steps=2_000_000),
    "events": Target(events, (*_COMMANDS, *_EVIL)),
    "commands": Target(commands, (*_COMMANDS, *_EVIL)),
    "records": Target(records, _EVIL),
    "facts": Target(facts, (*_LANGUAGE, *_EVIL)),
    "frames": Target(frames, (*CALLS, *CRMS, *_LANGUAGE, *_EVIL)),
}
