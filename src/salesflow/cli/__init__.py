"""The command `salesflow`: what authors of playbooks do with their files, from a shell.

Each command is a module of its own, imported when it is run. `main` is the whole of what programs
may call.
"""

from salesflow.cli._main import main

__all__ = ["main"]
