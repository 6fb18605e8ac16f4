"""The source: what is written depends on what was read, on each token of it and on their order."""

from collections.abc import Iterator

from attnlab.examine.exam import Exam
from attnlab.examine.report import Finding

NAME = "the source"
PAGE = "transformer/transformer"
SAID = {
    "unread": "Another source moved no output.",
    "places": "No output moved when the source changed at {places} alone, of {m} places.",
    "held": "Each of the {m} places of the source moves an output.",
}
LIKELY = {
    "unread": (
        "cross-attention that is never called, or whose keys and values come from the target",
        "a softmax over a single number, which is always 1",
    ),
    "places": ("a source that is cut, or a mask of another length",),
}


def source(exam: Exam) -> Iterator[Finding]:
    """Findings on what is read."""
    given = exam.subject.source
    if given is None:
        return
    m = given.shape[1]
    probe = exam.probe(1)
    one = probe.rows([0] * (m + 1))
    assert one.source is not None
    changed = one.source.clone()
    other = exam.other(one.source, source=True)
    for place in range(m):
        changed[place + 1, place] = other[place + 1, place]
    everything = probe.with_(source=exam.other(one.source[:1], source=True))
    if exam.moved(exam.ask(probe), exam.ask(everything)).max().item() <= exam.tolerance:
        yield Finding(NAME, "fault", SAID["unread"], 0.0, exam.tolerance, LIKELY["unread"], PAGE)
        return
    outputs = exam.ask(one.with_(source=changed))
    moved = exam.moved(outputs[:1].expand_as(outputs), outputs).flatten(1).amax(1)[1:]
    unread = (moved == 0).nonzero().flatten().tolist()
    if unread:
        said = SAID["places"].format(places=", ".join(map(str, unread[:8])), m=m)
        yield Finding(NAME, "fault", said, 0.0, likely=LIKELY["places"], page=PAGE)
        return
    yield Finding(NAME, "held", SAID["held"].format(m=m), moved.min().item(), page=PAGE)
