"""What one process of a crowd does; imported by the processes that the tests start."""

import random
from concurrent.futures import ThreadPoolExecutor

from meguri.kit.config import Config
from meguri.labelling import service as labelling
from meguri.storage.store import Store


def work(store: Store, project: int, person: int, skips: float = 0.0, undos: float = 0.0) -> list[int]:
    """One person works until nothing is left; returns the items they answered."""
    run = store.database.run
    chance = random.Random(person)
    answered: list[int] = []
    while (lent := run(lambda tx: labelling.lend(tx, person, project))) is not None:
        held, item = lent.id, lent.item.id
        if chance.random() < skips:
            run(lambda tx, held=held: labelling.skip(tx, person, held, "no idea"))
            continue
        value = chance.choice(["cat", "dog"])
        run(lambda tx, held=held, value=value: labelling.answer(tx, person, held, {"animal": value}, 1.0))
        answered.append(item)
        if chance.random() < undos:
            again = run(lambda tx: labelling.undo(tx, person, project))
            run(lambda tx, held=again.id: labelling.answer(tx, person, held, {"animal": "dog"}, 1.0))
    return answered


def process(config: Config, project: int, people: list[int]) -> list[list[int]]:
    """Several people in one process, each in a thread."""
    store = Store.open(config)
    try:
        with ThreadPoolExecutor(len(people)) as pool:
            return list(pool.map(lambda person: work(store, project, person), people))
    finally:
        store.close()
