"""Verdicts on an access log by DuckDB: `duckdb_verdicts.py POLICY.sql PRINCIPALS.sql LOG.csv OUT.csv`."""

import sys

import duckdb

policy, principals, log, out = sys.argv[1:]
base = duckdb.connect()
for script in (policy, principals):
    with open(script, encoding="utf-8") as file:
        base.execute(file.read())
base.execute(
    f"COPY cs_access_log FROM '{log}' (FORMAT csv, HEADER false, NULL '', ALLOW_QUOTED_NULLS false)"
)
base.execute(
    f"COPY (SELECT line, verdict, rules, warnings FROM cs_verdict ORDER BY line) TO '{out}'"
    " (FORMAT csv, HEADER false, NULL 'null')"
)
