"""What came of a backtest: plain numbers, ready for a frame or a plot, and a text for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal

from pydantic import Field, PrivateAttr

from salesflow._frozen import Frozen, FrozenDict
from salesflow._result import Result
from salesflow._show import Html, aligned, heading, key, line, table, title
from salesflow._shown import spoken
from salesflow.errors import UnknownName
from salesflow.pipeline._intervals import in_percents
from salesflow.pipeline._reports.report import Report
from salesflow.pipeline._wording import amount_of
from salesflow.playbook import Scorecard
from salesflow.qualify import UNDECIDED as VERDICT_OPEN
from salesflow.terms import UNDECIDED
from salesflow.text import Language, Text, both, in_language, language_of


class Slice(Result):
    """Some of the deals with an outcome, beside all of them.

    Attributes:
        label: Which: a band, a number of unknown answers, or `yes`, `no` and `unknown`.
        deals: How many there are.
        won: How many of them were won.
        win_rate: Their share, 0 to 1; None where there are no deals. So too the next three.
        low: Where the win rate may begin, by Wilson's interval.
        high: Where it may end.
        lift: The win rate divided by that of all deals; None also where none was won at all.
    """

    label: str
    deals: int
    won: int
    win_rate: float | None
    low: float | None
    high: float | None
    lift: float | None


class Auc(Result):
    """The area under the ROC curve.

    Attributes:
        value: How often a won deal has more points than a lost one, draws counting half: 0.5 is
            chance, 1 a perfect order.
        low: Where it may begin, by DeLong's method; None where the deals do not suffice to tell:
            fewer than two of one kind, or no overlap, or no difference at all.
        high: Where it may end.
        standard_error: DeLong's.
    """

    value: float
    low: float | None
    high: float | None
    standard_error: float | None


class Bin(Result):
    """Deals with about as many points.

    Attributes:
        points_from: The fewest points among them.
        points_to: The most.
        share: Their mean points as a share of the card's total, 0 to 1. It is not a probability;
            held against `win_rate` it shows whether more points mean more wins, and where not.
        deals: How many there are.
        won: How many of them were won.
        win_rate: Their share.
        low: Where the win rate may begin, by Wilson's interval.
        high: Where it may end.
        lift: The win rate divided by that of all deals; None where none was won at all.
    """

    points_from: float
    points_to: float
    share: float
    deals: int
    won: int
    win_rate: float
    low: float | None
    high: float | None
    lift: float | None


class QuestionLift(Result):
    """What the answers to one question of the card went with.

    Attributes:
        key: The item of the scorecard, or the question of the checklist.
        title: In words.
        yes: The deals where it holds.
        no: Those where it does not.
        unknown: Those where nobody knew.
    """

    key: str
    title: Text
    yes: Slice
    no: Slice
    unknown: Slice

    @property
    def difference(self) -> float | None:
        """The win rate at yes less that at no, -1 to 1; None where one of the two has no deals."""
        if self.yes.win_rate is None or self.no.win_rate is None:
            return None
        return self.yes.win_rate - self.no.win_rate


class Backtest(Report):
    """Whether qualification went with winning.

    Attributes:
        card: The key of the scorecard or checklist.
        rows: The rows of the frame.
        deals: Those with an outcome, which all numbers are about.
        won: Those that were won.
        win_rate: Their share.
        left_out: The rows without an outcome.
        later: Those whose deal had not ended by `as_of`, so that they are left out, too.
        by_band: By the verdict of the card: its bands in order, then `undecided`, where what is
            not known could still change the band. Empty for a checklist, which has no bands.
        by_unknown: By the number of unknown answers.
        auc: How well the points order won before lost; None where all deals ended the same way.
        calibration: Bins of about as many deals each, from few points to many.
        questions: By question. Those that no row can answer, as columns are missing, are left out.
        not_asked: The facts without a column. They count nowhere else: not as unknown answers
            either.
        confidence: Of all intervals.
        labels: By fact, what labels were read as that are no keys and that nobody explained; under
            `outcome`, how deals with such a label ended: won, lost or pending.
    """

    card: str
    rows: int
    deals: int
    won: int
    win_rate: float
    left_out: int
    later: int
    by_band: Annotated[Mapping[str, Slice], Frozen]
    by_unknown: Annotated[Mapping[int, Slice], Frozen]
    auc: Auc | None
    calibration: tuple[Bin, ...]
    questions: Annotated[Mapping[str, QuestionLift], Frozen]
    not_asked: tuple[str, ...]
    confidence: float
    labels: Annotated[Mapping[str, Mapping[str, str]], Frozen] = Field(default_factory=FrozenDict)
    _card: Scorecard = PrivateAttr()

    def records(
        self, table: Literal["by_band", "by_unknown", "calibration", "questions"] = "questions"
    ) -> list[dict[str, str | int | float | None]]:
        """One of the tables as rows, for the frame library of your choice.

        The questions come in long form: one row per question and answer.

        Raises:
            UnknownName: There is no such table.
        """
        match table:
            case "by_band":
                return [part.model_dump() for part in self.by_band.values()]
            case "by_unknown":
                parts = self.by_unknown.items()
                return [{"unknown": n, **_without_label(part)} for n, part in parts]
            case "calibration":
                return [part.model_dump() for part in self.calibration]
            case "questions":
                return [
                    {"question": found.key, "answer": part.label, **_without_label(part)}
                    for found in self.questions.values()
                    for part in (found.yes, found.no, found.unknown)
                ]
            case _:
                raise UnknownName("table", table, _TABLES)

    def summary(self, lang: Language | None = None) -> str:
        """The tables as a text for people; questions that differ most come first.

        Raises:
            UnknownName: There is no such language.
        """
        lang = spoken(lang, self)
        words = in_language(lang, _PHRASES)
        lines = self._said(words, self.card)
        for head, rows in self._tables(lang, {}):
            lines += ["", *aligned([head, *rows], left=(0,))]
        if self.not_asked:
            lines += ["", words["not_asked"].format(facts=", ".join(self.not_asked))]
        return "\n".join(lines)

    def _said(self, words: Mapping[str, str], card: str) -> list[str]:
        """How many deals there are, and how well the points order them, in sentences."""
        counted = amount_of(self.deals, "deal")
        lines = [words["head"].format(it=self, card=card, counted=counted)]
        if self.later:
            lines.append(words["later"].format(n=self.later))
        if self.auc is not None:
            name = "auc" if self.auc.low is not None else "bare_auc"
            lines.append(words[name].format(auc=self.auc, confidence=self.confidence))
        return lines

    def _tables(
        self, lang: Language, bands: Mapping[str, str]
    ) -> Iterator[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
        """Each table with its head; of the questions, those that differ most come first."""
        words = in_language(lang, _PHRASES)
        columns = tuple(words[name] for name in ("deals", "win_rate", "lift"))
        called = {VERDICT_OPEN: UNDECIDED.get(lang), **bands}
        parts = [_cells(called.get(label, label), part) for label, part in self.by_band.items()]
        if parts:
            yield (words["by_band"], *columns), parts
        parts = [_cells(str(number), part) for number, part in self.by_unknown.items()]
        yield (words["by_unknown"], *columns), parts
        asked = sorted(self.questions.values(), key=lambda found: -abs(found.difference or 0.0))
        rates = tuple(words[name] for name in ("yes", "no", "unknown"))
        yield (
            (words["questions"], *rates),
            [
                (found.title.get(lang), *map(_rate_of, (found.yes, found.no, found.unknown)))
                for found in asked
            ],
        )

    def _language(self) -> Language:
        titles = (found.title for found in self.questions.values())
        return language_of(next(titles, None))

    def _name(self, lang: Language) -> str:
        return f"{_PHRASES['name'].get(lang)} · {self._title(lang)}"

    def _title(self, lang: Language) -> str:
        return self._scorecard.title.get(lang) if self._scorecard else self.card

    @property
    def _scorecard(self) -> Scorecard | None:
        """The card; None where the backtest was read back."""
        found: Scorecard | None = self._kept_or_none("_card")
        return found

    def _view(self, lang: Language) -> Iterator[Html]:
        words = in_language(lang, _PHRASES)
        first, *more = self._said(words, self._title(lang))
        yield line(title(first))
        yield from map(line, more)
        bands = self._scorecard.bands if self._scorecard else ()
        for head, rows in self._tables(lang, {band.key: band.title.get(lang) for band in bands}):
            if rows:
                yield table(head, rows, range(1, len(head)))
        if self.not_asked:
            yield line(words["not_asked"].format(facts=""), *map(key, self.not_asked))

    def _whole_page(self, lang: Language) -> Iterator[Html]:
        words = in_language(lang, _PHRASES)
        yield from self._view(lang)
        if self.calibration:
            yield heading(words["calibration"])
            rows = [
                (
                    f"{part.points_from:g}–{part.points_to:g}",
                    f"{part.share:.1%}",
                    f"{part.deals:,}",
                    *_rate_told(part),
                )
                for part in self.calibration
            ]
            names = ("points", "share", "deals", "win_rate", "interval")
            yield table([words[name] for name in names], rows, range(1, len(names)))

    def __repr__(self) -> str:
        area = "" if self.auc is None else f", AUC {self.auc.value:.3f}"
        return f"<Backtest of {self.card}: {amount_of(self.deals, 'deal')}, {self.won} won{area}>"


_TABLES: Final = ("by_band", "by_unknown", "calibration", "questions")

_PHRASES: Final[Mapping[str, Text]] = {
    "name": both(en="Backtest", zh="评分回测"),
    "calibration": both(en="From few points to many", zh="得分由低到高"),
    "points": both(en="points", zh="得分"),
    "share": both(en="share of the points", zh="得分占比"),
    "interval": both(en="interval", zh="区间"),
    "head": both(
        en="{card}: {counted} with an outcome, {it.win_rate:.1%} won; {it.left_out:,} without",
        zh="{card}：{it.deals:,} 个项目已有结果，赢单率 {it.win_rate:.1%}；"
        "另有 {it.left_out:,} 个尚无结果",
    ),
    "later": both(
        en="Deals that had not ended by the day: {n:,}", zh="截至该日尚无结果的项目：{n:,} 个"
    ),
    "auc": both(
        en="AUC {auc.value:.3f} ({confidence:.0%} interval {auc.low:.3f} to {auc.high:.3f})",
        zh="AUC {auc.value:.3f}（{confidence:.0%} 区间 {auc.low:.3f} 至 {auc.high:.3f}）",
    ),
    "bare_auc": both(en="AUC {auc.value:.3f}", zh="AUC {auc.value:.3f}"),
    "deals": both(en="deals", zh="项目数"),
    "win_rate": both(en="win rate", zh="赢单率"),
    "lift": both(en="lift", zh="提升度"),
    "by_band": both(en="band", zh="分段"),
    "by_unknown": both(en="unknown answers", zh="未知答案数"),
    "questions": both(en="win rate by answer (deals)", zh="各答案的赢单率（项目数）"),
    "yes": both(en="yes", zh="是"),
    "no": both(en="no", zh="否"),
    "unknown": both(en="unknown", zh="未知"),
    "not_asked": both(en="Without a column: {facts}", zh="缺少数据列：{facts}"),
}


def _without_label(part: Slice) -> dict[str, str | int | float | None]:
    return {name: value for name, value in part.model_dump().items() if name != "label"}


def _cells(name: str, part: Slice) -> tuple[str, ...]:
    lift = "-" if part.lift is None else f"{part.lift:.2f}"
    return (name, f"{part.deals:,}", _rate(part), lift)


def _rate_told(part: Bin) -> tuple[str, str]:
    """The share that was won, and its interval."""
    if part.low is None or part.high is None:
        return _rate(part), "-"
    share, low, high = in_percents(part.win_rate, part.low, part.high)
    return share, f"{low}–{high}"


def _rate(part: Slice | Bin) -> str:
    return "-" if part.win_rate is None else f"{part.win_rate:.1%}"


def _rate_of(part: Slice) -> str:
    return _rate(part) if part.win_rate is None else f"{_rate(part)} ({part.deals:,})"
