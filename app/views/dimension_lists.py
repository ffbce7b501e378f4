"""Two result lists side by side as HTML; pure. Passages are data: every piece is escaped."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from html import escape

from app.evaluation.losses import Moved, moved
from app.evaluation.run_file import Excerpt, Placed
from app.plain import displayable
from app.text.dimensions import DimensionTexts

_SHOWN = 160  # characters of a passage


def two_lists(
    before: tuple[str, Sequence[Placed]],
    after: tuple[str, Sequence[Placed]],
    excerpt: Callable[[str], Excerpt | None],
    right: Collection[str],
    say: DimensionTexts,
) -> str:
    """The lists of two settings, each with its name.

    On the left it is told what is not on the right any more; on the right, how each passage moved.

    Args:
        excerpt: of a passage, by its id; None: not kept.
        right: ids of the passages that answer.
    """
    left = [
        _item(m, _left_behind(m, say), excerpt(m.id), m.id in right, say) for m in moved(before[1], after[1])
    ]
    moves = [_item(m, _move(m, say), excerpt(m.id), m.id in right, say) for m in moved(after[1], before[1])]
    return f'<div class="xz-pair">{_list(before[0], left)}{_list(after[0], moves)}</div>'


def _list(name: str, items: Sequence[str]) -> str:
    return f'<section><h4>{escape(displayable(name))}</h4><ol class="xz-list">{"".join(items)}</ol></section>'


def _item(m: Moved, move: str, excerpt: Excerpt | None, right: bool, say: DimensionTexts) -> str:
    badge = f'<span class="xz-right">{say.right}</span>' if right else ""
    text = say.gone if excerpt is None else _cut(displayable(excerpt.text))
    shown = (
        f'<bdi class="xz-from">{escape(displayable(excerpt.shown))}</bdi>'
        if excerpt and excerpt.shown
        else ""
    )
    return (
        f"<li{' class=xz-is-right' if right else ''}>"
        f'<div class="xz-place"><span class="xz-rank">{m.rank}</span>'
        f"{badge}{move}"
        f'<span class="xz-score">{say.score.format(score=m.score)}</span></div>'
        f'{shown}<p lang="zh" dir="auto">{escape(text)}</p></li>'
    )


def _left_behind(m: Moved, say: DimensionTexts) -> str:
    return f'<span class="xz-down">{say.moved_out}</span>' if m.other_rank is None else ""


def _move(m: Moved, say: DimensionTexts) -> str:
    if m.other_rank is None:
        return f'<span class="xz-new">{say.moved_new}</span>'
    places = m.other_rank - m.rank
    if places > 0:
        return f'<span class="xz-up">↑ {say.moved_up.format(places=places)}</span>'
    if places < 0:
        return f'<span class="xz-down">↓ {say.moved_down.format(places=-places)}</span>'
    return ""


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else flat[:_SHOWN] + "…"
