"""Open what the experiments have left: records, trained networks, and their test outputs."""

from pathlib import Path

import numpy as np

from cnnlib import models, recipes, record, weights

RESULTS = Path(__file__).parent / "results"
WEIGHTS, LOGITS, PREDICTIONS = (
    f"{name}.safetensors" for name in ("weights", "logits", "predictions")
)


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


def load_network(name, results=RESULTS):
    """Return the network that the first run of an experiment has trained, ready to evaluate.

    Parameters, errors as those of `load_record`; see also `cnnlib.weights.load`.

    Returns
    -------
    torch.nn.Module
    """
    experiment = _one(name)
    model = models.build(experiment.network, **experiment.options)
    weights.load(model, Path(results, name, WEIGHTS))
    return model.eval()


def load_logits(name, results=RESULTS):
    """Return what that network makes of the test set.

    Returns
    -------
    array of float32, shape (N, classes)
    """
    return weights.read_arrays(Path(results, name, LOGITS))["logits"].astype(np.float32)


def load_test(name, results=RESULTS):
    """Return all that is kept of that test set, as `cnnlib.experiments.run` says.

    Returns
    -------
    dict of str to array
        `logits` (float16, (N, classes)); of records since 2026-11-24 `labels` (uint8, (N,)), and
        `exact_logits` (float16, (n, classes)) where the images are a copy's and exact ones were
        at hand.
    """
    return weights.read_arrays(Path(results, name, LOGITS))


def _one(name):
    (experiment, *others) = recipes.find(name)
    if others or experiment.name != name:
        raise ValueError(f"`name` ({name!r}) names no single experiment: give its whole name")
    return experiment
