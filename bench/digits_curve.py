"""Labels against accuracy on handwritten digits: the house strategy beside random selection.

    python bench/digits_curve.py                        # scikit-learn's digits, 5 seeds
    python bench/digits_curve.py --data ../shared/data  # and the sets of that folder that can be read here

Pure library, no server: simulated people of a stated accuracy answer each chosen item `overlap` times, their answers
are aggregated, a model is trained from scratch after each round and measured on a locked random test split.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import io
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from meguri.evaluation.metrics.base import Outcomes, metrics
from meguri.learning.features.base import extractors
from meguri.learning.geometry import vectors
from meguri.learning.models.base import Training, models
from meguri.learning.selection.base import Pool, strategies
from meguri.quality.aggregators.base import Votes, aggregators

TEST_SHARE = 0.2
BACKGROUND = 2_000


@dataclass
class Data:
    name: str
    features: Any
    places: Any
    truth: Any
    classes: tuple[str, ...]
    batch: int
    budget: int
    score: str = "accuracy"


def png(pixels: Any) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(out, "PNG")
    return out.getvalue()


def made(name: str, extractor: str, contents: list[Any], labels: Any, batch: int, budget: int, **more: Any) -> Data:
    classes = tuple(sorted({str(label) for label in labels}))
    features = extractors[extractor].extract(contents)
    truth = np.array([classes.index(str(label)) for label in labels])
    return Data(name, features, vectors(features, np.random.default_rng(0)), truth, classes, batch, budget, **more)


def digits() -> Data:
    from sklearn.datasets import load_digits

    found = load_digits()
    return made("digits", "image_hog", [png(image * 15.9) for image in found.images], found.target, 20, 400)


def signdigits(folder: Path) -> Data:
    found = np.load(folder / "signdigits" / "data.npz")
    return made("signdigits", "image_hog", [png(image) for image in found["X"]], found["y"], 30, 600)


def texts(path: Path, batch: int, budget: int, **more: Any) -> Data:
    if path.suffix == ".parquet":
        import pyarrow.parquet as parquet

        table = parquet.read_table(path).to_pydict()
        name = path.parent.name
    else:
        table, name = json.loads(path.read_text()), path.stem
    keep = slice(0, 6000)
    return made(name, "text_ngrams", table["text"][keep], table["label"][keep], batch, budget, **more)


def answered(truth: Any, classes: int, people: int, accuracy: float, overlap: int, rng: Any) -> Votes:
    """What `overlap` of the people say of each item."""
    n = len(truth)
    who = np.stack([rng.permutation(people)[:overlap] for _ in range(n)])
    wrong = (truth[:, None] + rng.integers(1, classes, (n, overlap))) % classes
    said = np.where(rng.random((n, overlap)) < accuracy, truth[:, None], wrong)
    return Votes(np.repeat(np.arange(n), overlap), who.ravel(), said.ravel(), n, people, classes)


def run(data: Data, strategy: str, seed: int, args: argparse.Namespace) -> list[dict[str, float]]:
    split = np.random.default_rng(seed)
    order = split.permutation(len(data.truth))
    cut = round(TEST_SHARE * len(order))
    test, pool = order[:cut], order[cut:]
    said = answered(data.truth, len(data.classes), 8, args.accuracy, args.overlap, split)
    agreed = aggregators["majority"].aggregate(said)
    label, sure = agreed.labels(), agreed.probabilities.max(axis=1)
    rng = np.random.default_rng(1_000 + seed)
    labelled = np.empty(0, np.int64)
    fitted, curve = None, []
    while len(labelled) < data.budget:
        rest = np.setdiff1d(pool, labelled)
        guess = None if fitted is None else fitted.predict(data.features[rest])
        targets = np.eye(len(data.classes), dtype=bool)[label[labelled]]
        seen = Pool(data.places[rest], data.places[labelled], targets, guess)
        picks = strategies[strategy].select(seen, data.batch, rng)
        labelled = np.concatenate([labelled, rest[picks.places]])
        targets = np.eye(len(data.classes), dtype=bool)[label[labelled]]
        if targets.any(axis=0).sum() < 2:
            continue
        background = data.features[pool[:BACKGROUND]]
        training = Training(data.features[labelled], targets, data.classes, False, sure[labelled], background)
        fitted = models["linear"].fit(training, np.random.default_rng(seed))
        outcomes = Outcomes.single(data.truth[test], fitted.predict(data.features[test]), data.classes)
        scores = {name: metrics[name].measure(outcomes) for name in ("accuracy", "macro_f1")}
        curve.append({"labels": len(labelled), "answers": len(labelled) * args.overlap, **scores})
    return curve


def bounds(values: Any) -> tuple[float, float, float]:
    """Mean and its 95 % interval over seeds (normal)."""
    mean, half = float(np.mean(values)), 1.96 * float(np.std(values, ddof=1)) / np.sqrt(len(values))
    return mean, mean - half, mean + half


def compared(data: Data, args: argparse.Namespace) -> dict[str, Any]:
    runs = []
    for strategy in args.strategies:
        for seed in range(args.seeds):
            started = time.perf_counter()
            runs.append({"strategy": strategy, "seed": seed, "curve": run(data, strategy, seed, args)})
            runs[-1]["seconds"] = round(time.perf_counter() - started, 2)
    print(f"\n{data.name}: {len(data.truth)} items, {len(data.classes)} classes, {data.score}")
    print("labels  " + "  ".join(f"{name:>22}" for name in args.strategies))
    budgets = sorted({point["labels"] for one in runs for point in one["curve"]})
    for labels in budgets:
        cells = []
        for strategy in args.strategies:
            values = at(runs, strategy, labels, data.score)
            cells.append("{:.4f} [{:.4f}, {:.4f}]".format(*bounds(values)) if len(values) > 1 else "")
        print(f"{labels:6}  " + "  ".join(f"{cell:>22}" for cell in cells))
    first = [labels for labels in budgets if labels <= data.budget / 4]
    quarter = {
        strategy: float(np.mean([np.mean(at(runs, strategy, labels, data.score)) for labels in first]))
        for strategy in args.strategies
    }
    print("first quarter of the budget: " + ", ".join(f"{name} {value:.4f}" for name, value in quarter.items()))
    return {"dataset": data.name, "score": data.score, "runs": runs, "first_quarter": quarter}


def at(runs: list[dict[str, Any]], strategy: str, labels: int, score: str) -> list[float]:
    return [p[score] for one in runs if one["strategy"] == strategy for p in one["curve"] if p["labels"] == labels]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--strategies", nargs="+", default=["auto", "random"])
    parser.add_argument("--accuracy", type=float, default=0.9, help="of each simulated person")
    parser.add_argument("--overlap", type=int, default=3)
    parser.add_argument("--data", type=Path, help="a folder with signdigits, sms_spam, banking77, agnews")
    parser.add_argument("--only", nargs="+", default=None)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    found = [compared(data, args) for data in sets(args)]
    if args.json:
        args.json.write_text(json.dumps({"argv": vars(args) | {"data": str(args.data), "json": None}, "sets": found}))


def sets(args: argparse.Namespace) -> Any:
    makers: dict[str, Any] = {"digits": digits}
    if args.data:
        makers["signdigits"] = lambda: signdigits(args.data)
        for name, batch, budget, more in (
            ("sms_spam", 10, 300, {"score": "macro_f1"}),
            ("banking77", 50, 1000, {}),
            ("agnews", 20, 500, {}),
        ):
            path = (
                args.data / f"{name}.json"
                if (args.data / f"{name}.json").exists()
                else args.data / name / "data.parquet"
            )
            if path.exists():
                makers[name] = lambda path=path, batch=batch, budget=budget, more=more: texts(
                    path, batch, budget, **more
                )
    return (make() for name, make in makers.items() if args.only is None or name in args.only)


if __name__ == "__main__":
    main()
