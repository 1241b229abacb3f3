"""Say what a record's file may hold, and find what is wrong with one."""

import re
from itertools import chain

SCHEMA_VERSION = 1
_TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}


def _object(properties, optional=()):
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


_TEXT = {"type": "string", "pattern": "\\S"}
_COUNT = {"type": "integer", "minimum": 0}
_AMOUNT = {"type": "number", "minimum": 0}
_SHARE = {"type": "number", "minimum": 0, "maximum": 1}


def _or_null(schema):
    return schema | {"type": [schema["type"], "null"]}


# JSON Schema (2020-12), of which `_problems` knows the words that stand here.
SCHEMA = _object(
    {
        "schema": {"type": "integer", "const": SCHEMA_VERSION},
        "experiment": {"type": "string", "pattern": "^[a-z0-9-]+(/[a-z0-9-]+)*$"},
        "configuration": {"type": "object"},
        "dataset": _object(
            {
                "name": _TEXT,
                "source": _TEXT,
                "sha256": {
                    "type": "object",
                    "additionalProperties": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                },
            }
        ),
        "runs": {
            "type": "array",
            "items": _object(
                {
                    "seed": _COUNT,
                    "device": _TEXT,
                    "versions": {"type": "object", "additionalProperties": _TEXT},
                    "date": {
                        "type": "string",
                        "pattern": "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$",
                    },
                    "commit": {"type": ["string", "null"], "pattern": "^[0-9a-f]{40}(-dirty)?$"},
                    "training_seconds": _AMOUNT,
                    "seconds_include": _TEXT,
                    "epochs": {
                        "type": "array",
                        "items": _object(
                            {
                                "epoch": {"type": "integer", "minimum": 1},
                                "train_loss": _AMOUNT,
                                "train_accuracy": _SHARE,
                                "validation_loss": _or_null(_AMOUNT),
                                "validation_accuracy": _or_null(_SHARE),
                            }
                        ),
                    },
                    "test_accuracy": _or_null(_SHARE),
                    "test_accuracy_augmented": _or_null(_SHARE),
                }
            ),
        },
    }
)


class RecordError(ValueError):
    """A record's file is damaged, of another schema, or does not hold what a record must."""


def check(content, where):
    """Hold the content of a record's file against `SCHEMA`.

    Parameters
    ----------
    content : object
        What `json.loads` returned.
    where : str
        What to call it in the error: the path of its file.

    Raises
    ------
    RecordError
        If it is of another schema, or lacks a field, or has a wrong or an unknown one, or two
        runs from one seed; the message names the field, as "runs[0].epochs[2].train_loss".
    """
    found = content.get("schema") if isinstance(content, dict) else None
    if isinstance(found, int) and found != SCHEMA_VERSION:
        age = "an older" if found < SCHEMA_VERSION else "a newer"
        raise RecordError(
            f"{where}: `schema` ({found}) is {age} one than this cnnlib's ({SCHEMA_VERSION}): "
            "run the experiment again, or use the cnnlib that wrote it"
        )
    problem = next(chain(_problems(content, SCHEMA, ""), _repeated_seeds(content)), None)
    if problem:
        raise RecordError(f"{where}: {problem}: restore it, or run the experiment again")


def _problems(value, schema, field):
    """Yield what is wrong with a value, in the order of the schema."""
    name = f"`{field.removeprefix('.') or 'the whole'}`"
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    # Python counts bools as ints; JSON does not.
    if isinstance(value, bool) or not isinstance(value, tuple(_TYPES[t] for t in types)):
        yield f"{name} ({_short(value)}) is not of type {' or '.join(types)}"
    elif isinstance(value, dict):
        yield from _problems_inside(value, schema, field)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _problems(item, schema["items"], f"{field}[{index}]")
    elif isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield f"{name} ({_short(value)}) does not match {schema['pattern']}"
    elif isinstance(value, int | float):
        if value < schema.get("minimum", value):
            yield f"{name} ({value}) is less than {schema['minimum']}"
        if value > schema.get("maximum", value):
            yield f"{name} ({value}) is more than {schema['maximum']}"
        if value != schema.get("const", value):
            yield f"{name} ({value}) is not {schema['const']}"


def _problems_inside(value, schema, field):
    properties, rest = schema.get("properties", {}), schema.get("additionalProperties", True)
    for key in schema.get("required", ()):
        if key not in value:
            yield f"`{f'{field}.{key}'.removeprefix('.')}` is missing"
    for key, item in value.items():
        inside = properties.get(key, rest)
        if inside is False:
            yield f"`{f'{field}.{key}'.removeprefix('.')}` is not known to the schema"
        elif inside is not True:
            yield from _problems(item, inside, f"{field}.{key}")


def _repeated_seeds(content):
    """Yield which run counts a seed again, of a content that fits the schema."""
    seeds = [run["seed"] for run in content["runs"]]
    for index, seed in enumerate(seeds):
        if seed in seeds[:index]:
            yield f"`runs[{index}].seed` ({seed}) is that of another run, too"


def _short(value):
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
