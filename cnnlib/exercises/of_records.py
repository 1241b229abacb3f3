"""Checks of the exercises on the pages of the trained networks: Fashion-MNIST and CIFAR-10."""

import math

from cnnlib.exercises.answers import Choice, Number
from cnnlib.exercises.entry import Exercise
from cnnlib.exercises.verdict import Slip
from cnnlib.statistics import t_quantile

_NARROWER = t_quantile(2) / math.sqrt(3) / (t_quantile(4) / math.sqrt(5))

EXERCISES = (
    Exercise(
        "templates",
        2,
        ("fashion-mnist 1",),
        Choice(
            "With the weights wₖ = mₖ, the bias of class k is",
            "−|mₖ|²/2",
            (
                Slip("|mₖ|²/2", "The sign: a large |mₖ|² makes the distance larger."),
                Slip("−|mₖ|²", "That goes with the weights 2 mₖ. With mₖ, all is divided by 2."),
                Slip("0", "The templates have different lengths."),
            ),
        ),
    ),
    Exercise(
        "seeds",
        2,
        ("fashion-mnist 2",),
        Number(
            "Factor from 3 to 5 runs (two decimals)",
            _NARROWER,
            (
                Slip(math.sqrt(5 / 3), "That is the root alone. Student's quantile falls as well."),
                Slip(t_quantile(2) / t_quantile(4), "That is the quantile alone. And the root?"),
                Slip(1 / _NARROWER, "That is the inverse."),
                Slip(5 / 3, "It is the root of the number of runs, times what t does."),
            ),
            decimals=2,
        ),
    ),
    Exercise(
        "shift-direction",
        1,
        ("fashion-mnist 3",),
        Choice(
            "What hurts more?",
            "Sideways, for most of the classes.",
            (
                Slip(
                    "Up and down, for most of the classes.",
                    "Look at trousers: along a long edge a shift changes little; across it, much.",
                ),
                Slip(
                    "Both alike: a kernel is as high as it is wide.",
                    "The kernels are, but the garments are not.",
                ),
                Slip(
                    "Neither: the network is equivariant.",
                    "The layers are; the linear layer after them is not.",
                ),
            ),
        ),
    ),
    Exercise(
        "affine",
        2,
        ("fashion-mnist 4",),
        Number(
            "Images that the network must be shown to find W and b",
            784 + 1,
            (
                Slip(784, "The black image gives b, without which the columns cannot be told."),
                Slip(7850, "That is how many numbers W and b have; one image gives ten."),
                Slip(10, "W has a column for each pixel, not for each class."),
            ),
        ),
    ),
    Exercise(
        "temperature",
        1,
        ("inside-the-network 2",),
        Number(
            "Limit of the mean sureness for ten classes (one decimal)",
            1 / 10,
            (
                Slip(1, "That is the limit for T to 0: all to the largest."),
                Slip(0, "Ten probabilities still add up to 1."),
                Slip(0.5, "There are ten classes, not two."),
            ),
            decimals=1,
        ),
    ),
    Exercise(
        "dead",
        2,
        ("inside-the-network 3", "pytorch-training 6"),
        Choice(
            "Why does a dead kernel stay dead?",
            "ReLU's slope is 0 wherever its map is, so no gradient reaches it.",
            (
                Slip(
                    "Its weights have become zero.",
                    "They may be large; what they add up to is negative for each image.",
                ),
                Slip("The optimizer removes it.", "Nothing removes a kernel from a network."),
                Slip(
                    "Its gradient is so large that it oscillates.",
                    "Through a ReLU that is zero comes no gradient at all.",
                ),
            ),
        ),
    ),
    Exercise(
        "frozen",
        2,
        ("inside-the-network 3",),
        Choice(
            "With a frozen first layer the accuracy after three epochs is",
            "about the same: the layers above make do with random kernels.",
            (
                Slip("that of guessing.", "Random kernels keep what is in the image."),
                Slip("much better.", "Nothing is gained by not learning."),
                Slip("undefined: no gradient flows.", "The other layers have theirs."),
            ),
        ),
    ),
    Exercise(
        "seeds-agree",
        2,
        ("inside-the-network 1",),
        Choice(
            "Images that both networks get wrong are",
            "far more frequent than if mistakes were independent.",
            (
                Slip(
                    "about as frequent as if mistakes were independent.",
                    "Some images are hard for everybody, and some labels wrong.",
                ),
                Slip(
                    "rarer than if mistakes were independent.",
                    "Then each network would be good where the other is bad.",
                ),
                Slip("all the mistakes of either.", "Some mistakes differ between seeds."),
            ),
        ),
    ),
    Exercise(
        "how-many-runs",
        2,
        ("cifar-10-results 2",),
        Choice(
            "With s in points, the number of runs of each recipe is",
            "2 s² / 0.05²",
            (
                Slip("s² / 0.05²", "Both recipes scatter: their variances add."),
                Slip("2 s² / 0.1²", "Half of 0.1 points is asked for."),
                Slip("2 s / 0.05", "The standard error falls with the root of n."),
            ),
        ),
    ),
    Exercise(
        "both-signs",
        2,
        ("cifar-10-results 1",),
        Choice(
            "The negative kernels could be left out",
            "with the identity, but not with ReLU.",
            (
                Slip(
                    "with ReLU, but not with the identity.",
                    "ReLU forgets how negative a number was; the identity forgets nothing.",
                ),
                Slip("with both.", "ReLU forgets how negative a number was."),
                Slip("with neither.", "After the identity, the next layer can multiply by −1."),
            ),
        ),
    ),
    Exercise(
        "saliency-check",
        3,
        ("inside-the-network 4", "cifar-10-results 3"),
        Choice(
            "As far as the maps of the trained and the untrained network agree, they show",
            "the image, the architecture and the first layer that both have.",
            (
                Slip("what has been learned.", "The second network has learned nothing."),
                Slip("the label.", "The second network knows none."),
                Slip("that both networks are right.", "A map does not say who is right."),
            ),
        ),
    ),
    Exercise(
        "saving-camera",
        2,
        ("cifar-10-results 5", "cifar-10-results 3"),
        Choice(
            "Pictures of quality 25 should be looked at by",
            "the network of the copies: its images come nearer to what it will meet.",
            (
                Slip(
                    "the network of the published images: it has learnt from the better ones.",
                    "It names more of the published images. Read the column of quality 25.",
                ),
                Slip(
                    "either: detail that is gone is gone for both.",
                    "It is, and yet one of them names more. Read the column of quality 25.",
                ),
                Slip(
                    "the network of the copies: it names more in every column.",
                    "Not in the first: of the published images it names fewer.",
                ),
            ),
        ),
    ),
    Exercise(
        "hard-images",
        2,
        ("cifar-10-results 3",),
        Choice(
            "Compared with independent mistakes, the images that all runs get right are",
            "more, and those that all get wrong are more, too.",
            (
                Slip(
                    "fewer, and those that all get wrong are more.",
                    "The mean accuracy is the same: if mistakes pile up on few images, more are "
                    "left over that nobody gets wrong.",
                ),
                Slip(
                    "more, and those that all get wrong are fewer.",
                    "That could be, if each hard image defeated a few of the networks only. Count: "
                    "many defeat all ten.",
                ),
                Slip("as many.", "Mistakes are not independent: some images are hard."),
            ),
        ),
    ),
)
