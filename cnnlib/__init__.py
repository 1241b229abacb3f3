"""The library behind an executable lecture on convolutional neural networks."""

__version__ = "0.1.0"
