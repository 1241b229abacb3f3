"""What is said of a change, from the records of two builds."""

import copy
import json

import pytest

from book.changes import changes, main, read

OLD = {
    "commit": "0123456789" * 4,
    "pages": {
        "book/a": {
            "code": "1",
            "glued": {"share": "0.25", "same": "3"},
            "outputs": [{"printed": ["size 3", "sum 4"], "drawn": ["abc"]}],
        },
        "book/b": {"code": "2", "glued": {}, "outputs": []},
    },
    "films": {"sliding.Kernel": "f", "stride.Stride": "g"},
}


@pytest.fixture
def new():
    return copy.deepcopy(OLD)


def test_nothing_changed_is_said(new):
    said = changes(OLD, new)
    assert "site of commit `012345678901`" in said
    assert "No page is executed again, no number moves, no animation is rendered again." in said


def test_pages_and_films_are_named(new):
    new["pages"]["book/b"]["code"] = "3"
    new["pages"]["book/c"] = {"code": "4", "glued": {"n": "1"}, "outputs": []}
    del new["pages"]["book/a"]
    new["films"] = {"sliding.Kernel": "other"}
    said = changes(OLD, new)
    assert "**Pages executed again** (2): `book/b`, `book/c`" in said
    assert "**Pages that are gone** (1): `book/a`" in said
    assert "**Animations rendered again** (1): `sliding.Kernel`" in said
    assert "**Animations that are gone** (1): `stride.Stride`" in said
    assert "moved" not in said, "a new page has no number from before"


def test_numbers_are_told_before_and_after(new):
    glued = new["pages"]["book/a"]["glued"]
    glued |= {"share": "0.5|`x`", "more": "1" * 50}
    del glued["same"]
    said = changes(OLD, new)
    assert "**Numbers that moved in `book/a`**" in said
    assert "| `share` | `0.25` | `0.5\\|x` |" in said
    assert "| `same` | `3` | – |" in said
    assert f"| `more` | – | `{'1' * 39}…` |" in said
    assert "book/b" not in said


def test_outputs_are_told_line_by_line(new):
    new["pages"]["book/a"]["outputs"] = [{"printed": ["size 3", "sum 5 ```"], "drawn": ["def"]}]
    said = changes(OLD, new)
    assert "**Outputs of `book/a`**: 1 other picture\n" in said
    assert "```diff\n-sum 4\n+sum 5 '''\n```" in said
    assert "size 3" not in said


def test_lines_of_dashes_and_pluses_are_told_too(new):
    new["pages"]["book/a"]["outputs"][0]["printed"] = ["size 3", "-- a rule --", "++"]
    assert "```diff\n-sum 4\n+-- a rule --\n+++\n```" in changes(OLD, new)


def test_a_flood_of_lines_is_cut(new):
    printed = [f"line {i}" for i in range(100)]
    new["pages"]["book/a"]["outputs"][0]["printed"] += printed
    said = changes(OLD, new)
    assert "line 59" in said
    assert "line 60" not in said
    assert "… and 40 lines more" in said


def test_the_command_reads_files_and_folders(tmp_path, capsys):
    (tmp_path / "build.json").write_text(json.dumps(OLD), "utf-8")
    main([str(tmp_path), str(tmp_path / "build.json")])
    assert "No page is executed again" in capsys.readouterr().out


def test_what_is_no_record_is_refused(tmp_path, capsys):
    with pytest.raises(FileNotFoundError, match="give the folder of a site that `make book`"):
        read(tmp_path)
    (tmp_path / "build.json").write_text('["pages"]', "utf-8")
    with pytest.raises(ValueError, match="is no record of a build"):
        read(tmp_path)
    with pytest.raises(SystemExit) as left:
        main([str(tmp_path), str(tmp_path)])
    assert left.value.code == 2
    assert "no record of a build" in capsys.readouterr().err
