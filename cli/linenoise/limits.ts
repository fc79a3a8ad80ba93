// limits.ts: every maximum of the line editor, named.

/** Bytes one edited line may hold; more input is refused with a bell. */
export const LINE_BYTES_MAX = 256 * 1024 * 1024;

/** Longer lines get no highlighting, hint or suggestion: those callbacks see whole lines. */
export const DECORATED_BYTES_MAX = 64 * 1024;

/** Longer lines are accepted but not remembered by the history. */
export const HISTORY_ENTRY_BYTES_MAX = 1024 * 1024;

/** History entries kept when the caller names no number. */
export const HISTORY_ENTRIES_DEFAULT = 1000;

/** Code points one grapheme cluster may hold; what follows starts a cluster of its own. */
export const CLUSTER_CODE_POINTS_MAX = 32;

/** Bytes of such a cluster: four for each code point, one look-ahead code point included. */
export const CLUSTER_BYTES_MAX = 4 * (CLUSTER_CODE_POINTS_MAX + 1);

/** Bytes of a CSI sequence that are kept for decoding; a longer one is swallowed to its end. */
export const CSI_BYTES_MAX = 64;

/** Bytes of an OSC, DCS, APC, PM or SOS string that are swallowed before it is given up. */
export const ESCAPE_STRING_BYTES_MAX = 4096;

/** Bytes of an incremental search's query. */
export const QUERY_BYTES_MAX = 1024;

/** Undo steps kept, and the bytes of deleted text they may hold together. */
export const UNDO_STEPS_MAX = 1000;
export const UNDO_BYTES_MAX = 64 * 1024 * 1024;

/** Killed texts kept for yanking. */
export const KILL_RING_MAX = 16;

/** Smallest terminal the layout works with; smaller sizes are treated as this. */
export const COLS_MIN = 4;
export const ROWS_MIN = 1;

/** Size assumed until the caller tells the real one. */
export const COLS_DEFAULT = 80;
export const ROWS_DEFAULT = 24;

/** Columns between two candidates of a completion list. */
export const LIST_GAP = 2;

/** Bytes of a candidate, hint or suggestion that are drawn at most. */
export const DECORATION_DRAWN_MAX = 4096;
