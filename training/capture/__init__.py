"""Capture of real logs: real programs run on loopback, under normal work and under injected faults.

`python -m training.capture run NAME` makes a run, `python -m training.capture verify` checks the
committed ones, and `training.capture.corpus` reads them with the standard library alone.
"""
