"""A slide."""

from dataclasses import dataclass, field


@dataclass
class Slide:
    """What a slide shows, and what its speaker's notes say: all of it HTML.

    `beside` stands at the right of the body, or below it where the body is wide. The headings are
    those of the page that it stands below, "" where there is none.
    """

    kind: str
    body: str
    beside: str = ""
    notes: list[str] = field(default_factory=list)
    section: str = ""
    part: str = ""

    @property
    def place(self) -> tuple[str, str]:
        return self.section, self.part
