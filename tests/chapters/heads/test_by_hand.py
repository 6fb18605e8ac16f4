"""Heads that are set by hand do what they are told."""

import pytest
import torch

from attnlab.chapters.heads.by_hand import Head, layer, layers, own
from attnlab.chapters.heads.widget import TASK, HeadsWidget
from attnlab.tasks.answers import right_answers


def right_by_question(does, **options):
    tables = TASK.batch(100, generator=torch.Generator().manual_seed(0))
    return right_answers(layer(does), tables, **options).double().mean(dim=0)  # (L,)


def test_each_answers_its_question_and_the_rest_is_guessed():
    right = right_by_question(own(0, 1, 2, 3), head_mask=torch.tensor([1.0, 0.0, 1.0, 1.0]))
    assert right[[0, 2, 3]].tolist() == [1, 1, 1]
    assert right[1] < 0.3


@pytest.mark.parametrize("does", [own(2, 2), own(2, -1)])
def test_two_that_do_the_same_are_no_better_than_one(does):
    right = right_by_question(does)
    assert right[2] == 1
    assert right[[0, 1, 3]].max() < 0.3


def test_two_that_are_too_quiet_are_heard_together():
    quiet = Head(looks=2, writes=2, loud=0.3)
    alone, together = right_by_question((quiet,)), right_by_question((quiet, quiet))
    assert alone[2] < 0.3
    assert together[2] == 1


def test_a_loud_one_spoils_what_another_writes():
    right = right_by_question((*own(0, 1), Head(looks=3, writes=0, loud=2.0), *own(-1)))
    assert right[0] < 0.3
    assert right[1] == 1


def test_a_widget_can_be_made_of_them():
    assert HeadsWidget(*layers(own(0, 1, 2, 3))).right == 1
