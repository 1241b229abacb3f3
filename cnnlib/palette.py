"""The colours that mean something, shared by figures, animations and interactive figures.

The hues are Okabe and Ito's, which stay apart for colour-blind readers
(Okabe and Ito, "Color Universal Design", 2008). A role keeps its colour on every page.
"""

INPUT = "#0072B2"
KERNEL = "#D55E00"
OUTPUT = "#009E73"
ACCENT = "#CC79A7"

# The same roles for words and digits: at least 4.5 : 1 on PAPER and on a thin tint of the role.
INPUT_INK = "#005F96"
KERNEL_INK = "#9A4300"
OUTPUT_INK = "#006B4E"
ACCENT_INK = "#9C4578"

INK = "#1F2933"
MUTED = "#616E7C"
GRID = "#C9D1D9"
PAPER = "#FFFFFF"
