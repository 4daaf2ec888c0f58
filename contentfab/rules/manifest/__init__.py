"""Parts of the manifest: what a campaign was, its creatives, its experiments, and the rejects."""
