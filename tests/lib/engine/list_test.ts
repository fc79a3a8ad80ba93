// Lists: bytes of both encodings, when they change, and how nodes are split and joined.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromLatin1, latin1 } from "../../../lib/bytes/ascii.ts";
import { Keyspace, recordCreate, recordDiscard } from "../../../lib/engine/keyspace.ts";
import {
  listAppendPack,
  listAppendPlain,
  listCreate,
  listCreateEmpty,
  listDeleteRange,
  listDrop,
  listGrow,
  listInsert,
  listLength,
  listPush,
  listRemove,
  listReplace,
  listSettle,
  listShrink,
} from "../../../lib/engine/list.ts";
import {
  ListCursor,
  listFill,
  listPart,
  listPartCount,
  part,
} from "../../../lib/engine/list_cursor.ts";
import {
  ENCODING_LISTPACK,
  ENCODING_QUICKLIST,
  metaByte,
  recordA,
  recordEncoding,
  recordMeta,
  recordSetA,
  TYPE_LIST,
} from "../../../lib/engine/record.ts";
import {
  valueBytes,
  valueCopy,
  valueEffort,
  valueFree,
  valueVerify,
} from "../../../lib/engine/value.ts";
import { fuzz } from "../../fuzz/list_fuzz.ts";
import { withSeed } from "../../kit/clock.ts";

const NAME = fromLatin1("list");

/** A list that belongs to no key, with a limit of its own. */
class List {
  readonly ks = new Keyspace(1, Int32Array.of(1, 2), () => 7);
  rec: number;
  readonly before: number;

  constructor(fill: number, threshold = 0) {
    this.before = this.ks.arena.liveBlocks;
    this.ks.limits.listMaxListpackSize = fill;
    this.ks.limits.listPackedThreshold = threshold;
    this.rec = this.record(ENCODING_LISTPACK, listCreate(this.ks));
  }

  record(encoding: number, root: number): number {
    const meta = metaByte(TYPE_LIST, encoding, false);
    const rec = recordCreate(this.ks, meta, NAME, 0, NAME.length, 0);
    recordSetA(this.ks.arena, rec, root);
    return rec;
  }

  push(text: string, front = false): this {
    for (const word of text.split(" ")) {
      listGrow(this.ks, this.rec, word.length, 1);
      listPush(this.ks, this.rec, fromLatin1(word), 0, word.length, front);
    }
    return this.verified();
  }

  insert(pivot: string, word: string, after: boolean): this {
    listGrow(this.ks, this.rec, word.length, 1);
    const src = fromLatin1(pivot + word);
    listInsert(this.ks, this.rec, src, 0, pivot.length, pivot.length, word.length, after);
    return this.verified();
  }

  replace(index: number, word: string): this {
    listGrow(this.ks, this.rec, word.length, 1);
    listReplace(this.ks, this.rec, index, fromLatin1(word), 0, word.length);
    listShrink(this.ks, this.rec);
    return this.verified();
  }

  deleteRange(start: number, count: number): this {
    listDeleteRange(this.ks, this.rec, start, count);
    listShrink(this.ks, this.rec);
    return this.verified();
  }

  remove(word: string): this {
    listRemove(this.ks, this.rec, fromLatin1(word), 0, word.length, Infinity, false);
    listShrink(this.ks, this.rec);
    return this.verified();
  }

  verified(): this {
    const { arena } = this.ks;
    const blocks = valueVerify(this.ks, recordMeta(arena, this.rec), recordA(arena, this.rec));
    assert.equal(arena.liveBlocks, this.before + 1 + blocks);
    return this;
  }

  /** The parts as text: "a b|c" are two nodes, "<x>" is a plain one; "=" in front of a LISTPACK list. */
  get shape(): string {
    const { ks, rec } = this;
    const parts: string[] = [];
    const cursor = new ListCursor();
    let index = 0;
    for (let p = listPart(ks, rec, 0); p !== 0; p = listPart(ks, rec, p)) {
      const words: string[] = [];
      const { count, isPlain } = part;
      for (let i = 0; i < count; i++) {
        cursor.start(ks, rec, index++, false);
        cursor.next();
        words.push(latin1(cursor.buf, cursor.off, cursor.len));
      }
      parts.push(isPlain ? `<${words[0]}>` : words.join(" "));
    }
    assert.equal(index, listLength(ks, rec));
    const isShort = recordEncoding(ks.arena, rec) === ENCODING_LISTPACK;
    return (isShort ? "=" : "") + parts.join("|");
  }

  get hex(): string {
    const { ks, rec } = this;
    const all: string[] = [];
    for (let p = listPart(ks, rec, 0); p !== 0; p = listPart(ks, rec, p)) {
      const bytes = part.buf.slice(part.off, part.off + part.len);
      all.push(Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""));
    }
    return all.join(" ");
  }
}

test("a short list is one listpack, a long one has one in each node", () => {
  assert.equal(new List(-2).push("a b c").hex, "100000000300816102816202816302ff");
  assert.equal(
    new List(2).push("a b c").hex,
    "0d0000000200816102816202ff 0a0000000100816302ff",
  );
  assert.equal(new List(2).push("c b a", true).shape, "a|b c");
});

/** Changes in a list with a limit, and the shape they leave. */
const SHAPES: readonly [string, List, string][] = [
  ["at the limit", new List(3).push("a b c"), "=a b c"],
  ["beyond it", new List(3).push("a b c d"), "a b c|d"],
  ["at the head", new List(3).push("a b c").push("d e", true), "e d|a b c"],
  ["a limit of 0", new List(0).push("a b"), "a|b"],
  ["back at half", new List(4).push("a b c d e").deleteRange(2, 3), "=a b"],
  ["not above half", new List(4).push("a b c d e").deleteRange(3, 2), "a b c"],
  ["never with two nodes", new List(4).push("a b c d e").deleteRange(0, 3), "d|e"],
  ["a plain node", new List(3, 3).push("a b c xyz d"), "a b c|<xyz>|d"],
  ["a plain node is long", new List(3, 3).push("a b c xyz").deleteRange(0, 3), "<xyz>"],
  ["insert beside", new List(3).push("a b c d").insert("d", "x", false), "a b c|x d"],
  ["insert at a full border", new List(3).push("a b c d").insert("c", "x", true), "a b c|x d"],
  [
    "insert between full nodes",
    new List(2).push("a b c d").insert("b", "x", true),
    "a b|x|c d",
  ],
  ["insert in a full node", new List(3).push("a b c d").insert("b", "x", true), "a b|x c d"],
  [
    "insert in front in a full node",
    new List(3).push("a b c d e f").insert("e", "x", false),
    "a b c|d x|e f",
  ],
  ["insert a large one", new List(3, 3).push("a b c d").insert("b", "xyz", true), "a b|<xyz>|c|d"],
  [
    "insert a large one in front",
    new List(3, 3).push("a b c d").insert("b", "xyz", false),
    "a|<xyz>|b c|d",
  ],
  [
    "insert beside a large one",
    new List(3, 3).push("a b c xyz").insert("xyz", "d", true),
    "a b c|<xyz>|d",
  ],
  ["replace", new List(3).push("a b c d").replace(1, "x"), "a x c|d"],
  ["replace by a large one", new List(3, 3).push("a b c d").replace(1, "xyz"), "a|<xyz>|c d"],
  [
    "replace the last by a large one",
    new List(3, 3).push("a b c d").replace(2, "xyz"),
    "a b|<xyz>|d",
  ],
  ["replace the only one", new List(1, 3).push("a b").replace(1, "xyz"), "a|<xyz>"],
  ["replace a large one", new List(3, 3).push("a b c xyz d").replace(3, "uvw"), "a b c|<uvw>|d"],
  [
    "replace a large one by a small one",
    new List(3, 3).push("a b c xyz d").replace(3, "x"),
    "a b c|x d",
  ],
  ["remove", new List(3).push("a b a a c a d").remove("a"), "b|c|d"],
  ["remove a whole node", new List(2).push("a b c c d").remove("c"), "a b|d"],
];

for (const [name, list, shape] of SHAPES) {
  test(`nodes: ${name}`, () => assert.equal(list.shape, shape));
}

test("byte limits count what elements bring, not what entries cost", () => {
  const list = new List(-1);
  // 7 bytes of an empty listpack, 16 entries of 250 + 4: 4071 bytes.
  for (let i = 0; i < 16; i++) list.push("x".repeat(250));
  assert.equal(listPartCount(list.ks, list.rec), 1);
  listGrow(list.ks, list.rec, 25, 1);
  assert.equal(recordEncoding(list.ks.arena, list.rec), ENCODING_LISTPACK);
  listGrow(list.ks, list.rec, 26, 1);
  assert.equal(recordEncoding(list.ks.arena, list.rec), ENCODING_QUICKLIST);
  assert.equal(listFill(list.ks, list.rec), -1);
  assert.equal(list.verified().push("y".repeat(26)).shape.split("|").length, 2);
});

test("an element larger than a node gets one of its own", () => {
  const list = new List(-1).push("a");
  list.push("x".repeat(4096));
  assert.equal(listPartCount(list.ks, list.rec), 2);
  list.push("y".repeat(4097));
  const { ks, rec } = list;
  const kinds: boolean[] = [];
  for (let p = listPart(ks, rec, 0); p !== 0; p = listPart(ks, rec, p)) kinds.push(part.isPlain);
  assert.deepEqual(kinds, [false, false, true]);
});

test("a list is built from its parts", () => {
  const { ks, rec } = new List(2, 3).push("a b c xyz 1");
  const fresh = new List(2, 3);
  recordDiscard(fresh.ks, fresh.rec);
  fresh.rec = fresh.record(ENCODING_QUICKLIST, listCreateEmpty(fresh.ks));
  for (let p = listPart(ks, rec, 0); p !== 0; p = listPart(ks, rec, p)) {
    if (part.isPlain) listAppendPlain(fresh.ks, fresh.rec, part.buf, part.off, part.len);
    else listAppendPack(fresh.ks, fresh.rec, part.buf, part.off, part.len);
  }
  listSettle(fresh.ks, fresh.rec);
  assert.equal(fresh.verified().shape, "a b|c|<xyz>|1");
  fresh.ks.limits.listMaxListpackSize = 5;
  fresh.deleteRange(2, 3);
  assert.equal(fresh.shape, "=a b");
});

test("a copy has the same nodes and blocks of its own", () => {
  for (const [fill, text] of [[3, "a b c d xyz e"], [-2, "a b c"]] as const) {
    const list = new List(fill, 3).push(text).push("h", true);
    const { ks, rec } = list;
    const meta = recordMeta(ks.arena, rec);
    const blocks = ks.arena.liveBlocks;
    const copy = list.record(
      recordEncoding(ks.arena, rec),
      valueCopy(ks, meta, recordA(ks.arena, rec)),
    );
    const { shape } = list;
    assert.equal(valueBytes(ks, meta, recordA(ks.arena, rec), 0) > 0, true);
    assert.ok(valueEffort(ks, meta, recordA(ks.arena, rec)) >= listPartCount(ks, rec));
    valueFree(ks, meta, recordA(ks.arena, rec));
    list.rec = copy;
    assert.equal(list.shape, shape);
    recordDiscard(ks, copy);
    assert.equal(ks.arena.liveBlocks, blocks - valueBlocks(blocks, list.before));
  }
});

/** Blocks of the value that `blocks` counted beside its record and those that were there before. */
function valueBlocks(blocks: number, before: number): number {
  return blocks - before - 1;
}

test("both ends of a long list are cheap in memory", () => {
  const list = new List(-2);
  for (let i = 0; i < 20_000; i++) {
    listGrow(list.ks, list.rec, 5, 1);
    listPush(list.ks, list.rec, fromLatin1("abcde"), 0, 5, i % 2 === 0);
  }
  list.verified();
  const { ks, rec } = list;
  const bytes = valueBytes(ks, recordMeta(ks.arena, rec), recordA(ks.arena, rec), 0);
  assert.ok(bytes < 20_000 * 7 * 1.2, `${bytes} bytes for 20,000 entries of 7`);
  for (let i = 0; i < 19_990; i++) {
    listDrop(ks, rec, i % 3 === 0);
    listShrink(ks, rec);
  }
  assert.equal(list.verified().shape, "=" + "abcde ".repeat(10).trim());
});

test("random changes against an array", () => {
  withSeed(1, (random) => fuzz(random.next32() >>> 0, 3000));
});
