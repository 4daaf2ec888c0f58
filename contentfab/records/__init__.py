"""The records that travel along the line, grouped by where they come from.

`inputs` is what users write in files; `brief`, `plan`, `copy`, `pictures`, `scores`, `labels` are
what stages hand to each other, frozen and in memory; `manifest` is what a run publishes. Records
hold data and simple views of it; they know no backend and no disk.
"""
