"""`python -m voxkit.health URL`: exit 0 when it answers 200 within 3 s, else 1 and one line that says why."""

import sys
import urllib.error
import urllib.request


def probe(url: str, timeout_s: float = 3.0) -> str | None:
    """None when `url` answers 200, else the reason."""
    try:
        with urllib.request.urlopen(url, timeout=timeout_s) as response:  # noqa: S310  (the caller's own address)
            return None if response.status == 200 else f"{url} answered {response.status}"
    except urllib.error.HTTPError as error:
        return f"{url} answered {error.code}"
    except (OSError, ValueError) as error:
        return f"{url} cannot be reached: {error}"


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: python -m voxkit.health URL", file=sys.stderr)
        return 2
    reason = probe(sys.argv[1])
    if reason:
        print(reason, file=sys.stderr)
    return 1 if reason else 0


if __name__ == "__main__":
    sys.exit(main())
