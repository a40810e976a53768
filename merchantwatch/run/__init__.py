"""The conductors: a scan, a look at the inputs, one line or order, the cases of a pack."""
