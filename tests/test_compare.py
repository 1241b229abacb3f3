"""Two builds of one commit: what may differ, and what is found when it does."""

import shutil

import pytest

from book.compare import differences, main, without_varying

PAGE = """<html><head><meta class="varies" name="description" content="in {took} ms"></head>
<body><p>A share of <span class="pasted-text">0.5</span> in
<span class="pasted-text varies">{took}</span> ms,
<span class="pasted-text varies">{much} than two</span>.</p>
<div class="cell varies"><div class="cell_input">print(took)</div>
<div class="cell_output"><pre>{took}</pre><img src="../_images/{took}.png"></div></div>
<div class="cell"><div class="cell_input">show()</div>
<div class="cell_output"><img src="../_images/same.png"></div></div></body></html>"""


def write(site, took, much):
    for folder in ("book", "_images"):
        (site / folder).mkdir(parents=True)
    (site / "index.html").write_text("<p>Go on.</p>", "utf-8")
    (site / "book" / "page.html").write_text(PAGE.format(took=took, much=much), "utf-8")
    (site / "book" / "page.ipynb").write_text(f'{{"in {took} ms, {much} than two"}}\n', "utf-8")
    (site / "_images" / f"{took}.png").write_bytes(b"\x89PNG" + took.encode())
    (site / "_images" / "same.png").write_bytes(b"\x89PNG\xff")


@pytest.fixture
def sites(tmp_path):
    write(tmp_path / "one", "17.5", "less")
    write(tmp_path / "two", "23", "more")
    return tmp_path / "one", tmp_path / "two"


def edit(path, old, new):
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new))


def test_what_clocks_measure_may_differ(sites, capsys):
    assert differences(*sites) == []
    assert main(list(map(str, sites))) == 0
    assert "alike" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("book/page.html", b">0.5<", b">0.6<", "book/page.html: +"),
        ("book/page.html", b"print(took)", b"print(tick)", "book/page.html: -"),
        ("book/page.html", b'name="description"', b'name="title"', "book/page.html: -"),
        ("book/page.html", b"<body>", b'<body data-built="17:05">', "book/page.html: "),
        ("book/page.ipynb", b" ms", b" s", "book/page.ipynb: "),
        ("_images/same.png", b"\xff", b"\xfe", "_images/same.png: other bytes"),
        ("index.html", b"<p>Go", b"\n-- a rule --\n<p>Go", "index.html: +-- a rule --"),
        ("index.html", b"Go", b"/home/somebody", "index.html: +<p>/home/somebody on.</p>"),
    ],
)
def test_every_other_difference_is_told(sites, capsys, name, old, new, told):
    edit(sites[1] / name, old, new)
    found = differences(*sites)
    assert found
    assert all(line.startswith(f"{name}: ") for line in found)
    assert any(line.startswith(told) for line in found)
    assert main(list(map(str, sites))) == 1
    assert told in capsys.readouterr().out


def test_a_file_of_one_site_alone_is_told(sites):
    (sites[0] / "left-over.css").write_text("", "utf-8")
    assert differences(*sites) == [f"left-over.css: only in {sites[0]}"]


def test_a_folder_without_a_site_is_refused(sites, capsys):
    shutil.rmtree(sites[1])
    with pytest.raises(SystemExit) as left:
        main(list(map(str, sites)))
    assert left.value.code == 2
    assert "has no index.html: give the folder of a built site" in capsys.readouterr().err


def test_code_of_a_cell_that_varies_is_compared():
    text, pictures = without_varying(PAGE.format(took="1", much="less"))
    assert "print(took)" in text
    assert pictures == ["../_images/1.png"]
    assert "../_images/same.png" in text
