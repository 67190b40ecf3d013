"""The drawing of the Application Map as SVG."""
