"""Charts with numeric axes: pure functions from data to a Plotly figure.

Words arrive from outside (the page has them in two languages) and are escaped here: Plotly shows
a little HTML in labels and hovers, and a name such as ``<b>`` must stay a name.
"""
