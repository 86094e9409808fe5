"""Let the model in production say what it thinks of everything unlabelled, in shards that many workers share."""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from meguri.annotation import service as annotation
from meguri.annotation.model import Suggestion
from meguri.data import service as data
from meguri.data.model import TRAIN, Item, ItemFilter
from meguri.evaluation import service as evaluation
from meguri.evaluation.model import CHAMPION
from meguri.learning import service as learning
from meguri.quality import service as quality
from meguri.storage import jobs
from meguri.storage.store import Store

SUGGEST = "loop.suggest"
SHARD = 100_000  # items
CHUNK = 500

Tell = Callable[[float], None]


def request(tx: Connection, project_id: int, model_version_id: int, mark: int) -> int:
    """Ask for the shards of one model, once for each `mark`; returns how many there are."""
    ids = data.ids(tx, project_id, TRAIN)
    starts = range(0, len(ids), SHARD)
    for start in starts:
        shard = ids[start : start + SHARD]
        args = {"project": project_id, "model": model_version_id, "first": shard[0], "last": shard[-1]}
        jobs.enqueue(tx, SUGGEST, args, key=f"{SUGGEST}:{model_version_id}:{mark}:{shard[0]}", project=project_id)
    return len(starts)


def suggest(store: Store, project_id: int, model_version_id: int, first: int, last: int, tell: Tell) -> int:
    """Do one shard; returns how many items got suggestions. Ends early when the model is no longer in production.

    Done again it writes nothing twice. The locked split is left alone: who labels it must not be led.
    """
    with store.database.read() as tx:
        predictor = learning.load(store, learning.model_version(tx, model_version_id))
    done, after = 0, first - 1
    while after < last:
        items, after = _next(store, project_id, model_version_id, after, last)
        rows = _suggestions(predictor, items)
        if rows:
            store.database.run(lambda tx, rows=rows: annotation.suggest_many(tx, project_id, rows))  # type: ignore[misc]
        done += len(items)
        tell((min(after, last) - first + 1) / (last - first + 1))
    return done


def _next(store: Store, project_id: int, model: int, after: int, last: int) -> tuple[list[Item], int]:
    """The unlabelled items among the next ones, and how far that went."""
    with store.database.read() as tx:
        if evaluation.alias(tx, project_id, CHAMPION) != model:
            return [], last
        page = data.page(tx, project_id, ItemFilter(split=TRAIN), after, CHUNK)
        items = [item for item in page.rows if item.id <= last]
        agreed = quality.consensus(tx, [item.id for item in items])
    ends = page.after is None or len(items) < len(page.rows)
    return [item for item in items if not agreed[item.id]], last if ends else page.rows[-1].id


def _suggestions(predictor: learning.Predictor, items: Sequence[Item]) -> list[Suggestion]:
    version = predictor.model_version.id
    return [
        Suggestion(item.id, question, value, said.scores[question], version)
        for item, said in zip(items, predictor.predict(items), strict=True)
        for question, value in said.answers.items()
    ]
