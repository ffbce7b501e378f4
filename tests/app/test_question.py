"""What is typed into the one box."""

import pytest

from app.question import Question, QuestionError, parse


def asks(typed, **expected):
    question = parse(typed)
    return {name: getattr(question, name) for name in expected} == expected


@pytest.mark.parametrize("quoted", ['"试用期"', "“试用期”", "「试用期」", "『试用期』"])
def test_a_phrase_may_be_quoted_in_any_way_and_is_part_of_the_question(quoted):
    assert asks(f"{quoted} 工资", text="试用期 工资", phrases=("试用期",))


def test_a_quotation_within_a_sentence_stays_in_its_place():
    assert asks("“奥卡姆剃刀”的内容是什么？", text="奥卡姆剃刀的内容是什么？", phrases=("奥卡姆剃刀",))


@pytest.mark.parametrize("minus", ["-", "－", "−"])
def test_a_word_behind_a_minus_is_excluded(minus):
    assert asks(f"试用期 {minus}实习 工资", text="试用期 工资", excluded=("实习",))


def test_a_phrase_may_be_excluded():
    assert asks('工资 -"劳务 派遣"', text="工资", excluded=("劳务 派遣",))


@pytest.mark.parametrize(
    "typed",
    [
        *("传感器-温度-TH01 在哪", "2020-2023 年", "A - B", "GB/T 7714-2015"),
        *("疫苗 -20℃ 保存", "COVID -19", '5" 管 和 12" 管', 'class="version-mark" 是什么', "类型：有哪些"),
    ],
)
def test_what_only_looks_like_an_operator_is_plain_text(typed):
    assert asks(typed, text=typed, excluded=(), phrases=(), filters={})


@pytest.mark.parametrize("typed", ["类型:pdf 工资", "工资 type:pdf", "TYPE：pdf 工资"])
def test_a_filter_is_named_in_either_language_with_either_colon(typed):
    question = parse(typed)
    assert (question.text, question.filters) == ("工资", {"type": ("pdf",)})


def test_filters_of_one_kind_add_up_and_may_be_quoted():
    question = parse('文件:劳动法 文件:"消费者 权益" 文件夹:法规 工资')
    assert question.filters == {"file": ("劳动法", "消费者 权益"), "folder": ("法规",)}


def test_a_title_alone_is_a_question_too():
    assert asks("标题:罚则", text="罚则", titles=("罚则",))


def test_a_colon_within_a_sentence_filters_nothing():
    assert asks("合同类型:固定期限", text="合同类型:固定期限")


@pytest.mark.parametrize("typed", ["", " \u3000", '""', "类型:pdf", "-实习", '"，。"', "文件:"])
def test_a_question_of_nothing_is_refused_with_what_was_typed(typed):
    if typed in ("文件:", '"，。"'):  # nothing in them is a filter or a phrase: they are searched as they are
        assert parse(typed + " 工资").phrases == ()
        return
    with pytest.raises(QuestionError, match="type a few words"):
        parse(typed)


def payload(text, title="", headings=()):
    return {"text": text, "title": title, "headings": list(headings)}


def test_a_phrase_must_occur_as_written_but_for_width_case_and_script():
    wanted = parse('"GB／T 7714" "试用期"')
    assert wanted.accepts(payload("按照gb/t 7714，試用期"))
    assert not wanted.accepts(payload("按照 GB/T-7714，试用期"))
    assert not wanted.accepts(payload("按照 GB/T 7714，试用 期"))


def test_a_part_of_a_word_in_the_other_script_is_the_same_part():
    assert parse('"覆"').accepts(payload("答覆"))
    assert parse('"答复"').accepts(payload("答復"))


def test_what_must_or_must_not_be_there_is_looked_for_in_title_and_headings_too():
    wanted = parse('"劳动法" 工资 -派遣')
    assert wanted.accepts(payload("工资按月支付", title="劳动法"))
    assert not wanted.accepts(payload("工资按月支付", title="劳动法", headings=["劳务派遣"]))


def test_a_title_is_looked_for_only_there():
    wanted = parse("标题:罚则 工资")
    assert wanted.accepts(payload("x", headings=["第六章 罚则"]))
    assert not wanted.accepts(payload("罚则"))


def test_a_plain_question_accepts_everything():
    assert Question("工资").accepts(payload(""))
