"""One file for each schema; none is ever changed once it was released."""
