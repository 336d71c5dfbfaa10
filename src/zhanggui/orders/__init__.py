"""Orders: policy in code, parcels watched, exceptions handled, nothing applied twice."""
