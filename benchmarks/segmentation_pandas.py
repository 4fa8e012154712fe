"""What one machine does without Spark: the database read, joined, segmented and written back by pandas.

benchmarks/segmentation.py runs it in a process of its own. The rules are those of jobs/segmentation in short:
one e-mail or a link is one customer, cancelled and unusable orders do not count, refunds are taken off.
"""

from __future__ import annotations

import io
import json
import os
import resource
import time
from typing import Any

import numpy as np
import pandas as pd
import psycopg
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler

CHOICES, SEED, SCORED = range(3, 9), 42, 10_000
TABLES = {
    "customers": "SELECT customer_id, email FROM crm.customers",
    "links": "SELECT duplicate_id, customer_id FROM crm.customer_links",
    "orders": "SELECT order_id, customer_id, ordered_at::date AS day, status, amount, currency "
    "FROM sales.orders",
    "refunds": "SELECT order_id, sum(amount) AS refunded FROM sales.refunds GROUP BY 1",
    "rates": "SELECT currency, valid_from, rate_to_usd FROM sales.exchange_rates ORDER BY valid_from",
}


def read(connection: psycopg.Connection) -> dict[str, pd.DataFrame]:
    found = {}
    for name, query in TABLES.items():
        text = io.BytesIO()
        with connection.cursor().copy(f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER)".encode()) as copy:
            for chunk in copy:
                text.write(chunk)
        text.seek(0)
        found[name] = pd.read_csv(text)
    return found


def join(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    customers, orders, rates = tables["customers"], tables["orders"], tables["rates"]
    email = customers.email.str.strip().str.lower()
    first = customers.customer_id.groupby(email).transform("min").fillna(customers.customer_id)
    person = dict(zip(customers.customer_id, first.astype("int64"), strict=True))
    person |= {a: person.get(b, b) for a, b in tables["links"].itertuples(index=False)}
    orders = orders[(orders.status != "cancelled") & (orders.amount >= 0) & orders.customer_id.notna()]
    orders = orders.assign(day=pd.to_datetime(orders.day, errors="coerce"))
    orders = orders[orders.day <= pd.Timestamp.now()].sort_values("day")
    rates = rates.assign(day=pd.to_datetime(rates.valid_from))
    orders = pd.merge_asof(orders, rates[["currency", "day", "rate_to_usd"]], on="day", by="currency")
    orders = orders[orders.rate_to_usd.notna()].merge(tables["refunds"], on="order_id", how="left")
    worth = (orders.amount - orders.refunded.fillna(0)) * orders.rate_to_usd
    orders = orders.assign(person=orders.customer_id.map(person), worth=worth)
    spent = orders.groupby("person").agg(
        last=("day", "max"), frequency=("order_id", "count"), monetary=("worth", "sum")
    )
    return spent.assign(recency_days=(orders.day.max() - spent["last"]).dt.days)


def segment(customers: pd.DataFrame) -> pd.DataFrame:
    values = customers[["recency_days", "frequency", "monetary"]].clip(lower=0)
    features = StandardScaler().fit_transform(np.log1p(values))
    models = [KMeans(k, random_state=SEED, n_init=1).fit(features) for k in CHOICES]

    def score(model: KMeans) -> float:
        size = min(SCORED, len(features))
        return float(silhouette_score(features, model.labels_, sample_size=size, random_state=SEED))

    return customers.assign(segment=max(models, key=score).labels_)


def write(connection: psycopg.Connection, customers: pd.DataFrame) -> None:
    connection.execute(
        "CREATE TEMP TABLE result (customer_id bigint PRIMARY KEY, segment int, monetary numeric(18, 2))"
    )
    text = customers[["segment", "monetary"]].to_csv(header=False)
    with connection.cursor().copy("COPY result FROM STDIN (FORMAT csv)") as copy:
        copy.write(text)
    connection.commit()


def main() -> None:
    given = json.loads(os.environ["BENCHMARK_DATABASE"])
    costs: dict[str, Any] = {}
    with psycopg.connect(dbname=given.pop("database"), **given) as connection:
        value: Any = None
        steps = {
            "pandas: read": lambda _: read(connection),
            "pandas: join": join,
            "scikit-learn: segment": segment,
            "pandas: write back": lambda found: write(connection, found),
        }
        for name, step in steps.items():
            began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
            value = step(value)
            after = resource.getrusage(resource.RUSAGE_SELF)
            costs[name] = {
                "seconds": time.perf_counter() - began,
                "processor": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
                "memory": after.ru_maxrss / 1000,
            }
    print(json.dumps(costs))


if __name__ == "__main__":
    main()
