"""The site as `make docs` built it, served as any server of files does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.pages.conftest import browser as browser


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """These tests are of a site that was built: `make docs` builds it and names it."""
    return True if config.getoption("--site") is None else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every page of the site: its address, below that of the site."""
    if "page" in metafunc.fixturenames:
        site = Path(metafunc.config.getoption("--site"))
        pages = sorted(it.parent.relative_to(site).as_posix() for it in site.rglob("index.html"))
        metafunc.parametrize("page", pages)


class Quiet(SimpleHTTPRequestHandler):
    """It tells nobody what was asked."""

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="session")
def address(pytestconfig: pytest.Config) -> Iterator[str]:
    """Where the English site begins; the Chinese one is below it, in `zh/`."""
    serve = partial(Quiet, directory=pytestconfig.getoption("--site"))
    with ThreadingHTTPServer(("localhost", 0), serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        host, port = server.server_address[:2]
        yield f"http://{host!s}:{port}/"
        server.shutdown()
