"""Text: UTF-8, kept in the database."""

from typing import Any

from meguri.data.modalities.base import Modality, modalities
from meguri.kit.errors import Invalid


@modalities.register
class Text(Modality):
    """Plain text of any language."""

    name = "text"
    inline = True

    def sniff(self, content: bytes) -> str | None:
        try:
            content.decode()
        except UnicodeDecodeError:
            return None
        return None if b"\0" in content else "text/plain"

    def describe(self, content: bytes) -> dict[str, Any]:
        """`length` in characters."""
        if b"\0" in content:
            raise Invalid("The text holds a NUL character; remove it.", code="data.text_nul")
        try:
            text = content.decode()
        except UnicodeDecodeError as error:
            raise Invalid(
                f"Byte {error.start + 1} is not UTF-8; save the text as UTF-8.", code="data.text_encoding"
            ) from None
        if not text.strip():
            raise Invalid("The text is empty; give it some content or leave the row out.", code="data.text_empty")
        return {"length": len(text)}

    def example(self) -> bytes:
        return "A small text, 小さな文。".encode()
