"""The portal: HTML pages and their JSON endpoints.

`pages.py` lists all pages. Each page has a folder: `query.py` (the state in the URL, where that is more than the time
range), `page.py` (the frozen context of the template), `views.py` (the request handlers) and `as_json.py`. The names of
its template, style sheet and script start with that of the page. Overview, Performance and Failures share
`investigate/`, which has their query.
"""
