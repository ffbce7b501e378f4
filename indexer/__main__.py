"""python -m indexer: index folders, and look after the index.

Nothing heavy is imported before a command needs it, so that --help answers at once.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.errors import XunzhangError
from indexer.settings import Settings, load_settings

if TYPE_CHECKING:
    from indexer.report import IngestReport

_STATUS = """exit status:
  0   everything was indexed
  3   some sources failed, or only a part of them could be read (each is named)
  1   nothing could be done
  2   the command line was wrong
  130 interrupted; the next run goes on from there"""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings(
            index_dir=options.index,
            url=options.url,
            collection=options.collection,
            model=getattr(options, "model", None),
            dim=getattr(options, "dim", None),
            device=getattr(options, "device", None),
        )
        return int(options.run(options, settings))
    except (XunzhangError, FileNotFoundError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m indexer", description="Index Chinese documents.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    where = argparse.ArgumentParser(add_help=False)
    place = where.add_mutually_exclusive_group()
    place.add_argument("--index", type=Path, metavar="DIR", help="the embedded index (default: data/index)")
    place.add_argument("--url", help="a Qdrant server instead, such as http://localhost:6333")
    where.add_argument("--collection", metavar="NAME", help="which library in it (default: default)")
    where.add_argument("--json", action="store_true", help="print JSON on standard output")

    ingest = commands.add_parser(
        "ingest",
        parents=[where],
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
    ingest.add_argument("--mirror", action="store_true", help="remove sources whose files are gone")
    ingest.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    ingest.add_argument("--report", type=Path, metavar="FILE.json", help="write the report there too")
    ingest.set_defaults(run=_ingest)

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
    from indexer.catalog import Catalog
    from indexer.embedding import Embedder, load, resolve
    from indexer.library import follow_index, spec_for, truncation_warning
    from indexer.pipeline import ingest
    from indexer.progress import ProgressLine, describe
    from indexer.sources import find_sources, plan_ingest
    from indexer.store import collection_folder, open_store

    settings = follow_index(settings)
    find_sources(options.paths)  # a wrong path is told before a model is looked for
    if options.dry_run:
        report = plan_ingest(options.paths, Catalog(collection_folder(settings)), options.mirror)
        return _finish(options, report)
    model = resolve(settings)
    spec = spec_for(settings, model)
    print(
        f"model: {model.name} ({model.why}); {spec.full_dim} dimensions, {spec.dim} searched", file=sys.stderr
    )
    if warning := truncation_warning(model, spec.dim):
        print(f"warning: {warning}", file=sys.stderr)
    store = open_store(settings, spec)

    def load_embedder() -> Embedder:
        embedder = load(model, settings)
        print(f"running on {embedder.device}", file=sys.stderr)
        return embedder

    line = ProgressLine(sys.stderr)
    try:
        report = ingest(
            options.paths,
            store,
            Catalog(collection_folder(settings)),
            load_embedder,
            collection=settings.collection,
            mirror=options.mirror,
            on_progress=line.show,
        )
    finally:
        line.end()
        store.close()
    print(describe(report), file=sys.stderr)
    return _finish(options, report)


def _finish(options: argparse.Namespace, report: IngestReport) -> int:
    text = json.dumps(report.to_json(), ensure_ascii=False, indent=2)
    if options.report:
        options.report.write_text(text + "\n", encoding="utf-8")
    if options.json:
        print(text)
    elif options.dry_run:
        for source in report.sources:
            print(f"{source.outcome:10} {source.source}")
    return report.exit_code


def _status(options: argparse.Namespace, settings: Settings) -> int:
    from indexer.catalog import Catalog
    from indexer.store import collection_folder, open_store

    store = open_store(settings)
    try:
        chunks = store.count()
    finally:
        store.close()
    records = Catalog(collection_folder(settings)).all()
    verdicts = {
        verdict: sum(r.verdict == verdict for r in records) for verdict in ("ok", "partial", "failed")
    }
    _print(
        options,
        {
            "index": settings.url or str(collection_folder(settings)),
            "collection": settings.collection,
            **store.spec.to_json(),
            "sources": verdicts,
            "chunks": chunks,
        },
    )
    return 0


def _verify(options: argparse.Namespace, settings: Settings) -> int:
    from indexer.catalog import Catalog
    from indexer.store import collection_folder, open_store
    from indexer.verify import differences

    catalog = Catalog(collection_folder(settings))
    store = open_store(settings)
    try:
        found = differences(store, catalog)
    finally:
        store.close()
    if options.repair:
        for difference in found:
            catalog.remove(difference.source)
    if options.json:
        print(json.dumps([d.to_json() for d in found], ensure_ascii=False, indent=2))
    else:
        for difference in found:
            print(
                f"{difference.source}: {difference.found} chunks in the index, {difference.expected} expected"
            )
        print("the index is whole" if not found else "run `ingest` on these again, after `verify --repair`")
    return 3 if found else 0


def _remove(options: argparse.Namespace, settings: Settings) -> int:
    from indexer.catalog import Catalog
    from indexer.store import ReplaceSource, collection_folder, open_store, source_id

    wanted = [path.expanduser().absolute() for path in options.paths]
    catalog = Catalog(collection_folder(settings))
    chosen = [r for r in catalog.all() if any(Path(r.source).is_relative_to(path) for path in wanted)]
    if not chosen:
        print(f"error: nothing indexed from {', '.join(map(str, wanted))}; see `status`", file=sys.stderr)
        return 1
    store = open_store(settings)
    try:
        tickets = [store.apply(ReplaceSource(source_id(settings.collection, r.source))) for r in chosen]
        for record in chosen:
            catalog.remove(record.source)
        store.wait(tickets, timeout_seconds=60)
    finally:
        store.close()
    _print(options, {"removed": [record.source for record in chosen]})
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
        print(f"{row['name']}: {'present' if row['present'] else 'not here'}, {row['licence']}")
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
