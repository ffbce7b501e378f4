"""python -m indexer: index folders, and look after the index.

Nothing heavy is imported before a command needs it, so that --help answers at once.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from indexer.model import OcrMode
from indexer.settings import Settings
from indexer.terminal import run

if TYPE_CHECKING:
    from indexer.readers import ReadOptions
    from indexer.report import IngestReport

_STATUS = """exit status:
  0   everything was indexed
  3   some sources failed, or only a part of them could be read (each is named)
  1   nothing could be done
  2   the command line was wrong
  130 interrupted; the next run goes on from there"""


def main(arguments: Sequence[str] | None = None) -> int:
    return run(_parser().parse_args(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m indexer", description="Index Chinese documents.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    where = argparse.ArgumentParser(add_help=False)
    place = where.add_mutually_exclusive_group()
    place.add_argument("--index", type=Path, metavar="DIR", help="the embedded index (default: data/index)")
    place.add_argument("--url", help="a Qdrant server instead, such as http://localhost:6333")
    where.add_argument("--collection", metavar="NAME", help="which library in it (default: default)")
    where.add_argument("--json", action="store_true", help="print JSON on standard output")

    watched = argparse.ArgumentParser(add_help=False)
    watched.add_argument("--progress", type=Path, metavar="FILE", help="keep how far it is in this file")

    reading = argparse.ArgumentParser(add_help=False)
    reading.add_argument(
        "--encoding", metavar="E", help="charset of these text files (default: what their bytes speak for)"
    )
    reading.add_argument(
        "--password", metavar="P", help="of encrypted documents (better: XUNZHANG_DOCUMENT_PASSWORD)"
    )
    reading.add_argument(
        "--ocr",
        choices=get_args(OcrMode),
        help="OCR of pages and of pictures in documents: where it is needed (auto, the default), or of all",
    )

    ingest = commands.add_parser(
        "ingest",
        parents=[where, watched, reading],
        help="index files and folders",
        epilog=_STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    ingest.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    ingest.add_argument("--model", metavar="M", help="auto, a preset, a model's folder, or api")
    ingest.add_argument(
        "--dim", type=int, metavar="D", help="dimension that is searched (default: the model's)"
    )
    ingest.add_argument("--device", choices=("auto", "cuda", "mps", "cpu"))
    ingest.add_argument(
        "--user-dict",
        type=Path,
        metavar="FILE",
        help="words that jieba does not know, a line each; kept with the index (an empty file drops them)",
    )
    ingest.add_argument(
        "--again", action="store_true", help="read files anew that have not changed, such as with --encoding"
    )
    ingest.add_argument("--mirror", action="store_true", help="remove sources whose files are gone")
    ingest.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    ingest.add_argument("--report", type=Path, metavar="FILE.json", help="write the report there too")
    ingest.set_defaults(run=_ingest)

    inspect = commands.add_parser(
        "inspect", parents=[reading], help="print what is read of a file, page by page, and how well"
    )
    inspect.add_argument("file", type=Path, metavar="FILE")
    inspect.add_argument("--json", action="store_true", help="print JSON on standard output")
    inspect.set_defaults(run=_inspect)

    status = commands.add_parser("status", parents=[where], help="what is indexed, and with what")
    status.set_defaults(run=_status)

    verify = commands.add_parser("verify", parents=[where], help="compare the index with its catalogue")
    verify.add_argument(
        "--repair", action="store_true", help="forget sources that differ, so that ingest reads them again"
    )
    verify.set_defaults(run=_verify)

    remove = commands.add_parser("remove", parents=[where], help="remove files or folders from the index")
    remove.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    remove.set_defaults(run=_remove)

    redimension = commands.add_parser(
        "redimension",
        parents=[where, watched],
        help="search by shorter or longer vectors from now on; nothing is embedded",
    )
    redimension.add_argument("dim", type=int, metavar="DIM")
    redimension.add_argument("--storage", metavar="S", help="float32, float16, int8, turbo4 or binary")
    redimension.add_argument(
        "--rotation",
        choices=("auto", "none", "shipped", "trained"),
        default="auto",
        help="turn vectors before they are cut (default: as the index has it, else trained, else shipped)",
    )
    redimension.set_defaults(run=_redimension)

    rotate = commands.add_parser(
        "rotate",
        parents=[where, watched],
        help="fit a rotation to the index, for better short vectors of a model not trained for them",
    )
    rotate.add_argument(
        "--train", action="store_true", required=True, help="learn it from the index's chunks"
    )
    rotate.add_argument(
        "--pairs", type=Path, metavar="FILE.jsonl", help="and from these: query and passage in each line"
    )
    rotate.add_argument("--seconds", type=float, default=180.0, metavar="S", help="most time for it (180)")
    rotate.set_defaults(run=_rotate)

    export = commands.add_parser("export", parents=[where], help="print every chunk as a line of JSON")
    export.add_argument("--vectors", action="store_true", help="with their full vectors")
    export.set_defaults(run=_export)

    doctor = commands.add_parser("doctor", parents=[where], help="check model, device and index")
    doctor.set_defaults(run=_doctor)

    models = commands.add_parser("models", parents=[where], help="list models, or fetch one")
    models.set_defaults(run=_models)
    fetching = models.add_subparsers(metavar="fetch NAME")
    fetch = fetching.add_parser("fetch", help="download a model's weights (HF_ENDPOINT is honoured)")
    fetch.add_argument("name")
    fetch.add_argument("--source", choices=("huggingface", "modelscope"), default="huggingface")
    fetch.set_defaults(run=_fetch)
    return parser


def _ingest(options: argparse.Namespace, settings: Settings) -> int:
    from indexer.embedding import Embedder, load, resolve
    from indexer.last_ingest import write_last_ingest
    from indexer.lexicon import refresh, wanted_analyzer
    from indexer.library import follow_index, open_library, spec_for, truncation_warning, writing
    from indexer.pipeline import ingest
    from indexer.progress import ProgressLine
    from indexer.reader_pool import ReaderPool
    from indexer.sources import plan_ingest, survey
    from indexer.store import collection_folder, read_spec

    if options.report and not options.report.absolute().parent.is_dir():
        raise FileNotFoundError(f"{options.report.parent}: no such folder for the report")
    survey(options.paths, ())  # a wrong path is told before a model is looked for
    if options.dry_run:
        records = {}
        if read_spec(settings):
            with open_library(settings) as (_, catalog):
                records = {record.source: record for record in catalog.all()}
        found = survey(options.paths, records.values())
        with ReaderPool(_read_options(options, settings)) as readers:
            return _finish(options, plan_ingest(found, records, options.mirror, readers.read))
    settings = follow_index(settings)
    model = resolve(settings)
    spec = spec_for(settings, model)
    print(
        f"model: {model.name} ({model.why}); {spec.full_dim} dimensions, {spec.dim} searched", file=sys.stderr
    )
    if warning := truncation_warning(model, spec.dim):
        print(f"warning: {warning}", file=sys.stderr)

    def load_embedder() -> Embedder:
        embedder = load(model, settings)
        print(f"running on {embedder.device}", file=sys.stderr)
        return embedder

    folder = collection_folder(settings)
    with (
        writing(settings, _say_waiting(options)),
        open_library(settings, spec) as (store, catalog),
        ReaderPool(_read_options(options, settings)) as readers,
    ):
        analyzer = wanted_analyzer(folder, settings)
        if written := refresh(store, folder, analyzer):
            print(f"made the terms of {written} chunks anew; nothing was embedded", file=sys.stderr)
        line = ProgressLine(sys.stderr, options.progress)
        try:
            report = ingest(
                survey(options.paths, catalog.all()),
                store,
                catalog,
                load_embedder,
                collection=settings.collection,
                mirror=options.mirror,
                again=options.again,
                read=readers.read,
                analyzer=analyzer,
                on_progress=line.show,
            )
        finally:
            line.end()
        with suppress(OSError):  # such as a full disk: what has been indexed is there all the same
            write_last_ingest(folder, report)
    return _finish(options, report)


def _say_waiting(options: argparse.Namespace) -> Callable[[], None]:
    from indexer.progress import say_waiting

    return lambda: say_waiting(sys.stderr, getattr(options, "progress", None))


def _read_options(options: argparse.Namespace, settings: Settings) -> ReadOptions:
    from indexer.readers import ReadOptions

    return ReadOptions(options.encoding, settings.document_password, settings.ocr)


def _finish(options: argparse.Namespace, report: IngestReport) -> int:
    from indexer import describe

    print(describe.ingest_report(report), file=sys.stderr)
    text = json.dumps(report.to_json(), ensure_ascii=False, indent=2)
    if options.json:
        print(text)
    elif options.dry_run:
        for source in report.sources:
            print(f"{source.outcome:10} {source.source}")
    if options.report:
        options.report.write_text(text + "\n", encoding="utf-8")
    return report.exit_code


def _inspect(options: argparse.Namespace, settings: Settings) -> int:
    from dataclasses import asdict

    from indexer import describe
    from indexer.errors import ReadError
    from indexer.reader_pool import read_apart
    from indexer.readers.verdict import unreadable
    from indexer.sources import problem_of

    if not options.file.is_file():
        raise FileNotFoundError(f"{options.file}: no such file")
    try:
        document = read_apart(options.file, _read_options(options, settings))
    except ReadError as error:
        reading = unreadable(problem_of(error))
        if options.json:
            print(json.dumps({"reading": asdict(reading)}, ensure_ascii=False, indent=2))
        raise
    if options.json:
        print(json.dumps(asdict(document), ensure_ascii=False, indent=2))
    else:
        print(describe.document(document))
    return 3 if document.reading.verdict == "suspicious" else 0


def _status(options: argparse.Namespace, settings: Settings) -> int:
    from indexer.lexicon import read_analyzer
    from indexer.library import open_library
    from indexer.store import collection_folder

    analyzer = read_analyzer(collection_folder(settings))
    with open_library(settings) as (store, catalog):
        chunks, spec = store.count(), store.spec
        records = catalog.all()
    verdicts = {verdict: sum(r.state == verdict for r in records) for verdict in ("ok", "partial", "failed")}
    _print(
        options,
        {
            "index": settings.url or str(collection_folder(settings)),
            "collection": settings.collection,
            **spec.to_json(),
            "sources": verdicts,
            "chunks": chunks,
            "lexicon": {
                "user_words": len(analyzer.user_dict.splitlines()),
                "k1": analyzer.k1,
                "b": analyzer.b,
            },
        },
    )
    return 0


def _verify(options: argparse.Namespace, settings: Settings) -> int:
    from indexer.library import open_library, writing
    from indexer.verify import differences, repair

    with ExitStack() as stack:
        if options.repair:
            stack.enter_context(writing(settings, _say_waiting(options)))
        store, catalog = stack.enter_context(open_library(settings))
        found = differences(store, catalog)
        if options.repair:
            repair(found, store, catalog, settings.collection)
    if options.json:
        print(json.dumps([d.to_json() for d in found], ensure_ascii=False, indent=2))
        return 3 if found else 0
    for difference in found:
        print(f"{difference.source}: {difference.found} chunks in the index, {difference.expected} expected")
    if not found:
        print("the index is whole")
    elif options.repair:
        print("the next `ingest` of their folders reads them again")
    else:
        print("run `verify --repair`, then `ingest` their folders again")
    return 3 if found else 0


def _remove(options: argparse.Namespace, settings: Settings) -> int:
    from indexer.library import open_library, remove_sources
    from indexer.sources import normal

    wanted = [normal(path) for path in options.paths]
    with open_library(settings) as (store, catalog):
        chosen = [r.source for r in catalog.all() if any(Path(r.source).is_relative_to(p) for p in wanted)]
        remove_sources(settings, store, catalog, chosen, _say_waiting(options))
    if not chosen:
        print(f"error: nothing indexed from {', '.join(map(str, wanted))}; see `status`", file=sys.stderr)
        return 1
    _print(options, {"removed": chosen})
    return 0


def _redimension(options: argparse.Namespace, settings: Settings) -> int:
    from indexer.progress import StepProgress
    from indexer.redimension import redimension

    progress = StepProgress(sys.stderr, options.progress)
    started = time.monotonic()
    spec = redimension(
        settings,
        options.dim,
        options.storage,
        options.rotation,
        lambda done, total: progress.show("chunks", done, total),
        _say_waiting(options),
    )
    _print(
        options,
        {
            "dim": spec.dim,
            "storage": spec.storage,
            "rotation": spec.rotation or "none",
            "seconds": round(time.monotonic() - started, 1),
        },
    )
    return 0


def _rotate(options: argparse.Namespace, settings: Settings) -> int:
    from indexer.embedding import load, resolve
    from indexer.embedding.rotation import write_rotation
    from indexer.library import follow_index
    from indexer.progress import StepProgress
    from indexer.redimension import matryoshka_dims, trained_rotation_file
    from indexer.rotate import fit_to_index, read_pairs
    from indexer.store import open_store

    settings = follow_index(settings)
    pairs = None
    store = open_store(settings)
    try:
        spec = store.spec
        if options.pairs:
            pairs = read_pairs(options.pairs, load(resolve(settings), settings))
        dims = matryoshka_dims(settings, spec) or tuple(spec.full_dim // part for part in (8, 6, 4, 3, 2))
        fitted = fit_to_index(
            store,
            dims,
            pairs,
            options.seconds,
            on_progress=StepProgress(sys.stderr, options.progress).show,
        )
    finally:
        store.close()
    file = trained_rotation_file(settings)
    write_rotation(fitted.rotation, file, spec.fingerprint)
    _print(
        options,
        {
            "rotation": fitted.rotation.fingerprint,
            "chunks": fitted.chunks,
            "agreement": {
                str(dim): f"{before:.3f} → {after:.3f}" for dim, (before, after) in fitted.agreement.items()
            },
            "next": "python -m indexer redimension DIM --rotation trained",
        },
    )
    return 0


def _export(options: argparse.Namespace, settings: Settings) -> int:
    from indexer.store import open_store

    store = open_store(settings)
    try:
        cursor: str | None = None
        while True:
            records, cursor = store.scroll(cursor=cursor, with_vectors=options.vectors)
            for record in records:
                vector = {} if record.full is None else {"full": record.full.tolist()}
                print(json.dumps({"id": record.id, **record.payload, **vector}, ensure_ascii=False))
            if cursor is None:
                return 0
    finally:
        store.close()


def _doctor(options: argparse.Namespace, settings: Settings) -> int:
    from indexer.doctor import examine

    checks = examine(settings)
    if options.json:
        print(json.dumps([check.to_json() for check in checks], ensure_ascii=False, indent=2))
    else:
        for check in checks:
            print(f"{'ok  ' if check.ok else 'FAIL'} {check.name}: {check.detail}")
    return 0 if all(check.ok for check in checks) else 3


def _models(options: argparse.Namespace, settings: Settings) -> int:
    from indexer.embedding.listing import list_models

    rows = list_models(settings)
    if options.json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return 0
    for row in rows:
        dims = ", ".join(map(str, row["matryoshka_dims"])) or str(row["full_dim"])
        print(f"{row['name']}: {'present' if row['present'] else 'not here'}, licence: {row['licence']}")
        print(f"    dimensions {dims}; window {row['max_tokens']} tokens")
        if row["query_prompt"] or row["passage_prompt"]:
            print(f"    prompts: query {row['query_prompt']!r}, passage {row['passage_prompt']!r}")
        print(f"    {row['repo'] or 'with pip'}: {row['note']}")
    return 0


def _fetch(options: argparse.Namespace, settings: Settings) -> int:
    from indexer.embedding.fetch import fetch

    folder = fetch(options.name, settings, source=options.source)
    print(f"{options.name} is in {folder}; use it with --model {options.name}")
    return 0


def _print(options: argparse.Namespace, values: dict[str, Any]) -> None:
    if options.json:
        print(json.dumps(values, ensure_ascii=False, indent=2))
        return
    for name, value in values.items():
        if isinstance(value, dict):
            value = ", ".join(f"{key} {number}" for key, number in value.items())
        elif isinstance(value, list):
            value = "\n  ".join(["", *map(str, value)])
        print(f"{name}: {value}")


if __name__ == "__main__":
    sys.exit(main())
