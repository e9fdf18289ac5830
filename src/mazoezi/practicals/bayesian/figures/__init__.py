"""The figures of the practical: data in, a Matplotlib figure out."""
