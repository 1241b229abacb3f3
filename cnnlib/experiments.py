"""Run the lecture's named experiments, and hold their records against the code and the data.

    python -m cnnlib.experiments list             what there is, and what has a record
    python -m cnnlib.experiments run NAME         train the seeds that have no run yet
    python -m cnnlib.experiments show NAME        means over the seeds, with 95 % intervals
    python -m cnnlib.experiments verify NAME      evaluate the weights again

NAME is an experiment's name or how some begin, such as fashion-mnist. `torchrun --nproc-per-node 2
-m cnnlib.experiments run NAME` shares the trainings out among processes, see `cnnlib.sharing`.
"""

import argparse
import dataclasses
import functools
import sys
from pathlib import Path

import numpy as np

from cnnlib import (
    atomic,
    datasets,
    jpeg_copy,
    locks,
    memory,
    models,
    provenance,
    recipes,
    record,
    sharing,
    statistics,
    training,
    variations,
    weights,
)
from cnnlib.archive import LOGITS, PREDICTIONS, RESULTS, WEIGHTS, open_record, weights_of
from cnnlib.verification import verify


def run(experiment, folder, *, seeds=None, **options):
    """Train an experiment's seeds that have no run yet, and write the record after each.

    Parameters
    ----------
    experiment, folder, **options
        See `run_seed`.
    seeds : sequence of int, optional

    Returns
    -------
    cnnlib.record.ExperimentRecord
    """
    for seed in seeds or experiment.seeds:
        result = run_seed(experiment, folder, seed, **options)
    return result


def run_seed(experiment, folder, seed, *, device="cpu", resume=False, compiled=False, sample=False):
    """Train an experiment from one seed, if it has no run yet, and write it into the record.

    Other processes may do the same with other seeds of the same experiment at the same time.

    Parameters
    ----------
    experiment : cnnlib.recipes.Experiment
    folder : pathlib.Path
        Gets record.json; for the first run weights.safetensors (half precision, with which the
        test accuracies are measured) and logits.safetensors (of the test set, `logits` float16,
        (N, classes), and `labels` uint8, (N,)); for the others predictions.safetensors (uint8,
        (N,)); see also the experiment's `kept`. A checkpoint lies there while a seed is trained.
    seed : int
    device : str
    resume : bool
        Go on from a checkpoint that an interrupted run has left.
    compiled : bool
        See `cnnlib.training.fit`.
    sample : bool
        Use the shipped sample of the data.

    Returns
    -------
    cnnlib.record.ExperimentRecord
        As it is after the run.

    Raises
    ------
    ValueError
        If the folder has the record of another configuration; or, where a seed is missing, of
        other data than those at hand; or if these are not what the experiment is of.
    OSError
        If the folder cannot be written, or not be shared, see `cnnlib.locks`.
    """
    path, checkpoint = folder / "record.json", folder / f"seed-{seed}.checkpoint"
    if path.is_file() and seed in (result := open_record(experiment, path)).seeds():
        print(f"{experiment.name}, seed {seed}: has a run", flush=True)
        checkpoint.unlink(missing_ok=True)  # of a process that ended right after its record
        return result
    splits = {"fit": ("fit", "validation", "test"), "train": ("train", "test")}
    parts = [
        _load(experiment.dataset, split, sample, experiment.variations.get(split))
        for split in splits[experiment.train_on]
        if not (experiment.trial and split == "test")
    ]
    if experiment.of_copy and not jpeg_copy.is_copy(parts[0]):
        raise ValueError(
            f"{experiment.name} is of the JPEG copy of {experiment.dataset}, but the images "
            f"themselves are in {parts[0].source}: run it where only the copy is at hand"
        )
    with locks.alone_in(folder):  # before hours of training, rather than after them
        _so_far(experiment, folder, parts)
    print(f"{experiment.name}, seed {seed}", flush=True)
    train, *validation = (part for part in parts if part.split != "test")
    if experiment.images:
        train = variations.fewer(train, experiment.images, seed)
    model = models.build(experiment.network, seed=seed, **experiment.options)
    how = {"device": device, "checkpoint": checkpoint, "resume": resume, "compiled": compiled}
    data = (train, *(validation or [None]))
    done = training.fit(model, *data, experiment.config, seed=seed, **how)
    with locks.alone_in(folder):
        result = _so_far(experiment, folder, parts)  # others may have added to it
        if seed in result.seeds():
            print(f"{experiment.name}, seed {seed}: another process has recorded it meanwhile")
        else:
            if not experiment.trial:
                done = _test(experiment, model, parts[-1], done, folder, not result.runs, device)
            result = dataclasses.replace(result, runs=(*result.runs, done))
            record.save(result, path)
    checkpoint.unlink(missing_ok=True)
    return result


def _so_far(experiment, folder, parts):
    """Return the record in a folder, or one without runs."""
    digests = {part.split: part.sha256 for part in parts}
    path = folder / "record.json"
    if not path.is_file():
        source = record.DatasetRecord(parts[0].name, parts[0].source, digests)
        return record.ExperimentRecord(experiment.name, experiment.configuration(), source, ())
    result = open_record(experiment, path)
    if result.dataset.sha256 != digests:
        raise ValueError(f"{path} is of other data ({result.dataset.source}): move it away")
    return result


@functools.cache
def _load(name, split, sample, variation):
    return variations.vary(datasets.load(name, split, sample=sample), variation)


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
    if first and experiment.kept != "classes":
        if experiment.kept != "outputs":
            atomic.write(folder / WEIGHTS, content)
        # With the labels, since the images may not be at hand where these are drawn.
        stored = {"logits": plain.logits.astype(np.float16)}
        stored["labels"] = test.labels.astype(np.uint8)
        weights.write_arrays(folder / LOGITS, stored)
    else:
        if experiment.kept == "every":
            atomic.write(folder / weights_of(done.seed), content)
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


def main(arguments=None):
    """Run the command line; return 0, or 1 if something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m cnnlib.experiments")
    parser.add_argument("command", choices=("list", "run", "show", "verify"))
    parser.add_argument("name", nargs="?", default="", metavar="NAME", help="or how some begin")
    parser.add_argument("--seeds", nargs="+", type=int, help="which to train")
    parser.add_argument("--epochs", type=int, help="in place of the experiment's; needs --results")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--resume", action="store_true", help="go on from checkpoints")
    parser.add_argument("--compile", action="store_true", help="as cnnlib.training.fit explains")
    parser.add_argument("--sample", action="store_true", help="shipped data; needs --results")
    parser.add_argument("--results", type=Path, help="a folder in place of the package's")
    options = parser.parse_args(arguments)
    if (options.epochs or options.sample) and not options.results:
        parser.error("--epochs and --sample need --results: the package's are of neither")
    memory.keep()
    provenance.commit()  # before others commit
    try:
        if options.command in ("run", "verify"):
            training.as_device(sharing.local_device(options.device))
        found = recipes.find(options.name)
        if options.epochs is not None:
            found = [_shortened(experiment, options.epochs) for experiment in found]
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    found = _for_this_machine(found, options)
    failed = []
    if options.command == "run":
        seeds = {e.name: options.seeds or _seeds(e, options.device) for e in found}
        tasks = [(experiment, seed) for experiment in found for seed in seeds[experiment.name]]
        failed += [not _try(_run, *task, options) for task in sharing.share_out(tasks)]
        if not sharing.first_process():
            return int(any(failed))
    failed += [not _try(_REPORTS[options.command], experiment, options) for experiment in found]
    return int(any(failed))


def _for_this_machine(found, options):
    """Return experiments less those that want a GPU and have no record, unless none is left."""
    if options.command == "list" or options.device != "cpu":
        return found
    has_record = {e.name for e in found if (_folder(e, options) / "record.json").is_file()}
    wanted = [e for e in found if not e.for_gpu or e.name in has_record]
    for experiment in found if wanted else ():
        if experiment not in wanted:
            print(f"{experiment.name}: left out, it has no record and is meant for a GPU")
    return wanted or found


def _try(do, experiment, *rest):
    """Do something with an experiment; say what is wrong, and return whether nothing was."""
    try:
        do(experiment, *rest)
    except (ValueError, OSError, ArithmeticError) as error:
        print(f"{experiment.name}: {error}", file=sys.stderr)
    else:
        return True
    return False


def _seeds(experiment, device):
    return experiment.seeds if device == "cpu" else experiment.seeds_on_gpu or experiment.seeds


def _folder(experiment, options):
    return (options.results or RESULTS) / experiment.name


def _shortened(experiment, epochs):
    config = dataclasses.replace(experiment.config, epochs=epochs)
    return dataclasses.replace(experiment, config=config)


def _run(experiment, seed, options):
    where = {"device": sharing.local_device(options.device), "sample": options.sample}
    how = {"resume": options.resume, "compiled": options.compile}
    run_seed(experiment, _folder(experiment, options), seed, **how, **where)


def _list(experiment, options):
    path = _folder(experiment, options) / "record.json"
    runs = len(record.load(path).runs) if path.is_file() else 0
    print(f"{experiment.name}: {runs} runs, of {len(_seeds(experiment, options.device))}")


def _show(experiment, options):
    print(*describe(record.load(_folder(experiment, options) / "record.json")), sep="\n")


def _verify(experiment, options):
    where = {"device": options.device, "sample": options.sample}
    for line in verify(experiment, _folder(experiment, options), **where):
        print(f"{experiment.name}: {line}")


# What each command says of an experiment; "run" does so once all runs are there.
_REPORTS = {"list": _list, "show": _show, "verify": _verify, "run": _show}


if __name__ == "__main__":
    sys.exit(main())
