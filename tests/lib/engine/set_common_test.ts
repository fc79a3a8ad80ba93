import assert from "node:assert/strict";
import { test } from "node:test";
import { fromLatin1, latin1 } from "../../../lib/bytes/ascii.ts";
import { type Keyspace, recordCreate } from "../../../lib/engine/keyspace.ts";
import {
  ENCODING_HASHTABLE,
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  metaByte,
  recordSetA,
  TYPE_SET,
} from "../../../lib/engine/record.ts";
import { setAdd, setCreate } from "../../../lib/engine/set.ts";
import { CommonCursor } from "../../../lib/engine/set_common.ts";
import { SeededRandom } from "../../kit/clock.ts";
import { makeKeyspace } from "../../kit/keyspace.ts";

interface Subject {
  rec: number;
  model: Set<string>;
}

function make(ks: Keyspace, encoding: number, names: Iterable<string>): Subject {
  const rec = recordCreate(ks, metaByte(TYPE_SET, encoding, false), new Uint8Array(0), 0, 0, 0);
  recordSetA(ks.arena, rec, setCreate(ks, encoding));
  const model = new Set(names);
  for (const name of model) setAdd(ks, rec, fromLatin1(name), 0, name.length);
  return { rec, model };
}

function table(ks: Keyspace, names: Iterable<string>): Subject {
  return make(ks, ENCODING_HASHTABLE, names);
}

function* numbered(from: number, end: number, head = "member:"): Iterable<string> {
  for (let n = from; n < end; n++) yield head + n;
}

/** Walks over the sets both ways and compares with what their models say. */
function check(ks: Keyspace, subjects: readonly Subject[]): void {
  const cursor = new CommonCursor();
  const sets = subjects.map((subject) => subject.rec);
  const [first, ...others] = subjects;
  for (const isWanted of [true, false]) {
    const found: string[] = [];
    cursor.start(ks, sets, isWanted);
    while (cursor.next()) found.push(latin1(cursor.buf, cursor.off, cursor.len));
    const expected = [...first.model].filter((name) =>
      others.every((other) => other.model.has(name) === isWanted)
    );
    assert.deepEqual(found.sort(), expected.sort());
  }
}

// Around 128 and 32,768 buckets, of nine members at most, tags come from other bits of the hash.
for (const [small, large] of [[1000, 1000], [1000, 1400], [1200, 1200], [1400, 200_000]]) {
  test(`tables of ${small} and ${large} members, half of the smaller one in common`, () => {
    const ks = makeKeyspace(1);
    const a = table(ks, numbered(0, small));
    const b = table(ks, numbered(small / 2, small / 2 + large));
    check(ks, [a, b]);
    check(ks, [b, a]);
    check(ks, [a, b, b]);
    check(ks, [a, a]);
  });
}

test("names of any length, and bytes that differ at the end alone", () => {
  const ks = makeKeyspace(1);
  const names: string[] = [];
  for (let len = 0; len < 140; len++) {
    names.push("x".repeat(len), "x".repeat(len) + "\0", "é".repeat(len));
  }
  check(ks, [table(ks, names), table(ks, names.filter((_, i) => i % 3 !== 0))]);
});

test("every encoding with every other one", () => {
  const ks = makeKeyspace(1);
  const subjects = [
    make(ks, ENCODING_INTSET, numbered(0, 300, "")),
    make(ks, ENCODING_LISTPACK, numbered(250, 350, "")),
    make(ks, ENCODING_LISTPACK, [...numbered(290, 310, ""), "a", "b"]),
    table(ks, numbered(200, 400, "")),
    table(ks, [...numbered(295, 305, ""), "b", "c"]),
    table(ks, []),
  ];
  for (const a of subjects) {
    for (const b of subjects) for (const c of subjects) check(ks, [a, b, c]);
  }
});

test("many small tables that share a few members", () => {
  const random = new SeededRandom(7);
  const ks = makeKeyspace(1);
  for (let round = 0; round < 200; round++) {
    const subjects = Array.from({ length: 1 + random.below(4) }, () => {
      const head = random.pick(["m", "m", "member:of:a:longer:name:"]);
      return table(ks, Array.from({ length: random.below(300) }, () => head + random.below(200)));
    });
    check(ks, subjects);
  }
});
