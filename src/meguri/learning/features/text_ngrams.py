"""Hashed character and word n-grams of a text, in any language and without a tokenizer.

Character 1- to 4-grams carry Japanese and other writing without spaces, words and pairs of words carry the rest.
Everything is one pass of array arithmetic over a chunk of texts: an n-gram's hash is the polynomial hash of
its code points modulo 2^64, read off prefix sums (Karp & Rabin 1987), so no n-gram is ever built as a string.
"""

import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from meguri.learning.features.base import Content, FeatureExtractor, Matrix, extractors

BUCKETS = 1 << 18
CHARACTERS = (1, 2, 3, 4)
LONGEST = 20_000  # characters of a text that are read
CHUNK = 1 << 20  # characters at a time, to bound memory
BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, so that it can be divided by modulo 2^64
INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
MIX = np.uint64(0xFF51AFD7ED558CCD)
WORD_SALT = np.uint64(0xC4CEB9FE1A85EC53)
Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]


@extractors.register
class TextNgrams(FeatureExtractor):
    """Character 1- to 4-grams, words and pairs of words in 262,144 buckets, logarithmic counts."""

    name = "text_ngrams"
    version = 1
    modalities = ("text",)
    sparse = True

    def extract(self, contents: Sequence[Content]) -> Matrix:
        from scipy import sparse

        texts = [_normalised(content) for content in contents]
        parts = [_rows(chunk) for chunk in _chunks(texts)]
        return sparse.vstack(parts, format="csr") if parts else _csr(0, *(np.empty(0, np.int64),) * 3)

    def example(self) -> Sequence[Content]:
        return ["The parcel never arrived.", "荷物がまだ届きません。", "OK", "🙂🙂", "a\nb\tc", "1 2 3"]


def _normalised(content: Content) -> str:
    """Compatible forms made equal (full-width letters, half-width kana), case folded, spaces joined."""
    text = content if isinstance(content, str) else content.decode("utf-8", "replace")
    return " ".join(unicodedata.normalize("NFKC", text[:LONGEST]).casefold().split())


def _chunks(texts: list[str]) -> list[list[str]]:
    """Runs of texts of at most CHUNK characters together."""
    chunks: list[list[str]] = []
    room = 0
    for text in texts:
        if not chunks or room < len(text):
            chunks.append([])
            room = CHUNK
        chunks[-1].append(text)
        room -= len(text)
    return chunks


def _rows(texts: list[str]) -> Matrix:
    """One CSR row a text; the characters' half and the words' half weigh the same."""
    padded = [f" {text} " if text else "" for text in texts]  # a space marks where a word begins and ends
    codes = np.frombuffer("".join(padded).encode("utf-32-le", "replace"), np.uint32)
    owner = np.repeat(np.arange(len(texts)), [len(text) for text in padded])
    prefix, back = _tables(codes)

    def hashes(start: Places, end: Places) -> Hashes:
        return (prefix[end] - prefix[start]) * back[start]

    owners, keys = [], []
    for n in CHARACTERS:
        start = np.flatnonzero(owner[: len(owner) - n + 1] == owner[n - 1 :])
        if n == 1:
            start = start[codes[start] != ord(" ")]
        owners.append(owner[start])
        keys.append(hashes(start, start + n) + np.uint64(n))
    characters = _weighted(len(texts), np.concatenate(owners), np.concatenate(keys))
    words = _weighted(len(texts), *_words(codes, owner, hashes))
    return _normed(characters + words)


def _tables(codes: npt.NDArray[np.uint32]) -> tuple[Hashes, Hashes]:
    """Prefix sums of code * BASE^place, and the powers of BASE's inverse."""
    power, back = _powers(BASE, len(codes)), _powers(INVERSE, len(codes))
    prefix = np.zeros(len(codes) + 1, np.uint64)
    np.cumsum((codes.astype(np.uint64) + np.uint64(1)) * power, out=prefix[1:])
    return prefix, back


def _powers(base: np.uint64, n: int) -> Hashes:
    powers = np.full(n, base, np.uint64)
    powers[:1] = 1
    return np.multiply.accumulate(powers)


def _words(codes: npt.NDArray[np.uint32], owner: Places, hashes: Any) -> tuple[Places, Hashes]:
    """Runs of letters and digits, and each with the one before it in the same text."""
    alphabet, place = np.unique(codes, return_inverse=True)
    inside = np.array([chr(code).isalnum() for code in alphabet])[place].astype(np.int8)
    edge = np.diff(inside, prepend=np.int8(0), append=np.int8(0))
    start, end = np.flatnonzero(edge == 1), np.flatnonzero(edge == -1)
    one, whose = hashes(start, end) * MIX + WORD_SALT, owner[start]
    together = whose[1:] == whose[:-1]
    two = (one[:-1] * MIX + one[1:])[together]
    return np.concatenate([whose, whose[1:][together]]), np.concatenate([one, two])


def _weighted(n: int, owner: Places, key: Hashes) -> Matrix:
    """Counts of each text's buckets, dampened to 1 + log(count), rows of length one."""
    mixed = key * MIX
    bucket = ((mixed ^ (mixed >> np.uint64(33))) * WORD_SALT >> np.uint64(46)).astype(np.int64)
    cell, count = np.unique(owner * BUCKETS + bucket, return_counts=True)
    return _normed(_csr(n, cell // BUCKETS, cell % BUCKETS, 1 + np.log(count)))


def _csr(n: int, row: Places, bucket: Places, value: npt.NDArray[Any]) -> Matrix:
    from scipy import sparse

    starts = np.searchsorted(row, np.arange(n + 1))
    made = sparse.csr_matrix((value.astype(np.float32), bucket, starts), shape=(n, BUCKETS))
    made.has_sorted_indices = True
    return made


def _normed(rows: Matrix) -> Matrix:
    length = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    rows.data /= np.repeat(np.maximum(length, 1e-9), np.diff(rows.indptr)).astype(np.float32)
    return rows
