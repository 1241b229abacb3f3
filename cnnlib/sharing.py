"""Share out trainings among the processes that `torchrun` has started, and write one record.

    torchrun --nproc-per-node 2 -m cnnlib.experiments run cifar-10/ladder --resume

Each process takes the next training from one counter, so that none waits for another. They must
see the same folder of results.
"""

import os
from datetime import timedelta

from torch import distributed

# A process that has nothing left to take waits for the others' last trainings.
_LONGEST_WAIT = timedelta(days=7)


def share_out(tasks):
    """Yield those of the tasks that fall to this process.

    Without `torchrun`, these are all of them. With it, each task is yielded in one of the
    processes; after its last, a process waits until the others are done, too.

    Parameters
    ----------
    tasks : sequence
        The same in all processes.
    """
    if not distributed.is_torchelastic_launched():
        yield from tasks
        return
    # After a restart (`--max-restarts`) this is another store: the counter begins anew.
    store, rank, size = next(distributed.rendezvous("env://"))
    distributed.init_process_group(
        "gloo", store=store, rank=rank, world_size=size, timeout=_LONGEST_WAIT
    )
    try:
        while (index := store.add("taken", 1) - 1) < len(tasks):
            yield tasks[index]
        distributed.barrier()
    finally:
        distributed.destroy_process_group()


def first_process():
    """Return whether this process is the one to speak for all (bool)."""
    return os.environ.get("RANK", "0") == "0"


def local_device(device):
    """Return the device of this process: with `torchrun`, "cuda" is one GPU for each process.

    Parameters
    ----------
    device : str

    Returns
    -------
    str
    """
    if device == "cuda" and distributed.is_torchelastic_launched():
        return f"cuda:{os.environ['LOCAL_RANK']}"
    return device
