"""Measure whether trained networks name the same class wherever an image is moved.

    python -m cnnlib.consistency fashion-mnist/downsampling

does so for each experiment whose name begins so and that keeps the weights of every seed, and
writes consistency.json beside its record, unless it is of these weights already.
"""

import argparse
import contextlib
import sys
from pathlib import Path

from cnnlib import datasets, measured, memory, provenance, recipes, symmetry, variations
from cnnlib.archive import RESULTS, load_network, load_record
from cnnlib.evaluation import to_tensors

FILE = "consistency.json"
COMMAND = "python -m cnnlib.consistency"
MOST = 2  # pixels
IMAGES = 1000  # the first of the test set: at 25 places each, they take long enough


def measure(network, images, labels, most=MOST):
    """Return how a network names images that are moved by up to so many pixels.

    Parameters
    ----------
    network : torch.nn.Module
    images : tensor of float32, shape (N, C, H, W)
        From 0 to 1.
    labels : tensor of int64, shape (N,)
    most : int

    Returns
    -------
    dict
        `most`; the number of `images`; `right`, how many are named rightly at each shift, row by
        row from (-most, -most); `consistency`, the mean of `cnnlib.symmetry.shift_consistency`.
    """
    classes = symmetry.classes_under_shifts(network, images, most)
    return {
        "most": most,
        "images": len(images),
        "right": (classes == labels).sum(1).tolist(),
        "consistency": symmetry.shift_consistency(classes).mean().item(),
    }


def load(name, results=RESULTS):
    """Return what was measured for an experiment, see `cnnlib.measured.load`; a row a seed.

    Raises
    ------
    ValueError
        Also if images were moved by more or less than `MOST`.
    """
    found = measured.load(name, FILE, COMMAND, results)
    if {row["most"] for row in found["rows"]} != {MOST}:
        raise ValueError(
            f"{Path(results, name, FILE)} is of other shifts than are asked about now, by up to "
            f"{MOST}: run `{COMMAND} {name}`"
        )
    return found


def main(arguments=None):
    """Measure, print and write; return 0, or 1 if something is wrong."""
    parser = argparse.ArgumentParser(prog=COMMAND)
    parser.add_argument("name", metavar="NAME", help="of experiments, or how some begin")
    parser.add_argument("--sample", action="store_true", help="shipped data; needs --results")
    parser.add_argument("--results", type=Path, help="a folder in place of the package's")
    options = parser.parse_args(arguments)
    if options.sample and not options.results:
        parser.error("--sample needs --results: the package's are of the whole data")
    memory.keep()
    provenance.commit()  # before others commit
    try:
        found = [e for e in recipes.find(options.name) if e.kept == "every"]
        if not found:
            raise ValueError(f"`name` ({options.name!r}) keeps no weights but of the first seed")
        for experiment in found:
            _measure_all(experiment, options.results or RESULTS, options.sample)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _measure_all(experiment, results, sample):
    with contextlib.suppress(FileNotFoundError, ValueError):
        load(experiment.name, results)
        print(f"{experiment.name}: has been measured")
        return
    test = datasets.load(experiment.dataset, "test", sample=sample)
    test = variations.vary(test, experiment.variations.get("test"))
    images_and_labels = [tensor[:IMAGES] for tensor in to_tensors(test)]
    rows = []
    for run in load_record(experiment.name, results).runs:
        network = load_network(experiment.name, results, seed=run.seed)
        rows.append({"seed": run.seed} | measure(network, *images_and_labels))
        print(f"{experiment.name}, seed {run.seed}: {rows[-1]['consistency']:.2%}", flush=True)
    measured.save(experiment.name, FILE, test, rows, results)


if __name__ == "__main__":
    sys.exit(main())
