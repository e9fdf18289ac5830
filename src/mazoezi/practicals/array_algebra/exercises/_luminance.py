"""Check of A44: how bright each pixel looks, as a contraction over the channel."""

import jax.numpy as jnp
import numpy as np

from mazoezi.course import code_exercise

_WEIGHTS = (0.2126, 0.7152, 0.0722)  # red, green, blue; IEC 61966-2-1 and ITU-R BT.709


def _linear(image):
    """Decode sRGB: from what is stored, 0 to 255, to amounts of light from 0 to 1."""
    stored = image / 255
    return jnp.where(stored <= 0.04045, stored / 12.92, ((stored + 0.055) / 1.055) ** 2.4)


def _luminance(image):
    return jnp.einsum("yxc,c->yx", _linear(image), jnp.array(_WEIGHTS))


luminance = code_exercise("A44", reference=_luminance, rtol=1e-4, atol=1e-6)


def _pixels(*colours: tuple[int, int, int]) -> np.ndarray:
    """Return a picture of a single row."""
    return np.array([colours], np.uint8)


@luminance.case("a black and a white pixel: 0 and 1")
def _(rng):
    yield _pixels((0, 0, 0), (255, 255, 255))


@luminance.case("pure red, pure green, pure blue: one weight each")
def _(rng):
    yield _pixels((255, 0, 0), (0, 255, 0), (0, 0, 255))


@luminance.case("half of 255 is far less than half of the light")
def _(rng):
    yield _pixels((128, 128, 128), (64, 64, 64))


@luminance.case("nearly black, where the curve is a straight line")
def _(rng):
    yield _pixels((0, 1, 2), (5, 7, 10), (10, 10, 10), (11, 11, 11), (3, 0, 12))


@luminance.case("any colours, in 2 rows and 4 columns")
def _(rng):
    yield rng.integers(0, 256, size=(2, 4, 3)).astype(np.uint8)


@luminance.case("as many rows and columns as channels")
def _(rng):
    yield rng.integers(0, 256, size=(3, 3, 3)).astype(np.uint8)


@luminance.case("dark pictures, and a single pixel")
def _(rng):
    yield rng.integers(0, 20, size=(5, 2, 3)).astype(np.uint8)
    yield rng.integers(0, 256, size=(1, 1, 3)).astype(np.uint8)


@luminance.property("green and blue at 255 are not equally bright")
def _(answer, rng):
    (green, blue) = np.asarray(answer(jnp.asarray(_pixels((0, 255, 0), (0, 0, 255)))))[0]
    assert green > 9 * blue, (
        f"Pure green gets {green:.4g} and pure blue {blue:.4g}. To the eye, pure green is nearly ten "
        "times as bright: which weight belongs to which channel?"
    )


@luminance.note
def grey_of_half_the_light(answer):
    """Tell which stored grey is half as bright as white."""
    greys = jnp.broadcast_to(jnp.arange(256, dtype=jnp.uint8)[None, :, None], (1, 256, 3))
    bright = np.asarray(answer(greys))[0]
    nearest = int(np.argmin(np.abs(bright - 0.5)))
    return (
        f"By your function, a grey of {nearest} has half the light of white (255), and one of 128 only "
        f"{bright[128]:.1%}: the values in a picture are spaced as the eye sees, not as light adds up."
    )


# --- what learners hand over ----------------------------------------------------------------------


@luminance.mistake(
    "You weighted the stored values, without decoding them. They are not amounts of light: decode "
    "first, then contract. (On stored values the weighted sum is called *luma*.)"
)
def luma(image):
    return jnp.einsum("yxc,c->yx", image / 255, jnp.array(_WEIGHTS))


@luminance.mistake(
    "You contracted first and decoded the weighted sum. The curve is not a straight line, so the order "
    "matters: amounts of light can be added, stored values cannot. Decode each channel first."
)
def decoded_afterwards(image):
    return _linear(255 * luma(image))


@luminance.mistake(
    "You decoded with the power 2.4 everywhere. Up to 0.04045 the curve is a straight line, v / 12.92: "
    "choose between the two with `jnp.where`."
)
def without_straight_part(image):
    return jnp.einsum("yxc,c->yx", ((image / 255 + 0.055) / 1.055) ** 2.4, jnp.array(_WEIGHTS))


@luminance.mistake(
    "You decoded with a plain power of 2.2. That is a common approximation, near but not equal to the "
    "curve that is asked for: a straight line up to 0.04045, then ((v + 0.055) / 1.055) ** 2.4."
)
def plain_power(image):
    return jnp.einsum("yxc,c->yx", (image / 255) ** 2.2, jnp.array(_WEIGHTS))


@luminance.mistake(
    "You decoded the values from 0 to 255 as they are. The curve is made for values from 0 to 1: divide "
    "by 255 first."
)
def not_divided(image):
    return _luminance(255.0 * image)


@luminance.mistake(
    "You encoded instead of decoding: you made the values brighter. From stored to light, the power is "
    "2.4 and not 1 / 2.4."
)
def encoded(image):
    stored = image / 255
    curve = jnp.where(stored <= 0.0031308, 12.92 * stored, 1.055 * stored ** (1 / 2.4) - 0.055)
    return jnp.einsum("yxc,c->yx", curve, jnp.array(_WEIGHTS))


@luminance.mistake(
    "The weights are in the order blue, green, red. Channel 0 is red, which gets 0.2126."
)
def blue_first(image):
    return jnp.einsum("yxc,c->yx", _linear(image), jnp.array(_WEIGHTS[::-1]))


@luminance.mistake(
    "You took the mean of the three channels, so that green and blue count the same. Give each channel "
    "its own weight."
)
def mean_of_channels(image):
    return _linear(image).mean(axis=-1)


@luminance.mistake(
    "You multiplied by the weights and stopped there: the channel is still an axis. Sum over it; in "
    "einsum, its letter is missing right of the arrow."
)
def not_summed(image):
    return _linear(image) * jnp.array(_WEIGHTS)


@luminance.mistake(
    "Your result goes from 0 to 255. The luminance of white should be 1: leave the values between 0 and "
    "1 after the decoding."
)
def up_to_255(image):
    return 255 * _luminance(image)


@luminance.mistake(
    "You contracted with the wrong axis. It is right only by its shape, where there are as many rows or "
    "columns as channels. The channel is the last axis."
)
def over_another_axis(image):
    return jnp.einsum("cyx,c->yx", _linear(image), jnp.array(_WEIGHTS))


# --- right answers in other styles ----------------------------------------------------------------


@luminance.alternative
def by_matrix_product(image):
    stored = np.asarray(image, np.float64) / 255
    light = np.where(stored > 0.04045, ((stored + 0.055) / 1.055) ** 2.4, stored / 12.92)
    return light @ np.array(_WEIGHTS)


@luminance.alternative
def channel_by_channel(image):
    red, green, blue = jnp.moveaxis(_linear(image.astype(jnp.float32)), -1, 0)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@luminance.alternative
def by_a_table(image):
    table = _linear(jnp.arange(256))  # the light of each stored value
    return (table[image] * jnp.array(_WEIGHTS)).sum(axis=2)


@luminance.alternative
def by_tensordot(image):
    return np.tensordot(np.asarray(_linear(image)), _WEIGHTS, axes=1)
