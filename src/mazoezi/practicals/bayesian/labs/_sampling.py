"""Hamiltonian Monte Carlo tuned by hand: how long a step, and how many of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np

from mazoezi import bayes
from mazoezi.course.lab import Integer, Lab, LogSlider
from mazoezi.practicals.bayesian.figures._chains import tuning
from mazoezi.practicals.bayesian.figures._landscape import landscape

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ALPHA = 1.0
DRAWS, WARMUP = 500, 50
START: Any = np.array([0.6, 1.6], np.float32)
KICK: Any = np.array([1.2, -0.3], np.float32)
"""The path that is drawn begins here, with this momentum."""
MOST_STEPS = 40


class HMCLab(Lab):
    """HMC on the two-weight network's landscape, eight chains, half of them in each mode.

    Each visit's results hold the mean `acceptance`, the `gradients` that a draw costs, the
    effective draws of |w0| for 1000 gradients in `efficiency`, split `rhat` of w0, the number
    of `crossings` from one mode to the other, and the `draws`, [chains, draws, 2]. `path` and
    `energy` are those of one path.
    """

    title = "Hamiltonian Monte Carlo, tuned by hand"
    controls = {
        "step_size": LogSlider(0.01, 1.0, start=0.25, label="length of a step"),
        "steps": Integer(1, MOST_STEPS, start=2, label="steps of a path"),
    }

    def __init__(self, x: Any, y: Any):
        self.x, self.y = jnp.asarray(x), jnp.asarray(y)
        square = {"first": (-2.5, 2.5), "second": (-2.5, 2.5)}
        self._surface = landscape(_loss, self.x, self.y, **square, points=120)
        self._starts = _two_in_each_corner(self.x, self.y)
        super().__init__()

    def measure(self, step_size: float, steps: int) -> dict[str, Any]:
        draws, acceptance, path, energy, judged = _run(
            self.x, self.y, self._starts, step_size, steps
        )
        effective, rhat = (float(one) for one in judged)
        return {
            "acceptance": float(acceptance),
            "gradients": steps,
            "efficiency": 1000 * effective / (steps * draws.shape[0] * draws.shape[1]),
            "rhat": rhat,
            "crossings": _crossings(draws),
            "draws": np.asarray(draws),
            "path": np.asarray(path)[: steps + 1],
            "energy": np.asarray(energy)[: steps + 1],
        }

    def draw(self) -> Figure:
        return tuning(self._surface, **{
            name: self.current.results[name] for name in ("draws", "path", "energy")
        })  # fmt: skip

    def tell(self) -> str:
        results = self.current.results
        crossings, rhat = results["crossings"], results["rhat"]
        told = f"{rhat:.2f}" if rhat < 100 else "above 100: the chains stand still"
        return (
            f"**{results['acceptance']:.0%}** of the paths are accepted, each for "
            f"{results['gradients']} gradients. 1000 gradients are worth "
            f"**{results['efficiency']:.1f} independent draws** within a mode. "
            f"{crossings or 'No'} crossing{'' if crossings == 1 else 's'} from mode to mode in "
            f"{results['draws'].shape[0] * DRAWS} draws; R-hat of w₀ is {told}."
        )


def _loss(w: Any, x: Any, y: Any) -> Any:
    return bayes.network_loss(bayes.two_weight_network, w, x, y, ALPHA)


def _two_in_each_corner(x: Any, y: Any) -> Any:
    """Eight starts, four on the ridge of each mode."""
    modes = bayes.two_weight_modes(x, y, ALPHA)
    along = jnp.array([0.6, 0.8, 1.25, 1.6])[:, None]
    ridge = modes[:, None] * jnp.concatenate([along, 1 / along], axis=1)
    return ridge.reshape(-1, 2)


def _crossings(draws: Any) -> int:
    sides = np.asarray(draws).sum(axis=-1) > 0
    return int(np.sum(sides[:, 1:] != sides[:, :-1]))


@jax.jit
def _run(x: Any, y: Any, starts: Any, step_size: Any, steps: Any) -> Any:
    """Return draws, mean acceptance, one path and its energies, and (ESS of |w0|, R-hat of w0)."""

    def log_density(w: Any) -> Any:
        return -_loss(w, x, y)

    def advance(states: Any, key: Any) -> Any:
        def move(key: Any, state: Any) -> Any:
            return bayes.hmc_step(key, state, log_density, step_size, steps)

        states, info = jax.vmap(move)(jr.split(key, len(starts)), states)
        return states, (states.position, info.acceptance)

    states = jax.vmap(lambda start: bayes.init_hmc(start, log_density))(starts)
    _, (draws, accepted) = jax.lax.scan(advance, states, jr.split(jr.key(0), WARMUP + DRAWS))
    draws = jnp.swapaxes(draws[WARMUP:], 0, 1)
    first = draws[..., 0]
    judged = bayes.effective_sample_size(jnp.abs(first)), bayes.split_rhat(first)
    return draws, jnp.mean(accepted[WARMUP:]), *_path(log_density, step_size), judged


def _path(log_density: Any, step_size: Any) -> tuple[Any, Any]:
    """Positions and energies of one path of the most steps, both beginning with the start."""

    def step(moving: Any, _: None) -> Any:
        state, momentum = moving
        moving = bayes.leapfrog(state, momentum, log_density, step_size, 1)
        return moving, _seen(*moving)

    first = bayes.init_hmc(START, log_density), KICK
    _, later = jax.lax.scan(step, first, length=MOST_STEPS)
    return jax.tree.map(lambda one, rest: jnp.concatenate([one[None], rest]), _seen(*first), later)


def _seen(state: Any, momentum: Any) -> tuple[Any, Any]:
    return state.position, -state.log_density + jnp.sum(momentum**2) / 2
