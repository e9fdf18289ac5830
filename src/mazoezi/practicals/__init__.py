"""The course: one folder per practical."""

# The order in which the course is taken; a practical that is not named here comes last.
ORDER = (
    "intro_jax",
    "array_algebra",
    "bayesian",
    "transformers",
    "graphs",
    "generative",
    "reinforcement",
)
