"""HTTP face of the loop: the ring, its curve, start, pause and one step."""

from fastapi import APIRouter
from sqlalchemy import Connection

from meguri.accounts.http import DoorDep
from meguri.accounts.model import Actor, Right
from meguri.loop import ring as rings
from meguri.loop import service
from meguri.loop.schemas import Curve, LoopIn, ProjectReport, Ring

router = APIRouter(tags=["loop"])


@router.get("/projects/{project_id}/ring")
def ring(project_id: int, door: DoorDep) -> Ring:
    """The five stations with their counts, the running step and its reason, and what needs you."""
    return door.read(Right.VIEW, project_id, lambda tx, actor: rings.ring(tx, project_id, actor))


@router.post("/projects/{project_id}/loop")
def turn(project_id: int, body: LoopIn, door: DoorDep) -> Ring:
    """Start the loop, let it rest, or have one step done; a worker does the steps."""

    def work(tx: Connection, actor: Actor) -> Ring:
        if body.action == "step":
            service.step_once(tx, project_id)
        else:
            {"start": service.start, "pause": service.pause}[body.action](tx, project_id, actor.label)
        return rings.ring(tx, project_id, actor)

    return door.write(Right.MANAGE, project_id, work)


@router.get("/projects/{project_id}/curve")
def curve(project_id: int, door: DoorDep) -> Curve:
    """Accuracy with its interval against labels and answers bought, one point for each model of the loop."""
    return door.read(Right.VIEW, project_id, lambda tx, actor: Curve(points=rings.points(tx, project_id)))


@router.get("/projects/{project_id}/report")
def report(project_id: int, door: DoorDep) -> ProjectReport:
    """The ring in numbers."""
    return door.read(Right.VIEW, project_id, lambda tx, actor: rings.report(tx, project_id, actor))
