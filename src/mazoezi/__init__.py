"""A hands-on deep-learning course as software: practicals, a library of models, and tools.

Importing this package imports nothing heavy: JAX is loaded by the model packages that need it.
"""

__version__ = "0.1.0"
