"""Checks of the exercises on the page `pytorch-training`."""

import math

from cnnlib.exercises.answers import Choice, Grid, Number
from cnnlib.exercises.entry import Exercise
from cnnlib.exercises.verdict import Slip

EXERCISES = (
    Exercise(
        "softmax-by-hand",
        1,
        ("pytorch-training 2",),
        Grid(
            "The gradient with respect to the three logits (one decimal)",
            [0.6, 0.3 - 1, 0.1],
            (
                Slip([0.6, 0.3, 0.1], "Those are the probabilities. Subtract the right answer."),
                Slip([-0.6, 0.7, -0.1], "The sign: raising a wrong logit raises the loss."),
                Slip([0.6 - 1, 0.3, 0.1], "The right class is the second."),
            ),
            decimals=1,
        ),
    ),
    Exercise(
        "two-classes",
        2,
        ("pytorch-training 2",),
        Choice(
            "The probability of class 1 is the logistic function of",
            "z₁ − z₀",
            (
                Slip("z₀ − z₁", "That is the probability of class 0."),
                Slip("z₁", "Adding the same number to both logits must change nothing."),
                Slip("z₁ / z₀", "Probabilities' quotient is exp(z₁)/exp(z₀): look at exponents."),
            ),
        ),
    ),
    Exercise(
        "leaky",
        3,
        ("pytorch-training 3",),
        Number(
            "Var(w) · n_in for a = √5 (two decimals)",
            2 / (1 + 5),
            (
                Slip(2, "That is for ReLU, a = 0."),
                Slip(2 / (1 + math.sqrt(5)), "The negative half counts a² times, not a times."),
                Slip(1, "That is for a = 1, where nothing is bent."),
            ),
            decimals=2,
        ),
    ),
    Exercise(
        "drowned",
        2,
        ("pytorch-training 3",),
        Choice(
            "Two different images, after thirty of PyTorch's default layers with ReLU, are",
            "the same but for rounding: what is left comes from the biases.",
            (
                Slip("both zero.", "The biases remain, also where no signal does."),
                Slip("both infinite.", "The default's variance is too small, not too large."),
                Slip(
                    "as different as they were.",
                    "That is nearer to Kaiming's weights; the default is 1/6 of their variance.",
                ),
            ),
        ),
    ),
    Exercise(
        "accumulate",
        1,
        ("pytorch-training 4",),
        Choice(
            "Each part's mean loss is to be divided by",
            "4",
            (
                Slip("1", "Then four means add up, and the gradient is four times too large."),
                Slip("50", "The mean over a part has been divided by 50 already."),
                Slip("200", "The mean over a part has been divided by 50 already; 4 remain."),
            ),
        ),
    ),
    Exercise(
        "momentum",
        1,
        ("pytorch-training 4",),
        Number(
            "The steady step, as a multiple of the plain one",
            1 / (1 - 0.9),
            (
                Slip(0.9, "The new gradient is added in each step: u = 0.9 u + g."),
                Slip(1.9, "That is the second step; sum up the whole series."),
                Slip(9, "The series begins with 1."),
                Slip(0.1, "The sum of the series is the inverse of 1 − 0.9."),
            ),
        ),
    ),
    Exercise(
        "bug-hunt",
        2,
        ("pytorch-training 5",),
        Choice(
            "Which of the mistakes gives an error?",
            "The size after flattening.",
            (
                Slip(
                    "The softmax before the loss.",
                    "The loss takes any numbers. It learns, badly: silent.",
                ),
                Slip(
                    "The missing zero_grad.",
                    "Gradients add up without a word: silent.",
                ),
                Slip(
                    "The learning rate.",
                    "Any rate is accepted: silent, but for the loss.",
                ),
                Slip("The missing eval.", "Dropout disturbs the answers: silent."),
            ),
        ),
    ),
)
