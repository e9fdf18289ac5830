"""The practical "Bayesian deep learning": its figures, labs and checks."""
