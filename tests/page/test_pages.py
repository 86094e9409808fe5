"""The other pages of daily work: items, one item, reviews, people, settings, oneself."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing

import httpx
import pytest
from playwright.sync_api import Page, expect
from tests.conftest import _missing
from tests.page.conftest import Site
from tests.page.test_desk import TONE
from tests.page.words import FRONTEND, Words
from tests.page.world import make_project, owner_of, sign_in, texts

AXE = FRONTEND / "node_modules" / "axe-core" / "axe.min.js"
PLACES = ("/work", "/items", "/items?view=table", "/items/{item}", "/reviews", "/people", "/settings")

# Colours in the middle of a transition have a contrast that nobody reads by.
MOTION_ENDS = """() => Promise.race([
    new Promise((enough) => setTimeout(enough, 1000)),
    Promise.all(document.getAnimations()
        .filter((one) => one.effect.getComputedTiming().endTime !== Infinity)
        .map((one) => one.finished.catch(() => null)))]).then(() => null)"""

Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def owner(site: Site) -> Iterator[httpx.Client]:
    with closing(owner_of(site)) as client:
        yield client


@pytest.fixture(scope="module")
def project(owner: httpx.Client) -> int:
    """Thirty texts, five of them answered."""
    made = make_project(owner, "text", [TONE], texts(30))
    for _ in range(5):
        lent = owner.post(f"/projects/{made}/assignments").json()
        owner.post(f"/assignments/{lent['id']}/answer", json={"answers": {"tone": "good"}, "seconds": 2})
    return made


def places(owner: httpx.Client, project: int) -> list[str]:
    item = owner.get(f"/projects/{project}/items").json()["rows"][0]["id"]
    return [*(f"/projects/{project}{place.format(item=item)}" for place in PLACES), "/me"]


def quiet(page: Page) -> None:
    """Wait until the page shows what it has to show."""
    page.wait_for_load_state("load")
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    page.evaluate(MOTION_ENDS)


@pytest.mark.parametrize("width", [390, 360])
def test_no_page_scrolls_sideways_on_a_phone(
    say: Words, owner: httpx.Client, project: int, visit: Visit, shoot: Callable[[Page, str], None], width: int
) -> None:
    page = visit(say.language, width, 844 if width == 390 else 640)
    sign_in(page)
    wide = {}
    for place in places(owner, project):
        page.goto(place)
        quiet(page)
        shoot(page, f"{re.sub(r'[^a-z]+', '-', place.split('/', 3)[-1])}-{say.language}")
        if (needed := page.evaluate("document.documentElement.scrollWidth")) > width:
            wide[place] = needed
    assert wide == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_can_be_read_and_used_by_everybody(
    owner: httpx.Client, project: int, visit: Visit, scheme: str
) -> None:
    """axe finds nothing serious: names, roles, contrast, order of headings."""
    if not AXE.is_file():
        _missing("axe-core (of the page's own packages)")
    page = visit("en", color_scheme=scheme)
    page.add_init_script(f"localStorage.setItem('mantine-color-scheme-value', '{scheme}')")
    sign_in(page)
    found = {}
    for place in places(owner, project):
        page.goto(place)
        quiet(page)
        page.evaluate(AXE.read_text("utf-8"))
        faults = page.evaluate("axe.run().then((said) => said.violations)")
        serious = [fault for fault in faults if fault["impact"] in ("serious", "critical")]
        if serious:
            found[place] = [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in serious]
    assert found == {}


def test_items_are_filtered_by_a_sentence_that_is_in_the_address(say: Words, project: int, visit: Visit) -> None:
    page = visit(say.language)
    sign_in(page)
    page.goto(f"/projects/{project}/items")
    expect(page.get_by_role("article")).to_have_count(30)
    page.get_by_role("searchbox").fill("number 7.")
    page.keyboard.press("Enter")
    expect(page.get_by_role("article")).to_have_count(1)
    expect(page.get_by_text(say.like("items:is_containing"))).to_be_visible()
    expect(page).to_have_url(re.compile("q="))
    page.reload()
    expect(page.get_by_role("article")).to_have_count(1)


def test_people_are_asked_about_picked_items(say: Words, owner: httpx.Client, visit: Visit) -> None:
    wish = {"name": "Pick", "modality": "text", "questions": [TONE]}
    made = owner.post("/projects", json=wish).json()["id"]
    owner.post(f"/projects/{made}/items", json=texts(6))
    page = visit(say.language)
    sign_in(page)
    page.goto(f"/projects/{made}/items?view=table")
    boxes = page.get_by_role("checkbox")
    boxes.nth(0).click()
    boxes.nth(3).click(modifiers=["Shift"])
    page.get_by_role("toolbar").get_by_role("button", name=say("items:ask")).click()
    expect(page.get_by_text(say.like("items:asked"))).to_be_visible()
    tasks = owner.get(f"/projects/{made}/progress").json()["tasks"]
    assert tasks["selection"]["pending"] == 4


def test_one_item_tells_its_life(say: Words, owner: httpx.Client, project: int, visit: Visit) -> None:
    page = visit(say.language)
    sign_in(page)
    page.goto(places(owner, project)[3])
    expect(page.get_by_text("Text number 0.")).to_be_visible()
    life = page.get_by_role("region", name=say("items:life"))
    expect(life.get_by_role("listitem")).not_to_have_count(0)
    expect(life).not_to_contain_text("{{")


def test_a_link_lets_somebody_in_who_then_finds_work(say: Words, project: int, visit: Visit) -> None:
    page = visit(say.language)
    sign_in(page)
    page.goto(f"/projects/{project}/people")
    page.get_by_role("button", name=say("people:make_link")).click()
    link = page.get_by_label(say.like("people:fresh_link")).input_value()
    guest = visit(say.language, 390, 844)
    guest.goto(link)
    guest.get_by_label(say("auth:name")).fill(f"Ken {say.language}")
    guest.get_by_label(say("auth:email")).fill(f"ken-{say.language}@example.org")
    guest.get_by_label(re.compile("^" + say("auth:password"))).first.fill("nine lanterns on the river")
    guest.get_by_role("button", name=say("auth:join_action")).click()
    guest.wait_for_url(re.compile(r"/projects/|/$"))
    guest.goto(f"/projects/{project}/work")
    expect(guest.get_by_role("region", name=say("work:item"))).to_be_visible()
    page.reload()
    expect(page.get_by_role("cell", name=re.compile(f"Ken {say.language}")).first).to_be_visible()


def test_settings_say_in_words_what_a_new_model_must_pass(
    say: Words, owner: httpx.Client, project: int, visit: Visit
) -> None:
    page = visit(say.language)
    sign_in(page)
    page.goto(f"/projects/{project}/settings")
    least = {"en": "80", "ja": "81"}[say.language]
    gates = page.get_by_role("region", name=say("settings:gates"))
    expect(gates.get_by_text(say("settings:gate.not_worse"))).to_be_visible()
    gates.get_by_label(say("settings:gate_field.minimum.accuracy")).fill(least)
    gates.get_by_role("button", name=say("common:save")).click()
    expect(gates.get_by_text(say("common:saved"))).to_be_visible()
    assert owner.get(f"/projects/{project}").json()["settings"]["gates"]["minimum"]["accuracy"] == int(least) / 100
