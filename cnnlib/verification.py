"""Hold an experiment's record against its weights and the data."""

from cnnlib import jpeg_copy, models, training, variations, weights
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
    recorded = result.dataset.sha256.get("test")
    test = jpeg_copy.load_test(experiment.dataset, recorded, sample=sample)
    test = variations.vary(test, experiment.variations.get("test"))
    same = test.sha256 == recorded
    first = result.runs[0]
    if experiment.kept in ("outputs", "classes"):
        if not same:
            return [f"other data: {test.source} here, {result.dataset.source} there"]
        logits_of = first.seed if experiment.kept == "outputs" else None
        return [_check_stored(path, result.runs, test, logits_of)]
    model = models.build(experiment.network, **experiment.options)
    weights.load(model, folder / WEIGHTS)
    autocast = experiment.config.autocast
    found = training.evaluate(model, test, device=device, autocast=autocast).accuracy
    lines = [f"weights: {found:.2%} here, {first.test_accuracy:.2%} in the record"]
    if not same:
        lines[0] += f" (other data: {test.source} here, {result.dataset.source} there)"
        return lines
    _compare(path, WEIGHTS, found, first.test_accuracy)
    return [*lines, _check_stored(path, result.runs, test, logits_of=first.seed)]


def _check_stored(path, runs, test, logits_of=None):
    """Hold the stored outputs of all runs against the record, and say for how many they agree."""
    for done in runs:
        if done.seed == logits_of:
            classes = _stored(path.with_name(LOGITS), "logits").argmax(1)
        else:
            classes = _stored(path.with_name(PREDICTIONS), f"seed-{done.seed}")
        accuracy = float((classes == test.labels).mean())
        _compare(path, f"stored for seed {done.seed}", accuracy, done.test_accuracy)
    return f"stored outputs: agree with the record for {len(runs)} seeds"


def _compare(path, what, here, there):
    """Raise if an accuracy found here is not the record's."""
    if abs(here - there) > TOLERANCE:
        raise ValueError(
            f"{path} says {there:.2%}, but {what} gives {here:.2%}: run the experiment again"
        )


def _stored(path, name):
    arrays = weights.read_arrays(path) if path.is_file() else {}
    if name not in arrays:
        raise ValueError(f"{path} lacks `{name}`: restore it, or run the experiment again")
    return arrays[name]
