"""Drawings of the model's answers, each a pure function from model to text: SVG, Mermaid, DOT, plain text, JSON."""
