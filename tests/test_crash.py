"""Killed anywhere, nothing acknowledged is lost and the loop goes on (`python -m bench.crash` kills more often)."""

from bench import crash


def test_nothing_acknowledged_is_lost_when_server_and_worker_are_killed(database_url: str) -> None:
    found = crash.run(database_url, kills=6, items=250, budget=60, limit=240)
    assert found.sound, found
    assert found.kills == 6
    assert found.acknowledged >= 60
    assert found.labels >= 60
