"""From an unknown frame to a mapping that a person reads and corrects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal

from salesflow._arguments import Arguments
from salesflow._labels import LabelReader, bare, normal
from salesflow._result import keeping
from salesflow.facts import CURRENCY, NOT_APPLICABLE, FactKind
from salesflow.money._currencies import currency_of
from salesflow.money._signs import currency_meant, is_sign
from salesflow.pipeline._frames.engines import engine_errors, opened_for_queries
from salesflow.pipeline._frames.frame_columns import columns_named
from salesflow.pipeline._frames.labels import SKIPS, reader_of
from salesflow.pipeline._frames.mapping import FrameMapping
from salesflow.pipeline._frames.options import read_playbook
from salesflow.pipeline._frames.source import Source
from salesflow.pipeline._frames.stages import ENDS, stage_reader, sub_stage_reader
from salesflow.pipeline._suggest.content import Content, Counted, fits, to_be_read
from salesflow.pipeline._suggest.evidence import (
    by_values,
    candidate,
    clear,
    crms,
    is_name,
    named,
    ranked,
)
from salesflow.pipeline._suggest.suggestion import (
    KEY,
    STAGE,
    Candidate,
    ColumnSuggestion,
    LabelSuggestion,
    NeededReader,
    Placeholder,
    Reason,
    Suggestion,
)
from salesflow.pipeline.exports._number_shapes import unit_in_heading
from salesflow.pipeline.exports._numbers import currencies_in
from salesflow.playbook import Playbook

_MESSAGE: Final = "Nothing can be suggested for this."
_COLUMNS: Final = 400
_KEYS: Final = 8
_WORDS: Final = 40
_STAGES: Final = 12
_HALF: Final = 0.5
_ABOUT_VALUES: Final = 0.02


def suggest(frame: object, playbook: Playbook) -> Suggestion:
    """What the columns and the words of an unknown frame may stand for.

    Columns are placed by their names: keys and titles of facts in any language, names of columns in
    exports of CRMs, usual headings; the key also by being distinct, and the column of the stage by
    its words. What the type or the values of a column are against is not proposed. Words of stages,
    choices and flags are read as all functions read them. A unit that the heading of an amount
    names clearly, as "金额（万元）" does, is proposed as its `scale`.

    One aggregate query runs, and one for the words of each column that has some, forty at most; on
    lazy frames, too. The frame is not changed.

    Args:
        frame: One row per deal, of any kind that narwhals knows; or a
            [`Source`][salesflow.pipeline.Source]: then what its mapping says is taken as said, and
            only the rest is proposed. `suggestion.mapping | source.mapping` has both.
        playbook: The process.

    Returns:
        The proposal; its `mapping` goes into a `Source`.

    Raises:
        FrameError: It is no data frame, or its engine cannot read it.
        ArgumentError: `playbook` is none.

    Example:
        >>> import polars as pl
        >>> from salesflow import load_playbook
        >>> deals = pl.DataFrame(
        ...     {
        ...         "Opportunity ID": ["006A", "006B", "006C"],
        ...         "Stage": ["Demand Generation", "Closed Won", "Legal"],
        ...         "Amount": ["$1,200.00", "$900.00", None],
        ...         "Notes": ["", "call", ""],
        ...     }
        ... )
        >>> found = suggest(deals, load_playbook("optimized_sales_process"))
        >>> print(found)
        3 rows; 3 of 4 columns are placed
        <BLANKLINE>
          taken for  because                column
          key        a usual heading (0.8)  'Opportunity ID'
          stage      its key (0.95)         'Stage'
          amount     its key (0.95)         'Amount'
          -          nothing fits           'Notes'
        <BLANKLINE>
        column   rows  taken for          because             label
        'Stage'     1  won                a usual word (0.9)  'Closed Won'
        'Stage'     1  demand_generation  its key (0.95)      'Demand Generation'
        'Stage'     1  -                  nothing fits        'Legal'
        <BLANKLINE>
        To be done first:
          read_numbers: 'Amount', as the number amount
        >>> found.mapping.stages
        {'Closed Won': 'won', 'Demand Generation': 'demand_generation'}
    """
    given = Arguments()
    playbook = read_playbook(given, playbook, _MESSAGE)
    said = FrameMapping()
    if isinstance(frame, Source):
        said = frame.mapping
    whole, _ = opened_for_queries(frame.frame if isinstance(frame, Source) else frame)
    with engine_errors(whole):
        return _Search(playbook, Content(whole, columns_named(whole)), said).found()


class _Search:
    """One frame: what its names say, what its content says to that, and what is proposed then."""

    def __init__(self, playbook: Playbook, content: Content, said: FrameMapping) -> None:
        self._playbook = playbook
        self._said = said
        self._content = content
        self._columns = list(content.schema)[:_COLUMNS]
        self._named = named(playbook, self._columns)
        self._reasons: dict[str, Reason] = {}
        self._labels: dict[str, dict[str, int]] = {}
        self._cut: list[str] = list(content.schema)[_COLUMNS:]
        self._known = self._said_columns()

    def _said_columns(self) -> set[str]:
        """The columns of which the mapping says what they are; no other one is taken for that."""
        said = {self._said.key: KEY, self._said.stage: STAGE}
        for fact, column in self._said.columns.items():
            if fact == STAGE or fact in self._playbook.facts:
                said.setdefault(column, fact)
        known = {column: said[column] for column in self._columns if column in said}
        taken = {*known.values()}
        taken |= {fact for fact, column in self._said.columns.items() if column in known}
        for column, candidates in self._named.items():
            if column in known:
                self._named[column] = [candidate(known[column], "said")]
            elif candidates:
                left = [one for one in candidates if one.target not in taken]
                if left:
                    self._named[column] = left
                else:
                    self._reasons[column] = "taken"
        return set(known)

    def found(self) -> Suggestion:
        """The proposal."""
        for column, candidates in self._named.items():
            if column in self._known or column in self._reasons:
                continue
            kept = [one for one in candidates if self._fits(column, one.target)]
            if candidates and not kept:
                self._reasons[column] = "kind"
            else:
                self._named[column] = kept
        self._read_values()
        counted = self._count()
        self._check_keys(counted)
        self._check_names(counted)
        self._check_looks(counted)
        self._read_stages(counted)
        targets = self._placed()
        columns = tuple(self._column(column, targets) for column in self._columns)
        return keeping(
            Suggestion(
                rows=self._rows,
                columns=columns,
                labels=tuple(self._words(targets)),
                readers=tuple(self._readers(targets, counted)),
                placeholders=tuple(self._placeholders(targets)),
                exports=tuple(name.lower() for name in crms(self._columns)),
                not_looked_at=tuple(self._cut),
            ),
            _playbook=self._playbook,
        )

    def _fits(self, column: str, target: str) -> bool:
        holds = self._content.holds(column)
        if target in {KEY, STAGE}:
            return holds in {"texts", "numbers"}
        return fits(holds, self._playbook.facts[target].kind)

    def _read_values(self) -> None:
        """Which columns hold words for a fact that their names leave open."""
        said = {*self._said.columns}
        for column in self._columns:
            for fact in by_values(column):
                is_open = column not in self._known and fact not in said
                if is_open and fact in self._playbook.facts and self._has_words(column, fact):
                    self._named[column] = [candidate(fact, "values")]
                    self._reasons.pop(column, None)

    def _has_words(self, column: str, fact: str) -> bool:
        """Whether most values are words for a fact, some of them for an end where that is asked."""
        holds, reader = self._content.holds(column), self._reader_of(fact)
        if holds == "flags" or reader is None:
            return holds == "flags" and self._is_flag(fact)
        if holds != "texts":
            return False
        labels = self._labels_of(column)
        read = {label: names[0] for label in labels if len(names := reader.read(label)) == 1}
        tells = self._is_flag(fact) or not {*read.values()}.isdisjoint(ENDS)
        share = sum(labels[label] for label in read)
        return tells and bool(share) and share >= _HALF * sum(labels.values())

    def _of(self, target: str) -> list[str]:
        """The columns that may be this, as far as nothing speaks against it."""
        return [
            column
            for column, candidates in self._named.items()
            if column not in self._reasons and any(one.target == target for one in candidates)
        ]

    def _asked_as(self, column: str) -> str:
        """As what the best candidate would have to be read."""
        best = clear(self._named[column])
        if best is None or best.target in {KEY, STAGE}:
            return ""
        return to_be_read(self._content.holds(column), self._playbook.facts[best.target].kind)

    def _count(self) -> Mapping[str, Counted]:
        texts = [name for name in self._columns if self._content.holds(name) == "texts"]
        names = [name for name in self._columns if is_name(name)]
        distinct = dict.fromkeys([*self._of(KEY), *names][:_KEYS])
        if not self._of(STAGE):
            unknown = (name for name in texts if clear(self._named[name]) is None)
            distinct |= dict.fromkeys(list(unknown)[:_WORDS])
        looks = {name: what for name in texts if (what := self._asked_as(name))}
        shares = [
            name
            for name in self._of("probability")
            if self._content.holds(name) in {"numbers", "texts"}
            and clear(self._named[name]) is not None
        ]
        self._rows, counted = self._content.count(distinct, looks, shares)
        return counted

    def _check_keys(self, counted: Mapping[str, Counted]) -> None:
        """A key is distinct, and there in every row."""
        for column in self._of(KEY):
            count = counted.get(column, Counted())
            best, *others = self._named[column]
            if best.target != KEY or column in self._known:
                continue
            if self._rows and count.filled < self._rows:
                self._reasons[column] = "missing_keys"
            elif count.distinct < self._rows:
                self._reasons[column] = "not_distinct"
            elif best.by == "similar":
                self._named[column] = [candidate(KEY, "values"), *others]

    def _check_names(self, counted: Mapping[str, Counted]) -> None:
        """Where nothing is a key, a distinct name may be one: somebody has to say so."""
        keys = (clear(self._named[column]) for column in self._of(KEY))
        if any(one is not None and one.target == KEY for one in keys):
            return
        for column, count in counted.items():
            if is_name(column) and self._rows and count.distinct == count.filled == self._rows:
                others = self._named[column]
                if clear(others) is None:
                    self._named[column] = ranked([candidate(KEY, "similar"), *others])

    def _check_looks(self, counted: Mapping[str, Counted]) -> None:
        for column in self._columns:
            if column in self._known:
                continue
            if self._content.holds(column) == "texts" and self._asked_as(column):
                count = counted[column]
                if count.looks < count.filled * _HALF:
                    self._reasons[column] = "kind"

    def _read_stages(self, counted: Mapping[str, Counted]) -> None:
        """Which column has the words of stages, where its name does not say it alone."""
        named_so = [column for column in self._of(STAGE) if clear(self._named[column])]
        if len(named_so) == 1:
            return
        others = [
            column
            for column, count in counted.items()
            if clear(self._named[column]) is None and 0 < count.distinct <= _STAGES * 4
        ]
        reader = stage_reader(self._playbook)
        for column in (named_so or others)[:_STAGES]:
            labels = self._labels_of(column)
            read = {label: reader.read(label) for label in labels}
            share = sum(labels[label] for label, names in read.items() if len(names) == 1)
            if not share or share < _HALF * sum(labels.values()):
                continue
            if named_so:  # of equal names the one whose words are stages is better
                best, *rest = self._named[column]
                better = candidate(STAGE, best.by, best.confidence + _ABOUT_VALUES)
                self._named[column] = [better, *rest]
            elif any(len(names) == 1 and names[0] not in ENDS for names in read.values()):
                self._named[column] = ranked([candidate(STAGE, "values"), *self._named[column]])
                self._reasons.pop(column, None)

    def _labels_of(self, column: str) -> dict[str, int]:
        if column not in self._labels:
            self._labels[column], whole = self._content.labels(column)
            if not whole:
                self._cut.append(column)
        return self._labels[column]

    def _placed(self) -> dict[str, str]:
        """By column, what it is taken for; why others are not is noted."""
        best: dict[str, list[tuple[float, str]]] = {}
        for column, candidates in self._named.items():
            if column in self._reasons:
                continue
            one = clear(candidates)
            if one is not None:
                best.setdefault(one.target, []).append((one.confidence, column))
            elif candidates:
                is_similar = candidates[0].by == "similar"
                self._reasons[column] = "similar" if is_similar else "several"
            else:
                self._reasons[column] = "unknown"
        found = {}
        for target, columns in best.items():
            most = max(confidence for confidence, _ in columns)
            first = [column for confidence, column in columns if confidence == most]
            if len(first) == 1:
                found[first[0]] = target
            for confidence, column in columns:
                if column not in found:
                    self._reasons[column] = "several" if confidence == most else "taken"
        return found

    def _column(self, column: str, targets: Mapping[str, str]) -> ColumnSuggestion:
        candidates = self._named[column]
        reason = "" if column in targets else self._reasons[column]
        if reason == "similar":  # what another column holds is no likely thing to say of this one
            left = [one for one in candidates if one.target not in {*targets.values()}]
            candidates, reason = (left, reason) if left else (candidates, "taken")
        return ColumnSuggestion(
            column=column,
            holds=self._content.holds(column),
            target=targets.get(column),
            candidates=tuple(candidates),
            reason=reason,
        )

    def _words(self, targets: Mapping[str, str]) -> Iterator[LabelSuggestion]:
        """What is proposed for the words of each column that has some."""
        asked = 0
        for column, fact in sorted(targets.items(), key=lambda it: it[1] != STAGE):
            reader = None if self._content.holds(column) != "texts" else self._reader_of(fact)
            if reader is None:
                continue
            asked += 1
            if asked > _WORDS:
                self._cut.append(column)
                continue
            said = self._said.stages if fact == STAGE else self._said.values.get(fact, {})
            for label, rows in self._labels_of(column).items():
                if label in tuple(said):
                    continue
                yield _label(fact, column, label, rows, reader, is_flag=self._is_flag(fact))

    def _placeholders(self, targets: Mapping[str, str]) -> Iterator[Placeholder]:
        """Texts of free texts, such as owners, that look as if they stood for nothing."""
        facts = {
            column: fact
            for column, fact in targets.items()
            if self._is_free(fact) and not fact.endswith(CURRENCY)
        }
        texts = [column for column in facts if self._content.holds(column) == "texts"]
        for column, text, rows in self._content.placeholders(texts):
            fact = facts[column]
            if text not in tuple(self._said.values.get(fact, ())):
                yield Placeholder(column=column, fact=fact, text=text, rows=rows)
        for column, fact in targets.items():
            if fact.endswith(CURRENCY) and self._content.holds(column) == "texts":
                yield from self._no_currencies(column, fact)

    def _no_currencies(self, column: str, fact: str) -> Iterator[Placeholder]:
        """Texts of a column of currencies that are none, nor called like one."""
        known = {*self._said.values.get(fact, ())}
        for text, rows in self._labels_of(column).items():
            if text not in known and currency_of(text) is None and not is_sign(text):
                yield Placeholder(column=column, fact=fact, text=text, rows=rows)

    def _is_free(self, target: str) -> bool:
        fact = None if target in {KEY, STAGE} else self._playbook.facts[target]
        kinds = {FactKind.TEXT, FactKind.CHOICE}
        return fact is not None and fact.kind in kinds and not fact.choices

    def _is_flag(self, target: str) -> bool:
        return target not in {KEY, STAGE} and self._playbook.facts[target].kind is FactKind.FLAG

    def _is_amount(self, target: str) -> bool:
        kinds = self._playbook.facts
        return target not in {KEY, STAGE} and kinds[target].kind is FactKind.MONEY

    def _reader_of(self, target: str) -> LabelReader | None:
        if target == STAGE:
            return stage_reader(self._playbook)
        if target == KEY:
            return None
        fact = self._playbook.facts[target]
        if target == "sub_stage":
            return sub_stage_reader(self._playbook)
        may_skip = f"{NOT_APPLICABLE}{target}" in self._playbook.facts
        has_words = self._is_flag(target) or fact.choices
        return reader_of(fact, may_skip=may_skip)[0] if has_words else None

    def _readers(
        self, targets: Mapping[str, str], counted: Mapping[str, Counted]
    ) -> Iterator[NeededReader]:
        readers: dict[str, Literal["read_days", "read_numbers"]]
        readers = {"days": "read_days", "numbers": "read_numbers"}
        for column, fact in targets.items():
            what = self._asked_as(column)
            if what:
                yield NeededReader(
                    column=column,
                    fact=fact,
                    reader=readers[what],
                    currencies=self._currencies(column, fact),
                )
            unit = unit_in_heading(column) if self._is_amount(fact) else None
            if unit is not None and fact not in self._said.scale:
                power, is_clear = unit
                yield NeededReader(
                    column=column,
                    fact=fact,
                    reader="scale",
                    scale=10**power,
                    is_clear=is_clear,
                )
            if fact == "probability" and counted.get(column, Counted()).above:
                yield NeededReader(column=column, fact=fact, reader="divide")

    def _currencies(self, column: str, fact: str) -> tuple[str, ...]:
        """What the texts of an amount name as its currencies, if it is one."""
        if not self._is_amount(fact):
            return ()
        named = currencies_in(self._content.frame, column)
        own = self._playbook.currency
        found = tuple(dict.fromkeys(currency_meant(it, own) for it in named))
        return () if found == (own,) else found  # that they are in it need not be said


def _label(
    fact: str, column: str, label: str, rows: int, reader: LabelReader, *, is_flag: bool
) -> LabelSuggestion:
    names = reader.read(label)
    candidates: Sequence[Candidate] = [_read_as(label, name, is_flag=is_flag) for name in names]
    reason: Reason = "several" if len(names) > 1 else ""
    if not names:
        near = reader.nearest(label)
        candidates = [] if near is None else [candidate(near, "similar")]
        reason = "unknown" if near is None else "similar"
    return LabelSuggestion(
        fact=fact,
        column=column,
        label=label,
        rows=rows,
        target=names[0] if len(names) == 1 else None,
        candidates=tuple(candidates),
        reason=reason,
    )


def _read_as(label: str, name: str, *, is_flag: bool) -> Candidate:
    """By what a label is read as a name: it is that, or a word for it, or its title."""
    if is_flag:
        return candidate(name, "word")
    if label == name:
        return candidate(name, "key", 1.0)
    if normal(name) in {normal(label), bare(label)}:
        return candidate(name, "key")
    return candidate(name, "word" if name in {*ENDS, "none", SKIPS} else "title")
