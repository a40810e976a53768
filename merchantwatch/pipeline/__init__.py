"""Formats and rules → the SQL of the pipeline's stages, in the order of the files in ``sql/``.

Whatever comes from outside enters the SQL as a quoted literal, or as a predicate that was checked
and generated again from its parse (``rules.predicates``).
"""
