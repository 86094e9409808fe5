"""The promises of every modality, and what images are spared."""

import io

import pytest
from PIL import Image

from meguri.data.modalities import modalities
from meguri.kit.errors import Invalid


@pytest.mark.parametrize("name", list(modalities))
def test_every_modality_knows_its_example_and_no_other(name: str) -> None:
    modality = modalities[name]
    example = modality.example()
    assert modality.sniff(example)
    assert modality.describe(example)
    assert not any(other.sniff(example) for other in modalities.values() if other.name != name)


@pytest.mark.parametrize("name", list(modalities))
def test_every_modality_refuses_what_it_does_not_know(name: str) -> None:
    for content in (b"", b"\0\xff\0\xff", b"\xff\xd8\xff"):
        with pytest.raises(Invalid):
            modalities[name].describe(content)


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()


def turned() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
def test_pictures_of_every_mode_stand_upright(mode: str) -> None:
    content = saved(Image.new(mode, (90, 60)), "JPEG" if mode == "CMYK" else "PNG", exif=turned())
    image = modalities["image"]
    assert image.describe(content) == {"width": 60, "height": 90}
    small = image.thumbnail(content, 30)
    assert small is not None
    assert Image.open(io.BytesIO(small)).size == (20, 30)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_half_a_picture_is_refused(kind: str) -> None:
    content = saved(Image.effect_noise((64, 48), 60).convert("RGB"), kind)
    assert modalities["image"].describe(content) == {"width": 64, "height": 48}
    with pytest.raises(Invalid) as problem:
        modalities["image"].describe(content[: len(content) // 2])
    assert problem.value.code == "data.image_broken"


def test_a_small_file_that_would_unpack_to_gigabytes_is_refused() -> None:
    bomb = saved(Image.new("1", (20_000, 20_000)), "PNG")
    assert len(bomb) < 100_000
    for work in (modalities["image"].describe, lambda content: modalities["image"].thumbnail(content, 64)):
        with pytest.raises(Invalid) as problem:
            work(bomb)
        assert problem.value.code == "data.image_too_large"
