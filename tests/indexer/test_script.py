from hypothesis import given
from hypothesis import strategies as st

from indexer.normalize import searchable
from indexer.script import simplified, traditional, traditional_share


def test_each_script_is_made_of_the_other():
    assert simplified("試用期最長不得超過六個月") == "试用期最长不得超过六个月"
    assert traditional("试用期最长不得超过六个月") == "試用期最長不得超過六個月"


def test_the_same_word_is_found_in_either_script_width_and_case():
    assert searchable("臺灣ＧＢ／Ｔ") == searchable("台湾gb/t")


def test_texts_tell_their_script():
    assert traditional_share(["陸特和漢斯雷頓開創了"]) == 1
    assert traditional_share(["试用期最长不得超过六个月"]) == 0
    assert 0 < traditional_share(["試用期最長", "试用期最长"]) < 1
    assert traditional_share(["人山人海", "abc"]) is None


@given(st.text(max_size=60))
def test_a_text_keeps_its_length_in_either_script(text):
    assert len(simplified(text)) == len(traditional(text)) == len(text)
