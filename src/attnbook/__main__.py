"""The book's commands: `python -m attnbook notebooks` and `python -m attnbook sync`."""

import argparse
import sys
from pathlib import Path

from .export import publish
from .export.compare import differences

DERIVED, COMMITTED = Path("_build/notebooks"), Path("notebooks")


def main(arguments: list[str] | None = None) -> str | None:
    """Run one command in the repository's root; returns what went wrong."""
    parser = argparse.ArgumentParser(prog="python -m attnbook")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("notebooks", help="copy what the last build derived to notebooks/")
    commands.add_parser("sync", help="is notebooks/ what the last build derived?")
    command = parser.parse_args(arguments).command
    try:
        if command == "notebooks":
            return publish(DERIVED, COMMITTED)
        return "\n\n".join(differences(DERIVED, COMMITTED)) or None
    except FileNotFoundError as error:
        return str(error)


if __name__ == "__main__":
    sys.exit(main())
