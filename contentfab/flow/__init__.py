"""How work moves through the stages: a line on its way in, jobs and steps, what a run leaves."""
