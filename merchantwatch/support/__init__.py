"""What any part may lean on: how a run ends, its temporary folder, files that appear whole."""
