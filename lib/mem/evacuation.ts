// evacuation.ts: emptying segments of an arena, so that they can be dropped: the only way memory goes back to the system.
//
// A runtime unmaps a buffer as a whole or not at all. So where many blocks were deleted all over the arena, the pages
// stay resident; moving what is left out of the sparsest segments lets those go.
//
//   segment 1  [##########...#]                 segment 1  [##############]
//   segment 2  [#..#.....#....]   being emptied
//   segment 3  [....#......#..]   being emptied           2 and 3 dropped
//
// The arena only says which blocks shall move (arenaIsLeaving) and where to (arenaMove); finding who names a block is
// the business of the owner of the data. Nothing is allocated in a segment that is being emptied, so whatever the program
// does meanwhile, it only gets emptier.
//
// INVARIANTS   those of arena.ts; arenaStay undoes arenaLeave.
// LIMITS       the first segment always stays (unit 0), and so do huge blocks, which have a segment of their own.
// COSTS        leave, stay, survey O(pages of the segment), 20 to 60 us; move O(bytes).

import { copyBytes } from "../bytes/ascii.ts";
import { SEGMENT_BYTES } from "../limits.ts";
import {
  type Arena,
  arenaAlloc,
  arenaFree,
  arenaUsable,
  CLASS_BLOCKS,
  CLASS_BYTES,
  CLASS_FREE,
  CLASS_LARGE,
  listPush,
  listRemove,
  PAGE_BYTES,
  rowRelease,
  runPush,
  runUnlink,
  SEGMENT_SHIFT,
  segmentEmptied,
  SPAN_CLASS,
  SPAN_LIVE,
  SPAN_PAGES,
  SPAN_WORDS_SHIFT,
  spanEmptied,
  UNIT_MASK,
} from "./arena.ts";

/** What a survey found: bytes of live blocks, and of the largest of them. */
export const survey = { liveBytes: 0, largestBytes: 0 };

/** Whether a segment is one that can be emptied. */
function canLeave(arena: Arena, seg: number): boolean {
  return seg > 0 && seg < arena.u8.length && arena.u8[seg].length === SEGMENT_BYTES &&
    arena.hugeBytes[seg] === 0 && arena.emptying[seg] === 0;
}

/** Measures what lives in a segment, to `survey`. Returns false for one that cannot be emptied. */
export function arenaSurvey(arena: Arena, seg: number): boolean {
  if (!canLeave(arena, seg)) return false;
  const map = arena.pageSpan[seg];
  survey.liveBytes = 0;
  survey.largestBytes = 0;
  for (let page = 0; page < map.length;) {
    const s = map[page] << SPAN_WORDS_SHIFT;
    const cls = arena.spans[s + SPAN_CLASS];
    const pages = arena.spans[s + SPAN_PAGES];
    page += pages;
    if (cls >= 0) {
      survey.liveBytes += arena.spans[s + SPAN_LIVE] * CLASS_BYTES[cls];
      survey.largestBytes = Math.max(survey.largestBytes, CLASS_BYTES[cls]);
    } else if (cls === CLASS_LARGE) {
      survey.liveBytes += pages * PAGE_BYTES;
      survey.largestBytes = Math.max(survey.largestBytes, pages * PAGE_BYTES);
    }
  }
  return true;
}

/** Begins to empty a segment; one in which nothing lives is dropped at once. Returns false for one that cannot be. */
export function arenaLeave(arena: Arena, seg: number): boolean {
  if (!canLeave(arena, seg)) return false;
  const map = arena.pageSpan[seg];
  let spans = 0;
  for (let page = 0; page < map.length;) {
    const row = map[page];
    const s = row << SPAN_WORDS_SHIFT;
    const cls = arena.spans[s + SPAN_CLASS];
    page += arena.spans[s + SPAN_PAGES];
    if (cls === CLASS_FREE) {
      if (page === map.length && spans === 0) arena.emptySegments--;
      runUnlink(arena, row);
      continue;
    }
    spans++;
    if (cls < 0) continue;
    if (arena.spans[s + SPAN_LIVE] < CLASS_BLOCKS[cls]) listRemove(arena, cls, row);
    arena.spans[s + SPAN_CLASS] = spanEmptied(cls);
  }
  arena.emptying[seg] = spans;
  arena.emptyingCount++;
  arena.onFull = stayAll;
  if (spans === 0) segmentEmptied(arena, seg);
  return true;
}

/** Ends the emptying of a segment: what is left in it stays, and its room is used again. */
export function arenaStay(arena: Arena, seg: number): void {
  if (arena.emptying[seg] === 0) return;
  const map = arena.pageSpan[seg];
  let freeRow = 0;
  for (let page = 0; page < map.length;) {
    const row = map[page];
    const s = row << SPAN_WORDS_SHIFT;
    const cls = arena.spans[s + SPAN_CLASS];
    page += arena.spans[s + SPAN_PAGES];
    if (cls === CLASS_FREE) {
      if (freeRow === 0) freeRow = row;
      else joinRows(arena, freeRow, row);
      continue;
    }
    if (freeRow !== 0) runPush(arena, freeRow);
    freeRow = 0;
    if (cls === CLASS_LARGE) continue;
    const own = spanEmptied(cls);
    arena.spans[s + SPAN_CLASS] = own;
    if (arena.spans[s + SPAN_LIVE] < CLASS_BLOCKS[own]) listPush(arena, own, row);
  }
  if (freeRow !== 0) runPush(arena, freeRow);
  arena.emptying[seg] = 0;
  arena.emptyingCount--;
}

/** Adds the pages of a free run to the one in front of it, neither of which is in a list. */
function joinRows(arena: Arena, left: number, right: number): void {
  const pages = arena.spans[(right << SPAN_WORDS_SHIFT) + SPAN_PAGES];
  arena.spans[(left << SPAN_WORDS_SHIFT) + SPAN_PAGES] += pages;
  rowRelease(arena, right);
}

/** When no segment is left, no room may be kept from use. */
function stayAll(arena: Arena): boolean {
  const had = arena.emptyingCount;
  for (let seg = 0; seg < arena.u8.length && arena.emptyingCount > 0; seg++) arenaStay(arena, seg);
  return had > 0;
}

/** Whether a block lies in a segment that is being emptied. */
export function arenaIsLeaving(arena: Arena, handle: number): boolean {
  return arena.emptying[handle >>> SEGMENT_SHIFT] !== 0;
}

/** Moves a block that is leaving. Returns its new handle; whoever names the old one must name that from now on. */
export function arenaMove(arena: Arena, handle: number): number {
  const fresh = arenaCopy(arena, handle);
  arenaFree(arena, handle);
  return fresh;
}

/** As arenaMove, but the old block is still to be freed. */
export function arenaCopy(arena: Arena, handle: number): number {
  const bytes = arenaUsable(arena, handle);
  const fresh = arenaAlloc(arena, bytes);
  copyBytes(
    arena.u8[handle >>> SEGMENT_SHIFT],
    (handle & UNIT_MASK) << 4,
    arena.u8[fresh >>> SEGMENT_SHIFT],
    (fresh & UNIT_MASK) << 4,
    bytes,
  );
  return fresh;
}
