import assert from "node:assert/strict";
import { test } from "node:test";
import { fromLatin1, latin1 } from "../../../lib/bytes/ascii.ts";
import {
  entry,
  listpackAppend,
  listpackAppendInt,
  listpackBytes,
  listpackInit,
} from "../../../lib/engine/listpack.ts";
import { NODE_BLOCK, streamAppend } from "../../../lib/engine/stream_entries.ts";
import { IndexCursor, indexFirst } from "../../../lib/engine/stream_index.ts";
import {
  ENTRY_DELETED,
  ENTRY_SAME,
  nodeCountDeleted,
  NodeCursor,
  nodeDeleted,
  nodeMarkDeleted,
  nodeValid,
  nodeValidate,
} from "../../../lib/engine/stream_node.ts";
import { streamCreate, streamNodes } from "../../../lib/engine/stream_root.ts";
import { EncodingLimits, type ValueContext } from "../../../lib/engine/value_context.ts";
import { Arena, SEGMENT_SHIFT, UNIT_MASK } from "../../../lib/mem/arena.ts";

/** The first node of a stream with these entries: words of an id (time, number), then names and values. */
function nodeOf(entries: readonly (readonly [ms: number, seq: number, ...pairs: string[]])[]): {
  buf: Uint8Array;
  off: number;
  bytes: Uint8Array;
} {
  const arena = new Arena();
  const vc: ValueContext = {
    arena,
    hashKey0: 1,
    hashKey1: 2,
    next32: () => 4,
    limits: new EncodingLimits(),
  };
  const root = streamCreate(arena);
  for (const [ms, seq, ...pairs] of entries) {
    const len = Int32Array.from(pairs, (text) => text.length);
    const off = len.map((_, i) => len.slice(0, i).reduce((sum, n) => sum + n, 0));
    const id = Int32Array.of(0, ms, 0, seq);
    streamAppend(vc, root, id, fromLatin1(pairs.join("")), off, len, 0, pairs.length / 2);
  }
  const cursor = new IndexCursor();
  assert.ok(indexFirst(arena, streamNodes(arena, root), cursor));
  const block = cursor.words[cursor.word + NODE_BLOCK];
  const buf = arena.u8[block >>> SEGMENT_SHIFT];
  const off = (block & UNIT_MASK) << 4;
  return { buf, off, bytes: buf.slice(off, off + listpackBytes(buf, off)) };
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

test("XADD s 5-1 f v", () => {
  assert.equal(
    hex(nodeOf([[5, 1, "f", "v"]]).bytes),
    "1d 00 00 00 0a 00 01 01 00 01 01 01 81 66 02 00 01 02 01 00 01 00 01 81 76 02 04 01 ff",
  );
});

test("other fields, and a number that goes back", () => {
  const { bytes } = nodeOf([[5, 1, "f", "v"], [6, 0, "g", "7"]]);
  assert.equal(
    hex(bytes),
    "2d 00 00 00 11 00 02 01 00 01 01 01 81 66 02 00 01 02 01 00 01 00 01 81 76 02 04 01 " +
      "00 01 01 01 df ff 02 01 01 81 67 02 07 01 06 01 ff",
  );
});

test("walking both ways", () => {
  const { buf, off } = nodeOf([[5, 1, "f", "v"], [6, 0, "g", "7", "f", ""], [7, 9, "f", "w"]]);
  const cursor = new NodeCursor();
  cursor.master.set([0, 5, 0, 1]);
  const seen: string[] = [];
  const note = (): void => {
    let text = `${cursor.id[1]}-${cursor.id[3]}`;
    for (let i = 0; i < cursor.fields; i++) {
      cursor.field();
      text += ` ${latin1(entry.buf, entry.off, entry.len)}`;
      cursor.value();
      text += `=${latin1(entry.buf, entry.off, entry.len)}`;
    }
    seen.push(text);
  };
  cursor.open(buf, off, false);
  while (cursor.forward()) note();
  const forward = ["5-1 f=v", "6-0 g=7 f=", "7-9 f=w"];
  assert.deepEqual(seen.splice(0), forward);
  cursor.open(buf, off, true);
  while (cursor.backward()) note();
  assert.deepEqual(seen.splice(0), forward.reverse());
  cursor.open(buf, off, false);
  while (cursor.forward()) seen.push(`${cursor.id[1]}`);
  assert.deepEqual(seen, ["5", "6", "7"]);
});

test("a deleted entry keeps its place", () => {
  const { buf, off } = nodeOf([[5, 1, "f", "v"], [6, 0, "f", "w"]]);
  const cursor = new NodeCursor();
  cursor.open(buf, off, false);
  assert.ok(cursor.forward());
  assert.equal(nodeMarkDeleted(cursor), 0);
  assert.equal(nodeCountDeleted(buf, off, 1), 0);
  assert.deepEqual([nodeValid(buf, off), nodeDeleted(buf, off)], [1, 1]);
  cursor.open(buf, off, false);
  assert.ok(cursor.forward());
  assert.equal(cursor.flags, ENTRY_DELETED | ENTRY_SAME);
  assert.ok(nodeValidate(buf, off, listpackBytes(buf, off)));
});

/** A listpack of these elements. */
function listpack(elements: readonly (number | string)[]): Uint8Array {
  const buf = new Uint8Array(1000);
  listpackInit(buf, 0);
  for (const element of elements) {
    if (typeof element === "number") listpackAppendInt(buf, 0, element, element >> 31);
    else listpackAppend(buf, 0, fromLatin1(element), 0, element.length);
  }
  return buf.slice(0, listpackBytes(buf, 0));
}

const NODES: readonly (readonly [what: string, elements: readonly (number | string)[], boolean])[] =
  [
    ["one entry", [1, 0, 1, "f", 0, 2, 0, 0, "v", 4], true],
    ["a deleted one", [0, 1, 1, "f", 0, 3, 0, 0, "v", 4], true],
    ["no entry", [0, 0, 1, "f", 0], true],
    ["no fields", [1, 0, 0, 0, 2, 0, 0, 3], true],
    ["own fields", [1, 0, 1, "f", 0, 0, 5, -1, 1, "g", "v", 6], true],
    ["nothing", [], false],
    ["counters only", [1, 0], false],
    ["a counter that is text", ["a", 0, 1, "f", 0, 2, 0, 0, "v", 4], false],
    ["a negative counter", [-1, 2, 1, "f", 0, 2, 0, 0, "v", 4], false],
    ["fields that end early", [1, 0, 9, "f", 0, 2, 0, 0, "v", 4], false],
    ["no zero behind the fields", [1, 0, 1, "f", 1, 2, 0, 0, "v", 4], false],
    ["an entry less", [2, 0, 1, "f", 0, 2, 0, 0, "v", 4], false],
    ["an entry more", [0, 0, 1, "f", 0, 2, 0, 0, "v", 4], false],
    ["a difference that is text", [1, 0, 1, "f", 0, 2, "x", 0, "v", 4], false],
    ["a wrong size", [1, 0, 1, "f", 0, 2, 0, 0, "v", 5], false],
    ["own fields that end early", [1, 0, 1, "f", 0, 0, 5, -1, 2, "g", "v", 6], false],
    ["no size", [1, 0, 1, "f", 0, 2, 0, 0, "v"], false],
  ];

test("what is a node", () => {
  for (const [what, elements, isNode] of NODES) {
    const bytes = listpack(elements);
    assert.equal(nodeValidate(bytes, 0, bytes.length), isNode, what);
  }
  const bytes = listpack([1, 0, 1, "f", 0, 2, 0, 0, "v", 4]);
  for (let len = 0; len < bytes.length; len++) assert.equal(nodeValidate(bytes, 0, len), false);
});
