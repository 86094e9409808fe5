"""The gallery of modalities: one file for each kind of data."""

from meguri.data.modalities.base import Modality, modalities

__all__ = ["Modality", "modalities"]
