"""What salesflow does, for one deal and for a whole pipeline.

    demo.py             one deal step by step (`one_deal.py`), then the sample pipeline
    demo.py FILE …      the pipeline in a CSV file of your own; `demo.py --help` says how

The second half is what a data scientist does: read a file, say which column is which fact and
which label is which stage, and check it.
"""

from __future__ import annotations

import argparse
import io
import runpy
import sys
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, NoReturn

import polars as pl
from pydantic import ValidationError

import salesflow as sf
from salesflow.errors import FrameError, MissingRate

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
    date_format: str = "%Y-%m-%d"
    separator: str = ","
    currency: str | None = None
    rates: sf.Rates | None = None


SAMPLE_EXPORT: Final = Export(
    file=HERE / "data" / "pipeline.csv",
    key="deal_id",
    as_of=date(2026, 6, 30),
    columns={"account.name": "customer", "expected_close_on": "close_date"},
    stages=SAMPLE_STAGES,
)


class BadInput(Exception):
    """The command line or the file cannot be used; the message says why and what to do."""


def check(
    export: Export, playbook: sf.Playbook
) -> tuple[pl.DataFrame, sf.PipelineReport[pl.DataFrame]]:
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
    for fact, column in (named | dict(export.columns)).items():
        if frame.schema.get(column) == pl.String:
            kind = playbook.facts[fact].kind
            frame = frame.with_columns(converted(frame[column], kind, export, problems))
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


def converted(
    column: pl.Series, kind: sf.FactKind, export: Export, problems: list[str]
) -> pl.Series:
    """The column as its kind of fact; what cannot be read goes to `problems`."""
    text = column.str.strip_chars().replace("", None)
    match kind:
        case sf.FactKind.NUMBER | sf.FactKind.MONEY:
            read_as, what = text.cast(pl.Float64, strict=False), "numbers"
        case sf.FactKind.DAY:
            read_as = text.str.to_date(export.date_format, strict=False)
            what = f"days written as {export.date_format}; see --date-format"
        case sf.FactKind.FLAG if set(text.drop_nulls().str.to_lowercase()) <= {"true", "false"}:
            return text.str.to_lowercase() == "true"
        case _:
            return column
    bad = text.filter(read_as.is_null() & text.is_not_null())
    if len(bad):
        values = f"{len(bad):,} {'value' if len(bad) == 1 else 'values'}"
        problems.append(
            f"{column.name}: {values} cannot be read, such as {bad[0]!r}; expected {what}"
        )
    return read_as


def show_pipeline(export: Export, playbook: sf.Playbook) -> None:
    """The second half of the demo: what the pipeline holds, what is wrong, and where most."""
    frame, report = check(export, playbook)
    heading(f"The pipeline in {export.file.name}", "商机总览与检查")
    show_totals(frame, export, playbook)
    print(f"\n{report.summary()}")
    show_worst(frame, report, export)


def show_totals(frame: pl.DataFrame, export: Export, playbook: sf.Playbook) -> None:
    """How many deals there are per label, how many are won, and what they are worth."""
    stage = export.columns.get("stage", "stage")
    counts = Counter(frame[stage]).most_common()
    line = ", ".join(f"{label or '(no stage)'} {count:,}" for label, count in counts)
    print(textwrap.fill(line, WIDTH))
    ends = frame[stage].replace(dict(export.stages))
    won = frame.filter(ends == "won")
    decided = won.height + frame.filter(ends == "lost").height
    if decided:
        print(f"Win rate: {won.height / decided:.2%} ({won.height:,} of {decided:,} won or lost)")
    amount = export.columns.get("amount", "amount")
    if amount in frame.columns:
        print(f"Won value: {float(won[amount].sum()):,.0f} {export.currency or playbook.currency}")


def show_worst(
    frame: pl.DataFrame, report: sf.PipelineReport[pl.DataFrame], export: Export
) -> None:
    """The deals with most errors, the larger one first, and what of each does not hold."""
    facts = ("account.name", "stage", "amount", "owner")
    names = [export.columns.get(fact, fact) for fact in facts]
    shown = [export.key, *(name for name in names if name in frame.columns)]
    errors = report.findings.filter(severity="error", verdict="no").group_by(export.key)
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
        print("\nLook at these first · 请先处理：")
    for row in worst.iter_rows(named=True):
        print(f"  {'  '.join(written(row[name]) for name in shown)}")
        titles = [str(report.titles[check]) for check in row["check"]]
        more = f"; and {len(titles) - 3} more" if len(titles) > 3 else ""
        print(f"    not so: {'; '.join(titles[:3])}{more}")


def written(value: object) -> str:
    """A value as people write it."""
    return "-" if value is None else f"{value:,.0f}" if isinstance(value, float) else str(value)


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
        epilog="Without FILE: one deal step by step, then the sample pipeline.",
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
    add("--date-format", default="%Y-%m-%d", metavar="FORMAT", help="of all days, as %%d.%%m.%%Y")
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


def heading(en: str, zh: str) -> None:
    """The title of a section."""
    print(f"\n── {en} · {zh} {'─' * (WIDTH - 8 - len(en) - 2 * len(zh))}")


def run(arguments: Sequence[str]) -> None:
    """The whole demo, or the report on the file that the command line names."""
    options = parser().parse_args(arguments)
    playbook = playbook_called(options.playbook)
    if options.file is None:
        if arguments:
            raise BadInput("Name the FILE that these options are about.")
        runpy.run_path(str(HERE / "one_deal.py"), run_name="__main__")
        show_pipeline(SAMPLE_EXPORT, playbook)
    else:
        show_pipeline(export_of(options, playbook), playbook)


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
