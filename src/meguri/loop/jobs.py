"""Background work of the loop: one step a job, and a watch that lets nothing be forgotten."""

from typing import Any

from meguri.labelling import service as labelling
from meguri.labelling.model import WAKE
from meguri.loop import service, suggesting
from meguri.loop.model import Step, reason_text
from meguri.storage import jobs
from meguri.storage.store import Store


@jobs.handler(WAKE)
def advance(run: jobs.Run) -> Any:
    """Look at a project and do its next step; the record of the step asks for the next look."""
    project_id = int(run.args["project"])
    with run.store.database.read() as tx:
        archived = labelling.project(tx, project_id).archived_at is not None
        rests = not run.args.get("once") and not service.is_running(tx, project_id)
    if archived or rests:
        return {"step": None}

    def tell(step: Step) -> None:
        run.progress(0.0, step.name)
        run.log(reason_text(step))

    step = service.advance(run.store, project_id, run.actor, tell)
    return {"step": step.name, "code": step.code}


@jobs.handler(suggesting.SUGGEST)
def suggest(run: jobs.Run) -> Any:
    """One shard of the suggestions of a model in production."""
    args = run.args
    done = suggesting.suggest(
        run.store, int(args["project"]), int(args["model"]), int(args["first"]), int(args["last"]), run.progress
    )
    return {"items": done}


@jobs.tick("loop.watch", 5.0)
def watch(store: Store) -> None:
    """Every running project goes on, whatever happened to the job that should have seen to it."""
    service.watch(store)
