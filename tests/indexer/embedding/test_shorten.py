from __future__ import annotations

import numpy as np
import pytest

from indexer.embedding import check_dim, shorten
from indexer.errors import DimensionError
from tests.checkpoints import MATRYOSHKA_DIMS


def test_a_vector_is_cut_and_then_given_unit_length():
    # By hand: (3, 4) of (3, 4, 12) has length 5.
    np.testing.assert_allclose(shorten(np.array([[3.0, 4.0, 12.0]]), 2), [[0.6, 0.8]])


def test_zeros_stay_zeros():
    assert shorten(np.zeros((1, 4)), 2).tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize("dim", MATRYOSHKA_DIMS)
def test_every_trained_dimension_is_allowed(dim):
    check_dim(dim, 1792, MATRYOSHKA_DIMS)


@pytest.mark.parametrize("dim", [0, 255, 384, 1791, 1793, 3584])
def test_another_dimension_is_refused_with_the_list(dim):
    with pytest.raises(DimensionError, match=f"{dim} .* 256, 512, 768, 1024, 1280, 1536, 1792"):
        check_dim(dim, 1792, MATRYOSHKA_DIMS)


def test_a_model_without_such_training_can_be_cut_anywhere_up_to_its_length():
    check_dim(100, 384, ())
    with pytest.raises(DimensionError, match="385"):
        check_dim(385, 384, ())
