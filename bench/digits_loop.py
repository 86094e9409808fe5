"""Digits through the whole loop, chosen by it and drawn at random, several seeds.

    python -m bench.digits_loop [--seeds 5] [--json out.json]

Five simulated people who are right nine times in ten, three answers an item, 400 labels. What must hold: accuracy of at
least 0.93 within 400 labels, and at no budget from 100 labels up a mean below random selection's interval.
"""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from meguri.cli import digits
from meguri.cli.curves import interval
from meguri.cli.replay import Plan, Replay, characters, quietly, workshop

WANTED, WITHIN, FROM = 0.93, 400, 100
PLAN = Plan(budget=WITHIN, batch=40, overlap=3, characters=characters(5, 0.9), aggregator="dawid_skene")
HELD_BACK = 20  # nobody is served here
ARMS = ("auto", "random")

Curve = list[dict[str, Any]]


def run(seeds: int) -> dict[str, list[Curve]]:
    """The curves of each arm, one a seed."""
    found: dict[str, list[Curve]] = {arm: [] for arm in ARMS}
    with workshop() as store:
        for seed in range(seeds):
            archive, _ = digits.load(np.random.default_rng(seed), HELD_BACK)
            for arm in ARMS:
                found[arm].append(Replay(store, archive, replace(PLAN, strategy=arm, seed=seed)).run())
                print(f"seed {seed}, {arm}: {found[arm][-1][-1]['accuracy']:.3f}", file=sys.stderr)
    return found


def table(found: dict[str, list[Curve]]) -> list[dict[str, Any]]:
    """Mean and 95 % interval over seeds at each number of labels."""
    rows = []
    for labels in sorted({point["labels"] for curve in found["auto"] for point in curve}):
        row: dict[str, Any] = {"labels": labels}
        for arm in ARMS:
            values = [point["accuracy"] for curve in found[arm] for point in curve if point["labels"] == labels]
            middle, half = interval(values)
            row[arm] = {"mean": middle, "low": middle - half, "high": middle + half, "seeds": len(values)}
        rows.append(row)
    return rows


def sound(rows: list[dict[str, Any]]) -> bool:
    """Whether what must hold holds."""
    reached = any(row["auto"]["mean"] >= WANTED for row in rows if row["labels"] <= WITHIN)
    never_below = all(row["auto"]["mean"] >= row["random"]["low"] for row in rows if row["labels"] >= FROM)
    return reached and never_below


def main() -> None:
    """Run it from the terminal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    quietly()
    with threadpool_limits(1, "blas"):
        rows = table(run(given.seeds))
    shown = Table("labels", *ARMS)
    for row in rows:
        cells = (f"{row[arm]['mean']:.3f} ({row[arm]['low']:.3f}–{row[arm]['high']:.3f})" for arm in ARMS)
        shown.add_row(str(row["labels"]), *cells)
    Console().print(shown)
    print("holds" if sound(rows) else "does not hold")
    if given.json:
        given.json.write_text(json.dumps({"seeds": given.seeds, "rows": rows, "holds": sound(rows)}, indent=1) + "\n")
    sys.exit(0 if sound(rows) else 1)


if __name__ == "__main__":
    main()
