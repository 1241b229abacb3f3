"""Records come back as they went, and a file that is none says why."""

import dataclasses
import json
import os

import jsonschema
import pytest

from cnnlib import record
from cnnlib.record_schema import SCHEMA

RUN = record.RunRecord(
    seed=0,
    device="a processor",
    versions={"python": "3.12.0", "torch": "2.11.0"},
    date="2026-01-31T12:00:00Z",
    commit="0123456789" * 4,
    training_seconds=12.5,
    seconds_include="the steps, not the validation",
    epochs=(record.EpochRow(1, 0.7, 0.75, 0.5, 0.8), record.EpochRow(2, 0.4, 0.85, 0.45, 0.84)),
    test_accuracy=0.83,
)
RECORD = record.ExperimentRecord(
    "fashion-mnist/cnn",
    {"epochs": 2, "network": {"name": "cnn"}},
    record.DatasetRecord("fashion-mnist", "Zalando’s files", {"test": "a" * 64}),
    (RUN, dataclasses.replace(RUN, seed=1, commit=None, test_accuracy_augmented=0.9, epochs=())),
)


def test_a_record_comes_back_as_it_was_written(tmp_path):
    path = tmp_path / "new" / "folder" / "record.json"
    record.save(RECORD, path)
    assert record.load(path) == RECORD
    assert [p.name for p in path.parent.iterdir()] == ["record.json"]
    assert path.stat().st_mode & 0o777 == 0o644
    assert "Zalando’s" in path.read_text("utf-8")


def test_the_schema_is_one_and_others_agree_with_it():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(json.loads(record.to_json(RECORD)), SCHEMA)


def damaged(change):
    content = json.loads(record.to_json(RECORD))
    change(content)
    return content


def set_at(*path_and_value):
    *path, key, value = path_and_value

    def change(content):
        for step in path:
            content = content[step]
        content[key] = value

    return change


def delete_at(*path):
    def change(content):
        for step in path[:-1]:
            content = content[step]
        del content[path[-1]]

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (delete_at("experiment"), "`experiment` is missing"),
        (delete_at("schema"), "`schema` is missing"),
        (delete_at("runs", 1, "seed"), r"`runs\[1\].seed` is missing"),
        (delete_at("runs", 0, "epochs", 1, "train_loss"), r"`runs\[0\].epochs\[1\].train_loss` is"),
        (set_at("experiment", "A b"), r"`experiment` \('A b'\) does not match"),
        (set_at("mean", 0.9), "`mean` is not known to the schema"),
        (set_at("runs", {}), r"`runs` \(\{\}\) is not of type array"),
        (set_at("runs", 0, "seed", -1), r"`runs\[0\].seed` \(-1\) is less than 0"),
        (set_at("runs", 0, "seed", True), r"\(True\) is not of type integer"),
        (set_at("runs", 0, "seed", 1.5), r"\(1.5\) is not of type integer"),
        (set_at("runs", 0, "device", " "), r"`runs\[0\].device` \(' '\) does not match"),
        (set_at("runs", 0, "versions", {"torch": 2}), r"`runs\[0\].versions.torch` \(2\) is not"),
        (set_at("runs", 0, "date", "yesterday"), "date"),
        (set_at("runs", 0, "commit", "main"), "commit"),
        (set_at("runs", 0, "test_accuracy", 92.5), r"test_accuracy` \(92.5\) is more than 1"),
        (set_at("runs", 0, "epochs", 0, "epoch", 0), "epoch` .0. is less than 1"),
        (set_at("dataset", "sha256", {"test": "x" * 64}), "dataset.sha256.test"),
    ],
)
def test_what_is_wrong_is_named_with_its_field(tmp_path, change, message):
    content = damaged(change)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content, SCHEMA)
    path = tmp_path / "record.json"
    path.write_text(json.dumps(content))
    with pytest.raises(record.RecordError, match=message) as caught:
        record.load(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_a_seed_counts_once(tmp_path):
    path = tmp_path / "record.json"
    twice = dataclasses.replace(RECORD, runs=(*RECORD.runs, RUN))
    with pytest.raises(record.RecordError, match=r"`runs\[2\].seed` \(0\) is that of another run"):
        record.save(twice, path)
    path.write_text(json.dumps({"schema": 1} | dataclasses.asdict(twice)))
    with pytest.raises(record.RecordError, match=r"record.json: `runs\[2\].seed` \(0\) is that"):
        record.load(path)


def test_another_schema_is_named_as_such(tmp_path):
    path = tmp_path / "record.json"
    path.write_text('{"schema": 0, "name": "before there were rules"}')
    with pytest.raises(record.RecordError, match=r"record.json: `schema` \(0\) is an older one"):
        record.load(path)
    path.write_text('{"schema": 99}')
    with pytest.raises(record.RecordError, match=r"`schema` \(99\) is a newer one"):
        record.load(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is damaged, no JSON"),
        (record.to_json(RECORD).encode()[:500], "is damaged, no JSON"),
        (b"\xff\xfe", "is damaged, no text"),
        (b"[]", "`the whole` .*is not of type object"),
        (record.to_json(RECORD).replace("0.83", "NaN").encode(), "NaN is no number of JSON"),
    ],
)
def test_a_damaged_file_is_named(tmp_path, content, message):
    path = tmp_path / "record.json"
    path.write_bytes(content)
    with pytest.raises(record.RecordError, match=message) as caught:
        record.load(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"record.json, nothing has been run yet: `python"):
        record.load(tmp_path / "record.json")


@pytest.mark.parametrize(
    "wrong",
    [
        {"experiment": "Not a name"},
        {"configuration": {"rate": float("nan")}},
        {"configuration": {"network": object()}},
        {"runs": (dataclasses.replace(RUN, test_accuracy=2.0),)},
    ],
)
def test_a_wrong_record_is_not_written_over_a_good_one(tmp_path, wrong):
    path = tmp_path / "record.json"
    record.save(RECORD, path)
    with pytest.raises(record.RecordError, match="the record cannot be written"):
        record.save(dataclasses.replace(RECORD, **wrong), path)
    assert record.load(path) == RECORD


def test_an_interrupted_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "record.json"
    record.save(RECORD, path)

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        record.save(dataclasses.replace(RECORD, runs=()), path)
    assert record.load(path) == RECORD
    assert [p.name for p in tmp_path.iterdir()] == ["record.json"]


def test_values_are_those_of_the_runs_that_have_them():
    assert RECORD.values("test_accuracy") == [0.83, 0.83]
    assert RECORD.values("test_accuracy_augmented") == [0.9]
    assert RECORD.values("validation_accuracy") == [0.84]
    assert RECORD.values("training_seconds") == [12.5, 12.5]
    with pytest.raises(ValueError, match=r"`quantity` \('mean'\) is unknown: use one of"):
        RECORD.values("mean")
