"""Take a part of a data set: an epoch of so many images is what a benchmark times."""

import dataclasses


def first_images(dataset, count):
    """Return the first images of a data set (cnnlib.datasets.Dataset).

    Raises
    ------
    ValueError
        If it has fewer: the time of an image would be computed from others than were seen.
    """
    if count > len(dataset):
        raise ValueError(
            f"`count` ({count}) is more than the {len(dataset)} images of {dataset.name} "
            f"({dataset.source}): use at most {len(dataset)}"
        )
    return dataclasses.replace(
        dataset, images=dataset.images[:count], labels=dataset.labels[:count]
    )
