"""Users who watch several series at once, by one of two habits.

Items are episodes: item 10 s + e is episode e of series s, both counted from 0.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from attnlab.functional import settings

Habit = Literal["chance", "turns"]
N_SERIES, N_EPISODES = 24, 10
N_ITEMS = N_SERIES * N_EPISODES
AT_ONCE = (2, 3, 4)  # how many series somebody has in hand


@dataclass(frozen=True)
class Watching:
    """Evenings of users who have two, three or four series in hand, and watch each in order.

    By "chance", any of the series in hand is as likely as any other, every evening. In "turns" the
    user takes one after another, and then the first again. A series that ends makes room for the
    next on the user's list, in which popular series tend to stand first; so nobody sees an episode
    twice. The first ones are met somewhere in their midst.

    Args:
        habit: "chance" or "turns".
        length: evenings of each user.

    Raises:
        TypeError: a length that is no integer. ValueError: another habit, or a length below 1.

    >>> Watching("turns").histories(3, seed=0).shape
    (3, 30)
    """

    habit: Habit
    length: int = 30

    def __post_init__(self):
        settings.one_of(get_args(Habit), habit=self.habit)
        settings.count(1, length=self.length)

    def histories(self, n_users: int, seed: int) -> np.ndarray:
        """What each user watched, the oldest first. `(n_users, length)`

        Raises:
            TypeError: a number that is no integer. ValueError: it is too small.
        """
        settings.count(1, n_users=n_users)
        settings.count(0, seed=seed)
        rng = np.random.default_rng(seed)
        popularity = -0.7 * np.log(np.arange(1, N_SERIES + 1))
        return np.array([self._evenings(rng, popularity) for _ in range(n_users)])

    def _evenings(self, rng: np.random.Generator, popularity: np.ndarray) -> list[int]:
        liking = popularity + rng.gumbel(size=N_SERIES)
        waiting = iter(np.argsort(-liking).tolist())
        n = rng.choice(AT_ONCE)
        starts = rng.integers(N_EPISODES, size=n).tolist()
        in_hand = [[next(waiting), start] for start in starts]
        watched = []
        for evening in range(self.length):
            which = evening % n if self.habit == "turns" else rng.integers(n)
            series, episode = in_hand[which]
            watched.append(N_EPISODES * series + episode)
            ended = episode == N_EPISODES - 1
            in_hand[which] = [next(waiting), 0] if ended else [series, episode + 1]
        return watched


def title(item: int) -> str:
    """An item's name: a letter for its series, and its episode, counted from 1.

    >>> title(0), title(239)
    ('A1', 'X10')
    """
    series, episode = divmod(item, N_EPISODES)
    return f"{chr(ord('A') + series)}{episode + 1}"
