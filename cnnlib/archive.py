"""Open what the experiments have left: records, trained networks, and their test outputs."""

from pathlib import Path

import numpy as np

from cnnlib import models, recipes, record, weights

RESULTS = Path(__file__).parent / "results"
WEIGHTS, LOGITS, PREDICTIONS = (
    f"{name}.safetensors" for name in ("weights", "logits", "predictions")
)

# By an experiment's `kept`, in words.
_KEPT = {
    "first": "the first seed's weights and outputs, and the classes that the others name,",
    "every": "each seed's weights, the first's outputs, and the classes that the others name,",
    "outputs": "the first seed's outputs, and the classes that the others name,",
    "classes": "the classes that each seed names",
}


def weights_of(seed):
    """Return the name of the file with another than the first seed's weights (str)."""
    return f"weights-{seed}.safetensors"


def load_record(name, results=RESULTS):
    """Return the record of an experiment.

    Parameters
    ----------
    name : str
        As in `cnnlib.recipes`.
    results : pathlib.Path
        The folder of all results.

    Returns
    -------
    cnnlib.record.ExperimentRecord

    Raises
    ------
    ValueError
        If there is no such experiment, or its record is damaged or of another configuration than
        the experiment has now.
    FileNotFoundError
        If nothing has been run.
    """
    return open_record(_one(name), Path(results, name, "record.json"))


def open_record(experiment, path):
    """Return the record in a file, which must be of an experiment's configuration.

    Parameters
    ----------
    experiment : cnnlib.recipes.Experiment
    path : pathlib.Path

    Returns
    -------
    cnnlib.record.ExperimentRecord

    Raises
    ------
    ValueError
        If the record is damaged or of another configuration than the experiment has now.
    FileNotFoundError
        If there is no such file.
    """
    found = record.load(path)
    if found.experiment != experiment.name or not experiment.fits(found.configuration):
        raise ValueError(
            f"{path} is of another configuration than {experiment.name} has now: move it away "
            "and run the experiment again"
        )
    return found


def file_of(name, file, results=RESULTS):
    """Return where a file lies that a run has left beside its record (pathlib.Path).

    Raises
    ------
    ValueError
        If there is no such experiment, or its record is none of today's.
    FileNotFoundError
        If nothing has been run, or the file is not there; the message says what is kept.
    """
    path = Path(results, name, file)
    if not path.is_file():
        load_record(name, results)  # says if that is why
        experiment = _one(name)
        kept = "nothing is" if experiment.trial else f"{_KEPT[experiment.kept]} are"
        raise FileNotFoundError(
            f"there is no {path}: of {name}, {kept} kept beside the record; ask for that, or "
            "restore the file if it is part of it"
        )
    return path


def load_network(name, results=RESULTS, seed=None):
    """Return the network that the first run of an experiment has trained, ready to evaluate.

    Parameters as those of `load_record`, errors as those of `file_of`; see also
    `cnnlib.weights.load`. Where the weights of every seed are kept, `seed` chooses another.

    Returns
    -------
    torch.nn.Module
    """
    experiment = _one(name)
    model = models.build(experiment.network, **experiment.options)
    first = seed is None or seed == load_record(name, results).runs[0].seed
    weights.load(model, file_of(name, WEIGHTS if first else weights_of(seed), results))
    return model.eval()


def load_logits(name, results=RESULTS):
    """Return what that network makes of the test set.

    Returns
    -------
    array of float32, shape (N, classes)

    Raises
    ------
    ValueError, FileNotFoundError
        See `file_of`.
    """
    return weights.read_arrays(file_of(name, LOGITS, results))["logits"].astype(np.float32)


def load_classes(name, results=RESULTS):
    """Return which classes the network of each run names on the test set.

    Returns
    -------
    dict of int to array of int64, shape (N,)
        By seed.
    """
    first = load_record(name, results).runs[0].seed
    path = Path(results, name, PREDICTIONS)
    stored = weights.read_arrays(path) if path.is_file() else {}
    found = {int(key.removeprefix("seed-")): named.astype(int) for key, named in stored.items()}
    return found if first in found else {first: load_logits(name, results).argmax(1)} | found


def load_test(name, results=RESULTS):
    """Return all that is kept of that test set, as `cnnlib.experiments.run` says.

    Returns
    -------
    dict of str to array
        `logits` (float16, (N, classes)); of records since 2026-11-24 `labels` (uint8, (N,)).
    """
    return weights.read_arrays(file_of(name, LOGITS, results))


def _one(name):
    (experiment, *others) = recipes.find(name)
    if others or experiment.name != name:
        raise ValueError(f"`name` ({name!r}) names no single experiment: give its whole name")
    return experiment
