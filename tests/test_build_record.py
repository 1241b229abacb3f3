"""What a page's footer and ``build.json`` say of how they were made."""

import json
import subprocess
from datetime import UTC, datetime

import pytest
from docutils import nodes


@pytest.fixture
def build_record(root, monkeypatch):
    monkeypatch.syspath_prepend(root / "book" / "_ext")
    import build_record

    return build_record


@pytest.fixture
def commits(build_record, monkeypatch):
    import commit

    for name in ("LECTURE_COMMIT", "SOURCE_DATE_EPOCH"):
        monkeypatch.delenv(name, raising=False)
    return commit


def git(folder, *words, **environment):
    given = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    return subprocess.run(
        ["git", *given, *words],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder)} | environment,
    ).stdout.strip()


def test_git_tells_the_commit_its_date_and_changes(commits, tmp_path):
    git(tmp_path, "init", "--quiet")
    (tmp_path / "page.md").write_text("One.\n", "utf-8")
    git(tmp_path, "add", "page.md")
    date = "2026-11-25T12:00:00+0100"
    git(tmp_path, "commit", "--quiet", "-m", "One", GIT_COMMITTER_DATE=date, GIT_AUTHOR_DATE=date)
    found = commits.commit(tmp_path)
    assert found.name == git(tmp_path, "rev-parse", "HEAD")
    assert found.date == datetime(2026, 11, 25, 11, tzinfo=UTC)
    assert not found.changed
    (tmp_path / "new.md").write_text("Not in the commit, nor read.\n", "utf-8")
    assert not commits.commit(tmp_path).changed
    (tmp_path / "page.md").write_text("Two.\n", "utf-8")
    assert commits.commit(tmp_path).changed


def test_the_environment_comes_before_git(commits, tmp_path, monkeypatch):
    monkeypatch.setenv("LECTURE_COMMIT", "ab" * 20)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    found = commits.commit(tmp_path)
    assert found == commits.Commit("ab" * 20, datetime(1970, 1, 2, tzinfo=UTC), False)


def test_a_folder_inside_another_tree_has_no_commit(commits, root):
    assert commits.commit(root / "book").name == ""


def test_words_on_the_commit(build_record, commits):
    date = datetime(2026, 11, 5, tzinfo=UTC)
    clean = commits.Commit("0123456789abcdef", date, False)
    said = build_record.say_commit(clean, "")
    assert said == (
        "Built of commit <code>0123456789ab</code> of "
        '<time datetime="2026-11-05">5 November 2026</time>.'
    )
    published = build_record.say_commit(clean, "https://code.example/lecture")
    assert '<a href="https://code.example/lecture/commit/0123456789abcdef">' in published
    changed = commits.Commit("0123456789abcdef", date, True)
    assert "with local changes" in build_record.say_commit(changed, "")
    unknown = commits.Commit("", commits.NO_DATE, False)
    assert build_record.say_commit(unknown, "") == "Built of a source without a known commit."


def test_words_on_the_execution(build_record):
    assert 'in <span class="varies">13 s</span> on a' in build_record.execution(12.6)
    assert "ran on a processor" in build_record.execution(None)


def test_outputs_are_what_was_printed_and_drawn(build_record, tmp_path):
    for name, year in [("a", 2025), ("b", 2026), ("c", 2026)]:
        drawing = f"<svg><dc:date>{year}</dc:date>{name == 'c'}</svg>"
        (tmp_path / f"{name}.svg").write_text(drawing, "utf-8")
    node = nodes.container("", nodes.literal_block("", "\x1b[31m26\x1b[0m\nwide"))
    node += [nodes.image(uri="a.svg"), nodes.image(uri="/b.svg")]
    bundle = nodes.container("", nodes.literal_block("", "<Figure>"), nb_element="mime_bundle")
    bundle += nodes.image(uri="c.svg")
    node += bundle
    told = build_record.output(node, tmp_path)
    assert told["printed"] == ["26", "wide"]
    first, second, third = told["drawn"]
    assert first == second, "the date is not part of the picture"
    assert first != third


def test_a_build_leaves_its_record_and_its_footers(book, root):
    site = book.root / "_build" / "html"
    record = json.loads((site / "build.json").read_text("utf-8"))
    assert record["commit"] == ""
    assert set(record["pages"]) == {"book/index", "book/page"}
    assert record["pages"]["book/page"]["outputs"] == [{"printed": ["size 3"], "drawn": []}]
    page = (site / "book" / "page.html").read_text("utf-8")
    assert "Built of a source without a known commit." in page
    assert "The code of this page ran in" in page
    before = (book.root / "executions.txt").read_text("utf-8")
    result = book.build(LECTURE_COMMIT="0123456789" * 4, SOURCE_DATE_EPOCH="1700000000")
    assert result.returncode == 0, result.stdout + result.stderr
    assert (book.root / "executions.txt").read_text("utf-8") == before
    page = (site / "book" / "page.html").read_text("utf-8")
    assert 'commit <code>012345678901</code> of <time datetime="2023-11-14">' in page
    assert json.loads((site / "build.json").read_text("utf-8"))["commit"] == "0123456789" * 4
