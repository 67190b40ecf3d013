"""The portal: HTML pages and their JSON endpoints.

`pages.py` lists all pages. Each page has a folder: `query.py` (the state in the URL, where that is more than the time
range), `page.py` (the frozen context of the template), `views.py` (the request handlers) and `as_json.py`. The names of
its template, and of its style sheet and script if it has them, start with that of the page. Overview, Performance and
Failures share the query, the style sheet and the helpers of `investigate/`, which is not a page. `charts/` draws charts
for all pages.
"""
