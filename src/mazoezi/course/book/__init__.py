"""The book: the solved practicals as a static site that opens from disk, with guides around them."""

from mazoezi.course.book._site import build_book

__all__ = ["build_book"]
