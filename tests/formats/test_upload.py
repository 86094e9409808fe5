"""A body goes to disk piece by piece, and one that is too long is refused while it arrives."""

import asyncio
import random
import tracemalloc
from collections.abc import AsyncIterator

import pytest

from meguri.formats.upload import Upload, receive
from meguri.kit.errors import Invalid

FORM = "multipart/form-data; boundary=cut"


def taken(chunks: AsyncIterator[bytes], kind: str, max_row: int = 1 << 20) -> Upload:
    return asyncio.run(receive(chunks, kind, max_row=max_row))


async def pieces(content: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


def form(files: dict[str, bytes], **fields: str) -> bytes:
    parts = [f'--cut\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in fields.items()]
    for name, content in files.items():
        head = f'--cut\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
        parts.append(head.encode() + content + b"\r\n")
    return b"".join(parts) + b"--cut--\r\n"


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_files_and_fields_arrive_however_the_body_is_cut(size: int) -> None:
    files = {"a/ä.txt": b"hello", "empty": b"", "b.bin": random.Random(1).randbytes(9_000) + b"\r\n--cu"}
    upload = taken(pieces(form(files, question="topic"), size), FORM)
    assert upload.fields == {"question": "topic"}
    assert {part.name: upload.open(part).read() for part in upload.parts} == files
    with upload.open(upload.parts[2]) as source:
        source.seek(-4, 2)
        assert source.read(100) == b"--cu"
        source.seek(3)
        assert source.read(2) == files["b.bin"][3:5]
    upload.close()


def test_a_line_of_200_megabytes_is_refused_before_it_has_arrived() -> None:
    sent = 0

    async def line() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'{"text": "fine"}\n{"text": "'
        while sent < 200 << 20:
            sent += 1 << 16
            yield b"x" * (1 << 16)

    tracemalloc.start()
    with pytest.raises(Invalid) as problem:
        taken(line(), "application/x-ndjson")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert problem.value.where[0]["row"] == 2
    assert sent < 2 << 20
    assert peak < 8 << 20


def test_thousands_of_files_need_no_more_memory_than_one() -> None:
    async def many() -> AsyncIterator[bytes]:
        for i in range(2_000):
            head = f'--cut\r\nContent-Disposition: form-data; name="f"; filename="{i}"\r\n\r\n'
            yield head.encode() + bytes(20_000) + b"\r\n"
        yield b"--cut--\r\n"

    tracemalloc.start()
    upload = taken(many(), FORM)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(upload.parts) == 2_000
    assert peak < 12 << 20  # 40 MB came
    upload.close()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"rubbish", FORM),
        (form({"a": b"x"})[:-8], FORM),
        (form({}, question="x" * 70_000), FORM),
        (form({"a": b"x"}), "multipart/form-data"),
    ],
)
def test_a_damaged_form_is_refused(content: bytes, kind: str) -> None:
    with pytest.raises(Invalid) as problem:
        taken(pieces(content, 1_000), kind)
    assert problem.value.code == "formats.multipart"
