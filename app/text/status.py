"""What the status page says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.searcher import ModelState
from app.status import ModelKind, Part, Precision
from app.text import Lang
from indexer.catalog import State
from indexer.report import Outcome


@dataclass(frozen=True, slots=True)
class StatusTexts:
    """One language. A sentence that is missing in it is an error when this module is imported."""

    title: str
    intro: str
    no_index: str
    to_library: str

    documents: str
    passages: str
    space: str
    speed: str
    speed_none: str
    speed_help: str

    model_section: str
    model: str
    model_kinds: Mapping[ModelKind, str]
    model_gone: str
    runs_on: str
    model_states: Mapping[ModelState, str]
    devices: Mapping[str, str]
    device_service: str
    device_address: str
    precision: str
    precisions: Mapping[Precision, str]
    precision_later: str
    precision_service: str
    precision_help: str
    dims: str
    dims_full: str
    dims_short: str
    dims_help: str
    storage: str
    storages: Mapping[str, str]  # of indexer.store.STORAGES
    rotation: str
    rotated: str
    not_rotated: str
    chunking: str
    chunking_value: str

    library_section: str
    states: Mapping[State, str]
    state_count: str
    pages: str
    pages_count: str
    last_ingest: str
    last_ingest_none: str
    last_ingest_at: str
    endings: Mapping[int, str]  # by IngestReport.exit_code
    outcomes: Mapping[Outcome, str]
    list_comma: str
    seconds: str
    minutes: str

    space_section: str
    parts: Mapping[Part, str]
    total: str
    on_server: str

    machine_section: str
    cpu: str
    cpu_value: str
    memory: str
    gpu: str
    gpu_none: str
    disk: str
    disk_value: str
    disk_low: str
    unknown: str
    versions_section: str

    check: str
    check_help: str
    checking: str
    checked_at: str
    all_well: str
    checks: Mapping[str, str]  # by indexer.doctor.Check.name
    passed: Mapping[str, str]
    advice: Mapping[str, str]
    no_index_yet: str


ZH = StatusTexts(
    title="状态",
    intro="用的是什么模型，资料库有多大，一切是否正常。",
    no_index="这个资料库还没有索引，暂时没有什么可看的。先添加几份文档，再回来看。",
    to_library="去添加文档",
    documents="文档",
    passages="段落",
    space="占用磁盘",
    speed="上次每秒处理几段",
    speed_none="–",
    speed_help="从读文件到存好，平均每秒多少段。没有记录，或上次的新内容太少时，不显示。",
    model_section="模型",
    model="名称",
    model_kinds={
        "compact": "随程序带来的小模型，不用联网",
        "folder": "这台机器上的模型，不用联网",
        "api": "别处的服务：文字会发到那里去计算",
    },
    model_gone="在这台机器上找不到它了。按关键词仍然可以搜，按意思不行",
    runs_on="在哪里运行",
    model_states={
        "ready": "已就绪，用{device}",
        "loading": "正在加载，用{device}",
        "not loaded": "还没有加载。加载后用{device}",
        "failed": "没有加载成功（本来要用{device}）。点下面的“检查一遍”，看看原因",
    },
    devices={
        "auto": "最快的：有显卡就用显卡，没有就用处理器",
        "cpu": "这台机器的处理器（CPU）",
        "cuda": "这台机器的 NVIDIA 显卡",
        "mps": "这台机器的苹果图形芯片",
    },
    device_service="别处的服务",
    device_address="别处的服务 {address}",
    precision="计算精度",
    precisions={
        "fp32": "fp32（每个数 32 位，最精确）",
        "bf16": "bf16（每个数 16 位，快得多，结果几乎一样）",
        "fp16": "fp16（每个数 16 位，快得多，结果几乎一样）",
    },
    precision_later="模型加载以后才知道",
    precision_service="由那边的服务决定",
    precision_help="计算时每个数保留多细。",
    dims="维度",
    dims_full="{full_dim} 维，全部用来搜索",
    dims_short="完整的有 {full_dim} 维，搜索时用缩短的 {dim} 维，省内存，也更快",
    dims_help="每段文字的意思记成一串数，有多少个数就是多少维。可在“维度与质量”一页更改。",
    storage="每个数怎么存",
    storages={
        "float32": "float32，4 字节，一点不压缩",
        "float16": "float16，2 字节，几乎没有损失",
        "int8": "int8，1 字节；先粗找，再用更细的核对",
        "turbo4": "turbo4，半个字节；先粗找，再用更细的核对",
        "binary": "binary，八分之一字节；先粗找，再用更细的核对",
    },
    rotation="缩短前的调整",
    rotated="有（旋转）：缩短以后损失小一些",
    not_rotated="没有",
    chunking="怎样分段",
    chunking_value="每段最多 {tokens} 个词元，前后两段最多重复 {overlap} 个（一个词元大致是一个字或一个词）",
    library_section="资料库",
    states={"ok": "读得完整", "partial": "只读出一部分", "failed": "没有读出来"},
    state_count="{count:,} 份",
    pages="页数",
    pages_count="{count:,} 页（只算分页的文档，如 PDF）",
    last_ingest="上次处理",
    last_ingest_none="没有记录。下次添加或更新文档以后，这里会写明",
    last_ingest_at="{when}，{ending}，用了{took}，新算了 {chunks:,} 段",
    endings={0: "全部做完", 1: "没有做成", 3: "有的文件没有读全", 130: "中途停下了"},
    outcomes={
        "indexed": "新加或更新 {count:,} 份",
        "partial": "读出一部分 {count:,} 份",
        "unchanged": "没有变化 {count:,} 份",
        "moved": "换了位置 {count:,} 份",
        "removed": "移除 {count:,} 份",
        "failed": "没有读出来 {count:,} 份",
        "skipped": "类型不认识而跳过 {count:,} 份",
    },
    list_comma="，",
    seconds=" {seconds:.0f} 秒",
    minutes=" {minutes:.0f} 分钟",
    space_section="磁盘用在哪里",
    parts={
        "vectors": "段落：文字、向量和查找用的索引",
        "catalogue": "文档目录",
        "words": "词典",
        "judgements": "标过“相关”“不相关”的记录",
        "evaluations": "评测的结果",
        "uploads": "上传的文档",
        "rest": "其他",
    },
    total="合计",
    on_server="段落存在服务器 {server} 上，那里占多少磁盘，这里看不到；下面只是这台机器上的部分。",
    machine_section="这台机器",
    cpu="处理器",
    cpu_value="{name}，{cores} 核",
    memory="内存",
    gpu="显卡",
    gpu_none="没有 NVIDIA 显卡，或还没有用到",
    disk="磁盘",
    disk_value="还剩 {free}，一共 {total}",
    disk_low="快满了：请删掉不用的文件，腾出一些地方",
    unknown="不清楚",
    versions_section="软件版本",
    check="检查一遍",
    check_help="试算几十段文字，打开索引，看看磁盘。要几秒到一分钟，什么也不会改。",
    checking="正在检查…",
    checked_at="{when} 检查",
    all_well="一切正常。",
    checks={"model": "模型", "index": "索引", "disk": "磁盘"},
    passed={
        "model": "可以用：{device}，每秒约 {speed:.1f} 段。",
        "index": "打得开，有 {chunks:,} 段，搜索用 {dim} 维。",
        "disk": "够用，还剩 {free}。",
    },
    advice={
        "model": (
            "模型用不了。先重新启动程序再试；还不行，就把 `XUNZHANG_DEVICE` 设为 cpu，"
            "或换成随程序带来的模型 compact 另建一个资料库。"
        ),
        "index": (
            "索引打不开。先看磁盘有没有满、索引所在的文件夹能不能写，再重新启动程序；"
            "还不行，运行 `python -m indexer verify`，看看哪些文档要重新读。"
        ),
        "disk": (
            "磁盘快满了，或者写不进去。请删掉不用的文件，或用 `XUNZHANG_INDEX_DIR` 把索引放到别的磁盘上；"
            "满了以后，新的文档加不进来。"
        ),
    },
    no_index_yet="还没有索引；添加文档以后就有了。",
)

EN = StatusTexts(
    title="Status",
    intro="Which model is in use, how large the library is, and whether all is well.",
    no_index="This library has no index yet, so there is little to see. Add some documents first.",
    to_library="Add documents",
    documents="Documents",
    passages="Passages",
    space="Disk used",
    speed="Passages/s, last update",
    speed_none="–",
    speed_help=(
        "Passages a second on average, from reading files to storing. Not shown without a record, or where "
        "the last update had too little that was new."
    ),
    model_section="Model",
    model="Name",
    model_kinds={
        "compact": "the small model that comes with the program; works offline",
        "folder": "a model on this machine; works offline",
        "api": "a service elsewhere: texts are sent there",
    },
    model_gone="no longer found on this machine; search by keywords still works, by meaning does not",
    runs_on="Runs on",
    model_states={
        "ready": "Ready, on {device}",
        "loading": "Loading, on {device}",
        "not loaded": "Not loaded yet. Will run on {device}",
        "failed": "Failed to load (was to run on {device}). “Check everything” below tells why",
    },
    devices={
        "auto": "the fastest there is: a graphics card, or else the processor",
        "cpu": "this machine's processor (CPU)",
        "cuda": "this machine's NVIDIA graphics card",
        "mps": "this machine's Apple graphics chip",
    },
    device_service="a service elsewhere",
    device_address="a service elsewhere, {address}",
    precision="Precision",
    precisions={
        "fp32": "fp32 (32 bits a number, the most exact)",
        "bf16": "bf16 (16 bits a number: much faster, nearly the same results)",
        "fp16": "fp16 (16 bits a number: much faster, nearly the same results)",
    },
    precision_later="known once the model is loaded",
    precision_service="up to the service",
    precision_help="How finely numbers are kept while computing.",
    dims="Dimension",
    dims_full="{full_dim}, all of them searched",
    dims_short="{full_dim} in full; searched by vectors cut to {dim}, which saves memory and time",
    dims_help=(
        "The meaning of a passage is kept as a row of numbers; the dimension is how many. It is changed on "
        "the page on dimension and quality."
    ),
    storage="How a number is stored",
    storages={
        "float32": "float32, 4 bytes, not compressed",
        "float16": "float16, 2 bytes, next to no loss",
        "int8": "int8, 1 byte; a rough search first, then a finer one of what it found",
        "turbo4": "turbo4, half a byte; a rough search first, then a finer one of what it found",
        "binary": "binary, an eighth of a byte; a rough search first, then a finer one of what it found",
    },
    rotation="Turned before cutting",
    rotated="yes (a rotation): cut vectors lose less",
    not_rotated="no",
    chunking="Passages",
    chunking_value=(
        "at most {tokens} tokens each, at most {overlap} of them repeated from the one before (a token is "
        "about a character or a word)"
    ),
    library_section="Library",
    states={"ok": "Read completely", "partial": "Read in part", "failed": "Could not be read"},
    state_count="{count:,}",
    pages="Pages",
    pages_count="{count:,} (of documents with pages, such as PDF)",
    last_ingest="Last update",
    last_ingest_none="no record; the next time documents are added or updated it will be here",
    last_ingest_at="{when}, {ending}, took {took}, {chunks:,} passages computed",
    endings={0: "complete", 1: "nothing could be done", 3: "some files were not read whole", 130: "stopped"},
    outcomes={
        "indexed": "{count:,} new or changed",
        "partial": "{count:,} read in part",
        "unchanged": "{count:,} unchanged",
        "moved": "{count:,} moved",
        "removed": "{count:,} removed",
        "failed": "{count:,} could not be read",
        "skipped": "{count:,} skipped, of unknown type",
    },
    list_comma=", ",
    seconds="{seconds:.0f} s",
    minutes="{minutes:.0f} min",
    space_section="Where disk space goes",
    parts={
        "vectors": "Passages: texts, vectors and what finds them",
        "catalogue": "List of documents",
        "words": "Dictionary",
        "judgements": "Judgements of results",
        "evaluations": "Evaluations",
        "uploads": "Uploaded documents",
        "rest": "Other",
    },
    total="Total",
    on_server=(
        "The passages are on the server {server}; what they take there can't be seen from here. Below is "
        "only what is on this machine."
    ),
    machine_section="This machine",
    cpu="Processor",
    cpu_value="{name}, {cores} cores",
    memory="Memory",
    gpu="Graphics card",
    gpu_none="no NVIDIA card, or not used yet",
    disk="Disk",
    disk_value="{free} free of {total}",
    disk_low="nearly full: please delete what is not needed",
    unknown="unknown",
    versions_section="Software versions",
    check="Check everything",
    check_help=(
        "Computes some sample passages, opens the index and looks at the disk. Takes some seconds to a "
        "minute, and changes nothing."
    ),
    checking="Checking…",
    checked_at="Checked at {when}",
    all_well="All is well.",
    checks={"model": "Model", "index": "Index", "disk": "Disk"},
    passed={
        "model": "Works: {device}, about {speed:.1f} passages a second.",
        "index": "Opens; {chunks:,} passages, {dim} dimensions searched.",
        "disk": "Enough room, {free} free.",
    },
    advice={
        "model": (
            "The model can't be used. Restart the program first; if that does not help, set "
            "`XUNZHANG_DEVICE` to cpu, or make another library with the model compact."
        ),
        "index": (
            "The index can't be opened. See whether the disk is full or its folder can't be written, and "
            "restart the program; if that does not help, `python -m indexer verify` tells which documents "
            "have to be read again."
        ),
        "disk": (
            "The disk is nearly full, or can't be written. Delete what is not needed, or put the index on "
            "another disk with `XUNZHANG_INDEX_DIR`; on a full disk no documents can be added."
        ),
    },
    no_index_yet="No index yet; there will be one once documents are added.",
)

STATUS_TEXTS: Mapping[Lang, StatusTexts] = {"zh": ZH, "en": EN}
