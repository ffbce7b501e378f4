"""python -m app: search, and evaluate, from the shell."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.settings import Settings
from indexer.terminal import run

if TYPE_CHECKING:
    from app.searcher import Hit

_STEP_SECONDS = 10.0  # between two lines of progress


def main(arguments: Sequence[str] | None = None) -> int:
    return run(_parser().parse_args(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m app", description="Search an index, or evaluate one.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    search = commands.add_parser("search", help="ask a question")
    search.add_argument("question")
    place = search.add_mutually_exclusive_group()
    place.add_argument("--index", type=Path, metavar="DIR", help="the embedded index (default: data/index)")
    place.add_argument("--url", help="a Qdrant server instead")
    search.add_argument("--collection", metavar="NAME")
    search.add_argument("--mode", choices=("hybrid", "dense", "lexical"), default="hybrid")
    search.add_argument("--top", type=_positive, default=10, metavar="N")
    search.add_argument(
        "--filter",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="file=, folder= or type=; the same key again: either value",
    )
    search.set_defaults(run=_search)

    evaluate = commands.add_parser("evaluate", help="measure against judged questions (BEIR files)")
    evaluate.add_argument("--corpus", type=Path, required=True, metavar="corpus.jsonl")
    evaluate.add_argument("--queries", type=Path, required=True, metavar="queries.jsonl")
    evaluate.add_argument("--qrels", type=Path, required=True, metavar="qrels.tsv")
    evaluate.add_argument("--modes", type=_names, default=None, help="dense,two-stage,lexical,hybrid")
    evaluate.add_argument("--dims", type=_numbers, default=(), help="such as 256,512 (default: the full one)")
    evaluate.set_defaults(run=_evaluate)

    for command in (search, evaluate):
        command.add_argument("--model", metavar="M", help="auto, a preset, a model's folder, or api")
        command.add_argument("--device", choices=("auto", "cuda", "mps", "cpu"))
    search.add_argument("--json", action="store_true", help="print JSON on standard output")
    evaluate.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not at least 1")
    return number


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(","))


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(_positive(part) for part in text.split(","))


def _search(options: argparse.Namespace, settings: Settings) -> int:
    from app.searcher import filters, open_searcher

    wanted: dict[str, list[str]] = {}
    for pair in options.filter:
        key, separator, value = pair.partition("=")
        if not separator:
            print(f"error: --filter {pair!r}: must be KEY=VALUE, such as type=pdf", file=sys.stderr)
            return 2
        wanted.setdefault(key, []).append(value)
    where = filters(wanted)
    searcher = open_searcher(settings)
    try:
        result = searcher.search(options.question, options.mode, options.top, where)
    finally:
        searcher.close()
    if options.json:
        print(
            json.dumps(
                {
                    "question": result.question,
                    "mode": result.mode,
                    "embed_seconds": round(result.embed_seconds, 4),
                    "search_seconds": round(result.search_seconds, 4),
                    "hits": [_hit_to_json(hit) for hit in result.hits],
                },
                ensure_ascii=False,
                indent=2,
            )
        )
        return 0
    for number, hit in enumerate(result.hits, 1):
        page = f" 第 {hit.pages[0]} 页" if hit.pages else ""
        print(f"{number}. {hit.shown}{page}  {' › '.join(hit.headings)}")
        print(f"   {_scores(hit)}")
        print(f"   {' '.join(hit.text.split())}\n")
    if not result.hits:
        print("nothing found")
    return 0


def _scores(hit: Hit) -> str:
    named = (("cosine", hit.scores.cosine), ("BM25", hit.scores.lexical), ("fused", hit.scores.fused))
    return "  ".join(f"{name} {value:.3f}" for name, value in named if value is not None)


def _hit_to_json(hit: Hit) -> dict[str, Any]:
    return {
        "id": hit.id,
        "scores": {
            "cosine": hit.scores.cosine,
            "lexical": hit.scores.lexical,
            "fused": hit.scores.fused,
        },
        **{key: value for key, value in hit.payload.items() if key != "source_id"},
    }


def _evaluate(options: argparse.Namespace, settings: Settings) -> int:
    from app.evaluation import EVALUATED_MODES, METRICS, evaluate, read_judged_set
    from indexer.embedding import check_dim, load, resolve
    from indexer.library import truncation_warning

    modes = options.modes or EVALUATED_MODES
    unknown = [mode for mode in modes if mode not in EVALUATED_MODES]
    if unknown:
        print(f"error: no mode {unknown[0]!r}; there are: {', '.join(EVALUATED_MODES)}", file=sys.stderr)
        return 2
    judged = read_judged_set(options.corpus, options.queries, options.qrels)
    model = resolve(settings)
    for dim in options.dims:
        check_dim(dim, model.full_dim, model.matryoshka_dims)
        if warning := truncation_warning(model, dim):
            print(f"warning: {warning}", file=sys.stderr)
    embedder = load(model, settings)
    print(
        f"{len(judged.passages)} passages, {len(judged.queries)} questions; "
        f"{embedder.name} on {embedder.device}",
        file=sys.stderr,
    )
    shown_at = 0.0

    def progress(what: str, done: int, total: int) -> None:
        nonlocal shown_at
        if time.monotonic() - shown_at > _STEP_SECONDS or done == total:
            shown_at = time.monotonic()
            print(f"  {what}: {done}/{total}", file=sys.stderr)

    outcomes = evaluate(judged, embedder, modes, options.dims, progress)
    print("\t".join(["mode", "dim", *METRICS]))
    for outcome in outcomes:
        print("\t".join([outcome.mode, str(outcome.dim), *(f"{outcome.metrics[m]:.4f}" for m in METRICS)]))
    if options.json:
        figures = {
            "model": embedder.name,
            "fingerprint": embedder.fingerprint,
            "device": embedder.device,
            "corpus": str(options.corpus),
            "passages": len(judged.passages),
            "questions": len(judged.queries),
            "outcomes": [{"mode": o.mode, "dim": o.dim, **o.metrics} for o in outcomes],
        }
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
