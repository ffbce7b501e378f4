"""Learns a rotation from vectors alone: no model, no text; minutes on two cores.

First principal directions, then gradient steps on the Matryoshka objective (Kusupati et al. 2022,
section 3): the loss at several lengths, each on prefixes of unit length, averaged. What is learnt are
subspaces within each other. A QR decomposition, through which the gradient goes, keeps them orthonormal.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from indexer.embedding.rotation import Rotation
from indexer.errors import RotationError

if TYPE_CHECKING:
    from torch import Tensor

Floats = NDArray[np.float64]
Pairs = tuple[NDArray[np.float32], NDArray[np.float32]]
OnProgress = Callable[[str, int, int], None]

BATCH = 512  # texts that compete with each other
LEARNING_RATE = 0.04  # in parts of a component's usual size, 1 / √full_dim
LABELS = 0.8  # the labels' part of the target; the rest is what the full vectors say
TEACHER_TEMPERATURES = {True: 0.02, False: 0.005}  # of the full vectors' cosines, with labels and without
STUDENT_TEMPERATURE = 0.05  # of the short ones', to begin with; learnt, one for each length


def fit_rotation(
    passages: NDArray[np.float32],
    pairs: Pairs | None,
    dims: Sequence[int],
    *,
    steps: int = 1000,
    seconds: float | None = None,
    seed: int = 0,
    on_progress: OnProgress = lambda what, done, total: None,
) -> Rotation:
    """Learn the rotation after which prefixes of these lengths do best.

    With pairs, a question should find its passage among those of the batch (InfoNCE), and rank the
    others as the full vectors do. Without, the latter alone, of passages among each other.

    Args:
        passages: (n, full_dim), unit rows: what is to be searched; gives the principal directions.
        pairs: (m, full_dim) questions and, row by row, (m, full_dim) their passages; unit rows.
        dims: the lengths that will be used; those outside 1..full_dim - 1 count for nothing.
        steps: of the refinement; 0 gives the principal directions alone.
        seconds: most time for the refinement; where it is cut short depends on the machine.
        on_progress: called with what is being done, how far it is, and how far it goes.

    Raises:
        RotationError: fewer than two vectors to learn from.
    """
    if passages.ndim != 2 or len(passages) < 2:
        raise RotationError(f"a rotation is learnt from many vectors, not {passages.shape}; index more")
    lengths = sorted({dim for dim in dims if 0 < dim < passages.shape[1]})
    directions = principal_directions(passages)
    if lengths and steps:
        labelled = pairs is not None and len(pairs[0]) > 1
        sides = pairs if pairs is not None and labelled else (passages, passages)
        shares = _shares_left(steps, seconds, on_progress)
        leading = _refine(directions[:, : lengths[-1]], sides, labelled, lengths, shares, seed)
        directions = _in_order(leading, passages, lengths)
    return Rotation(directions.astype(np.float32))


def principal_directions(vectors: NDArray[np.floating]) -> Floats:
    """Orthonormal columns (full_dim, full_dim), from the direction of most variance to that of least."""
    exact = np.asarray(vectors, dtype=np.float64)
    exact = exact - exact.mean(axis=0)
    return np.ascontiguousarray(np.linalg.eigh(exact.T @ exact)[1][:, ::-1])


def _shares_left(steps: int, seconds: float | None, on_progress: OnProgress) -> Iterator[float]:
    """Before each step, the share of the budget that is left, from 1 down."""
    started = time.monotonic()
    for step in range(steps):
        spent = (time.monotonic() - started) / seconds if seconds else 0.0
        if spent >= 1:
            return
        yield 1 - max(spent, step / steps)
        on_progress("rotation", step + 1, steps)


def _refine(
    leading: Floats, sides: Pairs, labelled: bool, lengths: Sequence[int], shares: Iterator[float], seed: int
) -> Floats:
    """Better orthonormal columns than `leading`, (full_dim, longest length)."""
    import torch

    rng = np.random.default_rng(seed)
    weights = torch.tensor(leading, dtype=torch.float32, requires_grad=True)
    scales = torch.full((len(lengths),), -float(np.log(STUDENT_TEMPERATURE)), requires_grad=True)
    optimizer = torch.optim.Adam([{"params": [weights]}, {"params": [scales]}])
    for share in shares:  # a step size that falls to nothing ends near the bottom, not around it
        optimizer.param_groups[0]["lr"] = LEARNING_RATE / len(leading) ** 0.5 * share
        optimizer.param_groups[1]["lr"] = LEARNING_RATE * share
        rows = rng.choice(len(sides[0]), min(BATCH, len(sides[0])), replace=False)
        left, right = (torch.from_numpy(np.asarray(side[rows], dtype=np.float32)) for side in sides)
        loss = _loss(torch.linalg.qr(weights).Q, scales.exp(), left, right, lengths, labelled)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    with torch.no_grad():
        return np.asarray(torch.linalg.qr(weights.double()).Q.numpy(), dtype=np.float64)


def _loss(
    columns: Tensor,
    scales: Tensor,
    questions: Tensor,
    passages: Tensor,
    lengths: Sequence[int],
    labelled: bool,
) -> Tensor:
    """Cross-entropy of what prefixes rank first against what they should, over the lengths."""
    import torch
    from torch.nn.functional import cross_entropy, normalize

    itself = torch.eye(len(questions), dtype=torch.bool)
    full = questions @ passages.T / TEACHER_TEMPERATURES[labelled]
    if labelled:
        target = LABELS * itself + (1 - LABELS) * torch.softmax(full, dim=1)
    else:
        target = torch.softmax(full.masked_fill(itself, -torch.inf), dim=1)
    questions, passages = questions @ columns, passages @ columns
    losses = []
    for length, scale in zip(lengths, scales, strict=True):
        short = scale * normalize(questions[:, :length]) @ normalize(passages[:, :length]).T
        if not labelled:  # a passage is always its own nearest; not infinite, as 0 × ∞ has no gradient
            short = short.masked_fill(itself, -1e9)
        losses.append(cross_entropy(short, target))
    return torch.stack(losses).mean()


def _in_order(leading: Floats, passages: NDArray[np.float32], lengths: Sequence[int]) -> Floats:
    """Complete the columns to full length; within a block, which stays a subspace, by variance."""
    complete = np.linalg.qr(leading, mode="complete").Q
    for start, stop in itertools.pairwise([0, *lengths, len(complete)]):
        block = complete[:, start:stop]
        complete[:, start:stop] = block @ principal_directions(passages @ block)
    return np.asarray(complete)
