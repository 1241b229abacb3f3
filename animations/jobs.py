"""Rendering several scenes at a time. Imports Manim only where a scene is rendered."""

import functools
import multiprocessing
from concurrent.futures import ProcessPoolExecutor, as_completed


def render_each(scenes, root, folder, jobs):
    """Render scenes, as many at a time as `jobs` says.

    Parameters
    ----------
    scenes : list of str
        Their names.
    root : pathlib.Path
        Root folder of the repository.
    folder : pathlib.Path
        A folder for what is rendered.
    jobs : int
        How many processes; with one, everything happens in this one.

    Yields
    ------
    scene : str
        A scene that is done; with one job, that is next.
    result : callable
        Returns what `animations.render.render` does, or raises its error.
    """
    if min(jobs, len(scenes)) < 2:
        for scene in scenes:
            yield scene, functools.partial(_render, scene, root, folder / scene)
        return
    processes = multiprocessing.get_context("spawn")  # Manim's settings are global
    with ProcessPoolExecutor(min(jobs, len(scenes)), processes) as pool:
        futures = {pool.submit(_render, scene, root, folder / scene): scene for scene in scenes}
        for future in as_completed(futures):
            yield futures[future], future.result


def _render(scene, root, folder):
    from animations.render import render

    return render(scene, root, folder)
