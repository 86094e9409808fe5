"""Scikit-learn's handwritten digits as PNG files, and the people who label them in the demo."""

from io import BytesIO

import numpy as np
from PIL import Image

from meguri.cli.crowd import Character
from meguri.cli.labelled import Labelled, of_rows
from meguri.formats.base import Row

WHITE = 16  # the brightest value in the data set
SIDE = 32  # pixels of the picture; the originals have 8

PEOPLE = (
    Character("Aoi", 0.97),
    Character("Ben", 0.93),
    Character("Chika", 0.90, late=0.15),
    Character("Daniel", 0.85, late=0.05),
    Character("Random clicker", 1 / 10),  # there are ten digits
)
OPERATOR = Character("Emi", 0.98)


def load(rng: np.random.Generator, held_back: int) -> tuple[Labelled, Labelled]:
    """The digits in random order, split into an archive and a stream of `held_back` that nobody has seen."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    order = rng.permutation(len(bunch.target))
    rows = [
        Row(number, content=png(bunch.images[place]), label=str(bunch.target[place]))
        for number, place in enumerate(order, start=1)
    ]
    archive, stream = rows[held_back:], rows[:held_back]
    return of_rows("Handwritten digits", "image", archive), of_rows("Stream", "image", stream)


def png(image: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> bytes:
    """One digit, dark on light, as the bytes of a PNG."""
    grey = (255 - image * (255 / WHITE)).astype(np.uint8)
    target = BytesIO()
    Image.fromarray(grey).resize((SIDE, SIDE), Image.Resampling.BICUBIC).save(target, "PNG")
    return target.getvalue()
