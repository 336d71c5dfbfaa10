"""What every capability stands on: storage, audit, jobs, models, privacy, retrieval."""
