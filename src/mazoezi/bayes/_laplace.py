"""Find a posterior's mode with Newton's method, and put a Gaussian there: Laplace's approximation.

A loss -log p(y, w) is close to a parabola around its minimum. The Gaussian of the same curvature
has the inverse Hessian as its covariance, and the parabola's integral estimates the evidence
(MacKay, A practical Bayesian framework for backpropagation networks, 1992).
"""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PyTree

from mazoezi._errors import ArgumentError
from mazoezi.bayes._arguments import check_at_least, check_finite, is_known, let_check
from mazoezi.bayes._linear import Gaussian

Loss: TypeAlias = Callable[..., Float[Array, ""]]
"""`loss(w, *args)`, of one weight vector."""

HALVINGS = 40
"""Most halvings of one step: 2^-40 of a step is none in any precision used here."""


class NewtonResult(NamedTuple):
    """Where Newton's method ended, and whether that is a stationary point."""

    mode: Float[Array, "weights"]
    loss: Float[Array, ""]
    gradient_norm: Float[Array, ""]
    steps: Int[Array, ""]
    converged: Bool[Array, ""]
    """Whether the steps came to rest. A small gradient alone is no evidence: it also vanishes
    where the loss falls for ever, as without a prior on separable classes."""


class Laplace(NamedTuple):
    """The Gaussian at a minimum of a loss."""

    mode: Float[Array, "weights"]
    covariance: Float[Array, "weights weights"]
    """The inverse Hessian of the loss."""
    log_evidence: Float[Array, ""]
    """log of the integral of exp(-loss) under the Gaussian: the log evidence if the loss is the
    normalised -log p(y, w)."""
    search: NewtonResult

    @property
    def gaussian(self) -> Gaussian:
        """The approximate posterior, for `predict` and `sample_gaussian`."""
        return Gaussian(self.mode, self.covariance)


class _Search(NamedTuple):
    w: Float[Array, "weights"]
    steps: Int[Array, ""]
    flat: Bool[Array, ""]
    """Whether the last step promised a fall too small for the loss's rounding."""
    rests: Bool[Array, ""]
    fails: Bool[Array, ""]


def newton(
    loss: Loss, w0: Float[Array, "weights"], *args: PyTree, max_steps: int = 100
) -> NewtonResult:
    """Minimise a loss with Newton's method, each step halved until the loss falls enough.

    The step is -H^-1 gradient, with the absolute values of the Hessian's eigenvalues: on a convex
    loss that changes nothing, elsewhere the step still leads downhill. It is halved until the loss
    falls by 1e-4 of what the slope promises (Armijo). Without that, far from the minimum of a
    loss that is not a parabola, Newton's method may leave for infinity.

    The search rests when a full step is small (square root of the precision, relative to the
    weights; convergence being quadratic, the error after that step is about its square), or when
    two steps in a row promise a fall too small for the loss's rounding. `jit`, `vmap` and `grad` go through it: the
    mode's derivative with respect to whatever the loss depends on is that of the implicit function
    theorem.

    Args:
        loss: `loss(w, *args)`, twice differentiable. If it is a function of the module's level and
            the data come in `args`, a second call compiles nothing.
        w0: where to start.
        *args: further arguments of the loss.
        max_steps: where to give up, 1 or more.

    Returns:
        The last weights, and whether the steps came to rest there.

    Raises:
        ArgumentError: the start is not a finite vector, or the loss is not finite there.

    *Source*: Nocedal and Wright, Numerical optimization, 2006, algorithm 3.2; the absolute
    eigenvalues are their section 3.4.

    >>> newton(lambda w: jnp.sum((w - 3) ** 4 + (w - 3) ** 2), jnp.zeros(1)).mode.round(2).tolist()
    [3.0]
    """
    check_at_least("max_steps", max_steps, 1)
    w0 = jnp.asarray(w0, jnp.result_type(w0, jnp.float32))
    if w0.ndim != 1:
        raise ArgumentError("the shape of w0", w0.shape, "(D,): one vector of weights")
    check_finite("w0", w0)
    let_check(loss, w0, *args)
    check_finite("the loss at w0", _value(loss, w0, args))
    return _newton(loss, w0, args, max_steps)


def laplace(loss: Loss, w0: Float[Array, "weights"], *args: PyTree) -> Laplace:
    """Approximate the density exp(-loss) / evidence by a Gaussian at the minimum of the loss.

    The covariance is the inverse Hessian there. The log evidence is
    -loss(mode) + 1/2 log|covariance| + D/2 log 2 pi; for it to be that of a model, `loss` must be
    the normalised -log p(y, w), such as `-logistic_log_joint`. A loss without the prior's constant,
    such as `logistic_loss`, gives the same mode and covariance.

    Args:
        loss: `loss(w, *args)`, twice differentiable.
        w0: where the search for the mode starts; with several modes it decides which one is found.
        *args: further arguments of the loss.

    Returns:
        Mode, covariance, log evidence and the search. Inside `jit` nothing can be raised: look at
        `search.converged` there.

    Raises:
        ArgumentError: there is no minimum to be found from this start: the loss falls for ever, as
            for separable classes without a prior, or the search ends at a saddle or on a kink.

    *Source*: Bishop, Pattern recognition and machine learning, 2006, equations 4.134 and 4.137.

    >>> fit = laplace(lambda w: jnp.sum(2 * (w - 1) ** 2), jnp.zeros(2))
    >>> fit.covariance.tolist()
    [[0.25, 0.0], [0.0, 0.25]]
    """
    search = newton(loss, w0, *args)
    if is_known(search):
        _check_converged(search)
    hessian, covariance, log_evidence = _around(loss, search.mode, args)
    if is_known(hessian):
        _check_minimum(search, hessian)
    return Laplace(search.mode, covariance, log_evidence, search)


@eqx.filter_jit
def _around(
    loss: Loss, mode: Float[Array, "weights"], args: tuple
) -> tuple[Float[Array, "weights weights"], Float[Array, "weights weights"], Float[Array, ""]]:
    """Hessian, covariance and log evidence at a minimum; the last two are NaN elsewhere."""
    hessian = jax.hessian(loss)(mode, *args)
    factor = jnp.linalg.cholesky((hessian + hessian.T) / 2)
    size = len(mode)
    covariance = jax.scipy.linalg.cho_solve((factor, True), jnp.eye(size, dtype=hessian.dtype))
    half_log_det = -jnp.sum(jnp.log(jnp.diagonal(factor)))
    log_evidence = -loss(mode, *args) + half_log_det + size / 2 * jnp.log(2 * jnp.pi)
    return hessian, (covariance + covariance.T) / 2, log_evidence


@eqx.filter_jit
def _value(loss: Loss, w: Float[Array, "weights"], args: tuple) -> Float[Array, ""]:
    return loss(w, *args)


@eqx.filter_jit
def _newton(loss: Loss, w0: Float[Array, "weights"], args: tuple, max_steps: int) -> NewtonResult:
    def objective(w: Float[Array, "weights"]) -> Float[Array, ""]:
        return loss(w, *args)

    def solve(_: Callable, w: Float[Array, "weights"]) -> tuple[Array, Array]:
        end = _search(objective, w, max_steps)
        return end.w, jnp.stack([end.steps, end.rests]).astype(w.dtype)  # only floats may pass

    def tangent_solve(linear: Callable, y: Float[Array, "weights"]) -> Float[Array, "weights"]:
        return jnp.linalg.solve(jax.jacobian(linear)(y), y)

    gradient = jax.grad(objective)
    mode, (steps, rests) = jax.lax.custom_root(gradient, w0, solve, tangent_solve, has_aux=True)
    value, slope = objective(mode), jnp.linalg.norm(gradient(mode))
    converged = (rests > 0) & jnp.isfinite(value) & jnp.isfinite(slope)
    return NewtonResult(mode, value, slope, steps.astype(int), converged)


def _search(objective: Loss, w0: Float[Array, "weights"], max_steps: int) -> _Search:
    precision = jnp.finfo(w0.dtype).eps

    def goes_on(state: _Search) -> Bool[Array, ""]:
        return ~(state.rests | state.fails) & (state.steps < max_steps)

    def move(state: _Search) -> _Search:
        value, gradient = jax.value_and_grad(objective)(state.w)
        step = _newton_step(gradient, jax.hessian(objective)(state.w))
        slope = gradient @ step
        small = jnp.linalg.norm(step) <= jnp.sqrt(precision) * (1 + jnp.linalg.norm(state.w))
        flat = jnp.abs(slope) <= 100 * precision * jnp.abs(value)
        searched = _line_search(objective, state.w, value, step, slope)
        share = jnp.where(small | flat, 1.0, searched)  # there the loss is too coarse to compare
        fails = ~jnp.all(jnp.isfinite(step)) | ~jnp.isfinite(slope) | (share == 0)
        w = jnp.where(fails, state.w, state.w + share * step)
        rests = ~fails & (small | (flat & state.flat))
        return _Search(w, state.steps + 1, flat, rests, fails)

    no = jnp.asarray(False)
    return jax.lax.while_loop(goes_on, move, _Search(w0, jnp.asarray(0), no, no, no))


def _newton_step(
    gradient: Float[Array, "weights"], hessian: Float[Array, "weights weights"]
) -> Float[Array, "weights"]:
    curvatures, directions = jnp.linalg.eigh(hessian)
    size = jnp.abs(curvatures)
    size = jnp.maximum(size, jnp.finfo(size.dtype).eps * jnp.max(size))  # all zero: no finite step
    return -directions @ ((directions.T @ gradient) / size)


def _line_search(
    objective: Loss,
    w: Float[Array, "weights"],
    value: Float[Array, ""],
    step: Float[Array, "weights"],
    slope: Float[Array, ""],
) -> Float[Array, ""]:
    """The largest of 1, 1/2, 1/4, ... that lowers the loss enough, or 0 if none does."""

    def falls(share: Float[Array, ""]) -> Bool[Array, ""]:
        return objective(w + share * step) <= value + 1e-4 * share * slope

    least = 0.5**HALVINGS
    share = jax.lax.while_loop(
        lambda share: ~falls(share) & (share > least),
        lambda share: share / 2,
        jnp.ones((), w.dtype),
    )
    return jnp.where(share > least, share, 0.0)


def _check_converged(search: NewtonResult) -> None:
    if not search.converged:
        raise ArgumentError(
            f"the loss after {search.steps} Newton steps, with weights of norm "
            f"{jnp.linalg.norm(search.mode):.3g},",
            float(search.loss),
            "a minimum where the gradient vanishes. Classes that can be separated have none "
            "without a prior: give alpha above 0. A ReLU network's may lie on a kink: start elsewhere",
        )


def _check_minimum(search: NewtonResult, hessian: Float[Array, "weights weights"]) -> None:
    least = float(jnp.min(jnp.linalg.eigvalsh(hessian), initial=jnp.inf))
    if not least > 0:
        raise ArgumentError(
            f"the least curvature of the loss at {search.mode.tolist()}",
            least,
            "above zero: this is a saddle or a ridge, not a minimum. Start elsewhere, or give "
            "every weight a prior",
        )
