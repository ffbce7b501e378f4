"""Mails (.eml), and web pages that browsers save as mails (.mht, .mhtml)."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path

from indexer.errors import DamagedFileError
from indexer.model import Document, Heading, Problem
from indexer.readers.characters import printable
from indexer.readers.headings import merged_headings
from indexer.readers.html import PageText, page_text
from indexer.readers.mail.headers import date, decoded, file_name, header
from indexer.readers.options import PLAIN, ReadOptions
from indexer.readers.signature import first_bytes

_LABELS = (("主题", "Subject"), ("发件人", "From"), ("收件人", "To"), ("抄送", "Cc"))
_SAVED_PAGES = frozenset({".mht", ".mhtml"})
_MAX_DEPTH = 10  # mails in mails
_MAX_PARTS = 2_000
_STUB = 2  # times as long is the HTML of a mail whose plain text only says that there is HTML
_FLOWED = re.compile(r" \n(?!-- \n)")  # RFC 3676: a space at its end says that a line goes on


@dataclass(slots=True)
class _Parts:
    """What has been read of a mail."""

    path: Path
    charset: str | None
    blocks: list[tuple[str, int]] = field(default_factory=list)  # text; its level as a heading, 0 for none
    attachments: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    count: int = 0


def read(path: Path, data: bytes, options: ReadOptions = PLAIN) -> Document:
    """Subject, sender, receiver and date in a line each, then the text; mails within the same way.

    Attachments are named, not read.

    Raises:
        DamagedFileError: it is no mail, or has more parts than any.
    """
    message = email.message_from_bytes(data.lstrip(), policy=email.policy.compat32)
    if not any(name.lower() in ("from", "subject", "date", "mime-version") for name in message):
        raise DamagedFileError(
            path, f"no mail: it has neither sender nor subject nor date; {first_bytes(data)}; export it anew"
        )
    parts = _Parts(path, options.charset)
    subject = header(message, "Subject")
    if path.suffix.lower() in _SAVED_PAGES:
        return _saved_page(message, parts, subject)
    _add_mail(message, parts, depth=0)
    text = ""
    headings = []
    for block, level in parts.blocks:
        text += "\n\n" if text else ""
        if level:
            headings.append(Heading(len(text), level, block.partition("\n")[0].removeprefix("主题：")))
        text += block
    if parts.attachments:
        reason = f"attachments are not read: {'、'.join(parts.attachments)}; save them as files to index them"
        parts.problems.append(Problem(reason))
    return Document(
        text=text,
        title=subject or path.stem,
        headings=merged_headings(text, headings),
        problems=tuple(parts.problems),
    )


def _add_mail(message: Message, parts: _Parts, depth: int) -> None:
    lines = [f"{label}：{value}" for label, name in _LABELS if (value := header(message, name))]
    lines += [f"日期：{value}" for value in [date(message)] if value]
    at = len(parts.blocks)
    before = len(parts.attachments)
    _add_part(message, parts, depth)
    attached = parts.attachments[before:]
    lines += [f"附件：{'、'.join(attached)}"] if attached else []
    if lines:
        parts.blocks.insert(at, ("\n".join(lines), depth))


def _add_part(part: Message, parts: _Parts, depth: int) -> None:
    parts.count += 1
    if parts.count > _MAX_PARTS:
        raise DamagedFileError(
            parts.path, f"it has more than {_MAX_PARTS:,} parts, as no mail has; export it anew"
        )
    kind = part.get_content_type()
    is_attached = part.get_content_disposition() == "attachment"
    if kind == "message/rfc822" and part.is_multipart():
        if depth >= _MAX_DEPTH:
            parts.problems.append(Problem(f"mails in mails are read {_MAX_DEPTH} deep; save the inner ones"))
            return
        for inner in _inner(part):
            _add_mail(inner, parts, depth + 1)
    elif kind == "multipart/alternative" and part.is_multipart():
        _add_alternative(part, parts, depth)
    elif part.is_multipart():
        for inner in _inner(part):
            _add_part(inner, parts, depth)
    elif kind in ("text/plain", "text/html") and not is_attached:
        parts.blocks += [(text, 0) for text in [_text(part, parts)] if text]
    elif is_attached or not part.get("Content-ID"):  # a picture with an id stands in the text
        parts.attachments.append(file_name(part) or kind)


def _inner(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [inner for inner in payload if isinstance(inner, Message)] if isinstance(payload, list) else []


def _add_alternative(part: Message, parts: _Parts, depth: int) -> None:
    """The plain one of several forms of one text, unless it only refers to the other."""
    texts: dict[str, str] = {}
    others = []
    for inner in _inner(part):
        kind = inner.get_content_type()
        if kind in ("text/plain", "text/html"):
            texts[kind] = _text(inner, parts)
        else:
            others.append(inner)
    plain, page = texts.get("text/plain", ""), texts.get("text/html", "")
    chosen = page if len(page) > _STUB * len(plain) else plain
    parts.blocks += [(chosen, 0)] if chosen else []
    for inner in others:
        # The page with its pictures; beside a plain text it is the same text once more.
        if not (plain and inner.get_content_type() == "multipart/related"):
            _add_part(inner, parts, depth)


def _text(part: Message, parts: _Parts) -> str:
    text = _decoded(part, parts)
    if part.get_content_type() == "text/html":
        page = page_text(text)
        parts.problems += page.problems
        return page.text
    if str(part.get_param("format", "")).lower() == "flowed":
        joint = "" if str(part.get_param("delsp", "")).lower() == "yes" else " "
        text = _FLOWED.sub(joint, text)
    return text.strip()


def _decoded(part: Message, parts: _Parts) -> str:
    data = part.get_payload(decode=True)
    charset = part.get_param("charset")
    named = parts.charset or (charset if isinstance(charset, str) else None)
    return printable(decoded(data, named, parts.path)) if isinstance(data, bytes) else ""


def _saved_page(message: Message, parts: _Parts, subject: str) -> Document:
    """The first page in it that has text: those of its frames follow."""
    page = PageText("", "", (), ())
    for part in message.walk():
        if part.get_content_type() == "text/html" and not page.text:
            markup = _decoded(part, parts)
            page = page_text(markup, without_menus=True)
            page = page if page.text else page_text(markup)
    return Document(
        text=page.text,
        title=page.title or subject or parts.path.stem,
        headings=merged_headings(page.text, page.headings),
        problems=page.problems,
    )
