"""What it costs to draw a page that is not in memory, and how that grows with the content.

In one process, by its CPU time; the runs take turns, and the median counts.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench import _verdicts as verdicts
from bench._load import in_turn, load
from bench._ours import new_place, running_site
from bench.hits import PLAIN

TIMES = 40
# A hundred times the questions and studies in the live release, a hundred releases before it.
GROW = """
from datetime import timedelta
from pages.models import Release
from bench.rendering import grown
live = Release.objects.live()
def add(number, content):
    at = live.live_from + timedelta(seconds=number)
    Release.objects.create(number=number, content=content, live_from=at, approved_at=at, note="bench")
for number in range(live.number + 1, live.number + 100):
    add(number, live.content)
add(live.number + 100, grown(live.content))
"""


def measure() -> list[str]:
    with tempfile.TemporaryDirectory(prefix="clinic-bench-") as name:
        folder = Path(name)
        small = new_place(folder / "small")
        done = small.python("from bench.rendering import compare; compare()")
        large = new_place(folder / "large")
        large.python(GROW)
        with running_site(small) as one, running_site(large) as other:
            runs = {}
            for label, site in (("as it is", one), ("100 times the content", other)):
                url, pid = f"http://127.0.0.1:{site.port}/", site.pid("web")
                load(pid, url, clients=16, seconds=1, headers=PLAIN)
                runs[label] = lambda url=url, pid=pid: load(pid, url, clients=16, headers=PLAIN)
            hits = in_turn(runs)
    cpu = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in done.splitlines()}
    _judge(cpu, hits["100 times the content"].cpu / hits["as it is"].cpu)
    lines = ["| drawing | CPU us |", "|---|---|"]
    lines += [f"| {label} | {value:.0f} |" for label, value in cpu.items() if "bytes" not in label]
    lines += [f"| a hit through gunicorn, {label} | {one.cpu:.0f} |" for label, one in hits.items()]
    sizes = cpu["ours, bytes"], cpu["plain Django, bytes"]
    return [
        *lines,
        "",
        f"The page of questions has {sizes[0]:.0f} bytes as ours, {sizes[1]:.0f} as plain Django's.",
    ]


def _judge(cpu: dict[str, float], hit: float) -> None:
    ratio = cpu["/faq/, ours"] / cpu["/faq/, plain Django from the same rows"]
    verdicts.at_most("uncached render vs plain Django from the same rows, CPU", ratio, 1.0)
    verdicts.at_most("a hit with 100 times the content, CPU", hit, 1.1)
    grown = cpu["/, ours, 100 times the content"] / cpu["/, ours"]
    verdicts.at_most("render of a page that shows none of the new content, CPU", grown, 1.1)


def grown(content: dict[str, dict]) -> dict[str, dict]:  # type: ignore[type-arg]
    """``content`` with a hundred of each question and study; the new ones not on the home page."""
    more = dict(content)
    for key, row in content.items():
        if key.startswith(("question:", "study:")):
            for number in range(99):
                new = {**row, "slug": f"{row['slug']}-{number}"}
                more[f"{key}-{number}"] = new | (
                    {"is_on_home": False} if "is_on_home" in row else {}
                )
    return more


def compare() -> None:
    """In the place's own process: draw in turn, and print a name and microseconds for each."""
    from django.test import RequestFactory

    from bench.peers.rows import questions
    from pages.delivery import draw
    from pages.live import live
    from pages.site import build_site

    now = live()
    large = build_site(now.site.number, grown(now.content), today=now.day)

    def drawing(site, path: str) -> Callable[[], str]:  # type: ignore[no-untyped-def]
        request, here = RequestFactory().get(path), site.at(path)
        return lambda: draw(request, here, here.pages[path])

    request = RequestFactory().get("/faq/")
    plain = lambda: questions(request).content.decode()  # noqa: E731
    runs = {
        "/faq/, ours": drawing(now.site, "/faq/"),
        "/faq/, plain Django from the same rows": plain,
        "/, ours": drawing(now.site, "/"),
        "/, ours, 100 times the content": drawing(large, "/"),
    }
    print("ours, bytes", len(runs["/faq/, ours"]().encode()))
    print("plain Django, bytes", len(plain().encode()))
    took: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(TIMES):
        for name, run in runs.items():
            began = time.process_time()
            run()
            if turn >= 5:
                took[name].append(time.process_time() - began)
    for name, each in took.items():
        print(name, statistics.median(each) * 1e6)
