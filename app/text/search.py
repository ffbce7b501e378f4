"""What the search page says, and what every page does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.ranking import Mode
from app.rerank import Rerank
from app.searcher import NoticeKind


@dataclass(frozen=True, slots=True)
class Texts:
    """One language. A sentence that is missing in it is an error when this module is imported."""

    html_lang: str
    app_name: str
    tagline: str
    search_page: str
    dimensions_page: str
    library_page: str
    status_page: str
    library: str
    all_libraries: str
    default_library: str
    model_loading: str
    model_ready: str
    model_failed: str

    question: str
    question_example: str
    ask: str
    history: str
    history_clear: str
    colon: str
    list_comma: str
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
    select_all: str
    changed: str
    since: str
    until: str
    clear_filters: str

    opening: str
    loading_model: str
    searching: str
    reranking: str
    summary_hits: str
    summary_embed: str
    summary_search: str
    summary_rerank: str
    summary_model: str
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
    page: str
    pages: str
    passage_number: str
    context: str
    context_title: str
    context_text: str
    context_page: str
    context_which: str
    context_gone: str
    context_not_boxed: str
    copy: str
    copied: str

    relevance: str
    cosine: str
    percentile: str
    lexical: str
    fused: str
    rerank_score: str
    scores: str
    judge: str
    relevant: str
    irrelevant: str
    undo: str
    judged_count: str
    relevance_help: str
    cosine_help: str
    lexical_help: str
    fused_help: str
    rerank_score_help: str

    technical_details: str


ZH = Texts(
    html_lang="zh-CN",
    app_name="寻章",
    tagline="用平常的话，在自己的文档里找原文",
    search_page="搜索",
    dimensions_page="维度与质量",
    library_page="资料库",
    status_page="状态",
    library="搜哪个库",
    all_libraries="全部资料库",
    default_library="默认",
    model_loading="正在加载模型…",
    model_ready="模型已就绪",
    model_failed="模型加载失败，见“状态”页",
    question="问题",
    question_example="想找什么？例如：试用期最长多久",
    ask="搜索",
    history="最近的问题",
    history_clear="清空",
    colon="：",
    list_comma="，",
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
    select_all="全选",
    changed="文件的修改时间",
    since="从",
    until="到",
    clear_filters="清除筛选",
    opening="正在打开资料库…",
    loading_model="正在加载模型…",
    searching="正在搜索…",
    reranking="正在搜索并重排…",
    summary_hits="{hits} 条结果",
    summary_embed="向量化 {seconds:.2f} 秒",
    summary_search="检索 {seconds:.2f} 秒",
    summary_rerank="重排 {seconds:.2f} 秒",
    summary_model="模型 {model}，{dim} 维",
    must_have="必须含有：",
    must_not_have="不含：",
    only_in="只在：",
    notices={
        "rerank_cut": "时间到了，只重排了前 {done} 条（共 {asked} 条候选）；其余保持原来的次序。",
        "pool_full": "段落很多，只查看了其中 {pool} 段有没有这些词；加上筛选可以更全。",
        "library_failed": "“{library}”这个库这次没有搜成；在左边单选它，可以看到原因。",
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
    page="第 {first} 页",
    pages="第 {first}–{last} 页",
    passage_number="第 {number} 段",
    context="看上下文",
    context_title="{name}",
    context_text="文字",
    context_page="原页",
    context_which="页",
    context_gone="这份文件已经不在索引里了；再搜一次。",
    context_not_boxed="在这一页的图上没有认出这一段，所以没有框出来；这一页可能是扫描图，这一段可能在相邻的页上，文件也可能在索引之后改过。",
    copy="复制并注明出处",
    copied="已复制",
    relevance="相关度",
    cosine="余弦相似度",
    percentile="高于 {share:.1%} 的随机段落",
    lexical="BM25 词面分",
    fused="融合分",
    rerank_score="重排分",
    scores="分数",
    judge="这一条相关吗",
    relevant="相关",
    irrelevant="不相关",
    undo="撤销上一次判断",
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
)

EN = Texts(
    html_lang="en",
    app_name="寻章 Xunzhang",
    tagline="Find passages in your own documents, in plain words",
    search_page="Search",
    dimensions_page="Dimension and quality",
    library_page="Library",
    status_page="Status",
    library="Search in",
    all_libraries="All libraries",
    default_library="Default",
    model_loading="Loading the model…",
    model_ready="The model is ready",
    model_failed="The model failed to load; see Status",
    question="Question",
    question_example="What are you looking for? For example: 试用期最长多久",
    ask="Search",
    history="Recent questions",
    history_clear="Clear",
    colon=": ",
    list_comma=", ",
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
    select_all="Select all",
    changed="When the file was last changed",
    since="From",
    until="To",
    clear_filters="Clear filters",
    opening="Opening the library…",
    loading_model="Loading the model…",
    searching="Searching…",
    reranking="Searching and reranking…",
    summary_hits="{hits} results",
    summary_embed="embedding {seconds:.2f} s",
    summary_search="search {seconds:.2f} s",
    summary_rerank="rerank {seconds:.2f} s",
    summary_model="model {model}, {dim} dim",
    must_have="must have: ",
    must_not_have="must not have: ",
    only_in="only in: ",
    notices={
        "rerank_cut": "Time was over: {done} of {asked} candidates were reranked; the rest stay.",
        "pool_full": "Of many passages, {pool} were looked through for these words. Try a filter.",
        "library_failed": "The library {library} could not be searched; choose it alone to see why.",
        "lexicon_old": "The index's words are of an older version, or unfinished: run `ingest` again.",
    },
    nothing_relevant="The library may have nothing relevant. These are the nearest passages.",
    weak="may be irrelevant",
    also="The same text is also in: ",
    earlier_answer="Below are the results of the question before.",
    no_hits="Nothing found. Put it differently, or loosen the filters.",
    no_hits_lexical="No passage has any of these words. Put it differently, or search by meaning.",
    page="page {first}",
    pages="pages {first}–{last}",
    passage_number="passage {number}",
    context="Context",
    context_title="{name}",
    context_text="Text",
    context_page="Page",
    context_which="Page",
    context_gone="This file has left the index; search again.",
    context_not_boxed=(
        "The passage was not recognised on the picture of this page, so nothing is boxed: the page may be a "
        "scan, the passage on the next one, or the file changed since it was indexed."
    ),
    copy="Copy with its source",
    copied="Copied",
    relevance="relevance",
    cosine="cosine similarity",
    percentile="above {share:.1%} of random passages",
    lexical="BM25 word score",
    fused="fused score",
    rerank_score="rerank score",
    scores="Scores",
    judge="Is this one relevant?",
    relevant="Relevant",
    irrelevant="Not relevant",
    undo="Undo the last judgement",
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
)
