"""dcmanon over a folder, run in its own environment: it is a library for one file at a time.

python dcmanon_folder.py IN OUT
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path


def main() -> None:
    """De-identify file by file by its defaults; tell what could not be."""
    given, out = map(Path, sys.argv[1:])
    out.mkdir()
    tool = import_module("dcmanon").Anonymizer()
    for path in sorted(path for path in given.rglob("*") if path.is_file()):
        try:
            content = tool.anonymize(str(path))
        except Exception as error:
            print(f"{path.name}: {error}")
            continue
        target = out / path.relative_to(given)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


if __name__ == "__main__":
    main()
