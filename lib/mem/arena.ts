// arena.ts: the memory all data lives in: segments of typed arrays, size classes, exact accounting.
//
// WHY NOT JavaScript objects: an object, string or ArrayBuffer per value costs 50 to 200 bytes of headers and is
// traced by the garbage collector. A block here costs its bytes rounded up to a multiple of 16 and is never traced.
//
// HANDLES. A block is named by a signed 32-bit handle in units of 16 bytes; 0 is "none".
//
//    31            23 22                                   0
//   +----------------+--------------------------------------+      segment = handle >>> 23
//   |    segment     |   offset in the segment / 16         |      byte    = (handle & 0x7fffff) << 4
//   +----------------+--------------------------------------+      512 segments of 128 MiB: 64 GiB
//
// Segment memory is reserved with one ArrayBuffer and committed by the operating system at first touch. The first segment
// is smaller than the others, so that an empty arena is made in no time.
//
// PAGES AND SPANS. A segment is cut in 16,384 pages of 8 KiB. Runs of pages are spans:
//
//   segment | span of class 3 (64 KiB)          | span of class 70 | large block (9 pages)| free run ...      |
//   blocks  |48|48|48|48|48|48|..(1365 of them) |
//
//   small block (<= 16 KiB): from a span of its class; a class's spans with room form a doubly linked list.
//   large block            : a span of its own, rounded up to whole pages.
//   huge block (> 64 MiB)  : a segment (ArrayBuffer) of its own, given back to the runtime when freed; when such
//                            segments are scarce, up to 128 MiB come from shared segments as well.
//
// Free blocks of a span form a list through their first word (index in the span + 1); blocks never used yet are
// handed out by a bump counter, so that untouched memory stays uncommitted. A span whose last block goes returns
// its pages; neighbouring free runs are joined at once; a segment that is entirely free is dropped (one spare is kept).
//
// A segment may be one that is being EMPTIED (evacuation.ts): nothing is allocated there, so its free runs and its spans
// with room are in no list. Its class spans carry spanEmptied(class) instead of their class: the one negative mark sends
// what happens to them to the slow paths. When its last block goes the segment is dropped.
//
// ROOM. When a runtime refuses a segment, small ones are tried: a command under way shall come to its end. Before it comes
// to that, and before the last segment is full, onLow is called, so that no more commands begin that need memory.
//
// TOUCHED PAGES. Once used, a page of a segment stays with the process until the segment is dropped: a runtime gives back
// buffers, not parts of them. A byte a page says which were used; touchedBytes is about what is resident.
//
// SPAN TABLE, one row of 8 words per span, in an Int32Array that grows:
//
//   word 0 first page (global: segment << 14 | page)   4 free list head (index + 1, 0 none)
//        1 pages                                       5 bump: blocks handed out so far
//        2 class (0.. small, CLASS_*, spanEmptied())   6 previous in list
//        3 live blocks                                 7 next in list
//
// PAGE MAP: Int32Array per segment, page -> span row; for free runs only the first and last page are kept true.
//
// INVARIANTS
//   1. Every page belongs to exactly one span or free run; no two free runs are neighbours.
//   2. usedBytes = sum over classes of live blocks times block size, plus large and huge blocks' page bytes.
//   3. A class span is in its class list exactly when it has room.
//   4. A handle that was returned stays valid, at the same place, until arenaFree.
// LIFETIME: views (arena.u8[i], arena.i32[i]) are fetched again after any allocation; a segment's arrays never move
// once made, but the arrays of arrays grow.
//
// COSTS: allocation and release O(1) for small blocks (8 to 12 ns); large ones O(1) by exact run lengths up to 255
// pages, a walk over the bigger runs above.
//
// Source: the page heap and span design of Ghemawat and Menage, "TCMalloc: Thread-Caching Malloc"; size classes four
// per doubling as in jemalloc.

import { OutOfMemoryError } from "../bytes/out_of_memory.ts";
import { FIRST_SEGMENT_BYTES, SEGMENT_BYTES, SEGMENTS_MAX } from "../limits.ts";

export const UNIT_BYTES = 16;
export const SEGMENT_SHIFT = 23;
export const UNIT_MASK = (1 << SEGMENT_SHIFT) - 1;

export const PAGE_BYTES = 8192;
const PAGE_UNITS_SHIFT = 9;
const PAGES_PER_SEGMENT = SEGMENT_BYTES / PAGE_BYTES;
const PAGE_SHIFT = 14;
const PAGE_MASK = PAGES_PER_SEGMENT - 1;

const SMALL_BYTES_MAX = 16384;
const EXACT_RUNS = 256;
const HUGE_BYTES_MIN = SEGMENT_BYTES / 2;
const HUGE_SEGMENTS_MAX = 256;

// Words of a span row. Exported are those, and functions further down, that evacuation.ts shares.
export const SPAN_WORDS_SHIFT = 3;
const SPAN_FIRST = 0;
export const SPAN_PAGES = 1;
export const SPAN_CLASS = 2;
export const SPAN_LIVE = 3;
const SPAN_FREE = 4;
const SPAN_BUMP = 5;
const SPAN_PREV = 6;
const SPAN_NEXT = 7;

/** The smallest segment that is tried. */
const SEGMENT_BYTES_MIN = 4 * 1024 * 1024;

/** A spare segment keeps data that grows and shrinks across a border from churning buffers. */
const EMPTY_SEGMENTS_MAX = 1;

export const CLASS_FREE = -1;
export const CLASS_LARGE = -2;
/** Classes of spans in a segment that is being emptied lie below this, see spanEmptied. */
const CLASS_EMPTIED = -3;

// Class tables: bytes per block, pages per span, blocks per span.
const classBytes: number[] = [];
const classPages: number[] = [];
const classBlocks: number[] = [];
const classOfUnits = new Uint8Array(SMALL_BYTES_MAX / UNIT_BYTES + 1);

function buildClasses(): void {
  let bytes = 0;
  while (bytes < SMALL_BYTES_MAX) {
    bytes += bytes < 1024 ? UNIT_BYTES : 1 << (Math.floor(Math.log2(bytes)) - 2);
    const first = classBytes.length === 0 ? 0 : classBytes[classBytes.length - 1] / UNIT_BYTES + 1;
    classOfUnits.fill(classBytes.length, first, bytes / UNIT_BYTES + 1);
    const pages = bytes <= 4096 ? 8 : 16;
    classBytes.push(bytes);
    classPages.push(pages);
    classBlocks.push(Math.floor(pages * PAGE_BYTES / bytes));
  }
}
buildClasses();

export const CLASS_COUNT = classBytes.length;
export const CLASS_BYTES = Int32Array.from(classBytes);
const CLASS_PAGES = Int32Array.from(classPages);
export const CLASS_BLOCKS = Int32Array.from(classBlocks);

if (CLASS_BYTES[CLASS_COUNT - 1] !== SMALL_BYTES_MAX) throw new Error("arena: class table is off");
if (PAGES_PER_SEGMENT !== 1 << PAGE_SHIFT) throw new Error("arena: page table is off");
if (SEGMENT_BYTES / UNIT_BYTES !== 1 << SEGMENT_SHIFT) {
  throw new Error("arena: handle layout is off");
}

const NO_BYTES = new Uint8Array(0);
const NO_WORDS = new Int32Array(0);
const NO_DATA = new DataView(NO_BYTES.buffer);

/** Thrown when no segment is left or the runtime refuses a buffer; caught at the session boundary. */
export class ArenaFullError extends OutOfMemoryError {
  constructor(bytes: number) {
    super("arena", bytes);
    this.name = "ArenaFullError";
  }
}

/** State of one arena. Handed to every function below; engines never share one. */
export class Arena {
  /** Views by segment number. */
  u8: Uint8Array[] = [];
  i32: Int32Array[] = [];
  data: DataView[] = [];
  /** Bytes of live blocks, rounded to their class. */
  usedBytes = 0;
  peakBytes = 0;
  /** Bytes of all segments, committed or not. */
  reservedBytes = 0;
  /** Bytes of pages that belong to spans (an upper bound of what was touched and is in use). */
  spanBytes = 0;
  liveBlocks = 0;
  spans = new Int32Array(1024 << SPAN_WORDS_SHIFT);
  spanCount = 1;
  freeRow = 0;
  pageSpan: Int32Array[] = [];
  hugeBytes: number[] = [];
  hugeCount = 0;
  classHead = new Int32Array(CLASS_COUNT);
  runHead = new Int32Array(EXACT_RUNS + 1);
  freeSegments: number[] = [];
  /** Segments that are one free run; more than EMPTY_SEGMENTS_MAX are not kept. */
  emptySegments = 0;
  /** Most segments. */
  segmentsMax = SEGMENTS_MAX;
  /** A byte a page by segment, 1 = was used; and how many bytes that is, of each segment and of all. */
  touched: Uint8Array[] = [];
  touchedBytesOf: number[] = [];
  touchedBytes = 0;
  /** Spans in use by segment, of those that are being emptied; 0 for all others. */
  emptying = new Int32Array(SEGMENTS_MAX);
  /** Segments that are being emptied. */
  emptyingCount = 0;
  /** Where buffers come from. */
  makeBuffer: (bytes: number) => ArrayBuffer = (bytes) => new ArrayBuffer(bytes);
  /** The runtime refused a segment, and nothing was given back since. */
  refused = false;
  /** Called when there is less room than lowBytes and the lowShift-th part of what is used. */
  onLow: (() => void) | null = null;
  lowBytes = 0;
  lowShift = 0;
  /** Asked when no segment is left: true when free runs came back meanwhile. */
  onFull: ((arena: Arena) => boolean) | null = null;
  /** Node of a list at which somebody goes on later; when it is freed its follower takes its place (quicklist_node.ts). */
  listBookmark = 0;
  /** Segments dropped, ever. */
  drops = 0;
  /**
   * Whether a dropped segment's pages go back to the system at once, without waiting for the collector. For runtimes that
   * unmap in the background. V8 unmaps at once (10 ms for 128 MiB), and throws optimised code away when a buffer is
   * detached (25 ms and more): there the collector, which frees buffers beside the program, is the better choice.
   */
  detachBuffers = false;

  constructor() {
    // Unit 0 of segment 0 is never handed out, so that handle 0 can mean "none".
    segmentAdd(this, FIRST_SEGMENT_BYTES);
    const row = runTake(this, 1);
    this.spans[(row << SPAN_WORDS_SHIFT) + SPAN_CLASS] = CLASS_LARGE;
    this.spans[(row << SPAN_WORDS_SHIFT) + SPAN_LIVE] = 1;
  }
}

/** Bytes a block of `bytes` really takes. */
export function arenaRounded(bytes: number): number {
  if (bytes <= SMALL_BYTES_MAX) return CLASS_BYTES[classOfUnits[(bytes + 15) >> 4]];
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
}

/**
 * A block of at least `bytes` bytes, contents undefined.
 * Returns its handle. Throws ArenaFullError when memory cannot be had.
 */
export function arenaAlloc(arena: Arena, bytes: number): number {
  if (bytes > SMALL_BYTES_MAX) return allocLarge(arena, bytes);
  const cls = classOfUnits[(bytes + 15) >> 4];
  let row = arena.classHead[cls];
  if (row === 0) row = classGrow(arena, cls);
  const spans = arena.spans;
  const s = row << SPAN_WORDS_SHIFT;
  const blockBytes = CLASS_BYTES[cls];
  const base = spanHandle(spans[s + SPAN_FIRST]);
  let index = spans[s + SPAN_FREE];
  let handle: number;
  if (index !== 0) {
    index--;
    handle = (base + index * (blockBytes >> 4)) | 0;
    spans[s + SPAN_FREE] = arena.i32[handle >>> SEGMENT_SHIFT][(handle & UNIT_MASK) << 2];
  } else {
    index = spans[s + SPAN_BUMP]++;
    handle = (base + index * (blockBytes >> 4)) | 0;
  }
  const live = ++spans[s + SPAN_LIVE];
  if (live === CLASS_BLOCKS[cls]) listRemove(arena, cls, row);
  arena.liveBlocks++;
  const used = arena.usedBytes += blockBytes;
  if (used > arena.peakBytes) arena.peakBytes = used;
  return handle;
}

/** Gives a block back. The handle must come from arenaAlloc and be live. */
export function arenaFree(arena: Arena, handle: number): void {
  const seg = handle >>> SEGMENT_SHIFT;
  const page = (handle & UNIT_MASK) >> PAGE_UNITS_SHIFT;
  const row = arena.pageSpan[seg][page];
  const spans = arena.spans;
  const s = row << SPAN_WORDS_SHIFT;
  const cls = spans[s + SPAN_CLASS];
  arena.liveBlocks--;
  if (cls < 0) {
    if (cls <= CLASS_EMPTIED) freeEmptied(arena, handle, row);
    else freeLarge(arena, row, seg);
    return;
  }
  const blockBytes = CLASS_BYTES[cls];
  arena.usedBytes -= blockBytes;
  const base = spanHandle(spans[s + SPAN_FIRST]);
  const index = ((handle - base) | 0) / (blockBytes >> 4) | 0;
  arena.i32[seg][(handle & UNIT_MASK) << 2] = spans[s + SPAN_FREE];
  spans[s + SPAN_FREE] = index + 1;
  const live = --spans[s + SPAN_LIVE];
  if (live === CLASS_BLOCKS[cls] - 1) listPush(arena, cls, row);
  if (live === 0 && (seg !== 0 || spans[s + SPAN_PREV] !== 0 || spans[s + SPAN_NEXT] !== 0)) {
    // A class keeps its last empty span, so that a lone key set and deleted does not churn pages; but only in the first
    // segment, which is never dropped: elsewhere it would hold a whole segment back.
    listRemove(arena, cls, row);
    runRelease(arena, row);
  }
}

/** Bytes usable in the block: its size class or whole pages. */
export function arenaUsable(arena: Arena, handle: number): number {
  const seg = handle >>> SEGMENT_SHIFT;
  const row = arena.pageSpan[seg][(handle & UNIT_MASK) >> PAGE_UNITS_SHIFT];
  const s = row << SPAN_WORDS_SHIFT;
  const cls = arena.spans[s + SPAN_CLASS];
  if (cls >= 0) return CLASS_BYTES[cls];
  if (cls <= CLASS_EMPTIED) return CLASS_BYTES[spanEmptied(cls)];
  if (arena.hugeBytes[seg] !== 0) return arena.hugeBytes[seg];
  return arena.spans[s + SPAN_PAGES] * PAGE_BYTES;
}

/** Forgets every block at once, whatever their number (FLUSHALL of everything). */
export function arenaReset(arena: Arena): void {
  const fresh = new Arena();
  fresh.peakBytes = arena.peakBytes;
  fresh.detachBuffers = arena.detachBuffers;
  fresh.segmentsMax = arena.segmentsMax;
  fresh.onFull = arena.onFull;
  fresh.makeBuffer = arena.makeBuffer;
  fresh.onLow = arena.onLow;
  fresh.lowBytes = arena.lowBytes;
  fresh.lowShift = arena.lowShift;
  fresh.drops = arena.drops + 1;
  for (let seg = 0; seg < arena.u8.length; seg++) bufferDrop(arena, seg);
  Object.assign(arena, fresh);
}

/** Drops the spare segments, which arenaFree keeps for data that grows again. Returns how many there were. */
export function arenaTrim(arena: Arena): number {
  const count = arena.emptySegments;
  for (let seg = 1; seg < arena.u8.length && arena.emptySegments > 0; seg++) {
    if (arena.u8[seg].length === 0 || arena.hugeBytes[seg] !== 0) continue;
    const row = arena.pageSpan[seg][0];
    const s = row << SPAN_WORDS_SHIFT;
    if (arena.spans[s + SPAN_CLASS] !== CLASS_FREE) continue;
    if (arena.spans[s + SPAN_PAGES] !== PAGES_PER_SEGMENT) continue;
    arena.emptySegments--;
    segmentUnlist(arena, row, seg);
  }
  return count;
}

function spanHandle(firstPage: number): number {
  return firstPage << PAGE_UNITS_SHIFT;
}

/** What stands for a class in a segment that is being emptied, and the other way round. */
export function spanEmptied(cls: number): number {
  return CLASS_EMPTIED - cls;
}

// ---- class lists

export function listPush(arena: Arena, cls: number, row: number): void {
  const spans = arena.spans;
  const head = arena.classHead[cls];
  const s = row << SPAN_WORDS_SHIFT;
  spans[s + SPAN_PREV] = 0;
  spans[s + SPAN_NEXT] = head;
  if (head !== 0) spans[(head << SPAN_WORDS_SHIFT) + SPAN_PREV] = row;
  arena.classHead[cls] = row;
}

export function listRemove(arena: Arena, cls: number, row: number): void {
  const spans = arena.spans;
  const s = row << SPAN_WORDS_SHIFT;
  const prev = spans[s + SPAN_PREV];
  const next = spans[s + SPAN_NEXT];
  if (prev !== 0) spans[(prev << SPAN_WORDS_SHIFT) + SPAN_NEXT] = next;
  else arena.classHead[cls] = next;
  if (next !== 0) spans[(next << SPAN_WORDS_SHIFT) + SPAN_PREV] = prev;
  spans[s + SPAN_PREV] = 0;
  spans[s + SPAN_NEXT] = 0;
}

function classGrow(arena: Arena, cls: number): number {
  const row = runTake(arena, CLASS_PAGES[cls]);
  const spans = arena.spans;
  const s = row << SPAN_WORDS_SHIFT;
  spans[s + SPAN_CLASS] = cls;
  spans[s + SPAN_LIVE] = 0;
  spans[s + SPAN_FREE] = 0;
  spans[s + SPAN_BUMP] = 0;
  const first = spans[s + SPAN_FIRST];
  const map = arena.pageSpan[first >>> PAGE_SHIFT];
  map.fill(row, first & PAGE_MASK, (first & PAGE_MASK) + CLASS_PAGES[cls]);
  listPush(arena, cls, row);
  return row;
}

// ---- large and huge blocks

function allocLarge(arena: Arena, bytes: number): number {
  if (bytes > SEGMENT_BYTES || (bytes > HUGE_BYTES_MIN && arena.hugeCount < HUGE_SEGMENTS_MAX)) {
    return allocHuge(arena, bytes);
  }
  const pages = Math.ceil(bytes / PAGE_BYTES);
  const row = runTake(arena, pages);
  const spans = arena.spans;
  const s = row << SPAN_WORDS_SHIFT;
  spans[s + SPAN_CLASS] = CLASS_LARGE;
  spans[s + SPAN_LIVE] = 1;
  const first = spans[s + SPAN_FIRST];
  arena.pageSpan[first >>> PAGE_SHIFT][first & PAGE_MASK] = row;
  account(arena, pages * PAGE_BYTES);
  return spanHandle(first);
}

function account(arena: Arena, bytes: number): void {
  arena.liveBlocks++;
  arena.usedBytes += bytes;
  if (arena.usedBytes > arena.peakBytes) arena.peakBytes = arena.usedBytes;
}

function allocHuge(arena: Arena, bytes: number): number {
  const size = Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
  const seg = segmentNumber(arena, bytes);
  segmentBuffer(arena, seg, size);
  arena.hugeBytes[seg] = size;
  arena.hugeCount++;
  const row = rowTake(arena);
  const s = row << SPAN_WORDS_SHIFT;
  arena.spans[s + SPAN_FIRST] = seg << PAGE_SHIFT;
  arena.spans[s + SPAN_PAGES] = size / PAGE_BYTES;
  arena.spans[s + SPAN_CLASS] = CLASS_LARGE;
  arena.spans[s + SPAN_LIVE] = 1;
  arena.pageSpan[seg] = Int32Array.of(row);
  arena.spanBytes += size;
  arena.touchedBytesOf[seg] = size;
  arena.touchedBytes += size;
  account(arena, size);
  return seg << SEGMENT_SHIFT;
}

function freeLarge(arena: Arena, row: number, seg: number): void {
  const huge = arena.hugeBytes[seg];
  if (huge !== 0) {
    arena.usedBytes -= huge;
    arena.spanBytes -= huge;
    arena.hugeBytes[seg] = 0;
    arena.hugeCount--;
    rowRelease(arena, row);
    segmentDrop(arena, seg);
    return;
  }
  arena.usedBytes -= arena.spans[(row << SPAN_WORDS_SHIFT) + SPAN_PAGES] * PAGE_BYTES;
  runRelease(arena, row);
}

/** Gives a block of a class span in a segment that is being emptied back. */
function freeEmptied(arena: Arena, handle: number, row: number): void {
  const s = row << SPAN_WORDS_SHIFT;
  const cls = spanEmptied(arena.spans[s + SPAN_CLASS]);
  arena.usedBytes -= CLASS_BYTES[cls];
  const index = ((handle - spanHandle(arena.spans[s + SPAN_FIRST])) | 0) / (CLASS_BYTES[cls] >> 4) |
    0;
  arena.i32[handle >>> SEGMENT_SHIFT][(handle & UNIT_MASK) << 2] = arena.spans[s + SPAN_FREE];
  arena.spans[s + SPAN_FREE] = index + 1;
  if (--arena.spans[s + SPAN_LIVE] === 0) runRelease(arena, row);
}

// ---- span rows

function rowTake(arena: Arena): number {
  let row = arena.freeRow;
  if (row !== 0) {
    arena.freeRow = arena.spans[(row << SPAN_WORDS_SHIFT) + SPAN_NEXT];
  } else {
    row = arena.spanCount++;
    if ((arena.spanCount << SPAN_WORDS_SHIFT) > arena.spans.length) {
      const bigger = new Int32Array(arena.spans.length * 2);
      bigger.set(arena.spans);
      arena.spans = bigger;
    }
  }
  arena.spans.fill(0, row << SPAN_WORDS_SHIFT, (row + 1) << SPAN_WORDS_SHIFT);
  return row;
}

export function rowRelease(arena: Arena, row: number): void {
  arena.spans.fill(0, row << SPAN_WORDS_SHIFT, (row + 1) << SPAN_WORDS_SHIFT);
  arena.spans[(row << SPAN_WORDS_SHIFT) + SPAN_NEXT] = arena.freeRow;
  arena.freeRow = row;
}

// ---- runs of free pages

function runList(pages: number): number {
  return pages < EXACT_RUNS ? pages : EXACT_RUNS;
}

export function runPush(arena: Arena, row: number): void {
  const spans = arena.spans;
  const s = row << SPAN_WORDS_SHIFT;
  const list = runList(spans[s + SPAN_PAGES]);
  const head = arena.runHead[list];
  spans[s + SPAN_CLASS] = CLASS_FREE;
  spans[s + SPAN_PREV] = 0;
  spans[s + SPAN_NEXT] = head;
  if (head !== 0) spans[(head << SPAN_WORDS_SHIFT) + SPAN_PREV] = row;
  arena.runHead[list] = row;
  const first = spans[s + SPAN_FIRST];
  const map = arena.pageSpan[first >>> PAGE_SHIFT];
  map[first & PAGE_MASK] = row;
  map[(first & PAGE_MASK) + spans[s + SPAN_PAGES] - 1] = row;
}

export function runUnlink(arena: Arena, row: number): void {
  const spans = arena.spans;
  const s = row << SPAN_WORDS_SHIFT;
  const prev = spans[s + SPAN_PREV];
  const next = spans[s + SPAN_NEXT];
  if (prev !== 0) spans[(prev << SPAN_WORDS_SHIFT) + SPAN_NEXT] = next;
  else arena.runHead[runList(spans[s + SPAN_PAGES])] = next;
  if (next !== 0) spans[(next << SPAN_WORDS_SHIFT) + SPAN_PREV] = prev;
}

function runFind(arena: Arena, pages: number): number {
  for (let list = runList(pages); list < EXACT_RUNS; list++) {
    if (arena.runHead[list] !== 0) return arena.runHead[list];
  }
  // Best fit among the big ones, lowest address on ties, so that high segments can empty.
  let best = 0;
  let bestPages = PAGES_PER_SEGMENT + 1;
  for (let row = arena.runHead[EXACT_RUNS]; row !== 0;) {
    const s = row << SPAN_WORDS_SHIFT;
    const has = arena.spans[s + SPAN_PAGES];
    if (has >= pages && has < bestPages) {
      best = row;
      bestPages = has;
    }
    row = arena.spans[s + SPAN_NEXT];
  }
  return best;
}

function runTake(arena: Arena, pages: number): number {
  let row = runFind(arena, pages);
  if (row === 0 && isFull(arena) && arena.onFull !== null && arena.onFull(arena)) {
    row = runFind(arena, pages);
  }
  if (row === 0) {
    segmentAddAny(arena, pages * PAGE_BYTES);
    row = runFind(arena, pages);
  }
  runUnlink(arena, row);
  const s = row << SPAN_WORDS_SHIFT;
  const rest = arena.spans[s + SPAN_PAGES] - pages;
  if (arena.spans[s + SPAN_PAGES] === PAGES_PER_SEGMENT) arena.emptySegments--;
  if (rest > 0) {
    const restRow = rowTake(arena);
    arena.spans[(restRow << SPAN_WORDS_SHIFT) + SPAN_FIRST] = arena.spans[s + SPAN_FIRST] + pages;
    arena.spans[(restRow << SPAN_WORDS_SHIFT) + SPAN_PAGES] = rest;
    arena.spans[s + SPAN_PAGES] = pages;
    runPush(arena, restRow);
  }
  arena.spans[s + SPAN_PREV] = 0;
  arena.spans[s + SPAN_NEXT] = 0;
  const first = arena.spans[s + SPAN_FIRST];
  const map = arena.pageSpan[first >>> PAGE_SHIFT];
  map[first & PAGE_MASK] = row;
  map[(first & PAGE_MASK) + pages - 1] = row;
  arena.spanBytes += pages * PAGE_BYTES;
  touch(arena, first, pages);
  tellIfLow(arena);
  return row;
}

function tellIfLow(arena: Arena): void {
  if (arena.onLow === null) return;
  if (arenaRoom(arena) < arena.lowBytes + arena.usedBytes / 2 ** arena.lowShift) arena.onLow();
}

function touch(arena: Arena, first: number, pages: number): void {
  const seg = first >>> PAGE_SHIFT;
  const touched = arena.touched[seg];
  let fresh = 0;
  for (let page = first & PAGE_MASK, end = page + pages; page < end; page++) {
    fresh += 1 - touched[page];
    touched[page] = 1;
  }
  arena.touchedBytesOf[seg] += fresh * PAGE_BYTES;
  arena.touchedBytes += fresh * PAGE_BYTES;
}

function runRelease(arena: Arena, row: number): void {
  const spans = arena.spans;
  const s = row << SPAN_WORDS_SHIFT;
  arena.spanBytes -= spans[s + SPAN_PAGES] * PAGE_BYTES;
  const seg = spans[s + SPAN_FIRST] >>> PAGE_SHIFT;
  if (arena.emptying[seg] !== 0) {
    spans[s + SPAN_CLASS] = CLASS_FREE;
    if (--arena.emptying[seg] === 0) segmentEmptied(arena, seg);
    return;
  }
  const map = arena.pageSpan[seg];
  const after = (spans[s + SPAN_FIRST] & PAGE_MASK) + spans[s + SPAN_PAGES];
  if (after < map.length) joinNext(arena, row, map[after]);
  const first = spans[s + SPAN_FIRST] & PAGE_MASK;
  let kept = row;
  if (first > 0 && joinNext(arena, map[first - 1], row)) kept = map[first - 1];
  runPush(arena, kept);
  const isWhole = spans[(kept << SPAN_WORDS_SHIFT) + SPAN_PAGES] === map.length;
  if (isWhole && map.length < PAGES_PER_SEGMENT) return segmentUnlist(arena, kept, seg);
  if (!isWhole) return;
  if (arena.emptySegments < EMPTY_SEGMENTS_MAX) arena.emptySegments++;
  else segmentUnlist(arena, kept, seg);
}

/** Joins the free run `right` to `left`; returns false when the one that is listed is not free. */
function joinNext(arena: Arena, left: number, right: number): boolean {
  const spans = arena.spans;
  const l = left << SPAN_WORDS_SHIFT;
  const r = right << SPAN_WORDS_SHIFT;
  const listed = spans[l + SPAN_CLASS] === CLASS_FREE ? left : right;
  if (spans[(listed << SPAN_WORDS_SHIFT) + SPAN_CLASS] !== CLASS_FREE) return false;
  runUnlink(arena, listed);
  spans[l + SPAN_PAGES] += spans[r + SPAN_PAGES];
  rowRelease(arena, right);
  return true;
}

// ---- segments

/** Bytes of pages that are free, and of segments that can still be made. */
export function arenaRoom(arena: Arena): number {
  const free = arena.reservedBytes - arena.spanBytes;
  if (arena.refused) return free;
  const segments = arena.freeSegments.length + Math.max(0, arena.segmentsMax - arena.u8.length);
  return free + segments * SEGMENT_BYTES;
}

/** Whether a block of so many bytes can be had now. */
export function arenaCanHold(arena: Arena, bytes: number): boolean {
  if (bytes <= HUGE_BYTES_MIN && runFind(arena, Math.ceil(bytes / PAGE_BYTES)) !== 0) return true;
  if (isFull(arena)) return false;
  try {
    arena.makeBuffer(Math.max(bytes, SEGMENT_BYTES));
    return true;
  } catch {
    return false;
  }
}

function isFull(arena: Arena): boolean {
  return arena.freeSegments.length === 0 && arena.u8.length >= arena.segmentsMax;
}

function segmentNumber(arena: Arena, bytes: number): number {
  if (isFull(arena)) throw new ArenaFullError(bytes);
  return arena.freeSegments.pop() ?? arena.u8.length;
}

function segmentBuffer(arena: Arena, seg: number, bytes: number): void {
  let buffer: ArrayBuffer;
  try {
    buffer = arena.makeBuffer(bytes);
  } catch {
    if (seg < arena.u8.length) arena.freeSegments.push(seg);
    if (bytes <= SEGMENT_BYTES) arena.refused = true;
    throw new ArenaFullError(bytes);
  }
  arena.u8[seg] = new Uint8Array(buffer);
  arena.i32[seg] = new Int32Array(buffer);
  arena.data[seg] = new DataView(buffer);
  arena.hugeBytes[seg] = 0;
  arena.touched[seg] = NO_BYTES;
  arena.touchedBytesOf[seg] = 0;
  arena.reservedBytes += bytes;
}

/** Adds a segment for a run of `bytes`, a smaller one than usual when the runtime has no other. */
function segmentAddAny(arena: Arena, bytes: number): void {
  let size = SEGMENT_BYTES;
  for (;;) {
    try {
      return segmentAdd(arena, size);
    } catch (error) {
      size = size >> 1;
      if (!arena.refused || isFull(arena) || size < Math.max(bytes, SEGMENT_BYTES_MIN)) throw error;
    }
  }
}

/** Adds a segment as one free run. The first is smaller; as unit 0 is taken from it, it never counts as empty. */
function segmentAdd(arena: Arena, bytes: number): void {
  const seg = segmentNumber(arena, bytes);
  const pages = bytes / PAGE_BYTES;
  segmentBuffer(arena, seg, bytes);
  arena.pageSpan[seg] = new Int32Array(pages);
  arena.touched[seg] = new Uint8Array(pages);
  const row = rowTake(arena);
  arena.spans[(row << SPAN_WORDS_SHIFT) + SPAN_FIRST] = seg << PAGE_SHIFT;
  arena.spans[(row << SPAN_WORDS_SHIFT) + SPAN_PAGES] = pages;
  if (pages === PAGES_PER_SEGMENT) arena.emptySegments++;
  runPush(arena, row);
}

/** Drops a segment that is one listed free run: the only way to give memory back. The first one never is: unit 0. */
function segmentUnlist(arena: Arena, row: number, seg: number): void {
  runUnlink(arena, row);
  rowRelease(arena, row);
  segmentDrop(arena, seg);
}

/** Drops a segment that was emptied: a row for each span that was there, and the free runs between them. */
export function segmentEmptied(arena: Arena, seg: number): void {
  const map = arena.pageSpan[seg];
  for (let page = 0; page < map.length;) {
    const row = map[page];
    page += arena.spans[(row << SPAN_WORDS_SHIFT) + SPAN_PAGES];
    rowRelease(arena, row);
  }
  arena.emptying[seg] = 0;
  arena.emptyingCount--;
  segmentDrop(arena, seg);
}

/** Lets go of a segment's buffer. */
function bufferDrop(arena: Arena, seg: number): void {
  if (arena.u8[seg].length === 0) return;
  if (arena.detachBuffers) (arena.u8[seg].buffer as ArrayBuffer).transfer(0);
}

function segmentDrop(arena: Arena, seg: number): void {
  arena.reservedBytes -= arena.u8[seg].length;
  arena.touchedBytes -= arena.touchedBytesOf[seg];
  arena.touchedBytesOf[seg] = 0;
  arena.touched[seg] = NO_BYTES;
  arena.drops++;
  arena.refused = false;
  bufferDrop(arena, seg);
  arena.u8[seg] = NO_BYTES;
  arena.i32[seg] = NO_WORDS;
  arena.data[seg] = NO_DATA;
  arena.pageSpan[seg] = NO_WORDS;
  arena.freeSegments.push(seg);
}

// ---- verification

/**
 * Walks every page and list. Throws an Error naming the first broken invariant.
 * Returns the number of live blocks, to be compared with what the roots reach.
 */
export function arenaVerify(arena: Arena): number {
  let used = 0;
  let live = 0;
  let empty = 0;
  let freeRuns = 0;
  const emptied = new Int32Array(SEGMENTS_MAX);
  for (let seg = 0; seg < arena.u8.length; seg++) {
    verifyTouched(arena, seg);
    if (arena.u8[seg].length === 0) continue;
    if (arena.hugeBytes[seg] !== 0) {
      used += arena.hugeBytes[seg];
      live++;
      continue;
    }
    let wasFree = false;
    for (let page = 0; page < arena.pageSpan[seg].length;) {
      const row = arena.pageSpan[seg][page];
      const s = row << SPAN_WORDS_SHIFT;
      const [first, pages, cls, count] = arena.spans.subarray(s, s + 4);
      if (first !== ((seg << PAGE_SHIFT) | page)) {
        throw new Error(`arena: page ${seg}:${page} maps to span ${row} which starts at ${first}`);
      }
      if (cls === CLASS_FREE && wasFree) throw new Error(`arena: free runs meet at ${seg}:${page}`);
      const isEmptied = arena.emptying[seg] !== 0;
      wasFree = cls === CLASS_FREE && !isEmptied;
      if (cls === CLASS_LARGE && first !== 0) {
        used += pages * PAGE_BYTES;
        live++;
      }
      if (cls >= 0 || cls <= CLASS_EMPTIED) {
        if (cls < 0 !== isEmptied) throw new Error(`arena: class ${cls} at ${seg}:${page}`);
        verifySpan(arena, row);
        used += count * CLASS_BYTES[isEmptied ? spanEmptied(cls) : cls];
        live += count;
      }
      if (isEmptied && cls !== CLASS_FREE) emptied[seg]++;
      if (cls === CLASS_FREE && !isEmptied) {
        freeRuns++;
        if (pages === PAGES_PER_SEGMENT) empty++;
      }
      page += pages;
    }
  }
  verifyRuns(arena, freeRuns);
  for (let seg = 0; seg < SEGMENTS_MAX; seg++) {
    if (emptied[seg] !== arena.emptying[seg]) {
      throw new Error(`arena: ${arena.emptying[seg]} spans left in ${seg}, found ${emptied[seg]}`);
    }
  }
  if (empty !== arena.emptySegments) {
    throw new Error(`arena: ${arena.emptySegments} empty segments, found ${empty}`);
  }
  if (used !== arena.usedBytes) throw new Error(`arena: used ${arena.usedBytes}, found ${used}`);
  if (live !== arena.liveBlocks) throw new Error(`arena: live ${arena.liveBlocks}, found ${live}`);
  return live;
}

/** Checks the count of used pages of a segment. */
function verifyTouched(arena: Arena, seg: number): void {
  const want = arena.touched[seg].reduce((sum, one) => sum + one, 0) * PAGE_BYTES;
  const has = arena.touchedBytesOf[seg];
  if (has !== want && has !== arena.hugeBytes[seg]) {
    throw new Error(`arena: ${has} bytes touched in segment ${seg}, found ${want}`);
  }
}

/** Checks that the lists hold the free runs, `count` of them, each in the list of its length. */
function verifyRuns(arena: Arena, count: number): void {
  let listed = 0;
  for (let list = 0; list <= EXACT_RUNS; list++) {
    for (let row = arena.runHead[list]; row !== 0; listed++) {
      const s = row << SPAN_WORDS_SHIFT;
      if (
        arena.spans[s + SPAN_CLASS] !== CLASS_FREE || runList(arena.spans[s + SPAN_PAGES]) !== list
      ) {
        throw new Error(`arena: span ${row} is in the list of ${list} free pages`);
      }
      row = arena.spans[s + SPAN_NEXT];
    }
  }
  if (listed !== count) throw new Error(`arena: ${listed} free runs in lists, found ${count}`);
}

function verifySpan(arena: Arena, row: number): void {
  const s = row << SPAN_WORDS_SHIFT;
  const spans = arena.spans;
  const isEmptied = spans[s + SPAN_CLASS] <= CLASS_EMPTIED;
  const cls = isEmptied ? spanEmptied(spans[s + SPAN_CLASS]) : spans[s + SPAN_CLASS];
  const base = spanHandle(spans[s + SPAN_FIRST]);
  const units = CLASS_BYTES[cls] >> 4;
  let free = 0;
  for (let index = spans[s + SPAN_FREE]; index !== 0; free++) {
    if (index > spans[s + SPAN_BUMP] || free > CLASS_BLOCKS[cls]) {
      throw new Error(`arena: broken free list in span ${row}`);
    }
    const handle = base + (index - 1) * units;
    index = arena.i32[handle >>> SEGMENT_SHIFT][(handle & UNIT_MASK) << 2];
  }
  if (spans[s + SPAN_BUMP] - free !== spans[s + SPAN_LIVE]) {
    throw new Error(`arena: span ${row} counts ${spans[s + SPAN_LIVE]} live blocks`);
  }
  let listed = false;
  for (let r = arena.classHead[cls]; r !== 0; r = spans[(r << SPAN_WORDS_SHIFT) + SPAN_NEXT]) {
    if (r === row) listed = true;
  }
  if (listed !== (spans[s + SPAN_LIVE] < CLASS_BLOCKS[cls] && !isEmptied)) {
    throw new Error(`arena: span ${row} listed wrongly`);
  }
}
