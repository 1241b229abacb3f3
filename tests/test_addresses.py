"""What a published page links to is there, and a page that is not published links to nothing."""

import json
import os
import re
import shutil
import subprocess

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from conftest import Book
from PIL import Image
from rooms import Room, asked_for, said

OWNER, NAME, COMMIT = "somebody", "lecture", "0123456789" * 4
PUBLISHED = {
    "LECTURE_SITE": f"https://{OWNER}.example/{NAME}/",
    "LECTURE_REPOSITORY": f"https://github.com/{OWNER}/{NAME}",
    "LECTURE_COMMIT": COMMIT,
}
COLAB = re.compile(r'href="(https://colab\.research\.google\.com/github/([^"]+))"')
NOTEBOOK = re.compile(r'href="([^"]+\.ipynb)"')


@pytest.fixture(autouse=True, scope="module")
def nowhere():
    """Forget where this build is published, if it is."""
    with pytest.MonkeyPatch.context() as patch:
        for name in PUBLISHED:
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="module")
def published(nowhere, built_book, tmp_path_factory):
    """Build the two-page book once as a published one; the tests only read it."""
    copy = Book(tmp_path_factory.mktemp("published") / "source")
    shutil.copytree(built_book.root.with_name("as-built"), copy.root, symlinks=True)
    return built(copy, **PUBLISHED)


@pytest.fixture
def addresses(root, monkeypatch):
    monkeypatch.syspath_prepend(root / "book" / "_ext")
    import addresses

    return addresses


def built(book, **environment):
    result = book.build(**environment)
    assert result.returncode == 0, result.stdout + result.stderr
    return book.root / "_build" / "html"


def sources(site, page):
    made = nbformat.read(site / "book" / f"{page}.ipynb", as_version=4)
    return [cell.source for cell in made.cells]


def test_a_published_page_offers_its_notebook_here_and_in_colab(published, addresses):
    for page in ("index", "page"):
        html = (published / "book" / f"{page}.html").read_text("utf-8")
        ((_, place),) = COLAB.findall(html)
        path = place.removeprefix(f"{OWNER}/{NAME}/blob/{addresses.NOTEBOOKS_BRANCH}/")
        assert (published / path).is_file()
        assert NOTEBOOK.findall(html).count(f"{page}.ipynb") == 1
        first = sources(published, page)[0]
        assert f"cnnlib[notebook] @ git+{PUBLISHED['LECTURE_REPOSITORY']}@{COMMIT}" in first


def test_a_published_notebook_links_to_the_site(published):
    text = "".join(sources(published, "index"))
    page = f"https://{OWNER}.example/{NAME}/book/page.html"
    assert f"[The other page]({page})" in text
    assert f"[here]({page}#a-place)" in text


def tags(html):
    """Return what a page says of itself: a dict of its meta tags, and its links."""
    head = BeautifulSoup(html, "html.parser")
    meta = {
        tag.get("property") or tag.get("name"): tag["content"]
        for tag in head("meta")
        if tag.get("content")
    }
    return meta, {link["rel"][0]: link["href"] for link in head("link")}


def test_a_published_page_says_where_it_is_and_how_to_show_a_link_to_it(published):
    for page, title in (("index", "A book of two pages"), ("page", "The other page")):
        meta, links = tags((published / "book" / f"{page}.html").read_text("utf-8"))
        address = f"{PUBLISHED['LECTURE_SITE']}book/{page}.html"
        assert links["canonical"] == meta["og:url"] == address
        assert meta["og:title"] == title
        assert meta["description"] == meta["og:description"]
        assert meta["twitter:card"] == "summary_large_image"
        card = published / meta["og:image"].removeprefix(PUBLISHED["LECTURE_SITE"])
        with Image.open(card) as picture:
            assert picture.width > 1000
    _, links = tags((published / "index.html").read_text("utf-8"))
    assert links["canonical"] == f"{PUBLISHED['LECTURE_SITE']}book/index.html"


def listed_pages(site):
    text = (site / "sitemap.xml").read_text("utf-8")
    return re.findall(r"<loc>(.*?)</loc>", text)


def test_the_list_of_pages_is_whole_after_each_build(book):
    pages = [f"{PUBLISHED['LECTURE_SITE']}book/{page}.html" for page in ("index", "page")]
    assert listed_pages(built(book, **PUBLISHED)) == pages
    book.edit("book/page.md", "A formula", "A short formula")
    assert listed_pages(built(book, **PUBLISHED)) == pages


def test_a_published_page_can_be_edited_where_it_comes_from(published):
    html = (published / "book" / "page.html").read_text("utf-8")
    assert f'href="{PUBLISHED["LECTURE_REPOSITORY"]}/edit/main/book/page.md"' in html


def test_complaints_have_an_address_where_there_is_one(addresses, monkeypatch):
    assert "tell those who gave you this copy" in addresses.complaints()
    monkeypatch.setenv("LECTURE_REPOSITORY", PUBLISHED["LECTURE_REPOSITORY"])
    assert f"]({PUBLISHED['LECTURE_REPOSITORY']}/issues)" in addresses.complaints()


def test_a_build_at_home_links_to_nothing(built_book):
    site = built_book.root.with_name("as-built") / "_build" / "html"
    assert not (site / "sitemap.xml").exists()
    for page in ("index", "page"):
        html = (site / "book" / f"{page}.html").read_text("utf-8")
        meta, links = tags(html)
        assert meta["description"]
        assert "og:image" not in meta
        assert "canonical" not in links
        assert "/edit/" not in html
        assert NOTEBOOK.findall(html) == [f"{page}.ipynb"]
        assert "colab" not in html
        first, *others = sources(site, page)
        assert "does not know where its source is published" in first
        assert "pip install '.[notebook]'" in first
        assert not re.search(r"https?://", first + "".join(others))


def test_another_commit_writes_the_notebooks_again_and_executes_nothing(book):
    before = book.executions()
    other = "f" * 40
    site = built(book, **PUBLISHED | {"LECTURE_COMMIT": other})
    assert all(other in sources(site, page)[0] for page in ("index", "page"))
    assert book.executions() == before


def test_a_repository_without_a_commit_is_an_error(book):
    result = book.build(LECTURE_REPOSITORY=PUBLISHED["LECTURE_REPOSITORY"])
    assert result.returncode != 0
    assert "without LECTURE_COMMIT" in result.stdout + result.stderr


def test_a_notebook_goes_with_the_cells_of_its_page(book):
    page = book.root / "book" / "page.md"
    page.write_text(page.read_text("utf-8").partition("```{code-cell}")[0], "utf-8")
    assert [path.name for path in built(book).rglob("*.ipynb")] == ["index.ipynb"]


def test_a_notebook_goes_with_its_page(book):
    (book.root / "book" / "page.md").unlink()
    book.edit("_toc.yml", "chapters:\n  - file: book/page\n", "")
    book.edit("book/index.md", "It goes on in {doc}`page`, with {ref}`here <a-place>` in it.", "")
    assert [path.name for path in built(book).rglob("*.ipynb")] == ["index.ipynb"]


def test_colab_opens_only_what_is_on_github(addresses, monkeypatch):
    monkeypatch.setenv("LECTURE_REPOSITORY", "https://git.example/somebody/lecture")
    assert addresses.colab("book/page.ipynb") is None
    monkeypatch.setenv("LECTURE_REPOSITORY", "https://github.com/somebody/lecture.git")
    assert addresses.colab("book/page.ipynb") == (
        "https://colab.research.google.com/github/somebody/lecture/blob/"
        f"{addresses.NOTEBOOKS_BRANCH}/book/page.ipynb"
    )


@pytest.fixture
def workflow(root):
    return yaml.safe_load((root / ".github/workflows/book.yml").read_text("utf-8"))["jobs"]


def test_the_workflow_gives_all_addresses(workflow):
    assert {"run": ".ci/run"} in workflow["build"]["steps"]
    assert set(workflow["build"]["env"]) == set(PUBLISHED)


def test_the_workflow_publishes_the_notebooks_where_colab_looks(
    workflow, addresses, site, tmp_path
):
    """Run its step with a repository of our own, and an archive like that of the site."""
    (step,) = workflow["notebooks"]["steps"]
    assert "notebooks" in workflow["publish"]["needs"], "no link leads to what is not there yet"
    tools, server = tmp_path / "tools", tmp_path / "server" / OWNER / f"{NAME}.git"
    tools.mkdir()
    subprocess.run(["git", "init", "--quiet", "--bare", server], check=True)
    archive = (
        f'[ "$*" = "run download 7 --name github-pages-2" ] && tar -C "{site}" -cf artifact.tar .'
    )
    (tools / "gh").write_text(f"#!/bin/sh\n{archive}\n")
    (tools / "gh").chmod(0o755)
    environment = {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "GITHUB_RUN_ID": "7",
        "GITHUB_SHA": COMMIT,
        "ATTEMPT": "2",
        # In place of the server's address: the folder in which the repository lies.
        "REMOTE": str(server),
    }
    assert set(step["env"]) == {"ATTEMPT", "GH_TOKEN", "GH_REPO", "REMOTE"}
    for attempt in ("first", "second"):
        (folder := tmp_path / attempt).mkdir()
        subprocess.run(["bash", "-e", "-c", step["run"]], cwd=folder, env=environment, check=True)
    git = ["git", "-C", server]
    listed = subprocess.run(
        [*git, "ls-tree", "-r", "--name-only", addresses.NOTEBOOKS_BRANCH],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert listed == sorted(p.relative_to(site).as_posix() for p in site.rglob("*.ipynb"))
    count = subprocess.run(
        [*git, "rev-list", "--count", addresses.NOTEBOOKS_BRANCH], capture_output=True, check=True
    )
    assert count.stdout.strip() == b"1", "no history of built files"


@pytest.fixture
def published_here(book, root, monkeypatch):
    """Put this tree's library where Git looks for the published one, and return its commit."""
    for name in ("README.md", "LICENSE"):
        shutil.copy(root / name, book.root)
    git = ["git", "-C", book.root, "-c", "user.name=test", "-c", "user.email=test@example.org"]
    for command in (
        ["init", "--quiet"],
        ["add", "pyproject.toml", "cnnlib", "README.md", "LICENSE"],
        ["commit", "--quiet", "--message", "all"],
    ):
        subprocess.run([*git, *command], check=True)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.file://{book.root}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", PUBLISHED["LECTURE_REPOSITORY"])
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    return PUBLISHED | {"LECTURE_COMMIT": head.stdout.strip()}


def test_the_first_cell_installs_the_library(book, published_here, root, tmp_path):
    book.edit("book/page.md", "from cnnlib", "from myst_nb import glue\n\nfrom cnnlib")
    book.edit("book/page.md", 'print("size"', 'glue("two", 2.0, display=False)\nprint("size"')
    site = built(book, **published_here)
    room = Room(tmp_path, [*asked_for(root), "hatchling"], with_pip=True)
    assert room.run("-c", "import cnnlib").returncode != 0
    done = room.execute(site / "book" / "page.ipynb")
    assert "two: 2\nsize 3\n" in said(done, "stdout")
    (source,) = room.packages.glob("cnnlib-*.dist-info/direct_url.json")
    installed = json.loads(source.read_text("utf-8"))["vcs_info"]
    assert installed["commit_id"] == published_here["LECTURE_COMMIT"]
