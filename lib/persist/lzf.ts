// lzf.ts: the compression of strings in snapshots and DUMP payloads: LZ77 with a window of 8 KiB and no entropy coding.
//
// WHY NOT deflate: it is the file format's; and it costs about as much as copying. The compressor makes the same choices
// as the one Valkey uses, so equal strings become equal bytes.
//
// LAYOUT: a sequence of
//
//   000lllll  bytes                      l + 1 literal bytes, 1 to 32
//   llloooooo oooooooo                   l + 2 bytes (l 1 to 6) that were written o + 1 bytes before; o 13 bits, high first
//   111ooooo llllllll oooooooo           l + 9 bytes, 9 to 264
//
// EXAMPLE  "aaaaaaaaaaaaaaaaaaaaaaaaa"  (25 bytes)  ->  01 61 61  e0 0c 00  01 61 61
//
// A match may overlap what it writes: that is how runs are coded. It needs three equal bytes; candidates come from a table
// of the last place each hash of three bytes was seen at. Place 0 is never a candidate.
//
// The table is not cleared for each string: entries are places counted on from string to string, and those below the
// first place of this string are stale. It is cleared when the count runs over.
//
// LIMITS   source below 2^30 bytes
// COSTS    O(length), both ways; one table of 256 KiB for all
// SOURCE   Marc Lehmann, LibLZF

import { copyBytes } from "../bytes/ascii.ts";

const HASH_BITS = 16;
const HASH_MASK = (1 << HASH_BITS) - 1;
const LITERALS_MAX = 32;
const DISTANCE_MAX = 1 << 13;
const MATCH_MAX = 264;
const MATCH_SHORT_MAX = 6;
/** What the compressor looks at in one go before it minds the longest match. */
const UNROLLED = 16;
/** No input byte of a compressed string stands for more than this many bytes. */
export const LZF_RATIO_MAX = MATCH_MAX / 3;

const PLACES_MAX = 0x7fffffff;

/** The last place of each hash, plus the base of the string it was in. */
const places = new Int32Array(1 << HASH_BITS);
let nextBase = 1;

function slotOf(hash: number): number {
  return ((hash >>> 8) - hash * 5) & HASH_MASK;
}

/**
 * Compresses src[off, off + len) to target[targetOff ..). Returns the bytes written, or 0 when they are more than
 * `targetLen`: then the target holds rubbish.
 */
export function lzfCompress(
  src: Uint8Array,
  off: number,
  len: number,
  target: Uint8Array,
  targetOff: number,
  targetLen: number,
): number {
  if (len < 3 || targetLen === 0) return 0;
  if (nextBase > PLACES_MAX - len) {
    places.fill(0);
    nextBase = 1;
  }
  const base = nextBase - off;
  nextBase += len;
  const end = off + len;
  const last = end - 2;
  const outEnd = targetOff + targetLen;
  let out = targetOff + 1;
  let literals = 0;
  let at = off;
  let hash = (src[at] << 8) | src[at + 1];
  while (at < last) {
    hash = (hash << 8) | src[at + 2];
    const slot = slotOf(hash);
    const ref = places[slot] - base;
    places[slot] = at + base;
    const distance = at - ref - 1;
    if (
      ref <= off || distance >= DISTANCE_MAX || src[ref] !== src[at] ||
      src[ref + 1] !== src[at + 1] || src[ref + 2] !== src[at + 2]
    ) {
      if (out >= outEnd) return 0;
      target[out++] = src[at++];
      if (++literals === LITERALS_MAX) {
        target[out - literals - 1] = literals - 1;
        literals = 0;
        out++;
      }
      continue;
    }
    if (out - (literals === 0 ? 1 : 0) + 4 >= outEnd) return 0;
    target[out - literals - 1] = literals - 1;
    if (literals === 0) out--;
    const matched = matchLength(src, ref, at, end);
    out = writeMatch(target, out, matched - 2, distance) + 1;
    literals = 0;
    at += matched;
    if (at >= last) break;
    // The two places at the end of the match are entered, those inside it are not.
    at -= 2;
    hash = (src[at] << 16) | (src[at + 1] << 8) | src[at + 2];
    places[slotOf(hash)] = at + base;
    at++;
    hash = (hash << 8) | src[at + 2];
    places[slotOf(hash)] = at + base;
    at++;
  }
  if (out + 3 > outEnd) return 0;
  while (at < end) {
    target[out++] = src[at++];
    if (++literals === LITERALS_MAX) {
      target[out - literals - 1] = literals - 1;
      literals = 0;
      out++;
    }
  }
  target[out - literals - 1] = literals - 1;
  if (literals === 0) out--;
  return out - targetOff;
}

/** How many bytes at `at` equal those at `ref`; near the end it stops as early as the original does. */
function matchLength(src: Uint8Array, ref: number, at: number, end: number): number {
  let most = end - at - 2;
  if (most > MATCH_MAX) most = MATCH_MAX;
  let matched = 2;
  if (most > UNROLLED) {
    for (let i = 0; i < UNROLLED; i++) {
      matched++;
      if (src[ref + matched] !== src[at + matched]) return matched;
    }
  }
  do matched++; while (matched < most && src[ref + matched] === src[at + matched]);
  return matched;
}

/** Writes a reference to `code` + 2 bytes, `distance` + 1 before. Returns where it ends. */
function writeMatch(target: Uint8Array, out: number, code: number, distance: number): number {
  let at = out;
  if (code <= MATCH_SHORT_MAX) {
    target[at++] = (distance >> 8) | (code << 5);
  } else {
    target[at++] = (distance >> 8) | 0xe0;
    target[at++] = code - MATCH_SHORT_MAX - 1;
  }
  target[at++] = distance;
  return at;
}

/**
 * Decompresses src[off, off + len) to target[targetOff, targetOff + targetLen). Returns false when the source is damaged
 * or does not make exactly `targetLen` bytes; nothing outside the ranges is read or written.
 */
export function lzfDecompress(
  src: Uint8Array,
  off: number,
  len: number,
  target: Uint8Array,
  targetOff: number,
  targetLen: number,
): boolean {
  const end = off + len;
  const outEnd = targetOff + targetLen;
  let at = off;
  let out = targetOff;
  while (at < end) {
    const control = src[at++];
    if (control < LITERALS_MAX) {
      const count = control + 1;
      if (at + count > end || out + count > outEnd) return false;
      copyBytes(src, at, target, out, count);
      at += count;
      out += count;
      continue;
    }
    let count = control >> 5;
    if (count > MATCH_SHORT_MAX) {
      if (at >= end) return false;
      count += src[at++];
    }
    if (at >= end) return false;
    let ref = out - ((control & 0x1f) << 8) - src[at++] - 1;
    count += 2;
    if (ref < targetOff || out + count > outEnd) return false;
    for (; count > 0; count--) target[out++] = target[ref++];
  }
  return out === outEnd && len > 0;
}
