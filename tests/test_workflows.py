"""The workflows run what is there, pin what they use, and may write only where they must."""

import importlib.util
import re
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
    ("gpu", "train"): {"contents", "pull-requests"},
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


def test_a_failing_week_is_reported(parsed):
    jobs = parsed["weekly"]["jobs"]
    assert set(jobs["report"]["needs"]) == set(jobs) - {"report"}
    assert jobs["report"]["if"] == "failure()"
    assert "schedule" in parsed["weekly"][True]
    ran = "\n".join(scripts(parsed["weekly"]))
    for command in ("make lock", ".ci/run", "make links", "make audit", "make alike"):
        assert command in ran
