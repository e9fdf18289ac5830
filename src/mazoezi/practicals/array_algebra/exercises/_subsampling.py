"""Check of A41: a smaller picture by the mean of each block."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from mazoezi.course import code_exercise


def _block_mean(image, n):
    height, width, *channels = image.shape
    if height % n or width % n:
        raise ValueError(f"A picture of {height} x {width} has no whole blocks of {n} x {n}.")
    blocks = jnp.reshape(image, (height // n, n, width // n, n, *channels))
    return blocks.mean(axis=(1, 3))  # [row of blocks, column of blocks, channel if any]


block_mean = code_exercise("A41", reference=_block_mean, rtol=1e-5, atol=1e-4)


def _grey(rng, height: int, width: int) -> np.ndarray:
    return rng.integers(0, 256, size=(height, width)).astype(np.float32)


def _colours(rng, height: int, width: int, channels: int = 3) -> np.ndarray:
    return rng.integers(0, 256, size=(height, width, channels)).astype(np.float32)


@block_mean.case("a picture of two blocks, side by side")
def _(rng):
    yield np.array([[1, 3, 10, 10], [5, 7, 20, 40]], np.float32), 2


@block_mean.case("two rows of three blocks")
def _(rng):
    yield np.arange(24, dtype=np.float32).reshape(4, 6), 2
    yield _grey(rng, 4, 6), 2


@block_mean.case("blocks of 3 x 3, and more rows than columns")
def _(rng):
    yield _grey(rng, 12, 6), 3
    yield _grey(rng, 6, 15), 3


@block_mean.case("a single block, a single row of blocks and a single column of them")
def _(rng):
    yield _grey(rng, 3, 3), 3
    yield _grey(rng, 2, 8), 2
    yield _grey(rng, 8, 2), 2


@block_mean.case("blocks of one pixel: the picture itself")
def _(rng):
    yield _grey(rng, 3, 5), 1


@block_mean.case("colours: each channel by itself")
def _(rng):
    yield _colours(rng, 4, 6), 2
    yield _colours(rng, 9, 3), 3
    yield _colours(rng, 4, 12, channels=4), 4


@block_mean.case("values of 8 bits, whose mean need not be a whole number")
def _(rng):
    yield np.array([[255, 254], [255, 255]], np.uint8), 2
    yield _colours(rng, 6, 8).astype(np.uint8), 2


def _refuses(height: int, width: int, n: int) -> None:
    """Add the property that a picture without whole blocks raises a ValueError."""

    @block_mean.property(f"a picture of {height} x {width} has no whole blocks of {n} x {n}")
    def _(answer, rng):
        try:
            result = answer(jnp.asarray(_colours(rng, height, width)), n)
        except ValueError:
            return
        raise AssertionError(
            f"A picture of {height} x {width} pixels cannot be cut into whole blocks of {n} x {n}, "
            f"and your function gave back an array of shape {np.shape(result)}. It should raise a "
            "ValueError."
        )


for _sizes in ((5, 6, 2), (6, 5, 2), (4, 4, 3), (6, 9, 18), (6, 4, 4)):
    _refuses(*_sizes)


@block_mean.note
def mean_is_kept(answer):
    """Tell how far the mean of the small picture is from that of the large one."""
    image = np.random.default_rng(0).integers(0, 256, size=(40, 60, 3)).astype(np.float32)
    gap = abs(float(jnp.mean(answer(jnp.asarray(image), 4))) - float(image.mean()))
    return (
        f"The mean of a random picture moved by {gap:.2g} when you made it smaller: all blocks are "
        "equally large, so the mean of their means is the mean of all."
    )


# --- what learners hand over ----------------------------------------------------------------------


def _in_blocks(image: Any, n: int, function: Callable, axis: Any = (1, 3)) -> Any:
    """Aggregate blocks as the reference does, with another function or over other axes."""
    _refuse_parts(image, n)
    height, width, *channels = image.shape
    blocks = jnp.reshape(image, (height // n, n, width // n, n, *channels))
    return function(blocks, axis=axis)


def _refuse_parts(image: Any, n: int) -> None:
    if image.shape[0] % n or image.shape[1] % n:
        raise ValueError("no whole blocks")


@block_mean.mistake(
    "You kept one pixel of each block, the top left one, and threw the others away. That is "
    "subsampling. Every pixel should count: gather the n·n pixels of a block and take their mean."
)
def subsampled(image, n):
    _refuse_parts(image, n)
    return image[::n, ::n].astype(jnp.float32)


@block_mean.mistake(
    "The shape is right, but your blocks are no blocks: with shape (H/n, W/n, n, n) a reshape puts "
    "pixels into one block that are neighbours in the reading order, along the row. The two halves of "
    "an axis must stay beside each other: (H/n, n, W/n, n)."
)
def blocks_in_reading_order(image, n):
    _refuse_parts(image, n)
    height, width, *channels = image.shape
    return jnp.reshape(image, (height // n, width // n, n, n, *channels)).mean(axis=(2, 3))


@block_mean.mistake(
    "You exchanged the two halves of each axis: n stands first and the number of blocks second. Then "
    "the pixels that are averaged lie far apart, one from each block. Split a height into (H/n, n): "
    "which block, and where in the block."
)
def halves_exchanged(image, n):
    _refuse_parts(image, n)
    height, width, *channels = image.shape
    return jnp.reshape(image, (n, height // n, n, width // n, *channels)).mean(axis=(0, 2))


@block_mean.mistake(
    "You averaged over the axes 0 and 2, which say *which block* it is. The axes 1 and 3, the places "
    "inside a block, are those that should disappear."
)
def averaged_over_blocks(image, n):
    return _in_blocks(image, n, jnp.mean, axis=(0, 2))


@block_mean.mistake(
    "You took the sum of each block. Its mean is asked, or else the picture gets n·n times as bright."
)
def summed(image, n):
    return _in_blocks(image, n, jnp.sum)


@block_mean.mistake(
    "You averaged along one of the two axes only, so that n pixels of a row became one and all the "
    "rows remained. Both sizes should shrink by n."
)
def only_columns(image, n):
    return _in_blocks(image, n, jnp.mean, axis=3).reshape(
        (image.shape[0], image.shape[1] // n, *image.shape[2:])
    )


@block_mean.mistake(
    "You mixed the channels: the last axis holds the colours, and it should stay as it is. Only rows "
    "and columns are split into blocks."
)
def colours_mixed(image, n):
    result = _in_blocks(image, n, jnp.mean)
    return result if image.ndim == 2 else result.mean(axis=-1)


@block_mean.mistake(
    "Your means are rounded, or cut off, to whole numbers. A mean is a floating-point number: leave it "
    "so."
)
def whole_numbers(image, n):
    return _in_blocks(image, n, jnp.mean).astype(jnp.int32)


@block_mean.mistake(
    "The means are right. Where there are no whole blocks, you leave it to `reshape` to refuse, and "
    "what JAX then raises is a TypeError that speaks of shapes and not of blocks. Look at the sizes "
    "first, and raise a ValueError of your own."
)
def left_to_reshape(image, n):
    height, width, *channels = image.shape
    return jnp.reshape(image, (height // n, n, width // n, n, *channels)).mean(axis=(1, 3))


@block_mean.mistake(
    "The means are right, and the leftover rows or columns fall away without a word. A picture that "
    "has no whole blocks should raise a ValueError: `if height % n or width % n: raise ValueError(...)`."
)
def cropped(image, n):
    height, width = image.shape[0] // n * n, image.shape[1] // n * n
    return _in_blocks(image[:height, :width], n, jnp.mean)


@block_mean.mistake(
    "The means are right, but you only check the height. The width must be divisible by n as well: "
    "raise the ValueError in both cases."
)
def only_height_checked(image, n):
    if image.shape[0] % n:
        raise ValueError("no whole blocks")
    return _in_blocks(image[:, : image.shape[1] // n * n], n, jnp.mean)


# --- right answers in other styles ----------------------------------------------------------------


@block_mean.alternative
def one_axis_after_the_other(image, n):
    if image.shape[0] % n or image.shape[1] % n:
        raise ValueError("sizes must be divisible by n")
    rows = np.stack(np.split(np.asarray(image, float), image.shape[0] // n)).mean(axis=1)
    return np.stack(np.split(rows, image.shape[1] // n, axis=1), axis=1).mean(axis=2)


@block_mean.alternative
def by_sliced_pictures(image, n):
    if image.shape[0] % n != 0 or image.shape[1] % n != 0:
        raise ValueError("sizes must be divisible by n")
    shifted = [image[i::n, j::n].astype(jnp.float32) for i in range(n) for j in range(n)]
    return sum(shifted) / n**2


@block_mean.alternative
def by_two_contractions(image, n):
    height, width = image.shape[:2]
    if height % n or width % n:
        raise ValueError("sizes must be divisible by n")
    down = jnp.repeat(jnp.eye(height // n), n, axis=1) / n
    across = jnp.repeat(jnp.eye(width // n), n, axis=1) / n
    return jnp.einsum("ay,bx,yx...->ab...", down, across, image.astype(jnp.float32))


@block_mean.alternative
def by_loops(image, n):
    if image.shape[0] % n + image.shape[1] % n:
        raise ValueError("sizes must be divisible by n")
    a = np.asarray(image, np.float64)
    return np.array(
        [
            [a[i : i + n, j : j + n].mean(axis=(0, 1)) for j in range(0, a.shape[1], n)]
            for i in range(0, a.shape[0], n)
        ]
    )
