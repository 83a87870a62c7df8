"""What the engine adds to what is due: reviews of what was held; and which facts it reads."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final

import pytest

import salesflow as sf
from salesflow.engine._due import read_for_duties
from tests.engine.conftest import Walk

BOOK: Final = """
id = "held"
version = "1"
title = "Held"
languages = ["en"]
roles = [{ key = "a", title = "A" }, { key = "b", title = "B" }, { key = "c", title = "C" }]
policy = { back = "on", disqualify = "on" }
reasons = [{ key = "idle", outcome = "disqualified", title = "Idle" }]
[[approvals]]
key = "terms"
title = "Terms"
rows = [{ when = "not known(owner)", roles = ["c"] }]
[[cadences]]
key = "call"
title = "Call"
trigger = "stage_entered"
every = { weeks = 2 }
[[stages]]
key = "open"
title = "Open"
  [[stages.exit]]
  key = "seen"
  title = "It was seen"
  judgement = { roles = ["a"] }
  advisory = true
[[stages]]
key = "talk"
title = "Talk"
  [[stages.exit]]
  key = "wanted"
  title = "Two of three want it"
  judgement = { roles = ["a", "b", "c"], quorum = 2 }
  [[stages.exit]]
  key = "terms_ok"
  title = "The terms are approved"
  approval = "terms"
[[stages]]
key = "sign"
title = "Sign"
"""


REVIEW_ON: Final = date(2026, 2, 1)


def judge(role: str, verdict: str, point: str | None = "wanted") -> sf.Judge:
    fields = {"resume_when": "The budget", "review_on": REVIEW_ON} if verdict == "hold" else {}
    return sf.Judge.model_validate(
        {"by": role, "role": role, "verdict": verdict, "point": point, **fields}
    )


@pytest.mark.parametrize(
    ("commands", "held"),
    [
        ([judge("a", "hold")], ["hold.wanted.a"]),
        ([judge("a", "hold"), judge("b", "hold")], ["hold.wanted.a", "hold.wanted.b"]),
        ([judge("a", "hold"), judge("b", "go")], ["hold.wanted.a"]),
        ([judge("a", "hold"), judge("a", "go")], []),
        ([judge("a", "hold"), judge("b", "go"), judge("c", "go")], []),
        ([judge("a", "hold"), judge("b", "kill"), judge("c", "kill")], []),
        ([judge("c", "hold", "terms_ok")], ["hold.terms_ok.c"]),
        ([judge("c", "hold", None)], ["hold.talk.c"]),
        ([judge("c", "hold", None), judge("c", "go", None)], []),
        (
            [judge("a", "hold", None), judge("a", "hold"), judge("c", "hold", "terms_ok")],
            ["hold.talk.a", "hold.terms_ok.c", "hold.wanted.a"],
        ),
        ([sf.MoveTo(by="a", stage="open"), judge("a", "hold", None)], ["hold.open.a"]),
        (
            [sf.MoveTo(by="a", stage="open"), judge("a", "hold", None), sf.Advance(by="a")],
            [],
        ),
        ([judge("a", "hold"), sf.MoveTo(by="a", stage="open")], ["hold.wanted.a"]),
        ([judge("a", "hold"), sf.Disqualify(by="a", reason="idle")], []),
    ],
)
def test_what_is_held_is_reviewed_until_something_decides_it(
    commands: list[sf.Command], held: list[str]
) -> None:
    walk = Walk(sf.StageEngine(sf.Playbook.from_toml(BOOK)), sf.Opportunity(id="D-1", name="Works"))
    walk.at = datetime(2026, 1, 5, 9, tzinfo=UTC)
    for command in (sf.Start(by="a"), sf.Advance(by="a"), *commands):
        walk.do(command).require()
    due = walk.engine.due(walk.deal, at=walk.at)
    ended = walk.deal.progress.ended

    assert sorted(it.key for it in due if it.key.startswith("hold.")) == held
    assert [it.key for it in due if it.key == "call"] == ([] if ended else ["call"])
    assert {it.due_on for it in due if it.key.startswith("hold.")} == (
        {REVIEW_ON} if held else set()
    )
    assert due == tuple(sorted(due, key=lambda it: it.due_on))


def test_what_is_due_is_decided_by_these_facts_and_no_others() -> None:
    cadences = """
[[cadences]]
key = "visit"
title = "Visit"
trigger = "stage_entered"
within = { days = 3 }
when = "amount > 5"
[[cadences]]
key = "before"
title = "Before"
before = "expected_close_on"
ahead = { days = 3 }
[[cadences]]
key = "after"
title = "After"
criterion = "wanted"
within = { days = 3 }
[[cadences]]
key = "ask"
title = "Ask"
request = "terms_ok"
within = { days = 3 }
[[tracks]]
key = "legal"
title = "Legal"
when = "days_on_hold < 3"
states = [{ key = "drafted", title = "Drafted" }, { key = "agreed", title = "Agreed" }]
[[tracks]]
key = "safety"
title = "Safety"
states = [{ key = "asked", title = "Asked" }, { key = "safe", title = "Safe" }]
[[stages]]
key = "open"
"""
    assert read_for_duties(sf.Playbook.from_toml(BOOK)) == frozenset()
    process = sf.Playbook.from_toml(BOOK.replace('[[stages]]\nkey = "open"\n', cadences.lstrip()))
    assert read_for_duties(process) == {
        *("amount", "expected_close_on", "done.wanted", "track.legal"),
        *("owner", "approval.terms_ok.c"),
    }
