"""The dialects that Kopir reads, most particular first; `reading` matches every file's header with them."""

from connectors.csv.dialects import canvas, clever, kopir, moodle_lists, moodle_upload, oneroster, sds

KINDS = (
    *oneroster.KINDS,
    *sds.KINDS,
    *canvas.KINDS,
    *clever.KINDS,
    *moodle_lists.KINDS,
    *moodle_upload.KINDS,
    *kopir.KINDS,
)
