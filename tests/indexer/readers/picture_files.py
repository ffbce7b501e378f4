"""Pictures of text, and of none."""

from __future__ import annotations

from functools import cache
from io import BytesIO

from PIL import Image

from benchmarks.ocr import SAME_TEXT, pictures

STARTS = ("第九百八十九条本编调整因人格权", "第九百九十条人格权是民事主体享")  # of the lines of `scan`
LONG = "自然人的生命权、身体权、健康权受到侵害的，负有法定救助义务的组织应当及时施救。"


@cache
def scan() -> Image.Image:
    """The beginnings of two lines, cut out of a page."""
    paper = Image.new("RGB", (520, 160), "white")
    paper.paste(pictures(SAME_TEXT)[0].crop((60, 95, 480, 182)), (40, 36))
    return paper


def photo(width: int = 400, height: int = 300) -> Image.Image:
    return Image.new("RGB", (width, height), "teal")


def png(image: Image.Image) -> bytes:
    made = BytesIO()
    image.save(made, "PNG")
    return made.getvalue()
