"""Keep what was measured of an experiment's weights beside its record."""

import hashlib
import json
from pathlib import Path

from cnnlib import atomic, provenance, training
from cnnlib.archive import RESULTS, WEIGHTS, file_of


def weights_digest(name, results=RESULTS):
    """Return the SHA-256 of all weights of an experiment, which a measurement is of (str)."""
    others = sorted(Path(results, name).glob("weights-*.safetensors"))
    digest = hashlib.sha256()
    for path in (file_of(name, WEIGHTS, results), *others):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def save(name, file, test, rows, results=RESULTS):
    """Write what was measured, with its provenance.

    Parameters
    ----------
    name : str
        The experiment's.
    file : str
        Name of the file.
    test : cnnlib.datasets.Dataset
        Images on which it was measured, on a CPU.
    rows : list of dict
    results : pathlib.Path
        The folder of all results.
    """
    found = {
        "experiment": name,
        "weights": weights_digest(name, results),
        "dataset": {"name": test.name, "source": test.source, "test": test.sha256},
        "device": training.device_name("cpu"),
        "versions": training.versions("cpu"),
        "date": provenance.now(),
        "commit": provenance.commit(),
        "rows": rows,
    }
    content = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    atomic.write(Path(results, name, file), content)


def load(name, file, command, results=RESULTS):
    """Return what `save` wrote (dict).

    Parameters
    ----------
    name, file, results
        As of `save`.
    command : str
        What measures it, for the error.

    Raises
    ------
    FileNotFoundError
        If nothing has been measured, or the weights are not there.
    ValueError
        If the experiment has other weights now, or the file is damaged.
    """
    path = Path(results, name, file)
    try:
        found = json.loads(path.read_text("utf-8"))
        digest = found["weights"]
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"there is no {path}, nothing has been measured yet: `{command} {name}`"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is damaged ({error!r}): run `{command} {name}`") from error
    if digest != weights_digest(name, results):
        raise ValueError(f"{path} is of other weights than {name} has now: run `{command} {name}`")
    return found
