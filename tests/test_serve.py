"""Saving a page builds it again in the process that is already there, and says what is wrong."""

import asyncio
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import ADDRESSES
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port

from benchmarks import serve as benchmark
from book import serve
from book.serve import Builder, changes, modification_times, with_problems


def run(coroutine):
    """Run a coroutine in a thread of its own: the browser of other tests has a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


PAGE = "<html><head><title>T</title></head><body class='a'><p>Text</p></body></html>"


def test_a_page_gets_the_script_that_reloads_it():
    page = with_problems(PAGE, [])
    assert page.count('<script src="/livereload.js" defer></script></head>') == 1
    assert "serve-problems" not in page
    assert page.endswith("<body class='a'><p>Text</p></body></html>")


def test_a_page_says_on_top_what_is_wrong():
    page = with_problems(PAGE, ["book/page.md:3: <b> is none", "another"])
    top = page.index("serve-problems")
    assert page.index("<body class='a'>") < top < page.index("<p>Text</p>")
    assert "book/page.md:3: &lt;b&gt; is none" in page
    assert 'role="alert"' in page


def test_pages_and_files_are_served_and_nothing_outside(tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    (site / "page.html").write_text(PAGE, "utf-8")
    (site / "style.css").write_text("a {}", "utf-8")
    (tmp_path / "secret.html").write_text("secret", "utf-8")

    async def fetch(*paths):
        listening, port = bind_unused_port()
        server = HTTPServer(serve.application(site))
        server.add_sockets([listening])
        client, address = AsyncHTTPClient(), f"http://127.0.0.1:{port}/"
        answers = [await client.fetch(address + path, raise_error=False) for path in paths]
        server.stop()
        await server.close_all_connections()
        return answers

    page, style, gone, outside, script = run(
        fetch("page.html", "style.css", "gone.html", "..%2fsecret.html", "livereload.js")
    )
    assert page.body.decode() == with_problems(PAGE, [])
    assert style.body == b"a {}"
    assert gone.code == 404
    assert outside.code == 403
    assert script.code == 200


def test_saved_new_and_removed_files_are_changes(tmp_path):
    (tmp_path / "book" / "_ext").mkdir(parents=True)
    for name in ("book/a.md", "book/b.md", "book/_ext/c.py", "_toc.yml", "other.txt"):
        (tmp_path / name).write_text("", "utf-8")
    before = modification_times(tmp_path)
    assert set(before) == {"book/a.md", "book/b.md", "book/_ext/c.py", "_toc.yml"}
    (tmp_path / "book/a.md").unlink()
    (tmp_path / "book/d.md").write_text("", "utf-8")
    assert changes(before, before | {"book/b.md": 1}) == {"book/b.md"}
    assert changes(before, modification_times(tmp_path)) == {"book/a.md", "book/d.md"}


def test_files_that_vanish_meanwhile_are_passed_over(tmp_path, monkeypatch):
    (tmp_path / "book").mkdir()
    for name in ("kept.md", "gone.md"):
        (tmp_path / "book" / name).write_text("", "utf-8")
    (tmp_path / "book" / "link.md").symlink_to("nowhere.md")
    stat = Path.stat

    def stat_and_remove(path, **options):
        found = stat(path, **options)
        if path.name == "gone.md":
            path.unlink()
        return found

    monkeypatch.setattr(Path, "stat", stat_and_remove)
    assert set(modification_times(tmp_path)) == {"book/kept.md", "book/gone.md"}
    assert set(modification_times(tmp_path)) == {"book/kept.md"}


@pytest.mark.parametrize(
    "name",
    [".convolution.md.swp", "convolution.md~", "4913", ".writing-x7f", "#convolution.md#"],
)
def test_what_an_editor_leaves_for_a_moment_is_no_change(tmp_path, name):
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / name).write_text("", "utf-8")
    (tmp_path / "book" / "__pycache__").mkdir()
    (tmp_path / "book" / "__pycache__" / "zip.pyc").write_text("", "utf-8")
    assert modification_times(tmp_path) == {}


def test_a_process_that_ends_is_a_problem_and_the_next_save_starts_another(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "warm_build.py").write_text("raise SystemExit(3)", "utf-8")

    async def twice():
        builder = Builder(tmp_path)
        return [await builder.build() for _ in range(2)]

    for answer in run(twice()):
        assert "Sphinx has ended with status 3" in answer["problems"][0]


@pytest.fixture
def served_book(book, root, monkeypatch):
    for name in ("serve.py", "warm_build.py"):
        shutil.copy2(root / "book" / name, book.root / "book" / name)
    monkeypatch.setenv("PYTHONPATH", str(book.root))
    for name in ADDRESSES:
        monkeypatch.delenv(name, raising=False)
    return book


FIGURE = """```{figure} _static/favicon.png
:name: fig-new
:alt: a picture

A caption.
```

"""
GLOSSARY = """```{glossary}
gizmo
  A thing.
```

"""


def test_an_author_at_work(served_book, capfd):
    """Edit, break and mend pages and code: each build tells what came of it."""
    book, site = served_book, served_book.root / "_build/html"

    async def work():
        builder = Builder(book.root)
        save = builder.build
        assert (await save())["problems"] == []

        book.edit("book/page.md", "A formula", "A short formula")
        answer = await save(["book/page.md"])
        assert answer["problems"] == []
        assert "book/page" in answer["written"]
        assert "A short formula" in (site / "book/page.html").read_text("utf-8")
        assert book.executions() == ["index", "page"], "prose executes nothing"

        book.edit("book/page.md", "A short", "See {ref}`nowhere-at-all`. A short")
        (problem,) = (await save(["book/page.md"]))["problems"]
        assert "nowhere-at-all" in problem
        assert "page.md" in problem
        (again,) = (await save())["problems"]
        assert again == problem, "it is not forgotten before it is mended"

        book.edit("book/page.md", "See {ref}`nowhere-at-all`. ", "")
        book.edit("book/index.md", "It goes on", "It continues")
        book.edit("book/page.md", 'print("size"', 'raise RuntimeError("planted")\nprint("size"')
        problems = (await save(["book/page.md", "book/index.md"]))["problems"]
        assert any("RuntimeError: planted" in text for text in problems)

        book.edit("book/page.md", 'raise RuntimeError("planted")\n', "")
        answer = await save(["book/page.md"])
        assert answer["problems"] == []
        assert {"book/index", "book/page"} <= set(answer["written"])
        assert "It continues" in (site / "book/index.html").read_text("utf-8")

        book.edit("book/index.md", "It continues", "It continues in {numref}`fig-new`")
        book.edit("book/page.md", "A short formula", FIGURE + "A short formula")
        assert (await save(["book/page.md", "book/index.md"]))["problems"] == []
        assert "It continues in <a" in (site / "book/index.html").read_text("utf-8")

        book.edit("book/page.md", "A short formula", GLOSSARY + "A short formula")
        book.edit("book/index.md", "It continues", "The gizmo continues")
        assert (await save(["book/page.md", "book/index.md"]))["problems"] == []
        assert "A thing." in (site / "book/index.html").read_text("utf-8")
        book.edit("book/page.md", "A thing.", "A better thing.")
        assert (await save(["book/page.md"]))["problems"] == []
        assert "A better thing." in (site / "book/index.html").read_text("utf-8")

        style = book.root / "book/_static/lecture.css"
        style.write_text("/* another */", "utf-8")
        assert (await save(["book/_static/lecture.css"]))["problems"] == []
        assert (site / "_static/lecture.css").read_text("utf-8") == "/* another */"

        assert "cnnlib/freshness.py" in builder.imported
        capfd.readouterr()
        assert (await save(["cnnlib/freshness.py"]))["problems"] == []
        assert "cnnlib/freshness.py: starting Sphinx again" in capfd.readouterr().out
        await builder.end()

    run(work())


@pytest.mark.parametrize(
    ("path", "needs"),
    [
        ("book/_ext/strict.py", True),
        ("_config.yml", True),
        ("package-lock.json", True),
        ("book/references.bib", True),
        ("book/page.md", False),
        ("cnnlib/not_imported.py", False),
    ],
)
def test_what_the_process_has_read_at_its_start_needs_another(path, needs, monkeypatch):
    builder = serve.Builder(None)
    assert builder.needs_new_process(path) is needs
    builder.imported = {path}
    assert builder.needs_new_process(path) is True


def test_a_benchmark_of_a_server_that_ends_at_once_says_so(monkeypatch):
    monkeypatch.setattr(benchmark.sys, "executable", "false")
    with pytest.raises(SystemExit, match="the server ended before its first build was done"):
        benchmark.main([])
