"""What was made of a text is taken again for the same text alone."""

import json

from attnbook.kept import Kept


def test_only_another_text_or_other_code_is_made_again(tmp_path):
    path, made = tmp_path / "kept" / "words.json", []

    def words(text: str, code: str = "1") -> list[str]:
        def make():
            made.append(text)
            return text.split()

        kept = Kept(path, code)
        found = kept.get(text, make)
        kept.write()
        return found

    assert words("a b") == words("a b") == ["a", "b"]
    assert words("b") == ["b"]
    assert made == ["a b", "b"]
    assert words("b", code="2") == ["b"]
    assert made == ["a b", "b", "b"]
    assert list(json.loads(path.read_text("utf-8")).values()) == [["b"]]  # and nothing older
