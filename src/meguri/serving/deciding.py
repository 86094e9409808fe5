"""Outputs become decisions: routed, written down, and the doubtful ones put to people, in one transaction."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from math import isnan
from typing import Any

from sqlalchemy import Connection

from meguri.kit import clock
from meguri.kit.errors import Invalid
from meguri.labelling import service as labelling
from meguri.labelling.model import REVIEW as LOOK
from meguri.labelling.model import Project
from meguri.serving.model import Decision, Output
from meguri.serving.policies.base import REVIEW, Limits, route
from meguri.serving.repository import decisions as repository
from meguri.storage import journal

POLICY = "threshold"

Name = tuple[str, Any]  # what an output is about: an item, or a client's key


def decide(
    tx: Connection,
    project: Project,
    outputs: Sequence[Output],
    model_version_id: int | None,
    actor: str,
    *,
    due: int | None = None,
) -> list[Decision]:
    """The decision on each output, in order. `model_version_id` None: they are not our model's.

    An output that was decided on before in the same way is that decision. Raises `Invalid` naming every row that
    needs a person but has nothing to show to one.
    """
    limits = Limits(project.settings.threshold)
    kinds = check_can_be_shown(outputs, [output.item_id is not None for output in outputs], limits)
    before = _decided_before(tx, project, outputs, model_version_id)
    made: dict[Name, Decision] = {}
    for output, kind in zip(outputs, kinds, strict=True):
        draft = _draft(project, output, kind, limits, model_version_id)
        old = before.get(_name(output))
        made.setdefault(_name(output), old if old is not None and _is_same(old, draft) else draft)
    for one in _write(tx, project, [one for one in made.values() if not one.id], actor, due):
        made[_name(one)] = one
    return [made[_name(output)] for output in outputs]


def _name(one: Output | Decision) -> Name:
    return ("item", one.item_id) if one.item_id is not None else ("key", one.key)


def check_can_be_shown(outputs: Sequence[Output], shown: Sequence[bool], limits: Limits) -> list[str]:
    """What is to be done with each output. Raises `Invalid` where a person would have to look and it is not `shown`."""
    kinds = [str(kind) for kind in route(POLICY, [output.score for output in outputs], limits)]
    problem = "needs a person, who has nothing to look at: send text, url or data along, or the key of a known item"
    wrong = [
        {"row": row, "field": "key", "problem": problem}
        for row, (kind, can) in enumerate(zip(kinds, shown, strict=True), start=1)
        if kind == REVIEW and not can
    ]
    if wrong:
        raise Invalid(f"Row {wrong[0]['row']} {problem}.", code="serving.nothing_to_show", where=wrong)
    return kinds


def _decided_before(
    tx: Connection, project: Project, outputs: Sequence[Output], model_version_id: int | None
) -> dict[Name, Decision]:
    items = {output.item_id for output in outputs if output.item_id is not None}
    keys = {output.key for output in outputs if output.item_id is None and output.key is not None}
    found: dict[Name, Decision] = {}
    if items:
        found.update({_name(one): one for one in repository.newest_of_items(tx, items, model_version_id).values()})
    if keys:
        newest = repository.newest_of_keys(tx, project.id, keys).values()
        found.update({_name(one): one for one in newest if one.item_id is None})
    return found


def _draft(project: Project, output: Output, kind: str, limits: Limits, model_version_id: int | None) -> Decision:
    return Decision(
        id=0,
        project_id=project.id,
        item_id=output.item_id,
        key=output.key,
        answer=output.answer,
        score=0.0 if isnan(output.score) else output.score,
        probabilities=output.probabilities,
        decision=kind,
        policy=POLICY,
        threshold=limits.threshold,
        model_version_id=model_version_id,
        review_id=None,
        created_at=clock.now(),
    )


def _is_same(old: Decision, new: Decision) -> bool:
    """Whether the same model said the same under the same limits."""
    same_score = abs(old.score - new.score) < 1e-9
    return same_score and (old.answer, old.decision, old.threshold) == (new.answer, new.decision, new.threshold)


def _write(tx: Connection, project: Project, drafts: Sequence[Decision], actor: str, due: int | None) -> list[Decision]:
    if not drafts:
        return []
    without = ("id", "outcome")
    rows = [{name: value for name, value in asdict(one).items() if name not in without} for one in drafts]
    ids = repository.insert(tx, rows)
    repository.count_more(tx, project.id, Counter(one.decision for one in drafts))
    made = [replace(one, id=new) for one, new in zip(drafts, ids, strict=True)]
    tasks = _ask(tx, project, [one for one in made if one.decision == REVIEW], actor, due)
    made = [replace(one, review_id=tasks.get(one.id)) for one in made]
    _tell(tx, made, actor)
    return made


def _ask(tx: Connection, project: Project, doubtful: Sequence[Decision], actor: str, due: int | None) -> dict[int, int]:
    """Have people look; `{decision: task}`. An item that waits for a review already is not asked about twice."""
    items = [one.item_id for one in doubtful if one.item_id is not None]
    if not items:
        return {}
    details = {one.item_id: {"decision": one.id, "due": due} for one in doubtful if one.item_id is not None}
    labelling.request(tx, project, items, LOOK, details=details, actor=actor)
    waiting = labelling.tasks_pending(tx, project.id, LOOK, items)
    tasks = {one.id: waiting[one.item_id] for one in doubtful if one.item_id in waiting}
    repository.set_reviews(tx, tasks)
    return tasks


def _tell(tx: Connection, made: Sequence[Decision], actor: str) -> None:
    journal.write_many(
        tx,
        [
            {
                "kind": "serving.decided",
                "actor": actor if one.model_version_id is None else f"model:{one.model_version_id}",
                "project_id": one.project_id,
                "item_id": one.item_id,
                "task_id": one.review_id,
                "model_version_id": one.model_version_id,
                "policy": one.policy,
                "facts": {
                    "decision": one.id,
                    "kind": one.decision,
                    "answer": one.answer,
                    "score": one.score,
                    "threshold": one.threshold,
                    "asked_by": actor,
                },
            }
            for one in made
        ],
    )
