"""Rosters as gradebooks and spreadsheets write them, and what is said of those that cannot be."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnclass.roster import Student, delimiter_of, key, plain, read_roster, table_of

ADA, XAVER = (
    Student("ada", "Ada Byron", "ada@x.org"),
    Student("xaver", "Xaver Süßmayr", "xaver@x.org"),
)
PLAIN = "id,name,email\nada,Ada Byron,ada@x.org\nxaver,Xaver Süßmayr,xaver@x.org\n"
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,HW 3 (77)\n,,,,,Manual Posting\n"
    '    Points Possible,,,,,10\n"Byron, Ada",4711,s1,ada,A,\n'
)
MOODLE = (
    "Identifier,Full name,Email address,Status,Grade\n"
    "Participant 1234567,Ada Byron,ada@x.org,No submission,-\n"
)


def written(folder, content: str | bytes):
    path = folder / "roster.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("utf-16"),
        PLAIN.encode("cp1252"),
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t").replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        PLAIN.replace("\n", "\n\n") + " , ,\n",
        PLAIN.replace("Ada Byron", '"Ada\r\n Byron"').replace("id,name", "Student ID, Full Name "),
        PLAIN.replace("id,name,email", '"id","name","e-mail"').replace("ada,A", '" ada ",A'),
        "name;email;id\nAda Byron;ada@x.org;ada\nXaver Süßmayr;xaver@x.org;xaver;more\n",
        '"a, b, c";id;name;email\n;ada;Ada Byron;ada@x.org\n;xaver;Xaver Süßmayr;xaver@x.org\n',
    ],
)
def test_the_same_class_in_many_forms(tmp_path, content):
    assert read_roster(written(tmp_path, content)) == [ADA, XAVER]


@pytest.mark.parametrize(
    ("content", "student"),
    [
        (CANVAS, Student("4711", "Byron, Ada", login="ada", platform="4711")),
        (MOODLE, Student("ada@x.org", "Ada Byron", "ada@x.org", platform="Participant 1234567")),
        ("id,login\nada,-\nbob,-\n", Student("ada", login="-")),
        ("id\n=1+1\n", Student("=1+1")),
    ],
)
def test_what_platforms_give(tmp_path, content, student):
    assert read_roster(written(tmp_path, content))[0] == student


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("id,name\nada,A\nbob,B\nADA,C\n", "has 'ADA' twice, in rows 2 and 4"),
        ('id,name\nada,"A\n\nB"\n\nada,C\n', "in rows 2 and 4"),
        ("id,name\nzo\u00eb,A\nzoe\u0308,B\n", "twice, in rows 2 and 3"),
        ("id,login\nada,\neve,Ada\n", "has 'Ada' twice, in rows 2 and 3"),
        ("id,email\nada,a@x.org\neve,A@x.org\n", "has 'A@x.org' twice"),
        ("id,platform\nada,77\neve,77\n", "has '77' twice"),
        ("id,name\n-,A\n-,B\n", "has '-' twice"),
        ("id,name\n,Ada\n", "has no id in row 2"),
        ("id,name\na\u200bda,Ada\n", r"an id in row 2 with signs that cannot be seen: 'a\u200bda'"),
        ("id,name\n", "names nobody"),
        ("", "names nobody"),
        (
            "ada,Ada Byron\nxaver,Xaver\n",
            "needs a first row with headings, one of them for ids: id, st",
        ),
        ("ada,Ada Byron\nxaver,Xaver\n", "its first row is: ada, Ada Byron"),
        ('id,name\nada,"Ada\nxaver,Xaver\n', "is no table in CSV, from row 2 on"),
        (b"PK\x03\x04\0\0\0", "is no text that can be read: save it as CSV in UTF-8"),
        ("id,name\nada,A\n".encode("utf-16-le"), "is no text that can be read"),
        (
            "id,name\n" + '"' + "x" * 200_000 + '"\n',
            "is no table in CSV, from row 2 on: field ",
        ),
        ("x" * 200_000, "is no table in CSV, from row 1 on"),
    ],
)
def test_a_roster_that_cannot_be(tmp_path, content, sentence):
    with pytest.raises(ValueError) as refused:
        read_roster(written(tmp_path, content))
    assert sentence in str(refused.value)


def test_a_roster_that_is_not_there(tmp_path):
    with pytest.raises(ValueError, match=r"none\.csv cannot be read: No such file"):
        read_roster(tmp_path / "none.csv")


@given(st.binary(max_size=300))
def test_any_bytes_are_a_class_or_an_error_of_ours(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(content)
    try:
        rows = table_of(path)
        students = read_roster(path)
    except ValueError as error:
        assert str(path) in str(error)
    else:
        assert 0 < len(students) < len(rows)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ada", " ada ", True),
        ("zo\u00eb", "zoe\u0308", True),
        ("ada", "\u0430da", False),  # Cyrillic
        ("ada", "\uff41da", False),  # wide
        ("ada", "a\u200bda", False),
        ("ada", "àda", False),
        ("sam", "\u017fam", False),  # long s
        ("strauss", "strauß", False),
        ("ada1", "ada\u00b9", False),
    ],
)
def test_which_ids_are_one(one, other, same):
    assert (key(one) == key(other)) is same


@given(st.text(max_size=20))
def test_the_form_of_letters_makes_no_other_id(name):
    forms = {key(unicodedata.normalize(form, name)) for form in ("NFC", "NFD")}
    assert forms == {key(name)} == {key(key(name))}
    assert plain(unicodedata.normalize("NFD", name)) == plain(unicodedata.normalize("NFC", name))


@pytest.mark.parametrize(
    ("text", "sign"),
    [("id,a;b\n1,2", ","), ("a;b,c;d\n", ";"), ("a\tb", "\t"), ('"a,b,c";d;e;f', ";"), ("", ",")],
)
def test_what_stands_between_cells(text, sign):
    assert delimiter_of(text) == sign
