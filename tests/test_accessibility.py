"""axe-core finds nothing wrong with the pages; npm fetches it when the tests run, and it is no part of the project."""

import shutil
import subprocess
import tarfile
import threading

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.playground.server import PlaygroundServer

playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright: pip install playwright")
if shutil.which("chromium") is None:
    pytest.skip("needs Chromium: apt-get install chromium", allow_module_level=True)

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}


@pytest.fixture(scope="module")
def axe(tmp_path_factory):
    """The text of axe-core."""
    if shutil.which("npm") is None:
        pytest.skip("needs npm, to fetch axe-core")
    folder = tmp_path_factory.mktemp("axe")
    fetch = ["npm", "pack", "axe-core@4", "--silent", "--fetch-retries=0", "--fetch-timeout=20000"]
    try:
        subprocess.run(fetch, cwd=folder, check=True, capture_output=True, timeout=60)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        pytest.skip("npm could not fetch axe-core")
    with tarfile.open(next(folder.glob("*.tgz"))) as packed:
        return packed.extractfile("package/axe.min.js").read().decode()


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(params=["light", "dark"])
def page(browser, request):
    """An empty page; its security policy does not hold, because it would keep axe-core out."""
    context = browser.new_context(color_scheme=request.param, bypass_csp=True)
    yield context.new_page()
    context.close()


def violations(page, axe):
    """What axe-core finds: the rule, and where."""
    page.evaluate(axe)
    found = page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    return [(rule["id"], [(node["html"][:120], node["failureSummary"]) for node in rule["nodes"]]) for rule in found]


def neuron(x, w, b):
    return np.tanh(x * w + b)


def test_a_step_page(page, axe):
    page.set_content(ag.step_through(neuron, 2.0, -3.0, 6.0).html)
    assert violations(page, axe) == []


def test_a_drawing_page(page, axe, tmp_path):
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    ag.draw(model, np.ones((4, 2))).save(tmp_path / "net.html")
    page.goto((tmp_path / "net.html").as_uri())
    assert violations(page, axe) == []


def test_the_playground(page, axe):
    with PlaygroundServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            page.goto(server.url)
            page.wait_for_selector("body.ready")
            assert violations(page, axe) == []
        finally:
            server.shutdown()
            thread.join()


def test_a_picture_without_words_would_be_found(page, axe):
    page.set_content('<html lang="en"><title>t</title><img src="data:,"></html>')
    assert [rule for rule, _ in violations(page, axe)] == ["image-alt"]
