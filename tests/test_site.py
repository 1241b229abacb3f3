"""The built site, used in a browser: from a disk, without scripts, its films, links and forms."""

import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlparse

import every_page
import pytest
from PIL import Image

from cnnlib import palette, palette_dark
from cnnlib.exercises import BANK, GENERAL
from cnnlib.exercises.answers import Written


@pytest.fixture(scope="session")
def pages(site):
    return every_page.names(site)


def test_the_site_works_from_a_disk(visit, site, pages, path_on_server):
    window = visit(reduced_motion="reduce")
    for name in pages:
        if name == "404.html" and path_on_server != "/":  # a server sends it, see not_found
            continue
        window.page.goto((site / name).as_uri(), wait_until="load")
        if name == "index.html":
            window.page.wait_for_url("**/book/index.html")
    assert window.wrong == []
    assert window.strangers(site.as_uri()) == []


def test_the_menu_hands_out_the_notebook(visit, address, site):
    page = visit(accept_downloads=True).page
    page.goto(address + "book/convolution.html")
    page.get_by_role("button", name="Take this page with you").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Notebook").click()
    assert download.value.suggested_filename == "convolution.ipynb"
    received = Path(download.value.path()).read_bytes()
    assert received == (site / "book" / "convolution.ipynb").read_bytes()


@pytest.mark.parametrize("width", [390, 1280])
def test_a_full_stop_stays_beside_its_formula_at_the_end_of_a_line(visit, address, width):
    page = visit(viewport={"width": width, "height": 844}).page
    page.goto(address + "book/convolution.html")
    gaps = page.evaluate(
        """() => [...document.querySelectorAll(".formula-and-mark")].map((both) => {
             const mark = document.createRange();
             mark.selectNodeContents(both.lastChild);
             const formula = [...both.querySelectorAll(".base")].at(-1);
             const right = (box) => box.getBoundingClientRect().right;
             return mark.getBoundingClientRect().left - right(formula);
           })"""
    )
    assert len(gaps) > 25
    assert all(abs(gap) < 3 for gap in gaps), gaps


def test_mathematics_is_set_and_spoken(visit, address, site):
    window = visit(java_script_enabled=False)
    window.page.goto(address + "book/convolution.html")
    formulas = window.page.locator(".katex")
    assert formulas.count() > 20
    assert window.page.locator(".katex math").count() == formulas.count()
    assert window.page.locator(".katex-error").count() == 0
    font = window.page.evaluate("getComputedStyle(document.querySelector('.katex')).fontFamily")
    assert "KaTeX_Main" in font
    assert "mathjax" not in window.page.content().lower()


# Observers are called in the order of their making: when this one is, the page's own has been.
SEEN = """() => new Promise((seen) => {
  new IntersectionObserver(([entry]) => entry.isIntersecting && seen(), { threshold: 0.6 })
    .observe(document.querySelector("#fig-sliding-kernel video"));
})"""


@pytest.fixture
def film(visit, address):
    def open_film(**options):
        page = visit(**options).page
        page.goto(address + "book/convolution.html")
        return page, page.locator("#fig-sliding-kernel video")

    return open_film


def test_animations_play_when_seen(film):
    page, video = film()
    assert video.evaluate("v => v.controls && v.muted && !v.autoplay && v.preload == 'none'")
    assert video.evaluate("v => v.paused")
    video.scroll_into_view_if_needed()
    page.wait_for_function("() => !document.querySelector('#fig-sliding-kernel video').paused")


def test_animations_stand_still_for_those_who_ask(film):
    page, video = film(reduced_motion="reduce")
    video.scroll_into_view_if_needed()
    page.evaluate(SEEN)
    assert video.evaluate("v => v.paused && v.currentTime == 0")


def test_animations_have_words_and_a_still_for_print(film):
    page, video = film()
    still = page.locator("#fig-sliding-kernel img.only-light")
    assert len(video.get_attribute("aria-label")) > 50
    assert still.get_attribute("alt") == video.get_attribute("aria-label")
    assert video.is_visible()
    assert still.bounding_box() == video.bounding_box(), "it lies under the film"
    page.emulate_media(media="print")
    assert still.is_visible()
    assert not video.is_visible()
    for kind in ("bar", "transcript"):
        assert not page.locator(f"#fig-sliding-kernel .animation-{kind}").is_visible()


@pytest.fixture
def player(film):
    """Open the page without motion; return the player and a wait for its time in seconds."""
    page, _ = film(reduced_motion="reduce")
    player = page.locator("#fig-sliding-kernel")

    def wait_for(seconds):
        page.wait_for_function(
            """(seconds) => {
                 const video = document.querySelector("#fig-sliding-kernel video");
                 const there = Math.abs(video.currentTime - seconds) < 1 / 30;
                 return there && video.paused && !video.seeking && video.readyState > 1;
               }""",
            arg=seconds,
        )

    return player, wait_for


@pytest.fixture
def steps(root):
    manifest = root / "book" / "_static" / "animations" / "manifest.json"
    return json.loads(manifest.read_text("utf-8"))["sliding_kernel.SlidingKernel"]["steps"]


def test_buttons_go_from_step_to_step(player, steps):
    player, wait_for = player
    before, onward = player.get_by_role("button", name=re.compile("step$")).all()
    words = player.locator(".animation-words")
    assert words.get_attribute("aria-live") == "polite"
    for number, (_, seconds, said) in enumerate(steps, start=1):
        onward.click()
        wait_for(seconds)
        assert words.inner_text() == f"Step {number} of {len(steps)}: {said}"
        assert before.get_attribute("aria-disabled") == str(number == 1).lower()
        assert onward.get_attribute("aria-disabled") == str(number == len(steps)).lower()
    onward.click(force=True)  # it says that it is disabled, and stays in reach of the keyboard
    wait_for(steps[-1][1])
    before.click()
    wait_for(steps[-2][1])
    assert words.inner_text().endswith(steps[-2][2])


def test_arrow_keys_go_from_step_to_step(player, steps):
    player, wait_for = player
    page = player.page
    player.get_by_role("button", name="Previous step").focus()
    for key, number in [("ArrowRight", 0), ("ArrowRight", 1), ("ArrowLeft", 0), ("ArrowLeft", 0)]:
        page.keyboard.press(key)
        wait_for(steps[number][1])
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the other button
    wait_for(steps[1][1])
    assert page.url.endswith("convolution.html")


def test_transcript_tells_the_steps_and_goes_to_them(player, steps):
    player, wait_for = player
    player.locator("summary").click()
    items = player.locator("details li")
    assert [item.locator("> span").last.inner_text() for item in items.all()] == [
        words for *_, words in steps
    ]
    items.nth(5).get_by_role("button").click()
    wait_for(steps[5][1])
    assert player.locator(".animation-words").inner_text().endswith(steps[5][2])


def test_words_of_a_step_stand_there_from_when_the_picture_begins_to_move_to_it(player, steps):
    player, wait_for = player
    before, onward = player.get_by_role("button", name=re.compile("step$")).all()
    video, words = player.locator("video"), player.locator(".animation-words")
    (_, first, said), (since, second, says_next), *_ = steps
    onward.click()
    wait_for(first)
    for moment, told in (((first + since) / 2, said), ((since + second) / 2, says_next)):
        video.evaluate("(video, seconds) => { video.currentTime = seconds; }", moment)
        wait_for(moment)
        player.locator(".animation-words", has_text=told).wait_for()
    onward.click()  # on the way to it, it is the next one
    wait_for(second)
    video.evaluate("(video, seconds) => { video.currentTime = seconds; }", (since + second) / 2)
    wait_for((since + second) / 2)
    before.click()
    wait_for(first)
    assert words.inner_text().endswith(said)


def test_words_follow_a_film_that_plays_and_say_nothing_aloud(player, steps):
    player, _ = player
    player.locator("video").evaluate("video => video.play()")
    second = f"Step 2 of {len(steps)}"
    player.locator(".animation-words", has_text=second).wait_for()
    assert player.locator(".animation-words").get_attribute("aria-live") == "off"
    player.get_by_role("button", name="Next step").click()
    assert player.locator("video").evaluate("video => video.paused")
    assert player.locator(".animation-words").get_attribute("aria-live") == "polite"


FILM = "sliding_kernel.SlidingKernel"
CHANGE_MODE = "mode => { document.documentElement.dataset.theme = mode; }"


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_only_the_drawing_of_the_mode_is_loaded_and_the_film_when_asked_for(visit, address, mode):
    window = visit(color_scheme=mode, reduced_motion="reduce")
    page = window.page
    page.goto(address + "book/convolution.html")
    player = page.locator("#fig-sliding-kernel")
    player.scroll_into_view_if_needed()
    player.locator(f"img.only-{mode}").evaluate("image => image.decode()")
    screen = Image.open(io.BytesIO(player.locator(".animation-screen").screenshot()))
    paper = {"light": palette, "dark": palette_dark}[mode].PAPER
    assert "#{:02X}{:02X}{:02X}".format(*screen.getpixel((12, 12))[:3]) == paper, "seen in place"

    def loaded():
        return {url.rpartition("/")[2] for url in window.requests if "/animations/" in url}

    assert all(name.endswith("-dark.webp") == (mode == "dark") for name in loaded())
    for now in ("light", "dark"):  # whoever changes the mode has asked for no film
        page.evaluate(CHANGE_MODE, now)
    page.evaluate(CHANGE_MODE, mode)
    page.evaluate(SEEN)
    assert not any(name.endswith(".mp4") for name in loaded())
    player.get_by_role("button", name="Next step").click()
    page.wait_for_function(
        "() => document.querySelector('#fig-sliding-kernel video').readyState > 1"
    )
    films = {name for name in loaded() if name.endswith(".mp4")}
    assert films == {f"{FILM}-dark.mp4" if mode == "dark" else f"{FILM}.mp4"}


# The lightness of a film's ground, as it is shown.
GROUND = """video => {
  const context = document.createElement("canvas").getContext("2d");
  context.drawImage(video, 0, 0);
  return context.getImageData(2, 2, 1, 1).data[0];
}"""


def test_a_film_stays_at_its_step_when_the_mode_changes(player, steps):
    player, wait_for = player
    onward, video = player.get_by_role("button", name="Next step"), player.locator("video")
    for (_, seconds, said), mode in zip(steps, ("dark", "light", "dark"), strict=False):
        onward.click()
        wait_for(seconds)
        player.page.evaluate(CHANGE_MODE, mode)
        wait_for(seconds)
        assert (video.evaluate(GROUND) < 32) == (mode == "dark")
        assert player.locator(".animation-words").inner_text().endswith(said)


def test_a_film_plays_on_when_the_mode_changes_also_from_a_disk(visit, site, steps):
    window = visit(reduced_motion="reduce")
    page = window.page
    page.goto((site / "book" / "convolution.html").as_uri())
    player = page.locator("#fig-sliding-kernel")
    player.locator("video").evaluate("video => video.play()")
    player.locator(".animation-words", has_text=f"Step 2 of {len(steps)}").wait_for()
    page.evaluate(CHANGE_MODE, "dark")
    page.wait_for_function(
        """seconds => {
             const video = document.querySelector("#fig-sliding-kernel video");
             const { currentSrc, currentTime, paused, readyState } = video;
             const dark = currentSrc.endsWith("-dark.mp4");
             return dark && currentTime > seconds && !paused && readyState > 1;
           }""",
        arg=steps[1][1],
    )
    assert "Step 1" not in player.locator(".animation-words").inner_text()
    assert window.wrong == []


def test_player_works_from_a_disk(visit, site, steps):
    window = visit(reduced_motion="reduce")
    window.page.goto((site / "book" / "convolution.html").as_uri())
    player = window.page.locator("#fig-sliding-kernel")
    for _ in range(2):
        player.get_by_role("button", name="Next step").click()
    assert steps[1][2] in player.locator(".animation-words").inner_text()
    window.page.wait_for_function(
        """seconds => Math.abs(
             document.querySelector("#fig-sliding-kernel video").currentTime - seconds
           ) < 1 / 30""",
        arg=steps[1][1],
    )
    assert window.wrong == []


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_without_scripts_there_is_the_film_and_the_transcript(visit, address, steps, mode):
    page = visit(java_script_enabled=False, color_scheme=mode).page
    page.goto(address + "book/convolution.html")
    player = page.locator("#fig-sliding-kernel")
    assert player.get_by_role("button").count() == 0, "none that would do nothing"
    player.locator("video").scroll_into_view_if_needed()
    assert player.locator("video[controls]").is_visible()
    film = player.locator("video").evaluate("video => video.currentSrc")
    assert film.endswith(f"{FILM}.mp4"), "the page is light in both, without scripts"
    still = player.locator("img.only-light")
    still.evaluate("image => image.decode()")
    assert still.bounding_box() == player.locator("video").bounding_box(), "seen through the film"
    player.locator("summary").click()
    assert player.locator("details li").count() == len(steps)
    assert steps[-1][2] in player.locator("details").inner_text()


def test_gallery_shows_every_film_with_its_place_and_source(visit, address, root):
    rows = json.loads((root / "book/_static/animations/manifest.json").read_text("utf-8"))
    page = visit().page
    page.goto(address + "book/animations.html")
    entries = page.locator(".film-entry")
    assert entries.count() == len(rows)
    for scene, row in rows.items():
        entry = entries.filter(has=page.locator(f'source[src$="{scene}.mp4"]'))
        words = entry.inner_text()
        assert row["title"] in entry.locator("h2").text_content()
        assert row["point"] in words
        assert f"animations/{scene.partition('.')[0]}.py" in words
        place = entry.get_by_text("Explained in").get_by_role("link").first.get_attribute("href")
        document, _, anchor = place.partition("#")
        text = (root / "_build" / "html" / "book" / document).read_text("utf-8")
        assert f'id="{anchor}"' in text
        assert f"{scene}.mp4" in text
        assert entry.locator("video").evaluate("video => video.paused && video.preload == 'none'")
    first = page.locator(".film-entry img.only-light").first
    page.wait_for_function("(still) => still.complete", arg=first.element_handle())
    assert first.evaluate("still => still.currentSrc").endswith("-small.webp")


class Links(HTMLParser):
    """The links and the anchors of a page."""

    def __init__(self, text):
        super().__init__()
        self.links, self.anchors = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        for name in ("href", "src"):
            if attributes.get(name):
                self.links.append(attributes[name])
        if attributes.get("id"):
            self.anchors.add(attributes["id"])


def test_links_lead_somewhere(site, pages, path_on_server):
    found = {name: Links((site / name).read_text("utf-8")) for name in pages}
    broken = []
    for name, parsed in found.items():
        for link in parsed.links:
            if urlparse(link).scheme:
                continue
            absolute = link.startswith(path_on_server)
            path, anchor = urldefrag(
                link.removeprefix(path_on_server) if absolute else urljoin(name, link)
            )
            anchor = anchor.partition("?")[0]  # what follows is the state of a figure
            path = unquote(urlparse(path).path) or name
            if not (site / path).is_file():
                broken.append((name, link, "no such file"))
            elif anchor and path in found and anchor not in found[path].anchors:
                broken.append((name, link, "no such anchor"))
    assert broken == []


def test_nothing_went_wrong_in_a_cell(site, pages):
    for name in pages:
        text = (site / name).read_text("utf-8")
        assert 'class="output stderr' not in text, f"{name}: a cell wrote to standard error"
        assert "Traceback (most recent call last)" not in text, name


def test_the_front_door_leads_in(site):
    text = (site / "index.html").read_text("utf-8")
    assert 'lang="en"' in text
    assert "url=book/index.html" in text
    assert Path(site / "book" / "index.html").is_file()


@pytest.fixture
def exercises_page(visit, address):
    def open_page(**options):
        window = visit(reduced_motion="reduce", **options)
        window.page.goto(address + "book/exercises.html")
        return window.page

    return open_page


def verdict_of(page, name):
    return page.locator(f"[data-exercise={name}] .answer-verdict")


def tab_to(page, selector):
    """Press the tabulator until the element has the focus."""
    wanted = page.locator(selector)
    for _ in range(600):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"{selector} is not reached by keyboard")


def test_a_number_by_keyboard_wrong_then_right(exercises_page):
    page = exercises_page()
    page.focus("[data-exercise=slide-and-flip] button")
    tab_to(page, "#answer-output-size")
    verdict = verdict_of(page, "output-size")
    assert verdict.get_attribute("role") == "status", "a screen reader is told"
    for typed, said in [
        ("", "Not yet. Write a number."),
        ("many", "Not yet. “many” is not a number"),
        ("27", "Not yet. You rounded up."),
        ("1,000", "Not yet. That is not it"),
        (" 52/2 ", "Right. "),
    ]:
        page.keyboard.press("Control+A")
        page.keyboard.press("Delete")
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
        assert verdict.inner_text().startswith(said)


def test_a_choice_by_keyboard_wrong_then_right(exercises_page):
    page = exercises_page()
    answer = BANK["flip-or-not"].answer
    page.focus("[data-exercise=flip-or-not] input >> nth=0")
    page.keyboard.press("Space")
    told = []
    for _ in answer.options:
        page.keyboard.press("Enter")
        told.append(verdict_of(page, "flip-or-not").inner_text())
        page.keyboard.press("ArrowDown")
    said = {f"Not yet. {slip.message}" for slip in answer.slips} | {f"Right. {answer.praise}"}
    assert set(told) == said


def test_a_grid_names_its_fields_and_wants_all(exercises_page):
    page = exercises_page()
    form = page.locator("[data-exercise=slide-and-flip]")
    fields = form.get_by_role("textbox")
    assert fields.nth(2).get_attribute("aria-label") == "row 2, number 1"
    fields.nth(0).fill("-1")
    fields.nth(0).press("Enter")
    assert verdict_of(page, "slide-and-flip").inner_text() == "Not yet. Fill in all numbers."
    answer = BANK["slide-and-flip"].answer
    for grid, said in [
        (answer.slips[0].answer, "Not yet. That is the cross-correlation"),
        (answer.answer, "Right. "),
    ]:
        for i, value in enumerate(grid.ravel()):
            fields.nth(i).fill(str(value).replace("-", "−"))
        fields.nth(0).press("Enter")
        assert verdict_of(page, "slide-and-flip").inner_text().startswith(said)


# Fills in a form and returns what it says.
FILL = """([name, spelling]) => {
  const form = document.querySelector(`[data-exercise="${name}"]`);
  const radio = form.querySelector(`input[type=radio][value="${spelling}"]`);
  if (radio) radio.checked = true;
  else spelling.split(",").forEach((number, i) => {
    form.querySelectorAll("input")[i].value = number;
  });
  form.requestSubmit();
  return form.querySelector(".answer-verdict").textContent;
}"""


def test_every_form_says_what_the_check_says(visit, address, site, pages):
    page, found = visit(reduced_motion="reduce").page, set()
    for name in pages:
        names = re.findall(r'data-exercise="([^"]+)"', (site / name).read_text("utf-8"))
        if names:
            page.goto(address + name)
        for exercise in names:
            found.add(exercise)
            for spelling, verdict in BANK[exercise].answer.all_spellings():
                said = page.evaluate(FILL, [exercise, spelling])
                assert said == ("Right. " if verdict else "Not yet. ") + verdict.message
    assert found == {name for name, e in BANK.items() if isinstance(e.answer, Written)}


def test_progress_is_kept_over_a_reload_and_cleared(exercises_page):
    page = exercises_page()
    progress = page.locator(".exercise-progress [role=status]")
    assert progress.inner_text().startswith("0 of ")
    for wrong_then_right in ("27", "26"):
        page.fill("#answer-output-size", wrong_then_right)
        page.press("#answer-output-size", "Enter")
    assert progress.inner_text().startswith("1 of ")
    page.reload()
    assert progress.inner_text().startswith("1 of ")
    assert verdict_of(page, "output-size").inner_text() == "You have solved this one."
    page.focus(".exercise-progress button")
    page.keyboard.press("Enter")
    assert progress.inner_text().startswith("0 of ")
    assert verdict_of(page, "output-size").inner_text() == ""
    assert page.evaluate("localStorage.getItem('cnn-lecture-solved')") is None
    page.reload()
    assert progress.inner_text().startswith("0 of ")


NO_STORAGE = """Object.defineProperty(window, "localStorage", {
  get() { throw new DOMException("denied", "SecurityError"); },
});"""


FULL_STORAGE = """() => {
  Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };
}"""


def test_progress_counts_this_lecture_and_also_what_cannot_be_kept(exercises_page):
    page = exercises_page()
    kept = json.dumps(["output-size", "of-another-lecture"])
    page.evaluate("kept => localStorage.setItem('cnn-lecture-solved', kept)", kept)
    page.reload()
    progress = page.locator(".exercise-progress [role=status]")
    assert progress.inner_text().startswith("1 of ")
    page.evaluate(FULL_STORAGE)
    page.fill("#answer-parameters", str(BANK["parameters"].answer.answer))
    page.press("#answer-parameters", "Enter")
    assert verdict_of(page, "parameters").inner_text().startswith("Right.")
    assert progress.inner_text().startswith("2 of ")


def test_forms_work_where_nothing_may_be_stored_and_from_a_disk(visit, site):
    window = visit(reduced_motion="reduce")
    page = window.page
    page.add_init_script(f"if (location.protocol === 'file:') {{ {NO_STORAGE} }}")
    page.goto((site / "book" / "exercises.html").as_uri())
    page.fill("#answer-output-size", "26")
    page.press("#answer-output-size", "Enter")
    assert verdict_of(page, "output-size").inner_text().startswith("Right.")
    assert page.locator(".exercise-progress [role=status]").inner_text().startswith("1 of ")
    assert not [wrong for wrong in window.wrong if "exercises.js" in wrong]


def test_without_scripts_questions_hints_and_solutions_read_well(exercises_page):
    page = exercises_page(java_script_enabled=False)
    assert (
        page.locator("#ex-flip-or-not").get_by_text("A cross-correlation; a learned").is_visible()
    )
    assert not page.get_by_role("button", name="Check").first.is_visible()
    assert not page.locator("#answer-output-size").is_visible()
    assert not page.locator(".exercise-progress").is_visible()
    hint = page.locator("#ex-output-size details").first
    assert not hint.locator("p").is_visible()
    hint.locator("summary").click()
    assert hint.locator("p").is_visible()
    solution = page.get_by_text("Turned by half a turn the kernel is")
    assert not solution.is_visible()
    page.locator("details.solution", has=solution).locator("summary").click()
    assert solution.is_visible()


def test_answers_are_not_in_plain_sight(site):
    text = (site / "book" / "exercises.html").read_text("utf-8")
    forms = "".join(re.findall(r'<form class="answer-form".*?</form>', text, re.DOTALL))
    for exercise in BANK.values():
        if isinstance(exercise.answer, Written):
            assert not any(slip.message in forms for slip in exercise.answer.slips)
    assert "Right" not in forms
    assert 'value="26"' not in forms


def test_solutions_pass_their_checks_in_the_build(site):
    text = (site / "book" / "exercises.html").read_text("utf-8")
    assert len(re.findall(r">Right\.", text)) == len(GENERAL)
    assert len(re.findall(r">Not yet\.", text)) == 1, "the slip that the page shows"


def test_solutions_are_folded_until_they_are_asked_for(visit, address, site):
    window = visit()
    page, shown = window.page, 0
    for path in sorted((site / "book").glob("*.html")):
        count = path.read_text("utf-8").count(
            '<summary class="admonition-title">Solution to Exercise'
        )
        if count:
            page.goto(f"{address}book/{path.name}")
            solutions = page.locator("details.solution")
            assert solutions.count() == count
            assert page.locator("details.solution[open]").count() == 0
            assert not solutions.first.locator("section").first.is_visible()
            solutions.first.locator("summary").focus()
            page.keyboard.press("Enter")
            assert solutions.first.locator("section").first.is_visible()
            shown += count
    assert shown == sum(
        text.count("{solution-start}")
        for text in (p.read_text("utf-8") for p in (site.parents[1] / "book").glob("*.md"))
    )
    assert window.wrong == []


def test_every_page_is_described_once(site):
    pages = [p for p in site.rglob("*.html") if "_static" not in p.parts and p.parent != site]
    pages += [site / f"{name}.html" for name in ("404", "search", "genindex")]
    texts = {page.relative_to(site).as_posix(): page.read_text("utf-8") for page in pages}
    assert len(texts) > 25
    tag = re.compile(r'<meta (?:class="varies" )?content="[^"]{20,}" name="description"')
    assert [name for name, text in texts.items() if len(tag.findall(text)) != 1] == []
