"""The dialects that Kopir reads, most particular first; `source` matches every file's header with them."""

from connectors.csv.dialects import kopir

KINDS = (*kopir.KINDS,)
