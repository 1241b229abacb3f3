"""Where the site and its source live: taken from the environment, and linked to only if there.

``LECTURE_SITE`` is the address of the published site (canonical links, and what a notebook links
to), ``LECTURE_REPOSITORY`` that of the source (a button on every page, and what a notebook installs
the library from), ``LECTURE_COMMIT`` the commit there that the site is built of. A build at home
sets none of them and links to none.

Colab opens notebooks that lie in a branch of a repository on GitHub. When the site is published,
its notebooks go to a branch of their own, under the names that they have in the site.
"""

import os

from sphinx.errors import ExtensionError

NOTEBOOKS_BRANCH = "published-notebooks"
_GITHUB = "https://github.com/"
_COLAB = "https://colab.research.google.com/github/"


def site(uri=""):
    """Return the published address of a page or file of the site, or None."""
    address = _given("LECTURE_SITE")
    return f"{address}/{uri}" if address else None


def repository_address():
    """Return the address of the source, "" where it is not known."""
    return _given("LECTURE_REPOSITORY")


def requirement(extra):
    """Return what pip has to install: ``cnnlib`` at the commit of this build, or None."""
    repository, commit = repository_address(), _given("LECTURE_COMMIT")
    if not repository:
        return None
    if not commit:
        raise ExtensionError(
            f"LECTURE_REPOSITORY ({repository}) is given without LECTURE_COMMIT, from which "
            "notebooks install the library: give both, or neither"
        )
    return f"cnnlib[{extra}] @ git+{repository}@{commit}"


def colab(path):
    """Return the address that opens a notebook of the site in Colab, or None.

    Parameters
    ----------
    path : str
        Where the notebook lies in the site, such as ``"book/convolution.ipynb"``.
    """
    repository = repository_address()
    if not repository.startswith(_GITHUB):
        return None
    owner_and_name = repository.removeprefix(_GITHUB).removesuffix(".git")
    return f"{_COLAB}{owner_and_name}/blob/{NOTEBOOKS_BRANCH}/{path}"


def set_addresses(app, config):
    """Pass the addresses on to Sphinx and the theme."""
    config.html_baseurl = site() or ""
    if repository := repository_address():
        config.html_theme_options |= {"repository_url": repository, "use_repository_button": True}


def _given(name):
    return os.environ.get(name, "").rstrip("/")


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", set_addresses, priority=1)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
