"""Measure what the lecture promises: each module prints ratios taken in one run."""
