"""References by number read the page of their target once for each page that refers."""

import sys
from pathlib import Path

from docutils.utils import new_document
from sphinx.domains.std import StandardDomain

sys.path.append(str(Path(__file__).parents[1] / "book" / "_ext"))
from numbered_references import QuickStandardDomain, Remembering


class Environment:
    """As much of one as references need."""

    titles = "the titles"

    def __init__(self):
        self.reads = []

    def get_doctree(self, docname):
        self.reads.append(docname)
        return new_document(docname)


def test_a_page_is_read_once_and_all_else_is_the_environments():
    env = Environment()
    remembering = Remembering(env)
    assert remembering.get_doctree("a") is remembering.get_doctree("a")
    assert remembering.get_doctree("b") is not remembering.get_doctree("a")
    assert env.reads == ["a", "b"]
    assert remembering.titles == "the titles"


def test_the_pages_are_read_anew_for_another_page(monkeypatch):
    def resolve(self, env, fromdocname, target):
        return env.get_doctree(target)

    monkeypatch.setattr(StandardDomain, "_resolve_numref_xref", resolve)
    env, domain = Environment(), object.__new__(QuickStandardDomain)
    for fromdocname in ("one", "one", "another"):
        domain._resolve_numref_xref(env, fromdocname, "target")
    assert env.reads == ["target", "target"]
