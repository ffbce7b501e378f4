from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.errors import CharsetError
from indexer.readers.charset import decode
from indexer.readers.plausibility import frequent_han

ENCODINGS = Path(__file__).parents[2] / "data" / "encodings"
SAMPLE = Path("sample.txt")
CASES = 400


def twin() -> str:
    return (ENCODINGS / "minfadian_utf8_bom.txt").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("name", "charset"),
    [
        ("minfadian_utf8_bom.txt", "utf-8"),
        ("minfadian_gb18030.txt", "gb2312"),
        ("minfadian_gbk_crlf.txt", "gb2312"),
        ("minfadian_utf16le_bom.txt", "utf-16-le"),
        ("minfadian_utf16be_nobom.txt", "utf-16-be"),
    ],
)
def test_one_text_in_five_charsets_is_read_the_same(name, charset):
    decoded = decode((ENCODINGS / name).read_bytes(), SAMPLE)
    assert decoded.text == twin()
    assert decoded.charset == charset
    assert decoded.problems == ()


def test_big5_and_its_hong_kong_supplement_are_told_apart():
    big5 = decode((ENCODINGS / "tangshi_big5.txt").read_bytes(), SAMPLE)
    hkscs = decode((ENCODINGS / "tangshi_big5hkscs.txt").read_bytes(), SAMPLE)
    assert (big5.charset, hkscs.charset) == ("big5", "big5-hkscs")
    assert big5.text.startswith("欲出未出光辣達，千山萬山如火發。")
    assert hkscs.text == (ENCODINGS / "tangshi_big5hkscs.txt").read_bytes().decode("big5hkscs")


def test_han_outside_the_basic_plane_survive_in_gb18030():
    expected = (ENCODINGS / "rare_hanzi_ext_b_utf8.txt").read_text(encoding="utf-8")
    decoded = decode((ENCODINGS / "rare_hanzi_ext_b_gb18030.txt").read_bytes(), SAMPLE)
    assert decoded.text == expected
    assert "𧮒" in decoded.text
    assert decoded.charset == "gb18030"


def test_four_bytes_that_windows_takes_for_utf8_are_the_company_liantong():
    decoded = decode((ENCODINGS / "short_gbk.txt").read_bytes(), SAMPLE)
    assert decoded.text == "联通"
    assert decoded.charset == "gb2312"


def test_a_file_that_ends_at_a_character_has_no_problem():
    decoded = decode((ENCODINGS / "gb18030_truncated_midchar.txt").read_bytes(), SAMPLE)
    assert twin().startswith(decoded.text)
    assert decoded.problems == ()


@pytest.mark.parametrize(("codec", "kept_bytes"), [("gb18030", 3000), ("utf-8", 2999), ("utf-16-le", 3001)])
def test_a_text_cut_within_a_character_is_read_up_to_there(codec, kept_bytes):
    decoded = decode(twin().encode(codec)[:kept_bytes], SAMPLE)
    assert len(decoded.text) > 900
    assert twin().startswith(decoded.text)
    (problem,) = decoded.problems
    assert problem.lost
    assert "its last 1 byte is lost" in problem.reason


@pytest.mark.parametrize("codec", ["gb18030", "utf-8"])
def test_one_damaged_byte_costs_a_few_characters_and_is_reported(codec):
    data = bytearray(twin().encode(codec))
    data[1001] = 0xFF
    decoded = decode(bytes(data), SAMPLE)
    assert decoded.text[-5000:] == twin()[-5000:]
    assert "�" in decoded.text
    assert [problem.lost for problem in decoded.problems] == [True]
    assert codec in decoded.problems[0].reason


def test_many_damaged_bytes_are_refused():
    data = bytearray(twin().encode("utf-8"))
    data[::50] = b"\xff" * len(data[::50])
    with pytest.raises(CharsetError, match="save it as UTF-8"):
        decode(bytes(data), SAMPLE)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "a PNG image"),
        (b"\0" * 100, "control characters"),
        (random.Random(7).randbytes(5000), "no charset"),
        ("Les représentants du peuple français, à l'école".encode("cp1252"), "no charset"),
        ("日本国民は、正当に選挙された国会における代表者を通じて行動し".encode("shift_jis"), "no charset"),
    ],
    ids=["image", "zeros", "noise", "latin-1", "shift-jis"],
)
def test_what_is_no_chinese_text_is_refused_with_its_reason(data, reason):
    with pytest.raises(CharsetError, match=reason):
        decode(data, SAMPLE)


@pytest.mark.parametrize(
    ("text", "codec", "charset"),
    [
        ("Bush hid the facts", "ascii", "utf-8"),
        ("hello 世界", "gbk", "gb2312"),
        ("朱镕基", "gbk", "gbk"),
        ("中", "utf-8", "utf-8"),
        ("繁體中文", "big5", "big5"),
        ("🙂 naïve – café", "utf-8", "utf-8"),
        ("中文里有日本語のかな。", "utf-8", "utf-8"),
    ],
)
def test_short_texts(text, codec, charset):
    decoded = decode(text.encode(codec), SAMPLE)
    assert (decoded.text, decoded.charset) == (text, charset)


def test_newlines_are_unified_and_control_characters_go():
    rest = "人格权是民事主体享有的权利。" * 5
    data = f"甲\r\n乙\r丙\0丁\x07戊\t己\f庚{rest}".encode()
    assert decode(data, SAMPLE).text == f"甲\n乙\n丙丁戊\t己\n庚{rest}"


def test_a_long_ascii_beginning_does_not_hide_the_charset_of_the_rest():
    text = "x = 1\n" * 200_000 + twin()
    decoded = decode(text.encode("gb18030"), SAMPLE)
    assert decoded.text == text


def test_no_bytes_are_an_empty_text():
    assert decode(b"", SAMPLE).text == ""


def random_texts(script: int, codec: str, seed: int) -> Iterator[str]:
    """Han by their frequency, with punctuation and English words between, 50 to 200 characters."""
    source = random.Random(seed)
    han = [char for char in frequent_han()[script] if encodable(char, codec)]
    weights = [1 / (rank + 5) for rank in range(len(han))]
    words = ["，", "。", "\n", " API ", "2026", "（一）", " TiDB v8.5 "]
    for _ in range(CASES):
        length = source.randint(50, 200)
        characters = source.choices(han, weights, k=length)
        for _ in range(length // 10):
            characters.insert(source.randrange(length), source.choice(words))
        yield "".join(characters)


def encodable(char: str, codec: str) -> bool:
    try:
        char.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


@pytest.mark.parametrize("script", [0, 1], ids=["simplified", "traditional"])
@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "gbk", "big5", "big5hkscs", "utf-16-le", "utf-16-be"])
def test_random_chinese_is_recognised_in_every_charset(script, codec):
    texts = list(random_texts(script, codec, seed=20261123))
    right = sum(decode(text.encode(codec), SAMPLE).text == text for text in texts)
    assert right >= 0.995 * len(texts)
