"""What all tests share: how hard Hypothesis tries."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# "ci" is for every run and asks the same of every change: a law that fails somewhere new must not
# stop a change that has nothing to do with it. "quick" is for the other versions of Python; "long"
# is for a night, and for `make test-long`, where the laws of the engines say themselves how often
# each engine is asked: it looks somewhere new every time, and prints the blob that brings a failure
# back.
settings.register_profile(
    "ci",
    max_examples=50,
    deadline=None,  # the machines of a CI are shared
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("quick", parent=settings.get_profile("ci"), max_examples=10)
settings.register_profile(
    "long", parent=settings.get_profile("ci"), max_examples=5_000, derandomize=False
)
settings.load_profile("ci")
