"""The desk of people's daily work: keys, speed, nothing lost, phones. Numbers as in docs on the page's design."""

from collections.abc import Callable, Iterator
from contextlib import closing

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect
from tests.page.conftest import Site
from tests.page.words import Words
from tests.page.world import make_project, mine, owner_of, pictures, sign_in, texts

SAY = Words("en")
TONE = {"name": "tone", "type": "choice", "title": "Tone", "options": ["good", "bad", "neither"]}
TOPICS = {"name": "topics", "type": "choices", "title": "About", "options": ["price", "size"], "required": False}
SPECIES = {"name": "species", "type": "choice", "title": "Species", "options": [f"species {n}" for n in range(20)]}
SLOW_SERVER = """
const real = window.fetch;
window.fetch = async (...call) => { await new Promise((done) => setTimeout(done, 500)); return real(...call); };
"""
STOPWATCH = """() => {
  window.waits = [];
  let pressed = 0;
  addEventListener("keydown", (event) => { if (event.key === "Enter") pressed = performance.now(); }, true);
  new MutationObserver(() => {
    if (!pressed) return;
    const from = pressed;
    pressed = 0;
    requestAnimationFrame(() => {
      const painted = new MessageChannel();
      painted.port1.onmessage = () => window.waits.push(performance.now() - from);
      painted.port2.postMessage(0);
    });
  }).observe(document.querySelector("main"), { subtree: true, childList: true });
}"""

Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def owner(site: Site) -> Iterator[httpx.Client]:
    with closing(owner_of(site)) as client:
        yield client


def item_of(page: Page) -> Locator:
    return page.get_by_role("region", name=SAY("work:item"))


def at_work(visit: Visit, project: int, *window: object) -> Page:
    page = visit(*window)
    sign_in(page)
    page.goto(f"/projects/{project}/work")
    expect(item_of(page)).to_be_visible()
    return page


def answer(page: Page, key: str = "1") -> None:
    """Answer by keys and wait until another item stands there."""
    text = item_of(page).inner_text()
    page.keyboard.press(key)
    page.keyboard.press("Enter")
    expect(item_of(page).get_by_text(text, exact=True)).to_have_count(0)


def sent(page: Page, owner: httpx.Client, project: int, count: int) -> list[int]:
    """The items answered, once `count` answers have arrived."""
    for _ in range(100):
        rows = mine(owner, project)
        if len(rows) >= count:
            break
        page.wait_for_timeout(100)
    return [row["item"] for row in rows]


def test_fifty_items_are_labelled_without_a_mouse(owner: httpx.Client, visit: Visit) -> None:
    project = make_project(owner, "text", [TONE], texts(51))
    page = at_work(visit, project)
    for n in range(50):
        answer(page, "123"[n % 3])
        assert page.evaluate("document.activeElement.closest('main') !== null")
    assert len(set(sent(page, owner, project, 50))) == 50


def test_the_next_task_is_there_although_the_server_is_slow(owner: httpx.Client, visit: Visit) -> None:
    project = make_project(owner, "image", [TONE], pictures(30))
    page = visit()
    page.add_init_script(SLOW_SERVER)
    sign_in(page)
    page.goto(f"/projects/{project}/work")
    expect(item_of(page).get_by_role("img")).to_be_visible()
    page.wait_for_timeout(3000)  # the first tasks come one after the other
    page.evaluate(STOPWATCH)
    for _ in range(15):
        page.keyboard.press("1")
        page.keyboard.press("Enter")
        expect(item_of(page).get_by_role("img")).to_be_visible()
        page.wait_for_timeout(1200)
    waits = sorted(page.evaluate("window.waits"))
    assert len(waits) == 15
    assert waits[7] <= 100, waits
    assert waits[-1] < 400, waits  # never as long as the server takes


def test_work_goes_on_without_a_network_and_every_answer_arrives_once(owner: httpx.Client, visit: Visit) -> None:
    project = make_project(owner, "text", [TONE], texts(10))
    page = at_work(visit, project)
    page.wait_for_timeout(1500)
    page.context.set_offline(True)
    for _ in range(3):
        answer(page)
    expect(page.get_by_text(SAY.like("work:offline"))).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text(SAY.like("work:offline"))).to_have_count(0)
    items = sent(page, owner, project, 3)
    assert len(items) == len(set(items)) == 3


def test_a_killed_page_loses_neither_draft_nor_answers(owner: httpx.Client, visit: Visit) -> None:
    project = make_project(owner, "text", [TONE], texts(10))
    page = at_work(visit, project)
    page.wait_for_timeout(1500)
    page.context.set_offline(True)
    answer(page, "2")
    answer(page, "3")
    begun = item_of(page).inner_text()
    page.keyboard.press("2")
    context = page.context
    page.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto(f"/projects/{project}/work")
    expect(item_of(again)).to_have_text(begun)
    expect(again.get_by_role("radio", name="bad")).to_be_checked()
    assert len(sent(again, owner, project, 2)) == 2
    assert [row["answers"]["tone"] for row in mine(owner, project)] == ["neither", "bad"]


def test_ten_answers_can_be_taken_back_and_changed(owner: httpx.Client, visit: Visit) -> None:
    project = make_project(owner, "text", [TONE], texts(15))
    page = at_work(visit, project)
    seen = []
    for _ in range(10):
        seen.append(item_of(page).inner_text())
        answer(page)
    sent(page, owner, project, 10)
    for text in reversed(seen):
        page.keyboard.press("Backspace")
        expect(item_of(page)).to_have_text(text)
        expect(page.get_by_role("radio", name="good")).to_be_checked()
    answer(page, "2")
    assert len(sent(page, owner, project, 1)) == 1
    assert mine(owner, project)[0]["answers"] == {"tone": "bad"}


def test_a_skip_says_why_with_one_key(owner: httpx.Client, visit: Visit) -> None:
    project = make_project(owner, "text", [TONE], texts(5))
    page = at_work(visit, project)
    text = item_of(page).inner_text()
    page.keyboard.press("s")
    expect(page.get_by_role("group", name=SAY("work:skip_why"))).to_be_visible()
    expect(item_of(page)).to_have_text(text)  # it is not covered while one thinks
    page.keyboard.press("1")
    expect(item_of(page)).not_to_have_text(text)
    assert mine(owner, project) == []


def test_keys_wait_for_an_input_method(owner: httpx.Client, visit: Visit) -> None:
    """Enter and digits that belong to a conversion are no Enter and no digits."""
    project = make_project(owner, "text", [TONE], texts(5))
    page = at_work(visit, project)
    text = item_of(page).inner_text()
    cdp = page.context.new_cdp_session(page)
    composing = {"type": "keyDown", "windowsVirtualKeyCode": 229}
    cdp.send("Input.dispatchKeyEvent", {**composing, "key": "1", "code": "Digit1"})
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    page.keyboard.press("s")
    page.get_by_label(SAY("work:skip_other")).focus()
    cdp.send("Input.imeSetComposition", {"text": "はんてい", "selectionStart": 4, "selectionEnd": 4})
    cdp.send("Input.dispatchKeyEvent", {**composing, "key": "Process", "code": "Enter"})
    cdp.send("Input.dispatchKeyEvent", {**composing, "key": "Process", "code": "Digit2"})
    cdp.send("Input.insertText", {"text": "判定できない"})
    expect(page.get_by_label(SAY("work:skip_other"))).to_have_value("判定できない")
    expect(item_of(page)).to_have_text(text)
    page.keyboard.type(" 2s")  # plain letters in a field are text, not commands
    page.keyboard.press("Enter")
    expect(item_of(page)).not_to_have_text(text)


def test_several_questions_are_answered_in_turn_and_the_required_one_is_asked_for(
    owner: httpx.Client, visit: Visit
) -> None:
    project = make_project(owner, "text", [TONE, TOPICS], texts(5))
    page = at_work(visit, project)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text(SAY("work:answer_this"))
    page.keyboard.press("3")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("2")
    page.keyboard.press("1")
    answer(page, "Shift")
    sent(page, owner, project, 1)
    assert mine(owner, project)[0]["answers"] == {"tone": "neither", "topics": ["price", "size"]}


def test_the_list_of_keys_and_the_guidelines_are_one_key_away(owner: httpx.Client, visit: Visit) -> None:
    project = make_project(owner, "text", [TONE], texts(3))
    page = at_work(visit, project)
    page.keyboard.press("h")
    beside = page.get_by_role("complementary", name=SAY("work:guidelines"))
    expect(beside).to_contain_text("When in doubt")
    box, item = beside.bounding_box(), item_of(page).bounding_box()
    assert box and item and item["x"] + item["width"] <= box["x"] + 1  # beside, not over it
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(SAY("work:key_skip"))
    expect(dialog).to_contain_text("neither")
    page.keyboard.press("2")  # not heard behind the dialog
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)


def test_among_many_options_one_is_found_by_typing(owner: httpx.Client, visit: Visit) -> None:
    project = make_project(owner, "text", [SPECIES], texts(3))
    page = at_work(visit, project)
    page.get_by_label(SAY("annotators:search_options")).fill("species 17")
    page.keyboard.press("Enter")
    expect(page.get_by_role("radio", name="species 17")).to_be_checked()


@pytest.mark.parametrize("width, height", [(390, 844), (360, 640)])
def test_a_phone_shows_everything_within_reach_of_a_thumb(
    owner: httpx.Client, visit: Visit, width: int, height: int
) -> None:
    project = make_project(owner, "image", [TONE], pictures(4))
    page = at_work(visit, project, "en", width, height)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for target in [*page.get_by_role("radio").all(), page.get_by_role("button", name=SAY("work:send"))]:
        box = target.bounding_box()
        assert box and box["height"] >= 44 and box["width"] >= 44
        assert box["y"] + box["height"] <= height
        assert box["y"] > height / 3
    page.get_by_role("radio", name="bad").tap()
    before = page.get_by_role("img", name="Item").get_attribute("src")
    page.get_by_role("button", name=SAY("work:send")).tap()
    expect(page.locator(f'img[src="{before}"]')).to_have_count(0)
