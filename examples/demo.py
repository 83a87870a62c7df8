"""What salesflow does, for one deal and for a whole pipeline.

    demo.py             my deals today, one of them step by step (`one_deal.py`), then all deals
    demo.py FILE …      the pipeline in a CSV file of your own; `demo.py --help` says how

It speaks one language: that of the machine, or of `--lang en|zh|both`. The last part is what a
data scientist does: read a file, say which column is which fact and which label is which stage,
and check it.
"""

from __future__ import annotations

import argparse
import io
import math
import os
import runpy
import sys
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, NoReturn, Protocol, TypeAlias

import polars as pl
from pydantic import ValidationError

import salesflow as sf
from salesflow.errors import ArgumentError, FrameError, MissingRate
from salesflow.text import LANGUAGES, Language, both, filled

HERE: Final = Path(__file__).parent
PLAYBOOK: Final = "optimized_sales_process"
WIDTH: Final = 96

SAMPLE_STAGES: Final = {
    "Territory plan": "territory_account_plan",
    "Demand": "demand_generation",
    "Plan": "opportunity_plan",
    "Sponsor": "executive_sponsorship",
    "Assessment": "opportunity_assessment",
    "Validation – technical win": "technical_win",
    "Validation – business agreement": "business_agreement",
    "Negotiation": "commercial_negotiation",
    "Order": "order",
    "Contract": "contract_and_paperwork",
    "Booking": "booking",
    "Won": "won",
    "Lost": "lost",
    "Disqualified": "disqualified",
}


@dataclass(frozen=True)
class Export:
    """A CSV file, and how its columns and words map to the playbook's."""

    file: Path
    key: str
    as_of: date
    columns: Mapping[str, str]
    stages: Mapping[str, str]
    values: Mapping[str, Mapping[object, object]] = field(default_factory=dict)
    date_format: str | None = None
    separator: str = ","
    currency: str | None = None
    rates: sf.Rates | None = None


Checked: TypeAlias = tuple[pl.DataFrame, sf.PipelineReport[pl.DataFrame]]

TODAY: Final = (
    "account.name stage owner next_step next_step_on expected_close_on".split()  # noqa: SIM905
)
FORECAST: Final = ("amount", "probability", "expected_close_on")
ENDS: Final = frozenset({"won", "lost", "disqualified"})
SOON: Final = 7
"""So many days ahead a salesperson looks in the morning."""
MOST_TODAY: Final = 8

SAMPLE_EXPORT: Final = Export(
    file=HERE / "data" / "pipeline.csv",
    key="deal_id",
    as_of=date(2026, 6, 30),
    columns={"account.name": "customer", "expected_close_on": "close_date"},
    stages=SAMPLE_STAGES,
)


class BadInput(Exception):
    """The command line or the file cannot be used; the message says why and what to do."""


def check(export: Export, playbook: sf.Playbook) -> Checked:
    """Check every deal of an export against the playbook."""
    frame = read(export, playbook)
    report = sf.check_pipeline(
        frame,
        playbook,
        key=export.key,
        as_of=export.as_of,
        columns=export.columns,
        stages=export.stages,
        values=export.values,
        rates=export.rates,
    )
    return frame, report


def read(export: Export, playbook: sf.Playbook) -> pl.DataFrame:
    """The file, with the columns that are facts turned into numbers, days and booleans."""
    try:
        frame = pl.read_csv(in_utf8(export.file), separator=export.separator, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        reason = str(error).splitlines()[0]
        raise BadInput(f"{export.file} cannot be read as CSV in UTF-8: {reason}.") from None
    for fact in export.columns:
        playbook.facts.require(fact)
    named = {name: name for name in frame.columns if name in playbook.facts}
    problems: list[str] = []
    days: list[str] = []
    for fact, column in (named | dict(export.columns)).items():
        if frame.schema.get(column) == pl.String:
            kind = playbook.facts[fact].kind
            if kind is sf.FactKind.DAY:
                days.append(column)
            else:
                frame = frame.with_columns(converted(frame[column], kind, problems))
    try:
        frame = sf.pipeline.read_days(frame, dict.fromkeys(days), format=export.date_format)
    except (ArgumentError, FrameError) as error:
        problems += [f"{it.path}: {it.message}; see --date-format" for it in error.problems]
    if problems:
        raise BadInput("\n".join(problems))
    if export.currency and "amount.currency" not in frame.columns:
        frame = frame.with_columns(pl.lit(export.currency).alias("amount.currency"))
    return frame


def in_utf8(file: Path) -> bytes:
    """The bytes of a text file; polars takes any bytes, and makes nonsense of UTF-16."""
    if not file.exists():
        raise BadInput(f"There is no file {file}.")
    if file.is_dir():
        raise BadInput(f"{file} is a folder. Name the CSV file in it.")
    try:
        data = file.read_bytes()
        data.decode("utf-8")
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        data = b"\0"
    if b"\0" in data:  # half of the bytes of plain UTF-16
        raise BadInput(
            f"{file} cannot be read as CSV in UTF-8: it is not UTF-8. "
            "Save it as “CSV UTF-8” where it comes from."
        )
    return data


def converted(column: pl.Series, kind: sf.FactKind, problems: list[str]) -> pl.Series:
    """The column as numbers or booleans, if it is one of these; what cannot be read is noted."""
    text = column.str.strip_chars().replace("", None)
    match kind:
        case sf.FactKind.NUMBER | sf.FactKind.MONEY:
            read_as = text.cast(pl.Float64, strict=False)
        case sf.FactKind.FLAG if set(text.drop_nulls().str.to_lowercase()) <= {"true", "false"}:
            return text.str.to_lowercase() == "true"
        case _:
            return column
    bad = text.filter(read_as.is_null() & text.is_not_null())
    if len(bad):
        values = f"{len(bad):,} {'value' if len(bad) == 1 else 'values'}"
        problems.append(
            f"{column.name}: {values} cannot be read, such as {bad[0]!r}; expected numbers"
        )
    return read_as


def show_pipeline(export: Export, checked: Checked, playbook: sf.Playbook, say: Teller) -> None:
    """What the pipeline holds: first the deals to act on, then what is wrong most often."""
    frame, report = checked
    say.heading(
        filled(both(en="All deals in {name}", zh="{name} 中的全部项目"), name=export.file.name)
    )
    show_worst(frame, report, export, say)
    show_totals(frame, export, playbook, say)
    show_forecast(frame, export, playbook, say)
    for lang in say.languages:
        print(f"\n{report.summary(lang)}")


def show_today(frame: pl.DataFrame, export: Export, owner: str | None, say: Teller) -> None:
    """My deals today: for each that cannot wait, who does what by when, the most urgent first."""
    names = {fact: export.columns.get(fact, fact) for fact in TODAY}
    if not {names["stage"], names["owner"]} <= set(frame.columns):
        return
    ended = frame[names["stage"]].replace(dict(export.stages)).is_in(sorted(ENDS))
    mine = frame.filter(~ended.fill_null(value=False))
    if owner is not None:
        mine = mine.filter(pl.col(names["owner"]) == owner)
    todo = sorted(
        (found for row in mine.iter_rows(named=True) if (found := urgent(row, names, export))),
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
            day=export.as_of,
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
    row: Mapping[str, object], names: Mapping[str, str], export: Export
) -> tuple[date, sf.Text] | None:
    """What has to be done for a deal within a week, and by when; None for one that can wait."""
    step, by = row.get(names["next_step"]), row.get(names["next_step_on"])
    close = row.get(names["expected_close_on"])
    today = export.as_of
    if names["expected_close_on"] in row and isinstance(close, date) and close < today:
        day = close
        what = both(
            en="set a new closing date: the old one, {day:%d %b}, is past",
            zh="请重定预计成交日期：原定的 {day:%m-%d} 已过",
        )
    elif step is None and names["next_step"] in row:
        day, what = today, both(en="agree on a next step, today", zh="今天就约定下一步")
    elif isinstance(by, date) and by < today:
        day, what = by, both(en="{step}; was due on {day:%d %b}", zh="{step}；{day:%m-%d} 已到期")
    elif isinstance(by, date) and (by - today).days < SOON:
        day, what = by, both(en="{step}, by {day:%d %b}", zh="{step}；{day:%m-%d} 前")
    else:
        return None
    deal = [row.get(export.key), row.get(names["account.name"]), row.get(names["owner"])]
    told = filled(what, step=step, day=day)
    line = both(en="{deal}: {told}", zh="{deal}：{told}")
    return day, filled(line, deal="  ".join(written(part) for part in deal if part), told=told)


def show_totals(frame: pl.DataFrame, export: Export, playbook: sf.Playbook, say: Teller) -> None:
    """How many deals there are per label, how many are won, and what they are worth."""
    print()
    stage = export.columns.get("stage", "stage")
    counts = Counter(frame[stage]).most_common()
    line = ", ".join(f"{label or '-'} {count:,}" for label, count in counts)
    print(textwrap.fill(line, WIDTH))
    ends = frame[stage].replace(dict(export.stages))
    won = frame.filter(ends == "won")
    decided = won.height + frame.filter(ends == "lost").height
    if decided:
        say(
            "Win rate: {rate:.2%} ({won:,} of {decided:,} won or lost)",
            "赢单率：{rate:.2%}（已决 {decided:,} 个，赢单 {won:,} 个）",
            rate=won.height / decided,
            won=won.height,
            decided=decided,
        )
    amount = export.columns.get("amount", "amount")
    if amount in frame.columns:
        say(
            "Won value: {worth:,.0f} {currency}",
            "赢单金额：{worth:,.0f} {currency}",
            worth=float(won[amount].sum()),
            currency=export.currency or playbook.currency,
        )


def show_forecast(frame: pl.DataFrame, export: Export, playbook: sf.Playbook, say: Teller) -> None:
    """What will come in this quarter and the next two, and how sure that is."""
    named = {fact: export.columns.get(fact, fact) for fact in FORECAST}
    if not {named["amount"], named["expected_close_on"]} <= set(frame.columns):
        return
    # What cannot be right is told below; no forecast is made of it.
    limits = {named["probability"]: (0.0, 1.0), named["amount"]: (0.0, math.inf)}
    usable = frame.with_columns(
        pl.when(pl.col(name).is_between(*ends)).then(name)
        for name, ends in limits.items()
        if name in frame.columns
    )
    found = sf.pipeline.forecast(
        usable,
        playbook,
        key=export.key,
        as_of=export.as_of,
        count=3,
        columns=export.columns,
        stages=export.stages,
        values=export.values,
        currency=export.currency,
        rates=export.rates,
    )
    say.heading(both(en="What will come in", zh="销售预测"))
    for lang in say.languages:
        print(found.summary(lang))


def show_worst(
    frame: pl.DataFrame, report: sf.PipelineReport[pl.DataFrame], export: Export, say: Teller
) -> None:
    """The deals with most errors, the larger one first, and what of each does not hold."""
    facts = ("account.name", "stage", "amount", "owner")
    names = [export.columns.get(fact, fact) for fact in facts]
    shown = [export.key, *(name for name in names if name in frame.columns)]
    errors = report.findings().filter(severity="error", verdict="no").group_by(export.key)
    worst = (
        errors.agg(pl.col("check").sort())
        .with_columns(pl.col("check").list.len().alias("errors"))
        .join(frame.select(shown), on=export.key)
        .sort(export.key)
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


# ------------------------------------------------------------------------------ the command line


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong."""

    def error(self, message: str) -> NoReturn:
        """End with exit code 2."""
        self.exit(2, f"{self.prog}: {message} ({self.prog} --help)\n")


def pair(text: str) -> tuple[str, str]:
    """NAME=MEANING, split at the last `=`."""
    name, found, meaning = text.rpartition("=")
    if not (name.strip() and found and meaning.strip()):
        raise argparse.ArgumentTypeError(f"write it as NAME=MEANING, not {text!r}")
    return name.strip(), meaning.strip()


def mapping(text: str) -> tuple[str, str]:
    """FACT=COLUMN, split at the first `=`."""
    fact, found, column = text.partition("=")
    if not (fact.strip() and found and column.strip()):
        raise argparse.ArgumentTypeError(f"write it as FACT=COLUMN, not {text!r}")
    return fact.strip(), column.strip()


def character(text: str) -> str:
    """One character of ASCII."""
    if len(text.encode()) != 1:
        raise argparse.ArgumentTypeError(f"give one character, not {text!r}")
    return text


def day(text: str) -> date:
    """A day in ISO form."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"write the day as 2026-06-30, not {text!r}") from None


def parser() -> Parser:
    """What the command line may say."""
    made = Parser(
        prog="demo.py",
        description="Checks the sales pipeline in a CSV file against a playbook.",
        epilog="Without FILE: my deals today, one deal step by step, then the sample pipeline.",
    )
    add = made.add_argument
    add("file", nargs="?", type=Path, metavar="FILE", help="CSV in UTF-8, one deal a line")
    add("--key", metavar="COLUMN", help="the column that names each deal")
    add("--stage", metavar="COLUMN", help="the column with the stage (default: stage)")
    add("--as-of", type=day, metavar="DAY", help="the day of the export, as 2026-06-30")
    add(
        "--map",
        type=mapping,
        action="append",
        default=[],
        metavar="FACT=COLUMN",
        help="a fact of the playbook and its column; not needed where both are called the same",
    )
    add(
        "--label",
        type=pair,
        action="append",
        default=[],
        metavar="LABEL=STAGE",
        help="a stage's label in the file, and its key; or won, lost, disqualified",
    )
    add(
        "--value",
        type=pair,
        action="append",
        default=[],
        metavar="FACT:WORD=MEANING",
        help="a word in the file, as account.tier:Key Account=strategic; of a flag: + or -",
    )
    add(
        "--date-format",
        metavar="FORMAT",
        help="of all days, as DD.MM.YYYY (default: what fits all days of a column)",
    )
    add(
        "--separator",
        type=character,
        default=",",
        metavar="CHARACTER",
        help="between columns (default: ,)",
    )
    add("--currency", metavar="CODE", help="of the amounts (default: the playbook's)")
    add(
        "--rate",
        type=pair,
        action="append",
        default=[],
        metavar="CODE=RATE",
        help="what one unit is worth in the playbook's currency",
    )
    add("--owner", metavar="NAME", help="whose deals are shown first (default: everybody's)")
    add(
        "--lang",
        choices=("en", "zh", "both"),
        help="the language (default: that of the machine, else English)",
    )
    add("--playbook", default=PLAYBOOK, metavar="ID|FILE", help=f"default: {PLAYBOOK}")
    return made


def export_of(options: argparse.Namespace, playbook: sf.Playbook) -> Export:
    """The export that the command line describes."""
    missing = [name for name in ("key", "as_of") if getattr(options, name) is None]
    if missing:
        wanted = " and ".join(f"--{name.replace('_', '-')}" for name in missing)
        raise BadInput(f"A file of your own needs {wanted} as well.")
    columns = dict(options.map)
    if options.stage:
        columns["stage"] = options.stage
    values: dict[str, dict[object, object]] = {}
    for name, meaning in options.value:
        fact, found, word = name.partition(":")
        if not found:
            raise BadInput(f"--value {name}={meaning}: write it as FACT:WORD=MEANING.")
        values.setdefault(fact, {})[word] = meaning
    return Export(
        file=options.file,
        key=options.key,
        as_of=options.as_of,
        columns=columns,
        stages=dict(options.label),
        values=values,
        date_format=options.date_format,
        separator=options.separator,
        currency=options.currency,
        rates=rates_of(options, playbook),
    )


def rates_of(options: argparse.Namespace, playbook: sf.Playbook) -> sf.Rates:
    """The rates of the command line; with one for the currency of the amounts."""
    try:
        rates = sf.Rates(base=playbook.currency, rates=dict(options.rate))
        if options.currency:
            rates.rate(sf.Money(0, options.currency).currency, playbook.currency)
    except ValidationError as error:
        said = "; ".join(problem["msg"] for problem in error.errors())
        raise BadInput(f"--currency or --rate: {said}.") from None
    except MissingRate as error:
        raise BadInput(f"{error.message} Add --rate {options.currency}=…") from None
    return rates


class Teller(Protocol):
    """Prints messages in the languages that were chosen; see `one_deal.py`."""

    languages: Sequence[Language]

    def __call__(self, en: str, zh: str, **values: object) -> None:
        """Print a message with its values."""

    def text(self, text: sf.Text, indent: str = "") -> None:
        """Print a text."""

    def heading(self, title: sf.Text) -> None:
        """Print the title of a section."""


def languages_of(chosen: str | None, environment: Mapping[str, str]) -> tuple[Language, ...]:
    """The languages of the command line, else that of the machine, else English."""
    if chosen == "both":
        return LANGUAGES
    found = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = chosen or next(filter(None, found), "")
    return ("zh",) if locale.lower().startswith("zh") else ("en",)


def run(arguments: Sequence[str]) -> None:
    """The whole demo, or the report on the file that the command line names."""
    options = parser().parse_args(arguments)
    playbook = playbook_called(options.playbook)
    # A script, not a package: what is beside it is loaded by its path.
    story = runpy.run_path(str(HERE / "one_deal.py"))
    say: Teller = story["Teller"](languages_of(options.lang, os.environ))
    if options.file is None:
        others = vars(options) | {"lang": None}
        if others != vars(parser().parse_args([])):
            raise BadInput("Name the FILE that these options are about.")
        checked = check(SAMPLE_EXPORT, playbook)
        show_today(checked[0], SAMPLE_EXPORT, story["REP"], say)
        story["show_deal"](playbook, say.languages)
        show_pipeline(SAMPLE_EXPORT, checked, playbook, say)
    else:
        export = export_of(options, playbook)
        checked = check(export, playbook)
        show_today(checked[0], export, options.owner, say)
        show_pipeline(export, checked, playbook, say)


def playbook_called(name: str) -> sf.Playbook:
    """A playbook of the package or of a plugin, or one in a file."""
    return sf.Playbook.from_file(name) if "." in name else sf.load_playbook(name)


def main() -> int:
    """Exit code 0, or 2 with a message where the input cannot be used."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    try:
        run(sys.argv[1:])
    except (BadInput, sf.SalesflowError) as error:
        print(f"demo.py: {error}", file=sys.stderr)
        if isinstance(error, FrameError):
            print(
                "Here: columns= is --map, stages= is --label, values= is --value", file=sys.stderr
            )
        return 2
    except BrokenPipeError:  # whoever read along, `head` for instance, has seen enough
        sys.stdout = None
    return 0


if __name__ == "__main__":
    sys.exit(main())
