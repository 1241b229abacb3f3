"""Every page of the built site in light: offline, quiet, accessible."""

import every_page
import pytest


@pytest.mark.parametrize("width", every_page.WIDTHS)
def test_pages_are_offline_quiet_and_accessible(visit, address, site, width):
    every_page.is_offline_quiet_and_accessible(visit, address, site, "light", width)
