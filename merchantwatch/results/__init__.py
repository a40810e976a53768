"""What a run has to say, in one walk: collect, account, findings, notes, records."""
