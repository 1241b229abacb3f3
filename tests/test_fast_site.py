"""The finished site: few bytes, no script in a page, a policy, and all as it was before."""

import gzip
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from fontTools.ttLib import TTFont
from sphinx.errors import ConfigError, ExtensionError

from benchmarks import site as benchmark

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

import finish  # noqa: E402
import finished_fonts  # noqa: E402
import finished_styles  # noqa: E402
import node_tools  # noqa: E402
from finished_page import (  # noqa: E402
    FIRST,
    SCRIPT,
    SHEET,
    THEME_SCRIPT,
    Asked,
    Page,
    policy,
)
from theme_mends import mended_script  # noqa: E402

HEAD = """<meta charset="utf-8"/>
<meta name="viewport" content="a"/><meta name="viewport" content="b"/>
<title>A &amp; b</title>
<script data-cfasync="false">document.documentElement.dataset.mode = "auto";</script>
<noscript><style>.pst-js-only { display: none }</style></noscript>
<link href="../_static/styles/theme.css?digest=1" rel="stylesheet"/>
<link href="../_static/own.css?v=1" rel="stylesheet"/>
<link rel="preload" as="script" href="../_static/own.js"/>
<script defer src="../_static/scripts/fontawesome.js"></script>
<script src="../_static/own.js?v=1"></script>
<script>let hint = 'Show';</script>
<script>DOCUMENTATION_OPTIONS.pagename = 'book/page';</script>
<script src="../searchindex.js"></script>
<link rel="next" href="next.html"/>"""
BODY = """<body><button onclick="window.print()">Print</button><p class="seen">a &lt;script&gt;</p>
<span class="katex-html" aria-hidden="true"><span class="mord">x</span></span><p>y</p>
<script defer src="../_static/last.js"></script><script src="../_static/scripts/menu.js"></script>
<script type="application/ld+json">{"name": "data"}</script></body>"""

OTHER = '<body><p class="other">b</p><script src="../_static/scripts/menu.js"></script></body>'


def raw(head=HEAD, body=BODY):
    return f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{head}\n</head>\n{body}\n</html>\n'


def test_a_page_says_what_it_asks_for():
    page = Page("book/page.html", raw())
    assert not page.finished
    assert page.sheets == ["styles/theme.css", "own.css"]
    assert page.scripts == ["own.js", "inline:let hint = 'Show';", "last.js", "scripts/menu.js"]
    assert "../searchindex.js" in Page("search.html", raw()).scripts, "the search page needs it"


def test_a_finished_page_is_finished_to_itself():
    scripts = [f"{FIRST}?v=1", f"{SCRIPT}?v=2", f"{THEME_SCRIPT}?v=5", "figures/own.js?v=3"]
    given = (f"{SHEET}?v=4", scripts, ["fonts/a.woff2"])
    text = Page("book/page.html", raw()).finish(*given)
    again = Page("book/page.html", text)
    assert again.finished
    assert again.finish(*given) == text
    assert re.findall(r"<script[^>]*>[^<]+</script>", text) == [
        '<script type="application/ld+json">{"name": "data"}</script>'
    ]
    assert text.count("<script") == 5
    assert text.count('rel="stylesheet"') == text.count('name="viewport"') == 1
    assert 'data-fonts="../_static/fonts/a.woff2"' in text
    assert '<link href="next.html" rel="next"/>' in text
    assert '<button data-calls="window.print()">' in text
    assert "<title>A &amp; b</title>" in text
    assert text.index("http-equiv") < text.index("<script"), "it rules what comes after it"


def test_a_script_of_the_theme_is_mended_or_refused():
    assert mended_script("own.js", "anything") == "anything"
    name = "scripts/bootstrap.js"
    asks = 'const e=document.getElementsByClassName("bd-header")[0].getBoundingClientRect();'
    assert mended_script(name, f"f();{asks}g(e)") == "f();const e={bottom:0};g(e)"
    with pytest.raises(ExtensionError, match=r"bootstrap\.js no longer has what is to be mended"):
        mended_script(name, "f();g()")


def test_code_in_an_attribute_is_refused():
    page = Page("book/page.html", raw(body='<body><a onclick="steal()">b</a></body>'))
    with pytest.raises(ExtensionError, match=r"`onclick` \(steal\(\)\) in book/page.html"):
        page.finish(SHEET, [FIRST, SCRIPT])


def test_names_and_formulas_of_a_page_are_read():
    asked = Asked(raw())
    assert {"seen", "katex-html", "button", "aria-hidden", "defer"} <= asked.words
    assert asked.characters == {"x"}, "and not what follows the formula"


def test_the_policy_knows_webassembly_only_where_it_runs():
    assert "wasm" not in policy()
    assert "script-src 'self' file: 'wasm-unsafe-eval';" in policy(wasm=True)
    scripts = re.search("script-src [^;]*", policy(wasm=True))[0]
    assert "unsafe-inline" not in scripts
    assert "'unsafe-eval'" not in scripts
    assert "http" not in policy()


def test_lists_are_merged_in_order():
    assert finish.in_order([["a", "c"], ["a", "b", "c"], ["c", "d"]]) == ["a", "b", "c", "d"]


def test_sheets_are_joined_with_what_they_import(tmp_path):
    (tmp_path / "styles").mkdir()
    (tmp_path / "basic.css").write_text(".basic { background: url(file.png) }")
    (tmp_path / "styles" / "theme.css").write_text(
        '@import "../basic.css";\n.theme { background: url("../a/b.png?v=1") }'
        ".data { background: url(data:image/png;base64,AA) }"
    )
    css = finished_styles.joined(tmp_path, ["styles/theme.css"])
    assert css.index(".basic") < css.index(".theme")
    for address in ('url("file.png")', 'url("a/b.png")', "url(data:image/png;base64,AA)"):
        assert address in css
    with pytest.raises(ExtensionError, match=r"the style sheet gone\.css, which is not in"):
        finished_styles.joined(tmp_path, ["gone.css"])


def test_rules_without_an_element_go_and_those_of_scripts_modes_and_print_stay():
    css = finished_styles.purged(
        ".used{color:red}.unused{color:red}html[data-theme=dark] .used{color:blue}"
        ".added{color:red}.collapse:not(.show){display:none}"
        "@media print{.used{color:black}}@media(forced-colors:active){.used{color:Mark}}"
        "@font-face{font-family:F;src:url(f.woff2)}",
        {"used", "html"} | finished_styles.words_of_scripts(["list.add('added')"]),
    )
    assert "unused" not in css
    for kept in ("data-theme", ".added", ".collapse", "print", "forced-colors", "@font-face"):
        assert kept in css


def test_scripts_lose_nothing_that_others_use():
    code = node_tools.minified("const shared = 1;\n;\n(function () { shared; })();\n", "js")
    assert "const shared" in code
    with pytest.raises(ExtensionError, match="Expected identifier"):
        node_tools.minified("const = ;", "js")


def test_icons_are_read_from_a_sheet():
    assert finished_fonts.icons(r'.a:before{content:"\f062"}.b{--fa:"\2b "}') == {"\uf062", "+"}


def test_a_font_has_only_what_is_shown():
    font = ROOT / "node_modules" / "katex" / "dist" / "fonts" / "KaTeX_Main-Regular.woff2"
    data = finished_fonts.subset(font, {"a", "∑", "中"})
    assert len(data) < font.stat().st_size / 10
    assert finished_fonts.subset(font, {"中"}) is None


def test_the_choice_is_yes_or_no(monkeypatch):
    assert finish.wanted()
    monkeypatch.setenv("LECTURE_FINISH", "no")
    assert not finish.wanted()
    monkeypatch.setenv("LECTURE_FINISH", "perhaps")
    with pytest.raises(ConfigError, match=r"`LECTURE_FINISH` \('perhaps'\) is neither"):
        finish.wanted()


@pytest.fixture
def small_site(tmp_path):
    """A site of two pages as Sphinx leaves it; call it to bring it up to date."""
    folder = tmp_path / "html"
    (folder / "_static" / "styles").mkdir(parents=True)
    (folder / "book").mkdir()
    (folder / "_static" / "scripts").mkdir()
    for name in ("own.js", "last.js", FIRST, "scripts/menu.js"):
        (folder / "_static" / name).write_text(f"console.log('{name}');")
    theme = ".seen { color: red } .unseen { color: red }"
    (folder / "_static" / "styles" / "theme.css").write_text(theme)
    (folder / "_static" / "own.css").write_text(".other { color: red } .put-together { top: 0 }")
    (folder / "book" / "page.html").write_text(raw())
    other = raw(HEAD.replace("own.js?v=1", "last.js"), OTHER)
    (folder / "book" / "other.html").write_text(other)

    def bring_up_to_date():
        site = finish.Site(folder, tmp_path / "finished.json", {"own.css"})
        stale = not site.is_finished()
        if stale:
            site.finish()
        return stale

    return SimpleNamespace(folder=folder, finish=bring_up_to_date)


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_second_build_does_nothing_and_a_written_page_comes_to_the_same(small_site):
    assert small_site.finish()
    first = contents(small_site.folder)
    css = (small_site.folder / "_static" / SHEET).read_text()
    assert ".seen" in css
    assert ".other" in css
    assert "unseen" not in css
    assert ".put-together" in css
    assert "menu.js" in (small_site.folder / "_static" / THEME_SCRIPT).read_text()
    assert "menu.js" not in (small_site.folder / "_static" / SCRIPT).read_text()
    assert not small_site.finish()
    (small_site.folder / "book" / "page.html").write_text(raw())  # Sphinx writes one page again
    assert small_site.finish()
    assert contents(small_site.folder) == first


def test_a_page_of_unknown_making_is_refused(small_site):
    small_site.finish()
    (small_site.folder.parent / "finished.json").unlink()
    with pytest.raises(ExtensionError, match=r"finished page book/other\.html is made of: remove"):
        small_site.finish()


def pages(site):
    return [name for name in benchmark.pages_of(site) if not name.startswith("_static")]


def test_the_front_door_has_a_policy_too(site):
    assert "Content-Security-Policy" in (site / "index.html").read_text("utf-8")


def test_no_page_has_a_script_in_it_and_each_has_a_policy(site):
    for name in pages(site):
        text = (site / name).read_text("utf-8")
        data = "application/ld+json"
        inline = [s for s in re.findall(r"<script[^>]*>(?=[^<])", text) if data not in s]
        assert inline == [], name
        assert not re.search(r"<[a-z][^<>]*?\son[a-z]+=\"", text), name
        assert text.count('http-equiv="Content-Security-Policy"') == 1, name
        assert text.count('rel="stylesheet"') == 1, name
        assert ("wasm-unsafe-eval" in text) == ("<trained-network" in text), name


def classes(css):
    css = re.sub(r"/\*.*?\*/|url\([^)]*\)", "", css, flags=re.DOTALL)
    return set(re.findall(r"\.([a-z][\w-]*)(?=[^{}]*\{)", css))


def test_our_own_rules_are_all_there(root, site):
    ours = [*root.glob("book/_static/*.css"), *root.glob("book/_figures/*.css")]
    finished = classes((site / "_static" / SHEET).read_text("utf-8"))
    wanted = {sheet.name: classes(sheet.read_text("utf-8")) for sheet in ours}
    assert {"figure-downwards", "title-page", "search-dialog"} <= set().union(*wanted.values())
    assert {name: names - finished for name, names in wanted.items() if names - finished} == {}


def test_icons_of_pages_are_in_the_font(site):
    (font,) = (site / "_static" / "fonts").glob("fa-solid-900.*.woff2")
    known = set(TTFont(font).getBestCmap())
    css = (site / "_static" / SHEET).read_text("utf-8")
    for icon in ("sun", "moon", "bars", "magnifying-glass", "download", "arrow-up"):
        (rule,) = re.findall(rf"\.fa-{icon}:before\{{[^}}]*\}}", css)
        (shown,) = finished_fonts.icons(rule)
        assert ord(shown) in known, icon


def test_pages_bring_few_bytes_and_no_index_before_anybody_does_anything(visit, address, site):
    window = visit(viewport={"width": 390, "height": 844})
    for name in ("book/index.html", "book/glossary.html"):
        window.requests.clear()
        window.page.goto(address + name, wait_until="load")
        asked = {url.partition("?")[0] for url in window.requests if url.startswith(address)}
        assert not [url for url in asked if re.search("searchindex|fontawesome.js", url)]
        files = [(site / url.removeprefix(address)).read_bytes() for url in asked]
        kib = sum(min(len(data), len(gzip.compress(data))) for data in files) / 1024
        assert kib <= benchmark.MOST_KIB, f"{name}: {kib:.0f} KiB"
    assert window.wrong == []


def test_colours_are_set_before_the_page_is_seen(visit, address):
    window = visit(color_scheme="dark")
    window.page.route("**/lecture-site.js*", lambda route: route.fulfill(body=""))
    window.page.goto(address + "book/index.html")
    assert window.page.evaluate("document.documentElement.dataset.theme") == "dark"
    window.page.evaluate("localStorage.setItem('mode', 'light')")
    window.page.reload()
    assert window.page.evaluate("document.documentElement.dataset.theme") == "light"


@pytest.mark.parametrize("by", ["http", "file"])
def test_what_scripts_do_works_under_the_policy(visit, address, site, by):
    base = address if by == "http" else f"{site.as_uri()}/"
    window = visit(viewport={"width": 1280, "height": 800})
    page = window.page
    page.goto(base + "book/pytorch-layers.html")
    copies = page.locator("button.copybtn")
    assert copies.count() > 5
    if by == "http":  # from a disk nothing may be read back
        window.context.grant_permissions(["clipboard-read", "clipboard-write"])
        copies.first.click()
        code = page.locator(".cell_input pre").first.inner_text()
        page.wait_for_function(
            "(code) => navigator.clipboard.readText().then((text) => text.trim() === code)",
            arg=code.strip(),
        )
    form = page.locator(".answer-form").first
    form.get_by_role("button", name="Check").click()
    form.locator(".answer-verdict", has_text=re.compile("^Not yet.")).wait_for()
    mode = page.evaluate("document.documentElement.dataset.mode")
    page.get_by_role("button", name="Color mode").click()
    assert page.evaluate("document.documentElement.dataset.mode") != mode
    page.locator("shape-calculator").scroll_into_view_if_needed()
    page.locator("shape-calculator .figure-live").wait_for()
    page.evaluate("window.print = () => { window.printed = true; }")
    page.get_by_role("button", name="Take this page with you").click()
    page.locator(".btn-download-pdf-button").click()
    assert page.evaluate("window.printed")
    assert window.wrong == []


def test_foreign_scripts_do_not_run(visit, address):
    page = visit().page
    page.goto(address + "book/index.html")
    page.evaluate(
        """() => {
             const script = document.createElement("script");
             script.textContent = "window.ran = true";
             document.body.append(script);
           }"""
    )
    assert page.evaluate("window.ran") is None


def test_the_benchmark_asks_for_what_is_there(tmp_path, capsys):
    (tmp_path / "a.html").write_text("<title>a</title>")
    asked = benchmark.arguments(["--site", str(tmp_path)])
    assert asked.pages == ["a.html"]
    for wrong, said in [
        (["b.html"], "no page b.html"),
        (["--runs", "0"], "no whole number from 1"),
    ]:
        with pytest.raises(SystemExit):
            benchmark.arguments([*wrong, "--site", str(tmp_path)])
        assert said in capsys.readouterr().err


def test_the_benchmark_opens_two_sites_in_turns_and_compares_them(tmp_path, monkeypatch, capsys):
    for site, pages in {"ours": ("page", "new"), "theirs": ("page",)}.items():
        for page in pages:
            (tmp_path / site).mkdir(exist_ok=True)
            (tmp_path / site / f"{page}.html").touch()
    opened = []

    def serve(folder):
        nothing = SimpleNamespace(shutdown=lambda: None, server_close=lambda: None)
        return nothing, f"{folder.name}/"

    def measure(address, device):
        opened.append((address, device))
        seconds = 4.0 if address.startswith("theirs") else 2.0
        scores = dict.fromkeys(benchmark.CATEGORIES, 100.0)
        return scores | {"lcp": seconds, "kib": 100.0}, set()

    monkeypatch.setattr(benchmark, "serve", serve)
    monkeypatch.setattr(benchmark, "measure", measure)
    monkeypatch.setattr(benchmark, "LIGHTHOUSE", Path(__file__))
    sites = [f"--site={tmp_path / 'ours'}", f"--against={tmp_path / 'theirs'}"]
    monkeypatch.setattr(sys, "argv", ["site", *sites, "--runs=2", "--device=mobile"])
    with pytest.raises(SystemExit) as end:
        benchmark.main()
    assert end.value.code == 0
    assert [address for address, _ in opened] == [
        *("ours/new.html", "ours/new.html"),
        *("ours/page.html", "theirs/page.html", "ours/page.html", "theirs/page.html"),
    ]
    assert "the other against this: lcp 2.0, kib 1.0 times" in capsys.readouterr().out


def test_the_benchmark_says_what_misses():
    figures = dict.fromkeys(benchmark.CATEGORIES, 100.0) | {"lcp": 2.0, "kib": 100.0}
    assert benchmark.misses("book/page.html", "mobile", figures) == []
    figures |= {"performance": 96.0, "kib": 300.0}
    assert benchmark.misses("book/page.html", "mobile", figures) == ["300 KiB > 250"]
    assert len(benchmark.misses(benchmark.FRONT, "mobile", figures)) == 2
    assert len(benchmark.misses("book/page.html", "desktop", figures)) == 2


def test_a_site_is_finished_anew_where_no_page_is_written(book):
    page = book.root / "_build" / "html" / "book" / "page.html"
    text = page.read_text("utf-8")
    page.write_text(text.replace("A place", "Another place"), "utf-8")
    result = book.build()
    assert result.returncode == 0, result.stderr
    assert "no targets are out of date" in result.stdout
    assert "finished the site" in result.stdout
    assert "Another place" in page.read_text("utf-8")
