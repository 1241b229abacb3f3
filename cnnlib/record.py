"""Keep how a trained result came about: configuration, data, seed, machine, versions, each epoch.

A record is one JSON file, `cnnlib/results/<experiment>/record.json`, that holds every run of an
experiment. What follows from the runs (means, intervals) is computed from them, never stored, so
that it cannot disagree with them. `cnnlib.record_schema.SCHEMA` says what a file may hold.
"""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from cnnlib import atomic
from cnnlib.record_schema import SCHEMA_VERSION, RecordError, check


@dataclass(frozen=True)
class EpochRow:
    """Hold what one epoch came to.

    Attributes
    ----------
    epoch : int
        From 1.
    train_loss, train_accuracy : float
        Means over the epoch's images as they were trained on, while the weights moved. The loss
        is the mean cross-entropy in nats, with label smoothing against the smoothed targets;
        accuracies are shares from 0 to 1.
    validation_loss, validation_accuracy : float or None
        After the epoch, the loss against the labels as they are; None where there was no
        validation set.
    """

    epoch: int
    train_loss: float
    train_accuracy: float
    validation_loss: float | None = None
    validation_accuracy: float | None = None


@dataclass(frozen=True)
class RunRecord:
    """Hold one training from one seed.

    Attributes
    ----------
    seed : int
    device : str
        The processor's or the GPU's name.
    versions : dict of str to str
        Of Python and the libraries that decide the result.
    date : str
        When the run ended, in UTC, as "2026-01-31T12:00:00Z".
    commit : str or None
        40 hexadecimal digits, with "-dirty" where files differed from it; None if unknown.
    training_seconds : float
    seconds_include : str
        What the seconds include and what they leave out, in words.
    epochs : tuple of EpochRow
    test_accuracy, test_accuracy_augmented : float or None
        After the last epoch, from 0 to 1, without and with test-time augmentation.
    """

    seed: int
    device: str
    versions: dict[str, str]
    date: str
    commit: str | None
    training_seconds: float
    seconds_include: str
    epochs: tuple[EpochRow, ...]
    test_accuracy: float | None = None
    test_accuracy_augmented: float | None = None

    @property
    def validation_accuracy(self):
        """Validation accuracy after the last epoch (float or None)."""
        return self.epochs[-1].validation_accuracy if self.epochs else None


@dataclass(frozen=True)
class DatasetRecord:
    """Hold on which data an experiment ran.

    Attributes
    ----------
    name, source : str
        As those of `cnnlib.datasets.Dataset`.
    sha256 : dict of str to str
        For each split that was used, the SHA-256 of its images and labels.
    """

    name: str
    source: str
    sha256: dict[str, str]


@dataclass(frozen=True)
class ExperimentRecord:
    """Hold all runs of an experiment.

    Attributes
    ----------
    experiment : str
        Its name, such as "fashion-mnist/cnn-small".
    configuration : dict
        What JSON can hold: everything that was chosen, but for the seeds.
    dataset : DatasetRecord
    runs : tuple of RunRecord
    """

    experiment: str
    configuration: dict
    dataset: DatasetRecord
    runs: tuple[RunRecord, ...]

    def seeds(self):
        """Return the seeds that have a run (set of int)."""
        return {run.seed for run in self.runs}

    def values(self, quantity):
        """Return a quantity of each run that has it.

        Parameters
        ----------
        quantity : {"test_accuracy", "test_accuracy_augmented", "validation_accuracy", \
"training_seconds"}

        Returns
        -------
        list of float
            To summarize with `cnnlib.statistics.summarize`.

        Raises
        ------
        ValueError
            If the quantity is none of these.
        """
        known = (
            *("test_accuracy", "test_accuracy_augmented"),
            *("validation_accuracy", "training_seconds"),
        )
        if quantity not in known:
            raise ValueError(f"`quantity` ({quantity!r}) is unknown: use one of {known}")
        found = (getattr(run, quantity) for run in self.runs)
        return [value for value in found if value is not None]


def to_json(record):
    """Return an `ExperimentRecord` as JSON text.

    Raises
    ------
    RecordError
        If it does not hold what the schema asks for; the message names the field.
    """
    content = {"schema": SCHEMA_VERSION} | dataclasses.asdict(record)
    # Tuples become lists, as they do in a file, and keys must be strings.
    try:
        text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    except (TypeError, ValueError) as error:
        raise RecordError(f"the record cannot be written: {error}") from error
    check(json.loads(text), "the record cannot be written")
    return text


def from_json(text, where="the record"):
    """Return the `ExperimentRecord` that a JSON text holds.

    Parameters
    ----------
    text : str
    where : str
        What to call the text in an error, such as its file's path.

    Raises
    ------
    RecordError
        If the text is no JSON, of another schema, or lacks a field or has a wrong one.
    """
    try:
        content = json.loads(text, parse_constant=_refuse_constant)
    except ValueError as error:
        raise RecordError(f"{where} is damaged, no JSON ({error}): restore it") from error
    check(content, where)
    runs = tuple(
        RunRecord(**run | {"epochs": tuple(EpochRow(**row) for row in run["epochs"])})
        for run in content["runs"]
    )
    dataset = DatasetRecord(**content["dataset"])
    return ExperimentRecord(content["experiment"], content["configuration"], dataset, runs)


def save(record, path):
    """Write an `ExperimentRecord` to a JSON file, whole or not at all.

    Raises
    ------
    RecordError
        If the record does not hold what the schema asks for.
    """
    atomic.write(path, to_json(record))


def load(path):
    """Return the `ExperimentRecord` in a JSON file.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    RecordError
        If the file is damaged or of another schema; the message names file and field.
    """
    try:
        text = Path(path).read_text("utf-8")
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"there is no {path}, nothing has been run yet: `python -m cnnlib.experiments run NAME`"
        ) from error
    except UnicodeDecodeError as error:
        raise RecordError(f"{path} is damaged, no text ({error}): restore it") from error
    return from_json(text, str(path))


def _refuse_constant(name):
    raise ValueError(f"{name} is no number of JSON")
