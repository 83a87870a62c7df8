"""Plans: for deals, territories, competition, people and risks, and how complete they are."""
