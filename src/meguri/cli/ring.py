"""What happens to the demo's model once it is in production."""

from typing import Any

import numpy as np
from rich.progress import Progress, TaskID

from meguri.cli import digits
from meguri.cli.crowd import Crowd
from meguri.cli.labelled import Labelled
from meguri.cli.replay import QUESTION, SYSTEM, Replay
from meguri.data import service as data
from meguri.data.model import NewItem
from meguri.evaluation import service as evaluation
from meguri.labelling.model import REVIEW
from meguri.learning import service as learning
from meguri.serving import service as serving
from meguri.storage import jobs
from meguri.storage.store import Store

AUTOMATE = "automate"
CHUNK = 50
CORRUPTED = 0.5  # share of the labels that are made wrong for the worse model


class Ring:
    """One project after its labels are bought: it serves, is reviewed, learns again, refuses, goes back."""

    def __init__(self, store: Store, replay: Replay, progress: Progress) -> None:
        self._store = store
        self._replay = replay
        self._project = replay.project
        self._progress = progress

    def serve(self, stream: Labelled) -> dict[str, Any]:
        """Predict digits nobody has seen; what is doubtful goes to an operator, whose answers are learnt from."""
        bar = self._progress.add_task(f"{'Serving a stream':<20}", total=len(stream.rows), words="")
        before = self._labels()
        decisions: list[Any] = []
        for start in range(0, len(stream.rows), CHUNK):
            decisions += self._predict(stream, start)
            self._progress.update(bar, completed=start + CHUNK)
        automated = [one for one in decisions if one.decision == AUTOMATE]
        errors = sum(one.answer != self._replay.truth(one.item_id) for one in automated)
        self._words(bar, "an operator reviews")
        reviewed = self._review()
        self._words(bar, "learning from the reviews")
        jobs.run_pending(self._store)
        self._words(bar, "")
        return {
            "items": len(decisions),
            "automated": len(automated),
            "automated_share": len(automated) / len(decisions),
            "errors": errors,
            "automated_error": errors / len(automated) if automated else None,
            "reviewed": reviewed,
            "learnt": self._labels() - before,
        }

    def refuse_a_worse_model(self, seed: int) -> list[dict[str, Any]]:
        """Train on labels half of which are wrong, and let the gates say what they think of it."""
        bar = self._progress.add_task(f"{'A worse challenger':<20}", total=None, words="training on corrupted labels")
        corrupted = self._corrupt(np.random.default_rng(seed))
        with self._store.database.begin() as tx:
            model = learning.train(tx, self._store, self._project, corrupted, seed=seed, actor=SYSTEM)
            verdict = evaluation.judge(tx, self._store, self._project, model.id)
        self._progress.update(bar, total=1, completed=1, words="")
        why = f"trained with {CORRUPTED:.0%} of its labels made wrong"
        refused = [reason for reason in verdict.reasons if not reason["passed"]]
        if verdict.passed:
            return []
        return [
            {"number": model.number, "why": why, "reason": " ".join(one["text"] for one in refused), "reasons": refused}
        ]

    def roll_back(self) -> dict[str, Any]:
        """Give production back to the champion before, and then forward again."""

        def there_and_back(tx: Any) -> dict[str, Any]:
            champion = evaluation.alias(tx, self._project.id, "champion")
            if champion is None:
                raise RuntimeError("The demo promoted no model; this is a mistake of ours.")
            left = learning.model_version(tx, champion)
            move = evaluation.rollback(tx, self._project.id, SYSTEM, "The demo shows that going back is one step.")
            back = learning.model_version(tx, move.model_version_id or champion)
            evaluation.promote(tx, self._project.id, champion, SYSTEM, "And forward again.", force=True)
            return {"from": left.number, "to": back.number, "forward": left.number}

        return self._store.database.run(there_and_back)

    def champion_number(self) -> int:
        """The number of the model in production."""
        with self._store.database.read() as tx:
            champion = evaluation.alias(tx, self._project.id, "champion")
            return 0 if champion is None else learning.model_version(tx, champion).number

    def _predict(self, stream: Labelled, start: int) -> list[Any]:
        rows = stream.rows[start : start + CHUNK]
        items = [NewItem(key=f"stream-{row.key}", content=row.content) for row in rows]
        decisions = serving.predict(self._store, self._project.id, items, SYSTEM)
        for decision, row in zip(decisions, rows, strict=True):
            if decision.item_id is not None:
                self._replay.know(decision.item_id, stream.label_of(row.key))
        return decisions

    def _review(self) -> int:
        operator = Crowd.hire(self._store, self._project, [digits.OPERATOR], self._replay.plan.seed, role="operator")
        return operator.work(self._replay.truth, self._replay.wrong, reasons=(REVIEW,))

    def _corrupt(self, rng: np.random.Generator) -> int:
        """A dataset version in which every other training label is another class."""
        with self._store.database.begin() as tx:
            right = learning.freeze(tx, self._store, self._project, "before corruption")
            rows = data.dataset(tx, self._store.blobs, right.id)
            for row in rows:
                if row["split"] == "train" and rng.random() < CORRUPTED:
                    row["answers"] = dict(self._replay.wrong({QUESTION: row["answers"][QUESTION]}, rng))
            return data.freeze(tx, self._store.blobs, self._project.id, rows, "corrupted on purpose").id

    def _labels(self) -> int:
        with self._store.database.read() as tx:
            newest = learning.newest(tx, self._project.id)
            return int(newest.card["labels"]) if newest else 0

    def _words(self, bar: TaskID, words: str) -> None:
        self._progress.update(bar, words=words)
        self._progress.refresh()
