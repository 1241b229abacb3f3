"""Where the site and its source live: taken from the environment, and linked to only if there.

``LECTURE_SITE`` is the address of the published site (canonical links, the list of its pages for
search engines, the pictures with which others show a link to it, and what a notebook links to),
``LECTURE_REPOSITORY`` that of the source (a button on every page, one to edit the page, where to
complain, and what a notebook installs the library from), ``LECTURE_COMMIT`` the commit there that
the site is built of. A build at home sets none of them and links to none.

Colab opens notebooks that lie in a branch of a repository on GitHub. When the site is published,
its notebooks go to a branch of their own, under the names that they have in the site.
"""

import os

from sphinx.errors import ExtensionError

SOURCE_BRANCH = "main"
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


def source(path, lines=""):
    """Return where a file of the source is published, at the commit of this build, or None.

    Parameters
    ----------
    path : str
        From the root of the repository.
    lines : str
        Which of its lines, as in "#L3-L5"; "" for all.
    """
    repository, commit = repository_address(), _given("LECTURE_COMMIT") or "HEAD"
    return f"{repository}/blob/{commit}/{path}{lines}" if repository else None


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


def complaints():
    """Return, in Markdown, where to say what is wrong with the site."""
    if repository := repository_address():
        return f"[open an issue]({repository}/issues) in the repository of the lecture"
    return "tell those who gave you this copy: it does not know where its source is published"


def set_addresses(app, config):
    """Pass the addresses on to Sphinx, its extensions and the theme."""
    config.html_baseurl = config.ogp_site_url = site() or ""
    config.ogp_social_cards = {**config.ogp_social_cards, "enable": bool(site())}
    config.myst_substitutions = {**config.myst_substitutions, "complaints": complaints()}
    if site():
        config.sitemap_url_scheme = "{link}"
    if repository := repository_address():
        config.html_theme_options |= {
            "repository_url": repository,
            "repository_branch": SOURCE_BRANCH,
            "use_repository_button": True,
            "use_edit_page_button": True,
        }


def list_pages(app, exception):
    """Have all pages in the list for search engines, where it would have those written now."""
    if exception is None:
        while not app.sitemap_links.empty():
            app.sitemap_links.get()
        for name in sorted(app.env.found_docs):
            date = app.env.page_dates.get(name)
            app.sitemap_links.put(
                (app.builder.get_target_uri(name), date and date.date().isoformat())
            )


def _given(name):
    return os.environ.get(name, "").rstrip("/")


def setup(app):
    """Register with Sphinx."""
    if site():  # without an address, a list of addresses is an error to it
        app.setup_extension("sphinx_sitemap")
        app.connect("build-finished", list_pages, priority=1)
    app.connect("config-inited", set_addresses, priority=1)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
