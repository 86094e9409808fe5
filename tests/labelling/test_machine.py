"""Any order of lending, answering, skipping, undoing and letting leases run out keeps every promise of the queue."""

from contextlib import ExitStack
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from tests.labelling.conftest import World

from meguri.kit import clock
from meguri.kit.errors import Conflict
from meguri.labelling import service as labelling
from meguri.labelling.model import URGENCY
from meguri.storage.store import Store

HOUR = 3_600_000
PEOPLE = st.integers(0, 3)

DOUBLE = sa.text(
    "SELECT count(*) FROM (SELECT a.person_id FROM annotation a LEFT JOIN retraction r ON r.annotation_id = a.id "
    "WHERE r.id IS NULL AND a.project_id = :project GROUP BY a.person_id, a.item_id HAVING count(*) > 1) x"
)
BEYOND = sa.text(
    "SELECT count(*) FROM (SELECT t.id FROM task t JOIN assignment a ON a.task_id = t.id WHERE t.project_id = :project "
    "AND (a.ended_at IS NULL OR a.outcome = 'answered') GROUP BY t.id, t.overlap HAVING count(*) > t.overlap) x"
)
DONE_WRONG = sa.text(
    "SELECT count(*) FROM task WHERE project_id = :project AND cancelled_at IS NULL "
    "AND (done_at IS NOT NULL) <> (answers >= overlap)"
)
UNREACHED = sa.text(
    "SELECT count(*) FROM task t WHERE t.project_id = :project AND t.open > 0 AND EXISTS (SELECT 1 FROM person p "
    "WHERE p.id IN (SELECT person_id FROM membership WHERE project_id = :project) AND NOT EXISTS ("
    "SELECT 1 FROM assignment a WHERE a.person_id = p.id AND a.item_id = t.item_id "
    "AND (a.outcome IS NULL OR a.outcome <> 'expired')))"
)


class Queue(RuleBasedStateMachine):
    """Four people and some items; every rule is one call of the service."""

    leases = Bundle("leases")

    def __init__(self, store: Store, policy: str) -> None:
        super().__init__()
        self.world = World(store, assignment=policy, lease_seconds=60, overlap=2, give_up_after=3)
        self.people = self.world.people(4)
        self.items = self.world.items(6, prefix=f"project {self.world.project_id}")
        self.time = ExitStack()

    def teardown(self) -> None:
        try:
            self.finish()
        finally:
            self.time.close()

    @rule(chosen=st.sets(st.integers(0, 5), min_size=1), reason=st.sampled_from(URGENCY), overlap=st.integers(1, 3))
    def request(self, chosen: set[int], reason: str, overlap: int) -> None:
        self.world.request([self.items[n] for n in chosen], reason, overlap=overlap)

    @rule(target=leases, person=PEOPLE)
    def lend(self, person: int) -> Any:
        lent = self.world.lend(self.people[person])
        return multiple() if lent is None else (person, lent.id)

    @rule(target=leases, person=PEOPLE, reason=st.sampled_from(URGENCY))
    def lend_for(self, person: int, reason: str) -> Any:
        lent = self.world.lend(self.people[person], [reason])
        if lent is None:
            return multiple()
        assert lent.reason == reason
        return person, lent.id

    @rule(lease=consumes(leases), value=st.sampled_from(["cat", "dog"]))
    def answer(self, lease: tuple[int, int], value: str) -> None:
        person, assignment = lease
        try:
            first = self.world.answer(self.people[person], assignment, value)
        except Conflict:
            return  # it had run out and was lent anew, or was answered or skipped before
        assert self.world.answer(self.people[person], assignment, value).annotation_id == first.annotation_id

    @rule(lease=consumes(leases))
    def skip(self, lease: tuple[int, int]) -> None:
        try:
            self.world.skip(self.people[lease[0]], lease[1])
        except Conflict:
            return

    @rule(target=leases, person=PEOPLE)
    def undo(self, person: int) -> Any:
        try:
            return person, self.world.undo(self.people[person]).id
        except Conflict:
            return multiple()

    @rule()
    def wait(self) -> None:
        self.time.enter_context(clock.shifted(HOUR))

    @rule(reason=st.sampled_from(URGENCY))
    def cancel(self, reason: str) -> None:
        project = self.world.project
        self.world.run(lambda tx: labelling.cancel(tx, project, reason))

    @invariant()
    def promises_are_kept(self) -> None:
        assert self.world.miscounted() == []
        assert self.count(DOUBLE) == self.count(BEYOND) == self.count(DONE_WRONG) == 0

    def finish(self) -> None:
        """In the end everybody works until nothing is left for them; then no task is left that somebody could do."""
        self.time.enter_context(clock.shifted(HOUR))
        busy = True
        while busy:
            busy = False
            for person in self.people:
                if (lent := self.world.lend(person)) is not None:
                    self.world.answer(person, lent.id)
                    busy = True
        self.promises_are_kept()
        assert self.count(UNREACHED) == 0

    def count(self, query: Any) -> int:
        with self.world.store.database.read() as tx:
            return int(tx.execute(query, {"project": self.world.project_id}).scalar_one())


def test_any_order_of_events_keeps_the_promises_of_the_queue(store: Store) -> None:
    few = settings(
        max_examples=25 if store.database.is_sqlite else 8,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    )
    for policy in ("in_order", "shuffled"):
        run_state_machine_as_test(lambda policy=policy: Queue(store, policy), settings=few)  # type: ignore[misc]
