"""Coming in and going out: the first owner, passwords, limits, sessions."""

import threading
from dataclasses import replace

import pytest
from argon2 import PasswordHasher

from meguri.accounts import entry, passwords, service
from meguri.accounts.model import Actor
from meguri.accounts.passwords import Hashed
from meguri.kit import clock
from meguri.kit.errors import Conflict, Forbidden, Invalid, TooMany, Unauthenticated
from meguri.storage import journal
from meguri.storage.store import Store

EMAIL, PASSWORD = "hana@example.org", "a quiet river bend"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def hana(store: Store, **more: object) -> int:
    """Her account, with a hash that costs the tests nothing."""
    kept = Hashed(CHEAP.hash(PASSWORD))
    made = store.database.run(
        lambda tx: service.create_person(tx, email=EMAIL, name="Hana", password=kept, role="owner", **more)
    )
    return made.id


def log_in(store: Store, password: str = PASSWORD, email: str = EMAIL, network: str = "10.0.0.1") -> entry.Session:
    return service.login(store.database, email=email, password=password, network=network, days=30)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that cost little, for tests that sign in often."""
    monkeypatch.setattr(passwords, "_hasher", CHEAP)
    passwords._stand_in.cache_clear()
    yield
    passwords._stand_in.cache_clear()


def test_of_many_who_set_up_at_once_one_becomes_owner(store: Store) -> None:
    outcomes: list[str] = []
    start = threading.Barrier(8)

    def try_it(number: int) -> None:
        start.wait()
        try:
            store.database.run(
                lambda tx: service.setup_owner(tx, email=f"p{number}@example.org", name="P", password=None)
            )
            outcomes.append("owner")
        except Conflict:
            outcomes.append("late")

    threads = [threading.Thread(target=try_it, args=(number,)) for number in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(outcomes) == ["late"] * 7 + ["owner"]


def test_the_right_password_begins_a_session_that_opens_the_door(store: Store, quick: None) -> None:
    person_id = hana(store)
    session = log_in(store, email=" Hana@Example.ORG ")
    with store.database.read() as tx:
        actor, ends_at = service.authenticate(tx, "session", session.secret)
    assert (actor.person_id, actor.csrf) == (person_id, session.csrf)
    assert 29 * clock.DAY < ends_at - clock.now() <= 30 * clock.DAY


@pytest.mark.parametrize(
    ("email", "password"), [(EMAIL, "wrong password"), ("nobody@example.org", PASSWORD), (EMAIL, "")]
)
def test_a_wrong_password_and_an_unknown_address_look_the_same(
    store: Store, quick: None, email: str, password: str
) -> None:
    hana(store)
    with pytest.raises(Unauthenticated) as failure:
        log_in(store, password, email)
    assert failure.value.code == "accounts.login_failed"


def test_an_unknown_address_costs_as_many_hashes_as_a_known_one(
    store: Store, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    hana(store)
    work: list[str] = []

    class Counting:
        def verify(self, kept: str, password: str) -> bool:
            work.append(kept)
            return bool(CHEAP.verify(kept, password))

        hash = staticmethod(CHEAP.hash)
        check_needs_rehash = staticmethod(CHEAP.check_needs_rehash)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    for email in (EMAIL, "nobody@example.org"):
        with pytest.raises(Unauthenticated):
            log_in(store, "wrong password", email)
    assert len(work) == 2
    assert len({len(kept) for kept in work}) == 1


def test_a_hash_made_with_old_parameters_is_replaced_at_the_next_sign_in(store: Store) -> None:
    person_id = hana(store)
    log_in(store)
    with store.database.read() as tx:
        kept = entry.repository.kept_password(tx, person_id)
    assert kept is not None
    assert not passwords.is_outdated(kept)
    log_in(store)


def test_a_person_without_a_password_cannot_sign_in(store: Store, quick: None) -> None:
    store.database.run(lambda tx: service.create_person(tx, email=EMAIL, name="Hana", password=None, role="annotator"))
    with pytest.raises(Unauthenticated):
        log_in(store, "nobody's password")


def test_after_ten_failures_even_the_right_password_waits(store: Store, quick: None) -> None:
    hana(store)
    for number in range(entry.FAILURES_OF_ADDRESS):
        with pytest.raises(Unauthenticated):
            log_in(store, "wrong password", network=f"10.0.{number}.1")
    with pytest.raises(TooMany) as refused:
        log_in(store, network="10.9.9.9")
    assert 0 < refused.value.params["retry_after"] <= entry.WINDOW / 1000 + 1
    with clock.shifted(entry.WINDOW + clock.SECOND):
        log_in(store)


def test_one_network_cannot_try_many_addresses(store: Store, quick: None) -> None:
    for number in range(entry.FAILURES_OF_NETWORK):
        with pytest.raises(Unauthenticated):
            log_in(store, email=f"p{number}@example.org", network=f"2001:db8::{number:x}")
    with pytest.raises(TooMany):
        log_in(store, email="another@example.org", network="2001:db8::ffff")
    with pytest.raises(Unauthenticated):
        log_in(store, email="another@example.org", network="2001:db8:1::1")


def test_the_limit_survives_a_restart(store: Store, quick: None) -> None:
    hana(store)
    for _ in range(entry.FAILURES_OF_ADDRESS):
        with pytest.raises(Unauthenticated):
            log_in(store, "wrong password")
    again = Store.open(replace(store.config))
    with pytest.raises(TooMany):
        log_in(again)
    again.close()


def test_many_guesses_at_once_do_not_slip_past_the_limit(store: Store, quick: None) -> None:
    hana(store)
    outcomes: list[type[Exception]] = []

    def guess() -> None:
        try:
            log_in(store, "wrong password")
        except (Unauthenticated, TooMany) as error:
            outcomes.append(type(error))

    threads = [threading.Thread(target=guess) for _ in range(24)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert outcomes.count(Unauthenticated) == entry.FAILURES_OF_ADDRESS


def test_signing_in_forgives_earlier_failures(store: Store, quick: None) -> None:
    hana(store)
    for _ in range(3):
        for _ in range(entry.FAILURES_OF_ADDRESS - 1):
            with pytest.raises(Unauthenticated):
                log_in(store, "wrong password", network="")
        log_in(store, network="")


def test_a_session_ends_by_itself_and_lasts_while_it_is_used(store: Store, quick: None) -> None:
    hana(store)
    session = log_in(store)
    with clock.shifted(20 * clock.DAY), store.database.read() as tx:
        actor, ends_at = service.authenticate(tx, "session", session.secret)
        assert service.is_fading(ends_at, 30)
    with clock.shifted(20 * clock.DAY):
        store.database.run(lambda tx: service.extend_session(tx, actor.key_id, 30))
    with clock.shifted(49 * clock.DAY), store.database.read() as tx:
        service.authenticate(tx, "session", session.secret)
    with clock.shifted(51 * clock.DAY), store.database.read() as tx, pytest.raises(Unauthenticated):
        service.authenticate(tx, "session", session.secret)


def test_a_fresh_session_is_not_written_at_every_request(store: Store, quick: None) -> None:
    hana(store)
    session = log_in(store)
    with clock.shifted(23 * clock.HOUR), store.database.read() as tx:
        assert not service.is_fading(service.authenticate(tx, "session", session.secret)[1], 30)


def test_another_password_ends_the_other_sessions_and_not_this_one(store: Store, quick: None) -> None:
    hana(store)
    here, there = log_in(store), log_in(store)
    with store.database.read() as tx:
        actor, _ = service.authenticate(tx, "session", here.secret)
    service.change_password(store.database, actor, old=PASSWORD, new="another quiet river", network="")
    with store.database.read() as tx:
        service.authenticate(tx, "session", here.secret)
        with pytest.raises(Unauthenticated):
            service.authenticate(tx, "session", there.secret)
    log_in(store, "another quiet river")


def test_guessing_the_old_password_counts_as_signing_in(store: Store, quick: None) -> None:
    actor = Actor(hana(store), "Hana", "owner")
    for _ in range(entry.FAILURES_OF_ADDRESS):
        with pytest.raises(Forbidden):
            service.change_password(store.database, actor, old="a guess", new="another quiet river", network="")
    with pytest.raises(TooMany):
        service.change_password(store.database, actor, old=PASSWORD, new="another quiet river", network="")


@pytest.mark.parametrize("password", ["short", "x" * 12, EMAIL, "y" * 1000])
def test_a_password_that_is_easy_to_guess_is_refused(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        passwords.hash_password(password, EMAIL)
    assert refused.value.where[0]["field"] == "password"


def test_a_password_is_the_same_however_the_keyboard_writes_it(quick: None) -> None:
    kept = passwords.hash_password("がっこうのひみつだよ").text
    assert passwords.verify("がっこうのひみつだよ", kept)


def test_tidying_forgets_only_what_has_ended(store: Store, quick: None) -> None:
    hana(store)
    old = log_in(store)
    with clock.shifted(31 * clock.DAY):
        fresh = log_in(store)
        store.database.run(service.tidy)
        with store.database.read() as tx:
            service.authenticate(tx, "session", fresh.secret)
            with pytest.raises(Unauthenticated):
                service.authenticate(tx, "session", old.secret)


def test_no_secret_is_ever_in_the_journal(store: Store, quick: None) -> None:
    person_id = hana(store)
    session = log_in(store)
    text, _ = store.database.run(lambda tx: service.create_token(tx, person_id, "laptop"))
    actor = Actor(person_id, "Hana", "owner")
    link, _ = store.database.run(lambda tx: service.invite(tx, actor, project_id=None, role="annotator"))
    with store.database.read() as tx:
        written = str(list(tx.execute(journal.journal.select())))
    assert "accounts.signed_in" in written
    for secret in (session.secret, session.csrf, text, link, PASSWORD, EMAIL):
        assert secret not in written
