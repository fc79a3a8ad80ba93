// copy.ts: copies of some bytes, too few to be worth a call into the runtime, eight at a time wherever they start.
//
// WHY NOT a loop over bytes: it loads and stores each one. A DataView reads and writes words that are not aligned. It must
// exist already, since to make one costs as much as a copy: an arena and a writer keep one for each of their arrays, and
// for what a client sent the last one is kept here (dataOf).
//
//     bytes               16        32        64       100       150      (nanoseconds, V8 / JavaScriptCore)
//     copyBytes      15 / 14   27 / 20   49 / 35   75 / 52  111 / 76
//     copyData        8 / 8    10 / 10   13 / 16   17 / 24   22 / 33

/** Fewest bytes copyData takes, and most that it copies faster than the runtime. */
export const COPY_DATA_MIN = 8;
export const COPY_DATA_MAX = 192;

/** Copies `len` bytes, COPY_DATA_MIN or more, between two arrays. The last word may be written twice. */
export function copyData(
  src: DataView,
  srcOff: number,
  dst: DataView,
  dstOff: number,
  len: number,
): void {
  const last = srcOff + len - 8;
  let to = dstOff;
  for (let from = srcOff; from < last; from += 8) {
    dst.setInt32(to, src.getInt32(from, true), true);
    dst.setInt32(to + 4, src.getInt32(from + 4, true), true);
    to += 8;
  }
  to = dstOff + len - 8;
  dst.setInt32(to, src.getInt32(last, true), true);
  dst.setInt32(to + 4, src.getInt32(last + 4, true), true);
}

/** Larger arrays are not held on to. */
const HELD_BYTES_MAX = 4_194_304;

let held: Uint8Array = new Uint8Array(0);
let heldData: DataView | null = null;

/**
 * A DataView of an array, or null. Arguments nearly always are in the array those before them were in: one that is asked
 * for twice in a row gets a view.
 */
export function dataOf(buf: Uint8Array): DataView | null {
  if (buf === held) return heldData ??= dataNew(buf);
  if (buf.length <= HELD_BYTES_MAX) {
    held = buf;
    heldData = null;
  }
  return null;
}

function dataNew(buf: Uint8Array): DataView {
  return new DataView(buf.buffer, buf.byteOffset, buf.byteLength);
}
