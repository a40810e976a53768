"""Formats and rules → the SQL of the pipeline's stages, in the order of the files in ``sql/``.

Functions here read nothing and run nothing: they return SQL as text, and most are named after the
table, column or test whose SQL that is. ``run/`` executes it.

Whatever comes from outside enters the SQL as a quoted literal, or as a predicate that was checked
and generated again from its parse (``rules.predicates``).
"""
