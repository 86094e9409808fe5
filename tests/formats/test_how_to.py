"""The format in `docs/how-to/add-a-format.md` works as it stands there."""

import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs/how-to/add-a-format.md"

TRIED = """
import io
from meguri.formats.base import Problem, ReadOptions, recognise
content = b"__label__sport What a match!\\nno mark here\\n"
member = recognise("anything", content)
assert member.name == "marked", member
rows = list(member.read(io.BytesIO(content), ReadOptions()))
assert (rows[0].text, rows[0].label) == ("What a match!", "sport")
assert isinstance(rows[1], Problem) and rows[1].row == 2
assert recognise("a.csv", b"text").name == "csv"
"""


def test_the_format_of_the_page_is_found_and_reads() -> None:
    code = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S)[0]
    done = subprocess.run([sys.executable, "-c", code + TRIED], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
