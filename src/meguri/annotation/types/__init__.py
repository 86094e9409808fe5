"""The gallery of annotation types: one file per kind of answer. See docs/how-to/add-an-annotation-type.md."""
