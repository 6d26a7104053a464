"""The page in a browser: every control and key, the numbers on it, nothing loaded from elsewhere, no error."""

import re
import shutil
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from autograd_lite.playground.setup import options

playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright: pip install playwright")
if shutil.which("chromium") is None:
    pytest.skip("needs Chromium: apt-get install chromium", allow_module_level=True)

OUTPUT = Path(__file__).parents[1] / "output"
OUTPUT.mkdir(exist_ok=True)
expect = playwright.expect


@pytest.fixture(scope="module")
def page(server):
    """A page that keeps count of what goes wrong on it, and of answers."""
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = chromium.new_page(color_scheme="light")
        page.set_default_timeout(8000)
        page.troubles, page.answers = [], []
        page.on("console", lambda message: page.troubles.append(message.text))
        page.on("pageerror", lambda error: page.troubles.append(str(error)))
        own = (server.url, "blob:", "about:")
        page.on("request", lambda r: page.troubles.append(r.url) if not r.url.startswith(own) else None)
        page.on("response", lambda r: page.answers.append(r) if r.request.method == "POST" else None)
        yield page
        chromium.close()


@pytest.fixture
def tab(page, server):
    """The page, loaded anew; at the end there was no error on it and no request to anywhere else."""
    page.set_viewport_size({"width": 1280, "height": 800})
    page.troubles.clear()
    page.answers.clear()
    page.goto(server.url)
    page.wait_for_selector("body.ready")
    yield page
    if page.url == server.url:
        page.evaluate("localStorage.clear()")
    assert page.troubles == []


def answer(page, call):
    """The latest answer to a call, once it is there."""
    return next(r for r in reversed(page.answers) if r.url.endswith(f"/api/{call}")).json()


def until(page, condition):
    """Wait for JavaScript to be true; `wait_for_function` would need what the page's security policy forbids."""
    for _ in range(500):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(20)
    raise AssertionError(condition)


def change(page, act):
    """Do something that begins a training, and give the answer."""
    with page.expect_response("**/api/begin") as response:
        act()
    begun = response.value.json()
    assert response.value.ok, begun
    expect(page.locator("#steps")).to_have_text("0")
    return begun


def short(value):
    """As the page writes numbers."""
    size = abs(value)
    if value and (size < 1e-3 or size >= 1e4):
        mantissa, exponent = f"{value:.1e}".split("e")
        text = f"{mantissa}e{int(exponent)}"
        return text.replace("-", "−", 1) if value < 0 else text
    return (f"{value:.3f}" if size < 10 else f"{value:.1f}").replace("-", "−")


def percent(share):
    """As the page writes it: halves are rounded up."""
    return f"{Decimal(100 * share).quantize(Decimal('0.1'), ROUND_HALF_UP)} %"


def numbers_are_those_of(page, snapshot):
    expect(page.locator("#steps")).to_have_text(f"{snapshot['step']:,}")
    expect(page.locator("#epoch")).to_have_text(f"{snapshot['epoch']:,}")
    assert float(page.inner_text("#rate")) == pytest.approx(snapshot["lr"], rel=1e-3)
    for part in ("train", "test"):
        assert page.inner_text(f"#{part}-loss") == f"{snapshot[part]['loss']:.4f}"
        assert page.inner_text(f"#{part}-accuracy") == percent(snapshot[part]["accuracy"])
    layers = snapshot["layers"]
    assert page.locator("#flow > div > span").all_inner_texts() == [layer["name"] for layer in layers]
    for kind in ("weight", "gradient"):
        shown = page.locator(f"#flow b.{kind}").all_inner_texts()
        assert shown == [short(layer[f"{kind}_norm"]) for layer in layers]


# ---- training --------------------------------------------------------------------------------------------------


def test_numbers_on_the_page_are_those_of_the_engine(tab, server):
    numbers_are_those_of(tab, answer(tab, "begin"))
    for _ in range(3):
        with tab.expect_response("**/api/advance") as response:
            tab.click("#step")
        numbers_are_those_of(tab, response.value.json())
    (training,) = [kept for kept, _ in server.sessions.kept.values() if kept.steps == 3]
    loss, accuracy = training.evaluate(training.test)
    assert tab.inner_text("#test-loss") == f"{loss:.4f}"
    assert tab.inner_text("#test-accuracy") == percent(accuracy)

    tab.click(".neuron[aria-label='hidden 2, neuron 3']")
    weight, bias = training.model[2].weight.data[2], training.model[2].bias.data[2]
    assert tab.locator("#inspector .weight").all_inner_texts() == [short(float(f"{w:.6g}")) for w in (*weight, bias)]
    gradients = response.value.json()["layers"][1]
    shown = [*gradients["weight_gradient"][2], gradients["bias_gradient"][2]]
    assert tab.locator("#inspector .gradient").all_inner_texts() == [f"∂ {short(g)}" for g in shown]
    tab.screenshot(path=OUTPUT / "playground-light.png")


def test_the_spiral_is_learned_live(tab):
    change(tab, lambda: tab.click("#data >> text=spiral"))
    tab.select_option("#speed", "25")
    tab.click("#play")
    expect(tab.locator("#play")).to_have_attribute("aria-pressed", "true")
    until(tab, "parseFloat(document.getElementById('test-accuracy').textContent) > 95")
    tab.click("#play")
    expect(tab.locator("#play-label")).to_have_text("Play")
    tab.wait_for_timeout(1000)  # what was under way has been answered
    numbers_are_those_of(tab, answer(tab, "advance"))
    stopped = tab.inner_text("#steps")
    tab.wait_for_timeout(100)
    assert tab.inner_text("#steps") == stopped
    tab.click("#theme")
    tab.screenshot(path=OUTPUT / "playground-dark.png")
    tab.set_viewport_size({"width": 900, "height": 800})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 900
    tab.screenshot(path=OUTPUT / "playground-900.png", full_page=True)


def test_keys(tab):
    tab.keyboard.press("s")
    expect(tab.locator("#steps")).to_have_text("1")
    change(tab, lambda: tab.keyboard.press("r"))
    tab.keyboard.press("Space")
    expect(tab.locator("#play-label")).to_have_text("Pause")
    until(tab, "document.getElementById('epoch').textContent !== '0'")
    tab.keyboard.press("Space")
    expect(tab.locator("#play-label")).to_have_text("Play")
    assert tab.evaluate("document.documentElement.dataset.theme") == "light"
    tab.keyboard.press("d")
    assert tab.evaluate("document.documentElement.dataset.theme") == "dark"
    with tab.expect_download() as download:
        tab.keyboard.press("e")
    assert download.value.suggested_filename == "moons.py"
    tab.focus("#seed")
    tab.keyboard.press("s")  # typed into a field: no step
    tab.focus("#play")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.id") == "step"


def test_a_changed_setting_while_playing_goes_on_with_it(tab):
    tab.click("#play")
    until(tab, "document.getElementById('epoch').textContent !== '0'")
    with tab.expect_response("**/api/begin") as response:
        tab.select_option("#activation", "ReLU")
    assert response.value.json()["setup"]["activation"] == "ReLU"
    until(tab, "Number(document.getElementById('epoch').textContent) > 3")
    tab.click("#play")


def test_a_training_is_not_replaced_while_a_request_is_on_its_way_to_it(tab):
    held = []
    tab.route("**/api/advance", lambda route: held.append(route), times=1)
    with tab.expect_request("**/api/advance"):
        tab.click("#step")
    tab.select_option("#activation", "Sigmoid")
    tab.wait_for_timeout(100)  # in which the page could begin a training, so that the request would meet none
    with tab.expect_response("**/api/begin"):
        held.pop().continue_()
    expect(tab.locator("#steps")).to_have_text("0")


def test_export_gives_the_script_of_the_present_state(tab, server):
    tab.click("#step")
    expect(tab.locator("#steps")).to_have_text("1")
    with tab.expect_download() as download:
        tab.click("#export")
    text = Path(download.value.path()).read_text()
    assert "STEPS = 1\n" in text
    (session,) = [key for key, (kept, _) in server.sessions.kept.items() if kept.steps == 1]
    assert text == server.sessions.script({"session": session})["script"]


# ---- controls --------------------------------------------------------------------------------------------------

SLIDERS = {"rows": (200, "200"), "noise": (0.25, "0.25"), "test_share": (0.3, "30 %"), "batch_size": (64, "64")}


def test_every_control(tab):
    for name in ("circles", "xor", "linear", "moons"):
        begun = change(tab, lambda name=name: tab.click(f"#data >> text={name}"))
        assert begun["setup"]["data"] == name
    for name, (value, text) in SLIDERS.items():
        begun = change(tab, lambda name=name, value=value: tab.fill(f"#{name}", str(value)))
        assert begun["setup"][name] == value
        assert tab.inner_text(f"#{name}-value") == text
    begun = change(tab, lambda: (tab.fill("#seed", "7"), tab.press("#seed", "Enter")))
    assert begun["setup"]["seed"] == 7
    assert change(tab, lambda: tab.click("#reseed"))["setup"]["seed"] == 8
    begun = change(tab, lambda: (tab.fill("#lr", "0.05"), tab.press("#lr", "Enter")))
    assert begun["setup"]["lr"] == begun["lr"] == 0.05
    for name, value in (("l1", "0.001"), ("l2", "0.01")):
        begun = change(tab, lambda name=name, value=value: tab.select_option(f"#{name}", value))
        assert begun["setup"][name] == float(value)
    offered = options()
    for name, names in (("optimizer", "optimizers"), ("activation", "activations"), ("schedule", "schedules")):
        values = tab.locator(f"#{name} option").evaluate_all("all => all.map(o => o.value)")
        assert values == list(offered[names])
        begun = change(tab, lambda name=name, value=values[-1]: tab.select_option(f"#{name}", value))
        assert begun["setup"][name] == values[-1]


def test_settings_of_optimizers_and_schedules(tab):
    tab.click("#optimizer-details summary")
    begun = change(tab, lambda: tab.check("#setting-nesterov"))
    assert begun["setup"]["optimizer_settings"] == {"momentum": 0.9, "nesterov": True}
    change(tab, lambda: tab.select_option("#optimizer", "Adam"))
    begun = change(tab, lambda: (tab.fill("#setting-betas-1", "0.99"), tab.press("#setting-betas-1", "Enter")))
    assert begun["setup"]["optimizer_settings"] == {"betas": [0.9, 0.99]}
    schedules = tab.locator("#schedule option").all_inner_texts()
    if "StepLR" in schedules:
        change(tab, lambda: tab.select_option("#schedule", "StepLR"))
        begun = change(tab, lambda: (tab.fill("#setting-step_size", "2"), tab.press("#setting-step_size", "Enter")))
        assert begun["setup"]["schedule_settings"] == {"step_size": 2}
        tab.click("#play")
        until(tab, "Number(document.getElementById('rate').textContent) < 0.02")
        tab.click("#play")


def test_layers_and_neurons(tab):
    begun = change(tab, lambda: tab.click("#more-layers"))
    assert begun["setup"]["hidden"] == [6, 4, 4] and tab.locator(".neuron").count() == 2 + 6 + 4 + 4 + 1
    begun = change(tab, lambda: tab.click("button[aria-label='Add a neuron to hidden layer 1']"))
    assert begun["setup"]["hidden"] == [7, 4, 4]
    begun = change(tab, lambda: tab.click("button[aria-label='Remove a neuron from hidden layer 3']"))
    assert begun["setup"]["hidden"] == [7, 4, 3]
    begun = change(tab, lambda: tab.click("#data >> text=linear"))
    assert begun["setup"]["hidden"] == [7, 4, 3]  # other data keep a net that was chosen
    for _ in range(3):
        change(tab, lambda: tab.click("#fewer-layers"))
    expect(tab.locator("#fewer-layers")).to_be_disabled()
    assert tab.inner_text("#layers-count") == "no hidden layer"
    assert tab.locator("#diagram path").count() == 2
    change(tab, lambda: tab.click("#more-layers"))
    begun = change(tab, lambda: tab.click("#more-layers"))
    assert begun["setup"]["hidden"] == [4, 4]
    assert change(tab, lambda: tab.click("#fewer-layers"))["setup"]["hidden"] == [4]


def test_the_address_keeps_the_whole_set_up(tab, server):
    assert tab.url == server.url
    change(tab, lambda: tab.click("#data >> text=spiral"))
    change(tab, lambda: tab.click("#more-layers"))
    wanted = change(tab, lambda: tab.select_option("#l2", "0.01"))["setup"]
    tab.click("#theme")
    address = tab.url
    assert "data=spiral" in address and "theme=dark" in address
    for way in (tab.reload, lambda: (tab.goto("about:blank"), tab.go_back())):
        tab.answers.clear()
        way()
        tab.wait_for_selector("body.ready")
        assert answer(tab, "begin")["setup"] == wanted
        assert tab.evaluate("document.documentElement.dataset.theme") == "dark"
    change(tab, lambda: tab.go_back())
    assert answer(tab, "begin")["setup"]["l2"] == 0 or answer(tab, "begin")["setup"] == wanted  # the theme, then L2


def test_an_address_that_cannot_be_is_said(tab, server):
    tab.goto("about:blank")
    tab.goto(f"{server.url}#data=mooons&lr=fast")
    tab.wait_for_selector("body.ready")
    expect(tab.locator("#notice")).to_contain_text("must be")
    assert answer(tab, "begin")["setup"]["data"] == "moons"
    tab.click("#step")
    expect(tab.locator("#notice")).to_be_hidden()
    assert "422" in tab.troubles.pop()


def test_the_value_under_the_pointer_and_a_logarithmic_loss(tab):
    box = tab.locator("#boundary").bounding_box()
    tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 4)
    assert re.fullmatch(r"x₁ −?0\.\d, x₂ [23]\.\d: p = 0\.\d\d", tab.inner_text("#under"))
    tab.mouse.move(0, 0)
    assert tab.inner_text("#under") == ""
    before = tab.locator("#curve").evaluate("c => c.toDataURL()")
    tab.check("#logarithmic")
    assert tab.locator("#curve").evaluate("c => c.toDataURL()") != before


def test_the_present_net_is_stepped_through_in_another_tab(tab):
    tab.click("#step")
    expect(tab.locator("#steps")).to_have_text("1")
    with tab.context.expect_page() as opened:
        tab.click("#through")
    page = opened.value
    page.wait_for_selector("#card h2")
    assert page.inner_text("h1") == "moons, step 1" and "0.weight" in page.text_content("#graph")
    page.close()


def test_a_phone_reaches_every_button_and_scrolls_only_the_diagram(tab):
    tab.set_viewport_size({"width": 375, "height": 800})
    for _ in range(4):
        change(tab, lambda: tab.click("#more-layers"))
    assert tab.evaluate("document.documentElement.scrollWidth") == 375
    begun = change(tab, lambda: tab.click("button[aria-label='Add a neuron to hidden layer 2']"))
    assert begun["setup"]["hidden"] == [6, 5, 4, 4, 4, 4]


def test_neurons_and_edges_show_what_they_are(tab):
    tab.focus(".neuron[aria-label='hidden 1, neuron 2']")
    expect(tab.locator("#output-title")).to_have_text("Hidden 1.2")
    tab.keyboard.press("Enter")
    expect(tab.locator("#inspector h3")).to_contain_text("hidden 1, neuron 2")
    assert tab.locator("#inspector .from").all_inner_texts() == ["x", "y", "bias"]
    tab.focus("#play")
    expect(tab.locator("#output-title")).to_have_text("Output")
    layers = answer(tab, "begin")["layers"]
    for kind, label in (("weight", "Weights"), ("weight_gradient", "Gradients")):
        tab.click(f"text={label}")
        signs = [value > 0 for layer in layers for row in layer[kind] for value in row]
        strokes = tab.locator("#diagram path").evaluate_all("all => all.map(p => p.getAttribute('stroke'))")
        assert [stroke == "#2f6fe0" for stroke in strokes] == signs
    picture = "document.getElementById('boundary').toDataURL()"
    before = tab.evaluate(picture)
    tab.uncheck("#show-test")
    without = tab.evaluate(picture)
    tab.check("#discrete")
    assert len({before, without, tab.evaluate(picture)}) == 3


# ---- when something is wrong -----------------------------------------------------------------------------------


def test_a_wrong_number_is_not_taken(tab):
    tab.fill("#lr", "-1")
    tab.press("#lr", "Enter")
    expect(tab.locator("#lr")).to_have_value("0.1")
    assert len([r for r in tab.answers if r.url.endswith("begin")]) == 1


def test_what_the_server_refuses_is_said_and_the_training_stays(tab):
    change(tab, lambda: (tab.click("#optimizer-details summary"), tab.check("#setting-nesterov")))
    tab.click("#step")
    tab.fill("#setting-momentum", "0")
    tab.press("#setting-momentum", "Enter")
    expect(tab.locator("#notice")).to_contain_text("Nesterov momentum needs momentum > 0")
    expect(tab.locator("#setting-momentum")).to_have_value("0.9")
    tab.click("#step")
    expect(tab.locator("#steps")).to_have_text("2")
    assert "422" in tab.troubles.pop()  # Chromium's own line about it


def test_divergence_stops_and_is_said(tab):
    change(tab, lambda: tab.select_option("#l2", "0.1"))
    change(tab, lambda: (tab.fill("#lr", "100"), tab.press("#lr", "Enter")))
    tab.click("#play")
    expect(tab.locator("#notice")).to_contain_text("Training has diverged")
    expect(tab.locator("#play-label")).to_have_text("Play")
    change(tab, lambda: tab.click("#reset"))
    expect(tab.locator("#notice")).to_be_hidden()


def test_a_training_that_was_let_go_begins_again(tab, server):
    server.sessions.kept.clear()
    tab.click("#step")
    expect(tab.locator("#notice")).to_contain_text("it starts afresh")
    tab.click("#step")
    expect(tab.locator("#steps")).to_have_text("1")
    assert "410" in tab.troubles.pop()


def test_a_closed_tab_leaves_nothing_behind(tab, server):
    session = answer(tab, "begin")["session"]
    tab.click("#play")
    until(tab, "document.getElementById('epoch').textContent !== '0'")
    assert session in server.sessions.kept
    tab.goto("about:blank")
    for _ in range(100):
        if session in server.sessions.kept:
            tab.wait_for_timeout(20)
    assert session not in server.sessions.kept


def test_what_is_there_has_a_name(tab):
    """Every button, field and picture says to a screen reader what it is."""
    nameless = tab.evaluate(
        """() => [...document.querySelectorAll('button, select, input')].filter(e =>
            !(e.getAttribute('aria-label') || e.title || e.textContent.trim() || e.labels?.[0]?.textContent.trim())
        ).map(e => e.outerHTML)"""
    )
    assert nameless == []
    assert re.search("playground", tab.title())


def test_features_and_an_activation_of_a_layer(tab):
    tab.click("#features-details summary")
    begun = change(tab, lambda: tab.check("#features input[value='x * y / 6']"))
    assert begun["setup"]["features"] == ["x", "y", "x * y / 6"]
    assert tab.locator(".neuron b").all_inner_texts() == ["x", "y", "xy/6"]
    begun = change(tab, lambda: tab.select_option("[aria-label='Activation of hidden layer 2']", "ReLU"))
    assert begun["setup"]["activations"] == ["Tanh", "ReLU"] and "features" in tab.url
    begun = change(tab, lambda: tab.select_option("#activation", "GELU"))
    assert begun["setup"]["activations"] == []
    for name in ("x", "y"):
        change(tab, lambda name=name: tab.uncheck(f"#features input[value='{name}']"))
    last = tab.locator("#features input[value='x * y / 6']")
    last.click()
    assert last.is_checked()
    tab.goto(tab.url.split("#")[0])


def test_points_are_drawn_with_the_mouse(tab):
    begun = change(tab, lambda: tab.locator("#data input[value='own']").check(force=True))
    before = begun["setup"]["points"]
    box = tab.locator("#boundary").bounding_box()
    begun = change(tab, lambda: tab.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.25))
    assert begun["setup"]["points"][:-1] == before
    assert begun["setup"]["points"][-1] == pytest.approx([3, 3, 0], abs=0.1)
    tab.locator("[name=adds][value='1']").check(force=True)
    begun = change(tab, lambda: tab.mouse.click(box["x"] + 5, box["y"] + 5))
    assert begun["setup"]["points"][-1][2] == 1
    assert change(tab, lambda: tab.click("#undo"))["setup"]["points"][-1][2] == 0
    tab.goto(tab.url.split("#")[0])
