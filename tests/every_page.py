"""Look at every page of the built site in a browser, in one mode and one width.

The files of tests that do it have a mode each, so that two processes can share the work.
"""

import re

from browser import axe_violations

WIDTHS = {"phone": (390, 844), "laptop": (1280, 800)}

# Opens what is folded, and waits until the page has taken notice.
UNFOLD = """async () => {
  document.querySelectorAll("details").forEach((element) => { element.open = true; });
  const frame = () => new Promise(requestAnimationFrame);
  await frame();
  await frame();
}"""

# The letters of formulas, which axe leaves out, that have another colour than the words around.
COLOURED = """() => [...document.querySelectorAll(".katex")].flatMap((formula) => {
  const { color } = getComputedStyle(formula.parentElement);
  const letters = [...formula.querySelectorAll(".katex-html *")];
  return letters.filter((e) => getComputedStyle(e).color !== color).map((e) => e.outerHTML);
})"""


def names(site):
    """Return the paths of the pages that are looked at."""
    found = (path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    # Not the theme's fragments; and of the pages of source, which are all alike, one.
    left_out = re.compile(r"_static/|_modules/(?!cnnlib/conv\.html)")
    return sorted(name for name in found if not left_out.match(name))


def is_offline_quiet_and_accessible(visit, address, site, mode, width):
    """Check all pages, unfolded, with axe and by what the browser says of them."""
    size = dict(zip(("width", "height"), WIDTHS[width], strict=True))
    window = visit(viewport=size, color_scheme=mode, reduced_motion="reduce")
    page, faults = window.page, {}
    for name in names(site):
        page.goto(address + name, wait_until="load")
        if name == "index.html":
            page.wait_for_url("**/book/index.html")
        assert page.evaluate("document.documentElement.dataset.theme") == mode
        page.evaluate(UNFOLD)
        violations = axe_violations(page)
        coloured = page.evaluate(COLOURED)
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        broken = page.evaluate(
            """async () => {
                 const images = [...document.images];
                 images.forEach((image) => { image.loading = "eager"; });
                 await Promise.all(images.map((image) => image.decode().catch(() => 0)));
                 return images.filter((i) => !i.naturalWidth).map((i) => i.src);
               }"""
        )
        if violations or coloured or overflow > 0 or broken or window.wrong:
            wide = f"{overflow} px too wide"
            faults[name] = (violations, coloured, wide, broken, list(window.wrong))
            window.wrong.clear()
    assert faults == {}, faults
    assert window.strangers(address) == []
