"""Commands by which people put something on record, judge, and change the deal."""

from __future__ import annotations

import re
from datetime import date

import salesflow as sf
from tests.engine.model.asked import Asked, Handled, Mistake, Refused
from tests.engine.model.knowledge import Knowledge
from tests.engine.model.people import Code
from tests.engine.model.record import Call, Name, Said, Word
from tests.engine.model.ways import Point


class Saying(Asked):
    """What people say, judge, and change."""

    def attest(self, command: sf.Attest) -> Handled:
        criterion = self.criterion(command.criterion)
        self.running()
        if criterion.kind != "attested":
            raise Refused((criterion.kind, criterion.key))
        missing = self.person.lacks(criterion.by) + self.person.barred(criterion)
        if command.met:
            missing += self.shows(criterion, criterion.key)
        seen = self.know.seen(criterion)
        more = {"seen": seen, "evidence": command.evidence}
        return missing, self.says("attested", criterion.key, value=command.met, **more)

    def answer(self, command: sf.Answer) -> Handled:
        question = self.book.questions.get(command.question)
        deal = self.know.deal
        if question is None or command.about not in {"us", *(deal.competitors or ())}:
            raise Mistake("UnknownName")
        self.running()
        mark, missing = command.mark, list[Code]()
        fits = {
            "n/a": question.may_not_apply,
            "?": True,
            "+": question.type == "yes_no",
            "-": question.type == "yes_no",
            None: question.type != "yes_no" and question.read(command.value) is not None,
        }
        if not fits[mark]:
            missing.append(("answer", command.question))
        if mark not in ("?", "n/a"):
            missing += self.shows(question, command.question)
        value: object = command.value
        if mark is None and isinstance(day := question.read(value), date):
            value = day.isoformat()  # however it is written
        said = {"value": mark or value, "evidence": command.evidence}
        return missing, self.says("answered", command.question, command.about, **said)

    def completing(self, name: str) -> list[Code]:
        """Why this person has no say in whether something is done."""
        instrument = self.book.instruments.get(name)
        if instrument is None:
            if name not in [cadence.key for cadence in self.book.cadences]:
                raise Mistake("UnknownName")
            if self.record.ended:  # a duty may be done after the end
                return []
        self.running()
        return self.person.lacks(instrument.by) if instrument else []

    def complete(self, command: sf.Complete) -> Handled:
        missing = self.completing(command.instrument)
        instrument = self.book.instruments.get(command.instrument)
        if instrument is not None:
            if instrument.rule is not None:
                raise Refused(("computed", instrument.key))
            checklist = instrument.checklist
            if not missing and checklist is not None and self.know.unasked(checklist):
                missing = [("instrument", instrument.key)]
            missing += self.shows(instrument, instrument.key)
        said = {"value": True, "evidence": command.evidence}
        return missing, self.says("completed", command.instrument, **said)

    def waive(self, command: sf.Waive) -> Handled:
        criterion = self.criterion(command.criterion)
        self.running()
        if criterion.advisory:
            raise Refused(("advisory", criterion.key))
        condition = f"waive.{criterion.key}"
        missing = self.may(criterion.waive, "waive", condition, note=command.reason)
        return missing, self.says("waived", criterion.key, value=command.reason)

    def withdraw(self, command: sf.Withdraw) -> Handled:
        name: Name
        if command.question is not None:
            kind, name = "answered", (command.question, command.about)
            if command.question not in self.book.questions:
                raise Mistake("UnknownName")
            missing = self.unless_running() or self.may(self.policy.answer, "answer")
        elif command.instrument is not None:
            kind, name = "completed", (command.instrument,)
            try:
                missing = self.completing(command.instrument)
            except Refused as refused:
                missing = refused.codes
            missing = missing or self.may(self.policy.complete, "complete")
        else:
            criterion = self.criterion(command.waiver or "")
            kind, name, condition = "waived", (criterion.key,), f"waive.{criterion.key}"
            missing = self.unless_running() or self.may(criterion.waive, "waive", condition)
        if self.record.visits and name not in self.record.standing(kind):
            missing = [*missing, ("not_on_record", name[0])]

        def happens() -> None:
            gone = Said(kind, name, self.at, command.by, withdrawn=True)
            self.record.said.append(gone)
            self.record.version += 1

        return missing, happens

    def delegate(self, command: sf.Delegate) -> Handled:
        if self.book.roles and command.role not in self.book.roles:
            raise Mistake("UnknownName")
        missing = self.unless_running()
        if not missing and command.role not in self.person.own(command.by):
            missing = [("not_ones_own", command.role)]
        if command.until < self.know.day:
            missing = [*missing, ("over_already", "until")]
        name = (command.role, command.by, command.to)
        return missing, self.says("delegated", *name, value=command.until)

    def callforecast(self, command: sf.CallForecast) -> Handled:
        self.running()
        if self.record.outcome != "none":
            raise Refused(("already_closed", "outcome"))
        owner, stage = self.know.deal.owner, self.record.here.stage
        stands_in = (self.book.owner_role, owner) in self.person.stands_in
        caller = "owner" if stands_in or command.by == owner else "manager"
        permission = self.policy.call_forecast
        if caller == "manager" and not permission.allowed:
            raise Refused(("not_owner", "call_forecast"))
        missing: list[Code] = []
        if caller == "manager":
            missing = self.may(permission, "call_forecast", note=command.reason)
        said = (caller, command.category, command.reason, stage, command.by, command.role)
        before = self.record.called.get(caller)
        if not missing and before and Call(*said, before.at) == before:
            missing = [("already_called", caller)]

        def happens() -> None:
            self.record.calls.append(Call(*said, self.at))
            self.record.version += 1

        return missing, happens

    def request(self, command: sf.Request) -> Handled:
        point = self.point(command.point)
        self.running()
        missing = self.not_here(point) or self.not_asked(point, None)
        return missing, self.says("requested", command.point, value=command.note)

    def point(self, key: str) -> Point:
        if self.criterion(key).key not in self.ways.points:
            raise Mistake("UnknownName")
        return self.ways.points[key]

    def counts_now(self, point: Point) -> bool:
        """Whether it is asked for where the deal stands, or where its track does."""
        if point.track is None:
            return self.record.here.stage in point.stages
        stay = self.record.track(point.track)
        return stay is not None and stay.state in point.states

    def not_here(self, point: Point) -> list[Code]:
        """An approval is given anywhere, the others where they are asked for."""
        approves = point.criterion.kind == "approval"
        return [] if approves or self.counts_now(point) else [("not_here", point.criterion.key)]

    def not_asked(self, point: Point, role: str | None) -> list[Code]:
        """Whether no row of the approval may ask for it, or for the word of this role."""
        if point.criterion.kind != "approval":
            return []
        rows = [row.roles for row in self.know.rows(point.criterion) if row.roles]
        asked = any(role is None or role in roles for roles in rows)
        return [] if asked else [("nothing_to_judge", role or point.criterion.key)]

    def judge(self, command: sf.Judge) -> Handled:
        named, missing = self.named(command)
        self.running()
        here = self.record.here.stage
        about = [
            point
            for key, point in self.ways.points.items()
            if key == named or (named is None and point.of_the_visit and here in point.stages)
        ]
        for point in about:
            missing += self.conflicts(command, point)
        if command.review_on is not None and command.review_on < self.know.day:
            missing.append(("review_in_past", "review_on"))
        track = self.ways.points[named].track if named else None
        stay = self.record.track(track) if track else None
        word = Word(
            at=self.at,
            by=command.by,
            behalf=self.person.behalf(command.role),
            role=command.role,
            verdict=command.verdict,
            point=named,
            visit=len(self.record.visits) - 1,
            stay=self.record.stays.index(stay) if stay else None,
            seen=self.know.seen(*(point.criterion for point in about)),
            follow_up=command.follow_up,
            review_on=command.review_on,
            evidence=command.evidence,
        )

        def happens() -> None:
            self.record.words.append(word)
            self.record.version += 1

        return missing, happens

    def named(self, command: sf.Judge) -> tuple[str | None, list[Code]]:
        """What is judged: what the command names, or else the visit, or the only open point."""
        role = command.role
        if command.point is not None:
            point = self.point(command.point)
            heard = (*point.criterion.roles, *point.criterion.consulted)
            missing = [] if role in heard else [("role", heard[0])]
            # Of a deal that is not under way nothing else is said.
            return command.point, missing + (self.not_here(point) if self.record.visits else [])
        if self.book.roles and role not in self.book.roles:
            raise Mistake("UnknownName")
        if not self.record.visits:
            return None, []
        points = [
            point
            for point in self.ways.points.values()
            if self.counts_now(point)
            and role in (*point.criterion.roles, *point.criterion.consulted)
        ]
        if any(point.of_the_visit for point in points) or self.is_read(f"approval.{role}"):
            return None, []
        facts = self.know.facts
        done = {
            point.criterion.key: facts.get(
                f"approval.{point.criterion.key}.{role}"
                if point.criterion.kind == "approval"
                else f"done.{point.criterion.key}"
            )
            for point in points
        }
        keys = [key for key, word in done.items() if word is None] or [*done]
        if len(keys) == 1:
            return keys[0], []
        return None, [("which_point", keys[0]) if keys else ("nothing_to_judge", role)]

    def is_read(self, fact: str) -> bool:
        """Whether a rule of the file reads a fact."""
        return re.search(rf"\b{re.escape(fact)}\b(?!\.)", self.ways.text) is not None

    def conflicts(self, command: sf.Judge, point: Point) -> list[Code]:
        """Why this person does not speak so for this role on a point."""
        criterion, role = point.criterion, command.role
        missing: list[Code] = []
        heard = role in (*criterion.roles, *criterion.consulted)
        if criterion.follow_up and heard and command.follow_up is None:
            missing.append(("follow_up_missing", criterion.key))
        if role not in criterion.roles:
            return missing
        missing += self.person.barred(criterion)
        if criterion.distinct and self.person.spoke_for_another(role, point):
            missing.append(("same_person", criterion.key))
        asked = self.not_asked(point, role)
        missing += asked
        if command.verdict == "go":
            missing += asked or self.out_of_turn(role, point)
            missing = list(dict.fromkeys(missing))
            if criterion.note_against_score and command.note is None:
                card = self.book.scorecards[criterion.scorecard or ""]
                if self.know.surely_lowest(card):
                    missing.append(("note_against_score", criterion.key))
            missing += self.shows(criterion, criterion.key)
        return missing

    def out_of_turn(self, role: str, point: Point) -> list[Code]:
        """Whether somebody has to approve before."""
        if point.criterion.kind != "approval":
            return []
        approved = [name for name, it in self.know.words(point).items() if it.verdict == "go"]
        for row in self.know.rows(point.criterion):
            if row.in_order and role in row.roles:
                before = row.roles[: row.roles.index(role)]
                if not {*before} <= {*approved}:
                    return [("out_of_turn", point.criterion.key)]
        return []

    def hold(self, command: sf.Hold) -> Handled:
        self.moving()
        past = command.review_on < self.know.day

        def happens() -> None:
            self.record.hold = (command.resume_when, command.review_on, command.by, self.at)
            self.record.version += 1

        return [("review_in_past", "review_on")] if past else [], happens

    def resume(self, _command: sf.Resume) -> Handled:
        self.running()

        def happens() -> None:
            self.record.resume(self.at)
            self.record.version += 1

        return [] if self.record.hold else [("not_on_hold", "on_hold")], happens

    def amend(self, command: sf.Amend) -> Handled:
        what = "amend"
        if self.record.ended and self.policy.amend_closed.allowed:
            what = "amend_closed"
        else:
            self.running()
        deal = self.know.deal
        fields = {name: getattr(deal, name) for name in type(deal).model_fields}
        self.amended = after = sf.Opportunity.model_validate({**fields, **command.changes})
        then = Knowledge(
            self.ways, self.record, after, self.recorded_at, self.know.tz, self.know.rates
        )
        missing = self.may(getattr(self.policy, what), what)
        count: dict[str, int] = {}
        for item in self.policy.fields:
            count[item.name] = number = count.get(item.name, 0) + 1
            was, now = (
                getattr(it, item.name) if item.name in fields else it.facts.get(item.name)
                for it in (deal, after)
            )
            condition = f"fields.{item.name}" + (f"[{number}]" if number > 1 else "")
            if was != now:
                facts = then.with_before(self.know)
                missing += self.may(item, f"fields.{item.name}", condition, facts=facts)
        if self.person.own(command.by, after) - self.person.own(command.by):
            missing.append(("role_for_oneself", "team"))

        def happens() -> None:
            record, last = self.record, self.record.last
            close_on = deal.expected_close_on or last.get("close_on")
            amount = deal.amount or last.get("amount")
            if close_on and after.expected_close_on and after.expected_close_on > close_on:  # type: ignore[operator]
                record.pushes += 1
            if isinstance(amount, sf.Money) and after.amount:
                record.cuts += self.know.worth(after.amount) < self.know.worth(amount)
            last["close_on"] = after.expected_close_on or close_on
            last["amount"] = after.amount or amount
            criteria = self.ways.criteria.values()
            was, now = self.know.seen(*criteria), then.seen(*criteria)
            record.amended |= {name: command.by for name in was if was[name] != now[name]}
            record.version += 1

        return missing, happens

    def migrate(self, _command: sf.Migrate) -> Handled:
        raise NotImplementedError  # the engine does it, which knows both versions
