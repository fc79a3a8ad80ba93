// hyperloglog.ts: an estimate of how many different elements were seen, kept in the bytes of a string.
//
// An element's hash chooses one of 16384 registers (low 14 bits) and a count: the trailing zeros of the other 50 bits,
// plus one. A register keeps the largest count it saw. Many elements make large counts, so the registers tell how many
// elements there were, with a standard error of 1.04 / sqrt(16384) = 0.81 %. Adding twice changes nothing, and the
// maximum of two such sets, register by register, is that of their union.
//
// The bytes are a string that clients GET, SET, dump and replicate, so they are those of Valkey, bit for bit, after the
// same commands. That decides how runs are split and merged below: not always into the fewest bytes.
//
//   offset  size  field
//        0     4  "HYLL"
//        4     1  0 dense, 1 sparse
//        5     3  unused, zero when made here
//        8     8  cached estimate, little endian; bit 7 of byte 15 says that it is out of date
//       16        registers
//
// DENSE    12288 bytes: 6 bits a register, from the lowest bit of the first byte up
//
//            byte 0    byte 1    byte 2        four registers a b c d in three bytes
//            bbaaaaaa  ccccbbbb  ddddddcc
//
// SPARSE   runs of equal registers from register 0 to 16383, in order
//
//            ZERO   00nnnnnn           n + 1 registers of 0
//            XZERO  01nnnnnn nnnnnnnn  n + 1 registers of 0, high bits first
//            VAL    1vvvvvnn           n + 1 registers of v + 1
//
// EXAMPLE  after "PFADD k abc": 48594c4c 01 000000 0000000000000080 | 6501 80 5afc
//          (9474 registers of 0, register 9474 is 1, 6909 of 0)
//
// INVARIANTS  I1 a dense value has 12304 bytes; everything else is refused as no HyperLogLog
//             I2 the runs of a sparse value cover exactly 16384 registers, else it is corrupted; that shows only when
//                something reads that far, because clients may SET any bytes
// LIMITS   sparse: counts to 32, and hll-sparse-max-bytes in all; what does not fit becomes dense and stays so
// COSTS    add: O(bytes) sparse, O(1) dense; estimate and merge: O(registers)
// LIFETIME functions on (buf, off, len) allocate nothing; those that take a record may replace its value's block, and
//          need it RAW (stringGrow sees to that)
// SOURCE   P. Flajolet, E. Fusy, O. Gandouet, F. Meunier, "HyperLogLog" (2007); S. Heule, M. Nunkesser, A. Hall,
//          "HyperLogLog in Practice" (2013); the format as Valkey's answers show it.
// SEE ALSO hyperloglog_estimate.ts, which turns registers into a number

import { copyBytes } from "../bytes/ascii.ts";
import { murmur64a } from "../bytes/murmur64a.ts";
import type { Keyspace } from "./keyspace.ts";
import {
  rawCreate,
  rawReplace,
  rawReserve,
  rawSetLength,
  rawView,
  stringView,
  view,
} from "./string.ts";

export const HLL_REGISTERS = 16384;
const HEADER = 16;
const ENCODING_AT = 4;
const CACHE_AT = 8;
const DIRTY_AT = 15;
const DIRTY = 0x80;

export const HLL_DENSE = 0;
export const HLL_SPARSE = 1;
/** Bytes of a dense value. */
export const HLL_DENSE_BYTES = HEADER + HLL_REGISTERS * 6 / 8;
/** Bytes of a new, empty value. */
export const HLL_EMPTY_BYTES = HEADER + 2;

const SEED = 0xadc83b19 | 0;
/** Counts run from 1 to this. */
export const HLL_COUNT_MAX = 51;

const XZERO = 0x40;
const VAL = 0x80;
const VAL_COUNT_MAX = 32;
const VAL_RUN_MAX = 4;
const ZERO_RUN_MAX = 64;
/** One run becomes at most three: this many bytes more, and one for a value that ends within a run. */
const SPLIT_ROOM = 4;

/** What raising a register did. */
export const HLL_SAME = 0;
export const HLL_RAISED = 1;
export const HLL_CORRUPT = -1;
const TOO_BIG = -2;

/** Writes an empty HyperLogLog of HLL_EMPTY_BYTES bytes. */
export function hllInit(buf: Uint8Array, off: number): void {
  buf.fill(0, off, off + HEADER);
  buf[off] = 0x48;
  buf[off + 1] = 0x59;
  buf[off + 2] = 0x4c;
  buf[off + 3] = 0x4c;
  buf[off + ENCODING_AT] = HLL_SPARSE;
  writeZeros(buf, off + HEADER, HLL_REGISTERS);
}

/** Whether a string may be a HyperLogLog: its header says so, and dense ones have the right length. */
export function hllIsValid(buf: Uint8Array, off: number, len: number): boolean {
  if (len < HEADER || buf[off] !== 0x48 || buf[off + 1] !== 0x59) return false;
  if (buf[off + 2] !== 0x4c || buf[off + 3] !== 0x4c) return false;
  const encoding = buf[off + ENCODING_AT];
  return encoding === HLL_SPARSE || (encoding === HLL_DENSE && len === HLL_DENSE_BYTES);
}

/** HLL_DENSE or HLL_SPARSE. */
export function hllEncoding(buf: Uint8Array, off: number): number {
  return buf[off + ENCODING_AT];
}

/** Reads the cached estimate into out[0] (low), out[1] (high); false when it is out of date. */
export function hllCached(buf: Uint8Array, off: number, out: Int32Array): boolean {
  for (let half = 0; half < 2; half++) {
    const at = off + CACHE_AT + half * 4;
    out[half] = buf[at] | (buf[at + 1] << 8) | (buf[at + 2] << 16) | (buf[at + 3] << 24);
  }
  return (buf[off + DIRTY_AT] & DIRTY) === 0;
}

/** Stores an estimate in the header. */
export function hllCache(buf: Uint8Array, off: number, lo: number, hi: number): void {
  for (let i = 0; i < 4; i++) {
    buf[off + CACHE_AT + i] = lo >>> (8 * i);
    buf[off + CACHE_AT + 4 + i] = hi >>> (8 * i);
  }
}

/** Marks the cached estimate as out of date. */
export function hllInvalidate(buf: Uint8Array, off: number): void {
  buf[off + DIRTY_AT] |= DIRTY;
}

// ---- registers of a dense value; `off` is that of the value

/** Register `index` of a dense value. */
export function hllDenseGet(buf: Uint8Array, off: number, index: number): number {
  const bit = index * 6;
  const at = off + HEADER + (bit >> 3);
  // The last register ends with the last byte: what lies behind it is shifted out.
  return ((buf[at] | (buf[at + 1] << 8)) >> (bit & 7)) & 63;
}

function denseSet(buf: Uint8Array, off: number, index: number, count: number): void {
  const bit = index * 6;
  const shift = bit & 7;
  const at = off + HEADER + (bit >> 3);
  buf[at] = (buf[at] & ~(63 << shift)) | (count << shift);
  if (shift > 2) buf[at + 1] = (buf[at + 1] & ~(63 >> (8 - shift))) | (count >> (8 - shift));
}

/** Raises a register of a dense value. Returns HLL_RAISED or HLL_SAME. */
export function hllDenseRaise(buf: Uint8Array, off: number, index: number, count: number): number {
  if (count <= hllDenseGet(buf, off, index)) return HLL_SAME;
  denseSet(buf, off, index, count);
  return HLL_RAISED;
}

/** Writes all registers, a byte each, into a dense value. */
export function hllDenseStore(buf: Uint8Array, off: number, registers: Uint8Array): void {
  let at = off + HEADER;
  for (let i = 0; i < HLL_REGISTERS; i += 4) {
    const b = registers[i + 1];
    const c = registers[i + 2];
    buf[at] = registers[i] | (b << 6);
    buf[at + 1] = (b >> 2) | (c << 4);
    buf[at + 2] = (c >> 4) | (registers[i + 3] << 2);
    at += 3;
  }
}

// ---- runs of a sparse value

/** Registers of the run whose bytes are `byte` and, for XZERO, `next`. */
function runLength(byte: number, next: number): number {
  if ((byte & VAL) !== 0) return (byte & 3) + 1;
  return (byte & XZERO) === 0 ? byte + 1 : (((byte & 63) << 8) | next) + 1;
}

/** Value of the registers of a run. */
function runValue(byte: number): number {
  return (byte & VAL) === 0 ? 0 : ((byte >> 2) & 31) + 1;
}

function isXzero(byte: number): boolean {
  return (byte & 0xc0) === XZERO;
}

/** Writes a run of 1 to 4 registers of `count`; returns the offset after it. */
function writeValue(buf: Uint8Array, at: number, count: number, run: number): number {
  buf[at] = VAL | ((count - 1) << 2) | (run - 1);
  return at + 1;
}

/** Writes a run of zeros in its shortest form; returns the offset after it. */
function writeZeros(buf: Uint8Array, at: number, run: number): number {
  if (run <= ZERO_RUN_MAX) {
    buf[at] = run - 1;
    return at + 1;
  }
  buf[at] = XZERO | ((run - 1) >> 8);
  buf[at + 1] = run - 1;
  return at + 2;
}

function writeRun(buf: Uint8Array, at: number, count: number, run: number): number {
  return count === 0 ? writeZeros(buf, at, run) : writeValue(buf, at, count, run);
}

const pieces = new Uint8Array(5);

/** Length of the sparse value that hllSparseRaise changed. */
let sparseLen = 0;

/** Length of a value after hllSparseRaise answered HLL_RAISED. */
export function hllSparseLength(): number {
  return sparseLen;
}

/**
 * Raises a register of a sparse value of `len` bytes, behind which SPLIT_ROOM bytes may be written. Returns HLL_RAISED
 * (hllSparseLength is the new length), HLL_SAME, HLL_CORRUPT, or a value below: nothing was changed, the count or the
 * length (`maxLen`) asks for a dense value.
 */
export function hllSparseRaise(
  buf: Uint8Array,
  off: number,
  len: number,
  index: number,
  count: number,
  maxLen: number,
): number {
  if (count > VAL_COUNT_MAX) return TOO_BIG;
  const end = off + len;
  // A value that ends in the middle of a run reads a zero behind it.
  buf[end] = 0;
  let at = off + HEADER;
  let before = at;
  let first = 0;
  let run = 0;
  while (at < end) {
    run = runLength(buf[at], buf[at + 1]);
    if (index < first + run) break;
    before = at;
    at += isXzero(buf[at]) ? 2 : 1;
    first += run;
  }
  if (at >= end) return HLL_CORRUPT;
  const old = runValue(buf[at]);
  if (old >= count) return HLL_SAME;
  sparseLen = len;
  if (run === 1 && !isXzero(buf[at])) {
    writeValue(buf, at, count, 1);
  } else if (!splitRun(buf, at, end, old, first, run, index, count, off + maxLen)) {
    return TOO_BIG;
  }
  mergeRuns(buf, before, off, off + sparseLen);
  hllInvalidate(buf, off);
  return HLL_RAISED;
}

/**
 * Replaces the run at `at` by up to three, so that register `index` has one of its own with `count`. Adds to
 * `sparseLen`; false when the value would go beyond `maxEnd`.
 */
function splitRun(
  buf: Uint8Array,
  at: number,
  end: number,
  old: number,
  first: number,
  run: number,
  index: number,
  count: number,
  maxEnd: number,
): boolean {
  let size = 0;
  if (index !== first) size = writeRun(pieces, size, old, index - first);
  size = writeValue(pieces, size, count, 1);
  const after = first + run - 1 - index;
  if (after !== 0) size = writeRun(pieces, size, old, after);
  const oldSize = isXzero(buf[at]) ? 2 : 1;
  const more = size - oldSize;
  if (more > 0 && end + more > maxEnd) return false;
  const rest = end - at - oldSize;
  if (more !== 0 && rest > 0) copyBytes(buf, at + oldSize, buf, at + size, rest);
  copyBytes(pieces, 0, buf, at, size);
  sparseLen += more;
  return true;
}

/**
 * Joins VAL runs of the same count among the five runs from `from` on, as far as they fit into one. Takes from
 * `sparseLen`.
 */
function mergeRuns(buf: Uint8Array, from: number, off: number, until: number): void {
  let end = until;
  let at = from;
  for (let scans = 5; scans > 0 && at < end; scans--) {
    const byte = buf[at];
    if ((byte & VAL) === 0) {
      at += isXzero(byte) ? 2 : 1;
      continue;
    }
    const next = at + 1 < end ? buf[at + 1] : 0;
    const run = (byte & 3) + (next & 3) + 2;
    if ((byte | 3) === (next | 3) && run <= VAL_RUN_MAX) {
      writeValue(buf, at, runValue(byte), run);
      copyBytes(buf, at + 2, buf, at + 1, end - at - 2);
      end--;
    } else {
      at++;
    }
  }
  sparseLen = end - off;
}

// ---- values of records

/**
 * Raises register `index` of the HyperLogLog in a RAW record. Returns HLL_RAISED, HLL_SAME or HLL_CORRUPT. `view` is
 * not kept.
 */
export function hllRaise(ks: Keyspace, rec: number, index: number, count: number): number {
  stringView(ks, rec);
  if (hllEncoding(view.buf, view.off) === HLL_DENSE) {
    return hllDenseRaise(view.buf, view.off, index, count);
  }
  rawReserve(ks, rec, SPLIT_ROOM);
  stringView(ks, rec);
  const { buf, off, len } = view;
  const result = hllSparseRaise(buf, off, len, index, count, ks.limits.hllSparseMaxBytes);
  if (result === HLL_RAISED) {
    rawSetLength(ks, rec, sparseLen);
    return HLL_RAISED;
  }
  if (result !== TOO_BIG) return result;
  if (!hllToDense(ks, rec)) return HLL_CORRUPT;
  stringView(ks, rec);
  return hllDenseRaise(view.buf, view.off, index, count);
}

const hash = new Int32Array(2);

/** Register of an element's hash after hllCountOf. */
let elementRegister = 0;

/** The register that hllCountOf found. */
export function hllRegister(): number {
  return elementRegister;
}

/** The count of an element; hllRegister tells its register. */
export function hllCountOf(buf: Uint8Array, off: number, len: number): number {
  murmur64a(buf, off, len, SEED, hash);
  const low = hash[0];
  const high = hash[1];
  elementRegister = low & (HLL_REGISTERS - 1);
  const bits = (low >>> 14) | (high << 18);
  if (bits !== 0) return 32 - Math.clz32(bits & -bits);
  // A bit above the 50 ends the run of zeros.
  const rest = (high >>> 14) | (1 << (HLL_COUNT_MAX - 33));
  return 64 - Math.clz32(rest & -rest);
}

/** Adds an element to the HyperLogLog in a RAW record. Returns HLL_RAISED, HLL_SAME or HLL_CORRUPT. */
export function hllAdd(
  ks: Keyspace,
  rec: number,
  buf: Uint8Array,
  off: number,
  len: number,
): number {
  const count = hllCountOf(buf, off, len);
  return hllRaise(ks, rec, elementRegister, count);
}

/** Makes the HyperLogLog in a RAW record dense. Returns false, changing nothing, when it is corrupted. */
export function hllToDense(ks: Keyspace, rec: number): boolean {
  stringView(ks, rec);
  if (hllEncoding(view.buf, view.off) === HLL_DENSE) return true;
  registers.fill(0);
  if (!hllMerge(view.buf, view.off, view.len, registers)) return false;
  const dense = rawCreate(ks, HLL_DENSE_BYTES);
  stringView(ks, rec);
  const { buf, off } = view;
  rawView(ks, dense);
  copyBytes(buf, off, view.buf, view.off, HEADER);
  view.buf[view.off + ENCODING_AT] = HLL_DENSE;
  hllDenseStore(view.buf, view.off, registers);
  rawReplace(ks, rec, dense);
  return true;
}

const registers = new Uint8Array(HLL_REGISTERS);

// ---- all registers

/**
 * Raises each of `max`, a byte a register, to the register of a value. Returns false when the value is corrupted; then
 * `max` holds a part.
 */
export function hllMerge(buf: Uint8Array, off: number, len: number, max: Uint8Array): boolean {
  if (hllEncoding(buf, off) === HLL_DENSE) {
    denseMerge(buf, off + HEADER, max);
    return true;
  }
  const end = off + len;
  let index = 0;
  for (let at = off + HEADER; at < end; at++) {
    const byte = buf[at];
    const next = isXzero(byte) && ++at < end ? buf[at] : 0;
    const until = index + runLength(byte, next);
    if (until > HLL_REGISTERS) return false;
    const count = runValue(byte);
    if (count !== 0) {
      for (; index < until; index++) if (count > max[index]) max[index] = count;
    }
    index = until;
  }
  return index === HLL_REGISTERS;
}

function denseMerge(buf: Uint8Array, from: number, max: Uint8Array): void {
  let at = from;
  for (let i = 0; i < HLL_REGISTERS; i += 4) {
    const word = buf[at] | (buf[at + 1] << 8) | (buf[at + 2] << 16);
    at += 3;
    if (word === 0) continue;
    const a = word & 63;
    const b = (word >> 6) & 63;
    const c = (word >> 12) & 63;
    const d = word >> 18;
    if (a > max[i]) max[i] = a;
    if (b > max[i + 1]) max[i + 1] = b;
    if (c > max[i + 2]) max[i + 2] = c;
    if (d > max[i + 3]) max[i + 3] = d;
  }
}

// ---- reading the runs

/** A run that hllRunAt read: its count, 0 for ZERO and XZERO, and how many registers it covers. */
export const hllRun: { count: number; length: number; isLong: boolean } = {
  count: 0,
  length: 0,
  isLong: false,
};

/** Reads the run at `at` (offset in the value, below `len`) into hllRun. Returns the offset of the next one. */
export function hllRunAt(buf: Uint8Array, off: number, len: number, at: number): number {
  const byte = buf[off + at];
  hllRun.isLong = isXzero(byte);
  hllRun.count = runValue(byte);
  hllRun.length = runLength(byte, at + 1 < len ? buf[off + at + 1] : 0);
  return at + (hllRun.isLong ? 2 : 1);
}

/** Offset of the first run in a sparse value. */
export const HLL_RUNS_AT = HEADER;
