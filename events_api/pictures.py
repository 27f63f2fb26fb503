"""Pictures from strangers: only what really is one is kept, and only what can be seen of it."""

from __future__ import annotations

import io

from PIL import Image, ImageOps, UnidentifiedImageError

from events_api.errors import UnprocessableError

KINDS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 60_000_000
LONGEST_SIDE_PX = 2560
LEAST_SIDE_PX = 32
QUALITY = 85


def plain_jpeg(data: bytes) -> bytes:
    """Return a picture as a JPEG of its own making, upright and at most 2560 pixels long.

    Written anew it is nothing else beside, and what the camera noted (place, owner, serial number)
    is left out.

    Raises:
        UnprocessableError: It is no picture, damaged, or too small or too large to be looked at.
    """
    try:
        with Image.open(io.BytesIO(data), formats=KINDS) as picture:
            _check_size(*picture.size)  # before its pixels are unpacked
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise _no_picture() from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise UnprocessableError(
            f"The picture is damaged ({error}); take or choose another."
        ) from error
    upright.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX))
    written = io.BytesIO()
    upright.save(written, "JPEG", quality=QUALITY)
    return written.getvalue()


def _check_size(width_px: int, height_px: int) -> None:
    if width_px * height_px > MOST_PIXELS or min(width_px, height_px) < LEAST_SIDE_PX:
        raise UnprocessableError(
            f"The picture has {width_px} x {height_px} pixels; send one of at least "
            f"{LEAST_SIDE_PX} on each side and {MOST_PIXELS // 1_000_000} million in all."
        )


def _no_picture() -> UnprocessableError:
    return UnprocessableError(f"This is no picture that is taken here; send {', '.join(KINDS)}.")
