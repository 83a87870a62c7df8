"""Labels of a frame that are no keys: what they are read as, and what is said of the others.

No query is added for a frame whose labels are keys. Where the counts of a function say that labels
are left, those are asked for, what they are read as is replaced from then on, and the function asks
its frame once more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from salesflow._frozen import FrozenDict
from salesflow._labels import LabelReader, flags, outcomes, skips
from salesflow._unseen import quoted
from salesflow.errors import Problem
from salesflow.facts import Fact, FactKind
from salesflow.pipeline._frames.commonest import counted, most_of
from salesflow.pipeline._wording import amount_of
from salesflow.rules import Verdict
from salesflow.rules._values import BLANK
from salesflow.rules.columns import Frame
from salesflow.text import Text

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw

SKIPS: Final = "n/a"
"""The label of a question that does not apply."""

_MANY: Final = 1_000
_TOLD: Final = 50
_FLAGS: Final = {"yes": True, "no": False, "unknown": "?"}
_MARKS: Final = {"yes": ("+",), "no": ("-",), "unknown": ("?",)}
MARKS: Final = {"+": "yes", "-": "no", "?": "unknown"}
"""What the marks of answers say."""
_SAID: Final = {True: "yes", False: "no", "+": "yes", "-": "no", "?": "unknown", None: "missing"}


def labels_of(frame: Frame, label: nw.Expr) -> dict[str, int]:
    """The labels of a column and how often each is there, the most frequent first.

    Not those that are missing or blank.
    """
    rows = most_of(counted(frame.filter(~label.is_null()), label), _MANY)
    found = {str(row["value"]): int(row["n"]) for row in rows}
    return {name: number for name, number in found.items() if name.strip(BLANK)}


class FrameLabels:
    """What the labels of a frame were read as, by fact.

    Attributes:
        are_new: Some were read that what was asked of the frame so far does not know.
    """

    def __init__(self) -> None:
        self.are_new = False
        self._read: dict[str, dict[str, object]] = {}
        self._settled = False

    def settle(self) -> None:
        """From now on nothing more is read: all that is asked of the frame knows the same."""
        self._settled, self.are_new = True, False

    def read(
        self,
        fact: str,
        found: Mapping[str, int],
        reader: LabelReader,
        said: Mapping[str, object] | Mapping[object, object],
        meant: Mapping[str, object] = FrozenDict(),
    ) -> dict[str, int]:
        """Read labels, with how often each is there; those that are not clear are given back.

        What the caller `said` counts more than what the reader says; `meant` is what the names of
        the reader stand for, where it is not these names.
        """
        if self._settled:
            return dict(found)
        clear = read_as(found, reader, said, meant)
        if clear:
            self.note(fact, clear)
            self.are_new = True
        return {label: number for label, number in found.items() if label not in clear}

    def note(self, fact: str, clear: Mapping[str, object]) -> None:
        """Keep what labels of a fact were read as that nothing was asked of yet."""
        self._read.setdefault(fact, {}).update(clear)

    def of(self, fact: str) -> Mapping[str, object]:
        """What the labels of a fact's column stand for."""
        return self._read.get(fact, {})

    @property
    def told(self) -> FrozenDict[str, FrozenDict[str, str]]:
        """By fact, what its labels were read as, for a report."""
        return FrozenDict(
            {
                fact: FrozenDict({label: _word(labels[label]) for label in sorted(labels)})
                for fact, labels in sorted(self._read.items())
            }
        )


def read_as(
    labels: Iterable[str],
    reader: LabelReader,
    said: Mapping[str, object] | Mapping[object, object],
    meant: Mapping[str, object] = FrozenDict(),
) -> dict[str, object]:
    """What labels are read as, as far as it is clear.

    What the caller `said` counts more than what the reader says; `meant` is what the names of the
    reader stand for, where it is not these names.
    """
    own = LabelReader({label: () for label in said if isinstance(label, str)})
    found: dict[str, object] = {}
    whatever: Mapping[Any, object] = said
    for label in labels:
        named = own.exactly(label)
        if not named and not reader.exactly(label):
            named = own.read(label)
        values = {repr(whatever[name]): whatever[name] for name in named}
        if not values:
            usual = (meant.get(name, name) for name in reader.read(label))
            values = {repr(value): value for value in usual}
        if len(values) == 1:
            found[label] = next(iter(values.values()))
    return found


def flag_word(value: object) -> str | None:
    """What a value of a flag is called; None where it stands for nothing."""
    return None if value is None else _word(value)


def _word(value: object) -> str:
    if isinstance(value, Verdict):
        return value.value
    return _SAID[value] if value in tuple(_SAID) else str(value)


def reader_of(fact: Fact, *, may_skip: bool) -> tuple[LabelReader, Mapping[str, object]]:
    """How the labels of a flag or a choice are read, and what is meant by that where it is not it.

    Some `may_skip` the question.
    """
    words = skips() if may_skip else {}
    if fact.kind is FactKind.FLAG:
        return LabelReader(_MARKS, {**flags(), **words}), _FLAGS
    names: dict[str, Sequence[str]] = dict.fromkeys(fact.choices, ())
    names |= {choice: texts_of(title) for choice, title in fact.choice_titles.items()}
    return LabelReader(names, {**outcomes(), **words} if fact.name == "outcome" else words), {}


def texts_of(title: Text) -> Sequence[str]:
    """A title in every language that it has."""
    return [title.get(lang) for lang in title.languages]


def problems_of_labels(
    path: str, found: Mapping[str, int], reader: LabelReader, noun: str = "row"
) -> list[Problem]:
    """Labels that are not read as a stage, each with the nearest one, or with all that it fits."""
    problems = []
    for label, number in list(found.items())[:_TOLD]:
        fitting = reader.read(label)
        said = f"fits {' and '.join(map(repr, fitting))}" if fitting[1:] else "is not a stage"
        message = f"{label!r} {said} ({amount_of(number, noun)})"
        meant = reader.nearest(label) or "…"
        hint = f'say which it is: stages={{{quoted(label)}: "{meant}"}}'
        problems.append(Problem(path, message, hint, "unknown_stage"))
    return problems
