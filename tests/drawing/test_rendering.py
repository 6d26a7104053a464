"""The page of a drawing, in a browser: everything can be brought near by mouse, fingers and keys."""

import shutil

import numpy as np
import pytest

import autograd_lite as ag

playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright: pip install playwright")
if shutil.which("chromium") is None:
    pytest.skip("needs Chromium: apt-get install chromium", allow_module_level=True)
if shutil.which("dot") is None:
    pytest.skip("needs Graphviz", allow_module_level=True)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    file = tmp_path_factory.mktemp("page") / "drawing.html"
    x = ag.tensor([1.0, 2.0], requires_grad=True, name="x")
    ag.draw(np.tanh(x * 2.0).sum()).save(file)
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 375, "height": 700}, has_touch=True)
        troubles = []
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(file.as_uri())
        yield page
        browser.close()
    assert troubles == []


def seen(page):
    """Left, top, width and height of what is seen of the drawing, once all of it has been."""
    return [float(number) for number in page.locator("svg").get_attribute("viewBox").split()]


def until(page, condition):
    """Wait for what the browser does in its own time."""
    for _ in range(250):
        if condition():
            return
        page.wait_for_timeout(20)
    raise AssertionError(seen(page))


@pytest.fixture
def whole(page):
    page.keyboard.press("0")
    return seen(page)


def test_the_wheel_and_keys_zoom(page, whole):
    page.mouse.move(100, 350)
    page.mouse.wheel(0, -200)
    until(page, lambda: seen(page)[2] < whole[2])
    page.locator("svg").dblclick()
    assert seen(page) == whole
    page.keyboard.press("+")
    assert seen(page)[2:] == pytest.approx([0.8 * side for side in whole[2:]])
    page.keyboard.press("-")
    assert seen(page) == pytest.approx(whole)


def test_a_drag_and_arrows_move(page, whole):
    page.mouse.move(300, 350)
    page.mouse.down()
    page.mouse.move(200, 350, steps=4)
    page.mouse.up()
    page.mouse.move(100, 350)  # held by nobody any more
    left, *rest = seen(page)
    assert left == pytest.approx(whole[0] + whole[2] * 100 / 375) and rest == pytest.approx(whole[1:])
    page.keyboard.press("ArrowRight")
    assert seen(page)[0] == pytest.approx(left + whole[2] / 10)


def test_two_fingers_zoom(page, whole):
    touch = page.context.new_cdp_session(page)

    def send(kind, *places):
        points = [{"x": x, "y": 350, "id": i} for i, x in enumerate(places)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", 150)
    send("touchStart", 150, 200)
    send("touchMove", 150, 250)
    send("touchEnd")
    until(page, lambda: seen(page)[2] == pytest.approx(whole[2] / 2))


@pytest.fixture
def net_page(page, tmp_path):
    """The page of a net with folded modules, in another tab."""
    ag.manual_seed(0)
    model = ag.nn.Sequential(ag.nn.Linear(2, 3), ag.nn.Tanh(), ag.nn.Linear(3, 1))
    ag.draw(model, np.array([[0.5, -1.0]]), collapse="module").save(tmp_path / "net.html")
    tab = page.context.browser.new_page()
    troubles = []
    tab.on("pageerror", lambda error: troubles.append(str(error)))
    tab.on("request", lambda request: None if request.url.startswith("file:") else troubles.append(request.url))
    tab.goto((tmp_path / "net.html").as_uri())
    yield tab
    tab.close()
    assert troubles == []


def test_a_module_unfolds_and_folds_by_click_and_by_key(net_page):
    weights = net_page.locator("main .node", has_text="0.weight")
    net_page.locator("main .node", has_text="0: Linear").click()
    playwright.expect(weights).to_have_count(1)
    net_page.locator("main .cluster.open").click(position={"x": 10, "y": 10})
    playwright.expect(weights).to_have_count(0)
    net_page.locator("main .node", has_text="0: Linear").press("Enter")
    playwright.expect(weights).to_have_count(1)
    net_page.keyboard.press("Escape")
    playwright.expect(weights).to_have_count(0)


def test_an_array_is_read_number_by_number_and_copied(net_page):
    net_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    net_page.locator("main .node", has_text="input").click()
    panel = net_page.locator("#panel")
    playwright.expect(panel).to_be_visible()
    box = panel.locator("canvas").bounding_box()
    net_page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + box["height"] / 2)
    assert panel.locator("output").inner_text() == "[1] -1"
    panel.locator("text=Copy").click()
    playwright.expect(panel.locator("output")).to_have_text("copied")
    assert net_page.evaluate("navigator.clipboard.readText()") == "[0.5, -1]"
    net_page.keyboard.press("Escape")
    playwright.expect(panel).to_be_hidden()
