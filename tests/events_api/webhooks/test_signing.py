"""Signatures after Standard Webhooks."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

from events_api.webhooks.signing import new_secret, signed_headers


def test_a_signature_is_the_published_one() -> None:
    """The example that libraries of the specification are tested with."""
    headers = signed_headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        b'{"test": 2432232314}',
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_secret_is_long_and_new() -> None:
    """Between 24 and 64 bytes, says the specification."""
    secrets = {new_secret() for _ in range(10)}
    assert len(secrets) == 10
    assert all(len(base64.b64decode(each.removeprefix("whsec_"))) == 32 for each in secrets)
