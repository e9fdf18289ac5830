"""Check of B5.2: a Bayesian network as a NumPyro model."""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import numpyro
import numpyro.distributions as dist
from numpyro.handlers import seed, substitute, trace

from mazoezi import bayes
from mazoezi.course import code_exercise
from mazoezi.practicals.bayesian.exercises._drawn import ERRORS, unwatched


def _network_model(network, size, x, y=None, alpha=0.1):
    w = numpyro.sample("w", dist.Normal(0.0, alpha**-0.5).expand([size]).to_event(1))
    f = numpyro.deterministic("f", network(x, w))
    numpyro.sample("y", dist.Normal(f, 1.0), obs=y)


network_model = code_exercise("B5.2", reference=_network_model, rtol=1e-4, atol=1e-3)


def line(x, w):
    """Return the outputs of a line, bias first."""
    return w[0] + w[1] * x


def _sites(model, *args, w=None):
    """Run a model once, at given weights or at its own, and return what it recorded."""
    quiet = seed(unwatched(model), jr.key(0))
    if w is not None:
        quiet = substitute(quiet, {"w": jnp.asarray(w)})
    return trace(quiet).get_trace(*args)


def _told(answer: Callable) -> Callable:
    """Say in words what the model's sites are."""

    def run(network, size, x, y, alpha):
        return {
            name: _kind(site) for name, site in sorted(_sites(answer, network, size, x, y, alpha).items())
            if site["type"] != "plate"
        }  # fmt: skip

    return run


def _kind(site):
    shape = jnp.shape(site["value"])
    if site["type"] == "deterministic":
        return f"deterministic, shape {shape}"
    return f"{'observed' if site.get('is_observed') else site['type'] + 'd'}, shape {shape}"


_X = np.array([-2.0, 0.5, 1.0], "float32")
_Y = np.array([1.0, 0.0, 2.5], "float32")


@network_model.case("the sites, with targets", run=_told)
def _(rng):
    yield line, 2, _X, _Y, 1.0
    yield bayes.relu_network, 4, _X, _Y, 0.1


@network_model.case("the sites, without targets: y is drawn", run=_told)
def _(rng):
    yield line, 2, _X, None, 1.0


def _log_joint(answer: Callable) -> Callable:
    """The log joint at given weights, summed over the sites that are sampled or observed."""

    def run(network, size, x, y, alpha, w):
        sites = _sites(answer, network, size, x, y, alpha, w=w).values()
        terms = (
            jnp.sum(site["fn"].log_prob(site["value"]))
            for site in sites
            if site["type"] == "sample"
        )
        return sum(terms, jnp.zeros(()))

    return run


def _right_log_joint(network, size, x, y, alpha, w):
    return bayes.network_log_joint(network, w, x, y, alpha)


@network_model.case("the log joint, α = 1", run=_log_joint, expect=_right_log_joint)
def _(rng):
    yield line, 2, _X, _Y, 1.0, np.array([0.5, -1.0], "float32")


@network_model.case("the log joint, α = 4", run=_log_joint, expect=_right_log_joint)
def _(rng):
    yield line, 2, _X, _Y, 4.0, np.array([0.5, -1.0], "float32")


@network_model.case("the log joint at 20 points", run=_log_joint, expect=_right_log_joint)
def _(rng):
    for network, size in ((bayes.two_weight_network, 2), (bayes.relu_network, 4)):
        for w in rng.normal(0, 2, (10, size)).astype("float32"):
            yield network, size, _X, _Y, 0.3, w


def _compiled(answer: Callable) -> Callable:
    """The log joint in one compiled call, whose arguments are all traced: as a sampler has it."""
    joint = _log_joint(answer)

    def run(network, size, x, y, alpha, w):
        return jax.jit(lambda *numbers: joint(network, size, *numbers))(x, y, alpha, w)

    return run


@network_model.case(
    "the log joint, compiled with α as an argument", run=_compiled, expect=_right_log_joint
)
def _(rng):
    yield bayes.relu_network, 4, _X, _Y, 0.3, np.array([1.0, 0.5, -1.0, 0.2], "float32")


@network_model.property("y is drawn around f with variance 1")
def _(answer, rng):
    x, w = np.full(4000, 2.0, "float32"), np.array([1.0, 0.5], "float32")
    y = np.asarray(_sites(answer, line, 2, x, None, 0.1, w=w)["y"]["value"], np.float64)
    assert abs(y.mean() - 2) < ERRORS / np.sqrt(4000), (
        f"Without targets, at f = 2, the drawn y have the mean {y.mean():.2f}."
    )
    assert abs(y.var() - 1) < ERRORS * np.sqrt(2 / 4000), (
        f"Without targets, at f = 2, the drawn y have the variance {y.var():.2f}; the noise has 1."
    )


@network_model.property("α has the default 0.1")
def _(answer, rng):
    w = np.array([3.0, -1.0], "float32")
    own, asked = (
        _sites(answer, line, 2, _X, _Y, *rest, w=w)["w"]["fn"].log_prob(jnp.asarray(w)).sum()
        for rest in ((), (0.1,))
    )
    assert jnp.allclose(own, asked, atol=1e-4), "Without `alpha` the precision is 0.1."


@network_model.mistake(
    "The residual is your observed site. The likelihood is the same, but nothing is called y: without "
    "targets the model cannot predict any. Let `y` be the site, with f as its mean."
)
def residual_observed(network, size, x, y=None, alpha=0.1):
    w = numpyro.sample("w", dist.Normal(0.0, alpha**-0.5).expand([size]).to_event(1))
    f = numpyro.deterministic("f", network(x, w))
    residual = None if y is None else y - f
    numpyro.sample("residual", dist.Normal(jnp.zeros_like(f), 1.0), obs=residual)


@network_model.mistake(
    "`dist.Normal` takes a standard deviation, and α is a precision: the deviation is 1/√α. The two "
    "agree at α = 1 only."
)
def precision_as_deviation(network, size, x, y=None, alpha=0.1):
    w = numpyro.sample("w", dist.Normal(0.0, alpha).expand([size]).to_event(1))
    f = numpyro.deterministic("f", network(x, w))
    numpyro.sample("y", dist.Normal(f, 1.0), obs=y)


@network_model.mistake(
    "1/α is the prior's *variance*; `dist.Normal` takes the standard deviation, 1/√α."
)
def variance_as_deviation(network, size, x, y=None, alpha=0.1):
    w = numpyro.sample("w", dist.Normal(0.0, 1 / alpha).expand([size]).to_event(1))
    f = numpyro.deterministic("f", network(x, w))
    numpyro.sample("y", dist.Normal(f, 1.0), obs=y)


@network_model.mistake(
    "The targets are never used: `y` is drawn anew. Sampling this model samples the prior. Pass the "
    "targets on as `obs=y`."
)
def not_observed(network, size, x, y=None, alpha=0.1):
    w = numpyro.sample("w", dist.Normal(0.0, alpha**-0.5).expand([size]).to_event(1))
    f = numpyro.deterministic("f", network(x, w))
    numpyro.sample("y", dist.Normal(f, 1.0))


@network_model.mistake(
    "There is one weight for all places: a site of shape (). Expand the prior to `size` weights: "
    "`dist.Normal(...).expand([size])`."
)
def one_weight(network, size, x, y=None, alpha=0.1):
    w = numpyro.sample("w", dist.Normal(0.0, alpha**-0.5))
    f = numpyro.deterministic("f", network(x, jnp.full(size, w)))
    numpyro.sample("y", dist.Normal(f, 1.0), obs=y)


@network_model.mistake(
    "α is not used: the prior is N(0, 1) whatever it is. Its standard deviation is 1/√α."
)
def alpha_ignored(network, size, x, y=None, alpha=0.1):
    w = numpyro.sample("w", dist.Normal(0.0, 1.0).expand([size]).to_event(1))
    f = numpyro.deterministic("f", network(x, w))
    numpyro.sample("y", dist.Normal(f, 1.0), obs=y)


@network_model.mistake(
    "The noise has the prior's deviation. The noise has variance 1: `dist.Normal(f, 1.0)`."
)
def prior_as_noise(network, size, x, y=None, alpha=0.1):
    w = numpyro.sample("w", dist.Normal(0.0, alpha**-0.5).expand([size]).to_event(1))
    f = numpyro.deterministic("f", network(x, w))
    numpyro.sample("y", dist.Normal(f, alpha**-0.5), obs=y)


@network_model.mistake(
    "The function's values are not recorded. Wrap them: `f = numpyro.deterministic('f', ...)`, so that "
    "they come back with the draws."
)
def function_not_recorded(network, size, x, y=None, alpha=0.1):
    w = numpyro.sample("w", dist.Normal(0.0, alpha**-0.5).expand([size]).to_event(1))
    numpyro.sample("y", dist.Normal(network(x, w), 1.0), obs=y)


@network_model.mistake(
    "A `factor` adds to the log-density, but it is no site that can be drawn: without targets this "
    "model cannot predict. Use `numpyro.sample('y', ..., obs=y)`."
)
def likelihood_as_factor(network, size, x, y=None, alpha=0.1):
    w = numpyro.sample("w", dist.Normal(0.0, alpha**-0.5).expand([size]).to_event(1))
    f = numpyro.deterministic("f", network(x, w))
    if y is not None:
        numpyro.factor("likelihood", jnp.sum(dist.Normal(f, 1.0).log_prob(y)))


@network_model.mistake(
    "`math.sqrt` wants a plain number, but when a sampler compiles the model, α is an array that is "
    "traced: use `jnp.sqrt(alpha)` or `alpha**0.5`."
)
def plain_root(network, size, x, y=None, alpha=0.1):
    sd = 1 / math.sqrt(alpha)
    w = numpyro.sample("w", dist.Normal(0.0, sd).expand([size]).to_event(1))
    f = numpyro.deterministic("f", network(x, w))
    numpyro.sample("y", dist.Normal(f, 1.0), obs=y)


@network_model.mistake(
    "The site of the weights is to be called `w`: samplers hand it back by name."
)
def weights_by_another_name(network, size, x, y=None, alpha=0.1):
    w = numpyro.sample("weights", dist.Normal(0.0, alpha**-0.5).expand([size]).to_event(1))
    f = numpyro.deterministic("f", network(x, w))
    numpyro.sample("y", dist.Normal(f, 1.0), obs=y)


@network_model.mistake("The network takes the inputs first: `network(x, w)`.")
def inputs_last(network, size, x, y=None, alpha=0.1):
    w = numpyro.sample("w", dist.Normal(0.0, alpha**-0.5).expand([size]).to_event(1))
    f = numpyro.deterministic("f", network(w, x))
    numpyro.sample("y", dist.Normal(f, 1.0), obs=y)


_WITHOUT_TARGETS = (
    "Without targets `y` is None, and has neither length nor shape: the model must run then too, and "
    "draw them. Take sizes from `x` or from `f`."
)


@network_model.mistake(_WITHOUT_TARGETS)
def shape_of_the_targets(network, size, x, y: Any = None, alpha=0.1):
    w = numpyro.sample("w", dist.Normal(0.0, alpha**-0.5).expand([size]).to_event(1))
    f = numpyro.deterministic("f", network(x, w))
    numpyro.sample("y", dist.Normal(f, 1.0).expand(y.shape), obs=y)


@network_model.mistake(_WITHOUT_TARGETS)
def length_of_the_targets(network, size, x, y: Any = None, alpha=0.1):
    w = numpyro.sample("w", dist.Normal(0.0, alpha**-0.5).expand([size]).to_event(1))
    f = numpyro.deterministic("f", network(x, w))
    with numpyro.plate("examples", len(y)):
        numpyro.sample("y", dist.Normal(f, 1.0), obs=y)


@network_model.alternative
def weight_by_weight(network, size, x, y=None, alpha=0.1):
    w = numpyro.sample("w", dist.Normal(jnp.zeros(size), 1 / jnp.sqrt(alpha)))
    f = numpyro.deterministic("f", network(x, w))
    numpyro.sample("y", dist.Normal(f, 1), obs=y)


@network_model.alternative
def with_plates(network, size, x, y=None, alpha=0.1):
    with numpyro.plate("weights", size):
        w = numpyro.sample("w", dist.Normal(0, alpha**-0.5))
    f = numpyro.deterministic("f", network(x, w))
    with numpyro.plate("examples", len(x)):
        return numpyro.sample("y", dist.Normal(f, 1.0), obs=y)


@network_model.alternative
def multivariate(network, size, x, y=None, alpha=0.1):
    prior = dist.MultivariateNormal(jnp.zeros(size), precision_matrix=alpha * jnp.eye(size))
    w = numpyro.sample("w", prior)
    f = numpyro.deterministic("f", network(x, w))
    numpyro.sample("y", dist.Normal(f, 1.0).to_event(1), obs=y)
