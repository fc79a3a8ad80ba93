// limits.ts: every maximum of the engine in one place, with Valkey's default beside it.

/** Bytes of one segment of the arena. */
export const SEGMENT_BYTES = 128 * 1024 * 1024;
/** Bytes of the first one: a small data set makes a small arena, and making one takes no time. */
export const FIRST_SEGMENT_BYTES = 2 * 1024 * 1024;
/** Most segments: 2^32 handles of 16 bytes are 64 GiB. */
export const SEGMENTS_MAX = 512;

/** Largest bulk of a request (proto-max-bulk-len, Valkey: 512mb). */
export const BULK_BYTES_MAX = 512 * 1024 * 1024;
/** Largest inline request or length line (Valkey: PROTO_INLINE_MAX_SIZE, 64 KiB). */
export const INLINE_BYTES_MAX = 64 * 1024;
/** Most arguments of a request (Valkey: INT_MAX). */
export const ARGS_MAX = 2147483647;
/** Before authentication (Valkey: 10 arguments, 16 KiB each). */
export const ARGS_MAX_UNAUTHENTICATED = 10;
export const BULK_BYTES_MAX_UNAUTHENTICATED = 16384;
/** Reply bytes an unauthenticated client may leave unread (Valkey: 1 KiB in its limit check). */
export const REPLY_BYTES_MAX_UNAUTHENTICATED = 1024;

/**
 * Reply bytes of a command that was asked for the same elements over and over (HRANDFIELD with a negative count); Valkey
 * has no limit but the memory. Below a power of 2, at which the buffer would double once more.
 */
export const REPEATED_REPLY_BYTES_MAX = 500 * 1024 * 1024;

/** Smallest proto-max-bulk-len that can be set (Valkey: 1mb); shorter strings need no look at the directive. */
export const BULK_BYTES_MAX_LEAST = 1024 * 1024;
/**
 * Longest string a command may make, whatever proto-max-bulk-len says: lengths of blocks are an int32, and BITFIELD may
 * write a few bytes beyond the limit.
 */
export const STRING_BYTES_MAX = 2 ** 31 - 64;

/** Arguments and bytes of one argument that the command log keeps (Valkey: 32 and 128). */
export const LOGGED_ARGS_MAX = 32;
export const LOGGED_ARG_BYTES_MAX = 128;

/** Samples a latency event keeps (Valkey: 160). */
export const LATENCY_SAMPLES_MAX = 160;

/** Number of databases (databases, Valkey: 16). */
export const DATABASES_DEFAULT = 16;

/** Largest total of header, key, expiry and value for which a string is "embstr" (Valkey 9.1: 128). */
export const EMBED_BYTES_MAX = 128;
