"""What was handed in, as platforms give it and as nobody should: every file to whom it is of."""

import io
import os
import zipfile

import pytest

from attnclass import submissions
from attnclass.listing import DEEPEST_PATH, Entry, in_zip
from attnclass.roster import Student
from attnclass.submissions import File, find
from tests.classes.bombs import BOMBS, linked, zipped

ADA = Student("ada", "Ada Byron", "ada@x.org", "ada-b", "Participant 11")
BOB = Student("bob", "Bob Kahn", "bob@x.org", "bobkahn", "22")
EVE, XAVER = Student("eve", "Eve Curie"), Student("xaver", "Xaver S\u00fcßmayr")
CLASS = [ADA, BOB, EVE, XAVER]


def laid_out(folder, files: dict[str, bytes]):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def looked_through(place):
    """Of each student what is in their notebooks, and the paths of nobody's."""
    found = find(place, CLASS, "hw3")
    contents = {
        student: b" ".join(file.content for file in files)
        for student, files in found.by_student.items()
    }
    return contents, [file.path for file in found.of_nobody], found.remarks


NAMES = {
    "moodle": ("Ada Byron_11_assignsubmission_file_/heads.ipynb", "No_9_assignsubmission_file_"),
    "moodle, no folders": (
        "Ada Byron_11_assignsubmission_file_heads.ipynb", "No One_9_assignsubmission_file_h.ipynb",
    ),
    "canvas": ("byronada_LATE_11_98_heads-1.ipynb", "oneno_44_99_heads.ipynb"),
    "nbgrader": ("submitted/ada/hw3/heads.ipynb", "submitted/no-one"),
    "github": ("hw3-ada-b/notebooks/heads.ipynb", "hw3-no-one"),
    "folders": ("ada/work/heads.IPYNB", "no-one"),
    "files": ("ada_heads.ipynb", "no-one.ipynb"),
    "sections": ("Group 1/Monday/ada/heads.ipynb", "Group 1/Monday/no-one"),
}  # fmt: skip


@pytest.mark.parametrize("platform", NAMES)
@pytest.mark.parametrize("packed", ["folder", "zip", "zips", "zip of zips", "deep"])
def test_names_as_platforms_give_them(tmp_path, platform, packed):
    mine, nobodys = NAMES[platform]
    theirs = nobodys if nobodys.endswith(".ipynb") else f"{nobodys}/bob.ipynb"
    files = {mine: b"mine", theirs: b"not bob's"}
    above = ""
    if packed == "folder":
        place = laid_out(tmp_path, files)
    elif packed == "zip":
        (place := tmp_path / "all.zip").write_bytes(zipped(files))
    elif packed == "zips":
        place = laid_out(tmp_path, {"download.zip": zipped(files)})
        above = "download.zip/"
    elif packed == "zip of zips":
        (place := tmp_path / "all.zip").write_bytes(zipped({"monday.zip": zipped(files)}))
        above = "monday.zip/"
    else:
        inner = {mine.removesuffix(mine[-6:]) + ".zip": zipped({"mine.ipynb": b"mine"})}
        place = laid_out(tmp_path, inner | {theirs: b""})
    contents, nobody, _ = looked_through(place)
    assert contents == {"ada": b"mine"}
    assert nobody == [above + nobodys]


@pytest.mark.parametrize(
    "inside",
    [
        "bob.ipynb", "bob/heads.ipynb", "/bob/heads.ipynb", "../bob/heads.ipynb",
        "..\\..\\bob\\heads.ipynb", "C:\\bob\\heads.ipynb", "//bob/heads.ipynb",
        "Bob Kahn_22_assignsubmission_file_/heads.ipynb", "kahnbob_22_98_heads.ipynb",
        "submitted/bob/hw3/heads.ipynb", "hw3-bobkahn/heads.ipynb",
    ],
)  # fmt: skip
@pytest.mark.parametrize("outside", ["eve", "Eve Curie_5_assignsubmission_file_", "hw3-eve"])
@pytest.mark.parametrize("packed", ["zip", "zip in a zip", "class"])
def test_what_lies_inside_is_the_owners_whatever_it_is_called(tmp_path, inside, outside, packed):
    bobs = "bob" if outside == "eve" else "Bob Kahn_22_assignsubmission_file_"
    files = {f"{bobs}/heads.ipynb": b"bob"}
    if packed == "class":
        content = zipped({**files, f"{outside}/work.zip": zipped({inside: b"eve"})})
        (place := tmp_path / "all.zip").write_bytes(content)
    else:
        work = zipped({inside: b"eve"})
        work = work if packed == "zip" else zipped({"bob.zip": work})
        place = laid_out(tmp_path, {**files, f"{outside}/bob.zip": work})
    contents, nobody, remarks = looked_through(place)
    assert contents == {"bob": b"bob", "eve": b"eve"} and nobody == []
    assert any(
        "counts for eve, in whose folder or zip it lies, and names bob" in x for x in remarks
    )


def test_who_is_not_on_the_roster_is_nobody_inside_and_out(tmp_path):
    place = laid_out(tmp_path, {
        "ada/heads.ipynb": b"ada", "stranger/ada.ipynb": b"no", "\u0430da/heads.ipynb": b"no",
        "other.zip": zipped({"bob.ipynb": b"no"}), "readme.txt": b"", "grades.csv": b"",
    })  # fmt: skip
    contents, nobody, remarks = looked_through(place)
    assert contents == {"ada": b"ada"}
    assert nobody == ["other.zip", "stranger", "\u0430da"]
    assert sum("names nobody beside what names students" in x for x in remarks) == 3


def test_of_two_who_call_themselves_alike_neither_is_taken_for_the_other(tmp_path):
    files = {f"Eve Curie_{n}_assignsubmission_file_/heads.ipynb": b"" for n in (5, 6)}
    contents, nobody, remarks = looked_through(laid_out(tmp_path / "one", files))
    assert contents == {} and len(nobody) == 2
    assert "add a column platform with the platform's numbers" in remarks[0]
    sections = {f"S{i}.zip": zipped({name: b""}) for i, name in enumerate(files)}
    assert looked_through(laid_out(tmp_path / "two", sections))[0] == {}


def test_letters_in_every_form(tmp_path):
    for i, name in enumerate(("xaver s\u00fcßmayr", "Xaver Su\u0308ßmayr", "Sussmayr, Xaver")):
        place = laid_out(tmp_path / str(i), {f"{name}/heads.ipynb": b"z"})
        assert looked_through(place)[0] == {"xaver": b"z"}
    member = zipfile.ZipInfo("x" * len("Xaver Süßmayr.ipynb".encode()))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(member, b"z")
    name = b"x" * len(member.filename)
    by_macos = content.getvalue().replace(name, "Xaver Süßmayr.ipynb".encode())
    place = laid_out(tmp_path / "zip", {"all.zip": by_macos})
    assert looked_through(place)[0] == {"xaver": b"z"}


def test_the_last_of_several_by_name_with_numbers_as_numbers(tmp_path):
    names = ["heads (10)", "heads", "heads (2)", "heads-1", "hw3/heads", "hw2/heads", "z/heads"]
    place = laid_out(tmp_path, {f"ada/{name}.ipynb": b"" for name in names})
    paths = [file.path for file in find(place, CLASS, "hw3").by_student["ada"]]
    assert [path[4:-6] for path in paths] == [
        "heads", "heads (2)", "heads (10)", "heads-1", "hw2/heads", "z/heads", "hw3/heads",
    ]  # fmt: skip


def test_links_lead_nowhere(tmp_path):
    secret = laid_out(tmp_path / "secret", {"heads.ipynb": b"secret"})
    files = {"bob/heads.ipynb": b"bob", "eve/heads.ipynb": b"eve"}
    place = laid_out(tmp_path / "all", files | {"xaver/a.zip": linked("a.ipynb", "/etc/passwd")})
    (place / "eve" / "link.ipynb").symlink_to(secret / "heads.ipynb")
    (place / "eve" / "folder").symlink_to(secret)
    (place / "eve" / "up").symlink_to("..")
    (place / "ada").symlink_to(place / "bob")
    os.mkfifo(place / "bob" / "pipe.ipynb")
    contents, nobody, remarks = looked_through(place)
    assert contents == {"bob": b"bob", "eve": b"eve"} and nobody == []
    assert sum("it is a link" in remark for remark in remarks) == 4
    assert "ada holds no notebook (.ipynb)" in remarks


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("packed", ["folder", "class"])
def test_a_bomb_harms_its_owner_alone(tmp_path, bomb, packed):
    honest = {"bob/heads.ipynb": b"bob", "xaver.zip": zipped({"h.ipynb": b"z"})}
    files = {"ada/x.zip": BOMBS[bomb]()} | honest
    if packed == "class":
        (place := tmp_path / "all.zip").write_bytes(zipped(files, zipfile.ZIP_STORED))
    else:
        place = laid_out(tmp_path, files)
    found = find(place, CLASS, "hw3")
    assert {s: [f.content for f in found.by_student[s]] for s in ("bob", "xaver")} == {
        "bob": [b"bob"], "xaver": [b"z"],
    }  # fmt: skip
    assert 0 < len(found.remarks) <= submissions.MOST_FILES + 2
    assert all(remark.startswith("ada") and len(remark) < 500 for remark in found.remarks)
    kept = found.by_student.get("ada", [])
    assert len(kept) <= submissions.MOST_FILES
    assert sum(len(file.content) for file in kept) <= submissions.MOST_BYTES


def test_names_of_files_do_nothing_where_they_are_shown(tmp_path):
    bad = "\x1b[2J\nbob handed in nothing\u202e" + "x" * 300 + ".ipynb"
    place = laid_out(tmp_path, {"ada.zip": zipped({bad: b"{}", bad[:-6] + ".zip": b""})})
    (tmp_path / "bob").mkdir()
    (tmp_path / "bob" / os.fsdecode(b"\xff.ipynb")).write_bytes(b"{}")
    found = find(place, CLASS, "hw3")
    paths = [file.path for files in found.by_student.values() for file in files]
    assert len(paths) == 2
    for words in [*paths, *found.remarks]:
        assert words.isprintable() and len(words) < 500 and words.encode()


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({}, "no notebook (.ipynb) was found in "),
        ({"ada/heads.py": b""}, "no notebook (.ipynb) was found in "),
        ({"ada/.ipynb_checkpoints/h.ipynb": b"", "ada/__MACOSX/h.ipynb": b""}, "no notebook"),
        ({"ada/._heads.ipynb": b""}, "no notebook"),
        ({"/".join(["ada", *"x" * DEEPEST_PATH, "heads.ipynb"]): b""}, "no notebook"),
        ({"ada.zip": b"none"}, "ada.zip cannot be read: File is not a zip file"),
    ],
)
def test_nothing_is_found(tmp_path, files, sentence):
    with pytest.raises(ValueError) as refused:
        find(laid_out(tmp_path, files), CLASS, "hw3")
    assert sentence in str(refused.value)


def test_no_place(tmp_path):
    laid_out(tmp_path, {"roster.csv": b"id"})
    for place in ("none", "roster.csv"):
        with pytest.raises(ValueError, match="expected a folder or a zip with submissions; got "):
            find(tmp_path / place, CLASS, "hw3")


def test_who_handed_in_no_notebook_is_told_of(tmp_path):
    place = laid_out(tmp_path, {
        "ada/heads.pdf": b"", "bob/heads.ipynb": b"", "eve/x.zip": zipped({"readme.txt": b""}),
    })  # fmt: skip
    found = find(place, CLASS, "hw3")
    assert found.by_student == {"bob": [File("bob/heads.ipynb", b"")]}
    assert found.remarks == ["ada holds no notebook (.ipynb)", "eve holds no notebook (.ipynb)"]


def test_a_large_file_beside_a_notebook_costs_nothing(tmp_path):
    place = laid_out(tmp_path, {"ada/a.ipynb": b" " * (21 << 20), "ada/heads.ipynb": b"ada"})
    assert looked_through(place)[0] == {"ada": b"ada"}


def test_a_zip_is_open_no_longer_than_it_is_read(tmp_path):
    files = []

    def opened():
        files.append(io.BytesIO(zipped({"a.ipynb": b"a"})))
        return files[-1]

    with in_zip(Entry(("a.zip",), 1, opened), 9) as entries, entries[0].open() as file:
        assert file.read() == b"a"
    assert files[0].closed
