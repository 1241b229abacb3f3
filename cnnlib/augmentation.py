"""Change training images at random, batch by batch, on the device where they are.

The random numbers are drawn on the CPU, so that they are the same for any device. A GPU gets them
without being waited for.
"""

import torch


def augment(images, config, mirrored=None):
    """Return changed copies of images, each changed at random.

    Parameters
    ----------
    images : tensor of float32, shape (N, C, H, W)
    config : cnnlib.training_config.TrainingConfig
        Its `flip`, `turn`, `shift`, `border` and `erase` say what is done.
    mirrored : tensor of bool, shape (N,), optional
        Which images an "alternating" flip mirrors this time; on their device.

    Returns
    -------
    tensor of float32, shape (N, C, H, W)

    Raises
    ------
    ValueError
        If the square to erase is larger than the images, images to turn are not square, images are
        too small to be mirrored at their border, or an "alternating" flip lacks `mirrored`.
    """
    count, _, height, width = images.shape
    if config.flip == "alternating" and mirrored is None:
        raise ValueError("`mirrored` (None) is what `flip` ('alternating') needs: say which images")
    if config.border == "reflect" and config.shift >= min(height, width):
        raise ValueError(
            f"`shift` ({config.shift}) exceeds what `border` ('reflect') can mirror of {height} × "
            f"{width} pixels: use at most {min(height, width) - 1}, or 'black'"
        )
    if config.flip in (True, False):
        mirrored = hand_over(torch.rand(count) < 0.5, images.device) if config.flip else None
    if config.turn:
        if height != width:
            raise ValueError(
                f"`turn` (True) needs square images, and these have {height} × {width} pixels: "
                "pad them"
            )
        turns = hand_over(torch.randint(4, (count,)), images.device)[:, None, None, None]
        for quarter in range(1, 4):
            images = torch.where(turns == quarter, torch.rot90(images, quarter, (2, 3)), images)
    if config.flip or config.shift:
        images = _move(images, mirrored, config.shift, config.border)
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
            inside.append(hand_over((offset >= 0) & (offset < config.erase), images.device))
        images = images.masked_fill((inside[0][:, :, None] & inside[1][:, None, :])[:, None], 0.0)
    return images.contiguous(memory_format=torch.channels_last)


def _move(images, mirrored, most, border):
    """Return images mirrored and moved in one go: where each pixel comes from is computed first."""
    count, _, height, width = images.shape
    device = images.device
    rows = torch.arange(height, device=device).expand(count, -1)
    columns = torch.arange(width, device=device).expand(count, -1)
    if most:
        offsets = hand_over(torch.randint(2 * most + 1, (2, count, 1)), device) - most
        rows, columns = rows + offsets[0], columns + offsets[1]
    if mirrored is not None:
        columns = torch.where(mirrored[:, None], width - 1 - columns, columns)
    if border == "reflect":
        rows, columns = _reflect(rows, height), _reflect(columns, width)
    pixels = images.permute(0, 2, 3, 1)  # all channels of a pixel come along
    every = torch.arange(count, device=device)[:, None, None]
    inside = rows.clamp(0, height - 1)[:, :, None], columns.clamp(0, width - 1)[:, None, :]
    moved = pixels[every, *inside].permute(0, 3, 1, 2)
    if most and border == "black":
        missing = (rows < 0) | (rows >= height), (columns < 0) | (columns >= width)
        moved = moved.masked_fill((missing[0][:, :, None] | missing[1][:, None, :])[:, None], 0.0)
    return moved


def _reflect(positions, length):
    """Return positions from 0 on in place of those beyond a border, which mirrors the image."""
    return length - 1 - (length - 1 - positions.abs()).abs()


def hand_over(drawn, device):
    """Return what was drawn on the CPU, on a device; a copy from locked memory needs no waiting.

    Parameters
    ----------
    drawn : tensor
    device : torch.device

    Returns
    -------
    tensor
    """
    if device.type == "cpu":
        return drawn
    return drawn.pin_memory().to(device, non_blocking=True)
