"""A drawn raccoon among leaves, in place of a photograph: anyone may copy it.

Everything is an ellipse, a leaf or a brushed hair, laid with soft edges over what is there already.
All of it is made of operations that IEEE 754 rounds exactly (no sines, no exponentials, no long
sums) and of NumPy's frozen generator, so that every machine draws the same picture.
"""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8

HEIGHT, WIDTH = 240, 320

Box = tuple[slice, slice]
Plane = Float[np.ndarray, "rows columns"]
Colours = Float[np.ndarray, "rows columns 3"]
Pair = Sequence[float] | np.ndarray
Colour = tuple[int, int, int]

# Places in the picture are (column, row). Places on the raccoon are counted from its nose, to the
# right and down as it holds its head, and one side is the mirror image of the other.
NOSE = (206.0, 156.0)
TILT = (24.0, -2.0)
EYE = (34.0, -42.0)


@dataclass(frozen=True)
class Animal:
    """A picture of an animal's face, and where its nose and its eyes are.

    A box is a pair of slices, for the rows and for the columns: `image[nose]` is the nose.
    """

    image: UInt8[np.ndarray, "240 320 3"]
    nose: Box
    left_eye: Box
    """The eye on the left side of the picture."""
    right_eye: Box
    """The eye on the right side of the picture."""


def animal() -> Animal:
    """A raccoon that looks out of green leaves, drawn by this module.

    The picture is drawn once, which takes about 0.1 s. Each call gives a copy of it, which may be
    written into.

    Returns:
        `Animal`: `image` of shape [240, 320, 3], which is (row, column, channel), with red, green
        and blue from 0 to 255 in 8 bits; rows count from the top. The boxes lie closely around the
        nose and each eye.

    >>> animal().image.shape
    (240, 320, 3)
    """
    return Animal(
        image=_picture().copy(),
        nose=_box(NOSE, 19, 14),
        left_eye=_box(_in_picture((-EYE[0], EYE[1])), 14, 12),
        right_eye=_box(_in_picture(EYE), 14, 12),
    )


def _box(middle: Pair, half_width: int, half_height: int) -> Box:
    column, row = round(middle[0]), round(middle[1])
    return (
        slice(row - half_height, row + half_height),
        slice(column - half_width, column + half_width),
    )


@functools.cache
def _picture() -> UInt8[np.ndarray, "240 320 3"]:
    rng = np.random.RandomState(7)  # its numbers never change, which `default_rng` does not promise
    image = np.empty((HEIGHT, WIDTH, 3))
    _paint_undergrowth(image)
    places = _scattered(rng, 12, 16)
    for place, nearness in zip(places, np.linspace(0, 1, len(places)), strict=True):
        _paint_leaf(image, place, rng.random_sample(2) * 2 - 1, nearness, rng)
    _paint_body(image, rng)
    _paint_face(image, rng)
    for column, row, lean in _FRONT_LEAVES:
        _paint_leaf(image, (column, row), (lean, -1), 1.0, rng)
    return np.rint(np.clip(image, 0, 255)).astype(np.uint8)


# --- shapes and paint -----------------------------------------------------------------------------


def _grid(rows: slice, columns: slice) -> tuple[Plane, Plane]:
    """Return the column and the row of each pixel's middle."""
    x, y = np.meshgrid(
        np.arange(columns.start, columns.stop) + 0.5, np.arange(rows.start, rows.stop) + 0.5
    )
    return x, y


def _unit(direction: Pair) -> tuple[float, float]:
    x, y = direction
    length = math.sqrt(x * x + y * y)
    return x / length, y / length


def _turned(x: Plane, y: Plane, middle: Pair, direction: Pair) -> tuple[Plane, Plane]:
    """Return how far each place is from the middle, along the direction and across it."""
    c, s = _unit(direction)
    x, y = x - middle[0], y - middle[1]
    return c * x + s * y, c * y - s * x


def _in_picture(place: Pair) -> Pair:
    """Return the column and the row of a place on the raccoon."""
    c, s = _unit(TILT)
    return NOSE[0] + c * place[0] - s * place[1], NOSE[1] + s * place[0] + c * place[1]


def _ellipse(x: Plane, y: Plane, middle: Pair, radii: Pair, direction: Pair = (1, 0)) -> Plane:
    """Return about how many pixels each place is away from the ellipse; negative inside it."""
    u, v = _turned(x, y, middle, direction)
    u, v = u / radii[0], v / radii[1]
    level = np.sqrt(u * u + v * v) + 1e-9  # 1 on the ellipse
    u, v = u / radii[0], v / radii[1]
    slope = (np.sqrt(u * u + v * v) + 1e-9) / level
    return (level - 1) / slope


def _inside(distance: Plane, softness: float = 1.2) -> Plane:
    """Return 1 where the distance is negative, 0 where it is positive, with a soft edge."""
    return np.clip(0.5 - distance / softness, 0, 1)


def _rise(values: Plane) -> Plane:
    """Return a smooth step: 0 below 0, and 1 above 1."""
    values = np.clip(values, 0, 1)
    return values * values * (3 - 2 * values)


def _between(share: Plane, low: Colour, high: Colour) -> Colours:
    """Return `low` where the share is 0, `high` where it is 1, and the colours between."""
    return np.add(low, share[..., None] * np.subtract(high, low))


def _lay(image: Colours, cover: Plane, colour: Colour | Colours) -> None:
    """Lay a colour over the image, in place: not at all where `cover` is 0, fully where it is 1."""
    image += cover[..., None] * (colour - image)


def _hair(rng: np.random.RandomState, dx: Plane, dy: Plane, length: int = 5) -> Plane:
    """Return noise, about -1 to 1, that is brushed along a direction (a unit vector) at each place."""
    noise = rng.random_sample(dx.shape) - 0.5
    rows, columns = np.indices(dx.shape)
    brushed = np.zeros(dx.shape)
    for step in range(-length, length + 1):
        from_rows = np.rint(rows + step * dy).astype(int) % dx.shape[0]
        from_columns = np.rint(columns + step * dx).astype(int) % dx.shape[1]
        brushed += noise[from_rows, from_columns]
    for axis in (0, 1):  # soften the pixels' staircase
        brushed = brushed + 0.2 * (np.roll(brushed, 1, axis) + np.roll(brushed, -1, axis))
    return brushed * (2 / math.sqrt(2 * length + 1))


# --- leaves ---------------------------------------------------------------------------------------

_FRONT_LEAVES = (  # column, row, and how far each leans to the right
    (20, 234, 0.5), (62, 240, -0.4), (108, 232, -0.6), (152, 246, 0.6), (184, 252, -0.3),
    (232, 248, 0.7), (266, 236, -0.5), (302, 232, 0.5), (318, 208, -0.7),
)  # fmt: skip


def _paint_undergrowth(image: Colours) -> None:
    x, y = _grid(slice(0, HEIGHT), slice(0, WIDTH))
    light = _rise(-_ellipse(x, y, (60, 10), (330, 260)) / 200)
    image[:] = _between(light, (10, 30, 16), (40, 78, 34))


def _scattered(rng: np.random.RandomState, rows: int, columns: int) -> Float[np.ndarray, "n 2"]:
    """Return a place in each field of a grid of `rows` by `columns`, in any order."""
    row, column = np.indices((rows, columns)) + rng.random_sample((2, rows, columns))
    places = np.stack([column * WIDTH / columns, row * HEIGHT / rows], axis=-1)
    return rng.permutation(places.reshape(-1, 2))


def _paint_leaf(
    image: Colours, place: Pair, direction: Pair, nearness: float, rng: np.random.RandomState
) -> None:
    """Paint a leaf with its shadow: small and dark at nearness 0, large and bright at 1."""
    size = (15 + 13 * rng.random_sample()) * (0.85 + 0.55 * nearness)
    bend = 0.5 * (rng.random_sample() - 0.5)
    tone = rng.random_sample(3)
    reach = int(size * 1.3) + 6
    rows = slice(max(0, int(place[1]) - reach), min(HEIGHT, int(place[1]) + reach))
    columns = slice(max(0, int(place[0]) - reach), min(WIDTH, int(place[0]) + reach))
    part = image[rows, columns]
    x, y = _grid(rows, columns)

    def blade(x: Plane, y: Plane) -> tuple[Plane, Plane, Plane]:
        """Return how far places are along and across the leaf, in its size, and from its edge."""
        u, v = _turned(x, y, place, direction)
        u, v = u / size, v / size
        v = v - bend * (u * u - 0.4)
        half_width = 0.44 * (1 - u * u) * (1 - 0.35 * u)
        return u, v, (abs(v) - half_width) * (0.9 * size)

    _lay(part, 0.5 * _inside(blade(x - 2, y - 4)[2], 7), (4, 14, 8))
    u, v, distance = blade(x, y)
    sun = 1.25 - 0.42 * _rise((x + 1.2 * y - 60) / 500)
    light = sun * (0.36 + 0.66 * nearness) * (1 + 0.12 * u - 0.45 * v - 0.16 * (v > 0))
    green = np.array([52, 112, 38]) + np.array([54, 58, 34]) * tone
    rib = (u - 1.1 * abs(v)) * 6
    veins = np.clip(1 - 9 * abs(v), 0, 1) + 0.35 * np.clip(1 - 5 * abs(rib - np.rint(rib)), 0, 1)
    colour = green * light[..., None] + (14 + 20 * nearness) * veins[..., None]
    _lay(part, _inside(distance), colour)


# --- the raccoon: u is to its right, v down; `side` is as far on either side ----------------------

_WHITE = (230, 226, 216)
_BLACK = (34, 28, 27)
_SHADOW = (4, 12, 8)


def _paint_body(image: Colours, rng: np.random.RandomState) -> None:
    rows, columns = slice(150, HEIGHT), slice(80, WIDTH)
    part = image[rows, columns]
    x, y = _grid(rows, columns)
    hair = _hair(rng, (x - NOSE[0]) / 160, np.ones_like(y))
    _lay(part, 0.6 * _inside(_ellipse(x, y, (206, 272), (110, 98)), 24), _SHADOW)
    light = 0.3 + 0.55 * _rise((256 - y) / 70) * _rise((y - 176) / 30) + 0.13 * hair
    cover = _inside(_ellipse(x, y, (208, 264), (96, 86)) + 3 * hair, 3)
    _lay(part, cover, _between(light, (30, 27, 26), (150, 138, 124)))


def _paint_face(image: Colours, rng: np.random.RandomState) -> None:
    rows, columns = slice(10, HEIGHT), slice(84, WIDTH)
    part = image[rows, columns]
    x, y = _grid(rows, columns)
    away_x, away_y = x - NOSE[0], y - NOSE[1]
    far = np.sqrt(away_x * away_x + away_y * away_y)
    hair = _hair(rng, away_x / far, away_y / far)
    u, v = _turned(x, y, NOSE, TILT)
    _paint_ears(part, u, v, hair)
    _paint_fur(part, u, v, hair)
    _paint_eyes(part, u, v)
    _paint_whiskers(part, u, v)
    _paint_mouth(part, u, v)
    _paint_nose(part, u, v)


def _paint_ears(part: Colours, u: Plane, v: Plane, hair: Plane) -> None:
    side, lean = abs(u), (0.5, -1)
    _lay(part, 0.5 * _inside(_ellipse(side, v, (58, -92), (36, 28), lean), 14), _SHADOW)
    outer = _inside(_ellipse(side, v, (57, -97), (30, 23), lean) + 2 * hair, 3)
    _lay(part, outer, _between(0.75 + 0.16 * hair, (70, 64, 58), (236, 230, 216)))
    inner = _inside(_ellipse(side, v, (56, -91), (22, 14), lean) + 2.4 * hair, 5)
    _lay(part, inner, _between(0.5 + 0.2 * hair, (28, 24, 24), (84, 70, 66)))


def _paint_fur(part: Colours, u: Plane, v: Plane, hair: Plane) -> None:
    side = abs(u)
    _lay(part, 0.55 * _inside(_ellipse(u, v, (2, -14), (98, 68)), 24), _SHADOW)
    skull = _ellipse(u, v, (0, -44), (76, 62))
    cheeks = _ellipse(u, v, (0, -18), (94, 42))
    chin = _ellipse(u, v, (0, 6), (46, 36))
    head = _inside(np.minimum(np.minimum(skull, cheeks), chin) + 3.4 * hair, 3)
    light = 0.58 + 0.3 * _rise((-20 - v) / 90) - 0.2 * _rise(u / 110) + 0.15 * hair
    _lay(part, head, _between(light, (50, 45, 42), (190, 178, 162)))

    def patch(distance: Plane, softness: float, colour: Colour) -> None:
        """Dye the hair inside a shape; the light comes from the upper left."""
        light = 0.97 + 0.14 * hair - 0.12 * _rise(u / 110) - 0.2 * _rise((v - 12) / 40)
        _lay(
            part, head * _inside(distance + 3 * hair, softness), np.array(colour) * light[..., None]
        )

    patch(_ellipse(side, v, (66, -6), (34, 24), (1, -0.4)), 10, _WHITE)  # cheeks
    patch(_ellipse(side, v, (37, -66), (37, 11), (1, 0.42)), 7, _WHITE)  # brows
    patch(_ellipse(side, v, (40, -38), (40, 18.5), (1, 0.5)), 6, _BLACK)  # mask
    patch(_ellipse(u, v, (0, 12), (42, 29)), 8, _WHITE)  # muzzle
    patch(_ellipse(u, v, (0, -16), (17, 30)), 8, _WHITE)  # bridge of the nose
    patch(_ellipse(u, v, (0, -64), (8, 52)), 8, (66, 56, 50))  # stripe on the forehead


def _paint_eyes(part: Colours, u: Plane, v: Plane) -> None:
    side, (right, down) = abs(u), EYE
    _lay(part, 0.9 * _inside(_ellipse(side, v, EYE, (14.5, 13)), 2), (10, 8, 8))
    iris = _inside(_ellipse(side, v, EYE, (12, 11.4)))
    _lay(part, iris, _between(_rise((v - down + 9) / 20), (56, 28, 12), (188, 112, 40)))
    _lay(part, _inside(_ellipse(side, v, EYE, (8, 8.2)), 1.5), (8, 6, 6))
    for middle in (-right, right):  # the sun is reflected on the same side of both
        sun = _ellipse(u, v, (middle - 4, down - 4.2), (3.4, 3))
        glint = _ellipse(u, v, (middle + 4, down + 4.6), (1.8, 1.5))
        _lay(part, _inside(sun), (255, 255, 255))
        _lay(part, 0.7 * _inside(glint), (255, 240, 220))


def _paint_whiskers(part: Colours, u: Plane, v: Plane) -> None:
    side = abs(u)
    along = (side - 17) / 98  # 0 at the root, 1 at the tip
    colour = _between(_rise(4 * along - 1.4), (96, 84, 78), (255, 252, 244))
    for root, rise, fall in ((4, -26, 30), (10, -4, 26), (16, 18, 20)):
        distance = abs(v - (root + rise * along + fall * along * along)) - 0.25
        _lay(part, 0.9 * _inside(distance) * (along > 0) * np.clip(3 - 3 * along, 0, 1), colour)
        _lay(part, 0.8 * _inside(_ellipse(side, v, (17, root), (1.3, 1.3))), (60, 50, 48))


def _paint_mouth(part: Colours, u: Plane, v: Plane) -> None:
    side, colour = abs(u), (44, 34, 34)
    _lay(part, 0.85 * _inside(side - 0.8, 1.4) * (v > 8) * (v < 20), colour)
    smile = 25 - (side - 11) * (side - 11) / 24
    _lay(part, 0.85 * _inside(abs(v - smile) - 0.8, 1.4) * (side < 22), colour)


def _paint_nose(part: Colours, u: Plane, v: Plane) -> None:
    nose = np.minimum(_ellipse(u, v, (0, -4), (18, 9)), _ellipse(u, v, (0, 3), (10.5, 10.5)))
    _lay(part, 0.5 * _inside(nose - 1.5, 5), (60, 50, 48))
    _lay(part, _inside(nose), _between(_rise((10 - v) / 26), (16, 13, 14), (64, 57, 59)))
    nostrils = _ellipse(abs(u), v, (8, 1), (4.2, 2.6), (1, -0.5))
    _lay(part, 0.9 * _inside(nostrils), (4, 3, 3))
    _lay(part, 0.7 * _inside(_ellipse(u, v, (-4, -8.5), (7, 2.2)), 2.5), (225, 228, 235))
