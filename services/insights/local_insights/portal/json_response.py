"""JSON for programs, whatever text telemetry brought."""

import json
from typing import Any

from starlette.responses import JSONResponse


class TelemetryJSONResponse(JSONResponse):
    """JSON in UTF-8 that also carries halves of surrogate pairs, which senders put into messages they cut short.

    UTF-8 has no bytes for them; a JSON string names them by escapes.
    """

    def render(self, content: Any) -> bytes:  # noqa: ANN401 - whatever JSON can say, as the base class has it
        """Serialise `content`."""
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode("utf-8", "backslashreplace")
