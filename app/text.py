"""Every sentence that a reader of the UI sees, in Chinese and in English.

Sentences may hold Markdown of their own (commands in backticks); what comes from documents never
goes into them. `{name}` is filled in by the view.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from app.evaluation.run_file import RunFileError
from app.judged import JudgedSetError
from app.question import QuestionError
from app.ranking import Mode
from app.rerank import Rerank
from app.searcher import NoticeKind
from indexer.errors import (
    ApiError,
    BlankTextError,
    DimensionError,
    EmbeddingError,
    IndexBusyError,
    IndexMismatchError,
    IndexMissingError,
    ModelMissingError,
    RerankUnavailableError,
    RewriteError,
    RotationError,
    ServerError,
    SettingsError,
    StoreError,
    TextTooLongError,
    UnknownModelError,
    WeightsMissingError,
)

Lang = Literal["zh", "en"]
LANGUAGES: Mapping[Lang, str] = {"zh": "中文", "en": "English"}


@dataclass(frozen=True, slots=True)
class Texts:
    """One language. A sentence that is missing in it is an error when this module is imported."""

    html_lang: str
    app_name: str
    tagline: str
    search_page: str
    dimensions_page: str

    question: str
    question_example: str
    ask: str
    mode: str
    mode_help: str
    modes: Mapping[Mode, str]
    rerank: str
    rerank_help: str
    reranks: Mapping[Rerank, str]
    number_of_results: str
    per_document: str
    per_document_help: str
    syntax: str
    syntax_help: str
    filters: str
    filter_names: Mapping[str, str]  # of app.searcher.FILTERS
    title_filter: str
    any_value: str

    loading_model: str
    searching: str
    reranking: str
    summary: str
    summary_lexical: str
    summary_rerank: str
    must_have: str
    must_not_have: str
    only_in: str
    notices: Mapping[NoticeKind, str]
    nothing_relevant: str
    weak: str
    also: str
    earlier_answer: str
    no_hits: str
    no_hits_lexical: str
    empty_index: str
    page: str
    pages: str

    relevance: str
    cosine: str
    percentile: str
    lexical: str
    fused: str
    rerank_score: str
    about_scores: str
    judge: str
    relevant: str
    irrelevant: str
    judged_count: str
    relevance_help: str
    cosine_help: str
    lexical_help: str
    fused_help: str
    rerank_score_help: str

    technical_details: str
    errors: Mapping[type[Exception], str]


ZH = Texts(
    html_lang="zh-CN",
    app_name="寻章",
    tagline="用平常的话，在自己的文档里找原文",
    search_page="搜索",
    dimensions_page="维度与质量",
    question="问题",
    question_example="想找什么？例如：试用期最长多久",
    ask="搜索",
    mode="方式",
    mode_help=(
        "混合：意思和字词一起看，一般用它。语义：只看意思，换了说法也能找到。"
        "关键词：只看字词，适合名称、编号和原话。"
    ),
    modes={"hybrid": "混合", "dense": "语义", "lexical": "关键词"},
    rerank="重排",
    rerank_help=(
        "把排在最前的几条再细读一遍。逐词比对：用建索引的模型，不需要别的权重，CPU 上多花几秒。"
        "交叉编码器：用 `XUNZHANG_RERANK_MODEL` 指明的模型。"
    ),
    reranks={"none": "不重排", "late": "逐词比对", "cross": "交叉编码器"},
    number_of_results="结果数",
    per_document="每份文件最多",
    per_document_help="一份文件最多占几条结果；0 表示不限。",
    syntax="搜索技巧",
    syntax_help=(
        '- `"试用期"`　加引号的词语必须原样出现（全角半角、繁简、大小写不论）\n'
        "- `试用期 -实习`　不要含“实习”的段落\n"
        "- `类型:pdf` `文件:劳动法` `文件夹:法规` `标题:罚则`　只在这样的文件、文件夹或标题下找"
    ),
    filters="筛选",
    filter_names={"file": "文件", "folder": "文件夹", "type": "类型"},
    title_filter="标题",
    any_value="不限",
    loading_model="正在加载模型…",
    searching="正在搜索…",
    reranking="正在搜索并重排…",
    summary="{hits} 条结果，向量化 {embed:.2f} 秒，检索 {search:.2f} 秒 · 模型 {model}，{dim} 维",
    summary_lexical="{hits} 条结果，检索 {search:.2f} 秒",
    summary_rerank="重排 {rerank:.2f} 秒",
    must_have="必须含有：",
    must_not_have="不含：",
    only_in="只在：",
    notices={
        "rerank_cut": "时间到了，只重排了前 {done} 条（共 {asked} 条候选）；其余保持原来的次序。",
        "pool_full": "段落很多，只查看了其中 {pool} 段有没有这些词；加上筛选可以更全。",
        "lexicon_old": (
            "索引的词面部分是旧版本做的，或没有做完；再运行一次 `python -m indexer ingest 文件夹` 就会更新。"
        ),
    },
    nothing_relevant="库里可能没有相关的内容。下面是最接近的几段，仅供参考。",
    weak="可能不相关",
    also="同样的文字还见于：",
    earlier_answer="下面是上一个问题的结果。",
    no_hits="没有找到。换个说法，或放宽筛选再试。",
    no_hits_lexical="没有哪一段含有这些词。换个说法，或改用语义方式再试。",
    empty_index=(
        "索引是空的。在终端运行 `python -m indexer ingest 文件夹`，把“文件夹”换成文档所在的位置；"
        "完成后回到这里再搜，不用重启。"
    ),
    page="第 {first} 页",
    pages="第 {first}–{last} 页",
    relevance="相关度",
    cosine="余弦相似度",
    percentile="高于 {share:.1%} 的随机段落",
    lexical="BM25 词面分",
    fused="融合分",
    rerank_score="重排分",
    about_scores="这些分数是什么意思",
    judge="这一条相关吗",
    relevant="相关",
    irrelevant="不相关",
    judged_count=(
        "已判断 {judgements} 条，属于 {questions} 个问题；“维度与质量”一页用它们来量。再点一次就撤回。"
    ),
    relevance_help=(
        "这一段回答了问题的可能性，由融合分（语义方式下由余弦）换算，用 compact 模型和百科、史书上的问题"
        "校准；换了模型或文档，次序仍可信，数值只供参考。段落太少的库不显示。"
    ),
    cosine_help="问题与这一段在意思上有多近，从 −1 到 1，越大越近；括号里是与库中随机段落相比的位置。",
    lexical_help="两者共有的词有多少、多罕见；没有上限，只能在同一个问题的结果之间比较。",
    fused_help=(
        "余弦比随机段落高出几个标准差，再加上问题里的信息在字面上出现了多少（全部出现加 5）；"
        "不同的问题之间也可以比较。"
    ),
    rerank_score_help="重排时细读得到的分数，用模型自己的刻度，与融合分合起来决定次序。",
    technical_details="技术细节",
    errors={
        QuestionError: "请输入想找的内容，几个词或一句话都可以。",
        IndexMissingError: (
            "还没有索引。在终端运行 `python -m indexer ingest 文件夹`，把“文件夹”换成文档所在的位置；"
            "完成后回到这里再搜，不用重启。"
        ),
        IndexMismatchError: (
            "索引是用别的模型或维度建立的，与现在的设置不符。请改回建立时的设置，或用现在的设置另建一个索引："
            "`python -m indexer ingest 文件夹 --index 新位置`。"
        ),
        IndexBusyError: "另一个程序正占用索引，而且没有回应。请稍后再试，或结束那个程序。",
        ServerError: "连不上 Qdrant 服务器，或它拒绝了请求。请检查地址、网络和密钥。",
        StoreError: "索引读不出来。可运行 `python -m indexer doctor` 检查。",
        WeightsMissingError: (
            "模型只有配置，没有权重（Piccolo2 的权重已被发布者撤下）。可以用 `XUNZHANG_MODEL` "
            "指向一份有权重的文件夹，用 `XUNZHANG_API_URL` 接上提供它的服务，"
            "或换一个模型另建索引，例如 `python -m indexer ingest 文件夹 --model compact --index 新位置`。"
        ),
        ModelMissingError: (
            "建立索引的模型不在这台机器上。可以用 `python -m indexer models fetch 模型名` 下载，"
            "或把模型文件夹复制过来并用 `XUNZHANG_MODEL` 指明位置。"
        ),
        UnknownModelError: "没有设置里的这个模型，也没有这个文件夹。可用的见 `python -m indexer models`。",
        DimensionError: "这个模型没有设置里的维度。可用的维度见 `python -m indexer models`。",
        TextTooLongError: "问题太长，超过了模型一次能读的长度。请缩短一些，或改用关键词方式。",
        RerankUnavailableError: "这个模型给不出逐词的向量，不能逐词比对。请选不重排，或配置交叉编码器。",
        BlankTextError: "问题里没有可以搜索的字。请输入几个词或一句话。",
        ApiError: "向量化服务没有回应，或回答有误。请检查地址、网络和密钥；关键词方式可能仍然可用。",
        EmbeddingError: "模型无法使用。可运行 `python -m indexer doctor` 检查。",
        RotationError: "没有这样的旋转，或它的文件坏了。可在“维度与质量”一页重新学习，或选“不旋转”。",
        RewriteError: "改写出来的向量不对，没有换上；索引还是原来的。可以再试一次。",
        JudgedSetError: "判断的文件有一行读不懂（见技术细节）。改好或删掉那一行就能继续。",
        RunFileError: "这次评测的文件读不出来。可以删掉它，再评测一次。",
        SettingsError: "设置有误。请检查 `xunzhang.toml` 和以 `XUNZHANG_` 开头的环境变量。",
        Exception: "出了意料之外的错误，这次没有搜成。可运行 `python -m indexer doctor` 检查。",
    },
)

EN = Texts(
    html_lang="en",
    app_name="寻章 Xunzhang",
    tagline="Find passages in your own documents, in plain words",
    search_page="Search",
    dimensions_page="Dimension and quality",
    question="Question",
    question_example="What are you looking for? For example: 试用期最长多久",
    ask="Search",
    mode="Mode",
    mode_help=(
        "Hybrid: by meaning and by words; the usual choice. Meaning: finds what is said in other words. "
        "Keywords: by words only, for names, numbers and quotations."
    ),
    modes={"hybrid": "Hybrid", "dense": "Meaning", "lexical": "Keywords"},
    rerank="Rerank",
    rerank_help=(
        "Reads the first hits again, closely. Word by word: with the index's own model, no further weights, "
        "some seconds more on a CPU. Cross-encoder: the model that `XUNZHANG_RERANK_MODEL` names."
    ),
    reranks={"none": "Off", "late": "Word by word", "cross": "Cross-encoder"},
    number_of_results="Results",
    per_document="Most of one file",
    per_document_help="How many results one file may have; 0 for any number.",
    syntax="Search tips",
    syntax_help=(
        '- `"试用期"`　what is quoted must occur as written (width, script and case aside)\n'
        "- `试用期 -实习`　no passages with 实习\n"
        "- `type:pdf` `file:劳动法` `folder:法规` `title:罚则`　only in such files, folders or sections"
    ),
    filters="Filters",
    filter_names={"file": "File", "folder": "Folder", "type": "Type"},
    title_filter="title",
    any_value="Any",
    loading_model="Loading the model…",
    searching="Searching…",
    reranking="Searching and reranking…",
    summary="{hits} results, embedding {embed:.2f} s, search {search:.2f} s · model {model}, {dim} dim",
    summary_lexical="{hits} results, search {search:.2f} s",
    summary_rerank="rerank {rerank:.2f} s",
    must_have="must have: ",
    must_not_have="must not have: ",
    only_in="only in: ",
    notices={
        "rerank_cut": "Time was over: {done} of {asked} candidates were reranked; the rest stay.",
        "pool_full": "Of many passages, {pool} were looked through for these words. Try a filter.",
        "lexicon_old": "The index's words are of an older version, or unfinished: run `ingest` again.",
    },
    nothing_relevant="The library may have nothing relevant. These are the nearest passages.",
    weak="may be irrelevant",
    also="The same text is also in: ",
    earlier_answer="Below are the results of the question before.",
    no_hits="Nothing found. Put it differently, or loosen the filters.",
    no_hits_lexical="No passage has any of these words. Put it differently, or search by meaning.",
    empty_index=(
        "The index is empty. Run `python -m indexer ingest FOLDER` in a terminal, with the place of your "
        "documents for FOLDER; then search here again, without a restart."
    ),
    page="page {first}",
    pages="pages {first}–{last}",
    relevance="relevance",
    cosine="cosine similarity",
    percentile="above {share:.1%} of random passages",
    lexical="BM25 word score",
    fused="fused score",
    rerank_score="rerank score",
    about_scores="What these scores mean",
    judge="Is this one relevant?",
    relevant="Relevant",
    irrelevant="Not relevant",
    judged_count=(
        "{judgements} judged so far, of {questions} questions; the page on dimension and quality measures by "
        "them. Click again to take one back."
    ),
    relevance_help=(
        "How likely the passage answers, from the fused score (in meaning mode from the cosine), calibrated "
        "with the compact model on questions about encyclopedias and histories; for other models and "
        "documents the order holds and the number is a guess. Not shown for a library of few passages."
    ),
    cosine_help=(
        "How near question and passage are in meaning, from −1 to 1; higher is nearer. In brackets, its "
        "place among random passages of the library."
    ),
    lexical_help="How many words they share, and how rare; no upper end, to be compared within one question.",
    fused_help=(
        "How many standard deviations the cosine is above random passages, plus how much of the question "
        "occurs in words (5 for all of it); can be compared across questions."
    ),
    rerank_score_help="From reading closely, on the model's own scale; orders the list with the fused score.",
    technical_details="Technical details",
    errors={
        QuestionError: "Type what you are looking for: a few words or a sentence.",
        IndexMissingError: (
            "There is no index yet. Run `python -m indexer ingest FOLDER` in a terminal, with the place of "
            "your documents for FOLDER; then search here again, without a restart."
        ),
        IndexMismatchError: (
            "The index was built with another model or dimension than the settings ask for. Go back to those "
            "settings, or build another index: `python -m indexer ingest FOLDER --index ELSEWHERE`."
        ),
        IndexBusyError: "Another program holds the index and does not answer. Try again later, or end it.",
        ServerError: "The Qdrant server can't be reached, or refused. Check address, network and key.",
        StoreError: "The index can't be read. `python -m indexer doctor` examines it.",
        WeightsMissingError: (
            "The model has no weights, only configuration (Piccolo2's were withdrawn by its publisher). Set "
            "`XUNZHANG_MODEL` to a folder that has them, `XUNZHANG_API_URL` to a service that runs it, or "
            "index with another model: `python -m indexer ingest FOLDER --model compact --index ELSEWHERE`."
        ),
        ModelMissingError: (
            "The model that the index was built with is not on this machine. Download it with "
            "`python -m indexer models fetch NAME`, or copy its folder here and name it in `XUNZHANG_MODEL`."
        ),
        UnknownModelError: "No such model or folder as in the settings. See `python -m indexer models`.",
        DimensionError: "The model has no such dimension as in the settings. See `python -m indexer models`.",
        TextTooLongError: "The question is longer than the model reads at once. Shorten it, or use keywords.",
        RerankUnavailableError: (
            "This model gives no vectors of single words to rerank with. Switch reranking off, or set up a "
            "cross-encoder."
        ),
        BlankTextError: "The question has nothing to search for. Type a few words or a sentence.",
        ApiError: "The embedding service failed. Check address, network and key; keywords may still work.",
        EmbeddingError: "The model can't be used. `python -m indexer doctor` examines it.",
        RotationError: "There is no such rotation, or its file is damaged. Learn it again, or choose none.",
        RewriteError: "The new vectors came out wrong and were not used; the index is as it was. Try again.",
        JudgedSetError: "A line of the judgements can't be read (see below). Mend or delete it to go on.",
        RunFileError: "The file of this evaluation can't be read. Delete it, and evaluate again.",
        SettingsError: "A setting is wrong. Check `xunzhang.toml` and the `XUNZHANG_…` variables.",
        Exception: "Something unexpected went wrong with this search. `python -m indexer doctor` may tell.",
    },
)

TEXTS: Mapping[Lang, Texts] = {"zh": ZH, "en": EN}


def explain(error: Exception, lang: Lang) -> str:
    """What went wrong and what to do, for a reader: the sentence of the nearest class that has one."""
    sentences = TEXTS[lang].errors
    return next(sentences[kind] for kind in type(error).__mro__ if kind in sentences)
