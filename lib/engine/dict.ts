// dict.ts: hash table of handles by linear hashing: grows and shrinks one bucket at a time, forever incremental.
//
// WHY NOT double the table and move: two tables at once cost half as much memory again, make every look-up ask twice
// and every SCAN reason about both. Linear hashing splits one bucket per insertion at constant load; there is no
// "rehashing" state. WHY NOT entries with pointers: a bucket holds 31 hash bits and a handle per entry, 8 bytes; at the
// load kept here 10 to 13 bytes an entry, and a split reads no key.
//
// BUCKET, one cache line of 16 words:
//
//    word 0       1             7        8         9              15
//   +--------+--------+ ... +--------+---------+---------+ ... +---------+
//   | hash 0 | hash 1 |     | hash 7 | entry 0 | entry 1 |     | entry 7 |
//   +--------+--------+ ... +--------+---------+---------+ ... +---------+
//
//   hash  : 31 bits, so never negative.
//   entry : handle of a record or member, 0 = slot not used. Used slots come first, without holes.
//   chain : when hash 7 is negative (CHAINED), entry 7 is the handle of the next bucket and only 7 slots hold entries.
//
// ADDRESS. bucketCount = 2^level + split. A hash belongs to bucket h & (2^(level+1) - 1), or, if that one does not
// exist yet, to h & (2^level - 1). Growth splits bucket `split` into itself and split + 2^level.
//
//   level 2, split 1:   buckets 0 1 2 3 4      0 and 4 look at three hash bits, 1 2 3 at two
//
// PAGES. Buckets live in pages of up to 1,024 (64 KiB). A small table is one block of 1, 2, 4 ... 1,024 buckets that is
// copied when it doubles; beyond that a directory block holds one page handle per 1,024 buckets.
//
// HEADER, one block of 48 bytes (words):
//   0 count   1 bucketCount   2 level   3 split   4 page or directory   5 directory capacity (0: single page)
//   6 kind    7 chained buckets   8 buckets allocated in the single page   9 resize policy (RESIZE_*)
//
// SCAN. The cursor walks buckets in the order of their reversed index (van der Hoeven order): a bucket stands for all
// hashes that end in its bits, so the buckets always partition the reversed hash space into intervals, however the
// table grew or shrank between two calls. The cursor is the start of the next interval. Hence: an element present from
// the first to the last call is returned; one that comes or goes may be; shrinking can return elements twice.
//
// INVARIANTS
//   1. count is the number of used slots over all chains; every entry is in the bucket its hash names.
//   2. Used slots are dense in a chain; a chained bucket (other than the first) is never empty.
//   3. bucketCount = 2^level + split, split < 2^level.
//   4. While resizing is free: LOAD_MIN * bucketCount <= count <= LOAD_MAX * bucketCount, or one step is under way.
// LIMITS: 2^31 buckets; a chain has no fixed bound but keyed hashing keeps it at a bucket or two.
// COSTS: find O(1), 1.1 to 1.3 cache lines of the table; insert and delete O(1) plus one split or merge of about eight
// entries; scan step O(entries of one bucket).
// LIFETIME: the slot registers (slotBucket, slotIndex) are valid until the next insert, delete or resize.
//
// Source: W. Litwin, "Linear Hashing: A New Tool for File and Table Addressing", VLDB 1980.

import { type Arena, arenaAlloc, arenaFree, SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";
import { memberEquals } from "./member.ts";
import { recordKeyEquals } from "./record.ts";

const SLOTS = 8;
const ENTRIES = 8;
const LINK = 7;
const CHAINED = -2147483648;
const BUCKET_BYTES = 64;
const BUCKET_WORDS = 16;
const BUCKET_UNITS = 4;
const PAGE_BUCKETS = 1024;
const PAGE_SHIFT = 10;
const PAGE_MASK = PAGE_BUCKETS - 1;

const LOAD_MAX = 6;
const LOAD_MIN = 2;

const COUNT = 0;
const BUCKETS = 1;
const LEVEL = 2;
const SPLIT = 3;
const ROOT = 4;
const DIRECTORY = 5;
const KIND = 6;
const CHAINS = 7;
const PAGE_ROOM = 8;
const POLICY = 9;
const HEADER_BYTES = 48;

/** What the entries are: key records of a database, or members of a value. */
export const KIND_RECORDS = 0;
export const KIND_MEMBERS = 1;

/** How a dict may resize: freely; only when it is four times overfull; not at all. */
export const RESIZE_FREE = 0;
export const RESIZE_AVOID = 1;
export const RESIZE_FORBID = 2;

/** Slot of the last successful find: bucket handle and slot index. */
export const slot = { bucket: 0, index: 0 };

/** Makes an empty table. Returns the handle of its header. */
export function dictCreate(arena: Arena, kind: number): number {
  const dict = arenaAlloc(arena, HEADER_BYTES);
  const page = arenaAlloc(arena, BUCKET_BYTES);
  zeroBucket(arena, page);
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  words.fill(0, d, d + HEADER_BYTES / 4);
  words[d + BUCKETS] = 1;
  words[d + ROOT] = page;
  words[d + PAGE_ROOM] = 1;
  words[d + KIND] = kind;
  return dict;
}

/** Frees the table itself, not what its entries name. */
export function dictDestroy(arena: Arena, dict: number): void {
  const buckets = dictBucketCount(arena, dict);
  for (let index = 0; index < buckets; index++) chainFree(arena, bucketAt(arena, dict, index));
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
  const room = words[d + DIRECTORY] === 0
    ? words[d + PAGE_ROOM]
    : ((words[d + BUCKETS] + PAGE_MASK) >>> PAGE_SHIFT) << PAGE_SHIFT;
  return HEADER_BYTES + (room + words[d + CHAINS]) * BUCKET_BYTES + words[d + DIRECTORY] * 4;
}

/** Sets the resize policy (RESIZE_FREE, RESIZE_AVOID, RESIZE_FORBID). */
export function dictSetPolicy(arena: Arena, dict: number, policy: number): void {
  arena.i32[dict >>> SEGMENT_SHIFT][((dict & UNIT_MASK) << 2) + POLICY] = policy;
}

/** Handle of the bucket that holds `hash`. */
function bucketOf(arena: Arena, dict: number, hash: number): number {
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  const low = 1 << words[d + LEVEL];
  let index = hash & ((low << 1) - 1);
  if (index >= words[d + BUCKETS]) index &= low - 1;
  let page = words[d + ROOT];
  if (words[d + DIRECTORY] !== 0) {
    page = arena.i32[page >>> SEGMENT_SHIFT][((page & UNIT_MASK) << 2) + (index >>> PAGE_SHIFT)];
  }
  return (page + (index & PAGE_MASK) * BUCKET_UNITS) | 0;
}

/** Handle of bucket number `index`. */
function bucketAt(arena: Arena, dict: number, index: number): number {
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
    for (let i = 0; i < SLOTS; i++) {
      if (words[b + i] === hash) {
        const entry = words[b + ENTRIES + i];
        if (entry !== 0 && recordKeyEquals(arena, entry, buf, off, len)) {
          slot.bucket = bucket;
          slot.index = i;
          return entry;
        }
      }
    }
    if (words[b + LINK] >= 0) return 0;
    bucket = words[b + ENTRIES + LINK];
  }
}

/**
 * As dictFind for a table of members (see member.ts), whose names start at `base`.
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
  let bucket = bucketOf(arena, dict, hash);
  for (;;) {
    const words = arena.i32[bucket >>> SEGMENT_SHIFT];
    const b = (bucket & UNIT_MASK) << 2;
    for (let i = 0; i < SLOTS; i++) {
      if (words[b + i] === hash) {
        const entry = words[b + ENTRIES + i];
        if (entry !== 0 && memberEquals(arena, entry, base, buf, off, len)) {
          slot.bucket = bucket;
          slot.index = i;
          return entry;
        }
      }
    }
    if (words[b + LINK] >= 0) return 0;
    bucket = words[b + ENTRIES + LINK];
  }
}

/** Reads the bucket of `hash`, so that a look-up soon after finds it in the cache. */
export function dictTouchBucket(arena: Arena, dict: number, hash: number): number {
  const bucket = bucketOf(arena, dict, hash);
  return arena.i32[bucket >>> SEGMENT_SHIFT][(bucket & UNIT_MASK) << 2];
}

/**
 * The entry a look-up of `hash` will most likely come to, or 0: the last one in the first bucket with that hash; the key
 * is not compared. Without branches: a wrongly guessed one would wait for the miss that the caller is about to start.
 */
export function dictProbe(arena: Arena, dict: number, hash: number): number {
  const bucket = bucketOf(arena, dict, hash);
  const words = arena.i32[bucket >>> SEGMENT_SHIFT];
  const b = (bucket & UNIT_MASK) << 2;
  let entry = 0;
  for (let i = b; i < b + SLOTS; i++) {
    const difference = words[i] ^ hash;
    const differs = (difference | -difference) >> 31;
    entry = (entry & differs) | (words[i + ENTRIES] & ~differs);
  }
  return entry;
}

/** Finds the slot of a known entry. Returns false when it is not in the table. */
export function dictFindEntry(arena: Arena, dict: number, hash: number, entry: number): boolean {
  let bucket = bucketOf(arena, dict, hash);
  for (;;) {
    const words = arena.i32[bucket >>> SEGMENT_SHIFT];
    const b = (bucket & UNIT_MASK) << 2;
    const chained = words[b + LINK] < 0;
    const slots = chained ? LINK : SLOTS;
    for (let i = 0; i < slots; i++) {
      if (words[b + ENTRIES + i] === entry) {
        slot.bucket = bucket;
        slot.index = i;
        return true;
      }
    }
    if (!chained) return false;
    bucket = words[b + ENTRIES + LINK];
  }
}

/** Puts another handle in the slot of the last find: the record moved. The hash stays. */
export function dictReplaceSlot(arena: Arena, entry: number): void {
  const bucket = slot.bucket;
  arena.i32[bucket >>> SEGMENT_SHIFT][((bucket & UNIT_MASK) << 2) + ENTRIES + slot.index] = entry;
}

/** Adds an entry known to be absent. May split a bucket. */
export function dictInsert(arena: Arena, dict: number, hash: number, entry: number): void {
  chainAppend(arena, dict, bucketOf(arena, dict, hash), hash, entry);
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  const count = ++words[d + COUNT];
  if (count > words[d + BUCKETS] * LOAD_MAX && words[d + POLICY] !== RESIZE_FORBID) {
    if (words[d + POLICY] === RESIZE_FREE || count > words[d + BUCKETS] * LOAD_MAX * 4) {
      dictGrow(arena, dict);
    }
  }
}

/** Removes the entry in the slot of the last find; `hash` is its hash. May merge a bucket. */
export function dictDeleteSlot(arena: Arena, dict: number, hash: number): void {
  slotRemove(arena, dict, bucketOf(arena, dict, hash), slot.bucket, slot.index);
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  const count = --words[d + COUNT];
  if (count < words[d + BUCKETS] * LOAD_MIN && words[d + BUCKETS] > 1) {
    if (words[d + POLICY] === RESIZE_FREE) dictShrink(arena, dict);
  }
}

/** One step towards the right size; true when a further step is due. For a cron to finish postponed resizes. */
export function dictResizeStep(arena: Arena, dict: number): boolean {
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  const count = words[d + COUNT];
  if (count > words[d + BUCKETS] * LOAD_MAX) dictGrow(arena, dict);
  else if (count < words[d + BUCKETS] * LOAD_MIN && words[d + BUCKETS] > 1) dictShrink(arena, dict);
  else return false;
  return true;
}

// ---- chains

function chainAppend(arena: Arena, dict: number, first: number, hash: number, entry: number): void {
  let bucket = first;
  for (;;) {
    const words = arena.i32[bucket >>> SEGMENT_SHIFT];
    const b = (bucket & UNIT_MASK) << 2;
    if (words[b + LINK] < 0) {
      bucket = words[b + ENTRIES + LINK];
      continue;
    }
    for (let i = 0; i < SLOTS; i++) {
      if (words[b + ENTRIES + i] === 0) {
        words[b + i] = hash;
        words[b + ENTRIES + i] = entry;
        return;
      }
    }
    const next = arenaAlloc(arena, BUCKET_BYTES);
    zeroBucket(arena, next);
    const nextWords = arena.i32[next >>> SEGMENT_SHIFT];
    const n = (next & UNIT_MASK) << 2;
    nextWords[n] = words[b + LINK];
    nextWords[n + ENTRIES] = words[b + ENTRIES + LINK];
    nextWords[n + 1] = hash;
    nextWords[n + ENTRIES + 1] = entry;
    words[b + LINK] = CHAINED;
    words[b + ENTRIES + LINK] = next;
    arena.i32[dict >>> SEGMENT_SHIFT][((dict & UNIT_MASK) << 2) + CHAINS]++;
    return;
  }
}

/**
 * Empties a slot by moving the last entry of the chain that starts at `head` into it; frees a chained bucket that gets
 * empty.
 */
function slotRemove(
  arena: Arena,
  dict: number,
  head: number,
  bucket: number,
  index: number,
): void {
  let before = 0;
  let last = head;
  let words = arena.i32[last >>> SEGMENT_SHIFT];
  let l = (last & UNIT_MASK) << 2;
  while (words[l + LINK] < 0) {
    before = last;
    last = words[l + ENTRIES + LINK];
    words = arena.i32[last >>> SEGMENT_SHIFT];
    l = (last & UNIT_MASK) << 2;
  }
  let i = SLOTS - 1;
  while (words[l + ENTRIES + i] === 0) i--;
  const target = arena.i32[bucket >>> SEGMENT_SHIFT];
  const t = (bucket & UNIT_MASK) << 2;
  const hash = words[l + i];
  const entry = words[l + ENTRIES + i];
  words[l + i] = 0;
  words[l + ENTRIES + i] = 0;
  if (last !== bucket || i !== index) {
    target[t + index] = hash;
    target[t + ENTRIES + index] = entry;
  }
  if (i === 0 && before !== 0) chainDrop(arena, dict, before, last);
}

function chainDrop(arena: Arena, dict: number, before: number, last: number): void {
  const words = arena.i32[before >>> SEGMENT_SHIFT];
  const b = (before & UNIT_MASK) << 2;
  words[b + LINK] = 0;
  words[b + ENTRIES + LINK] = 0;
  arenaFree(arena, last);
  arena.i32[dict >>> SEGMENT_SHIFT][((dict & UNIT_MASK) << 2) + CHAINS]--;
}

/** Handle of the bucket linked behind `bucket`, or 0. */
function chainNext(arena: Arena, bucket: number): number {
  const words = arena.i32[bucket >>> SEGMENT_SHIFT];
  const b = (bucket & UNIT_MASK) << 2;
  return words[b + LINK] < 0 ? words[b + ENTRIES + LINK] : 0;
}

/** Frees the chained buckets behind `head`; returns how many there were. */
function chainFree(arena: Arena, head: number): number {
  let freed = 0;
  let bucket = chainNext(arena, head);
  while (bucket !== 0) {
    const next = chainNext(arena, bucket);
    arenaFree(arena, bucket);
    bucket = next;
    freed++;
  }
  return freed;
}

/** Copies the entries and hashes of the chain at `head` into `chain`. */
function chainRead(arena: Arena, head: number): number {
  let count = 0;
  let bucket = head;
  for (;;) {
    const words = arena.i32[bucket >>> SEGMENT_SHIFT];
    const b = (bucket & UNIT_MASK) << 2;
    const chained = words[b + LINK] < 0;
    const slots = chained ? LINK : SLOTS;
    if (count + SLOTS > chain.entries.length) chainRoom();
    for (let i = 0; i < slots; i++) {
      const entry = words[b + ENTRIES + i];
      if (entry === 0) break;
      chain.entries[count] = entry;
      chain.hashes[count++] = words[b + i];
    }
    if (!chained) break;
    bucket = words[b + ENTRIES + LINK];
  }
  chain.count = count;
  return count;
}

function chainRoom(): void {
  const entries = new Int32Array(chain.entries.length * 2);
  entries.set(chain.entries);
  chain.entries = entries;
  const hashes = new Int32Array(chain.hashes.length * 2);
  hashes.set(chain.hashes);
  chain.hashes = hashes;
}

/** What the last dictScan or dictBucketRead found; overwritten by the next call of either and by any resize. */
export const chain = { entries: new Int32Array(64), hashes: new Int32Array(64), count: 0 };

function zeroBuckets(arena: Arena, page: number, from: number, to: number): void {
  const w = (page & UNIT_MASK) << 2;
  arena.i32[page >>> SEGMENT_SHIFT].fill(0, w + from * BUCKET_WORDS, w + to * BUCKET_WORDS);
}

/** Empties one bucket: a loop, because a call of fill costs more than sixteen stores. */
function zeroBucket(arena: Arena, bucket: number): void {
  const words = arena.i32[bucket >>> SEGMENT_SHIFT];
  const b = (bucket & UNIT_MASK) << 2;
  for (let i = 0; i < BUCKET_WORDS; i++) words[b + i] = 0;
}

// ---- growth

function dictGrow(arena: Arena, dict: number): void {
  pageMakeRoom(arena, dict);
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  const split = words[d + SPLIT];
  const bit = 1 << words[d + LEVEL];
  const source = bucketAt(arena, dict, split);
  const target = bucketAt(arena, dict, words[d + BUCKETS]);
  const count = chainRead(arena, source);
  chainClear(arena, dict, source);
  words[d + BUCKETS]++;
  if (split + 1 === bit) {
    words[d + SPLIT] = 0;
    words[d + LEVEL]++;
  } else {
    words[d + SPLIT]++;
  }
  for (let i = 0; i < count; i++) {
    const hash = chain.hashes[i];
    chainAppend(arena, dict, (hash & bit) !== 0 ? target : source, hash, chain.entries[i]);
  }
}

function chainClear(arena: Arena, dict: number, head: number): void {
  const freed = chainFree(arena, head);
  arena.i32[dict >>> SEGMENT_SHIFT][((dict & UNIT_MASK) << 2) + CHAINS] -= freed;
  zeroBucket(arena, head);
}

/** Makes bucket number bucketCount exist, empty. */
function pageMakeRoom(arena: Arena, dict: number): void {
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  const buckets = words[d + BUCKETS];
  if (words[d + DIRECTORY] === 0 && buckets < PAGE_BUCKETS) {
    if (buckets < words[d + PAGE_ROOM]) return;
    pageDouble(arena, dict);
    return;
  }
  if ((buckets & PAGE_MASK) !== 0) return;
  const pageIndex = buckets >>> PAGE_SHIFT;
  if (pageIndex >= words[d + DIRECTORY]) directoryGrow(arena, dict);
  const page = arenaAlloc(arena, PAGE_BUCKETS * BUCKET_BYTES);
  zeroBuckets(arena, page, 0, PAGE_BUCKETS);
  const root = words[d + ROOT];
  arena.i32[root >>> SEGMENT_SHIFT][((root & UNIT_MASK) << 2) + pageIndex] = page;
}

function pageDouble(arena: Arena, dict: number): void {
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  const room = words[d + PAGE_ROOM];
  pageResize(arena, dict, room, room * 2);
}

function pageResize(arena: Arena, dict: number, used: number, room: number): void {
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  const old = words[d + ROOT];
  const page = arenaAlloc(arena, room * BUCKET_BYTES);
  const source = arena.i32[old >>> SEGMENT_SHIFT];
  const s = (old & UNIT_MASK) << 2;
  const target = arena.i32[page >>> SEGMENT_SHIFT];
  const t = (page & UNIT_MASK) << 2;
  for (let i = 0; i < used * BUCKET_WORDS; i++) target[t + i] = source[s + i];
  target.fill(0, t + used * BUCKET_WORDS, t + room * BUCKET_WORDS);
  arenaFree(arena, old);
  words[d + ROOT] = page;
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

function dictShrink(arena: Arena, dict: number): void {
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  splitBack(words, d);
  const source = bucketAt(arena, dict, words[d + BUCKETS] - 1);
  const target = bucketAt(arena, dict, words[d + SPLIT]);
  const count = chainRead(arena, source);
  chainClear(arena, dict, source);
  words[d + BUCKETS]--;
  for (let i = 0; i < count; i++) {
    chainAppend(arena, dict, target, chain.hashes[i], chain.entries[i]);
  }
  pageGiveBack(arena, dict);
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
  const bucket = bucketAt(arena, dict, last);
  const found = chainRead(arena, bucket);
  chainClear(arena, dict, bucket);
  words[d + COUNT] -= found;
  if (last === 0) return found;
  splitBack(words, d);
  words[d + BUCKETS]--;
  pageGiveBack(arena, dict);
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
  if (pageIndex > 1) return;
  words[d + ROOT] = directory[r];
  words[d + DIRECTORY] = 0;
  words[d + PAGE_ROOM] = PAGE_BUCKETS;
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
  chainRead(arena, bucketAt(arena, dict, cursor & mask));
  return reverse32(reverse32(cursor | ~mask) + 1);
}

/** Reads bucket number `index` into `chain`. For full walks that nothing interrupts. */
export function dictBucketRead(arena: Arena, dict: number, index: number): number {
  return chainRead(arena, bucketAt(arena, dict, index));
}

/**
 * A uniformly chosen entry, or 0 when the table is empty. `next32` gives random words.
 * Rejection sampling over (bucket, place in chain); chains longer than 16 are cut off for this purpose.
 */
export function dictRandom(arena: Arena, dict: number, next32: () => number): number {
  const buckets = dictBucketCount(arena, dict);
  if (dictCount(arena, dict) === 0) return 0;
  for (;;) {
    const word = next32() >>> 0;
    const index = Math.floor((next32() >>> 0) / 4294967296 * buckets);
    const count = chainRead(arena, bucketAt(arena, dict, index));
    const place = word & 15;
    if (place < count) return chain.entries[place];
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
    const found = chainRead(arena, head);
    for (let i = 0; i < found; i++) {
      if (bucketOf(arena, dict, chain.hashes[i]) !== head) {
        throw new Error(`dict: entry ${chain.entries[i]} strayed into bucket ${index}`);
      }
    }
    count += found;
    const links = chainVerify(arena, head, index);
    if (links > 0 && found <= links * LINK) throw new Error(`dict: empty link at bucket ${index}`);
    chains += links;
  }
  if (count !== words[COUNT]) throw new Error(`dict: count ${words[COUNT]}, found ${count}`);
  if (chains !== words[CHAINS]) throw new Error(`dict: chains ${words[CHAINS]}, found ${chains}`);
  const pages = words[DIRECTORY] === 0 ? 1 : ((buckets + PAGE_MASK) >>> PAGE_SHIFT) + 1;
  return 1 + pages + chains;
}

function chainVerify(arena: Arena, head: number, index: number): number {
  let links = 0;
  let bucket = head;
  for (;;) {
    const words = arena.i32[bucket >>> SEGMENT_SHIFT];
    const b = (bucket & UNIT_MASK) << 2;
    const chained = words[b + LINK] < 0;
    let hole = false;
    for (let i = 0; i < (chained ? LINK : SLOTS); i++) {
      const empty = words[b + ENTRIES + i] === 0;
      if (hole && !empty) throw new Error(`dict: hole in bucket ${index}`);
      hole = hole || empty;
    }
    if (!chained) return links;
    if (hole) throw new Error(`dict: hole before a link in bucket ${index}`);
    links++;
    bucket = words[b + ENTRIES + LINK];
  }
}
