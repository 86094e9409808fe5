"""People, memberships, invitations and tokens."""

import threading

import pytest

from meguri.accounts import service
from meguri.accounts.model import Actor, Person, site_role_of_newcomer
from meguri.kit import clock
from meguri.kit.errors import Conflict, Invalid, NotFound, Unauthenticated
from meguri.storage.store import Store

PROJECT = 7


def person(store: Store, name: str, role: str = "annotator") -> Person:
    return store.database.run(
        lambda tx: service.create_person(tx, email=f"{name}@example.org", name=name, password=None, role=role)
    )


def actor(store: Store, name: str, role: str = "owner") -> Actor:
    made = person(store, name, role)
    return Actor(made.id, made.name, made.role)


def invite(store: Store, who: Actor, **more: object) -> str:
    wish: dict[str, object] = {"project_id": PROJECT, "role": "annotator", **more}
    return store.database.run(lambda tx: service.invite(tx, who, **wish))[0]  # type: ignore[arg-type]


def join(store: Store, secret: str, email: str = "new@example.org") -> Person:
    return store.database.run(lambda tx: service.join(tx, secret, name="New", email=email, password=None))


def test_an_address_has_one_account(store: Store) -> None:
    person(store, "hana")
    with pytest.raises(Conflict) as refused:
        person(store, "HANA")
    assert refused.value.code == "accounts.email_taken"
    with store.database.read() as tx:
        assert len(service.people(tx)) == 1


@pytest.mark.parametrize(
    "wrong", [{"email": "no address"}, {"role": "king"}, {"language": "xx"}, {"name": "  "}, {"email": "a@b\x00.c"}]
)
def test_a_person_that_cannot_be_is_refused_with_the_field(store: Store, wrong: dict[str, str]) -> None:
    given = {"email": "a@example.org", "name": "A", "role": "annotator", "language": "en", **wrong}
    with pytest.raises(Invalid) as refused:
        store.database.run(lambda tx: service.create_person(tx, password=None, **given))
    assert refused.value.where[0]["field"] == next(iter(wrong))


def test_the_last_owner_can_neither_be_demoted_nor_disabled(store: Store) -> None:
    owner = person(store, "owner", "owner")
    for change in ({"role": "engineer"}, {"disabled": True}):
        with pytest.raises(Conflict) as refused:
            store.database.run(lambda tx, change=change: service.change_person(tx, owner.id, "system", **change))
        assert refused.value.code == "accounts.last_owner"


def test_two_owners_who_disable_each_other_leave_one(store: Store) -> None:
    first, second = person(store, "first", "owner"), person(store, "second", "owner")
    start = threading.Barrier(2)
    refused: list[int] = []

    def disable(who: int) -> None:
        start.wait()
        try:
            store.database.run(lambda tx: service.change_person(tx, who, "system", disabled=True))
        except Conflict:
            refused.append(who)

    threads = [threading.Thread(target=disable, args=(who.id,)) for who in (first, second)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(refused) == 1


def test_a_disabled_person_is_out_at_once_with_every_key_and_link(store: Store) -> None:
    engineer = actor(store, "engineer", "engineer")
    link = invite(store, engineer)
    text, _ = store.database.run(lambda tx: service.create_token(tx, engineer.person_id, "laptop"))
    with store.database.read() as tx:
        found = service.person(tx, engineer.person_id)
    session = store.database.run(lambda tx: service.open_session(tx, found, 30))
    store.database.run(lambda tx: service.change_person(tx, engineer.person_id, "system", disabled=True))
    with store.database.read() as tx:
        for by, secret in (("token", text), ("session", session.secret)):
            with pytest.raises(Unauthenticated):
                service.authenticate(tx, by, secret)  # type: ignore[arg-type]
        assert not service.invitation_by_secret(tx, link).valid(clock.now())


def test_a_link_lets_in_as_many_as_it_says(store: Store) -> None:
    link = invite(store, actor(store, "owner"), uses=2)
    join(store, link, "a@example.org")
    join(store, link, "b@example.org")
    with pytest.raises(Conflict) as refused:
        join(store, link, "c@example.org")
    assert refused.value.code == "accounts.invitation_ended"
    with store.database.read() as tx:
        assert [member.email for member in service.members(tx, PROJECT)] == ["a@example.org", "b@example.org"]


def test_the_last_use_of_a_link_goes_to_one_of_many(store: Store) -> None:
    link = invite(store, actor(store, "owner"))
    start = threading.Barrier(6)
    came: list[bool] = []

    def come(number: int) -> None:
        start.wait()
        try:
            join(store, link, f"p{number}@example.org")
            came.append(True)
        except Conflict:
            came.append(False)

    threads = [threading.Thread(target=come, args=(number,)) for number in range(6)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert came.count(True) == 1


def test_a_link_ends_with_its_days_and_when_it_is_revoked(store: Store) -> None:
    owner = actor(store, "owner")
    link = invite(store, owner, days=2)
    with clock.shifted(3 * clock.DAY), pytest.raises(Conflict):
        join(store, link)
    with store.database.read() as tx:
        found = service.invitation_by_secret(tx, link)
    store.database.run(lambda tx: service.revoke_invitation(tx, owner, found))
    with pytest.raises(Conflict):
        join(store, link)
    with store.database.read() as tx:
        assert service.invitations(tx, PROJECT) == []


def test_a_use_is_not_lost_to_somebody_who_cannot_join(store: Store) -> None:
    link = invite(store, actor(store, "owner"))
    with pytest.raises(Conflict):
        join(store, link, "owner@example.org")
    assert join(store, link).role == "annotator"


def test_only_an_owners_link_makes_people_who_may_create_projects() -> None:
    assert site_role_of_newcomer("engineer", "owner") == "engineer"
    assert site_role_of_newcomer("engineer", "engineer") == "operator"
    assert site_role_of_newcomer("annotator", "engineer") == "annotator"


def test_a_member_who_follows_a_link_keeps_their_role_and_uses_up_nothing(store: Store) -> None:
    owner, engineer = actor(store, "owner"), actor(store, "engineer", "engineer")
    store.database.run(lambda tx: service.add_member(tx, PROJECT, engineer.person_id, "engineer"))
    link = invite(store, owner)
    assert store.database.run(lambda tx: service.accept(tx, engineer, link)).project_role == "engineer"
    newcomer = actor(store, "new", "annotator")
    assert store.database.run(lambda tx: service.accept(tx, newcomer, link)).project_role == "annotator"


def test_who_leaves_a_project_leaves_no_open_links_to_it(store: Store) -> None:
    engineer = actor(store, "engineer", "engineer")
    store.database.run(lambda tx: service.add_member(tx, PROJECT, engineer.person_id, "engineer"))
    link = invite(store, engineer)
    store.database.run(lambda tx: service.remove_member(tx, PROJECT, engineer.person_id, "system"))
    with pytest.raises(Conflict):
        join(store, link)
    with pytest.raises(NotFound):
        store.database.run(lambda tx: service.remove_member(tx, PROJECT, engineer.person_id, "system"))


def test_a_revoked_token_opens_nothing_and_belongs_to_its_owner_alone(store: Store) -> None:
    one, other = person(store, "one"), person(store, "other")
    text, token = store.database.run(lambda tx: service.create_token(tx, one.id, "laptop"))
    with pytest.raises(NotFound):
        store.database.run(lambda tx: service.revoke_token(tx, other.id, token.id))
    store.database.run(lambda tx: service.revoke_token(tx, one.id, token.id))
    with store.database.read() as tx:
        assert service.tokens(tx, one.id) == []
        with pytest.raises(Unauthenticated):
            service.authenticate(tx, "token", text)


def test_keys_of_one_kind_are_not_keys_of_the_other(store: Store) -> None:
    one = person(store, "one")
    text, _ = store.database.run(lambda tx: service.create_token(tx, one.id, "laptop"))
    session = store.database.run(lambda tx: service.open_session(tx, one, 30))
    with store.database.read() as tx:
        for by, secret in (("session", text), ("token", session.secret)):
            with pytest.raises(Unauthenticated):
                service.authenticate(tx, by, secret)  # type: ignore[arg-type]
