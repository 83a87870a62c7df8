"""The forms that are filled in on the way: from the first visit to the contract and the survey."""
