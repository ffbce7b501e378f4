"""How well does a model, at a dimension, in a storage and a mode, find what is known to be right?

material    what is searched            truth      what should be found
grid        which settings              reference  exact search with numpy
run         measures a grid             metrics, footprint   what is measured
written     a run as text and JSON      run_file   reads that JSON again
verdict, losses, report                 what follows from a run
plan, jobs                              a run as a command in the background
"""
