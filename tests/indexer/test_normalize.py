from __future__ import annotations

from indexer.normalize import embeddable, exact, fold_radicals, searchable

PRINTED = "⽤⼾⽂档⻓度⻚"


def test_radicals_become_the_han_of_their_shape():
    assert fold_radicals(PRINTED) == "用户文档长度页"


def test_what_is_searched_quoted_and_embedded_is_folded():
    assert searchable(PRINTED) == exact(PRINTED) == embeddable(PRINTED) == "用户文档长度页"
    assert searchable("試用\u200b期，ＧＢ／Ｔ") == "试用期,gb/t"
    assert embeddable("試用期，ＧＢ／Ｔ").startswith("試用期，")  # the model knows both scripts
