"""The workflows run what is there, pin what they use, and may write only where they must."""

import importlib.util
import json
import os
import re
import shutil
import subprocess

import pytest
import yaml

WORKFLOWS = ("book", "comment", "gpu", "weekly")
# Which job may write what. All others only read.
MAY_WRITE = {
    ("book", "notebooks"): {"contents"},
    ("book", "publish"): {"pages", "id-token"},
    ("book", "release"): {"contents"},
    ("comment", "comment"): {"pull-requests"},
    ("gpu", "propose"): {"contents", "pull-requests"},
    ("weekly", "report"): {"issues"},
}


@pytest.fixture(scope="module")
def texts(root):
    folder = root / ".github" / "workflows"
    assert {path.stem for path in folder.iterdir()} == set(WORKFLOWS)
    return {name: (folder / f"{name}.yml").read_text("utf-8") for name in WORKFLOWS}


@pytest.fixture(scope="module")
def parsed(texts):
    # YAML 1.1 takes the key `on` for a truth value.
    return {name: yaml.safe_load(text) for name, text in texts.items()}


def scripts(workflow):
    return [
        step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step
    ]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_actions_are_pinned_by_commit(texts, name):
    for line in texts[name].splitlines():
        if "uses:" in line:
            assert re.search(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


@pytest.mark.parametrize("name", WORKFLOWS)
def test_tokens_read_but_where_a_job_must_write(parsed, name):
    workflow = parsed[name]
    assert workflow["permissions"] in ({"contents": "read"}, {})
    for job, content in workflow["jobs"].items():
        given = content.get("permissions", {})
        assert set(given.values()) <= {"read", "write"}
        writes = {what for what, how in given.items() if how == "write"}
        assert writes == MAY_WRITE.get((name, job), set()), f"{name}: {job}"


@pytest.mark.parametrize("name", WORKFLOWS)
def test_what_others_wrote_is_no_part_of_a_script(parsed, name):
    for script in scripts(parsed[name]):
        assert "${{" not in script, "hand it over in `env`"


def test_code_of_pull_requests_meets_no_token_that_writes(parsed):
    assert not any("pull_request_target" in workflow[True] for workflow in parsed.values())
    assert "pull_request" in parsed["book"][True]
    for job in parsed["book"]["jobs"].values():
        if "write" in job.get("permissions", {}).values():
            assert "github.ref == 'refs/heads/main'" in job["if"] or "'tag'" in job["if"]
    (comment,) = parsed["comment"]["jobs"].values()
    assert not any("uses" in step for step in comment["steps"]), "nothing is checked out"
    for checkout in parsed["book"]["jobs"]["build"]["steps"]:
        if "checkout" in checkout.get("uses", ""):
            assert checkout["with"]["persist-credentials"] is False


@pytest.mark.parametrize("name", WORKFLOWS)
def test_every_command_is_there(parsed, root, name):
    phony = re.search(r"^\.PHONY: (.*)$", (root / "Makefile").read_text("utf-8"), re.MULTILINE)
    targets = set(phony[1].split())
    for script in scripts(parsed[name]):
        result = subprocess.run(
            ["bash", "-n"], input=script, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stderr
        for words in re.findall(r"^\s*make (.*)$", script, re.MULTILINE):
            assert set(words.split()) <= targets, words
        for module in re.findall(r"python -m (\S+)", script):
            assert importlib.util.find_spec(module), module
        for path in re.findall(r"^\s*(\.\S+)", script, re.MULTILINE):
            assert (root / path).is_file(), path


GIT = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}


@pytest.fixture
def execute(parsed, tmp_path):
    """Run a job's last script, or that of a step, with a `gh` that notes what it was asked."""
    commands = tmp_path / "commands"
    commands.mkdir()

    def execute(workflow, job, gh="", step=-1, status=0, **environment):
        gh_script = f'#!/bin/bash\necho "gh $*" >> "{tmp_path}/asked"\n{gh}\n'
        (commands / "gh").write_text(gh_script)
        (commands / "gh").chmod(0o755)
        assert parsed[workflow]["defaults"] == {"run": {"shell": "bash"}}
        script = parsed[workflow]["jobs"][job]["steps"][step]["run"]
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],  # as the runner
            cwd=tmp_path,
            env=os.environ | GIT | {"PATH": f"{commands}:{os.environ['PATH']}"} | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stderr
        asked = tmp_path / "asked"
        return asked.read_text().splitlines() if asked.exists() else []

    return execute


def git(*command, cwd):
    run = subprocess.run(
        ["git", *command], cwd=cwd, env=os.environ | GIT, capture_output=True, text=True, check=True
    )
    return run.stdout.split()


def test_notebooks_of_a_site_get_a_branch_without_a_history(execute, tmp_path):
    (tmp_path / "site" / "book").mkdir(parents=True)
    for name in ("book/page.ipynb", "book/page.html", "index.html"):
        (tmp_path / "site" / name).write_text(name)
    git("init", "--quiet", "--bare", "remote", cwd=tmp_path)
    remote = {"REMOTE": str(tmp_path / "remote"), "GITHUB_SHA": "abc", "GITHUB_RUN_ID": "7"}
    remote |= {"ATTEMPT": "2"}
    download = "tar --create --file artifact.tar --directory site ."
    for _ in range(2):  # the second time over the first
        asked = execute("book", "notebooks", download, **remote)
        shutil.rmtree(tmp_path / "notebooks")
    assert asked[-1] == "gh run download 7 --name github-pages-2"
    branch = ("published-notebooks", "--")
    files = git("ls-tree", "-r", "--name-only", *branch[:1], cwd=tmp_path / "remote")
    assert files == ["book/page.ipynb"]
    assert len(git("rev-list", *branch, cwd=tmp_path / "remote")) == 1


def test_a_pull_request_is_told_once_and_only_while_it_stands(execute, tmp_path):
    (tmp_path / "changes.md").write_text("x" * 70_000)
    told = {"HEAD": "abc", "RUN": "7", "ATTEMPT": "2"}
    assert len(execute("comment", "comment", **told)) == 1, "no such request: nothing is said"
    asked = execute("comment", "comment", '[[ "$1 $2" != "pr list" ]] || echo 12', **told)
    assert asked[-2] == "gh run download 7 --name changes-2"
    assert asked[-1].startswith("gh pr comment 12 --edit-last --create-if-none --body-file ")
    assert len((tmp_path / "comment.md").read_text()) == 60_000


def test_a_comment_mentions_nobody(execute, tmp_path):
    (tmp_path / "changes.md").write_text("@everybody and @team")
    told = {"HEAD": "abc", "RUN": "7", "ATTEMPT": "2"}
    execute("comment", "comment", '[[ "$1 $2" != "pr list" ]] || echo 12', **told)
    assert (tmp_path / "comment.md").read_text("utf-8") == "@\u200beverybody and @\u200bteam"


@pytest.mark.parametrize("name", WORKFLOWS)
def test_every_job_ends_in_time(parsed, name):
    assert all("timeout-minutes" in job for job in parsed[name]["jobs"].values())


RECORD = {"commit": "abc", "pages": {}, "films": {}}
NO_CHANGE = "No page is executed again"


@pytest.mark.parametrize(
    ("published", "told"),
    [
        (json.dumps(RECORD), NO_CHANGE),
        (json.dumps(RECORD | {"pages": [1]}), "of another form"),
        ("", "No published site is found at https://site"),
    ],
)
@pytest.mark.parametrize("address", ["https://site/", "https://site"])
def test_a_pull_request_hears_what_changes_or_why_not(
    execute, parsed, root, tmp_path, published, told, address
):
    (tmp_path / "_build" / "html").mkdir(parents=True)
    (tmp_path / "_build" / "html" / "build.json").write_text(json.dumps(RECORD))
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "activate").write_text("")
    curl = f"cat <<< '{published}' > published.json" if published else "exit 22"
    asked = '[[ "${!#}" == https://site/build.json ]]'
    (tmp_path / "commands" / "curl").write_text(f"#!/bin/bash -e\n{asked}\n{curl}\n")
    (tmp_path / "commands" / "curl").chmod(0o755)
    steps = parsed["book"]["jobs"]["build"]["steps"]
    (place,) = (i for i, step in enumerate(steps) if "book.changes" in step.get("run", ""))
    given = {"LECTURE_SITE": address, "PYTHONPATH": str(root)}
    execute(
        "book", "build", step=place, **given, HEAD="f00", ARTIFACT="lecture-1", RUN="https://run"
    )
    first, _, rest = (tmp_path / "changes.md").read_text().partition("\n")
    assert first.startswith("For f00.")
    assert "“lecture-1” of [this run](https://run)" in first
    assert told in rest


def test_a_tag_gets_its_files_in_a_release_new_or_old(execute):
    tag = {"GITHUB_REF_NAME": "v1", "GITHUB_RUN_ID": "7", "ATTEMPT": "2"}
    asked = execute("book", "release", '[[ "$1 $2" != "release view" ]]', **tag)
    assert asked[0] == "gh run download 7 --name lecture-2"
    assert asked[-2] == "gh release create v1 --verify-tag --generate-notes"
    assert asked[-1] == "gh release upload v1 cnn-lecture.zip cnn-lecture.pdf --clobber"
    again = execute("book", "release", **tag)[len(asked) :]
    assert not any("create" in line for line in again)


@pytest.fixture
def trained(tmp_path):
    """Return a repository with a record, its `origin` beside it."""
    git("init", "--quiet", "--bare", "remote", cwd=tmp_path)
    git("init", "--quiet", "--initial-branch", "main", cwd=tmp_path)
    git("remote", "add", "origin", "remote", cwd=tmp_path)
    (tmp_path / "cnnlib" / "results").mkdir(parents=True)
    record = tmp_path / "cnnlib" / "results" / "record.json"
    record.write_text("old")
    git("add", "cnnlib", cwd=tmp_path)
    name = ("-c", "user.name=a", "-c", "user.email=b")
    git(*name, "commit", "--quiet", "--message", "first", cwd=tmp_path)
    return record


def keep(execute, parsed, **options):
    steps = parsed["gpu"]["jobs"]["train"]["steps"]
    (place,) = (i for i, step in enumerate(steps) if "records.patch" in step.get("run", ""))
    assert steps[place]["if"] == "${{ !cancelled() }}", "also if the book does not build"
    return execute("gpu", "train", step=place, **options)


PROPOSED = {"GITHUB_RUN_ID": "7", "GITHUB_RUN_ATTEMPT": "2", "GITHUB_REF_NAME": "main"}
PROPOSED |= {"ATTEMPT": "1", "RUN": "https://run"}


def test_new_records_are_proposed_and_nothing_else(execute, parsed, trained, tmp_path):
    trained.write_text("new")
    (trained.parent / "weights.safetensors").write_bytes(bytes(range(256)))
    (tmp_path / "notes.txt").write_text("no record")
    keep(execute, parsed)
    git("reset", "--quiet", "--hard", cwd=tmp_path)  # the other job's checkout
    asked = execute("gpu", "propose", **PROPOSED)
    assert asked[0] == "gh run download 7 --name records-1"
    assert asked[1].startswith("gh pr create --base main --head records-7-2 --title ")
    remote = tmp_path / "remote"
    files = git("ls-tree", "-r", "--name-only", "records-7-2", cwd=remote)
    assert files == ["cnnlib/results/record.json", "cnnlib/results/weights.safetensors"]
    assert git("show", "records-7-2:cnnlib/results/record.json", cwd=remote) == ["new"]


def test_where_no_record_is_new_nothing_is_proposed(execute, parsed, trained):
    keep(execute, parsed)
    assert execute("gpu", "propose", **PROPOSED) == ["gh run download 7 --name records-1"]


def test_a_record_that_has_not_been_made_again_is_not_proposed(execute, parsed, trained, tmp_path):
    trained.unlink()
    keep(execute, parsed, status=1)
    assert not (tmp_path / "records.patch").exists()


@pytest.mark.parametrize(("known", "told"), [("", "create --title"), ("echo 5", "comment 5")])
def test_a_failing_week_opens_one_issue(execute, tmp_path, known, told):
    needs = {"links": {"result": "failure"}, "audit": {"result": "success"}}
    answer = f'[[ "$1 $2" != "issue list" ]] || {known or "true"}'
    asked = execute("weekly", "report", answer, NEEDS=json.dumps(needs), RUN="https://run")
    assert asked[-1].startswith(f"gh issue {told}")
    results = (tmp_path / "results.md").read_text()
    assert results.startswith("- links: failure\n- audit: success\n")
    assert "https://run" in results


def test_a_failing_week_is_reported(parsed):
    jobs = parsed["weekly"]["jobs"]
    assert set(jobs["report"]["needs"]) == set(jobs) - {"report"}
    for result in ("failure", "cancelled"):  # which is what a job is that takes too long
        assert f"contains(needs.*.result, '{result}')" in jobs["report"]["if"]
    assert jobs["report"]["if"].startswith("always() && ")
    assert "schedule" in parsed["weekly"][True]
    ran = "\n".join(scripts(parsed["weekly"]))
    for command in ("make lock", ".ci/run", "make links", "make audit", "make alike"):
        assert command in ran
