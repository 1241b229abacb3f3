"""Hold an experiment's record against its weights and the data."""

from cnnlib import datasets, models, training, weights
from cnnlib.archive import LOGITS, PREDICTIONS, WEIGHTS, open_record

TOLERANCE = 0.001  # of an accuracy: another machine rounds otherwise


def verify(experiment, folder, *, device="cpu", sample=False):
    """Evaluate an experiment's weights again and compare with its record.

    Returns
    -------
    list of str
        What was found, for a reader.

    Raises
    ------
    FileNotFoundError
        If there is no record.
    ValueError
        If the record or a file beside it is damaged, is not of this code's configuration, or if
        an accuracy on the same data is off by more than 0.1 points.
    """
    path = folder / "record.json"
    result = open_record(experiment, path)
    if not result.runs:
        raise ValueError(f"{path} has no run: run the experiment")
    if experiment.trial:
        return ["a trial: nothing but its record is kept"]
    model = models.build(experiment.network, **experiment.options)
    weights.load(model, folder / WEIGHTS)
    test = datasets.load(experiment.dataset, "test", sample=sample)
    same = test.sha256 == result.dataset.sha256.get("test")
    autocast = experiment.config.autocast
    found = training.evaluate(model, test, device=device, autocast=autocast).accuracy
    first, *others = result.runs
    lines = [f"weights: {found:.2%} here, {first.test_accuracy:.2%} in the record"]
    if not same:
        lines[0] += f" (other data: {test.source} here, {result.dataset.source} there)"
        return lines
    stored = {first.seed: _stored(folder / LOGITS, "logits").argmax(1)}
    for other in others:
        stored[other.seed] = _stored(folder / PREDICTIONS, f"seed-{other.seed}")
    accuracies = {WEIGHTS: (found, first.test_accuracy)}
    for done in result.runs:
        accuracy = float((stored[done.seed] == test.labels).mean())
        accuracies[f"stored for seed {done.seed}"] = accuracy, done.test_accuracy
    for what, (here, there) in accuracies.items():
        if abs(here - there) > TOLERANCE:
            raise ValueError(
                f"{path} says {there:.2%}, but {what} gives {here:.2%}: run the experiment again"
            )
    return [*lines, f"stored outputs: agree with the record for {len(stored)} seeds"]


def _stored(path, name):
    arrays = weights.read_arrays(path) if path.is_file() else {}
    if name not in arrays:
        raise ValueError(f"{path} lacks `{name}`: restore it, or run the experiment again")
    return arrays[name]
