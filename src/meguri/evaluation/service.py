"""The door of this room: reports, verdicts, and which model is in production."""

from dataclasses import asdict
from typing import Any

import numpy as np
from sqlalchemy import Connection

from meguri.data import service as data
from meguri.evaluation import repository
from meguri.evaluation.gates.base import Case, discordant, mcnemar
from meguri.evaluation.gates.base import judge as judged
from meguri.evaluation.measuring import details, measure, measure_apart, model_of, values_of
from meguri.evaluation.metrics.base import Outcomes
from meguri.evaluation.model import (
    CHAMPION,
    PROMOTE,
    ROLLBACK,
    AliasMove,
    Report,
    Verdict,
    outcomes_of,
    slices_of,
    stack_of,
)
from meguri.kit import clock
from meguri.kit.errors import Conflict, Invalid
from meguri.labelling.model import Project
from meguri.learning import service as learning
from meguri.learning.model import ModelVersion
from meguri.storage import journal
from meguri.storage.store import Store

__all__ = [
    "alias",
    "champion",
    "compare",
    "details",
    "history",
    "judge",
    "measure",
    "measure_apart",
    "model_of",
    "promote",
    "report",
    "reports",
    "rollback",
    "values_of",
    "verdict",
    "verdicts",
]

COMPARED = 500  # differing items that a comparison lists


def judge(tx: Connection, store: Store, project: Project, challenger_id: int) -> Verdict:
    """What the gates say of a model beside the champion, both measured on the test split as it is labelled now."""
    champion_id = alias(tx, project.id, CHAMPION)
    rival = None if champion_id in (None, challenger_id) else champion_id
    case = _case(tx, store, project, challenger_id, rival)
    findings = judged(case, project.settings.gates)
    reasons = [asdict(finding) for finding in findings]
    passed = all(finding.passed for finding in findings)
    there = repository.newest_verdict(tx, project.id, challenger_id)
    if there is not None and there.champion_id == champion_id and there.reasons == reasons:
        return there
    row = {
        "project_id": project.id,
        "challenger_id": challenger_id,
        "champion_id": champion_id,
        "gate": ",".join(finding.gate for finding in findings)[:64],
        "passed": passed,
        "reasons": reasons,
        "created_at": clock.now(),
    }
    kind = "evaluation.passed" if passed else "evaluation.refused"
    why = [{"gate": one["gate"], "code": one["code"], "text": one["text"]} for one in reasons if not one["passed"]]
    journal.write(
        tx, kind, "system", project=project.id, model_version=challenger_id, champion=champion_id, reasons=why
    )
    return repository.insert_verdict(tx, row)


def _case(tx: Connection, store: Store, project: Project, challenger_id: int, champion_id: int | None) -> Case:
    mine = _answers(store, measure(tx, store, project, challenger_id))
    least = project.settings.min_test_labels
    if mine is None:
        nothing = Outcomes(np.zeros((0, 1), bool), np.zeros((0, 1), bool), np.zeros(0), ("",))
        return Case(nothing, min_test_labels=least)
    question, items, outcomes = mine
    slices = slices_of(data.get_many(tx, items), outcomes)
    theirs = None if champion_id is None else _answers(store, measure(tx, store, project, champion_id))
    same = theirs is not None and theirs[0] == question and theirs[1] == items
    return Case(outcomes, theirs[2] if theirs is not None and same else None, slices, least)


def _answers(store: Store, report: Report) -> tuple[str, list[int], Outcomes] | None:
    """The headline question of a report, its items and their outcomes; None where nothing could be measured."""
    question = report.metrics["headline"]
    kept = details(store, report).get(question)
    return None if kept is None else (question, kept["items"], outcomes_of(kept))


def promote(
    tx: Connection, project_id: int, model_version_id: int, actor: str, why: str, *, force: bool = False
) -> AliasMove:
    """Make a model the champion.

    It must have passed the gates beside the present champion; `force` overrides a refusal and needs a reason.
    """
    model_of(tx, project_id, model_version_id)
    now = repository.newest_move(tx, project_id, CHAMPION)
    if now is not None and now.model_version_id == model_version_id:
        return now
    check_may_be_promoted(tx, project_id, model_version_id, why, force=force)
    return _move(tx, project_id, model_version_id, PROMOTE, actor, why, forced=force)


def check_may_be_promoted(tx: Connection, project_id: int, model_version_id: int, why: str, *, force: bool) -> None:
    """Raises `Conflict` where the gates have not let the model pass, `Invalid` where force has no reason."""
    if force and not why.strip():
        raise Invalid("Say why the gates are overruled.", code="evaluation.no_reason", where=[{"field": "why"}])
    said = repository.newest_verdict(tx, project_id, model_version_id)
    if force:
        return
    if said is None or said.champion_id != alias(tx, project_id, CHAMPION):
        raise Conflict(
            "The gates have not judged this model beside the present champion; evaluate it first.",
            code="evaluation.not_judged",
            model=model_version_id,
        )
    if not said.passed:
        refused = [reason for reason in said.reasons if not reason["passed"]]
        raise Conflict(
            "The gates refuse this model. " + " ".join(reason["text"] for reason in refused),
            code="evaluation.refused",
            where=[{"field": reason["gate"], "problem": reason["text"]} for reason in refused],
            reasons=refused,
        )


def rollback(tx: Connection, project_id: int, actor: str, why: str) -> AliasMove:
    """Give production back to the champion before the present one."""
    stack = stack_of(repository.moves(tx, project_id, CHAMPION))
    if len(stack) < 2:
        raise Conflict("There is no earlier champion to go back to.", code="evaluation.nothing_before")
    return _move(tx, project_id, stack[-2], ROLLBACK, actor, why, left=stack[-1])


def _move(tx: Connection, project_id: int, model: int, kind: str, actor: str, why: str, **facts: Any) -> AliasMove:
    row = {
        "project_id": project_id,
        "alias": CHAMPION,
        "model_version_id": model,
        "kind": kind,
        "actor": actor,
        "why": why,
        "at": clock.now(),
    }
    past = {PROMOTE: "evaluation.promoted", ROLLBACK: "evaluation.rolled_back"}[kind]
    journal.write(tx, past, actor, project=project_id, model_version=model, why=why, **facts)
    return repository.insert_move(tx, row)


def alias(tx: Connection, project_id: int, name: str) -> int | None:
    """The model that bears a name, None where none does."""
    move = repository.newest_move(tx, project_id, name)
    return None if move is None else move.model_version_id


def champion(tx: Connection, project_id: int) -> ModelVersion | None:
    """The model in production, None where there is none."""
    found = alias(tx, project_id, CHAMPION)
    return None if found is None else learning.model_version(tx, found)


def history(tx: Connection, project_id: int) -> list[AliasMove]:
    """Every promotion and rollback, the newest first."""
    return repository.moves(tx, project_id)[::-1]


def report(tx: Connection, model_version_id: int) -> Report | None:
    """A model's newest report."""
    return repository.newest_report(tx, model_version_id)


def reports(tx: Connection, project_id: int) -> dict[int, Report]:
    """The newest report of each model of a project."""
    return repository.reports(tx, project_id)


def verdict(tx: Connection, project_id: int, model_version_id: int) -> Verdict | None:
    """The newest verdict on a model."""
    return repository.newest_verdict(tx, project_id, model_version_id)


def verdicts(tx: Connection, project_id: int) -> dict[int, Verdict]:
    """The newest verdict on each model of a project."""
    return repository.verdicts(tx, project_id)


def compare(tx: Connection, store: Store, project: Project, a: int, b: int) -> dict[str, Any]:
    """Two models item by item on the test split as it is labelled now; `p_value` is two-sided."""
    left, right = (measure(tx, store, project, model) for model in (a, b))
    mine, theirs = _answers(store, left), _answers(store, right)
    if mine is None or theirs is None or mine[:2] != theirs[:2]:
        raise Conflict("The two models have no labelled test items in common.", code="evaluation.nothing_in_common")
    name, items, outcomes = mine
    only_b, only_a = discordant(outcomes, theirs[2])
    both = int((outcomes.right & theirs[2].right).sum())
    p_value = min(1.0, 2 * mcnemar(max(only_a, only_b), min(only_a, only_b)))
    question = project.schema.question(name)
    kept = [details(store, one)[name] for one in (left, right)]
    differ = [i for i in range(len(items)) if kept[0]["answers"][i] != kept[1]["answers"][i]][:COMPARED]
    return {
        "a": a,
        "b": b,
        "question": name,
        "both_right": both,
        "only_a": only_a,
        "only_b": only_b,
        "both_wrong": len(items) - both - only_a - only_b,
        "p_value": p_value,
        "items": [
            {
                "item": items[i],
                "truth": values_of(question, kept[0], "truth", i),
                "a": values_of(question, kept[0], "answers", i),
                "b": values_of(question, kept[1], "answers", i),
            }
            for i in differ
        ],
    }
