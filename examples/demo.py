"""What salesflow does, for one deal and for a whole pipeline.

    demo.py             my deals today, one of them step by step (`one_deal.py`), then all deals
    demo.py FILE        the pipeline in a file of your own; `demo.py --help` says how

It speaks one language: that of the machine, or of `--lang en|zh|both`. A file is read as the
command `salesflow pipeline` reads it: which column is which fact, and which label is which stage,
a map says, or it is proposed.
"""

from __future__ import annotations

import argparse
import io
import math
import os
import runpy
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Protocol, Self, cast

import polars as pl

import salesflow as sf
from salesflow.cli._parser import Parser, UsageError
from salesflow.cli._pipeline_options import by_column, said_twice
from salesflow.cli._pipeline_proposal import likely_keys, proposal
from salesflow.cli._pipeline_words import as_options
from salesflow.cli._words import Words, language_of_locale
from salesflow.pipeline._files.opened import opened_file, places_in
from salesflow.pipeline._files.rates import read_rates
from salesflow.pipeline._files.read import read_texts
from salesflow.text import LANGUAGES, Language, both, filled

HERE: Final = Path(__file__).parent
PLAYBOOK: Final = "optimized_sales_process"
WIDTH: Final = 96
SAMPLE: Final = (
    str(HERE / "data" / "pipeline.csv"),
    *("--map", str(HERE / "data" / "pipeline.toml"), "--as-of", "2026-06-30"),
)

TODAY: Final = (
    "account.name stage owner next_step next_step_on expected_close_on".split()  # noqa: SIM905
)
ENDS: Final = frozenset({"won", "lost", "disqualified"})
SOON: Final = 7
"""So many days ahead a salesperson looks in the morning."""
MOST_TODAY: Final = 8
MOST_LABELS: Final = 200


@dataclass(frozen=True)
class Deals:
    """The deals of a file, what is said of them, and what the checks found."""

    name: str
    frame: pl.DataFrame
    mapping: sf.pipeline.FrameMapping
    as_of: date
    rates: sf.Rates | None
    report: sf.PipelineReport[pl.DataFrame]

    def column(self, fact: str) -> str:
        """The column that holds a fact."""
        if fact == "stage" and self.mapping.stage:
            return self.mapping.stage
        return self.mapping.columns.get(fact, fact)

    @property
    def key(self) -> str:
        """The column that identifies a deal."""
        return self.mapping.key or ""

    @property
    def shown(self) -> pl.DataFrame:
        """The deals with amounts that count ones, also where their column counts more."""
        name, factor = self.column("amount"), float(self.mapping.scale.get("amount", 1))
        if factor == 1 or name not in self.frame.columns:
            return self.frame
        own = f"{name}.unit"
        counts_ones = pl.col(own) > 0 if own in self.frame.columns else pl.lit(value=False)
        amount = pl.col(name)
        return self.frame.with_columns(
            pl.when(counts_ones).then(amount).otherwise(amount * factor).alias(name)
        )

    def usable(self) -> sf.pipeline.Source[pl.DataFrame]:
        """The deals without what cannot be right, of which no figure is made."""
        limits = {self.column("probability"): (0.0, 1.0), self.column("amount"): (0.0, math.inf)}
        frame = self.frame.with_columns(
            pl.when(pl.col(name).is_between(*ends)).then(name)
            for name, ends in limits.items()
            if name in self.frame.columns
        )
        return sf.pipeline.Source(frame, self.mapping)


class BadInput(Exception):
    """The command line cannot be used; the text says why and what to do."""

    def __init__(self, said: sf.Text) -> None:
        super().__init__(said)
        self.said = said

    @classmethod
    def of(cls, error: sf.SalesflowError, keys: Sequence[str] = ()) -> Self:
        """What the library says of a mistake, in the words of the command."""
        told = {lang: str(as_options(error, lang, keys)) for lang in LANGUAGES}
        return cls(both(en=told["en"], zh=told["zh"]))


def read(options: argparse.Namespace, playbook: sf.Playbook, say: Teller) -> Deals:
    """The deals of the file that the options name, checked.

    Raises:
        BadInput: The file, or what is said of it, cannot be used.
    """
    path, keys, as_of = Path(options.file), list[str](), day(options.as_of)
    for name in ("dates", "decimal"):
        twice = {
            lang: "\n".join(said_twice(f"--{name}", getattr(options, name), lang))
            for lang in LANGUAGES
        }
        if any(twice.values()):
            raise BadInput(both(en=twice["en"], zh=twice["zh"]))
    try:
        mapping = sf.pipeline.FrameMapping.from_file(options.map) if options.map else None
        rates = read_rates(Path(options.rates), playbook.currency) if options.rates else None
        with TemporaryDirectory() as folder:
            texts = opened_file(path, Path(folder), engine="polars", encoding=options.encoding)
            found = sf.pipeline.suggest(texts, playbook)
            keys += likely_keys(found)
            if mapping is None:
                mapping = found.mapping
                say.heading(both(en="What the columns were taken for", zh="各列的对应关系"))
                for lang in say.languages:
                    print(proposal(found, lang, options.percent))
            read_of = read_texts(
                texts,
                playbook,
                mapping,
                dates=by_column(options.dates),
                decimal=by_column(options.decimal),
                percent=options.percent,
                missing=options.missing,
                where=places_in(path, options.encoding),
                aside=options.unread_as_findings,
            )
            frame = cast("pl.LazyFrame", read_of).collect()
        report = sf.check_pipeline(
            sf.pipeline.Source(frame, mapping), playbook, as_of=as_of, rates=rates
        )
    except sf.SalesflowError as error:
        raise BadInput.of(error, keys) from error
    return Deals(path.name, frame, mapping, as_of, rates, report)


def show_pipeline(deals: Deals, playbook: sf.Playbook, say: Teller) -> None:
    """What the pipeline holds: first the deals to act on, then what is wrong most often."""
    say.heading(filled(both(en="All deals in {name}", zh="{name} 中的全部项目"), name=deals.name))
    show_worst(deals, say)
    show_totals(deals, playbook, say)
    show_forecast(deals, playbook, say)
    for lang in say.languages:
        print(f"\n{deals.report.summary(lang)}")


def show_today(deals: Deals, owner: str | None, say: Teller) -> None:
    """My deals today: for each that cannot wait, who does what by when, the most urgent first."""
    names = {fact: deals.column(fact) for fact in TODAY}
    if not {names["stage"], names["owner"]} <= set(deals.frame.columns):
        return
    meant = {**deals.report.labels.get("stage", {}), **deals.mapping.stages}
    ended = deals.frame[names["stage"]].replace(meant).is_in(sorted(ENDS))
    mine = deals.frame.filter(~ended.fill_null(value=False))
    if owner is not None:
        mine = mine.filter(pl.col(names["owner"]) == owner)
    todo = sorted(
        (found for row in mine.iter_rows(named=True) if (found := urgent(row, names, deals))),
        key=lambda found: found[0],
    )
    who = (
        both(en="My deals today", zh="我今天的项目")
        if owner
        else both(en="Deals today", zh="今天的项目")
    )
    say.heading(
        filled(
            both(en="{who}, {day:%d %b %Y}{owner}", zh="{who}，{day:%Y-%m-%d}{owner}"),
            who=who,
            day=deals.as_of,
            owner=filled(both(en=": {name}", zh="：{name}"), name=owner) if owner else "",
        )
    )
    for _, line in todo[:MOST_TODAY]:
        say.text(line, indent="  ")
    later = len(mine) - len(todo[:MOST_TODAY])
    say(
        "{n} open deals; {shown} of them here, {later} can wait",
        "进行中项目共 {n} 个：以上 {shown} 个优先，其余 {later} 个可稍后处理",
        n=len(mine),
        shown=len(todo[:MOST_TODAY]),
        later=later,
    )


def urgent(
    row: Mapping[str, object], names: Mapping[str, str], deals: Deals
) -> tuple[date, sf.Text] | None:
    """What has to be done for a deal within a week, and by when; None for one that can wait."""
    step, by = row.get(names["next_step"]), row.get(names["next_step_on"])
    close = row.get(names["expected_close_on"])
    today = deals.as_of
    if names["expected_close_on"] in row and isinstance(close, date) and close < today:
        day = close
        what = both(
            en="set a new closing date: the old one, {day:%d %b}, is past",
            zh="请重新确定预计成交日期：原定的 {day:%m-%d} 已过",
        )
    elif step is None and names["next_step"] in row:
        day, what = today, both(en="agree on a next step, today", zh="今天就约定下一步")
    elif isinstance(by, date) and by < today:
        day, what = by, both(en="{step}; was due on {day:%d %b}", zh="{step}；{day:%m-%d} 已到期")
    elif isinstance(by, date) and (by - today).days < SOON:
        day, what = by, both(en="{step}, by {day:%d %b}", zh="{step}；{day:%m-%d} 前")
    else:
        return None
    deal = [row.get(deals.key), row.get(names["account.name"]), row.get(names["owner"])]
    told = filled(what, step=step, day=day)
    line = both(en="{deal}: {told}", zh="{deal}：{told}")
    return day, filled(line, deal="  ".join(written(part) for part in deal if part), told=told)


def show_totals(deals: Deals, playbook: sf.Playbook, say: Teller) -> None:
    """How many deals there are per label, how many are won, and what they are worth."""
    usable, label = deals.usable(), "label of the stage"
    labels = usable.frame.with_columns(pl.col(deals.column("stage")).alias(label))
    found = sf.pipeline.metrics(
        sf.pipeline.Source(labels, deals.mapping),
        playbook,
        as_of=deals.as_of,
        by=label,
        top=MOST_LABELS,
        rates=deals.rates,
    )
    line = ", ".join(
        f"{written(group.values[0])} {group.figures.deals.value:,.0f}" for group in found.groups
    )
    print(f"\n{textwrap.fill(line, WIDTH)}")
    won, rate, worth = found.all.won, found.all.win_rate, found.all.won_value
    if rate.value is not None:
        say(
            "Win rate: {rate:.2%} ({won:,.0f} of {decided:,} won or lost)",
            "赢单率：{rate:.2%}（已决 {decided:,} 个，赢单 {won:,.0f} 个）",
            rate=rate.value,
            won=won.value,
            decided=rate.rows,
        )
    if worth.value is not None:
        say(
            "Won value: {worth:,.0f} {currency}",
            "赢单金额：{worth:,.0f} {currency}",
            worth=worth.value,
            currency=playbook.currency,
        )


def show_forecast(deals: Deals, playbook: sf.Playbook, say: Teller) -> None:
    """What will come in this quarter and the next two, and how sure that is."""
    if not {deals.column("amount"), deals.column("expected_close_on")} <= {*deals.frame.columns}:
        return
    found = sf.pipeline.forecast(
        deals.usable(), playbook, as_of=deals.as_of, count=3, rates=deals.rates
    )
    say.heading(both(en="What will come in", zh="销售预测"))
    for lang in say.languages:
        print(found.summary(lang))


def show_worst(deals: Deals, say: Teller) -> None:
    """The deals with most errors, the larger one first, and what of each does not hold."""
    facts = ("account.name", "stage", "amount", "owner")
    names = [deals.column(fact) for fact in facts]
    frame, report, key = deals.shown, deals.report, deals.key
    shown = [key, *(name for name in names if name in frame.columns)]
    errors = report.findings().filter(severity="error", verdict="no").group_by(key)
    worst = (
        errors.agg(pl.col("check").sort())
        .with_columns(pl.col("check").list.len().alias("errors"))
        .join(frame.select(shown), on=key)
        .sort(key)
        .sort(
            "errors",
            *(name for name in names[2:3] if name in shown),
            descending=True,
            nulls_last=True,
            maintain_order=True,
        )
        .head(3)
    )
    if worst.height:
        say("Look at these first:", "请先处理：")
    for row in worst.iter_rows(named=True):
        print(f"  {'  '.join(written(row[name]) for name in shown)}")
        titles = [report.titles[check] for check in row["check"]]
        more = len(titles) - 3
        say(
            "    not so: {titles}{more}",
            "    不符合：{titles}{more}",
            titles=both(
                en="; ".join(title.get("en") for title in titles[:3]),
                zh="；".join(title.get("zh") for title in titles[:3]),
            ),
            more=filled(both(en="; and {n} more", zh="；另有 {n} 项"), n=more) if more > 0 else "",
        )


def written(value: object) -> str:
    """A value as people write it; of a text, what a terminal would obey is spelt out."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.0f}"
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in str(value))


class Teller(Protocol):
    """Prints messages in the languages that were chosen; see `one_deal.py`."""

    languages: Sequence[Language]

    def __call__(self, en: str, zh: str, **values: object) -> None:
        """Print a message with its values."""

    def text(self, text: sf.Text, indent: str = "") -> None:
        """Print a text."""

    def heading(self, title: sf.Text) -> None:
        """Print the title of a section."""


# ------------------------------------------------------------------------------ the command line


def parser(lang: Language) -> Parser:
    """What the command line may say: as far as they are the same, in the words of the command."""
    made = Parser(words=Words(lang), prog="demo.py", about="pipeline")
    made.epilog = ALONE.get(made.words.lang)
    made.taken.add_argument("file", metavar="FILE", nargs="?", help=FILE.get(made.words.lang))
    made.offers("--as-of", text="as_of", metavar="DAY")
    made.offers("--playbook", text="playbook", metavar="SOURCE", default=PLAYBOOK)
    for name in ("map", "rates"):
        made.offers(f"--{name}", text=name, metavar="FILE", default="")
    made.offers_reading()
    add = made.offered.add_argument
    add("--owner", metavar="NAME", help=OWNER.get(made.words.lang))
    add("--lang", choices=(*LANGUAGES, "both"), help=LANG.get(made.words.lang))
    made.offers("-h", "--help", text="help", action="help")
    return made


ALONE: Final = both(
    en="Without FILE: my deals today, one deal step by step, then the sample pipeline. The command "
    "`salesflow pipeline` drafts a map: --suggest.",
    zh="不写 FILE：先列出我今天的项目，再逐步演示一个项目，最后检查示例销售管道。对应关系可由命令 "
    "salesflow pipeline 的 --suggest 起草。",
)
FILE: Final = both(
    en="a file of deals, one row each: CSV (with commas, semicolons or tabs) or Parquet",
    zh="项目数据文件，每行一个项目：CSV（以逗号、分号或制表符分隔）或 Parquet",
)
OWNER: Final = both(
    en="whose deals are shown first; default: everybody's", zh="先显示谁的项目；默认显示所有人的"
)
IN_CHINESE: Final = '中文演示：make demo ARGS="--lang zh"'
LANG: Final = both(
    en="the language; default: that of the locale, else en",
    zh="语言；默认取自系统区域设置，否则为 en",
)


def languages_of(arguments: Sequence[str]) -> tuple[Language, ...]:
    """The languages of the command line, else that of the machine, else English."""
    early = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    early.add_argument("--lang", nargs="?")
    chosen = early.parse_known_args(arguments)[0].lang
    if chosen == "both":
        return LANGUAGES
    found = language_of_locale(os.environ) or LANGUAGES[0]
    return (chosen if chosen in LANGUAGES else found,)


def run(arguments: Sequence[str], languages: Sequence[Language]) -> None:
    """The whole demo, or the report on the file that the command line names.

    Raises:
        UsageError: The command line is not understood.
        BadInput: What it names cannot be used.
    """
    known = parser(languages[0])
    options = known.parse_args(arguments)
    # A script, not a package: what is beside it is loaded by its path.
    story = runpy.run_path(str(HERE / "one_deal.py"))
    say: Teller = story["Teller"](languages)
    playbook = playbook_called(options.playbook)
    if options.file is None:
        others = vars(options) | {"lang": None}
        if others != vars(known.parse_args([])):
            raise BadInput(
                both(
                    en="Name the FILE that these options are about.",
                    zh="请写明这些选项所针对的 FILE。",
                )
            )
        deals = read(known.parse_args(SAMPLE), playbook, say)
        show_today(deals, story["REP"], say)
        story["show_deal"](playbook, say.languages)
    else:
        deals = read(options, playbook, say)
        show_today(deals, options.owner, say)
    show_pipeline(deals, playbook, say)
    if options.file is None and "zh" not in languages:
        print(IN_CHINESE)


def day(said: str | None) -> date:
    """The day of the check.

    Raises:
        BadInput: It is none, or is missing.
    """
    if said is None:
        raise BadInput(
            both(
                en="A file of your own needs the day of the check as well: --as-of 2026-06-30.",
                zh="检查您自己的文件还需要检查日期：--as-of 2026-06-30。",
            )
        )
    try:
        return date.fromisoformat(said)
    except ValueError:
        wrong = both(
            en="--as-of: {said} is no day; write it as 2026-06-30.",
            zh="--as-of：{said} 不是日期；请写成 2026-06-30。",
        )
        raise BadInput(filled(wrong, said=repr(said))) from None


def playbook_called(name: str) -> sf.Playbook:
    """A playbook of the package or of a plugin, or one in a file.

    Raises:
        BadInput: There is none, or it has mistakes.
    """
    try:
        return sf.Playbook.from_file(name) if "." in name else sf.load_playbook(name)
    except sf.SalesflowError as error:
        raise BadInput.of(error) from error


def main() -> int:
    """Exit code 0, or 2 with a message where the input cannot be used."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    languages = languages_of(sys.argv[1:])
    try:
        run(sys.argv[1:], languages)
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    except BadInput as error:
        for lang in languages:
            print(f"demo.py: {error.said.get(lang)}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever read along, `head` for instance, has seen enough
        sys.stdout = None
    return 0


if __name__ == "__main__":
    sys.exit(main())
