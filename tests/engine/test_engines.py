"""A router over playbooks: for each deal the engine of its process and version."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from itertools import pairwise, permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.engine import Annotation, Proposal
from salesflow.engine.engines import _age
from salesflow.errors import ArgumentError, PlaybookMismatch, UnknownName
from tests.engine.course import PLAYBOOK, newer

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
WORKS_1 = sf.Playbook.from_toml(PLAYBOOK)
WORKS_2 = newer().playbook
OTHER = sf.load_playbook("closed_loop_sales")
TINY = """
id = "tiny"
version = "{version}"
title = "{title}"
[[stages]]
key = "{stage}"
title = "Talk"
"""


def tiny(version: str, *, stage: str = "talk", title: str = "Tiny") -> sf.Playbook:
    return sf.Playbook.from_toml(TINY.format(version=version, stage=stage, title=title))


def started(playbook: sf.Playbook, deal_id: str = "D-1") -> sf.Opportunity:
    deal = sf.Opportunity(id=deal_id, name="Dam", owner="li")
    return sf.StageEngine(playbook).decide(deal, sf.Start(by="li"), at=NOW).require()


FRESH = sf.Opportunity(id="D-1", name="Dam", owner="li")


@pytest.mark.parametrize("order", [*permutations([WORKS_1, WORKS_2, OTHER])])
def test_a_deal_goes_on_under_the_version_that_it_was_started_under(
    order: tuple[sf.Playbook, ...],
) -> None:
    engines = sf.Engines(order)
    for playbook in order:
        assert engines.of(started(playbook)).playbook == playbook
    assert engines.playbooks == (OTHER, WORKS_1, WORKS_2)
    assert engines.newest("works").playbook == WORKS_2


def test_a_new_deal_gets_the_newest_version_of_the_process_it_is_to_follow() -> None:
    engines = sf.Engines([WORKS_2, OTHER, WORKS_1])
    assert engines.of(FRESH, playbook="works").playbook == WORKS_2
    begun = engines.decide(FRESH, sf.Start(by="li"), at=NOW, playbook="works").require()
    assert begun.progress.playbook is not None
    assert begun.progress.playbook.version == "2.0.0"
    # Of a deal that was started the argument says nothing.
    assert engines.of(begun, playbook="closed_loop_sales").playbook == WORKS_2


def test_with_one_process_nobody_has_to_say_which() -> None:
    engines = sf.Engines([WORKS_1, WORKS_2])
    assert engines.of(FRESH).playbook == WORKS_2


def test_with_several_processes_a_new_deal_has_to_say_which() -> None:
    engines = sf.Engines([WORKS_1, OTHER])
    with pytest.raises(ArgumentError, match="One of closed_loop_sales, works"):
        engines.of(FRESH)
    with pytest.raises(ArgumentError, match="must say what the deal is to follow"):
        engines.decide(FRESH, sf.Start(by="li"), at=NOW)
    with pytest.raises(UnknownName, match='Did you mean "works"'):
        engines.of(FRESH, playbook="work")
    with pytest.raises(ArgumentError, match="playbook must be a str"):
        engines.of(FRESH, playbook=5)  # type: ignore[arg-type]


def test_migrate_takes_a_deal_to_the_newest_version_of_its_own_process() -> None:
    engines = sf.Engines([OTHER, WORKS_2, WORKS_1])
    deal = started(WORKS_1)
    command = sf.Migrate(by="li", command_id="m-1")
    decision = engines.decide(deal, command, at=NOW)
    migrated = decision.require()
    assert migrated.progress.playbook is not None
    assert migrated.progress.playbook.digest == WORKS_2.digest
    assert engines.of(migrated).playbook == WORKS_2
    assert engines.decide(migrated, command, at=NOW).duplicate
    (blocker,) = engines.decide(migrated, sf.Migrate(by="li"), at=NOW).blockers
    assert blocker.code == "already_migrated"


def test_migrate_needs_no_engine_of_the_version_that_it_leaves() -> None:
    engines = sf.Engines([WORKS_2])
    deal = started(WORKS_1)
    with pytest.raises(PlaybookMismatch, match="or Migrate the deal"):
        engines.decide(deal, sf.Hold(by="li", resume_when="x", review_on=date(2026, 5, 1)), at=NOW)
    assert engines.decide(deal, sf.Migrate(by="li"), at=NOW).accepted


@pytest.mark.parametrize("command", [sf.Advance(by="li"), sf.Migrate(by="li")])
def test_a_deal_of_a_process_that_is_not_here_is_told_what_there_is(command: sf.Command) -> None:
    engines = sf.Engines([WORKS_1, WORKS_2])
    with pytest.raises(PlaybookMismatch) as raised:
        engines.decide(started(OTHER), command, at=NOW)
    assert "works 1.0.0 (digest " in str(raised.value)
    assert "works 2.0.0 (digest " in str(raised.value)
    assert "Migrate" not in raised.value.hint
    shown = raised.value.to_dict()
    assert shown["deal"] == {"id": OTHER.id, "version": OTHER.version, "digest": OTHER.digest}
    assert shown["engines"] == [
        {"id": each.id, "version": each.version, "digest": each.digest}
        for each in (WORKS_1, WORKS_2)
    ]


def test_of_versions_that_differ_in_words_only_the_newest_speaks() -> None:
    old, new = tiny("1.9", title="Tinny"), tiny("1.10")
    engines = sf.Engines([new, old])
    assert engines.of(started(old)).playbook.title.en == "Tiny"
    assert engines.playbooks == (new,)


def test_the_same_playbook_twice_is_there_once() -> None:
    assert sf.Engines([WORKS_1, sf.Playbook.from_toml(PLAYBOOK)]).playbooks == (WORKS_1,)


@pytest.mark.parametrize("twin", ["1.0", "1.0.0", "v1"])
def test_two_playbooks_of_which_neither_is_the_newer_one_are_refused(twin: str) -> None:
    with pytest.raises(ArgumentError, match="neither is the newer one") as raised:
        sf.Engines([tiny("1.0"), tiny(twin, stage="meet")])
    assert f"tiny 1.0 and tiny {twin} differ" in str(raised.value)


@pytest.mark.parametrize(
    ("playbooks", "said"),
    [
        ([], "playbooks must name at least one process"),
        (WORKS_1, "playbooks must be a list of Playbook"),
        ([WORKS_1, "works"], r"playbooks\[1\]: must be a Playbook, not a str"),
    ],
)
def test_what_is_no_list_of_playbooks_is_refused(playbooks: object, said: str) -> None:
    with pytest.raises(ArgumentError, match=said):
        sf.Engines(playbooks)  # type: ignore[arg-type]


@pytest.mark.parametrize("deal", [None, "D-1", {"id": "D-1"}])
def test_what_is_no_deal_is_refused(deal: object) -> None:
    engines = sf.Engines([WORKS_1])
    with pytest.raises(ArgumentError, match="must be an Opportunity or a HostDeal"):
        engines.of(deal)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="must be an Opportunity or a HostDeal"):
        engines.decide(deal, sf.Start(by="li"), at=NOW)  # type: ignore[type-var]


IN_ORDER = (
    "A", "B", "0.9", "1.0-alpha", "1.0-alpha.1", "1.0-alpha.7", "1.0-alpha.beta", "1.0-beta.2",
    "1.0-beta.11", "1.0rc1", "1.0", "1.0+build.2", "1.0+build.10", "1.0.1", "1.2", "1.9", "1.10",
    "v2", "2.0.1", "10", "2024-06", "2024-06-30", "2024-12",
)  # fmt: skip


def test_versions_are_ordered_by_their_numbers_and_not_as_text() -> None:
    for before, after in pairwise(IN_ORDER):
        assert _age(before) < _age(after), (before, after)


VERSIONS = st.from_regex(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,39}", fullmatch=True)


@given(st.lists(VERSIONS, max_size=6, unique_by=_age), st.randoms())
def test_versions_come_into_one_order_however_they_are_given(
    versions: list[str], random: Random
) -> None:
    mixed = random.sample(versions, len(versions))
    assert sorted(mixed, key=_age) == sorted(versions, key=_age)


# ------------------------------------------------------------------------- engines that travel


def seen(proposal: Proposal) -> Annotation:
    return Annotation(f"seen {proposal.command.kind}")


class Fridays:
    """A company that works on Fridays only."""

    def is_workday(self, day: date) -> bool:
        return day.weekday() == 4


def full_engine() -> sf.StageEngine:
    return sf.StageEngine(
        WORKS_1,
        rates=sf.Rates("USD", {"EUR": "1.1"}),
        tz="Asia/Shanghai",
        hooks=[seen],
        calendar=Fridays(),
    )


def test_an_engine_that_was_pickled_decides_the_same() -> None:
    engine = full_engine()
    read: sf.StageEngine = pickle.loads(pickle.dumps(engine))  # noqa: S301 - our own bytes
    assert read.playbook == WORKS_1
    deal = FRESH.model_copy(update={"amount": sf.Money("5", "EUR")})
    at = datetime(2026, 1, 5, 23, 0, tzinfo=UTC)  # the next day in Shanghai
    there, here = (each.decide(deal, sf.Start(by="li"), at=at) for each in (read, engine))
    assert there == here
    assert there.events[0].annotations == ("seen Start",)
    assert read.review(there.opportunity, at=at) == engine.review(here.opportunity, at=at)


def test_engines_that_were_pickled_find_the_same() -> None:
    stored = pickle.dumps(sf.Engines([WORKS_1, WORKS_2, OTHER]))
    engines: sf.Engines = pickle.loads(stored)  # noqa: S301 - our own bytes
    assert engines.playbooks == (OTHER, WORKS_1, WORKS_2)
    assert engines.of(started(WORKS_1)).playbook == WORKS_1


def test_a_copy_of_what_never_changes_is_itself() -> None:
    for engine in (full_engine(), sf.Engines([WORKS_1])):
        assert copy.copy(engine) is engine
        assert copy.deepcopy(engine) is engine


def test_a_hook_that_cannot_be_pickled_says_so() -> None:
    engine = sf.StageEngine(WORKS_1, hooks=[lambda _proposal: None])
    with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
        pickle.dumps(engine)


def test_engines_say_what_they_are() -> None:
    assert repr(sf.StageEngine(WORKS_1)) == "<StageEngine works 1.0.0, 0 hooks>"
    assert repr(sf.Engines([WORKS_2, WORKS_1])) == "<Engines: works 1.0.0, works 2.0.0>"


def test_engines_are_shared_by_threads() -> None:
    engines = sf.Engines([WORKS_1, WORKS_2, OTHER])
    deals = [started(playbook, f"D-{at}") for at, playbook in enumerate(engines.playbooks * 20)]
    command = sf.Hold(by="li", resume_when="x", review_on=date(2026, 5, 1))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda deal: engines.decide(deal, command, at=NOW), deals))
    assert found == [engines.decide(deal, command, at=NOW) for deal in deals]


def test_a_deal_that_was_not_started_is_not_migrated() -> None:
    engines = sf.Engines([WORKS_1, WORKS_2])
    (blocker,) = engines.decide(FRESH, sf.Migrate(by="li"), at=NOW).blockers

    assert blocker.code == "not_started"


def test_digests_are_told_by_their_first_twelve_digits() -> None:
    with pytest.raises(PlaybookMismatch) as raised:
        sf.Engines([WORKS_1]).of(started(OTHER))

    assert raised.value.message == (
        f"Deal 'D-1' follows {OTHER.id} {OTHER.version} (digest {OTHER.digest[:12]}); "
        f"here are works 1.0.0 (digest {WORKS_1.digest[:12]})."
    )
    with pytest.raises(PlaybookMismatch) as raised:
        sf.StageEngine(WORKS_2).review(started(WORKS_1), at=NOW)
    assert raised.value.message == (
        f"Deal 'D-1' follows works 1.0.0 (digest {WORKS_1.digest[:12]}); "
        f"this engine has works 2.0.0 (digest {WORKS_2.digest[:12]})."
    )
    edited = sf.Playbook.from_toml(PLAYBOOK.replace("quorum = 2", "quorum = 3"))
    with pytest.raises(PlaybookMismatch) as raised:
        sf.StageEngine(edited).review(started(WORKS_1), at=NOW)
    digests = f"(digest {WORKS_1.digest[:12]} then, {edited.digest[:12]} now)"
    assert digests in raised.value.message


def test_what_is_due_is_asked_of_the_engine_that_a_deal_follows() -> None:
    with pytest.raises(PlaybookMismatch):
        sf.StageEngine(OTHER).due(started(WORKS_1), at=NOW)
