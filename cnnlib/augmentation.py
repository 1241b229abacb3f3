"""Change training images at random, batch by batch, on the device where they are.

The random numbers are drawn on the CPU, so that they are the same for any device.
"""

import torch
from torch.nn import functional


def augment(images, config, mirrored=None):
    """Return changed copies of images, each changed at random.

    Parameters
    ----------
    images : tensor of float32, shape (N, C, H, W)
    config : cnnlib.training_config.TrainingConfig
        Its `flip`, `turn`, `shift`, `border` and `erase` say what is done.
    mirrored : tensor of bool, shape (N,), optional
        Which images an "alternating" flip mirrors this time.

    Returns
    -------
    tensor of float32, shape (N, C, H, W)

    Raises
    ------
    ValueError
        If the square to erase is larger than the images, or images to turn are not square.
    """
    count, _, height, width = images.shape
    if config.flip:
        if config.flip != "alternating":
            mirrored = torch.rand(count) < 0.5
        images = torch.where(
            mirrored.to(images.device)[:, None, None, None], images.flip(3), images
        )
    if config.turn:
        if height != width:
            raise ValueError(
                f"`turn` (True) needs square images, and these have {height} × {width} pixels: "
                "pad them"
            )
        turns = torch.randint(4, (count,)).to(images.device)[:, None, None, None]
        for quarter in range(1, 4):
            images = torch.where(turns == quarter, torch.rot90(images, quarter, (2, 3)), images)
    if config.shift:
        most = config.shift
        mode = {"black": "constant", "reflect": "reflect"}[config.border]
        padded = functional.pad(images, (most, most, most, most), mode).permute(0, 2, 3, 1)
        offsets = torch.randint(2 * most + 1, (2, count, 1)).to(images.device)
        rows = offsets[0] + torch.arange(height, device=images.device)  # (N, H)
        columns = offsets[1] + torch.arange(width, device=images.device)  # (N, W)
        every = torch.arange(count, device=images.device)[:, None, None]
        images = padded[every, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
    if config.erase:
        for side, size in {"height": height, "width": width}.items():
            if config.erase > size:
                raise ValueError(
                    f"`erase` ({config.erase}) exceeds the images' {side} ({size}): use a smaller "
                    "square"
                )
        corners = [torch.randint(size - config.erase + 1, (count, 1)) for size in (height, width)]
        inside = []
        for corner, size in zip(corners, (height, width), strict=True):
            offset = torch.arange(size) - corner  # (N, H) and (N, W)
            inside.append(((offset >= 0) & (offset < config.erase)).to(images.device))
        images = images.masked_fill((inside[0][:, :, None] & inside[1][:, None, :])[:, None], 0.0)
    return images
