"""A newcomer's whole way in the browser: from an empty site through one turn of the ring, in both languages."""

import csv
import re
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect
from tests.page.conftest import OWNER, Site
from tests.page.words import Words

SLOW = 90_000  # milliseconds for what a worker does: measuring, training
GOOD, BAD = "well made, arrived early, works", "broken, arrived late, sent it back"
ITEMS = 60
BATCH, TEST_LABELS = 8, 5


def reviews(path: Path) -> Path:
    """A CSV of texts that anybody can tell apart."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["text"])
        rows.writerows([f"Order {n}: {BAD if n % 2 else GOOD}."] for n in range(ITEMS))
    return path


def test_from_an_empty_site_through_one_turn_of_the_ring(
    say: Words, site: Site, visit: Callable[..., Page], shoot: Callable[[Page, str], None], tmp_path: Path
) -> None:
    page = visit(say.language)
    enter(page, say)
    project = make_project(page, say, reviews(tmp_path / "reviews.csv"))
    shoot(page, f"ring-{say.language}")
    label_with_keys(page, say, project, shoot)
    see_the_ring_move(page, say, project)
    promote(page, say, project)
    shoot(page, f"models-{say.language}")
    token = make_token(page, say)
    waiting = predict(site, token, project)
    review(page, say, site, token, project, waiting, shoot)


def enter(page: Page, say: Words) -> None:
    """Become the owner on the first visit; sign in on the second."""
    page.goto("/")
    page.wait_for_url(re.compile("/(setup|login)"))
    setting_up = "/setup" in page.url
    if setting_up:
        page.get_by_label(say("auth:name")).fill(OWNER["name"])
    page.get_by_label(say("auth:email")).fill(OWNER["email"])
    page.get_by_label(re.compile("^" + say("auth:password"))).first.fill(OWNER["password"])
    page.get_by_role("button", name=say("auth:setup_action" if setting_up else "auth:login_action")).click()
    page.wait_for_url(re.compile(r"/$"))
    assert page.locator("html").get_attribute("lang") == say.language


def make_project(page: Page, say: Words, table: Path) -> int:
    """The wizard, then two settings: so few test labels suffice, and an engineer confirms."""
    page.goto("/new")
    page.get_by_label(say("wizard:name")).fill(f"Reviews {say.language}")
    page.get_by_role("radio", name=say("wizard:kind_text")).click()
    onward(page, say).click()
    page.get_by_label(say("wizard:question"), exact=True).fill("How was it?")
    for n, name in enumerate(("good", "bad"), start=1):
        page.get_by_role("textbox", name=say("wizard:option_n", n=n), exact=True).fill(name)
    page.get_by_role("button", name=say("wizard:make")).click()
    page.wait_for_url(re.compile("project="))
    page.locator("input[type=file]").first.set_input_files(table)
    page.get_by_role("button", name=say("wizard:add_these")).click()
    expect(page.get_by_text(say.like("wizard:added")).first).to_be_visible()
    onward(page, say).click()
    page.get_by_role("textbox", name=say("wizard:batch")).fill(str(BATCH))
    page.get_by_label(say("wizard:guidelines")).fill("Say how the buyer felt, not how you would.")
    onward(page, say).click()
    launch = page.get_by_role("button", name=say("wizard:launch"))
    expect(launch).to_be_visible()
    address = page.url
    project = int(re.search(r"project=(\d+)", address)[1])  # type: ignore[index]
    confirm_before_going_live(page, say, project)
    page.goto(address)
    launch.click()
    page.wait_for_url(re.compile(rf"/projects/{project}$"))
    return project


def onward(page: Page, say: Words) -> Locator:
    return page.get_by_role("button", name=say("common:next"), exact=True)


def confirm_before_going_live(page: Page, say: Words, project: int) -> None:
    page.goto(f"/projects/{project}/settings")
    group = page.get_by_role("region", name=say("settings:going_live"), exact=True)
    group.get_by_role("switch", name=say("settings:field.confirm_promotion")).check(force=True)
    group.get_by_role("textbox", name=say("settings:field.min_test_labels")).fill(str(TEST_LABELS))
    group.get_by_role("textbox", name=say("settings:field.threshold")).fill("99.9")
    group.get_by_role("button", name=say("common:save")).click()
    expect(group.get_by_text(say("common:saved"))).to_be_visible()


def label_with_keys(page: Page, say: Words, project: int, shoot: Callable[[Page, str], None]) -> None:
    """No mouse: read, press, Enter, as long as the loop asks; the focus never leaves the desk."""
    page.goto(f"/projects/{project}/work")
    item = page.get_by_role("region", name=say("work:item"))
    answered = 0
    end = time.monotonic() + SLOW / 1000
    while answered < ITEMS and time.monotonic() < end:
        if not item.is_visible():
            if answered >= BATCH and step(page, project) == "loop.wait.confirm":
                break
            page.wait_for_timeout(200)
            continue
        text = item.inner_text()
        page.keyboard.press("1" if GOOD in text else "2")
        if answered == 0:
            shoot(page, f"work-{say.language}")
        page.keyboard.press("Enter")
        expect(item.get_by_text(text, exact=True)).to_have_count(0)
        assert page.evaluate("document.activeElement.closest('main') !== null")
        answered += 1
    assert answered >= BATCH
    expect(page.get_by_text(say("work:empty_title"))).to_be_visible()


def step(page: Page, project: int) -> str:
    """The loop's step now, as the page's own session reads it."""
    return str(page.request.get(f"/api/v1/projects/{project}/ring").json()["step"]["code"])


def see_the_ring_move(page: Page, say: Words, project: int) -> None:
    """The ring goes on by itself: the answers are read, a model is trained and waits to be confirmed."""
    page.goto(f"/projects/{project}")
    expect(page.get_by_text(say.like("ring:why.loop.wait.confirm")).first).to_be_visible(timeout=SLOW)


def promote(page: Page, say: Words, project: int) -> None:
    page.goto(f"/projects/{project}/models")
    page.get_by_role("button", name=say("models:promote"), exact=True).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(say("models:reason")).fill("Looked at its errors")
    dialog.get_by_role("button", name=say("models:promote"), exact=True).click()
    expect(page.get_by_text(say("models:champion"), exact=True).first).to_be_visible()


def make_token(page: Page, say: Words) -> str:
    page.goto("/me")
    page.get_by_label(say("settings:token_name")).fill("shop")
    page.get_by_role("button", name=say("settings:token_make")).click()
    field = page.get_by_label(say("settings:token_fresh"))
    expect(field).to_have_value(re.compile("^mgr_"))
    return field.input_value()


def predict(site: Site, token: str, project: int) -> list[dict[str, object]]:
    """What a shop's own program does; gives the outputs that a person must see."""
    items = [{"text": f"New order {n}: {GOOD if n % 2 else BAD}!"} for n in range(4)]
    with site.api(token) as client:
        answer = client.post(f"/projects/{project}/predict", json={"items": items})
    assert answer.status_code in (200, 201), answer.text
    body = answer.json()
    said = body if isinstance(body, list) else body.get("rows", body.get("items"))
    assert len(said) == len(items)
    return [one for one in said if one["decision"] == "review"]


def review(
    page: Page,
    say: Words,
    site: Site,
    token: str,
    project: int,
    waiting: list[dict[str, object]],
    shoot: Callable[[Page, str], None],
) -> None:
    """Agree with the model by Enter alone; the program learns the outcome."""
    assert waiting, "with this threshold every output goes to a person"
    page.goto(f"/projects/{project}/reviews")
    item = page.get_by_role("region", name=say("work:item"))
    for n in range(len(waiting)):
        expect(item).to_be_visible(timeout=SLOW)
        if n == 0:
            shoot(page, f"reviews-{say.language}")
        text = item.inner_text()
        expect(page.get_by_role("button", name=say("work:accept_and_send"))).to_be_visible()
        page.keyboard.press("Enter")
        expect(item.get_by_text(text, exact=True)).to_have_count(0)
    expect(page.get_by_text(say("reviews:empty_title"))).to_be_visible(timeout=SLOW)
    with site.api(token) as client:
        for one in waiting:
            for _ in range(100):
                decision = client.get(f"/decisions/{one['id']}").json()
                if decision["outcome"]:
                    break
                page.wait_for_timeout(200)
            assert decision["outcome"]["answers"] == decision["answer"]
