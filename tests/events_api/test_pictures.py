"""Pictures from strangers are written anew, or refused."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from events_api.errors import UnprocessableError
from events_api.pictures import LONGEST_SIDE_PX, plain_jpeg

ORIENTATION, MAKER, GPS = 0x0112, 0x010F, 0x8825


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), **saved: object) -> bytes:
    """Return a picture whose left half is red and whose right half is blue."""
    made = Image.new("RGB", size, (0, 0, 255))
    made.paste((255, 0, 0), (0, 0, size[0] // 2, size[1]))
    written = io.BytesIO()
    made.save(written, kind, **saved)
    return written.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_becomes_a_jpeg(kind: str) -> None:
    """That shows the same."""
    plain = Image.open(io.BytesIO(plain_jpeg(picture(kind))))
    assert (plain.format, plain.size) == ("JPEG", (64, 48))
    red, green, blue = plain.convert("RGB").getpixel((5, 24))
    assert red > 200
    assert max(green, blue) < 60


def test_what_the_camera_noted_is_left_out() -> None:
    """Place and maker; the picture is turned upright first, since that too was only noted."""
    noted = Image.Exif()
    noted[ORIENTATION], noted[MAKER], noted[GPS] = 6, "Somebody's", {1: "N", 2: (33.0, 9.0, 36.0)}
    data = picture(exif=noted)
    assert b"Somebody" in data
    plain = plain_jpeg(data)
    assert b"Somebody" not in plain
    opened = Image.open(io.BytesIO(plain))
    assert (dict(opened.getexif()), opened.size) == ({}, (48, 64))


def test_a_large_picture_is_made_smaller() -> None:
    """To what shows on a screen, in its own proportions."""
    opened = Image.open(io.BytesIO(plain_jpeg(picture(size=(4000, 1000)))))
    assert opened.size == (LONGEST_SIDE_PX, LONGEST_SIDE_PX // 4)


def test_nothing_hides_behind_a_picture() -> None:
    """What was appended is gone."""
    assert b"<script>" not in plain_jpeg(picture() + b"<script>alert(1)</script>")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xff\xd8\xff\xe0 not much of a picture", "damaged"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is no picture"),
        (picture("GIF"), "is no picture"),
        (picture("PNG")[:80], "damaged"),
        (picture(size=(31, 64)), "has 31 x 64 pixels"),
        (picture("PNG", (60_001, 1_000)), "60 million"),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes, reason: str) -> None:
    """With what to do instead."""
    with pytest.raises(UnprocessableError, match=reason):
        plain_jpeg(data)
