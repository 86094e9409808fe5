"""The promises of every format: what is written is read back, and bad input is told by its row with its mend."""

import contextlib
import io
import json
import random
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.annotation.model import LabelSchema
from meguri.data.model import Item
from meguri.formats.base import Format, Label, Problem, ReadOptions, Record, Row, Target, formats, recognise
from meguri.formats.labels import answers_of
from meguri.formats.lines import guess_encoding
from meguri.kit.errors import Invalid

OPTIONS = ReadOptions(name="x", max_row=20_000, max_item=50_000, max_total=1_000_000)
SCHEMA = LabelSchema.from_json([{"name": "topic", "type": "choice", "options": ["sport", "politics"]}])


def read(member: str, content: bytes, **options: Any) -> list[Row | Problem]:
    return list(formats[member].read(io.BytesIO(content), replace(OPTIONS, **options)))


def refused(member: str, content: bytes, **options: Any) -> Invalid:
    with pytest.raises(Invalid) as problem:
        read(member, content, **options)
    return problem.value


def zipped(files: dict[str, bytes], **attributes: Any) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            for attribute, value in attributes.items():
                setattr(info, attribute, value)
            archive.writestr(info, content)
    return target.getvalue()


def record(number: int, text: str, label: str | None) -> Record:
    item = Item(
        number, 1, f"k{number}", "h", "text", "train", number % 2 == 0, text, None, "text/plain", 1, {}, {"n": 1}, 0
    )
    labels = {} if label is None else {"topic": Label(label, 0.75, 3, label)}
    answer = {"person": 7, "answers": {"topic": label}, "seconds": 1.5, "at": 0, "reason": "selection"}
    return Record(item, labels, [answer] if label else [])


def write(member: Format, records: list[Record]) -> bytes:
    target = Target(SCHEMA.questions, lambda item: (item.text or "").encode())
    return b"".join(member.write(records, target))


BOTH_WAYS = [name for name, member in formats.items() if member.reads and member.writes]


@pytest.mark.parametrize("name", BOTH_WAYS)
def test_what_is_written_is_read_back(name: str) -> None:
    records = [record(1, "plain", "sport"), record(2, 'a, "b"\nc\t日本語', None), record(3, "=1+1", "politics")]
    content = write(formats[name], records)
    assert recognise(f"export{formats[name].suffix}", content[:1024]) is formats[name]
    rows = read(name, content, known_labels=frozenset({"sport", "politics"}))
    assert [row.text or (row.content or b"").decode() for row in rows] == [one.item.text for one in records]
    labels = [row.label.get("topic") if isinstance(row.label, dict) else row.label for row in rows]
    assert [label if label in ("sport", "politics") else None for label in labels] == ["sport", None, "politics"]
    if name != "folder":
        assert [(row.key, row.gold, row.meta) for row in rows] == [
            (one.item.key, one.item.gold, one.item.meta) for one in records
        ]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40), max_size=5))
def test_any_text_survives_a_table_and_json_lines(texts: list[str]) -> None:
    kept = [text for text in texts if text.strip()]
    for name in ("csv", "jsonl"):
        rows = read(name, write(formats[name], [record(i, text, "sport") for i, text in enumerate(kept)]))
        assert [row.text for row in rows if isinstance(row, Row)] == kept


@given(st.binary(max_size=300), st.sampled_from(list(formats)))
def test_rubbish_is_refused_and_never_breaks_the_reader(rubbish: bytes, name: str) -> None:
    if not formats[name].reads:
        return
    with contextlib.suppress(Invalid):
        read(name, rubbish)


def test_a_table_takes_its_columns_by_name_and_keeps_the_rest_as_meta() -> None:
    rows = read("csv", "id,本文,分類,店\n7,こんにちは,sport,東京\n\n8,さようなら,,\n".encode())
    assert rows == [
        Row(2, text="こんにちは", key="7", meta={"店": "東京"}, label="sport", file="x"),
        Row(4, text="さようなら", key="8", meta={}, label=None, file="x"),
    ]


def test_columns_named_like_questions_are_labels_where_no_label_column_is_known() -> None:
    content = b"text,topic,tone,shop\na,sport,,x\nb,,,\n"
    rows = read("csv", content, questions=("topic", "tone"))
    assert [row.label for row in rows] == [{"topic": "sport"}, None]
    assert rows[0].meta == {"shop": "x"}
    assert [row.label for row in read("csv", content, questions=("topic",), label_column="shop")] == ["x", None]


def test_rows_of_the_contract_stay_so_when_their_own_columns_are_named() -> None:
    line = json.dumps({"text": "a", "key": "k", "label": "x", "meta": {"n": 1}}).encode()
    plain = read("jsonl", line)
    assert plain == read("jsonl", line, text_column="text", label_column="label", key_column="key")
    other = read("jsonl", b'{"text": "a", "stars": 5, "note": "x"}', text_column="text", label_column="stars")
    assert other == [Row(1, text="a", label=5, meta={"note": "x"}, file="x")]


def test_a_missing_column_is_told_with_those_there_are() -> None:
    error = refused("csv", b"id,words\n1,hello\n", text_column="body")
    assert (error.code, error.params["columns"]) == ("formats.no_column", ["id", "words"])
    assert "id, words" in error.detail and error.where[0]["row"] == 1
    assert refused("csv", b"id,words\n1,hello\n").code == "formats.no_column"
    assert refused("csv", b"text\nx\n", label_column="label").params["column"] == "label"


def test_ragged_rows_are_all_told_and_the_others_read() -> None:
    rows = read("csv", b"text,label\na,b\nc\nd,e,f\ng,h\n")
    assert [(row.number if isinstance(row, Row) else row.row) for row in rows] == [2, 3, 4, 5]
    assert [type(row) for row in rows] == [Row, Problem, Problem, Row]
    assert "2 columns" in rows[1].problem


def test_a_quotation_mark_that_is_never_closed_is_told() -> None:
    assert refused("csv", b'text\n"a\nb\nc\n').code == "formats.not_csv"
    assert refused("csv", b'text\nok\n"a"b\n').where[0]["row"] == 3
    assert refused("csv", b'text\nok\n"' + b"x,\n" * 20_000).code == "formats.row_too_long"


@pytest.mark.parametrize("name", ["csv", "jsonl"])
def test_a_line_beyond_the_limit_is_not_read_into_memory(name: str) -> None:
    class Endless(io.RawIOBase):
        given = 0

        def readable(self) -> bool:
            return True

        def seekable(self) -> bool:
            return True

        def seek(self, offset: int, whence: int = 0) -> int:
            return 0

        def readinto(self, target: Any) -> int:
            start = b"text\n" if self.given == 0 and name == "csv" else b""
            target[:] = start + b"x" * (len(target) - len(start))
            self.given += len(target)
            return len(target)

    source = Endless()
    with pytest.raises(Invalid) as problem:
        list(formats[name].read(io.BufferedReader(source), OPTIONS))
    assert problem.value.code == "formats.row_too_long"
    assert source.given < 100_000


def test_wrong_encodings_are_told_with_row_byte_and_the_likely_one() -> None:
    content = "text,label\nこんにちは世界。これは文章です。,sport\n"
    for encoding in ("cp932", "euc_jp", "utf-16"):
        error = refused("csv", content.encode(encoding))
        assert (error.code, error.params["likely"]) == ("formats.encoding", encoding)
        assert f"encoding={encoding}" in error.detail
        assert [row.text for row in read("csv", content.encode(encoding), encoding=encoding)] == [
            "こんにちは世界。これは文章です。"
        ]
    error = refused("csv", b"text\nok\nab" + "ß\n".encode("cp1252"))
    assert (error.params["row"], error.params["byte"], error.params["likely"]) == (3, 3, "cp1252")
    assert refused("jsonl", b'{"text": "a"}\n{"text": "\xff"}\n').params["row"] == 2
    assert refused("jsonl", b'[{"text": "a"}, {"text": "\xff"}]').code == "formats.encoding"
    assert refused("csv", b"text\n", encoding="zip").code == "formats.no_encoding"
    assert guess_encoding("ﾊﾝｶｸ テスト 半角\n".encode("cp932")) == "cp932"


def test_a_byte_order_mark_is_no_part_of_the_first_column() -> None:
    assert [row.text for row in read("csv", "\ufefftext\nä\n".encode())] == ["ä"]
    assert [row.text for row in read("jsonl", '\ufeff{"text": "ä"}\n'.encode())] == ["ä"]
    assert [row.text for row in read("jsonl", '\ufeff[{"text": "ä"}]'.encode())] == ["ä"]


def test_separators_are_recognised() -> None:
    for mark in ",\t;":
        assert [row.label for row in read("csv", f"text{mark}label\na{mark}b\n".encode())] == ["b"]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("[1]", ""),
        ('"text"', ""),
        ("{}", "text"),
        ('{"text": "a", "url": "http://x"}', "text"),
        ('{"text": 5}', "text"),
        ('{"text": "a", "key": [1]}', "key"),
        ('{"text": "a", "meta": []}', "meta"),
        ('{"text": "a", "gold": "perhaps"}', "gold"),
        ('{"text": "a", "lable": "x"}', "lable"),
        ('{"data": "!!!"}', "data"),
        ("{", ""),
        ('{"text": NaN}', ""),
        ("[" * 100_00, ""),
    ],
)
def test_json_of_the_wrong_shape_is_told_by_row_and_field(line: str, field: str) -> None:
    good = '{"text": "good"}'
    rows = read("jsonl", f"{good}\n\n{line}\n{good}\n".encode())
    assert [type(row) for row in rows] == [Row, Problem, Row]
    assert (rows[1].row, rows[1].field) == (3, field)
    assert rows[1].problem


@pytest.mark.parametrize("content", [b"[1", b'[{"text": "a"} {', b"[,]", b"[] []", b'["a', b"[" + b'{"a":' * 5000])
def test_a_broken_list_is_refused(content: bytes) -> None:
    try:
        rows = read("jsonl", content)
    except Invalid as error:
        assert error.where[0]["row"]
    else:
        assert any(isinstance(row, Problem) for row in rows)


def test_a_list_is_read_in_pieces_wherever_they_end() -> None:
    values = [{"text": f"text {i} " + "ö" * (i % 700), "key": i} for i in range(1_000)]
    rows = read("jsonl", json.dumps(values, ensure_ascii=False, indent=1).encode())
    assert [row.text for row in rows] == [value["text"] for value in values]


def test_class_folders_give_labels_when_one_of_them_is_known() -> None:
    content = zipped({"data/cat/1.txt": b"a", "data/dog/1.txt": b"b", "__MACOSX/x": b"", "data/cat/.DS_Store": b"x"})
    known = frozenset({"cat"})
    assert [row.label for row in read("folder", content, known_labels=known)] == ["cat", "dog"]
    assert [row.label for row in read("folder", content)] == [None, None]
    assert [row.label for row in read("folder", content, folders="yes")] == ["cat", "dog"]
    assert [row.meta for row in read("folder", content)] == [{"file": "data/cat/1.txt"}, {"file": "data/dog/1.txt"}]


@pytest.mark.parametrize("path", ["../evil.txt", "/etc/passwd", "a/../../b.txt", "..\\evil.txt", "C:\\x.txt"])
def test_paths_that_lead_out_of_a_zip_are_refused(path: str) -> None:
    rows = read("folder", zipped({path: b"x", "fine.txt": b"y"}))
    assert [type(row) for row in rows] == [Problem, Row]


def test_links_in_a_zip_are_refused() -> None:
    rows = read("folder", zipped({"link": b"/etc/passwd"}, external_attr=(stat.S_IFLNK | 0o777) << 16))
    assert isinstance(rows[0], Problem)


def test_zip_bombs_are_refused_before_and_while_unpacking() -> None:
    assert refused("folder", zipped({f"{i}": bytes(400_000) for i in range(3)})).code == "formats.zip_too_large"
    rows = read("folder", zipped({"a": bytes(60_000)}))
    assert isinstance(rows[0], Problem) and rows[0].code == "data.too_large"
    lying = bytearray(zipped({"a": bytes(60_000)}))
    at = lying.index(b"PK\x01\x02") + 24  # the size that the directory claims
    lying[at : at + 4] = (10).to_bytes(4, "little")
    assert all(isinstance(row, Problem) or len(row.content or b"") <= 10 for row in read("folder", bytes(lying)))


def test_damaged_zips_are_told() -> None:
    content = zipped({"a.txt": random.Random(1).randbytes(500), "b.txt": b"fine"})
    assert refused("folder", content[: len(content) // 2]).code == "formats.zip_broken"
    broken = content.replace(content[40:50], b"\xff" * 10, 1)
    assert [type(row) for row in read("folder", broken)] == [Problem, Row]
    assert refused("folder", zipped({})).code == "formats.empty"


@pytest.mark.parametrize("name", ["csv", "folder"])
def test_empty_files_are_refused(name: str) -> None:
    assert refused(name, b"").code in ("formats.empty", "formats.zip_broken")


def test_a_file_of_no_bytes_and_one_too_large_are_told() -> None:
    assert [row.code for row in read("file", b"") if isinstance(row, Problem)] == ["data.empty"]
    assert [row.code for row in read("file", bytes(50_001)) if isinstance(row, Problem)] == ["data.too_large"]
    assert read("file", b"x", name="a/b.txt") == [Row(1, content=b"x", meta={"file": "a/b.txt"}, file="a/b.txt")]


def test_cells_that_a_spreadsheet_would_run_are_made_harmless() -> None:
    content = write(formats["csv"], [record(1, "=cmd|' /C calc'!A0", "sport"), record(2, "-12", None)]).decode()
    assert ",'=cmd|" in content
    assert ",-12," in content


def test_writers_give_bytes_before_they_have_read_everything() -> None:
    seen = 0

    def records() -> Iterator[Record]:
        nonlocal seen
        for number in range(100):
            seen += 1
            yield record(number, "text " * 100, "sport")

    for name in BOTH_WAYS:
        seen = 0
        pieces = formats[name].write(records(), Target(SCHEMA.questions, lambda item: b"x" * 500))
        next(pieces)
        next(pieces)
        assert seen <= 3


@pytest.mark.parametrize(("label", "answer"), [(7, "7"), (7.0, "7"), (" 7 ", "7"), ({"digit": 8}, "8")])
def test_a_class_may_be_called_by_a_number(label: object, answer: str) -> None:
    digits = LabelSchema.from_json([{"name": "digit", "type": "choice", "options": ["7", "8"]}])
    assert answers_of(digits, Row(1, text="a", label=label)) == {"digit": answer}
