"""Checks of B0.1 to B0.10: lines by hand, the loss, ridge regression and its landscape."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np

from mazoezi import datasets
from mazoezi.course import code_exercise, experiment_exercise
from mazoezi.practicals.bayesian.labs import LandscapeLab, LinesByHand, RidgeLab


def _design(rng, count, size):
    """Return correlated columns of different scales, and targets."""
    mixing = rng.normal(size=(size, size)) + np.eye(size)
    X = (rng.normal(size=(count, size)) + 0.5) @ mixing * rng.uniform(0.5, 2, size)
    return X.astype("float32"), (X.sum(axis=1) + rng.normal(size=count)).astype("float32")


# --- B0.1 Plausible lines by hand ----------------------------------------------------------------

lines_by_hand = experiment_exercise("B0.1")


@lines_by_hand.task("at least five different lines that describe the visible points well")
def _(lab, rng):
    plausible = len(lab.plausible)
    if plausible >= 5:
        return
    slopes = [w for _, w in lab.tried]
    assert plausible or min(slopes) < 0, (
        "The points fall from left to right, but none of your lines does: the slope w must be below 0."
    )
    assert plausible, (
        "None of your lines is plausible yet. Move b until the line passes through the middle of "
        "the points, and then turn it by w."
    )
    assert len(lab.tried) >= 5, "Your lines are good; five different ones are asked."
    raise AssertionError(
        "Some of your lines are plausible, but fewer than five different ones. Stay near a good "
        "line, and move one slider a little."
    )


def _by_hand(*tried):
    lab = LinesByHand(*datasets.outlier(), y_range=(-5, 1))
    for b, w in tried:
        lab.set(b=b, w=w)
    return lab


@lines_by_hand.mistake("Move w to the left: the points fall, so that the slope is negative.")
@cache
def rising_lines():
    return _by_hand((-1.9, 1.0), (-1.5, 0.5), (-2.0, 1.5), (-1.0, 2.0), (-1.8, 0.8))


@lines_by_hand.mistake(
    "All your lines pass above or below the cloud of points. At x = 0 the cloud is near y = -1.7: "
    "that is where b should be."
)
@cache
def far_from_the_cloud():
    return _by_hand((1.0, -1.2), (2.0, -1.2), (-4.5, -1.2), (3.0, -2.0), (0.5, -1.0))


@lines_by_hand.mistake(
    "One good line is what an optimiser would give. The question here is how many *others* are as "
    "plausible: collect five."
)
@cache
def one_line_only():
    return _by_hand((-1.9, -1.21))


@lines_by_hand.mistake(
    "The same line counts once, and lines that are too far off do not count at all. Take a plausible "
    "line and change b or w by 0.1 or 0.2."
)
@cache
def one_line_many_times():
    return _by_hand((-1.7, -1.3), (-1.7, -1.3), (-1.7, -1.3), (-1.7, -1.3), (-1.7, -1.3))


@lines_by_hand.alternative
def small_steps():
    return _by_hand(*((-1.74 + 0.05 * k, -1.26) for k in range(5)))


@lines_by_hand.alternative
def with_bad_ones_between():
    good = ((-1.7, -1.3), (-1.9, -1.21), (-1.6, -1.0), (-1.8, -1.5), (-1.7, -1.1))
    return _by_hand((3.0, 3.0), *good, (-5.0, 0.0))


# --- B0.2 Affine basis ---------------------------------------------------------------------------


def _affine_basis(x):
    x = x.reshape(-1)
    return jnp.stack([jnp.ones_like(x), x], axis=1)


affine_basis = code_exercise("B0.2", reference=_affine_basis, dtype="exact")


@affine_basis.case("three inputs")
def _(rng):
    yield np.array([3.0, -1.0, 0.5], "float32")


@affine_basis.case("three inputs as a column of shape (3, 1)")
def _(rng):
    yield np.array([[3.0], [-1.0], [0.5]], "float32")


@affine_basis.case("one input, and none")
def _(rng):
    yield np.array([4.0], "float32")
    yield np.array([[4.0]], "float32")
    yield np.zeros(0, "float32")
    yield np.zeros((0, 1), "float32")


@affine_basis.case("the dtype is kept")
def _(rng):
    yield np.array([1.5, -2.0], "float16")
    yield np.array([[1.5], [-2.0]], "float16")


@affine_basis.case("compiled by `jit`", run=jax.jit)
def _(rng):
    yield rng.normal(size=7).astype("float32")


@affine_basis.property("times the weights (b, w) it gives b + w x")
def _(answer, rng):
    x, (b, w) = jnp.asarray(rng.normal(size=5), "float32"), rng.normal(size=2)
    assert jnp.allclose(answer(x) @ jnp.array([b, w], "float32"), b + w * x, atol=1e-5), (
        "`affine_basis(x) @ (b, w)` is not b + w x."
    )


@affine_basis.mistake(
    "Your columns are (x, 1), so that your weights would be (slope, bias). This practical uses "
    "(bias, slope): put the ones first."
)
def ones_last(x):
    x = x.reshape(-1)
    return jnp.stack([x, jnp.ones_like(x)], axis=1)


@affine_basis.mistake(
    "Your result has a *column* for each example. Examples must be rows: stack along axis 1, or "
    "transpose."
)
def examples_as_columns(x):
    x = x.reshape(-1)
    return jnp.stack([jnp.ones_like(x), x])


@affine_basis.mistake("The column of ones is missing: without it a line has no bias.")
def without_ones(x):
    return x.reshape(-1, 1)


@affine_basis.mistake(
    "The first column is the number 1, and not 0: with zeros the bias would meet nothing."
)
def zeros_first(x):
    x = x.reshape(-1)
    return jnp.stack([jnp.zeros_like(x), x], axis=1)


@affine_basis.mistake(
    "With an input of shape (N, 1) your result has a third axis. Bring the inputs to shape (N,) "
    "first, by `x.reshape(-1)`."
)
def column_not_flattened(x):
    return jnp.stack([jnp.ones_like(x), x], axis=1)


@affine_basis.mistake(
    "With an input of shape (N, 1) your result has a third axis. Bring the inputs to shape (N,) "
    "first, by `x.reshape(-1)`."
)
def column_kept_as_an_axis(x):
    return jnp.stack([jnp.ones_like(x), x], axis=-1)


@affine_basis.mistake(
    "With an input of shape (N,) there is no second axis to join along. Bring both columns to shape "
    "(N, 1), or use `jnp.stack`."
)
def concatenated_as_given(x):
    return jnp.concatenate([jnp.ones_like(x), x], axis=1)


@affine_basis.mistake(
    "`jnp.ones(N)` is float32, whatever x is, so that the result changes its dtype: `jnp.ones_like(x)` "
    "keeps it."
)
def ones_of_another_dtype(x):
    x = x.reshape(-1)
    return jnp.stack([jnp.ones(x.shape[0]), x], axis=1)


@affine_basis.mistake(
    "`squeeze` removes *every* axis of length 1, and with one example that of the examples as well. "
    "`x.reshape(-1)` always gives shape (N,)."
)
def squeezed(x):
    x = x.squeeze()
    return jnp.stack([jnp.ones_like(x), x], axis=1)


@affine_basis.mistake(
    "Flat arrays are joined end to end, into 2N numbers. Give both the shape (N, 1) first, or use "
    "`jnp.stack(..., axis=1)`."
)
def joined_end_to_end(x):
    return jnp.hstack([jnp.ones_like(x), x])


@affine_basis.mistake(
    "Two columns (N, 1) on top of each other are one of length 2N. Bring the inputs to shape (N,) "
    "first, by `x.reshape(-1)`."
)
def columns_on_top_of_each_other(x):
    return jnp.vstack([jnp.ones_like(x), x]).T


@affine_basis.mistake(
    "Your columns are (x, 1); this practical has the ones first. And an input of shape (N, 1) gives "
    "you a third axis: begin with `x.reshape(-1)`."
)
def ones_last_and_not_flattened(x):
    return jnp.stack([x, jnp.ones_like(x)], axis=1)


@affine_basis.alternative
def by_column_stack(x):
    return jnp.column_stack([jnp.ones_like(x), x])


@affine_basis.alternative
def by_powers(x):
    return x.reshape(-1, 1) ** jnp.arange(2)


@affine_basis.alternative
def mapped(x):
    return jax.vmap(lambda one: jnp.stack([jnp.ones_like(one), one]))(x.ravel())


@affine_basis.alternative
def by_pad(x):
    return jnp.pad(x.reshape(-1, 1), ((0, 0), (1, 0)), constant_values=1)


# --- B0.4 Squared-error loss ---------------------------------------------------------------------


def _loss(X, y, model, w):
    return jnp.sum((y - model(X, w)) ** 2) / 2


def _linear(X, w):
    return X @ w


def _wavy(X, w):
    return jnp.sin(X @ w) + w[0] ** 2


squared_loss = code_exercise("B0.4", reference=_loss, rtol=1e-4, atol=1e-5)


@squared_loss.case("two examples, one weight, easy numbers")
def _(rng):
    yield (
        np.array([[1.0], [2.0]], "float32"),
        np.array([3.0, 2.0], "float32"),
        _linear,
        np.array([2.0], "float32"),
    )


@squared_loss.case("errors above and below the line")
def _(rng):
    X = np.array([[1.0], [1.0]], "float32")
    yield X, np.array([1.0, -1.0], "float32"), _linear, np.array([0.0], "float32")


@squared_loss.case("the outlier data at (2, 2)")
def _(rng):
    x, y = (np.asarray(part) for part in datasets.outlier())
    yield np.stack([np.ones_like(x), x], 1), y, _linear, np.array([2.0, 2.0], "float32")


@squared_loss.case("random data with 1, 2 and 5 features")
def _(rng):
    for size in (1, 2, 5):
        yield *_design(rng, 7, size), _linear, rng.normal(size=size).astype("float32")


@squared_loss.case("another model, which is not linear")
def _(rng):
    X, y = _design(rng, 6, 2)
    yield X, y, _wavy, rng.normal(size=2).astype("float32")


@squared_loss.case("its gradient, by `jax.grad`", run=lambda f: jax.grad(f, argnums=3), atol=1e-4)
def _(rng):
    for size in (2, 5):
        yield *_design(rng, 7, size), _linear, rng.normal(size=size).astype("float32")


@squared_loss.mistake(
    "You divide by the number of examples. This loss is a *sum*: more examples, more to explain. "
    "Half the sum is asked."
)
def half_the_mean(X, y, model, w):
    return jnp.mean((y - model(X, w)) ** 2) / 2


@squared_loss.mistake("You return the mean of the squares. Half of their *sum* is asked.")
def the_mean(X, y, model, w):
    return jnp.mean((y - model(X, w)) ** 2)


@squared_loss.mistake("Your loss is twice what is asked: the ½ is missing.")
def without_half(X, y, model, w):
    return jnp.sum((y - model(X, w)) ** 2)


@squared_loss.mistake(
    "You sum the differences as they are, so that positive and negative errors cancel. Square each "
    "one first."
)
def not_squared(X, y, model, w):
    return jnp.sum(y - model(X, w)) / 2


@squared_loss.mistake(
    "You square the *sum* of the errors, in which positive and negative ones cancel. Square first, "
    "and sum then."
)
def square_of_the_sum(X, y, model, w):
    return jnp.sum(y - model(X, w)) ** 2 / 2


@squared_loss.mistake(
    "Your difference has shape (N, N): a column (N, 1) met a row (N,), and broadcasting paired "
    "every target with every prediction."
)
def all_pairs(X, y, model, w):
    return jnp.sum((y[:, None] - model(X, w)) ** 2) / 2


@squared_loss.mistake(
    "You predict with `X @ w`, whatever the model. Call the one that is passed: `model(X, w)`."
)
def always_linear(X, y, model, w):
    return jnp.sum((y - X @ w) ** 2) / 2


@squared_loss.mistake("You sum absolute errors. Their squares are asked.")
def absolute(X, y, model, w):
    return jnp.sum(jnp.abs(y - model(X, w))) / 2


@squared_loss.mistake(
    "The square root is too much: half the *squared* length of the errors is asked."
)
def the_norm(X, y, model, w):
    return jnp.linalg.norm(y - model(X, w)) / 2


@squared_loss.mistake("Here is one number for each example: sum them.")
def not_summed(X, y, model, w):
    return (y - model(X, w)) ** 2 / 2


@squared_loss.mistake(
    "The sign is reversed. A loss is what we *minimise*: it is 0 for a perfect line, and positive "
    "everywhere else."
)
def negative(X, y, model, w):
    return -_loss(X, y, model, w)


@squared_loss.mistake("Models of this practical take the inputs first: `model(X, w)`.")
def weights_first(X, y, model, w):
    return jnp.sum((y - model(w, X)) ** 2) / 2


@squared_loss.mistake(
    "This is the root of the *mean* square. Half of the *sum* of the squares is asked, and no root."
)
def root_mean_square(X, y, model, w):
    return jnp.sqrt(jnp.mean((y - model(X, w)) ** 2))


@squared_loss.mistake(
    "You subtract squares; asked is the square of the difference. Subtract first, and square then."
)
def difference_of_squares(X, y, model, w):
    return jnp.sum(y**2 - model(X, w) ** 2) / 2


@squared_loss.mistake(
    "You subtract the mean of the errors, as a variance does. A line that is too high everywhere would "
    "cost nothing then: sum the squares of the errors as they are."
)
def variance_of_the_errors(X, y, model, w):
    return jnp.var(y - model(X, w)) * len(y) / 2


@squared_loss.alternative
def by_dot(X, y, model, w):
    errors = model(X, w) - y
    return 0.5 * errors @ errors


@squared_loss.alternative
def by_norm(X, y, model, w):
    return jnp.linalg.norm(y - model(X, w)) ** 2 / 2


@squared_loss.alternative
def example_by_example(X, y, model, w):
    return jnp.sum(jax.vmap(lambda x, t: (t - model(x[None], w)[0]) ** 2)(X, y)) / 2


@squared_loss.alternative
def in_a_loop(X, y, model, w):
    predictions = model(X, w)
    return sum((y[n] - predictions[n]) ** 2 for n in range(len(y))) / 2


# --- B0.6 Derive ridge ---------------------------------------------------------------------------


def _ridge_gradient(X, y, alpha, w):
    return -X.T @ (y - X @ w) + alpha * w


ridge_gradient = code_exercise("B0.6", reference=_ridge_gradient, rtol=1e-4, atol=1e-4)


@ridge_gradient.case("one example, one weight, easy numbers")
def _(rng):
    yield np.array([[2.0]], "float32"), np.array([7.0], "float32"), 3.0, np.array([1.0], "float32")


@ridge_gradient.case("the outlier data at (0.3, -0.7), α = 3")
def _(rng):
    x, y = (np.asarray(part) for part in datasets.outlier())
    yield np.stack([np.ones_like(x), x], 1), y, 3.0, np.array([0.3, -0.7], "float32")


@ridge_gradient.case("random data with 1, 2 and 5 features")
def _(rng):
    for size in (1, 2, 5):
        alpha = float(rng.uniform(0.5, 3))
        yield *_design(rng, 7, size), alpha, rng.normal(size=size).astype("float32")


@ridge_gradient.property("it is what `jax.grad` finds")
def _(answer, rng):
    X, y = map(jnp.asarray, _design(rng, 6, 3))
    w = jnp.asarray(rng.normal(size=3), "float32")
    wanted = jax.grad(lambda v: jnp.sum((y - X @ v) ** 2) / 2 + 0.7 / 2 * jnp.sum(v**2))(w)
    assert jnp.allclose(answer(X, y, 0.7, w), wanted, rtol=1e-3, atol=1e-3), (
        "`jax.grad` of the regularised loss gives another vector."
    )


@ridge_gradient.mistake(
    "Your sign of the data term is reversed: the inner derivative of y - Xw is -X. Check at "
    "w = (0.3, -0.7): true (18.30, 5.82), yours (-16.50, -10.02)."
)
def data_term_reversed(X, y, alpha, w):
    return X.T @ (y - X @ w) + alpha * w


@ridge_gradient.mistake("Both signs are reversed: you wrote the direction *downhill*.")
def downhill(X, y, alpha, w):
    return X.T @ (y - X @ w) - alpha * w


@ridge_gradient.mistake(
    "The sign of the penalty is reversed: it grows with w, so its slope is +αw."
)
def penalty_reversed(X, y, alpha, w):
    return -X.T @ (y - X @ w) - alpha * w


@ridge_gradient.mistake(
    "The penalty's gradient must be a vector like w: you added α to every entry. The derivative of "
    "α/2 w² is α w."
)
def alpha_without_weights(X, y, alpha, w):
    return -X.T @ (y - X @ w) + alpha


@ridge_gradient.mistake("The penalty is missing: this is the gradient of the unregularised loss.")
def without_penalty(X, y, alpha, w):
    return -X.T @ (y - X @ w)


@ridge_gradient.mistake("Twice too much: the ½ in front of both squares cancels the 2.")
def twice(X, y, alpha, w):
    return -2 * X.T @ (y - X @ w) + 2 * alpha * w


@ridge_gradient.mistake(
    "The ½ is gone from the first term, but it must go from the penalty as well."
)
def half_penalty(X, y, alpha, w):
    return -X.T @ (y - X @ w) + alpha / 2 * w


@ridge_gradient.mistake("This averages over the examples; the loss is a sum.")
def averaged(X, y, alpha, w):
    return -X.T @ (y - X @ w) / len(y) + alpha * w


@ridge_gradient.mistake(
    "The first term is twice too large: the ½ in front of it cancels the 2 that the square leaves."
)
def data_term_doubled(X, y, alpha, w):
    return -2 * X.T @ (y - X @ w) + alpha * w


@ridge_gradient.mistake(
    "`X.T @ X + alpha` adds α to *every* entry, so that each weight is pulled by the sum of all. With "
    "the identity, `alpha * jnp.eye(D)`, or as `alpha * w`, each is pulled by itself."
)
def alpha_on_every_entry(X, y, alpha, w):
    return (X.T @ X + alpha) @ w - X.T @ y


@ridge_gradient.mistake(
    "The derivative of α/2 w² is α w: the square is gone, and the 2 has cancelled the ½."
)
def penalty_not_differentiated(X, y, alpha, w):
    return -X.T @ (y - X @ w) + alpha * w**2


@ridge_gradient.mistake(
    "Multiply out: -Xᵀ(y - Xw) is -Xᵀy *plus* XᵀXw. You kept the first part only, which does not know "
    "the predictions."
)
def predictions_left_out(X, y, alpha, w):
    return -X.T @ y + alpha * w


@ridge_gradient.mistake(
    "This is the loss itself, one number. Its gradient has an entry for each weight: how the loss "
    "changes as that weight does."
)
def the_loss(X, y, alpha, w):
    return jnp.sum((y - X @ w) ** 2) / 2 + alpha / 2 * jnp.sum(w**2)


@ridge_gradient.mistake(
    "These are the weights at which the gradient is zero. Asked is the gradient, at any w."
)
def the_minimum(X, y, alpha, w):
    return jnp.linalg.solve(X.T @ X + alpha * jnp.eye(X.shape[1]), X.T @ y)


@ridge_gradient.mistake(
    "You differentiated with respect to X, the first argument, as `jax.grad` does unless it is told. "
    "Say `argnums`, or make the weights the only argument."
)
def slope_in_the_features(X, y, alpha, w):
    return jax.grad(lambda Z: jnp.sum((y - Z @ w) ** 2) / 2)(X)


@ridge_gradient.alternative
def by_autodiff(X, y, alpha, w):
    return jax.grad(lambda v: jnp.sum((y - X @ v) ** 2) / 2 + alpha / 2 * v @ v)(w)


@ridge_gradient.alternative
def collected(X, y, alpha, w):
    return (X.T @ X + alpha * jnp.eye(len(w))) @ w - X.T @ y


@ridge_gradient.alternative
def by_einsum(X, y, alpha, w):
    errors = jnp.einsum("nd,d->n", X, w) - y
    return jnp.einsum("nd,n->d", X, errors) + alpha * w


# --- B0.8 Ridge solution -------------------------------------------------------------------------


def _ridge(X, y, alpha, penalise=1.0):
    penalties = alpha * penalise * jnp.ones(X.shape[1])
    return jnp.linalg.solve(X.T @ X + jnp.diag(penalties), X.T @ y)


ridge = code_exercise("B0.8", reference=_ridge, rtol=2e-4, atol=1e-4)


@ridge.case("one weight, easy numbers")
def _(rng):
    yield np.array([[1.0], [2.0]], "float32"), np.array([5.0, 1.0], "float32"), 2.0


@ridge.case("the outlier data, α = 3")
def _(rng):
    x, y = (np.asarray(part) for part in datasets.outlier())
    yield np.stack([np.ones_like(x), x], 1), y, 3.0


@ridge.case("random data with correlated features")
def _(rng):
    for count, size in ((7, 2), (9, 5)):
        yield *_design(rng, count, size), float(rng.uniform(0.5, 3))


@ridge.case("more weights than examples")
def _(rng):
    yield *_design(rng, 3, 5), 1.0


@ridge.case("a very strong penalty")
def _(rng):
    yield *_design(rng, 7, 3), 1e6


@ridge.case("the first weight is not penalised")
def _(rng):
    x, y = (np.asarray(part) for part in datasets.outlier())
    yield np.stack([np.ones_like(x), x], 1), y, 3.58, np.array([0.0, 1.0], "float32")
    yield *_design(rng, 8, 3), 2.0, np.array([0.0, 1.0, 1.0], "float32")


@ridge.property("the gradient is zero there")
def _(answer, rng):
    X, y = map(jnp.asarray, _design(rng, 9, 4))
    w = answer(X, y, 0.8)
    size = jnp.linalg.norm(_ridge_gradient(X, y, 0.8, w)) / jnp.linalg.norm(X.T @ y)
    assert size <= 1e-3, "At your weights the gradient of the regularised loss is not zero."


@ridge.mistake(
    "The sign of α is wrong: your weights solve (XᵀX - αI) w = Xᵀy, and grow in place of shrinking."
)
def minus_alpha(X, y, alpha, penalise=1.0):
    return jnp.linalg.solve(X.T @ X - jnp.diag(alpha * penalise * jnp.ones(X.shape[1])), X.T @ y)


@ridge.mistake(
    "`X.T @ X + alpha` adds α to *every* entry of the matrix. Only the diagonal gets it: multiply "
    "with the identity."
)
def alpha_everywhere(X, y, alpha, penalise=1.0):
    return jnp.linalg.solve(X.T @ X + alpha * penalise, X.T @ y)


@ridge.mistake("The penalty is missing: these are the least-squares weights.")
def least_squares(X, y, alpha, penalise=1.0):
    return jnp.linalg.solve(X.T @ X, X.T @ y)


@ridge.mistake(
    "The right-hand side is Xᵀy: without Xᵀ the shapes (D, D) and (N,) do not fit together."
)
def without_transpose(X, y, alpha, penalise=1.0):
    return jnp.linalg.solve(X.T @ X + alpha * jnp.eye(X.shape[1]), y)


@ridge.mistake("XXᵀ is the (N, N) matrix of the examples. The weights need the (D, D) one, XᵀX.")
def wrong_gram(X, y, alpha, penalise=1.0):
    return jnp.linalg.solve(X @ X.T + alpha * jnp.eye(X.shape[1]), X.T @ y)


@ridge.mistake(
    "Fine as long as all weights are penalised, but you ignore `penalise`: it multiplies α, weight "
    "by weight."
)
def penalise_ignored(X, y, alpha, penalise=1.0):
    return _ridge(X, y, alpha)


@ridge.mistake("This is the penalty of a loss without its ½: the matrix gets α, and not 2α.")
def doubled_penalty(X, y, alpha, penalise=1.0):
    return _ridge(X, y, 2 * alpha, penalise)


@ridge.mistake("The loss is a sum over examples: do not scale α with their number.")
def mean_loss(X, y, alpha, penalise=1.0):
    return _ridge(X, y, alpha * len(y), penalise)


@ridge.mistake(
    "The penalty is missing: these are the least-squares weights, of the smallest length."
)
def shortest_least_squares(X, y, alpha, penalise=1.0):
    return jnp.linalg.lstsq(X, y)[0]


@ridge.mistake(
    "You divide by the diagonal of XᵀX + αI, weight by weight. That is right only if the columns of X "
    "are uncorrelated: solve with the whole matrix."
)
def weight_by_weight(X, y, alpha, penalise=1.0):
    return X.T @ y / (jnp.diag(X.T @ X) + alpha * penalise)


@ridge.mistake(
    "`jnp.diag` needs a vector, and `penalise` may be a single number. Multiply it with "
    "`jnp.ones(D)` first; or take `alpha * penalise * jnp.eye(D)`, which works for both."
)
def diagonal_of_a_number(X, y, alpha, penalise=1.0):
    return jnp.linalg.solve(X.T @ X + jnp.diag(alpha * penalise), X.T @ y)


@ridge.mistake(
    "`1 / matrix` takes the reciprocal of each *entry*. To undo a matrix use `jnp.linalg.solve`."
)
def reciprocal_of_entries(X, y, alpha, penalise=1.0):
    return (1 / (X.T @ X + alpha * penalise * jnp.eye(X.shape[1]))) @ (X.T @ y)


@ridge.mistake(
    "You *multiply* Xᵀy with the matrix. It stands on the other side of the equation: solve with it."
)
def multiplied(X, y, alpha, penalise=1.0):
    return (X.T @ X + alpha * penalise * jnp.eye(X.shape[1])) @ (X.T @ y)


@ridge.mistake(
    "Half of the penalty: the ½ of α/2 ‖w‖² is cancelled by the derivative, so that the matrix gets α."
)
def halved_penalty(X, y, alpha, penalise=1.0):
    return _ridge(X, y, alpha / 2, penalise)


@ridge.mistake(
    "α is added to the right-hand side, a constant pull for all weights. It multiplies w, and so it "
    "belongs into the matrix, on its diagonal."
)
def alpha_on_the_right(X, y, alpha, penalise=1.0):
    return jnp.linalg.solve(X.T @ X, alpha * penalise + X.T @ y)


@ridge.mistake(
    "The signs of all weights are reversed. From -Xᵀ(y - Xw) + αw = 0 follows (XᵀX + αI) w = **+**Xᵀy."
)
def right_side_reversed(X, y, alpha, penalise=1.0):
    return -_ridge(X, y, alpha, penalise)


def _without_switch(function):
    """Make of a wrong answer one that ignores `penalise` as well."""

    def ignoring(X, y, alpha, penalise=1.0):
        return function(X, y, alpha)

    ignoring.__name__ = f"{function.__name__}_without_switch"
    return ignoring


for _one in list(ridge.mistakes):  # who has not come to the switch yet gets the same advice
    if _one.function not in (least_squares, shortest_least_squares, without_transpose,
                             wrong_gram, penalise_ignored, diagonal_of_a_number):  # fmt: skip
        ridge.mistake(_one.advice)(_without_switch(_one.function))


@ridge.alternative
def by_inverse(X, y, alpha, penalise=1.0):
    D = X.shape[1]
    return jnp.linalg.inv(X.T @ X + alpha * penalise * jnp.eye(D)) @ X.T @ y


@ridge.alternative
def by_more_rows(X, y, alpha, penalise=1.0):
    rows = jnp.diag(jnp.sqrt(alpha * penalise * jnp.ones(X.shape[1])))
    together = jnp.concatenate([X, rows]), jnp.concatenate([y, jnp.zeros(X.shape[1])])
    return jnp.linalg.lstsq(*together)[0]


@ridge.alternative
def by_cholesky(X, y, alpha, penalise=1.0):
    A = jnp.einsum("ni,nj->ij", X, X) + jnp.diag(jnp.full(X.shape[1], alpha) * penalise)
    return jax.scipy.linalg.cho_solve(jax.scipy.linalg.cho_factor(A), y @ X)


# --- B0.9 Choose alpha ---------------------------------------------------------------------------

choose_alpha = experiment_exercise("B0.9")


def _near(lab):
    return [
        visit.controls["alpha"]
        for visit in lab.visited
        if visit.controls["penalise_bias"] and visit.results["slope_gap"] <= 0.05
    ]


@choose_alpha.task("1: a slope within 0.05 of that without the outlier, both weights penalised")
def _(lab, rng):
    both = [visit for visit in lab.visited if visit.controls["penalise_bias"]]
    assert both, "You only looked with the bias left free: begin with both weights penalised."
    if not _near(lab):
        slopes = [visit.results["w"] for visit in both]
        assert max(slopes) > -1.26, (
            "All your slopes are steeper than that of the green line: a larger α makes them flatter."
        )
        assert min(slopes) < -1.26, (
            "All your slopes are flatter than that of the green line: a smaller α makes them steeper."
        )
        raise AssertionError("You have slopes on either side of the green line's: close in.")


@choose_alpha.task("2: about the same α, with the bias left free")
def _(lab, rng):
    free = [v.controls["alpha"] for v in lab.visited if not v.controls["penalise_bias"]]
    assert free, "Now switch off *penalise the bias*, and look what the bias does."
    gaps = [abs(one - other) for one in free for other in _near(lab)]
    assert min(gaps, default=0) <= 1, (
        "Compare at about the same α (within 1) as in the first part, or you cannot tell which of "
        "the two changes did it."
    )


def _ridge_lab(*settings):
    lab = RidgeLab(*datasets.outlier())
    for alpha, both in settings:
        lab.set(alpha=alpha, penalise_bias=both)
    return lab


@choose_alpha.mistake("You stay at small penalties, where the outlier rules. Move α to the right.")
@cache
def too_weak():
    return _ridge_lab((0.5, True), (1.0, True), (2.0, False))


@choose_alpha.mistake(
    "You stay at large penalties, where nearly everything is shrunk away: move left."
)
@cache
def too_strong():
    return _ridge_lab((15.0, True), (20.0, True), (15.0, False))


@choose_alpha.mistake(
    "The slope is right. The second part is still open: flip the switch at this α."
)
@cache
def bias_always_penalised():
    return _ridge_lab((3.6, True), (5.0, True))


@choose_alpha.mistake("Two things changed at once, α and the switch. Go back to the α of part 1.")
@cache
def another_alpha():
    return _ridge_lab((3.6, True), (12.0, False))


@choose_alpha.alternative
def straight_there():
    return _ridge_lab((3.63, True), (3.63, False))


@choose_alpha.alternative
def free_first():
    return _ridge_lab((4.0, False), (1.0, True), (3.5, True))


# --- B0.10 Loss landscape ------------------------------------------------------------------------

loss_landscape = experiment_exercise("B0.10")


@loss_landscape.task("1: a small and a large α")
def _(lab, rng):
    alphas = [visit.controls["alpha"] for visit in lab.visited]
    assert min(alphas) <= 0.5, "Look at a small α as well, at most 0.5."
    assert max(alphas) >= 15, "Look at a large α as well, at least 15."


@loss_landscape.task("2: half the area of α = 0, to 0.2 in α")
def _(lab, rng):
    gaps = [visit.controls["alpha"] - 6 for visit in lab.visited]
    if min(map(abs, gaps)) <= 0.2 + 1e-9:
        return
    inside = [gap for gap in gaps if -5.5 < gap < 9]
    assert inside, (
        "Between the two ends you have not looked yet: which α has half the area of α = 0?"
    )
    nearest = min(inside, key=abs)
    raise AssertionError(
        "Not there yet: at your nearest α the area is still above half of that at α = 0."
        if nearest < 0
        else "Not there yet: at your nearest α the area is already below half of that at α = 0."
    )


def _landscape_lab(*alphas):
    lab = LandscapeLab(*datasets.outlier())
    for alpha in alphas:
        lab.set(alpha=alpha)
    return lab


@loss_landscape.mistake("Only weak penalties so far: move the slider far to the right, too.")
@cache
def only_weak():
    return _landscape_lab(0.0, 1.0, 6.0)


@loss_landscape.mistake("Only strong penalties so far: move the slider to its left end, too.")
@cache
def only_strong():
    return _landscape_lab(20.0, 10.0, 6.0)


@loss_landscape.mistake("You saw both ends. Now read the area at α = 0, and search for half of it.")
@cache
def ends_only():
    return _landscape_lab(0.0, 20.0)


@loss_landscape.mistake(
    "Half of the *radius* is a quarter of the area, and needs an α far larger than half the area."
)
@cache
def half_the_radius():
    return _landscape_lab(0.0, 20.0, 14.9)


@loss_landscape.mistake("Halve the area, and not α or the loss: go on to the right.")
@cache
def too_early():
    return _landscape_lab(0.0, 20.0, 3.0)


@loss_landscape.alternative
def from_both_sides():
    return _landscape_lab(0.3, 16.0, 8.0, 5.0, 6.1)


@loss_landscape.alternative
def by_calculation():
    return _landscape_lab(0.0, 20.0, 6.0)
