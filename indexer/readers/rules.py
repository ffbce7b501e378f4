"""The rules of a page: straight lines across or down, such as those that part the cells of a table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    at: float  # how far down the page a rule across lies, how far right one that goes down
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Rules:
    """In the unit of the page's lines, origin at the top left."""

    across: tuple[Rule, ...] = ()
    down: tuple[Rule, ...] = ()

    def scaled(self, factor: float) -> Rules:
        """In another unit."""
        across, down = (
            tuple(Rule(factor * rule.at, factor * rule.start, factor * rule.end) for rule in rules)
            for rules in (self.across, self.down)
        )
        return Rules(across, down)


NO_RULES = Rules()
