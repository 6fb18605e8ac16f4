"""How good a translation is: right to the last sign, or alike letter by letter."""

from collections import Counter

LONGEST = 6  # letters of the longest pieces
BETA = 2  # how many times as much recall counts as precision


def pieces(text: str, n: int) -> Counter:
    """How often each piece of n letters is in a text, blanks and capitals aside.

    >>> pieces("一一 二", 2), pieces("PDF", 3)
    (Counter({'一一': 1, '一二': 1}), Counter({'pdf': 1}))
    """
    text = "".join(text.lower().split())
    return Counter(text[i : i + n] for i in range(len(text) - n + 1))


def chrf(said: list[str], right: list[str]) -> float:
    """chrF of many texts together, from 0 to 1 (Popović 2015), capitals aside.

    As sacreBLEU's `CHRF(lowercase=True)` does, it counts pieces of 1 to 6 letters over all texts;
    precision and recall are means over the lengths that there are, and recall counts twice as much.

    >>> chrf(["保存文件"], ["保存文件"]), round(chrf(["打开文件"], ["保存文件"]), 3)
    (1.0, 0.208)
    """
    precisions, recalls = [], []
    for n in range(1, LONGEST + 1):
        found, ours, theirs = 0, 0, 0
        for one, other in zip(said, right, strict=True):
            a, b = pieces(one, n), pieces(other, n)
            found += (a & b).total()
            ours += a.total() if b else 0
            theirs += b.total()
        if ours and theirs:
            precisions.append(found / ours)
            recalls.append(found / theirs)
    if not precisions or not sum(precisions):
        return 0.0
    p, r = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
    return (1 + BETA**2) * p * r / (BETA**2 * p + r)


def right_share(said: list[str], right: list[str]) -> float:
    """The share of texts that are right, blanks and capitals aside.

    >>> right_share(["保存 IP", "打开"], ["保存ip", "开"])
    0.5
    """
    bare = [["".join(text.lower().split()) for text in texts] for texts in (said, right)]
    return sum(a == b for a, b in zip(*bare, strict=True)) / len(right)
