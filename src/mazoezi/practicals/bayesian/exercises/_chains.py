"""Check of B5.5: Hamiltonian Monte Carlo tuned by hand."""

from functools import cache

from mazoezi import datasets
from mazoezi.course import experiment_exercise
from mazoezi.practicals.bayesian.labs import HMCLab

REFUSED, SHORT, CREEPING, GOOD = 0.2, 0.98, 10.0, 60.0

tuned_by_hand = experiment_exercise("B5.5")


@tuned_by_hand.task("1: steps so long that fewer than a fifth of the paths are accepted")
def _(lab, rng):
    lowest = min(visit.results["acceptance"] for visit in lab.visited)
    assert lowest < REFUSED, (
        "At all your settings a fifth of the paths or more are accepted. Lengthen the step until the "
        "energy runs away."
    )


@tuned_by_hand.task("2: nearly all paths accepted, and yet hardly an independent draw")
def _(lab, rng):
    accepting = [v.results["efficiency"] for v in lab.visited if v.results["acceptance"] > SHORT]
    assert accepting, "Find a step so short that more than 98 % of the paths are accepted."
    assert min(accepting) < CREEPING, (
        "Of your settings with more than 98 % accepted, none is bad: all give 10 independent draws or "
        "more for 1000 gradients. Take short steps, and few of them."
    )


@tuned_by_hand.task("3: at least 60 independent draws for 1000 gradients")
def _(lab, rng):
    best = max(lab.visited, key=lambda visit: visit.results["efficiency"])
    if best.results["efficiency"] >= GOOD:
        return
    path = best.controls["step_size"] * best.controls["steps"]
    assert best.results["acceptance"] >= 0.7, (
        "Your best setting still throws too many paths away: shorten its step until 80 to 95 % are "
        "accepted."
    )
    assert path >= 1, (
        "Your best setting accepts well, but its paths are short, and the draws are a random walk: "
        "step size times steps should be between 1 and 2."
    )
    raise AssertionError(
        "Your best setting accepts well and goes far. Go less far or take longer steps: each step costs "
        "a gradient."
    )


def _lab(*settings):
    lab = HMCLab(*datasets.identity())
    for step_size, steps in settings:
        lab.set(step_size=step_size, steps=steps)
    return lab


_BOTH_BAD = ((0.8, 3), (0.02, 2))


@tuned_by_hand.mistake("You never let it fail. Be bold: move the length of a step to the right.")
@cache
def never_too_long():
    return _lab((0.02, 2), (0.15, 10))


@tuned_by_hand.mistake(
    "You looked for many accepted paths only by better settings. Go to the shortest steps, and few of "
    "them, and read how many draws they are worth."
)
@cache
def never_creeping():
    return _lab((0.8, 3), (0.15, 10))


@tuned_by_hand.mistake(
    "Accepted paths are not all that counts. Keep about 90 % accepted and make the path *longer* by more "
    "steps, until the chain forgets where it was."
)
@cache
def short_paths():
    return _lab(*_BOTH_BAD, (0.15, 3), (0.12, 2))


@tuned_by_hand.mistake(
    "A bold path needs an accurate one: with most paths refused the chain stands still. Shorten the step "
    "first, then add steps."
)
@cache
def long_steps():
    return _lab(*_BOTH_BAD, (0.3, 8), (0.4, 4))


@tuned_by_hand.mistake(
    "Very accurate and far too dear: with long paths of short steps most gradients are spent on an "
    "accuracy that nobody needs. Lengthen the step until about one path in ten is refused."
)
@cache
def dear():
    return _lab(*_BOTH_BAD, (0.03, 40))


@tuned_by_hand.alternative
@cache
def found_at_a_tenth():
    return _lab(*_BOTH_BAD, (0.1, 15))


@tuned_by_hand.alternative
@cache
def found_with_longer_steps():
    return _lab((0.5, 10), (0.01, 5), (0.15, 5), (0.15, 10))


@tuned_by_hand.alternative
@cache
def found_at_random():
    return _lab((0.3, 2), (0.9, 1), (0.05, 3), (0.12, 12))
