"""`subset.py LOCK NAMES...`: print the entries of a lock, hashes and all, that files of package names ask for."""

import re
import sys
from pathlib import Path


def main() -> int:
    lock, *lists = (Path(argument).read_text(encoding="utf-8") for argument in sys.argv[1:])
    entries = re.split(r"\n(?=[a-z0-9])", "\n" + lock.strip())
    by_name = {re.split(r"[=\[ ;]", entry)[0]: entry for entry in entries if entry}
    names = sorted({line for text in lists for line in text.splitlines() if line and not line.startswith("#")})
    missing = [name for name in names if name not in by_name]
    if missing:
        print(f"not in the lock: {', '.join(missing)}; run `make lock`, `make install`, `make docs`", file=sys.stderr)
        return 1
    print("\n".join(by_name[name] for name in names))
    return 0


if __name__ == "__main__":
    sys.exit(main())
