"""`python -m salesflow` is the command `salesflow`."""

from __future__ import annotations

import sys

from salesflow.cli import main

if __name__ == "__main__":
    sys.exit(main())
