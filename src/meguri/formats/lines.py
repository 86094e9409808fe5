"""Lines of text out of bytes: bounded, decoded strictly, with an error that names the row and the likely encoding."""

import codecs
import io
from collections.abc import Iterator
from typing import IO

from meguri.formats.base import MEGABYTE, ReadOptions
from meguri.kit.errors import Invalid

_SAMPLE = 65_536
_SUPERSETS = {"shift_jis": "cp932", "iso8859-1": "cp1252", "gb2312": "gb18030"}


class Lines:
    """An iterator over the lines of a file; `row` is the place that errors name.

    A consumer whose records span several lines (CSV) sets `row` itself and calls `fresh` at each record, so that
    the limit holds for the record.
    """

    def __init__(self, source: IO[bytes], options: ReadOptions) -> None:
        self.encoding = checked_encoding(options.encoding)
        wide = self.encoding.startswith("utf-16")
        self._source: IO[bytes] = io.BufferedReader(_Utf8(source)) if wide else source  # type: ignore[type-var]
        self._codec = "utf-8" if wide else self.encoding
        self._limit = options.max_row
        self._left = options.max_row
        self._first = True
        self.row = 1

    def fresh(self) -> None:
        """A new record begins."""
        self._left = self._limit

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        raw = self._source.readline(self._left + 1)
        if not raw:
            raise StopIteration
        if len(raw) > self._left:
            raise row_too_long(self.row, self._limit)
        self._left -= len(raw)
        if self._first:
            self._first = False
            raw = self._without_mark(raw)
        try:
            return raw.decode(self._codec)
        except UnicodeDecodeError as error:
            raise self._undecodable(raw, error) from None

    def _without_mark(self, raw: bytes) -> bytes:
        if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise _wrong_encoding(self.row, 1, self.encoding, "utf-16")
        return raw.removeprefix(codecs.BOM_UTF8) if self._codec == "utf-8" else raw

    def _undecodable(self, raw: bytes, error: UnicodeDecodeError) -> Invalid:
        likely = guess_encoding(raw + self._source.read(_SAMPLE), self.encoding)
        return _wrong_encoding(self.row, error.start + 1, self.encoding, likely)


def row_too_long(row: int, limit: int) -> Invalid:
    """The error of a row that no memory should hold."""
    problem = (
        f"The row is longer than {limit / MEGABYTE:g} MB. Shorten it, send large content as a file of its own, or "
        "check whether a quotation mark is never closed."
    )
    place = {"row": row, "problem": problem, "code": "formats.row_too_long"}
    return Invalid(f"Row {row}: {problem}", code="formats.row_too_long", where=[place], row=row, limit=limit)


def checked_encoding(name: str) -> str:
    """The codec's own name; Shift_JIS and its like are read as the wider code page that programs really write."""
    try:
        codec = codecs.lookup(name)
        " ".encode(name)  # refuses codecs that are no encodings of text, such as zip
    except (LookupError, ValueError, UnicodeError):
        raise Invalid(
            f"There is no encoding named {name!r}; common ones are utf-8, cp932 (Shift_JIS), euc_jp, utf-16.",
            code="formats.no_encoding",
            encoding=name,
        ) from None
    return _SUPERSETS.get(codec.name, codec.name)


def guess_encoding(sample: bytes, besides: str = "utf-8") -> str | None:
    """The encoding that a piece of text most likely has, if it is not the one named `besides`.

    Japanese code pages overlap; the one in which more characters are kana or common kanji wins.
    """
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = sample[:_SAMPLE]
    whole = sample[: sample.rfind(b"\n") + 1] or sample
    scored = [(score, name) for name in ("utf-8", "cp932", "euc_jp") if (score := _japanese(whole, name)) is not None]
    best = max((pair for pair in scored if pair[1] != besides and pair[0] > 0), default=None)
    if best is not None:
        return best[1]
    return "cp1252" if besides == "utf-8" and b"\0" not in whole else None


def _japanese(sample: bytes, encoding: str) -> int | None:
    """Kana and kanji in the sample less half-width kana; None where it is not of this encoding."""
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError:
        return None
    full = sum("぀" <= c <= "ヿ" or "一" <= c <= "鿿" for c in text)
    return full - sum("｡" <= c <= "ﾟ" for c in text)


def _wrong_encoding(row: int, byte: int, tried: str, likely: str | None) -> Invalid:
    told = f"Byte {byte} of the row is not {tried}."
    if likely == "cp1252":
        mend = "Save the file as UTF-8, or name its encoding with `encoding=` (cp1252 for Western European files)."
    elif likely:
        shown = "Shift_JIS (cp932)" if likely == "cp932" else likely
        mend = f"The file looks like {shown}: send it again with `encoding={likely}`, or save it as UTF-8."
    else:
        mend = "Save the file as UTF-8, or name its encoding with `encoding=`."
    params = {"row": row, "byte": byte, "encoding": tried, "likely": likely}
    place = {"row": row, "problem": f"{told} {mend}", "code": "formats.encoding", "params": params}
    return Invalid(f"Row {row}: {told} {mend}", code="formats.encoding", where=[place], **params)


class _Utf8(io.RawIOBase):
    """UTF-16 seen as UTF-8: only there do lines end with one byte."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._decoder = codecs.getincrementaldecoder("utf-16")()
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, target: bytearray) -> int:  # type: ignore[override]
        while not self._ready:
            chunk = self._source.read(_SAMPLE)
            self._ready = self._decoded(chunk)
            if not chunk and not self._ready:
                return 0
        piece, self._ready = self._ready[: len(target)], self._ready[len(target) :]
        target[: len(piece)] = piece
        return len(piece)

    def _decoded(self, chunk: bytes) -> bytes:
        try:
            return self._decoder.decode(chunk, final=not chunk).encode()
        except UnicodeError:
            raise _wrong_encoding(1, 1, "utf-16", None) from None


def numbered(source: IO[bytes], options: ReadOptions) -> Iterator[tuple[int, str]]:
    """`(line number, line)` of every line that is not blank."""
    lines = Lines(source, options)
    for number, line in enumerate(lines, start=1):
        lines.row = number + 1
        lines.fresh()
        if line.strip():
            yield number, line
