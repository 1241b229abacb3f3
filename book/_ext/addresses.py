"""Where the site and its source live: taken from the environment, and linked to only if there.

``LECTURE_SITE`` is the address of the published site (canonical links), ``LECTURE_REPOSITORY`` that
of the source (a button on every page). A build at home sets neither and links to neither.
"""

import os


def repository_address():
    """Return the address of the source, "" where it is not known."""
    return os.environ.get("LECTURE_REPOSITORY", "").rstrip("/")


def set_addresses(app, config):
    """Pass the addresses on to Sphinx and the theme."""
    site = os.environ.get("LECTURE_SITE", "").rstrip("/")
    repository = repository_address()
    config.html_baseurl = f"{site}/" if site else ""
    if repository:
        config.html_theme_options |= {"repository_url": repository, "use_repository_button": True}


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", set_addresses, priority=1)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
