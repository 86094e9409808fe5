"""One file, one item: a picture, or a text file as a whole."""

from collections.abc import Iterator
from typing import IO

from meguri.formats.base import MEGABYTE, Format, Problem, ReadOptions, Row, formats


@formats.register
class File(Format):
    """Any other file. Whether its content is of the project's kind is told by the bytes when it is added."""

    name = "file"
    reads = True
    many = False
    rank = 100

    def recognises(self, name: str, head: bytes) -> bool:
        return True

    def read(self, source: IO[bytes], options: ReadOptions) -> Iterator[Row | Problem]:
        yield file_row(source, 1, options.name, options)


def file_row(source: IO[bytes], number: int, name: str, options: ReadOptions) -> Row | Problem:
    """The whole file as one row; one that is too large is not read to its end."""
    content = source.read(options.max_item + 1)
    if len(content) > options.max_item:
        limit = f"{options.max_item / MEGABYTE:g}"
        return Problem(number, f"The file is larger than {limit} MB; make it smaller.", "data.too_large", "", name)
    if not content:
        return Problem(number, "The file is empty (0 bytes); leave it out or send it again.", "data.empty", "", name)
    return Row(number, content=content, meta={"file": name} if name else {}, file=name)
