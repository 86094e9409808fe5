"""The terminal, driven as a person would: a command, what it prints, its exit status."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from meguri.cli import demo as demo_command
from meguri.cli.main import app, complain
from meguri.kit.errors import Invalid, MeguriError
from meguri.labelling import service as labelling
from meguri.storage import migrate
from meguri.storage.store import Store

RUNNER = CliRunner()
MOODS = {"good": ("sunny", "happy", "lovely", "bright"), "bad": ("gloomy", "sad", "awful", "dark")}


def meguri(*arguments: Any) -> Result:
    """Run a command; what the house refuses comes out as its error."""
    return RUNNER.invoke(app, [str(argument) for argument in arguments], catch_exceptions=True)


def refused(*arguments: Any) -> MeguriError:
    """Run a command that must be refused; the error."""
    result = meguri(*arguments)
    assert isinstance(result.exception, MeguriError), result.output
    return result.exception


def texts(folder: Path, name: str = "moods.csv", count: int = 200) -> Path:
    """A labelled CSV whose labels can be learnt."""
    lines = ["text,label"]
    for number in range(count):
        mood = ("good", "bad")[number % 2]
        words = MOODS[mood]
        lines.append(f"day {number} was {words[number % 4]} and {words[(number // 3) % 4]},{mood}")
    target = folder / name
    target.write_text("\n".join(lines) + "\n")
    return target


@pytest.fixture
def project(tmp_path: Path) -> tuple[Path, int]:
    """A data folder with one text project in it, and the project's number."""
    folder = tmp_path / "data"
    from meguri.kit.config import Config

    store = Store.open(Config(data=folder))
    migrate.upgrade(store)
    question = {"name": "mood", "type": "choice", "options": ["good", "bad"]}
    made = store.database.run(
        lambda tx: labelling.create_project(tx, "system", name="Moods", modality="text", questions=[question])
    )
    store.close()
    return folder, made.id


def test_what_the_house_refuses_is_said_with_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    complain(
        Invalid("The label is unknown.", where=[{"row": 3, "field": "label", "problem": "'godo' is not an option"}])
    )
    said = capsys.readouterr().err
    assert "The label is unknown." in said
    assert "row 3" in said
    assert "'godo' is not an option" in said


def test_an_account_is_made_listed_and_given_a_token(tmp_path: Path) -> None:
    made = meguri(
        "user", "add", "a@example.org", "--role", "owner", "--password", "a long password", "--data", tmp_path
    )
    assert made.exit_code == 0, made.output
    assert "a@example.org" in meguri("user", "list", "--data", tmp_path).output
    token = meguri("token", "a@example.org", "--data", tmp_path).output.strip()
    assert token.startswith("mgr_")
    assert token not in meguri("user", "list", "--data", tmp_path).output


def test_a_token_for_nobody_is_refused(tmp_path: Path) -> None:
    assert refused("token", "nobody@example.org", "--data", tmp_path).status == 404


def test_what_is_imported_can_be_exported(project: tuple[Path, int], tmp_path: Path) -> None:
    folder, number = project
    added = meguri("import", number, texts(tmp_path, count=40), "--data", folder)
    assert "40 added, 0 were there before." in added.output
    again = meguri("import", number, texts(tmp_path, count=40), "--data", folder)
    assert "0 added, 40 were there before." in again.output
    target = tmp_path / "out.jsonl"
    assert meguri("export", number, "--output", target, "--data", folder).exit_code == 0
    assert len(target.read_text().splitlines()) == 40


def test_a_backup_is_restored_whole(project: tuple[Path, int], tmp_path: Path) -> None:
    folder, number = project
    meguri("import", number, texts(tmp_path, count=40), "--data", folder)
    assert meguri("backup", tmp_path / "all.zip", "--data", folder).exit_code == 0
    assert "Restored" in meguri("restore", tmp_path / "all.zip", "--data", tmp_path / "again").output
    assert len(meguri("export", number, "--data", tmp_path / "again").output.splitlines()) == 40
    assert refused("restore", tmp_path / "all.zip", "--data", folder).status == 409


def test_a_bad_row_stops_the_whole_import_and_is_named(project: tuple[Path, int], tmp_path: Path) -> None:
    folder, number = project
    broken = tmp_path / "broken.csv"
    broken.write_text("text,label\nfine,good\nwrong,godo\n")
    error = refused("import", number, broken, "--data", folder)
    assert error.where[0]["row"] == 3
    target = tmp_path / "out.jsonl"
    meguri("export", number, "--output", target, "--data", folder)
    assert target.read_text() == ""


def test_a_simulation_writes_its_curves(tmp_path: Path) -> None:
    target, picture = tmp_path / "out.json", tmp_path / "curve.svg"
    done = meguri(
        *("simulate", texts(tmp_path), "--budget", 40, "--batch", 20, "--compare", "random,margin", "--seeds", "2"),
        *("--annotators", 3, "--annotator-accuracy", 0.9, "--overlap", 2, "--json", target, "--plot", picture),
    )
    assert done.exit_code == 0, done.output
    figures = json.loads(target.read_text())
    assert figures["dataset"] == "moods.csv"
    assert 0.5 < figures["full_accuracy"] <= 1
    assert [(run["strategy"], run["seed"]) for run in figures["runs"]] == [
        ("random", 0),
        ("random", 1),
        ("margin", 0),
        ("margin", 1),
    ]
    for run in figures["runs"]:
        assert [point["labels"] for point in run["curve"]] == [20, 40]
        assert [point["answers"] for point in run["curve"]] == [40, 80]
        assert all(0 <= point["accuracy"] <= 1 and 0 <= point["macro_f1"] <= 1 for point in run["curve"])
    assert picture.read_text().lstrip().startswith("<?xml")


def test_the_same_seed_is_the_same_simulation(tmp_path: Path) -> None:
    found = []
    for number in range(2):
        target = tmp_path / f"{number}.json"
        meguri("simulate", texts(tmp_path), "--budget", 40, "--seeds", "7,", "--json", target)
        found.append(json.loads(target.read_text())["runs"])
    assert found[0] == found[1]


def test_a_simulation_reads_a_folder_of_class_folders(tmp_path: Path) -> None:
    for mood, words in MOODS.items():
        (tmp_path / "moods" / mood).mkdir(parents=True)
        for number in range(40):
            text = f"{number} {words[number % 4]} {words[(number // 4) % 4]}"
            (tmp_path / "moods" / mood / f"{number}.txt").write_text(text)
    target = tmp_path / "out.json"
    assert meguri("simulate", tmp_path / "moods", "--budget", 20, "--json", target).exit_code == 0
    assert json.loads(target.read_text())["runs"][0]["strategy"] == "auto"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--label", "mood"], "there are: text, label"),
        (["--strategy", "crystal-ball"], "there are: auto"),
        (["--seeds", "many"], "--seeds takes a number"),
    ],
)
def test_a_simulation_says_what_it_cannot_do(tmp_path: Path, arguments: list[str], words: str) -> None:
    assert words in refused("simulate", texts(tmp_path), *arguments).detail


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A small demo: its data folder and its figures."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("BUDGET", 120), ("BATCH", 40), ("STREAM", 150)):
            patch.setattr(demo_command, name, value)
        done = meguri("demo", "--no-serve", "--data", folder, "--json", folder.parent / "out.json")
    assert done.exit_code == 0, (done.output, done.exception)
    return folder, json.loads((folder.parent / "out.json").read_text())


def test_the_demo_goes_once_round_the_ring(shown: tuple[Path, dict[str, Any]]) -> None:
    folder, figures = shown
    wanted = {"labels", "answers", "accuracy", "accuracy_low", "accuracy_high", "automated_share", "automated_error"}
    for arm in ("rounds", "random"):
        assert [point["labels"] for point in figures[arm]][:3] == [40, 80, 120]
        assert all(wanted <= set(point) for point in figures[arm])
        assert all(p["accuracy_low"] <= p["accuracy"] <= p["accuracy_high"] for p in figures[arm])
    assert figures["stream"]["items"] == 150
    assert figures["stream"]["learnt"] > 0
    assert figures["champion"] >= 1
    assert (folder / "learning-curve.svg").exists()


def test_the_demo_shows_a_worse_model_refused_and_a_rollback(shown: tuple[Path, dict[str, Any]]) -> None:
    _, figures = shown
    assert len(figures["refused"]) == 1
    assert figures["refused"][0]["reason"]
    assert figures["rollback"]["to"] < figures["rollback"]["from"] == figures["rollback"]["forward"]


def test_the_demo_finds_out_who_clicks_at_random(shown: tuple[Path, dict[str, Any]]) -> None:
    _, figures = shown
    skills = {person["name"]: person["skill"] for person in figures["people"]}
    assert min(skills, key=skills.__getitem__) == "Random clicker"


def test_models_are_listed_and_rolled_back_in_the_terminal(shown: tuple[Path, dict[str, Any]]) -> None:
    folder, figures = shown
    listed = meguri("models", "list", 1, "--data", folder).output
    assert "champion" in listed
    assert "refused" in listed
    back = meguri("models", "rollback", 1, "--why", "to see", "--data", folder)
    assert "is the champion again" in back.output
    forward = meguri("models", "promote", 1, figures["champion"], "--force", "--why", "seen", "--data", folder)
    assert f"Model {figures['champion']} is the champion." in forward.output
    assert "to see" in meguri("models", "history", 1, "--data", folder).output


def test_the_gates_verdict_stands_in_the_terminal_too(shown: tuple[Path, dict[str, Any]]) -> None:
    folder, figures = shown
    assert refused("models", "promote", 1, figures["refused"][0]["number"], "--data", folder).status == 409
    assert refused("models", "promote", 1, 999, "--data", folder).status == 404


def test_the_demo_never_empties_a_folder_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("four years")
    assert refused("demo", "--no-serve", "--data", tmp_path).status == 409
    assert (tmp_path / "thesis.txt").exists()
