"""HTTP face of jobs: what runs, what waits, what failed and why, and try again."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from meguri.accounts.http import Door, DoorDep
from meguri.accounts.model import Actor, Right
from meguri.kit import clock
from meguri.kit.errors import NotFound
from meguri.kit.paging import Page
from meguri.storage import jobs, journal

router = APIRouter(tags=["worker"])

After = Annotated[int | None, Query(description="The `after` of the page before.")]
Limit = Annotated[int | None, Query(ge=1, description="Rows of a page.")]
OfState = Annotated[jobs.State | None, Query(alias="state", description="Only jobs in this state.")]


class JobOut(BaseModel):
    """A background job. A list leaves `log` out."""

    model_config = ConfigDict(json_schema_extra={"title": "Job"})

    id: int
    name: str = Field(description="What kind of work it is, such as `loop.advance`.")
    project_id: int | None
    state: jobs.State
    progress: float = Field(ge=0, le=1)
    note: str = Field(description="What it is doing now, in words.")
    log: str | None
    error: str | None
    result: Any = None
    created_at: str
    started_at: str | None
    ended_at: str | None
    tries: int
    worker: str | None
    can_retry: bool


class JobsOut(BaseModel):
    """Jobs, newest first."""

    rows: list[JobOut]
    after: int | None


@router.get("/projects/{project_id}/jobs")
def list_project_jobs(
    project_id: int, door: DoorDep, after: After = None, limit: Limit = None, state: OfState = None
) -> JobsOut:
    """The jobs of a project, newest first."""
    return door.read(Right.VIEW, project_id, lambda tx, actor: _page(jobs.page(tx, project_id, after, limit, state)))


@router.get("/jobs")
def list_jobs(door: DoorDep, after: After = None, limit: Limit = None, state: OfState = None) -> JobsOut:
    """Every job of the site, newest first."""
    return door.read(Right.OWN, None, lambda tx, actor: _page(jobs.page(tx, None, after, limit, state)))


@router.get("/jobs/{job_id}")
def read_job(job_id: int, door: DoorDep) -> JobOut:
    """One job with its log."""
    right, project_id = _needed(door, job_id, Right.VIEW)
    return door.read(right, project_id, lambda tx, actor: _job(jobs.get(tx, job_id)))


@router.post("/jobs/{job_id}/retry")
def retry_job(job_id: int, door: DoorDep) -> JobOut:
    """Try a failed job again; 409 when it has not failed."""
    right, project_id = _needed(door, job_id, Right.MANAGE)
    return door.write(right, project_id, lambda tx, actor: _job(_retry(tx, actor, job_id)))


def _retry(tx: Connection, actor: Actor, job_id: int) -> jobs.Job:
    again = jobs.retry(tx, job_id)
    journal.write(tx, "jobs.retried", actor.label, project=again.project_id, job=job_id, name=again.name)
    return again


def _needed(door: Door, job_id: int, right: Right) -> tuple[Right, int | None]:
    """What a job asks of its visitor: the right in its project, or the whole site if it has none."""
    door.read(Right.SIGNED_IN, None, lambda tx, actor: None)
    try:
        project_id = door.open_read(lambda tx: jobs.get(tx, job_id)).project_id
    except NotFound:
        raise NotFound("There is no such job here, or you are not a member of its project.") from None
    return (Right.OWN, None) if project_id is None else (right, project_id)


def _page(page: Page[jobs.Job]) -> JobsOut:
    return JobsOut(rows=[_job(one) for one in page.rows], after=page.after)


def _job(job: jobs.Job) -> JobOut:
    return JobOut(
        id=job.id,
        name=job.name,
        project_id=job.project_id,
        state=job.state,
        progress=job.progress,
        note=job.note,
        log=job.log,
        error=job.error,
        result=job.result,
        created_at=clock.iso(job.created_at),
        started_at=_moment(job.started_at),
        ended_at=_moment(job.ended_at),
        tries=job.tries,
        worker=job.worker,
        can_retry=job.can_retry,
    )


def _moment(at: int | None) -> str | None:
    return None if at is None else clock.iso(at)
