"""How many examples a property gets: few in every run of the tests, very many in `make fuzz`."""

from hypothesis import HealthCheck, settings

FUZZ = "fuzz"


def examples(few: int) -> settings:
    """Return settings with a few examples, or with as many as the profile of a long run asks for."""
    many = settings.get_current_profile_name() == FUZZ
    return settings(
        max_examples=settings.default.max_examples if many else few,  # type: ignore[union-attr]
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
