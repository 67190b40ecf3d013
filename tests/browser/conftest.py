"""Pages for the tests of this folder."""

from support.browser_fixtures import browser, open_url

__all__ = ["browser", "open_url"]
