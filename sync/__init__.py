"""The core: records, desired state, plans and the store; knows neither Moodle nor Discord's HTTP."""
