"""What stands in the addresses and queries of schemes."""

import datetime as dt
from typing import Annotated, Any

from fastapi import Path, Query

from shared.kernel.web.fields import OwnCode

Code = Annotated[OwnCode, Path()]
Number = Annotated[int, Path(ge=1, le=1_000_000)]
Node = Annotated[str, Path(min_length=1, max_length=60)]
AsOf = Annotated[dt.date | None, Query(description="适用日，默认今天 / as of which day; today by default")]
YAML = "application/yaml; charset=utf-8"
YAML_TEXT: dict[int | str, dict[str, Any]] = {200: {"content": {"application/yaml": {"schema": {"type": "string"}}}}}
