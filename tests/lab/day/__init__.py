"""A benign day of two sites, written straight into a capture file: no network, no keys."""
