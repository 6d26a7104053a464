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
