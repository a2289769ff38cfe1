"""``make sbom``: what this site is made of, for people who have to know.

Writes ``docs/sbom.cdx.json`` (CycloneDX 1.6) and ``docs/licenses.md`` from ``requirements.lock``
and what the installed packages say of themselves. The same input gives the same files.
"""

from __future__ import annotations

import json
import re
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
SBOM = ROOT / "docs" / "sbom.cdx.json"
LICENSES = ROOT / "docs" / "licenses.md"

# Where a package gives its license in words only, as SPDX says it; each looked up by hand.
SPDX = {
    "BSD-3-Clause License": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL-3.0-only",
}

# Packages that name several licenses: what their license files say, read by hand.
SEVERAL = {
    "fido2": "BSD-2-Clause AND Apache-2.0 AND MPL-2.0",
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
    "qrcode": "BSD-3-Clause AND MIT",
    "uvloop": "MIT OR Apache-2.0",
}


@dataclass
class Package:
    name: str
    version: str
    hashes: list[str] = field(default_factory=list)

    @property
    def purl(self) -> str:
        return f"pkg:pypi/{self.name}@{self.version}"

    @property
    def license(self) -> str:
        """Its license as SPDX says it, else in the package's own words."""
        about = metadata.metadata(self.name)
        if about.get("License-Expression"):
            return str(about["License-Expression"])
        given = [
            line.rpartition(" :: ")[2]
            for line in about.get_all("Classifier") or ()
            if line.startswith("License :: ") and not line.endswith("OSI Approved")
        ]
        words = given or str(about.get("License") or "").splitlines()[:1]
        # Several in a row do not say whether one may choose: those are looked up.
        return SEVERAL.get(self.name, ", ".join(SPDX.get(word, word) for word in words))

    @property
    def summary(self) -> str:
        return str(metadata.metadata(self.name).get("Summary") or "").strip()

    def needs(self, among: dict[str, Package]) -> list[str]:
        names = (
            re.split(r"[\s\[;<>=!~(]", line, maxsplit=1)[0]
            for line in metadata.requires(self.name) or ()
        )
        found = {canonical(name) for name in names} & set(among)
        return sorted(among[name].purl for name in found)


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked() -> dict[str, Package]:
    """What the lock file names, by canonical name."""
    return pinned(LOCK)


def pinned(path: Path) -> dict[str, Package]:
    """What a file of requirements pins, by canonical name."""
    found: dict[str, Package] = {}
    last: Package | None = None
    for line in path.read_text().splitlines():
        if match := re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", line):
            last = Package(canonical(match[1]), match[2])
            found[last.name] = last
        elif last and (match := re.match(r"\s+--hash=sha256:([0-9a-f]{64})", line)):
            last.hashes.append(match[1])
    return found


def as_cyclonedx(packages: dict[str, Package]) -> dict[str, object]:
    components = [
        {
            "type": "library",
            "bom-ref": package.purl,
            "name": package.name,
            "version": package.version,
            "description": package.summary,
            "licenses": [_license(package.license)],
            "hashes": [{"alg": "SHA-256", "content": content} for content in package.hashes],
            "purl": package.purl,
        }
        for package in packages.values()
    ]
    site = "clinic-site"
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, LOCK.read_text())}",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": site, "name": site}},
        "components": components,
        "dependencies": [
            {"ref": site, "dependsOn": sorted(package.purl for package in packages.values())},
            *({"ref": p.purl, "dependsOn": p.needs(packages)} for p in packages.values()),
        ],
    }


def _license(text: str) -> dict[str, object]:
    is_spdx = re.fullmatch(r"[A-Za-z0-9.+-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+-]+)*", text)
    return {"expression": text} if is_spdx else {"license": {"name": text}}


def as_markdown(packages: dict[str, Package]) -> Iterator[str]:
    yield "# Licenses"
    yield ""
    yield "What the site runs on, as `make sbom` found it in `requirements.lock`. Machine-readable:"
    yield "`docs/sbom.cdx.json` (CycloneDX)."
    yield ""
    yield "| package | version | license | what it is |"
    yield "|---|---|---|---|"
    for package in packages.values():
        summary = package.summary.replace("|", "\\|")
        yield f"| {package.name} | {package.version} | {package.license} | {summary} |"
    yield ""
    yield "Beside the packages, with a license file of their own:"
    yield ""
    for path in sorted((ROOT / "static").rglob("*")):
        if path.name.upper().startswith(("OFL", "LICENSE")):
            yield f"- `{path.parent.relative_to(ROOT)}/`: `{path.relative_to(ROOT)}`"


def main() -> int:
    packages = locked()
    SBOM.write_text(json.dumps(as_cyclonedx(packages), indent=1) + "\n")
    LICENSES.write_text("\n".join(as_markdown(packages)) + "\n")
    unknown = [package.name for package in packages.values() if not package.license]
    if unknown:
        print(f"No license found for: {', '.join(unknown)}", file=sys.stderr)  # noqa: T201
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
