from __future__ import annotations

from indexer.readers.plausibility import frequent_han, is_plausible, log_likelihood, mean_log_likelihood

STATUTE = "自然人的生命权、身体权、健康权受到侵害或者处于其他危难情形的，负有法定救助义务的组织应当及时施救。"


def test_the_table_has_both_scripts_by_frequency():
    simplified, traditional = frequent_han()
    assert min(len(simplified), len(traditional)) > 4000
    assert len(set(simplified)) == len(simplified)
    assert simplified.index("国") < 100 < simplified.index("醒")
    assert traditional.index("國") < 100


def test_written_text_is_plausible_in_either_script():
    assert is_plausible(STATUTE)
    assert is_plausible("須臾走向天上來，逐殘星趕月。未離海底千山黑，纔到天中萬國明。")


def test_han_of_a_font_without_its_unicode_table_are_not():
    shifted = "".join(chr(ord(char) + 31) for char in STATUTE)
    assert not is_plausible(shifted)
    assert mean_log_likelihood(shifted) < mean_log_likelihood(STATUTE) - 3


def test_a_charset_mistaken_for_another_is_not():
    assert not is_plausible(STATUTE.encode("gbk").decode("big5", errors="ignore"))
    assert not is_plausible(STATUTE.encode("utf-8").decode("gb18030", errors="ignore"))


def test_accents_and_formulas_of_a_latin_text_are_no_reason_to_doubt_it():
    assert is_plausible("Les représentants du peuple français, constitués en Assemblée nationale, " * 10)
    assert is_plausible("Let 𝑥 ∈ ℝ and ∀ε > 0 ∃δ: |𝑓(𝑥)| ≤ ε. " * 10)


def test_garbled_han_show_beside_a_lot_of_ascii():
    shifted = "".join(chr(ord(char) + 31) for char in STATUTE)
    assert not is_plausible(shifted + "SELECT 1;" * 10)


def test_names_of_substances_and_surnames_are_plausible():
    assert is_plausible(
        "氢氦锂铍硼碳氮氧氟氖钠镁铝硅磷硫氯氩钾钙钪钛钒铬锰铁钴镍铜锌镓锗砷硒溴氪铷锶钇锆铌钼锝钌铑钯"
    )
    assert is_plausible(
        "邻苯二甲酸二丁酯、丙烯腈、环氧氯丙烷、吡啶、噻吩、嘧啶、吲哚、喹啉、咪唑、哌嗪、吗啉、蒽、菲、芘"
    )
    assert is_plausible("酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常昝管卢莫经房裘缪邴糜松井甄曲家封芮羿储靳")


def test_a_text_in_another_language_is_plausible():
    assert is_plausible("근로자는 이 규정에 따라 보호를 받을 수 있다고 헌법은 정하고 있다. " * 3)
    assert is_plausible("Người lao động được bảo vệ theo quy định của pháp luật hiện hành. " * 3)
    assert is_plausible("Все люди рождаются свободными и равными в своём достоинстве и правах. " * 3)


def test_the_syllables_that_a_wrong_charset_makes_are_no_korean():
    assert not is_plausible(STATUTE.replace("、", "").encode("gb2312").decode("utf-16-be", "ignore"))


def test_two_ascii_letters_are_likelier_than_the_han_of_the_same_bytes():
    assert log_likelihood("Bush hid the facts") > log_likelihood("畂桳栠摩琠敨映捡獴")


def test_nothing_is_as_probable_as_can_be():
    assert log_likelihood("") == 0.0
    assert mean_log_likelihood("ascii only") == 0.0
