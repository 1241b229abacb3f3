"""The exercises: right answers pass, wrong ones are told apart, and the book has each once."""

import re

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from cnnlib import exercises
from cnnlib.exercises import BANK, GENERAL, OF_PAGES, check
from cnnlib.exercises.answers import Choice, Grid, Number, Written
from cnnlib.exercises.entry import MISCONCEPTIONS
from cnnlib.exercises.functions import Built, Function
from cnnlib.exercises.obscured import encrypt, fingerprint, table

WRITTEN = [name for name, exercise in BANK.items() if isinstance(exercise.answer, Written)]
FUNCTIONS = [name for name, exercise in BANK.items() if isinstance(exercise.answer, Function)]
NETWORKS = [name for name, exercise in BANK.items() if isinstance(exercise.answer, Built)]


def given(answer, of):
    """Return an answer as a reader gives it: networks are built anew."""
    return of() if isinstance(answer, Built) else of


@pytest.mark.parametrize("name", BANK)
def test_the_right_answer_passes(name):
    answer = BANK[name].answer
    verdict = check(name, given(answer, answer.answer))
    assert verdict, verdict
    assert str(verdict).startswith("Right.")


@pytest.mark.parametrize("name", BANK)
def test_usual_wrong_answers_fail_each_with_its_own_message(name):
    answer = BANK[name].answer
    assert len(answer.slips) >= 3
    assert len({slip.message for slip in answer.slips}) == len(answer.slips)
    for slip in answer.slips:
        verdict = check(name, given(answer, slip.answer))
        assert not verdict, slip.message
        assert verdict.message.startswith(slip.message), verdict
        assert str(verdict).startswith("Not yet.")


@pytest.mark.parametrize("name", WRITTEN)
def test_no_two_known_answers_are_spelled_alike(name):
    spellings = [spelling for spelling, _ in BANK[name].answer.all_spellings()]
    assert len(set(spellings)) == len(spellings), spellings


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_constant_and_no_crash_passes(name):
    answer = BANK[name].answer
    rng = np.random.default_rng(5)
    constants = [None, 0, 1.0, np.zeros((3, 3)), torch.zeros(2), "text", True, [], object()]
    if answer.adapt(answer.answer) is answer.answer:
        constants += [answer.answer(*answer.draw(rng, size)) for size in (1, 2, 4)]
    for constant in constants:
        assert not check(name, lambda *_, constant=constant: constant), constant
        assert not check(name, constant), "this is no function"

    def crash(*_):
        raise RuntimeError("planted")

    verdict = check(name, crash)
    assert not verdict
    assert "RuntimeError: planted" in verdict.message
    assert not check(name, lambda: 0), "takes no arguments"


@pytest.mark.parametrize("name", NETWORKS)
def test_no_constant_network_and_no_crash_passes(name):
    class Crash(nn.Conv2d):
        def forward(self, x):
            raise RuntimeError("planted")

    class Same(nn.Module):
        def __init__(self, shape):
            super().__init__()
            self.shape = shape

        def forward(self, x):
            return torch.ones(len(x), *self.shape)

    assert "RuntimeError: planted" in check(name, Crash(3, 8, 5, bias=False)).message
    for shape in ((10,), (8, 8, 10)):
        assert not check(name, Same(shape))
    for wrong in (None, 3, "network", nn.Module, lambda x: x):
        assert not check(name, wrong)


def test_an_unknown_name_is_answered_with_near_ones():
    with pytest.raises(ValueError, match=r"`name` \('output-sizes'\).*output-size"):
        check("output-sizes", 3)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "wants a number"),
        ("26", "wants a number"),
        (True, "wants a number"),
        ([26, 26], "one number"),
        (float("nan"), "finite"),
        (1j, "wants a number"),
        (26.4, "none of the usual slips"),
        (-1, "none of the usual slips"),
    ],
)
def test_what_is_no_number_is_said(answer, words):
    verdict = check("output-size", answer)
    assert not verdict
    assert words in verdict.message


@pytest.mark.parametrize(
    "answer",
    [
        *(26, 26.0, np.int64(26), np.float32(26), [[26]], 26 + 1e-12),
        *(torch.tensor(26), torch.tensor(26.0, dtype=torch.bfloat16, requires_grad=True)),
    ],
)
def test_a_number_may_come_in_any_dtype(answer):
    assert check("output-size", answer)


@pytest.mark.parametrize("name", ["folded-frequency", "output-size"])
@pytest.mark.parametrize("answer", [1e308, -1e308, 10**300, 5e-324])
def test_an_absurd_number_has_a_verdict(name, answer):
    verdict = check(name, answer)
    assert not verdict
    assert verdict.message


@pytest.mark.parametrize(
    "answer", [torch.tensor(True), torch.tensor(26j), torch.empty(1, device="meta")]
)
def test_a_tensor_that_holds_no_number_is_none(answer):
    assert "This wants a number, and you gave" in check("output-size", answer).message


def test_grids_are_told_by_shape_first():
    right = BANK["slide-and-flip"].answer.answer
    assert check("slide-and-flip", right.tolist())
    assert check("slide-and-flip", torch.tensor(right.copy(), dtype=torch.float32))
    assert "shape (2, 2)" in check("slide-and-flip", np.zeros((3, 3))).message
    assert "shape" in check("slide-and-flip", right.ravel()).message
    assert "array of numbers" in check("slide-and-flip", "3").message
    assert "finite" in check("slide-and-flip", np.full((2, 2), np.inf)).message


def test_choices_are_taken_by_letter_or_in_words():
    choice = BANK["flip-or-not"].answer
    letter = choice.spelling(choice.answer)
    for answer in (letter, letter.upper(), f"({letter})", choice.answer):
        assert check("flip-or-not", answer)
    for answer in ("z", "ab", "", 0, None):
        verdict = check("flip-or-not", answer)
        assert not verdict
        assert "letters a, b, c, d" in verdict.message


def test_right_options_stand_at_any_letter():
    choices = [e.answer for e in BANK.values() if isinstance(e.answer, Choice)]
    letters = [choice.spelling(choice.answer) for choice in choices]
    assert set(letters) == set("abcd") | set(letters)
    assert max(letters.count(letter) for letter in letters) < len(letters) / 2


# Wrong answers as students write them, not as the bank does.
def loops_flipped(image, kernel):
    kH, kW = kernel.shape
    result = np.zeros((image.shape[0] - kH + 1, image.shape[1] - kW + 1))
    for i, j in np.ndindex(*result.shape):
        for m, n in np.ndindex(kH, kW):
            result[i, j] += image[i + m, j + n] * kernel[kH - 1 - m, kW - 1 - n]
    return result


def loops_one_short(image, kernel):
    kH, kW = kernel.shape
    return np.array(
        [
            [(image[i : i + kH, j : j + kW] * kernel).sum() for j in range(image.shape[1] - kW)]
            for i in range(image.shape[0] - kH)
        ]
    )


def no_bias(x, weight, bias):
    return functional.conv2d(torch.tensor(x)[None], torch.tensor(weight))[0].numpy()


def first_slice_only(x, weight, bias):
    y = sum(
        functional.conv2d(torch.tensor(x[c])[None, None], torch.tensor(weight[:, :1]))[0]
        for c in range(len(x))
    )
    return y.numpy() + bias[:, None, None]


def forgets_zero_grad(network, optimizer, images, labels):
    network.train()
    loss = functional.cross_entropy(network(images), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


def clears_late(network, optimizer, images, labels):
    loss = forgets_zero_grad(network, optimizer, images, labels)
    optimizer.zero_grad()
    return loss


def returns_nothing(network, optimizer, images, labels):
    optimizer.zero_grad()
    forgets_zero_grad(network, optimizer, images, labels)


def softmax_first(network, optimizer, images, labels):
    network.train()
    optimizer.zero_grad()
    loss = functional.cross_entropy(functional.softmax(network(images), dim=1), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


def strided(kernel_size, padding, dilation=1):
    options = {"padding_mode": "circular", "bias": False}
    return nn.Conv2d(3, 8, kernel_size, 2, padding, dilation, **options)


def deep_and_narrow():
    """Eight layers of PyTorch's default weights, whose logits are hardly apart."""
    layers = [nn.Conv2d(1, 16, 3, padding=1), nn.ReLU()]
    for _ in range(7):
        layers += [nn.Conv2d(16, 16, 3, padding=1), nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10))


def only_odd_heights(image):
    width = image.shape[1] // 2
    return image[:, :-1].reshape(image.shape[0] // 2, 2, width, 2).max((1, 3))


def for_small_borders(image, p):
    wide = np.concatenate([image[-p:], image, image[:p]])
    return np.concatenate([wide[:, -p:], wide, wide[:, :p]], axis=1)


def without_a_length(signal, kernel):
    length = len(signal) + len(kernel) - 1
    return np.fft.irfft(np.fft.rfft(signal, length) * np.fft.rfft(kernel, length))


def in_training_mode(network, images, labels):
    return (network(images).argmax(1) == labels).float().mean()


def wraps_around(signal, kernel):
    spectrum = np.fft.fft(signal) * np.fft.fft(kernel, len(signal))
    return np.fft.ifft(spectrum).real


class Listed(nn.Module):
    def __init__(self):
        super().__init__()
        self.all = [nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 26 * 26, 10)]

    def forward(self, x):
        for layer in self.all:
            x = layer(x)
        return x


def pooled_net():
    circular = {"padding": 1, "padding_mode": "circular"}
    return nn.Sequential(
        *(nn.Conv2d(1, 6, 3, **circular), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(6, 6, 3, **circular), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 10)),
    )


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("correlate", loops_flipped, "kernel is flipped"),
        ("correlate", loops_one_short, "last row and the last column are missing"),
        ("conv-layer", no_bias, "forgot the bias"),
        ("conv-layer", first_slice_only, "across space, not across channels"),
        ("matrix", lambda k, n: np.array([np.r_[k, [0] * (n - len(k))]]), "shape should be"),
        ("softmax", lambda z: torch.tensor(z).sigmoid().numpy(), "numbers differ"),
        ("to-tensor", lambda a: torch.tensor(a).permute(0, 3, 1, 2) / 255.0, None),
        ("to-tensor", lambda a: torch.tensor(a).double().permute(0, 3, 1, 2) / 255, "dtype"),
        ("to-tensor", lambda a: torch.tensor(a).bfloat16().permute(0, 3, 1, 2) / 255, "dtype"),
        ("to-tensor", lambda a: a.transpose(0, 3, 1, 2) / 255, "A tensor is expected"),
        ("training-step", forgets_zero_grad, "`backward` adds"),
        ("training-step", softmax_first, "softmax before"),
        ("accuracy", in_training_mode, "`network.eval()`"),
        ("small-network", Listed(), "nn.ModuleList"),
        ("invariant-network", pooled_net(), "a stride or a pooling"),
        (
            "output-size-function",
            lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) / s + 1,
            "int",
        ),
        (
            "output-size-function",
            lambda n, k, s, p, d: -(-(n + 2 * p - d * (k - 1) - 1) // s),
            "remainder",
        ),
        ("convolve-fft", wraps_around, "wrap"),
        ("convolve-fft", without_a_length, "even"),
        ("max-pool", only_odd_heights, ""),
        ("pad-circular", for_small_borders, ""),
        ("build-layer", strided((1, 5), (0, 2)), "along rows and along columns"),
        ("build-layer", strided((9, 5), (4, 2)), "along rows and along columns"),
        ("build-layer", strided(3, 2, dilation=2), "along rows and along columns"),
        ("build-layer", strided(5, 2), None),
        ("training-step", clears_late, "after the step"),
        ("training-step", returns_nothing, "returns nothing"),
        ("small-network", deep_and_narrow(), None),
    ],
)
def test_wrong_answers_as_students_write_them(name, answer, words):
    verdict = check(name, answer)
    if words is None:
        assert verdict, verdict
    else:
        assert not verdict
        assert words in verdict.message, verdict


def test_a_small_failing_input_is_shown_and_found_again():
    def right_but_for_large(signal, kernel):
        return np.convolve(signal, kernel) + (len(signal) > 5)

    first = check("convolve-fft", right_but_for_large)
    again = check(
        "convolve-fft", right_but_for_large, seed=int(re.findall(r"seed=(\d+)", str(first))[0])
    )
    assert first.message == again.message
    shown = re.search(r"for: \[(.*?)\]", first.message)[1].split(",")
    # Signals of one size have one number more or less: of those of size 4, all fail.
    assert len(shown) in (6, 7), "one of the first that fail"
    assert "expected: [" in first.message
    assert "yours: [" in first.message


def test_a_function_may_not_change_what_it_is_given():
    def in_place(image):
        image += 1
        return image

    assert "Work on a copy" in check("max-pool", in_place).message


def test_inputs_are_fresh_each_time():
    def wrong(image):
        return image

    assert len({check("max-pool", wrong).message for _ in range(5)}) > 1


def test_every_goal_and_misconception_is_covered(root):
    covered = {what for exercise in BANK.values() for what in exercise.covers}
    goals = set()
    for path in (root / "book").glob("*.md"):
        if path.stem == "exercises":
            continue
        box = re.search(r"^:class: goals\n(.*?)^:::", path.read_text("utf-8"), re.M | re.S)
        count = len(re.findall(r"^- ", box[1], re.M)) if box else 0
        goals |= {f"{path.stem} {number + 1}" for number in range(count)}
    assert goals, "the pages have goals"
    assert goals | set(MISCONCEPTIONS) == covered


def exercises_of(path):
    """Return the exercises of a page: name to text."""
    pattern = r"^(`{3,})\{exercise\}[^\n]*\n:label: ex-([a-z0-9-]+)\n(.*?)^\1$"
    found = re.findall(pattern, path.read_text("utf-8"), re.M | re.S)
    return {name: text for _, name, text in found}


def test_the_book_has_each_exercise_once_with_its_form(root):
    placed = {}
    for path in (root / "book").glob("*.md"):
        found = exercises_of(path)
        assert path.read_text("utf-8").count("{exercise}") == len(found), path
        for name, text in found.items():
            assert name not in placed, f"{name}: {path} and {placed[name]}"
            assert text.count(f":::{{answer}} {name}\n") == 1, f"{path}: {name} has no form"
            placed[name] = path
    assert set(placed) == set(BANK)
    assert {name for name, path in placed.items() if path.stem == "exercises"} == set(GENERAL)
    assert set(OF_PAGES) == set(BANK) - set(GENERAL)


def test_the_page_has_four_groups_graded_with_hints_and_checked_solutions(root):
    page = root / "book" / "exercises.md"
    text = page.read_text("utf-8")
    groups = re.split(r"^## ", text, flags=re.M)[1:5]
    assert [group.splitlines()[0] for group in groups] == [
        *("By hand", "In NumPy", "In PyTorch", "Projects")
    ]
    assert len(GENERAL) >= 24
    for group in groups:
        levels = [GENERAL[name].level for name in re.findall(r":label: ex-([a-z-]+)", group)]
        assert levels == sorted(levels), group.splitlines()[0]
    for name, question in exercises_of(page).items():
        assert 1 <= question.count("{dropdown}") <= 2, f"{name}: one hint or two"
        solution = re.search(rf"\{{solution-start\}} ex-{name}\n.*?\{{solution-end\}}", text, re.S)
        assert re.search(rf'exercises\.check\(\s*"{name}"', solution[0]), name


def test_the_page_links_the_pages_exercises(root):
    text = (root / "book" / "exercises.md").read_text("utf-8")
    assert {name for name in OF_PAGES if f"{{ref}}`ex-{name}`" in text} == set(OF_PAGES)


def test_answers_are_obscured():
    for name in WRITTEN:
        answer = BANK[name].answer
        rows = table(name, answer.all_spellings())
        assert len(rows) == 1 + len(answer.slips)
        assert list(rows) == sorted(rows)
        text = str(rows)
        assert not any(slip.message in text for slip in answer.slips)
    assert fingerprint("a", "1") != fingerprint("b", "1"), "salted"
    assert encrypt("-wrong", "a", "1") != encrypt("-wrong", "a", "2")


def test_kinds_of_forms_all_occur():
    assert {type(exercise.answer) for exercise in BANK.values()} == {
        *(Number, Choice, Grid, Function, Built)
    }
    assert exercises.find("matrix") is BANK["matrix"]
