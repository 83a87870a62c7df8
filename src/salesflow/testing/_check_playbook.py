"""The checks of a playbook as one call, as objects, and as parameters of a test."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from salesflow._arguments import several
from salesflow.errors import ArgumentError, SalesflowError
from salesflow.playbook import Playbook
from salesflow.testing._bench import Bench
from salesflow.testing._checks import CHECKS
from salesflow.testing._errors import CheckFailed, CheckSkipped, Fault

F = TypeVar("F", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class PlaybookCheck:
    """One check of one playbook. Calling it makes the check.

    Attributes:
        name: Its name, for instance `"stages"`.
        playbook: The id of the playbook, or the path of its file.
        asks: What it asks of a playbook, in a sentence.
    """

    name: str
    playbook: str
    asks: str
    _bench: Bench = field(repr=False)

    def __call__(self) -> tuple[str, ...]:
        """Make the check.

        Returns:
            What is worth knowing and no fault, in sentences: what was not tried, and why.

        Raises:
            CheckFailed: The playbook does not keep what the check asks.
            CheckSkipped: The check cannot be made here; the message says why.
        """
        found = list(CHECKS[self.name](self._bench))
        faults = [it for it in found if isinstance(it, Fault)]
        if faults:
            raise CheckFailed(self.playbook, {self.name: faults})
        return tuple(it for it in found if isinstance(it, str))

    def __str__(self) -> str:
        return f"{Path(self.playbook).name}: {self.name}"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What came of a check that did not fail.

    Attributes:
        name: Its name.
        skipped: Why it could not be made; empty where it was.
        notes: What is worth knowing and no fault, in sentences.
    """

    name: str
    skipped: str = ""
    notes: tuple[str, ...] = ()


def playbook_checks(
    playbook: Playbook | str | Path, *, earlier: Iterable[Playbook] = ()
) -> tuple[PlaybookCheck, ...]:
    """Every check of a playbook, each with a name, to be called one by one.

    | check | what it asks |
    | --- | --- |
    | `loads` | the file can be read, and has no errors |
    | `lint` | the lint has nothing to say, not even a warning |
    | `texts` | every text is there in every language of the playbook |
    | `round_trip` | as JSON and back it is the same playbook, with the same digests |
    | `diagram` | its diagram can be read, in every language |
    | `stages` | a deal comes to every stage and sub-stage, and leaves it by every way |
    | `criteria` | every criterion is met by some deal, and not met by some other |
    | `frames` | the engine and a data frame say the same to every rule |
    | `migrations` | deals of earlier versions go on, wherever they stand |
    | `cases` | the cases beside the file come as they say |

    Deals are made for the playbook: whoever has to says, answers, approves and enters what its
    rules ask for. Nothing random is in it: the same playbook gives the same deals.

    Args:
        playbook: The process; or the path of its file, or the id of one that is installed.
        earlier: Earlier versions, or other playbooks, from which deals migrate to it.

    Returns:
        The checks. Of a playbook that cannot be loaded only `loads`, which says why.

    Raises:
        ArgumentError: An argument is of the wrong kind.

    Example:
        >>> checks = playbook_checks("milestone_selling")
        >>> [check.name for check in checks][:5]
        ['loads', 'lint', 'texts', 'round_trip', 'diagram']
        >>> checks[5]()
        ()
    """
    bench = Bench(playbook, several(earlier, Playbook, "earlier", "write earlier=[old]"))
    names = list(CHECKS)
    try:
        bench.playbook  # noqa: B018 - it loads when it is asked for
    except ArgumentError:
        raise
    except SalesflowError:
        names = names[:1]
    return tuple(PlaybookCheck(name, bench.name, _asks(name), bench) for name in names)


def _asks(name: str) -> str:
    return (CHECKS[name].__doc__ or name).partition("\n")[0]


def check_playbook(
    playbook: Playbook | str | Path, *, earlier: Iterable[Playbook] = ()
) -> tuple[CheckResult, ...]:
    """Make every check of a playbook: see `playbook_checks`.

    Args:
        playbook: The process; or the path of its file, or the id of one that is installed.
        earlier: Earlier versions, or other playbooks, from which deals migrate to it.

    Returns:
        What came of each check: whether it had to be skipped, and what is worth knowing.

    Raises:
        CheckFailed: Some checks fail; `faults` and the message have everything that was found.
        ArgumentError: An argument is of the wrong kind.

    Example:
        >>> results = check_playbook("milestone_selling")
        >>> [result.name for result in results if result.skipped]
        []
    """
    results: list[CheckResult] = []
    faults: dict[str, Iterable[Fault]] = {}
    name = ""
    for check in playbook_checks(playbook, earlier=earlier):
        name = check.playbook
        try:
            results.append(CheckResult(check.name, notes=check()))
        except CheckSkipped as skipped:
            results.append(CheckResult(check.name, skipped=str(skipped)))
        except CheckFailed as failed:
            faults |= failed.faults
    if faults:
        raise CheckFailed(name, faults)
    return tuple(results)


def parametrize_with_playbook_checks(
    playbooks: Iterable[Playbook | str | Path], *, earlier: Iterable[Playbook] = ()
) -> Callable[[F], F]:
    """A decorator for pytest: the test is run once for every check of every playbook.

    The test has one parameter, `check`, and calls it. What cannot be checked here is shown as
    skipped, with the reason.

    Args:
        playbooks: Each the process itself, the path of its file, or the id of an installed one.
        earlier: Earlier versions, or other playbooks, from which deals migrate to these.

    Raises:
        ArgumentError: An argument is of the wrong kind.
        CheckSkipped: pytest is not installed.

    Example:
        >>> @parametrize_with_playbook_checks(["milestone_selling"])
        ... def test_playbook(check):
        ...     check()
    """
    import pytest  # noqa: PLC0415 - only whoever runs tests has it

    before = tuple(earlier)
    checks = [
        check for playbook in playbooks for check in playbook_checks(playbook, earlier=before)
    ]
    decorator: Callable[[F], F] = pytest.mark.parametrize(
        "check",
        [pytest.param(check, id=f"{Path(check.playbook).name}-{check.name}") for check in checks],
    )
    return decorator
