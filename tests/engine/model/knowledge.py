"""What is known of a deal: the facts that rules read, and which criteria are met."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

import salesflow as sf
from salesflow.facts import FactKind
from salesflow.playbook import ApprovalRow, Criterion, Instrument, Scorecard
from salesflow.rules import Rule
from tests.engine.model.record import Record, Word
from tests.engine.model.ways import Point, Ways

SAYS: dict[str, object] = {"+": True, "-": False, "?": None, "n/a": None}
VERDICTS: dict[str, object] = {"go": True, "kill": False, "hold": None}
Facts = dict[str, object]


class Knowledge:
    """Everything that somebody can know of a deal under a playbook at a moment."""

    def __init__(
        self,
        ways: Ways,
        record: Record,
        deal: sf.Opportunity,
        at: datetime,
        tz: str,
        rates: Mapping[str, Decimal],
    ) -> None:
        self.ways, self.book, self.record, self.deal = ways, ways.book, record, deal
        self.tz, self.rates = tz, rates
        self.zone = ZoneInfo(tz)
        self.day = at.astimezone(self.zone).date()

    def verdict(self, rule: Rule, facts: Facts | None = None) -> sf.Verdict:
        """What a rule says."""
        return rule.verdict(self.facts if facts is None else facts, self.day, tz=self.tz)

    @cached_property
    def facts(self) -> Facts:
        """The facts by name."""
        facts = {**self.given(), **self.course(), **self.people_said()}
        facts |= self.where_tracks_stand(facts)
        facts |= self.sheet(facts)
        facts |= self.where_tracks_stand(facts)
        for _ in self.book.instruments:  # each may rest on another
            facts |= self.worked_out(facts)
        return facts

    def with_before(self, before: Knowledge) -> Facts:
        """The facts of a deal as it would be, with those that it has; words are as they stand."""
        said = {
            name: value
            for name, value in before.facts.items()
            if name.startswith(("done.", "approval."))
        }
        facts = {**self.facts, **said}
        facts |= self.worked_out(facts)
        return facts | {f"before.{name}": value for name, value in before.facts.items()}

    def worth(self, money: sf.Money) -> Decimal:
        """An amount in the playbook's currency."""
        return money.amount * self.rates.get(money.currency, Decimal(1))

    def given(self) -> Facts:
        """What the deal itself says."""
        deal, account = self.deal, self.deal.account
        fields = ("owner", "source", "next_step", "probability", "created_on", "expected_close_on")
        facts: Facts = {name: getattr(deal, name) for name in fields}
        for name, value in deal.facts.items():  # days are kept as texts
            is_day = self.book.facts[name].kind is FactKind.DAY
            facts[name] = date.fromisoformat(str(value)) if is_day else value
        if deal.amount is not None:
            facts["amount"] = float(self.worth(deal.amount))
            facts["amount.currency"] = deal.amount.currency
        for name in ("name", "tier", "industry"):
            facts[f"account.{name}"] = account and getattr(account, name)
        facts["last_activity_on"], facts["next_step_on"] = deal.last_activity_on, deal.next_step_on
        facts["close_date_pushes"] = deal.close_date_pushes + self.record.pushes
        facts["contacts.total"] = len(deal.contacts)
        return facts

    def course(self) -> Facts:
        """Where the deal stands, since when, and where it was."""
        record = self.record
        facts: Facts = {
            "outcome": record.outcome,
            "ended": record.ended,
            "on_hold": record.hold is not None,
            "forecast.category": self.category(),
            **{f"forecast.{who}_call": it.category for who, it in record.called.items()},
            "closed_on": record.closed_at and record.closed_at.astimezone(self.zone).date(),
        }
        if record.visits:
            stay = record.stay([record.here.stage])
            since = record.visits[min(stay)].entered_at
            facts |= {"stage": record.here.stage, "sub_stage": record.here.part}
            facts["entered_stage_on"] = since.astimezone(self.zone).date()
        for place in self.book.positions:
            for name in (place.key, place.stage.key):
                facts[f"reached.{name}"] = self.reached(name)
        return facts

    def category(self) -> str | None:
        """What the deal counts as in the forecast, whatever people call it."""
        record = self.record
        if record.outcome == "won" or record.ended:
            return "closed" if record.outcome == "won" else "omitted"
        place = self.ways.places.get(record.place) if record.visits else None
        return place.forecast if place else None

    def reached(self, name: str) -> bool | None:
        """Whether the deal was there, by what it is called now or was called then."""
        visits = self.record.visits
        if any(name in self.names_now(it.stage, it.part) for it in visits):
            return True
        if not self.record.adopted:
            return False
        # Which other stages an adopted deal went through before is not on record.
        first = self.names_now(visits[0].stage, visits[0].part)
        baseline = next((key for key in self.ways.order if key in first), None)
        passed = self.ways.surely_passed(baseline) if baseline else set()
        names = {it for key in passed for it in (key, self.ways.places[key].stage.key)}
        return True if name in names else None

    def names_now(self, *names: str | None) -> set[str]:
        """Visits that are over keep the names of their time."""
        today = {name for it in self.book.positions for name in (it.key, it.stage.key)}
        found = {name for name in names if name in today}
        for migration in self.book.migrations:
            if migration.playbook is None:
                old = [name for name in names if name and name not in today]
                found |= {migration.stages[name] for name in old if name in migration.stages}
        return found

    def people_said(self) -> Facts:
        """What people put on record, each kind for what it is about."""
        record, facts = self.record, Facts()
        for (key,), item in record.standing("attested").items():
            criterion = self.ways.criteria.get(key)
            if criterion is not None and criterion.kind == "attested":
                facts[f"done.{key}"] = item.value if self.as_it_was(criterion, item.seen) else None
        for (key,) in record.standing("completed"):
            instrument = self.book.instruments.get(key)
            if instrument is not None and instrument.rule is None:
                facts[f"done.{key}"] = True
        facts |= {f"waived.{key}": True for (key,) in record.standing("waived")}
        if record.visits:
            stay = record.stay([record.here.stage])
            for word in sorted(record.words, key=lambda word: word.at):
                if word.point is None and word.visit in stay:
                    facts[f"approval.{word.role}"] = VERDICTS[word.verdict]
        for key, point in self.ways.points.items():
            words = self.words(point)
            if point.criterion.kind == "approval":
                for role, word in words.items():
                    facts[f"approval.{key}.{role}"] = VERDICTS[word.verdict]
            else:
                facts[f"done.{key}"] = quorum(point.criterion, words)
        return facts

    def words(self, point: Point) -> dict[str, Word]:
        """The latest word of each role that counts, where it still stands."""
        record, criterion = self.record, point.criterion
        stay = next(iter(record.stays_of(point.track, point.states)), -1) if point.track else None
        visits = record.stay(point.stages)
        latest: dict[str, Word] = {}
        for word in sorted(record.words, key=lambda word: word.at):
            if criterion.kind == "approval":
                counts = True
            elif point.track is not None:
                counts = word.stay == stay
            else:
                counts = word.visit in visits
            about = word.point == criterion.key
            if word.point is None and point.of_the_visit:
                there = record.visits[word.visit]
                about = (there.part or there.stage) in point.places
            if counts and about and word.role in criterion.roles:
                latest[word.role] = word
        return {role: it for role, it in latest.items() if self.as_it_was(criterion, it.seen)}

    def as_it_was(self, criterion: Criterion, seen: Mapping[str, object]) -> bool:
        """Is everything on which something was said what it was then?"""
        now = self.seen(criterion)
        return all(name in seen and seen[name] == now[name] for name in criterion.lapses_on)

    def seen(self, *criteria: Criterion) -> dict[str, object]:
        """What the facts are on which these criteria rest; an amount with its currency."""
        answers = self.answers()
        found: dict[str, object] = {}
        for name in {name for criterion in criteria for name in criterion.lapses_on}:
            if name == "amount":
                money = self.deal.amount
                found[name] = money and (money.amount, money.currency)
            elif name in self.book.questions:
                found[name] = self.read(name, answers.get(name))
            else:
                found[name] = self.given().get(name)
        return found

    def answers(self) -> dict[str, object]:
        """The answers about us that stand, by question."""
        standing = self.record.standing("answered").items()
        return {name: it.value for (name, about), it in standing if about == "us"}

    def read(self, name: str, said: object) -> object:
        """What an answer says: yes, no, or a value; nothing where it is not known."""
        question = self.book.questions[name]
        if said is None or said in ("?", "n/a"):
            return None
        return SAYS.get(str(said)) if question.type == "yes_no" else question.read(said)

    def where_tracks_stand(self, known: Facts) -> Facts:
        """The states of the tracks that apply."""
        facts: Facts = {}
        for key, track in self.book.tracks.items():
            stay = self.record.track(key)
            applies = self.verdict(track.when, known) if track.when else sf.Verdict.YES
            if stay is not None:
                facts[f"track.{key}"] = {
                    sf.Verdict.YES: stay.state,
                    sf.Verdict.NO: "not_applicable",
                    sf.Verdict.UNKNOWN: None,
                }[applies]
        return facts

    def marks(self, known: Facts) -> dict[str, object]:
        """What is said of each question: n/a where it does not apply, nothing where unasked."""
        said = self.answers()
        marks = {}
        for name, question in self.book.questions.items():
            when = question.when
            left_out = when is not None and self.verdict(when, known) is sf.Verdict.NO
            marks[name] = "n/a" if left_out else said.get(name)
        return marks

    def sheet(self, known: Facts) -> Facts:
        """The answers, those that do not apply, and what is counted of both."""
        # What decides whether a question applies never asks one that may not apply by a rule.
        said = self.answers()
        plain = {name: self.read(name, said.get(name)) for name in self.book.questions}
        known = {**known, **plain}
        marks = self.marks(known)
        facts: Facts = {name: self.read(name, mark) for name, mark in marks.items()}
        for name, question in self.book.questions.items():
            when = question.when and self.verdict(question.when, known)
            if marks[name] == "n/a":
                facts[f"not_applicable.{name}"] = True
            elif question.may_not_apply or question.when:
                facts[f"not_applicable.{name}"] = None if when is sf.Verdict.UNKNOWN else False
        for key, checklist in self.book.checklists.items():
            names = [f"{key}.{item.key}" for item in checklist.questions]
            facts[f"{key}.asked"] = sum(marks[name] is not None for name in names)
            facts[f"{key}.unknown"] = sum(marks[name] in (None, "?") for name in names)
            yes_no = [name for name in names if self.book.questions[name].type == "yes_no"]
            if yes_no:
                counted = [marks[name] for name in yes_no if marks[name] != "n/a"]
                facts[f"{key}.yes"], facts[f"{key}.no"] = counted.count("+"), counted.count("-")
                facts[f"{key}.share"] = counted.count("+") / len(counted) if counted else None
        return facts

    def unasked(self, checklist: str) -> list[str]:
        """The questions that apply and that nobody asked."""
        marks = self.marks(self.facts)
        return [name for name in marks if name.startswith(f"{checklist}.") and marks[name] is None]

    def worked_out(self, facts: Facts) -> Facts:
        """What follows from rules: whether instruments are complete, and the points of cards."""
        found: Facts = {}
        for key, instrument in self.book.instruments.items():
            if instrument.rule is not None:
                done = {"yes": True, "no": False}.get(self.verdict(instrument.rule, facts).value)
                if instrument.checklist is not None and self.unasked_of(instrument, facts):
                    done = False
                found[f"done.{key}"] = done
        for key, card in self.book.scorecards.items():
            found[f"score.{key}.low"], found[f"score.{key}.high"] = self.points_of(card, facts)
        return found

    def unasked_of(self, instrument: Instrument, facts: Facts) -> bool:
        """Whether something of its checklist was not asked."""
        questions = self.book.checklists[instrument.checklist or ""].questions
        return facts.get(f"{instrument.checklist}.asked") != len(questions)

    def points_of(self, card: Scorecard, facts: Facts) -> tuple[float, float]:
        """The least and the most points that a card can still come to."""
        ends = [item_ends for _, item_ends in self.items_of(card, facts)]
        return sum(min(pair) for pair in ends), sum(max(pair) for pair in ends)

    def items_of(
        self, card: Scorecard, facts: Facts
    ) -> Iterator[tuple[sf.Verdict, tuple[float, float]]]:
        """For each item whether it holds, and the two ends of what it earns."""
        for item in card.items:
            verdict = self.verdict(item.rule, facts)
            skips = [facts.get(f"not_applicable.{name}") is True for name in item.rule.facts]
            ends = (item.min * item.weight, item.max * item.weight)
            value = facts.get(item.points or "")
            if verdict is sf.Verdict.UNKNOWN and all(skips):
                ends = (0.0, 0.0)
            elif item.points is None:
                ends = {"yes": (item.weight,) * 2, "no": (0.0, 0.0)}.get(
                    verdict.value, (0.0, item.weight)
                )
            elif isinstance(value, int | float):
                points = min(max(float(value), item.min), item.max) * item.weight
                ends = (points, points)
            yield verdict, ends

    def surely_lowest(self, card: Scorecard) -> bool:
        """Whether a card is certain to be in the lowest of several bands."""
        _, *others = sorted(card.bands, key=lambda band: band.min)
        facts = self.facts
        items = zip(card.items, self.items_of(card, facts), strict=True)
        out = any(item.knock_out and verdict is sf.Verdict.NO for item, (verdict, _) in items)
        return bool(others) and (out or self.points_of(card, facts)[1] < others[0].min)

    def met(self, criterion: Criterion) -> bool:
        """Whether a criterion holds, or does not apply."""
        facts = self.facts
        when = self.when(criterion)
        if when is not None and self.verdict(when) is sf.Verdict.NO:
            return True
        if criterion.kind == "approval":
            return all(
                facts.get(f"approval.{criterion.key}.{role}") is True
                for row in self.rows(criterion)
                for role in row.roles
            )
        if criterion.kind == "instruments":
            return all(self.done(key) for key in self.instruments())
        if criterion.rule is not None and criterion.kind == "computed":
            return self.verdict(criterion.rule) is sf.Verdict.YES
        return facts.get(f"done.{criterion.key}") is True

    def done(self, instrument: str) -> bool:
        """Whether a piece of planning is complete, or nothing asks for it."""
        when = self.book.instruments[instrument].when
        applies = when is None or self.verdict(when) is not sf.Verdict.NO
        return not applies or self.facts.get(f"done.{instrument}") is True

    def when(self, criterion: Criterion) -> Rule | None:
        """Where a criterion applies; of an approval, what the file says beside its policy."""
        if criterion.kind != "approval":
            return criterion.when
        text = next((it["when"] for it in self.written if it["key"] == criterion.key), None)
        return None if text is None else Rule.parse(text, self.book.facts)

    @cached_property
    def written(self) -> list[dict[str, str]]:
        """The criteria with a condition, as the file has them."""
        found: list[dict[str, str]] = []

        def walk(value: object) -> None:
            if isinstance(value, dict):
                if "when" in value and "approval" in value:
                    found.append(value)
                for inner in value.values():
                    walk(inner)
            elif isinstance(value, list):
                for inner in value:
                    walk(inner)

        walk(json.loads(self.ways.text))
        return found

    def rows(self, criterion: Criterion) -> list[ApprovalRow]:
        """The rows of an approval that may be the first to hold."""
        when = self.when(criterion)
        if criterion.approval is None or (when and self.verdict(when) is sf.Verdict.NO):
            return []
        found = []
        for row in criterion.approval.rows:
            verdict = self.verdict(row.when)
            if verdict is not sf.Verdict.NO:
                found.append(row)
            if verdict is sf.Verdict.YES:
                break
        return found

    def instruments(self) -> list[str]:
        """What the rows of the size policy may ask for that may be the first to hold."""
        found: list[str] = []
        for row in self.book.size_policy:
            verdict = self.verdict(row.when)
            if verdict is not sf.Verdict.NO:
                found += row.instruments
            if verdict is sf.Verdict.YES:
                break
        return found


def quorum(criterion: Criterion, words: Mapping[str, Word]) -> bool | None:
    """Whether enough roles say go, if every way that the open ones may still decide agrees."""
    said = {role: words[role].verdict if role in words else "hold" for role in criterion.roles}
    gone = [*said.values()].count("go")
    open_ = [*said.values()].count("hold")
    if gone >= criterion.needed:
        return True
    return False if gone + open_ < criterion.needed else None
