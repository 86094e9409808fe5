"""Images that every browser shows, read with Pillow."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PIL import Image as Pictures
from PIL import ImageOps, UnidentifiedImageError

from meguri.data.modalities.base import Modality, modalities
from meguri.kit.errors import Invalid

MAX_PIXELS = 64_000_000  # one image may be 8,000 × 8,000; a few kilobytes can unpack to far more
_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif", "BMP": "image/bmp"}
_UPRIGHT = 1
_ORIENTATION = 0x0112
_TURNED = (5, 6, 7, 8)  # EXIF orientations that swap width and height


@modalities.register
class Image(Modality):
    """PNG, JPEG, WebP, GIF and BMP."""

    name = "image"

    def sniff(self, content: bytes) -> str | None:
        if content.startswith(b"\x89PNG\r\n\x1a\n"):
            return "image/png"
        if content.startswith(b"\xff\xd8\xff"):
            return "image/jpeg"
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            return "image/webp"
        if content[:6] in (b"GIF87a", b"GIF89a"):
            return "image/gif"
        # A BMP tells its own length in bytes 3 to 6; two letters alone would fit many texts.
        if content[:2] == b"BM" and content[6:10] == b"\0\0\0\0":
            return "image/bmp"
        return None

    def describe(self, content: bytes) -> dict[str, Any]:
        """`width` and `height` in pixels as seen (EXIF orientation applied)."""
        with _opened(content) as picture:
            width, height = picture.size
            turned = picture.getexif().get(_ORIENTATION, _UPRIGHT) in _TURNED
            picture.draft("L", (1, 1))  # a JPEG is read to its end, but decoded at an eighth of the size
            picture.load()
        return {"width": height, "height": width} if turned else {"width": width, "height": height}

    def thumbnail(self, content: bytes, size: int) -> bytes | None:
        with _opened(content) as picture:
            picture.draft("RGB", (size, size))
            small = _plain(picture)
            ImageOps.exif_transpose(small, in_place=True)
            small.thumbnail((size, size), reducing_gap=2.0)
            target = io.BytesIO()
            small.save(target, "WEBP", quality=82, method=2)
        return target.getvalue()

    def example(self) -> bytes:
        target = io.BytesIO()
        Pictures.new("RGB", (8, 6), (214, 69, 44)).save(target, "PNG")
        return target.getvalue()


@contextmanager
def _opened(content: bytes) -> Iterator[Pictures.Image]:
    """The picture, once its size was found safe. Whatever the decoder trips over becomes one plain error."""
    try:
        with Pictures.open(io.BytesIO(content), formats=tuple(_TYPES)) as picture:
            check_pixels(*picture.size)
            yield picture
    except Invalid:
        raise
    except (Pictures.DecompressionBombError, Pictures.DecompressionBombWarning):
        raise _too_large() from None
    except UnidentifiedImageError:
        raise _broken("it is not complete or not an image") from None
    # Decoders of damaged files raise nearly anything, SyntaxError and struct.error among it.
    except Exception as error:
        raise _broken(str(error) or type(error).__name__) from None


def _plain(picture: Pictures.Image) -> Pictures.Image:
    """The picture in a mode that can be scaled and saved anywhere; 16-bit greys keep their upper byte."""
    if picture.mode in ("L", "RGB", "RGBA"):
        return picture
    if picture.mode.startswith("I;16"):
        plain = picture.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
    else:
        plain = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    plain.info = picture.info
    plain.getexif().update(picture.getexif())
    return plain


def _broken(what: str) -> Invalid:
    return Invalid(f"The image cannot be read ({what}); save it again as PNG or JPEG.", code="data.image_broken")


def check_pixels(width: int, height: int) -> None:
    """Refuse a picture that would unpack to more than MAX_PIXELS."""
    if width * height > MAX_PIXELS:
        raise _too_large()


def _too_large() -> Invalid:
    return Invalid(
        f"The image has more than {MAX_PIXELS // 1_000_000} million pixels; scale it down.",
        code="data.image_too_large",
        limit=MAX_PIXELS,
    )
