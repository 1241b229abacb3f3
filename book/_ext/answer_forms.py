"""Forms in the page that check an answer at once, without a kernel.

.. code-block:: md

    :::{answer} output-size
    :::

inside the exercise with the label ``ex-output-size``. What is asked for and what is said to which
answer comes from `cnnlib.exercises`; here it becomes a form, with its answers obscured
(`cnnlib.exercises.obscured`), which ``exercises.js`` brings to life. Where the answer is a
function or a network, the call that checks it stands there instead. ``{exercise-progress}`` shows
how many are solved, and a button that forgets it.
"""

import json
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from cnnlib.exercises import BANK, find
from cnnlib.exercises.answers import Choice, Grid, Number, Written
from cnnlib.exercises.obscured import table
from cnnlib.freshness import needed_files

LEVELS = {1: "recall", 2: "use", 3: "think"}


class answer_form(nodes.container):  # noqa: N801 (docutils nodes are lower case)
    """The place of an exercise's form; its children say the same to whoever writes no form."""


class exercise_progress(nodes.General, nodes.Element):  # noqa: N801
    """The place of the reader's progress."""


class Answer(SphinxDirective):
    """Ask for the answer of an exercise in the bank, by its name."""

    required_arguments = 1

    def run(self):
        """Return the form, or raise an error at the directive's line."""
        name = self.arguments[0]
        try:
            find(name)
        except ValueError as error:
            raise self.error(f"answer: {error}") from error
        root = Path(self.env.srcdir)
        for needed in needed_files("cnnlib.exercises", root):
            self.env.note_dependency(str(needed))
        node = answer_form("", *_in_words(find(name)), name=name)
        self.set_source_info(node)
        return [node]


class ExerciseProgress(SphinxDirective):
    """Show the reader's progress, which their browser keeps."""

    def run(self):
        """Return the place."""
        return [exercise_progress(notebook="")]


def _in_words(exercise):
    """Return what is asked for and how it is checked, as a page's own text."""
    answer = exercise.answer
    if isinstance(answer, Written):
        yield nodes.paragraph("", "", nodes.strong("", answer.label))
        if isinstance(answer, Choice):
            options = zip("abcdefgh", answer.options, strict=False)
            items = (nodes.paragraph("", f"({letter}) {text}") for letter, text in options)
            yield nodes.bullet_list("", *(nodes.list_item("", item) for item in items))
    call = nodes.literal("", check_call(exercise))
    origin = nodes.literal("", "from cnnlib import exercises")
    yield nodes.paragraph("", "Check it with ", call, nodes.Text(" ("), origin, nodes.Text(")."))


def check_call(exercise):
    """Return the call that checks an answer in a notebook."""
    answer = exercise.answer
    known = "answer" if isinstance(answer, Written) else answer.signature.partition("(")[0]
    return f'exercises.check("{exercise.name}", {known})'


def render(exercise):
    """Return the HTML of an exercise's form, or of the call that checks it."""
    answer, name = exercise.answer, exercise.name
    level = f'<span class="answer-level">Level {exercise.level}: {LEVELS[exercise.level]}</span>'
    if not isinstance(answer, Written):
        signature = f"<code>{escape(answer.signature)}</code>"
        asked = f"Write {signature}" if "(" in answer.signature else f"Make {signature}"
        return (
            f'<p class="answer-call">{level} {asked} and check it in a notebook: '
            f"<code>{escape(check_call(exercise))}</code></p>"
        )
    fields = {Number: _number, Grid: _grid, Choice: _choice}[type(answer)](name, answer)
    data = {
        "exercise": name,
        "decimals": str(getattr(answer, "decimals", -1)),
        "otherwise": answer.otherwise,
        "answers": json.dumps(table(name, answer.all_spellings())),
    }
    attributes = " ".join(f'data-{key}="{escape(value)}"' for key, value in data.items())
    return (
        f'<form class="answer-form" {attributes} novalidate>{fields}'
        f'<p class="answer-submit js-only" hidden><button type="submit">Check</button> {level}</p>'
        f'<p class="answer-verdict" id="verdict-{name}" role="status"></p></form>'
    )


def _input(name, label, described=True):
    description = f' aria-describedby="verdict-{name}"' if described else ""
    return f'<input type="text" autocomplete="off" spellcheck="false"{label}{description}>'


def _number(name, answer):
    field = _input(name, f' id="answer-{name}"')
    return (
        f'<p class="js-only" hidden><label for="answer-{name}">{escape(answer.label)}</label> '
        f"{field}</p>"
    )


def _grid(name, answer):
    rows, columns = answer.shape
    many = rows > 1
    cells = "".join(
        _input(name, f' aria-label="{f"row {i + 1}, " if many else ""}number {j + 1}"', False)
        for i in range(rows)
        for j in range(columns)
    )
    return (
        f'<fieldset class="js-only" hidden><legend>{escape(answer.label)}</legend>'
        f'<div class="answer-grid" style="--columns: {columns}">{cells}</div></fieldset>'
    )


def _choice(name, answer):
    options = "".join(
        f'<label><input type="radio" name="answer-{name}" value="{letter}"> '
        f"<span>({letter}) {escape(option)}</span></label>"
        for letter, option in zip("abcdefgh", answer.options, strict=False)
    )
    return f"<fieldset><legend>{escape(answer.label)}</legend>{options}</fieldset>"


def visit_form(writer, node):
    """Write an exercise's form."""
    writer.body.append(render(find(node["name"])))
    raise nodes.SkipNode


def visit_progress(writer, node):
    """Write the place that the script fills."""
    names = (name for name, exercise in BANK.items() if isinstance(exercise.answer, Written))
    writer.body.append(
        f'<div class="exercise-progress js-only" data-exercises="{" ".join(names)}" hidden>'
        '<p role="status"></p><button type="button">Clear my progress</button></div>'
    )
    raise nodes.SkipNode


def visit_other(writer, node):
    """Leave a form out where a writer knows none."""
    raise nodes.SkipNode


def add_files(app, pagename, templatename, context, doctree):
    """Give the script and its style sheet to the pages that have forms."""
    if doctree and any(doctree.findall(lambda n: isinstance(n, answer_form | exercise_progress))):
        app.add_js_file("exercises.js", defer="defer")
        app.add_css_file("exercises.css")


def setup(app):
    """Register with Sphinx."""
    for node, visit in ((answer_form, visit_form), (exercise_progress, visit_progress)):
        app.add_node(node, html=(visit, None), latex=(visit_other, None), text=(visit_other, None))
    app.add_directive("answer", Answer)
    app.add_directive("exercise-progress", ExerciseProgress)
    app.connect("html-page-context", add_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
