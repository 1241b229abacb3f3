"""Execute pages side by side, as many as there are processors.

When Sphinx has listed the pages that it is going to read, those whose outputs are not in the cache
begin to run in processes of their own. Sphinx then reads page after page as always; where MyST-NB
would execute a page, it waits for the one that is running, and stores its outputs or reports its
error itself. So whatever is said of an error is what MyST-NB says, and a page that is read later
does not have to wait for one that is read before.

A page that times things must not be disturbed by a neighbour. It says ``execute_alone: true`` in
its header, which is no part of the cache's key: it is executed when it is read, once all the others
are done. So is a page with execution settings of its own, and a page that is the only one.

With or without a neighbour, a page that is not alone computes on one processor: sums then come out
the same to the last bit, and neighbours do not compete.
"""

import multiprocessing
import os
import socket
import tempfile
from concurrent.futures import ProcessPoolExecutor, wait
from contextlib import contextmanager, nullcontext
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.executors.utils import single_nb_execution
from myst_nb.core.execute import cache as myst_nb_cache
from myst_nb.core.read import create_nb_reader
from traitlets.config import Config

ALONE = "execute_alone"
THREADS = "OMP_NUM_THREADS"


class Executions:
    """The pages that are being executed, by their keys in the cache."""

    def __init__(self, processes):
        self.processes = processes
        self._executor, self._cache, self._running = None, None, {}

    def begin(self, notebooks, cache, **options):
        """Begin to execute notebooks, a dict by their paths, if there is more than one."""
        self._cache = cache
        if len(notebooks) < 2 or self.processes < 2:
            return
        self._executor = ProcessPoolExecutor(
            min(self.processes, len(notebooks)),
            mp_context=multiprocessing.get_context("spawn"),
        )
        for path, notebook in notebooks.items():
            if (key := self._key(notebook)) not in self._running:
                text, folder = nbformat.writes(notebook), str(path.parent)
                self._running[key] = self._executor.submit(
                    execute_text, text, cwd=folder, **options
                )

    def result(self, notebook, **options):
        """Return what came of a notebook, which gets its outputs: waited for, or executed now."""
        future = self._running.pop(self._key(notebook), None) if self._running else None
        if future is None:
            wait(self._running.values())  # nothing runs beside a page that is alone
            with nullcontext() if notebook.metadata.get(ALONE) else one_thread():
                return execute(notebook, **options)
        result = future.result()
        notebook.update(result.nb)
        result.nb = notebook
        return result

    def end(self):
        """End what is still running, if a page has failed."""
        if self._executor is not None:
            if self._running:
                for process in multiprocessing.active_children():
                    process.kill()  # at a softer word it would first wait for its kernel
            self._executor.shutdown(cancel_futures=True)  # which waits: who else does is in its way
        self._executor, self._running = None, {}

    def _key(self, notebook):
        return self._cache.create_hashed_notebook(notebook)[1]


@contextmanager
def one_thread():
    """Have the kernels that start meanwhile compute on one processor each."""
    before = os.environ.get(THREADS)
    os.environ[THREADS] = before or "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[THREADS]


def execute_text(text, **options):
    """Execute a notebook, given as its text, in a process of its own."""
    with one_thread():
        return execute(nbformat.reads(text, nbformat.NO_CONVERT), **options)


def execute(notebook, **options):
    """Execute a notebook, whose kernel is spoken with through sockets in a folder of its own.

    By default these would be ports that were free a moment ago. Between that moment and the one in
    which the kernel takes them, another page's kernel may.
    """
    if not hasattr(socket, "AF_UNIX"):  # on Windows
        return whole(single_nb_execution(notebook, **options))
    with tempfile.TemporaryDirectory(prefix="kernel-") as folder:
        speaks = {"transport": "ipc", "ip": str(Path(folder, "kernel"))}
        options["config"] = Config({"KernelManager": speaks})
        return whole(single_nb_execution(notebook, **options))


def whole(result):
    """Join what cells have printed where a kernel has sent it in pieces, wherever it was cut.

    MyST-NB would put an end of a line between the pieces.
    """
    for cell in result.nb.cells:
        outputs = []
        for output in cell.get("outputs", ()):
            before = outputs[-1] if outputs else {}
            if output.get("name") and output["name"] == before.get("name"):
                before["text"] += output["text"]
            else:
                outputs.append(output)
        if outputs:
            cell["outputs"] = outputs
    return result


executions = Executions(os.cpu_count() or 1)


def begin(app, env, docnames):
    """Begin to execute those pages whose outputs are not in the cache."""
    settings = env.mystnb_config
    if settings.execution_mode != "cache":
        return
    cache, waiting = get_cache(settings.execution_cache_path), {}
    for docname in docnames:
        path = Path(env.doc2path(docname))
        notebook = notebook_of(app, docname, path)
        if notebook is None or notebook.metadata.get(ALONE) or "mystnb" in notebook.metadata:
            continue
        try:
            cache.match_cache_notebook(notebook)
        except KeyError:
            waiting[path] = notebook
    executions.begin(
        waiting,
        cache,
        allow_errors=settings.execution_allow_errors,
        timeout=settings.execution_timeout,
    )


def notebook_of(app, docname, path):
    """Return the notebook that MyST-NB will make of a page, or None where it makes none."""
    text = [path.read_text("utf-8")]
    app.events.emit("source-read", docname, text)
    reader = create_nb_reader(str(path), app.env.myst_config, app.env.mystnb_config, text[0])
    return reader and reader.read(text[0])


def end(app, exception):
    """End what runs."""
    executions.end()


def setup(app):
    """Register with Sphinx."""
    myst_nb_cache.single_nb_execution = executions.result
    app.connect("env-before-read-docs", begin)
    app.connect("build-finished", end)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
