"""Hooks: a host may veto or annotate, and never change."""

from __future__ import annotations

from typing import Any

import pytest

import salesflow as sf
from salesflow.engine import Annotation, Proposal, Veto
from salesflow.errors import CommandError
from tests.engine.course import Course


def test_hooks_may_veto_or_annotate_and_see_what_is_about_to_happen() -> None:
    seen: list[str] = []

    def credit(proposal: Proposal) -> Veto | Annotation | None:
        seen.extend(type(payload).__name__ for payload in proposal.payloads)
        if isinstance(proposal.command, sf.Advance):
            return Veto(
                "credit",
                sf.Text(en="The customer pays its bills", zh="客户信用良好"),
                sf.Text(en="Ask finance", zh="请联系财务"),
            )
        return Annotation("Checked by the credit desk")

    course = Course(hooks=[credit]).designed()
    assert course.deal.progress.version == 3
    assert course.events[0].annotations == ("Checked by the credit desk",)
    (blocker,) = course.do(sf.Advance(by="li")).blockers
    assert (blocker.code, blocker.key) == ("veto", "credit")
    assert course.engine.review(course.deal, at=course.at).blockers == (blocker,)
    assert "StageEntered" in seen
    course.check()


def test_hooks_are_not_asked_of_what_the_playbook_refuses() -> None:
    asked: list[sf.Command] = []
    course = Course(hooks=[lambda proposal: asked.append(proposal.command)])
    course.do(sf.Start(by="li")).require()

    assert not course.do(sf.Advance(by="li")).accepted
    assert [type(command) for command in asked] == [sf.Start]


def test_hooks_are_asked_when_a_review_is_made_and_not_when_it_is_read() -> None:
    asked: list[sf.Command] = []
    course = Course(hooks=[lambda proposal: asked.append(proposal.command)]).designed()
    asked.clear()

    review = course.engine.review(course.deal, at=course.at)

    assert sf.Advance in {type(command) for command in asked}
    before = len(asked)
    assert review.model_dump()["moves"]
    assert len(asked) == before


def test_a_hook_that_answers_something_else_is_a_mistake_of_the_host() -> None:
    course = Course(hooks=[lambda _proposal: False])
    with pytest.raises(CommandError, match="A hook answered with a bool"):
        course.do(sf.Start(by="li"))


@pytest.mark.parametrize("note", ["  ", "x" * 20_001, 5])
def test_an_annotation_that_no_event_could_keep_is_the_hooks_mistake(note: object) -> None:
    course = Course(hooks=[lambda _proposal: Annotation(note)])  # type: ignore[arg-type]
    with pytest.raises(CommandError, match="annotation cannot be kept"):
        course.do(sf.Start(by="li"))


WORDS = sf.Text(en="Ask finance")


@pytest.mark.parametrize(
    "veto",
    [("k", "title", "fix"), ("k", WORDS, "fix"), ("k", "title", WORDS), (5, WORDS, WORDS)],
)
def test_a_veto_without_a_key_and_texts_is_the_hooks_mistake(veto: tuple[Any, Any, Any]) -> None:
    course = Course(hooks=[lambda _proposal: Veto(*veto)])
    with pytest.raises(CommandError, match="are Texts"):
        course.do(sf.Start(by="li"))
