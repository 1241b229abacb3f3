"""The directive of the interactive figures: what it writes, and what it refuses."""

import re

import pytest
from ready_builds import COMMAND

DIRECTIVE = """
```{interactive} convolution-playground
:name: fig-play
:alt: A picture, a kernel & what they make.

The caption.
```

See {numref}`fig-play`, and {situation}`blur it <fig-play?kernel=box&stride=2>`.
"""


@pytest.fixture
def write(book):
    """Build the two-page book with some text at the end of its page; return what came out."""
    page = book.root / "book" / "page.md"
    text = page.read_text("utf-8")

    def build(more, *command):
        page.write_text(text + more, "utf-8")
        result = book.build(*command)
        return result.returncode, result.stdout + result.stderr

    return build


def test_a_figure_is_written_with_its_script_and_still(write, book):
    code, said = write(DIRECTIVE)
    assert code == 0, said
    site = book.root / "_build" / "html"
    html = (site / "book" / "page.html").read_text("utf-8")
    assert 'id="fig-play"' in html
    assert '<convolution-playground state="picture=photograph&amp;kernel=sobel_x' in html
    assert 'alt="A picture, a kernel &amp; what they make."' in html
    assert "Fig. 1" in html
    assert 'href="#fig-play?kernel=box&amp;stride=2"' in html
    assert "figures/convolution-playground.js?v=" in html
    for mode in ("light", "dark"):
        (still,) = re.findall(rf'class="figure-still only-{mode}" src="([^"]+)"', html)
        assert (site / "book" / still).is_file()
    assert "--figure-input" in (site / "_static/lecture-site.css").read_text("utf-8")
    script = (site / "_static/figures/convolution-playground.js").read_text("utf-8")
    assert "import " not in script.split("\n")[0][:20], "a classic script works from a disk"
    notebook = (site / "book" / "page.ipynb").read_text("utf-8")
    assert "A picture, a kernel & what they make." in notebook
    index = (site / "book" / "index.html").read_text("utf-8")
    assert "figures/" not in index, "pages without figures load nothing of them"
    assert book.executions() == ["index", "page"], "a directive executes nothing"


def test_the_same_sources_make_the_same_script(write, book):
    script = book.root / "_build/html/_static/figures/convolution-playground.js"
    assert write(DIRECTIVE)[0] == 0
    first = script.read_bytes()
    script.unlink()
    assert write(DIRECTIVE + "\nMore.\n", *COMMAND)[0] == 0, "with another seed of hashes"
    assert script.read_bytes() == first


def test_an_edited_script_is_bundled_again(write, book):
    assert write(DIRECTIVE)[0] == 0
    book.edit("book/_figures/convolution-playground.js", '"Padding mode"', '"Border mode"')
    assert book.build().returncode == 0
    script = book.root / "_build/html/_static/figures/convolution-playground.js"
    assert "Border mode" in script.read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (":alt: A picture, a kernel & what they make.\n", "", "has no `:alt:`"),
        (":name: fig-play\n", "", "has no `:name:`"),
        ("convolution-playground", "no-such", "no interactive figure no-such: book/_figures has"),
        (":name:", ":state: colour=red\n:name:", "has no colour: use picture, kernel"),
        (":name:", ":state: stride\n:name:", "`:state:` (stride) of convolution-playground"),
        ("caption.", "caption.\n\nMore.", "the caption is paragraph, paragraph: write one"),
    ],
)
def test_what_is_wrong_fails_the_build(write, old, new, message):
    assert old in DIRECTIVE
    code, said = write(DIRECTIVE.replace(old, new).partition("\nSee")[0])
    assert code == 1
    assert message in said.replace("\n", " ")


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ("fig-none?kernel=box", "no interactive figure fig-none on this page: fig-play is"),
        ("fig-play?colour=red", "says nothing that fig-play can be set to: use picture, kernel"),
        ("fig-play", "says nothing that fig-play can be set to"),
    ],
)
def test_a_link_to_no_situation_fails_the_build(write, link, message):
    code, said = write(DIRECTIVE.replace("fig-play?kernel=box&stride=2", link))
    assert code == 1
    assert message in said


def test_a_script_with_an_error_fails_the_build(write, book):
    book.edit("book/_figures/convolution-playground.js", "class Conv", "klass Conv")
    code, said = write(DIRECTIVE)
    assert code != 0
    assert "esbuild cannot bundle" in said
