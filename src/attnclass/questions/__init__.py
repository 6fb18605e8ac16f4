"""Questions for examinations, and for homework with numbers of each student's own.

What a question asks is drawn, so that next year's, or a neighbor's, is another. The questions of a
chapter are in the file of its room here, and not with the chapter: what a student installs has
neither them nor their answers.

    @question("heads/learned-weights", "Learned weights", d_model=[48, 60, 96], h=[2, 3, 4, 6])
    def _learned(d_model, h):
        return value(
            f"A multi-head self-attention without biases has `d_model` = {d_model} and {h} heads. "
            "How many learned weights has it?",
            "learned_weights",
            4 * d_model**2,
            [(4 * d_model**2 * h, "a head is `d_model` / h wide, not `d_model`")],
            solution=f"learned_weights = 4 * {d_model}**2",
        )
"""

from .bank import Asked, Question, question, question_of, questions_of
from .kinds import essay, function, sentences, value

__all__ = [
    "Asked", "Question", "essay", "function", "question", "question_of", "questions_of",
    "sentences", "value",
]  # fmt: skip
