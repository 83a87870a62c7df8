"""The playbook: a whole sales process as one frozen value."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from salesflow._frozen import FrozenDict
from salesflow._show import Html
from salesflow._shown import Shown
from salesflow.errors import Problem, UnknownName
from salesflow.facts import Facts
from salesflow.playbook._compile import compiled
from salesflow.playbook._document import DOCUMENT
from salesflow.playbook._graph import dominators
from salesflow.playbook._model_assets import (
    Checklist,
    Hygiene,
    Instrument,
    Reason,
    Scorecard,
    SizeRow,
)
from salesflow.playbook._model_cadences import Cadence
from salesflow.playbook._model_migration import Migration
from salesflow.playbook._model_policy import ApprovalPolicy, Policy
from salesflow.playbook._model_process import Criterion, Move, Position, Role, Stage
from salesflow.playbook._model_tracks import Track
from salesflow.playbook._model_variant import Extended
from salesflow.playbook._parts import ENDED, RawTable, TransitionsGraph, readers_of_records
from salesflow.playbook._questions import Question
from salesflow.playbook._read import FileFormat, decoded, file_text
from salesflow.playbook._shape import Json
from salesflow.playbook._show import blocks
from salesflow.rules import Rule
from salesflow.text import Language, Text

if TYPE_CHECKING:
    from salesflow.playbook._variant import Variant
    from salesflow.records import RecordFact, RecordGroup

__all__ = ["Playbook"]

T = TypeVar("T")


class Playbook(Shown):
    """A sales process: stages, criteria, checklists, scorecards, size policy, cadences.

    It is made by `from_toml`, `from_json` or `from_file`, which check everything, and never
    changes. Two playbooks are equal when their whole content is.

    Attributes:
        id: Key of the process.
        version: As its author counts.
        title: Its name.
        languages: Those it is written in; the first is its own.
        currency: ISO 4217; the currency of its thresholds.
        owner_role: The role that a deal's owner has, or None.
        roles: By key.
        facts: Every fact that its rules may name: the standard ones and its own.
        fact_titles: What people call the standard facts, those that it declares, those that records
            answer, and those of its questions.
        use_records: The groups of facts that the records of a deal answer, by key.
        stages: In order.
        positions: Where a deal can be, in order: stages without sub-stages, and sub-stages.
        moves: The ways between positions, and to the end where a file lists them.
        loops: Moves that open a new deal; the deal itself does not take them.
        policy: What a deal may do beside advancing.
        approvals: Who has to approve what, by key.
        tracks: What goes on beside the stages, by key.
        criteria: Every criterion by key, those of moves, loops and tracks too.
        stage_of: For each criterion the key of its stage; of a move's, the stage it leaves. Those
            of tracks have none.
        migrations: From which earlier versions a deal can come, and how.
        checklists: By key, those of the package that it uses included.
        questions: Every question of every checklist, by the name of its fact.
        scorecards: By key.
        instruments: By key.
        size_policy: Rows; the first that holds says which instruments a deal needs.
        required_instruments: For each instrument the rule "this deal needs it".
        cadences: What is due when.
        reasons: Why deals end without a win, by key.
        hygiene: Limits of the hygiene checks.
        extends: The playbook that this one extends, and what this one does to it; None for one that
            extends none.
        aims: What the process is to achieve.
        avoid: Behaviours to avoid.
        readings: What of the process is its author's reading, and not said by the source. Parts
            that are such a reading have `reading`.

    Example:
        >>> playbook = Playbook.from_toml('''
        ...     id = "tiny"
        ...     version = "1"
        ...     title = "A tiny process"
        ...     [[stages]]
        ...     key = "talk"
        ...     title = "Talk"
        ...       [[stages.exit]]
        ...       key = "budget_known"
        ...       title = "The budget is known"
        ...       rule = "amount > 0"
        ...     [[stages]]
        ...     key = "sign"
        ...     title = "Sign"
        ... ''')
        >>> [stage.key for stage in playbook.stages], playbook.next_of("talk")
        (['talk', 'sign'], 'sign')
        >>> Playbook.from_json(playbook.to_json()) == playbook
        True
    """

    id: str
    version: str
    title: Text
    summary: Text | None
    source: Text | None
    languages: tuple[Language, ...]
    currency: str
    owner_role: str | None
    aims: tuple[Text, ...]
    avoid: tuple[Text, ...]
    readings: tuple[Text, ...]
    roles: Mapping[str, Role]
    facts: Facts
    fact_titles: Mapping[str, Text]
    use_records: tuple[str, ...]
    stages: tuple[Stage, ...]
    positions: tuple[Position, ...]
    moves: tuple[Move, ...]
    loops: tuple[Move, ...]
    policy: Policy
    approvals: Mapping[str, ApprovalPolicy]
    tracks: Mapping[str, Track]
    criteria: Mapping[str, Criterion]
    stage_of: Mapping[str, str]
    migrations: tuple[Migration, ...]
    checklists: Mapping[str, Checklist]
    questions: Mapping[str, Question]
    scorecards: Mapping[str, Scorecard]
    instruments: Mapping[str, Instrument]
    size_policy: tuple[SizeRow, ...]
    required_instruments: Mapping[str, Rule]
    cadences: tuple[Cadence, ...]
    reasons: Mapping[str, Reason]
    hygiene: Hygiene
    extends: Extended | None
    _variant: Variant | None
    _document: RawTable
    _by_position: Mapping[str, Position]
    _stage_by_key: Mapping[str, Stage]
    _moves_from: Mapping[str, tuple[Move, ...]]

    def __init__(self) -> None:
        raise TypeError("a playbook is made by Playbook.from_toml, from_json or from_file")

    @classmethod
    def from_toml(cls, text: str) -> Playbook:
        """Read and check a playbook in TOML.

        Raises:
            InvalidPlaybook: `problems` lists every error with its path and a hint.
        """
        return cls._of(text, "toml")

    @classmethod
    def from_json(cls, text: str) -> Playbook:
        """Read and check a playbook in JSON, of the same shape as the TOML.

        Raises:
            InvalidPlaybook: `problems` lists every error with its path and a hint.
        """
        return cls._of(text, "json")

    @classmethod
    def from_file(cls, path: str | Path) -> Playbook:
        """Read and check a `.toml` or `.json` file in UTF-8, with or without byte order mark.

        It may extend another file in its folder, or below that.

        Raises:
            InvalidPlaybook: The file cannot be read, or `problems` lists every error.
        """
        return cls._of(*file_text(path), Path(path))

    @classmethod
    def from_bytes(cls, data: bytes) -> Playbook:
        """Read and check the bytes of a TOML file, as `from_file` does."""
        return cls._of(decoded(data), "toml")

    @classmethod
    def _of(cls, text: str, format: FileFormat, file: Path | None = None) -> Playbook:  # noqa: A002 - the public name
        playbook = object.__new__(cls)
        vars(playbook).update(compiled(text, format, file))
        return playbook

    def stage(self, key: str) -> Stage:
        """The stage of that key; raises UnknownName where there is none."""
        found = _at(self._stage_by_key, key)
        if found is None:
            raise UnknownName("stage", key, self._stage_by_key)
        return found

    def position(self, key: str) -> Position:
        """The position of that key; a stage with sub-stages stands for its first one.

        Raises:
            UnknownName: There is no such stage or sub-stage.
        """
        found = _at(self._by_position, key)
        if found is not None:
            return found
        stage = _at(self._stage_by_key, key)
        if stage is None:
            raise UnknownName("stage", key, {**self._stage_by_key, **self._by_position})
        return self._by_position[stage.sub_stages[0].key]

    @property
    def declared_facts(self) -> frozenset[str]:
        """The names of the facts that this playbook declares beyond the standard ones."""
        return frozenset(str(fact["name"]) for fact in self._document.tables("facts"))

    @cached_property
    def record_facts(self) -> frozenset[str]:
        """The names of the facts that the records of a deal answer.

        Those of the groups in `use_records`, and `form.<key>.missing` of forms that are records.
        """
        return frozenset(self.record_readers)

    @property
    def record_readers(self) -> Mapping[str, tuple[RecordGroup[Any], RecordFact[Any]]]:
        """These facts by name, each with what reads it: its group, and the fact."""
        return self._record_readers

    @cached_property
    def _record_readers(self) -> Mapping[str, tuple[RecordGroup[Any], RecordFact[Any]]]:
        return FrozenDict(readers_of_records(self._document))

    @property
    def initial(self) -> Position:
        """Where a deal begins."""
        return self.positions[0]

    def next_of(self, position: str) -> str | None:
        """Where the main move from a position leads; None where it ends the process.

        Raises:
            UnknownName: There is no such position.
        """
        ways = self.moves_from(position)
        return ways[0].target if ways and ways[0].target != ENDED else None

    def moves_from(self, position: str) -> tuple[Move, ...]:
        """The ways from a position, the main one first; those to the end only if listed.

        Those that lead back come last.

        Raises:
            UnknownName: There is no such position.
        """
        return self._moves_from[self.position(position).key]

    def must_have_left(self, position: str) -> tuple[Position, ...]:
        """The positions that every path from the start to this one goes through, without it.

        Example:
            On a line these are all the earlier positions.

        Raises:
            UnknownName: There is no such stage or sub-stage.
        """
        left = self._left[self.position(position).key]
        return tuple(self._by_position[other] for other in left)

    def certainly_left(self, position: str) -> tuple[Position, ...]:
        """The positions that a deal in this one has been in, whatever the policy permits.

        Where stages may be skipped, these are fewer than it must have left without skipping.

        Raises:
            UnknownName: There is no such stage or sub-stage.
        """
        left = self.must_have_left(position)
        if self.policy.start_later.allowed:
            return ()
        return left[:1] if self.policy.skip.allowed else left

    def between(self, source: str | None, target: str) -> tuple[Position, ...]:
        """The positions that every way from one position to another goes through, without both.

        Args:
            source: Where it begins; None for the start of the process.
            target: Where it ends.

        Raises:
            UnknownName: There is no such stage or sub-stage.
        """
        left = self.must_have_left(target)
        if source is None:
            return left
        here = self.position(source)
        behind = {here.key, *(place.key for place in self.must_have_left(here.key))}
        return tuple(place for place in left if place.key not in behind)

    @cached_property
    def _left(self) -> Mapping[str, tuple[str, ...]]:
        graph: dict[str, list[str]] = {place.key: [] for place in self.positions}
        for move in self.moves:
            if move.target != ENDED:
                graph[move.source].append(move.target)
        return dominators(graph, self.initial.key)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the behaviour: everything but texts, guidance, languages and version."""
        return _sha256(self.to_dict(behaviour=True))

    @cached_property
    def content_digest(self) -> str:
        """SHA-256 of the whole content."""
        return _sha256(self.to_dict())

    @cached_property
    def warnings(self) -> tuple[Problem, ...]:
        """What the lint has to say beyond errors; worked out on first access."""
        from salesflow.playbook._warn import warnings  # noqa: PLC0415 - an analysis, on demand

        found = warnings(self._document, self.facts)
        return found if self._variant is None else self._variant.at_home(found)

    def to_json(self) -> str:
        """The whole playbook as JSON, in canonical form and complete in itself."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2, allow_nan=False) + "\n"

    def to_dict(self, *, behaviour: bool = False) -> dict[str, Json]:
        """The whole playbook in canonical form, as JSON has it; a new dict each time.

        Args:
            behaviour: Only what the `digest` is of.
        """
        return DOCUMENT.write(self._document, behaviour=behaviour)

    @property
    def main_language(self) -> Language:
        r"""The language in which it is shown where none is asked for.

        English where the playbook is in English too, else the first of its languages.

        Example:
            >>> text = 'id = "x"\nversion = "1"\ntitle = "流程"\nlanguages = ["zh"]\n'
            >>> Playbook.from_toml(text + 'stages = [{ key = "a", title = "甲" }]').main_language
            'zh'
        """
        return "en" if "en" in self.languages else self.languages[0]

    @staticmethod
    def json_schema() -> dict[str, Json]:
        """The shape of a playbook file as JSON Schema, for editors; a new dict each time."""
        from salesflow.playbook._document import json_schema  # noqa: PLC0415 - on demand

        return json_schema()

    def diagram(
        self,
        lang: Language | None = None,
        *,
        visited: Iterable[str] = (),
        current: str | None = None,
        blocked: bool = False,
    ) -> str:
        """The process as Mermaid text, a `stateDiagram-v2` with sub-stages inside their stage.

        Tracks stand beside the stages, in one state whose regions go on at the same time.

        Args:
            lang: The language of the titles; by default its `main_language`.
            visited: Positions where a deal has been.
            current: Where it is.
            blocked: Whether something keeps it there.

        Raises:
            UnknownName: There is no such language or position. Of a playbook with migrations,
                visited positions that only an earlier version had are left out.
        """
        from salesflow.playbook._diagram import diagram  # noqa: PLC0415 - on demand

        shown_in = self.main_language if lang is None else lang
        return diagram(self, shown_in, visited, current, blocked=blocked)

    def to_transitions(self) -> TransitionsGraph:
        """Keyword arguments for `transitions.Machine`: the graph only, without any gate.

        States are the positions and `ended`. `advance` follows the main moves and ends the
        process after the last; `move_to_<position>` follows the others; `end` ends it where a
        move to the end is listed, and where that is possible though moves lead on. Moves that
        open a new deal, and tracks, are not in it.
        """
        from salesflow.playbook._diagram import machine  # noqa: PLC0415 - on demand

        return machine(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Playbook):
            return NotImplemented
        return self is other or self.content_digest == other.content_digest

    def __hash__(self) -> int:
        return hash(self.content_digest)

    def __repr__(self) -> str:
        return f"<Playbook {self.id} {self.version}: {len(self.stages)} stages>"

    def _language(self) -> Language:
        return self.main_language

    def _view(self, lang: Language) -> Iterator[Html]:
        return blocks(self, lang)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a playbook never changes; {name} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a playbook never changes; {name} cannot be deleted")

    def __copy__(self) -> Playbook:
        return self

    def __deepcopy__(self, memo: object) -> Playbook:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return (_unpickled, (self.to_json(),))


@lru_cache(maxsize=8)  # texts of a megabyte at most
def _unpickled(text: str) -> Playbook:
    """One playbook for all the results that carry it out of a pickle: it never changes."""
    return Playbook.from_json(text)


def _at(table: Mapping[str, T], key: object) -> T | None:
    """The entry of that key; None where the key is not a text, and perhaps not even hashable."""
    return table.get(key) if isinstance(key, str) else None


def _sha256(written: Json) -> str:
    canonical = json.dumps(
        written, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return sha256(canonical.encode()).hexdigest()
