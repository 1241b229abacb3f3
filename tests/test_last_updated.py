"""When a page was last changed, as Git knows it."""

import datetime
import subprocess

import pytest


@pytest.fixture
def last_updated(root, monkeypatch):
    monkeypatch.syspath_prepend(root / "book" / "_ext")
    import last_updated

    return last_updated


@pytest.fixture
def repository(tmp_path):
    """Return a function that commits a change of files of a repository, at a date."""
    git = ["git", "-c", "user.name=test", "-c", "user.email=test@example.org"]
    folder = tmp_path / "repository"
    (folder / "book").mkdir(parents=True)
    subprocess.run([*git, "init", "--quiet", folder], check=True)

    def commit(date, *names):
        for name in names:
            (folder / "book" / name).write_text(date, "utf-8")
        subprocess.run([*git, "add", "."], cwd=folder, check=True)
        environment = {"GIT_COMMITTER_DATE": date, "GIT_AUTHOR_DATE": "2001-01-01T00:00:00+0000"}
        subprocess.run(
            [*git, "commit", "--quiet", "--message", "a change"],
            cwd=folder,
            env=environment | {"PATH": "/usr/bin:/bin:/usr/local/bin"},
            check=True,
        )

    return folder, commit


def day(moment):
    return moment.date().isoformat()


def test_each_file_has_the_date_of_its_newest_commit(last_updated, repository):
    folder, commit = repository
    commit("2026-01-02T03:04:05+0100", "one.md", "zwölf.md")
    commit("2026-02-03T03:04:05+0100", "one.md")
    dates = last_updated.newest_dates(folder)
    assert {name: day(date) for name, date in dates.items()} == {
        "book/one.md": "2026-02-03",
        "book/zwölf.md": "2026-01-02",
    }
    assert dates["book/one.md"].utcoffset() == datetime.timedelta(hours=1)


def test_without_a_whole_history_there_is_no_date(last_updated, repository, tmp_path):
    folder, commit = repository
    commit("2026-01-02T03:04:05+0100", "one.md")
    commit("2026-02-03T03:04:05+0100", "two.md")
    shallow = tmp_path / "shallow"
    subprocess.run(
        ["git", "clone", "--quiet", "--depth", "1", folder.as_uri(), shallow], check=True
    )
    assert last_updated.newest_dates(shallow) == {}
    assert last_updated.newest_dates(tmp_path) == {}


def test_without_git_there_is_no_date(last_updated, repository, monkeypatch):
    folder, commit = repository
    commit("2026-01-02T03:04:05+0100", "one.md")
    monkeypatch.setenv("PATH", "")
    assert last_updated.newest_dates(folder) == {}
