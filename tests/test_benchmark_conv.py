"""The benchmark of convolutions lets each round count once, a quiet one and a busy one alike."""

from types import SimpleNamespace

import pytest

from benchmarks import conv


class Clock:
    """A clock that only sleep and calls set on."""

    def __init__(self):
        self.now = 0.0

    def lasting(self, *milliseconds):
        """Return a call whose turns take so long a call, in this order."""
        turns = iter(milliseconds)

        def call():
            if self.slept:  # the first call after it begins a turn
                self.slept, call.seconds = False, next(turns) / 1000
            self.now += call.seconds

        return call

    def sleep(self, seconds):
        self.slept = True
        self.now += seconds

    def perf_counter(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    time = SimpleNamespace(sleep=clock.sleep, perf_counter=clock.perf_counter)
    monkeypatch.setattr(conv, "time", time)
    return clock


def test_busy_rounds_count_as_much_as_quiet_ones(clock):
    # In its quiet round the fast one is called twenty times, in its two busy ones five times each.
    fast, slow = clock.lasting(1, 4, 4), clock.lasting(30, 60, 60)
    found = conv.medians({"fast": fast, "slow": slow}, rounds=3)
    assert found == pytest.approx({"fast": 4, "slow": 60})


def test_the_call_that_warms_up_does_not_count(clock):
    calls = iter([50, 5, 5, 5, 5])

    def call():
        clock.now += next(calls) / 1000

    assert conv.medians({"one": call}, rounds=1) == pytest.approx({"one": 5})
