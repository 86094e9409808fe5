"""Outcomes reach the client: signed, at least once, patiently, and never into the house's own network."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from tests.worlds import QUESTION, answer_one, person, text_project

from meguri.data.model import NewItem
from meguri.kit import clock
from meguri.kit.errors import Conflict, Invalid
from meguri.labelling.model import REVIEW, Project
from meguri.serving import service, webhooks
from meguri.serving.model import CLAIMED_FOR, FIRST_PAUSE, MAX_TRIES, Delivery, Webhook, signature_is_good
from meguri.serving.outputs import OwnOutput
from meguri.serving.repository import outbox
from meguri.storage import jobs
from meguri.storage.store import Store


@dataclass
class Receiver:
    """A client's server on this machine; answers with `status`."""

    url: str = ""
    status: int = 200
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    told = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(told.status)
            if told.status == 302:
                self.send_header("Location", told.url)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    told.url = f"http://127.0.0.1:{server.server_port}/hook?for=us"
    yield told
    server.shutdown()
    server.server_close()


@pytest.fixture
def open_store(store: Store) -> Store:
    """A store whose installation allows webhooks on its own network."""
    return replace(store, config=replace(store.config, private_webhooks=1))


def hook(store: Store, project: Project, url: str) -> tuple[Webhook, str]:
    webhooks.check(store, url)
    return store.database.run(lambda tx: webhooks.add(tx, project.id, url, "person:1"))


def reviewed(store: Store, project: Project, who: int, key: str = "a") -> int:
    """A doubtful output that a person has decided; the decision."""
    row = OwnOutput(key, "sport", 0.3, None, NewItem(key=key, text=f"vote {key}"))
    (decision,) = service.decide_outputs(store, project.id, [row], "person:1")
    answer_one(store, project, who, REVIEW, "politics")
    store.database.run(lambda tx: service.settle(tx, decision.review_id or 0))
    return decision.id


def log(store: Store, webhook: Webhook) -> list[Delivery]:
    with store.database.read() as tx:
        return list(webhooks.deliveries(tx, webhook.id).rows)


def test_an_outcome_arrives_signed_and_says_whether_the_model_was_right(open_store: Store, receiver: Receiver) -> None:
    store = open_store
    project = text_project(store)
    webhook, secret = hook(store, project, receiver.url)
    decision = reviewed(store, project, person(store, project, "emi", "operator"))
    jobs.run_pending(store)
    ((headers, body),) = receiver.got
    told = json.loads(body)
    assert (told["event"], told["decision"], told["key"]) == ("decision.outcome", decision, "a")
    assert told["outcome"]["answers"] == {QUESTION: "politics"}
    assert told["outcome"]["agrees"] is False
    assert signature_is_good(secret, body, headers["meguri-signature"], clock.now())
    assert headers["host"].startswith("127.0.0.1:")
    (delivery,) = log(store, webhook)
    assert (delivery.state, delivery.tries, delivery.last_status) == ("delivered", 1, 200)
    assert headers["meguri-delivery"] == str(delivery.id)
    jobs.run_pending(store)
    webhooks.wake_due(store)
    jobs.run_pending(store)
    assert len(receiver.got) == 1


def test_a_receiver_that_is_down_is_tried_again_later_and_nothing_is_lost(
    open_store: Store, receiver: Receiver
) -> None:
    store = open_store
    project = text_project(store)
    webhook, _ = hook(store, project, receiver.url)
    receiver.status = 503
    reviewed(store, project, person(store, project, "emi", "operator"))
    jobs.run_pending(store)
    (delivery,) = log(store, webhook)
    assert (delivery.state, delivery.tries, delivery.last_status) == ("waiting", 1, 503)
    assert webhooks.wake_due(store) == 0, "not before its pause has ended"
    receiver.status = 204
    with clock.shifted(FIRST_PAUSE + 1_000):
        assert webhooks.wake_due(store) == 1
        jobs.run_pending(store)
    assert log(store, webhook)[0].state == "delivered"
    assert len(receiver.got) == 2


def test_what_never_arrives_is_put_on_a_shelf_from_which_it_can_be_sent_again(
    open_store: Store, receiver: Receiver
) -> None:
    store = open_store
    project = text_project(store)
    webhook, _ = hook(store, project, receiver.url)
    receiver.status = 500
    reviewed(store, project, person(store, project, "emi", "operator"))
    jobs.run_pending(store)
    (delivery,) = log(store, webhook)
    store.database.run(lambda tx: outbox.change(tx, delivery.id, tries=MAX_TRIES - 1, next_at=clock.now()))
    webhooks.deliver(store, webhook.id)
    assert log(store, webhook)[0].state == "dead"
    receiver.status = 200
    store.database.run(lambda tx: webhooks.retry(tx, delivery.id))
    jobs.run_pending(store)
    assert log(store, webhook)[0].state == "delivered"
    with pytest.raises(Conflict):
        store.database.run(lambda tx: webhooks.retry(tx, delivery.id))


def test_a_sender_that_dies_lets_go_and_another_sends(open_store: Store, receiver: Receiver) -> None:
    store = open_store
    project = text_project(store)
    webhook, _ = hook(store, project, receiver.url)
    reviewed(store, project, person(store, project, "emi", "operator"))
    now = clock.now()
    claimed = store.database.run(lambda tx: outbox.claim(tx, webhook.id, now, now + CLAIMED_FOR, 5))
    assert len(claimed) == 1
    assert webhooks.deliver(store, webhook.id) == {"sent": 0, "failed": 0}, "it is another's for a while"
    with clock.shifted(CLAIMED_FOR + 1_000):
        assert webhooks.deliver(store, webhook.id) == {"sent": 1, "failed": 0}


def test_many_senders_at_once_send_each_outcome_once(open_store: Store, receiver: Receiver) -> None:
    store = open_store
    project = text_project(store)
    webhook, _ = hook(store, project, receiver.url)
    operator = person(store, project, "emi", "operator")
    for n in range(12):
        reviewed(store, project, operator, f"k{n}")
    senders = [threading.Thread(target=webhooks.deliver, args=(store, webhook.id)) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert sorted(json.loads(body)["key"] for _, body in receiver.got) == sorted(f"k{n}" for n in range(12))


def test_a_redirect_is_not_followed(open_store: Store, receiver: Receiver) -> None:
    store = open_store
    project = text_project(store)
    webhook, _ = hook(store, project, receiver.url)
    receiver.status = 302
    reviewed(store, project, person(store, project, "emi", "operator"))
    jobs.run_pending(store)
    assert len(receiver.got) == 1
    assert log(store, webhook)[0].state == "waiting"


def test_the_own_network_is_closed_unless_the_installation_opens_it(store: Store, receiver: Receiver) -> None:
    project = text_project(store)
    with pytest.raises(Invalid, match="MEGURI_PRIVATE_WEBHOOKS"):
        hook(store, project, receiver.url)
    # Even one that was let in before the setting was closed, or whose name has changed its address, gets nothing.
    webhook, _ = store.database.run(lambda tx: webhooks.add(tx, project.id, receiver.url, "person:1"))
    reviewed(store, project, person(store, project, "emi", "operator"))
    jobs.run_pending(store)
    assert receiver.got == []
    assert "MEGURI_PRIVATE_WEBHOOKS" in (log(store, webhook)[0].last_error or "")


def test_a_removed_webhook_gets_nothing_more(open_store: Store, receiver: Receiver) -> None:
    store = open_store
    project = text_project(store)
    webhook, _ = hook(store, project, receiver.url)
    operator = person(store, project, "emi", "operator")
    reviewed(store, project, operator, "before")
    store.database.run(lambda tx: webhooks.remove(tx, webhook.id, "person:1"))
    reviewed(store, project, operator, "after")
    jobs.run_pending(store)
    assert webhooks.wake_due(store) == 0
    assert receiver.got == []
    with store.database.read() as tx:
        assert webhooks.webhooks(tx, project.id) == []


def test_nothing_is_put_out_where_the_outcome_is_not_kept(open_store: Store, receiver: Receiver) -> None:
    store = open_store
    project = text_project(store)
    webhook, _ = hook(store, project, receiver.url)
    operator = person(store, project, "emi", "operator")
    row = OwnOutput("a", "sport", 0.3, None, NewItem(key="a", text="vote"))
    (decision,) = service.decide_outputs(store, project.id, [row], "person:1")
    answer_one(store, project, operator, REVIEW, "politics")

    def killed(tx: Any) -> None:
        service.settle(tx, decision.review_id or 0)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.database.run(killed)
    assert log(store, webhook) == []
    jobs.run_pending(store)  # the job that the answer asked for
    assert log(store, webhook)[0].state == "delivered"
