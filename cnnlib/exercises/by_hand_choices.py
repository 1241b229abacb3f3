"""Questions to be thought about: what is true of convolutional networks, and what is not."""

from cnnlib.exercises.answers import Choice
from cnnlib.exercises.entry import Exercise
from cnnlib.exercises.verdict import Slip

EXERCISES = (
    Exercise(
        "flip-or-not",
        1,
        ("convolution 2", "flip or no flip"),
        Choice(
            "What does a convolutional layer compute, and why does it not matter?",
            "A cross-correlation; a learned kernel can come out flipped just as well.",
            (
                Slip(
                    "A convolution; without the flip the layer would not be equivariant.",
                    "Both operations commute with shifts. The layer does not flip its kernel.",
                ),
                Slip(
                    "A cross-correlation; flipped and unflipped kernels give the same numbers.",
                    "The numbers differ unless the kernel is symmetric under half a turn. What "
                    "does not differ is what can be learned.",
                ),
                Slip(
                    "A convolution in training and a cross-correlation afterwards.",
                    "It is the same operation all the time; otherwise the trained kernels would "
                    "be of no use.",
                ),
            ),
            "Training finds the kernel that is needed, in the orientation that is needed.",
        ),
    ),
    Exercise(
        "what-is-shared",
        1,
        ("convolutional-layers 2", "shared across space, not channels"),
        Choice(
            "Which statement is true?",
            "All places of one output channel share a kernel; each output channel has its own, "
            "with its own slice for each input channel.",
            (
                Slip(
                    "All places and all channels share one kernel.",
                    "Then all output channels would be alike. Weights are shared across space, "
                    "not across channels.",
                ),
                Slip(
                    "Each place has its own kernel, which all output channels share.",
                    "It is the other way round: places share, channels do not.",
                ),
                Slip(
                    "Each output channel has its own kernel, whose one slice meets every input "
                    "channel.",
                    "Red and green get different weights: a kernel has a slice for each input "
                    "channel.",
                ),
            ),
            "So a layer has as many kernels as output channels, however large the image.",
        ),
    ),
    Exercise(
        "invariant-or-equivariant",
        1,
        ("convolutional-layers 3", "equivariance or invariance"),
        Choice(
            "A layer with circular padding and stride 1: the image moves by three pixels. The "
            "feature map",
            "moves by three pixels: the layer is equivariant.",
            (
                Slip(
                    "stays as it is: the layer is invariant.",
                    "The same numbers come out, but elsewhere. That is equivariance; invariant is "
                    "what does not change at all, such as the map's mean.",
                ),
                Slip(
                    "moves by three pixels: the layer is invariant.",
                    "It moves, right; but the word for moving along is equivariant.",
                ),
                Slip(
                    "changes in its values, because other weights meet the pixels.",
                    "The weights are the same at all places: that is what sharing means.",
                ),
            ),
            "Shift and then convolve, or convolve and then shift.",
        ),
    ),
    Exercise(
        "when-to-stop",
        1,
        ("why-convolutions 2",),
        Choice(
            "What do the curves say?",
            "After step 200 the network overfits; by the validation loss, the weights of step 200 "
            "are the ones to keep.",
            (
                Slip(
                    "The training loss still falls, so training should go on.",
                    "The training loss of a large network can always fall. Images that were not "
                    "trained on tell what it is worth.",
                ),
                Slip(
                    "The learning rate is too high, since the validation loss rises.",
                    "A rate that is too high makes the training loss rise or jump as well. Here "
                    "the two curves part.",
                ),
                Slip(
                    "The network is too small for the data.",
                    "A network that is too small cannot get the training loss down. This one can.",
                ),
            ),
            "The accuracy may go on rising for a while: look at both.",
        ),
    ),
    Exercise(
        "all-pixels-shuffled",
        2,
        ("why-convolutions 3",),
        Choice(
            "All images, of training and test, are shuffled by the same permutation of pixels. "
            "What becomes of the test accuracies?",
            "The fully connected network's stays, the convolutional network's falls.",
            (
                Slip(
                    "Both fall, since nobody can recognise a shuffled image.",
                    "A fully connected layer does not know which pixels are neighbours: for it, "
                    "the shuffle only renames its inputs.",
                ),
                Slip(
                    "Both stay, since the permutation is the same everywhere.",
                    "A kernel looks at neighbours, and they no longer belong together.",
                ),
                Slip(
                    "The convolutional network's stays, the fully connected network's falls.",
                    "It is the other way round: which of the two makes use of neighbourhood?",
                ),
            ),
            "Who uses the local structure suffers when it goes.",
        ),
    ),
    Exercise(
        "honest-number",
        2,
        ("cifar-10-results 4", "fashion-mnist 1"),
        Choice(
            "Which number is an honest estimate for new images?",
            "The test accuracy of the recipe with the best validation accuracy.",
            (
                Slip(
                    "The best of the twenty test accuracies: no recipe was trained on test images.",
                    "They were chosen on. The best of twenty is partly luck, which new images do "
                    "not repeat.",
                ),
                Slip(
                    "The mean of the twenty test accuracies.",
                    "That is honest for a recipe drawn at random, which is not the one you use.",
                ),
                Slip(
                    "The validation accuracy of the recipe with the best validation accuracy.",
                    "The choice was made on these images: their accuracy is too good as well.",
                ),
            ),
            "A number is honest if nothing was chosen on the images that it was measured on.",
        ),
    ),
    Exercise(
        "linear-stack",
        1,
        ("convolutional-layers 4", "fashion-mnist 4"),
        Choice(
            "Ten such layers of 3 × 3, with stride 1, can do",
            "nothing that one layer with a kernel of 21 × 21 could not do.",
            (
                Slip(
                    "more than any single layer, since they have ten times as many weights.",
                    "More weights, but each succession of linear maps is one linear map.",
                ),
                Slip(
                    "anything, if there are enough channels.",
                    "Only linear things, however many channels: something must bend.",
                ),
                Slip(
                    "nothing that one layer with a kernel of 3 × 3 could not do.",
                    "The receptive field grows with each layer: the one kernel is larger.",
                ),
            ),
            "Without padding it is exact; but most kernels of 21 × 21 are no product of ten small "
            "ones. A ReLU between the layers changes all that.",
        ),
    ),
)
