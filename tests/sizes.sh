#!/usr/bin/env bash
# Zips the built bootstraps as Lambda gets them, prints their sizes, and fails over the budget of 8 MiB.
set -euo pipefail
cd "$(dirname "$0")/.."

python3 - <<'PYTHON'
import io, sys, zipfile

over = False
for name in ("planner", "processor", "reducer"):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        target.write(f"target/release/{name}", "bootstrap")
    size = len(archive.getvalue())
    over |= size > 8 << 20
    print(f"{name}.zip: {size / (1 << 20):.2f} MiB")
sys.exit("a zip is larger than 8 MiB" if over else 0)
PYTHON
