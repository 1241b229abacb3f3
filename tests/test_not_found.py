"""The page for addresses that are none: it works at any depth of a published site."""

import sys

import pytest


@pytest.fixture
def not_found(root, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(root / "book" / "_ext"), *sys.path])
    import not_found

    return not_found


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<a href="book/index.html">', '<a href="/lecture/book/index.html">'),
        ('<a href="./book/x.html#y">', '<a href="/lecture/book/x.html#y">'),
        ('<html data-content_root="./" >', '<html data-content_root="/lecture/" >'),
        ('<a class="x" href="#main-content">', '<a class="x" href="#main-content">'),
        ('<link href="https://example.org/">', '<link href="https://example.org/">'),
        ('<img src="data:image/png;base64,AA">', '<img src="data:image/png;base64,AA">'),
        ('<form action="search.html">', '<form action="/lecture/search.html">'),
    ],
)
def test_addresses_begin_at_the_root(not_found, before, after):
    assert not_found.from_the_root(before, "/lecture/") == after


def test_it_works_at_any_depth(visit, address, site, not_found, path_on_server):
    html = not_found.from_the_root((site / "404.html").read_text("utf-8"), path_on_server)
    window = visit()
    page, missing = window.page, f"{address}book/1999/gone/page.html"
    page.route(missing, lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(missing)
    assert page.locator("h1").inner_text() == "There is no such page"
    page.get_by_label("Search the lecture").fill("stride")
    page.locator(".search-hit").first.click()
    page.wait_for_url("**/book/glossary.html#term-stride")
    page.go_back()
    page.get_by_role("article").get_by_role("link", name="Glossary", exact=True).click()
    assert page.url == f"{address}book/glossary.html"
    assert window.wrong == []


def test_at_home_it_works_where_it_lies(visit, built_book):
    window, site = visit(), built_book.root.with_name("as-built") / "_build" / "html"
    window.page.goto((site / "404.html").as_uri())
    window.page.get_by_label("Search the lecture").fill("place")
    window.page.locator(".search-hit").first.wait_for()
    assert window.wrong == []
