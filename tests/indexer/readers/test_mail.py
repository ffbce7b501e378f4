from __future__ import annotations

import base64
from pathlib import Path

import pytest

from indexer.errors import DamagedFileError
from indexer.readers.mail import read
from indexer.readers.options import ReadOptions

RARE = "朱镕基与陶喆"  # 镕 and 喆 are in GBK, not in GB2312


def word(raw: bytes, charset: str = "gb2312") -> str:
    return f"=?{charset}?B?{base64.b64encode(raw).decode()}?="


def mail(body: str | bytes, headers: str = "Subject: x", charset: str = "utf-8") -> bytes:
    raw = body if isinstance(body, bytes) else body.encode(charset)
    return headers.encode() + b"\n\n" + raw


def multipart(kind: str, *parts: str, subject: str = "x") -> bytes:
    middle = "".join(f"--BB\n{part}\n" for part in parts)
    top = f"Subject: {subject}\nMIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary=BB\n\n"
    return f"{top}{middle}--BB--\n".encode()


def text_of(data: bytes, name: str = "信.eml") -> str:
    return read(Path(name), data).text


def body_of(data: bytes) -> str:
    return text_of(data).partition("\n\n")[2]


PLAIN = "Content-Type: text/plain; charset=utf-8\n\n纯文本的正文，请大家仔细阅读。"
PAGE = "Content-Type: text/html; charset=utf-8\n\n<h1>网页</h1><p>网页的正文</p>"


def test_headers_come_first_then_the_text():
    raw = RARE.encode("gbk")
    headers = (
        f"Subject: {word(raw[:3])}\n {word(raw[3:])}\nFrom: {word('张三'.encode('gbk'))} <z@x.cn>\n"
        "To: li@x.cn\nCc: wang@x.cn\nDate: Fri, 05 Jan 2024 10:30:00 +0800\n"
        "Content-Type: text/plain; charset=gb2312"
    )
    document = read(Path("信.eml"), mail("请陶喆于明日开会。", headers, "gbk"))
    assert document.text == (
        f"主题：{RARE}\n发件人：张三 <z@x.cn>\n收件人：li@x.cn\n抄送：wang@x.cn\n日期：2024-01-05 10:30\n\n"
        "请陶喆于明日开会。"
    )
    assert document.title == RARE


@pytest.mark.parametrize("declared", ["utf-8", "us-ascii", "iso-8859-1", "gb2312", "no-such-charset", ""])
@pytest.mark.parametrize("charset", ["gbk", "utf-8"])
def test_a_charset_that_is_declared_falsely_costs_nothing(declared, charset):
    headers = f"Subject: x\nContent-Type: text/plain; charset={declared}"
    assert (
        body_of(mail("会议改在下周三上午举行，请各位同事准时参加。", headers, charset))
        == "会议改在下周三上午举行，请各位同事准时参加。"
    )


def test_headers_in_eight_bits_are_read():
    assert text_of("Subject: 关于放假安排的通知\n\n正文".encode("gbk")).startswith(
        "主题：关于放假安排的通知\n"
    )


def test_a_charset_that_is_named_is_used():
    data = mail("正文", "Subject: x\nContent-Type: text/plain; charset=utf-8", "gbk")
    assert read(Path("信.eml"), data, ReadOptions(charset="gbk")).text == "主题：x\n\n正文"


def test_plain_text_is_preferred_to_the_same_as_a_page():
    assert body_of(multipart("alternative", PLAIN, PAGE)) == "纯文本的正文，请大家仔细阅读。"


def test_a_plain_text_that_only_refers_to_the_page_is_not_preferred():
    stub = "Content-Type: text/plain; charset=utf-8\n\n见网页"
    assert body_of(multipart("alternative", stub, PAGE)) == "网页\n\n网页的正文"


def test_flowed_lines_are_joined():
    headers = "Subject: x\nContent-Type: text/plain; charset=utf-8; format=flowed; delsp=yes"
    assert body_of(mail("一句很长 \n的话\n另一句", headers)) == "一句很长的话\n另一句"


def test_attachments_are_named_and_reported_as_not_read():
    disposition = "Content-Disposition: attachment;\n filename*=gbk''%CD%A8%D6%AA.pdf"
    first = f"Content-Type: application/pdf\n{disposition}\n\nxx"
    second = f'Content-Type: application/msword; name="{word("附件.doc".encode("gbk"))}"\n\nxx'
    picture = "Content-Type: image/png\nContent-ID: <logo>\n\nxx"
    document = read(Path("信.eml"), multipart("mixed", PLAIN, first, second, picture))
    assert "\n附件：通知.pdf、附件.doc\n\n纯文本的正文" in document.text
    (problem,) = document.problems
    assert problem.lost
    assert "通知.pdf、附件.doc" in problem.reason


def test_a_forwarded_mail_is_read_under_its_subject():
    forwarded = "Content-Type: message/rfc822\n\nSubject: inner\nFrom: a@b.cn\n\ninner text"
    document = read(Path("信.eml"), multipart("mixed", PLAIN, forwarded))
    assert document.text.endswith("\n\n主题：inner\n发件人：a@b.cn\n\ninner text")
    (heading,) = document.headings
    assert heading.title == "inner"
    assert document.text[heading.start :].startswith("主题：inner")


def test_mails_in_mails_are_bounded_and_the_rest_is_reported():
    document = read(
        Path("信.eml"), b"Subject: x\n" + b"Content-Type: message/rfc822\n\n" * 50 + b"Subject: y\n\nhi"
    )
    assert "10 deep" in document.problems[0].reason
    assert document.problems[0].lost


def test_too_many_parts_are_refused():
    with pytest.raises(DamagedFileError, match="2,000 parts"):
        read(Path("信.eml"), multipart("mixed", *[PLAIN] * 2001))


def test_a_saved_page_is_read_as_a_page():
    root = (
        "Content-Type: text/html\nContent-Transfer-Encoding: base64\n\n"
        + base64.b64encode("<title>标题</title><nav>菜单</nav><h1>页</h1><p>文字在此</p>".encode()).decode()
    )
    document = read(Path("页.mhtml"), multipart("related", root, "Content-Type: image/png\n\nxx"))
    assert (document.text, document.title, document.problems) == ("页\n\n文字在此", "标题", ())
    assert [heading.title for heading in document.headings] == ["页"]


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02", "随便写写".encode(), b"just text"])
def test_what_is_no_mail_is_refused(data):
    with pytest.raises(DamagedFileError, match="no mail"):
        read(Path("信.eml"), data)
