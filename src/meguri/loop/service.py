"""The door of this room: start, pause, one step; what the loop does and why; the learning curve."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection

from meguri.kit import clock, ids
from meguri.labelling import service as labelling
from meguri.labelling.model import WAKE, Project, wake_serial
from meguri.loop import repository
from meguri.loop.look import Sight, look
from meguri.loop.model import Facts, Step, next_step, reason_text
from meguri.loop.named import check_named
from meguri.loop.repository import Point, StepRow
from meguri.loop.steps import WORK, Turn
from meguri.storage import jobs, journal
from meguri.storage.store import Store

PATIENCE = 10 * clock.MINUTE  # a look that failed is tried again after this

__all__ = ["Facts", "Step", "advance", "curve", "facts", "pause", "reason_text", "start", "state", "step_once"]


def start(tx: Connection, project_id: int, actor: str) -> None:
    """Let the loop go on by itself. Raises `Invalid` where a setting names something that does not exist."""
    check_named(labelling.project(tx, project_id).settings)
    _switch(tx, project_id, True, actor)
    jobs.wake(tx, WAKE, {"project": project_id}, serial=wake_serial(project_id), project=project_id)


def pause(tx: Connection, project_id: int, actor: str) -> None:
    """Let the loop rest once the step that it is at has ended."""
    _switch(tx, project_id, False, actor)


def _switch(tx: Connection, project_id: int, running: bool, actor: str) -> None:
    labelling.project(tx, project_id)
    if running:
        labelling.end_asking_ahead(tx, project_id, actor)
    if repository.is_running(tx, project_id) != running:
        repository.set_running(tx, project_id, running, clock.now())
        journal.write(tx, "loop.started" if running else "loop.paused", actor, project=project_id)


def step_once(tx: Connection, project_id: int) -> int:
    """Have one step done, also while the loop is paused; the job's id."""
    labelling.project(tx, project_id)
    labelling.end_asking_ahead(tx, project_id)
    args = {"project": project_id, "once": True}
    return jobs.enqueue(tx, WAKE, args, serial=wake_serial(project_id), project=project_id)


def state(tx: Connection, project_id: int) -> dict[str, Any]:
    """`{running, step: {name, code, params, since}}`: what the loop does now, or why it rests."""
    return told(tx, look(tx, labelling.project(tx, project_id)))


def told(tx: Connection, sight: Sight) -> dict[str, Any]:
    """The state of a project that was just looked at. `step` is None where nothing was ever started."""
    running = repository.is_running(tx, sight.project.id)
    newest = repository.newest(tx, sight.project.id)
    if newest is None and not running:
        return {"running": False, "step": None}
    step = next_step(sight.facts)
    since = None if newest is None else _since(newest, step)
    return {
        "running": running,
        "step": {"name": step.name, "code": step.code, "params": dict(step.params), "since": since},
    }


def _since(newest: StepRow, step: Step) -> str:
    """A rest began when it was noted; a step under way began when the one before it ended."""
    same = newest.code == step.code
    return clock.iso(newest.started_at if same else newest.ended_at or newest.started_at)


def facts(tx: Connection, project: Project) -> Facts:
    """What the loop would decide on now."""
    return look(tx, project).facts


def curve(tx: Connection, project_id: int) -> list[Point]:
    """The learning curve: one point for each model of the loop that was measured."""
    return repository.points(tx, project_id)


def advance(
    store: Store, project_id: int, actor: str = "system", tell: Callable[[Step], None] = lambda step: None
) -> Step:
    """Do exactly one step, or note that there is none to do; returns it.

    The effect of a step and its record are one transaction, which finds out whether somebody else went on
    meanwhile and then changes nothing. So a step may be asked for at any time, by anybody, again.
    """
    with store.database.read() as tx:
        sight = look(tx, labelling.project(tx, project_id))
    step = next_step(sight.facts)
    started = clock.now()
    tell(step)
    if step.rests:
        store.database.run(lambda tx: _note_rest(tx, sight, step, started))
        return step
    effect = WORK[step.name](Turn(store, sight, step, actor))
    with store.database.begin() as tx:
        if _is_ours(tx, sight):
            _record(tx, sight, step, effect(tx), started, actor)
    return step


def _is_ours(tx: Connection, sight: Sight) -> bool:
    """Hold the loop's row; false where another step was recorded since the facts were read."""
    repository.hold(tx, sight.project.id)
    newest = repository.newest(tx, sight.project.id)
    return (0 if newest is None else newest.id) == sight.mark


def _record(tx: Connection, sight: Sight, step: Step, result: dict[str, Any], started: int, actor: str) -> None:
    project_id = sight.project.id
    _insert(tx, sight, step, result, started)
    journal.write(
        tx,
        f"loop.{step.name}",
        actor,
        project=project_id,
        model_version=result.get("model") or result.get("champion"),
        code=step.code,
        round=sight.facts.round,
        **{f"param_{name}": value for name, value in step.params.items()},
    )
    if repository.is_running(tx, project_id):
        jobs.wake(tx, WAKE, {"project": project_id}, serial=wake_serial(project_id), project=project_id)


def _note_rest(tx: Connection, sight: Sight, step: Step, started: int) -> None:
    """Write down what is waited for, once, so that the page can say since when."""
    newest = repository.newest(tx, sight.project.id)
    if (newest is None or newest.code != step.code) and _is_ours(tx, sight):
        _insert(tx, sight, step, {}, started)


def _insert(tx: Connection, sight: Sight, step: Step, result: dict[str, Any], started: int) -> None:
    repository.insert_step(
        tx,
        {
            "project_id": sight.project.id,
            "step": step.name,
            "round": int(result.get("round", sight.facts.round)),
            "code": step.code,
            "params": dict(step.params),
            "facts": asdict(sight.facts),
            "result": result,
            "started_at": started,
            "ended_at": clock.now(),
        },
    )


def is_running(tx: Connection, project_id: int) -> bool:
    """Whether the loop goes on by itself."""
    return repository.is_running(tx, project_id)


def watch(store: Store) -> int:
    """Ask for a look at every running project that has something to do; returns at how many.

    What is asked for in the right moment makes this unnecessary; after a crash, a race or a failed step it
    is what sets the loop going again.
    """
    with store.database.read() as tx:
        projects = [labelling.project(tx, one) for one in repository.running(tx)]
        sights = [look(tx, one) for one in projects if one.archived_at is None]
    waiting = [sight for sight in sights if not next_step(sight.facts).rests]
    if waiting:
        store.database.run(lambda tx: _ask_to_look(tx, waiting))
    return len(waiting)


def _ask_to_look(tx: Connection, sights: list[Sight]) -> None:
    """The same facts at the same time are the same job: a step that fails is not tried without pause."""
    for sight in sights:
        project_id = sight.project.id
        key = f"loop.watch:{project_id}:{sight.mark}:{_digest(sight.facts)}:{clock.now() // PATIENCE}"
        args = {"project": project_id}
        jobs.enqueue(tx, WAKE, args, key=key, serial=wake_serial(project_id), project=project_id)


def _digest(known: Facts) -> str:
    return ids.content_hash(ids.canonical(asdict(known)).encode())[:16]
