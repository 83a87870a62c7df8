"""`python -m salesflow check FILE`: the lint of a playbook, on the command line.

Exit code 0: the playbook can be used; 1: it has errors, or warnings under `--strict`; 2: there is
no such file, or the command is not understood.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

from salesflow._unseen import shown
from salesflow.errors import InvalidPlaybook

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m salesflow", description="Sales processes as values."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    check = commands.add_parser(
        "check",
        help="report every problem of playbooks",
        description="Report every problem of playbooks, errors first.",
    )
    check.add_argument("files", nargs="+", metavar="FILE", help="a .toml or .json file")
    check.add_argument("--strict", action="store_true", help="warnings fail too")
    options = parser.parse_args(arguments)
    # A Chinese title must not fail where the terminal has another encoding.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        return max(_check(file, strict=options.strict) for file in options.files)
    except BrokenPipeError:
        # `… | head` has seen enough; nothing may be flushed into the closed pipe at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _check(file: str, *, strict: bool) -> int:
    from salesflow.playbook import lint_file  # noqa: PLC0415 - `--help` needs none of it

    try:
        problems = lint_file(file)
    except InvalidPlaybook as error:
        print(error, file=sys.stderr)
        return 2
    errors = [problem for problem in problems if problem.severity == "error"]
    file = shown(file)
    for problem in problems:
        print(f"{file}: {problem.severity}: {problem}")
    if problems:
        warnings = len(problems) - len(errors)
        print(f"{file}: {_count(len(errors), 'error')}, {_count(warnings, 'warning')}")
    else:
        print(f"{file}: no problems")
    return int(bool(problems if strict else errors))


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


if __name__ == "__main__":
    sys.exit(main())
