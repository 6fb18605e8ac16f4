"""What the build keeps of each page, until all pages have been read."""

from typing import Any, ClassVar

from sphinx.environment.collectors import EnvironmentCollector


class PageCollector(EnvironmentCollector):
    """Keeps something of each page under a name of its own; a page read anew is forgotten first."""

    kept_as: ClassVar[str]  # the attribute of Sphinx's environment

    @classmethod
    def of(cls, env: Any) -> dict[str, Any]:
        """What is kept, by page."""
        if not hasattr(env, cls.kept_as):
            setattr(env, cls.kept_as, {})
        return getattr(env, cls.kept_as)

    def clear_doc(self, app, env, docname):
        self.of(env).pop(docname, None)

    def merge_other(self, app, env, docnames, other):
        theirs = self.of(other)
        self.of(env).update({name: theirs[name] for name in docnames if name in theirs})

    def process_doc(self, app, doctree):
        """For whoever notes later what there is to keep."""
