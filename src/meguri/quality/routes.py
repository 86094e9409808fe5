"""HTTP face: the people of a project with their skill, and how far they agree."""

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import Connection

from meguri.accounts import people
from meguri.accounts.http import DoorDep
from meguri.accounts.model import Actor, Member, Right
from meguri.annotation import service as annotations
from meguri.kit import clock
from meguri.labelling import service as labelling
from meguri.quality import service
from meguri.quality.service import Standing

router = APIRouter(tags=["quality"])


class MemberRow(BaseModel):
    """A member of a project.

    `skill` is the share of their answers that the consensus supports, between `skill_low` and `skill_high` with 95 %
    confidence, judged on items that others answered too; null before there are any. `agreement` is the mean
    similarity of their answers to the others'.
    """

    id: int
    name: str
    email: str
    role: str
    since: str
    disabled: bool
    answers: int
    skill: float | None
    skill_low: float | None
    skill_high: float | None
    agreement: float | None
    last_seen: str | None


class MemberRows(BaseModel):
    """Everybody in a project, oldest member first."""

    rows: list[MemberRow]


class AgreementRow(BaseModel):
    """Mean similarity of two people's answers to a question, over so many answers."""

    question: str
    agreement: float | None
    answers: int


class AgreementRows(BaseModel):
    """How far people agree, by question."""

    rows: list[AgreementRow]


@router.get("/projects/{project_id}/people")
def people_of_project(project_id: int, door: DoorDep) -> MemberRows:
    """Everybody in a project, with how much they answered and how well."""

    def work(tx: Connection, actor: Actor) -> MemberRows:
        standings = service.standings(tx, labelling.project(tx, project_id))
        active = annotations.activity(tx, project_id)
        return MemberRows(
            rows=[
                _row(member, standings.get(member.person_id), active.get(member.person_id))
                for member in people.members(tx, project_id)
            ]
        )

    return door.read(Right.VIEW, project_id, work)


@router.get("/projects/{project_id}/agreement")
def agreement(project_id: int, door: DoorDep) -> AgreementRows:
    """How far people agree, by question."""

    def work(tx: Connection, actor: Actor) -> AgreementRows:
        found = service.agreement(tx, project_id)
        return AgreementRows(
            rows=[AgreementRow(question=name, agreement=mean, answers=n) for name, (mean, n) in found.items()]
        )

    return door.read(Right.VIEW, project_id, work)


def _row(member: Member, standing: Standing | None, active: tuple[int, int] | None) -> MemberRow:
    judged = standing is not None and standing.skill is not None
    return MemberRow(
        id=member.person_id,
        name=member.name,
        email=member.email,
        role=member.role,
        since=clock.iso(member.since),
        disabled=member.disabled_at is not None,
        answers=0 if active is None else active[0],
        skill=None if standing is None else standing.skill,
        skill_low=standing.skill_low if standing is not None and judged else None,
        skill_high=standing.skill_high if standing is not None and judged else None,
        agreement=None if standing is None else standing.agreement,
        last_seen=None if active is None else clock.iso(active[1]),
    )
