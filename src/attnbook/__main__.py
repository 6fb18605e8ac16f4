"""The book's commands: `python -m attnbook --help` lists them."""

import argparse
import subprocess
import sys
from pathlib import Path

from .chapter import COMMITTED, DERIVED, work_on
from .committed import differences, publish
from .new import create
from .slides import REVEAL, SITE, SLIDES, write_decks


def main(arguments: list[str] | None = None) -> str | None:
    """Run one command in the repository's root; returns what went wrong."""
    parser = argparse.ArgumentParser(prog="python -m attnbook")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("notebooks", help="copy what the last build derived to notebooks/")
    commands.add_parser("sync", help="is notebooks/ what the last build derived?")
    chapter = commands.add_parser("chapter", help="build and test one chapter")
    chapter.add_argument("name", help="of the chapter, such as heads")
    commands.add_parser("slides", help="cut a deck of slides from each built chapter")
    new = commands.add_parser("new", help="make a chapter: text, room, tests, contents line")
    new.add_argument("page", help="part and name, such as mechanism/trial")
    new.add_argument("title", help="such as 'Trial: does it work?'")
    given = parser.parse_args(arguments)
    try:
        if not Path("_toc.yml").exists():
            raise FileNotFoundError("run this in the repository's root: there is no _toc.yml here")
        if given.command == "notebooks":
            return publish(DERIVED, COMMITTED)
        if given.command == "chapter":
            return work_on(given.name)
        if given.command in ("new", "slides"):
            if given.command == "new":
                made = create(Path(), given.page, given.title)
            else:
                made = write_decks(SITE, REVEAL, SLIDES)
            print(*made, sep="\n")
            return None
        return "\n\n".join(differences(DERIVED, COMMITTED)) or None
    except (FileNotFoundError, ValueError) as error:
        return str(error)
    except subprocess.CalledProcessError as error:  # it has said itself what is wrong
        return f"python -m attnbook {given.command} stops here: {error.cmd[0]} has failed"


if __name__ == "__main__":
    sys.exit(main())
