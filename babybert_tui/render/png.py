"""A scene as PNG, painted with Pillow, which is imported only when a PNG is asked for."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from babybert_tui.render.ramp import paper_ramp
from babybert_tui.render.scene import PAPER, Box, HeatMap, Scene, Words

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

_SCALE = 2.0  # pixels of the file for one of the scene, for sharp text
_MOST_PIXELS = 60_000_000
# Monospaced fonts that come with the three systems; Pillow finds them by name.
_REGULAR = ("DejaVuSansMono.ttf", "Menlo.ttc", "consola.ttf", "LiberationMono-Regular.ttf")
_BOLD = ("DejaVuSansMono-Bold.ttf", "Menlo.ttc", "consolab.ttf", "LiberationMono-Bold.ttf")
# For letters that those lack: Chinese, Japanese and Korean.
_EAST_ASIAN = re.compile("[\u2e80-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_WIDE = ("NotoSansCJK-Regular.ttc", "NotoSansMonoCJK-Regular.otf", "PingFang.ttc", "msgothic.ttc", "unifont.ttf")


def write_png(scene: Scene, file: BinaryIO) -> None:
    """Paints the scene at twice its size, or smaller where that would be more than 60 million pixels."""
    from PIL import Image, ImageDraw

    scale = min(_SCALE, (_MOST_PIXELS / (scene.width * scene.height)) ** 0.5)
    image = Image.new("RGB", (round(scene.width * scale), round(scene.height * scale)), PAPER)
    canvas = ImageDraw.Draw(image)
    for item in scene.items:
        if isinstance(item, Box):
            _paint_box(canvas, item, scale)
        elif isinstance(item, Words):
            _paint_words(image, item, scale)
        else:
            _paint_map(image, item, scale)
    image.save(file, format="PNG", optimize=False)


def _paint_box(canvas: ImageDraw.ImageDraw, box: Box, scale: float) -> None:
    corners = (box.x * scale, box.y * scale, (box.x + box.width) * scale - 1, (box.y + box.height) * scale - 1)
    canvas.rounded_rectangle(corners, radius=box.radius * scale, fill=box.fill)


def _paint_map(image: Image.Image, item: HeatMap, scale: float) -> None:
    from PIL import Image

    rows, columns = item.steps.shape
    colours = np.array(paper_ramp(), dtype=np.uint8)[item.steps]
    size = (max(1, round(columns * item.cell * scale)), max(1, round(rows * item.cell * scale)))
    # Box averages where a cell is smaller than a pixel; where it is larger, cells keep hard edges.
    method = Image.Resampling.NEAREST if item.cell * scale >= 1 else Image.Resampling.BOX
    image.paste(Image.fromarray(colours).resize(size, method), (round(item.x * scale), round(item.y * scale)))


def _paint_words(image: Image.Image, words: Words, scale: float) -> None:
    from PIL import Image, ImageDraw

    font = _font(max(1, round(words.size * scale)), words.bold, bool(_EAST_ASIAN.search(words.text)))
    anchor = {"start": "ls", "middle": "ms", "end": "rs"}[words.anchor]
    if not words.upright:
        ImageDraw.Draw(image).text((words.x * scale, words.y * scale), words.text, words.fill, font, anchor)
        return
    left, top, right, bottom = font.getbbox(words.text, anchor="ls")
    mask = Image.new("L", (max(1, round(right - left)), max(1, round(bottom - top))))
    ImageDraw.Draw(mask).text((-left, -top), words.text, 255, font, "ls")
    turned = mask.rotate(90, expand=True)
    place = (round(words.x * scale + top), round(words.y * scale - right))
    image.paste(Image.new("RGB", turned.size, words.fill), place, turned)


@lru_cache(maxsize=64)
def _font(size: int, bold: bool, wide: bool) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:  # noqa: FBT001
    """A system font, or the small one that Pillow carries."""
    from PIL import ImageFont

    for name in (*(_WIDE if wide else ()), *(_BOLD if bold else _REGULAR)):
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)
