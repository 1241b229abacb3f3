"""A browser that knows no other server, windows that keep what goes wrong, and axe."""

import functools
import http.server
import threading
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from book.browser import browser_command

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

PATIENCE = 120_000  # milliseconds; only what is wrong takes so long, also on a busy machine

AXE_SCRIPT = Path(__file__).resolve().parents[1] / "node_modules" / "axe-core" / "axe.min.js"

# A list of [rule, [element: what is wrong, ...]]. The rule by name is an experimental one that
# Lighthouse applies. Preloading would ask for style sheets again, under wrong addresses. Without
# `resultTypes`, axe would also look for a selector of each element with which nothing is wrong.
AXE = """async ([within, tags]) => {
  const { violations } = await axe.run(within, {
    runOnly: tags,
    rules: { "label-content-name-mismatch": { enabled: true } },
    resultTypes: ["violations"],
    preload: false,
  });
  const say = (node) => `${node.target.join(" ")}: ${node.failureSummary}`;
  return violations.map((violation) => [violation.id, violation.nodes.map(say)]);
}"""

# Most of axe's time goes into contrast: it reads the colours behind each word anew, the same few
# thousands of times. Here each text of a colour is read once.
READ_COLOURS_ONCE = """() => {
  const { prototype } = axe.commons.color.Color;
  const read = prototype.parseString;
  const known = new Map();
  prototype.parseString = function (text) {
    if (!known.has(text)) {
      const { r, g, b, alpha } = read.call(this, text);
      known.set(text, { r, g, b, alpha });
    }
    return Object.assign(this, known.get(text));
  };
}"""

# And most of these words stand in code and signatures, thousands of them in a few colours: of each
# kind on each ground, one is looked at. (The letters of a formula it leaves out: they are MathML to
# those who listen. That their colour is that of the words around is a test of its own.)
LOOK_ONCE_AT_A_KIND = """() => {
  const ground = (element) => {
    const { backgroundColor, backgroundImage } = getComputedStyle(element);
    const clear = backgroundColor === "rgba(0, 0, 0, 0)" && backgroundImage === "none";
    return clear && element.parentElement ? ground(element.parentElement) : backgroundColor;
  };
  const kinds = new Set();
  for (const word of document.querySelectorAll(":is(.highlight pre, dl.py > dt) :not(:has(*))")) {
    const { color, fontSize, fontWeight } = getComputedStyle(word);
    const kind = [color, fontSize, fontWeight, ground(word)].join();
    word.toggleAttribute("data-looked-at", kinds.has(kind));
    kinds.add(kind);
  }
  axe.configure({ rules: [{ id: "color-contrast", selector: "*:not([data-looked-at])" }] });
}"""

# Blocks far from the screen wait with their layout (lecture.css). A mouse that goes to such a place
# at once may press where the page is about to move; a reader sees it only when it has moved.
NOTHING_WAITS = """
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { content-visibility: visible !important; }");
  document.adoptedStyleSheets.push(sheet);
"""


def axe_violations(page, within="html"):
    """Return what axe finds wrong with a page as it stands, or with one kind of element on it.

    Its script is evaluated, not put into the page, whose policy forbids scripts inside it.
    """
    page.evaluate(AXE_SCRIPT.read_text("utf-8"))
    page.evaluate(READ_COLOURS_ONCE)
    page.evaluate(LOOK_ONCE_AT_A_KIND)
    return page.evaluate(AXE, [within, RULES])


@pytest.fixture(scope="session")
def address(site, path_on_server):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *arguments):
            pass

        def translate_path(self, path):
            if not path.startswith(path_on_server):
                return str(site / "outside the site")
            return super().translate_path("/" + path.removeprefix(path_on_server))

    handler = functools.partial(Quiet, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}{path_on_server}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_command(),
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                "--autoplay-policy=no-user-gesture-required",
            ],
        )
        yield browser
        browser.close()


class Visit:
    """A browser window that keeps what went wrong in it.

    All of a page is laid out, or what is far away waits, as it does for readers (``waiting``).
    """

    def __init__(self, chromium, waiting=False, **options):
        self.context = chromium.new_context(**options)
        if not waiting:
            self.context.add_init_script(NOTHING_WAITS)
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.wrong = []
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        self.page.on("requestfailed", self._on_failure)
        self.page.on(
            "response", lambda r: r.status >= 400 and self.wrong.append(f"{r.status}: {r.url}")
        )
        self.requests = []
        self.page.on("request", lambda request: self.requests.append(request.url))

    def _on_console(self, message):
        if message.type in ("error", "warning"):
            self.wrong.append(f"console: {message.text}")

    def _on_failure(self, request):
        if request.failure != "net::ERR_ABORTED":  # the browser went on to the next page
            self.wrong.append(f"failed: {request.url} {request.failure}")

    def strangers(self, address):
        """Return the requests that left the site."""
        own = (address, "data:", "blob:")
        return [url for url in self.requests if not url.startswith(own)]


@pytest.fixture
def visit(chromium):
    visits = []

    def open_window(**options):
        visits.append(Visit(chromium, **options))
        return visits[-1]

    yield open_window
    for window in visits:
        window.context.close()
