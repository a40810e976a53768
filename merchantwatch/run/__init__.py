"""The conductors: a scan, a check of inputs, one line or order, a backtest, the cases of a pack."""
