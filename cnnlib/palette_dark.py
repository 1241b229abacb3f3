"""The palette on a dark ground: each colour of `cnnlib.palette` has its partner of the same name.

Hues and their order of lightness stay, so that a role is known again and colour-blind readers keep
them apart. Contrasts are those of the Web Content Accessibility Guidelines (WCAG 2.2, 1.4.3 and
1.4.11): words at least 4.5 : 1 on PAPER and on a thin tint of their role, lines and marks 3 : 1.
"""

INPUT = "#4AA8E0"
KERNEL = "#F28E4B"
OUTPUT = "#2FBF93"
ACCENT = "#E3A1C4"

INPUT_INK = "#8CCBF2"
KERNEL_INK = "#FFB98A"
OUTPUT_INK = "#74DBB8"
ACCENT_INK = "#F0B9D6"

INK = "#E3E8ED"
MUTED = "#9AA7B4"
GRID = "#4A5664"
PAPER = "#121212"  # the page's own ground, so that a figure has no edge

# What is not in the palette: the lines behind a plot, and where shares reach their most.
RULE = "#262D36"
MOST = "#A04E0C"
