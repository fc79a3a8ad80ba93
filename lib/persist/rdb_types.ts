// rdb_types.ts: the numbers of the snapshot format: kinds of values, their version, special strings.

import { fromLatin1 } from "../bytes/ascii.ts";

/** The version this server writes, in snapshots and DUMP payloads. */
export const RDB_VERSION = 80;
/** The first bytes of a snapshot of that version. */
export const RDB_MAGIC: Uint8Array = fromLatin1(`VALKEY${String(RDB_VERSION).padStart(3, "0")}`);
/** Versions that belong to others; they are taken only when asked for. */
export const RDB_FOREIGN_VERSION_MIN = 12;
export const RDB_FOREIGN_VERSION_MAX = 79;
/** From this kind on values of foreign versions mean something else. */
export const RDB_FOREIGN_TYPE_MIN = 22;

// Kinds of values.
export const RDB_STRING = 0;
export const RDB_LIST = 1;
export const RDB_SET = 2;
export const RDB_ZSET = 3;
export const RDB_HASH = 4;
/** Sorted set with scores as 8 bytes. */
export const RDB_ZSET_2 = 5;
export const RDB_MODULE = 6;
export const RDB_MODULE_2 = 7;
export const RDB_HASH_ZIPMAP = 9;
export const RDB_LIST_ZIPLIST = 10;
export const RDB_SET_INTSET = 11;
export const RDB_ZSET_ZIPLIST = 12;
export const RDB_HASH_ZIPLIST = 13;
/** Nodes that are ziplists. */
export const RDB_LIST_QUICKLIST = 14;
export const RDB_STREAM = 15;
export const RDB_HASH_LISTPACK = 16;
export const RDB_ZSET_LISTPACK = 17;
/** Nodes that are listpacks or single elements. */
export const RDB_LIST_QUICKLIST_2 = 18;
/** Stream with the first entry, the last deletion and counts. */
export const RDB_STREAM_2 = 19;
export const RDB_SET_LISTPACK = 20;
/** Stream with the time consumers were last active. */
export const RDB_STREAM_3 = 21;
/** Hash with fields that expire. */
export const RDB_HASH_2 = 22;
export const RDB_TYPE_MAX = 22;

// Opcodes of a snapshot, where a kind of value would be.
export const OPCODE_SLOT_IMPORT = 243;
export const OPCODE_SLOT_SIZES = 244;
export const OPCODE_FUNCTION = 245;
export const OPCODE_FUNCTION_PREVIEW = 246;
export const OPCODE_MODULE_AUX = 247;
export const OPCODE_IDLE = 248;
export const OPCODE_FREQUENCY = 249;
export const OPCODE_AUX = 250;
export const OPCODE_RESIZE = 251;
export const OPCODE_EXPIRE_MS = 252;
export const OPCODE_EXPIRE_SECONDS = 253;
export const OPCODE_SELECT = 254;
export const OPCODE_EOF = 255;

/** Kinds of nodes of RDB_LIST_QUICKLIST_2. */
export const NODE_PLAIN = 1;
export const NODE_PACKED = 2;

// First byte of a length: its top two bits.
export const LENGTH_6 = 0x00;
export const LENGTH_14 = 0x40;
export const LENGTH_32 = 0x80;
export const LENGTH_64 = 0x81;
/** No length: a string in an encoding of its own, named by the low six bits. */
export const LENGTH_SPECIAL = 0xc0;

export const SPECIAL_INT8 = 0;
export const SPECIAL_INT16 = 1;
export const SPECIAL_INT32 = 2;
export const SPECIAL_LZF = 3;

/** Whether the number is that of a kind of value (8 is not). */
export function isValueType(type: number): boolean {
  return type >= 0 && type <= RDB_TYPE_MAX && type !== 8;
}

// What came of reading a value.
export const READ_OK = 0;
/** The bytes are damaged, or make no value of this kind. */
export const READ_CORRUPT = 1;
/** A collection without elements. */
export const READ_EMPTY = 2;
/** A hash whose fields have all run out. */
export const READ_EXPIRED = 3;
