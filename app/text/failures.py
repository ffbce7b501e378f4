"""What a reader is told of each failure: what went wrong, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from app.evaluation.run_file import RunFileError
from app.judged import JudgedSetError
from app.page_image import PageImageError
from app.question import QuestionError
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
from indexer.uploads import UploadError

Sentences = Mapping[type[Exception], str]

ZH: Sentences = {
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
    UploadError: "文件没有保存下来；原来有的没有动。原因见技术细节，改好后再上传一次。",
    PageImageError: "这一页画不出来：文件可能移走了、坏了，或者有密码。文字仍可以在“文字”里看。",
    OSError: "读写文件时出了错：可能是磁盘满了，或没有权限。看“状态”页的磁盘空间，腾出地方再试。",
    Exception: "出了意料之外的错误，这一步没有做成。可运行 `python -m indexer doctor` 检查。",
}

EN: Sentences = {
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
    UploadError: "The file was not saved; what was there is untouched. See the reason below, and try again.",
    PageImageError: "The page can't be drawn: the file may be gone, broken or encrypted. Its text is here.",
    OSError: "A file could not be read or written: is the disk full, or permission lacking? See Status.",
    Exception: "Something unexpected went wrong. `python -m indexer doctor` may tell.",
}
