"""The zip of the site: the same for the same site, and read from a disk."""

import zipfile
from datetime import UTC, datetime

import pytest

from book.zip import FOLDER, pack, read_me

DATE = datetime(2026, 11, 25, 12, 30, 2, tzinfo=UTC)


def test_the_same_site_gives_the_same_zip(tmp_path):
    site = tmp_path / "site"
    (site / "book").mkdir(parents=True)
    for name in ("index.html", "book/b.html", "book/a.html"):
        (site / name).write_text(name, "utf-8")
    pack(site, tmp_path / "one.zip", "Read me.", DATE)
    (site / "index.html").touch()
    (site / "book" / ".writing-x7f").write_text("half", "utf-8")
    (site / "book" / "a.html").chmod(0o600)
    pack(site, tmp_path / "two.zip", "Read me.", DATE)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        names = archive.namelist()
        assert names == [
            f"{FOLDER}/{n}" for n in ("READ ME.txt", "book/a.html", "book/b.html", "index.html")
        ]
        assert archive.read(names[0]) == b"Read me."
        assert {entry.date_time for entry in archive.infolist()} == {(2026, 11, 25, 12, 30, 2)}


def test_a_site_that_is_not_built_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"has no index\.html: build the site"):
        pack(tmp_path, tmp_path / "site.zip", "", DATE)
    assert not list(tmp_path.glob("*"))


def test_the_zip_is_read_from_a_disk(visit, site, root, tmp_path):
    pack(site, tmp_path / "lecture.zip", read_me(root), DATE)
    with zipfile.ZipFile(tmp_path / "lecture.zip") as archive:
        archive.extractall(tmp_path)
    unpacked = tmp_path / FOLDER
    said = (unpacked / "READ ME.txt").read_text("utf-8")
    for word in ("index.html", "trained network", "camera", "http.server"):
        assert word in said
    window = visit(reduced_motion="reduce")
    page = window.page
    page.goto((unpacked / "index.html").as_uri())
    page.wait_for_url("**/book/index.html")
    page.get_by_role("link", name="What a convolution is").first.click()
    page.wait_for_url("**/book/convolution.html")
    page.locator("#fig-sliding-kernel").get_by_role("button", name="Next step").click()
    page.goto((unpacked / "book" / "exercises.html").as_uri())
    page.fill("#answer-output-size", "26")
    page.press("#answer-output-size", "Enter")
    assert page.locator("#verdict-output-size").inner_text().startswith("Right.")
    assert window.wrong == []
    assert window.strangers(unpacked.as_uri()) == []
