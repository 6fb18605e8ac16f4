"""Whose a name is: exactly one student's, or nobody's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnclass.owners import LONGEST, Owners
from attnclass.roster import Student

STUDENTS = [
    Student("ada", "Ada Byron", "ada@x.org", "ada-b", "Participant 11"),
    Student("bob", "Bob Kahn", login="bobkahn"),
    Student("ada-c", "Byron, Annabella", platform="33"),
    Student("w1", "Li Wei"),
    Student("w2", "Wei Li"),
    Student("xaver", "Xaver S\u00fcßmayr"),
    Student("heads", "Hea Ds"),
    Student("007", "Jo Bond"),
]
OWNERS = Owners(STUDENTS, "hw-3")


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        # Plain folders and files.
        ("ada", "ada"),
        ("ADA.IPYNB", "ada"),
        ("ada.zip", "ada"),
        ("ada@x.org.ipynb", "ada"),
        ("Ada Byron", "ada"),
        ("Byron, Ada.ipynb", "ada"),
        ("ada_heads.ipynb", "ada"),
        ("ada_heads-1.ipynb", "ada"),
        ("ada-self-attention (2).ipynb", "ada"),
        ("ada (1).ipynb", "ada"),
        ("ada - Copy.ipynb", "ada"),
        ("ada-c", "ada-c"),
        ("ada-c heads.ipynb", "ada-c"),
        ("heads-ada.ipynb", "ada"),
        ("007.ipynb", "007"),
        ("Xaver Su\u0308ssmayr", "xaver"),
        # GitHub.
        ("hw-3-ada-b", "ada"),
        ("hw3-bobkahn", "bob"),
        # Moodle.
        ("Ada Byron_11_assignsubmission_file_", "ada"),
        ("Nobody Known_11_assignsubmission_file", "ada"),
        ("Participant_11_assignsubmission_file_heads.ipynb", "ada"),
        ("Bob Kahn_5_assignsubmission_onlinetext_", "bob"),
        # Canvas.
        ("byroncarla_33_98765_heads-1.ipynb", "ada-c"),
        ("kahnbob_LATE_4711_98765_heads.ipynb", "bob"),
        ("kahnbob_4711_98765_heads_2026_12_1.ipynb", "bob"),
        # A number before a name: these call themselves like somebody whose number is another.
        ("Ada Byron_33_assignsubmission_file_", "ada-c"),
        ("Ada Byron_99_assignsubmission_file_", ""),
        ("adabyron_99_98765_heads.ipynb", ""),
        # An id is no name on a platform, where everybody chooses a name.
        ("ada_99_assignsubmission_file_", ""),
        ("bob_99_98765_heads.ipynb", ""),
        # Names of files that look like a platform's.
        ("Eve_33_assignsubmission_file_Ada_11_assignsubmission_file_.ipynb", "ada-c ada"),
        ("adabyron_11_1_x_33_77_heads.ipynb", "ada ada-c"),
        # Nobody's, or of more than one.
        ("Li Wei", "w1 w2"),
        ("liwei_5_6_heads.ipynb", "w1 w2"),
        ("ada-d", ""),
        ("ada-d-heads.ipynb", ""),
        ("ada_final", ""),
        ("adaa", ""),
        ("\u0430da", ""),
        ("a\u200bda", ""),
        ("\uff41da", ""),
        ("7", ""),
        ("", ""),
        (".zip", ""),
        ("---", ""),
        # Words of the course are nobody's, whatever a student calls themselves.
        ("heads.ipynb", ""),
        ("heads (1).ipynb", ""),
        ("hw3", ""),
        ("submitted", ""),
        ("heads-heads.ipynb", "heads"),
    ],
)
def test_who_is_named(name, ids):
    assert sorted(s.id for s in OWNERS.claim(name).students) == sorted(ids.split())


def test_beside_a_name_all_are_names():
    assert OWNERS.among(["Section A", "notes"]) is None
    claims = OWNERS.among(["ada", "stranger"])
    assert claims is not None and not claims["stranger"].students
    assert OWNERS.among(["No Body_9_assignsubmission_file_"]) is not None


def test_numbers_and_addresses_before_a_name_of_the_same_letters():
    ada, eve = Student("ada", "Ada Byron"), Student("eve", "ada", login="eve")
    assert Owners([eve, ada], "hw3").claim("ada").students == (ada,)
    assert Owners([ada, eve], "hw3").claim("ada_5_assignsubmission_file_").students == (eve,)


@pytest.mark.parametrize("sign", ["-", "_", " ", "_1", "_1_assignsubmission_file", "(1)", "\u0301"])
def test_a_long_name_is_read_to_its_end(sign):
    """Which a pattern that tries all ways to divide it would not be within anybody's life."""
    name = (sign * LONGEST)[: LONGEST - 1] + "x"
    assert not OWNERS.claim(name).students
    assert not OWNERS.claim(sign * 30_000).students


@given(st.text(max_size=40))
def test_any_name_is_somebodys_or_not(name):
    assert set(OWNERS.claim(name).students) <= set(STUDENTS)
    assert len(set(OWNERS.claim(f"ada{name}").students)) <= 2
