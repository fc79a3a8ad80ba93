// stream_radix.ts: how many nodes the radix tree has in which Valkey would keep the nodes of a stream. XINFO STREAM tells.
//
// The tree's keys are the master ids, 16 bytes each, most significant first. Bytes without a choice between two branching
// points are one node; so the number follows from how many bytes neighbouring keys have in common.
//
//   keys 1-0, 2-0:   7 zero bytes - branch - 8 bytes - leaf        6 nodes
//                                         \ 8 bytes - leaf
//
// COSTS   one walk over the index of nodes, no allocation
// SOURCE  behaviour of Valkey's rax.

import { ID_WORDS, idCopy } from "./stream_id.ts";
import { indexCount, IndexCursor, indexFirst, indexNext } from "./stream_index.ts";
import { streamNodes } from "./stream_root.ts";
import type { ValueContext } from "./value_context.ts";

/** Bytes of an id as key of a radix tree. */
const KEY_BYTES = 16;

const cursor = new IndexCursor();
const previous = new Int32Array(ID_WORDS);
const branches = new Int32Array(KEY_BYTES + 1);

/** The number of nodes of a radix tree with the master ids as keys, chains of single children being one. O(nodes). */
export function streamRadixNodes(vc: ValueContext, root: number): number {
  const nodes = streamNodes(vc.arena, root);
  const keys = indexCount(vc.arena, nodes);
  if (keys === 0) return 1;
  // Depths of the branching points on the way to the last key; each is counted, with the chain to it, once it is
  // known what is above it.
  let depth = 0;
  let count = keys;
  let isFirst = true;
  for (let more = indexFirst(vc.arena, nodes, cursor); more; more = indexNext(vc.arena, cursor)) {
    if (!isFirst) {
      const common = commonBytes(previous, cursor.words, cursor.word);
      let below = KEY_BYTES;
      while (depth > 0 && branches[depth - 1] > common) {
        const branch = branches[--depth];
        count += chain(branch, below) + 1;
        below = branch;
      }
      count += chain(common, below);
      if (depth === 0 || branches[depth - 1] < common) branches[depth++] = common;
    }
    isFirst = false;
    idCopy(cursor.words, cursor.word, previous, 0);
  }
  let below = KEY_BYTES;
  while (depth > 0) {
    const branch = branches[--depth];
    count += chain(branch, below) + 1;
    below = branch;
  }
  return count + (below > 0 ? 1 : 0);
}

/** 1 when there are bytes between the child of a branch at one depth and the branch or leaf at another. */
function chain(branch: number, below: number): number {
  return below > branch + 1 ? 1 : 0;
}

/** How many bytes of two ids, as big endian numbers, agree from the left. */
function commonBytes(a: Int32Array, b: Int32Array, at: number): number {
  let word = 0;
  while (word < ID_WORDS - 1 && a[word] === b[at + word]) word++;
  return word * 4 + (Math.clz32(a[word] ^ b[at + word]) >> 3);
}
