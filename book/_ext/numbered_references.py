"""Resolve ``{numref}`` without reading its target's page from disk every time.

Sphinx unpickles the whole page of the target for each such reference, which was a fifth of the time
of a build that executes nothing. Here each page is kept for as long as the references of one page
are resolved.
"""

from sphinx.domains.std import StandardDomain


class Remembering:
    """An environment that reads each page once."""

    def __init__(self, env):
        self._env, self._doctrees = env, {}

    def __getattr__(self, name):
        return getattr(self._env, name)

    def get_doctree(self, docname):
        """Return a page; it is only looked at, so that all may have the same."""
        if docname not in self._doctrees:
            self._doctrees[docname] = self._env.get_doctree(docname)
        return self._doctrees[docname]


class QuickStandardDomain(StandardDomain):
    """Sphinx's own domain, which reads less."""

    _remembering = "", None

    def _resolve_numref_xref(self, env, fromdocname, *arguments):
        if self._remembering[0] != fromdocname:
            self._remembering = fromdocname, Remembering(env)
        return super()._resolve_numref_xref(self._remembering[1], fromdocname, *arguments)


def forget(app, *arguments):
    """Forget the pages before others are read or written."""
    app.env.get_domain("std")._remembering = "", None


def setup(app):
    """Register with Sphinx."""
    app.add_domain(QuickStandardDomain, override=True)
    app.connect("env-updated", forget)
    app.connect("build-finished", forget)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
