"""The ``library`` directive: the library's reference, from its docstrings.

.. code-block:: md

    ```{library}
    cnnlib.conv
    cnnlib.kernels
    ```

makes a section of each module, by Sphinx's autodoc and napoleon; with ``:list:``, a list that leads
to them. The docstrings are written for
people who read them in an editor: a formula stands between dollar signs, a name between backticks.
Here they become formulas and, where the name is one of the library's, links.

Each entry leads to its source: at the commit of the build where the repository's address is known
(`addresses`), else on a page of the site.
"""

import functools
import importlib
import inspect
import pkgutil
import re
from pathlib import Path
from typing import ClassVar

import addresses
from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

PACKAGE = "cnnlib"

_MARKUP = re.compile(
    r"(?P<literal>``.+?``)"
    r"|`(?P<name>[^`]+)`"
    r"|^(?P<indent>[ ]*)\$\$(?P<display>.+?)\$\$(?P<stop>[.,]?)"
    r"|\$(?P<formula>[^$]+)\$",
    re.DOTALL | re.MULTILINE,
)

# As in "(N, *shape)": no emphasis.
_STAR = re.compile(r"(?<=[ (])\*(?=\w+[,)])")


class Library(SphinxDirective):
    """Show the reference of modules, named one a line."""

    has_content = True
    option_spec: ClassVar = {"list": directives.flag}

    def run(self):
        """Return a section for each module, or a list of them."""
        modules = [line.strip() for line in self.content if line.strip()]
        for module in modules:
            if documented().get(module) != "module":
                known = ", ".join(name for name, what in documented().items() if what == "module")
                raise self.error(f"library: {PACKAGE} has no module {module}: use one of {known}")
        if "list" in self.options:
            for module in modules:
                self.env.note_dependency(importlib.import_module(module).__file__)
            return self._parsed([f"- {{py:mod}}`{m}`: {first_line(m)}" for m in modules]).children
        return [self._section(module) for module in modules]

    def _section(self, module):
        # What a module imports and offers again stands with the module that has it.
        directive = [f".. automodule:: {module}", "   :members:", "   :ignore-module-all:"]
        title = nodes.title("", "", nodes.literal("", module))
        content = self._parsed(["````{eval-rst}", *directive, "````"]).children
        section = nodes.section("", title, *content, ids=[nodes.make_id(f"api-{module}")])
        self.set_source_info(section)
        return section

    def _parsed(self, lines):
        source, line = self.get_source_info()
        whole = nodes.container()
        self.set_source_info(whole)
        text = StringList(lines, items=[(source, line)] * len(lines))
        self.state.nested_parse(text, self.content_offset, whole)
        return whole


@functools.cache
def documented():
    """Return what the reference knows: what kind of thing, a dict by full name."""
    package = importlib.import_module(PACKAGE)
    found = {PACKAGE: "module"}
    for info in pkgutil.walk_packages(package.__path__, f"{PACKAGE}."):
        module = importlib.import_module(info.name)
        found[info.name] = "module"
        for name, value in vars(module).items():
            if getattr(value, "__module__", "") == info.name and not name.startswith("_"):
                found[f"{info.name}.{name}"] = "member"
                if inspect.isclass(value):
                    members = {f"{info.name}.{name}.{part}": "member" for part in vars(value)}
                    found |= {key: what for key, what in members.items() if "._" not in key}
    return found


def first_line(module):
    """Return what a module says of itself first, for Markdown."""
    doc = inspect.getdoc(importlib.import_module(module))
    return " ".join(doc.split("\n\n")[0].split())


def full_name(name, module):
    """Return the full name of what a docstring of a module names, or None."""
    for candidate in (name, f"{module}.{name}", f"{PACKAGE}.{name}"):
        if candidate in documented() and candidate != module:
            return candidate
    return None


def as_rst(text, module, own=""):
    """Return a docstring of a module in reStructuredText.

    Parameters
    ----------
    text : str
        With formulas between dollar signs, names and code between backticks.
    module : str
        Where it stands, to which its short names belong.
    own : str
        The full name of what it speaks of, which is no link.
    """

    def replace(match):
        if match["literal"]:
            return match[0]
        if match["name"]:
            name = " ".join(match["name"].split())
            target = full_name(name, module)
            linked = target and target != own
            return f":py:obj:`{name} <{target}>`" if linked else f"``{name}``"
        if match["display"]:
            pad, formula = match["indent"], " ".join(match["display"].split())
            return f"{pad}.. math:: {formula}{match['stop']}"
        return f":math:`{' '.join(match['formula'].split())}`"

    text = _STAR.sub(r"\*", text)
    paragraphs = re.split(r"(\n\s*\n)", text)
    return "".join(
        p if p.lstrip().startswith(">>>") else _MARKUP.sub(replace, p) for p in paragraphs
    )


def translate(app, what, name, obj, options, lines):
    """Put a docstring into the words of reStructuredText, before napoleon reads its sections."""
    module = name if what == "module" else obj.__module__ if hasattr(obj, "__module__") else name
    lines[:] = as_rst("\n".join(lines), module, name).split("\n")


def set_style(app, config):
    """Have types of parameters written as they stand: they are words, not names to link."""
    # (linkcode_resolve is of use where `setup` has chosen linkcode.)
    config.napoleon_google_docstring = False
    config.napoleon_use_param = False
    config.napoleon_use_rtype = False
    config.napoleon_custom_sections = [("Attributes", "params_style")]
    config.autodoc_typehints = "none"
    config.autodoc_preserve_defaults = True  # as written; what they come to has paths of a machine
    config.autodoc_member_order = "bysource"
    config.add_module_names = False
    config.linkcode_resolve = source_address
    config.html_domain_indices = False  # a second list of modules


def source_address(domain, info):
    """Return where the source of an entry is published, or None."""
    if domain != "py" or not addresses.repository_address() or not info["module"]:
        return None
    module = importlib.import_module(info["module"])
    value = module
    for part in filter(None, info["fullname"].split(".")):
        value = getattr(value, part, None)
    try:
        lines, first = inspect.getsourcelines(inspect.unwrap(value))
    except TypeError:  # a constant has no source of its own
        return None
    root = Path(__file__).resolve().parents[2]
    path = Path(inspect.getsourcefile(module)).resolve().relative_to(root).as_posix()
    return addresses.source(path, f"#L{first}-L{first + len(lines) - 1}")


def setup(app):
    """Register with Sphinx."""
    for extension in ("sphinx.ext.autodoc", "sphinx.ext.napoleon"):
        app.setup_extension(extension)
    app.connect("config-inited", set_style, priority=1)
    if addresses.repository_address():
        app.setup_extension("sphinx.ext.linkcode")
    else:
        app.setup_extension("sphinx.ext.viewcode")
    app.add_directive("library", Library)
    app.connect("autodoc-process-docstring", translate, priority=400)  # napoleon has 500
    return {"parallel_read_safe": True, "parallel_write_safe": True}
