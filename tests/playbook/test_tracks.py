"""Tracks in a file: what is wrong with them, what is odd, and how they are drawn."""

from __future__ import annotations

import pytest

from salesflow.errors import Problem
from salesflow.facts import FactKind
from salesflow.playbook import Playbook, lint
from tests.engine.legal_track import NEWBIZ


def problems(old: str, new: str) -> list[Problem]:
    """What the lint says of the playbook with some of its text changed."""
    assert old in NEWBIZ
    return [it for it in lint(NEWBIZ.replace(old, new, 1)) if it.code != "translation"]


def test_a_playbook_with_tracks_has_nothing_to_be_told() -> None:
    assert [it for it in lint(NEWBIZ) if it.code != "translation"] == []


def test_the_facts_of_a_track_are_in_the_catalogue_with_its_states_as_choices() -> None:
    playbook = Playbook.from_toml(NEWBIZ)
    facts = playbook.facts

    assert facts["track.legal"].choices == ("open", "in_review", "signed", "refused")
    assert facts["track.security"].choices[-1] == "not_applicable"
    assert facts["track.legal.entered_on"].kind is FactKind.DAY
    assert playbook.fact_titles["track.legal"].get("zh") == "法务审核"


def test_a_track_leads_from_each_state_to_every_later_one_or_where_it_says() -> None:
    tracks = Playbook.from_toml(NEWBIZ).tracks

    assert tracks["legal"].ways("open") == ("in_review", "signed", "refused")
    assert tracks["legal"].ways("signed") == ()  # it is final
    assert tracks["security"].ways("passed") == ("again",)  # final, and named all the same
    assert tracks["legal"].ways("nowhere") == ()


@pytest.mark.parametrize(
    ("old", "new", "path", "code", "words"),
    [
        (
            '== "signed"',
            '== "sined"',
            "stages.close.exit.contract_agreed.rule",
            "choice",
            '"signed"',
        ),
        (
            'to = ["again"]',
            'to = ["agian"]',
            "tracks.security.states.passed.to[0]",
            "unknown_name",
            '"again"',
        ),
        (
            'to = ["again"]',
            'to = ["passed"]',
            "tracks.security.states.passed.to[0]",
            "conflict",
            "itself",
        ),
        ('to = ["again"]\n', "", "tracks.security.states.again", "unreachable", "no state leads"),
        (
            'key = "again"',
            'key = "lost"',
            "tracks.security.states.lost.key",
            "key",
            "how a deal ends",
        ),
        (
            'key = "again"',
            'key = "not_applicable"',
            "tracks.security.states.not_applicable.key",
            "key",
            "does not apply to",
        ),
        ('key = "security"', 'key = "legal"', "tracks[1].key", "duplicate", "legal"),
        (
            'when = "personal_data"',
            "when = 'track.legal == \"open\"'",
            "tracks.security.when",
            "circle",
            "track.legal",
        ),
        (
            'by = { roles = ["counsel"] }',
            'by = ["lawyer"]',
            "tracks.legal.by",
            "unknown_name",
            "lawyer",
        ),
        (
            'by = "rep"\n  [[tracks.states]]',
            "rule = 'track.legal == \"in_review\"'\n  [[tracks.states]]",
            "tracks.legal.states.in_review.entry.draft_sent.rule",
            "never",
            "before it moves there",
        ),
        (
            'rule = \'track.security in ("passed", "not_applicable")\'',
            'by = "rep"',
            "tracks.security",
            "unused",
            "nothing waits for this track",
        ),
        (
            'title = "Asked"\n',
            'title = "Asked"\nentry = [{ key = "sent", title = "Sent", by = "rep" }]\n',
            "tracks.security.states.asked.entry",
            "never",
            "begins in this state",
        ),
    ],
)
def test_every_mistake_is_told_with_its_place(
    old: str, new: str, path: str, code: str, words: str
) -> None:
    found = problems(old, new)
    fitting = [it for it in found if it.path.startswith(path) and it.code == code]

    assert fitting, found
    assert words in str(fitting[0])


def test_a_state_that_is_reached_by_name_asks_for_its_criteria_there() -> None:
    text = 'title = "Asked"\nentry = [{ key = "sent", title = "Sent", by = "rep" }]\n'
    named = NEWBIZ.replace('title = "Asked"\n', text).replace(
        'to = ["again"]', 'to = ["asked", "again"]'
    )

    assert [it for it in lint(named) if it.code == "never"] == []


def test_a_circle_through_what_a_track_depends_on_is_told() -> None:
    text = NEWBIZ.replace('when = "personal_data"', 'when = "done.security_agreed"')

    assert any("in a circle" in it.message for it in lint(text))


def test_more_tracks_or_states_than_twenty_are_refused() -> None:
    state = '[[tracks.states]]\nkey = "s{0}"\ntitle = "S"\n'
    many = "".join(state.format(i) for i in range(21))
    track = '[[tracks]]\nkey = "t{0}"\ntitle = "T"\n' + state.format(0)
    plain = 'id = "x"\nversion = "1"\ntitle = "X"\n[[stages]]\nkey = "a"\ntitle = "A"\n'

    for text in (
        plain + '[[tracks]]\nkey = "t"\ntitle = "T"\n' + many,
        plain + "".join(track.replace("{0}", str(i), 1) for i in range(21)),
    ):
        assert "too_many" in [it.code for it in lint(text)]


@pytest.mark.parametrize(
    ("text", "path", "code"),
    [
        ('playbook = "newbiz"\nfrom = "1"', "migrations[0].playbook", "conflict"),
        ('from = "1"\n[[migrations]]\nfrom = "1"', "migrations[1].from", "duplicate"),
        ('from = "1"\ntracks = { law = "leagl" }', "migrations[0].tracks.law", "unknown_name"),
        (
            'from = "1"\ntracks = { "law.ok" = "legal.sined" }',
            'migrations[0].tracks."law.ok"',
            "unknown_name",
        ),
    ],
)
def test_mistakes_of_migrations_are_told(text: str, path: str, code: str) -> None:
    found = lint(f"{NEWBIZ}[[migrations]]\n{text}\n")

    assert (path, code) in [(it.path, it.code) for it in found], found


def test_two_playbooks_may_each_have_a_version_of_the_same_name() -> None:
    text = '[[migrations]]\nfrom = "1"\n[[migrations]]\nplaybook = "renewal"\nfrom = "1"\n'

    assert [it for it in lint(NEWBIZ + text) if it.severity == "error"] == []


def test_the_diagram_has_tracks_in_regions_that_go_on_at_the_same_time() -> None:
    playbook = Playbook.from_toml(NEWBIZ)
    lines = playbook.diagram().splitlines()
    region = [
        line.strip() for line in lines[lines.index('    state "Beside the stages" as Beside {') :]
    ]

    assert region.count("--") == 1
    assert 'state "Legal review#58; In review" as Track1_in_review' in region
    assert "Track1_in_review --> Track1_signed" in region
    assert "Track1_signed --> [*]" in region
    assert "Track2_passed --> Track2_again" in region
    assert "法务审核：审核中" in playbook.diagram("zh")
    assert playbook.to_transitions()["states"] == ["talk", "close", "ended"]


def test_a_notebook_shows_the_tracks_of_a_playbook() -> None:
    assert "Security review" in Playbook.from_toml(NEWBIZ)._repr_html_()
