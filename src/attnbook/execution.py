"""Execute the chapters: in parallel, once, and again only when something that they use changed.

MyST-NB keys its cache on a notebook's code alone. The chapters' code imports `attnlab`, so the
cache's folder is named after a hash of `src/` as well.
"""

import hashlib
import os
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.executors import load_executor

# Small models are fastest on one thread, with as many chapters side by side as there are cores;
# threads that spin while they wait slow a loaded machine down tenfold.
THREADS = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}


def folder_hash(folder: Path) -> str:
    """A hash of every file's name and content, below a folder of sources."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _set_cache(app, config) -> None:
    os.environ.update(THREADS)
    root = Path(app.srcdir)
    cache = root / "_build" / ".jupyter_cache" / folder_hash(root / "src" / "attnlab")
    config.nb_execution_cache_path = str(cache)


def _execute(app, env, docnames) -> None:
    """Run every chapter that the cache does not know, before MyST-NB asks for them one by one."""
    cache = get_cache(app.config.nb_execution_cache_path)
    paths = [Path(env.doc2path(name)) for name in docnames]
    chapters = [str(path) for path in paths if "\nkernelspec:" in path.read_text("utf-8")[:600]]
    for path in chapters:
        cache.add_nb_to_project(path, read_data={"name": "myst_nb_md", "type": "plugin"})
    if chapters:
        load_executor("local-parallel", cache).run_and_cache(
            filter_uris=chapters, timeout=app.config.nb_execution_timeout
        )


def setup(app) -> None:
    app.connect("config-inited", _set_cache)
    app.connect("env-before-read-docs", _execute)
