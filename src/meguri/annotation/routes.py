"""HTTP face: which types of answers there are, and whether questions are well put."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field, TypeAdapter

from meguri.accounts.http import DoorDep
from meguri.accounts.model import Right
from meguri.annotation.model import LabelSchema
from meguri.annotation.types.base import AnnotationType, annotation_types

router = APIRouter(tags=["annotation"])


class ExampleOut(BaseModel):
    """A legal config with legal answers."""

    config: dict[str, Any]
    values: list[Any]


class TypeOut(BaseModel):
    """One kind of answer: what its questions say (`config_schema`) and what its answers look like."""

    name: str
    modalities: list[str] = Field(description="Items it can be asked about; empty: all.")
    config_schema: dict[str, Any]
    value_schema: dict[str, Any]
    example: ExampleOut


class QuestionsIn(BaseModel):
    """Questions as a new project would bring them."""

    questions: list[dict[str, Any]]
    modality: str | None = None


class QuestionsOut(BaseModel):
    """The questions in normal form."""

    questions: list[dict[str, Any]]


@router.get("/annotation-types")
def annotation_type_list(door: DoorDep) -> list[TypeOut]:
    """Every type of answer there is, with JSON schemas to draw a form from."""
    door.read(Right.SIGNED_IN, None, lambda tx, actor: None)
    return [_told(annotation_types[name]) for name in annotation_types]


@router.post("/schema/check")
def check_schema(body: QuestionsIn, door: DoorDep) -> QuestionsOut:
    """The questions in normal form, or 422 that names each one at fault; nothing is kept."""
    door.read(Right.SIGNED_IN, None, lambda tx, actor: None)
    return QuestionsOut(questions=LabelSchema.from_json(body.questions, body.modality).to_json())


def _told(kind: AnnotationType[Any]) -> TypeOut:
    example = kind.example()
    return TypeOut(
        name=kind.name,
        modalities=list(kind.modalities),
        config_schema=kind.Config.model_json_schema(),
        value_schema=TypeAdapter(kind.Value).json_schema(),
        example=ExampleOut(config=example.config, values=list(example.values)),
    )
