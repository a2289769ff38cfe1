"""The figures that have a target. ``__main__`` prints them before everything else."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    figure: str
    target: str
    found: str
    is_met: bool | None  # none: it could not be measured

    def row(self) -> str:
        word = {True: "met", False: "**missed**", None: "not measured"}[self.is_met]
        return f"| {self.figure} | {self.target} | {self.found} | {word} |"


found: list[Verdict] = []


def at_least(figure: str, value: float, target: float, unit: str = "x") -> None:
    found.append(Verdict(figure, f">= {target:g}{unit}", f"{value:.2f}{unit}", value >= target))


def at_most(figure: str, value: float, target: float, unit: str = "x") -> None:
    found.append(Verdict(figure, f"<= {target:g}{unit}", f"{value:.2f}{unit}", value <= target))


def unknown(figure: str, target: str, why: str) -> None:
    found.append(Verdict(figure, target, why, None))
