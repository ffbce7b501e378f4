"""How plausible a string is as text that somebody wrote.

A unigram model: each character has a log-probability (natural logarithm, at most 0), so that
sums over the decodings of the same bytes can be compared although they differ in length. Han are
ranked by frequency in `han_frequency.txt`: one line simplified, one line traditional.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from functools import cache
from importlib import resources

# Of 27,500 passages of statutes, documentation, news, classics and titles of scientific papers
# the least plausible has -9.4. Pages of PDFs whose ToUnicode table is missing have -14.3 or less,
# Han shifted by some code points -11.4, GBK taken for Big5 -12.7.
MIN_MEAN = -9.8
_MIN_MEAN_SHORT = -13.0  # a file can hold two rare Han, such as a name, and nothing else
_SHORT = 20  # characters that are not ASCII
_MIN_SHARE = 0.15  # of the characters; below it they are the accents and symbols of a Latin text

_OTHER_HAN = -15.0  # the basic block has 21,000; the table holds those that occur in a few million
_RARE_HAN = -17.0  # extensions and compatibility ideographs
_UNUSUAL = -22.0  # nobody writes these: private use, unassigned, U+FFFD, controls
_OTHER_LETTER = -15.0  # scripts that a Chinese document hardly ever quotes

# Each stretch of Latin letters costs this once. Letters come in words: without it, one pair of
# letters is as likely as the one Han that UTF-16 makes of the same two bytes.
_LATIN_RUN = -2.0
_ACCENTED = "À-ÖØ-Ýß-öø-ýÿŒœŠšŽžŸ"  # not þ, whose byte begins rare Han in GBK
_LATIN = re.compile(rf"[A-Za-z{_ACCENTED}]+")
# A lone accented letter in a word, or a sign at a number, is less of a surprise than elsewhere. The
# two bytes of a Han are never lone, so this tells café from 閏 in Fr閏het.
_IN_LATIN = 5.0
_AT_HOME = re.compile(  # the class comes first since almost no character is in it
    rf"[{_ACCENTED}°±²³µ½×£§©](?:(?<=[A-Za-z][{_ACCENTED}])(?![^\x00-\x7f])"
    rf"|(?<=[{_ACCENTED}])(?<![^\x00-\x7f].)(?=[A-Za-z])"
    r"|(?<=[0-9a-z ][°±²³µ½×])(?![^\x00-\x7f])|(?<=[£§©±])(?<![^\x00-\x7f].)(?= ?[0-9]))"
)

_FOREIGN_WORD = re.compile(
    "[\u0370-\u03ff]{4,}|[\u0400-\u052f]{4,}|[\u0530-\u1cff]{4,}"
    "|(?<=[A-Za-z])[\u00c0-\u024f\u1e00-\u1eff]+|[\u00c0-\u024f\u1e00-\u1eff]+(?=[A-Za-z])"
)
_HANGUL = re.compile("[\uac00-\ud7a3]")
_KOREAN_WORD = re.compile("[\uac00-\ud7a3]{2,}")
# Of the syllables of Korean text these are .33 to .64, of GBK or Big5 that is read as UTF-16 .02 at most.
_FREQUENT_HANGUL = frozenset(
    "이다는의에을가고하지로어기한은사를자리그인해나대시있도아과수일제스라보들서전정장면만부것여게원상주"
)
_MIN_FREQUENT_HANGUL = 0.2

_FREQUENT = {"，": -3.0, "。": -3.6, "、": -4.5, "\n": -4.0, " ": -4.0, "\u3000": -5.0, "\t": -6.0}
# Han that are common where they occur at all, and of which the table has none or counts them too low, as its
# text is in the standard language. Each group as a whole is about as likely as that one document in a hundred
# is of its kind.
_CANTONESE = (
    "佢哋嘅喺冇咗啲嗰嚟咁嘢唔睇咩乜瞓攞畀俾諗嗌嗮晒啱噉㗎喇喎啫啩嘞吖囉咪咋噏嘥喐揾搵掂攰揸撳揼掟踎孭"
    "嘈冚冧嚿氹餸煲"
)
_CHEMICAL = (  # elements, in either script, then what names of organic compounds are made of
    "氢氦锂铍硼氖氟硅磷硫氯氩钾钙钪钛钒铬锰钴镍锌镓锗砷硒溴氪铷锶钇锆铌钼锝钌铑钯镉铟锡锑碲碘氙铯钡镧铈镨钕钷"
    "钐铕钆铽镝钬铒铥镱镥铪钽钨铼锇铱铂汞铊铋钋砹氡钫镭锕钍镤铀镎钚镅锔锫锎锿镄钔锘铹氕氘氚氧氮铵"
    "氫鋰鈹矽氬鉀鈣鈧鈦釩鉻錳鈷鎳鋅鎵鍺鍶釔鋯鈮鉬鎝釕銠鈀鎘銦錫銻鋇鑭鈰鐠釹鉕釤銪釓鋱鏑鈥鉺銩鐿鎦鉿鉭鎢錸鋨銥鉑鉈鉍釙鈁鐳錒釷"
    "鏷鈾錼鈽鋂鋦銨醯羥醣烴"
    "烷烯炔醇醛酮酯醚酚酸酐胺酰腈肼肟脒胍脲腙苯萘蒽菲芘苊芴茚苷肽萜甾烃羟羧羰巯羁吡啶呋喃噻吩嘧嘌呤吲哚喹啉咪唑"
    "嗪哌吗啉噁嗯吖哒茂蒎莰蒈樟酞醌膦胂胩"
)
_HERBS = "芪苓芎芍芩芷茯苁蒺藜蚕蝎"
_SURNAMES = "酆郝邬鄔卞昝嵇羿邴宓郗栾欒钭鈄郜邰郏郟殳厍厙聂聶晁訾阚闞鞠蒯逯亓仉闫閆缑緱佘佴笪佟"
SPECIAL_HAN = dict.fromkeys(_CHEMICAL + _HERBS + _SURNAMES, -9.5) | dict.fromkeys(_CANTONESE, -8.5)

_CJK_PUNCTUATION = "；：？！“”‘’（）《》〈〉「」『』【】〔〕—…·－～"

# First match decides: last code point of the range, log-probability.
_RANGES = (
    (0x001F, _UNUSUAL),
    (0x002F, -5.5),
    (0x0039, -4.5),
    (0x0040, -5.5),
    (0x005A, -5.0),
    (0x0060, -5.5),
    (0x007A, -3.4),
    (0x007E, -5.5),
    (0x009F, _UNUSUAL),
    (0x024F, -10.0),  # accented Latin
    (0x036F, -11.0),  # phonetic
    (0x04FF, -9.0),  # Greek, Cyrillic
    (0x1DFF, _OTHER_LETTER),
    (0x1FFF, -11.0),  # accented Latin and Greek
    (0x206F, -7.0),  # general punctuation
    (0x23FF, -9.5),  # super- and subscripts, currency, arrows, mathematics
    (0x24FF, -8.5),  # ① and others in circles
    (0x259F, -7.0),  # box drawing, which whole pages of command output consist of
    (0x27BF, -9.5),  # shapes, dingbats
    (0x2BFF, -11.0),
    (0x2E7F, _OTHER_LETTER),
    (0x2FDF, -12.0),  # radicals, which PDFs give for the Han of the same shape
    (0x2FFF, _OTHER_LETTER),
    (0x303F, -7.5),
    (0x30FF, -8.5),  # kana
    (0x312F, -11.0),  # bopomofo
    (0x31FF, -14.0),
    (0x33FF, -11.0),  # ㎡ and others
    (0x4DBF, _RARE_HAN),
    (0x9FFF, _OTHER_HAN),
    (0xABFF, _OTHER_LETTER),
    (0xD7AF, -13.0),  # hangul
    (0xF8FF, _UNUSUAL),  # surrogates, private use
    (0xFAFF, _RARE_HAN),
    (0xFE2F, -13.0),
    (0xFE4F, -9.0),  # punctuation of vertical text
    (0xFEFE, -13.0),
    (0xFEFF, -9.0),
    (0xFF5E, -7.5),  # full-width ASCII
    (0xFFEF, -11.0),
    (0xFFFF, _UNUSUAL),
    (0x1D3FF, _OTHER_LETTER),
    (0x1D7FF, -9.0),  # letters of mathematics
    (0x1F1FF, _OTHER_LETTER),
    (0x1FAFF, -11.0),  # emoji
    (0x1FFFF, _OTHER_LETTER),
    (0x323AF, _RARE_HAN),
    (0x10FFFF, _UNUSUAL),
)


def log_likelihood(text: str) -> float:
    """Natural logarithm of the text's probability, at most 0; 0 for an empty text."""
    characters = sum(count * log_probability(char) for char, count in Counter(text).items())
    runs = sum(1 for _ in _LATIN.finditer(text))
    return characters + _LATIN_RUN * runs + _IN_LATIN * sum(1 for _ in _AT_HOME.finditer(text))


def mean_log_likelihood(text: str) -> float:
    """Mean log-probability of the characters that are not ASCII; 0 where all are.

    ASCII is left out because it is plausible in any document and would hide garbled Han beside it.
    So is white space, which PDFs are free with.
    """
    counts = {
        char: count for char, count in Counter(text).items() if not char.isascii() and not char.isspace()
    }
    total = sum(counts.values())
    if total == 0:
        return 0.0
    return sum(count * log_probability(char) for char, count in counts.items()) / total


def without_foreign_words(text: str) -> str:
    """The text without words in other scripts or in accented letters.

    The model knows Chinese documents, in which such letters are rare, and so would find a text in another
    language impossible. Bytes in a wrong charset give letters of all scripts too, but hardly ever several of
    one in a row; of Hangul they do, which are rare syllables then.
    """
    hangul = _HANGUL.findall(text)
    if sum(syllable in _FREQUENT_HANGUL for syllable in hangul) >= _MIN_FREQUENT_HANGUL * len(hangul):
        text = _KOREAN_WORD.sub("", text)
    return _FOREIGN_WORD.sub("", text)


def is_plausible(text: str) -> bool:
    """Whether a text, or a page of it, can be what somebody wrote.

    Where few characters are not ASCII, little is known, and only the impossible is refused.
    """
    text = without_foreign_words(text)
    shown = [char for char in text if not char.isspace()]
    judged = sum(not char.isascii() for char in shown)
    few = judged < _SHORT or judged < _MIN_SHARE * len(shown)
    return mean_log_likelihood(text) >= (_MIN_MEAN_SHORT if few else MIN_MEAN)


@cache
def frequent_han() -> tuple[str, str]:
    """Han by descending frequency: simplified, traditional. About 6,000 each."""
    table = resources.files("indexer.readers").joinpath("han_frequency.txt").read_text(encoding="utf-8")
    simplified, traditional = table.split()
    return simplified, traditional


@cache
def _ranks() -> dict[str, int]:
    """The better of a Han's two ranks, from 0."""
    best: dict[str, int] = {}
    for script in frequent_han():
        for rank, char in enumerate(script):
            best[char] = min(rank, best.get(char, rank))
    return best


@cache
def log_probability(char: str) -> float:
    """Natural logarithm of a character's probability, at most 0."""
    if char in _FREQUENT:
        return _FREQUENT[char]
    if char in _CJK_PUNCTUATION:
        return -5.0
    rank = _ranks().get(char)
    if rank is not None:
        # Zipf's law with an exponential tail; within 0.2 of the counts in Wikipedia paragraphs of
        # either script, from the first rank to the 5,000th.
        by_rank = -3.35 - 0.62 * math.log(rank + 5) - rank / 1000
        return max(by_rank, SPECIAL_HAN.get(char, by_rank))
    if char in SPECIAL_HAN:
        return SPECIAL_HAN[char]
    if unicodedata.category(char) == "Cn":
        return _UNUSUAL
    code = ord(char)
    return next(value for last, value in _RANGES if code <= last)
