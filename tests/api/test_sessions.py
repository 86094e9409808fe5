"""A browser's way through the door: cookies, CSRF, origins, tokens, links."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from starlette.testclient import TestClient

from meguri.accounts import entry, passwords, service
from meguri.api.app import create_app
from meguri.kit import clock
from meguri.storage.store import Store

API = "/api/v1"
OWNER = {"name": "Hana", "email": "hana@example.org", "password": "a quiet river bend", "language": "ja"}
LOGIN = {key: OWNER[key] for key in ("email", "password")}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hashes that cost the tests little."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._stand_in.cache_clear()
    yield
    passwords._stand_in.cache_clear()


@pytest.fixture
def browser(client: TestClient) -> TestClient:
    """The owner's browser, signed in by the first visit; `X-CSRF-Token` is sent as the page does."""
    made = client.post(f"{API}/setup", json=OWNER)
    assert made.status_code == 201, made.text
    client.headers["X-CSRF-Token"] = made.json()["csrf"]
    return client


def another(app: FastAPI) -> TestClient:
    """One more browser without any cookie."""
    return TestClient(app, raise_server_exceptions=False)


def test_the_first_visit_makes_the_owner_and_signs_them_in(browser: TestClient) -> None:
    me = browser.get(f"{API}/me").json()
    assert (me["role"], me["language"], me["projects"]) == ("owner", "ja", [])
    assert browser.get(f"{API}/setup").json() == {"needed": False}


def test_a_second_setup_is_refused(app: FastAPI, browser: TestClient) -> None:
    late = another(app).post(f"{API}/setup", json={**OWNER, "email": "thief@example.org"})
    assert (late.status_code, late.json()["code"]) == (409, "accounts.set_up_already")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(browser: TestClient) -> None:
    cookie = browser.post(f"{API}/login", json=LOGIN).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
    assert "secure" not in cookie


def test_behind_https_the_cookie_never_travels_in_clear(store: Store) -> None:
    config = replace(store.config, public_url="https://meguri.example.org")
    app = create_app(store=Store(config, store.database, store.blobs))
    answer = another(app).post(f"{API}/setup", json=OWNER)
    assert "secure" in answer.headers["set-cookie"].lower()
    assert "max-age" in answer.headers["strict-transport-security"]


def test_signing_in_makes_a_new_session_and_ends_the_one_before(app: FastAPI, browser: TestClient) -> None:
    before = browser.cookies["meguri_session"]
    browser.post(f"{API}/login", json=LOGIN)
    assert browser.cookies["meguri_session"] != before
    thief = another(app)
    thief.cookies.set("meguri_session", before)
    assert thief.get(f"{API}/me").status_code == 401


def test_a_planted_session_does_not_become_the_victims(app: FastAPI, browser: TestClient) -> None:
    victim = another(app)
    victim.cookies.set("meguri_session", "planted-by-the-thief", domain="testserver.local", path="/")
    victim.post(f"{API}/login", json=LOGIN)
    thief = another(app)
    thief.cookies.set("meguri_session", "planted-by-the-thief")
    assert thief.get(f"{API}/me").status_code == 401


def test_a_session_changes_nothing_without_its_csrf_header(browser: TestClient) -> None:
    for header in (b"", b"wrong", b"\xe6\x97\xa5"):
        answer = browser.patch(f"{API}/me", json={"name": "Mallory"}, headers={b"X-CSRF-Token": header})
        assert (answer.status_code, answer.json()["code"]) == (403, "accounts.csrf")
    assert browser.get(f"{API}/me").json()["name"] == "Hana"


def test_a_page_of_another_site_changes_nothing(browser: TestClient) -> None:
    for origin in ("https://evil.example", "null"):
        answer = browser.patch(f"{API}/me", json={"name": "Mallory"}, headers={"Origin": origin})
        assert (answer.status_code, answer.json()["code"]) == (403, "accounts.foreign_origin")
        assert browser.post(f"{API}/login", json=LOGIN, headers={"Origin": origin}).status_code == 403
    here = {"Origin": "http://testserver"}
    assert browser.patch(f"{API}/me", json={"name": "Hanako"}, headers=here).json()["name"] == "Hanako"


def test_signing_out_ends_the_session_on_the_server(app: FastAPI, browser: TestClient) -> None:
    kept = browser.cookies["meguri_session"]
    assert browser.post(f"{API}/logout").status_code == 204
    thief = another(app)
    thief.cookies.set("meguri_session", kept)
    assert thief.get(f"{API}/me").status_code == 401


def test_a_used_session_is_extended_at_most_once_a_day(browser: TestClient, store: Store) -> None:
    with clock.shifted(20 * clock.DAY):
        assert "max-age" in browser.get(f"{API}/me").headers["set-cookie"].lower()
    with clock.shifted(45 * clock.DAY), store.database.read() as tx:
        service.authenticate(tx, "session", browser.cookies["meguri_session"])


def test_too_many_failed_sign_ins_say_when_to_try_again(app: FastAPI, browser: TestClient) -> None:
    wrong = {**LOGIN, "password": "wrong password"}
    answers = [browser.post(f"{API}/login", json=wrong) for _ in range(entry.FAILURES_OF_ADDRESS + 1)]
    assert [answer.status_code for answer in answers[-2:]] == [401, 429]
    assert int(answers[-1].headers["retry-after"]) > 0


def test_a_token_is_shown_once_and_ends_when_it_is_revoked(app: FastAPI, browser: TestClient) -> None:
    made = browser.post(f"{API}/me/tokens", json={"name": "laptop"}).json()
    program = TestClient(app, headers={"Authorization": f"Bearer {made['token']}"})
    assert program.get(f"{API}/me").json()["email"] == OWNER["email"]
    rows = program.get(f"{API}/me/tokens").json()["rows"]
    assert rows == [{key: made[key] for key in ("id", "name", "hint", "created_at")}]
    assert made["token"].endswith(made["hint"])
    assert program.post(f"{API}/me/tokens", json={"name": "more"}).json()["code"] == "accounts.session_only"
    assert browser.delete(f"{API}/me/tokens/{made['id']}").status_code == 204
    assert program.get(f"{API}/me").status_code == 401


def test_another_password_needs_the_old_one(app: FastAPI, browser: TestClient) -> None:
    fresh = "another quiet river"
    assert browser.patch(f"{API}/me", json={"password": fresh}).status_code == 422
    assert browser.patch(f"{API}/me", json={"password": fresh, "old_password": "wrong one"}).status_code == 403
    other = another(app)
    other.post(f"{API}/login", json=LOGIN)
    changed = browser.patch(f"{API}/me", json={"password": fresh, "old_password": OWNER["password"]})
    assert changed.status_code == 200
    assert browser.get(f"{API}/me").status_code == 200
    assert other.get(f"{API}/me").status_code == 401


def test_a_link_leads_a_newcomer_into_the_project(app: FastAPI, owner: TestClient, project: dict[str, int]) -> None:
    made = owner.post(f"{API}/projects/{project['id']}/invitations", json={"role": "annotator", "uses": 1}).json()
    assert made["url"] == f"http://testserver/join/{made['secret']}"
    guest = another(app)
    look = guest.get(f"{API}/join/{made['secret']}").json()
    assert (look["project_name"], look["role"], look["valid"]) == ("News", "annotator", True)
    me = guest.post(f"{API}/join/{made['secret']}", json={**OWNER, "email": "guest@example.org"})
    assert me.json()["projects"] == [{"id": project["id"], "role": "annotator"}]
    assert guest.get(f"{API}/join/{made['secret']}").json()["valid"] is False
    assert guest.get(f"{API}/projects/{project['id']}").status_code == 200
    late = another(app).post(f"{API}/join/{made['secret']}", json={**OWNER, "email": "late@example.org"})
    assert late.status_code == 409


def test_somebody_with_an_account_accepts_a_link(
    owner: TestClient, outsider: TestClient, project: dict[str, int]
) -> None:
    secret = owner.post(f"{API}/projects/{project['id']}/invitations", json={"role": "operator"}).json()["secret"]
    accepted = outsider.post(f"{API}/join/{secret}/accept").json()
    assert accepted["projects"] == [{"id": project["id"], "role": "operator"}]


def test_a_link_can_be_revoked_by_who_manages_the_project(
    owner: TestClient, engineer: TestClient, operator: TestClient, outsider: TestClient, project: dict[str, int]
) -> None:
    made = owner.post(f"{API}/projects/{project['id']}/invitations", json={"role": "annotator"}).json()
    where = f"{API}/invitations/{made['id']}"
    assert outsider.delete(where).status_code == 404
    assert operator.delete(where).status_code == 403
    assert engineer.delete(where).status_code == 204
    assert engineer.get(f"{API}/projects/{project['id']}/invitations").json()["rows"] == []
    assert owner.get(f"{API}/join/{made['secret']}").json()["valid"] is False


def test_roles_in_a_project_change_and_end(owner: TestClient, annotator: TestClient, project: dict[str, int]) -> None:
    where = f"{API}/projects/{project['id']}/people/{annotator.person_id}"
    assert owner.patch(where, json={"role": "operator"}).status_code == 204
    assert annotator.get(f"{API}/projects/{project['id']}/journal").status_code == 200
    assert owner.delete(where).status_code == 204
    assert annotator.get(f"{API}/projects/{project['id']}").status_code == 404


def test_the_owner_disables_people_but_not_the_last_owner(owner: TestClient, engineer: TestClient) -> None:
    gone = owner.patch(f"{API}/people/{engineer.person_id}", json={"disabled": True})
    assert gone.json()["disabled"] is True
    assert engineer.get(f"{API}/me").status_code == 401
    last = owner.patch(f"{API}/people/{owner.person_id}", json={"disabled": True})
    assert (last.status_code, last.json()["code"]) == (409, "accounts.last_owner")
    page = owner.get(f"{API}/people", params={"limit": 1}).json()
    assert len(page["rows"]) == 1
    assert owner.get(f"{API}/people", params={"after": page["after"]}).json()["rows"][0]["name"] == "Engineer"
