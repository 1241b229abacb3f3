"""Name the lecture's experiments: which network is trained on what, and how."""

import dataclasses
import json
from dataclasses import dataclass, field

from cnnlib import ladder, variations
from cnnlib.training_config import TrainingConfig


@dataclass(frozen=True)
class Experiment:
    """Say what is trained on what, and how.

    Attributes
    ----------
    name : str
    network : str
        As `cnnlib.models.build` takes it, with `options`.
    config : cnnlib.training_config.TrainingConfig
    options : dict
    dataset : str
        As `cnnlib.datasets.load` takes it. Its "test" part is opened at the end.
    train_on : {"fit", "train"}
        Of "fit", "validation" is followed. "train" is both of them together, for recipes that
        were chosen with their help.
    seeds : tuple of int
        Which are run if none are asked for.
    seeds_on_gpu : tuple of int
        Which, on a GPU; if empty, the same.
    augmented_test : {True, "shifted"}
        The test-time augmentation, as `cnnlib.evaluation.evaluate` takes it.
    variations : dict of str to str
        By split ("train", "fit", "validation", "test"): what `cnnlib.variations.vary` makes of it.
    images : int, optional
        Train on so many images, which the seed chooses (`cnnlib.variations.fewer`); else on all.
    kept : {"first", "every", "outputs", "classes"}
        The first seed's weights and test outputs, of the others the classes that they name; the
        weights of every seed besides; no weights; or of each seed just the classes that it names.
    trial : bool
        Whether it serves to choose a recipe: then the test set stays closed, and nothing is kept
        but the record.
    for_gpu : bool
        Whether a CPU would need days: there, it is left out unless it is asked for by name.
    of_copy : bool
        Whether it is of the JPEG copy of its data set, and of nothing else.
    """

    name: str
    network: str
    config: TrainingConfig
    options: dict = field(default_factory=dict)
    dataset: str = "fashion-mnist"
    train_on: str = "fit"
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    seeds_on_gpu: tuple[int, ...] = ()
    augmented_test: bool | str = True
    variations: dict = field(default_factory=dict)
    images: int | None = None
    kept: str = "first"
    trial: bool = False
    for_gpu: bool = False
    of_copy: bool = False

    def configuration(self):
        """Return what its record must have as configuration (dict)."""
        chosen = {
            "network": self.network,
            "options": self.options,
            "dataset": self.dataset,
            "train_on": self.train_on,
            "training": dataclasses.asdict(self.config),
            "augmented_test": self.augmented_test,
            "variations": self.variations,
            "images": self.images,
        }
        return json.loads(json.dumps(chosen))  # tuples become lists

    def fits(self, configuration):
        """Return whether a record's configuration is this experiment's (bool).

        What a record does not mention was not there to be chosen when it was made: the defaults
        of `TrainingConfig` and of this class are such that it then was as they say.
        """
        defaults = dataclasses.asdict(type(self.config)())
        training = defaults | configuration.get("training", {})
        older = {"augmented_test": Experiment.augmented_test, "variations": {}, "images": None}
        return older | configuration | {"training": training} == self.configuration()


_PLAIN = TrainingConfig(epochs=5, autocast=True)
_THREE = (0, 1, 2)
_BEST = TrainingConfig(
    epochs=18,
    peak_rate=5e-3,
    weight_decay=0.05,
    label_smoothing=0.05,
    flip=True,
    shift=1,
    averaging=0.998,
    autocast=True,
)
_FAST = TrainingConfig(
    epochs=10,
    batch_size=2000,
    optimizer="muon",
    peak_rate=0.24,
    schedule="linear",
    warmup=0.0,
    weight_decay=0.004,
    label_smoothing=0.2,
    flip="alternating",
    shift=2,
    border="reflect",
    autocast=True,
)
_CIFAR = {"dataset": "cifar-10", "augmented_test": "shifted"}
# The record holders' larger network has three convolutions a group and sees squares left out:
# theirs have the mean colour, ours are black.
_LARGE = dataclasses.replace(_FAST, epochs=45, shift=4, erase=12)
# The ladder, at a width and length for a CPU, and as a GPU would climb it.
_PLAIN_RATE, _SCHEDULED_RATE = 1e-3, 2e-3  # of those tried on the validation set, the better
NARROW = ladder.climb(
    (32, 64, 64),
    TrainingConfig(epochs=8, peak_rate=_PLAIN_RATE, schedule="constant", warmup=0.0, autocast=True),
    _SCHEDULED_RATE,
    dataclasses.replace(_FAST, epochs=8),
)
WIDE = ladder.climb(
    (64, 256, 256),
    TrainingConfig(
        epochs=24, peak_rate=_PLAIN_RATE, schedule="constant", warmup=0.0, autocast=True
    ),
    _SCHEDULED_RATE,
    dataclasses.replace(_FAST, epochs=24),
)


def _rungs(folder, rungs, **more):
    return tuple(
        Experiment(
            *(f"cifar-10/{folder}/{rung.name}", rung.network, rung.config, rung.options),
            **(_CIFAR | {"seeds": _THREE} | more),
        )
        for rung in rungs
    )


def _rates(rungs):
    """Return trials of learning rates, without and with a schedule."""
    by_name = {rung.name: rung for rung in rungs}
    return tuple(
        dataclasses.replace(
            by_name[name],
            name=f"{name}-{1000 * rate:g}-thousandths",
            config=dataclasses.replace(by_name[name].config, peak_rate=rate),
        )
        for name, rates in {"residual": (1e-3, 3e-3), "schedule": (2e-3, 5e-3)}.items()
        for rate in rates
    )


# How many images a symmetry is worth: networks that have it, or don't, or are shown it, trained on
# few images and on many. It holds of "scattered" images; "centred" ones, as they are, are the
# control.
SIZES = (100, 300, 1000, 3000, 10_000, 60_000)
_FEW = TrainingConfig(epochs=5, batch_size=100, autocast=True)
CURVES = {
    "fully-connected": ("fully-connected", _FEW),
    # Images that are never twice the same are worth being shown for longer.
    "fully-connected-moved": (
        "fully-connected",
        dataclasses.replace(_FEW, epochs=20, shift=variations.SCATTER_PIXELS),
    ),
    "cnn-small": ("cnn-small", _FEW),
    "cnn-shifts": ("cnn-shifts", _FEW),
}
CONTROLS = ("fully-connected", "cnn-small")


def _curves():
    for place, kinds in {"scattered": CURVES, "centred": CONTROLS}.items():
        split = {} if place == "centred" else {"train": place, "test": place}
        for name in kinds:
            network, config = CURVES[name]
            for count in SIZES:
                yield Experiment(
                    *(f"fashion-mnist/{place}/{name}/{count}", network, config),
                    **{"train_on": "train", "variations": split, "images": count},
                    **{"seeds": _THREE, "kept": "classes"},
                )


# The ways to halve a map, by what stands in front of the subsampling.
DOWNSAMPLINGS = ("max", "blurred-max", "stride", "blurred-stride", "average")
_DOWN = TrainingConfig(epochs=6, autocast=True)


def _downsamplings():
    for pooling, shift in (*((pooling, 0) for pooling in DOWNSAMPLINGS), ("max", 2)):
        yield Experiment(
            *(f"fashion-mnist/downsampling/{pooling}{'-moved' if shift else ''}", "cnn-shifts"),
            *(dataclasses.replace(_DOWN, shift=shift), {"pooling": pooling}),
            **{"seeds": _THREE, "kept": "every"},
        )


# Quarter turns: built in, or learnt from turned images, or neither.
_ROTATIONS = {
    "plain": ((32, 64, 64), 1, False),
    "plain-turned": ((32, 64, 64), 1, True),
    "group": ((8, 16, 16), 4, False),  # as many products as "plain", a quarter of its weights
}


def _rotations():
    for name, (widths, rotations, turn) in _ROTATIONS.items():
        yield Experiment(
            *(f"fashion-mnist/rotations/{name}", "cnn-rotations"),
            TrainingConfig(epochs=4, turn=turn, autocast=True),
            {"widths": widths, "rotations": rotations},
            **{"seeds": _THREE, "variations": {"test": "turned"}},
        )


EXPERIMENTS = (
    Experiment("fashion-mnist/fully-connected", "fully-connected", _PLAIN),
    Experiment("fashion-mnist/cnn-small", "cnn-small", _PLAIN),
    Experiment("fashion-mnist/cnn-large", "cnn-large", _PLAIN, {"dropout": 0.25}),
    # The small network without one of its parts, and both kinds on pixels in disorder.
    *(
        Experiment(f"fashion-mnist/{name}", network, _PLAIN, options, seeds=_THREE)
        for name, network, options in (
            ("ablation/average-pooling", "cnn-small", {"pooling": "average"}),
            ("ablation/no-pooling", "cnn-small", {"pooling": "none"}),
            ("ablation/no-nonlinearity", "cnn-small", {"nonlinear": False, "pooling": "average"}),
            ("ablation/global-pooling", "cnn-small", {"global_pool": True}),
            ("shuffled/cnn-small", "cnn-small", {"shuffled": True}),
            ("shuffled/cnn-large", "cnn-large", {"shuffled": True, "dropout": 0.25}),
            ("shuffled/fully-connected", "fully-connected", {"shuffled": True}),
        )
    ),
    Experiment("fashion-mnist/best", "cnn-residual", _BEST, train_on="train", seeds=_THREE),
    Experiment(
        *("cifar-10/compact", "cnn-whitened", _FAST),
        **(_CIFAR | {"train_on": "train", "seeds": _THREE, "seeds_on_gpu": tuple(range(10))}),
    ),
    # The same by a processor, for how alike two such trainings are, but for their accuracy.
    Experiment(
        *("cifar-10/compact-on-cpu", "cnn-whitened", _FAST),
        **(_CIFAR | {"train_on": "train", "seeds": _THREE}),
    ),
    # The same on the JPEG copy, for what that costs.
    Experiment(
        *("cifar-10/compact-copy", "cnn-whitened", _FAST),
        **(_CIFAR | {"train_on": "train", "seeds": tuple(range(10)), "of_copy": True}),
    ),
    # How long to train was chosen on the validation set.
    *(
        Experiment(
            f"cifar-10/validation/{epochs}-epochs",
            "cnn-whitened",
            dataclasses.replace(_FAST, epochs=epochs),
            **_CIFAR,
            seeds=(0,),
            trial=True,
        )
        for epochs in (6, 8, 10)
    ),
    Experiment(
        *("cifar-10/large", "cnn-whitened", _LARGE),
        {"widths": (128, 384, 512), "convolutions": 3},
        **_CIFAR,
        train_on="train",
        kept="outputs",  # its weights are 20 MB
        for_gpu=True,
    ),
    *_curves(),
    *_downsamplings(),
    *_rotations(),
    *_rungs("ladder", NARROW),
    *_rungs("wide-ladder", WIDE, for_gpu=True),
    *_rungs("validation", _rates(NARROW), trial=True, seeds=(0,)),
)


def find(name):
    """Return the experiments of a name, or whose names begin with it (tuple of Experiment).

    Raises
    ------
    ValueError
        If there is none.
    """
    exact = tuple(e for e in EXPERIMENTS if e.name == name)
    found = exact or tuple(e for e in EXPERIMENTS if e.name.startswith(name))
    if not found:
        known = ", ".join(e.name for e in EXPERIMENTS)
        raise ValueError(f"`name` ({name!r}) is unknown: use one of {known}, or how some begin")
    return found
