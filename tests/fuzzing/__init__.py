"""What a run of the whole command may be given: files, options, environment, settings and packs."""

from fuzzing.files import draw_files
from fuzzing.words import Given, draw_given

__all__ = ["Given", "draw_files", "draw_given"]
