"""What ERRATA.md says is wrong in the practical of 2022, and right in ours."""

import re
from pathlib import Path

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from numpyro.handlers import seed, trace

import mazoezi.practicals.bayesian as package
from mazoezi import bayes, datasets
from mazoezi.course._practical import find_practical
from mazoezi.practicals.bayesian import exercises

FOLDER = Path(package.__file__ or "").parent
ERRATA = (FOLDER / "ERRATA.md").read_text(encoding="utf-8")
TEXT = (FOLDER / "practical.md").read_text(encoding="utf-8")


def test_every_entry_is_listed_once():
    listed = re.findall(r"^\| (B-E\d\d) \|", ERRATA, re.M)
    assert sorted(listed) == [f"B-E{k:02d}" for k in range(1, 49)]


def test_exercises_and_sections_that_are_named_exist():
    practical = find_practical("bayesian")
    headings = set(re.findall(r"^##+ (.+)$", TEXT, re.M))
    for exercise in set(re.findall(r"\bB\d\.\d+(?:\.\d)?\b", ERRATA)):
        assert exercise in practical.exercises
    for row in ERRATA.splitlines():
        if row.startswith("| B-E"):
            named = set(re.findall(r'"([^"]+)"', row.split("|")[4]))
            assert named <= headings, row


def two_weight_log_joint(w):
    return bayes.network_log_joint(bayes.two_weight_network, w, *datasets.identity(), 1.0)


@pytest.mark.slow
def test_e18_nuts_hardly_ever_crosses_between_two_modes():
    modes = bayes.two_weight_modes(*datasets.identity(), 1.0)
    starts = jnp.repeat(modes, 4, axis=0)
    draws = bayes.nuts(two_weight_log_joint, starts, jr.key(0), warmup=500, draws=2000).draws
    sides = np.asarray(jnp.sum(draws, axis=-1) > 0)
    # Free mixing would cross some 8000 times; a few crossings by luck are no free mixing.
    assert np.sum(sides[:, 1:] != sides[:, :-1]) < 20
    assert float(bayes.split_rhat(draws)[0]) > 1.3


def test_e19_e35_more_than_one_chain_and_one_prior_for_the_comparison():
    close = TEXT.split("\n## What each method gives, and where it stops\n")[1]
    precisions = re.findall(r"alpha\b[^=\n]*= *(0\.\d+)", close)
    assert set(precisions) == {"0.1"}
    sampling = TEXT.split("\n## Sampling: Hamiltonian Monte Carlo\n")[1]
    assert len(re.findall(r"bayes\.nuts\(", sampling)) >= 3
    assert "num_chains=1" not in sampling


def test_e20_what_bayes_by_backprop_and_expectation_propagation_are():
    reading = TEXT.split("\n## To read on\n")[1]
    (backprop,) = re.findall(r"^\* C\. Blundell.*?(?=^\* )", reading, re.M | re.S)
    (propagation,) = re.findall(r"^\* T\. P\. Minka.*?(?=^\* )", reading, re.M | re.S)
    assert "diagonal" in backprop and "full" in backprop
    assert "other way round than variational inference" in propagation


def test_e36_the_targets_are_a_site_that_predicts():
    model = exercises.network_model.reference
    x = datasets.identity().x
    sites = trace(seed(model, jr.key(0))).get_trace(bayes.relu_network, 4, x)
    assert sites["y"]["type"] == "sample" and not sites["y"]["is_observed"]
    assert sites["y"]["value"].shape == x.shape


def test_e48_nothing_is_fetched():
    for path in FOLDER.rglob("*"):
        if path.suffix in (".md", ".py"):
            assert not re.search(r"https?://", path.read_text(encoding="utf-8")), path
