"""What a project's settings may be, for whoever draws a form from it."""

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from meguri.api.galleries import AUTO, BY_SETTING, project_settings
from meguri.labelling.model import Settings


class _OpenDoor:
    def read(self, *_: object) -> None:
        return None


def test_a_stranger_learns_nothing(app: FastAPI) -> None:
    with TestClient(app) as stranger:
        assert stranger.get("/api/v1/project-settings").status_code == 401


@pytest.mark.parametrize("setting", BY_SETTING)
def test_the_default_of_every_setting_that_names_a_member_may_be_chosen(setting: str) -> None:
    said = project_settings(_OpenDoor())  # type: ignore[arg-type]
    names = [member.name for member in said.galleries[setting]]
    assert Settings.model_fields[setting].default in names
    assert set(names) - {AUTO} <= set(BY_SETTING[setting]) | {AUTO}


def test_every_gate_says_what_it_is_and_what_may_be_set() -> None:
    said = project_settings(_OpenDoor())  # type: ignore[arg-type]
    assert {gate.name for gate in said.gates} >= {"enough_labels", "not_worse"}
    assert all(gate.about and "on" in gate.schema_of_settings["properties"] for gate in said.gates)
