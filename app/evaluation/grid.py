"""Which settings are measured; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from app.evaluation.reference import REFERENCED
from app.rerank import Rerank
from indexer.store import DEFAULT_STORAGE

# "dense" ranks by the short vectors alone, "two-stage" rescores what they find with the full ones;
# "hybrid" is what a reader gets, whose question is taken as plain text: quotes and minus mean nothing.
EvaluatedMode = Literal["dense", "two-stage", "lexical", "hybrid"]
EVALUATED_MODES: tuple[EvaluatedMode, ...] = get_args(EvaluatedMode)

# numpy: exact, for dense alone; scan: Qdrant without a graph; hnsw: Qdrant with one, at any size
Index = Literal["numpy", "scan", "hnsw"]
INDEXES: tuple[Index, ...] = get_args(Index)


@dataclass(frozen=True, slots=True)
class Place:
    """How the searched vectors are laid out."""

    dim: int
    storage: str
    index: Index
    rotated: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """One way of searching."""

    mode: EvaluatedMode
    rerank: Rerank
    place: Place

    @property
    def way(self) -> str:
        return self.mode if self.rerank == "none" else f"{self.mode}+{self.rerank}"

    @property
    def name(self) -> str:
        place = self.place
        turned = " rotated" if place.rotated else ""
        return f"{self.way} {place.dim} {place.storage} {place.index}{turned}"


@dataclass(frozen=True, slots=True)
class Grid:
    """Every combination of these is measured that makes sense.

    Attributes:
        dims: of the searched vectors; none: the full one.
        reranks: second stages, on top of hybrid.
        rotated: measure shorter dimensions with the rotation too.
        with_baseline: measure each way at full length in float32 besides, to compare with.
    """

    modes: Sequence[EvaluatedMode] = EVALUATED_MODES
    dims: Sequence[int] = ()
    storages: Sequence[str] = (DEFAULT_STORAGE,)
    indexes: Sequence[Index] = ("scan",)
    reranks: Sequence[Rerank] = ()
    rotated: bool = False
    with_baseline: bool = False

    def settings(self, full_dim: int) -> list[Setting]:
        """All settings, each once."""
        places = list(self._places(full_dim))
        found = [setting for place in places for setting in self._at(place)]
        found = [self.baseline_of(setting, full_dim) or setting for setting in found] + found
        if "lexical" in self.modes:  # has nothing to do with vectors, so once will do
            scanned = [place for place in places if place.index != "numpy"]
            place = scanned[0] if scanned else Place(full_dim, DEFAULT_STORAGE, "scan")
            found.append(Setting("lexical", "none", place))
        return list(dict.fromkeys(found))

    def baseline_of(self, setting: Setting, full_dim: int) -> Setting | None:
        """What a setting is compared with: its way at full length, in float32, exact."""
        if not self.with_baseline or setting.mode == "lexical":
            return None
        index: Index = "numpy" if setting.mode == "dense" else "scan"
        return Setting(setting.mode, setting.rerank, Place(full_dim, "float32", index))

    def _places(self, full_dim: int) -> Iterator[Place]:
        for dim in self.dims or (full_dim,):
            for rotated in (False, True) if self.rotated and dim < full_dim else (False,):
                for storage in self.storages:
                    for index in self.indexes:
                        if index != "numpy" or storage in REFERENCED:
                            yield Place(dim, storage, index, rotated)

    def _at(self, place: Place) -> Iterator[Setting]:
        for mode in self.modes:
            # numpy has neither words nor stages.
            if mode != "lexical" and (place.index != "numpy" or mode == "dense"):
                yield Setting(mode, "none", place)
        if place.index != "numpy":
            yield from (Setting("hybrid", how, place) for how in self.reranks if how != "none")
