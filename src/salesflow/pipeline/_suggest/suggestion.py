"""The proposal as a value: what was matched by what, and what is left for a person to say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal, TypeAlias

from salesflow._result import Result
from salesflow._show import Html
from salesflow._shown import spoken
from salesflow.facts import CURRENCY
from salesflow.money import CURRENCIES
from salesflow.pipeline._frames.labels import SKIPS
from salesflow.pipeline._frames.mapping import FrameMapping
from salesflow.pipeline._reports.report import Report
from salesflow.pipeline._suggest.show import LISTED, NAME, blocks, written
from salesflow.text import Language

MatchedBy: TypeAlias = Literal[
    "said", "key", "title", "crm", "heading", "word", "values", "similar"
]
Reason: TypeAlias = Literal[
    "", "several", "taken", "kind", "not_distinct", "missing_keys", "similar", "unknown"
]
Holds: TypeAlias = Literal["texts", "numbers", "days", "flags", "unclear", "other"]

KEY: Final = "key"
STAGE: Final = "stage"
_FLAGS: Final[Mapping[str, object]] = {"yes": True, "no": False, "unknown": "?"}
_MARKS: Final = frozenset({"+", "-", "?"})


class Candidate(Result):
    """What a column or a label may stand for, and why.

    Attributes:
        target: Of a column, `key`, `stage` or a fact; of a label, a stage, an outcome, or a word of
            the fact, where those of a flag are `yes`, `no` and `unknown`.
        by: What it was matched by: it was `said` in the mapping of a `Source`; the `key` of the
            fact or stage; its `title` in any language; the name of the column in exports of a
            `crm`; a usual `heading`; a usual `word` for an outcome, for yes or for no; the `values`
            of the column, which are stages, or distinct under a name like that of an id; or a
            `similar` name, which is never taken without a person.
        confidence: 0 to 1. It orders what was found and is no probability: 1 for a name that is
            read as it stands, 0.95 for a key in another spelling, 0.9 for a title, a CRM's name
            or a word, 0.8 for a heading, 0.6 for values, 0.5 for a similar name.
    """

    target: str
    by: MatchedBy
    confidence: float


class ColumnSuggestion(Result):
    """What is proposed for a column.

    Attributes:
        column: Its name.
        holds: What its type says that it holds.
        target: What it is taken for: `key`, `stage` or a fact; None where a person has to say.
        candidates: Everything that it may stand for, the best first.
        reason: Why there is no target: `several` where two are as good, of facts or of columns;
            `taken` where another column is better; `kind` where its values are none of the fact;
            `not_distinct` or `missing_keys` of a key; `similar` where only a name is similar;
            `unknown` where there is no candidate.
    """

    column: str
    holds: Holds
    target: str | None = None
    candidates: tuple[Candidate, ...] = ()
    reason: Reason = ""


class LabelSuggestion(Result):
    """What is proposed for a label of a column.

    Attributes:
        fact: `stage`, or the fact that the column holds.
        column: The column.
        label: As it stands there.
        rows: How often.
        target: What it is taken for; None where a person has to say.
        candidates: Everything that it may stand for, the best first.
        reason: Why there is no target: `several`, `similar` or `unknown`.
    """

    fact: str
    column: str
    label: str
    rows: int
    target: str | None = None
    candidates: tuple[Candidate, ...] = ()
    reason: Reason = ""


class NeededReader(Result):
    """What has to be done to a column before a function can read it.

    Attributes:
        column: The column.
        fact: What it is taken for.
        reader: `read_days` or `read_numbers` of `salesflow.pipeline`; `divide`, where a
            probability is written as a percentage and has to be divided by 100; or `scale`, where
            the heading names a unit of an amount, such as thousands or 万.
        currencies: What the texts of an amount name as its currencies, where it is not only the
            playbook's: codes, and signs that are those of several currencies.
        scale: How many units of the amount its heading says that a number counts; 1 where it does
            not.
        is_clear: The heading says so clearly, as "金额（万元）" does, and so does the mapping. 万
            elsewhere may belong to a name: then a person has to say.
    """

    column: str
    fact: str
    reader: Literal["read_days", "read_numbers", "divide", "scale"]
    currencies: tuple[str, ...] = ()
    scale: int = 1
    is_clear: bool = False


class Placeholder(Result):
    """A text that looks as if it stood for nothing: N/A for an owner, or no currency for one.

    It counts as a value until somebody says otherwise: `values={"owner": {"N/A": None}}`.

    Attributes:
        column: The column.
        fact: What it is taken for.
        text: As it stands there.
        rows: How often.
    """

    column: str
    fact: str
    text: str
    rows: int


class Suggestion(Report):
    """A proposal of what a frame holds, to read and to correct.

    `print(suggestion)` shows all of it; `mapping` is what is sure enough to be used. Nothing is
    guessed: where two facts, two columns or two words are as good, both are listed, and the mapping
    has neither.

    Attributes:
        rows: How many rows the frame has.
        columns: One for every column, in their order.
        labels: The words of the columns of stages, choices and flags, the most frequent first.
        readers: What has to be read first.
        placeholders: Texts that look as if they stood for nothing; the mapping leaves them as they
            are.
        exports: The CRMs whose exports have such columns, by the names of their readers in
            `salesflow.pipeline.exports`.
        not_looked_at: Columns that were not looked at, or not every word of them.
    """

    rows: int
    columns: tuple[ColumnSuggestion, ...]
    labels: tuple[LabelSuggestion, ...] = ()
    readers: tuple[NeededReader, ...] = ()
    placeholders: tuple[Placeholder, ...] = ()
    exports: tuple[str, ...] = ()
    not_looked_at: tuple[str, ...] = ()

    @property
    def mapping(self) -> FrameMapping:
        """What was placed.

        A column that is named like its fact, and a word that is a key, need no entry.
        """
        named = {it.target: it.column for it in self.columns if it.target is not None}
        stages: dict[str, str] = {}
        values: dict[str, dict[object, object]] = {}
        for it in self.labels:
            if it.target is None or it.target in {it.label, SKIPS}:  # it is read so in any case
                continue
            if it.fact == STAGE:
                stages[it.label] = it.target
            elif not _is_flag(it):
                values.setdefault(it.fact, {})[it.label] = it.target
            elif it.label not in _MARKS:
                values.setdefault(it.fact, {})[it.label] = _FLAGS[it.target]
        key, stage = named.pop(KEY, None), named.pop(STAGE, None)
        return FrameMapping(
            key=key,
            stage=None if stage == STAGE else stage,
            columns={fact: column for fact, column in named.items() if fact != column},
            stages=stages,
            values=values,
            currency=self._currency,
            scale={it.fact: it.scale for it in self.readers if it.is_clear},
        )

    @property
    def _currency(self) -> str | None:
        """The one currency of the amounts, where their texts name one and no column does."""
        named = {code for it in self.readers if it.fact == "amount" for code in it.currencies}
        has_column = any(it.target == f"amount{CURRENCY}" for it in self.columns)
        code = named.pop() if len(named) == 1 and not has_column else ""
        return code if code in CURRENCIES else None

    @property
    def open_columns(self) -> tuple[ColumnSuggestion, ...]:
        """The columns that a person has to place, or to leave."""
        return tuple(it for it in self.columns if it.target is None)

    @property
    def open_labels(self) -> tuple[LabelSuggestion, ...]:
        """The words of which a person has to say what they stand for."""
        return tuple(it for it in self.labels if it.target is None)

    def records(self) -> list[dict[str, str | float | None]]:
        """A row per column, for the frame library of your choice."""
        return [
            {
                "column": it.column,
                "holds": it.holds,
                "target": it.target,
                "by": it.candidates[0].by if it.candidates else None,
                "confidence": it.candidates[0].confidence if it.candidates else None,
                "reason": it.reason,
            }
            for it in self.columns
        ]

    def summary(self, lang: Language | None = None) -> str:
        """The proposal as a text.

        Args:
            lang: The language of the words around it; by default that of the playbook.

        Raises:
            UnknownName: There is no such language.
        """
        return "\n".join(written(self, spoken(lang, self)))

    def __repr__(self) -> str:
        columns, labels = len(self.columns), len(self.labels)
        placed, read = columns - len(self.open_columns), labels - len(self.open_labels)
        return f"<Suggestion: {placed} of {columns} columns, {read} of {labels} labels>"

    def _name(self, lang: Language) -> str:
        return NAME.get(lang)

    def _view(self, lang: Language) -> Iterator[Html]:
        return blocks(self, lang, LISTED)

    def _whole_page(self, lang: Language) -> Iterator[Html]:
        return blocks(self, lang, None)


def _is_flag(label: LabelSuggestion) -> bool:
    # The words of a choice are keys or titles, and those of outcomes are others.
    return label.target in _FLAGS and label.candidates[0].by == "word"
