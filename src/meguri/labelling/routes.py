"""HTTP face: projects, and the work that people do in them."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy import Connection

from meguri.accounts.http import DoorDep
from meguri.accounts.model import Actor, Right
from meguri.kit.errors import Forbidden, Invalid
from meguri.kit.paging import MAX_LIMIT
from meguri.labelling import service
from meguri.labelling.model import MAX_HELD, OPEN_TO_ANNOTATORS, REASONS, Lent
from meguri.labelling.schemas import (
    MAX_HOLD,
    AnsweredOut,
    AnswerIn,
    AssignmentOut,
    LendIn,
    MineOut,
    MyAnswers,
    ProgressOut,
    ProjectChange,
    ProjectIn,
    ProjectList,
    ProjectOut,
    ReasonProgress,
    SkipIn,
    TasksIn,
    TasksOut,
    card_out,
    lent_out,
    my_answer,
    project_out,
    questions_in,
)

router = APIRouter(tags=["labelling"])

PART = 2_000  # tasks made in one transaction

_Responses = dict[int | str, dict[str, Any]]
_NOTHING: _Responses = {204: {"description": "There is nothing for you now."}}
_LOST: _Responses = {409: {"description": "The task is no longer yours, or you answered it differently before."}}


# These two stand first because routes are tried in order, and they are what people do all day.


@router.post("/projects/{project_id}/assignments", status_code=201, response_model=AssignmentOut, responses=_NOTHING)
async def lend(
    project_id: int,
    door: DoorDep,
    body: LendIn | None = None,
    hold: Annotated[int | None, Query(ge=1, le=MAX_HOLD, description="How many tasks you want at most.")] = None,
) -> Response:
    """Lend me the next task. Each call lends another one, of an item that you have not had before.

    The items come in order, until the loop is started (`POST /projects/{id}/loop`) or somebody asks for certain ones
    (`POST /projects/{id}/tasks`): then those come. 204 when there is none for you now.
    """
    wish = body or LendIn()
    holding = wish.exclude if wish.exclude is not None or hold is None else []

    def work(tx: Connection, actor: Actor) -> Lent | None:
        return service.lend(
            tx,
            actor,
            project_id,
            _allowed(actor, wish),
            holding=holding,
            hold=hold or MAX_HELD,
            task_id=wish.task,
        )

    lent = await door.write_soon(Right.LABEL, project_id, work)
    return Response(status_code=204) if lent is None else _json(lent_out(lent), 201)


@router.post("/assignments/{assignment_id}/answer", response_model=AnsweredOut, responses=_LOST)
async def answer(assignment_id: int, body: AnswerIn, door: DoorDep) -> Response:
    """Answer. On return the answer is on disk; the same body again is the same answer.

    An answer that comes after the deadline still counts while nobody else was lent the task.
    """
    done = await door.write_soon(
        Right.SIGNED_IN, None, lambda tx, actor: service.answer(tx, actor, assignment_id, body.answers, body.seconds)
    )
    return _json({"id": done.id, "annotation": done.annotation_id, "done": done.done, "undo": True})


@router.get("/projects")
def project_list(door: DoorDep) -> ProjectList:
    """The projects you may enter, newest first."""
    found = door.read(Right.SIGNED_IN, None, service.projects)
    return ProjectList(rows=[card_out(*one) for one in found])


@router.post("/projects", status_code=201, response_model=ProjectOut)
def make_project(body: ProjectIn, door: DoorDep) -> Response:
    """Make a project; you become an engineer in it."""

    def work(tx: Connection, actor: Actor) -> dict[str, Any]:
        made = service.create_project(
            tx,
            actor,
            name=body.name,
            modality=body.modality,
            questions=questions_in(body.questions),
            guidelines=body.guidelines,
            settings=body.settings,
        )
        return project_out(made, service.role_in(actor, "engineer"))

    return _json(door.write(Right.CREATE, None, work), 201)


@router.get("/projects/{project_id}", response_model=ProjectOut)
def project(project_id: int, door: DoorDep) -> Response:
    """One project with its questions, guidelines and settings."""

    def work(tx: Connection, actor: Actor) -> dict[str, Any]:
        return project_out(service.project(tx, project_id), service.role_in(actor, actor.project_role))

    return _json(door.read(Right.LABEL, project_id, work))


@router.patch("/projects/{project_id}", response_model=ProjectOut)
def change_project(project_id: int, body: ProjectChange, door: DoorDep) -> Response:
    """Change what is given, also while people work. Answers given so far must still fit the questions."""

    def work(tx: Connection, actor: Actor) -> dict[str, Any]:
        changed = service.change_project(
            tx,
            actor,
            project_id,
            name=body.name,
            guidelines=body.guidelines,
            settings=body.settings,
            questions=None if body.questions is None else questions_in(body.questions),
        )
        return project_out(changed, service.role_in(actor, actor.project_role))

    return _json(door.write(Right.MANAGE, project_id, work))


@router.delete("/projects/{project_id}", status_code=204)
def archive_project(project_id: int, door: DoorDep) -> None:
    """Take a project off the list. Nothing is deleted; nobody is lent its tasks any more."""
    door.write(Right.MANAGE, project_id, lambda tx, actor: service.archive_project(tx, actor, project_id))


@router.post("/projects/{project_id}/tasks", status_code=201)
def request_tasks(project_id: int, body: TasksIn, door: DoorDep) -> TasksOut:
    """Ask people about items by hand: these, or all that were never asked about.

    The loop asks by itself, a batch at a time, once it is started. An item that waits already is not asked twice.
    """
    if (body.items is None) == (not body.all):
        problem = 'Say which: either "items": [ids] or "all": true.'
        raise Invalid(problem, code="labelling.which_items", where=[{"field": "items", "problem": problem}])

    wanted = door.read(
        Right.MANAGE,
        project_id,
        lambda tx, actor: service.to_request(tx, service.project(tx, project_id), body.items, body.reason),
    )

    def part(items: list[int]) -> int:
        """In a transaction of its own, so that nobody's answer waits for a hundred thousand tasks."""

        def work(tx: Connection, actor: Actor) -> int:
            project = service.project(tx, project_id)
            made = service.request(tx, project, items, body.reason, overlap=body.overlap, actor=actor.label)
            return len(made)

        return door.write(Right.MANAGE, project_id, work)

    parts = (wanted[start : start + PART] for start in range(0, len(wanted), PART))
    return TasksOut(created=sum(map(part, parts)))


@router.delete("/projects/{project_id}/tasks", status_code=204)
def cancel_tasks(project_id: int, door: DoorDep, reason: str = "selection") -> None:
    """End every waiting task of a reason. Who holds one may still answer it."""
    door.write(
        Right.MANAGE,
        project_id,
        lambda tx, actor: service.cancel(tx, service.project(tx, project_id), reason, actor.label),
    )


@router.post("/assignments/{assignment_id}/skip", status_code=204, responses=_LOST)
def skip(assignment_id: int, door: DoorDep, body: SkipIn | None = None) -> None:
    """Give a task back; somebody else gets it."""
    why = "" if body is None else body.why
    door.write(Right.SIGNED_IN, None, lambda tx, actor: service.skip(tx, actor, assignment_id, why))


@router.post(
    "/projects/{project_id}/undo",
    response_model=AssignmentOut,
    responses={409: {"description": "There is nothing to take back."}},
)
def undo(project_id: int, door: DoorDep) -> Response:
    """Take your last answer back; you get its task again with what you had answered."""
    lent = door.write(Right.LABEL, project_id, lambda tx, actor: service.undo(tx, actor, project_id))
    return _json(lent_out(lent))


@router.get("/projects/{project_id}/progress")
def progress(project_id: int, door: DoorDep) -> ProgressOut:
    """How far you are, and how far the project's tasks are."""

    def work(tx: Connection, actor: Actor) -> ProgressOut:
        pace = service.pace(tx, actor.person_id, project_id)
        counted = service.progress(tx, project_id)
        return ProgressOut(
            mine=MineOut(today=pace.today, total=pace.total, seconds_median=pace.seconds_median),
            tasks={
                reason: ReasonProgress(
                    tasks=one.tasks,
                    pending=one.pending,
                    answers_given=one.answers_given,
                    answers_wanted=one.answers_wanted,
                )
                for reason, one in counted.items()
            },
        )

    return door.read(Right.LABEL, project_id, work)


@router.get("/projects/{project_id}/mine")
def mine(
    project_id: int,
    door: DoorDep,
    after: int | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
) -> MyAnswers:
    """Your past answers, newest first."""
    page = door.read(
        Right.LABEL, project_id, lambda tx, actor: service.mine(tx, actor.person_id, project_id, after, limit)
    )
    return MyAnswers(rows=[my_answer(one) for one in page.rows], after=page.after)


def _allowed(actor: Actor, wish: LendIn) -> frozenset[str]:
    """The reasons asked for, as far as the person may see such work."""
    allowed = REASONS if actor.may(Right.REVIEW) else OPEN_TO_ANNOTATORS
    if wish.reasons is None:
        return allowed
    wanted = allowed.intersection(wish.reasons)
    if wish.reasons and not wanted:
        raise Forbidden("This needs the right to review.", right=Right.REVIEW.value)
    return wanted


def _json(content: dict[str, Any], status: int = 200) -> Response:
    """Our own objects need no second check on the way out."""
    return Response(json.dumps(content, ensure_ascii=False), status, media_type="application/json")
