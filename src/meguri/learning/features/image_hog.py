"""Shape, coarse brightness and colour of a picture, good from 8x8 pixels up.

Histograms of oriented gradients after Dalal & Triggs (CVPR 2005), with signed directions, beside an
8x8 miniature and the colour of each quarter. Every picture is brought to the same small square
first, so that a photograph and an icon cost the same.
"""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageOps

from meguri.kit.errors import Invalid
from meguri.learning.features.base import Content, FeatureExtractor, Floats, extractors

SIDE = 32  # pixels of the square
CELL = 8  # pixels of one histogram
BINS = 12  # directions
MINIATURE = 8  # pixels of the brightness miniature
QUARTERS = 2
EPSILON = 1e-3
CLIP = 0.2  # of Dalal & Triggs: one strong edge must not drown the rest
SHAPE_WEIGHT, BRIGHTNESS_WEIGHT, COLOUR_WEIGHT = 1.0, 0.7, 0.7
CHUNK = 512  # pictures at a time, to bound memory


@extractors.register
class ImageHog(FeatureExtractor):
    """Oriented gradients, a miniature and colour: 512 numbers a picture."""

    name = "image_hog"
    version = 1
    modalities = ("image",)

    def extract(self, contents: Sequence[Content]) -> Floats:
        parts = [_rows(contents[start : start + CHUNK]) for start in range(0, len(contents), CHUNK)]
        return np.concatenate(parts) if parts else _rows(())

    def example(self) -> Sequence[Content]:
        return [_png(pixels) for pixels in (_stripes(0), _stripes(1), _stripes(0)[:8, :8], np.full((20, 30), 99))]


def _stripes(axis: int) -> np.ndarray:
    ramp = np.tile((np.arange(16) % 4 < 2) * 200, (16, 1))
    return ramp.T if axis else ramp


def _png(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(out, "PNG")
    return out.getvalue()


def _rows(contents: Sequence[Content]) -> Floats:
    colour = np.empty((len(contents), SIDE, SIDE, 3), np.float32)
    for row, content in enumerate(contents):
        colour[row] = _square(content)
    grey = colour @ np.array([0.299, 0.587, 0.114], np.float32)
    parts = [
        SHAPE_WEIGHT * _unit(_gradients(grey)),
        BRIGHTNESS_WEIGHT * _unit(_miniature(grey)),
        COLOUR_WEIGHT * _chroma(colour, grey),
    ]
    return _unit(np.concatenate(parts, axis=1))


def _square(content: Content) -> Floats:
    """RGB between 0 and 1, on white where the picture is transparent."""
    if isinstance(content, str):
        raise Invalid("A picture is bytes, not text.", code="learning.not_an_image")
    try:
        with Image.open(io.BytesIO(content)) as opened:
            opened.draft("RGB", (4 * SIDE, 4 * SIDE))  # lets the JPEG decoder skip what is thrown away
            picture = ImageOps.exif_transpose(opened).convert("RGBA")
    except (OSError, ValueError, SyntaxError) as error:
        raise Invalid(f"The picture cannot be read: {error}.", code="learning.not_an_image") from error
    flat = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    way = Image.Resampling.BICUBIC if min(flat.size) < SIDE else Image.Resampling.BOX
    square: Floats = np.asarray(flat.resize((SIDE, SIDE), way), np.float32) / np.float32(255)
    return square


def _gradients(grey: Floats) -> Floats:
    """Directions of edges by cell, each block of 2x2 cells normalised: (n, 9 * 4 * BINS)."""
    across, down = np.zeros_like(grey), np.zeros_like(grey)
    across[:, :, 1:-1] = (grey[:, :, 2:] - grey[:, :, :-2]) / 2
    down[:, 1:-1] = (grey[:, 2:] - grey[:, :-2]) / 2
    strength = np.hypot(across, down)
    turn = (np.arctan2(down, across) / (2 * np.pi) % 1) * BINS
    low = np.floor(turn).astype(np.int64)
    share = (turn - low).astype(np.float32)
    cells = _histograms(low % BINS, strength * (1 - share)) + _histograms((low + 1) % BINS, strength * share)
    blocks = np.concatenate([cells[:, :-1, :-1], cells[:, 1:, :-1], cells[:, :-1, 1:], cells[:, 1:, 1:]], axis=-1)
    blocks = np.minimum(_unit(blocks, EPSILON), CLIP)
    rows: Floats = _unit(blocks, EPSILON).reshape(len(grey), (SIDE // CELL - 1) ** 2 * 4 * BINS)
    return rows


def _histograms(direction: np.ndarray, weight: Floats) -> Floats:
    """The weight of each direction in each cell: (n, cells, cells, BINS)."""
    n, cells = len(direction), SIDE // CELL
    place = np.arange(SIDE) // CELL
    cell = (np.arange(n)[:, None, None] * cells + place[:, None]) * cells + place
    flat = np.bincount((cell * BINS + direction).ravel(), weight.ravel(), minlength=n * cells * cells * BINS)
    return flat.astype(np.float32).reshape(n, cells, cells, BINS)


def _miniature(grey: Floats) -> Floats:
    small: Floats = _pooled(grey, MINIATURE).reshape(len(grey), MINIATURE**2)
    centred: Floats = small - small.mean(axis=1, keepdims=True)
    return centred


def _chroma(colour: Floats, grey: Floats) -> Floats:
    """Mean and spread of the two colour differences in each quarter; zero where there is no colour."""
    parts = []
    for channel in (0, 2):
        difference = colour[..., channel] - grey
        mean = _pooled(difference, QUARTERS)
        spread = np.sqrt(np.maximum(_pooled(difference**2, QUARTERS) - mean**2, 0))
        parts += [mean, spread]
    rows: Floats = np.stack(parts, axis=-1).reshape(len(grey), 4 * QUARTERS**2)
    return rows


def _pooled(plane: Floats, side: int) -> Floats:
    size = SIDE // side
    mean: Floats = plane.reshape(len(plane), side, size, side, size).mean(axis=(2, 4), dtype=np.float32)
    return mean


def _unit(rows: Floats, epsilon: float = 1e-9) -> Floats:
    """Rows scaled to length one; all but flat ones stay near zero when `epsilon` is large."""
    scaled: Floats = rows / np.sqrt((rows**2).sum(axis=-1, keepdims=True) + epsilon)
    return scaled
