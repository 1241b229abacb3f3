"""The library's reference: every module is in it, docstrings become links and formulas."""

import re
import sys
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from sphinx.builders.html import BuildInfo

# Modules that hold nothing but exercises, which the pages show.
HELD_BY_THE_BANK = re.compile(
    r"cnnlib\.exercises\.((by_hand|numpy|of)_\w+|with_pytorch|networks|measuring|projects)"
)


@pytest.fixture
def api_reference(root, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(root / "book" / "_ext"), *sys.path])
    import api_reference

    return api_reference


@pytest.fixture(scope="module")
def pages(site):
    found = {path.stem: path.read_text("utf-8") for path in (site / "book").glob("api*.html")}
    return {name: BeautifulSoup(text, "html.parser") for name, text in found.items()}


@pytest.mark.parametrize(
    ("text", "rst"),
    [
        ("See `pad`.", "See :py:obj:`pad <cnnlib.conv_inputs.pad>`."),
        ("`cnnlib.conv.conv2d`", ":py:obj:`cnnlib.conv.conv2d <cnnlib.conv.conv2d>`"),
        ("the array `x`", "the array ``x``"),
        ("``as it is``", "``as it is``"),
        ("a size $2^n$ of", "a size :math:`2^n` of"),
        ("So\n\n  $$ a =\n  b $$.", "So\n\n  .. math:: a = b."),
        ("(N, *shape), float", r"(N, \*shape), float"),
        (">>> f(`x`)  # $1\n1", ">>> f(`x`)  # $1\n1"),
    ],
)
def test_docstrings_become_restructured_text(api_reference, text, rst):
    assert api_reference.as_rst(text, "cnnlib.conv_inputs") == rst


def test_a_docstring_does_not_link_to_itself(api_reference):
    text = api_reference.as_rst("as `conv2d`", "cnnlib.conv", "cnnlib.conv.conv2d")
    assert text == "as ``conv2d``"


def test_names_are_found_from_where_they_stand(api_reference):
    assert api_reference.full_name("conv2d", "cnnlib.conv") == "cnnlib.conv.conv2d"
    assert api_reference.full_name("conv2d", "cnnlib.shapes") is None
    assert api_reference.full_name("cnnlib.conv", "cnnlib.conv") is None, "a link to itself"


def test_a_module_that_is_none_is_refused(api_reference):
    directive = api_reference.Library.__new__(api_reference.Library)
    directive.content, directive.options, directive.error = ["cnnlib.nothing"], {}, ValueError
    with pytest.raises(ValueError, match=r"no module cnnlib.nothing: use one of cnnlib, "):
        directive.run()


def test_sources_are_those_of_the_commit(api_reference, monkeypatch, root):
    info = {"module": "cnnlib.shapes", "fullname": "conv_output_size"}
    monkeypatch.delenv("LECTURE_REPOSITORY", raising=False)
    assert api_reference.source_address("py", info) is None
    monkeypatch.setenv("LECTURE_REPOSITORY", "https://example.org/lecture/")
    monkeypatch.setenv("LECTURE_COMMIT", "abc123")
    address = api_reference.source_address("py", info)
    match = re.fullmatch(
        r"https://example.org/lecture/blob/abc123/cnnlib/shapes.py#L(\d+)-L(\d+)", address
    )
    lines = (root / "cnnlib/shapes.py").read_text("utf-8").splitlines()
    assert lines[int(match[1]) - 1].startswith("def conv_output_size")
    assert api_reference.source_address("py", {"module": "", "fullname": ""}) is None
    film = api_reference.addresses.source("animations/sliding_kernel.py")
    assert film == "https://example.org/lecture/blob/abc123/animations/sliding_kernel.py"


def test_every_module_is_in_the_reference_once(api_reference, root):
    named = []
    for path in sorted((root / "book").glob("api-*.md")):
        named += re.findall(r"^cnnlib[\w.]*$", path.read_text("utf-8"), re.MULTILINE)
    modules = {name for name, what in api_reference.documented().items() if what == "module"}
    wanted = {name for name in modules if not HELD_BY_THE_BANK.fullmatch(name)} - {"cnnlib"}
    assert sorted(named) == sorted(wanted)
    listed = re.findall(r"^cnnlib[\w.]*$", (root / "book/api.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(named)


def test_a_function_has_its_formula_its_example_and_its_source(pages, site, root):
    entry = pages["api-convolution"].find(id="cnnlib.conv.conv2d").find_parent("dl")
    assert entry.select_one(".katex-display math")
    assert ">>> conv2d(x, right_minus_left)" in entry.select_one(".doctest").get_text()
    assert "array of float, shape (N, C_in, H, W)" in entry.get_text()
    assert entry.find("a", href="#cnnlib.shapes.padding_amounts")
    source, _, place = entry.select_one("a:has(.viewcode-link)")["href"].partition("#")
    if source.startswith("https:"):  # of a site that is published
        first, last = (int(line) for line in re.fullmatch(r"L(\d+)-L(\d+)", place).groups())
        code = (root / "cnnlib" / source.partition("/cnnlib/")[2]).read_text("utf-8")
        assert "def conv2d(" in "\n".join(code.splitlines()[first - 1 : last])
    else:
        assert f'id="{place}"' in (site / "book" / source).resolve().read_text("utf-8")


def test_nothing_is_left_of_the_docstrings_own_marks(pages):
    for name, soup in pages.items():
        for paragraph in soup.select("dd p, section > p"):
            for formula in paragraph.select(".katex, code"):
                formula.decompose()
            assert not re.search(r"`|\$\S", paragraph.get_text()), f"{name}: {paragraph}"


def test_pages_lead_to_the_reference(site):
    for name in ("why-convolutions", "convolution"):
        assert 'href="api.html"' in (site / f"book/{name}.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("before", "stays"), [("now", True), ("another", False), ("broken", False), (None, False)]
)
def test_pages_of_source_are_written_again_where_all_others_are(
    tmp_path, api_reference, before, stays
):
    from site_inputs import refresh_source_pages

    page = tmp_path / "_modules" / "cnnlib" / "conv.html"
    page.parent.mkdir(parents=True)
    page.write_text("source")
    info = BuildInfo()
    info.tags_hash = "none"
    info.config_hash = before if before == "another" else "now"
    with (tmp_path / ".buildinfo").open("w") as file:
        info.dump(file)
    if before == "broken":
        (tmp_path / ".buildinfo").write_text("nonsense")
    if before is None:
        (tmp_path / ".buildinfo").unlink()
    info.config_hash = "now"
    app = SimpleNamespace(outdir=tmp_path, builder=SimpleNamespace(build_info=info))
    assert refresh_source_pages(app) == []
    assert page.exists() == stays
