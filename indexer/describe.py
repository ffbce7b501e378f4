"""Reports and readings as text, for the shell."""

from __future__ import annotations

from collections import Counter

from indexer.model import Document, Reading
from indexer.readers.verdict import VERDICTS
from indexer.report import IngestReport, SourceReport, outcomes

_MOST_NAMED = 20  # files of one verdict of which nothing is lost; the report has the others


def ingest_report(report: IngestReport) -> str:
    """A report for people: what is lost, by name and reason; the verdicts; the counts."""
    lines = []
    for source in report.incomplete:
        for problem in source.problems:
            page = f", page {problem.page}" if problem.page else ""
            lines.append(f"{source.outcome}: {source.source}{page}: {problem.reason}")
    skipped = outcomes(report.sources, "skipped")
    lines += [f"skipped: {source.source}: {source.problems[0].reason}" for source in skipped[:_MOST_NAMED]]
    if len(skipped) > _MOST_NAMED:
        lines.append(f"skipped: {len(skipped) - _MOST_NAMED} more (--report FILE.json names all)")
    lines += _verdicts(report)
    if report.stopped_by:
        lines.append(f"stopped: {report.stopped_by}")
    if report.interrupted:
        lines.append("interrupted; run the same command again to go on")
    counts = ", ".join(f"{number} {outcome}" for outcome, number in sorted(report.counts.items()))
    speed = report.embedded_chunks / report.seconds if report.seconds else 0
    lines.append(
        f"{counts or 'nothing found'}; {report.embedded_chunks} chunks embedded in {report.seconds:.1f} s "
        f"({speed:.1f}/s)"
    )
    return "\n".join(lines)


def document(read: Document) -> str:
    """What was read of a file, page by page, with the verdict on each."""
    head = f"{read.title}\nthe file: {_reading(read.reading)}"
    if read.charset:
        head += f"\ncharset: {read.charset}"
    numbers = {page.number for page in read.pages}
    of_file = [
        f"- {f'page {problem.page}: ' if problem.page else ''}{problem.reason}"
        for problem in read.problems
        if problem.page not in numbers
    ]
    blocks = ["\n".join([head, *of_file])]
    if not read.pages:
        blocks.append(read.text)
    for page in read.pages:
        text = read.text[page.start : page.end].strip("\n")
        blocks.append(f"── page {page.number}: {_reading(page.reading)}\n{text or '(no text)'}")
    return "\n\n".join(blocks)


def _reading(reading: Reading) -> str:
    engine = f", {reading.engine}" if reading.engine else ""
    reason = f": {reading.reason}" if reading.reason else ""
    return f"{reading.verdict}, score {reading.score:.2f}{engine}{reason}"


def _verdicts(report: IngestReport) -> list[str]:
    """The verdicts as a table, then the files that needed more than reading, by name."""
    pages = Counter(page.reading.verdict for source in report.sources for page in source.read_pages)
    files = report.verdicts
    if not files:
        return []
    rows = [f"{'verdict':<12}{'files':>7}{'pages':>8}"]
    rows += [
        f"{verdict:<12}{files.get(verdict, 0):>7}{pages[verdict] or '':>8}"
        for verdict in VERDICTS
        if verdict in files or pages[verdict]
    ]
    for verdict in ("repaired", "ocr"):
        found = [source for source in report.sources if source.reading and source.reading.verdict == verdict]
        rows += [_named(source) for source in found[:_MOST_NAMED]]
        if len(found) > _MOST_NAMED:
            rows.append(f"{verdict}: {len(found) - _MOST_NAMED} more; see --report")
    return rows


def _named(source: SourceReport) -> str:
    reading = source.reading
    return f"{reading.verdict}: {source.source}: {reading.reason}" if reading else source.source
