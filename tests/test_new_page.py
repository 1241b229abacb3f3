"""A new page has its header and its place, and is not finished."""

import pytest
import yaml

from book import lint, new_page
from cnnlib import atomic

TOC = """\
# The order of reading.
root: book/index
parts:
  - caption: "Section One"
    chapters:
      - file: book/index-of-all
  - caption: Back matter
    chapters:
      - file: book/notation
"""


@pytest.fixture
def book(tmp_path, root):
    (tmp_path / "book").mkdir()
    (tmp_path / "_toc.yml").write_text(TOC, "utf-8")
    (tmp_path / "_config.yml").write_text((root / "_config.yml").read_text("utf-8"), "utf-8")
    return tmp_path


def test_it_is_listed_before_the_back_matter_and_the_rest_stays(book):
    assert new_page.main(["deep-dreams"], book) is None
    contents = (book / "_toc.yml").read_text("utf-8")
    added = "      - file: book/deep-dreams\n"
    assert contents.replace(added, "") == TOC
    chapters = yaml.safe_load(contents)["parts"][0]["chapters"]
    assert chapters[-1] == {"file": "book/deep-dreams"}


def test_it_runs_and_lint_asks_for_all_that_is_to_be_written(book):
    path = new_page.new_page("deep-dreams", book)
    text = path.read_text("utf-8")
    assert text.startswith("---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n")
    assert "# Deep dreams\n" in text
    ((_, page),) = lint.read_pages(book).items()
    faults = list(lint.faults(page))
    assert {rule for _, rule, _, _ in faults} == {"unfinished"}
    assert len(faults) == text.count("% write:") == 6


@pytest.mark.parametrize(
    "name", ["", "Deep", "deep dreams", "../deep", "deep_dreams", "-deep", "1"]
)
def test_a_bad_name_is_refused(book, name):
    with pytest.raises(ValueError, match="is no name of a page: use lower-case"):
        new_page.new_page(name, book)
    assert (book / "_toc.yml").read_text("utf-8") == TOC


def test_an_existing_name_is_refused(book, capsys):
    new_page.main(["mine"], book)
    (book / "book" / "mine.md").write_text("# Mine\n", "utf-8")
    before = (book / "_toc.yml").read_text("utf-8")
    with pytest.raises(SystemExit):
        new_page.main(["mine"], book)
    assert "is the name of a page already: choose another" in capsys.readouterr().err
    assert (book / "book" / "mine.md").read_text("utf-8") == "# Mine\n"
    assert (book / "_toc.yml").read_text("utf-8") == before


def test_what_is_there_of_a_page_stays_and_the_rest_is_done(book):
    (book / "book" / "mine.md").write_text("# Mine\n", "utf-8")
    new_page.new_page("mine", book)  # written, and not listed yet
    assert (book / "book" / "mine.md").read_text("utf-8") == "# Mine\n"
    listed = (book / "_toc.yml").read_text("utf-8")
    assert listed.replace("      - file: book/mine\n", "") == TOC
    page = new_page.new_page("notation", book)  # listed, and not written yet
    assert page.read_text("utf-8").count("% write:") == 6
    assert (book / "_toc.yml").read_text("utf-8") == listed


def test_an_interruption_lists_no_page_that_is_not_there(book, monkeypatch):
    write = atomic.write

    def interrupted(path, content):
        write(path, content)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(atomic, "write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            new_page.main(["deep-dreams"], book)
    assert (book / "_toc.yml").read_text("utf-8") == TOC
    new_page.main(["deep-dreams"], book)  # the same command does the rest
    assert "- file: book/deep-dreams\n" in (book / "_toc.yml").read_text("utf-8")
