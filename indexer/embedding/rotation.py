"""Rotations: the most useful directions of a model's vectors first, every full cosine as it was.

A model without Matryoshka training spreads what it knows over all components, and cutting loses much.
After an orthogonal matrix R, `shorten(vectors @ R, dim)` keeps more. `fit_rotation` learns one.
"""

from __future__ import annotations

import functools
import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.errors import RotationError

_SHIPPED = Path(__file__).parent / "rotations"
# Of RᵀR − I, Frobenius. Rounding to float16 leaves about 0.01 at 384 and at 1792 dimensions alike.
_MOST_SKEW = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Rotation:
    """An orthogonal matrix, applied as `vectors @ matrix`.

    Rounded to float16 and made orthogonal again on construction: what a file gives back is the same.

    Raises:
        RotationError: the matrix is not square, not finite or not nearly orthogonal.
    """

    matrix: NDArray[np.float32]  # (full_dim, full_dim), read-only; orthogonal to float32 precision
    halves: NDArray[np.float16] = field(init=False, repr=False)  # the same, as stored

    def __post_init__(self) -> None:
        halves = np.ascontiguousarray(self.matrix, dtype="<f2")
        matrix = _nearest_orthogonal(halves.astype(np.float64)).astype(np.float32)
        for name, array in (("halves", halves), ("matrix", matrix)):
            array.setflags(write=False)  # shared by all who ask for a shipped one
            object.__setattr__(self, name, array)

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits; of the stored numbers, so the same on every machine."""
        return hashlib.sha256(self.halves.tobytes()).hexdigest()[:16]


def _nearest_orthogonal(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The orthogonal factor of the polar decomposition, by Newton-Schulz: X ← X (3I − XᵀX) / 2.

    Higham, "Functions of Matrices", section 8.3. From so near, four steps reach float64's precision.
    """
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
        raise RotationError(f"a rotation is a square matrix, not of shape {matrix.shape}; fit it again")
    eye = np.eye(len(matrix))
    skew = float(np.linalg.norm(matrix.T @ matrix - eye)) if np.isfinite(matrix).all() else np.inf
    if skew > _MOST_SKEW:
        raise RotationError(
            f"a rotation is orthogonal; this is off by {skew:.3g}, and {_MOST_SKEW} is allowed; fit it again"
        )
    for _ in range(4):
        matrix = matrix @ (1.5 * eye - 0.5 * (matrix.T @ matrix))
    return matrix


def write_rotation(rotation: Rotation, file: Path, model_fingerprint: str = "") -> None:
    """Write an .npz, whole or not at all; of a rotation to be shipped, with its model's fingerprint."""
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f"{file.name}.tmp-{os.getpid()}")
    try:
        with beside.open("wb") as opened:
            np.savez(opened, matrix=rotation.halves, model=np.array(model_fingerprint))
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def read_rotation(file: Path) -> Rotation:
    """Read what `write_rotation` wrote.

    Raises:
        RotationError: there is no such file, or it is damaged, or holds no orthogonal matrix.
    """
    try:
        return Rotation(np.asarray(_read(file, "matrix"), dtype=np.float32))
    except RotationError as error:
        raise RotationError(f"{file}: {error}") from error


@functools.cache
def shipped_rotation(model_fingerprint: str) -> Rotation | None:
    """The rotation that comes with the program for this model; None where there is none."""
    for file in sorted(_SHIPPED.glob("*.npz")):
        if model_fingerprint and str(_read(file, "model")) == model_fingerprint:
            return read_rotation(file)
    return None


def _read(file: Path, name: str) -> NDArray[np.generic]:
    try:
        with np.load(file, allow_pickle=False) as archive:
            return np.asarray(archive[name])
    except Exception as error:  # zipfile and numpy raise a dozen kinds; each means the same
        raise RotationError(f"can't be read: {type(error).__name__}: {error}; fit it again") from error
