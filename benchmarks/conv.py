"""Time `cnnlib.conv.conv2d` against SciPy and PyTorch: `python -m benchmarks.conv`.

The contenders take turns, and the figures are medians over the rounds, so that a busy machine
slows all alike. That holds for one thread: several wait for each other, OpenBLAS's at every
matrix product, and so need a machine with nothing else to do. The numbers of threads are set
where the libraries read them, when they load: in the environment of a new process for each.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time

from benchmarks.arguments import positive

X_SHAPE = (16, 3, 64, 64)
WEIGHT_SHAPE = (32, 3, 5, 5)
KERNEL_SIZES = (3, 5, 7, 9, 11, 13, 15, 17)

AT_LEAST_OVER_SCIPY = 40
AT_MOST_OVER_TORCH = 3


def main():
    """Print the versions, then a report of each number of threads."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.conv", description=__doc__)
    parser.add_argument(
        "--threads", type=positive, help="report in this process, set up for so many"
    )
    threads = parser.parse_args().threads
    if threads:
        report(threads)
        return
    print_setting()
    for threads in sorted({1, len(os.sched_getaffinity(0))}):
        subprocess.run(
            [sys.executable, "-m", "benchmarks.conv", "--threads", str(threads)],
            env=os.environ | environment(threads),
            check=True,
        )


def environment(threads):
    """Return the variables that set the threads, and that keep page faults out of the times."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    # glibc gives large arrays back to the system at once, and faults their pages in again at the
    # next call; that would take longer than PyTorch's convolution. Let it keep them.
    allocator = {"MALLOC_MMAP_THRESHOLD_": str(2**25), "MALLOC_TRIM_THRESHOLD_": str(2**30)}
    return dict.fromkeys(names, str(threads)) | allocator


def print_setting():
    """Print what the figures depend on."""
    import numpy as np
    import scipy
    import torch

    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    print(
        f"NumPy {np.__version__} ({blas['name']} {blas['version']}), SciPy {scipy.__version__}, "
        f"PyTorch {torch.__version__}, Python {platform.python_version()}"
    )
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        if name in os.environ:
            print(f"Note: {name}={os.environ[name]} is set, which may slow NumPy down")
    cpus, load = len(os.sched_getaffinity(0)), os.getloadavg()[0]
    print(f"x {X_SHAPE}, weight {WEIGHT_SHAPE}, float32; {cpus} CPUs, load {load:.1f} before")
    if load > 0.5:
        print("Note: the machine is busy, so expect little of the figures for several threads")


def report(threads):
    """Print the two tables for this process."""
    import numpy as np
    import torch

    torch.set_num_threads(threads)
    rng = np.random.default_rng(0)
    x = rng.standard_normal(X_SHAPE, dtype=np.float32)
    weight = rng.standard_normal(WEIGHT_SHAPE, dtype=np.float32)
    print(f"\n{threads} thread{'s' if threads > 1 else ''}", flush=True)
    print_rivals(x, weight)
    print_crossover(x, rng)


def print_rivals(x, weight):
    """Print the times of one convolution, and the ratios that were promised."""
    import numpy as np
    import torch
    from scipy.signal import correlate2d

    from cnnlib.conv import conv2d

    x_tensor, weight_tensor = torch.from_numpy(x), torch.from_numpy(weight)

    def by_scipy():
        return np.array(
            [
                [
                    sum(correlate2d(image[c], kernel[c], "valid") for c in range(len(kernel)))
                    for kernel in weight
                ]
                for image in x
            ]
        )

    def by_torch():
        return torch.nn.functional.conv2d(x_tensor, weight_tensor).numpy()

    for rival in (by_scipy, by_torch):
        np.testing.assert_allclose(conv2d(x, weight), rival(), atol=1e-4)
    times = medians(
        {
            "cnnlib, im2col": lambda: conv2d(x, weight),
            "cnnlib, fft": lambda: conv2d(x, weight, method="fft"),
            "torch conv2d": by_torch,
            "scipy correlate2d": by_scipy,
        },
        rounds=9,
    )
    one_image = {"cnnlib, loops": lambda: conv2d(x[:1], weight, method="loops")}
    times["cnnlib, loops"] = medians(one_image, rounds=1)["cnnlib, loops"] * len(x)
    own = times["cnnlib, im2col"]
    over_torch, over_scipy = own / times["torch conv2d"], times["scipy correlate2d"] / own
    remarks = {
        "torch conv2d": f"im2col takes {over_torch:.2f} times as long"
        f" (promised: at most {AT_MOST_OVER_TORCH})",
        "scipy correlate2d": f"im2col is {over_scipy:.0f} times as fast"
        f" (promised: at least {AT_LEAST_OVER_SCIPY})",
        "cnnlib, loops": f"{len(x)} times that of one image",
    }
    for name, milliseconds in times.items():
        print(f"  {name:<20}{milliseconds:9.2f} ms  {remarks.get(name, '')}".rstrip())
    kept = over_torch <= AT_MOST_OVER_TORCH and over_scipy >= AT_LEAST_OVER_SCIPY
    print(f"  {'both promises kept' if kept else 'PROMISE BROKEN'}", flush=True)


def print_crossover(x, rng):
    """Print from which kernel size on the FFT is the faster method, sizes kept."""
    import numpy as np

    from cnnlib.conv import conv2d

    print('  kernel, padding "same"   im2col        fft')
    slower = 0
    for size in KERNEL_SIZES:
        weight = rng.standard_normal((*WEIGHT_SHAPE[:2], size, size), dtype=np.float32)
        times = medians(
            {
                method: lambda method=method, weight=weight: conv2d(
                    x, weight, padding="same", method=method
                )
                for method in ("im2col", "fft")
            },
            rounds=5,
        )
        if times["fft"] >= times["im2col"]:
            slower = size
        label = f"{size} × {size}"
        print(f"  {label:<19}{times['im2col']:9.2f} ms{times['fft']:9.2f} ms", flush=True)
    ahead = [size for size in KERNEL_SIZES if size > slower]
    print(f"  fft ahead from {ahead[0]} × {ahead[0]} on" if ahead else "  fft never ahead")


def medians(contenders, rounds):
    """Return the time of each contender's calls in milliseconds, a median over the rounds.

    Each has a turn per round: a call to warm up, then calls for 20 ms, of which the median counts;
    so a round that is disturbed counts once, however few calls it has. Before it, the threads of
    the one before get time to fall asleep, as OpenBLAS's spin for a while.
    """
    times = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, call in contenders.items():
            time.sleep(0.05)
            call()
            turn, end = [], time.perf_counter() + 0.02
            while (start := time.perf_counter()) < end:
                call()
                turn.append(1000 * (time.perf_counter() - start))
            times[name].append(statistics.median(turn))
    return {name: statistics.median(values) for name, values in times.items()}


if __name__ == "__main__":
    main()
