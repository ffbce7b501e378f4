"""What the library page says, and the search page where nothing is indexed yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.documents import Finding
from app.text import Lang
from indexer.model import OcrMode, ProblemKind
from indexer.report import Outcome

# Before the word for it, in every language.
MARKS: Mapping[Finding, str] = {
    "ok": "✓",
    "repaired": "✓",
    "ocr": "✓",
    "partial": "◐",
    "suspicious": "◐",
    "unreadable": "✗",
    "failed": "✗",
}


@dataclass(frozen=True, slots=True)
class LibraryTexts:
    """One language. A sentence that is missing in it is an error when this module is imported."""

    title: str
    intro: str

    first_run: str
    first_run_help: str
    first_run_shell: str
    index_samples: str
    own_documents: str

    # adding
    add: str
    choose: str
    add_files: str
    add_files_help: str
    add_folder: str
    add_folder_help: str
    add_server: str
    add_server_none: str
    server_folder: str
    server_below: str
    server_all: str
    mirror: str
    mirror_help: str
    add_samples: str
    samples_help: str
    ocr: str
    ocr_help: str
    ocr_modes: Mapping[OcrMode, str]
    start: str
    no_files: str
    pending: str
    saving: str
    saved: str
    index_pending: str
    refused: str
    new_library: str
    new_library_help: str
    name: str
    model: str
    model_auto: str
    dim: str
    dim_full: str
    create: str
    creating: str
    bad_name: str
    created: str

    # the command in the background
    job_starting: str
    job_waiting: str
    job_busy: str
    job_running: str
    job_progress: str
    job_left: str
    seconds: str
    minutes: str
    stop: str
    stopping: str
    job_done: str
    job_nothing: str
    job_failed: str
    job_stopped: str
    job_broken_off: str
    outcomes: Mapping[Outcome, str]
    list_comma: str

    # what could not be read
    problems_title: str
    problem_page: str
    problems: Mapping[ProblemKind, str]
    skipped: str

    # documents
    documents: str
    no_documents: str
    find: str
    all_findings: str
    finding: str
    findings: Mapping[Finding, str]
    score: str
    score_help: str
    document: str
    folder: str
    pages: str
    chunks: str
    charset: str
    engine: str
    engine_own: str
    size: str
    when: str
    shown_of: str
    choose_row: str

    # one document
    passages: str
    page_by_page: str
    reread: str
    passages_help: str
    being_written: str
    part_of: str
    page_number: str
    page_empty: str
    page_characters: str
    page_reason: str
    page_text: str
    page_picture: str
    no_pages: str
    pages_unjudged: str
    pages_earlier: str
    file_gone: str
    encoding: str
    encoding_auto: str
    password: str
    password_help: str
    reread_button: str
    reread_help: str
    remove: str
    remove_help: str
    remove_uploaded: str
    remove_sure: str
    removed: str

    # judgements
    judged: str
    judged_help: str
    judged_beir: str
    judged_tsv: str
    judged_import: str
    judged_import_button: str
    judged_imported: str


ZH = LibraryTexts(
    title="资料库",
    intro="这里有什么文档、读得怎样；添加、重读、移除。",
    first_run="还没有文档",
    first_run_help=(
        "先看看效果：索引随寻章带来的 171 份样本（法律、教材、论文、古籍，几分钟）。或者直接添加自己的文档。"
    ),
    first_run_shell="也可以在终端运行 `python -m indexer ingest 文件夹`；完成后回到这里再搜，不用重启。",
    index_samples="索引样本",
    own_documents="添加自己的文档",
    add="添加文档",
    choose="选择，或拖到这里",
    add_files="上传文件",
    add_files_help=(
        "可以一次选许多个，也可以是 .zip，每个不超过 2 GB。文件留在这台机器上，放在资料库的“上传”文件夹里；"
        "同名而内容不同的旧文件也留着。"
    ),
    add_folder="上传文件夹",
    add_folder_help="选一个文件夹，里面能读的文件都会上传；同名的旧文件换成新的。",
    add_server="这台机器上的文件夹",
    add_server_none=(
        "设置里还没有列出可以索引的文件夹。在 `xunzhang.toml` 里写一行，例如 "
        '`folders = ["/资料/合同", "/资料/法规"]`，再重新启动；或者用“上传文件夹”。'
    ),
    server_folder="文件夹",
    server_below="其中",
    server_all="全部",
    mirror="文件已经删掉的，也从资料库移除",
    mirror_help="让资料库与文件夹保持一致；文件夹读不到时不会移除任何东西。",
    add_samples="样本",
    samples_help="随寻章带来的 171 份中文文档；其中一份是扫描件，要靠文字识别（OCR）来读。",
    ocr="文字识别（OCR）",
    ocr_help=(
        "“自动”识别图片文件、PDF 的图片页和乱码页，以及文字很少的 Word、PowerPoint 等文件里的图片；"
        "“总是”识别每一页、每张图，慢得多；“从不”最快，图片就没有文字。已经索引而且没变的文件不会因此重读；在下面的文档列表里选中它，再重读。"
    ),
    ocr_modes={"auto": "自动", "always": "总是", "never": "从不"},
    start="开始索引",
    no_files="还没有选文件，或者还没有传完。",
    pending="“上传”文件夹里还有 {number} 个文件没有索引",
    saving="正在保存…",
    saved="已保存 {files} 个文件",
    index_pending="接着索引",
    refused="没有收下 {name}。技术说明：{reason}",
    new_library="新建资料库",
    new_library_help="合同、法规、论文可以分开放，各用各的模型和维度；搜索时可以只搜一个，也可以一起搜。",
    name="名称",
    model="模型",
    model_auto="自动",
    dim="维度",
    dim_full="模型的全部维度",
    create="新建",
    creating="正在新建…",
    bad_name="这个名称不能用：已经有了，或含有文件夹名称里不能有的字符。换一个名称。",
    created="资料库“{name}”建好了，可以往里面添加文档。",
    job_starting="正在启动…",
    job_waiting="另一个命令正在写这个资料库，等它完成就开始…",
    job_busy="已经有一次索引在进行；等它完成，或先停下它。",
    job_running="正在索引：{what}",
    job_progress="{done} / {total} 个文件，{chunks} 段",
    job_left="大约还要 {left}",
    seconds="{number} 秒",
    minutes="{number} 分钟",
    stop="停止",
    stopping="正在停下，已经完成的都会留着…",
    job_done="索引完成：{counts}（{when} 开始）。",
    job_nothing="索引完成，没有找到能读的文件。",
    job_failed="索引没有完成：{error}",
    job_stopped="索引停下了。已经完成的都在；再开始一次就从那里接着做。",
    job_broken_off="索引中断了（程序被结束，或机器重启过）。已经完成的都在；再开始一次就从那里接着做。",
    outcomes={
        "indexed": "新增或更新 {number} 份",
        "partial": "部分读出 {number} 份",
        "unchanged": "没变 {number} 份",
        "moved": "改名 {number} 份",
        "removed": "移除 {number} 份",
        "failed": "失败 {number} 份",
        "skipped": "跳过 {number} 份",
    },
    list_comma="，",
    problems_title="没有读好的文件（{number}）",
    problem_page="第 {page} 页",
    problems={
        "unsupported": "这种文件还读不了。转成 .docx、.pdf、.txt、.md 或 .html 再添加。",
        "encrypted": "文件有密码，或给的密码不对。在下面选中它，在“重读与移除”里输入；或另存一份没有密码的。",
        "damaged": "文件坏了，或扩展名与内容不符。用原来的程序打开，重新保存一份。",
        "charset": "认不出文字的编码。在下面选中它，换一种编码重读；或另存为 UTF-8。",
        "empty": "文件是空的（0 字节）。重新复制或下载一份。",
        "no_text": "里面没有可以索引的文字。",
        "unopened": "文件打不开。检查它是否还在、有没有读取的权限。",
        "name": "文件名不是 UTF-8（可能来自别处的压缩包）。改个名字再索引。",
        "scan": "这一页是图片，没有文字层。在下面选中它，用文字识别（OCR）重读。",
        "stamp": "这一页几乎全是图片，文字层只有几个字。在下面选中它，用文字识别（OCR）重读。",
        "garbled": (
            "这一页的文字层是乱码（字体没有说明自己画的是什么字），没有收进来。"
            "在下面选中它，用文字识别（OCR）重读。"
        ),
        "broken_page": "这一页坏了，读不出来或读不全；其余各页不受影响。重新下载，或用原来的程序另存一份。",
        "too_many_pages": "页数太多，后面的没有读。把文件拆开再添加。",
        "bytes_replaced": "有几个字节在这种编码里没有意义，用 � 代替了。如果字不对，换一种编码重读。",
        "cut": "文件在一个字的中间断了，最后一个字缺失；可能没有下载完整。",
        "declared": "文件自称的编码与实际的不同，已按实际的读。",
        "ocr": "这一页是从图片识别（OCR）出来的，可能有认错的字；要紧的地方请对照原页。",
        "ocr_failed": "这一页的图片认不出文字。看看原页；如果有字，换一份更清晰的扫描件。",
        "other_engine": "第一种读法读出来不成文字，换一种读好了，不用做什么。",
        "repaired": "文件有些地方不规范，读的时候修好了，不缺内容，不用做什么。",
        "doubtful": "读出来的文字像是乱码，或者次序不对。请对照原文件；PDF 可以用文字识别（OCR）重读。",
        "left_out": "文件里有些内容没有读（如附件、隐藏的工作表或幻灯片）。需要的话，单独存成文件再添加。",
        "out_of_bounds": "读它太费时间或内存，停下了。文件可能坏了：用原来的程序打开，重新保存，或拆成几份。",
        "not_embedded": "没能算出向量，所以没有收进来。看“状态”页的检查结果，再索引一次。",
        "not_reached": "索引停下时还没有轮到它。再索引一次。",
        "not_written": "没能写进索引。检查磁盘空间，再索引一次。",
        "other": "没有读好，原因见技术说明。",
    },
    skipped="另有 {number} 个文件因为类型读不了而跳过，例如 {name}。",
    documents="文档",
    no_documents="还没有文档。从上面添加。",
    find="按名称找",
    all_findings="全部",
    finding="结果",
    findings={
        "ok": "读好了",
        "repaired": "已修复",
        "ocr": "文字识别",
        "partial": "读了一部分",
        "suspicious": "存疑",
        "unreadable": "读不了",
        "failed": "没收进来",
    },
    score="质量",
    score_help=(
        "读出来的文字有多像通顺的文字，从 0 到 1，按最差的一段算；文字识别的，是识别时的把握。"
        "人名表之类的文字，读对了也会偏低。"
    ),
    document="文件",
    folder="文件夹",
    pages="页",
    chunks="段",
    charset="编码",
    engine="读取方式",
    engine_own="直接读取",
    size="大小",
    when="索引时间",
    shown_of="{shown} / {total} 份",
    choose_row="点一行的左边，看这份文件的各页、各段，或重读、移除。",
    passages="分段",
    page_by_page="各页",
    reread="重读与移除",
    passages_help="搜索按段进行。淡色的字与上一段的结尾重复，为的是不在句子中间断开。",
    being_written="正在写进索引，过一会儿再看。",
    part_of="第几批（每批 {size} 段）",
    page_number="页码",
    page_empty="没有文字",
    page_characters="字数",
    page_reason="原因",
    page_text="读出的文字",
    page_picture="原页",
    no_pages="这种文件不分页。",
    pages_unjudged="这份文件是旧版本的寻章读的，还没有各页的结果。用“重读与移除”里的“重读”读一次就有了。",
    pages_earlier="这份文件最近一次没有读成。下面是之前读出来的各页，现在能搜到的也是这些。",
    file_gone="原来的文件不在了，或已经读不了，只能看索引里的分段。",
    encoding="编码",
    encoding_auto="自动识别",
    password="密码",
    password_help="只用来打开这一次，不会保存。",
    reread_button="重读",
    reread_help="字不对、缺字或打不开时，换一种读法再读一次：换编码、用文字识别（OCR），或给出密码。",
    remove="移除",
    remove_help="从资料库移除以后就搜不到了；原来的文件不动。",
    remove_uploaded="从资料库移除以后就搜不到了；它是上传来的，保存的这一份也会删掉。",
    remove_sure="确定移除",
    removed="已移除 {name}。",
    judged="问题与判断（{judgements} 条）",
    judged_help=(
        "在搜索页点过的“相关 / 不相关”。可以导出给别的评测工具，也可以导入别处判断过的；"
        "“维度与质量”一页和 `evaluate` 都用它们。"
    ),
    judged_beir="导出 BEIR",
    judged_tsv="导出表格（TSV）",
    judged_import="导入 BEIR（.zip）或表格（.tsv）",
    judged_import_button="导入",
    judged_imported=(
        "导入了 {judgements} 条判断，属于 {questions} 个问题；其中 {unknown} 条的段落不在这个库里。"
    ),
)

EN = LibraryTexts(
    title="Library",
    intro="Which documents are here and how well they were read; add, read again, remove.",
    first_run="No documents yet",
    first_run_help=(
        "To see what it does, index the 171 samples that come with it (laws, textbooks, papers, classics; "
        "some minutes). Or add your own documents right away."
    ),
    first_run_shell=(
        "Or run `python -m indexer ingest FOLDER` in a terminal; then search here again, without a restart."
    ),
    index_samples="Index the samples",
    own_documents="Add your own documents",
    add="Add documents",
    choose="Choose, or drop here",
    add_files="Upload files",
    add_files_help=(
        "As many as you like, a .zip too, up to 2 GB each. They stay on this machine, in the library's "
        "folder 上传 (uploads); an older file of the same name and another content is kept too."
    ),
    add_folder="Upload a folder",
    add_folder_help="All readable files in it are uploaded; a file of the same name is replaced.",
    add_server="A folder on this machine",
    add_server_none=(
        "The settings list no folders yet. Add a line to `xunzhang.toml`, such as "
        '`folders = ["/documents/contracts"]`, and restart; or upload a folder.'
    ),
    server_folder="Folder",
    server_below="Of it",
    server_all="All",
    mirror="Remove from the library what has been deleted there",
    mirror_help="Keeps the library like the folder. Where the folder can't be read nothing is removed.",
    add_samples="Samples",
    samples_help="171 Chinese documents that come with it; one is a scan, which takes OCR to read.",
    ocr="OCR",
    ocr_help=(
        "Automatic: picture files, pages of PDFs that are pictures or whose text is garbled, and pictures in "
        "documents that have little text of their own. Always: every page and picture, which takes much "
        "longer. Never: fastest, but pictures stay without text. Files "
        "that are indexed and have not changed are not read again for this; choose them in the list below."
    ),
    ocr_modes={"auto": "Automatic", "always": "Always", "never": "Never"},
    start="Index",
    no_files="No file is chosen, or they are not uploaded yet.",
    pending="{number} uploaded files are not indexed yet",
    saving="Saving…",
    saved="{files} files saved",
    index_pending="Index them",
    refused="{name} was not taken: {reason}",
    new_library="New library",
    new_library_help=(
        "Keep contracts, statutes and papers apart, each with its own model and dimension; search one or all."
    ),
    name="Name",
    model="Model",
    model_auto="Automatic",
    dim="Dimension",
    dim_full="All of the model's",
    create="Create",
    creating="Creating…",
    bad_name="This name is taken, or has characters that a folder's name can't have. Choose another.",
    created="The library {name} is ready for documents.",
    job_starting="Starting…",
    job_waiting="Another command is writing to this library; this one begins when it is done…",
    job_busy="Something is being indexed already; wait for it, or stop it first.",
    job_running="Indexing: {what}",
    job_progress="{done} of {total} files, {chunks} passages",
    job_left="about {left} left",
    seconds="{number} s",
    minutes="{number} min",
    stop="Stop",
    stopping="Stopping; what is done stays…",
    job_done="Indexed: {counts} (started {when}).",
    job_nothing="Done; no readable file was found.",
    job_failed="Not finished: {error}",
    job_stopped="Stopped. What is done stays; start again to go on from there.",
    job_broken_off="Broken off (ended, or the machine restarted). What is done stays; start again to go on.",
    outcomes={
        "indexed": "{number} new or updated",
        "partial": "{number} in part",
        "unchanged": "{number} unchanged",
        "moved": "{number} renamed",
        "removed": "{number} removed",
        "failed": "{number} failed",
        "skipped": "{number} skipped",
    },
    list_comma=", ",
    problems_title="Files that were not read well ({number})",
    problem_page="page {page}",
    problems={
        "unsupported": "Files of this type can't be read. Convert to .docx, .pdf, .txt, .md or .html.",
        "encrypted": "It has a password, or another one. Choose it below and read it again with that.",
        "damaged": "It is broken, or not what its suffix says. Open it where it was made and save it anew.",
        "charset": "Its charset is not recognised. Choose it below and read it again in another one.",
        "empty": "It is empty (0 bytes). Copy or download it again.",
        "no_text": "There is no text to index in it.",
        "unopened": "It can't be opened. Is it still there, and may it be read?",
        "name": "Its name is not UTF-8, as from an archive made elsewhere. Rename it.",
        "scan": "The page is a picture without text. Choose it below and read it again with OCR.",
        "stamp": (
            "The page is a picture with a few characters of text. Choose it below and read it again with OCR."
        ),
        "garbled": (
            "The page's text is garbled (its fonts don't say what they draw) and left out. Choose it below "
            "and read it again with OCR."
        ),
        "broken_page": "The page is broken, and not wholly read; the others are. Fetch the file anew.",
        "too_many_pages": "It has too many pages; the last were not read. Split it.",
        "bytes_replaced": "Some bytes mean nothing in this charset and are �. Is text wrong? Try another.",
        "cut": "It ends in the middle of a character; perhaps the download was cut.",
        "declared": "It says another charset than it is in; it was read in its true one.",
        "ocr": "Read from the page's picture by OCR; characters may be wrong. Compare what matters.",
        "ocr_failed": "OCR can't read the page's picture. If there is text on it, find a sharper scan.",
        "other_engine": "The first engine made garbage of it, and another read it well. Nothing to do.",
        "repaired": "It breaks some rules, which was repaired. Nothing is missing, and nothing to do.",
        "doubtful": (
            "Its text looks garbled or out of order. Compare it with the file; a PDF can be read again "
            "with OCR."
        ),
        "left_out": (
            "Something that it holds is not read (attachments, hidden sheets or slides). Where you need it, "
            "save that as a file of its own and add it."
        ),
        "out_of_bounds": (
            "Reading it took too long or too much memory, and was stopped. It may be broken: open it where "
            "it was made and save it anew, or split it."
        ),
        "not_embedded": "No vectors could be made of it. See the page Status, then index again.",
        "not_reached": "Indexing stopped before its turn. Index again.",
        "not_written": "It could not be written to the index. Is the disk full? Index again.",
        "other": "It was not read well; see the technical reason.",
    },
    skipped="{number} more files were skipped for their type, such as {name}.",
    documents="Documents",
    no_documents="No documents yet. Add some above.",
    find="Find by name",
    all_findings="All",
    finding="Result",
    findings={
        "ok": "Read well",
        "repaired": "Repaired",
        "ocr": "OCR",
        "partial": "Read in part",
        "suspicious": "Doubtful",
        "unreadable": "Unreadable",
        "failed": "Not indexed",
    },
    score="Quality",
    score_help=(
        "How much like real text it is, from 0 to 1, by its worst stretch; of OCR, how sure it is. A list of "
        "names scores low even if it was read right."
    ),
    document="File",
    folder="Folder",
    pages="Pages",
    chunks="Passages",
    charset="Charset",
    engine="Read by",
    engine_own="as it is",
    size="Size",
    when="Indexed",
    shown_of="{shown} of {total}",
    choose_row="Click left of a row to see its pages and passages, to read it again, or to remove it.",
    passages="Passages",
    page_by_page="Pages",
    reread="Read again, remove",
    passages_help="Searches go by passage. Pale text repeats the end of the one before, for whole sentences.",
    being_written="It is being written to the index; look again in a moment.",
    part_of="Which part (of {size} passages)",
    page_number="Page",
    page_empty="no text",
    page_characters="Characters",
    page_reason="Reason",
    page_text="Text as read",
    page_picture="The page",
    no_pages="Files of this type have no pages.",
    pages_unjudged=(
        "An earlier version of Xunzhang read it, which did not judge its pages. Read it again to see how "
        "each was read."
    ),
    pages_earlier=(
        "The last time, it was not indexed. These pages are from the time before, and are what is found."
    ),
    file_gone="The file is gone or can't be read any more; only its passages in the index can be seen.",
    encoding="Charset",
    encoding_auto="As recognised",
    password="Password",
    password_help="Used this once, and not kept.",
    reread_button="Read again",
    reread_help="If text is wrong or missing, or it did not open: another charset, OCR, or the password.",
    remove="Remove",
    remove_help="It will not be found any more; the file itself stays.",
    remove_uploaded="It will not be found any more; it was uploaded, and this copy will be deleted too.",
    remove_sure="Remove it",
    removed="{name} has been removed.",
    judged="Questions and judgements ({judgements})",
    judged_help=(
        "What was marked as relevant or not in the search page. Export it for other tools, or import what "
        "was judged elsewhere; the page on dimension and quality and `evaluate` use it."
    ),
    judged_beir="Export BEIR",
    judged_tsv="Export a table (TSV)",
    judged_import="Import BEIR (.zip) or a table (.tsv)",
    judged_import_button="Import",
    judged_imported=(
        "{judgements} judgements of {questions} questions imported; the passages of {unknown} are not in "
        "this library."
    ),
)

LIBRARY_TEXTS: Mapping[Lang, LibraryTexts] = {"zh": ZH, "en": EN}
