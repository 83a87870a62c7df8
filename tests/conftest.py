"""What all tests share: how hard Hypothesis tries."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# "ci" is for every run; "long" is for a night, and for `make test-long`, where the laws of the
# engines say themselves how often each engine is asked. Neither is derandomised: every run looks
# somewhere new, and a failure prints the blob that brings it back.
settings.register_profile(
    "ci",
    max_examples=50,
    deadline=None,  # the machines of a CI are shared
    derandomize=False,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("long", parent=settings.get_profile("ci"), max_examples=5_000)
settings.load_profile("ci")
