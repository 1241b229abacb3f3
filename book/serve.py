"""Serve the built site; rebuild and reload it when a page or the code behind it is saved."""

import argparse

from livereload import Server, shell

WATCHED = (
    "_config.yml",
    "_toc.yml",
    "book/*.md",
    "book/*.bib",
    "book/_ext/*",
    "book/_static/*.*",
    "book/_static/animations/manifest.json",
    "book/_templates/**/*.html",
    "cnnlib/*.py",
    "cnnlib/*.mplstyle",
)


def main():
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="port on this machine (8000)")
    port = parser.parse_args().port
    server = Server()
    for pattern in WATCHED:
        server.watch(pattern, shell("jupyter-book build ."))
    print(f"http://localhost:{port}/book/index.html (Ctrl-C stops)")
    server.serve(root="_build/html", host="127.0.0.1", port=port)


if __name__ == "__main__":
    main()
