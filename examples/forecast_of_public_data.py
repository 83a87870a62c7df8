"""Would forecasts of a public pipeline have been right?

    python examples/forecast_of_public_data.py sales_pipeline.csv products.csv

The files are those of the CRM sales opportunities in the Maven Analytics data playground. A deal
is worth the list price of its product: the file says what came in of won deals only, which nobody
knew before. The probabilities are what somebody might have guessed beforehand.
"""

from __future__ import annotations

import sys
from datetime import date
from typing import Final, Literal

import polars as pl

import salesflow as sf

PROCESS = """
id = "maven"
version = "1.0.0"
title = "Selling computer hardware"
languages = ["en"]
currency = "USD"
[[stages]]
key = "engaging"
title = "Engaging"
probability = 0.5
wins = true
[[stages]]
key = "delivery"
title = "Delivery"
"""
KNOWN_UNTIL = date(2017, 12, 31)
FORECASTS: Final[dict[Literal["month", "quarter"], list[date]]] = {
    "quarter": [date(2017, month, 15) for month in range(4, 13)],
    "month": [date(2017, month, 1) for month in range(4, 13)],
}


def log_of(deals: pl.DataFrame) -> pl.DataFrame:
    """When each deal began, and when and how it ended."""
    began = deals.select("opportunity_id", stage=pl.lit("Engaging"), at="engage_date")
    ended = deals.select("opportunity_id", stage="deal_stage", at="close_date")
    return pl.concat([began, ended]).drop_nulls("at")


def main(pipeline: str, products: str) -> None:
    """Print the forecasts of each quarter and of each month, beside what came."""
    deals = pl.read_csv(pipeline, try_parse_dates=True)
    named = pl.col("product").replace("GTXPro", "GTX Pro")
    prices = pl.read_csv(products)
    priced = deals.with_columns(product=named).join(prices, on="product", how="left")
    for periods, days in FORECASTS.items():
        found = sf.pipeline.forecast_backtest(
            log_of(deals),
            sf.Playbook.from_toml(PROCESS),
            case="opportunity_id",
            stage="stage",
            at="at",
            deals=priced.select("opportunity_id", amount="sales_price"),
            days=days,
            periods=periods,
            as_of=KNOWN_UNTIL,
        )
        print(found.summary(), end="\n\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
