"""python -m app: search, and evaluate, from the shell."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.settings import Settings
from indexer.terminal import run

if TYPE_CHECKING:
    from app.searcher import Hit, SearchResult

_NOTICES = {
    "rerank_cut": "reranked {done} of {asked} candidates: time was over (XUNZHANG_RERANK_SECONDS)",
    "pool_full": "looked through {pool} passages only for what must or must not be in them; add a filter",
    "library_failed": "{library} could not be searched; search it alone to see why",
    "lexicon_old": "the index's words were made by another version or not to the end; run `ingest` again",
}


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
    search.add_argument("--rerank", choices=("none", "late", "cross"), default="none")
    search.add_argument(
        "--per-document", type=int, metavar="N", help="most hits of one document (default: 3; 0: any number)"
    )
    search.set_defaults(run=_search)

    evaluate = commands.add_parser(
        "evaluate",
        help="measure against judged questions, or questions made from the index",
        description="Measure dimensions, storages, modes: on a set in BEIR form (--corpus), or on the index.",
    )
    where = evaluate.add_mutually_exclusive_group()
    where.add_argument("--index", type=Path, metavar="DIR", help="the embedded index (default: data/index)")
    where.add_argument("--url", help="a Qdrant server instead")
    evaluate.add_argument("--collection", metavar="NAME")
    evaluate.add_argument(
        "--corpus", type=Path, metavar="corpus.jsonl", help="search this set, not the index"
    )
    evaluate.add_argument("--queries", type=Path, metavar="queries.jsonl")
    evaluate.add_argument("--qrels", type=Path, metavar="qrels.tsv")
    evaluate.add_argument("--distractors", type=Path, metavar="FILE.jsonl", help="more passages for the set")
    evaluate.add_argument(
        "--truth",
        choices=("judged", "known-item", "agreement"),
        default="judged",
        help="of the index: what was judged in the search page (or --queries and --qrels); questions made "
        "from the documents; or how far a setting finds what full vectors find",
    )
    evaluate.add_argument(
        "--known-item", type=_names, default=("sentence", "heading", "title"), help="what they are made from"
    )
    evaluate.add_argument(
        "--questions", type=_positive, metavar="N", help="at most so many, drawn with a seed"
    )
    evaluate.add_argument("--modes", type=_names, default=None, help="dense,two-stage,lexical,hybrid")
    evaluate.add_argument("--dims", type=_numbers, default=(), help="such as 256,512 (default: the full one)")
    evaluate.add_argument(
        "--storage", type=_names, default=(), help="float32,float16,int8,turbo4,binary (default: float16)"
    )
    evaluate.add_argument(
        "--search",
        type=_names,
        default=(),
        help="numpy (exact, dense alone), scan (Qdrant without a graph), hnsw (with one); default: scan",
    )
    evaluate.add_argument(
        "--rotation",
        choices=("none", "shipped", "trained"),
        default="none",
        help="measure shorter dimensions with this rotation too",
    )
    evaluate.add_argument("--rerank", type=_names, default=(), help="late,cross: each measured on hybrid")
    evaluate.add_argument("--rerank-candidates", type=_positive, metavar="N", help="default: 20")
    evaluate.add_argument(
        "--rerank-seconds", type=float, metavar="S", help="most time for it (default: as long as it takes)"
    )
    evaluate.add_argument("--user-dict", type=Path, metavar="FILE", help="words that jieba does not know")
    evaluate.add_argument(
        "--no-answerability",
        action="store_true",
        help="do not ask whether scores tell that an answer is there",
    )
    evaluate.add_argument(
        "--compare",
        type=_pair,
        metavar="A,B",
        help="wins and losses, such as hybrid,dense, and the 20 questions where A loses most",
    )
    evaluate.add_argument("--progress", type=Path, metavar="FILE", help="keep how far it is in this file")
    evaluate.set_defaults(run=_evaluate)

    for command in (search, evaluate):
        command.add_argument("--model", metavar="M", help="auto, a preset, a model's folder, or api")
        command.add_argument("--device", choices=("auto", "cuda", "mps", "cpu"))
        command.add_argument("--rerank-model", metavar="M", help="a cross-encoder's folder or name")
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


def _pair(text: str) -> tuple[str, str]:
    names = _names(text)
    if len(names) != 2:
        raise argparse.ArgumentTypeError(f"{text!r} is not two ways, such as hybrid,dense")
    return names[0], names[1]


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(_positive(part) for part in text.split(","))


def _search(options: argparse.Namespace, settings: Settings) -> int:
    from app.searcher import filters, open_searcher

    wanted: dict[str, list[str]] = {}
    for pair in options.filter:
        key, separator, value = pair.partition("=")
        if not separator:
            return _usage(f"--filter {pair!r}: must be KEY=VALUE, such as type=pdf")
        wanted.setdefault(key, []).append(value)
    where = filters(wanted)
    searcher = open_searcher(settings)
    try:
        result = searcher.search(options.question, options.mode, options.top, where, options.rerank)
    finally:
        searcher.close()
    if options.json:
        print(json.dumps(_result_to_json(result), ensure_ascii=False, indent=2))
        return 0
    for notice in result.notices:
        print(_NOTICES[notice.kind].format(**notice.values), file=sys.stderr)
    if result.nothing_relevant:
        print("nothing relevant: each hit is below the threshold", file=sys.stderr)
    for number, hit in enumerate(result.hits, 1):
        page = f" 第 {hit.pages[0]} 页" if hit.pages else ""
        weak = "  (weak)" if result.is_weak(hit) else ""
        print(f"{number}. {hit.shown}{page}  {' › '.join(hit.headings)}{weak}")
        print(f"   {_scores(hit)}")
        if hit.also:
            print(f"   also in {', '.join(hit.also)}")
        if hit.best:
            print(f"   → {' '.join(hit.text[slice(*hit.best)].split())}")
        print(f"   {' '.join(hit.text.split())}\n")
    if not result.hits:
        print("nothing found")
    return 0


def _scores(hit: Hit) -> str:
    named = asdict(hit.scores)
    named["BM25"] = named.pop("lexical")
    return "  ".join(f"{name} {value:.3f}" for name, value in named.items() if value is not None)


def _result_to_json(result: SearchResult) -> dict[str, Any]:
    return {
        "question": result.question,
        "phrases": result.understood.phrases,
        "excluded": result.understood.excluded,
        "titles": result.understood.titles,
        "filters": result.understood.filters,
        "mode": result.mode,
        "rerank": result.rerank,
        "embed_seconds": round(result.embed_seconds, 4),
        "search_seconds": round(result.search_seconds, 4),
        "rerank_seconds": round(result.rerank_seconds, 4),
        "threshold": result.threshold,
        "nothing_relevant": result.nothing_relevant,
        "notices": [{"kind": notice.kind, **notice.values} for notice in result.notices],
        "hits": [_hit_to_json(hit, result) for hit in result.hits],
    }


def _hit_to_json(hit: Hit, result: SearchResult) -> dict[str, Any]:
    return {
        "id": hit.id,
        "scores": asdict(hit.scores),
        "weak": result.is_weak(hit),
        "best": hit.best,
        "matched": hit.matched,
        "also": hit.also,
        **{key: value for key, value in hit.payload.items() if key != "source_id"},
        "text": hit.text,
    }


def _evaluate(options: argparse.Namespace, settings: Settings) -> int:
    from app.evaluation.grid import EVALUATED_MODES, INDEXES, Grid
    from app.evaluation.run import check_grid, evaluate
    from app.evaluation.subject import of_files, of_index
    from app.evaluation.truth import KNOWN_ITEMS
    from app.evaluation.written import describe, describe_comparison, to_json
    from app.rerank import RERANKS
    from indexer.progress import StepProgress
    from indexer.redimension import find_rotation
    from indexer.store import STORAGES

    for given, known in (
        (options.modes or (), EVALUATED_MODES),
        (options.rerank, RERANKS),
        (options.storage, tuple(STORAGES)),
        (options.search, INDEXES),
        (options.known_item, KNOWN_ITEMS),
    ):
        if unknown := [name for name in given if name not in known]:
            return _usage(f"no {unknown[0]!r}; there are: {', '.join(known)}")
    if options.corpus and not (options.queries and options.qrels):
        return _usage("--corpus needs --queries and --qrels beside it")
    if options.qrels and not options.queries:
        return _usage("--qrels needs --queries beside it")
    if options.distractors and not options.corpus:
        return _usage("--distractors are for a set; give --corpus")
    modes = options.modes or EVALUATED_MODES
    measured = [*modes, *(f"hybrid+{how}" for how in options.rerank if how != "none")]
    if unknown := [name for name in options.compare or () if name not in measured]:
        return _usage(f"--compare {unknown[0]!r} is not measured; there are: {', '.join(measured)}")
    progress = StepProgress(sys.stderr, options.progress).show
    subject = (of_files if options.corpus else of_index)(options, settings)
    rotation = find_rotation(settings, subject.embedder.name, subject.embedder.fingerprint, options.rotation)
    grid = Grid(
        modes,
        options.dims,
        options.storage or ("float16",),
        options.search or ("scan",),
        options.rerank,
        rotated=rotation is not None,
        with_baseline=bool(options.storage or options.search or options.dims),
    )
    check_grid(grid, subject.embedder, rotation)
    material, truth = subject.prepare(progress)
    print(
        f"{len(material.ids)} chunks, {len(truth.queries)} questions; "
        f"{subject.embedder.name} on {subject.embedder.device}",
        file=sys.stderr,
    )
    found = evaluate(
        material,
        truth,
        subject.embedder,
        grid,
        settings=settings,
        analyzer=subject.analyzer,
        rotation=rotation,
        budget_seconds=options.rerank_seconds,
        answerability=not options.no_answerability,
        on_progress=progress,
    )
    print(describe(found))
    if options.compare:
        print(describe_comparison(found, material, *options.compare))
    if options.json:
        figures = to_json(
            found, material, subject.embedder, subject.analyzer, rotation, subject.name, not options.corpus
        )
        options.json.write_text(json.dumps(figures, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


def _usage(what: str) -> int:
    print(f"error: {what}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
