"""Where the exercises of the course are."""

from pathlib import Path

from attnlab import chapters

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "book"
EXERCISES = sorted(Path(chapters.__file__).parent.glob("*/exercises.py"))
CHAPTERS = [path.parent.name.replace("_", "-") for path in EXERCISES]
