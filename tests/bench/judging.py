# SPDX-License-Identifier: GPL-3.0-or-later
"""What a workload is to reach, and how its results are shown."""

import dataclasses
import statistics
import typing

FIGURES = {
    "gib_s": "throughput", "cpu_s": "CPU seconds", "wall_s": "time", "p50_us": "p50", "rate": "rate",
    "mb_s": "throughput", "cpu_us": "CPU for each", "rss_kib": "memory (KiB)", "pss_kib": "PSS for each (KiB)",
    "base_kib": "PSS at the start (KiB)", "files": "descriptors for each", "growth": "p50 beside / alone",
    "lost": "events and packets lost", "load_ms": "until it is loaded (ms)", "drawn_ms": "until it is drawn (ms)",
    "minstr": "instructions",
    "busy_growth": "p50 through / beside", "busy_growth_p99": "p99 through / beside", "loss": "loss",
}


@dataclasses.dataclass(frozen=True)
class Target:
    """
    Ours against a peer's: the median of the ratios of each round, or with of="lowest" the ratio of the lowest of all
    rounds. Without a peer: our own median, or with of="highest" our highest.
    """
    peer: typing.Optional[str]
    figure: str
    sense: str
    bound: float
    of: str = "median"
    ours: typing.Optional[str] = None  # the tool that is to reach it, if not that of the workload

    def value(self, ours, theirs):
        if self.peer is None:
            return (max if self.of == "highest" else statistics.median)(run[self.figure] for run in ours)
        if self.of == "lowest":
            return min(run[self.figure] for run in ours) / min(run[self.figure] for run in theirs)
        return statistics.median(one[self.figure] / max(other[self.figure], 1e-9)
                                 for one, other in zip(ours, theirs))

    def sentence(self):
        words = FIGURES[self.figure] + (f", {self.of}" if self.of != "median" else "")
        return (f"{self.ours + ': ' if self.ours else ''}{words}{' / ' + self.peer if self.peer else ''} "
                f"{self.sense} {self.bound:.2f}")


@dataclasses.dataclass(frozen=True)
class Workload:
    """work(bench) returns {tool: [result]}; columns are (head, figure, format) and show medians."""
    work: typing.Callable
    words: str
    columns: list
    targets: list
    ours: str = "sockt"  # the tool that is to reach the targets


def judge(workload, results):
    """[(sentence, value, is met)] of all targets whose peers took part."""
    found = []
    for target in workload.targets:
        ours = results.get(target.ours or workload.ours)
        if not ours:
            continue
        if target.peer is not None and not results.get(target.peer):
            continue
        value = target.value(ours, results.get(target.peer))
        found.append((target.sentence(), value, value >= target.bound if target.sense == ">=" else
                      value <= target.bound))
    return found


def show(workload, results):
    """The table of one workload; returns how many targets were missed."""
    print(f"  {'':<20}" + "".join(f"{head:>11}" for head, _, _ in workload.columns))
    for tool, runs in results.items():
        if not runs:
            continue
        cells = "".join(f"{form.format(statistics.median(run[figure] for run in runs)):>11}"
                        for _, figure, form in workload.columns)
        broken = sum(not run["is_whole"] for run in runs)
        print(f"  {tool:<20}{cells}" + (f"   {broken} of {len(runs)} runs lost data" if broken else ""))
    found = judge(workload, results)
    for sentence, value, is_met in found:
        print(f"  {'met   ' if is_met else 'MISSED'} {sentence:<46} {value:.3f}")
    return sum(not is_met for _, _, is_met in found)
