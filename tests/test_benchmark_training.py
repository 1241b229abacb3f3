"""The benchmark of trainings keeps what it has measured, and refuses to measure nothing."""

import json

import pytest

from benchmarks import scaling, training

SHARED = {"versions": {"torch": "1"}, "date": "2026-01-01T00:00:00Z", "commit": "0" * 40}


@pytest.fixture(autouse=True)
def measured(monkeypatch):
    """Let parts be measured at once, on one device, and memory stay as it was."""
    monkeypatch.setattr(scaling, "ladder", lambda *_: [{"rung": "new"}])
    monkeypatch.setattr(scaling, "scaling", lambda *_: [{"axis": "new"}])
    monkeypatch.setattr(training.memory, "keep", lambda: False)
    monkeypatch.setattr(training.training, "device_name", lambda device: "one CPU")


def written(path, *parts):
    assert training.main([*parts, "--output", str(path)]) == 0
    return json.loads(path.read_text("utf-8"))


def shipped(path, device="one CPU"):
    parts = {"ladder": [{"rung": "old"}], "scaling": [{"axis": "old"}]}
    path.write_text(json.dumps({"device": device, **SHARED, **parts}), "utf-8")
    return path


def test_a_part_that_is_measured_anew_leaves_the_other_with_its_date(tmp_path):
    found = written(shipped(tmp_path / "training.json"), "ladder")
    assert found["device"] == "one CPU"
    assert found["ladder"] == [{"rung": "new"}]
    assert found["scaling"] == [{"axis": "old"}]
    assert found["made"]["scaling"] == SHARED
    assert found["made"]["ladder"]["date"] > SHARED["date"]
    assert set(found) == {"device", "made", "ladder", "scaling"}
    again = written(tmp_path / "training.json", "scaling")
    assert again["scaling"] == [{"axis": "new"}]
    assert again["ladder"] == found["ladder"]
    assert again["made"]["ladder"] == found["made"]["ladder"]


def test_each_part_is_written_as_soon_as_it_is_measured(tmp_path, monkeypatch):
    def breaks_off(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(scaling, "scaling", breaks_off)
    path = tmp_path / "training.json"
    with pytest.raises(KeyboardInterrupt):
        training.main(["ladder", "scaling", "--output", str(path)])
    assert json.loads(path.read_text("utf-8"))["ladder"] == [{"rung": "new"}]


def test_parts_of_two_devices_are_not_mixed(tmp_path, capsys):
    path = shipped(tmp_path / "training.json", "another CPU")
    before = path.read_bytes()
    with pytest.raises(SystemExit):
        training.main(["ladder", "--output", str(path)])
    assert "has the scaling of another CPU, but this is one CPU" in capsys.readouterr().err
    assert path.read_bytes() == before
    assert written(path, "ladder", "scaling")["scaling"] == [{"axis": "new"}]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["tutorials", "--output", "{}"], "--output is of ladder and scaling"),
        (["scaling", "--images", "5"], "--images is of ladder and tutorials"),
        (["ladder", "--workers", "0"], "--workers is of tutorials"),
        (["ladder", "--rounds", "0"], "'0' is no whole number from 1"),
        (["rungs"], "rungs: use some of tutorials, ladder, scaling"),
    ],
)
def test_what_would_be_ignored_or_measure_nothing_is_refused(asked, message, tmp_path, capsys):
    path = shipped(tmp_path / "training.json")
    before = path.read_bytes()
    with pytest.raises(SystemExit):
        training.main([text.format(path) for text in asked])
    assert message in capsys.readouterr().err
    assert path.read_bytes() == before
