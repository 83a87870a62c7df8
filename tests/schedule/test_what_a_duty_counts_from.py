"""What a duty counts from beside stages and outcomes: a fact, a criterion, a request, a state."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

import salesflow as sf
from salesflow.domain import Revision
from salesflow.domain._base.record import replaced
from salesflow.playbook import lint
from salesflow.schedule import duties
from tests.playbook.placeless import placeless
from tests.schedule.course import DAY, DONE, HOUR, NOW, PLAYBOOK, TRACK, Course, amend, process, usd


def test_a_change_of_one_fact_counts_and_others_do_not() -> None:
    course = Course('trigger = "changed"\nof = "amount"\nwithin = { hours = 24 }')
    assert course.since(HOUR) is None
    course.do(HOUR, amend(next_step="call"), amend(facts={"term": 60}))
    assert course.since(HOUR) is None

    course.do(2 * HOUR, amend(amount=usd(80)))
    course.do(5 * HOUR, amend(amount=usd(90)))  # the clock runs already

    duty = course.duty(6 * HOUR)
    assert duty is not None
    assert duty.since == NOW + 2 * HOUR
    assert duty.reason.get("en") == (
        '"Do it" is due on 2026-03-03 11:00: within 24 hours of 2026-03-02 11:00, when "the '
        'amount" changed.'
    )
    assert duty.reason.get("zh") == (
        "“办”最迟应于2026-03-03 11:00完成：自2026-03-02 11:00“金额”变动起24小时内。"
    )
    course.do(6 * HOUR, DONE)
    assert course.since(7 * HOUR) is None
    course.do(8 * HOUR, amend(amount=usd(50)))
    assert course.since(9 * HOUR) == 8 * HOUR


def test_a_change_of_another_fact_that_is_kept_track_of_does_not_count() -> None:
    course = Course('trigger = "changed"\nof = "amount"\nwithin = { hours = 24 }')
    course.do(HOUR, amend(owner="wang"))  # on whom a word would rest
    assert [revision.fact for revision in course.deal.progress.revisions] == ["owner"]
    assert course.since(HOUR) is None


def test_what_changed_at_the_moment_at_which_it_was_done_is_settled() -> None:
    course = Course('trigger = "changed"\nof = "term"\nwithin = { hours = 24 }')
    course.do(HOUR, amend(facts={"term": 45}), DONE)
    assert course.since(2 * HOUR) is None
    course.do(3 * HOUR, amend(facts={"term": 60}))
    assert course.since(4 * HOUR) == 3 * HOUR


def test_what_rests_or_is_asked_for_has_not_changed() -> None:
    course = Course('trigger = "changed"\nwithin = { hours = 24 }').do(HOUR, DONE)
    hold = sf.Hold(by="li", resume_when="x", review_on=date(2026, 4, 1))
    course.do(2 * HOUR, hold, sf.Resume(by="li"), sf.Request(by="li", point="wanted"))
    assert course.since(3 * HOUR) is None
    course.do(4 * HOUR, sf.Answer(by="li", question="bant.budget", mark="+"))
    assert course.since(5 * HOUR) == 4 * HOUR


@pytest.mark.parametrize(
    "command",
    [
        sf.Attest(by="li", role="rep", criterion="sponsor_met"),
        sf.Answer(by="li", question="bant.budget", mark="+"),
        sf.Judge(by="rep", role="rep", verdict="go", point="wanted"),
        sf.MoveTrack(by="li", track="legal", state="in_review"),
        sf.Withdraw(by="li", question="bant.need"),
        sf.Amend(by="li", changes={"next_step": "call"}),
    ],
    ids=lambda command: command.kind,
)
def test_whatever_is_said_or_moved_is_a_change_of_the_deal_though_it_be_said_again(
    command: sf.engine.Command,
) -> None:
    course = Course('trigger = "changed"\nwithin = { hours = 24 }', TRACK)
    course.do(HOUR, sf.Answer(by="li", question="bant.need", mark="+"), DONE)
    course.do(2 * HOUR, command)
    if command.kind in {"Attest", "Answer", "Judge"}:
        course.do(3 * HOUR, command)

    assert course.since(4 * HOUR) == 2 * HOUR


def test_a_change_that_was_stored_before_its_times_were_counts_from_the_last() -> None:
    playbook = process('trigger = "changed"\nof = "term"\nwithin = { hours = 24 }')
    deal = sf.Opportunity(id="D-1", name="Deal", facts={"term": 30})
    deal = sf.StageEngine(playbook).decide(deal, sf.Start(by="li"), at=NOW).require()
    stored = replaced(deal.progress, revisions=(Revision(fact="term", by="li", at=NOW + 5 * HOUR),))

    (duty,) = duties(playbook, stored, {"term": 30}, NOW + 6 * HOUR)

    assert duty.since == NOW + 5 * HOUR


def test_the_only_answer_to_a_question_about_ourselves_is_a_change_of_it() -> None:
    course = Course('trigger = "changed"\nof = "bant.budget"\nwithin = { hours = 24 }')
    course.do(HOUR, sf.Answer(by="li", question="bant.need", mark="+"))
    course.do(2 * HOUR, sf.Answer(by="li", question="bant.budget", mark="-", about="Rival"))
    assert course.since(3 * HOUR) is None
    course.do(4 * HOUR, sf.Answer(by="li", question="bant.budget", mark="+"))
    assert course.since(5 * HOUR) == 4 * HOUR


def test_an_amendment_to_the_same_value_is_no_change() -> None:
    course = Course('trigger = "changed"\nof = "term"\nwithin = { hours = 24 }')
    course.do(HOUR, amend(facts={"term": 30}))
    assert course.since(HOUR) is None
    course.do(2 * HOUR, amend(facts={"term": 45}))
    assert course.since(2 * HOUR) == 2 * HOUR


def test_an_answer_counts_from_the_first_since_it_was_done() -> None:
    course = Course('trigger = "changed"\nof = "bant.budget"\nwithin = { hours = 24 }')
    question = "bant.budget"
    course.do(HOUR, sf.Answer(by="li", question=question, mark="?"))
    course.do(3 * HOUR, sf.Answer(by="li", question=question, mark="+"))
    assert course.since(4 * HOUR) == HOUR
    course.do(4 * HOUR, DONE)
    course.do(5 * HOUR, sf.Answer(by="li", question=question, mark="-"))
    course.do(6 * HOUR, sf.Answer(by="li", question=question, mark="+"))
    course.do(7 * HOUR, sf.Answer(by="li", question=question, mark="-", about="Rival"))

    assert course.since(8 * HOUR) == 5 * HOUR


def test_no_more_times_are_kept_of_a_fact_than_twenty() -> None:
    course = Course('trigger = "changed"\nof = "term"\nwithin = { hours = 24 }')
    for n in range(25):
        course.do((n + 1) * HOUR, amend(facts={"term": 100 + n}))

    (revision,) = course.deal.progress.revisions
    assert len(revision.times) == 20
    assert course.since(30 * HOUR) == 6 * HOUR


def test_what_is_attested_counts_from_when_it_was_first_met() -> None:
    course = Course('criterion = "sponsor_met"\nwithin = { days = 3 }')
    met = sf.Attest(by="li", role="rep", criterion="sponsor_met")
    course.do(HOUR, sf.Attest(by="li", role="rep", criterion="sponsor_met", met=False))
    assert course.since(HOUR) is None
    course.do(2 * HOUR, met)
    course.do(5 * HOUR, met)

    duty = course.duty(6 * HOUR)
    assert duty is not None
    assert duty.since == NOW + 2 * HOUR
    assert 'within 3 days of 2026-03-02, when "The sponsor was met" was met' in duty.reason.get(
        "en"
    )
    assert "自2026-03-02“已拜访决策人”达成起3天内" in duty.reason.get("zh")

    course.do(7 * HOUR, DONE)
    course.do(8 * HOUR, met)  # nothing new
    assert course.since(9 * HOUR) is None


def test_what_does_not_hold_any_more_asks_for_nothing() -> None:
    course = Course('criterion = "sponsor_met"\nwithin = { days = 3 }')
    course.do(HOUR, sf.Attest(by="li", role="rep", criterion="sponsor_met"))
    assert course.since(HOUR) == HOUR
    course.do(2 * HOUR, amend(owner="wang"))  # on whom the word rests
    assert course.since(2 * HOUR) is None


def test_a_judgement_counts_from_the_word_that_made_it_enough() -> None:
    course = Course('criterion = "wanted"\nwithin = { days = 3 }')

    def says(role: str, verdict: str) -> sf.Judge:
        return sf.Judge(by=role, role=role, verdict=verdict, point="wanted")  # type: ignore[arg-type]

    course.do(HOUR, says("rep", "go"))
    assert course.since(HOUR) is None
    course.do(2 * HOUR, says("law", "go"))
    course.do(3 * HOUR, says("rep", "go"))  # again
    course.do(4 * HOUR, says("boss", "go"))
    assert course.since(4 * HOUR) == 2 * HOUR
    course.do(5 * HOUR, says("law", "kill"))
    assert course.since(5 * HOUR) == 4 * HOUR
    course.do(6 * HOUR, says("rep", "kill"))
    assert course.since(6 * HOUR) is None


def test_an_approval_counts_from_the_last_word_that_it_took() -> None:
    course = Course('criterion = "price_approved"\nwithin = { days = 3 }')
    approves = sf.Judge(by="boss", role="boss", verdict="go", point="price_approved")
    course.do(HOUR, approves)
    assert course.since(2 * HOUR) == HOUR
    course.do(3 * HOUR, amend(amount=usd(200)))  # now the lawyer is asked, too
    assert course.since(3 * HOUR) is None
    law = sf.Judge(by="law", role="law", verdict="go", point="price_approved")
    course.do(4 * HOUR, law)
    assert course.since(4 * HOUR) is None
    course.do(5 * HOUR, approves)

    assert course.since(5 * HOUR) == 4 * HOUR


def test_an_instrument_counts_from_its_completion() -> None:
    course = Course('criterion = "plan"\nevery = { weeks = 1 }')
    assert course.since(HOUR) is None
    course.do(HOUR, sf.Complete(by="li", instrument="plan"))

    assert course.since(2 * HOUR) == HOUR


def test_what_was_asked_for_is_chased_until_it_is_decided() -> None:
    course = Course('request = "price_approved"\nevery = { days = 2 }')
    assert course.since(HOUR) is None
    course.do(HOUR, sf.Request(by="li", point="price_approved"))

    duty = course.duty(2 * HOUR)
    assert duty is not None
    assert 'counted from 2026-03-02, when "The price is approved" was asked for' in (
        duty.reason.get("en")
    )
    assert "每2天一次，自2026-03-02提请“价格获批”起算" in duty.reason.get("zh")
    course.do(3 * DAY, sf.Judge(by="b", role="boss", verdict="go", point="price_approved"))
    assert course.since(3 * DAY) is None


def test_a_state_of_a_track_counts_from_when_it_was_entered() -> None:
    course = Course('state = "legal.in_review"\nwithin = { days = 2 }', TRACK)
    assert course.since(HOUR) is None
    course.do(HOUR, sf.MoveTrack(by="li", track="legal", state="in_review"))

    duty = course.duty(2 * HOUR)
    assert duty is not None
    assert (duty.since, duty.place) == (NOW + HOUR, "in_review")
    assert 'when "Legal: In review" was entered' in duty.reason.get("en")
    course.do(DAY, sf.MoveTrack(by="li", track="legal", state="signed"))
    assert course.since(DAY) is None


def test_of_two_tracks_each_has_a_clock_of_its_own_until_the_end() -> None:
    other = TRACK.replace('"legal"', '"security"')
    course = Course('state = "security.in_review"\nwithin = { days = 2 }', TRACK + other)
    course.do(HOUR, sf.MoveTrack(by="li", track="legal", state="in_review"))
    assert course.since(HOUR) is None
    course.do(2 * HOUR, sf.MoveTrack(by="li", track="security", state="in_review"))
    assert course.since(3 * HOUR) == 2 * HOUR
    course.do(4 * HOUR, sf.Lose(by="li", reason="price"))
    assert course.since(4 * HOUR) is None


def test_a_cadence_applies_where_its_rule_holds_and_where_nobody_knows() -> None:
    course = Course('within = { days = 2 }\nwhen = "bant.need"')
    duty = course.duty(HOUR)
    assert duty is not None
    assert duty.depends_on == ("bant.need",)
    assert "depends on what is not known: Do they need it?." in duty.reason.get("en")
    assert "是否适用取决于尚不清楚的：有需求吗？" in duty.reason.get("zh")

    course.do(2 * HOUR, sf.Answer(by="li", question="bant.need", mark="-"))
    assert course.since(3 * HOUR) is None
    course.do(4 * HOUR, sf.Answer(by="li", question="bant.need", mark="+"))
    duty = course.duty(5 * HOUR)
    assert duty is not None
    assert (duty.since, duty.depends_on) == (NOW, ())


def test_a_track_that_does_not_apply_asks_for_nothing() -> None:
    for amount, since in ((99, None), (100, timedelta())):
        state = 'state = "legal.draft"\nwithin = { days = 2 }'
        rule = TRACK.replace('key = "legal"\n', 'key = "legal"\nwhen = "amount >= 100"\n')
        course = Course(state, rule).do(timedelta(), amend(amount=usd(amount)))
        assert course.since(HOUR) == since


def test_a_stored_deal_without_a_track_is_in_no_state_of_it() -> None:
    playbook = process('state = "legal.draft"\nwithin = { days = 2 }', TRACK)
    deal = sf.Opportunity(id="D-1", name="Deal")
    progress = sf.StageEngine(playbook).decide(deal, sf.Start(by="li"), at=NOW).require().progress

    assert len(duties(playbook, progress, {}, NOW)) == 1
    assert duties(playbook, replaced(progress, tracks=()), {}, NOW) == ()


def test_a_state_that_has_a_limit_asks_for_the_track_to_leave_it() -> None:
    limited = TRACK.replace('key = "in_review"\n', 'key = "in_review"\nmax_days = 10\n')
    course = Course("every = { years = 1 }", limited)
    course.do(HOUR, sf.MoveTrack(by="li", track="legal", state="in_review"))

    found = course.engine.due(course.deal, at=NOW + DAY)

    assert [(duty.key, str(duty.due_on)) for duty in found] == [
        ("track.legal", "2026-03-12"),
        ("duty", "2027-03-02"),
    ]


def test_nothing_of_this_is_asked_for_after_the_end() -> None:
    for cadence, command in [
        ('trigger = "changed"\nof = "term"', amend(facts={"term": 1})),
        ('criterion = "sponsor_met"', sf.Attest(by="li", role="rep", criterion="sponsor_met")),
        ('request = "price_approved"', sf.Request(by="li", point="price_approved")),
    ]:
        course = Course(f"{cadence}\nwithin = {{ days = 2 }}").do(HOUR, command)
        assert course.since(HOUR) == HOUR
        course.do(2 * HOUR, sf.Lose(by="li", reason="price"))
        assert course.since(2 * HOUR) is None
    for trigger in ("started", "stage_entered"):
        course = Course(f'trigger = "{trigger}"\nevery = {{ days = 2 }}')
        assert course.since(HOUR) == timedelta()
        course.do(2 * HOUR, sf.Lose(by="li", reason="price"))
        assert course.since(2 * HOUR) is None


@pytest.mark.parametrize(
    ("cadence", "problem"),
    [
        (
            'of = "amount"',
            'cadences.duty.of: only a change is one of something; add trigger = "changed"',
        ),
        ('trigger = "changed"\nof = "amuont"', "cadences.duty.of: there is no fact"),
        (
            'trigger = "changed"\nof = "stage"',
            'cadences.duty.of: no event says when "stage" changes',
        ),
        ('trigger = "changed"\nof = "done.plan"', "cadences.duty.of: no event says when"),
        ('criterion = "sponsor"', 'there is no criterion or instrument "sponsor"; did you mean'),
        ('criterion = "sponsor_met"\ntrigger = "won"', "criterion and trigger exclude each other"),
        (
            'criterion = "sponsor_met"\nrequest = "wanted"',
            "criterion and request exclude each other",
        ),
        ('request = "sponsor_met"', 'cadences.duty.request: nobody asks for "sponsor_met"'),
        ('request = "nobody"', 'there is no criterion "nobody"'),
        ('state = "legal.lost"', 'there is no state of a track "legal.lost"'),
        ('trigger = "met"', '"met" is not one of the possible words'),
        (
            'escalate = [{ after = { days = 1 }, role = "bos" }]',
            'no role "bos"; did you mean "boss"?',
        ),
        ("escalate = [{ after = {}, role = 'boss' }]", "escalate[0].after: no time is given"),
        (
            'escalate = [{ after = { workdays = 1, hours = 2 }, role = "boss" }]',
            "escalate[0].after.hours: workdays and hours exclude each other",
        ),
        ("escalate = [{ role = 'boss' }]", "escalate[0].after: a step of escalation needs it"),
    ],
)
def test_a_cadence_that_counts_from_nothing_is_refused(cadence: str, problem: str) -> None:
    text = (
        f'{PLAYBOOK}{TRACK}\n[[cadences]]\nkey = "duty"\ntitle = "Do it"\n'
        f"within = {{ days = 1 }}\n{cadence}"
    )
    found = [str(it) for it in lint(text) if it.severity == "error"]

    assert any(problem in it for it in found), found
    assert len(found) == 1, found


def test_what_is_worked_out_has_no_moment_at_which_it_was_met() -> None:
    text = PLAYBOOK.replace('by = "rep"', 'rule = "known(owner)"').replace(
        '  lapses_on = ["owner"]\n', ""
    )
    cadence = 'key = "duty"\ntitle = "Do it"\ncriterion = "sponsor_met"\nwithin = { days = 1 }'
    (problem,) = (it for it in lint(f"{text}\n[[cadences]]\n{cadence}") if it.severity == "error")

    assert str(*placeless([problem])) == (
        'cadences.duty.criterion: no event says when "sponsor_met" is met: it is worked out; '
        "name one that a person attests, decides or completes"
    )


def test_mixed_units_of_work_are_refused_where_they_stand() -> None:
    span = "within = { days = 1, work_hours = 8 }"
    text = f'{PLAYBOOK}\n[[cadences]]\nkey = "duty"\ntitle = "Do it"\n{span}'
    (problem,) = (it for it in lint(text) if it.severity == "error")

    assert str(*placeless([problem])) == (
        "cadences.duty.within.days: work_hours and days exclude each other; "
        "keep work_hours alone, or leave it out"
    )


def test_each_time_that_was_missed_can_be_listed() -> None:
    course = Course("every = { weeks = 1 }")
    at = NOW + 30 * DAY

    def listed(after: timedelta) -> list[str]:
        return [
            str(duty.due_on) for duty in course.engine.due(course.deal, at=NOW + after, missed=True)
        ]

    assert [str(duty.due_on) for duty in course.engine.due(course.deal, at=at)] == ["2026-03-09"]
    assert listed(30 * DAY) == ["2026-03-09", "2026-03-16", "2026-03-23", "2026-03-30"]
    assert listed(DAY) == ["2026-03-09"]  # the next one, for none was missed
    course.do(13 * DAY, DONE)  # settles the nearest, of 16 March
    assert listed(30 * DAY) == ["2026-03-23", "2026-03-30"]
    assert len(listed(5_000 * DAY)) == 100
    course.do(13 * DAY, sf.Withdraw(by="li", instrument="duty"))
    assert listed(13 * DAY) == ["2026-03-09"]


def test_steps_of_escalation_say_who_is_told_when() -> None:
    steps = (
        '{ after = { days = 2 }, role = "boss" }, { after = { hours = 5 }, role = "law" }, '
        '{ after = { weeks = 2 }, role = "law" }'
    )
    course = Course(f"within = {{ days = 3 }}\nescalate = [{steps}]")

    duty = course.duty(6 * DAY)

    assert duty is not None
    assert [(it.role, str(it.at)[:16], it.reached) for it in duty.escalations] == [
        ("boss", "2026-03-07 00:00", True),  # two days after 5 March
        ("law", "2026-03-06 05:00", True),  # five hours after that day is over
        ("law", "2026-03-19 00:00", False),
    ]
    assert duty.reason.get("en") == (
        '"Do it" was due on 2026-03-05 and is overdue: within 3 days of 2026-03-02, when the deal '
        "started; to be told: Boss (since 2026-03-07), Lawyer (since 2026-03-06 05:00)."
    )
    assert duty.reason.get("zh") == (
        "“办”最迟应于2026-03-05完成，已逾期：自2026-03-02项目启动起3天内；"
        "须告知：主管（自2026-03-07起）、法务（自2026-03-06 05:00起）。"
    )


class Weekdays:
    def is_workday(self, day: date) -> bool:
        return day.weekday() < 5


def test_steps_count_from_the_hour_from_the_workday_and_not_while_a_deal_is_on_hold() -> None:
    steps = 'escalate = [{ after = { workdays = 1 }, role = "boss" }]'
    playbook = process(f"within = {{ hours = 100 }}\n{steps}", "\n[policy]\npause_on_hold = true\n")
    engine = sf.StageEngine(playbook, calendar=Weekdays())
    deal = engine.decide(sf.Opportunity(id="D-1", name="Deal"), sf.Start(by="li"), at=NOW).require()

    def told(deal: sf.Opportunity, after: timedelta) -> tuple[str, bool]:
        (step,) = engine.due(deal, at=NOW + after)[0].escalations
        return str(step.at)[:16], step.reached

    # Due on Friday at 13:00, so that Monday at 13:00 is a workday later.
    assert told(deal, 5 * DAY) == ("2026-03-09 13:00", False)
    assert told(deal, 7 * DAY + 4 * HOUR - timedelta(seconds=1)) == ("2026-03-09 13:00", False)
    assert told(deal, 7 * DAY + 4 * HOUR) == ("2026-03-09 13:00", True)
    hold = sf.Hold(by="li", resume_when="x", review_on=date(2026, 4, 1))
    deal = engine.decide(deal, hold, at=NOW + 5 * DAY).require()  # on Saturday, overdue already
    assert told(deal, 10 * DAY)[1] is False
    deal = engine.decide(deal, sf.Resume(by="li"), at=NOW + 10 * DAY).require()
    assert told(deal, 10 * DAY) == ("2026-03-13 13:00", False)


def test_all_cadences_that_a_calendar_fails_are_told_at_once() -> None:
    cadences = (
        'within = { work_hours = 8 }\n[[cadences]]\nkey = "other"\ntitle = "Other"\n'
        'every = { workdays = 1 }\nescalate = [{ after = { work_hours = 1 }, role = "boss" }]'
    )
    playbook = process(cadences)
    for calendar, said in [
        (None, ["work calendar, and there is none"] * 2),
        (Weekdays(), ["has no opening hours"] * 2),
    ]:
        engine = sf.StageEngine(playbook, calendar=calendar)
        deal = engine.decide(sf.Opportunity(id="D-1", name="Deal"), sf.Start(by="li"), at=NOW)

        with pytest.raises(sf.errors.ScheduleError, match="cannot be worked out") as caught:
            engine.due(deal.require(), at=NOW)

        assert [problem.path for problem in caught.value.problems] == ["duty", "other"]
        for problem, message in zip(caught.value.problems, said, strict=True):
            assert message in problem.message


def held(role: str, review_on: date, point: str | None = "wanted") -> sf.Judge:
    return sf.Judge(
        by=role, role=role, verdict="hold", point=point, resume_when="an offer", review_on=review_on
    )


def reviews(course: Course, after: timedelta) -> dict[str, tuple[str, str | None]]:
    found = course.engine.due(course.deal, at=NOW + after)
    assert found == course.engine.review(course.deal, at=NOW + after).due
    return {it.key: (str(it.due_on), it.role) for it in found if it.key.startswith("hold.")}


def test_decisions_that_were_held_are_reviewed_by_those_who_held_them_while_they_stand() -> None:
    course = Course("every = { years = 1 }")
    course.do(HOUR, held("boss", date(2026, 3, 9)), held("law", date(2026, 3, 12)))

    assert reviews(course, HOUR) == {
        "hold.wanted.boss": ("2026-03-09", "boss"),
        "hold.wanted.law": ("2026-03-12", "law"),
    }
    duty = course.engine.due(course.deal, at=NOW + HOUR)[0]
    assert duty.reason.get("en") == (
        '"Review what is held, We want it, until: an offer" (Boss) is due on 2026-03-09: it rests '
        "since 2026-03-02."
    )
    course.do(2 * HOUR, sf.Judge(by="b", role="boss", verdict="go", point="wanted"))
    assert reviews(course, 2 * HOUR) == {"hold.wanted.law": ("2026-03-12", "law")}
    course.do(3 * HOUR, sf.Judge(by="r", role="rep", verdict="go", point="wanted"))
    assert reviews(course, 3 * HOUR) == {}  # two of three said go: there is nothing to wait for


def test_an_approval_that_was_held_waits_for_its_own_role_and_lapses_with_its_word() -> None:
    course = Course("every = { years = 1 }")
    course.do(HOUR, held("boss", date(2026, 3, 9), "price_approved"))
    assert reviews(course, HOUR) == {"hold.price_approved.boss": ("2026-03-09", "boss")}
    course.do(2 * HOUR, amend(amount=usd(60)))
    assert reviews(course, 2 * HOUR) == {}


def test_only_what_was_held_until_a_day_is_reviewed() -> None:
    course = Course("every = { years = 1 }")
    later = sf.Judge(by="r", role="rep", verdict="go", point="wanted", review_on=date(2026, 3, 9))
    course.do(HOUR, later)
    assert reviews(course, HOUR) == {}

    course.do(2 * HOUR, held("boss", date(2026, 3, 9)))
    assert reviews(course, 2 * HOUR) == {"hold.wanted.boss": ("2026-03-09", "boss")}
    (*others, word) = course.deal.progress.judgements
    stored = replaced(course.deal.progress, judgements=(*others, replaced(word, review_on=None)))
    course.deal = replaced(course.deal, progress=stored)
    assert reviews(course, 2 * HOUR) == {}


def test_a_stage_that_was_held_as_a_whole_is_reviewed_during_the_stay() -> None:
    course = Course("every = { years = 1 }")
    course.do(HOUR, held("boss", date(2026, 3, 9), None))

    assert reviews(course, HOUR) == {"hold.talk.boss": ("2026-03-09", "boss")}
    course.do(2 * HOUR, sf.Lose(by="li", reason="price"))
    assert reviews(course, 2 * HOUR) == {}
