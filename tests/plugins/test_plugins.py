"""Playbooks of installed distributions. Each test installs real ones, on a path of its own."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from salesflow.errors import PluginConflict, PluginError, UnknownName
from salesflow.playbook import Playbook
from salesflow.playbooks import BUILT_IN, CHECKLISTS, checklist_source, playbook_source
from salesflow.plugins import available_playbooks, load_playbook
from tests.plugins.conftest import Install

FLAGSHIP = "optimized_sales_process"
GOOD = '''
from salesflow.playbook import Playbook

TEXT = """
id = "{id}"
version = "1"
title = "Of a plugin"
stages = [{{ key = "one", title = "One" }}]
"""
PLAYBOOK = Playbook.from_toml(TEXT)

def make():
    return PLAYBOOK
'''


def status(playbook_id: str, *, load: bool = False) -> list[tuple[str, str]]:
    found = [info for info in available_playbooks(load=load) if info.id == playbook_id]
    return [(info.distribution, info.status) for info in found]


def test_what_lies_in_the_folder_is_built_in_and_listed_with_its_title() -> None:
    folder = Path(sys.modules["salesflow.playbooks"].__file__ or "").parent
    files = {path.stem for path in folder.glob("*.toml") if not path.stem.endswith(".cases")}
    assert files == set(BUILT_IN)
    assert {path.stem for path in (folder / "checklists").glob("*.toml")} == set(CHECKLISTS)
    titles = {info.id: info.title for info in available_playbooks()}
    for key in BUILT_IN:
        playbook = load_playbook(key)
        assert (playbook.id, playbook.title) == (key, titles[key])
    for source, key in ((playbook_source, "../secret"), (checklist_source, FLAGSHIP)):
        with pytest.raises(KeyError):
            source(key)


def test_a_built_in_playbook_is_listed_and_loaded_once() -> None:
    listed = {info.id: info for info in available_playbooks()}
    assert (listed[FLAGSHIP].distribution, listed[FLAGSHIP].status) == ("salesflow", "available")
    assert listed[FLAGSHIP].title is not None
    assert load_playbook(FLAGSHIP) is load_playbook(FLAGSHIP)
    loaded = {info.id: info.status for info in available_playbooks(load=True)}
    assert loaded[FLAGSHIP] == "loaded"


def test_an_unknown_playbook_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match=f'Did you mean "{FLAGSHIP}"'):
        load_playbook("optimised_sales_process")


@pytest.mark.parametrize("value", [":PLAYBOOK", ":make"])
def test_a_plugin_offers_a_playbook_or_what_makes_one(install: Install, value: str) -> None:
    module = install("acme-sales", GOOD.format(id="acme"), {"acme": value}, "2.3")
    (info,) = [info for info in available_playbooks() if info.id == "acme"]
    assert (info.distribution, info.version, info.title) == ("acme-sales", "2.3", None)
    assert info.status == "available"
    assert module not in sys.modules
    playbook = load_playbook("acme")
    assert playbook.id == "acme"
    assert load_playbook("acme") is playbook
    (info,) = [info for info in available_playbooks(load=True) if info.id == "acme"]
    assert (info.status, str(info.title)) == ("loaded", "Of a plugin")


def test_the_playbook_itself_may_be_callable_in_no_way(install: Install) -> None:
    install("subclass", GOOD.format(id="sub"), {"sub": ":PLAYBOOK"})
    assert isinstance(load_playbook("sub"), Playbook)


BROKEN = {
    "an error while it is imported": ("import nothing_of_this_name", ":PLAYBOOK", "nothing_of"),
    "an exit while it is imported": ("raise SystemExit(3)", ":PLAYBOOK", "SystemExit: 3"),
    "an error of its playbook": (
        "from salesflow.playbook import Playbook\nPLAYBOOK = Playbook.from_toml('')",
        ":PLAYBOOK",
        "InvalidPlaybook",
    ),
    "a wrong type": ("PLAYBOOK = {'id': 'broken'}", ":PLAYBOOK", "is of type dict"),
    "a callable of a wrong type": ("def make():\n    return 3", ":make", "is of type int"),
    "a callable that fails": ("def make():\n    return 1 / 0", ":make", "ZeroDivisionError"),
    "a callable with arguments": ("def make(x):\n    return x", ":make", "TypeError"),
    "another id": (GOOD.format(id="other"), ":PLAYBOOK", 'holds the playbook "other"'),
    "no such name": ("", ":PLAYBOOK", "AttributeError"),
    "a value that is none": ("", " of nothing", "cannot be loaded"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_plugin_is_listed_as_such_and_breaks_nothing_else(
    install: Install, what: str
) -> None:
    code, value, said = BROKEN[what]
    install("broken-sales", code, {"broken": value})
    install("acme-sales", GOOD.format(id="acme"), {"acme": ":PLAYBOOK"})
    assert status("broken") == [("broken-sales", "available")]
    with pytest.raises(PluginError, match="broken-sales") as caught:
        load_playbook("broken")
    assert said in str(caught.value)
    assert status("broken", load=True) == [("broken-sales", "broken")]
    assert status("acme", load=True) == [("acme-sales", "loaded")]
    assert status(FLAGSHIP, load=True) == [("salesflow", "loaded")]
    (info,) = [info for info in available_playbooks(load=True) if info.id == "broken"]
    assert isinstance(info.error, PluginError)


def test_the_error_of_a_plugin_is_the_cause_of_ours(install: Install) -> None:
    install("broken-sales", "raise RuntimeError('inside')", {"broken": ":PLAYBOOK"})
    with pytest.raises(PluginError) as caught:
        load_playbook("broken")
    assert isinstance(caught.value.__cause__, RuntimeError)
    assert str(caught.value) == (
        'The playbook "broken" of broken-sales cannot be loaded: RuntimeError: inside. '
        "See the cause, or remove broken-sales."
    )


def test_an_interrupt_is_not_swallowed(install: Install) -> None:
    install("slow-sales", "raise KeyboardInterrupt", {"slow": ":PLAYBOOK"})
    with pytest.raises(KeyboardInterrupt):
        load_playbook("slow")


def test_two_distributions_of_one_id_are_a_conflict_that_names_both(install: Install) -> None:
    install("one-sales", GOOD.format(id="acme"), {"acme": ":PLAYBOOK"})
    install("two-sales", GOOD.format(id="acme"), {"acme": ":PLAYBOOK", "fine": ":PLAYBOOK"})
    expected = [("one-sales", "conflict"), ("two-sales", "conflict")]
    assert status("acme") == status("acme", load=True) == expected
    with pytest.raises(PluginConflict, match=r"one-sales 1\.0 and by two-sales 1\.0"):
        load_playbook("acme")
    assert status("fine") == [("two-sales", "available")]


def test_a_plugin_cannot_take_the_place_of_a_built_in_playbook(install: Install) -> None:
    install("evil-sales", GOOD.format(id=FLAGSHIP), {FLAGSHIP: ":PLAYBOOK"})
    assert status(FLAGSHIP) == [("salesflow", "available"), ("evil-sales", "conflict")]
    assert load_playbook(FLAGSHIP).stages[0].key == "territory_account_plan"
    error = available_playbooks()[-1].error
    assert isinstance(error, PluginConflict)
    assert "salesflow and by evil-sales" in str(error)


def test_a_distribution_that_is_on_the_path_twice_is_no_conflict(
    install: Install, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    install("acme-sales", GOOD.format(id="acme"), {"acme": ":PLAYBOOK"})
    monkeypatch.syspath_prepend(tmp_path / "." / "acme-sales")
    assert status("acme") == [("acme-sales", "available")]


def test_plugins_can_be_switched_off(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    install("acme-sales", GOOD.format(id="acme"), {"acme": ":PLAYBOOK"})
    monkeypatch.setenv("SALESFLOW_NO_PLUGINS", "1")
    assert [info.id for info in available_playbooks()] == list(BUILT_IN)
    with pytest.raises(UnknownName):
        load_playbook("acme")
    monkeypatch.setenv("SALESFLOW_NO_PLUGINS", "0")
    assert status("acme") == [("acme-sales", "available")]


def test_listing_parses_no_playbook_and_loading_a_built_in_one_scans_nothing() -> None:
    code = (
        "import sys, salesflow.plugins as plugins\n"
        "plugins.available_playbooks()\n"
        "assert 'tomllib' not in sys.modules\n"
        f"plugins.load_playbook('{FLAGSHIP}')\n"
        "assert 'transitions' not in sys.modules\n"
        "assert 'narwhals' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_what_is_listed_can_be_pickled(install: Install) -> None:
    install("one-sales", GOOD.format(id="acme"), {"acme": ":PLAYBOOK"})
    install("two-sales", GOOD.format(id="acme"), {"acme": ":PLAYBOOK"})
    listed = available_playbooks()
    again = pickle.loads(pickle.dumps(listed))  # noqa: S301 - our own bytes
    assert [str(info) for info in again] == [str(info) for info in listed]


def test_a_distribution_without_metadata_is_called_by_its_module(
    install: Install, tmp_path: Path
) -> None:
    module = install("bare-sales", GOOD.format(id="bare"), {"bare": ":PLAYBOOK"})
    (tmp_path / "bare-sales" / "bare_sales-1.0.dist-info" / "METADATA").unlink()
    assert status("bare") == [(module, "available")]
    assert load_playbook("bare").id == "bare"


@pytest.mark.parametrize(
    "spoilt", ["[salesflow.playbooks]\nno equals sign\n", "no section\n", "[x\n"]
)
def test_a_spoilt_file_of_entry_points_hides_no_other_plugin(
    install: Install, tmp_path: Path, spoilt: str
) -> None:
    install("spoilt-sales", "", {})
    path = tmp_path / "spoilt-sales" / "spoilt_sales-1.0.dist-info" / "entry_points.txt"
    path.write_text(spoilt, encoding="utf-8")
    install("acme-sales", GOOD.format(id="acme"), {"acme": ":PLAYBOOK"})
    assert status("acme") == [("acme-sales", "available")]
    assert load_playbook("acme").id == "acme"


@pytest.mark.parametrize("name", [None, 5, [], {}, b"optimized_sales_process"])
def test_an_id_that_is_no_text_is_an_unknown_name(name: object) -> None:
    with pytest.raises(UnknownName, match="There is no playbook of type"):
        load_playbook(name)  # type: ignore[arg-type]
