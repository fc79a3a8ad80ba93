import { test } from "node:test";
import assert from "node:assert/strict";
import { bytesEqual, fromLatin1, latin1 } from "../../../lib/bytes/ascii.ts";
import {
  LISTPACK_BYTES_MAX,
  LISTPACK_BYTES_MIN,
  LISTPACK_HEADER,
  LISTPACK_NONE,
  listpackAppend,
  listpackAppendInt,
  listpackBytes,
  listpackCount,
  listpackDelete,
  listpackDeleteEntries,
  listpackDeleteRange,
  listpackDropFront,
  listpackEncodedSize,
  listpackEncodedSizeMax,
  listpackEnd,
  listpackEqualsAt,
  listpackFind,
  listpackFirst,
  listpackInit,
  listpackInsert,
  listpackLast,
  listpackMayGrow,
  listpackMerge,
  listpackPrev,
  listpackPushFront,
  listpackReplace,
  listpackSeek,
  listpackSeekMany,
  listpackValidate,
} from "../../../lib/engine/listpack.ts";
import {
  checkWalk,
  entryOf,
  fuzz,
  packEntries,
  packOf,
  unpack,
  watched,
} from "../../fuzz/listpack_fuzz.ts";
import { withSeed } from "../../kit/clock.ts";
import { dumpedParts } from "./dumped.ts";

const ROOM = 1 << 16;

/** A listpack made by appending, in a buffer with room to spare. */
function built(values: readonly string[], off = 0, room = ROOM): Uint8Array {
  const buf = new Uint8Array(room);
  listpackInit(buf, off);
  for (const value of values) listpackAppend(buf, off, fromLatin1(value), 0, value.length);
  return buf;
}

function bytesOf(buf: Uint8Array, off = 0): Uint8Array {
  return buf.slice(off, off + listpackBytes(buf, off));
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

function unhex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/[0-9a-f]{2}/g) ?? [], (byte) => parseInt(byte, 16));
}

function valid(bytes: Uint8Array, deep = true): boolean {
  return listpackValidate(watched(bytes, 0, bytes.length), 0, bytes.length, deep);
}

function find(buf: Uint8Array, value: string, skip = 0): number {
  return listpackFind(buf, listpackFirst(buf, 0), fromLatin1(value), 0, value.length, skip);
}

test("the dumps of the header", () => {
  const rows: [values: string[], dump: string][] = [
    [[], "07 00 00 00 00 00 ff"],
    [["a", "b", "c"], "10 00 00 00 03 00 81 61 02 81 62 02 81 63 02 ff"],
    [["f", "v", "g", "1"], "12 00 00 00 04 00 81 66 02 81 76 02 81 67 02 01 01 ff"],
    [["-1", "4096"], "0e 00 00 00 02 00 df ff 02 f1 00 10 03 ff"],
  ];
  for (const [values, dump] of rows) {
    assert.equal(hex(bytesOf(built(values))), dump);
    assert.deepEqual(unpack(unhex(dump)), values);
    assert.ok(valid(unhex(dump)));
  }
});

test("recorded dumps of every type are the bytes that appending makes", () => {
  const parts = dumpedParts();
  const packs = parts.filter((part) => part.kind === "listpack");
  for (const { bytes, from } of packs) {
    assert.ok(valid(bytes), from);
    const values = unpack(bytes);
    assert.ok(values, from);
    assert.equal(hex(bytesOf(built(values))), hex(bytes), from);
    checkWalk(bytes, 0, values);
  }
  if (parts.length > 0) assert.ok(packs.length >= 30, `${packs.length} listpacks found`);
});

test("every border of the integer encodings: entry bytes", () => {
  const rows: [value: string, dump: string][] = [
    ["0", "00 01"],
    ["127", "7f 01"],
    ["128", "c0 80 02"],
    ["4095", "cf ff 02"],
    ["-1", "df ff 02"],
    ["-4096", "d0 00 02"],
    ["4096", "f1 00 10 03"],
    ["-4097", "f1 ff ef 03"],
    ["32767", "f1 ff 7f 03"],
    ["-32768", "f1 00 80 03"],
    ["32768", "f2 00 80 00 04"],
    ["-32769", "f2 ff 7f ff 04"],
    ["8388607", "f2 ff ff 7f 04"],
    ["-8388608", "f2 00 00 80 04"],
    ["8388608", "f3 00 00 80 00 05"],
    ["-8388609", "f3 ff ff 7f ff 05"],
    ["2147483647", "f3 ff ff ff 7f 05"],
    ["-2147483648", "f3 00 00 00 80 05"],
    ["2147483648", "f4 00 00 00 80 00 00 00 00 09"],
    ["-2147483649", "f4 ff ff ff 7f ff ff ff ff 09"],
    ["9223372036854775807", "f4 ff ff ff ff ff ff ff 7f 09"],
    ["-9223372036854775808", "f4 00 00 00 00 00 00 00 80 09"],
  ];
  for (const [value, dump] of rows) {
    const buf = built([value]);
    assert.equal(hex(bytesOf(buf).slice(LISTPACK_HEADER, -1)), dump, value);
    const bytes = fromLatin1(value);
    const size = (dump.length + 1) / 3;
    assert.equal(listpackEncodedSize(bytes, 0, bytes.length), size, value);
    assert.ok(listpackEncodedSizeMax(bytes.length) >= size, value);
    checkWalk(buf, 0, [value]);
  }
});

test("what is no canonical 64-bit decimal stays a string", () => {
  const texts = ["", "-", "-0", "00", "01", "+1", " 1", "1 ", "1.0", "1e3", "0x1"];
  texts.push("9223372036854775808", "-9223372036854775809", "99999999999999999999", "a", "\0");
  for (const value of texts) {
    const buf = built([value]);
    assert.equal(buf[LISTPACK_HEADER], 0x80 + value.length, JSON.stringify(value));
    checkWalk(buf, 0, [value]);
  }
});

test("every border of the string encodings and of the length behind an entry", () => {
  const K2 = 2 ** 14;
  const K3 = 2 ** 21;
  const lengths = [0, 1, 63, 64, 125, 126, 127, 4095, 4096, K2 - 6, K2 - 5, K3 - 6, K3 - 5];
  for (const len of lengths) {
    const value = "x".repeat(len);
    const values = ["a", value, "b"];
    const buf = built(values, 3, len + 64);
    const bytes = bytesOf(buf, 3);
    const entries = values.map(entryOf);
    const want = packEntries(entries);
    assert.equal(bytes.length, want.length, String(len));
    assert.ok(bytesEqual(bytes, 0, want, 0, want.length), String(len));
    assert.equal(listpackEncodedSizeMax(len), entries[1].length);
    assert.ok(listpackValidate(buf, 3, bytes.length, true));
    const last = listpackLast(buf, 3);
    const middle = listpackPrev(buf, 3, last);
    assert.equal(last - middle, entries[1].length);
    assert.ok(listpackEqualsAt(buf, middle, fromLatin1(value), 0, len));
    assert.equal(listpackFind(buf, listpackFirst(buf, 3), fromLatin1(value), 0, len, 0), middle);
  }
});

test("find compares integers as numbers and everything else as bytes", () => {
  const values = ["a", "1", "b", "01", "-1", "9223372036854775807", "x".repeat(70), ""];
  const buf = built(values);
  const positions = checkWalk(buf, 0, values);
  for (const [i, value] of values.entries()) assert.equal(find(buf, value), positions[i], value);
  for (const value of ["001", "+1", "1 ", "-01", "9223372036854775808", "x".repeat(69), "A"]) {
    assert.equal(find(buf, value), LISTPACK_NONE, value);
  }
  // Other encodings come only from elsewhere: integer 7 in 16 bits, and "7" as a string, which compares as bytes.
  const odd = unhex("0e 00 00 00 02 00 f1 07 00 03 81 37 02 ff");
  const second = LISTPACK_HEADER + 4;
  assert.equal(find(odd, "7"), LISTPACK_HEADER);
  assert.equal(listpackFind(odd, second, fromLatin1("7"), 0, 1, 0), second);
  assert.equal(listpackFind(odd, second, fromLatin1("07"), 0, 2, 0), LISTPACK_NONE);
});

test("find passes over the values of pairs", () => {
  const buf = built(["f", "g", "g", "1", "1", "f"]);
  const at = (index: number): number => listpackSeek(buf, 0, index);
  assert.equal(find(buf, "g", 1), at(2));
  assert.equal(find(buf, "1", 1), at(4));
  assert.equal(find(buf, "f", 1), at(0));
  assert.equal(find(buf, "x", 1), LISTPACK_NONE);
  assert.equal(find(buf, "1", 9), LISTPACK_NONE);
  const one = fromLatin1("1");
  assert.equal(listpackFind(buf, at(1), one, 0, 1, 1), at(3));
  assert.equal(listpackFind(buf, listpackEnd(buf, 0), one, 0, 1, 0), LISTPACK_NONE);
  assert.equal(find(built([]), "x"), LISTPACK_NONE);
});

test("seek: from both ends, out of range, with a count that is unknown", () => {
  const values = ["a", "b", "c", "d", "e"];
  for (const count of [5, 0xffff]) {
    const buf = packOf(values, count);
    const positions = checkWalk(buf, 0, values);
    for (let i = -5; i < 5; i++) assert.equal(listpackSeek(buf, 0, i), positions.at(i), `${i}`);
    for (const i of [5, 6, 1000, 2 ** 40, -6, -1000]) {
      assert.equal(listpackSeek(buf, 0, i), LISTPACK_NONE, `${i}`);
    }
    const picks = Int32Array.of(0, 0, 2, 4, 5, 9);
    listpackSeekMany(buf, 0, picks, 5);
    assert.deepEqual([...picks], [...[0, 0, 2, 4].map((i) => positions[i]), LISTPACK_NONE, 9]);
  }
});

test("delete range: both ends, more than there is, nothing", () => {
  const rows: [index: number, count: number, deleted: number, left: string][] = [
    [0, 2, 2, "cde"],
    [1, 3, 3, "ae"],
    [-2, 2, 2, "abc"],
    [-2, 1, 1, "abce"],
    [2, 2 ** 40, 3, "ab"],
    [0, 5, 5, ""],
    [-5, 5, 5, ""],
    [5, 1, 0, "abcde"],
    [-6, 1, 0, "abcde"],
    [1, 0, 0, "abcde"],
    [1, -1, 0, "abcde"],
  ];
  for (const count of [5, 0xffff]) {
    for (const [index, num, deleted, left] of rows) {
      const buf = packOf([..."abcde"], count);
      assert.equal(listpackDeleteRange(buf, 0, index, num), deleted, `${index} ${num}`);
      const want = packOf([...left], count === 5 ? undefined : count);
      assert.equal(hex(bytesOf(buf)), hex(want), `${index} ${num}`);
    }
  }
});

test("delete says what came behind", () => {
  const buf = built(["a", "b"]);
  const first = listpackFirst(buf, 0);
  assert.equal(listpackDelete(buf, 0, first), first);
  assert.equal(listpackDelete(buf, 0, first), LISTPACK_NONE);
  assert.equal(hex(bytesOf(buf)), "07 00 00 00 00 00 ff");
});

test("replace: shorter, as long, longer, in the middle and at the end", () => {
  for (const value of ["", "x", "7", "1000", "x".repeat(200)]) {
    for (const index of [0, 1, 2]) {
      const values = ["ab", "cd", "ef"];
      const buf = built(values);
      const at = listpackSeek(buf, 0, index);
      const size = listpackReplace(buf, 0, at, fromLatin1(value), 0, value.length);
      assert.equal(size, entryOf(value).length);
      values[index] = value;
      assert.equal(hex(bytesOf(buf)), hex(packOf(values)));
    }
  }
});

test("a source in the same buffer, outside of the listpack", () => {
  const buf = built(["tail"], 100);
  buf.set(fromLatin1("before"), 20);
  buf.set(fromLatin1("behind"), 400);
  listpackInsert(buf, 100, listpackFirst(buf, 100), buf, 400, 6);
  listpackInsert(buf, 100, listpackFirst(buf, 100), buf, 20, 6);
  assert.deepEqual(unpack(bytesOf(buf, 100)), ["before", "behind", "tail"]);
});

test("the count becomes unknown at 65535 and is found again by counting", () => {
  const room = LISTPACK_BYTES_MIN + 65_600 * 2;
  const field = (buf: Uint8Array): number => buf[4] | (buf[5] << 8);
  const buf = new Uint8Array(room);
  listpackInit(buf, 0);
  for (let i = 0; i < 65_534; i++) listpackAppendInt(buf, 0, i & 127, 0);
  assert.equal(field(buf), 65_534);
  assert.equal(listpackCount(buf, 0), 65_534);
  listpackAppendInt(buf, 0, 1, 0);
  assert.equal(field(buf), 0xffff);
  listpackAppendInt(buf, 0, 2, 0);
  assert.equal(field(buf), 0xffff);
  assert.equal(listpackCount(buf, 0), 65_536);
  assert.equal(field(buf), 0xffff);
  assert.ok(listpackValidate(buf, 0, listpackBytes(buf, 0), true));
  assert.equal(listpackDeleteRange(buf, 0, -1, 1), 1);
  listpackDelete(buf, 0, listpackFirst(buf, 0));
  assert.equal(field(buf), 0xffff);
  assert.equal(listpackCount(buf, 0), 65_534);
  assert.equal(field(buf), 65_534);
  listpackDeleteEntries(buf, 0, listpackFirst(buf, 0), 10);
  assert.equal(field(buf), 65_524);
  listpackMerge(buf, 0, built(["1", "2", "3"]), 0);
  assert.equal(field(buf), 65_527);
  listpackMerge(buf, 0, built(Array.from({ length: 20 }, () => "1")), 0);
  assert.equal(field(buf), 0xffff);
  assert.equal(listpackCount(buf, 0), 65_547);
  assert.ok(listpackValidate(buf, 0, listpackBytes(buf, 0), true));
});

test("growth is allowed up to the largest listpack", () => {
  const buf = built(["a"]);
  const left = LISTPACK_BYTES_MAX - listpackBytes(buf, 0);
  assert.ok(listpackMayGrow(buf, 0, left));
  assert.ok(!listpackMayGrow(buf, 0, left + 1));
});

test("validate finds every kind of damage", () => {
  const rows: [what: string, dump: string][] = [
    ["no bytes", ""],
    ["no end mark", "06 00 00 00 00 00"],
    ["total too small", "09 00 00 00 01 00 81 61 02 ff"],
    ["total too large", "0b 00 00 00 01 00 81 61 02 ff"],
    ["total beyond 2^31", "0a 00 00 80 01 00 81 61 02 ff"],
    ["other last byte", "0a 00 00 00 01 00 81 61 02 00"],
    ["end mark in the middle", "0b 00 00 00 01 00 81 61 02 ff ff"],
    ["end mark first", "09 00 00 00 00 00 ff 01 ff"],
    ["count too small", "0d 00 00 00 01 00 81 61 02 81 62 02 ff"],
    ["count too large", "0a 00 00 00 02 00 81 61 02 ff"],
    ["count of an empty one", "07 00 00 00 01 00 ff"],
    ["head f5", "0a 00 00 00 01 00 f5 00 02 ff"],
    ["head fe", "09 00 00 00 01 00 fe 01 ff"],
    ["string longer than the rest", "0a 00 00 00 01 00 82 61 02 ff"],
    ["string up to the end mark", "0a 00 00 00 01 00 81 61 ff ff"],
    ["string of 63 in 4 bytes", "0a 00 00 00 01 00 bf 61 02 ff"],
    ["32-bit head alone", "08 00 00 00 01 00 f0 ff"],
    ["12-bit length cut off", "08 00 00 00 01 00 e0 ff"],
    ["12-bit string longer than the rest", "0b 00 00 00 01 00 ef ff 00 02 ff"],
    ["32-bit length cut off", "0b 00 00 00 01 00 f0 01 00 00 ff"],
    ["32-bit string longer than the rest", "0e 00 00 00 01 00 f0 64 00 00 00 61 06 ff"],
    ["32-bit length of 2^32 - 1", "0d 00 00 00 01 00 f0 ff ff ff ff 04 ff"],
    ["32-bit length of 2^31", "0d 00 00 00 01 00 f0 00 00 00 80 05 ff"],
    ["13-bit integer cut off", "08 00 00 00 01 00 c0 ff"],
    ["16-bit integer cut off", "09 00 00 00 01 00 f1 00 ff"],
    ["64-bit integer cut off", "0c 00 00 00 01 00 f4 00 00 00 00 ff"],
    ["length behind missing", "08 00 00 00 01 00 05 ff"],
    ["length behind 0", "09 00 00 00 01 00 05 00 ff"],
    ["length behind too large", "09 00 00 00 01 00 05 02 ff"],
    ["length behind with a top bit", "09 00 00 00 01 00 00 81 ff"],
    ["length behind in a longer form", "0b 00 00 00 01 00 81 61 00 82 ff"],
    ["a first length that points nowhere", "0c 00 00 00 02 00 00 15 81 61 02 ff"],
  ];
  for (const [what, dump] of rows) {
    assert.ok(!valid(unhex(dump)), what);
    assert.equal(unpack(unhex(dump)), undefined, what);
  }
  // No head beyond f4, though what follows may look like an integer of 64 bits.
  for (let head = 0xf5; head <= 0xff; head++) {
    const bytes = packOf([String(2n ** 40n)]);
    bytes[LISTPACK_HEADER] = head;
    assert.ok(!valid(bytes), `head ${head}`);
  }
  // The length of a string of 253 bytes ends with ff: it may not be the end mark at the same time.
  const short = packOf(["x".repeat(253)]).slice(0, -1);
  short[0]--;
  assert.equal(short[short.length - 1], 0xff);
  assert.ok(!valid(short));
  // The length of a string of 126 bytes takes two bytes; each of them counts.
  const long = packOf(["x".repeat(126)]);
  assert.ok(valid(long));
  for (const i of [2, 3]) {
    const broken = long.slice();
    broken[long.length - i] ^= 0x80;
    assert.ok(!valid(broken), `byte ${i} from the end`);
  }
});

test("validate accepts encodings longer than needed, and an unknown count", () => {
  const rows: [values: string[], dump: string][] = [
    [["5"], "0a 00 00 00 01 00 c0 05 02 ff"],
    [["5"], "0a 00 00 00 01 00 81 35 02 ff"],
    [["5"], "11 00 00 00 ff ff f4 05 00 00 00 00 00 00 00 09 ff"],
    [["a"], "0b 00 00 00 01 00 e0 01 61 03 ff"],
    [["a"], "0e 00 00 00 01 00 f0 01 00 00 00 61 06 ff"],
    [[], "07 00 00 00 ff ff ff"],
  ];
  for (const [values, dump] of rows) {
    const bytes = unhex(dump);
    assert.ok(valid(bytes), dump);
    checkWalk(watched(bytes, 0, bytes.length), 0, values);
  }
});

test("a shallow check looks at both ends only", () => {
  assert.ok(valid(unhex("0a 00 00 00 09 00 fe fe fe ff"), false));
  assert.ok(!valid(unhex("0a 00 00 00 09 00 fe fe fe fe"), false));
  assert.ok(!valid(unhex("0b 00 00 00 09 00 fe fe fe ff"), false));
  assert.ok(!valid(unhex("07 00 00 00 00 ff"), false));
});

test("a header that moves", () => {
  const buf = new Uint8Array(128);
  let off = 100;
  listpackInit(buf, off);
  const values: string[] = [];
  for (const value of ["b", "-300", "x".repeat(20), "7", ""]) {
    off = listpackPushFront(buf, off, fromLatin1(value), 0, value.length);
    values.unshift(value);
    checkWalk(buf, off, values);
    assert.equal(hex(bytesOf(buf, off)), hex(bytesOf(built(values))));
  }
  off = listpackDropFront(buf, off, listpackSeek(buf, off, 2), 2);
  checkWalk(buf, off, values.slice(2));
  off = listpackDropFront(buf, off, listpackEnd(buf, off), 3);
  assert.equal(hex(bytesOf(buf, off)), hex(bytesOf(built([]))));
  assert.equal(off, 100);
});

test("every single changed byte of a listpack is judged as the naive reader does", () => {
  const values = ["a", "5", "-300", "70000", "x".repeat(64), String(2n ** 40n)];
  const pack = packOf(values);
  let accepted = 0;
  for (let at = 0; at < pack.length; at++) {
    for (let byte = 0; byte < 256; byte++) {
      const changed = pack.slice();
      changed[at] = byte;
      const good = listpackValidate(changed, 0, changed.length, true);
      assert.equal(good, unpack(changed) !== undefined, `${byte} at ${at}`);
      if (good) accepted++;
    }
  }
  assert.ok(accepted > 256, "payload bytes may be anything");
  assert.equal(latin1(pack, LISTPACK_HEADER + 1, 1), "a");
});

test("random edits against an array, noise against the naive reader", () => {
  withSeed(1, (random) => fuzz(random.next32() >>> 0, 600, () => {}));
});
