"""The small arrays that the practical speaks of. Each call makes a fresh one, which may be changed.

All hold whole numbers. An array of houses counts people; the cells of a picture are 0 (dark) or 1
(bright), and its axes are row, column and channel: red, green, blue.
"""

import numpy as np


def street() -> np.ndarray:
    """Return the people in the three houses of a street, of shape (3,)."""
    return np.array([3, 2, 0])


def two_streets() -> np.ndarray:
    """Return the people in two streets of three houses, of shape (2, 3): (street, house)."""
    return np.array([[1, 2, 2], [3, 0, 4]])


def neighbourhood() -> np.ndarray:
    """Return the people on each floor, of shape (2, 3, 2): (street, house, floor)."""
    return np.array([[[1, 2], [1, 2], [2, 0]], [[3, 2], [0, 3], [4, 1]]])


def letter_f() -> np.ndarray:
    """Return the picture of a red letter F and a cyan colon right of it, of shape (5, 4, 3)."""
    picture = np.zeros((5, 4, 3), int)
    picture[:, :, 0] = [[1, 1, 1, 0], [1, 0, 0, 0], [1, 1, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0]]
    picture[2, 3] = picture[4, 3] = [0, 1, 1]
    return picture


def small_image() -> np.ndarray:
    """Return a picture of six colours, of shape (3, 3, 3).

    Its rows are blue, cyan, green; blue, black, yellow; and black, red, red.
    """
    red = [[0, 0, 0], [0, 0, 1], [0, 1, 1]]
    green = [[0, 1, 1], [0, 0, 1], [0, 0, 0]]
    blue = [[1, 1, 0], [1, 0, 0], [0, 0, 0]]
    return np.stack([np.array(channel) for channel in (red, green, blue)], axis=-1)


def r() -> np.ndarray:
    """Return the first vector of the operations, of shape (4,)."""
    return np.array([1, 2, 3, 4])


def b() -> np.ndarray:
    """Return the second vector of the operations, ten times the first, of shape (4,)."""
    return np.array([10, 20, 30, 40])


def rm() -> np.ndarray:
    """Return the first matrix of the operations, of shape (2, 2)."""
    return np.array([[1, 2], [3, 4]])


def bm() -> np.ndarray:
    """Return the second matrix of the operations, the identity, of shape (2, 2)."""
    return np.array([[1, 0], [0, 1]])


def table() -> np.ndarray:
    """Return the matrix whose cells are aggregated, of shape (2, 4)."""
    return np.array([[0, 1, 2, 3], [10, 11, 12, 13]])
