"""Checks of B4.1 and B4.3: where variational inference ends on small networks."""

from functools import cache
from math import exp

from mazoezi import bayes, datasets
from mazoezi.course import experiment_exercise
from mazoezi.practicals.bayesian.labs import ReluLab, TwoWeightLab

# --- B4.1 Starts of the two-weight network -------------------------------------------------------

STARTS = 9

two_weight_starts = experiment_exercise("B4.1")


@two_weight_starts.task("1: nine different starts, and each of the three ends")
def _(lab, rng):
    ends = {visit.results["end"] for visit in lab.visited}
    signs = [visit.controls["w0"] * visit.controls["w1"] for visit in lab.visited]
    if "collapsed" not in ends:
        assert min(signs) < 0, (
            "None of your starts has weights of opposite signs yet: try some, such as (2, -1) or (-1, 1)."
        )
        raise AssertionError(
            "No start has collapsed yet. Where is q drawn to both modes with the same force?"
        )
    for name in ("positive", "negative"):
        assert name in ends, f"No start has reached the {name} mode yet."
    assert len(lab.starts) >= STARTS, (
        f"You have seen all three ends. Now complete your map: {STARTS} different starts are asked."
    )


@two_weight_starts.task("2: one right prediction of each end")
def _(lab, rng):
    assert lab.predictions, (
        "You have a map, but no prediction yet. Say beforehand where the next start will end: "
        '`lab.predict("positive", w0=..., w1=...)`.'
    )
    right = {one.said for one in lab.predictions if one.right}
    assert right, (
        "None of your predictions came true yet. Which sum or product of the weights tells?"
    )
    missing = [name for name in bayes.TWO_WEIGHT_MODES if name not in right]
    assert not missing, f"A right prediction of the end *{missing[0]}* is still missing."


MAP = ((2, 2), (2, 0), (0, 2), (-2, -2), (-2, 0), (0, -2), (2, -2), (-2, 2), (0, 0))
PREDICTED = {(1.0, 2.5): "positive", (1.0, -2.5): "negative", (-1.5, 1.5): "collapsed"}


def _two_weight_lab(starts, predicted=()):
    lab = TwoWeightLab(*datasets.identity())
    for w0, w1 in starts:
        lab.set(w0=w0, w1=w1)
    for w0, w1 in predicted:
        lab.predict(PREDICTED.get((w0, w1), "collapsed"), w0=w0, w1=w1)
    return lab


@two_weight_starts.mistake(
    "All your starts have weights of the same sign. Those are the easy ones: look at opposite signs."
)
@cache
def same_signs():
    return _two_weight_lab(
        [(1, 1), (2, 1), (1, 2), (-1, -1), (-2, -1), (-1, -2), (3, 1), (1, 3), (2, 2)]
    )


@two_weight_starts.mistake(
    "Opposite signs alone do not collapse: one of the weights was the larger one, and its sign won. Try "
    "weights of equal size, such as (2, -2)."
)
@cache
def unequal_sizes():
    return _two_weight_lab(
        [(3, -1), (2, -1), (-3, 1), (-1, 3), (1, 1), (-1, -1), (2, 1), (0, 2), (0, 3)]
    )


@two_weight_starts.mistake(
    "You only moved along the anti-diagonal. Leave it in both directions, and see which way q goes."
)
@cache
def on_the_anti_diagonal():
    return _two_weight_lab([(w, -w) for w in (-3, -2.5, -2, -1.5, 1, 1.5, 2, 2.5, 3)])


@two_weight_starts.mistake("All three ends after a few starts, well done. But nine make a map.")
@cache
def too_few():
    return _two_weight_lab([(1, 1), (-1, -1), (1, -1)])


@two_weight_starts.mistake(
    "The map alone is not yet an explanation. Use it: predict three starts that you have not tried, one "
    "for each end."
)
@cache
def nothing_predicted():
    return _two_weight_lab(MAP)


@two_weight_starts.mistake(
    "Opposite signs do not always collapse. Compare the sizes of the two weights: what is the sign of "
    "their sum?"
)
@cache
def opposite_signs_collapse():
    return _two_weight_lab(MAP, [(0.5, -2.0), (-2.5, 1.0)])


@two_weight_starts.alternative
def in_any_order():
    lab = _two_weight_lab(MAP[:4])
    lab.predict("positive", w0=0.1, w1=2.0, sd=1.0)
    lab.predict("positive", w0=-2.8, w1=0.3)
    lab.predict("negative", w0=-2.0, w1=0.7)
    lab.predict("collapsed", w0=1.5, w1=-1.5, sd=0.1)
    lab.set(w0=1.0, w1=-1.0)
    return lab


@two_weight_starts.alternative
def a_map_and_three_predictions():
    return _two_weight_lab(MAP, PREDICTED)


# --- B4.3 Starts of the ReLU network -------------------------------------------------------------

relu_starts = experiment_exercise("B4.3")


def _combinations(lab):
    return [visit for visit in lab.visited if visit.controls["second"] != "nothing"]


def _share(visit):
    """Return the weight of the first fit that is proportional to exp(ELBO)."""
    return 1 / (1 + exp(visit.results["second_elbo"] - visit.results["elbo"]))


@relu_starts.task("1: a fit from each of the four shapes")
def _(lab, rng):
    tried = {visit.controls["start"] for visit in lab.visited}
    missing = [name for name in bayes.RELU_MODES if name not in tried]
    assert not missing, f"Look where the start *{missing[0]}* ends, too."


@relu_starts.task("2: two fits of different shapes, with weights proportional to exp(ELBO)")
def _(lab, rng):
    combined = _combinations(lab)
    assert combined, "Now combine two fits: choose a second start."
    different = [v for v in combined if v.results["end"] != v.results["second_end"]]
    assert different, (
        "The two fits that you combine end in the same shape, so that they say the same thing twice. "
        "What counts is where they end, and not where they start."
    )
    gap, right = min(
        ((v.controls["share"] - _share(v), _share(v)) for v in different),
        key=lambda pair: abs(pair[0]),
    )
    if abs(gap) <= 0.01 + 1e-9:
        return
    assert (right + gap - 0.5) * (right - 0.5) >= 0, (
        "The fit with the *lower* ELBO has the larger weight. The higher the ELBO, the more it counts."
    )
    raise AssertionError(
        "The first fit counts too much for its ELBO."
        if gap > 0
        else "The first fit counts too little for its ELBO."
    )


def _relu_lab(*combined, starts=bayes.RELU_MODES):
    lab = ReluLab(*datasets.identity())
    for start in starts:
        lab.set(start=start)
    for first, second, share in combined:
        lab.set(start=first, second=second, share=share)
    return lab


UP, DOWN = bayes.RELU_MODES[:2]


@relu_starts.mistake(
    "You saw the two hinges. Look at the other two starts as well, and where they end: it is not "
    "where they began."
)
@cache
def only_the_hinges():
    return _relu_lab((UP, DOWN, 0.52), starts=(UP, DOWN))


@relu_starts.mistake(
    "One after the other, each of them alone. Each is sure of itself; choose a second start, and "
    "let the two share the weight."
)
@cache
def never_combined():
    return _relu_lab()


@relu_starts.mistake(
    "*Dead unit* and *straight line* are only starts: their fits end as *flat then up*. Combine one "
    "of these with one that ends as *up then flat*."
)
@cache
def the_same_end_twice():
    return _relu_lab((UP, "dead unit", 0.5), ("straight line", UP, 0.5))


@relu_starts.mistake(
    "The better fit is not the only one: its ELBO is larger by less than 0.1, and exp(0.1) is 1.1."
)
@cache
def the_better_one_alone():
    return _relu_lab((UP, DOWN, 0.9), (UP, DOWN, 1.0))


@relu_starts.mistake(
    "Nearly. One of them has the larger ELBO and should count a little more than the other: the "
    "weights are proportional to exp(ELBO), so divide exp of the difference by one plus that."
)
@cache
def halves():
    return _relu_lab((UP, DOWN, 0.5))


@relu_starts.mistake(
    "The two weights are exchanged: *weight of the first fit* belongs to the start in the upper field."
)
@cache
def exchanged():
    return _relu_lab((DOWN, UP, 0.52))


@relu_starts.alternative
def the_other_way_round():
    return _relu_lab((DOWN, UP, 0.48))


@relu_starts.alternative
def with_the_dead_unit():
    return _relu_lab((UP, DOWN, 0.5), ("dead unit", DOWN, 0.52))


@relu_starts.alternative
def sliding_about():
    return _relu_lab(*((UP, DOWN, share) for share in (0.9, 0.6, 0.5, 0.52)))
