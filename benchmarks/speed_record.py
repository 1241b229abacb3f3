"""The file of how fast trainings are: two parts of one device, which may be measured apart."""

import json

from cnnlib import atomic, provenance, training

PARTS = ("ladder", "scaling")


def check(path, wanted):
    """Check, before anything is measured, that a file can take some of the parts.

    Raises
    ------
    ValueError
        If it would lose a part, since it is of another device.
    """
    kept = set(PARTS) - set(wanted)
    found = _read(path)
    if kept & set(found) and found["device"] != (device := training.device_name("cpu")):
        raise ValueError(
            f"`path` ({path}) has the {' and '.join(kept)} of {found['device']}, but this is "
            f"{device}: give another file, or measure {' and '.join(PARTS)}"
        )


def write(path, part, rows):
    """Put a part into the file, whole or not at all; the other part stays with its date.

    Parameters
    ----------
    path : pathlib.Path
    part : {"ladder", "scaling"}
    rows : list of dict
    """
    device = training.device_name("cpu")
    found = _read(path)
    if found.get("device") != device:
        found = {}
    made = {"versions": training.versions("cpu"), "date": provenance.now()}
    made["commit"] = provenance.commit()
    parts = {name: found[name] for name in PARTS if name in found} | {part: rows}
    result = {"device": device, "made": found.get("made", {}) | {part: made}} | parts
    text = json.dumps(result, indent=1, ensure_ascii=False) + "\n"
    atomic.write(path, text)


def _read(path):
    found = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    # Files used to have one date for both parts.
    shared = {name: found.pop(name) for name in ("versions", "date", "commit") if name in found}
    if shared:
        found["made"] = {part: shared for part in PARTS if part in found}
    return found
