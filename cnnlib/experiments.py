"""Run the lecture's named experiments, and hold their records against the code and the data.

    python -m cnnlib.experiments list             what there is, and what has a record
    python -m cnnlib.experiments run NAME         train the seeds that have no run yet
    python -m cnnlib.experiments show NAME        means over the seeds, with 95 % intervals
    python -m cnnlib.experiments verify NAME      evaluate the weights again

NAME is an experiment's name or how some begin, such as fashion-mnist.
"""

import argparse
import dataclasses
import sys
from pathlib import Path

import numpy as np

from cnnlib import datasets, memory, models, recipes, record, statistics, training, weights
from cnnlib.archive import LOGITS, PREDICTIONS, RESULTS, WEIGHTS

TOLERANCE = 0.001  # of an accuracy: another machine rounds otherwise


def run(experiment, folder, *, seeds=None, device="cpu", resume=False, sample=False):
    """Train an experiment's seeds that have no run yet, and write the record after each.

    Parameters
    ----------
    experiment : cnnlib.recipes.Experiment
    folder : pathlib.Path
        Gets record.json; for the first seed weights.safetensors (half precision, with which the
        test accuracies are measured) and logits.safetensors (of the test set, `logits` float16,
        (N, classes), and `labels` uint8, (N,); where the images are those of a copy and some exact
        ones are at hand, `exact_logits` of these, the first); for the others
        predictions.safetensors (uint8, (N,)). A checkpoint lies there while a seed is trained.
    seeds : sequence of int, optional
    device : str
    resume : bool
        Go on from a checkpoint that an interrupted run has left.
    sample : bool
        Use the shipped sample of the data.

    Returns
    -------
    cnnlib.record.ExperimentRecord

    Raises
    ------
    ValueError
        If the folder has the record of another configuration, or of other data.
    """
    splits = {"fit": ("fit", "validation", "test"), "train": ("train", "test")}
    parts = [
        datasets.load(experiment.dataset, split, sample=sample)
        for split in splits[experiment.train_on]
        if not (experiment.trial and split == "test")
    ]
    train, *validation = (part for part in parts if part.split != "test")
    digests = {part.split: part.sha256 for part in parts}
    source = record.DatasetRecord(train.name, train.source, digests)
    path = folder / "record.json"
    result = record.ExperimentRecord(experiment.name, experiment.configuration(), source, ())
    if path.is_file():
        result = record.load(path)
        _check_configuration(result, experiment, path)
        if result.dataset.sha256 != digests:
            raise ValueError(f"{path} is of other data ({result.dataset.source}): move it away")
    for seed in seeds or experiment.seeds:
        if seed in {done.seed for done in result.runs}:
            print(f"{experiment.name}, seed {seed}: has a run")
            continue
        print(f"{experiment.name}, seed {seed}")
        checkpoint = folder / f"seed-{seed}.checkpoint"
        model = models.build(experiment.network, seed=seed, **experiment.options)
        done = training.fit(
            *(model, train, *(validation or [None]), experiment.config),
            seed=seed,
            device=device,
            checkpoint=checkpoint,
            resume=resume,
        )
        if not experiment.trial:
            done = _test(experiment, model, parts[-1], done, folder, not result.runs, device)
        result = dataclasses.replace(result, runs=(*result.runs, done))
        record.save(result, path)
        checkpoint.unlink(missing_ok=True)
    return result


def _test(experiment, model, test, done, folder, first, device):
    """Open the test set, keep what belongs to the run, and return its record with accuracies."""
    content = weights.to_bytes(model, half=True)
    weights.from_bytes(model, content)  # so that they are those of the file
    options = {"device": device, "autocast": experiment.config.autocast}
    plain = training.evaluate(model, test, **options)
    augmented = training.evaluate(model, test, augmented=experiment.augmented_test, **options)
    done = dataclasses.replace(
        done, test_accuracy=plain.accuracy, test_accuracy_augmented=augmented.accuracy
    )
    # What belongs to the run comes first: a record never speaks of files that are not there.
    if first:
        record.write_atomically(folder / WEIGHTS, content)
        # With the labels, since the images may not be at hand where these are drawn.
        stored = {"logits": plain.logits.astype(np.float16)}
        stored["labels"] = test.labels.astype(np.uint8)
        if exact := datasets.load_exact(test):
            found = training.evaluate(model, exact, **options).logits
            stored["exact_logits"] = found.astype(np.float16)
        weights.write_arrays(folder / LOGITS, stored)
    else:
        path_others = folder / PREDICTIONS
        others = weights.read_arrays(path_others) if path_others.is_file() else {}
        others[f"seed-{done.seed}"] = plain.logits.argmax(1).astype(np.uint8)
        weights.write_arrays(path_others, others)
    return done


def describe(result):
    """Return the statistics of a record's runs as lines of text."""
    lines = [f"{result.experiment} ({result.dataset.name}, {result.dataset.source})"]
    for quantity in ("validation_accuracy", "test_accuracy", "test_accuracy_augmented"):
        if values := result.values(quantity):
            s = statistics.summarize(values)
            spread = ""
            if s.interval:
                low, high = s.interval
                spread = f", 95 % interval {low:.2%} to {high:.2%}, s = {s.standard_deviation:.2%}"
            words = quantity.replace("_", " ")
            lines.append(f"  {words}: mean {s.mean:.2%} of n = {s.n}{spread}")
    if values := result.values("training_seconds"):
        s = statistics.summarize(values)
        lines.append(f"  training: minimum {s.minimum:.1f} s, median {s.median:.1f} s")
    return lines


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
    result = record.load(path)
    _check_configuration(result, experiment, path)
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


def main(arguments=None):
    """Run the command line; return 0, or 1 if something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m cnnlib.experiments")
    parser.add_argument("command", choices=("list", "run", "show", "verify"))
    parser.add_argument("name", nargs="?", default="", metavar="NAME", help="or how some begin")
    parser.add_argument("--seeds", nargs="+", type=int, help="which to train")
    parser.add_argument("--epochs", type=int, help="in place of the experiment's; needs --results")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--resume", action="store_true", help="go on from checkpoints")
    parser.add_argument("--sample", action="store_true", help="shipped data; needs --results")
    parser.add_argument("--results", type=Path, help="a folder in place of the package's")
    options = parser.parse_args(arguments)
    if (options.epochs or options.sample) and not options.results:
        parser.error("--epochs and --sample need --results: the package's are of neither")
    memory.keep()
    failed = False
    try:
        for experiment in recipes.find(options.name):
            if options.epochs is not None:
                config = dataclasses.replace(experiment.config, epochs=options.epochs)
                experiment = dataclasses.replace(experiment, config=config)
            try:
                _do(experiment, (options.results or RESULTS) / experiment.name, options)
            except FileNotFoundError as error:
                print(f"{experiment.name}: nothing is there yet ({error})", file=sys.stderr)
                failed = True
    except (ValueError, OSError, ArithmeticError) as error:
        print(error, file=sys.stderr)
        failed = True
    return int(failed)


def _do(experiment, folder, options):
    path = folder / "record.json"
    where = {"device": options.device, "sample": options.sample}
    if options.command == "list":
        runs = len(record.load(path).runs) if path.is_file() else 0
        print(f"{experiment.name}: {runs} runs, of {len(experiment.seeds)}")
    elif options.command == "show":
        print(*describe(record.load(path)), sep="\n")
    elif options.command == "verify":
        for line in verify(experiment, folder, **where):
            print(f"{experiment.name}: {line}")
    else:
        result = run(experiment, folder, seeds=options.seeds, resume=options.resume, **where)
        print(*describe(result), sep="\n")


def _check_configuration(result, experiment, path):
    if result.experiment != experiment.name or not experiment.fits(result.configuration):
        raise ValueError(
            f"{path} is of another configuration than {experiment.name} has now: move it away "
            "and run the experiment again"
        )


def _stored(path, name):
    arrays = weights.read_arrays(path) if path.is_file() else {}
    if name not in arrays:
        raise ValueError(f"{path} lacks `{name}`: restore it, or run the experiment again")
    return arrays[name]


if __name__ == "__main__":
    sys.exit(main())
