"""What the status page shows of a library and of the machine."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import streamlit as st

from app.evaluation.naming import shown_bytes
from app.plain import displayable, in_markdown
from app.status import LibraryFacts, MachineFacts, ModelFacts
from app.text import Lang
from app.text.status import STATUS_TEXTS, StatusTexts
from indexer.doctor import is_nearly_full
from indexer.last_ingest import LastIngest

_LONG_SECONDS = 120  # from which on minutes say more

Row = tuple[str, str]  # name, and what it is, as HTML


def show_library(lang: Lang, facts: LibraryFacts) -> None:
    say = STATUS_TEXTS[lang]
    _metrics(facts, say)
    st.subheader(say.model_section, anchor=False)
    st.html(_list(_model_rows(facts, say)))
    st.subheader(say.library_section, anchor=False)
    st.html(_list(_library_rows(facts, say)))
    st.subheader(say.space_section, anchor=False)
    if facts.server:
        st.caption(say.on_server.format(server=in_markdown(facts.server)))
    st.html(_list(_space_rows(facts, say)))


def show_machine(lang: Lang, facts: MachineFacts) -> None:
    say = STATUS_TEXTS[lang]
    st.subheader(say.machine_section, anchor=False)
    free, total = facts.disk_free_bytes, facts.disk_total_bytes
    disk = _fact(
        say.disk_value.format(free=shown_bytes(free), total=shown_bytes(total)),
        warning=say.disk_low if is_nearly_full(free, total) else "",
    )
    cpu = say.cpu_value.format(name=facts.cpu or say.unknown, cores=facts.cores or "?")
    st.html(
        _list(
            [
                (say.cpu, _fact(cpu)),
                (say.memory, _fact(shown_bytes(facts.memory_bytes) if facts.memory_bytes else say.unknown)),
                (say.gpu, _fact(facts.gpu or say.gpu_none)),
                (say.disk, disk),
            ]
        )
    )
    with st.expander(say.versions_section):
        st.html(_list((name, _fact(version)) for name, version in facts.versions.items()))


def device_name(device: str, say: StatusTexts) -> str:
    """A device as torch spells it, or an address, in words."""
    if "://" in device:
        return say.device_address.format(address=device)
    return say.devices.get(device.partition(":")[0], device)


def _metrics(facts: LibraryFacts, say: StatusTexts) -> None:
    speed = facts.last_ingest.chunks_per_second if facts.last_ingest else None
    columns = st.columns(4)
    columns[0].metric(say.documents, f"{facts.documents:,}")
    columns[1].metric(say.passages, f"{facts.chunks:,}")
    columns[2].metric(say.space, shown_bytes(facts.disk_bytes))
    shown = say.speed_none if speed is None else f"{speed:,.1f}"
    columns[3].metric(say.speed, shown, help=say.speed_help)


def _model_rows(facts: LibraryFacts, say: StatusTexts) -> list[Row]:
    model = facts.model
    kind = say.model_kinds[model.kind] if model.kind else say.model_gone
    is_short = facts.dim < facts.full_dim
    dims = (say.dims_short if is_short else say.dims_full).format(full_dim=facts.full_dim, dim=facts.dim)
    rows = [
        (say.model, _fact(model.name, kind)),
        (say.runs_on, _fact(say.model_states[model.state].format(device=_device(model, say)))),
        (say.precision, _fact(_precision(model, say), say.precision_help)),
        (say.dims, _fact(dims, say.dims_help)),
        (say.storage, _fact(say.storages.get(facts.storage, facts.storage))),
    ]
    if is_short:  # whole vectors are turned for nothing
        rows.append((say.rotation, _fact(say.rotated if facts.rotated else say.not_rotated)))
    cut = say.chunking_value.format(tokens=facts.chunk_tokens, overlap=facts.overlap_tokens)
    return [*rows, (say.chunking, _fact(cut))]


def _device(model: ModelFacts, say: StatusTexts) -> str:
    if model.kind == "api" and model.state != "ready":
        return say.device_service
    return device_name(model.device, say)


def _precision(model: ModelFacts, say: StatusTexts) -> str:
    if model.precision:
        return say.precisions[model.precision]
    if model.kind == "api":
        return say.precision_service
    return say.unknown if model.state == "ready" else say.precision_later


def _library_rows(facts: LibraryFacts, say: StatusTexts) -> list[Row]:
    # That nothing failed goes without saying.
    rows = [
        (say.states[state], _fact(say.state_count.format(count=count)))
        for state, count in facts.sources.items()
        if count or state == "ok"
    ]
    if facts.pages:
        rows.append((say.pages, _fact(say.pages_count.format(count=facts.pages))))
    return [*rows, (say.last_ingest, _last_ingest(facts.last_ingest, say))]


def _last_ingest(last: LastIngest | None, say: StatusTexts) -> str:
    if last is None:
        return _fact(say.last_ingest_none)
    took = (
        say.minutes.format(minutes=last.seconds / 60)
        if last.seconds >= _LONG_SECONDS
        else say.seconds.format(seconds=last.seconds)
    )
    told = say.last_ingest_at.format(
        when=last.finished_at.astimezone().strftime("%Y-%m-%d %H:%M"),
        ending=say.endings.get(last.exit_code, say.unknown),
        took=took,
        chunks=last.embedded_chunks,
    )
    counts = [say.outcomes[outcome].format(count=count) for outcome, count in last.counts.items() if count]
    return _fact(told, say.list_comma.join(counts))


def _space_rows(facts: LibraryFacts, say: StatusTexts) -> list[Row]:
    rows = [
        (say.parts[part], _fact(shown_bytes(size)))
        for part, size in sorted(facts.parts.items(), key=lambda item: -item[1])
        if size
    ]
    return [*rows, (say.total, f'<span class="xz-total">{shown_bytes(facts.disk_bytes)}</span>')]


def _list(rows: Iterable[Row]) -> str:
    entries = "".join(f"<dt>{escape(displayable(name))}</dt><dd>{fact}</dd>" for name, fact in rows)
    return f'<dl class="xz-facts">{entries}</dl>'


def _fact(text: str, note: str = "", *, warning: str = "") -> str:
    """What something is; below it, smaller, what that means."""
    shown = escape(displayable(text))
    if note:
        shown += f"<small>{escape(displayable(note))}</small>"
    if warning:
        shown += f'<small class="xz-warn">{escape(warning)}</small>'
    return shown
