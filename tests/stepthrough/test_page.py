"""The page in a real browser: every button and key, the numbers on it, no error, no request, both colour schemes."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: pip install playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
OUTPUT = Path(__file__).parent.parent / "output"
NAMES = ["x1", "x2", "w1", "w2", "b"]


def neuron(x1, x2, w1, w2, b):
    n = x1 * w1 + x2 * w2 + b
    o = np.tanh(n)
    return o


def mlp_steps():
    ag.manual_seed(0)
    network = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    optimizer = ag.optim.Adam(network.parameters(), lr=0.1)
    x, t = np.array([[0.5, -1.0], [1.5, 2.0], [-0.3, 0.8], [1.0, 1.0]]), np.array([[1.0], [0.0], [1.0], [0.0]])
    list(network.named_parameters())
    return ag.step_through(lambda: ((network(x) - t) ** 2).mean(), optimizer=optimizer, title="A two-layer MLP")


@pytest.fixture(scope="module")
def neuron_steps():
    return ag.step_through(neuron, 2.0, 0.0, -3.0, 1.0, 6.8813735870195432)


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def show(browser, tmp_path):
    """A function that opens a step-through; at the end nothing may have gone wrong or left the page."""
    said, asked, pages = [], [], []

    def show(steps, **settings):
        file = tmp_path / "steps.html"
        steps.save(file)
        page = browser.new_page(**{"viewport": {"width": 1280, "height": 800}, **settings})
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        pages.append(page)
        return page

    yield show
    for page in pages:
        page.close()
    assert said == []
    assert all(url.startswith("file:") and url.split("#")[0].endswith("/steps.html") for url in asked)


def at(page):
    return int(page.locator("#count").inner_text().split("/")[0])


def test_every_button_and_the_slider(show, neuron_steps):
    page, count = show(neuron_steps), len(neuron_steps.story.steps)
    assert at(page) == 1 and page.locator("#back").is_disabled() and page.locator("#first").is_disabled()
    for button, expected in [("next", 2), ("next", 3), ("back", 2), ("last", count), ("first", 1)]:
        page.click(f"#{button}")
        assert at(page) == expected
    page.click("#last")
    assert page.locator("#next").is_disabled() and page.locator("#last").is_disabled()
    page.locator("#slider").fill("5")
    assert at(page) == 5
    page.locator("#slider").press("ArrowRight")
    assert at(page) == 6
    assert page.locator("#slider").get_attribute("aria-valuetext") == f"6 of {count}: forward"


def test_the_address_may_name_a_step(show, neuron_steps):
    page = show(neuron_steps)
    page.goto(f"{page.url}#8")
    page.reload()
    assert at(page) == 8


def test_every_key(show, neuron_steps):
    page, count = show(neuron_steps), len(neuron_steps.story.steps)
    moves = [("ArrowRight", 2), ("PageDown", 3), ("ArrowLeft", 2), ("PageUp", 1), ("ArrowLeft", 1), ("End", count)]
    for key, expected in [*moves, ("ArrowRight", count), ("Home", 1)]:
        page.keyboard.press(key)
        assert at(page) == expected, key


def test_play_and_pause(show, neuron_steps):
    page = show(neuron_steps)
    page.clock.install()
    page.reload()
    page.keyboard.press("Space")
    assert page.locator("#play").get_attribute("aria-label") == "Pause"
    page.clock.run_for(5000)
    assert at(page) == 5
    page.click("#play")
    page.clock.run_for(5000)
    assert at(page) == 5 and page.locator("#play").get_attribute("aria-pressed") == "false"
    page.click("#play")
    page.clock.run_for(100_000)
    assert at(page) == len(neuron_steps.story.steps)
    assert page.locator("#play").get_attribute("aria-label") == "Play"
    page.click("#play")
    assert at(page) == 1


def test_a_node_leads_to_its_step(show, neuron_steps):
    page, story = show(neuron_steps), neuron_steps.story
    phase = lambda: story.steps[at(page) - 1].phase
    node = page.locator(f'.node[data-node="{story.names.index("n")}"]')
    node.click()
    assert phase() == "forward" and story.names[story.steps[at(page) - 1].node] == "n"
    node.click()
    assert phase() == "backward" and story.names[story.steps[at(page) - 1].node] == "n"
    node.click()
    assert phase() == "forward"
    node.focus()
    page.keyboard.press("Enter")
    assert phase() == "backward"
    page.locator(f'.node[data-node="{story.names.index("x1")}"]').press("Space")
    assert "x1 gets" in story.steps[at(page) - 1].words
    assert page.locator("#play").get_attribute("aria-pressed") == "false"


def test_the_numbers_are_the_engines(show, neuron_steps):
    page, story = show(neuron_steps), neuron_steps.story
    page.keyboard.press("End")
    for i, node in enumerate(story.nodes):
        box = page.locator(f'.node[data-node="{i}"]')
        value, gradient = (float(box.locator(f".{kind}").text_content()) for kind in ("value", "grad"))
        assert value == float(f"{float(node.value):.4g}")
        assert gradient == float(f"{float(story.gradients[node]):.4g}")
    rows = page.locator("#card tbody tr").all_inner_texts()
    assert [row.split()[0] for row in rows] == NAMES and all("agrees" in row for row in rows)
    page.locator("#slider").fill("8")
    text = page.locator("#card").inner_text()
    assert "g * (1 - y * y)" in text and "1 * (1 - 0.7071 * 0.7071) = 0.5" in text
    assert "o = np.tanh(n)" in text


def test_gradients_appear_as_the_walk_proceeds(show, neuron_steps):
    page = show(neuron_steps)
    known = []
    for step in neuron_steps.story.steps:
        found = [text for text in page.locator(".node .grad").all_text_contents() if text != "·"]
        known.append(len(found))
        active = page.locator(".node.active")
        assert active.count() == (step.node >= 0)
        assert page.locator(".edge.out").count() == len(step.contributions)
        page.keyboard.press("ArrowRight")
    assert known == sorted(known) and known[0] == 0 and known[-1] == len(neuron_steps.story.nodes)


def test_an_array_is_shown_as_a_matrix_and_the_update_is_the_optimizers(show):
    steps = mlp_steps()
    page = show(steps)
    page.keyboard.press("End")
    update = steps.story.updates[0]
    shown = page.locator("#card .table > tbody > tr").first.locator(".matrix").all()
    arrays = [update.before, update.gradient, np.subtract(update.after, update.before), update.after]
    for matrix, array in zip(shown, arrays, strict=True):
        texts = matrix.locator("td").all_inner_texts()
        assert texts == [f"{v + 0.0:.3g}" for v in np.ravel(array).tolist()]
    assert "Adam" in page.locator("#card h2").inner_text()


def test_broadcasting_and_accumulation_are_told(show):
    a = ag.tensor(np.arange(6.0).reshape(2, 3), requires_grad=True, name="a")
    b = ag.tensor([1.0, 2.0, 3.0], requires_grad=True, name="b")
    steps = ag.step_through((a * b + b).sum())
    page = show(steps)
    last = max(i for i, step in enumerate(steps.story.steps) if step.phase == "backward") + 1
    page.locator("#slider").fill(str(last))
    text = page.locator("#card").inner_text()
    assert "over axis 0, as b (3,) was broadcast" in text and "∂y/∂b +=" in text and "accumulated" in text


def test_a_screen_reader_hears_the_step(show, neuron_steps):
    page = show(neuron_steps)
    said = page.locator("#said")
    assert said.get_attribute("aria-live") == "polite"
    for i, step in enumerate(neuron_steps.story.steps, 1):
        assert said.text_content() == f"Step {i} of {len(neuron_steps.story.steps)}. {step.words}"
        page.keyboard.press("ArrowRight")
    assert all(page.locator("nav button").nth(i).get_attribute("aria-label") for i in range(5))
    assert page.locator('.node[role="button"][tabindex="0"][aria-label]').count() == len(neuron_steps.story.nodes)
    page.locator("body").press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_paper_has_every_step(show, neuron_steps):
    page = show(neuron_steps, color_scheme="dark")
    page.keyboard.press("ArrowRight")
    page.emulate_media(media="print")
    playwright.expect(page.locator("#all > li")).to_have_count(len(neuron_steps.story.steps))
    assert page.locator("#all").is_visible() and not page.locator("nav").is_visible()
    assert (
        page.evaluate("getComputedStyle(document.querySelector('#all > li')).backgroundColor") == "rgb(255, 255, 255)"
    )
    page.emulate_media(media="screen")
    playwright.expect(page.locator("#count")).to_have_text("2 / 13")


def luminance(colour):
    channels = [int(c) / 255 for c in re.findall(r"\d+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return float(np.dot((0.2126, 0.7152, 0.0722), linear))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_colour_schemes_can_be_read(show, neuron_steps, scheme):
    OUTPUT.mkdir(exist_ok=True)
    for name, steps in {"neuron": neuron_steps, "mlp": mlp_steps()}.items():
        page = show(steps, color_scheme=scheme)
        back = [i for i, step in enumerate(steps.story.steps, 1) if step.phase == "backward"][-1]
        page.locator("#slider").fill(str(back))
        page.screenshot(path=OUTPUT / f"steps_{name}_{scheme}.png")
        for selector in ("h1", "#card h2", "#card .label", "#card .is-grad", "#count"):
            colours = page.locator(selector).first.evaluate(
                "e => [getComputedStyle(e).color, getComputedStyle(document.getElementById('card')).backgroundColor]"
            )
            dark, bright = sorted(map(luminance, colours))
            assert (bright + 0.05) / (dark + 0.05) >= 4.5, selector  # WCAG 2.2, level AA


def test_names_are_text_and_nothing_else(show):
    x = ag.tensor(2.0, requires_grad=True, name="</script><b>bold</b>")
    w = ag.tensor(3.0, requires_grad=True, name='"><img src=x onerror=alert(1)>')
    steps = ag.step_through(x * w, title="<i>t</i>&amp;")
    page = show(steps)
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    for _ in steps.story.steps:
        assert page.locator("b b, main i, img").count() == 0
        page.keyboard.press("ArrowRight")
    assert page.locator("h1").inner_text() == "<i>t</i>&amp;"
    assert "</script><b>bold</b>" in page.locator("#card").inner_text()


def test_without_dot_it_works_as_well(show, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    page = show(ag.step_through(neuron, 2.0, 0.0, -3.0, 1.0, 6.88))
    page.keyboard.press("End")
    boxes = [page.locator(".node").nth(i).bounding_box() for i in range(10)]
    assert all(box["width"] > 50 and box["x"] >= 0 and box["x"] + box["width"] <= 1280 for box in boxes)
    OUTPUT.mkdir(exist_ok=True)
    page.screenshot(path=OUTPUT / "steps_without_dot.png")


def test_in_a_notebook_the_frame_works(browser, neuron_steps):
    page = browser.new_page()
    page.set_content(neuron_steps._repr_html_())
    frame = page.frame_locator("iframe")
    frame.locator("#next").click()
    assert frame.locator("#count").inner_text().startswith("2 /")
    page.close()


def test_a_narrow_screen_scrolls_to_the_active_node(show):
    page = show(mlp_steps(), viewport={"width": 375, "height": 800}, reduced_motion="reduce")
    assert page.locator("#slider").bounding_box()["width"] > 300
    for _ in range(8):
        page.keyboard.press("ArrowRight")
        if page.locator(".node.active").count():
            node, panel = (page.locator(s).bounding_box() for s in (".node.active .box", "#panel"))
            assert panel["x"] <= node["x"] and node["x"] + node["width"] <= panel["x"] + panel["width"] + 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_the_update_is_in_view_on_a_phone_and_told_with_numbers(show):
    w = ag.tensor(2.0, requires_grad=True, name="w")
    for steps in (mlp_steps(), ag.step_through(lambda: (3.0 * w) ** 2, optimizer=ag.optim.SGD([w], lr=0.1))):
        page = show(steps, viewport={"width": 375, "height": 800})
        page.keyboard.press("End")
        assert page.evaluate("document.documentElement.scrollWidth") <= 375
        assert page.locator(".legend").is_visible()
    assert "θ ← θ − 0.1 g" in page.locator("#card").inner_text()
    assert page.locator(".equation").inner_text() == "2 − 0.1 · 36 = -1.6"


def test_a_screen_reader_hears_value_and_gradient_of_a_node(show, neuron_steps):
    page = show(neuron_steps)
    page.keyboard.press("End")
    label = page.locator(".node").nth(neuron_steps.story.names.index("w1")).get_attribute("aria-label")
    assert label == "w1 -3 1: parameter, value -3, gradient 1; go to its step"


def test_a_map_shows_both_signs_of_a_block(show):
    page = show(ag.step_through(lambda x: x.sum(), np.array([1.0, -1.0] * 48)))
    assert page.locator("#card .map .both").count() == 24
    assert "96, shown 24" in page.locator("#card").inner_text()


def test_paper_cuts_nothing_off(show):
    page = show(mlp_steps(), viewport={"width": 718, "height": 1000})  # A4 between Chromium's margins
    page.emulate_media(media="print")
    tables = page.locator("#all .table")
    playwright.expect(tables).not_to_have_count(0)
    assert all(tables.evaluate_all("all => all.map((t) => t.scrollWidth <= t.clientWidth)"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 718
