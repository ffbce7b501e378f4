from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

from indexer.errors import CharsetError
from indexer.readers.charset import decode
from indexer.readers.plausibility import frequent_han
from indexer.script import traditional

ENCODINGS = Path(__file__).parents[2] / "data" / "encodings"
SAMPLE = Path("sample.txt")
SAMPLES = Path(__file__).parents[3] / "data" / "samples"
CASES = 100
WORDS = ("，", "。", "\n", " API ", "2026", "（一）", " TiDB v8.5 ")


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


@pytest.mark.parametrize("codec", ["gb18030", "big5"])
@pytest.mark.parametrize("at", [800, 801])
def test_a_damaged_byte_does_not_put_the_rest_of_its_line_out_of_step(codec, at):
    text = traditional(twin()) if codec == "big5" else twin()
    text = "".join(char for char in text if encodable(char, codec))[:1000].replace("\n", "")
    data = bytearray(text.encode(codec))
    data[at] = 0xFF
    decoded = decode(bytes(data), SAMPLE)
    assert decoded.text[:390] == text[:390] and decoded.text[-400:] == text[-400:]
    assert [problem.kind for problem in decoded.problems] == ["bytes_replaced"]


@pytest.mark.parametrize("codec", ["big5hkscs", "utf-8", "gb18030"])
@pytest.mark.parametrize(
    "text",
    [
        "佢哋喺嗰度嘅嘢冇晒，啲人咁嚟咁走，你估咩嚟㗎？我哋唔知喎，睇怕佢攞咗去畀嗰啲細路囉。",
        "嗌佢咪喐嗰啲嘢啦，佢瞓咗喺梳化度，嘥晒啲餸。噉咪冇囉，嗰嚿嘢揸唔實㗎嘛，跌咗落嚟啩。",
    ],
)
def test_cantonese_is_recognised(text, codec):
    assert decode(text.encode(codec), SAMPLE).text == text


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "gb18030", "utf-8"])
@pytest.mark.parametrize(
    "text",
    [
        "매도인은 매수인에게 목적물을 인도하고 매수인은 대금을 지급하여야 한다. 계약은 합의로 성립한다.",
        "Bên bán phải giao tài sản, bên mua phải trả tiền đúng thời hạn đã thoả thuận trong hợp đồng.",
    ],
    ids=["korean", "vietnamese"],
)
def test_text_of_the_neighbours_is_recognised(text, codec):
    assert decode(text.encode(codec), SAMPLE).text == text


def test_many_damaged_bytes_are_refused():
    data = bytearray(twin().encode("utf-8"))
    data[::50] = b"\xff" * len(data[::50])
    with pytest.raises(CharsetError, match=r"name its charset with --encoding.* or save it as UTF-8"):
        decode(bytes(data), SAMPLE)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "a PNG image"),
        (b"\0" * 100, "control characters"),
        (random.Random(7).randbytes(5000), "no charset"),
        ("Все люди рождаются свободными и равными".encode("cp1251"), "no charset"),
        ("日本国民は、正当に選挙された国会における代表者を通じて行動し".encode("shift_jis"), "no charset"),
    ],
    ids=["image", "zeros", "noise", "cyrillic", "shift-jis"],
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
        ("刘䶮", "gb18030", "gb18030"),
        ("䶮", "gb18030", "gb18030"),
        ("Name: 𫖯 <a@example.cn>", "gb18030", "gb18030"),
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


@pytest.mark.parametrize("codec", ["gb18030", "big5"])
def test_one_name_behind_a_long_english_text_is_read(codec):
    text = "The quick brown fox.\n" * 20_000 + "by 李小明\n"
    assert decode(text.encode(codec), SAMPLE).text == text


def test_one_accent_in_a_long_text_does_not_hide_the_charset_of_the_rest():
    text = "x = 1\n" * 100_000
    data = "naïve\n".encode() + text.encode() + twin().encode("gb18030")
    assert decode(data, SAMPLE).text.endswith(text + twin())


@pytest.mark.parametrize("codec", ["utf-32-le", "utf-32-be"])
def test_utf32_is_known_by_its_mark(codec):
    decoded = decode(("\ufeff" + twin()).encode(codec), SAMPLE)
    assert (decoded.text, decoded.charset) == (twin(), codec)


@pytest.mark.parametrize(
    "text",
    [
        "The café is open every day until nine, we think.",
        "Les représentants du peuple français, à l'école",
        "Author: J. Müller\nAll rights reserved.",
        "Fréchet, Gödel and Ångström met in Göteborg.",
        "It’s a “good” day – don’t you think so?",
        "Temp 20 °C, © 2020 Foo, 5 µm",
    ],
)
def test_an_accent_in_a_latin_text_becomes_no_han(text):
    decoded = decode(text.encode("cp1252"), SAMPLE)
    assert (decoded.text, decoded.charset) == (text, "cp1252")


@pytest.mark.parametrize(
    ("own", "pasted"), [("utf-8", "gb18030"), ("utf-8", "big5"), ("gb18030", "utf-8"), ("utf-8-sig", "gbk")]
)
def test_a_paragraph_pasted_in_another_charset_is_read_in_its_own(own, pasted):
    lines = [
        "死者的姓名、肖像、名譽受到侵害的，其配偶有權請求。\n",
        "第九百九十一条　民事主体的人格权受法律保护。\n",
    ]
    foreign = lines[pasted != "big5"]
    before = twin() + "\n"
    data = before.encode(own) + foreign.encode(pasted) + twin().encode(own.removesuffix("-sig"))
    decoded = decode(data, SAMPLE)
    assert decoded.text == before + foreign + twin()
    (problem,) = decoded.problems
    assert (problem.kind, problem.lost) == ("repaired", False)
    assert "1 in " in problem.reason


def test_a_short_text_with_one_damaged_byte_is_read_but_for_that():
    text = "人格权是民事主体享有的生命权、身体权、健康权等权利。"
    data = bytearray(text.encode())
    data[30] = 0xFF
    decoded = decode(bytes(data), SAMPLE)
    assert decoded.text.startswith(text[:10]) and decoded.text.endswith(text[11:])
    assert [problem.kind for problem in decoded.problems] == ["bytes_replaced"]


def test_no_bytes_are_an_empty_text():
    assert decode(b"", SAMPLE).text == ""


CODECS = ["utf-8", "gb18030", "gbk", "big5", "big5hkscs", "utf-16-le", "utf-16-be"]


def drawn(script: int, codec: str, between: Sequence[str], seed: int) -> Iterator[str]:
    """Han by their frequency in written text, 50 to 200 characters, with other things between."""
    source = random.Random(seed)
    ranked = [(rank, char) for rank, char in enumerate(frequent_han()[script]) if encodable(char, codec)]
    weights = [math.exp(-rank / 1000) / (rank + 5) ** 0.62 for rank, _ in ranked]
    for _ in range(CASES):
        length = source.randint(50, 200)
        characters = [char for _, char in source.choices(ranked, weights, k=length)]
        for _ in range(length // 10 if between else 0):
            characters.insert(source.randrange(length), source.choice(between))
        yield "".join(characters)


def windows(traditional_script: bool, codec: str, seed: int) -> Iterator[str]:
    """50 to 400 characters of statutes, classics and documentation."""
    source = random.Random(seed)
    files = sorted(file for kind in ("laws", "classics", "d2l", "vue") for file in (SAMPLES / kind).iterdir())
    texts = [file.read_text(encoding="utf-8") for file in source.sample(files, 25)]
    if traditional_script:
        texts = [traditional(text) for text in texts]
    texts = ["".join(char for char in text if encodable(char, codec)) for text in texts]
    made = 0
    while made < CASES:
        text = source.choice(texts)
        start, length = source.randrange(len(text)), source.randint(50, 400)
        window = text[start : start + length]
        if sum("\u4e00" <= char <= "\u9fff" for char in window) >= 25:
            made += 1
            yield window


@cache
def encodable(char: str, codec: str) -> bool:
    try:
        char.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


@pytest.mark.parametrize("between", [(), WORDS], ids=["han", "mixed"])
@pytest.mark.parametrize("script", [0, 1], ids=["simplified", "traditional"])
@pytest.mark.parametrize("codec", CODECS)
def test_random_chinese_is_recognised_in_every_charset(codec, script, between):
    assert recognised(drawn(script, codec, between, seed=20261123), codec) >= 0.995


@pytest.mark.parametrize("codec", CODECS)
def test_any_part_of_a_document_is_recognised_in_every_charset(codec):
    assert recognised(windows(codec.startswith("big5"), codec, seed=20261123), codec) >= 0.995


def recognised(texts: Iterable[str], codec: str) -> float:
    """The share that comes back equal."""
    right = [decode(text.encode(codec), SAMPLE).text == text for text in texts]
    return sum(right) / len(right)
