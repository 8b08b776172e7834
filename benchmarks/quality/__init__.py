"""How good the models are: protocols that `python -m benchmarks models` runs."""
