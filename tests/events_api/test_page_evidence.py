"""What the map page shows in the place of a snapshot that is none any more, in a real browser."""

from __future__ import annotations

import hashlib

import pytest

from tests.events_api.browser import Browser, find_chromium
from tests.events_api.conftest import RunningApi
from tests.events_api.factories import JPEG
from tests.events_api.test_page import ROWS, address, post, text

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(find_chromium() is None, reason="needs Chromium (Debian: chromium)"),
]


@pytest.mark.parametrize(
    ("language", "told"),
    [("en-GB", "it no longer has its SHA-256"), ("zh-CN", "与其 SHA-256 不符，不作为证据显示")],
)
def test_a_snapshot_that_was_altered_is_told_and_not_shown(
    county: RunningApi, chromium: Browser, language: str, told: str
) -> None:
    """In the reader's language: what is no evidence any more does not pass for it."""
    sha256 = hashlib.sha256(JPEG).hexdigest()
    with county.client() as client:
        client.put(f"/evidence/{sha256}", content=JPEG, headers={"Content-Type": "image/jpeg"})
    post(county, 3, evidence=[sha256])
    (county.settings.evidence_folder / sha256[:2] / sha256).write_bytes(JPEG + b"forged")
    with chromium.visitor(language) as browser:
        browser.go(address(county))
        browser.wait_for(f"{ROWS} === 2")
        browser.evaluate("document.querySelector('.event').click()")
        browser.wait_for("document.querySelector('figure .problem') !== null")
        assert told in text(browser, "figure .problem")
        assert browser.evaluate("document.querySelector('.snapshot') === null")
