"""The map as a Mermaid flowchart."""

import re

from hypothesis import given
from hypothesis import strategies as st

from local_insights.portal.map.formats.mermaid import map_mermaid
from support.example_maps import failing_mesh, mesh, named_map

NODE = re.compile(r'    n\d+(\(\[|\[\(|\[/|\[|\()"[^"]*"(\]\)|\)\]|/\]|\]|\))')
EDGE = re.compile(r'    n\d+ -->\|"[^"]*"\| n\d+')


def test_mesh_is_a_flowchart_from_left_to_right() -> None:
    assert map_mermaid(mesh()) == (
        "flowchart LR\n"
        '    n0[("MySQL 127.0.0.1:3306 #124; mesh")]\n'
        '    n1["echo"]\n'
        '    n2["frontend"]\n'
        '    n3["prompt"]\n'
        '    n4["storage"]\n'
        '    n2 -->|"3 calls · 6.0 ms · 0 #37; failed"| n1\n'
        '    n2 -->|"3 calls · 22 ms · 0 #37; failed"| n4\n'
        '    n3 -->|"3 calls · 44 ms · 0 #37; failed"| n2\n'
        '    n4 -->|"3 calls · 2.0 ms · 0 #37; failed"| n0\n'
    )


def test_failing_nodes_and_edges_are_thick_and_coloured() -> None:
    lines = map_mermaid(failing_mesh()).splitlines()
    storage = next(line for line in lines if '"storage"' in line).split("[")[0]
    edges = [line for line in lines if "-->" in line]
    failing = next(index for index, line in enumerate(edges) if "20 #37; failed" in line)
    assert f"{storage.replace('    ', '    style ')} stroke:#c0212a,stroke-width:3px" in lines
    assert f"    linkStyle {failing} stroke:#c0212a,stroke-width:3px" in lines
    assert not any("style" in line and "n0 " in line for line in lines), "the client is never coloured"


@given(st.text(min_size=1), st.text(min_size=1))
def test_names_stay_inside_their_quotes_property(one: str, other: str) -> None:
    lines = map_mermaid(named_map(one, other)).split("\n")
    assert lines[0] == "flowchart LR"
    assert lines[-1] == ""
    assert all(NODE.fullmatch(line) or EDGE.fullmatch(line) for line in lines[1:-1])


def test_markup_and_directives_in_names_are_escaped() -> None:
    text = map_mermaid(named_map('"]; click n0 href "javascript:x', "<b>&#x;%%{init}%%"))
    assert "#34;#93;#59; click n0 href #34;javascript:x" in text
    assert "#60;b#62;#38;#35;x#59;#37;#37;#123;init#125;#37;#37;" in text
