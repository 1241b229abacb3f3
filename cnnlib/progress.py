"""Tell how a training goes: a bar on a terminal, one line an epoch elsewhere."""

import sys

_WIDTH = 30
_BLOCKS, _PLAIN = "█░", "#."  # done, and still to do


class Progress:
    """Report steps and epochs to a stream, and nothing if there is none.

    Parameters
    ----------
    total : int
        Steps altogether.
    stream : file or None
        By default what `sys.stdout` is at the time. A bar is drawn only on a terminal.
    quiet : bool
        Whether to say nothing at all.
    """

    def __init__(self, total, stream=None, *, quiet=False):
        self.total = total
        self.stream = None if quiet else stream or sys.stdout
        self.has_bar = self.stream is not None and self.stream.isatty()
        self._signs = _BLOCKS if _can_write(self.stream, _BLOCKS) else _PLAIN
        self._shown = -1

    def step(self, done):
        """Draw the bar anew if it has grown."""
        percent = 100 * done // self.total
        if self.has_bar and percent != self._shown:
            self._shown = percent
            full = _WIDTH * done // self.total
            done_sign, open_sign = self._signs
            bar = done_sign * full + open_sign * (_WIDTH - full)
            self.stream.write(f"\r{bar} {percent:3d} %")
            self.stream.flush()

    def line(self, text):
        """Write one line, in place of the bar."""
        if self.stream is not None:
            erase = "\r\033[K" if self.has_bar else ""
            self._shown = -1
            self.stream.write(f"{erase}{text}\n")
            self.stream.flush()


def _can_write(stream, text):
    """Return whether a stream's encoding has all signs of a text (bool)."""
    try:
        text.encode(getattr(stream, "encoding", None) or "utf-8")
    except (LookupError, UnicodeEncodeError):
        return False
    return True
