from __future__ import annotations

from indexer.normalize import fold_radicals, join_wrapped_lines


def test_a_sentence_broken_by_the_margin_is_joined_without_a_space():
    page = "第九百九十四条 死者的姓名受到侵害的，其配偶、子\n女、父母有权依法请求行为人承担责任。\n另一段。"
    assert join_wrapped_lines(page) == page.replace("子\n女", "子女")


def test_a_line_that_begins_with_closing_punctuation_belongs_to_the_one_before():
    assert join_wrapped_lines("荣誉权、隐私权\n、健康权。") == "荣誉权、隐私权、健康权。"


def test_articles_stay_apart_even_after_a_full_line():
    page = "第一条 本编调整因人格权的享有和保护产生的民事关系和其他\n第二条 人格权是民事主体享有的权利。"
    assert join_wrapped_lines(page) == page


def test_a_reference_to_an_article_is_joined_to_its_sentence():
    page = "当事人对合同条款的理解有争议的，应当依据本法\n第一百四十二条第一款的规定，确定争议条款的含义。"
    assert "\n" not in join_wrapped_lines(page)


def test_items_of_a_list_stay_apart():
    page = "处理个人信息的，应当遵循合法、正当、必要原则并符合下列条件\n（一）征得同意；\n（二）公开规则；"
    assert join_wrapped_lines(page) == page


def test_short_lines_such_as_verse_stay_as_they_are():
    verse = "床前明月光\n疑是地上霜\n举头望明月\n低头思故乡"
    assert join_wrapped_lines(verse) == verse


def test_latin_words_keep_a_space_between_them():
    page = "use the visitor function to collect runs of text on one\nbaseline and join them again."
    assert "on one baseline" in join_wrapped_lines(page)


def test_a_blank_line_separates():
    page = "一行写满了的文字没有句号就到了右边的边缘\n\n一行写满了的文字没有句号就到了右边的边缘"
    assert join_wrapped_lines(page) == page
    assert join_wrapped_lines("") == ""


def test_radicals_become_the_han_of_their_shape():
    assert fold_radicals("⽤⼾⽂档⻓度⻚") == "用户文档长度页"
