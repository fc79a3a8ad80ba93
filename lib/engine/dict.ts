// dict.ts: hash table of handles by linear hashing: grows and shrinks one bucket at a time, forever incremental.
//
// WHY NOT double the table and move: two tables at once cost half as much memory again, make every look-up ask twice
// and every SCAN reason about both. Linear hashing splits one bucket per insertion at constant load; there is no
// "rehashing" state. WHY NOT entries with pointers: a bucket of one cache line holds eight or ten entries.
//
//   kind      what the entries are               buckets              load    bytes an entry
//   RECORDS   key records of a database          record_bucket.ts     2 - 6   10.7 to 13
//   MEMBERS   members of a value (member.ts)     member_bucket.ts     3 - 9   8.9 to 9.7
//
// ADDRESS. bucketCount = 2^level + split. A hash belongs to bucket h & (2^(level+1) - 1), or, if that one does not
// exist yet, to h & (2^level - 1). Growth splits bucket `split` into itself and split + 2^level.
//
//   level 2, split 1:   buckets 0 1 2 3 4      0 and 4 look at three hash bits, 1 2 3 at two
//
// TAGS of members are bits w to w + 15 of the hash, where w, the window, depends on how many bits b the bucket's address
// has: 0 below 8 bits, 8 below 16, then 15. So a bucket knows b bits by its number and 16 by each tag, together all bits
// below w + 16 (`known`), at least 9 of which tell its members apart. Splitting needs bit b only, which is among them: no
// member is read, except when the window moves: splits that make the 8th or the 16th address bit read their members.
//
//   b = 10, window 8:    hash  30 ... 24 | 23 ... 10 | 9  8 | 7 ... 0
//                              unknown   |      tag         |            address: bits 9 to 0
//
// PAGES. Buckets live in pages of 1,024 (64 KiB); beyond the first one a directory block holds their handles. The last page
// may have room for fewer, and is copied when it gets more: a quarter, from 256 on 128 (8 KiB). With GROWING_PAGES or more
// a page is made whole at once: half a page more or less does not matter there.
//
// HEADER, one block of 48 bytes (words):
//   0 count   1 bucketCount   2 level   3 split   4 page or directory   5 directory capacity (0: single page)
//   6 kind, and above 8 bits where names start in members   7 chained buckets   8 buckets the last page has room for
//   9 resize policy (RESIZE_*)   10 11 hash key, of members only
//
// SCAN. The cursor walks buckets in the order of their reversed index (van der Hoeven order): a bucket stands for all
// hashes that end in its bits, so the buckets always partition the reversed hash space into intervals, however the
// table grew or shrank between two calls. The cursor is the start of the next interval. Hence: an element present from
// the first to the last call is returned; one that comes or goes may be; shrinking can return elements twice.
//
// INVARIANTS
//   1. count is the number of used slots over all chains; every entry is in the bucket its hash names.
//   2. Used slots are dense in a chain; a chained bucket (other than the first) is never empty. Tags are those of the
//      window of their bucket.
//   3. bucketCount = 2^level + split, split < 2^level.
//   4. While resizing is free: least * bucketCount <= count <= most * bucketCount, or one step is under way.
// LIMITS: 2^31 buckets; a chain has no fixed bound but keyed hashing keeps it at a bucket or two.
// COSTS: find O(1), 1.1 to 1.4 cache lines of the table; insert and delete O(1) plus one split or merge of a bucket's
// entries; scan step O(entries of one bucket).
// LIFETIME: the register `slot` is valid until the next insert, delete or resize.
//
// Source: W. Litwin, "Linear Hashing: A New Tool for File and Table Addressing", VLDB 1980.

import { hash31 } from "../bytes/hash.ts";
import {
  type Arena,
  arenaAlloc,
  arenaFree,
  arenaRounded,
  SEGMENT_SHIFT,
  UNIT_MASK,
} from "../mem/arena.ts";
import { BUCKET_BYTES, BUCKET_UNITS, BUCKET_WORDS, bucketClear, chain, slot } from "./bucket.ts";
import { memberBuf, memberEquals, memberLen, memberOff } from "./member.ts";
import {
  MEMBER_ENTRIES,
  MEMBER_LINK,
  MEMBER_TAG_WORDS,
  memberAppend,
  memberFree,
  memberLocate,
  memberRead,
  memberTakeOut,
  memberVerify,
  TAG_BITS,
  TAG_MASK,
} from "./member_bucket.ts";
import { recordKeyEquals } from "./record.ts";
import {
  RECORD_ENTRIES,
  RECORD_LINK,
  RECORD_SLOTS,
  recordAppend,
  recordFree,
  recordLocate,
  recordRead,
  recordRemove,
  recordVerify,
} from "./record_bucket.ts";
import type { ValueContext } from "./value_context.ts";

export { chain, slot };

const PAGE_BUCKETS = 1024;
// Exported from here on is, besides what has a comment, what dict_move.ts and member_probe.ts need.
export const PAGE_SHIFT = 10;
export const PAGE_MASK = PAGE_BUCKETS - 1;
/** Buckets by which a page grows that has room for STEPPED_MIN or more. */
const PAGE_STEP = 128;
const STEPPED_MIN = 256;
const GROWING_PAGES = 16;

const RECORDS_LOAD_MAX = 6;
const RECORDS_LOAD_MIN = 2;
const MEMBERS_LOAD_MAX = 9;
const MEMBERS_LOAD_MIN = 3;
/** Under RESIZE_AVOID a table grows only when it is so many times too full. */
const AVOID_FACTOR = 4;

const COUNT = 0;
const BUCKETS = 1;
const LEVEL = 2;
const SPLIT = 3;
export const ROOT = 4;
export const DIRECTORY = 5;
const KIND = 6;
const CHAINS = 7;
const PAGE_ROOM = 8;
const POLICY = 9;
const HASH_KEY_0 = 10;
const HASH_KEY_1 = 11;
const HEADER_BYTES = 48;
/** Bytes of a table that is new. */
export const DICT_BYTES_MIN = HEADER_BYTES + BUCKET_BYTES;

/** What the entries are: key records of a database, or members of a value. */
export const KIND_RECORDS = 0;
const KIND_MEMBERS = 1;
const BASE_SHIFT = 8;

/** How a dict may resize: freely; only when it is four times overfull; not at all. */
export const RESIZE_FREE = 0;
export const RESIZE_AVOID = 1;
export const RESIZE_FORBID = 2;

/** Makes an empty table. Returns the handle of its header. */
export function dictCreate(arena: Arena, kind: number): number {
  const dict = arenaAlloc(arena, HEADER_BYTES);
  const page = arenaAlloc(arena, BUCKET_BYTES);
  bucketClear(arena, page);
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  words.fill(0, d, d + HEADER_BYTES / 4);
  words[d + BUCKETS] = 1;
  words[d + ROOT] = page;
  words[d + PAGE_ROOM] = 1;
  words[d + KIND] = kind;
  return dict;
}

/** Makes an empty table of members whose names start at `base` (see member.ts). Returns the handle of its header. */
export function membersCreate(vc: ValueContext, base: number): number {
  const dict = dictCreate(vc.arena, KIND_MEMBERS | (base << BASE_SHIFT));
  const words = vc.arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  words[d + HASH_KEY_0] = vc.hashKey0;
  words[d + HASH_KEY_1] = vc.hashKey1;
  return dict;
}

export function isRecords(arena: Arena, dict: number): boolean {
  return arena.i32[dict >>> SEGMENT_SHIFT][((dict & UNIT_MASK) << 2) + KIND] === KIND_RECORDS;
}

/** Frees the table itself, not what its entries name. */
export function dictDestroy(arena: Arena, dict: number): void {
  const buckets = dictBucketCount(arena, dict);
  const records = isRecords(arena, dict);
  for (let index = 0; index < buckets; index++) {
    const head = bucketAt(arena, dict, index);
    if (records) recordFree(arena, head);
    else memberFree(arena, head);
  }
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  const root = words[d + ROOT];
  if (words[d + DIRECTORY] !== 0) {
    const pages = (buckets + PAGE_MASK) >>> PAGE_SHIFT;
    for (let page = 0; page < pages; page++) {
      arenaFree(arena, arena.i32[root >>> SEGMENT_SHIFT][((root & UNIT_MASK) << 2) + page]);
    }
  }
  arenaFree(arena, root);
  arenaFree(arena, dict);
}

/** Number of entries. */
export function dictCount(arena: Arena, dict: number): number {
  return arena.i32[dict >>> SEGMENT_SHIFT][(dict & UNIT_MASK) << 2];
}

/** Number of buckets of the main run, chained ones not counted. */
export function dictBucketCount(arena: Arena, dict: number): number {
  return arena.i32[dict >>> SEGMENT_SHIFT][((dict & UNIT_MASK) << 2) + BUCKETS];
}

/** Number of chained (overflow) buckets. */
export function dictChainCount(arena: Arena, dict: number): number {
  return arena.i32[dict >>> SEGMENT_SHIFT][((dict & UNIT_MASK) << 2) + CHAINS];
}

/** Bytes of header, pages, directory and chained buckets. */
export function dictBytes(arena: Arena, dict: number): number {
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  const room = ((words[d + BUCKETS] - 1) & ~PAGE_MASK) + words[d + PAGE_ROOM];
  return HEADER_BYTES + (room + words[d + CHAINS]) * BUCKET_BYTES + words[d + DIRECTORY] * 4;
}

/** Sets the resize policy (RESIZE_FREE, RESIZE_AVOID, RESIZE_FORBID). */
export function dictSetPolicy(arena: Arena, dict: number, policy: number): void {
  arena.i32[dict >>> SEGMENT_SHIFT][((dict & UNIT_MASK) << 2) + POLICY] = policy;
}

/** Number of the bucket that holds `hash`, by the header at words[d]. */
export function indexOf(words: Int32Array, d: number, hash: number): number {
  const low = 1 << words[d + LEVEL];
  const index = hash & ((low << 1) - 1);
  return index < words[d + BUCKETS] ? index : index & (low - 1);
}

/** Number of the bucket that holds `hash`. */
export function dictIndexOf(arena: Arena, dict: number, hash: number): number {
  return indexOf(arena.i32[dict >>> SEGMENT_SHIFT], (dict & UNIT_MASK) << 2, hash);
}

/** Handle of the bucket that holds `hash`. */
export function bucketOf(arena: Arena, dict: number, hash: number): number {
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  const low = 1 << words[d + LEVEL];
  let index = hash & ((low << 1) - 1);
  // All ones for a bucket that does not exist yet; no branch, since it would be guessed wrong as often as not.
  index ^= low & ((words[d + BUCKETS] - 1 - index) >> 31);
  let page = words[d + ROOT];
  if (words[d + DIRECTORY] !== 0) {
    page = arena.i32[page >>> SEGMENT_SHIFT][((page & UNIT_MASK) << 2) + (index >>> PAGE_SHIFT)];
  }
  return (page + (index & PAGE_MASK) * BUCKET_UNITS) | 0;
}

/** Handle of bucket number `index`. */
export function bucketAt(arena: Arena, dict: number, index: number): number {
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  let page = words[d + ROOT];
  if (words[d + DIRECTORY] !== 0) {
    page = arena.i32[page >>> SEGMENT_SHIFT][((page & UNIT_MASK) << 2) + (index >>> PAGE_SHIFT)];
  }
  return (page + (index & PAGE_MASK) * BUCKET_UNITS) | 0;
}

/**
 * Finds the entry whose key equals buf[off, off+len); `hash` is hash31 of it.
 * Returns its handle or 0, and leaves the place in `slot`.
 */
export function dictFind(
  arena: Arena,
  dict: number,
  hash: number,
  buf: Uint8Array,
  off: number,
  len: number,
): number {
  let bucket = bucketOf(arena, dict, hash);
  for (;;) {
    const words = arena.i32[bucket >>> SEGMENT_SHIFT];
    const b = (bucket & UNIT_MASK) << 2;
    for (let i = 0; i < RECORD_SLOTS; i++) {
      if (words[b + i] === hash) {
        const entry = words[b + RECORD_ENTRIES + i];
        if (entry !== 0 && recordKeyEquals(arena, entry, buf, off, len)) {
          slot.bucket = bucket;
          slot.word = RECORD_ENTRIES + i;
          return entry;
        }
      }
    }
    if (words[b + RECORD_LINK] >= 0) return 0;
    bucket = words[b + RECORD_ENTRIES + RECORD_LINK];
  }
}

/** The window of bucket number `index`: the first bit of its tags. */
export function windowOf(words: Int32Array, d: number, index: number): number {
  const level = words[d + LEVEL];
  const isSplit = index < words[d + SPLIT] || index >= 1 << level;
  return windowAt(isSplit ? level + 1 : level);
}

/** The window of buckets whose address has so many bits. */
function windowAt(bits: number): number {
  return bits < 8 ? 0 : bits < 16 ? 8 : 15;
}

/**
 * As dictFind for a table of members, whose names start at `base`.
 * Returns the member's handle or 0, and leaves the place in `slot`.
 */
export function memberFind(
  arena: Arena,
  dict: number,
  base: number,
  hash: number,
  buf: Uint8Array,
  off: number,
  len: number,
): number {
  const header = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  const index = indexOf(header, d, hash);
  const tag = (hash >>> windowOf(header, d, index)) & TAG_MASK;
  const tags = tag | (tag << TAG_BITS);
  let bucket = bucketAt(arena, dict, index);
  do {
    const words = arena.i32[bucket >>> SEGMENT_SHIFT];
    const b = (bucket & UNIT_MASK) << 2;
    for (let i = 0; i < MEMBER_TAG_WORDS; i++) {
      const difference = words[b + i] ^ tags;
      if ((difference & TAG_MASK) === 0) {
        const word = MEMBER_ENTRIES + 2 * i;
        const entry = words[b + word];
        if (entry !== 0 && memberEquals(arena, entry, base, buf, off, len)) {
          slot.bucket = bucket;
          slot.word = word;
          return entry;
        }
      }
      if (difference >>> TAG_BITS === 0) {
        const word = MEMBER_ENTRIES + 2 * i + 1;
        const entry = words[b + word];
        if (entry !== 0 && memberEquals(arena, entry, base, buf, off, len)) {
          slot.bucket = bucket;
          slot.word = word;
          return entry;
        }
      }
    }
    bucket = words[b + MEMBER_LINK];
  } while (bucket !== 0);
  return 0;
}

/** Finds the slot of a known entry. Returns false when it is not in the table. */
export function dictFindEntry(arena: Arena, dict: number, hash: number, entry: number): boolean {
  const head = bucketOf(arena, dict, hash);
  return isRecords(arena, dict)
    ? recordLocate(arena, head, entry)
    : memberLocate(arena, head, entry);
}

/** Puts another handle in the slot of the last find: the entry moved. The hash stays. */
export function dictReplaceSlot(arena: Arena, entry: number): void {
  const bucket = slot.bucket;
  arena.i32[bucket >>> SEGMENT_SHIFT][((bucket & UNIT_MASK) << 2) + slot.word] = entry;
}

/** Adds an entry known to be absent. May split a bucket. */
export function dictInsert(arena: Arena, dict: number, hash: number, entry: number): void {
  append(arena, dict, hash, entry);
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  const count = ++words[d + COUNT];
  const most = mostEntries(words, d);
  if (count > most && words[d + POLICY] !== RESIZE_FORBID) {
    if (words[d + POLICY] === RESIZE_FREE || count > most * AVOID_FACTOR) dictGrow(arena, dict);
  }
}

/** Removes the entry in the slot of the last find; `hash` is its hash. May merge a bucket. */
export function dictDeleteSlot(arena: Arena, dict: number, hash: number): void {
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  const head = bucketOf(arena, dict, hash);
  words[d + CHAINS] -= words[d + KIND] === KIND_RECORDS
    ? recordRemove(arena, head)
    : memberTakeOut(arena, head);
  const count = --words[d + COUNT];
  if (count < leastEntries(words, d) && words[d + BUCKETS] > 1) {
    if (words[d + POLICY] === RESIZE_FREE) dictShrink(arena, dict);
  }
}

/** More entries than this make the table grow. */
function mostEntries(words: Int32Array, d: number): number {
  const load = words[d + KIND] === KIND_RECORDS ? RECORDS_LOAD_MAX : MEMBERS_LOAD_MAX;
  return words[d + BUCKETS] * load;
}

/** Fewer entries than this make the table shrink. */
function leastEntries(words: Int32Array, d: number): number {
  const load = words[d + KIND] === KIND_RECORDS ? RECORDS_LOAD_MIN : MEMBERS_LOAD_MIN;
  return words[d + BUCKETS] * load;
}

/**
 * Makes an empty table of records as large as so many entries need, up to `buckets` more; true while there is more to
 * make. Should they not come, dictResizeStep makes it small again.
 */
export function dictReserve(
  arena: Arena,
  dict: number,
  entries: number,
  buckets: number,
): boolean {
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  if (words[d + COUNT] !== 0 || words[d + POLICY] !== RESIZE_FREE) return false;
  for (let left = buckets; mostEntries(words, d) < entries; left--) {
    if (left === 0) return true;
    dictGrow(arena, dict);
  }
  return false;
}

/** One step towards the right size; true when a further step is due. For a cron to finish postponed resizes. */
export function dictResizeStep(arena: Arena, dict: number): boolean {
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  if (words[d + POLICY] === RESIZE_FORBID) return false;
  const count = words[d + COUNT];
  if (count > mostEntries(words, d)) dictGrow(arena, dict);
  else if (count < leastEntries(words, d) && words[d + BUCKETS] > 1) dictShrink(arena, dict);
  else return false;
  return true;
}

// ---- chains

/** Puts an entry where its hash, of which the known bits must be true, belongs. */
function append(arena: Arena, dict: number, hash: number, entry: number): void {
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  if (words[d + KIND] === KIND_RECORDS) {
    words[d + CHAINS] += recordAppend(arena, bucketOf(arena, dict, hash), hash, entry);
    return;
  }
  const index = indexOf(words, d, hash);
  const tag = (hash >>> windowOf(words, d, index)) & TAG_MASK;
  words[d + CHAINS] += memberAppend(arena, bucketAt(arena, dict, index), tag, entry);
}

/** Copies the entries of bucket number `index` and what is known of their hashes into `chain`. */
function read(arena: Arena, dict: number, index: number): number {
  const head = bucketAt(arena, dict, index);
  if (isRecords(arena, dict)) return recordRead(arena, head);
  const count = memberRead(arena, head);
  const window = windowOf(arena.i32[dict >>> SEGMENT_SHIFT], (dict & UNIT_MASK) << 2, index);
  const low = index & ((1 << window) - 1);
  for (let i = 0; i < count; i++) chain.hashes[i] = (chain.hashes[i] << window) | low;
  return count;
}

/** Empties bucket number `index`. */
function clear(arena: Arena, dict: number, index: number): void {
  const head = bucketAt(arena, dict, index);
  const freed = isRecords(arena, dict) ? recordFree(arena, head) : memberFree(arena, head);
  arena.i32[dict >>> SEGMENT_SHIFT][((dict & UNIT_MASK) << 2) + CHAINS] -= freed;
  bucketClear(arena, head);
}

/** The whole hash of a member. */
function hashOfMember(arena: Arena, words: Int32Array, d: number, member: number): number {
  const base = words[d + KIND] >> BASE_SHIFT;
  const off = memberOff(arena, member, base);
  const len = memberLen(arena, member, base);
  return hash31(words[d + HASH_KEY_0], words[d + HASH_KEY_1], memberBuf(arena, member), off, len);
}

function zeroBuckets(arena: Arena, page: number, from: number, to: number): void {
  const w = (page & UNIT_MASK) << 2;
  arena.i32[page >>> SEGMENT_SHIFT].fill(0, w + from * BUCKET_WORDS, w + to * BUCKET_WORDS);
}

// ---- growth

function dictGrow(arena: Arena, dict: number): void {
  pageMakeRoom(arena, dict);
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  const split = words[d + SPLIT];
  const bits = words[d + LEVEL];
  const bit = 1 << bits;
  const records = words[d + KIND] === KIND_RECORDS;
  const window = windowAt(bits + 1);
  const count = read(arena, dict, split);
  if (!records && windowAt(bits) !== window) {
    for (let i = 0; i < count; i++) {
      chain.hashes[i] = hashOfMember(arena, words, d, chain.entries[i]);
    }
  }
  clear(arena, dict, split);
  const source = bucketAt(arena, dict, split);
  const target = bucketAt(arena, dict, split + bit);
  words[d + BUCKETS]++;
  if (split + 1 === bit) {
    words[d + SPLIT] = 0;
    words[d + LEVEL]++;
  } else {
    words[d + SPLIT]++;
  }
  for (let i = 0; i < count; i++) {
    const hash = chain.hashes[i];
    const head = (hash & bit) !== 0 ? target : source;
    words[d + CHAINS] += records
      ? recordAppend(arena, head, hash, chain.entries[i])
      : memberAppend(arena, head, (hash >>> window) & TAG_MASK, chain.entries[i]);
  }
}

/** Makes bucket number bucketCount exist, empty. */
function pageMakeRoom(arena: Arena, dict: number): void {
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  const buckets = words[d + BUCKETS];
  const place = buckets & PAGE_MASK;
  if (place !== 0) {
    if (place === words[d + PAGE_ROOM]) pageResize(arena, dict, place, moreRoom(place));
    return;
  }
  const pageIndex = buckets >>> PAGE_SHIFT;
  if (pageIndex >= words[d + DIRECTORY]) directoryGrow(arena, dict);
  const room = pageIndex < GROWING_PAGES ? PAGE_STEP : PAGE_BUCKETS;
  const page = arenaAlloc(arena, room * BUCKET_BYTES);
  zeroBuckets(arena, page, 0, room);
  const root = words[d + ROOT];
  arena.i32[root >>> SEGMENT_SHIFT][((root & UNIT_MASK) << 2) + pageIndex] = page;
  words[d + PAGE_ROOM] = room;
}

/** Room for more buckets than `room`, in a block that is used to its end. */
function moreRoom(room: number): number {
  if (room >= STEPPED_MIN) return (room | (PAGE_STEP - 1)) + 1;
  const wanted = Math.min(room + (room >> 2) + 1, STEPPED_MIN);
  return Math.floor(arenaRounded(wanted * BUCKET_BYTES) / BUCKET_BYTES);
}

/** Gives the last page, of which `used` buckets are in use, a block of another size. */
function pageResize(arena: Arena, dict: number, used: number, room: number): void {
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  const hasDirectory = words[d + DIRECTORY] !== 0;
  const directory = words[d + ROOT];
  const names = hasDirectory ? arena.i32[directory >>> SEGMENT_SHIFT] : words;
  const name = hasDirectory
    ? ((directory & UNIT_MASK) << 2) + ((words[d + BUCKETS] - 1) >>> PAGE_SHIFT)
    : d + ROOT;
  const old = names[name];
  const page = arenaAlloc(arena, room * BUCKET_BYTES);
  const source = arena.i32[old >>> SEGMENT_SHIFT];
  const s = (old & UNIT_MASK) << 2;
  const target = arena.i32[page >>> SEGMENT_SHIFT];
  const t = (page & UNIT_MASK) << 2;
  for (let i = 0; i < used * BUCKET_WORDS; i++) target[t + i] = source[s + i];
  target.fill(0, t + used * BUCKET_WORDS, t + room * BUCKET_WORDS);
  arenaFree(arena, old);
  names[name] = page;
  words[d + PAGE_ROOM] = room;
}

function directoryGrow(arena: Arena, dict: number): void {
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  const old = words[d + ROOT];
  const capacity = words[d + DIRECTORY];
  const room = capacity === 0 ? 64 : capacity * 2;
  const root = arenaAlloc(arena, room * 4);
  const target = arena.i32[root >>> SEGMENT_SHIFT];
  const t = (root & UNIT_MASK) << 2;
  target.fill(0, t, t + room);
  if (capacity === 0) {
    target[t] = old;
  } else {
    const source = arena.i32[old >>> SEGMENT_SHIFT];
    const s = (old & UNIT_MASK) << 2;
    for (let i = 0; i < capacity; i++) target[t + i] = source[s + i];
    arenaFree(arena, old);
  }
  words[d + ROOT] = root;
  words[d + DIRECTORY] = room;
}

// ---- shrinking

/** Moves the split point one bucket back in the header at words[d]. */
function splitBack(words: Int32Array, d: number): void {
  if (words[d + SPLIT] === 0) {
    words[d + LEVEL]--;
    words[d + SPLIT] = (1 << words[d + LEVEL]) - 1;
  } else {
    words[d + SPLIT]--;
  }
}

/** Moves the split point back and takes the last bucket, which is empty, off the table. */
function dropBucket(arena: Arena, dict: number): void {
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  splitBack(words, d);
  words[d + BUCKETS]--;
  pageGiveBack(arena, dict);
}

function dictShrink(arena: Arena, dict: number): void {
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  narrow(arena, dict);
  const last = words[d + BUCKETS] - 1;
  const count = read(arena, dict, last);
  clear(arena, dict, last);
  // The bucket may come with a page: entries are put back before pages move.
  splitBack(words, d);
  words[d + BUCKETS]--;
  for (let i = 0; i < count; i++) append(arena, dict, chain.hashes[i], chain.entries[i]);
  pageGiveBack(arena, dict);
}

/**
 * To be called before the last bucket goes: gives the bucket that stands for both from now on the tags of its new
 * window, should that be another. All bits these need are known.
 */
function narrow(arena: Arena, dict: number): void {
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  if (words[d + KIND] === KIND_RECORDS) return;
  const last = words[d + BUCKETS] - 1;
  const bits = 31 - Math.clz32(last);
  const window = windowAt(bits);
  if (window === windowAt(bits + 1)) return;
  const partner = last - (1 << bits);
  const count = read(arena, dict, partner);
  clear(arena, dict, partner);
  const head = bucketAt(arena, dict, partner);
  for (let i = 0; i < count; i++) {
    const tag = (chain.hashes[i] >>> window) & TAG_MASK;
    words[d + CHAINS] += memberAppend(arena, head, tag, chain.entries[i]);
  }
}

/**
 * Takes the last bucket with all its entries off the table; the first one is emptied and stays. For taking a table
 * apart in small steps: the entries are in `chain`, the table remains consistent.
 * Returns how many entries there were; the table is empty when dictCount says so.
 */
export function dictDropLast(arena: Arena, dict: number): number {
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  const last = words[d + BUCKETS] - 1;
  if (last > 0) narrow(arena, dict);
  const found = read(arena, dict, last);
  clear(arena, dict, last);
  words[d + COUNT] -= found;
  if (last > 0) dropBucket(arena, dict);
  return found;
}

/** Frees the last page when its last bucket went; folds the directory when one page is left. */
function pageGiveBack(arena: Arena, dict: number): void {
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  const buckets = words[d + BUCKETS];
  if (words[d + DIRECTORY] === 0) {
    const room = words[d + PAGE_ROOM];
    if (room > 1 && buckets * 4 <= room) pageResize(arena, dict, buckets, room >> 1);
    return;
  }
  if ((buckets & PAGE_MASK) !== 0) return;
  const root = words[d + ROOT];
  const directory = arena.i32[root >>> SEGMENT_SHIFT];
  const r = (root & UNIT_MASK) << 2;
  const pageIndex = buckets >>> PAGE_SHIFT;
  arenaFree(arena, directory[r + pageIndex]);
  directory[r + pageIndex] = 0;
  words[d + PAGE_ROOM] = PAGE_BUCKETS;
  if (pageIndex > 1) return;
  words[d + ROOT] = directory[r];
  words[d + DIRECTORY] = 0;
  arenaFree(arena, root);
}

// ---- iteration

/**
 * One step of a SCAN: reads one bucket into `chain`. `cursor` is 0 at the start (unsigned 32 bits).
 * Returns the next cursor, 0 when the walk is complete.
 */
export function dictScan(arena: Arena, dict: number, cursor: number): number {
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  const low = 1 << words[d + LEVEL];
  const mask = (cursor & (low - 1)) < words[d + SPLIT] ? (low << 1) - 1 : low - 1;
  read(arena, dict, cursor & mask);
  return reverse32(reverse32(cursor | ~mask) + 1);
}

/** Reads bucket number `index` into `chain`. For full walks that nothing interrupts. */
export function dictBucketRead(arena: Arena, dict: number, index: number): number {
  return read(arena, dict, index);
}

/**
 * A uniformly chosen entry, or 0 when the table is empty. `next32` gives random words.
 * Rejection sampling over (bucket, place in chain). Chains are believed to be no longer than 16 or 32; one that proves
 * that wrong starts the search anew with longer ones.
 */
export function dictRandom(arena: Arena, dict: number, next32: () => number): number {
  const buckets = dictBucketCount(arena, dict);
  if (dictCount(arena, dict) === 0) return 0;
  let mask = isRecords(arena, dict) ? 15 : 31;
  for (;;) {
    const word = next32() >>> 0;
    const index = Math.floor((next32() >>> 0) / 4294967296 * buckets);
    const count = read(arena, dict, index);
    const place = word & mask;
    if (count > mask + 1) mask = mask * 2 + 1;
    else if (place < count) return chain.entries[place];
  }
}

function reverse32(value: number): number {
  let v = value;
  v = ((v >>> 1) & 0x55555555) | ((v & 0x55555555) << 1);
  v = ((v >>> 2) & 0x33333333) | ((v & 0x33333333) << 2);
  v = ((v >>> 4) & 0x0f0f0f0f) | ((v & 0x0f0f0f0f) << 4);
  v = ((v >>> 8) & 0x00ff00ff) | ((v & 0x00ff00ff) << 8);
  return ((v >>> 16) | (v << 16)) >>> 0;
}

/** Walks the whole table. Throws an Error naming the first broken invariant. Returns its number of arena blocks. */
export function dictVerify(arena: Arena, dict: number): number {
  const d = (dict & UNIT_MASK) << 2;
  const words = arena.i32[dict >>> SEGMENT_SHIFT].slice(d, d + HEADER_BYTES / 4);
  const buckets = words[BUCKETS];
  if (buckets !== (1 << words[LEVEL]) + words[SPLIT] || words[SPLIT] >= 1 << words[LEVEL]) {
    throw new Error(`dict: ${buckets} buckets at level ${words[LEVEL]} split ${words[SPLIT]}`);
  }
  let count = 0;
  let chains = 0;
  for (let index = 0; index < buckets; index++) {
    const head = bucketAt(arena, dict, index);
    const isOfRecords = words[KIND] === KIND_RECORDS;
    chains += isOfRecords ? recordVerify(arena, head, index) : memberVerify(arena, head, index);
    const found = read(arena, dict, index);
    for (let i = 0; i < found; i++) {
      if (!isOfRecords) verifyTag(arena, dict, index, i);
      if (indexOf(words, 0, chain.hashes[i]) !== index) {
        throw new Error(`dict: entry ${chain.entries[i]} strayed into bucket ${index}`);
      }
    }
    count += found;
  }
  if (count !== words[COUNT]) throw new Error(`dict: count ${words[COUNT]}, found ${count}`);
  if (chains !== words[CHAINS]) throw new Error(`dict: chains ${words[CHAINS]}, found ${chains}`);
  const last = ((buckets - 1) & PAGE_MASK) + 1;
  if (words[PAGE_ROOM] < last || words[PAGE_ROOM] > PAGE_BUCKETS) {
    throw new Error(`dict: ${last} buckets in a page with room for ${words[PAGE_ROOM]}`);
  }
  const pages = words[DIRECTORY] === 0 ? 1 : ((buckets + PAGE_MASK) >>> PAGE_SHIFT) + 1;
  return 1 + pages + chains;
}

/** Checks that what is known of the hash of member `i` of `chain`, read from bucket number `index`, is true. */
function verifyTag(arena: Arena, dict: number, index: number, i: number): void {
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  const hash = hashOfMember(arena, words, d, chain.entries[i]);
  const known = windowOf(words, d, index) + TAG_BITS;
  if (known < 31 && (hash & ((1 << known) - 1)) === chain.hashes[i]) return;
  if (known >= 31 && hash === chain.hashes[i]) return;
  throw new Error(`dict: member ${chain.entries[i]} in bucket ${index} has a wrong tag`);
}
