"""The figure shape-calculator: what it offers follows its stack. `test_figures` uses all of it."""

from test_figures import CALCULATOR, show  # noqa: F401 (a fixture)


def test_the_layers_to_trace_from_are_those_that_are_there(show):  # noqa: F811
    shown = show(CALCULATOR, "#fig-shape-calculator?layers=conv:8:3:1:1:1")
    offered = shown.live.get_by_label("Trace back a pixel of").locator("option")
    assert offered.all_inner_texts() == ["layer 1"]
    shown.live.get_by_role("button", name="Remove layer 1", exact=True).click()
    shown.settle()
    assert offered.all_inner_texts() == ["the input"]


def test_a_phone_offers_the_keys_that_a_number_needs(show):  # noqa: F811
    shown = show(CALCULATOR)
    for words in ("Layer 1, kernel_size", "Channels"):
        assert shown.live.get_by_label(words, exact=True).get_attribute("inputmode") == "numeric"
