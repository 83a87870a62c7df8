"""The example that looks back on forecasts of a public file, on a file of the same form."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import polars as pl

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "examples" / "forecast_of_public_data.py"


def test_it_prints_forecasts_of_quarters_and_of_months_beside_what_came(tmp_path: Path) -> None:
    deals = [
        {
            "opportunity_id": f"D-{n}",
            "product": "GTXPro" if n % 2 else "MG Special",
            "deal_stage": ("Won", "Lost", "Won", "Engaging", "Prospecting")[n % 5],
            "engage_date": None if n % 5 == 4 else date(2017, 1, 1) + timedelta(days=n),
            "close_date": date(2017, 1, 1) + timedelta(days=n + 45) if n % 5 < 3 else None,
        }
        for n in range(300)
    ]
    pl.DataFrame(deals).write_csv(tmp_path / "deals.csv")
    prices = pl.DataFrame({"product": ["GTX Pro", "MG Special"], "sales_price": [4821, 55]})
    prices.write_csv(tmp_path / "prices.csv")

    ended = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path / "deals.csv"), str(tmp_path / "prices.csv")],
        capture_output=True,
        check=False,
        text=True,
    )

    assert (ended.stderr, ended.returncode) == ("", 0)
    quarters, months = ended.stdout.split("\n\n\n")[0], ended.stdout
    assert "2017-Q2" in quarters
    assert "2017-12-01" in months
    assert "learned chances" in quarters
    assert "no forecast" not in ended.stdout.lower()
