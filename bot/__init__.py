"""Talk to Discord, schedule, and put the parts together."""
