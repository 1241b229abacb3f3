"""Hold an experiment's record against its weights and the data."""

from cnnlib import jpeg_copy, models, training, variations, weights
from cnnlib.archive import LOGITS, PREDICTIONS, WEIGHTS, open_record, weights_of

TOLERANCE = 0.001  # of an accuracy: another machine rounds otherwise
# Of the classes that weights name, so many are those stored: bfloat16 or not, more than 99.5 % are.
# Two seeds' networks, which may well be as accurate, agree about 95 %, and about 98.5 % at most.
AGREEMENT = 0.99


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
        on the same data an accuracy is off by more than 0.1 points, or weights name other classes
        than are stored for their seed.
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
    lines, named = [], {}
    for run in result.runs if experiment.kept == "every" else (first,):
        file = WEIGHTS if run is first else weights_of(run.seed)
        model = models.build(experiment.network, **experiment.options)
        weights.load(model, folder / file)
        autocast = experiment.config.autocast
        found = training.evaluate(model, test, device=device, autocast=autocast)
        what = "weights" if run is first else f"weights of seed {run.seed}"
        lines.append(f"{what}: {found.accuracy:.2%} here, {run.test_accuracy:.2%} in the record")
        if same:
            _compare(path, file, found.accuracy, run.test_accuracy)
            named[run.seed] = file, found.logits.argmax(1)
        else:
            lines[-1] += f" (other data: {test.source} here, {result.dataset.source} there)"
    if not same:
        return lines
    return [*lines, _check_stored(path, result.runs, test, first.seed, named)]


def _check_stored(path, runs, test, logits_of=None, named=()):
    """Hold the stored outputs of all runs against the record, and say for how many they agree.

    `named` has, by seed, a file of weights and the classes that they name.
    """
    for done in runs:
        if done.seed == logits_of:
            classes = _stored(path.with_name(LOGITS), "logits").argmax(1)
        else:
            classes = _stored(path.with_name(PREDICTIONS), f"seed-{done.seed}")
        accuracy = float((classes == test.labels).mean())
        _compare(path, f"stored for seed {done.seed}", accuracy, done.test_accuracy)
        if done.seed in named:
            file, here = named[done.seed]
            if (agreement := (here == classes).mean()) < AGREEMENT:
                raise ValueError(
                    f"{path.with_name(file)} names the stored classes of seed {done.seed} for "
                    f"{agreement:.2%} of the images: these are other weights, run the experiment "
                    "again"
                )
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
